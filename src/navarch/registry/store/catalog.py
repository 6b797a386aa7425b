"""What is in a space, in memory, as new as the last answered write of any process.

Each write leaves a note of what changed ("changes/…") and then touches the space's tick. A reader whose tick is still
the same knows all; otherwise it reads the notes since it last looked, and the records they name. From cold, or after
more time than notes are kept, all records are listed; those that a snapshot knows by the same mark aren't read again.
Notes and snapshots are hints: what they say is checked against the records themselves.
"""

from __future__ import annotations

import secrets
import threading
import time
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

from navarch.registry.names import tag_of
from navarch.registry.store.objects import AbsentError, StorageError
from navarch.registry.store.records import Record, order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from navarch.registry.store.objects import Entry, Objects

__all__ = ["Catalog", "Chart", "View", "note", "record_key", "tick"]

_SLOT = 10  # seconds of notes in one folder
_KEPT = 600  # seconds that notes are kept
_TRUSTED = 300  # seconds after which a reader lists everything again rather than trust that all notes are there
_SKEW = 20  # seconds by which the clocks of machines may differ, and those that writing a note takes
_LATE = 8  # seconds after which a note is written anew
_MOST_NAME = 200  # bytes of a chart's name and a tag in a note's
_READERS = 32
_WORTH_A_SNAPSHOT = 500  # records that had to be read one by one
_RECENT = 1.0  # seconds for which a view is good enough to write beside


def record_key(prefix: str, chart: str, version: str) -> str:
    """Where the record of a version is; `prefix` is the space's."""
    return f"{prefix}/charts/{chart}/{tag_of(version)}"


def note(objects: Objects, prefix: str, chart: str, version: str) -> None:
    """Say, after a record was written or removed, that it was."""
    while True:
        now = time.time()
        objects.put(f"{prefix}/changes/{_note_name(now, chart, tag_of(version))}", b"", durable=False)
        if time.time() - now < _LATE:
            break  # else readers may have passed over it
    tick(objects, prefix)


def _note_name(now: float, chart: str, tag: str) -> str:
    """Names sort by time; "~" is in no chart's name and no tag. A file's name can't be as long as some of both."""
    between = "~" if len(chart) + len(tag) < _MOST_NAME else "/"
    return f"{_note_time(now)}-{secrets.token_hex(4)}~{chart}{between}{tag}"


def _note_time(now: float) -> str:
    return f"{int(now) // _SLOT:010d}/{int(now * 1000):013d}"


def _read_note(name: str) -> tuple[str, str]:
    """Chart and tag."""
    chart, tag = name.replace("~", "/").rsplit("/", 2)[1:]
    return chart, tag


def tick(objects: Objects, prefix: str) -> None:
    """Have every reader look again."""
    objects.touch(f"{prefix}/tick")


class Chart:
    """The versions of a chart, oldest first; it never changes. `memo` is for what is computed from them."""

    __slots__ = ("memo", "name", "records")

    def __init__(self, name: str, records: tuple[Record, ...]) -> None:
        self.name = name
        self.records = records
        self.memo: dict[str, Any] = {}

    def find(self, version: str) -> Record | None:
        """One version."""
        try:
            place = order(version)
        except ValueError:  # what is asked for is no version
            return None
        at = bisect_left(self.records, place, key=lambda record: order(record.version))
        if at < len(self.records) and self.records[at].version == version:
            return self.records[at]
        return None

    @property
    def latest(self) -> Record:
        """The newest version that is no pre-release, or the newest of all."""
        stable = (record for record in reversed(self.records) if "-" not in record.version.partition("+")[0])
        return next(stable, self.records[-1])

    def changed(self, version: str, record: Record | None) -> Chart | None:
        """With another record of a version, or without; None when nothing is left."""
        at = bisect_left(self.records, order(version), key=lambda found: order(found.version))
        end = at + (at < len(self.records) and self.records[at].version == version)
        records = (*self.records[:at], *([record] if record else []), *self.records[end:])
        return Chart(self.name, records) if records else None


class View:
    """A space at one moment: its charts by name, sorted bytewise. It never changes."""

    __slots__ = ("_size", "charts", "mark", "memo")

    def __init__(self, charts: dict[str, Chart], mark: str) -> None:
        self.charts = charts
        self.mark = mark
        self.memo: dict[str, Any] = {}
        self._size = -1

    def records(self) -> Iterator[Record]:
        """All versions of all charts."""
        for chart in self.charts.values():
            yield from chart.records

    def __len__(self) -> int:
        if self._size < 0:
            self._size = sum(len(chart.records) for chart in self.charts.values())
        return self._size


class Catalog:
    """What is in one space, whose keys begin with `prefix`; `alive` tells whether its name still means this prefix."""

    def __init__(self, objects: Objects, prefix: str, alive: Callable[[], bool]) -> None:
        self._objects = objects
        self._prefix = prefix
        self._alive = alive
        self._lock = threading.Lock()
        self._view: View | None = None
        self._listed = 0.0
        self._looked = 0.0
        self._since = 0.0
        self._seen: set[str] = set()

    def view(self) -> View | None:
        """The space as it is now; None when it was removed."""
        looked = time.monotonic()
        mark = self._mark()
        view = self._view
        if view is not None and view.mark == mark:
            self._looked = looked
            return view
        with self._lock:
            looked = time.monotonic()
            mark = self._mark()
            if mark is None or not self._alive():  # a writer may touch the tick of a space that was just removed
                return None
            if self._view is not None and self._view.mark == mark:
                return self._view  # another thread was here
            if self._view is None or time.monotonic() - self._listed > _TRUSTED:
                self._view = self._read_all(mark)
            else:
                self._view = self._read_notes(self._view, mark)
            self._looked = looked
            return self._view

    def recent(self) -> View | None:
        """The space as it was a moment ago, at no cost; None where nobody has looked since.

        For those who write: to read the notes of all that others write meanwhile would be most of their work, and
        whether a version is new is decided by writing it.
        """
        return self._view if time.monotonic() - self._looked < _RECENT else None

    def read(self) -> View:
        """The space as storage has it, all records listed anew; those that can't be read are left out."""
        return self._read_all("")

    def known(self) -> View | None:
        """The space, if it is as it was when it was last looked at."""
        view = self._view
        return view if view is not None and view.mark == self._mark() else None

    def _mark(self) -> str | None:
        found = self._objects.head(f"{self._prefix}/tick")
        return None if found is None else found.mark

    def _read_notes(self, view: View, mark: str) -> View:
        now = time.time()
        names = set(self._notes(self._since))
        charts = dict(view.charts)
        fresh = names - self._seen
        added = False
        for chart, tag in set(map(_read_note, fresh)):
            version = tag.replace("_", "+")
            record = self._record(record_key(self._prefix, chart, version))
            found = charts.get(chart, Chart(chart, ())).changed(version, record)
            if found is None:
                charts.pop(chart, None)
            else:
                added = added or chart not in charts
                charts[chart] = found
        self._seen = names
        self._since = now - _SKEW
        return View(_sorted(charts) if added else charts, mark)

    def _notes(self, since: float) -> list[str]:
        """The keys of the notes that were written after a time."""
        folder = f"{self._prefix}/changes"
        return self._objects.keys(folder, f"{folder}/{_note_time(since)}")

    def _read_all(self, mark: str) -> View:
        now = time.time()
        self._listed = time.monotonic()
        snapshot = _Snapshot(self._objects, self._prefix)
        unknown: list[Entry] = []
        found = list(snapshot.records(self._objects.entries(f"{self._prefix}/charts"), unknown))
        for entry, record in zip(unknown, self._records(unknown), strict=True):
            if record is not None:
                found.append((entry.mark, record))
        if len(unknown) >= _WORTH_A_SNAPSHOT:
            with suppress(StorageError):  # a full disk can be read all the same
                snapshot.save(found)
        self._since = now - _SKEW
        self._seen = set()
        self._forget_some()
        return View(_grouped(record for _, record in found), mark)

    def _records(self, entries: list[Entry]) -> Iterable[Record | None]:
        if len(entries) <= _READERS or self._objects.path(""):
            return [self._record(entry.key) for entry in entries]
        with ThreadPoolExecutor(_READERS) as readers:
            return list(readers.map(self._record, [entry.key for entry in entries]))

    def _record(self, key: str) -> Record | None:
        """A record, or None: it was removed meanwhile, or is none."""
        try:
            return _decoded(self._objects.get(key)[0])
        except AbsentError:
            return None

    def forget_notes(self) -> None:
        """Remove notes that no reader asks for any more."""
        for slot in self._old_slots():
            for key in self._objects.keys(slot):
                self._objects.delete(key)

    def _old_slots(self) -> list[str]:
        oldest = int(time.time() - _KEPT) // _SLOT
        folder = f"{self._prefix}/changes"
        return [f"{folder}/{slot}" for slot in self._objects.children(folder) if int(slot) < oldest]

    def _forget_some(self) -> None:
        """Remove old notes beside other work, so that there are never many."""
        if self._old_slots():
            threading.Thread(target=self._forget_quietly, name="registry-notes", daemon=True).start()

    def _forget_quietly(self) -> None:
        with suppress(StorageError):
            self.forget_notes()


class _Snapshot:
    """The records of a space in one object, sorted by their keys, with the marks that they had.

    There may be very many: they are gone through beside the listing, and nothing is kept but the records.
    """

    def __init__(self, objects: Objects, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix
        self._key = f"{prefix}/snapshot"

    def records(self, entries: Iterable[Entry], unknown: list[Entry]) -> Iterator[tuple[str, Record]]:
        """Mark and record of each entry that is known by the same mark; the others are added to `unknown`."""
        known = self._load()
        key = mark = ""
        data = b""
        for entry in entries:
            while key < entry.key:
                key, mark, data = next(known, _LAST)
            record = _decoded(data) if key == entry.key and mark == entry.mark else None
            if record is None:
                unknown.append(entry)
            else:
                yield mark, record

    def _load(self) -> Iterator[tuple[str, str, bytes]]:
        """Key, mark and record of each; of a damaged snapshot those before the damage, of a missing one none."""
        try:
            data = self._objects.get(self._key)[0]
            at = 0
            while (end := data.find(b"\n\n", at)) >= 0:
                key, mark, record = data[at:end].split(b"\n", 2)
                yield key.decode(), mark.decode(), record
                at = end + 2
        except (AbsentError, ValueError):
            return

    def save(self, records: list[tuple[str, Record]]) -> None:
        """Keep what is known. Manifests are left out: they are read where they are asked for."""
        keys = [record_key(self._prefix, record.chart, record.version) for _, record in records]
        data = BytesIO()
        for at in sorted(range(len(keys)), key=keys.__getitem__):
            mark, record = records[at]
            data.write(b"%b\n%b\n%b\n\n" % (keys[at].encode(), mark.encode(), record.encode(b"-")))
        self._objects.put(self._key, data.getvalue(), durable=False)


_LAST = ("\U0010ffff", "", b"")  # after every key


def _decoded(data: bytes) -> Record | None:
    try:
        return Record.decode(data)
    except (ValueError, TypeError):
        return None


def _grouped(records: Iterable[Record]) -> dict[str, Chart]:
    charts: dict[str, list[Record]] = {}
    for record in records:
        charts.setdefault(record.chart, []).append(record)
    return {
        name: Chart(name, tuple(sorted(charts[name], key=lambda record: order(record.version))))
        for name in sorted(charts)
    }


def _sorted(charts: dict[str, Chart]) -> dict[str, Chart]:
    return {name: charts[name] for name in sorted(charts)}
