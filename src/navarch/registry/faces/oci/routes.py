"""The distribution API over HTTP: paths, headers, statuses. What they mean is done in the modules beside this one."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from navarch.registry.faces.oci import manifests
from navarch.registry.faces.oci.problems import OciProblem, unknown_name, written
from navarch.registry.faces.oci.repository import Repository, check_name, repository_names, subject_of
from navarch.registry.faces.oci.uploads import Upload
from navarch.registry.http import read_body, to_json
from navarch.registry.problems import Problem
from navarch.registry.sending import blob_answer, is_known, range_of
from navarch.registry.store.blobs import ALGORITHMS, is_digest
from navarch.registry.store.objects import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from navarch.registry.access.grants import Action
    from navarch.registry.http import Site

__all__ = ["PREFIXES", "refusal", "routes"]

PREFIXES = ("/v2/",)
"""The paths whose problems are told in this face's form."""

_PATH = re.compile(
    r"(?P<name>.+?)/(?:(?P<tags>tags/list)"
    r"|manifests/(?P<manifest>[^/]+)"
    r"|referrers/(?P<subject>[^/]+)"
    r"|blobs/uploads/(?P<upload>[^/]*)"
    r"|blobs/(?P<blob>[^/]+))"
)
_INDEX = "application/vnd.oci.image.index.v1+json"
_MOST_TAGS = 10_000


def routes(site: Site) -> list[BaseRoute]:
    """Everything below /v2."""
    face = _Face(site)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/v2", face.base), Route("/v2/{rest:path}", face.handle, methods=methods)]


def refusal(problem: Problem, request: Request) -> Response:  # noqa: ARG001 - every face's form is asked like this
    """A problem as the specification's JSON."""
    return Response(written(problem), problem.status, headers=problem.headers, media_type="application/json")


class _Asked(NamedTuple):
    """A request for something of a repository."""

    request: Request
    name: str
    reference: str

    @property
    def space(self) -> str:
        return check_name(self.name)[0]

    def header(self, name: str) -> str:
        return str(self.request.headers.get(name, ""))

    def query(self, name: str) -> str:
        return str(self.request.query_params.get(name, ""))


class _Face:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.store
        self._handlers: dict[str, dict[str, Callable[[_Asked], Awaitable[Response]]]] = {
            "tags": {"GET": self._list_tags},
            "manifest": {"GET": self._get_manifest, "PUT": self._put_manifest, "DELETE": self._delete_manifest},
            "subject": {"GET": self._list_referrers},
            "upload": {
                "GET": self._look_at_upload,
                "POST": self._begin_upload,
                "PATCH": self._add_to_upload,
                "PUT": self._finish_upload,
                "DELETE": self._cancel_upload,
            },
            "blob": {"GET": self._get_blob, "DELETE": self._delete_blob},
        }

    async def base(self, request: Request) -> Response:
        """Whether this API is here. Where there are accounts it asks for one, even if something is open to everybody:

        clients log in by this, and some give credentials only where they were asked for here.
        """
        await self._site.known(request)
        return Response(
            b"{}", headers={"Docker-Distribution-API-Version": "registry/2.0"}, media_type="application/json"
        )

    async def handle(self, request: Request) -> Response:
        rest = request.path_params["rest"]
        if not rest:
            return await self.base(request)
        if rest == "_catalog" and request.method in {"GET", "HEAD"}:
            return await self._list_repositories(request)
        found = _PATH.fullmatch(rest)
        if not found or found.lastgroup is None:
            raise unknown_name(rest)
        handlers = self._handlers[found.lastgroup]
        method = "GET" if request.method == "HEAD" else request.method
        if method not in handlers:
            raise Problem(
                405, "ReasonRequest", f"{request.method} is not allowed here", headers={"Allow": ", ".join(handlers)}
            )
        asked = _Asked(request, found["name"], found[found.lastgroup])
        await self._site.allow(request, _action(method, found.lastgroup), asked.space)
        self._site.note(request, f"{asked.name}:{asked.reference}")
        return await handlers[method](asked)

    # Lists

    async def _list_repositories(self, request: Request) -> Response:
        visible = await self._site.visible(request)

        def names() -> list[str]:
            spaces = (name for name in self._store.spaces() if visible(name))
            return sorted(name for space in spaces for name in repository_names(self._store, self._store.space(space)))

        page, link = _page(await self._site.run(names), request, "/v2/_catalog")
        return Response(to_json({"repositories": page}), headers=link, media_type="application/json")

    async def _list_tags(self, asked: _Asked) -> Response:
        tags = await self._site.run(lambda: self._repository(asked).tags())
        page, link = _page(tags, asked.request, f"/v2/{asked.name}/tags/list")
        content = json.dumps({"name": asked.name, "tags": page})  # there may be thousands: indenting takes longest
        return Response(content, headers=link, media_type="application/json")

    async def _list_referrers(self, asked: _Asked) -> Response:
        if not is_digest(asked.reference):
            raise OciProblem(400, "DIGEST_INVALID", "this is no digest of a kind that is kept here", asked.reference)
        kind = asked.query("artifactType")
        found = await self._site.run(self._referrers, asked, kind)
        content = to_json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": found})
        headers = {"OCI-Filters-Applied": "artifactType"} if kind else {}
        return Response(content, headers=headers, media_type=_INDEX)

    def _referrers(self, asked: _Asked, kind: str) -> list[object]:
        try:
            return list(self._repository(asked).referrers(asked.reference, kind))
        except OciProblem as problem:
            if problem.status != 404:
                raise
            return []  # of a repository that isn't there, nothing is known

    # Manifests

    async def _get_manifest(self, asked: _Asked) -> Response:
        found = await self._site.run(lambda: self._repository(asked).manifest(asked.reference))
        headers = {"Docker-Content-Digest": found.digest, "ETag": f'"{found.digest}"'}
        if is_known(asked.header("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(found.data, headers=headers, media_type=found.media_type)

    async def _put_manifest(self, asked: _Asked) -> Response:
        media_type = asked.header("content-type").partition(";")[0].strip()
        tags = asked.request.query_params.getlist("tag") if ":" in asked.reference else []
        with await read_body(asked.request, manifests.MOST) as body:
            data = body.data()
        repository = await self._site.run(lambda: self._repository(asked, write=True))
        found = await self._site.run(manifests.push, repository, asked.reference, data, media_type, tags)
        headers = {"Location": f"/v2/{asked.name}/manifests/{found.digest}", "Docker-Content-Digest": found.digest}
        subject = subject_of(found.data)
        if subject:
            headers["OCI-Subject"] = subject
        if tags:
            headers["OCI-Tag"] = ", ".join(tags)
        return Response(status_code=201, headers=headers)

    async def _delete_manifest(self, asked: _Asked) -> Response:
        await self._site.run(lambda: self._repository(asked).delete_manifest(asked.reference))
        return Response(status_code=202)

    # Blobs

    async def _get_blob(self, asked: _Asked) -> Response:
        digest = asked.reference
        headers = {"Docker-Content-Digest": digest}
        kind = "application/octet-stream"
        data = await self._site.run(lambda: self._repository(asked).blob(digest))
        if isinstance(data, int):
            return await blob_answer(self._site, asked.request, digest, media_type=kind, headers=headers, size=data)
        part = range_of(asked.header("range"), len(data))
        if part is None:
            return Response(data, headers=headers, media_type=kind)
        headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{len(data)}"
        return Response(data[slice(*part)], 206, headers=headers, media_type=kind)

    async def _delete_blob(self, asked: _Asked) -> Response:
        await self._site.run(lambda: self._repository(asked).delete_blob(asked.reference))
        return Response(status_code=202)

    # Uploads

    async def _begin_upload(self, asked: _Asked) -> Response:
        if asked.reference:
            raise OciProblem(405, "UNSUPPORTED", "an upload goes on with PATCH or PUT")
        algorithm = asked.query("digest-algorithm")
        if algorithm and algorithm not in ALGORITHMS:
            raise OciProblem(400, "DIGEST_INVALID", "this is no algorithm whose digests are kept here", algorithm)
        mounted = asked.query("mount")
        if mounted and await self._mount(asked, mounted):
            return _created(asked.name, mounted)
        upload = await self._site.run(lambda: Upload.begin(self._repository(asked, write=True, recent=True)))
        if asked.query("digest"):
            return await self._take_all(asked, upload)
        headers = _where(asked.name, upload.name, 0)
        return Response(status_code=202, headers=headers)

    async def _take_all(self, asked: _Asked, upload: Upload) -> Response:
        """Take a blob that comes with the request that begins its upload, which nobody could go on with."""
        try:
            return await self._take_rest(asked, upload)
        except Exception:
            with suppress(StorageError):
                await self._site.run(upload.cancel)
            raise

    async def _mount(self, asked: _Asked, digest: str) -> bool:
        """Have a blob of another repository in this one, if there is one that may be read."""
        source = asked.query("from")
        if not source:
            return False
        try:
            await self._site.allow(asked.request, "pull", check_name(source)[0])
            await self._site.run(lambda: Repository.open(self._store, source).check_blob(digest))
        except Problem:
            return False
        finally:
            await self._site.allow(asked.request, "push", asked.space)
        await self._site.run(lambda: self._repository(asked, write=True, recent=True).link_blob(digest))
        return True

    async def _look_at_upload(self, asked: _Asked) -> Response:
        upload = await self._site.run(self._upload, asked)
        size = await self._site.run(lambda: upload.size)
        return Response(status_code=204, headers=_where(asked.name, upload.name, size))

    async def _add_to_upload(self, asked: _Asked) -> Response:
        upload = await self._site.run(self._upload, asked)
        with await read_body(asked.request, self._store.limits.upload) as body:
            size = await self._site.run(lambda: upload.add(body.path(), asked.header("content-range")))
        return Response(status_code=202, headers=_where(asked.name, upload.name, size))

    async def _finish_upload(self, asked: _Asked) -> Response:
        upload = await self._site.run(self._upload, asked)
        return await self._take_rest(asked, upload)

    async def _take_rest(self, asked: _Asked, upload: Upload) -> Response:
        digest = asked.query("digest")
        with await read_body(asked.request, self._store.limits.upload) as body:
            await self._site.run(lambda: upload.finish(body.path(), digest, asked.header("content-range")))
        return _created(asked.name, digest)

    async def _cancel_upload(self, asked: _Asked) -> Response:
        await self._site.run(lambda: self._upload(asked).cancel())
        return Response(status_code=204)

    def _upload(self, asked: _Asked) -> Upload:
        return Upload(self._repository(asked, recent=True), asked.reference)

    def _repository(self, asked: _Asked, *, write: bool = False, recent: bool = False) -> Repository:
        return (Repository.open_to_write if write else Repository.open)(self._store, asked.name, recent=recent)


def _action(method: str, what: str) -> Action:
    if what == "upload":
        return "push"
    return "pull" if method == "GET" else "delete" if method == "DELETE" else "push"


def _created(name: str, digest: str) -> Response:
    headers = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest}
    return Response(status_code=201, headers=headers)


def _where(name: str, upload: str, size: int) -> dict[str, str]:
    """Where an upload goes on. The range is of the bytes that are there, and "0-0" when there are none."""
    return {
        "Location": f"/v2/{name}/blobs/uploads/{upload}",
        "Docker-Upload-UUID": upload,
        "Range": f"0-{max(size - 1, 0)}",
    }


def _page(names: list[str], request: Request, path: str) -> tuple[list[str], dict[str, str]]:
    """The names after `last`, at most `n` of them, and where the next ones are. Raises OciProblem (400)."""
    last, text = request.query_params.get("last", ""), request.query_params.get("n", "")
    if text and not (text.isascii() and text.isdigit()):
        raise OciProblem(400, "UNSUPPORTED", f"n should be a number, but is {text}")
    count = min(int(text), _MOST_TAGS) if 0 < len(text) < 10 else _MOST_TAGS
    rest = [name for name in names if name > last] if last else names
    page = rest[:count]
    if len(rest) <= count or not page:
        return page, {}
    return page, {"Link": f'<{path}?n={count}&last={quote(page[-1])}>; rel="next"'}
