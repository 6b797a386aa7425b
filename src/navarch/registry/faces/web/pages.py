"""The handlers of the pages: who may see it, what is there, then the page, made in a thread where it takes time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from navarch.registry.faces.web.compare import compare_page
from navarch.registry.faces.web.contents import Library
from navarch.registry.faces.web.finding import find, summary
from navarch.registry.faces.web.frame import asset, caching, page_answer
from navarch.registry.faces.web.installing import server_of
from navarch.registry.faces.web.lists import Found, found_page, home_page, paged, space_page, versions_page
from navarch.registry.faces.web.sign_in import (
    CHALLENGE,
    LONGEST,
    cookie_of,
    fields,
    inside,
    sign_in_page,
    signed_in,
    signed_out,
)
from navarch.registry.faces.web.version import (
    PICTURES,
    Version,
    dependencies_page,
    files_page,
    overview,
    values_page,
)
from navarch.registry.http import read_body
from navarch.registry.indexes import file_name
from navarch.registry.problems import Problem, missing, missing_parameter
from navarch.registry.sending import blob_answer, is_known, takes_gzip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from navarch.registry.faces.web.frame import Page
    from navarch.registry.http import Site
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space

    Handler = Callable[[Request], Awaitable[Response]]

__all__ = ["Pages"]

_MOST_OPENED = 4  # archives at once: each may need its limit's worth of memory
_MOST_QUERY = 200
_QUICK = 1 << 16  # characters of a page that is sent without a thread
_MOST_SPACES = 20  # that a search names
_FOR_EVER = "public, max-age=31536000, immutable"
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Pages:
    """Handlers."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.store
        self._library = Library(site.store)
        self._opening = asyncio.Semaphore(_MOST_OPENED)

    async def _answer(self, request: Request, page: Page, status: int = 200) -> Response:
        guarded = self._site.guard is not None
        if len(page.content) < _QUICK:
            return page_answer(request, page, guarded=guarded, status=status)
        return await self._site.run(page_answer, request, page, guarded=guarded, status=status)

    def recognizing(self, handler: Handler) -> Handler:
        """A handler for requests that may be those of somebody who signed in."""

        async def handle(request: Request) -> Response:
            await self._site.recognize(request, cookie_of(request))
            return await handler(request)

        return handle

    # Lists

    async def home(self, request: Request) -> Response:
        """GET /: the spaces."""
        visible = await self._site.visible(request)
        names = list(filter(visible, await self._site.run(self._store.spaces)))
        where = paged(_query(request, "page"), len(names))
        shown = [(name, self._count(name)) for name in names[where.start : where.end]]
        server = server_of(request, self._site.config)
        return await self._answer(request, home_page(shown, where, f"{server.scheme}://{server.host}"))

    def _count(self, name: str) -> int | None:
        """How many charts a space has, if that is known without reading all of it."""
        space = self._site.unchanged(name)
        return None if space is None else len(space.view.charts)

    # Accounts

    async def login(self, request: Request) -> Response:
        """GET /-login: the form; who has signed in goes where they wanted to go."""
        place = inside(_query(request, "to"))
        if self._site.guard is None:
            return RedirectResponse(place, 303)
        if "authorization" in request.headers or "session" in request.scope["state"]:
            await self._site.known(request)
            return RedirectResponse(place, 303)
        return await self._answer(request, sign_in_page(place))

    async def sign_in(self, request: Request) -> Response:
        """POST /-login: the cookie, or the form again."""
        with await read_body(request, LONGEST) as body:
            name, password, place = fields(body.data())
        try:
            cookie = await self._site.sign_in(request, name, password)
        except Problem as problem:
            if problem.status != 401:
                raise
            page = sign_in_page(inside(place), name=name, told="The name or the password is wrong.")
            response = await self._answer(request, page, 401)
            response.headers["WWW-Authenticate"] = CHALLENGE
            return response
        return signed_in(place, cookie, is_safe=self._is_safe(request))

    async def sign_out(self, request: Request) -> Response:
        """POST /-logout."""
        return signed_out(is_safe=self._is_safe(request))

    def _is_safe(self, request: Request) -> bool:
        return server_of(request, self._site.config).scheme == "https"

    # Search

    async def search(self, request: Request) -> Response:
        """GET /-/-search: in all spaces, or in one."""
        query, space = _query(request, "q")[:_MOST_QUERY], _query(request, "space")
        if space:
            await self._site.allow(request, "pull", space)
            spaces = [await self._site.space(space)] if query.split() else []
        else:
            visible = await self._site.visible(request)
            spaces = await self._site.run(self._spaces, visible) if query.split() else []
        found = await self._site.run(_found, spaces, query, space, _query(request, "page"))
        return await self._answer(request, found_page(found))

    def _spaces(self, visible: Callable[[str], bool]) -> list[Space]:
        found = []
        for name in filter(visible, self._store.spaces()):
            try:
                found.append(self._store.space(name))
            except Problem:  # removed a moment ago
                continue
        return found

    async def space(self, request: Request) -> Response:
        """GET /-/{space}."""
        space = await self._space(request)
        charts = list(space.view.charts.values())
        where = paged(_query(request, "page"), len(charts))
        page = space_page(space.name, [summary(chart) for chart in charts[where.start : where.end]], where)
        return await self._answer(request, page)

    async def versions(self, request: Request) -> Response:
        """GET /-/{space}/{chart}/versions."""
        space = await self._space(request)
        chart = space.chart(request.path_params["chart"])
        where = paged(_query(request, "page"), len(chart.records))
        return await self._answer(request, versions_page(space.name, chart, where))

    async def _space(self, request: Request) -> Space:
        name = str(request.path_params["space"])
        await self._site.allow(request, "pull", name)
        return await self._site.space(name)

    # Versions

    async def chart(self, request: Request) -> Response:
        """GET /-/{space}/{chart}: its newest version."""
        return await self.overview(request)

    async def overview(self, request: Request) -> Response:
        """GET /-/{space}/{chart}/{version}."""
        version = await self._version(request)
        server = server_of(request, self._site.config)
        return await self._answer(request, await self._site.run(overview, version, server))

    async def values(self, request: Request) -> Response:
        """GET …/values."""
        version = await self._version(request)
        return await self._answer(request, await self._site.run(values_page, version, _query(request, "of")))

    async def files(self, request: Request) -> Response:
        """GET …/files."""
        version = await self._version(request)
        path = _query(request, "file")
        if path and path not in version.contents.files:
            raise missing(f"{version.space}/{version.record.chart}/{version.record.version}/{path}")
        return await self._answer(request, await self._site.run(files_page, version, path))

    async def dependencies(self, request: Request) -> Response:
        """GET …/dependencies."""
        version = await self._version(request)
        return await self._answer(request, await self._site.run(dependencies_page, version))

    async def raw(self, request: Request) -> Response:
        """GET …/raw: a picture of the chart, for its README."""
        version = await self._version(request)
        path = _query(request, "file")
        kind = PICTURES.get(path.rpartition(".")[2].lower())
        data = version.contents.files.get(path)
        if kind is None or data is None:
            raise missing(f"{version.space}/{version.record.chart}/{version.record.version}/{path}")
        headers = {
            "Content-Security-Policy": _PICTURE_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": caching(request),
            "Vary": "Authorization, Cookie",
            "ETag": f'"{version.record.digest}"',
        }
        if is_known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(data, headers=headers, media_type=kind)

    async def archive(self, request: Request) -> Response:
        """GET …/archive: the chart as it was pushed, for who signed in on a page; its provenance with ?of=prov."""
        space = await self._space(request)
        record = self._record(space, request.path_params["chart"], request.path_params["version"])
        wants_prov = _query(request, "of") == "prov"
        name = f"{file_name(record)}{'.prov' if wants_prov else ''}"
        if wants_prov and not record.prov:
            raise missing(f"{space.name}/charts/{name}")
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": caching(request),
            "Vary": "Authorization, Cookie",
        }
        digest, kind = (record.prov, "text/plain") if wants_prov else (record.digest, "application/gzip")
        return await blob_answer(self._site, request, digest, media_type=kind, headers=headers)

    async def compare(self, request: Request) -> Response:
        """GET /-/{space}/{chart}/compare?from=…&to=…."""
        space = await self._space(request)
        for name in ("from", "to"):
            if not _query(request, name):
                raise missing_parameter(name)
        name = request.path_params["chart"]
        old = await self._of(space, name, _query(request, "from"))
        new = await self._of(space, name, _query(request, "to"))
        return await self._answer(request, await self._site.run(compare_page, old, new))

    async def _version(self, request: Request) -> Version:
        space = await self._space(request)
        name = request.path_params["chart"]
        number = request.path_params.get("version") or space.chart(name).latest.version
        return await self._of(space, name, number)

    def _record(self, space: Space, chart: str, number: str) -> Record:
        try:
            self._store.names.check_version(number)
        except Problem:
            raise missing(f"{space.name}/{chart}/{number}") from None
        return space.record(chart, number)

    async def _of(self, space: Space, chart: str, number: str) -> Version:
        record = self._record(space, chart, number)
        contents = self._library.known(record)
        if contents is None:
            async with self._opening:
                contents = await self._site.run(self._library.get, record)
        return Version(space.name, space.chart(chart), record, contents)

    # Files of the pages themselves

    async def static(self, request: Request) -> Response:
        """GET /-/-static/{name}."""
        name = request.path_params["name"]
        found = asset(name)
        if found is None:
            raise missing(name)
        packed = takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{found.mark}-gzip"' if packed else f'"{found.mark}"'
        age = _FOR_EVER if _query(request, "v") == found.mark else "no-cache"
        headers = {"ETag": tag, "Cache-Control": age, "Vary": "Accept-Encoding"}
        if is_known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(found.packed if packed else found.content, headers=headers, media_type=found.media_type)


def _found(spaces: list[Space], query: str, space: str, number: str) -> Found:
    charts = find(spaces, query)
    where = paged(number, len(charts))
    words = query.casefold().split()
    names = [one.name for one in spaces if not space and all(word in one.name.casefold() for word in words)]
    return Found(query, space, names[:_MOST_SPACES], charts[where.start : where.end], where)


def _query(request: Request, name: str) -> str:
    """The first value of a parameter, "" without one."""
    return next(iter(request.query_params.getlist(name)), "")
