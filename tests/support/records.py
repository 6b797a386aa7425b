"""An API server in memory for tests of stored records and Leases: a transport that keeps objects and answers lists.

It does what those need: label selectors, partial metadata, tables, parts of lists, optimistic locking.
"""

from __future__ import annotations

import itertools
import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from navarch.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Answer", "Request", "Server", "refused"]


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    accept: str


class Answer:
    """A response as the transport gives it."""

    def __init__(self, value: Any) -> None:
        self.status = 200
        self.body = json.dumps(value).encode()

    def json(self) -> Any:
        return json.loads(self.body)


def refused(code: int, reason: str, message: str = "no", **body: Any) -> ApiError:
    return ApiError(message, code=code, reason=reason, body=json.dumps(body).encode())


class Server:
    """Objects by path. `before` is called with each request, and may raise what the request is to end in."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[Request] = []
        self.before: Callable[[Request], None] = lambda _: None
        self._version = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def transport(self) -> Server:
        return self

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout: float | None = None,
    ) -> Answer:
        asked = Request(method, path, dict(query or {}), accept)
        with self._lock:
            self.requests.append(asked)
            self.before(asked)
            return Answer(self._do(asked, json.loads(body) if body else None))

    def _do(self, asked: Request, body: Any) -> Any:
        if asked.method == "POST":
            path = f"{asked.path}/{body['metadata']['name']}"
            if path in self.objects:
                raise refused(409, "AlreadyExists", f'"{path}" already exists')
            return self.keep(path, body | {"metadata": {**body["metadata"], "uid": f"uid-{next(self._version)}"}})
        if asked.method == "GET" and asked.path.endswith(("/secrets", "/configmaps")):
            return self._list(asked)
        if asked.path not in self.objects:
            raise refused(404, "NotFound", f'"{asked.path}" not found')
        old = self.objects[asked.path]
        if asked.method == "PUT":
            if (
                body["metadata"].get("resourceVersion", old["metadata"]["resourceVersion"])
                != old["metadata"]["resourceVersion"]
            ):
                raise refused(409, "Conflict", "the object has been modified")
            return self.keep(asked.path, body | {"metadata": {"uid": old["metadata"]["uid"], **body["metadata"]}})
        if asked.method == "DELETE":
            wanted = ((body or {}).get("preconditions") or {}).get("uid", old["metadata"]["uid"])
            if wanted != old["metadata"]["uid"]:
                raise refused(409, "Conflict", "precondition failed")
            return self.objects.pop(asked.path)
        return old

    def keep(self, path: str, value: dict[str, Any]) -> dict[str, Any]:
        """Store an object as the server does."""
        parts = path.split("/")
        metadata = {**value["metadata"], "namespace": parts[parts.index("namespaces") + 1]}
        metadata["resourceVersion"] = str(next(self._version))
        self.objects[path] = {**value, "metadata": metadata}
        return self.objects[path]

    def _list(self, asked: Request) -> dict[str, Any]:
        plural = asked.path.rpartition("/")[2]
        found = [
            self.objects[path]
            for path in sorted(self.objects)
            if path.startswith(asked.path.removesuffix(plural)) and f"/{plural}/" in path and self._fits(path, asked)
        ]
        start = int(asked.query.get("continue", "0"))
        limit = int(asked.query.get("limit", "0")) or len(found)
        if asked.query.get("resourceVersion") == "0":
            limit = len(found)  # what is remembered comes in one piece
        metadata = {"continue": str(start + limit)} if start + limit < len(found) else {}
        page = found[start : start + limit]
        if "as=Table" in asked.accept:
            rows = [{"cells": [one["metadata"]["name"], "", 1, "1d"], "object": None} for one in page]
            return {"kind": "Table", "metadata": metadata, "rows": rows}
        if "as=PartialObjectMetadataList" in asked.accept:
            return {"metadata": metadata, "items": [{"metadata": one["metadata"]} for one in page]}
        return {"metadata": metadata, "items": page}

    def _fits(self, path: str, asked: Request) -> bool:
        labels = self.objects[path]["metadata"].get("labels") or {}
        return all(_holds(one, labels) for one in _terms(asked.query.get("labelSelector", "")))


def _terms(selector: str) -> list[str]:
    """A selector's conditions: split at commas outside of brackets."""
    terms, depth = [""], 0
    for char in selector:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            terms.append("")
        else:
            terms[-1] += char
    return [term for term in terms if term]


def _holds(term: str, labels: Mapping[str, str]) -> bool:
    if " in (" in term:
        name, _, values = term[:-1].partition(" in (")
        return labels.get(name) in values.split(",")
    if "!=" in term:
        name, _, value = term.partition("!=")
        return labels.get(name) != value
    name, _, value = term.partition("=")
    return labels.get(name) == value
