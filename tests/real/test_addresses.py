"""What is fetched while a chart is rendered, and from a hub: through the real Helm and through nav."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sysconfig
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.httpd import Httpd, Request, answer
from support.oracle import HELM, real_helm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")

pytestmark = [pytest.mark.real, real_helm()]

FILES = {
    "/v.yaml": b"a: 1\nb: {c: web}\n",
    "/bad.yaml": b"a: [\n",
    "/list.yaml": b"[1]\n",
    "/integer.json": b'{"type": "integer"}',
    "/cut.json": b'{"type": ',
}

VALUES = """
-f URL/v.yaml
-f URL/v.yaml -f URL/v.yaml --set b.d=1
-f URL/none
-f URL/bad.yaml
-f URL/list.yaml
-f URL/redirect
-f URL/file
-f URL/loop
-f URL/broken
-f URL/cut
-f http://127.0.0.1:1/v.yaml
-f HTTP://HOST/v.yaml
-f http://u:p@HOST/asked
-f http://[::1/v.yaml
--set-file k=URL/v.yaml
--set-file k=http://u:p@HOST/asked
--set-file k=URL/none
--set-file k=URL/cut
--set-file k=a%zz
-f file:///nonexistent
-f s3://bucket/key
-f ftp://x/y
-f a%zz.yaml
-f :x
-f x_y:z
-f a:b
"""

REFERENCES = """
URL/integer.json
URL/integer.json#/nothing
URL/none
URL/redirect
URL/file
URL/loop
URL/broken
URL/cut
URL/cut.json
URL/v.yaml
http://127.0.0.1:1/x
ftp://x/y
file:///nonexistent
file:///
"""

HUB = {
    "id": "stable/db",
    "artifactHub": {"packageUrl": "https://hub.example/packages/db"},
    "attributes": {
        "name": "db",
        "repo": {"name": "stable", "url": "https://charts.example"},
        "description": "Fast, reliable, and easy to use: <äöü> & a line that is longer than fifty characters",
        "keywords": ["a"],
        "maintainers": [{"name": "x"}],
    },
    "relationships": {
        "latestChartVersion": {
            "data": {"version": "1.6.1", "app_version": "5.7", "created": "2020-01-15T20:57:30.5Z", "urls": ["u"]}
        }
    },
}

SEARCHES = """
--endpoint URL/hub
--endpoint URL/hub db
--endpoint URL/hub two words & 100% ä+b
--endpoint URL/hub --max-col-width 10 db
--endpoint URL/hub --max-col-width 0 db
--endpoint URL/hub --max-col-width -1 db
--endpoint URL/hub --list-repo-url db
--endpoint URL/hub -o json db
--endpoint URL/hub -o yaml --list-repo-url db
--endpoint URL/hub -o toml db
--endpoint URL/hub/?x=1 db
--endpoint URL/hub/../hub db
--endpoint URL/empty db
--endpoint URL/empty -o json db
--endpoint URL/empty -o yaml db
--endpoint URL/empty --fail-on-no-result db
--endpoint URL/empty --fail-on-no-result -o json db
--endpoint URL/none db
--endpoint URL/none db --debug
--endpoint URL/broken db
--endpoint http://127.0.0.1:1 db --debug
--endpoint ftp://127.0.0.1 db --debug
--endpoint '' db
--endpoint host db
--endpoint http:// db
--endpoint http://[::1 db
--endpoint ://x db
--endpoint HOST db
--endpoint file:///etc db
"""

ODD_ANSWERS = (
    "null",
    "[]",
    "",
    "garbage",
    '{"data": null}',
    '{"data": {"a": 1}}',
    '{"data": [null, "x", 5]}',
    '{"data": [{"id": 5}, {"id": "b"}]}',
    '{"data": [{"id": "a", "attributes": null}]}',
    '{"data": [{"id": "a", "attributes": {"description": 7, "repo": []}}]}',
    '{"DATA": [{"ID": "a", "ArtifactHub": {"PACKAGEURL": "p"}}]}',
    '{"data": [{"id": "a", "Id": null, "iD": "b"}]}',
    '{"data": [{"id": "a"}]} more',
    '{"data": [{"id": "a"}]',
    '{"data": [{"relationships": {"latestChartVersion": {"data": {"version": "1", "created": "x"}}}, "id": "a"}, {}]}',
    '{"data": [{"relationships": {"latestChartVersion": {"data": {"created": 7, "version": "1"}}}}, {"id": "b"}]}',
    '{"data": [{"relationships": {"latestChartVersion": {"data": {"created": null, "version": "1"}}}}, {"id": "b"}]}',
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def web() -> Iterator[Httpd]:
    def respond(request: Request) -> bytes | None:
        path = request.target.partition("?")[0]
        if path in ("/redirect", "/file", "/loop"):
            where = {"/redirect": "/v.yaml", "/file": "file:///etc/passwd", "/loop": "/loop"}[path]
            return answer(302, reason="Found", location=where)
        if path.startswith("/broken"):
            return answer(500, b"oops", "Internal Server Error")
        if path == "/cut":
            request.sock.sendall(answer(body=b'{"a', content_length="100"))
            return None
        if path == "/asked":
            return answer(body=f"asked: {request.headers.get('authorization')}".encode())
        found = FILES.get(path)
        if path == "/hub/api/chartsvc/v1/charts/search":
            found = json.dumps({"data": [HUB, {**HUB, "id": request.target, "artifactHub": {}}]}).encode()
        elif path == "/empty/api/chartsvc/v1/charts/search":
            found = b'{"data": []}'
        return answer(404, b"", "Not Found") if found is None else answer(body=found)

    with Httpd(respond) as server:
        yield server


def run(program: str, folder: Path, words: list[str]) -> Ran:
    home = folder / os.path.basename(program)
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [program, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
        input="",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def differences(folder: Path, lines: list[list[str]]) -> list[tuple[list[str], Ran, Ran]]:
    both = [(words, run(HELM, folder, words), run(NAV, folder, words)) for words in lines]
    return [(words, theirs, ours) for words, theirs, ours in both if theirs != ours]


def lines_of(text: str, url: str) -> list[list[str]]:
    host = url.removeprefix("http://")
    return [shlex.split(line.replace("URL", url).replace("HOST", host)) for line in text.strip().split("\n")]


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "c"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (folder / "templates/a.yaml").write_text("v: {{ toJson .Values }}\n")
    return folder


def test_values_from_addresses(tmp_path: Path, web: Httpd, chart: Path) -> None:
    lines = [["template", "x", chart.name, *words] for words in lines_of(VALUES, web.url)]
    lines += [["lint", chart.name, "-f", f"{web.url}/{name}"] for name in ("v.yaml", "none")]
    found = differences(tmp_path, lines)
    assert found == [], found


@pytest.mark.parametrize("reference", REFERENCES.strip().split("\n"))
def test_schemas_that_refer_to_addresses(tmp_path: Path, web: Httpd, chart: Path, reference: str) -> None:
    schema = {"properties": {"a": {"$ref": reference.replace("URL", web.url)}}}
    (chart / "values.schema.json").write_text(json.dumps(schema))
    rendered = ["template", "x", chart.name, "--set"]
    lines = [[*rendered, "a=text"], [*rendered, "a=5"], [*rendered, "a=x", "--skip-schema-validation"]]
    lines += [["lint", chart.name, "--set", "a=text"]]
    found = differences(tmp_path, lines)
    assert found == [], found


def test_searching_a_hub(tmp_path: Path, web: Httpd) -> None:
    lines = [["search", "hub", *words] for words in lines_of(SEARCHES, web.url)]
    found = differences(tmp_path, lines)
    assert found == [], found


def test_odd_answers_of_a_hub(tmp_path: Path) -> None:
    current = b""
    with Httpd(lambda _: answer(body=current)) as hub:
        for text in ODD_ANSWERS:
            current = text.encode()
            lines = [["search", "hub", "--endpoint", hub.url, "x", *more] for more in ([], ["-o", "json"])]
            assert differences(tmp_path, lines) == [], text
