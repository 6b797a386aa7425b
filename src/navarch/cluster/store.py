"""Where objects are kept: SQLite, in a file or in memory, one revision counter for all, and the latest events.

Objects are stored as JSON, in the version that their group stores. What comes out is shared between readers: it must
not be changed. A file is safe against the end of the process at any point, not against the end of the machine.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict, deque
from typing import NamedTuple

from navarch.errors import ClusterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Object = dict[str, Any]
    Events = list["Event"]  # Store has a method `list`

__all__ = ["Event", "Key", "Store"]

_FORMAT = 1  # of the tables; a file of another one isn't opened
_EVENTS = 1000  # how far back a watch can begin
_PARSED = 256  # how many objects are kept in parsed form
_TABLES = """
create table if not exists meta (name text primary key, value integer) without rowid;
create table if not exists objects (
  grp text, plural text, namespace text, name text, revision integer, body text,
  primary key (grp, plural, namespace, name)) without rowid;
"""


class Key(NamedTuple):
    """Where an object is: group and plural of its resource, namespace ("" for none), name."""

    group: str
    plural: str
    namespace: str
    name: str


class Event(NamedTuple):
    """One committed change. `type` is ADDED, MODIFIED or DELETED; `old` is the object before it, if there was one."""

    revision: int
    type: str
    key: Key
    object: Object
    old: Object | None


class _Past(NamedTuple):
    """An event as it is remembered: its objects as text, which takes a fifth of the room."""

    revision: int
    type: str
    key: Key
    body: str
    old: str | None


class Store:
    """The objects. Every method can be called from any thread; `lock` may be held around several of them.

    Raises ClusterError if the file can't be opened, or isn't one of ours, and while writing if there is no room.
    """

    def __init__(self, path: str | None = None) -> None:
        self.lock = threading.RLock()
        self._past: deque[_Past] = deque(maxlen=_EVENTS)
        self._listeners: tuple[Callable[[Event], None], ...] = ()
        self._parsed: OrderedDict[Key, Object] = OrderedDict()
        self._path = path or ":memory:"
        try:
            self._connection = self._open()
            row = self._connection.execute("select value from meta where name = 'revision'").fetchone()
        except sqlite3.Error as error:
            raise ClusterError(f"the cluster's store {self._path} can't be opened: {error}") from error
        self.revision: int = row[0] if row else 1
        self.forgotten = self.revision  # events up to this one aren't remembered

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        if self._path != ":memory:":
            connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")  # the operating system keeps what a killed process wrote
        connection.execute("pragma cache_size = -2000")
        connection.executescript(_TABLES)
        found = connection.execute("select value from meta where name = 'format'").fetchone()
        if found is None:
            connection.execute("insert into meta values ('format', ?)", (_FORMAT,))
        elif found[0] != _FORMAT:
            raise ClusterError(f"the cluster's store {self._path} is of another version of Navarch (format {found[0]})")
        return connection

    def close(self) -> None:
        """Close the file; later calls fail."""
        with self.lock:
            self._connection.close()

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` after each change, in order, by the thread that made it, under the lock: it must be quick."""
        with self.lock:
            self._listeners = (*self._listeners, listener)

    def unlisten(self, listener: Callable[[Event], None]) -> None:
        """Stop calling `listener`."""
        with self.lock:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

    def get(self, key: Key) -> Object | None:
        """The object at `key`."""
        with self.lock:
            found = self._parsed.get(key)
            if found is not None:
                self._parsed.move_to_end(key)
                return found
            body = self._body(key)
            return None if body is None else self._keep(key, json.loads(body))

    def _body(self, key: Key) -> str | None:
        query = "select body from objects where grp = ? and plural = ? and namespace = ? and name = ?"
        row = self._connection.execute(query, key).fetchone()
        return row[0] if row else None

    def _keep(self, key: Key, obj: Object) -> Object:
        self._parsed[key] = obj
        if len(self._parsed) > _PARSED:
            self._parsed.popitem(last=False)
        return obj

    def list(
        self, group: str, plural: str, namespace: str | None = None, *, after: tuple[str, str] = ("", "")
    ) -> list[Object]:
        """The objects of a resource, in one namespace or (None) in all, by namespace and name; those behind `after`."""
        with self.lock:
            return [
                self._parsed.get(key) or json.loads(body) for key, body in self._rows(group, plural, namespace, after)
            ]

    def _rows(
        self, group: str, plural: str, namespace: str | None, after: tuple[str, str]
    ) -> Iterator[tuple[Key, str]]:
        query = "select namespace, name, body from objects where grp = ? and plural = ?"
        values: list[str] = [group, plural]
        if namespace is not None:
            query += " and namespace = ?"
            values.append(namespace)
        if after != ("", ""):
            query += " and (namespace, name) > (?, ?)"
            values.extend(after)
        # sqlite3 would hold the cursor open beyond the lock
        rows = self._connection.execute(query + " order by namespace, name", values).fetchall()
        return ((Key(group, plural, row[0], row[1]), row[2]) for row in rows)

    def count(self) -> int:
        """How many objects there are."""
        with self.lock:
            return int(self._connection.execute("select count(*) from objects").fetchone()[0])

    def put(self, key: Key, obj: Object) -> Object:
        """Keep `obj` at `key`, giving it the next resourceVersion; the store owns it from now on."""
        with self.lock:
            before = self._body(key)
            old = None if before is None else self._parsed.get(key) or json.loads(before)
            revision = self.revision + 1
            obj["metadata"]["resourceVersion"] = str(revision)
            body = json.dumps(obj, separators=(",", ":"), ensure_ascii=False)
            query = "insert or replace into objects values (?, ?, ?, ?, ?, ?)"
            self._write(revision, query, (*key, revision, body))
            self._keep(key, obj)
            self._tell(Event(revision, "ADDED" if old is None else "MODIFIED", key, obj, old), body, before)
            return obj

    def remove(self, key: Key) -> Object | None:
        """Take the object at `key` away and answer it, with the resourceVersion of its end; None if there is none."""
        with self.lock:
            before = self._body(key)
            if before is None:
                return None
            old = self._parsed.pop(key, None) or json.loads(before)
            revision = self.revision + 1
            query = "delete from objects where grp = ? and plural = ? and namespace = ? and name = ?"
            self._write(revision, query, key)
            last = {**old, "metadata": {**old["metadata"], "resourceVersion": str(revision)}}
            self._tell(Event(revision, "DELETED", key, last, old), before, before)
            return last

    def _write(self, revision: int, query: str, values: tuple[Any, ...]) -> None:
        connection = self._connection
        try:
            connection.execute("begin immediate")
            connection.execute(query, values)
            connection.execute("insert or replace into meta values ('revision', ?)", (revision,))
            connection.execute("commit")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("rollback")
            raise ClusterError(f"the cluster's store {self._path} can't be written: {error}") from error
        self.revision = revision

    def _tell(self, event: Event, body: str, old: str | None) -> None:
        if len(self._past) == _EVENTS:
            self.forgotten = self._past[0].revision
        self._past.append(_Past(event.revision, event.type, event.key, body, old))
        for listener in self._listeners:
            listener(event)

    def since(self, revision: int, concerns: Callable[[Key], bool] = bool) -> Events | None:
        """The events after `revision` about objects that concern somebody; None if some events are forgotten."""
        with self.lock:
            if revision < self.forgotten:
                return None
            return [_again(one) for one in self._past if one.revision > revision and concerns(one.key)]


def _again(past: _Past) -> Event:
    obj = json.loads(past.body)
    if past.type == "DELETED":
        obj["metadata"]["resourceVersion"] = str(past.revision)
    return Event(past.revision, past.type, past.key, obj, None if past.old is None else json.loads(past.old))
