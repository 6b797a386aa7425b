"""Plugin archives: gzip over tar, unpacked under limits, with nothing in them that could lead out of their folder.

What is refused, and in which words, is Helm's: absolute paths, `..`, `:`, links and whatever else is neither file nor
folder. Besides, an archive may not become more than some bytes.
"""

from __future__ import annotations

import os
import zlib
from contextlib import contextmanager

from navarch.chart.archive import FOLDER, tar_entries
from navarch.errors import ChartError, PluginError
from navarch.plugins.load import FILE_NAME, parse_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap
    from typing import BinaryIO

    from navarch.plugins.metadata import Metadata

__all__ = ["MOST_BYTES", "PluginArchive", "inside_path", "open_archive"]

MOST_BYTES = 1 << 30
"""How many bytes a plugin may have, unpacked."""

_MOST_ENTRIES = 100_000
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_GZIP_HEADER = 10
_FILES = frozenset((b"0", b"\0"))


class PluginArchive:
    """An open archive: `data` is the tar in it, `fault` what is wrong where that ends."""

    __slots__ = ("_data", "_fault")

    def __init__(self, data: bytes | mmap, fault: ChartError | None) -> None:
        self._data = data
        self._fault = fault

    def _entries(self) -> Iterator[tuple[str, bytes, bytes, int]]:
        """(name, content, kind, mode) of each entry. Raises PluginError."""
        entries = tar_entries(self._data, self._fault, most=MOST_BYTES)
        for number, (name, content, _, kind, mode) in enumerate(_worded(entries)):
            if number >= _MOST_ENTRIES:
                raise PluginError(f"the archive has more than {_MOST_ENTRIES} entries")
            yield name, content, kind, mode

    def metadata(self) -> Metadata:
        """What the first plugin.yaml says. Raises NavarchError where there is none, or none that is valid."""
        for name, content, _, _ in self._entries():
            if name.rstrip("/").rpartition("/")[2] == FILE_NAME:
                return parse_metadata(content)
        raise PluginError(f"{FILE_NAME} not found in tarball")

    def unpack(self, folder: str) -> None:
        """Write what is in it below a new folder. Raises PluginError, and then leaves what it has written."""
        os.mkdir(folder, 0o755)
        for name, content, kind, mode in self._entries():
            path = os.path.join(folder, inside_path(name))
            if kind == FOLDER:
                _make_folder(path)
            elif kind in _FILES:
                _write(path, content, mode)
            else:
                raise PluginError(f"unknown type: {kind[0]:b} in {name}")


@contextmanager
def open_archive(path: str) -> Iterator[PluginArchive]:
    """The archive in a file. Raises PluginError for what is no gzip, or too big."""
    from mmap import ACCESS_READ, mmap
    from tempfile import TemporaryFile

    with open(path, "rb") as packed, TemporaryFile(prefix="nav-plugin-") as tar:
        fault = _inflate(packed, tar)
        tar.flush()
        if not tar.tell():
            yield PluginArchive(b"", fault)
            return
        with mmap(tar.fileno(), 0, access=ACCESS_READ) as data:
            yield PluginArchive(data, fault)


def _inflate(packed: BinaryIO, tar: BinaryIO) -> ChartError | None:
    """Write what a gzip file holds, all its members; answers what is wrong after that. Raises PluginError."""
    data = packed.read(_PIECE)
    if len(data) < _GZIP_HEADER:
        raise PluginError("unexpected EOF" if data else "EOF")
    if not data.startswith(_GZIP):
        raise PluginError("gzip: invalid header")
    inflate = zlib.decompressobj(31)
    while True:
        if inflate.eof:
            data = inflate.unused_data or packed.read(_PIECE)
            if not data:
                return None
            data += packed.read(_GZIP_HEADER)
            if not data.startswith(_GZIP):
                return ChartError("gzip: invalid header")
            inflate = zlib.decompressobj(31)
        elif not data:
            data = packed.read(_PIECE)
            if not data:
                return ChartError("unexpected EOF")
        try:
            tar.write(inflate.decompress(data, _PIECE))
        except zlib.error as error:
            return ChartError(_zlib_words(str(error)))
        data = inflate.unconsumed_tail
        if tar.tell() > MOST_BYTES:
            raise PluginError(f"the archive unpacks to more than {MOST_BYTES} bytes")


def _zlib_words(message: str) -> str:
    """compress/gzip's and compress/flate's words."""
    checked = "data check" in message or "length check" in message
    return "gzip: invalid checksum" if checked else "flate: corrupt input before offset 0"


def _worded(
    entries: Iterator[tuple[str, bytes, int, bytes, int]],
) -> Iterator[tuple[str, bytes, int, bytes, int]]:
    try:
        yield from entries
    except ChartError as error:
        raise PluginError(str(error)) from error


def inside_path(name: str) -> str:
    """An entry's path below the folder that it is unpacked into. Raises PluginError for one that looks shady."""
    if ":" in name:
        raise PluginError("path contains ':', which is illegal")
    name = name.replace("\\", "/")
    if ".." in name.split("/"):
        raise PluginError("path contains '..', which is illegal")
    if name.startswith("/"):
        raise PluginError("path is absolute, which is illegal")
    return os.path.normpath(name)


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, 0o755, exist_ok=True)
    except FileExistsError as error:
        raise PluginError(f"mkdir {path}: not a directory") from error
    except OSError as error:
        raise _failed("mkdir", path, error) from error


def _write(path: str, content: bytes, mode: int) -> None:
    """Write a file with the permissions that the archive has for it, less those that the umask takes."""
    _make_folder(os.path.dirname(path))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(path, flags, (mode & 0o777) | 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise _failed("open", path, error) from error


def _failed(verb: str, path: str, error: OSError) -> PluginError:
    from navarch.chart.load import reason

    return PluginError(f"{verb} {path}: {reason(error)}")
