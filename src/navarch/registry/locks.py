"""Order between long pieces of work on one version. Nothing depends on it for being right: writes are conditional."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from contextlib import contextmanager
from typing import Protocol

from navarch.registry.problems import locked
from navarch.registry.store.objects import StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["FileLocker", "Locker", "MemoryLocker"]

_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)  # seconds between two looks at a lock that others have


class Locker(Protocol):
    """Holds a name for one piece of work at a time."""

    def hold(self, name: str) -> AbstractContextManager[None]:
        """A block that nobody else is in for the same name. Raises Problem (423) when that takes too long."""

    def close(self) -> None:
        """Let go of connections."""


class MemoryLocker:
    """Locks of one process. `seconds` is how long a lock is waited for."""

    def __init__(self, seconds: float = 10) -> None:
        self._seconds = seconds
        self._held: set[str] = set()
        self._free = threading.Condition()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        with self._free:
            if not self._free.wait_for(lambda: name not in self._held, self._seconds):
                raise locked(name)
            self._held.add(name)
        try:
            yield
        finally:
            with self._free:
                self._held.discard(name)
                self._free.notify_all()

    def close(self) -> None:
        pass


class FileLocker:
    """Locks of all processes that use the same folder, by flock. Files are removed by who unlocks them."""

    def __init__(self, folder: str, seconds: float = 10) -> None:
        self._folder = folder
        self._seconds = seconds
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageError(f"locks: {folder}: {error.strerror or error}") from error

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        path = os.path.join(self._folder, hashlib.sha256(name.encode()).hexdigest()[:32])
        try:
            file = self._locked(name, path)
        except OSError as error:
            raise StorageError(f"locks: {path}: {error.strerror or error}") from error
        try:
            yield
        finally:
            os.unlink(path)
            os.close(file)

    def close(self) -> None:
        pass

    def _locked(self, name: str, path: str) -> int:
        end = time.monotonic() + self._seconds
        for number in range(1 << 62):
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if _is_locked(file, path):
                return file
            os.close(file)
            if time.monotonic() >= end:
                break
            time.sleep(_PAUSES[min(number, len(_PAUSES) - 1)])
        raise locked(name)


def _is_locked(file: int, path: str) -> bool:
    """Lock a file, if nobody else has it and it still has its name: who unlocks it removes that first."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.stat(path).st_ino == os.fstat(file).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
