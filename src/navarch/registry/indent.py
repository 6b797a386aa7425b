"""JSON without blanks made readable, without being read: what is stored as bytes is shown as bytes."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["indented"]

_PARTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|\[\]|\{\}|[{}\[\],:]')


def indented(data: bytes) -> bytes:
    """JSON that has no blanks between its parts, with one for each level of nesting, as json.dumps(…, indent=1)."""
    return _PARTS.sub(_indenter(), data)


def _indenter() -> Callable[[re.Match[bytes]], bytes]:
    newline = b"\n"

    def indent(found: re.Match[bytes]) -> bytes:
        nonlocal newline
        part = found[0]
        if part == b":":
            return b": "
        if part == b",":
            return b"," + newline
        if part in (b"{", b"["):
            newline += b" "
            return part + newline
        if part in (b"}", b"]"):
            newline = newline[:-1]
            return newline + part
        return part

    return indent
