"""Whether storage does what a registry leans on: listings, and writes that fail when somebody else was first."""

from __future__ import annotations

import secrets

from navarch.registry.store.objects import AbsentError, ChangedError, StorageError, TakenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.registry.store.objects import Objects

__all__ = ["prove"]


def prove(objects: Objects) -> None:
    """Look, write a key, try to write it wrongly, and remove it. Raises StorageError with what is wrong."""
    objects.children("")
    key = f"probe/{secrets.token_hex(8)}"
    try:
        mark = objects.create(key, b"1")
        try:
            heeded = _is_refused(objects, key, mark)
        finally:
            objects.delete(key)
    except (AbsentError, TakenError, ChangedError) as error:
        raise StorageError("storage: a key that was just written isn't there as it was written") from error
    if not heeded:
        raise StorageError(
            "storage: conditions of writes (If-None-Match, If-Match) aren't heeded; charts would be lost"
        )


def _is_refused(objects: Objects, key: str, mark: str) -> bool:
    """Whether what is there can't be made again, nor changed by who doesn't know how it is now."""
    objects.swap(key, b"2", mark)
    try:
        objects.create(key, b"3")
    except TakenError:
        pass
    else:
        return False
    try:
        objects.swap(key, b"4", mark)
    except ChangedError:
        return True
    return False
