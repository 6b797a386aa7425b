"""A space as a classic repository: the index in all its states, archives, provenance files."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.golang.yaml import load
from navarch.registry import indexes
from navarch.registry.faces.classic import Texts
from navarch.registry.indexes import Indexes
from navarch.registry.store.catalog import View, _grouped
from navarch.registry.store.records import Record
from navarch.repos.index import Index
from support.asgi import call, registry
from support.spaces import chart_yaml, packed

PATHSEND = {"http.response.pathsend": {}}


@pytest.fixture(params=["memory", "disk"])
def app(request: pytest.FixtureRequest, tmp_path):
    return registry(root=str(tmp_path / "root") if request.param == "disk" else "")


def index(app) -> Index:
    plain = call(app, "GET", "/lib/index.yaml")
    packed = call(app, "GET", "/lib/index.yaml", headers={"accept-encoding": "br, gzip;q=0.5"})
    assert plain.status == packed.status == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(plain.body) == int(plain.headers["content-length"])
    return Index.parse(plain.body)


def test_an_empty_space_is_a_repository(app) -> None:
    app.site.store.create_space("lib")
    assert index(app).names() == []
    assert call(app, "GET", "/none/index.yaml").status == 404


def test_what_is_uploaded_is_in_the_index_at_once(app) -> None:
    archive = packed("web", "1.2.0+b.1", {"Chart.yaml": chart_yaml("web", "1.2.0+b.1", description='"<it>: é"')})
    app.site.store.upload("lib", archive, b"signed")
    entry = index(app).get("web")
    assert (entry.version, entry.fields()["description"]) == ("1.2.0+b.1", "<it>: é")
    assert entry.urls == ["charts/web-1.2.0+b.1.tgz"]
    assert entry.digest == hashlib.sha256(archive).hexdigest()
    app.site.store.upload("lib", packed("web", "1.10.0"))
    assert [one.version for one in index(app).versions("web")] == ["1.10.0", "1.2.0+b.1"]
    app.site.store.delete_chart("lib", "web")
    assert index(app).names() == []


def test_archives_are_the_bytes_that_came(app) -> None:
    archive = packed("a-1", "1.0.0-x-2")
    app.site.store.upload("lib", archive, b"signed")
    app.site.store.upload("lib", packed("a", "1.0.0"))
    for extensions in ({}, PATHSEND):
        found = call(app, "GET", "/lib/charts/a-1-1.0.0-x-2.tgz", extensions=extensions)
        assert (found.status, found.body) == (200, archive)
        assert found.headers["content-length"] == str(len(archive))
        assert found.headers["content-type"] == "application/gzip"
        tag = found.headers["etag"]
        again = call(app, "GET", "/lib/charts/a-1-1.0.0-x-2.tgz", headers={"if-none-match": tag}, extensions=extensions)
        assert (again.status, again.body) == (304, b"")
        part = call(app, "GET", "/lib/charts/a-1-1.0.0-x-2.tgz", headers={"range": "bytes=3-7"}, extensions=extensions)
        assert (part.status, part.body) == (206, archive[3:8])
    assert call(app, "GET", "/lib/charts/a-1-1.0.0-x-2.tgz.prov").body == b"signed"
    head = call(app, "HEAD", "/lib/charts/a-1-1.0.0-x-2.tgz")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(archive)), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/lib/charts/web-1.0.1.tgz",
        "/lib/charts/web-1.0.0.tgz.prov",
        "/lib/charts/web-1.0.0",
        "/lib/charts/-1.0.0.tgz",
        "/lib/charts/",
        "/lib/charts/..%2f..%2fetc%2fpasswd",
        "/lib/charts/%00",
        "/none/charts/web-1.0.0.tgz",
        "/..%2flib/charts/web-1.0.0.tgz",
        "/lib/charts/x/web-1.0.0.tgz",
        "/lib/index.yaml/",
        "/lib/Index.yaml",
        "/lib/index.yaml%0a",
    ],
)
def test_what_is_not_there_is_404(app, path: str) -> None:
    app.site.store.upload("lib", packed("web", "1.0.0"))
    found = call(app, "GET", path, extensions=PATHSEND)
    assert found.status == 404, found
    assert found.json().keys() == {"message", "reason"}


def test_an_archive_whose_file_is_gone_is_404(tmp_path) -> None:
    app = registry(root=str(tmp_path))
    record = app.site.store.upload("lib", packed("web", "1.0.0"))
    app.site.store.objects.delete(app.site.store.blobs.key(record.digest))
    assert call(app, "GET", "/lib/charts/web-1.0.0.tgz", extensions=PATHSEND).status == 404


def test_an_unchanged_index_is_304(app) -> None:
    app.site.store.upload("lib", packed("web", "1.0.0"))
    plain = call(app, "GET", "/lib/index.yaml")
    zipped = call(app, "GET", "/lib/index.yaml", headers={"accept-encoding": "gzip"})
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert plain.headers["vary"] == "Accept-Encoding"
    for found, more in ((plain, {}), (zipped, {"accept-encoding": "gzip"})):
        for tag in (found.headers["etag"], f'"x", W/{found.headers["etag"]}', "*"):
            again = call(app, "GET", "/lib/index.yaml", headers={"if-none-match": tag, **more})
            assert (again.status, again.body) == (304, b"")
        head = call(app, "HEAD", "/lib/index.yaml", headers=more)
        assert (head.status, head.headers["content-length"]) == (200, found.headers["content-length"])
    app.site.store.upload("lib", packed("web", "1.0.1"))
    assert call(app, "GET", "/lib/index.yaml", headers={"if-none-match": plain.headers["etag"]}).status == 200


@pytest.mark.parametrize("header", ["gzip;q=0", "br", "", "gzip; q=0.0", "identity"])
def test_who_takes_no_gzip_gets_none(header: str) -> None:
    app = registry()
    app.site.store.create_space("lib")
    assert "content-encoding" not in call(app, "GET", "/lib/index.yaml", headers={"accept-encoding": header}).headers


def test_two_servers_on_one_storage_have_one_index(tmp_path) -> None:
    one, other = registry(root=str(tmp_path)), registry(root=str(tmp_path))
    for number in range(6):
        (one, other)[number % 2].site.store.upload("lib", packed("web", f"1.{number}.0"))
        first, second = (call(app, "GET", "/lib/index.yaml") for app in (one, other))
        assert (first.body, first.headers["etag"]) == (second.body, second.headers["etag"])


def record(chart: str, version: str) -> Record:
    digest = "sha256:" + hashlib.sha256(f"{chart}-{version}".encode()).hexdigest()
    metadata = json.dumps({"name": chart, "version": version, "apiVersion": "v2"}).encode()
    return Record(chart, version, digest, 1, digest, digest, "", "2026-01-01T00:00:00.000001Z", metadata, b"[]")


_STATES = st.lists(st.sets(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=60), min_size=1, max_size=6)


@settings(max_examples=40)
@given(_STATES)
def test_an_index_is_the_same_whatever_was_before(states: list[set[tuple[str, int]]]) -> None:
    """Pieces that stay may not make another text, another tag or another gzip than all new ones."""
    known = {(chart, number): record(chart, f"1.{number}.0-rc") for chart in "abc" for number in range(41)}
    grown = Indexes()
    small = indexes._PIECE
    indexes._PIECE = 4
    try:
        for state in states:
            view = View(_grouped(known[one] for one in state), "")
            found, fresh = grown.index(view), Indexes().index(view)
            text = b"".join(found.plain(100))
            assert text == b"".join(fresh.plain())
            assert (found.tag, found.gzip, found.size) == (fresh.tag, fresh.gzip, len(text))
            assert gzip.decompress(found.gzip) == text
            entries = json.loads(text)["entries"]
            assert load(text) == json.loads(text)
            wanted = {chart: sorted((n for c, n in state if c == chart), reverse=True) for chart, _ in state}
            assert {c: [int(e["version"].split(".")[1]) for e in found] for c, found in entries.items()} == wanted
    finally:
        indexes._PIECE = small


def test_one_more_version_makes_one_piece_anew(monkeypatch) -> None:
    made = []
    real = indexes._piece
    monkeypatch.setattr(indexes, "_piece", lambda start, records: made.append(len(records)) or real(start, records))
    records = [record("web", f"1.{number}.0") for number in range(3000)]
    grown = Indexes()
    grown.index(View(_grouped(records[:-1]), ""))
    assert max(made) <= 256
    made.clear()
    grown.index(View(_grouped(records), ""))
    assert len(made) <= 2


def test_texts_that_nobody_asks_for_are_let_go() -> None:
    texts = Texts(10)
    texts.keep("a", "1", b"xxxx")
    texts.keep("b", "1", b"yyyy")
    assert texts.find("a", "1") == b"xxxx"
    assert texts.find("a", "2") is None
    texts.keep("a", "2", b"zzzz")
    texts.keep("c", "1", b"wwww")
    assert [texts.find(name, "1") for name in "bc"] == [None, b"wwww"]
    assert texts.find("a", "2") == b"zzzz"
    texts.keep("d", "1", b"x" * 11)
    assert [texts.find("a", "2"), texts.find("d", "1")] == [None, None]


def test_an_index_too_long_to_keep_comes_in_parts(app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("navarch.registry.faces.classic._KEPT", 100)
    for version in ("1.0.0", "1.1.0"):
        app.site.store.upload("lib", packed("web", version))
    assert [one.version for one in index(app).versions("web")] == ["1.1.0", "1.0.0"]
