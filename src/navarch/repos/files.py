"""Files written whole or not at all, and locks between processes, as Helm's own processes understand them."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from navarch.errors import RepositoryError
from navarch.files import PartFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["folder_of", "locked", "locked_folder", "part_file", "write_file"]

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
    part = PartFile(os.path.realpath(path), mode, exact=True)
    try:
        with part as file:
            yield file
    except OSError as error:
        if error.filename not in (None, part.path, part.target):
            raise
        raise _failed(path, error) from error


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
    folder_of(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(path, error) from error
    with _held(descriptor, path, seconds):
        yield


@contextmanager
def locked_folder(path: str, *, seconds: float = 300) -> Iterator[None]:
    """A block that no other process or thread is in that locks the same folder.

    Where folders can't be locked, it isn't. Raises RepositoryError when time is up.
    """
    descriptor = _lockable(path)
    if descriptor is None:
        yield
        return
    with _held(descriptor, path, seconds):
        yield


def _lockable(path: str) -> int | None:
    """An open folder, if locks work where it is."""
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _held(descriptor: int, path: str, seconds: float) -> Iterator[None]:
    """A block in which an open file is locked. It is closed afterwards."""
    import fcntl

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
