"""A registry on loopback that does what a test wants: tokens, redirects, pages, and whatever may go wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from itertools import count
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from support.httpd import Httpd, answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from support.httpd import Request

__all__ = [
    "CHART",
    "CONFIG",
    "MANIFEST",
    "PROOF",
    "Elsewhere",
    "FakeRegistry",
    "archive",
    "digest_of",
    "refusal",
    "serve",
]

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
PROOF = "application/vnd.cncf.helm.chart.provenance.v1.prov"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def refusal(status: int, code: str, message: str = "", detail: Any = None, **headers: str) -> bytes:
    """An answer that says no, as the specification has it."""
    error = {"code": code, "message": message, **({} if detail is None else {"detail": detail})}
    return answer(status, {"errors": [error]}, "No", **headers)


class Elsewhere:
    """Another server that blobs may be fetched from; `requests` tells what it was shown."""

    def __init__(self, registry: FakeRegistry) -> None:
        self._httpd = Httpd(lambda request: answer(body=registry.blobs[request.target[1:].partition("?")[0]]))

    def __enter__(self) -> Self:
        self._httpd.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._httpd.__exit__()

    @property
    def url(self) -> str:
        return self._httpd.url

    @property
    def requests(self) -> list[Request]:
        return self._httpd.requests


class FakeRegistry:
    """Serves while it is a context.

    `auth` is "", "basic" or "bearer", for `users` {name: password}; `anonymous` lets nobody pull. `page` is how many
    tags are listed at once. `meddle(request)` may give another answer (bytes), none at all (False), or let the request
    pass (None). `redirect` is where blobs are, if not here.
    """

    def __init__(
        self,
        *,
        auth: str = "",
        users: dict[str, str] | None = None,
        anonymous: bool = False,
        page: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.auth = auth
        self.users = users or {}
        self.anonymous = anonymous
        self.page = page
        self.meddle: Callable[[Request], bytes | bool | None] = lambda _: None
        self.redirect = ""
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], bytes] = {}
        self.uploads: dict[str, bytearray] = {}
        self.tokens: dict[str, list[str]] = {}
        self._numbers = count()
        self._httpd = Httpd(self._respond, tls=tls)
        self.address = self._httpd.address
        self.url = self._httpd.url

    def __enter__(self) -> Self:
        self._httpd.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._httpd.__exit__()

    @property
    def requests(self) -> list[Request]:
        return self._httpd.requests

    def lines(self) -> list[str]:
        """Methods and paths of what was asked."""
        return [f"{request.method} {urlsplit(request.target).path}" for request in self.requests]

    def put_blob(self, data: bytes) -> dict[str, Any]:
        """Keep a blob; its descriptor, but for the type."""
        self.blobs[digest_of(data)] = data
        return {"digest": digest_of(data), "size": len(data)}

    def put_manifest(self, repository: str, tag: str, manifest: Any) -> str:
        data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        for reference in (tag, digest_of(data)):
            self.manifests[repository, reference] = data
        return digest_of(data)

    def _respond(self, request: Request) -> bytes | None:
        data = self._answer(request)
        if request.method == "HEAD" and data is not None:
            return data[: data.index(b"\r\n\r\n") + 4]
        return data

    def _answer(self, request: Request) -> bytes | None:
        meddled = self.meddle(request)
        if meddled is not None:
            return meddled if isinstance(meddled, bytes) else None
        path = urlsplit(request.target).path
        if path == "/token":
            return self._token(request)
        denied = self._denied(request, path)
        if denied is not None:
            return denied
        if path == "/v2/":
            return answer(body={})
        if path == "/v2/_catalog":
            return answer(body={"repositories": sorted({name for name, _ in self.manifests})})
        for part, handle in (("/manifests/", self._manifest), ("/blobs/", self._blob), ("/tags/", self._tags)):
            if part in path:
                name, _, rest = path.removeprefix("/v2/").partition(part)
                return handle(request, name, rest)
        return answer(404)

    # who asks

    def _denied(self, request: Request, path: str) -> bytes | None:
        given = request.headers.get("authorization", "")
        if not self.auth:
            return None
        name = path.removeprefix("/v2/").partition("/manifests/")[0].partition("/blobs/")[0].partition("/tags/")[0]
        action = "pull" if request.method in ("GET", "HEAD") else "push"
        if self.auth == "basic":
            if self._user(given):
                return None
            return refusal(401, "UNAUTHORIZED", "authentication required", www_authenticate='Basic realm="r"')
        scopes = self.tokens.get(given.removeprefix("Bearer "), None)
        if scopes is not None and (path == "/v2/" or any(self._allows(scope, name, action) for scope in scopes)):
            return None
        scope = "" if path == "/v2/" else f',scope="repository:{name}:{"pull" if action == "pull" else "pull,push"}"'
        challenge = f'Bearer realm="{self.url}/token",service="test"{scope}'
        return refusal(401, "UNAUTHORIZED", "authentication required", www_authenticate=challenge)

    @staticmethod
    def _allows(scope: str, name: str, action: str) -> bool:
        kind, _, rest = scope.partition(":")
        return kind == "repository" and rest.rpartition(":")[0] == name and action in rest.rpartition(":")[2].split(",")

    def _user(self, given: str) -> str:
        from base64 import b64decode

        if not given.startswith("Basic "):
            return ""
        name, _, password = b64decode(given.removeprefix("Basic ")).decode().partition(":")
        return name if self.users.get(name, None) == password else ""

    def _token(self, request: Request) -> bytes:
        if request.method == "POST":
            form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            user = form.get("username", "") if self.users.get(form.get("username", "")) == form.get("password") else ""
            user = "refreshed" if form.get("refresh_token") == "refresh" else user
            scopes = form.get("scope", "").split()
        else:
            user = self._user(request.headers.get("authorization", ""))
            scopes = parse_qs(urlsplit(request.target).query).get("scope", [])
        if not user:
            if request.headers.get("authorization") or request.method == "POST" or not self.anonymous:
                return refusal(401, "UNAUTHORIZED", "who are you")
            scopes = [f"{scope.rpartition(':')[0]}:pull" for scope in scopes]
        token = f"token{next(self._numbers)}"
        self.tokens[token] = scopes
        return answer(body={"access_token" if request.method == "POST" else "token": token})

    # what there is

    def _manifest(self, request: Request, name: str, target: str) -> bytes:
        if request.method == "PUT":
            self.put_manifest(name, target, request.body)
            return answer(201, reason="Created", docker_content_digest=digest_of(request.body))
        data = self.manifests.get((name, target))
        if data is None:
            return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown", {"Tag": target})
        kind = json.loads(data).get("mediaType", MANIFEST) if data[:2] == b'{"' else MANIFEST
        headers: dict[str, Any] = {"content_type": kind, "docker_content_digest": digest_of(data)}
        if request.method == "HEAD":
            return answer(content_length=str(len(data)), **headers)
        return answer(body=data, **headers)

    def _blob(self, request: Request, name: str, target: str) -> bytes:
        if target.startswith("uploads/"):
            return self._upload(request, name, target.removeprefix("uploads/"))
        data = self.blobs.get(target)
        if data is None:
            return answer(404)
        if request.method == "HEAD":
            return answer(content_length=str(len(data)))
        if self.redirect:
            return answer(307, location=f"{self.redirect}/{target}?signature=x")
        return answer(body=data, docker_content_digest=target)

    def _upload(self, request: Request, name: str, identity: str) -> bytes:
        if request.method == "POST":
            identity = str(next(self._numbers))
            self.uploads[identity] = bytearray()
            return answer(202, location=f"/v2/{name}/blobs/uploads/{identity}?_state=s%3D")
        self.uploads[identity] += request.body
        if request.method == "PATCH":
            return answer(202, location=f"/v2/{name}/blobs/uploads/{identity}?_state=t")
        digest = unquote(parse_qs(urlsplit(request.target).query)["digest"][0])
        data = bytes(self.uploads.pop(identity))
        if digest_of(data) != digest:
            return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        self.blobs[digest] = data
        return answer(201, reason="Created", docker_content_digest=digest)

    def _tags(self, request: Request, name: str, _rest: str) -> bytes:
        tags = sorted(target for repository, target in self.manifests if repository == name and ":" not in target)
        if not tags:
            return refusal(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": name})
        last = parse_qs(urlsplit(request.target).query).get("last", [""])[0]
        rest = [tag for tag in tags if tag > last]
        page = rest[: self.page or None]
        headers: dict[str, Any] = {}
        if len(page) < len(rest):
            headers["link"] = f'</v2/{name}/tags/list?last={page[-1]}>; rel="next"'
        return answer(body={"name": name, "tags": page}, **headers)


def archive(version: str = "1.0.0", name: str = "web", size: int = 10) -> bytes:
    """A chart archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, text in (
            ("Chart.yaml", f"apiVersion: v2\nname: {name}\nversion: {version}\ndescription: about {name}\n"),
            ("README.md", "a" * size),
        ):
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(out.getvalue(), mtime=0)


def serve(
    server: FakeRegistry, tag: str = "1.0.0", *, name: str = "charts/web", data: bytes | None = None, proof: bytes = b""
) -> str:
    """Put a chart into a registry; the manifest's digest."""
    data = archive(tag.replace("_", "+")) if data is None else data
    config = json.dumps({"name": "web", "version": tag, "appVersion": "9", "description": "about"}).encode()
    layers = [{"mediaType": CHART, **server.put_blob(data)}]
    layers += [{"mediaType": PROOF, **server.put_blob(proof)}] if proof else []
    manifest = {"schemaVersion": 2, "config": {"mediaType": CONFIG, **server.put_blob(config)}, "layers": layers}
    return server.put_manifest(name, tag, manifest)
