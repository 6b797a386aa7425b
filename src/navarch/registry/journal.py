"""What collections took out of repositories, kept until nobody can have begun to need it at that very moment.

Keys that say what a repository has are small; so those that are to be removed are written down together first, at
"trash/keys/ID". Whatever dies then, and however slowly somebody tags a manifest beside it: the next collection reads
what was written down, and puts back what something leads to by now.
"""

from __future__ import annotations

import base64
import json
import secrets
from contextlib import suppress
from typing import NamedTuple

from navarch.registry.store.objects import AbsentError, StorageError, TakenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from navarch.registry.store.objects import Objects

    One = TypeVar("One")

__all__ = ["Journal", "Taken", "batches"]

_FOLDER = "trash/keys"
_AT_ONCE = 500
"""Keys that are written down together."""


class Taken(NamedTuple):
    """A key that was removed, and what it held."""

    key: str
    data: bytes

    def put_back(self, objects: Objects) -> None:
        """Have the key be there again, unless somebody else was first."""
        with suppress(TakenError):
            objects.create(self.key, self.data)


class Journal:
    """What was removed lately. `before` is the time since when that is remembered."""

    def __init__(self, objects: Objects, before: float) -> None:
        self._objects = objects
        self._before = before
        self._mine: dict[str, Taken] = {}

    def write(self, keys: Iterable[str]) -> None:
        """Write down keys that are about to be removed, and what they hold. Raises StorageError."""
        found = [taken for key in keys for taken in self._look(key)]
        if found:
            rows = [[one.key, base64.b64encode(one.data).decode()] for one in found]
            self._objects.put(f"{_FOLDER}/{secrets.token_hex(12)}", json.dumps(rows).encode())
            self._mine.update((one.key, one) for one in found)

    def _look(self, key: str) -> tuple[Taken, ...]:
        try:
            return (Taken(key, self._objects.get(key)[0]),)
        except AbsentError:
            return ()

    def taken(self) -> list[Taken]:
        """What isn't there of all that this collection, and others lately, removed. Raises StorageError."""
        found = {one.key: one for one in self._written()} | self._mine
        return [one for one in found.values() if self._objects.head(one.key) is None]

    def _written(self) -> Iterator[Taken]:
        for key in self._objects.keys(_FOLDER):
            try:
                rows = json.loads(self._objects.get(key)[0])
                yield from (Taken(str(name), base64.b64decode(data, validate=True)) for name, data in rows)
            except AbsentError:  # another collection forgot it
                continue
            except (ValueError, TypeError) as error:
                raise StorageError(f"storage: {key} can't be read: nothing is collected") from error

    def forget(self) -> None:
        """Forget what was removed before the time; for when what is needed of it was put back."""
        for entry in list(self._objects.entries(_FOLDER)):
            if entry.modified < self._before:
                self._objects.delete(entry.key)


def batches(things: Iterable[One]) -> Iterator[list[One]]:
    """As many of some things as are written down together."""
    waiting = list(things)
    return (waiting[at : at + _AT_ONCE] for at in range(0, len(waiting), _AT_ONCE))
