"""Removing the manifests of repositories that no tag leads to: those that were replaced, what signed what is gone.

A manifest stays if it has a tag, is a version of a chart, or is young. What belongs to one that stays, stays as well:
the manifests that an index lists, the subject of a signature, and all that refers to it. What the others were made of
is collected like everything that nothing refers to.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.registry.journal import batches
from navarch.registry.references import key_parts, manifest_fields, records_in, space_prefixes
from navarch.registry.store.blobs import Blobs, is_digest
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.registry.journal import Journal, Taken
    from navarch.registry.store.objects import Entry, Objects

__all__ = ["Untagged", "put_back_manifests", "remove_untagged"]


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
    objects: Objects,
    before: float,
    journal: Journal,
    *,
    dry_run: bool = False,
    say: Callable[[str], object] | None = None,
) -> list[Untagged]:
    """Remove manifests without a tag that were pushed before a time, in all repositories.

    It may run beside servers: what got a tag meanwhile, or an index that lists it, is put back, if not by this
    collection then by the next one. Raises StorageError, and then nothing was removed that something leads to.
    """
    listed = []
    for place, repository in _survey(objects).items():
        kept = _kept(objects, repository, before)
        for digest, entry in repository.manifests.items():
            if digest not in kept and _is_old(objects, entry, before):
                listed.append(_Listed(place, digest, entry, repository.referrers.get(digest, [])))
    removed = []
    for some in batches(listed):
        if not dry_run:
            journal.write(key for one in some for key in one.keys)
        removed += [one for one in some if _remove(objects, one, before, say, dry_run=dry_run)]
    back = put_back_manifests(objects, journal, before) if removed and not dry_run else set()
    return [
        Untagged(one.place, one.digest, _size(objects, one.digest))
        for one in removed
        if (one.place, one.digest) not in back
    ]


class _Listed(NamedTuple):
    """A manifest that is to be removed, with the keys that say that it refers to another one."""

    place: str
    digest: str
    entry: Entry
    referrers: list[str]

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.referrers, self.entry.key)


def _is_old(objects: Objects, entry: Entry, before: float) -> bool:
    """Whether a manifest wasn't pushed anew meanwhile."""
    now = objects.head(entry.key)
    return now is not None and now.modified < before


def _remove(
    objects: Objects, one: _Listed, before: float, say: Callable[[str], object] | None, *, dry_run: bool
) -> bool:
    if not _is_old(objects, one.entry, before):
        return False
    if say:
        say(one.entry.key)
    for key in one.keys if not dry_run else ():
        objects.delete(key)
    return True


def _size(objects: Objects, digest: str) -> int:
    head = objects.head(Blobs.key(digest))
    return 0 if head is None else head.size


def put_back_manifests(objects: Objects, journal: Journal, before: float) -> set[tuple[str, str]]:
    """Put back what was removed and something leads to by now: repositories' prefixes and digests."""
    gone: dict[str, dict[str, list[Taken]]] = {}
    for taken in journal.taken():
        place, kind, rest = key_parts(taken.key)
        if kind in {"manifests", "referrers"}:
            digest = rest.replace("/", ":", 1) if kind == "manifests" else _referrer(rest)
            gone.setdefault(place, {}).setdefault(digest, []).append(taken)
    found = _survey(objects) if gone else {}
    back = set()
    for place, ones in gone.items():
        for digest in _kept(objects, found.get(place, _Repository()), before, ones) & set(ones):
            for taken in sorted(ones[digest]):  # the manifest goes before what says that it is there
                taken.put_back(objects)
            back.add((place, digest))
    return back


def _referrer(rest: str) -> str:
    """The digest of the manifest in "SUBJECT/ALGORITHM-HEX"."""
    return rest.rpartition("/")[2].replace("-", ":", 1)


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
                repository.referrers.setdefault(_referrer(rest), []).append(entry.key)
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
