"""JSON without blanks made readable, without being read: what is stored as bytes is shown as bytes."""

from __future__ import annotations

import re

__all__ = ["indented"]

_TEXTS = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")')
_PARTS = re.compile(rb"\[\]|\{\}|[{}\[\],:]|[^{}\[\],:]+")


def indented(data: bytes) -> bytes:
    """JSON that has no blanks between its parts, with one for each level of nesting, as json.dumps(…, indent=1)."""
    plain = b"\\" not in data  # then a quote always begins or ends a text, and splitting takes half as long
    pieces = data.split(b'"') if plain else _TEXTS.split(data)  # every other one is a text, which stays as it is
    newline = b"\n"
    for at in range(0, len(pieces), 2):
        piece = pieces[at]
        if piece == b":":
            pieces[at] = b": "
        elif piece == b",":
            pieces[at] = b"," + newline
        else:
            pieces[at], newline = _between(piece, newline)
    return (b'"' if plain else b"").join(pieces)


def _between(piece: bytes, newline: bytes) -> tuple[bytes, bytes]:
    """What is between two texts, indented; and what a new line begins with after it."""
    found = b""
    for part in _PARTS.findall(piece):
        if part == b":":
            found += b": "
        elif part == b",":
            found += b"," + newline
        elif part in (b"{", b"["):
            newline += b" "
            found += part + newline
        elif part in (b"}", b"]"):
            newline = newline[:-1]
            found += newline + part
        else:
            found += part
    return found, newline
