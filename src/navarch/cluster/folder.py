"""The folder of a cluster on disk: its files, and the two locks that say who works on it and whether it runs.

    navarch/clusters/NAME/
        settings.json    port and address it had, the kubeconfig that its context was put into
        running.json     held by the process as long as it runs, which writes its number and its port there
        lock             held by a command that starts, stops or deletes the cluster
        store.db         the objects
        *.crt, *.key     see navarch.cluster.certificates
        log              what the process said

Locks end with the process that holds them, whatever becomes of it: a file that nobody holds says nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from typing import NamedTuple

from navarch.errors import ClusterError
from navarch.files import write_file
from navarch.kube.kubeconfig import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

__all__ = ["Folder", "Running", "Settings", "Work", "check_name", "claim"]

_LONGEST_NAME = 50
_PATIENCE = 60.0  # seconds for another command to finish
_GLANCE = 0.2  # more seconds than looking whether a cluster runs takes, which locks its file too


class Running(NamedTuple):
    """The process of a cluster: its number, where it listens, when it was started (seconds since 1970)."""

    pid: int
    address: str
    port: int
    started: float


class Settings(NamedTuple):
    """What is remembered of a cluster: `previous` is the context that was current before, `created` whether its
    kubeconfig didn't exist before. `memory`: its objects are not in the folder. `controllers`: whether it has any.
    """

    address: str = "127.0.0.1"
    port: int = 0
    kubeconfig: str = ""
    previous: str = ""
    created: bool = False
    memory: bool = False
    controllers: bool = True


def check_name(name: str) -> str:
    """The name of a cluster. Raises ClusterError for one that can't be that of a folder and a context."""
    plain = name.replace("-", "a").replace(".", "a")
    if plain.isascii() and plain.isalnum() and plain.islower() and name[0] not in ".-" and len(name) <= _LONGEST_NAME:
        return name
    rule = f"up to {_LONGEST_NAME} of a-z, 0-9, '-' and '.', a letter or a number first"
    raise ClusterError(f'invalid cluster name "{name}": it may have {rule}')


class Folder:
    """Where a cluster is kept: a folder of its name below `home`. All methods raise ClusterError for a bad disk."""

    __slots__ = ("log", "name", "path", "store")

    def __init__(self, home: str, name: str) -> None:
        self.name = check_name(name)
        self.path = os.path.join(os.path.abspath(home), name)
        self.store = os.path.join(self.path, "store.db")
        self.log = os.path.join(self.path, "log")

    def file(self, name: str) -> str:
        return os.path.join(self.path, name)

    def exists(self) -> bool:
        return os.path.isdir(self.path)

    def create(self) -> None:
        """Make the folder, for its owner alone."""
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            os.makedirs(self.path, mode=0o700, exist_ok=True)
        except OSError as error:
            raise _refused(error, self.path) from error

    def settings(self) -> Settings:
        """What is remembered; the defaults where nothing is, or nothing that can be read."""
        known = _read(self.file("settings.json"))
        defaults = Settings()
        good = {
            key: value
            for key, value in known.items()
            if key in Settings._fields and type(value) is type(getattr(defaults, key))
        }
        settings = defaults._replace(**good)
        return settings if 0 <= settings.port <= 65535 else settings._replace(port=0)

    def remember(self, settings: Settings) -> None:
        path = self.file("settings.json")
        try:
            write_file(path, json.dumps(settings._asdict()).encode(), 0o666)
        except OSError as error:
            raise _refused(error, path) from error

    def running(self) -> Running | None:
        """The process that runs and has said where it listens; None if there is none."""
        path = self.file("running.json")
        if not self._is_held(path):
            return None
        known = _read(path)
        try:
            return Running(int(known["pid"]), str(known["address"]), int(known["port"]), float(known["started"]))
        except (KeyError, TypeError, ValueError):
            return None

    def is_beginning(self) -> bool:
        """Whether there is a process that hasn't said yet where it listens."""
        return self._is_held(self.file("running.json")) and self.running() is None

    def _is_held(self, path: str) -> bool:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _refused(error, path) from error
        try:
            return not _lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def forget_process(self) -> None:
        """Forget what a process said that is gone, so that it isn't taken for what the next one says."""
        _unlink(self.file("running.json"))

    def forget_objects(self) -> None:
        """Delete the objects."""
        for ending in ("", "-wal", "-shm", "-journal"):
            _unlink(self.store + ending)

    def delete(self) -> None:
        """Delete the folder."""
        import shutil

        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise _refused(error, self.path) from error


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refused(error, path) from error


def _lock(descriptor: int, kind: int) -> bool:
    """Try to lock a file; whether that succeeded."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refused(error: OSError, path: str) -> ClusterError:
    return ClusterError(f"{error.filename or path}: {words(error)}")


def claim(folder: Folder) -> int | None:
    """Say that this process is the one that runs the cluster, for as long as it lives; None if another one does.

    What comes back is the descriptor of running.json, for `announce`. Raises OSError.
    """
    descriptor = os.open(folder.file("running.json"), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _GLANCE
    while not _lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            os.close(descriptor)
            return None
        time.sleep(0.002)
    return descriptor


class Work:
    """A block in which nobody else starts, stops or deletes the cluster.

    Waits while somebody does, and until a process that was started has said where it listens; `on_wait` is called
    meanwhile, with the seconds so far. Raises ClusterError if that takes too long, or if the lock can't be made.
    """

    __slots__ = ("_descriptor", "_folder", "_on_wait")

    def __init__(self, folder: Folder, on_wait: Callable[[float], None]) -> None:
        self._folder = folder
        self._on_wait = on_wait
        self._descriptor = -1

    def __enter__(self) -> Self:
        name = self._folder.name
        self._until(self._taken, f'another command has been at work on cluster "{name}" for a minute')
        try:
            # whoever started it was killed: it will end by itself
            beginning = self._folder.is_beginning
            self._until(lambda: not beginning(), f'the process of cluster "{name}" has been starting for a minute')
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def _until(self, done: Callable[[], bool], otherwise: str) -> None:
        started = time.monotonic()
        while not done():
            waited = time.monotonic() - started
            if waited > _PATIENCE:
                raise ClusterError(otherwise)
            self._on_wait(waited)
            time.sleep(0.02)

    def _taken(self) -> bool:
        """Lock the file, unless it was deleted with the whole folder in that moment."""
        self._folder.create()
        path = self._folder.file("lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _refused(error, path) from error
        if _lock(descriptor, fcntl.LOCK_EX) and _same(descriptor, path):
            self._descriptor = descriptor
            return True
        os.close(descriptor)
        return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        os.close(self._descriptor)


def _same(descriptor: int, path: str) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
