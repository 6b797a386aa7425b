"""Removing the manifests of repositories that no tag leads to: those that were replaced, what signed what is gone.

A manifest stays if it has a tag, is a version of a chart, or is young. What belongs to one that stays, stays as well:
the manifests that an index lists, the subject of a signature, and all that refers to it. What the others were made of
is collected like everything that nothing refers to.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.registry.references import key_parts, manifest_fields, records_in, space_prefixes
from navarch.registry.store.blobs import Blobs, is_digest
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.registry.store.objects import Entry, Objects

__all__ = ["Untagged", "remove_untagged"]


class Untagged(NamedTuple):
    """A manifest that was removed, or would be: `place` is its repository's prefix, `size` its bytes."""

    place: str
    digest: str
    size: int


class _Repository:
    """What a repository has: manifests by digest, what tags and versions mean, what refers to which subject."""

    def __init__(self) -> None:
        self.manifests: dict[str, Entry] = {}
        self.tagged: set[str] = set()
        self.referrers: dict[str, list[str]] = {}


def remove_untagged(
    objects: Objects, before: float, *, dry_run: bool = False, say: Callable[[str], object] | None = None
) -> list[Untagged]:
    """Remove manifests without a tag that were pushed before a time, in all repositories.

    It may run beside servers: what got a tag meanwhile, or an index that lists it, is put back. Raises StorageError,
    and then nothing was removed that something leads to.
    """
    removed: dict[str, dict[str, _Removed]] = {}
    for place, repository in _survey(objects).items():
        kept = _kept(objects, repository, before)
        for digest, entry in repository.manifests.items():
            if digest in kept:
                continue
            one = _Removed(objects, entry, repository.referrers.get(digest, []))
            if one.is_old(before):
                if say:
                    say(entry.key)
                if not dry_run:
                    one.remove()
                removed.setdefault(place, {})[digest] = one
    if removed and not dry_run:
        _put_back(objects, removed, before)
    return [Untagged(place, digest, one.size) for place, ones in removed.items() for digest, one in ones.items()]


class _Removed:
    """The keys of one manifest, and what they held."""

    def __init__(self, objects: Objects, entry: Entry, referrers: Iterable[str]) -> None:
        self._objects = objects
        self._entry = entry
        self._referrers = list(referrers)
        self._held: dict[str, bytes] = {}
        _, _, rest = key_parts(entry.key)
        head = objects.head(Blobs.key(rest.replace("/", ":", 1)))
        self.size = 0 if head is None else head.size

    def is_old(self, before: float) -> bool:
        """Whether it wasn't pushed anew meanwhile."""
        now = self._objects.head(self._entry.key)
        return now is not None and now.modified < before

    def remove(self) -> None:
        for key in (*self._referrers, self._entry.key):
            try:
                self._held[key] = self._objects.get(key)[0]
            except AbsentError:
                continue
            self._objects.delete(key)

    def put_back(self) -> None:
        for key in reversed(self._held):
            self._objects.put(key, self._held[key])


def _survey(objects: Objects) -> dict[str, _Repository]:
    """All repositories by their prefixes. Raises StorageError, also for what can't be read."""
    found: dict[str, _Repository] = {}
    for _, prefix in space_prefixes(objects):
        for entry in objects.entries(f"{prefix}/oci"):
            place, kind, rest = key_parts(entry.key)
            repository = found.setdefault(place, _Repository())
            if kind == "manifests":
                repository.manifests[rest.replace("/", ":", 1)] = entry
            elif kind == "tags":
                repository.tagged.update(_held(objects, entry.key))
            elif kind == "referrers":
                repository.referrers.setdefault(rest.rpartition("/")[2].replace("-", ":", 1), []).append(entry.key)
        for record in records_in(objects, prefix):
            place = f"{prefix}/oci/{record.chart}"
            if place in found:
                found[place].tagged.add(record.manifest)
    return found


def _held(objects: Objects, key: str) -> tuple[str, ...]:
    try:
        return (objects.get(key)[0].decode(),)
    except AbsentError:
        return ()


def _kept(objects: Objects, repository: _Repository, before: float, more: Iterable[str] = ()) -> set[str]:
    """The digests of the manifests that stay, and of those that they lead to; `more` may be led to, too."""
    leads: dict[str, set[str]] = {}
    for digest in (*repository.manifests, *more):
        fields = manifest_fields(objects, digest)
        leads.setdefault(digest, set()).update(_digests(fields.get("manifests") or ()))
        for subject in _digests((fields.get("subject"),)):
            leads[digest].add(subject)
            leads.setdefault(subject, set()).add(digest)
    young = [digest for digest, entry in repository.manifests.items() if entry.modified >= before]
    kept: set[str] = set()
    waiting = [*repository.tagged, *young]
    while waiting:
        digest = waiting.pop()
        if digest not in kept:
            kept.add(digest)
            waiting.extend(leads.get(digest, ()))
    return kept


def _digests(listed: Iterable[Any]) -> list[str]:
    """The digests in a list of descriptors."""
    return [str(one["digest"]) for one in listed if isinstance(one, dict) and is_digest(str(one.get("digest")))]


def _put_back(objects: Objects, removed: dict[str, dict[str, _Removed]], before: float) -> None:
    """Put back what something leads to by now, and forget that it was removed."""
    found = _survey(objects)
    for place, ones in removed.items():
        kept = _kept(objects, found.get(place, _Repository()), before, ones)
        for digest in kept & set(ones):
            ones.pop(digest).put_back()
