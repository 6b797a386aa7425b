"""The index of a space, put together from pieces that stay when others change.

An index is JSON, which is YAML: the charts by name, each with its versions, newest first. Entries are cut into pieces
of some dozens at places that depend only on the entries themselves, so that one more version changes one piece. Each
piece is kept deflated up to a byte's end: pieces in a row are a deflate stream, with a head and a checksum a gzip file.
Who wants the plain text gets it inflated: all kept beside, it would take more room than all else that is known.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple

from navarch.registry.checksums import shift, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.registry.store.catalog import View
    from navarch.registry.store.records import Record

__all__ = ["Index", "Indexes", "Piece", "entry", "file_name"]

_LEVEL = 4
_PIECE = 64  # entries in a piece, on average
_MOST = 256
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_DEFLATE_END = b"\x03\x00"  # an empty last block


def file_name(record: Record) -> str:
    """What the archive of a version is called: "web-1.2.0.tgz"."""
    return f"{record.chart}-{record.version}.tgz"


def entry(record: Record) -> bytes:
    """A version as an index has it: Chart.yaml, and where the archive is, whose digest it has, since when."""
    more = f',"urls":["charts/{file_name(record)}"],"created":"{record.created}","digest":"{record.digest[7:]}"}}'
    return b"%b%b" % (record.metadata[:-1], more.encode())


class Piece(NamedTuple):
    """A part of an index. `records` are those whose entries it has; `size`, `crc` and `digest` are of its text."""

    records: tuple[Record, ...]
    deflated: bytes
    size: int
    crc: int
    shift: int  # what a checksum of text before it is multiplied by
    digest: bytes

    def plain(self) -> bytes:
        return zlib.decompressobj(-15).decompress(self.deflated)


class Index(NamedTuple):
    """An index: its pieces, the whole as a gzip file, what it is known by."""

    pieces: tuple[Piece, ...]
    head: bytes
    tail: bytes
    gzip: bytes
    size: int
    tag: str

    def text(self) -> bytes:
        """The text in one piece."""
        return b"".join(self.plain())

    def plain(self, most: int = 1 << 18) -> Iterator[bytes]:
        """The text, in parts of about `most` bytes."""
        parts, size = [self.head], len(self.head)
        for piece in self.pieces:
            parts.append(piece.plain())
            size += piece.size
            if size >= most:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join((*parts, self.tail))


class Indexes:
    """The pieces of one space's last index, from which the next is made."""

    def __init__(self) -> None:
        self._pieces: dict[tuple[int, int], Piece] = {}

    def index(self, view: View) -> Index:
        """The index of a space as it is in a view."""
        found: dict[tuple[int, int], Piece] = {}
        for start, part in _cuts(view):
            records = tuple(part)
            key = (start, id(part[0]))  # an id stays its record's: the piece keeps that
            piece = self._pieces.get(key)
            found[key] = piece if piece is not None and piece.records == records else _piece(start, records)
        self._pieces = found
        return _joined(view, tuple(found.values()))


_GOES_ON, _NEW_CHART, _FIRST = range(3)


def _cuts(view: View) -> Iterator[tuple[int, list[Record]]]:
    """All versions in the index's order, cut: what each part begins with, and what is in it."""
    part: list[Record] = []
    start = _FIRST
    for chart in view.charts.values():
        fresh = True
        for record in reversed(chart.records):
            if part and (len(part) == _MOST or record.spread % _PIECE == 0):
                yield start, part
                part, start = [], _NEW_CHART if fresh else _GOES_ON
            part.append(record)
            fresh = False
    if part:
        yield start, part


def _piece(start: int, records: tuple[Record, ...]) -> Piece:
    parts = []
    before = "" if start else records[0].chart
    for number, record in enumerate(records):
        if record.chart == before:
            parts.append(b",")
        else:
            parts.append(b"" if start == _FIRST and not number else b"],")
            parts.append(b'"%b":[' % record.chart.encode())
        before = record.chart
        parts.append(entry(record))
    plain = b"".join(parts)
    digest = hashlib.blake2b(plain, digest_size=16).digest()
    return Piece(records, _deflated(plain), len(plain), zlib.crc32(plain), shift(len(plain)), digest)


def _joined(view: View, pieces: tuple[Piece, ...]) -> Index:
    """A whole index. `generated` is when the newest version came, so that equal spaces have equal indexes."""
    newest = max((record.created for record in view.records()), default="1970-01-01T00:00:00Z")
    head = b'{"apiVersion":"v1","entries":{'
    tail = b'%b},"generated":"%b"}\n' % (b"]" if pieces else b"", newest.encode())
    crc, size, digest = zlib.crc32(head), len(head) + len(tail), hashlib.blake2b(tail, digest_size=16)
    for piece in pieces:
        crc = times(piece.shift, crc) ^ piece.crc
        size += piece.size
        digest.update(piece.digest)
    end = zlib.crc32(tail, crc).to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    deflated = (piece.deflated for piece in pieces)
    packed = b"".join((_GZIP_HEAD, _deflated(head), *deflated, _deflated(tail), _DEFLATE_END, end))
    return Index(pieces, head, tail, packed, size, digest.hexdigest())


def _deflated(data: bytes) -> bytes:
    """Deflated up to the end of a byte, so that more can follow."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)
