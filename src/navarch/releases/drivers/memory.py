"""Records in this process, gone with it: for tests, and for looking at records from a file.

Source: pkg/storage/driver/memory.go and records.go.
"""

from __future__ import annotations

from threading import RLock

from navarch.errors import ReleaseError, ReleaseExistsError, ReleaseNotFoundError
from navarch.releases.drivers.base import Head, record_labels, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from navarch.releases.drivers.base import Filter, Summary
    from navarch.releases.model import Release

    Found = list[Summary | None]
    Heads = list[Head]
    Records = list["_Record"]
    Releases = list[Release]
    Summaries = list[Summary]

__all__ = ["Memory"]

_PREFIX = "sh.helm.release.v1."


class _Record:
    __slots__ = ("key", "labels", "release")

    def __init__(self, key: str, release: Release) -> None:
        self.key = key
        self.release = release
        self.labels = record_labels(release)  # as they are now: the release may be changed before it is stored again


class Memory:
    """A driver that keeps the very releases it is given.

    `namespace` is where they are looked for, "" for everywhere; as in Helm, storing a release moves it to that one's.
    """

    name = "Memory"

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self._lock = RLock()
        self._records: dict[str, dict[str, Records]] = {}

    def create(self, key: str, release: Release) -> None:
        with self._lock:
            self.namespace = release.namespace or "default"
            records = self._records.setdefault(self.namespace, {}).setdefault(release.name, [])
            if any(record.key == key for record in records):
                raise ReleaseExistsError
            records.append(_Record(key, release))
            records.sort(key=lambda record: record.release.revision)

    def update(self, key: str, release: Release) -> None:
        with self._lock:
            self.namespace = release.namespace or "default"
            records = self._records.get(self.namespace, {}).get(release.name, [])
            at = _index(records, key)
            records[at] = _Record(key, release)

    def get(self, key: str) -> Release:
        with self._lock:
            records = self._records.get(self.namespace, {}).get(_name_in(key), [])
            return records[_index(records, key)].release

    def delete(self, key: str) -> Release:
        with self._lock:
            records = self._records.get(self.namespace, {}).get(_name_in(key), [])
            return records.pop(_index(records, key)).release

    def remove(self, key: str) -> None:
        self.delete(key)

    def list(self, wanted: Filter) -> Releases:
        return [record.release for record in self._all() if wanted(record.release)]

    def query(self, labels: Mapping[str, str]) -> Releases:
        found = [record.release for record in self._with(labels)]
        if not found:
            raise ReleaseNotFoundError
        return found

    def heads(self, labels: Mapping[str, str], *, like_names: bool = False) -> Heads:  # noqa: ARG002
        return [
            Head(record.key, release.namespace, release.name, release.revision, record.labels["status"], release.labels)
            for record in self._with(labels)
            for release in (record.release,)
        ]

    def names(self) -> Heads:
        return self.heads({})

    def read(self, head: Head) -> Release:
        with self._lock:
            records = self._records.get(head.namespace or "default", {}).get(head.name, [])
            return records[_index(records, head.key)].release

    def summaries(self, heads: Sequence[Head]) -> Found:
        return [summary(self.read(head)) for head in heads]

    def summarize(self, labels: Mapping[str, str]) -> Summaries:
        return [summary(release) for release in self.query(labels)]

    def _with(self, labels: Mapping[str, str]) -> Iterator[_Record]:
        for record in self._all():
            if all(record.labels.get(name, "") == value for name, value in labels.items()):
                yield record

    def _all(self) -> Records:
        with self._lock:
            spaces = [self._records.get(self.namespace, {})] if self.namespace else list(self._records.values())
            return [record for space in spaces for records in space.values() for record in records]


def _index(records: list[_Record], key: str) -> int:
    for at, record in enumerate(records):
        if record.key == key:
            return at
    raise ReleaseNotFoundError


def _name_in(key: str) -> str:
    """The release's name in a key. Raises ReleaseError where Helm's driver can't take the key apart."""
    parts = key.removeprefix(_PREFIX).split(".v")
    if len(parts) != 2 or not parts[1].lstrip("+-").isdecimal():
        raise ReleaseError("release: invalid key")
    return parts[0]
