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
from navarch.registry.sending import SMALL, blob_answer, is_known, takes_gzip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from navarch.registry.http import Site
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space

__all__ = ["ARCHIVE", "Classic", "Texts", "find_file", "routes"]

ARCHIVE = "application/gzip"
_OCI = "v2"  # a space may be called like the OCI face's folder, which has no such paths
_PROV = ".prov"
_AT_ONCE = 1 << 20  # bytes of an index that are inflated without a thread
_KEPT = 32 << 20  # bytes of indexes that are kept as text: Helm's own client takes no gzip
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
        self._texts = Texts(_KEPT)

    async def index(self, request: Request) -> Response:
        """GET /{space}/index.yaml"""
        name = request.path_params.get("space", _OCI)
        await self._site.allow(request, "pull", name)
        space = await self._site.space(name)
        found = await self._index(space)
        packed = takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{found.tag}-gzip"' if packed else f'"{found.tag}"'
        headers = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
        if is_known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        if packed:
            return answer(found.gzip, media_type="text/yaml", headers={**headers, "Content-Encoding": "gzip"})
        headers["Content-Length"] = str(found.size)
        if request.method == "HEAD":
            return Response(headers=headers, media_type="text/yaml")
        text = await self._text(space.prefix, found)
        if text is not None:
            return answer(text, media_type="text/yaml", headers=headers)
        return StreamingResponse(_each(found), headers=headers, media_type="text/yaml")

    async def _text(self, prefix: str, index: Index) -> bytes | None:
        """The text of an index; None where it is too long to be kept."""
        text = self._texts.find(prefix, index.tag)
        if text is None and index.size <= _KEPT:
            text = index.text() if index.size <= _AT_ONCE else await self._site.run(index.text)
            self._texts.keep(prefix, index.tag, text)
        return text

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
        return await blob_answer(self._site, request, record.digest, media_type=ARCHIVE, size=record.size)


class Texts:
    """The texts of the indexes that were asked for last, one for each space, `most` bytes in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._texts: dict[str, tuple[str, bytes]] = {}

    def find(self, prefix: str, tag: str) -> bytes | None:
        """The text of a space's index, if it is the one with this tag."""
        found = self._texts.pop(prefix, None)
        if found is None:
            return None
        self._texts[prefix] = found  # the latest are last
        return found[1] if found[0] == tag else None

    def keep(self, prefix: str, tag: str, text: bytes) -> None:
        """Keep a text, and let go of those that nobody asked for since."""
        self._size += len(text) - len(self._texts.pop(prefix, ("", b""))[1])
        self._texts[prefix] = (tag, text)
        while self._size > self._most:
            self._size -= len(self._texts.pop(next(iter(self._texts)))[1])


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
            if record is not None and path is not None and await _sent(send, record, path):
                return
        response = await self._otherwise(Request(scope, receive))
        await response(scope, receive, send)


async def _sent(send: Send, record: Record, path: str) -> bool:
    """Send an archive that is in a file; False where there is none."""
    start = {"type": "http.response.start", "status": 200, "headers": _headers(record)}
    if record.size > SMALL:
        if not os.path.exists(path):  # noqa: ASYNC240
            return False
        await send(start)
        await send({"type": "http.response.pathsend", "path": path})
        return True
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: ASYNC230
            data = file.readall()
    except FileNotFoundError:
        return False
    await send(start)
    await send({"type": "http.response.body", "body": data})
    return True


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
