"""Where the registry's bytes are: keys with data, and writes that fail when somebody else was first.

Everything above it needs only this: create-only and compare-and-swap writes of one key, and listings that show a write
as soon as it was answered. Folders of a disk, memory and the buckets of three clouds give that.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AbsentError", "ChangedError", "Entry", "Objects", "StorageError", "TakenError"]


class StorageError(NavarchError):
    """Storage that doesn't answer, is full, or may not be used."""

    reference = "registry-storage"


class AbsentError(Exception):
    """There is nothing under a key."""


class TakenError(Exception):
    """There is something under a key that was to be created."""


class ChangedError(Exception):
    """What is under a key isn't what it was when it was read."""


class Entry(NamedTuple):
    """A key in a listing. `mark` changes whenever the content does; `modified` is seconds since 1970."""

    key: str
    size: int
    mark: str
    modified: float


class Objects(Protocol):
    """A store of keys ("a/b/c") and data. All methods raise StorageError besides what they name."""

    def check(self) -> None:
        """Find out, as cheaply as can be, whether storage answers."""

    def get(self, key: str) -> tuple[bytes, str]:
        """The data, and the mark that `swap` wants. Raises AbsentError."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to (without) `end`, in pieces. Raises AbsentError, at once."""

    def head(self, key: str) -> Entry | None:
        """What a listing says of one key."""

    def path(self, key: str) -> str | None:
        """The file in which a key's data is, if it is in one."""

    def create(self, key: str, data: bytes) -> str:
        """Write what isn't there yet, and answer its mark. Raises TakenError."""

    def swap(self, key: str, data: bytes, mark: str) -> str:
        """Write over what is known. Raises ChangedError, also when it is gone."""

    def put(self, key: str, data: bytes, *, durable: bool = True) -> str:
        """Write, whatever is there. What isn't `durable` may be lost when the machine fails."""

    def touch(self, key: str) -> None:
        """Have a key be there with another mark than before, whatever its data. It need not outlive the machine."""

    def put_file(self, key: str, path: str) -> None:
        """Write a file's content, whatever is there. The file may be gone afterwards."""

    def copy(self, key: str, target: str) -> None:
        """Write what is under a key under another one, whatever is there; it counts as new. Raises AbsentError."""

    def delete(self, key: str) -> None:
        """Remove a key; it is no error if there is none."""

    def entries(self, prefix: str, after: str = "") -> Iterator[Entry]:
        """The keys below `prefix` ("a/b"), at any depth, sorted; only those after the key `after`."""

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """The keys of `entries` alone."""

    def children(self, prefix: str) -> list[str]:
        """The names right below `prefix` ("" for the top) that have keys below them, sorted."""
