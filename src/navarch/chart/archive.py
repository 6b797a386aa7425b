"""Chart archives: gzip over tar, read whole into memory under a limit, with names that can't leave the chart.

The reader knows what tar writers produce for charts: ustar, GNU long names, PAX paths and sizes, base-256 numbers.
Python's own tarfile would cost more to import than a whole render takes.
"""

from __future__ import annotations

import zlib
from posixpath import normpath

from navarch.errors import ChartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

__all__ = [
    "FOLDER",
    "MAX_SIZE",
    "BadGzipError",
    "Room",
    "check_archive",
    "peek_file",
    "read_archive",
    "tar_entries",
]

MAX_SIZE = 100 * 1024 * 1024
"""How many bytes the files of an archive, or of a folder, may have together."""

FOLDER = b"5"
"""The kind of an entry that is a folder."""

_BLOCK = 512
_BOM = b"\xef\xbb\xbf"
_SECOND = 1_000_000_000
_FIRST_PEEK = 1 << 12
_SLACK = 16 * 1024 * 1024
"""What tar headers and folders may take besides the files."""
_SALVAGED = 1 << 12
_DIGITS = 18  # of a number in a PAX header, longer ones being too large for anything


class BadGzipError(ChartError):
    """Data that doesn't begin as gzip does."""


class Room:
    """What there is room for in an archive: `size` bytes of files (0: Helm's), `entries` of any kind (0: any number).

    One that several archives are read with is for all of them together. What is taken is kept account of here.
    """

    __slots__ = ("_entries", "_most", "entries", "size")

    def __init__(self, size: int = 0, entries: int = 0) -> None:
        self.size = self._most = size or MAX_SIZE
        self.entries = entries
        self._entries = 0

    def count(self) -> None:
        """Keep account of an entry. Raises ChartError."""
        self._entries += 1
        if self.entries and self._entries > self.entries:
            raise ChartError(f"decompressed chart is larger than the maximum of {self.entries} files")

    def take(self, size: int) -> None:
        """Keep account of a file's bytes. Raises ChartError."""
        if size >= self.size:
            raise self.too_large()
        self.size -= size

    def too_large(self) -> ChartError:
        """The error for more bytes than there is room for."""
        return ChartError(f"decompressed chart is larger than the maximum size {self._most}")


def read_archive(
    data: bytes, room: Room | None = None, kinds: list[tuple[str, bytes]] | None = None
) -> list[tuple[str, bytes, int]]:
    """The files of a chart archive as (name, content, time), without their top folder and byte order marks.

    Times are nanoseconds since 1970. `kinds` gets all entries as (name, kind), as they are written in the archive.

    Raises BadGzipError where it isn't gzip, ChartError where it is damaged, too large or has illegal names.
    """
    entries = []
    room = room or Room()
    for name, content, modified, kind, _ in tar_entries(*_gunzip(data, room), room=room):
        if kinds is not None:
            kinds.append((name, kind))
        if kind == FOLDER:
            continue
        path = _chart_path(name)
        room.take(len(content))
        entries.append((path, content.removeprefix(_BOM), modified))
    if not entries:
        raise ChartError("no files in chart archive")
    return entries


def check_archive(name: str, data: bytes) -> None:
    """Raise ChartError with a hint of what a file is, where it isn't an archive."""
    if data.startswith(_GZIP):
        return
    if name.endswith((".yml", ".yaml")):
        raise ChartError(f"file '{name}' seems to be a YAML file, but expected a gzipped archive")
    from navarch.chart.sniff import content_type

    kind = content_type(data[:_BLOCK].ljust(_BLOCK, b"\0"))
    raise ChartError(f"file '{name}' does not appear to be a gzipped archive; got '{kind}'")


def peek_file(path: str, wanted: str) -> bytes | None:
    """One file of the chart in an archive, read no further than it has to be; None where there is no such file.

    `wanted` is its path in the chart: "Chart.yaml" is the first entry of most archives. Raises ChartError, OSError.
    """
    inflate = zlib.decompressobj(31)
    tar, size = b"", _FIRST_PEEK
    with open(path, "rb") as file:
        while True:
            packed = file.read(size)
            try:
                tar += inflate.decompress(packed, MAX_SIZE + _SLACK - len(tar))
            except zlib.error as error:
                raise ChartError(_zlib_message(str(error))) from error
            if inflate.unconsumed_tail:
                raise Room().too_large()
            more = _More("unexpected EOF") if packed and not inflate.eof else None
            try:
                for name, content, _, kind, _ in tar_entries(tar, more):
                    if kind != FOLDER and _chart_path(name) == wanted:
                        return content.removeprefix(_BOM)
                return None  # noqa: TRY300
            except _More:
                size *= 4


class _More(ChartError):
    """There is more of an archive to be read."""


def _chart_path(name: str) -> str:
    """A file's path in its chart. Raises ChartError for names that would lead out of it."""
    delimiter = "\\" if "\\" in name else "/"
    top, *rest = name.split(delimiter)
    path = "/".join(rest)
    if path.startswith("/"):
        raise ChartError("chart illegally contains absolute paths")
    path = normpath(path)
    if path == ".":
        from navarch.golang.strconv import quote

        raise ChartError(f"chart illegally contains content outside the base directory: {quote(name)}")
    if path.startswith(".."):
        raise ChartError("chart illegally references parent directory")
    if path[1:3] == ":/" and path[0].isascii() and path[0].isalpha():
        raise ChartError("chart contains illegally named files")
    if top == "Chart.yaml":
        raise ChartError("chart yaml not in base directory")
    return path


def _gunzip(data: bytes, room: Room) -> tuple[bytes, ChartError | None]:
    """What a gzip file holds, all members one after the other, and what is wrong after that.

    A reader of tar stops at the tar's end, so that damage behind it goes unnoticed, as in Go.
    """
    if len(data) < 10:
        raise ChartError("unexpected EOF" if data else "EOF")
    if not data.startswith(_GZIP):
        raise BadGzipError("gzip: invalid header")
    out = bytearray()
    while data:
        if len(data) < 10:
            return bytes(out), ChartError("unexpected EOF")
        if not data.startswith(_GZIP):
            return bytes(out), BadGzipError("gzip: invalid header")
        inflate = zlib.decompressobj(31)
        try:
            piece = inflate.decompress(data, room.size + _SLACK - len(out))
        except zlib.error as error:
            out += _salvage(data, room)
            return bytes(out), ChartError(_zlib_message(str(error)))
        if inflate.unconsumed_tail:
            raise room.too_large()
        data = inflate.unused_data
        if not out and inflate.eof and not data:
            return piece, None
        out += piece
        if not inflate.eof:
            return bytes(out), ChartError("unexpected EOF")
    return bytes(out), None


def _salvage(data: bytes, room: Room) -> bytes:
    """What comes out of a damaged gzip member before the damage: piece by piece, byte by byte where it has to be."""
    inflate = zlib.decompressobj(31)
    out = bytearray()
    step, at = _SALVAGED, 0
    while at < len(data):
        before = inflate.copy()
        try:
            out += inflate.decompress(data[at : at + step])
        except zlib.error:
            if step == 1:
                break
            inflate, step = before, 1
            continue
        at += step
        if len(out) > room.size:
            raise room.too_large()
    return bytes(out)


def _zlib_message(message: str) -> str:
    """compress/gzip's and compress/flate's words for zlib's errors."""
    if "data check" in message or "length check" in message:
        return "gzip: invalid checksum"
    return "flate: corrupt input before offset 0"


def tar_entries(
    tar: bytes | mmap, fault: ChartError | None, *, most: int = MAX_SIZE, room: Room | None = None
) -> Iterator[tuple[str, bytes, int, bytes, int]]:
    """(name, content, time, kind, mode) of each entry that is no header of the format itself.

    The kind is the letter that tar has for it; FOLDER stands for all ways to write a folder. `fault` is what is wrong
    where `tar` ends, should one come there. An entry of more than `most` bytes is refused, as are more entries than
    `room` has room for. Raises ChartError.
    """
    at = 0
    long_name = ""
    extended: dict[str, str] = {}
    while True:
        block = tar[at : at + _BLOCK]
        if _ends(block, tar[at + _BLOCK : at + 2 * _BLOCK], fault):
            return
        at += _BLOCK
        if room is not None:
            room.count()
        _check_header(block)
        kind = block[156:157]
        size = _size(block, kind, extended, most)
        content = tar[at : at + size]
        if len(content) < size:
            raise fault or ChartError("unexpected EOF")
        at += size + -size % _BLOCK
        if kind == b"L":
            long_name = _text(content)
        elif kind == b"x":
            extended = _pax(content)
        elif kind not in _META:
            name = long_name or extended.get("path") or _name(block)
            if _is_folder(block, kind, name):
                kind = FOLDER
            yield name, content, _time(block, extended), kind, _number(block[100:108])
            long_name, extended = "", {}


def _ends(block: bytes, following: bytes, fault: ChartError | None) -> bool:
    """Whether a tar ends before a block: at the end of the file, or at two blocks of zeros."""
    if len(block) == _BLOCK:
        if any(block):
            return False
        block = following
    if len(block) == _BLOCK and any(block):
        raise _bad_header()
    if len(block) < _BLOCK and (block or fault):
        raise fault or ChartError("unexpected EOF")
    return True


def _check_header(block: bytes) -> None:
    """The sum of a header's bytes, its own field counted as blanks, stands in the header."""
    wanted = _number(block[148:156])
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if (wanted != total and wanted != total - 256 * _high_bytes(block)) or block[156:157] == b"S":
        raise _bad_header()


def _high_bytes(block: bytes) -> int:
    """How many bytes some old writers of tar took for negative ones."""
    return sum(1 for byte in block[:148] + block[156:] if byte > 127)


def _size(block: bytes, kind: bytes, extended: dict[str, str], most: int) -> int:
    """How many bytes of content follow a header."""
    if kind in _WITHOUT_CONTENT:
        return 0
    text = extended.get("size", "")
    size = int(text[:_DIGITS]) if text.isascii() and text.isdigit() else _number(block[124:136])
    if size < 0:
        raise _bad_header()
    if size > most:
        raise Room().too_large()
    return size


def _number(field: bytes) -> int:
    """A number in octal digits, or in base 256 where the first bit is set."""
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
        return number - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else number
    digits = field.strip(b" \0").partition(b"\0")[0]
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise _bad_header() from None


def _pax(content: bytes) -> dict[str, str]:
    """The records of a PAX header: lines of a length that counts itself, a blank, and KEY=VALUE."""
    records = {}
    while content:
        length, _, _ = content.partition(b" ")
        if not length.isdigit() or len(length) > _DIGITS or not len(length) < int(length) <= len(content):
            raise _bad_header()
        key, _, value = content[len(length) + 1 : int(length) - 1].partition(b"=")
        records[_text(key)] = _text(value)
        content = content[int(length) :]
    return records


def _name(block: bytes) -> str:
    """The name in a header, with ustar's prefix before it."""
    name = _text(block[:100])
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _is_folder(block: bytes, kind: bytes, name: str) -> bool:
    return kind == FOLDER or (kind == b"\0" and name.endswith("/")) or _number(block[100:108]) & ~0o7777 == 0o040000


def _time(block: bytes, extended: dict[str, str]) -> int:
    """When a file was changed, in nanoseconds since 1970."""
    whole, _, decimals = extended.get("mtime", "").partition(".")
    try:
        nanos = int(decimals[:9].ljust(9, "0"))
        return int(whole) * _SECOND + (-nanos if whole.startswith("-") else nanos)
    except ValueError:
        return _number(block[136:148]) * _SECOND


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _bad_header() -> ChartError:
    return ChartError("archive/tar: invalid tar header")


_GZIP = b"\x1f\x8b\x08"
_META = frozenset((b"K", b"g"))
_WITHOUT_CONTENT = frozenset((b"1", b"2", b"3", b"4", b"5", b"6"))
