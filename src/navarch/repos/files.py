"""Files written whole or not at all, and locks between processes, as Helm's own processes understand them."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from navarch.errors import RepositoryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["folder_of", "locked", "part_file", "write_file"]

_PAUSE = 0.05


def folder_of(path: str) -> None:
    """Make the folder that a file is to be in. Raises RepositoryError."""
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder or ".", exist_ok=True)
    except OSError as error:
        from navarch.chart.load import reason

        raise RepositoryError(f"mkdir {error.filename or folder}: {reason(error)}") from error


@contextmanager
def part_file(path: str, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A file to be written, which gets its name when the block ends well and vanishes when it doesn't.

    A link is written through. Raises RepositoryError.
    """
    target = os.path.realpath(path)
    part = f"{target}.{os.getpid()}.{time.monotonic_ns():x}.part"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
        os.replace(part, target)
    except OSError as error:
        os.unlink(part)
        if error.filename not in (None, part, target):
            raise
        raise _failed(path, error) from error
    except BaseException:
        os.unlink(part)
        raise


def write_file(path: str, data: bytes, mode: int = 0o644) -> None:
    """Write a file. Raises RepositoryError."""
    with part_file(path, mode) as file:
        file.write(data)


def _failed(path: str, error: OSError) -> RepositoryError:
    from navarch.chart.load import reason

    return RepositoryError(f"open {path}: {reason(error)}")


@contextmanager
def locked(path: str, *, seconds: float = 30) -> Iterator[None]:
    """A block that no other process is in that locks the same file. Raises RepositoryError when time is up."""
    import fcntl

    folder_of(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise RepositoryError("context deadline exceeded", hint=f"another process holds {path}") from None
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)
