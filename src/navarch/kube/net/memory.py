"""Data as a file, for libraries that only read files."""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["file_of"]


@contextmanager
def file_of(data: bytes) -> Iterator[str]:
    """A path that `data` can be read from. It stays in memory where the system can do that."""
    if hasattr(os, "memfd_create") and os.path.exists("/proc/self/fd"):
        with os.fdopen(os.memfd_create("navarch"), "wb", buffering=0) as memory:
            memory.write(data)
            yield f"/proc/self/fd/{memory.fileno()}"
        return
    import tempfile

    with tempfile.NamedTemporaryFile(buffering=0) as file:
        file.write(data)
        yield file.name
