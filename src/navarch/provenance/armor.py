"""ASCII armor: binary OpenPGP data as lines of text between two marks. RFC 9580, section 6."""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import ProvenanceError
from navarch.provenance.problems import StructuralError

__all__ = ["Block", "armor", "is_armored", "read_armor"]


class Block(NamedTuple):
    """What an armor holds: its kind, as "PGP SIGNATURE", its content, and the lines after it."""

    kind: str
    content: bytes
    rest: list[bytes]


_BEGIN = b"-----BEGIN "
_END = b"-----END "
_MARK = b"-----"
_WIDTH = 64
_LONGEST = 96


def is_armored(data: bytes) -> bool:
    """Whether a file's content is armored."""
    return data.strip().startswith(b"-----BEGIN PGP")


def armor(kind: str, content: bytes) -> bytes:
    """Content in armor, without a checksum, and without a newline at the end."""
    from base64 import b64encode

    text = b64encode(content)
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return b"\n".join([_BEGIN + kind.encode() + _MARK, b"", *lines, _END + kind.encode() + _MARK])


def read_armor(lines: list[bytes]) -> Block | None:
    """The first armored block of some lines, None if there is none. What stands before it is passed over.

    Raises ProvenanceError for content that isn't base64.
    """
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if len(line) > len(_BEGIN) + len(_MARK) and line.startswith(_BEGIN):
            start = _after_headers(lines, at)
            if start is None:
                return None
            if start > 0:
                kind = line[len(_BEGIN) : -len(_MARK)].decode("utf-8", "replace")
                return _block(kind, lines, start)
            at = -start
    return None


def _after_headers(lines: list[bytes], at: int) -> int | None:
    """Where the content begins: None if the lines end before, below zero where this is no header, to go on there."""
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line:
            return at
        if b":" not in line:
            return -at
    return None


def _block(kind: str, lines: list[bytes], at: int) -> Block:
    pieces = []
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith(_END) or (len(line) == 5 and line.startswith(b"=")):
            break
        if len(line) > _LONGEST:
            raise StructuralError("armor invalid")
        pieces.append(line)
    return Block(kind, _decoded(b"".join(pieces)), lines[at:])


def _decoded(text: bytes) -> bytes:
    """Base64 as Go reads it. Raises ProvenanceError with the place of the first byte that is wrong."""
    from base64 import b64decode
    from binascii import Error

    try:
        return b64decode(text, validate=True)
    except Error:
        raise ProvenanceError(_problem(text)) from None


def _problem(text: bytes) -> str:
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    wrong = next((at for at, char in enumerate(text) if char not in letters), None)
    return "unexpected EOF" if wrong is None else f"illegal base64 data at input byte {wrong}"
