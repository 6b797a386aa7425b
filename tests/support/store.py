"""A transport without a server: it keeps objects in memory and remembers what was asked of it."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace
from typing import Any, NamedTuple

from navarch.errors import ApiError, NavarchError
from navarch.kube.client import Client
from navarch.kube.patch.json_merge import apply_merge_patch
from navarch.kube.transport import Response

__all__ = ["Asked", "Store", "conflict", "forbidden", "invalid", "not_found"]

DATE = "Sat, 21 Nov 2026 15:03:28 GMT"


class Asked(NamedTuple):
    """A request as it came; `body` is what its JSON says."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    content_type: str
    accept: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def not_found(name: str) -> ApiError:
    return ApiError(f'configmaps "{name}" not found', code=404, reason="NotFound")


def forbidden(words: str = "no") -> ApiError:
    return ApiError(words, code=403, reason="Forbidden")


def conflict(words: str = "changed") -> ApiError:
    return ApiError(words, code=409, reason="Conflict")


def invalid(words: str = "bad") -> ApiError:
    return ApiError(words, code=422, reason="Invalid")


class Store:
    """Objects by path. `faults` are raised, first come first, instead of answering "METHOD name"; None lets one pass.

    `lost` are names whose next POST is done but not answered. `slow` is how many seconds a request takes.
    """

    def __init__(self, objects: dict[str, dict[str, Any]] | None = None, *, slow: float = 0.0) -> None:
        self._version = 0
        self.objects = {path: self._stamped(path, value) for path, value in (objects or {}).items()}
        self.asked: list[Asked] = []
        self.faults: dict[str, list[NavarchError | None]] = {}
        self.after: dict[str, NavarchError] = {}
        self.slow = slow
        self.most_at_once = 0
        self.under_way: list[str] = []
        self.together: set[frozenset[str]] = set()
        self.lines: list[str] = []
        self._lock = threading.Lock()

    def client(self, *, debugging: bool = True) -> Client:
        config: Any = SimpleNamespace(namespace="shop")
        transport: Any = self
        discovery: Any = SimpleNamespace()
        return Client(config, transport, discovery, say=self.lines.append, debugging=debugging)

    def requests(self) -> list[str]:
        """The requests until now, as "METHOD name" (or the kind's plural, where it is a collection); then forgotten."""
        found = [f"{asked.method} {asked.name}" for asked in self.asked]
        self.asked.clear()
        return found

    def writes(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method != "GET"]

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Any = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout: float | None = None,
    ) -> Response:
        asked = Asked(method, path, dict(query or {}), json.loads(body) if body else None, content_type, accept)
        with self._lock:
            self.asked.append(asked)
            self.under_way.append(_kind(asked))
            self.most_at_once = max(self.most_at_once, len(self.under_way))
            self.together.add(frozenset(self.under_way))
        time.sleep(self.slow)
        with self._lock:
            self.under_way.remove(_kind(asked))
            faults = self.faults.get(f"{method} {asked.name}")
            fault = faults.pop(0) if faults else None
            if fault is not None:
                raise fault
            answer = self._answer(asked)
            if f"{method} {asked.name}" in self.after:
                raise self.after.pop(f"{method} {asked.name}")
        return answer

    def _answer(self, asked: Asked) -> Response:
        path = asked.path
        if asked.method == "POST":
            path = f"{path}/{asked.body['metadata']['name']}"
            if path in self.objects:
                raise ApiError("there already", code=409, reason="AlreadyExists")
            return self._keep(path, asked.body, 201)
        if asked.method == "PATCH" and asked.content_type == "application/apply-patch+yaml":
            known = self.objects.get(path)
            after = apply_merge_patch(known or {}, asked.body)
            if known is not None and known == after:
                return self._told(known, 200)
            after["metadata"] = {**after["metadata"], "managedFields": [APPLIED]}
            return self._keep(path, after, 200 if known else 201)
        if path not in self.objects:
            if asked.method == "GET" and any(known.startswith(f"{path}/") for known in self.objects):
                items = [value for known, value in self.objects.items() if known.startswith(f"{path}/")]
                return self._told({"items": items, "metadata": {}}, 200)
            raise not_found(asked.name)
        if asked.method == "DELETE":
            return self._told(self.objects.pop(path), 200)
        if asked.method == "PATCH" and isinstance(asked.body, list):
            fields = {change["path"].rpartition("/")[2]: change["value"] for change in asked.body}
            return self._keep(path, apply_merge_patch(self.objects[path], {"metadata": fields}), 200)
        if asked.method == "PATCH":
            return self._keep(path, apply_merge_patch(self.objects[path], asked.body), 200)
        if asked.method == "PUT":
            return self._keep(path, asked.body, 200)
        return self._told(self.objects[path], 200)

    def _keep(self, path: str, value: dict[str, Any], code: int) -> Response:
        self.objects[path] = self._stamped(path, value)
        return self._told(self.objects[path], code)

    def _stamped(self, path: str, value: dict[str, Any]) -> dict[str, Any]:
        self._version += 1
        metadata = {**value["metadata"], "resourceVersion": str(self._version)}
        if "/namespaces/" in path:
            metadata["namespace"] = path.split("/namespaces/")[1].split("/", maxsplit=1)[0]
        return {**value, "metadata": metadata}

    def _told(self, value: dict[str, Any], code: int) -> Response:
        return Response(code, {"date": DATE}, json.dumps(value).encode())


APPLIED = {"manager": "helm", "operation": "Apply", "time": "2026-11-21T15:03:28Z"}


def _kind(asked: Asked) -> str:
    """The plural that a request is about."""
    parts = asked.path.split("/")
    return parts[-1] if asked.method == "POST" else parts[-2]
