"""Collecting what nothing refers to: blobs, uploads that nobody goes on with, folders of removed spaces, old notes.

What is younger than an hour, or whatever is set, is spared: its reference may be on its way. Blobs aren't deleted at
once but set aside ("trash/blobs/…"). Those that a reference came for at the same moment are put back at the end of the
run, or by the next one; the others are deleted by the first run after the same time has passed again. What is removed
of repositories, links and manifests, is written down first, and put back in the same way.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from navarch.registry.journal import Journal, batches
from navarch.registry.references import key_parts, look
from navarch.registry.store.blobs import Blobs
from navarch.registry.store.catalog import Catalog
from navarch.registry.store.objects import AbsentError
from navarch.registry.untagged import put_back_manifests, remove_untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from navarch.registry.references import Link, References
    from navarch.registry.store.objects import Entry, Objects

__all__ = ["SPARE", "Collected", "Tally", "collect"]

SPARE = 3600.0
"""Seconds for which everything is spared, if nothing else is said."""


class Tally(NamedTuple):
    """How many of a kind, and their bytes."""

    number: int = 0
    size: int = 0


class Collected(NamedTuple):
    """What was done, or would be.

    `blobs` were set aside; all others are gone: `trash` (blobs that an earlier run set aside), `links` (of repositories
    to blobs), the keys of unfinished `uploads` and of removed `spaces`, `manifests` without a tag.
    """

    blobs: Tally = Tally()
    trash: Tally = Tally()
    links: Tally = Tally()
    uploads: Tally = Tally()
    spaces: Tally = Tally()
    manifests: Tally = Tally()


def collect(
    objects: Objects,
    *,
    spare: float = SPARE,
    untagged: float | None = None,
    dry_run: bool = False,
    say: Callable[[str], object] | None = None,
) -> Collected:
    """Remove what nothing refers to and what is older than `spare` seconds.

    With `untagged`, that are also manifests that no tag leads to and that were pushed so many seconds ago, and `spare`.
    It may run beside servers and other collections, and be cut off at any moment. `say` is told each key. Raises
    StorageError; then, or when a record can't be read, nothing that might be needed was removed.
    """
    now = time.time()
    gone = []
    journal = Journal(objects, now - spare)
    if not dry_run:
        put_back_manifests(objects, journal, now - max(spare, untagged or 0))
    if untagged is not None:
        gone = remove_untagged(objects, now - max(spare, untagged), journal, dry_run=dry_run, say=say)
    found = _Collection(objects, now - spare, journal, dry_run=dry_run, say=say).run()
    return found._replace(manifests=Tally(len(gone), sum(one.size for one in gone)))


class _Collection:
    def __init__(
        self,
        objects: Objects,
        before: float,
        journal: Journal,
        *,
        dry_run: bool,
        say: Callable[[str], object] | None = None,
    ) -> None:
        self._objects = objects
        self._before = before
        self._journal = journal
        self._dry_run = dry_run
        self._say = say or (lambda _: None)

    def run(self) -> Collected:
        objects = self._objects
        old = [entry for entry in objects.entries("blobs") if entry.modified < self._before]
        seen = look(objects, self._before)
        spaces = self._remove_spaces(set(seen.prefixes.values()))
        uploads = self._remove_all(entry for parts in seen.uploads if self._all_old(parts) for entry in parts)
        self._put_back_links(seen)
        links = self._remove_links(seen.links)
        aside = [entry for entry in old if _digest(entry.key) not in seen.wanted and self._set_aside(entry)]
        if (links or aside) and not self._dry_run:
            seen = look(objects, self._before)
            self._put_back_links(seen)
        trash = self._empty_trash(seen)
        if not self._dry_run:
            self._journal.forget()
            for prefix in seen.prefixes.values():
                Catalog(objects, prefix, lambda: True).forget_notes()
        return Collected(
            blobs=_tally(aside),
            trash=trash,
            links=_tally(link.entry for link in links),
            uploads=uploads,
            spaces=spaces,
        )

    def _all_old(self, entries: Iterable[Entry]) -> bool:
        return all(entry.modified < self._before for entry in entries)

    def _remove_spaces(self, alive: set[str]) -> Tally:
        """Remove what was in spaces that are gone, where nothing happened lately."""
        gone: list[Entry] = []
        for name in self._objects.children("data"):
            if f"data/{name}" not in alive:
                entries = list(self._objects.entries(f"data/{name}"))
                gone.extend(entries if self._all_old(entries) else ())
        return self._remove_all(gone)

    def _remove_all(self, entries: Iterable[Entry]) -> Tally:
        return _tally([entry for entry in entries if self._remove(entry)])

    def _remove(self, entry: Entry) -> bool:
        """Remove a key, unless it was written anew meanwhile."""
        if not self._is_old(entry):
            return False
        self._say(entry.key)
        if not self._dry_run:
            self._objects.delete(entry.key)
        return True

    def _is_old(self, entry: Entry) -> bool:
        now = self._objects.head(entry.key)
        return now is not None and now.modified < self._before

    def _set_aside(self, entry: Entry) -> bool:
        """Take a blob from its place. Who needed it at this very moment will find it there again."""
        if not self._is_old(entry):
            return False
        self._say(entry.key)
        if not self._dry_run:
            try:
                self._objects.copy(entry.key, Blobs.aside(_digest(entry.key)))
            except AbsentError:  # another collection was quicker
                return False
            self._objects.delete(entry.key)
        return True

    def _remove_links(self, links: Iterable[Link]) -> list[Link]:
        """Remove links that no manifest needs, unless they were written anew meanwhile."""
        removed: list[Link] = []
        for some in batches(links):
            if not self._dry_run:
                self._journal.write(link.entry.key for link in some)
            removed.extend(link for link in some if self._remove(link.entry))
        return removed

    def _put_back_links(self, seen: References) -> None:
        """Write links again whose manifest came while they were removed, by this collection or an earlier one."""
        for taken in self._journal.taken() if not self._dry_run else ():
            place, kind, rest = key_parts(taken.key)
            if kind == "blobs" and rest.replace("/", ":", 1) in seen.named.get(place, ()):
                taken.put_back(self._objects)

    def _empty_trash(self, seen: References) -> Tally:
        """Put back what is wanted after all, and delete what was set aside long ago."""
        gone = []
        for entry in self._objects.entries("trash/blobs"):
            key = entry.key.removeprefix("trash/")
            if _digest(key) in seen.wanted:
                if not self._dry_run:
                    self._restore(entry.key, key)
            elif entry.modified < self._before and self._remove(entry):
                gone.append(entry)
        return _tally(gone)

    def _restore(self, aside: str, key: str) -> None:
        if self._objects.head(key) is None:
            try:
                self._objects.copy(aside, key)
            except AbsentError:  # another collection was quicker
                return
        self._objects.delete(aside)


def _tally(entries: Iterable[Entry]) -> Tally:
    sizes = [entry.size for entry in entries]
    return Tally(len(sizes), sum(sizes))


def _digest(key: str) -> str:
    """The digest of the blob that is kept under a key."""
    algorithm, _, text = key.removeprefix("blobs/").split("/")
    digest = f"{algorithm}:{text}"
    assert Blobs.key(digest) == key
    return digest
