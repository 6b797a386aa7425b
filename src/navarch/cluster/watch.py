"""Watching: what happened since a revision, and then what happens, as a stream of events."""

from __future__ import annotations

import random
import threading
import time
from collections import deque

from navarch.cluster.conversion import from_storage, storage_key
from navarch.cluster.forms import dumps, negotiate, shaped
from navarch.cluster.problems import Cause, Problem, expired, invalid
from navarch.cluster.requests import Answer
from navarch.cluster.selecting import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.forms import Form
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target
    from navarch.cluster.selecting import Selection
    from navarch.cluster.store import Event, Key

    Object = dict[str, Any]

__all__ = ["watch"]

_BOOKMARK_SECONDS = 60.0
_IDLE_SECONDS = 10.0  # after which a stream without events lets the server look whether the client is still there
_LONGEST = 3600  # seconds; a watch without a timeout ends between half of it and this
_MOST_WAITING = 10_000  # events of a client that doesn't read
_INITIAL_END = "k8s.io/initial-events-end"


class _Watch:
    """One watcher: the events that it has yet to be told."""

    def __init__(self, api: Api, target: Target, selection: Selection, form: Form, request: Request) -> None:
        self.api = api
        self.target = target
        self.selection = selection
        self.form = form
        self.include = request.query.get("includeObject", "")
        self.bookmarks = request.flag("allowWatchBookmarks")
        self.deadline = time.monotonic() + (request.number("timeoutSeconds") or random.uniform(_LONGEST / 2, _LONGEST))  # noqa: S311
        self._key = storage_key(target.resource, target.namespace or "", target.name)
        self._waiting: deque[tuple[str, Object, int]] = deque()
        self._wake = threading.Condition(threading.Lock())
        self._over = False
        self._first_table = True
        self._next_bookmark = time.monotonic() + _BOOKMARK_SECONDS

    def hear(self, event: Event) -> None:
        """Take an event if it is for us. Called under the store's lock."""
        told = self.told(event)
        if told is None:
            return
        with self._wake:
            self._waiting.append((told, event.object, event.revision))
            if len(self._waiting) > _MOST_WAITING:
                self._over = True
            self._wake.notify()

    def concerns(self, key: Key) -> bool:
        """Whether it is about an object at `key`."""
        wanted = self._key
        if key.plural != wanted.plural or key.group != wanted.group:
            return False
        return (not wanted.namespace or key.namespace == wanted.namespace) and (
            not wanted.name or key.name == wanted.name
        )

    def told(self, event: Event) -> str | None:
        """What an event means to this watcher: an object that ceases to be selected is gone for it."""
        if not self.concerns(event.key):
            return None
        before = event.old is not None and self.selection.matches(event.old)
        if event.type == "DELETED":
            return "DELETED" if before else None
        after = self.selection.matches(event.object)
        if before:
            return "MODIFIED" if after else "DELETED"
        return "ADDED" if after else None

    def stream(self, first: list[tuple[str, Object, int]]) -> Generator[bytes]:
        """The events as lines, until the time is over. Closing the iterator ends the watch."""
        try:
            for told, obj, revision in first:
                yield self._line(told, obj, revision)
            while True:
                batch = self._next()
                if batch is None:
                    return
                if not batch:
                    yield b""  # time to look whether anybody listens
                for told, obj, revision in batch:
                    yield self._line(told, obj, revision)
        finally:
            self.api.store.unlisten(self.hear)

    def _next(self) -> list[tuple[str, Object, int]] | None:
        """The next events, or after a while without any none or a bookmark; None at the end."""
        with self._wake:
            if not self._waiting and not self._over:
                self._wake.wait(max(0.0, min(self.deadline - time.monotonic(), _IDLE_SECONDS)))
            batch = list(self._waiting)
            self._waiting.clear()
        now = time.monotonic()
        if batch:
            return batch
        if self._over or now >= self.deadline:
            return None
        if not self.bookmarks or now < self._next_bookmark:
            return []
        self._next_bookmark = now + _BOOKMARK_SECONDS
        return [("BOOKMARK", self.bookmark(), self.api.store.revision)]

    def bookmark(self, *, initial: bool = False) -> Object:
        """An object that says nothing but how far the watcher has come."""
        resource = self.target.resource
        meta: Object = {"resourceVersion": str(self.api.store.revision), "creationTimestamp": None}
        if initial:
            meta["annotations"] = {_INITIAL_END: "true"}
        return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}

    def _line(self, told: str, obj: Object, revision: int) -> bytes:
        resource = self.target.resource
        shown = obj
        if told != "BOOKMARK":
            shown = from_storage(obj, resource)
            if told == "DELETED" and shown["metadata"]["resourceVersion"] != str(revision):
                shown = {**shown, "metadata": {**shown["metadata"], "resourceVersion": str(revision)}}
        if self.form.shape:
            shown = self._shaped(told, shown)
        return dumps({"type": told, "object": shown})

    def _shaped(self, told: str, obj: Object) -> Object:
        form, resource = self.form, self.target.resource
        if told == "BOOKMARK" and form.shape != "Table":
            return {**obj, "kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{form.version}"}
        objects = [] if told == "BOOKMARK" else [obj]
        meta = {"resourceVersion": obj["metadata"]["resourceVersion"]} if form.shape == "Table" else None
        if told == "BOOKMARK" and "annotations" in obj["metadata"]:
            meta = {**(meta or {}), "annotations": obj["metadata"]["annotations"]}
        table: Object = shaped(
            resource, objects, form, include=self.include, now=self.api.now(), meta=meta, headers=self._first_table
        )
        self._first_table = False
        return table


def watch(api: Api, request: Request, target: Target) -> Answer:
    """Answer a watch. Raises Problem: 400 for bad selectors, 410 for a revision that is forgotten."""
    form = negotiate(request.headers.get("accept", "").replace(";stream=watch", ""))
    selection = select(target.resource, request.query.get("labelSelector", ""), request.query.get("fieldSelector", ""))
    initial = _wants_initial(request)
    one = _Watch(api, target, selection, form, request)
    with api.store.lock:
        first = _first(one, api, request, initial=initial)
        api.store.listen(one.hear)
    return Answer(200, form.content_type, stream=one.stream(first))


def _wants_initial(request: Request) -> bool:
    if "sendInitialEvents" not in request.query:
        return False
    if request.query.get("resourceVersionMatch") != "NotOlderThan":
        text = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise invalid("meta.k8s.io", "ListOptions", "", [Cause("resourceVersionMatch", "FieldValueForbidden", text)])
    return request.flag("sendInitialEvents")


def _first(one: _Watch, api: Api, request: Request, *, initial: bool) -> list[tuple[str, Object, int]]:
    """The events to begin with: the objects that are there, or what happened since the given revision."""
    text = request.query.get("resourceVersion", "")
    if text and not text.isdigit():
        raise Problem(
            500, "", f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    if initial or (text in {"", "0"} and "sendInitialEvents" not in request.query):
        found: list[tuple[str, Object, int]] = [("ADDED", obj, 0) for obj in _present(one, api)]
        if initial and one.bookmarks:
            found.append(("BOOKMARK", one.bookmark(initial=True), api.store.revision))
        return found
    events: list[Event] | None = api.store.since(int(text), one.concerns) if text else []
    if events is None:
        raise expired(f"too old resource version: {text} ({api.store.forgotten})")
    return [(told, event.object, event.revision) for event in events if (told := one.told(event)) is not None]


def _present(one: _Watch, api: Api) -> list[Object]:
    target = one.target
    key = storage_key(target.resource, target.namespace or "", target.name)
    found = api.store.list(key.group, key.plural, target.namespace)
    return [
        obj for obj in found if one.selection.matches(obj) and (not key.name or obj["metadata"]["name"] == key.name)
    ]
