"""The real Helm on charts that a served registry made of others: lint, template and show accept them all."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import navarch
from navarch.registry import Client
from support.oracle import HELM, real_helm
from support.serving import NAV, Serving
from support.spaces import WEB, WORKER, chart_yaml, node, packed, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.real, real_helm()]

CHARTS = Path(__file__).parents[1] / "corpus/charts"

_TEMPLATE = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\ndata: {v: '{{ .Values | toJson }}'}\n"
_SCHEMA = json.dumps(
    {"properties": {"kid": {"required": ["a"]}, "global": {}}, "additionalProperties": False, "required": ["kid"]}
)
_IMPORTS = (
    "[{name: kid, version: ~1, alias: one, condition: one.on, import-values: [data]}, {name: kid, version: '>1'}]"
)
_KID = {
    "charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0"),
    "charts/kid/values.yaml": "a: 1\nexports: {data: {got: it}}\n",
    "charts/kid/templates/x.yaml": _TEMPLATE,
}
_STALE = (
    "[{name: kid, version: 1.0.0, repository: https://x.test, condition: kid.on, tags: [t]}, "
    "{name: packed, version: 1.x.x, repository: file://../packed, alias: named, condition: named.on}]"
)
SOURCES: dict[str, dict[str, str | bytes]] = {
    "old": {
        "Chart.yaml": chart_yaml("old", "1.0.0", apiVersion="v1"),
        "requirements.yaml": "dependencies:\n- {name: kid, version: 1.0.0, repository: http://x, tags: [t]}\n",
        "values.yaml": "kid: {a: 2}\ntags: {t: false}\n",
        "templates/x.yaml": _TEMPLATE,
        **_KID,
    },
    "imports": {
        "Chart.yaml": chart_yaml("imports", "1.0.0", dependencies=_IMPORTS),
        "values.yaml": "one: {on: false, a: 3}\n",
        "templates/x.yaml": _TEMPLATE,
        **_KID,
    },
    "strict": {
        "values.schema.json": _SCHEMA,
        "values.yaml": "kid: {a: 1}\n",
        "templates/x.yaml": _TEMPLATE,
        **_KID,
    },
    "ignoring": {".helmignore": "kid\ncharts/extra/\n", "templates/x.yaml": _TEMPLATE},
    "odd": {
        "Chart.yaml": chart_yaml("odd", "1.0.0", dependencies=_STALE),
        "Chart.lock": "dependencies: []\ndigest: sha256:0\ngenerated: 2020-01-01T00:00:00Z\n",
        "values.yaml": "kid: 5\npacked: null\ntools: [1]\nmore: text\nnamed: {a: null, b: 1}\ntags: {t: false}\n",
        "templates/_named.tpl": '{{ define "odd.name" }}odd{{ end }}',
        "templates/x.yaml": _TEMPLATE,
        "crds/x.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.x.io}\n",
        "odd/x.bin": b"\0\xff",
        **_KID,
        "charts/kid/templates/name.yaml": _TEMPLATE.replace("name: x", 'name: {{ include "odd.name" . }}'),
        "charts/packed-1.0.0.tgz": packed("packed", "1.0.0", {"values.yaml": "a: 1\n", "templates/x.yaml": _TEMPLATE}),
    },
    "sets": {"values.yaml": "kid: {a: 2, b: 3}\n", "templates/x.yaml": _TEMPLATE, **_KID},
    "shared": {
        "Chart.yaml": chart_yaml("shared", "1.0.0", type="library"),
        "templates/_x.tpl": '{{ define "shared.x" }}x{{ end }}\n',
    },
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("registry")
    with Serving(folder=str(folder)) as server, Client(server.url) as client:
        for archive in (WEB, WORKER, *(packed(name, "1.0.0", files) for name, files in SOURCES.items())):
            client.upload("library", archive)
        yield client


def run(program: str, *words: str) -> str:
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def accepted(registry: Client, plan: dict[str, Any], folder: Path) -> str:
    """Where a plan's chart is, once Helm and nav found nothing to say against it and rendered the same."""
    made = registry.orchestrate("library", plan)
    path = registry.download("library", made.chart, made.version, to=folder)
    registry.delete_chart("library", made.chart)
    assert "0 chart(s) failed" in run(HELM, "lint", path, "--strict")
    assert "0 chart(s) failed" in run(NAV, "lint", path, "--strict")
    assert run(HELM, "template", "x", path) == run(NAV, "template", "x", path)
    states = [line.split("\t")[-1].strip() for line in run(HELM, "dependency", "list", path).splitlines()[1:]]
    assert {*states, ""} <= {"ok", "unpacked", ""}
    return path


def own(name: str, **children: Any) -> dict[str, Any]:
    return node(name, "1.0.0", **children)


PLANS = {
    "all kinds of children": own(
        "strict",
        kid=own("old", other=node("kid", "1.0.0", own=False)),
        web=node("web", "1.2.0", db=node("db", "2.1.0", own=False)),
        shared=own("shared"),
        extra=own("ignoring", kid=node("worker", "3.0.0")),
    ),
    "an old root": own("old", kid=node("kid", "1.0.0", own=False), again=node("kid", "1.0.0", own=False)),
    "names with dots and capitals": own("old", **{"A.b-c_d": node("kid", "1.0.0", own=False)}),
    "an aliased child": own("imports", x=node("one", "1.0.0", own=False), y=node("kid", "1.0.0", own=False)),
    "a strict root": own("strict", other=node("kid", "1.0.0", own=False, config={"a": 5}), more=own("old")),
    "a child that is ignored": own("ignoring", kid=node("worker", "3.0.0"), extra=own("old")),
    "alone": own("imports"),
    "odd values": own(
        "odd",
        kid=node("kid", "1.0.0", own=False, config={"a": None}),
        packed=node("kid", "1.0.0", own=False),
        tools=own("old", templates=node("kid", "1.0.0", own=False)),
        more=node("named", "1.0.0", own=False),
        other=node("packed", "1.0.0", own=False, config={"b": {"c": 1}}),
    ),
    "odd configs": own(
        "odd", config={"kid": 5, "packed": "x", "more": None}, kid=own("old"), packed=own("old"), more=own("old")
    ),
}


@pytest.mark.parametrize("layout", ["config", "helm"])
def test_the_specifications_example(registry: Client, tmp_path: Path, layout: str) -> None:
    path = accepted(registry, shop(layout), tmp_path)
    assert sorted(line for line in run(HELM, "template", "x", path).splitlines() if line.startswith("# Source")) == [
        "# Source: shop/charts/frontdb/charts/mon/templates/metrics.yaml",
        "# Source: shop/charts/frontdb/templates/db.yaml",
        "# Source: shop/charts/jobs/templates/worker.yaml",
        "# Source: shop/templates/web.yaml",
    ]


@pytest.mark.parametrize("layout", ["config", "helm"])
@pytest.mark.parametrize("name", PLANS)
def test_many_shapes(registry: Client, tmp_path: Path, name: str, layout: str) -> None:
    save = {"chart": "made", "version": "1.0.0-rc.1+b", "description": "made of others", "values": layout}
    accepted(registry, {"save": save, "configs": PLANS[name]}, tmp_path)


def test_what_was_imported_still_is(registry: Client, tmp_path: Path) -> None:
    save = {"chart": "made", "version": "1.0.0", "values": "helm"}
    path = accepted(registry, {"save": save, "configs": PLANS["an aliased child"]}, tmp_path)
    assert '"got":"it"' in run(HELM, "template", "x", path, "--show-only", "templates/x.yaml")


@pytest.mark.parametrize("layout", ["config", "helm"])
def test_null_for_a_child_is_what_helm_makes_of_it(registry: Client, tmp_path: Path, layout: str) -> None:
    """What is set for the child above it goes, and its own defaults stay. A tree of configs has nothing to remove."""
    configs = own("sets", config={"kid": None, "z": 1}, kid=node("kid", "1.0.0", own=False))
    save = {"chart": "sets", "version": "2.0.0", "values": layout}
    source = registry.download("library", "sets", "1.0.0", to=tmp_path)
    (tmp_path / "made").mkdir()
    made = registry.orchestrate("library", {"save": save, "configs": configs})
    path = registry.download("library", made.chart, made.version, to=tmp_path / "made")
    registry.delete_version("library", "sets", "2.0.0")
    found = run(HELM, "template", "x", path)
    assert found == run(NAV, "template", "x", path)
    if layout == "config":
        assert '"_config":{"z":1}' in found
        return
    (tmp_path / "values.yaml").write_text("kid: null\nz: 1\n")
    assert found == run(HELM, "template", "x", source, "-f", f"{tmp_path}/values.yaml")
    assert '"a":1' in found
    assert '"b":3' not in found


def sources() -> list[Path]:
    """Charts of the corpus in which every child is simply there: no conditions, tags, aliases."""
    found = []
    for path in sorted(CHARTS.iterdir()):
        try:
            chart = navarch.load_chart(path)
        except navarch.NavarchError:
            continue
        if chart.metadata.version.count(".") != 2:
            continue  # the registry wants SemVer 2
        plain = all(not (one.condition or one.tags or one.alias) for one in chart.metadata.dependencies)
        if plain and not chart.is_library and chart.metadata.api_version in ("v1", "v2"):
            found.append(path)
    return found


def copy_of(chart: navarch.Chart, *, own: bool = True) -> dict[str, Any]:
    """The node that makes the same chart again."""
    children = {child.name: copy_of(child, own=False) for child in chart.dependencies}
    return node(chart.name, chart.metadata.version, own=own, **children)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_a_copy_renders_as_its_source(registry: Client, tmp_path: Path, path: Path) -> None:
    """Whatever Helm renders of a chart it renders of a chart that is put together again of all its parts."""
    chart = navarch.load_chart(path)
    try:
        archive = chart.save(str(tmp_path))
    except navarch.NavarchError:
        pytest.skip("it can't be packaged")
    theirs = subprocess.run([HELM, "template", "x", archive], capture_output=True, check=False, timeout=300)
    if theirs.returncode:
        pytest.skip("Helm doesn't render it")
    made = registry.upload("library", archive)
    metadata = chart.metadata
    save = {"chart": metadata.name, "version": metadata.version, "description": metadata.description, "values": "helm"}
    registry.create_space("copies")
    try:
        registry.orchestrate("copies", {"save": save, "configs": copy_of(chart)})
        (tmp_path / "copy").mkdir()
        path_of_copy = registry.download("copies", made.chart, made.version, to=tmp_path / "copy")
    finally:
        registry.delete_space("copies")
        registry.delete_chart("library", made.chart)
    ours = subprocess.run([HELM, "template", "x", path_of_copy], capture_output=True, check=False, timeout=300)
    assert (ours.stdout, ours.stderr) == (theirs.stdout, theirs.stderr)
