"""What the real Helm and nav make of odd registries: tokens, refusals, lies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.httpd import answer
from support.oracle import HELM, real_helm
from support.registry import CHART, CONFIG, MANIFEST, FakeRegistry, archive, digest_of, refusal, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.httpd import Request

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
USERS = {"user": "pass:word"}

pytestmark = [pytest.mark.real, real_helm()]


def run(program: str, folder: Path, line: str, **variables: str) -> tuple[int, str, str]:
    home = folder / f"home-{Path(program).name}"
    home.mkdir(exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC", **variables}
    done = subprocess.run(
        [program, *line.split()], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def compare(tmp_path: Path, make: Callable[[], FakeRegistry], lines: list[str]) -> list[list[object]]:
    """What each program says to some lines, which files it has then, and what tokens it asked for."""
    (tmp_path / "web-1.0.0.tgz").write_bytes(archive())
    os.utime(tmp_path / "web-1.0.0.tgz", (1700000000, 1700000000))
    found = []
    for program in (HELM, NAV):
        dest = tmp_path / f"dest-{Path(program).name}"
        dest.mkdir()
        with make() as server:
            said: list[object] = [
                tuple(
                    text.replace(server.address, "REG") if isinstance(text, str) else text
                    for text in run(program, tmp_path, line.replace("REG", server.address).replace("DEST", dest.name))
                )
                for line in lines
            ]
            said.append(sorted({request.target for request in server.requests if request.target.startswith("/token")}))
            said.append([sorted(scopes) for scopes in server.tokens.values()])
            said.append(sorted(server.manifests.values()))
        said.append({file.name: file.read_bytes() for file in dest.iterdir()})
        shutil.rmtree(dest)
        found.append(said)
    return found


PULL = "pull oci://REG/charts/web:1.0.0 --plain-http -d DEST"


def tokens(*, anonymous: bool) -> FakeRegistry:
    server = FakeRegistry(auth="bearer", users=USERS, anonymous=anonymous)
    serve(server)
    return server


def test_anybody_pulls(tmp_path: Path) -> None:
    theirs, ours = compare(
        tmp_path, lambda: tokens(anonymous=True), [PULL, "pull oci://REG/charts/web --plain-http -d DEST"]
    )
    assert ours == theirs
    assert theirs[0][0] == 0  # type: ignore[index]


def test_nobody_pulls(tmp_path: Path) -> None:
    theirs, ours = compare(tmp_path, lambda: tokens(anonymous=False), [PULL, f"{PULL} --username user --password x"])
    assert ours == theirs


def test_a_password_becomes_a_token(tmp_path: Path) -> None:
    lines = [
        "registry login REG --plain-http -u user -p x",
        "registry login REG --plain-http -u user -p pass:word",
        "push web-1.0.0.tgz oci://REG/new --plain-http",
        PULL,
        f"{PULL} --username user --password pass:word",
        "registry logout REG",
        PULL,
    ]
    theirs, ours = compare(tmp_path, lambda: tokens(anonymous=False), lines)
    assert ours == theirs
    assert [code for code, *_ in theirs[:7]] == [1, 0, 0, 0, 0, 0, 1]  # type: ignore[misc, has-type]


def meddled(request: Request, server: FakeRegistry, how: str) -> bytes | bool | None:
    """What an odd registry answers."""
    digest = digest_of(archive())
    chart = f"/blobs/{digest}" in request.target and request.method == "GET"
    manifest = "/manifests/" in request.target and request.method == "GET"
    if how.startswith("blob ") and chart:
        body = {"other": archive()[:-1] + b"?", "short": archive()[:-9], "long": archive() + b"?", "gone": b""}[how[5:]]
        return answer(404) if how == "blob gone" else answer(body=body)
    if how == "broken" and chart:
        request.sock.sendall(answer(body=archive())[:-20])
        return False
    if how == "elsewhere" and request.method == "POST":
        return answer(202, location="http://127.0.0.1:1/v2/x")
    if how == "no place" and request.method == "POST":
        return answer(202)
    if how == "denied" and request.method in ("POST", "GET"):
        return refusal(403, "DENIED", "not you", [{"a": 1}, "b"])
    if how == "denied manifests" and request.method == "PUT" and "/manifests/" in request.target:
        return refusal(400, "MANIFEST_INVALID", "no", "x")
    if how == "immutable" and request.method == "PUT" and request.target.endswith("/1.0.0"):
        return refusal(409, "TAG_INVALID", "immutable tag")
    if how.startswith("manifest") and manifest:
        kinds = {"text": b"hello", "html": b"<html>", "list": b"[]", "empty": b"", "open": b'{"config":'}
        if how[9:] in kinds:
            return answer(body=kinds[how[9:]], content_type=MANIFEST)
        if how == "manifest of another digest":
            return answer(body=b"{}", content_type=MANIFEST, docker_content_digest=digest_of(b"{ }"))
        if how == "manifest without a type":
            return answer(body=b"{}")
    if how == "realm" and "authorization" not in request.headers:
        return answer(401, www_authenticate='Bearer realm="http://169.254.169.254/t",service="s"')
    if how == "scheme":
        return answer(401, www_authenticate="Negotiate")
    if how == "tags" and "/tags/" in request.target:
        return answer(body={"tags": ["1.0.0"]}, link='<http://127.0.0.1:1/x>; rel="next"')
    if how == "tags html" and "/tags/" in request.target:
        return answer(body=b"<html>")
    return None


HOWS = [
    "blob other",
    "blob short",
    "blob long",
    "blob gone",
    "broken",
    "denied",
    "manifest text",
    "manifest html",
    "manifest list",
    "manifest empty",
    "manifest open",
    "manifest of another digest",
    "manifest without a type",
    "realm",
    "scheme",
    "tags",
    "tags html",
]


@pytest.mark.parametrize("how", HOWS)
def test_odd_answers_to_pulls(tmp_path: Path, how: str) -> None:
    def make() -> FakeRegistry:
        server = FakeRegistry()
        serve(server)
        server.meddle = lambda request: meddled(request, server, how)
        return server

    theirs, ours = compare(tmp_path, make, [PULL, "pull oci://REG/charts/web --plain-http -d DEST"])
    assert ours == theirs


@pytest.mark.parametrize("how", ["elsewhere", "no place", "denied", "denied manifests", "immutable", "realm", "scheme"])
def test_odd_answers_to_pushes(tmp_path: Path, how: str) -> None:
    def make() -> FakeRegistry:
        server = FakeRegistry()
        server.meddle = lambda request: meddled(request, server, how)
        return server

    theirs, ours = compare(tmp_path, make, ["push web-1.0.0.tgz oci://REG/charts --plain-http"])
    assert ours == theirs
    assert theirs[0][0] == 1  # type: ignore[index]


X = {"mediaType": "x", "digest": digest_of(b"x"), "size": 1}
MANIFESTS = [
    {},
    {"config": X},
    {"config": {**X, "mediaType": CHART}},
    {"config": {**X, "mediaType": CONFIG}},
    {"config": X, "layers": [{**X, "mediaType": CHART}]},
    {"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": X},
    {"config": {**X, "mediaType": CONFIG}, "layers": [{**X, "mediaType": CHART, "digest": digest_of(b"y")}]},
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=json.dumps)
def test_odd_manifests(tmp_path: Path, manifest: dict[str, object]) -> None:
    def make() -> FakeRegistry:
        server = FakeRegistry()
        server.put_blob(b"x")
        server.put_manifest("charts/web", "1.0.0", {"schemaVersion": 2, **manifest})
        return server

    theirs, ours = compare(tmp_path, make, [PULL])
    assert ours == theirs
