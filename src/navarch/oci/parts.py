"""Files that are there whole or not at all: written under another name, and renamed when they are complete."""

from __future__ import annotations

import os

from navarch.errors import RegistryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from navarch.oci.manifest import Descriptor

__all__ = ["PartFile"]


class PartFile:
    """A file on its way: `with PartFile(path) as part`, then part.write(…), and part.keep() when it is good.

    Without that it is gone when the block ends. What the system refuses is raised as RegistryError.
    """

    def __init__(self, target: str, mode: int = 0o644) -> None:
        self.target = target
        self.path = ""
        self._mode = mode
        self._handle = -1

    def __enter__(self) -> Self:
        import tempfile

        folder, name = os.path.split(self.target)
        try:
            self._handle, self.path = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".part", dir=folder or ".")
        except OSError as error:
            raise self._refused(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        if self.path:
            try:
                os.unlink(self.path)
            except FileNotFoundError:
                pass

    def write(self, piece: bytes) -> None:
        """Add to what is there."""
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._handle, view) :]
        except OSError as error:
            raise self._refused(error) from error

    def rewind(self) -> None:
        """Begin anew."""
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.truncate(self._handle, 0)

    def copy(self, source: str, descriptor: Descriptor) -> bool:
        """Take the content from a file at hand; False, and nothing taken, where that isn't what it should be."""
        import hashlib

        algorithm, _, digest = descriptor.digest.partition(":")
        try:
            found = hashlib.new(algorithm)
            with open(source, "rb") as file:
                while piece := file.read(1 << 20):
                    found.update(piece)
                    self.write(piece)
        except (OSError, ValueError):
            self.rewind()
            return False
        if found.hexdigest() != digest:
            self.rewind()
            return False
        return True

    def keep(self) -> None:
        """Give the file its name."""
        try:
            os.fchmod(self._handle, self._mode)
            os.replace(self.path, self.target)
        except OSError as error:
            raise self._refused(error) from error
        self.path = ""

    def _refused(self, error: OSError) -> RegistryError:
        reason = error.strerror or str(error)
        return RegistryError(f"open {self.target}: {reason[:1].lower()}{reason[1:]}")
