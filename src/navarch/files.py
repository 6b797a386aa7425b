"""Files that are there whole or not at all: written under another name in the same folder, renamed when complete.

    with PartFile("index.yaml") as file:
        file.write(b"…")

Whoever reads meanwhile sees what was there before, and so does the next one after a failure. Links are replaced, not
followed. Errors are the system's: their words are for those who know what is written.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["PartFile", "write_file"]

_MOST_NAME = 50


class PartFile:
    """A file on its way to `target`; until then it is at `path`. Raises OSError.

    A new file's `mode` is cut down by the umask, unless it is to be `exact`. With `sync`, the content is on the disk
    before it gets its name. Without a `with`: `open`, then write to `file`, then `keep` or `drop`.
    """

    __slots__ = ("_exact", "_mode", "_sync", "file", "path", "target")

    file: BinaryIO

    def __init__(self, target: str, mode: int = 0o644, *, exact: bool = False, sync: bool = False) -> None:
        folder, name = os.path.split(target)
        self.target = target
        self.path = os.path.join(folder, f".{name[:_MOST_NAME]}.{os.urandom(6).hex()}.part")
        self._mode = mode
        self._exact = exact
        self._sync = sync

    def __enter__(self) -> BinaryIO:
        self.open()
        return self.file

    def __exit__(self, kind: object, *_: object) -> None:
        self.keep() if kind is None else self.drop()

    def open(self) -> None:
        """Begin with an empty file."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self.file = open(os.open(self.path, flags, self._mode), "wb")  # noqa: SIM115 - closed by keep and drop

    def keep(self) -> None:
        """Give the file its name."""
        try:
            self.file.flush()
            if self._exact:
                os.fchmod(self.file.fileno(), self._mode)
            if self._sync:
                os.fsync(self.file.fileno())
            self.file.close()
            os.replace(self.path, self.target)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Leave what was there before; nothing is done where the file has its name already."""
        try:
            self.file.close()
        except OSError:  # a full disk
            pass
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass


def write_file(path: str, data: bytes, mode: int = 0o644) -> None:
    """Write a file, or leave what was there before. Raises OSError."""
    with PartFile(path, mode) as file:
        file.write(data)
