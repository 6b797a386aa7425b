"""Records in PostgreSQL, in the tables that Helm makes and uses, so that both can work on one database.

Needs psycopg (`pip install navarch[sql]`). Two things are done otherwise than in Helm, for safety: a database that
fails is never taken for a release that isn't there, and labels are found when all namespaces are listed.

Source: pkg/storage/driver/sql.go.
"""

from __future__ import annotations

from threading import RLock
from time import time

from navarch.chart.notices import notice
from navarch.errors import RecordError, ReleaseError, ReleaseExistsError, ReleaseNotFoundError
from navarch.releases.codec import decode, encode
from navarch.releases.drivers.base import SYSTEM_LABELS, Head, own_labels, record_labels
from navarch.releases.drivers.database import Database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from navarch.releases.drivers.base import Filter, Summary
    from navarch.releases.model import Release

    Say = Callable[[str], None]
    Row = tuple[Any, ...]
    Place = tuple[str, str]  # namespace and key
    Found = list[Summary | None]
    Heads = list[Head]
    Releases = list[Release]
    Summaries = list[Summary]

__all__ = ["Sql"]

_TYPE = "helm.sh/release.v1"
_AT_ONCE = 500
_INSERT = (
    "INSERT INTO releases_v1 (key, type, body, name, namespace, version, status, owner, createdAt) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_UPDATE = (
    "UPDATE releases_v1 SET body = %s, name = %s, version = %s, status = %s, owner = %s, modifiedAt = %s "
    "WHERE key = %s AND namespace = %s"
)
_INSERT_LABEL = "INSERT INTO custom_labels_v1 (releaseKey, releaseNamespace, key, value) VALUES (%s, %s, %s, %s)"
_LABELS = "SELECT releaseNamespace, releaseKey, key, value FROM custom_labels_v1 WHERE releaseKey = ANY(%s)"
_BODIES = "SELECT namespace, key, body FROM releases_v1 WHERE "
_HEADS = "SELECT namespace, key, name, version, status FROM releases_v1 WHERE "


class Sql:
    """The driver that HELM_DRIVER=sql means. Connects at once, and makes the tables where there are none.

    `connection` is a connection string as lib/pq takes it. `namespace` is where releases are looked for, "" for
    everywhere; as in Helm, storing a release moves it to the release's. Raises ReleaseError.
    """

    name = "SQL"

    def __init__(self, connection: str, namespace: str, *, debug: Say | None = None) -> None:
        self.namespace = namespace
        self.debug = debug
        self._lock = RLock()
        self._database = Database(connection, self._say)

    def create(self, key: str, release: Release) -> None:
        body = self._encoded(release)
        space = self._settle(release)
        labels = [(key, space, name, value) for name, value in own_labels(release.labels).items()]
        values = (key, _TYPE, body, release.name, space, release.revision, release.info.status, "helm", int(time()))
        with self._lock, self._database.transaction():
            if self._database.run(_INSERT + " ON CONFLICT DO NOTHING", values) == 0:
                self._say("release already exists", key=key)
                raise ReleaseExistsError
            for label in labels:
                self._database.run(_INSERT_LABEL, label)

    def update(self, key: str, release: Release) -> None:
        body = self._encoded(release)
        space = self._settle(release)
        values = (body, release.name, release.revision, release.info.status, "helm", int(time()), key, space)
        with self._lock:
            if self._database.run(_UPDATE, values) == 0:
                raise ReleaseNotFoundError

    def get(self, key: str) -> Release:
        release = self._get(self.namespace, key)
        release.labels = own_labels(release.labels)
        return release

    def delete(self, key: str) -> Release:
        with self._lock, self._database.transaction():
            found = self.get(key)
            self.remove(key)
        return found

    def list(self, wanted: Filter) -> Releases:
        found = []
        for release in self._releases(*self._where({"owner": "helm"})):
            release.labels |= record_labels(release)
            if wanted(release):
                found.append(release)
        return found

    def query(self, labels: Mapping[str, str]) -> Releases:
        found = list(self._releases(*self._where(labels)))
        if not found:
            raise ReleaseNotFoundError
        return found

    def heads(self, labels: Mapping[str, str], *, like_names: bool = False) -> Heads:  # noqa: ARG002
        where, values = self._where(labels)
        with self._lock:
            rows = self._database.rows(_HEADS + where, values)
        return [
            Head(key, space, name, version, status, _system_labels(name, status, version))
            for space, key, name, version, status in rows
        ]

    def names(self) -> Heads:
        return self.heads({"owner": "helm"})

    def read(self, head: Head) -> Release:
        return self._get(head.namespace, head.key)

    def summaries(self, heads: Sequence[Head]) -> Found:
        found: dict[Place, Summary] = {}
        for at in range(0, len(heads), _AT_ONCE):
            part = heads[at : at + _AT_ONCE]
            values = [[head.key for head in part], [head.namespace for head in part]]
            places = "(key, namespace) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
            found |= self._peeked(places, values)
        return [found.get((head.namespace, head.key)) for head in heads]

    def summarize(self, labels: Mapping[str, str]) -> Summaries:
        where, values = self._where(labels)
        with self._lock:
            rows = self._database.rows(_BODIES + where, values)
        if not rows:
            raise ReleaseNotFoundError
        return list(self._seen(rows).values())

    def remove(self, key: str) -> None:
        place = (key, self.namespace)
        with self._lock, self._database.transaction():
            if self._database.run("DELETE FROM releases_v1 WHERE key = %s AND namespace = %s", place) == 0:
                raise ReleaseNotFoundError
            self._database.run("DELETE FROM custom_labels_v1 WHERE releaseKey = %s AND releaseNamespace = %s", place)

    def close(self) -> None:
        """End the connection."""
        self._database.close()

    def _settle(self, release: Release) -> str:
        self.namespace = release.namespace or "default"
        return self.namespace

    def _encoded(self, release: Release) -> str:
        try:
            return encode(release).decode()
        except RecordError as error:
            self._say("failed to encode release", error=str(error))
            raise

    def _where(self, labels: Mapping[str, str]) -> tuple[str, Sequence[Any]]:
        """A condition that these labels make, with its values. Raises ReleaseError for labels that there are not."""
        wanted = dict(labels)
        for name in sorted(wanted):
            if name not in SYSTEM_LABELS:
                self._say("unknown label", key=name)
                raise ReleaseError(f"unknown label {name}")
        if self.namespace:
            wanted["namespace"] = self.namespace
        columns = sorted(wanted)
        conditions = [f"{'version::text' if column == 'version' else column} = %s" for column in columns]
        return " AND ".join(conditions) or "TRUE", [wanted[column] for column in columns]

    def _get(self, namespace: str, key: str) -> Release:
        """The release under a key, with its own labels."""
        with self._lock:
            rows = self._database.rows(f"{_BODIES} key = %s AND namespace = %s", (key, namespace))
        if not rows:
            self._say("got SQL error when getting release", key=key, error="sql: no rows in result set")
            raise ReleaseNotFoundError
        try:
            release = decode(rows[0][2])
        except RecordError as error:
            self._say("failed to decode data", key=key, error=str(error))
            raise
        release.labels = self._labels(rows).get((namespace, key), {})
        return release

    def _releases(self, where: str, values: Sequence[Any]) -> Iterator[Release]:
        with self._lock:
            rows = self._database.rows(_BODIES + where, values)
        labels = self._labels(rows)
        for namespace, key, body in rows:
            try:
                release = decode(body)
            except RecordError as error:
                self._say("failed to decode release", key=key, error=str(error))
                continue
            release.labels = labels.get((namespace, key), {})
            yield release

    def _peeked(self, where: str, values: Sequence[Any]) -> dict[Place, Summary]:
        with self._lock:
            rows = self._database.rows(_BODIES + where, values)
        return self._seen(rows)

    def _seen(self, rows: Sequence[Row]) -> dict[Place, Summary]:
        """What lists show of the records that can be read, with all labels."""
        from navarch.releases.peek import peek

        labels = self._labels(rows)
        seen = {}
        for namespace, key, body in rows:
            try:
                one = peek(body, {})
            except RecordError as error:
                self._say("failed to decode release", key=key, error=str(error))
                continue
            own = labels.get((namespace, key), {})
            seen[namespace, key] = one._replace(labels=own | _system_labels(one.name, one.status, one.revision))
        return seen

    def _labels(self, rows: Iterable[Row]) -> dict[Place, dict[str, str]]:
        """The own labels of records, by namespace and key."""
        found: dict[Place, dict[str, str]] = {}
        with self._lock:
            for namespace, key, name, value in self._database.rows(_LABELS, ([row[1] for row in rows],)):
                if name not in SYSTEM_LABELS:
                    found.setdefault((namespace, key), {})[name] = value
        return found

    def _say(self, message: str, **attributes: str) -> None:
        if self.debug is not None:
            self.debug(notice("DEBUG", message, **attributes))


def _system_labels(name: str, status: str, version: int) -> dict[str, str]:
    return {"name": name, "owner": "helm", "status": status, "version": str(version)}
