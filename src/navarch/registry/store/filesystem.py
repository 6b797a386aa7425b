"""Objects as files below a folder. Data gets its name when it is whole: by a link where the name must be new.

Several processes may use the folder at once. Comparing before a swap happens under a lock file, one of a few for all
keys; nothing else takes a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from stat import S_ISREG

from navarch.registry.store.objects import AbsentError, ChangedError, Entry, StorageError, TakenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LOCKS", "Filesystem"]

_PIECE = 1 << 18
_LOCKS = 64
_NEW = ".new"  # where files are before they have their names; the only name with a dot in front
LOCKS = f"{_NEW}/locks"
"""A folder below the root for locks of other kinds; no key is in it."""
_PART = re.compile("[0-9a-f]{24}")
_ABANDONED = 3600  # seconds after which nobody is writing a file any more
_NO_KEY = re.compile(r"(?:^|/)(?:\.{0,2}|\.new)(?:/|\Z)|\0")


class Filesystem:
    """Objects below a folder, which is made when it isn't there. Raises StorageError."""

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root)
        with _failures(self._root):
            os.makedirs(os.path.join(self._root, _NEW), mode=0o700, exist_ok=True)
            self._remove_parts()

    def _remove_parts(self) -> None:
        """Remove files that have no names because who wrote them died long ago."""
        with os.scandir(os.path.join(self._root, _NEW)) as found:
            for entry in found:
                with suppress(FileNotFoundError):
                    if _PART.fullmatch(entry.name) and entry.stat().st_mtime < time.time() - _ABANDONED:
                        os.unlink(entry.path)

    def check(self) -> None:
        with _failures(self._root):
            os.stat(os.path.join(self._root, _NEW))

    def get(self, key: str) -> tuple[bytes, str]:
        with _failures(key):
            try:
                with open(self._file(key), "rb", buffering=0) as file:
                    data = file.readall()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise self._absent(key) from None
        return data, _mark(data)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        with _failures(key):
            try:
                file = open(self._file(key), "rb", buffering=0)  # noqa: SIM115 - the generator closes it
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise self._absent(key) from None
        return self._pieces(file.fileno(), file, start, end)

    @staticmethod
    def _pieces(descriptor: int, file: object, start: int, end: int | None) -> Iterator[bytes]:
        at = start
        with file, _failures(""):  # type: ignore[attr-defined]
            while end is None or at < end:
                piece = os.pread(descriptor, _PIECE if end is None else min(_PIECE, end - at), at)
                if not piece:
                    return
                at += len(piece)
                yield piece

    def head(self, key: str) -> Entry | None:
        with _failures(key):
            try:
                found = os.stat(self._file(key))
            except (FileNotFoundError, NotADirectoryError):
                return None
            return _entry(key, found) if S_ISREG(found.st_mode) else None

    def path(self, key: str) -> str | None:
        return self._file(key)

    def create(self, key: str, data: bytes) -> str:
        with _failures(key), self._written(data) as part:
            try:
                self._named(os.link, part, self._file(key))
            except FileExistsError:
                raise TakenError(key) from None
            _sync(os.path.dirname(self._file(key)))
        return _mark(data)

    def swap(self, key: str, data: bytes, mark: str) -> str:
        with _failures(key), self._lock(key):
            try:
                with open(self._file(key), "rb") as file:
                    found = _mark(file.read())
            except FileNotFoundError:
                raise ChangedError(key) from None
            if found != mark:
                raise ChangedError(key)
            return self.put(key, data)

    def put(self, key: str, data: bytes, *, durable: bool = True) -> str:
        with _failures(key), self._written(data, durable=durable) as part:
            self._named(os.replace, part, self._file(key))
            if durable:
                _sync(os.path.dirname(self._file(key)))
        return _mark(data)

    def touch(self, key: str) -> None:
        """The file is empty: to give a file with data the name of another has ext4 write it out at once."""
        self.put(key, b"", durable=False)

    def put_file(self, key: str, path: str) -> None:
        with _failures(key):
            part = self._part()
            try:
                try:
                    os.link(path, part)
                except OSError:  # another disk
                    shutil.copyfile(path, part)
                with open(part, "rb") as file:
                    os.fsync(file.fileno())
                _date(part)
                self._named(os.replace, part, self._file(key))
                _sync(os.path.dirname(self._file(key)))
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(part)

    def copy(self, key: str, target: str) -> None:
        if self.head(key) is None:
            raise AbsentError(key)
        try:
            self.put_file(target, self._file(key))
        except StorageError:
            if self.head(key) is None:  # removed at this moment
                raise AbsentError(key) from None
            raise

    def delete(self, key: str) -> None:
        """Removes empty folders above, too."""
        with _failures(key):
            file = self._file(key)
            try:
                os.unlink(file)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            folder = os.path.dirname(file)
            with suppress(OSError):  # not empty, or gone
                while len(folder) > len(self._root):
                    os.rmdir(folder)
                    folder = os.path.dirname(folder)

    def entries(self, prefix: str, after: str = "") -> Iterator[Entry]:
        with _failures(prefix):
            yield from self._walk(self._file(prefix), f"{prefix}/", after)

    def _walk(self, folder: str, prefix: str, after: str) -> Iterator[Entry]:
        try:
            with os.scandir(folder) as found:
                entries = [(f"{entry.name}/" if entry.is_dir() else entry.name, entry) for entry in found]
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return
        entries.sort(key=lambda pair: pair[0])
        for name, entry in entries:
            key = f"{prefix}{name}"
            if name.endswith("/"):
                if not after or key > after or after.startswith(key):
                    yield from self._walk(entry.path, key, after)
            elif key > after:
                with suppress(FileNotFoundError):
                    yield _entry(key, entry.stat())

    def keys(self, prefix: str, after: str = "") -> list[str]:
        found: list[str] = []
        with _failures(prefix):
            self._collect(self._file(prefix), f"{prefix}/", after, found)
        return found

    def _collect(self, folder: str, prefix: str, after: str, found: list[str]) -> None:
        """Add the keys below a folder. Asking the system about each file would take ten times as long."""
        try:
            with os.scandir(folder) as entries:
                names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return
        for name in names:
            key = f"{prefix}{name}"
            if not name.endswith("/"):
                if key > after:
                    found.append(key)
            elif not after or key > after or after.startswith(key):
                self._collect(f"{folder}/{name[:-1]}", key, after, found)

    def children(self, prefix: str) -> list[str]:
        with _failures(prefix):
            try:
                with os.scandir(self._file(prefix)) as found:
                    return sorted(entry.name for entry in found if entry.is_dir() and entry.name != _NEW)
            except (FileNotFoundError, NotADirectoryError):
                self.check()
                return []

    def _file(self, key: str) -> str:
        if not key:
            return self._root
        if _NO_KEY.search(key):
            raise StorageError(f"{key!r} can't be a key")
        return f"{self._root}/{key}"

    def _absent(self, key: str) -> AbsentError:
        """That there is no such key. Where all is gone, a disk isn't mounted any more: that is no empty registry."""
        self.check()
        return AbsentError(key)

    def _part(self) -> str:
        return os.path.join(self._root, _NEW, secrets.token_hex(12))

    @contextmanager
    def _written(self, data: bytes, *, durable: bool = True) -> Iterator[str]:
        """A file with the data, which has not got its name yet."""
        part = self._part()
        try:
            with open(part, "xb", buffering=0) as file:
                _write(file.fileno(), data)
                _date(file.fileno())
                if durable:
                    os.fsync(file.fileno())
            yield part
        finally:
            with suppress(FileNotFoundError):
                os.unlink(part)

    @staticmethod
    def _named(give: object, part: str, file: str) -> None:
        """Link or rename, in a folder that another process may be removing at this moment because it was empty."""
        for _ in range(100):
            try:
                give(part, file)  # type: ignore[operator]
            except FileNotFoundError:
                os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
            else:
                return
        raise StorageError(f"{file} can't be written: its folder vanishes again and again")

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2).digest()) % _LOCKS
        with open(os.path.join(self._root, _NEW, f"lock-{number}"), "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def _failures(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"storage: {error.strerror or error}: {error.filename or what}") from error


def _write(descriptor: int, data: bytes) -> None:
    """Write all of the data: on a disk that is nearly full, one call may write a part and say nothing."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync(folder: str) -> None:
    """Have a new name outlive a failure of the machine."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # what was in it was removed already
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _date(file: int | str) -> None:
    """Say when a file was written to the nanosecond. The system's own clock may stand still for milliseconds.

    By that a listing tells a file from the one before, whose number it may have got.
    """
    now = time.time_ns()
    os.utime(file, ns=(now, now))


def _entry(key: str, found: os.stat_result) -> Entry:
    return Entry(key, found.st_size, f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}", found.st_mtime)


def _mark(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
