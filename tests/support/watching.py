"""A cluster in memory that can be listed and watched, and that fails on demand: for tests of waiting."""

from __future__ import annotations

import json
import queue
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from navarch.errors import ApiError, UnreachableError
from navarch.kube.discovery import Mapping
from navarch.kube.objects import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

__all__ = ["KINDS", "Asked", "FakeCluster", "forbidden", "resource"]

_END = object()

KINDS = {
    mapping.kind: mapping
    for mapping in (
        Mapping("", "v1", "ConfigMap", "configmaps", namespaced=True),
        Mapping("", "v1", "Namespace", "namespaces", namespaced=False),
        Mapping("", "v1", "Pod", "pods", namespaced=True),
        Mapping("", "v1", "Secret", "secrets", namespaced=True),
        Mapping("", "v1", "Service", "services", namespaced=True),
        Mapping(
            "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
        ),
        Mapping("apps", "v1", "Deployment", "deployments", namespaced=True),
        Mapping("apps", "v1", "ReplicaSet", "replicasets", namespaced=True),
        Mapping("apps", "v1", "StatefulSet", "statefulsets", namespaced=True),
        Mapping("batch", "v1", "Job", "jobs", namespaced=True),
        Mapping("example.com", "v1", "Widget", "widgets", namespaced=True),
    )
}


def resource(kind: str, name: str, namespace: str = "shop", **fields: Any) -> Resource:
    """An object to wait for: `fields` are what stands beside its metadata."""
    mapping = KINDS[kind]
    place = {"namespace": namespace} if mapping.namespaced else {}
    obj = {"apiVersion": mapping.api_version, "kind": kind, "metadata": {"name": name, **place}, **fields}
    return Resource(mapping, place.get("namespace", ""), name, obj)


def forbidden(verb: str, plural: str) -> ApiError:
    message = f'{plural} is forbidden: User "u" cannot {verb} resource "{plural}" in API group ""'
    return ApiError(message, code=403, reason="Forbidden")


class Asked(NamedTuple):
    """A request: `verb` is get, list or watch."""

    verb: str
    path: str
    query: dict[str, str]
    accept: str


class _Answer:
    def __init__(self, value: Any, body: bytes = b"") -> None:
        self._value = value
        self.body = body

    def json(self) -> Any:
        return self._value


class _Stream:
    """A watch: lines come through a queue; an exception in it is raised."""

    def __init__(self, path: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
        self.path = path
        self.wanted = wanted
        self.closed = False
        self._lines: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def __iter__(self) -> Iterator[bytes]:
        while (line := self._lines.get()) is not _END:
            if isinstance(line, Exception):
                raise line
            yield line

    def put(self, line: Any) -> None:
        self._lines.put(line)

    def close(self) -> None:
        self.put(_END)


class FakeCluster:
    """Objects by collection and name; a client and its transport at once.

    `refuse[verb, path]` is raised each time, `faults` are raised by the next lists or watches, in order (None passes).
    """

    def __init__(self, *objects: Resource) -> None:
        self.transport = self
        self.say: Callable[[str], None] | None = None
        self.debugging = False
        self.asked: list[Asked] = []
        self.streams: list[_Stream] = []
        self.refuse: dict[tuple[str, str], Exception] = {}
        self.faults: list[Exception | None] = []
        self.logs: dict[str, bytes] = {}
        self.page = 500
        self._objects: dict[str, dict[str, Any]] = {}
        self._history: list[tuple[int, str, str, dict[str, Any]]] = []
        self._version = 1
        self._lock = threading.RLock()
        for one in objects:
            self.put(one)

    # What a test does to it.

    def put(self, one: Resource, **fields: Any) -> None:
        """Create or change an object; fields stand beside its metadata, `metadata` is added to what is there."""
        with self._lock:
            there = self._objects.setdefault(one.collection, {})
            known = one.name in there
            self._version += 1
            obj = json.loads(json.dumps({**one.object, **there.get(one.name, {}), **fields}))
            obj["metadata"] = {**one.object["metadata"], **obj["metadata"], "resourceVersion": str(self._version)}
            there[one.name] = obj
            self._tell("MODIFIED" if known else "ADDED", one.collection, obj)

    def delete(self, one: Resource) -> None:
        with self._lock:
            self._version += 1
            obj = self._objects[one.collection].pop(one.name)
            obj["metadata"]["resourceVersion"] = str(self._version)
            self._tell("DELETED", one.collection, obj)

    def forget_history(self) -> None:
        """Watches can't begin at what is past."""
        with self._lock:
            self._version += 2
            self._history = [(self._version, "", "", {})]

    def break_streams(self, error: Any = _END) -> None:
        """End all watches: in order, or with an error, or after a last line."""
        with self._lock:
            streams, self.streams = self.streams, []
        for stream in streams:
            stream.put(error)
            stream.close()

    def verbs(self) -> list[str]:
        """What was asked for, as "list pods"."""
        return [f"{one.verb} {one.path.rsplit('/', 1)[1]}" for one in self.asked]

    # What the waiters use.

    def get(self, one: Resource) -> dict[str, Any]:
        answer: dict[str, Any] = self.request("GET", one.path).json()
        return answer

    def request(
        self, _: str, path: str, *, query: Any = (), accept: str = "application/json", timeout: float | None = None
    ) -> _Answer:
        words = dict(query)
        collection, _, name = path.rpartition("/")
        with self._lock:
            if path in self.logs:
                return _Answer(None, self.logs[path])
            if name not in {mapping.plural for mapping in KINDS.values()} | {"events"}:
                return self._one(collection, name, accept)
            self._ask("list", path, words, accept)
            found = list(filter(_wanted(words), self._objects.get(path, {}).values()))
            first = int(words.get("continue", "0"))
            metadata = {"resourceVersion": str(self._version)}
            if len(found) > first + self.page:
                metadata["continue"] = str(first + self.page)
            items = [_bare(one) for one in found[first : first + self.page]]
            return _Answer({"metadata": metadata, "items": items})

    def _one(self, collection: str, name: str, accept: str) -> _Answer:
        self._ask("get", f"{collection}/{name}", {}, accept)
        try:
            return _Answer(self._objects[collection][name])
        except KeyError:
            message = f'{collection.rsplit("/", 1)[1]} "{name}" not found'
            raise ApiError(message, code=404, reason="NotFound") from None

    def stream(
        self, _: str, path: str, *, query: Any = (), accept: str = "application/json", timeout: float | None = None
    ) -> _Stream:
        words = dict(query)
        with self._lock:
            self._ask("watch", path, words, accept)
            stream = _Stream(path, _wanted(words))
            since = int(words["resourceVersion"])
            if self._history and self._history[0][0] > since + 1:
                stream.put(_line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}))
                stream.close()
                return stream
            for version, kind, place, obj in self._history:
                if version > since and place == path and stream.wanted(obj):
                    stream.put(_line(kind, obj))
            self.streams.append(stream)
            return stream

    def _ask(self, verb: str, path: str, query: dict[str, str], accept: str) -> None:
        self.asked.append(Asked(verb, path, query, accept))
        refusal = self.refuse.get((verb, path))
        if refusal:
            raise _copy(refusal)
        fault = self.faults.pop(0) if self.faults and verb != "get" else None
        if fault:
            raise fault

    def _tell(self, kind: str, path: str, obj: dict[str, Any]) -> None:
        obj = json.loads(json.dumps(obj))
        self._history.append((self._version, kind, path, obj))
        for stream in self.streams:
            if stream.path == path and stream.wanted(obj):
                stream.put(_line(kind, obj))


def _copy(error: Exception) -> Exception:
    """Errors are changed on their way up."""
    if isinstance(error, ApiError):
        return ApiError(error.message, code=error.code, reason=error.reason)
    return UnreachableError(str(error))


def _line(kind: str, obj: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode()


def _bare(obj: dict[str, Any]) -> dict[str, Any]:
    """An item of a list: built-in kinds come without apiVersion and kind."""
    return {key: value for key, value in obj.items() if key not in {"apiVersion", "kind"}}


def _wanted(query: dict[str, str]) -> Callable[[dict[str, Any]], bool]:
    """Whether an object passes fieldSelector (metadata.name=…, type=… or type!=…) and labelSelector (k=v,…)."""

    def is_wanted(obj: dict[str, Any]) -> bool:
        field = query.get("fieldSelector", "")
        name, no, value = field.partition("!=") if "!=" in field else field.partition("=")
        found = obj["metadata"]["name"] if name == "metadata.name" else obj.get(name)
        if field and (found == value) == (no == "!="):
            return False
        labels = obj["metadata"].get("labels") or {}
        pairs = [term.split("=") for term in query.get("labelSelector", "").split(",") if term]
        return all(labels.get(key) == value for key, value in pairs)

    return is_wanted
