"""Charts as trees, and as templates see them."""

from __future__ import annotations

from navarch.chart.model import Chart, Dependency, Maintainer, Metadata
from navarch.golang.json import dumps


def test_metadata_as_templates_see_it() -> None:
    data = Metadata(
        "a",
        "1.0.0",
        api_version="v2",
        keywords=["k"],
        maintainers=[Maintainer("m", "e")],
        dependencies=[Dependency("b", ">0", tags=["t"], enabled=True)],
    )
    assert dumps(Chart(data).metadata_map()) == (
        '{"APIVersion":"v2","Annotations":null,"AppVersion":"","Condition":"","Dependencies":[{"Alias":"",'
        '"Condition":"","Enabled":true,"ImportValues":[],"Name":"b","Repository":"","Tags":["t"],'
        '"Version":"\\u003e0"}],"Deprecated":false,"Description":"","Home":"","Icon":"","Keywords":["k"],'
        '"KubeVersion":"","Maintainers":[{"Email":"e","Name":"m","URL":""}],"Name":"a","Sources":[],"Tags":"",'
        '"Type":"","Version":"1.0.0"}'
    )


def test_each_render_gets_its_own_map() -> None:
    chart = Chart(Metadata("a", "1", keywords=["k"], annotations={"x": "y"}))
    one = chart.metadata_map()
    one["Keywords"].append("changed")
    one["Annotations"]["x"] = "changed"
    assert chart.metadata_map()["Keywords"] == ["k"]
    assert chart.metadata_map()["Annotations"] == {"x": "y"}


def test_children_know_their_path() -> None:
    leaf = Chart(Metadata("leaf", "1"))
    tree = Chart(Metadata("top", "1"), dependencies=[Chart(Metadata("mid", "1"), dependencies=[leaf])])
    assert tree.dependencies[0].dependencies[0].full_path == "top/charts/mid/charts/leaf"
    assert leaf.full_path == "leaf"


def test_crds_of_children_come_after() -> None:
    child = Chart(Metadata("c", "1"), files=[("crds/b.yml", b""), ("crds/read.me", b"")])
    chart = Chart(Metadata("p", "1"), files=[("x", b""), ("crds/A.JSON", b"")], dependencies=[child])
    assert [name for name, _ in chart.crds()] == ["p/crds/A.JSON", "p/charts/c/crds/b.yml"]


def test_library_charts() -> None:
    assert Chart(Metadata("a", "1", type="Library")).is_library
    assert not Chart(Metadata("a", "1")).is_library
