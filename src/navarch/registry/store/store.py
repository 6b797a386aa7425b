"""What every face does with charts: the one place where spaces and versions are made, changed and removed.

A version comes into being with its record, which is written last and only if there is none; what a crash leaves behind
before that is content that nothing refers to. A space is a name for a folder ("data/ID"): removing the name removes all
in it at once, and what is in the folder is collected later.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import contextmanager, suppress
from typing import NamedTuple

from navarch.registry.names import Names
from navarch.registry.problems import Problem, conflict, forbidden, lost, missing, wrong_value
from navarch.registry.store.blobs import Blobs
from navarch.registry.store.catalog import Catalog, note, record_key, tick
from navarch.registry.store.objects import AbsentError, ChangedError, StorageError, TakenError
from navarch.registry.store.reading import Limits, load, now, record_of, turn
from navarch.registry.store.records import Record, manifest_in, manifest_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.registry.locks import Locker
    from navarch.registry.store.catalog import Chart, View
    from navarch.registry.store.objects import Objects

__all__ = ["Space", "Store"]

_TRIES = 8


class Space(NamedTuple):
    """A space as it is now: `prefix` is where its keys are, `view` what is in it."""

    name: str
    prefix: str
    view: View

    def chart(self, name: str) -> Chart:
        """A chart. Raises Problem (404)."""
        found = self.view.charts.get(name)
        if found is None:
            raise missing(f"{self.name}/{name}")
        return found

    def has(self, chart: str, version: str) -> bool:
        """Whether a version of a chart is there."""
        found = self.view.charts.get(chart)
        return found is not None and found.find(version) is not None

    def record(self, chart: str, version: str) -> Record:
        """A version of a chart. Raises Problem (404)."""
        found = self.view.charts.get(chart)
        record = None if found is None else found.find(version)
        if record is None:
            raise missing(f"{self.name}/{chart}/{version}")
        return record


class Store:
    """Spaces, charts and versions over some objects. Raises Problem, and StorageError when storage fails."""

    def __init__(
        self,
        objects: Objects,
        *,
        locks: Locker,
        names: Names | None = None,
        limits: Limits | None = None,
        create_spaces: bool = True,
    ) -> None:
        self.objects = objects
        self.blobs = Blobs(objects)
        self.locks = locks
        self.names = names or Names()
        self.limits = limits or Limits()
        self._create_spaces = create_spaces
        self._catalogs: dict[str, tuple[str, Catalog]] = {}
        self._lock = threading.Lock()

    # Spaces

    def spaces(self) -> list[str]:
        """The names of all spaces, sorted bytewise."""
        return [key.rpartition("/")[2] for key in self.objects.keys("spaces")]

    def create_space(self, name: str) -> None:
        """Make a space. Raises Problem (400, 409)."""
        self.names.check_space(name)
        prefix = f"data/{secrets.token_hex(10)}"
        tick(self.objects, prefix)
        key, data = f"spaces/{name}", json.dumps({"prefix": prefix, "created": now()}).encode()
        try:
            self.objects.create(key, data)
        except TakenError:
            if not self._has(key, data):  # else it is ours: an answer was lost, and the request made again
                self.objects.delete(f"{prefix}/tick")
                raise conflict(name) from None

    def delete_space(self, name: str) -> None:
        """Remove a space with all in it. Raises Problem (404)."""
        prefix = self._prefix(name)
        self.objects.delete(f"spaces/{name}")
        self.objects.delete(f"{prefix}/tick")
        self._catalogs.pop(name, None)

    def space(self, name: str) -> Space:
        """A space with what is in it. Raises Problem (404)."""
        known = self._catalogs.get(name)
        if known is not None:
            view = known[1].view()
            if view is not None:
                return Space(name, known[0], view)
        prefix = self._prefix(name)
        catalog = Catalog(self.objects, prefix, lambda: self._is(name, prefix))
        with self._lock:
            known = self._catalogs.get(name)
            if known is None or known[0] != prefix:
                self._catalogs[name] = known = (prefix, catalog)
        view = known[1].view()
        if view is None:
            self._catalogs.pop(name, None)
            raise missing(name)
        return Space(name, prefix, view)

    def known(self, name: str) -> Space | None:
        """A space, if nothing has changed in it since it was last asked for: one look at its tick tells."""
        known = self._catalogs.get(name)
        view = None if known is None else known[1].known()
        return None if known is None or view is None else Space(name, known[0], view)

    def recent_space(self, name: str) -> Space:
        """A space, for those who write: what is in it may be told as it was a moment ago. Raises Problem (404)."""
        known = self._catalogs.get(name)
        view = None if known is None else known[1].recent()
        if known is None or view is None or not self._is(name, known[0]):
            return self.space(name)
        return Space(name, known[0], view)

    def space_to_write(self, name: str, *, recent: bool = False) -> Space:
        """A space that something is put into, made if need be and allowed. Raises Problem (400, 404).

        With `recent` as `recent_space` tells it.
        """
        self.names.check_space(name)
        find = self.recent_space if recent else self.space
        try:
            return find(name)
        except Problem:
            if not self._create_spaces:
                raise
        try:
            self.create_space(name)
        except Problem as problem:
            if problem.status != 409:  # somebody else made it
                raise
        return self.space(name)

    def _prefix(self, name: str) -> str:
        self.names.check_space(name)
        try:
            return str(json.loads(self.objects.get(f"spaces/{name}")[0])["prefix"])
        except AbsentError:
            raise missing(name) from None

    def _is(self, name: str, prefix: str) -> bool:
        try:
            return self._prefix(name) == prefix
        except Problem:
            return False

    # Versions

    def upload(self, space: str, archive: bytes, prov: bytes = b"", *, create_space: bool = True) -> Record:
        """Keep a chart's archive, and its provenance file. Raises Problem (400, 404, 409, 413)."""
        self.names.check_space(space)
        record, manifest = record_of(load(archive, self.names, self.limits), archive, prov)
        place = self.space_to_write(space, recent=True) if create_space else self.recent_space(space)
        if place.has(record.chart, record.version) or self.limits.charts:
            place = self.space(space)
        if place.has(record.chart, record.version):
            raise self.taken(place, record.chart, record.version)
        self.check_room(place, record)
        self.blobs.put(archive)
        if prov:
            self.blobs.put(prov)
        self.publish(place, record, manifest)
        if self.blobs.size(record.digest) is None:  # collected as garbage in the moment before there was the record
            self.blobs.put(archive)
        return record

    def publish(self, space: Space, record: Record, manifest: bytes, *, over: bool = False) -> None:
        """Write the record of a version whose content is there. Only with `over` may there be one before.

        Raises Problem (403, 404, 409, 423).
        """
        data = record.encode(manifest)
        with self._room(space, record):
            if over:
                self.objects.put(record_key(space.prefix, record.chart, record.version), data)
                note(self.objects, space.prefix, record.chart, record.version)
            else:
                self._create(space, record, data)
        if not self._is(space.name, space.prefix):
            raise missing(space.name)  # it was removed at this very moment

    def _create(self, space: Space, record: Record, data: bytes) -> None:
        """Write a record that isn't there yet, and tell of it. Raises Problem (409)."""
        key = record_key(space.prefix, record.chart, record.version)
        try:
            self.objects.create(key, data)
        except TakenError:
            if not self._has(key, data):  # else it is ours: an answer was lost, and the request made again
                raise self.taken(space, record.chart, record.version) from None
        try:
            note(self.objects, space.prefix, record.chart, record.version)
        except StorageError:
            with suppress(StorageError):  # what is refused shouldn't be there
                if self._has(key, data):
                    self.objects.delete(key)
            raise

    def taken(self, space: Space, chart: str, version: str) -> Problem:
        """The refusal of a version that is there; all servers list it from now on.

        Its writer may have died, or lost its storage, before it told them.
        """
        with suppress(StorageError):
            note(self.objects, space.prefix, chart, version)
        return conflict(f"{space.name}/{chart}/{version}")

    def _has(self, key: str, data: bytes) -> bool:
        try:
            return self.objects.get(key)[0] == data
        except AbsentError:
            return False

    def replace(self, space: str, name: str, version: str, archive: bytes, prov: bytes = b"") -> Record:
        """Put another archive in the place of a version. Raises Problem (400, 404, 409, 413, 423)."""
        place = self.space(space)
        place.record(name, version)
        record, manifest = self._same(name, version, archive, prov)
        with self.locks.hold(f"{space}/{name}/{version}"):
            _, mark = self._stored(place, name, version)
            if prov:
                self.blobs.put(prov)
            if not self._swap(place, record, manifest, archive, mark):
                raise lost(f"{space}/{name}/{version}")
        return record

    def change(self, space: str, name: str, version: str, edit: Callable[[bytes], bytes], prov: bytes = b"") -> Record:
        """Put what `edit` makes of a version's archive in its place; again, where it was changed meanwhile.

        A provenance file, which wouldn't fit any more, is dropped, or `prov` takes its place. Raises Problem (400, 404,
        409, 413, 423).
        """
        place = self.space(space)
        place.record(name, version)
        with self.locks.hold(f"{space}/{name}/{version}"):
            if prov:
                self.blobs.put(prov)
            for _ in range(_TRIES):
                data, mark = self._stored(place, name, version)
                with turn():
                    archive = edit(self.blobs.get(Record.decode(data).digest))
                    record, manifest = self._same(name, version, archive, prov)
                    if self._swap(place, record, manifest, archive, mark):
                        return record
        raise lost(f"{space}/{name}/{version}")

    def _same(self, name: str, version: str, archive: bytes, prov: bytes = b"") -> tuple[Record, bytes]:
        """The record and manifest of an archive that has to be of a certain chart and version."""
        chart = load(archive, self.names, self.limits)
        if chart.metadata.name != name:
            raise wrong_value("chart", name, chart.metadata.name)
        if chart.metadata.version != version:
            raise wrong_value("version", version, chart.metadata.version)
        return record_of(chart, archive, prov)

    def _stored(self, place: Space, name: str, version: str) -> tuple[bytes, str]:
        try:
            return self.objects.get(record_key(place.prefix, name, version))
        except AbsentError:
            raise missing(f"{place.name}/{name}/{version}") from None

    def _swap(self, place: Space, record: Record, manifest: bytes, archive: bytes, mark: str) -> bool:
        """Write a record in the place of a known one; False where that isn't there any more."""
        self.blobs.put(archive)
        key, data = record_key(place.prefix, record.chart, record.version), record.encode(manifest)
        try:
            self.objects.swap(key, data, mark)
        except ChangedError:
            if not self._has(key, data):  # else it is ours: an answer was lost, and the request made again
                return False
        note(self.objects, place.prefix, record.chart, record.version)
        return True

    def delete_version(self, space: str, chart: str, version: str) -> None:
        """Remove a version; with the last one the chart is gone. Raises Problem (404, 423)."""
        place = self.space(space)
        record = place.record(chart, version)
        with self.locks.hold(f"{space}/{chart}/{version}"):
            self.objects.delete(record_key(place.prefix, chart, version))
            self._forget_tags(place, record)
            self.objects.delete(manifest_key(place.prefix, chart, record.manifest))
            note(self.objects, place.prefix, chart, version)

    def _forget_tags(self, place: Space, record: Record) -> None:
        """Remove what else OCI clients called a version, which would lead nowhere."""
        for key in self.objects.keys(f"{place.prefix}/oci/{record.chart}/_tags"):
            with suppress(AbsentError):
                if self.objects.get(key)[0] == record.manifest.encode():
                    self.objects.delete(key)

    def delete_record(self, place: Space, record: Record) -> bool:
        """Remove a version that was seen in a space; False where it is gone, or another one by now.

        For many of them: the space isn't looked at again for each. Raises Problem (423).
        """
        key = record_key(place.prefix, record.chart, record.version)
        with self.locks.hold(f"{place.name}/{record.chart}/{record.version}"):
            try:
                if Record.decode(self.objects.get(key)[0]).manifest != record.manifest:
                    return False
            except (AbsentError, ValueError, TypeError):
                return False
            self.objects.delete(key)
            self.objects.delete(manifest_key(place.prefix, record.chart, record.manifest))
            note(self.objects, place.prefix, record.chart, record.version)
        return True

    def delete_chart(self, space: str, chart: str) -> None:
        """Remove all versions of a chart. Raises Problem (404, 423)."""
        for record in self.space(space).chart(chart).records:
            try:
                self.delete_version(space, chart, record.version)
            except Problem as problem:
                if problem.status != 404:  # somebody else removed it
                    raise

    def archive(self, record: Record) -> bytes:
        """The stored archive, byte for byte. Raises Problem (404)."""
        return self.blobs.get(record.digest)

    def manifest(self, space: Space, record: Record) -> bytes:
        """The OCI manifest of a version. Raises Problem (404)."""
        try:
            return manifest_in(self.objects.get(record_key(space.prefix, record.chart, record.version))[0])
        except AbsentError:
            raise missing(f"{space.name}/{record.chart}/{record.version}") from None

    @contextmanager
    def _room(self, space: Space, record: Record) -> Iterator[None]:
        """Room for a version, where spaces may not have any number: nobody else takes it before it is used."""
        if not self.limits.charts:
            yield
            return
        with self.locks.hold(space.name):
            self.check_room(self.space(space.name), record)
            yield

    def check_room(self, space: Space, record: Record) -> None:
        """Refuse a version that isn't there in a space that has as many as it may have. Raises Problem (403)."""
        if self.limits.charts and len(space.view) >= self.limits.charts and not space.has(record.chart, record.version):
            raise forbidden(f"{space.name} has {len(space.view)} charts, which is as many as a space may have")
