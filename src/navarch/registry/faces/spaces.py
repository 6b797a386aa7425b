"""The spaces API, /api/v1: what the first registry's clients ask for, answered as they know it.

Every row of ROUTES is an address, and names the method of Spaces that answers it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from navarch.errors import NavarchError
from navarch.registry.faces.spaces_pages import metadata_text, page, walk
from navarch.registry.faces.spaces_routes import BASE, ROUTES
from navarch.registry.http import Form, answer, read_all, read_form
from navarch.registry.orchestrate import orchestrate, sources
from navarch.registry.plan import is_deep, read_plan
from navarch.registry.problems import Problem, bad, missing, missing_parameter, wrong_kind
from navarch.registry.rewrite import read_metadata, values_text, with_metadata, with_values
from navarch.registry.sending import blob_answer
from navarch.registry.store.reading import MOST_METADATA, load, turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import Any

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from navarch.registry.http import Site
    from navarch.registry.plan import Plan
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space

__all__ = ["Spaces", "routes"]

_PAGE = 10
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DIGITS = 18  # of numbers that are told from each other: nothing has more items
_MOST_JSON = 16 << 20
_GZIP = b"\x1f\x8b"
_INDENTED = 100  # levels of values
_AT_ONCE = 200  # records of a page that is made at once


def routes(site: Site) -> list[BaseRoute]:
    """The routes of this face."""
    face = Spaces(site)
    found: list[BaseRoute] = [
        Route(BASE + row.path, _telling(getattr(face, row.handler)), methods=[row.method]) for row in ROUTES
    ]
    return [*found, Route("/apidocs.json", face.describe)]


def _telling(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The handler; where already the space isn't there, what was asked for in it is what isn't found."""

    async def told(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            names = [str(name) for name in request.path_params.values()]
            if len(names) > 1 and problem.status == 404 and str(problem) == f"{names[0]} not found":
                raise missing("/".join(names)) from None
            raise

    return told


class Spaces:
    """The handlers: each checks who asks before it tells anything, then the names, then what is there."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.store
        limit = site.config.limits.upload
        self._most_json = min(limit, _MOST_JSON) if limit else _MOST_JSON

    # Spaces

    async def list_spaces(self, request: Request) -> Response:
        """GET /spaces: those that the one who asks may pull from."""
        visible = await self._site.visible(request)
        names = list(filter(visible, await self._site.run(self._store.spaces)))
        return _names(request, names)

    async def create_space(self, request: Request) -> Response:
        """POST /spaces: the name is in the query, or a field of a form."""
        name = _query(request, "space")
        if not name and _is_form(request):
            await self._site.visible(request)  # nobody unknown has a body read
            name = (await self._form(request, self._most_json)).fields.get("space", "")
        if not name:
            await self._site.visible(request)
            raise missing_parameter("space")
        await self._site.allow(request, "push", name)
        await self._site.run(self._store.create_space, name)
        return answer({"name": name, "link": f"{BASE}/spaces/{name}"}, 201)

    async def delete_space(self, request: Request) -> Response:
        """DELETE /spaces/{space}."""
        name = await self._allowed(request, "delete")
        await self._site.run(self._store.delete_space, name)
        return Response(status_code=204)

    # Charts

    async def list_charts(self, request: Request) -> Response:
        """GET …/charts."""
        space = await self._space(request)
        return _names(request, list(space.view.charts))

    async def create_chart(self, request: Request) -> Response:
        """POST …/charts: an upload if it is a multipart form, else an orchestration."""
        space = await self._allowed(request, "push")
        if "multipart/form-data" in _media_type(request):
            archive, prov = await self._chartfile(request)
            record = await self._site.run(self._store.upload, space, archive, prov)
        else:
            record = await self._orchestrated(request, space)
        self._site.note(request, f"{space}/{record.chart}/{record.version}")
        return answer(_link(space, record), 201)

    async def _chartfile(self, request: Request) -> tuple[bytes, bytes]:
        """What was uploaded, and the provenance file that may come with it."""
        form = await self._form(request, self._site.config.limits.upload)
        archive = form.files.get("chartfile")
        if archive is None:
            raise missing_parameter("chartfile")
        if not archive.startswith(_GZIP):
            raise wrong_kind("chartfile", "chart", "unknown")
        return archive, form.files.get("prov", b"")

    async def _form(self, request: Request, limit: int) -> Form:
        """A form; what can't be read as one has no fields, as the first server has it."""
        try:
            return await read_form(request, limit)
        except Problem as problem:
            if problem.status != 400:
                raise
            return Form({}, {})

    async def _orchestrated(self, request: Request, space: str) -> Record:
        plan = read_plan(await self._json_body(request), self._store.names)
        for source in sorted(_sources(plan) - {space}):
            await self._site.allow(request, "pull", source)
        await self._site.allow(request, "pull" if space in _sources(plan) else "push", space)
        return await self._site.run(self._orchestrate, space, plan)

    def _orchestrate(self, space: str, plan: Plan) -> Record:
        place = self._store.space(space)
        if place.has(plan.chart, plan.version):
            raise self._store.taken(place, plan.chart, plan.version)
        with turn():
            archive = orchestrate(plan, sources(self._store), most=self._store.limits.decompressed)
            return self._store.upload(space, archive, create_space=False)

    async def delete_chart(self, request: Request) -> Response:
        """DELETE …/charts/{chart}."""
        space = await self._allowed(request, "delete")
        chart = self._chart_name(request)
        await self._site.run(self._store.delete_chart, space, chart)
        return Response(status_code=204)

    # Versions

    async def list_versions(self, request: Request) -> Response:
        """GET …/versions: oldest first."""
        chart = await self._chart(request)
        return _names(request, [record.version for record in chart.records])

    async def download(self, request: Request) -> Response:
        """GET …/versions/{version}: the archive, byte for byte."""
        record = await self._record(request)
        return await blob_answer(self._site, request, record.digest, media_type="application/x-gzip", size=record.size)

    async def replace(self, request: Request) -> Response:
        """PUT …/versions/{version}."""
        space = await self._allowed(request, "push")
        chart, version = self._chart_name(request), self._version_name(request)
        archive, prov = await self._chartfile(request)
        record = await self._site.run(self._store.replace, space, chart, version, archive, prov)
        return answer(_link(space, record))

    async def delete_version(self, request: Request) -> Response:
        """DELETE …/versions/{version}."""
        space = await self._allowed(request, "delete")
        chart, version = self._chart_name(request), self._version_name(request)
        await self._site.run(self._store.delete_version, space, chart, version)
        return Response(status_code=204)

    # Metadata and values

    async def space_metadata(self, request: Request) -> Response:
        """GET /spaces/{space}/metadata."""
        space = await self._space(request)
        return await self._page(request, len(space.view), partial(walk, space.view.charts.values()))

    async def latest_in_space(self, request: Request) -> Response:
        """GET /spaces/{space}/metadata/latest."""
        space = await self._space(request)
        charts = list(space.view.charts.values())
        return await self._page(request, len(charts), lambda start, end: (one.records[-1] for one in charts[start:end]))

    async def chart_metadata(self, request: Request) -> Response:
        """GET …/charts/{chart}/metadata."""
        chart = await self._chart(request)
        return await self._page(request, len(chart.records), lambda start, end: chart.records[start:end])

    async def _page(self, request: Request, total: int, items: Callable[[int, int], Iterable[Record]]) -> Response:
        """A page of metadata. A large one is made in a thread, so that nobody has to wait for it."""
        start, end = _range(request, total)
        if end - start <= _AT_ONCE:
            return answer(page(items(start, end), total, end - start))
        return answer(await self._site.run(page, items(start, end), total, end - start))

    async def latest_in_chart(self, request: Request) -> Response:
        """GET …/charts/{chart}/metadata/latest."""
        latest = (await self._chart(request)).records[-1]
        return answer(metadata_text(latest.metadata, latest.charts))

    async def metadata(self, request: Request) -> Response:
        """GET …/manifests/metadata."""
        record = await self._record(request)
        return answer(metadata_text(record.metadata, record.charts))

    async def change_metadata(self, request: Request) -> Response:
        """PUT …/manifests/metadata."""
        space = await self._allowed(request, "push")
        chart, version = self._chart_name(request), self._version_name(request)
        body = await self._json_body(request, MOST_METADATA)
        record = await self._site.run(
            self._store.change, space, chart, version, lambda archive: self._with_metadata(archive, body)
        )
        return answer(metadata_text(record.metadata, record.charts))

    def _with_metadata(self, archive: bytes, body: bytes) -> bytes:
        chart = load(archive, self._store.names, self._store.limits)
        return with_metadata(archive, chart, read_metadata(body, chart.metadata))

    async def values(self, request: Request) -> Response:
        """GET …/manifests/values."""
        record = await self._record(request)
        return answer(await self._site.run(self._values, record))

    def _values(self, record: Record) -> str:
        from navarch.values.coalesce import coalesce_values

        with turn():
            chart = load(self._store.archive(record), self._store.names, self._store.limits)
            try:
                return _values_text(coalesce_values(chart))
            except (NavarchError, RecursionError) as error:
                raise bad(f"values is invalid: {error}") from error

    async def change_values(self, request: Request) -> Response:
        """PUT …/manifests/values: what was given is the answer."""
        space = await self._allowed(request, "push")
        chart, version = self._chart_name(request), self._version_name(request)
        body = await self._json_body(request)
        text, is_json = await self._site.run(values_text, body)
        await self._site.run(
            self._store.change, space, chart, version, lambda archive: self._with_values(archive, text)
        )
        return answer(body, media_type="application/json" if is_json else "application/yaml")

    def _with_values(self, archive: bytes, text: bytes) -> bytes:
        return with_values(archive, load(archive, self._store.names, self._store.limits), text)

    # What they have in common

    async def _allowed(self, request: Request, action: Any) -> str:
        """The name of the space in the path, once it is clear that this may be done there."""
        space = str(request.path_params["space"])
        await self._site.allow(request, action, space)
        self._site.note(request, "/".join(map(str, request.path_params.values())))
        return self._store.names.check_space(space)

    def _chart_name(self, request: Request) -> str:
        return self._store.names.check_chart(request.path_params["chart"])

    def _version_name(self, request: Request) -> str:
        return self._store.names.check_version(request.path_params["version"])

    async def _space(self, request: Request) -> Space:
        return await self._site.space(await self._allowed(request, "pull"))

    async def _chart(self, request: Request) -> Chart:
        space = await self._allowed(request, "pull")
        name = self._chart_name(request)
        return (await self._site.space(space)).chart(name)

    async def _record(self, request: Request) -> Record:
        name = await self._allowed(request, "pull")
        chart, version = self._chart_name(request), self._version_name(request)
        return (await self._site.space(name)).record(chart, version)

    async def _json_body(self, request: Request, most: int = _MOST_JSON) -> bytes:
        return await read_all(request, min(most, self._most_json))

    async def describe(self, request: Request) -> Response:  # noqa: ARG002
        """GET /apidocs.json."""
        from navarch.registry.faces.spaces_swagger import swagger

        return answer(swagger(ROUTES, BASE))


def _values_text(values: dict[str, Any]) -> str:
    """Values as JSON, indented unless they are nested so deeply that it would be mostly blanks."""
    from navarch.golang.json import dumps, dumps_indent

    return dumps(values) if is_deep(values, _INDENTED) else dumps_indent(values, " ")


def _is_form(request: Request) -> bool:
    return _media_type(request).startswith(("application/x-www-form-urlencoded", "multipart/form-data"))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").lower()


def _query(request: Request, name: str) -> str:
    """The first value of a parameter, "" without one."""
    return next(iter(request.query_params.getlist(name)), "")


def _sources(plan: Plan) -> set[str]:
    """The spaces that a plan takes charts from."""
    waiting, found = [plan.root], set()
    while waiting:
        node = waiting.pop()
        waiting += node.children.values()
        if node.package.independent:
            found.add(node.package.space)
    return found


def _link(space: str, record: Record) -> dict[str, str]:
    link = f"{BASE}/spaces/{space}/charts/{record.chart}/versions/{record.version}"
    return {"space": space, "chart": record.chart, "version": record.version, "link": link}


def _range(request: Request, total: int) -> tuple[int, int]:
    """Where a page begins and ends. Raises Problem (400)."""
    start, limit = _number(request, "start", 0), _number(request, "limit", _PAGE)
    if start < 0 or limit < 0 or start >= total:
        return 0, 0
    return start, min(start + limit, total)


def _number(request: Request, name: str, otherwise: int) -> int:
    text = _query(request, name)
    if not text:
        return otherwise
    if not _INTEGER.fullmatch(text):
        raise wrong_kind(name, "number", "string")
    digits = text.lstrip("+-0") or "0"
    size = int(digits) if len(digits) <= _DIGITS else 10**_DIGITS
    return -size if text[0] == "-" else size


def _names(request: Request, names: Sequence[str]) -> Response:
    start, end = _range(request, len(names))
    return answer({"metadata": {"total": len(names), "itemsLength": end - start}, "items": names[start:end]})
