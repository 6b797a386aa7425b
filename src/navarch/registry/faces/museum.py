"""The face of ChartMuseum: its API for each space, which plugins and pipelines for ChartMuseum talk to.

Messages are ChartMuseum's where programs may look at them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from navarch.errors import NavarchError
from navarch.registry.http import answer, read_all, read_form
from navarch.registry.indexes import entry
from navarch.registry.problems import Problem, bad, missing
from navarch.registry.store.reading import turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from starlette.requests import Request
    from starlette.responses import Response

    from navarch.chart.model import Chart as Loaded
    from navarch.registry.http import Site
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Store

    T = TypeVar("T")

__all__ = ["PREFIXES", "Museum", "refusal", "routes"]

PREFIXES = ("/api/",)
_SAVED = b'{"saved":true}'
_DELETED = b'{"deleted":true}'


def routes(site: Site) -> list[BaseRoute]:
    """The face's routes."""
    face = Museum(site)
    one = "/api/{space}/charts/{chart}/{version}"
    return [
        Route("/api/{space}/charts", face.charts),
        Route("/api/{space}/charts", face.upload, methods=["POST"]),
        Route("/api/{space}/prov", face.upload_prov, methods=["POST"]),
        Route("/api/{space}/charts/{chart}", face.versions),
        Route(one, face.version),
        Route(one, face.delete, methods=["DELETE"]),
        Route(f"{one}/values", face.values),
        Route(f"{one}/templates", face.templates),
    ]


def refusal(problem: Problem, request: Request) -> Response:  # noqa: ARG001 - as the other faces
    """A problem as ChartMuseum tells it."""
    fields = {"error": str(problem), "message": str(problem), "reason": problem.reason}
    return answer(_json(fields), problem.status, headers=problem.headers)


class Museum:
    """Handlers of the face."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._limit = site.config.limits.upload

    async def charts(self, request: Request) -> Response:
        """GET /api/{space}/charts: all charts with their versions, or some of them."""
        name = request.path_params["space"]
        await self._site.allow(request, "pull", name)
        offset = _count(request, "offset", 0, "offset is not a valid non-negative integer")
        limit = _count(request, "limit", 1, "limit is not a valid positive integer")
        space = await self._site.space(name)
        charts = list(space.view.charts.values())
        chosen = charts[offset or 0 :] if limit is None else charts[offset or 0 : (offset or 0) + limit]
        return answer(await self._site.run(_listed, chosen))

    async def versions(self, request: Request) -> Response:
        """GET /api/{space}/charts/{chart}"""
        return answer(await self._site.run(_entries, await self._chart(request)))

    async def version(self, request: Request) -> Response:
        """GET /api/{space}/charts/{chart}/{version}; "latest" is the newest one."""
        return answer(entry(await self._record(request)))

    async def delete(self, request: Request) -> Response:
        """DELETE /api/{space}/charts/{chart}/{version}"""
        space, chart, version = (request.path_params[name] for name in ("space", "chart", "version"))
        self._site.note(request, f"{space}/{chart}/{version}")
        await self._site.allow(request, "delete", space)
        await self._site.run(self._site.store.delete_version, space, chart, version)
        return answer(_DELETED)

    async def upload(self, request: Request) -> Response:
        """POST /api/{space}/charts: an archive, or a form with `chart` and `prov`. With ?force over what is there."""
        space = request.path_params["space"]
        await self._site.allow(request, "push", space)
        archive, prov = await self._uploaded(request)
        force = "force" in request.query_params
        if prov and not archive:
            record = await self._site.run(_attach, self._site.store, space, prov, force)
        else:
            record = await self._site.run(_save, self._site.store, space, archive, prov, force)
        self._site.note(request, f"{space}/{record.chart}/{record.version}")
        return answer(_SAVED, 201)

    async def upload_prov(self, request: Request) -> Response:
        """POST /api/{space}/prov: the provenance file of a version that is there."""
        space = request.path_params["space"]
        await self._site.allow(request, "push", space)
        prov = await read_all(request, self._limit)
        record = await self._site.run(_attach, self._site.store, space, prov, "force" in request.query_params)
        self._site.note(request, f"{space}/{record.chart}/{record.version}")
        return answer(_SAVED, 201)

    async def values(self, request: Request) -> Response:
        """GET …/values: the chart's values.yaml as it was written."""
        found = await self._of_chart(
            request, lambda chart: next((data for name, data in chart.raw if name == "values.yaml"), None)
        )
        if found is None:
            raise missing("values.yaml")
        return answer(found, media_type="application/yaml")

    async def templates(self, request: Request) -> Response:
        """GET …/templates: the chart's templates, each in base64, and its values."""
        return answer(await self._of_chart(request, _templates))

    async def _uploaded(self, request: Request) -> tuple[bytes, bytes]:
        """The archive and the provenance file of a request; what isn't in it is empty. Raises Problem (400, 413)."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await read_all(request, self._limit), b""
        form = await read_form(request, self._limit)
        archive, prov = (form.files.get(name, form.fields.get(name, "").encode()) for name in ("chart", "prov"))
        if not archive and not prov:
            raise bad("no package or provenance file found in form fields chart and prov")
        return archive, prov

    async def _chart(self, request: Request) -> Chart:
        name, chart = request.path_params["space"], request.path_params["chart"]
        await self._site.allow(request, "pull", name)
        found = (await self._site.space(name)).view.charts.get(chart)
        if found is None:
            raise Problem(404, "ReasonInternal", "chart not found")
        return found

    async def _record(self, request: Request) -> Record:
        name, chart, version = (request.path_params[name] for name in ("space", "chart", "version"))
        await self._site.allow(request, "pull", name)
        found = (await self._site.space(name)).view.charts.get(chart)
        if found is None:
            raise Problem(404, "ReasonInternal", "no chart name found")
        record = found.latest if version == "latest" else found.find(version)
        if record is None:
            raise Problem(404, "ReasonInternal", f"no chart version found for {chart}-{version}")
        return record

    async def _of_chart(self, request: Request, look: Callable[[Loaded], T]) -> T:
        """What `look` finds in a stored chart, which is gone from memory afterwards."""
        from navarch.chart.load import load_chart

        record = await self._record(request)

        def read() -> T:
            with turn():
                return look(load_chart(self._site.store.archive(record)))

        return await self._site.run(read)


def _templates(chart: Loaded) -> bytes:
    from base64 import b64encode

    files = [{"name": name, "data": b64encode(data).decode()} for name, data in chart.templates]
    return _json({"templates": files, "values": chart.values})


def _save(store: Store, space: str, archive: bytes, prov: bytes, force: bool) -> Record:
    try:
        return store.upload(space, archive, prov)
    except Problem as problem:
        if problem.status != 409:
            raise
        if not force:
            raise Problem(409, problem.reason, "file already exists") from None
    from navarch.registry.store.reading import load

    metadata = load(archive, store.names, store.limits).metadata
    return store.replace(space, metadata.name, metadata.version, archive, prov)


def _attach(store: Store, space: str, prov: bytes, force: bool) -> Record:
    """Put a provenance file beside the archive that it is about. Raises Problem (400, 404, 409)."""
    name, version = _signed(prov)
    record = store.space(space).record(name, version)
    if record.prov and not force:
        raise Problem(409, "ReasonInternal", "file already exists")
    return store.change(space, name, version, lambda archive: archive, prov)


def _signed(prov: bytes) -> tuple[str, str]:
    """The chart's name and version in a provenance file. Raises Problem (400)."""
    from navarch.golang.yaml import load_map
    from navarch.provenance.cleartext import read_cleartext

    found = read_cleartext(prov)
    try:
        metadata = load_map(found.text.split(b"\n...\n")[0]) if found else {}
    except NavarchError:
        metadata = {}
    name, version = metadata.get("name"), metadata.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        raise bad("provenance file is invalid: it doesn't tell a chart's name and version")
    return name, version


def _listed(charts: list[Chart]) -> bytes:
    return b"{%b}" % b",".join(b'"%b":%b' % (chart.name.encode(), _entries(chart)) for chart in charts)


def _entries(chart: Chart) -> bytes:
    return b"[%b]" % b",".join(map(entry, reversed(chart.records)))


def _count(request: Request, name: str, least: int, message: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) < least:
        raise bad(message)
    return int(text)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
