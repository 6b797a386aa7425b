"""Every address of the server asked by those who may not, and with names that are none: the right answer, and no trace."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.asgi import call, multipart, registry
from support.spaces import packed

if TYPE_CHECKING:
    from pathlib import Path

    from navarch.registry.app import App

DIGEST = f"sha256:{'0' * 64}"
OCI = (
    "GET /v2/_catalog",
    "GET /v2/{space}/web/tags/list",
    "GET /v2/{space}/web/manifests/1.0.0",
    "PUT /v2/{space}/web/manifests/1.0.0",
    "DELETE /v2/{space}/web/manifests/1.0.0",
    f"GET /v2/{{space}}/web/manifests/{DIGEST}",
    f"GET /v2/{{space}}/web/referrers/{DIGEST}",
    f"GET /v2/{{space}}/web/blobs/{DIGEST}",
    f"DELETE /v2/{{space}}/web/blobs/{DIGEST}",
    "POST /v2/{space}/web/blobs/uploads/",
    f"POST /v2/{{space}}/web/blobs/uploads/?mount={DIGEST}&from=lib/web",
    f"POST /v2/{{space}}/web/blobs/uploads/?digest={DIGEST}",
    f"GET /v2/{{space}}/web/blobs/uploads/{'0' * 32}",
    f"PATCH /v2/{{space}}/web/blobs/uploads/{'0' * 32}",
    f"PUT /v2/{{space}}/web/blobs/uploads/{'0' * 32}?digest={DIGEST}",
    f"DELETE /v2/{{space}}/web/blobs/uploads/{'0' * 32}",
)
OPEN = {"/healthz", "/readyz", "/-/", "/-login", "/-/-static/{name}", "/apidocs.json"}
WHOLE_SERVER = {"/", "/metrics", "/v2", "/v2/_catalog", "/api/v1/spaces", "/-/-search"}
FACES = {"/v2/": {"errors"}, "/api/v1/": {"message", "reason"}, "/api/": {"error", "message", "reason"}}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


AUTH = f"""
auth:
  tokens:
    - {{name: all, sha256: {sha("all")}, spaces: {{"*": "*"}}}}
    - {{name: old, sha256: {sha("old")}, spaces: {{"*": "*"}}, expires: "2020-01-01T00:00:00Z"}}
    - {{name: other, sha256: {sha("other")}, spaces: {{"secre": "*", "secret-": "*", lib: "*"}}}}
    - {{name: pull, sha256: {sha("pull")}, spaces: {{"secret": [pull]}}}}
    - {{name: push, sha256: {sha("push")}, spaces: {{"secret": [push]}}}}
    - {{name: none, sha256: {sha("none")}, spaces: {{}}}}
"""


class Row(NamedTuple):
    method: str
    path: str

    @property
    def action(self) -> str:
        return {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}.get(
            self.method if "/uploads/" not in self.path else "", "push"
        )


def rows() -> list[Row]:
    """All that the server's routes answer; what is below /v2/ is listed by hand."""
    routes = [route for group in registry()._routes.values() for route in group]
    found = {Row(method, str(route.path)) for route in routes for method in route.methods or ()}  # type: ignore[attr-defined]
    own = {row for row in found if not row.path.startswith("/v2/{")}
    return sorted(own | {Row(*line.split()) for line in OCI})


ROWS = rows()
OF_A_SPACE = [row for row in ROWS if row.path not in OPEN | WHOLE_SERVER and "{space}" in row.path]
NAMES = {"{chart}": "web", "{version}": "1.0.0", "{file}": "web-1.0.0.tgz"}


def filled(path: str, space: str) -> str:
    for name, value in NAMES.items():
        path = path.replace(name, value)
    return path.replace("{space}", space)


def bodies(row: Row) -> tuple[bytes, dict[str, str]]:
    """A body with which somebody who may would change something."""
    if row.method in {"GET", "HEAD", "DELETE"}:
        return b"", {}
    if "/api/v1/" in row.path and "manifests" not in row.path:
        return multipart(chartfile=packed("web", "2.0.0"))
    return packed("web", "2.0.0"), {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def app() -> App:
    made = registry(AUTH)
    made.site.store.upload("secret", packed("web", "1.0.0"), b"proof")
    made.site.store.upload("lib", packed("web", "1.0.0"))
    return made


def kept(app: App) -> dict[str, str]:
    objects = app.site.store.objects
    return {entry.key: entry.mark for place in ("blobs", "spaces", "data") for entry in objects.entries(place)}


def asked(app: App, row: Row, space: str, token: str):
    body, headers = bodies(row)
    given = {**headers, **({"authorization": f"Bearer {token}"} if token else {})}
    return call(app, row.method, filled(row.path, space), body, headers=given)


def test_the_lists_above_are_whole() -> None:
    rest = {row.path for row in ROWS} - {row.path for row in OF_A_SPACE} - OPEN - WHOLE_SERVER
    assert rest == {"/v2/charts/{file}", "/v2/index.yaml"}  # of a space that is called v2
    assert len(OF_A_SPACE) > 50


@pytest.mark.parametrize("row", OF_A_SPACE, ids=lambda row: f"{row.method} {row.path}")
def test_who_may_not_gets_one_answer_and_leaves_no_trace(app: App, row: Row) -> None:
    before = kept(app)
    tokens = {"": 401, "wrong": 401, "old": 401, "other": 403, "none": 403}
    if row.action != "pull":
        tokens["pull"] = 403
    if row.action in {"pull", "delete"}:
        tokens["push"] = 403
    for token, status in tokens.items():
        there, nowhere = asked(app, row, "secret", token), asked(app, row, "absent", token)
        assert there.status == status, (token, there.body)
        assert ("www-authenticate" in there.headers) == (status == 401)
        if token not in {"pull", "push"}:
            assert nowhere.status == status
            same = [found.body.replace(b"secret", b"absent") for found in (there, nowhere)]
            ids = [found.headers["x-request-id"].encode() for found in (there, nowhere)]
            assert same[0].replace(ids[0], b"") == same[1].replace(ids[1], b"")
        if row.method != "HEAD":
            for prefix, keys in FACES.items():
                if row.path.startswith(prefix):
                    assert set(there.json()) == keys
                    break
        assert b"proof" not in there.body
    assert kept(app) == before


@pytest.mark.parametrize("path", sorted(WHOLE_SERVER))
def test_lists_of_the_whole_server_tell_only_what_one_may_see(app: App, path: str) -> None:
    query = "?q=web" if "search" in path else ""
    for token in ("", "wrong", "old"):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        found = call(app, "GET", path + query, headers=headers)
        assert found.status == 401
        assert b"secret" not in found.body
    if path == "/metrics":
        return
    told = {
        token: call(app, "GET", path + query, headers={"authorization": f"Bearer {token}"})
        for token in ("all", "other", "none", "pull")
    }
    assert {found.status for found in told.values()} == {200}
    if path != "/v2":
        assert [b"secret" in found.body for found in told.values()] == [True, False, False, True]


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_tells_nothing(app: App, path: str) -> None:
    found = call(app, "GET", path.replace("{name}", "page.css"))
    assert found.status < 400 or (path, found.status) == ("/-login", 401)
    assert b"secret" not in found.body


ODD = (
    "..", ".", "%2e%2e", "..%2f..%2fetc", "a%2fb", "a%00b", "a%0ab", "a%0d%0ax:%20y", "a%5cb", "%ff", "%ed%a0%80", "a%20b",
    "-x", "_x", "~", "a~b", "*", "%252e%252e", ";x", "%D0%BB%D0%B8%D0%B1", "%EF%BD%8C%EF%BD%89%EF%BD%82", "x" * 300, "x" * 9000,
    "%F0%9F%98%80", "spaces%2f..%2f..", "x%3Cscript%3Ealert(1)%3C%2fscript%3E",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:30])
def test_names_that_are_none(tmp_path: Path, odd: str) -> None:
    """In every place of every address: no failure of the server, nothing written, no header of the name's making."""
    root = tmp_path / "root"
    app = registry(root=str(root))
    app.site.store.upload("lib", packed("web", "1.0.0"))
    before = sorted(path for path in tmp_path.rglob("*"))
    for row in ROWS:
        if odd == "a%2fb" and row.path.startswith("/v2/{space}"):
            continue  # repositories' names may have several parts
        places = [name for name in ("{space}", "{chart}", "{version}", "{file}", "{name}") if name in row.path]
        if row.path.startswith("/v2/{space}"):
            places += ["/web/"]
        for place in places:
            path = filled(row.path.replace(place, f"/{odd}/" if place == "/web/" else odd), "lib")
            body, headers = bodies(row)
            found = call(app, row.method, path, body, headers=headers)
            if place == "{version}" and (row.method, odd) == ("GET", "latest"):
                continue
            assert 400 <= found.status < 500 or is_plain(row, path), (row.method, path, found.status, found.body[:300])
            assert "x" not in found.headers
            assert b"<script>alert" not in found.body or found.headers["content-type"] == "application/json"
    assert sorted(path for path in tmp_path.rglob("*") if "uploads" not in str(path)) == before
    assert app.site.store.spaces() == ["lib"]


def is_plain(row: Row, path: str) -> bool:
    """Lists of referrers may be empty."""
    return row.method in {"GET", "HEAD"} and "referrers" in path


def test_the_longest_names_go_everywhere(tmp_path: Path) -> None:
    app = registry(root=str(tmp_path))
    space, chart = "s" * 200, "c" * 200
    version = f"1.0.0-{'p' * 61}+{'b' * 60}"
    assert len(version) == 128
    data = packed(chart, version)
    form, headers = multipart(chartfile=data)
    assert call(app, "POST", f"/api/v1/spaces/{space}/charts", form, headers=headers).status == 201
    assert call(app, "GET", f"/{space}/charts/{chart}-{version}.tgz").body == data
    assert call(app, "GET", f"/v2/{space}/{chart}/tags/list").json()["errors"][0]["code"] == "NAME_INVALID"
    assert call(app, "POST", "/api/s/charts", data).status == 201
    assert call(app, "GET", f"/v2/s/{chart}/tags/list").json()["tags"] == [version.replace("+", "_")]
    other = registry(root=str(tmp_path))
    assert call(other, "GET", f"/api/{space}/charts/{chart}/{version}").status == 200
    assert call(app, "DELETE", f"/api/{space}/charts/{chart}/{version}").status == 200
    assert call(other, "GET", f"/{space}/index.yaml").json()["entries"] == {}
    form, headers = multipart(chartfile=packed("c" * 201, "1.0.0"))
    assert call(app, "POST", f"/api/v1/spaces/{space}/charts", form, headers=headers).status == 400
    form, headers = multipart(chartfile=packed("c", f"{version}b"))
    assert call(app, "POST", f"/api/v1/spaces/{space}/charts", form, headers=headers).status == 400


LENGTHS = ("-1", "abc", "1e9", "9" * 30, "", "0x10", "+5", "５")


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("path", ["/api/lib/charts", "/api/v1/spaces/lib/charts"])
def test_lengths_that_are_none(length: str, path: str) -> None:
    app = registry("limits: {uploadbytes: 1000}")
    found = call(app, "POST", path, b"x" * 10, headers={"content-length": length.encode().decode("latin-1")})
    assert found.status == (413 if length.startswith("999") else 400)
    assert app.site.store.spaces() == []
