"""The spaces API, route by route, and what is refused in it."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from navarch.chart.load import load_chart
from navarch.registry.faces import spaces, spaces_pages
from navarch.registry.faces.spaces_routes import BASE, ROUTES
from support.asgi import Answer, call, multipart, registry
from support.spaces import WEB, WORKER, chart_yaml, node, packed, shop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from navarch.registry.app import App

V = "/spaces/library/charts/web/versions/1.2.0"
NO_FILE = "can't find param chartfile in request"
JSON = {"content-type": "application/json"}


class Api:
    """An application, asked below /api/v1."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(
        self, method: str, path: str, body: bytes | Iterable[bytes] = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        return call(self.app, method, BASE + path, body, headers=headers)

    def upload(self, archive: bytes, space: str = "library") -> Answer:
        return self("POST", f"/spaces/{space}/charts", *multipart(chartfile=archive))

    def names(self, path: str) -> list[str]:
        found = self("GET", path).json()
        assert found["metadata"]["itemsLength"] == len(found["items"])
        return list(found["items"])


@pytest.fixture
def api() -> Api:
    return Api(registry())


@pytest.fixture
def full(api: Api) -> Api:
    """With the space "library", in which there are web and worker."""
    for archive in (WEB, WORKER):
        assert api.upload(archive).status == 201
    return api


def refusal(answer: Answer) -> tuple[int, str, str]:
    found = answer.json()
    assert sorted(found) == ["message", "reason"]
    return answer.status, found["message"], found["reason"]


class TestSpaces:
    def test_come_and_go(self, api: Api) -> None:
        made = api("POST", "/spaces?space=library")
        assert (made.status, made.json()) == (201, {"name": "library", "link": "/api/v1/spaces/library"})
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert api("POST", "/spaces", b"space=a", form).status == 201
        assert api("POST", "/spaces", *multipart(space="B")).status == 201
        assert api.names("/spaces") == ["B", "a", "library"]
        assert api("DELETE", "/spaces/a").status == 204
        assert api.names("/spaces") == ["B", "library"]

    def test_json_is_indented(self, api: Api) -> None:
        assert api("POST", "/spaces?space=a").body == b'{\n "name": "a",\n "link": "/api/v1/spaces/a"\n}'

    def test_deleting_removes_all_in_it(self, full: Api) -> None:
        assert full("DELETE", "/spaces/library").status == 204
        assert refusal(full("GET", V)) == (404, "library/web/1.2.0 not found", "ReasonInternal")
        full("POST", "/spaces?space=library")
        assert full.names("/spaces/library/charts") == []

    @pytest.mark.parametrize(
        ("path", "wanted"),
        [
            ("/spaces", (400, "can't find param space in request", "ReasonRequest")),
            ("/spaces?space=", (400, "can't find param space in request", "ReasonRequest")),
            ("/spaces?space=_bad", (400, "space is invalid: _bad", "ReasonRequest")),
            ("/spaces?space=-bad", (400, "space is invalid: -bad", "ReasonRequest")),
            ("/spaces?space=..", (400, "space is invalid: ..", "ReasonRequest")),
            ("/spaces?space=a%2Fb", (400, "space is invalid: a/b", "ReasonRequest")),
            ("/spaces?space=%C3%A9", (400, "space is invalid: \u00e9", "ReasonRequest")),
            ("/spaces?space=library", (409, "resource conflict because library exist", "ReasonInternal")),
        ],
    )
    def test_that_cant_be_made(self, full: Api, path: str, wanted: tuple[int, str, str]) -> None:
        assert refusal(full("POST", path)) == wanted


class TestLists:
    @pytest.fixture
    def many(self, api: Api) -> Api:
        for version in ("1.10.0", "1.9.0", "1.9.0-rc.1", "2.0.0"):
            api.upload(packed("web", version))
        for name in ("b", "B", "a"):
            api.upload(packed(name, "1.0.0"))
        return api

    def test_order(self, many: Api) -> None:
        assert many.names("/spaces/library/charts") == ["B", "a", "b", "web"]
        assert many.names("/spaces/library/charts/web/versions") == ["1.9.0-rc.1", "1.9.0", "1.10.0", "2.0.0"]
        found = many.names("/spaces/library/metadata")
        assert [f"{one['name']} {one['version']}" for one in found] == [  # type: ignore[index]
            "B 1.0.0",
            "a 1.0.0",
            "b 1.0.0",
            "web 1.9.0-rc.1",
            "web 1.9.0",
            "web 1.10.0",
            "web 2.0.0",
        ]
        latest = many.names("/spaces/library/metadata/latest")
        assert [one["version"] for one in latest] == ["1.0.0", "1.0.0", "1.0.0", "2.0.0"]  # type: ignore[index]
        assert many("GET", "/spaces/library/charts/web/metadata/latest").json()["version"] == "2.0.0"
        many.upload(packed("web", "3.0.0-rc.1"))
        assert many("GET", "/spaces/library/charts/web/metadata/latest").json()["version"] == "3.0.0-rc.1"
        assert many("GET", "/spaces/library/metadata/latest?start=3").json()["items"][0]["version"] == "3.0.0-rc.1"

    @pytest.mark.parametrize(
        ("query", "items"),
        [
            ("", [0, 1, 2, 3, 4, 5, 6]),
            ("start=2", [2, 3, 4, 5, 6]),
            ("start=2&limit=3", [2, 3, 4]),
            ("start=4&limit=99", [4, 5, 6]),
            ("limit=0", []),
            ("start=7", []),
            ("start=-1", []),
            ("limit=-1", []),
            ("start=&limit=", [0, 1, 2, 3, 4, 5, 6]),
            ("start=%2B1&limit=1", [1]),
            ("limit=9223372036854775807", [0, 1, 2, 3, 4, 5, 6]),
            ("start=5&limit=9223372036854775807", [5, 6]),
            (f"start={'9' * 4500}", []),
            (f"start=-{'9' * 4500}", []),
            (f"limit={'0' * 4500}1", [0]),
            ("start=1&start=x&limit=1", [1]),
        ],
    )
    @pytest.mark.parametrize("path", ["/spaces/library/metadata", "/spaces/library/charts", "/spaces"])
    def test_pages(self, many: Api, path: str, query: str, items: list[int]) -> None:
        if path == "/spaces":
            for name in "abcdef":
                many("POST", f"/spaces?space={name}")
        elif path.endswith("charts"):
            for name in "cde":
                many.upload(packed(name, "1.0.0"))
        whole = many("GET", f"{path}?limit=100").json()["items"]
        found = many("GET", f"{path}?{query}").json()
        assert found == {"metadata": {"total": 7, "itemsLength": len(items)}, "items": [whole[at] for at in items]}

    def test_ten_without_a_limit(self, api: Api) -> None:
        for number in range(12):
            api("POST", f"/spaces?space=s{number}")
        assert len(api.names("/spaces")) == 10

    @pytest.mark.parametrize(
        "path", ["/spaces", "/spaces/library/charts", "/spaces/library/metadata", "/spaces/library/charts/web/versions"]
    )
    @pytest.mark.parametrize(("query", "name"), [("limit=x", "limit"), ("start=1.5", "start"), ("start=1_0", "start")])
    def test_what_isnt_a_number(self, full: Api, path: str, query: str, name: str) -> None:
        wanted = (400, f"{name} should be number, but got string", "ReasonRequest")
        assert refusal(full("GET", f"{path}?{query}")) == wanted

    def test_a_page_is_the_same_text_as_its_parts(self, full: Api) -> None:
        page = full("GET", "/spaces/library/metadata")
        assert page.body.decode() == json.dumps(page.json(), indent=1)

    @pytest.mark.parametrize("path", ["/spaces/library/metadata", "/spaces/library/metadata/latest"])
    def test_a_page_costs_a_page(self, many: Api, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
        shown: list[bytes] = []
        monkeypatch.setattr(spaces_pages, "_item", lambda metadata, _: shown.append(metadata) or b"1")
        found = many("GET", f"{path}?start=1&limit=2").json()
        assert (found["items"], len(shown)) == ([1, 1], 2)

    def test_large_pages_are_the_same(self, many: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = many("GET", "/spaces/library/metadata?limit=9").body
        monkeypatch.setattr(spaces, "_AT_ONCE", 3)
        monkeypatch.setattr(spaces_pages, "_REMEMBERED", 4)
        assert many("GET", "/spaces/library/metadata?limit=9").body == whole


class TestTwoServers:
    """On one folder: what one has answered the other knows."""

    def test_see_each_others_writes_at_once(self, tmp_path: Path) -> None:
        one, other = (Api(registry(root=str(tmp_path))) for _ in range(2))
        assert one.upload(WEB).status == 201
        assert other("GET", V).body == WEB
        assert other.upload(WEB).status == 409
        body = json.dumps({"save": {"chart": "x", "version": "1.0.0"}, "configs": node("web", "1.2.0")}).encode()
        assert other("POST", "/spaces/library/charts", body).status == 201
        assert one.names("/spaces/library/charts") == ["web", "x"]
        assert one("PUT", f"{V}/manifests/values", b'{"a": 1}').status == 200
        assert other("GET", f"{V}/manifests/values").json()["a"] == 1
        assert other("DELETE", "/spaces/library").status == 204
        assert one("GET", "/spaces/library/charts").status == 404
        assert one.names("/spaces") == []


class TestCharts:
    def test_upload_and_download(self, full: Api) -> None:
        assert full.upload(packed("x", "1.0.0+b")).json() == {
            "space": "library",
            "chart": "x",
            "version": "1.0.0+b",
            "link": "/api/v1/spaces/library/charts/x/versions/1.0.0+b",
        }
        found = full("GET", V)
        assert (found.status, found.body, found.headers["content-type"]) == (200, WEB, "application/x-gzip")
        assert full("HEAD", V).headers["content-length"] == str(len(WEB))
        assert full("GET", "/spaces/library/charts/x/versions/1.0.0+b").status == 200

    def test_replace(self, full: Api) -> None:
        other = packed("web", "1.2.0", {"README.md": "new"})
        done = full("PUT", V, *multipart(chartfile=other))
        assert (done.status, done.json()["link"]) == (200, BASE + V)
        assert full("GET", V).body == other

    def test_delete(self, full: Api) -> None:
        full.upload(packed("web", "1.3.0"))
        assert full("DELETE", V).status == 204
        assert full.names("/spaces/library/charts/web/versions") == ["1.3.0"]
        assert full("DELETE", V.replace("1.2.0", "1.3.0")).status == 204
        assert full.names("/spaces/library/charts") == ["worker"]
        assert full("DELETE", "/spaces/library/charts/worker").status == 204
        assert full.names("/spaces/library/charts") == []
        assert full.names("/spaces") == ["library"]

    @pytest.mark.parametrize(
        ("method", "path", "body", "wanted"),
        [
            (
                "POST",
                "/spaces/library/charts",
                multipart(chartfile=WEB),
                (409, "resource conflict because library/web/1.2.0 exist"),
            ),
            ("POST", "/spaces/library/charts", multipart(other=WEB), (400, "can't find param chartfile in request")),
            (
                "POST",
                "/spaces/library/charts",
                multipart(chartfile="text"),
                (400, "can't find param chartfile in request"),
            ),
            *(
                ("POST", "/spaces/library/charts", (b"x", {"content-type": kind}), (400, NO_FILE))
                for kind in (
                    "multipart/form-data",
                    "multipart/form-data; boundary=x",
                    "Multipart/Form-Data; boundary=x",
                )
            ),
            (
                "POST",
                "/spaces/library/charts",
                multipart(chartfile=b"junk"),
                (400, "chartfile should be chart, but got unknown"),
            ),
            ("PUT", V, multipart(chartfile=b"junk"), (400, "chartfile should be chart, but got unknown")),
            ("PUT", V, (b"{}", JSON), (400, NO_FILE)),
            *(
                (
                    "POST",
                    "/spaces/library/charts",
                    multipart(chartfile=packed("x", version)),
                    (400, f"version is invalid: {version}"),
                )
                for version in ("1.0.0.0", "1.0.0-01", "latest", "1.0.0+", "01.0.0", "v1.0.0")
            ),
            ("POST", "/spaces/_x/charts", multipart(chartfile=WEB), (400, "space is invalid: _x")),
            (
                "POST",
                "/spaces/library/charts",
                multipart(chartfile=packed("_x", "1.0.0")),
                (400, "chart is invalid: _x"),
            ),
            (
                "POST",
                "/spaces/library/charts",
                multipart(chartfile=packed("x", "v1.0.0")),
                (400, "version is invalid: v1.0.0"),
            ),
            ("PUT", V, multipart(chartfile=WORKER), (400, "value of chart should be web, but got worker")),
            (
                "PUT",
                V,
                multipart(chartfile=packed("web", "1.3.0")),
                (400, "value of version should be 1.2.0, but got 1.3.0"),
            ),
            ("PUT", V.replace("1.2.0", "7.0.0"), multipart(chartfile=WEB), (404, "library/web/7.0.0 not found")),
            ("PUT", V, multipart(), (400, "can't find param chartfile in request")),
            ("GET", V.replace("web", "nope"), (b"", {}), (404, "library/nope/1.2.0 not found")),
            ("GET", V.replace("library", "nope"), (b"", {}), (404, "nope/web/1.2.0 not found")),
            ("GET", "/spaces/nope/charts/web/versions", (b"", {}), (404, "nope/web not found")),
            ("DELETE", "/spaces/nope/charts/web", (b"", {}), (404, "nope/web not found")),
            ("DELETE", V.replace("library", "nope"), (b"", {}), (404, "nope/web/1.2.0 not found")),
            ("PUT", V.replace("library", "nope"), multipart(chartfile=WEB), (404, "nope/web/1.2.0 not found")),
            (
                "PUT",
                f"{V.replace('library', 'nope')}/manifests/values",
                (b"{}", JSON),
                (404, "nope/web/1.2.0 not found"),
            ),
            ("GET", "/spaces/nope/charts", (b"", {}), (404, "nope not found")),
            ("GET", V.replace("1.2.0", "1.2"), (b"", {}), (400, "version is invalid: 1.2")),
            ("GET", V.replace("web", "-x"), (b"", {}), (400, "chart is invalid: -x")),
            ("GET", "/spaces/library/charts/nope/versions", (b"", {}), (404, "library/nope not found")),
            ("GET", "/spaces/library/charts/nope/metadata/latest", (b"", {}), (404, "library/nope not found")),
            ("DELETE", V.replace("1.2.0", "1.2.1"), (b"", {}), (404, "library/web/1.2.1 not found")),
            ("DELETE", "/spaces/library/charts/nope", (b"", {}), (404, "library/nope not found")),
            ("DELETE", "/spaces/nope", (b"", {}), (404, "nope not found")),
            ("POST", "/spaces/nope/charts", (b"{}", JSON), (400, "can't find param save.chart in request")),
            ("POST", "/spaces/nope/charts", (json.dumps(shop()).encode(), JSON), (404, "nope not found")),
        ],
    )
    def test_what_is_refused_changes_nothing(
        self, full: Api, method: str, path: str, body: tuple[bytes, dict[str, str]], wanted: tuple[int, str]
    ) -> None:
        before = full("GET", "/spaces/library/metadata").body, full("GET", V).body
        assert refusal(full(method, path, *body))[:2] == wanted
        assert (full("GET", "/spaces/library/metadata").body, full("GET", V).body) == before
        assert full.names("/spaces") == ["library"]

    @pytest.mark.parametrize("odd", ["\x7f", "\x80", "\ufffe", "k" * 2000])
    def test_what_yaml_cannot_spell(self, full: Api, odd: str) -> None:
        before = full("GET", V).body
        values = full("PUT", f"{V}/manifests/values", json.dumps({"a": {odd: 1}}).encode(), JSON)
        assert refusal(values)[:2] == (400, "values should be map, but got unknown")
        metadata = {"name": "web", "version": "1.2.0", "annotations": {odd: "x"}}
        answer = full("PUT", f"{V}/manifests/metadata", json.dumps(metadata).encode(), JSON)
        assert refusal(answer)[:2] == (400, "body should be metadata, but got unknown")
        assert full("GET", V).body == before

    def test_unknown_fields_of_metadata_are_passed_over(self, full: Api) -> None:
        body = {"name": "web", "version": "1.2.0", "home": "h", "count": 5, "deprecated": True, "more": {"a": [True]}}
        answer = full("PUT", f"{V}/manifests/metadata", json.dumps(body).encode(), JSON)
        found = {name: value for name, value in answer.json().items() if name != "dependencies"}
        assert found == {"apiVersion": "v2", "name": "web", "version": "1.2.0", "home": "h", "deprecated": True}

    def test_bad_archives(self, api: Api) -> None:
        bad = {
            "cut off": WEB[:100],
            "leads out": packed("web", "1.0.0", {"../x": "x"}),
            "no Chart.yaml": packed("web", "1.0.0", {"Chart.yaml": ""}),
        }
        for archive in bad.values():
            status, message, reason = refusal(api.upload(archive))
            assert (status, reason) == (400, "ReasonRequest")
            assert message.startswith("chart is invalid: ")
        assert api.names("/spaces") == []

    def test_limits(self) -> None:
        api = Api(registry("limits: {uploadbytes: 2000, decompressedbytes: 5000}"))
        big = packed("big", "1.0.0", {"a": bytes(range(256)) * 10, "b": json.dumps([hash(str(n)) for n in range(400)])})
        assert len(big) > 2000
        assert refusal(api.upload(big))[0] == 413
        assert refusal(api.upload(packed("bomb", "1.0.0", {"a": "a" * 6000})))[0] == 413
        assert refusal(api("POST", "/spaces/a/charts", b"{" * 3000, JSON))[0] == 413
        assert refusal(api("POST", "/spaces/a/charts", iter([b"{" * 1500] * 2), JSON))[0] == 413
        assert api.names("/spaces") == []


class TestOrchestration:
    def test_result_is_on_all_routes(self, full: Api) -> None:
        made = full("POST", "/spaces/library/charts", json.dumps(shop("helm")).encode())
        assert (made.status, made.json()["link"]) == (201, "/api/v1/spaces/library/charts/shop/versions/1.0.0")
        assert full.names("/spaces/library/charts") == ["shop", "web", "worker"]
        metadata = full("GET", "/spaces/library/charts/shop/metadata/latest").json()
        assert metadata == {
            "name": "shop",
            "version": "1.0.0",
            "description": "a shop",
            "apiVersion": "v2",
            "dependencies": [
                {
                    "name": "frontdb",
                    "version": "2.1.0",
                    "apiVersion": "v2",
                    "dependencies": [{"name": "mon", "version": "0.3.0", "apiVersion": "v2"}],
                },
                {"name": "jobs", "version": "3.0.0", "apiVersion": "v2"},
            ],
        }
        values = full("GET", "/spaces/library/charts/shop/versions/1.0.0/manifests/values").json()
        assert values["frontdb"]["mon"] == {"port": 1234, "global": {"region": "us"}}

    def test_the_same_again(self, full: Api) -> None:
        plan = json.dumps(shop()).encode()
        assert full("POST", "/spaces/library/charts", plan).status == 201
        assert refusal(full("POST", "/spaces/library/charts", plan)) == (
            409,
            "resource conflict because library/shop/1.0.0 exist",
            "ReasonInternal",
        )

    def test_into_a_space_that_isnt_there(self, full: Api) -> None:
        assert full("POST", "/spaces/other/charts", json.dumps(shop()).encode()).status == 404
        assert full.names("/spaces") == ["library"]

    def test_without_package(self, full: Api) -> None:
        plan = {"save": {"chart": "x", "version": "1.0.0"}, "configs": {}}
        wanted = (400, "can't find param independent in request", "ReasonRequest")
        assert refusal(full("POST", "/spaces/library/charts", json.dumps(plan).encode(), JSON)) == wanted


class TestMetadata:
    def test_whole_replacement(self, full: Api) -> None:
        first = full("GET", f"{V}/manifests/metadata").json()
        given = {"name": "web", "version": "1.2.0", "home": "http://h", "keywords": ["k"], "deprecated": True}
        done = full("PUT", f"{V}/manifests/metadata", json.dumps(given).encode())
        assert done.json() == {**given, "apiVersion": "v2", "dependencies": first["dependencies"]}
        assert full("GET", f"{V}/manifests/metadata").json() == done.json()

    def test_what_was_got_can_be_put(self, full: Api) -> None:
        got = full("GET", f"{V}/manifests/metadata")
        assert full("PUT", f"{V}/manifests/metadata", got.body).body == got.body
        assert load_chart(full("GET", V).body).raw == load_chart(WEB).raw

    def test_other_files_stay_byte_for_byte(self, full: Api) -> None:
        before = dict(load_chart(WEB).raw)
        full("PUT", f"{V}/manifests/metadata", b'{"name": "web", "version": "1.2.0", "icon": "http://i"}')
        after = dict(load_chart(full("GET", V).body).raw)
        assert after.pop("Chart.yaml") != before.pop("Chart.yaml")
        assert after == before

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "body should be metadata, but got unknown"),
            (b"[]", "body should be metadata, but got unknown"),
            (b"name: web", "body should be metadata, but got unknown"),
            (b'{"name": "web", "version": "1.2.0", "description": 5}', "body should be metadata, but got unknown"),
            (b'{"name": "web", "version": "1.2.0", "keywords": {}}', "body should be metadata, but got unknown"),
            (b'{"version": "1.2.0"}', "value of name should be web, but got "),
            (b'{"name": "web"}', "value of version should be 1.2.0, but got "),
            (b'{"name": "api", "version": "1.2.0"}', "value of name should be web, but got api"),
            (b'{"name": "web", "version": "1.2.1"}', "value of version should be 1.2.0, but got 1.2.1"),
        ],
    )
    def test_refused(self, full: Api, body: bytes, message: str) -> None:
        assert refusal(full("PUT", f"{V}/manifests/metadata", body)) == (400, message, "ReasonRequest")
        assert full("GET", V).body == WEB

    def test_old_charts_keep_what_they_ask_for(self, api: Api) -> None:
        files = {
            "Chart.yaml": chart_yaml("web", "1.2.0", apiVersion="v1"),
            "requirements.yaml": "dependencies:\n- {name: kid, version: 1.0.0, repository: http://x, condition: k.on}\n",
            "charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0"),
        }
        api.upload(packed("web", "1.2.0", files))
        body = b'{"name": "web", "version": "1.2.0", "apiVersion": "v1", "dependencies": []}'
        assert api("PUT", f"{V}/manifests/metadata", body).json()["dependencies"][0]["name"] == "kid"
        wanted = load_chart(api("GET", V).body).metadata.dependencies[0]
        assert (wanted.name, wanted.condition, wanted.repository) == ("kid", "k.on", "http://x")


class TestValues:
    def test_json(self, full: Api) -> None:
        body = b'{"db": {"engine": "x"}, "port": 80, "big": 12345678, "text": "<yes>"}'
        done = full("PUT", f"{V}/manifests/values", body)
        assert (done.status, done.body, done.headers["content-type"]) == (200, body, "application/json")
        found = full("GET", f"{V}/manifests/values").json()
        assert (found["db"]["engine"], found["port"], found["big"], found["text"]) == ("x", 80, 12345678, "<yes>")
        assert found["cache"]["mem"] == "64Mi"
        assert "replicas" not in found

    def test_yaml_stays_as_it_is(self, full: Api) -> None:
        body = b"# why\nreplicas: 7 # that many\n"
        assert full("PUT", f"{V}/manifests/values", body).body == body
        assert load_chart(full("GET", V).body).raw_file("values.yaml") == body

    @pytest.mark.parametrize(
        "body", [b"", b"  \n", b"[]", b"- a", b"text", b"5", b"null", b"a: [", b"{", b"\xff: \x00"]
    )
    def test_what_is_no_mapping(self, full: Api, body: bytes) -> None:
        wanted = (400, "values should be map, but got unknown", "ReasonRequest")
        assert refusal(full("PUT", f"{V}/manifests/values", body)) == wanted
        assert full("GET", V).body == WEB

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"a: 1\nb: 2\na: 3\n", 'line 3: key "a" already set in map'),
            (b"a:\n  b: 1\n  c: {}\n  b: 2\n", 'line 4: key "b" already set in map'),
            (b"list:\n- {a: 1, a: 2}\n", 'line 2: key "a" already set in map'),
            (b"---\na: 1\n---\n# second\nb: 1\nb: 2\n", 'line 6: key "b" already set in map'),
            (b"1: a\n1: b\n", "line 2: key 1 already set in map"),
        ],
    )
    def test_a_key_that_stands_twice(self, full: Api, body: bytes, told: str) -> None:
        wanted = (400, f"values is invalid: {told}", "ReasonRequest")
        assert refusal(full("PUT", f"{V}/manifests/values", body)) == wanted
        assert full("GET", V).body == WEB

    @pytest.mark.parametrize("body", [b"a: 1\n---\na: 2\n", b"a: &x {b: 1}\nc: {<<: *x, b: 2}\n", b"a: 1\nA: 2\n"])
    def test_a_key_that_only_seems_to_stand_twice(self, full: Api, body: bytes) -> None:
        assert full("PUT", f"{V}/manifests/values", body).status == 200

    def test_what_helm_takes_can_be_uploaded(self, api: Api) -> None:
        """The last one counts, as `helm template` has it."""
        api.upload(packed("web", "1.2.0", {"values.yaml": "a: 1\na: 2\n"}))
        assert api("GET", f"{V}/manifests/values").json() == {"a": 2}

    def test_nesting_has_an_end(self, full: Api) -> None:
        for deep, status in ((100, 200), (600, 400), (9000, 400)):
            body = b'{"a":' * deep + b"1" + b"}" * deep
            assert full("PUT", f"{V}/manifests/values", body).status == status

    def test_deep_values_are_shown_short(self, api: Api) -> None:
        deep = "{a: " * 3000 + "1" + "}" * 3000
        api.upload(packed("web", "1.2.0", {"values.yaml": f"a: {deep}\n"}))
        assert len(api("GET", f"{V}/manifests/values").body) < 20_000


def test_changes_at_the_same_time_are_all_there(full: Api) -> None:
    """Values and metadata of one version, changed again and again by several at once: nothing of it is lost."""
    results: list[int] = []

    def change(path: str, body: bytes) -> None:
        results.extend(full("PUT", f"{V}/manifests/{path}", body).status for _ in range(5))

    metadata = b'{"name": "web", "version": "1.2.0", "description": "changed"}'
    threads = [
        threading.Thread(target=change, args=args)
        for args in (("values", b'{"changed": true}'), ("metadata", metadata)) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [200] * 20
    chart = load_chart(full("GET", V).body)
    assert (chart.metadata.description, chart.values) == ("changed", {"changed": True})


class TestWhoMay:
    """With accounts: an author of one space, somebody who only reads it, nobody."""

    RIGHTS: ClassVar = {
        "author": "{mine: [pull, push, delete]}",
        "reader": "{mine: [pull]}",
        "other": "{secret: [pull, push], mine: [pull]}",
    }

    @pytest.fixture
    def guarded(self) -> Api:
        tokens = [
            f"{{name: {name}, sha256: {hashlib.sha256(name.encode()).hexdigest()}, spaces: {rights}}}"
            for name, rights in self.RIGHTS.items()
        ]
        return Api(registry(f"auth: {{tokens: [{', '.join(tokens)}]}}"))

    @staticmethod
    def bearer(name: str) -> dict[str, str]:
        return {"authorization": f"Bearer {name}"}

    def put(self, api: Api, name: str, space: str, archive: bytes) -> int:
        body, headers = multipart(chartfile=archive)
        return api("POST", f"/spaces/{space}/charts", body, {**headers, **self.bearer(name)}).status

    def test_every_route_asks(self, guarded: Api) -> None:
        assert self.put(guarded, "author", "mine", packed("web", "1.2.0")) == 201
        for row in ROUTES:
            path = row.path.format(space="mine", chart="web", version="1.2.0")
            missing = path.replace("mine", "nope")
            body: Any = multipart(chartfile=WEB) if row.takes == ("chartfile",) else (b"{}", JSON)
            assert guarded(row.method, path, *body).status == 401, row
            assert guarded(row.method, missing, *body).status == 401, row
            answer = guarded(row.method, missing, body[0], {**body[1], **self.bearer("reader")})
            if path != "/spaces":
                assert answer.status == 403, row
                assert "not found" not in answer.json()["message"], row
            if row.method != "GET":
                answer = guarded(
                    row.method,
                    path + ("?space=mine" if path == "/spaces" else ""),
                    body[0],
                    {**body[1], **self.bearer("reader")},
                )
                assert answer.status == 403, row

    def test_sources_of_an_orchestration_count(self, guarded: Api) -> None:
        assert self.put(guarded, "other", "secret", WEB) == 201
        assert self.put(guarded, "author", "mine", packed("own", "1.0.0")) == 201
        plan = {"save": {"chart": "x", "version": "1.0.0"}, "configs": node("web", "1.2.0")}
        plan["configs"]["package"]["space"] = "secret"
        body = json.dumps(plan).encode()
        answer = guarded("POST", "/spaces/mine/charts", body, {**JSON, **self.bearer("author")})
        assert answer.status == 403
        plan["configs"]["package"]["chart"] = "nope"  # the same answer for what isn't there
        again = guarded("POST", "/spaces/mine/charts", json.dumps(plan).encode(), {**JSON, **self.bearer("author")})
        assert (again.status, again.body) == (403, answer.body)

    def test_lists_of_spaces_have_what_may_be_seen(self, guarded: Api) -> None:
        self.put(guarded, "other", "secret", WEB)
        self.put(guarded, "author", "mine", WEB)
        found = guarded("GET", "/spaces", b"", self.bearer("author")).json()
        assert (found["items"], found["metadata"]["total"]) == (["mine"], 1)


class TestDescription:
    def test_names_every_route(self, api: Api) -> None:
        found = call(api.app, "GET", "/apidocs.json").json()
        assert found["swagger"] == "2.0"
        listed = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
        assert listed == {(row.method, BASE + row.path) for row in ROUTES}

    def test_its_references_lead_somewhere(self, api: Api) -> None:
        text = call(api.app, "GET", "/apidocs.json").body.decode()
        defined = json.loads(text)["definitions"]
        named = {part.split('"')[0] for part in text.split("#/definitions/")[1:]}
        assert named <= set(defined)

    def test_swagger_tells_of_every_refusal(self, api: Api) -> None:
        found = call(api.app, "GET", "/apidocs.json").json()
        for path, methods in found["paths"].items():
            for method, operation in methods.items():
                places = {parameter["in"] for parameter in operation["parameters"]}
                assert not {"body", "formData"} <= places  # Swagger 2 has one or the other
                wanted = {"400", "401", "403", "429", "500", "503", "default"}
                wanted |= {"404"} if "{space}" in path else set()
                wanted |= {"409", "413"} if method in ("post", "put") else set()
                wanted |= {"423"} if method in ("put", "delete") else set()
                assert wanted <= set(operation["responses"])
                assert sum(status.startswith("2") for status in operation["responses"]) == 1


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/spaces"), ("POST", V), ("PUT", "/spaces/library")])
def test_wrong_methods(full: Api, method: str, path: str) -> None:
    answer = full(method, path)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"] or "DELETE" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/nope", "/spaces/library/nope", f"{V}/manifests", f"{V}/"])
def test_unknown_paths(full: Api, path: str) -> None:
    assert refusal(full("GET", path))[0] == 404


def test_names_can_be_strict() -> None:
    api = Api(registry("strictnames: true"))
    assert refusal(api("POST", "/spaces?space=a.b")) == (400, "space is invalid: a.b", "ReasonRequest")
    assert refusal(api.upload(packed("web", "1.0.0-rc.1"))) == (400, "version is invalid: 1.0.0-rc.1", "ReasonRequest")


def test_metadata_is_small() -> None:
    """It is in every list of a space: what is too large isn't even read."""
    app = registry()
    app.site.store.upload("lib", packed("web", "1.0.0"))
    path = "/api/v1/spaces/lib/charts/web/versions/1.0.0/manifests/metadata"
    body = json.dumps({"name": "web", "version": "1.0.0", "description": "x" * (1 << 20)}).encode()
    assert call(app, "PUT", path, body).status == 413
    assert call(app, "PUT", path, [body[:1000], body[1000:]]).status == 413
    assert "description" not in call(app, "GET", path).json()
