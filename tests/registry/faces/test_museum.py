"""ChartMuseum's API: what its clients send and look at."""

from __future__ import annotations

import base64

import pytest

from navarch.repos.index import Index
from support.asgi import LEAVES, call, multipart, registry
from support.spaces import packed

PROV = b"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

apiVersion: v2
name: web
version: 1.0.0

...
files:
  web-1.0.0.tgz: sha256:00
-----BEGIN PGP SIGNATURE-----

wsBcBAEBCgAQ
=AAAA
-----END PGP SIGNATURE-----
"""


@pytest.fixture
def app():
    return registry("limits: {uploadbytes: 20000}")


def test_a_raw_archive_is_saved(app) -> None:
    archive = packed("web", "1.0.0")
    saved = call(app, "POST", "/api/lib/charts", archive)
    assert (saved.status, saved.body) == (201, b'{"saved":true}')
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz").body == archive
    again = call(app, "POST", "/api/lib/charts", archive)
    assert (again.status, again.json()["error"]) == (409, "file already exists")
    changed = packed("web", "1.0.0", {"values.yaml": "a: 2\n"})
    assert call(app, "POST", "/api/lib/charts?force", changed).status == 201
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz").body == changed


def test_forms_have_an_archive_and_its_signature(app) -> None:
    body, headers = multipart(chart=packed("web", "1.0.0"), prov=PROV)
    assert call(app, "POST", "/api/lib/charts", body, headers=headers).status == 201
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz.prov").body == PROV
    body, headers = multipart(other=b"x")
    nothing = call(app, "POST", "/api/lib/charts", body, headers=headers)
    assert (nothing.status, nothing.json()["error"]) == (
        400,
        "no package or provenance file found in form fields chart and prov",
    )


@pytest.mark.parametrize("form", [True, False])
def test_a_signature_may_come_later(app, form: bool) -> None:
    def send(query: str = ""):
        if not form:
            return call(app, "POST", f"/api/lib/prov{query}", PROV)
        body, headers = multipart(prov=PROV)
        return call(app, "POST", f"/api/lib/charts{query}", body, headers=headers)

    assert send().status == 404
    archive = packed("web", "1.0.0")
    call(app, "POST", "/api/lib/charts", archive)
    assert (send().status, send().status, send("?force").status) == (201, 409, 201)
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz.prov").body == PROV
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz").body == archive


@pytest.mark.parametrize(
    "prov", [b"", b"x", PROV.replace(b"name: web", b"nme: web"), PROV.replace(b"name: web", b"name: [")]
)
def test_a_signature_that_names_no_chart_is_refused(app, prov: bytes) -> None:
    refused = call(app, "POST", "/api/lib/prov", prov)
    assert (refused.status, refused.json()["reason"]) == (400, "ReasonRequest")


def test_listing(app) -> None:
    for name, version in (("web", "1.0.0"), ("web", "1.10.0"), ("web", "1.9.0-rc"), ("db", "2.0.0")):
        call(app, "POST", "/api/lib/charts", packed(name, version))
    everything = call(app, "GET", "/api/lib/charts").json()
    index = Index.parse(call(app, "GET", "/lib/index.yaml").body).fields()["entries"]
    for entries in (everything, index):
        for one in (one for versions in entries.values() for one in versions):
            assert one.pop("created").startswith("20")  # which may end with a zero or not
    assert everything == index
    assert list(call(app, "GET", "/api/lib/charts?offset=1&limit=1").json()) == ["web"]
    assert call(app, "GET", "/api/lib/charts?offset=9").json() == {}
    versions = call(app, "GET", "/api/lib/charts/web").json()
    assert [one["version"] for one in versions] == ["1.10.0", "1.9.0-rc", "1.0.0"]
    assert call(app, "GET", "/api/lib/charts/web/latest").json()["version"] == "1.10.0"
    assert call(app, "GET", "/api/lib/charts/web/1.9.0-rc").json() == versions[1]
    assert call(app, "HEAD", "/api/lib/charts/web/1.0.0").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/lib/charts/none", 404, "chart not found"),
        ("GET", "/api/lib/charts/none/1.0.0", 404, "no chart name found"),
        ("GET", "/api/lib/charts/web/9.9.9", 404, "no chart version found for web-9.9.9"),
        ("GET", "/api/none/charts", 404, "none not found"),
        ("GET", "/api/lib/charts?offset=-1", 400, "offset is not a valid non-negative integer"),
        ("GET", "/api/lib/charts?offset=x", 400, "offset is not a valid non-negative integer"),
        ("GET", "/api/lib/charts?limit=0", 400, "limit is not a valid positive integer"),
        ("DELETE", "/api/lib/charts/web/9.9.9", 404, "lib/web/9.9.9 not found"),
        ("PUT", "/api/lib/charts/web/1.0.0", 405, "PUT isn't allowed"),
        ("GET", "/api/lib/charts/web/1.0.0/values", 404, "values.yaml not found"),
        ("GET", "/api/lib/chart", 404, "/api/lib/chart not found"),
    ],
)
def test_refusals(app, method: str, path: str, status: int, message: str) -> None:
    call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"))
    found = call(app, method, path)
    assert (found.status, found.json()["error"]) == (status, message)


def test_deleting(app) -> None:
    call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"))
    gone = call(app, "DELETE", "/api/lib/charts/web/1.0.0")
    assert (gone.status, gone.body) == (200, b'{"deleted":true}')
    assert call(app, "GET", "/api/lib/charts").json() == {}
    assert call(app, "DELETE", "/api/lib/charts/web/1.0.0").status == 404


def test_what_is_in_a_chart(app) -> None:
    files = {"values.yaml": "# how many\na: 1\n", "templates/x.yaml": "kind: X\n"}
    call(app, "POST", "/api/lib/charts", packed("web", "1.0.0", files))
    values = call(app, "GET", "/api/lib/charts/web/1.0.0/values")
    assert (values.headers["content-type"], values.body) == ("application/yaml", b"# how many\na: 1\n")
    found = call(app, "GET", "/api/lib/charts/web/latest/templates").json()
    assert found["values"] == {"a": 1}
    assert [(t["name"], base64.b64decode(t["data"])) for t in found["templates"]] == [
        ("templates/x.yaml", b"kind: X\n")
    ]


@pytest.mark.parametrize("form", [True, False])
@pytest.mark.parametrize("length", [True, False])
def test_too_much_is_refused_and_nothing_is_kept(app, form: bool, length: bool) -> None:
    archive = b"x" * 2_000_000
    body, headers = multipart(chart=archive) if form else (archive, {})
    found = call(app, "POST", "/api/lib/charts", body if length else [body, b""], headers=headers)
    assert (found.status, found.json()["message"]) == (
        413,
        f"request is larger than {20000 + form * (1 << 20)} bytes",
    )
    assert app.site.store.spaces() == []


def test_more_than_was_announced_is_never_read(app) -> None:
    """413 comes from the header alone: a body that is not there isn't waited for."""
    found = call(app, "POST", "/api/lib/charts", [LEAVES], headers={"content-length": "20001"})
    assert found.status == 413


@pytest.mark.parametrize("form", [True, False])
def test_who_leaves_in_the_middle_leaves_nothing(app, form: bool) -> None:
    archive = packed("web", "1.0.0")
    body, headers = multipart(chart=archive) if form else (archive, {})
    found = call(app, "POST", "/api/lib/charts", [body[:40], LEAVES], headers=headers)
    assert found.status == 400
    assert app.site.store.spaces() == []


@pytest.mark.parametrize("body", [b"", b"no archive", b"\x1f\x8b\x08"])
def test_what_is_no_chart_is_refused(app, body: bytes) -> None:
    assert call(app, "POST", "/api/lib/charts", body).status == 400
    assert app.site.store.spaces() == []


def test_broken_forms_are_400(app) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        found = call(app, "POST", "/api/lib/charts", b"--y\r\nwhat", headers={"content-type": kind})
        assert found.status == 400, found


def test_two_servers_and_one_name(tmp_path) -> None:
    one, other = registry(root=str(tmp_path)), registry(root=str(tmp_path))
    assert call(one, "POST", "/api/lib/charts", packed("web", "1.0.0")).status == 201
    assert call(other, "POST", "/api/lib/charts", packed("web", "1.0.0")).status == 409
    assert call(other, "DELETE", "/api/lib/charts/web/1.0.0").status == 200
    assert call(one, "GET", "/api/lib/charts/web/1.0.0").status == 404
