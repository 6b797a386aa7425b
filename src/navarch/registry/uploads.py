"""Files on their way to a registry: forms that are sent piece by piece."""

from __future__ import annotations

import os
import secrets

from navarch.errors import RegistryError
from navarch.registry.wire import Body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Source = bytes | str | os.PathLike[str]
    """The bytes of a file, or its path."""

__all__ = ["file_body", "form"]

_PIECE = 1 << 18


def file_body(path: str, content_type: str) -> Body:
    """A file as a body. Raises RegistryError for an unreadable one."""
    return Body(content_type, _size(path), lambda: _pieces(path))


def form(files: Mapping[str, Source]) -> Body:
    """A multipart form that uploads files by the names of their fields. Raises RegistryError for unreadable ones."""
    boundary = secrets.token_hex(16)
    parts = [(_header(boundary, field, source), source, _size(source)) for field, source in files.items()]
    end = f"--{boundary}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        for header, source, _ in parts:
            yield header
            yield from _pieces(source)
            yield b"\r\n"
        yield end

    size = sum(len(header) + size + 2 for header, _, size in parts) + len(end)
    return Body(f"multipart/form-data; boundary={boundary}", size, pieces)


def _header(boundary: str, field: str, source: Source) -> bytes:
    name = field if isinstance(source, bytes) else os.path.basename(os.fspath(source))
    safe = "".join(char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name)
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{safe}"'
    return f"--{boundary}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()


def _size(source: Source) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        with open(source, "rb") as file:
            return os.fstat(file.fileno()).st_size
    except OSError as error:
        raise _unreadable(source, error) from error


def _pieces(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield from (source[at : at + _PIECE] for at in range(0, len(source), _PIECE))
        return
    try:
        with open(source, "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Source, error: OSError) -> RegistryError:
    from navarch.chart.load import reason

    return RegistryError(f"open {os.fsdecode(source)}: {reason(error)}")
