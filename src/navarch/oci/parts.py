"""Files that come from registries: there whole or not at all, with the errors of this package."""

from __future__ import annotations

from navarch import files
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
        self._part = files.PartFile(target, mode, exact=True)

    def __enter__(self) -> Self:
        try:
            self._part.open()
        except OSError as error:
            raise self._refused(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._part.drop()

    @property
    def path(self) -> str:
        """Where it is for now, with all that was written."""
        try:
            self._part.file.flush()
        except OSError as error:
            raise self._refused(error) from error
        return self._part.path

    def write(self, piece: bytes) -> None:
        """Add to what is there."""
        try:
            self._part.file.write(piece)
        except OSError as error:
            raise self._refused(error) from error

    def rewind(self) -> None:
        """Begin anew."""
        self._part.file.seek(0)
        self._part.file.truncate()

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
            self._part.keep()
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> RegistryError:
        reason = error.strerror or str(error)
        return RegistryError(f"open {self.target}: {reason[:1].lower()}{reason[1:]}")
