"""The memory that a WebAssembly module asks for, in its binary form, held to a limit.

Extism limits what all memories of a call have together, messages included. Helm's runtime limits each memory: growing
beyond the limit is refused to the module, which can deal with that. So the limit is written into the module.
"""

from __future__ import annotations

from navarch.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["with_limit"]

_HEAD = 8  # the magic number and the version
_MEMORY = 5
_UNSHARED = (0, 1)  # 32-bit memories without and with a maximum


def with_limit(module: bytes, pages: int) -> bytes:
    """A module whose own memories grow to no more than some pages of 64 KiB; what is no binary module, unchanged.

    Raises PluginError for a module that begins with more.
    """
    if not module.startswith(b"\0asm"):
        return module
    try:
        for kind, start, at, end in _sections(module):
            if kind == _MEMORY:
                content = _limited(module, at, end, pages)
                return module[: start + 1] + _leb(len(content)) + content + module[end:]
    except IndexError:  # cut off: whoever compiles it says so
        pass
    return module


def _sections(module: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each section: its kind, where it starts, where its content does, where it ends."""
    start = _HEAD
    while start < len(module):
        size, at = _number(module, start + 1)
        yield module[start], start, at, at + size
        start = at + size


def _limited(module: bytes, at: int, end: int, pages: int) -> bytes:
    count, at = _number(module, at)
    content = _leb(count)
    for _ in range(count):
        flags = module[at]
        if flags not in _UNSHARED:  # a kind of memory that Helm's runtime doesn't know
            return content + module[at:end]
        fewest, at = _number(module, at + 1)
        most = pages
        if flags:
            given, at = _number(module, at)
            most = min(given, pages)
        if fewest > pages:
            raise PluginError(f"failed to create existing plugin: {fewest} pages of memory over limit of {pages}")
        content += b"\1" + _leb(fewest) + _leb(most)
    return content


def _number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends. Raises IndexError."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _leb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
