"""Every address of the server asked by those who may not, and with names that are none: the right answer, and no trace."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import bcrypt
import pytest

from support.asgi import call, multipart, registry
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from navarch.registry.app import App
    from support.asgi import Answer

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
OPEN = {"/healthz", "/readyz", "/-/", "/-login", "/-logout", "/-/-static/{name}", "/apidocs.json"}
WHOLE_SERVER = {"/", "/metrics", "/v2", "/v2/_catalog", "/api/v1/spaces", "/-/-search"}
FACES = {"/v2/": {"errors"}, "/api/v1/": {"message", "reason"}, "/api/": {"error", "message", "reason"}}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


AUTH = f"""
auth:
  htpasswd: {{htpasswd}}
  users:
    ann: {{{{lib: "*"}}}}
    Bob: {{{{secret: "*"}}}}
    puller: {{{{secret: [pull]}}}}
  tokens:
    - {{{{name: all, sha256: {sha("all")}, spaces: {{{{"*": "*"}}}}}}}}
    - {{{{name: old, sha256: {sha("old")}, spaces: {{{{"*": "*"}}}}, expires: "2020-01-01T00:00:00Z"}}}}
    - {{{{name: other, sha256: {sha("other")}, spaces: {{{{"secre": "*", "secret-": "*", "SECRET": "*", lib: "*"}}}}}}}}
    - {{{{name: pull, sha256: {sha("pull")}, spaces: {{{{"secret": [pull]}}}}}}}}
    - {{{{name: push, sha256: {sha("push")}, spaces: {{{{"secret": [push]}}}}}}}}
    - {{{{name: delete, sha256: {sha("delete")}, spaces: {{{{"secret": [delete]}}}}}}}}
    - {{{{name: none, sha256: {sha("none")}, spaces: {{{{}}}}}}}}
  anonymous: [public]
"""


def basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


NOBODY = {
    "nothing": "",
    "a wrong token": "Bearer wrong",
    "an old token": "Bearer old",
    "an old token as a password": basic("old", "old"),
    "another token's text": basic("all", "other"),
    "a token under no name": basic("", "all"),
    "a token under a user's name": basic("ann", "all"),
    "a token of another case": basic("ALL", "all"),
    "the digest of a token": f"Bearer {sha('all')}",
    "a password as a token": "Bearer ann-password",
    "a user's name as a token": "Bearer ann",
    "a user and a password as a token": "Bearer ann:ann-password",
    "a wrong password": basic("Bob", "wrong"),
    "no password": basic("Bob", ""),
    "another user's password": basic("Bob", "ann-password"),
    "a user of another case": basic("bob", "bob-password"),
    "a user of another case still": basic("BOB", "bob-password"),
    "a user and a blank": basic("Bob ", "bob-password"),
    "a user and a NUL": basic("Bob\0", "bob-password"),
    "a password and a NUL": basic("Bob", "bob-password\0"),
    "a password and a line": basic("Bob", "bob-password\n"),
    "no user": basic("carol", "carol"),
    "all users": basic("*", "*"),
    "anonymous": basic("anonymous", ""),
    "no scheme": base64.b64encode(b"Bob:bob-password").decode(),
    "no token": "Bearer ",
    "no words": "Bearer",
    "no credentials": "Basic",
    "no base64": "Basic !!!",
    "no colon": f"Basic {base64.b64encode(b'Bob').decode()}",
    "no UTF-8": f"Basic {base64.b64encode(bytes([0xFF, 0x3A, 0xFF])).decode()}",
    "a password alone": basic("", "bob-password"),
    "another scheme": 'Digest username="Bob"',
    "two tokens": "Bearer all, Bearer all",
    "a token and more": "Bearer all x",
    "signs of no alphabet": "Bearer \xe9",
    "a long token": "Bearer " + "all" * 20_000,
}
"""Who is nobody, for what reason."""


def may_not(action: str) -> dict[str, str]:
    """Who is known and may not do something in "secret"."""
    tokens = ["other", "none", *({"pull", "push", "delete"} - {action})]
    found = {f"token {name}": f"Bearer {name}" for name in tokens}
    found |= {f"token {name} as a password": basic(name, name) for name in tokens}
    found["a user of another space"] = basic("ann", "ann-password")
    if action != "pull":
        found["a user who may only pull"] = basic("puller", "puller-password")
    return found


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
    oci = {Row(*line.split()) for line in OCI}
    return sorted(own | oci | {row._replace(method="HEAD") for row in oci if row.method == "GET"})


ROWS = rows()
OF_A_SPACE = [row for row in ROWS if row.path not in OPEN | WHOLE_SERVER and "{space}" in row.path]
NAMES = {"{chart}": "web", "{version}": "1.0.0", "{file}": "web-1.0.0.tgz"}


def filled(path: str, space: str) -> str:
    for name, value in NAMES.items():
        path = path.replace(name, value)
    return path.replace("{space}", space)


@cache
def bodies(row: Row) -> tuple[bytes, dict[str, str]]:
    """A body with which somebody who may would change something."""
    if row.method in {"GET", "HEAD", "DELETE"}:
        return b"", {}
    if "/api/v1/" in row.path and "manifests" not in row.path:
        return multipart(chartfile=packed("web", "2.0.0"))
    return packed("web", "2.0.0"), {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    users = tmp_path_factory.mktemp("users") / "htpasswd"
    words = (
        (name, bcrypt.hashpw(f"{name.lower()}-password".encode(), bcrypt.gensalt(4)))
        for name in ("ann", "Bob", "puller")
    )
    users.write_bytes(b"".join(b"%b:%b\n" % (name.encode(), word) for name, word in words))
    made = registry(AUTH.format(htpasswd=users))
    made.site.store.upload("secret", packed("web", "1.0.0", {"values.yaml": "told: never"}), b"proof")
    made.site.store.upload("lib", packed("web", "1.0.0"))
    made.site.store.upload("public", packed("web", "1.0.0"))
    yield made
    made.site.close()


def kept(app: App) -> dict[str, str]:
    objects = app.site.store.objects
    return {entry.key: entry.mark for place in ("blobs", "spaces", "data") for entry in objects.entries(place)}


def asked(app: App, row: Row, space: str, header: str, names: dict[str, str] | None = None) -> Answer:
    body, headers = bodies(row)
    path = row.path
    for name, value in (names or {}).items():
        path = path.replace(name, value)
    given = {**headers, **({"authorization": header} if header else {})}
    return call(app, row.method, filled(path, space), body, headers=given)


def test_the_lists_above_are_whole() -> None:
    rest = {row.path for row in ROWS} - {row.path for row in OF_A_SPACE} - OPEN - WHOLE_SERVER
    assert rest == {"/v2/charts/{file}", "/v2/index.yaml"}  # of a space that is called v2
    assert len(OF_A_SPACE) > 50


ABSENT = {"{chart}": "xyz", "{version}": "9.9.9", "{file}": "xyz-9.9.9.tgz", "/web/": "/xyz/", "1.0.0": "9.9.9"}
"""What isn't there, in names as long as of what is."""


def told(found: Answer) -> tuple[int, dict[str, str], bytes]:
    """All that an answer tells, but for the names that it repeats and what is its own."""
    identity, body = found.headers["x-request-id"].encode(), found.body
    for name in (b"secret", b"xyz", b"9.9.9"):
        body = body.replace(name, {b"secret": b"absent", b"xyz": b"web", b"9.9.9": b"1.0.0"}[name])
    headers = {name: value for name, value in found.headers.items() if name != "x-request-id"}
    return found.status, headers, body.replace(identity, b"")


@pytest.mark.parametrize("row", OF_A_SPACE, ids=lambda row: f"{row.method} {row.path}")
def test_who_may_not_gets_one_answer_and_leaves_no_trace(app: App, row: Row) -> None:
    """Whoever asks, and whatever there is: nobody is told 401, others 403, in the form of the face, and no more."""
    before = kept(app)
    wanted = {header: told(asked(app, row, "absent", header, ABSENT)) for header in ("", "Bearer wrong")}
    for who, header in NOBODY.items():
        there = told(asked(app, row, "secret", header))
        assert there == wanted["Bearer wrong" if header else ""], who
        assert (there[0], "www-authenticate" in there[1]) == (401, True), who
        check_form(row, there[2])
    for who, header in may_not(row.action).items():
        there = told(asked(app, row, "secret", header))
        assert there == told(asked(app, row, "secret", header, ABSENT)), who
        if not who.startswith(("token pull", "token push", "token delete", "a user who may only pull")):
            assert there == told(asked(app, row, "absent", header)), who
        assert (there[0], "www-authenticate" in there[1]) == (403, False), who
        check_form(row, there[2])
    assert kept(app) == before


def check_form(row: Row, body: bytes) -> None:
    assert b"proof" not in body
    assert b"never" not in body
    keys = next((keys for prefix, keys in FACES.items() if row.path.startswith(prefix)), None)
    if keys is not None and row.method != "HEAD":
        assert set(json.loads(body)) == keys


PASSES = {
    "pull": ("Bearer pull", basic("pull", "pull"), basic("puller", "puller-password"), "bearer  pull "),
    "push": ("Bearer push",),
}


@pytest.mark.parametrize("row", OF_A_SPACE, ids=lambda row: f"{row.method} {row.path}")
def test_who_may_is_let_in(app: App, row: Row) -> None:
    """The other half of the matrix: what stopped the others was who they are."""
    if row.action == "delete" or row.method in {"POST", "PUT", "PATCH"}:
        row = row._replace(
            path=row.path.replace("{version}", "7.7.7").replace("{chart}", "xyz").replace("/web/", "/xyz/")
        )
        if row.path in {"/api/v1/spaces/{space}", "/api/v1/spaces/{space}/charts", "/api/{space}/charts"}:
            return
    for header in (
        *PASSES.get(row.action, ()),
        f"Bearer {row.action}",
        "Bearer all",
        basic("all", "all"),
        basic("Bob", "bob-password"),
    ):
        found = asked(app, row, "secret", header)
        assert found.status not in {401, 403}, (header, found.body)
        assert "www-authenticate" not in found.headers


@pytest.mark.parametrize("row", OF_A_SPACE, ids=lambda row: f"{row.method} {row.path}")
def test_what_is_public_is_so_for_reading_alone(app: App, row: Row) -> None:
    before = kept(app)
    status = asked(app, row, "public", "").status
    assert (status == 401) == (row.action != "pull"), status
    assert asked(app, row, "public", "Bearer wrong").status == 401
    assert kept(app) == before


@pytest.mark.parametrize("path", sorted(WHOLE_SERVER))
def test_lists_of_the_whole_server_tell_only_what_one_may_see(app: App, path: str) -> None:
    query = "?q=web" if "search" in path else ""
    for header in NOBODY.values():
        found = call(app, "GET", path + query, headers={"authorization": header} if header else {})
        assert found.status == (401 if header or path in {"/metrics", "/v2"} else 200)
        assert b"secret" not in found.body
        assert b"lib" not in found.body.replace(b"library", b"")
        assert set(found.json() if path == "/v2" else FACES["/v2/"]) == FACES["/v2/"]
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
    assert found.status < 400 or (path, found.status) == ("/-logout", 405)
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
