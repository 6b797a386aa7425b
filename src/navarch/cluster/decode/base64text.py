"""Base64 as Go's base64.StdEncoding reads it: line breaks don't count, padding must be there, and where it breaks."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

__all__ = ["canonical"]

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def canonical(text: str) -> tuple[str, int]:
    """The text as Go would write what it holds, and -1; or "" and the byte at which it is no base64."""
    offset = _fault(text)
    if offset >= 0:
        return "", offset
    return b2a_base64(a2b_base64(text.replace("\r", "").replace("\n", "")), newline=False).decode(), -1


def _fault(text: str) -> int:
    """Where Go's decoder gives up, in bytes; -1 if it doesn't."""
    data = text.encode("utf-8", "surrogatepass")
    at = 0
    while at < len(data):
        at, fault = _quantum(data, at)
        if fault >= 0:
            return fault
    return -1


def _quantum(data: bytes, at: int) -> tuple[int, int]:
    """Read four characters: where the next four begin, and the place of an error or -1."""
    count = 0
    while count < 4:
        at = _skip_breaks(data, at)
        if at == len(data):
            return at, at - count if count else -1
        char = data[at : at + 1].decode("latin-1")
        at += 1
        if char in _ALPHABET:
            count += 1
        elif char == "=":
            return _padding(data, at, count)
        else:
            return at, at - 1
    return at, -1


def _padding(data: bytes, at: int, count: int) -> tuple[int, int]:
    """What may follow the first "=", which stands before `at`."""
    if count < 2:
        return at, at - 1
    if count == 2:
        at = _skip_breaks(data, at)
        if at == len(data):
            return at, len(data)
        if data[at] != ord("="):
            return at, at
        at += 1
    at = _skip_breaks(data, at)
    return (at, -1) if at == len(data) else (at, at)


def _skip_breaks(data: bytes, at: int) -> int:
    while at < len(data) and data[at] in b"\r\n":
        at += 1
    return at
