"""The face of a classic repository: each space has an index.yaml, and archives and provenance files in charts/."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from navarch.registry.http import answer
from navarch.registry.indexes import Index, Indexes, file_name
from navarch.registry.problems import missing
from navarch.registry.sending import blob_answer, is_known

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from navarch.registry.http import Site
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space

__all__ = ["ARCHIVE", "Classic", "find_file", "routes"]

ARCHIVE = "application/gzip"
_OCI = "v2"  # a space may be called like the OCI face's folder, which has no such paths
_PROV = ".prov"
_CONDITIONS = frozenset((b"if-none-match", b"if-range", b"range"))


def routes(site: Site) -> list[BaseRoute]:
    """The face's routes."""
    face = Classic(site)
    file = Quick(site, face.file)
    return [
        route
        for space in ("{space}", _OCI)
        for route in (
            Route(f"/{space}/charts/{{file}}", file, methods=["GET"]),
            Route(f"/{space}/index.yaml", face.index),
        )
    ]


class Classic:
    """Handlers of the face."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._indexes: dict[str, Indexes] = {}
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def index(self, request: Request) -> Response:
        """GET /{space}/index.yaml"""
        name = request.path_params.get("space", _OCI)
        await self._site.allow(request, "pull", name)
        found = await self._index(await self._site.space(name))
        packed = _takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{found.tag}-gzip"' if packed else f'"{found.tag}"'
        headers = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
        if is_known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        if packed:
            return answer(found.gzip, media_type="text/yaml", headers={**headers, "Content-Encoding": "gzip"})
        headers["Content-Length"] = str(found.size)
        if request.method == "HEAD":
            return Response(headers=headers, media_type="text/yaml")
        return StreamingResponse(_each(found), headers=headers, media_type="text/yaml")

    async def _index(self, space: Space) -> Index:
        """The index of a space, made once for each state of it."""
        memo = space.view.memo
        if "index" not in memo:
            lock = self._making.get(space.prefix)
            if lock is None:
                self._making[space.prefix] = lock = asyncio.Lock()
            async with lock:
                if "index" not in memo:
                    made = self._indexes.setdefault(space.prefix, Indexes())
                    memo["index"] = await self._site.run(made.index, space.view)
        found: Index = memo["index"]
        return found

    async def file(self, request: Request) -> Response:
        """GET /{space}/charts/{file}"""
        name, file = request.path_params.get("space", _OCI), request.path_params["file"]
        await self._site.allow(request, "pull", name)
        space = await self._site.space(name)
        record = find_file(space, file.removesuffix(_PROV))
        if record is None or (file.endswith(_PROV) and not record.prov):
            raise missing(f"{name}/charts/{file}")
        if file.endswith(_PROV):
            return await blob_answer(self._site, request, record.prov, media_type="text/plain")
        return await blob_answer(self._site, request, record.digest, media_type=ARCHIVE)


class Quick:
    """The shortest way to an archive, as an ASGI application: for plain requests where archives are files.

    It is what a registry is asked for most. Anything but plain goes to `otherwise`.
    """

    def __init__(self, site: Site, otherwise: Callable[[Request], Awaitable[Response]]) -> None:
        self._site = site
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET" and _is_plain(scope):
            name, file = scope["path_params"].get("space", _OCI), scope["path_params"]["file"]
            await self._site.allow(HTTPConnection(scope), "pull", name)
            space = self._site.unchanged(name)
            record = None if space is None else find_file(space, file)
            path = None if record is None else self._site.store.blobs.path(record.digest)
            if record is not None and path is not None and os.path.exists(path):  # noqa: ASYNC240 - takes microseconds
                await send({"type": "http.response.start", "status": 200, "headers": _headers(record)})
                await send({"type": "http.response.pathsend", "path": path})
                return
        response = await self._otherwise(Request(scope, receive))
        await response(scope, receive, send)


def _is_plain(scope: Scope) -> bool:
    if "http.response.pathsend" not in scope.get("extensions", ()):
        return False
    return not any(name in _CONDITIONS for name, _ in scope["headers"])


def _headers(record: Record) -> list[tuple[bytes, bytes]]:
    return [
        (b"etag", f'"{record.digest}"'.encode()),
        (b"accept-ranges", b"bytes"),
        (b"content-type", ARCHIVE.encode()),
        (b"content-length", str(record.size).encode()),
    ]


async def _each(index: Index) -> AsyncIterator[bytes]:
    for part in index.plain():
        yield part


def find_file(space: Space, file: str) -> Record | None:
    """The version whose archive is called so. Both the chart's name and the version may have dashes."""
    at = file.find("-")
    while at > 0:
        chart = space.view.charts.get(file[:at])
        if chart is not None:
            found = _files(chart).get(file)
            if found is not None:
                return found
        at = file.find("-", at + 1)
    return None


def _files(chart: Chart) -> dict[str, Record]:
    files: dict[str, Record] | None = chart.memo.get("files")
    if files is None:
        files = chart.memo["files"] = {file_name(record): record for record in chart.records}
    return files


def _takes_gzip(header: str) -> bool:
    for one in header.lower().split(","):
        coding, _, quality = one.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
