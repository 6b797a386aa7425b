"""Conditions, tags, aliases and imported values; the expected outcomes are Helm's."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.chart.model import Chart, Dependency, Metadata
from navarch.errors import ValuesError
from navarch.values.coalesce import coalesce_values
from navarch.values.dependencies import process_dependencies


def leaf(name: str, values: dict[str, Any] | None = None, version: str = "1.0.0") -> Chart:
    return Chart(Metadata(name, version), values=values)


def parent(*wanted: Dependency, values: dict[str, Any] | None = None, children: list[Chart] | None = None) -> Chart:
    inside = [leaf(name) for name in dict.fromkeys(one.name for one in wanted)] if children is None else children
    return Chart(Metadata("top", "1.0.0", dependencies=wanted), values=values, dependencies=inside)


def children(chart: Chart) -> list[str]:
    return [child.name for child in chart.dependencies]


@pytest.mark.parametrize(
    ("condition", "values", "on"),
    [
        ("", {}, True),
        ("a.enabled", {}, True),
        ("a.enabled", {"a": {"enabled": False}}, False),
        ("a.enabled", {"a": {"enabled": "no"}}, True),
        ("x,a.enabled", {"a": {"enabled": False}}, False),
        ("x,a.enabled", {"x": True, "a": {"enabled": False}}, True),
        ("global.a", {"global": {"a": False}}, False),
        (" x ", {"x": False}, False),
        ("x, y", {"y": False}, True),  # blanks within the list belong to the path
    ],
)
def test_conditions(condition: str, values: dict[str, Any], on: bool) -> None:
    tree = process_dependencies(parent(Dependency("a", "*", condition=condition)), values)
    assert children(tree) == (["a"] if on else [])


@pytest.mark.parametrize(
    ("tags", "on"),
    [({}, True), ({"t": False}, False), ({"t": False, "u": True}, True), ({"t": "x"}, True), ({"other": False}, True)],
)
def test_tags(tags: dict[str, Any], on: bool) -> None:
    tree = process_dependencies(parent(Dependency("a", "*", tags=["t", "u"])), {"tags": tags})
    assert children(tree) == (["a"] if on else [])


def test_a_condition_beats_tags() -> None:
    wanted = Dependency("a", "*", tags=["t"], condition="a.on")
    tree = process_dependencies(parent(wanted), {"tags": {"t": False}, "a": {"on": True}})
    assert children(tree) == ["a"]


def test_what_is_no_bool_is_told_of() -> None:
    told: list[str] = []
    wanted = Dependency("a", "*", tags=["t"], condition="a.on")
    process_dependencies(parent(wanted), {"tags": {"t": 1}, "a": {"on": "x"}}, warn=told.append)
    assert told == [
        'level=WARN msg="returned non-bool value" tag=t chart=a',
        'level=WARN msg="returned non-bool value" path=a.on chart=a',
    ]


def test_aliases() -> None:
    wanted = (Dependency("a", "*", alias="one"), Dependency("a", "*", alias="two", condition="two.on"))
    chart = parent(*wanted, values={"one": {"x": 1}})
    tree = process_dependencies(chart)
    assert children(tree) == ["one", "two"]
    assert [child.full_path for child in tree.dependencies] == ["top/charts/one", "top/charts/two"]
    assert [named.name for named in tree.metadata.dependencies] == ["one", "two"]
    assert children(process_dependencies(chart, {"two": {"on": False}})) == ["one"]
    assert children(chart) == ["a"]
    assert [named.name for named in chart.metadata.dependencies] == ["a", "a"]


def test_versions_choose_among_charts_of_a_name() -> None:
    chart = parent(Dependency("a", "^2"), children=[leaf("a", version="1.0.0"), leaf("a", version="2.1.0")])
    tree = process_dependencies(chart)
    assert [child.metadata.version for child in tree.dependencies] == ["1.0.0", "2.1.0"]  # the first isn't listed


def test_charts_without_a_list_keep_all_children() -> None:
    inner = parent(Dependency("a", "*", condition="a.on"))
    chart = Chart(Metadata("root", "1"), dependencies=[inner])
    tree = process_dependencies(chart, {"top": {"a": {"on": False}}})
    assert children(tree.dependencies[0]) == ["a"]


def test_imports() -> None:
    child = leaf("a", {"exports": {"data": {"x": 1, "p": "child"}}, "other": {"y": {"z": 2}}})
    wanted = Dependency("a", "*", import_values=["data", {"child": "other.y", "parent": "into.here"}])
    tree = process_dependencies(parent(wanted, values={"p": "parent"}, children=[child]))
    values = coalesce_values(tree)
    assert values["x"] == 1
    assert values["p"] == "parent"
    assert values["into"] == {"here": {"z": 2}}
    assert tree.metadata_map()["Dependencies"][0]["ImportValues"] == [
        {"child": "exports.data", "parent": "."},
        {"child": "other.y", "parent": "into.here"},
    ]


def test_imports_of_what_is_not_there_are_told_of() -> None:
    told: list[str] = []
    wanted = Dependency("a", "*", import_values=["data", {"child": "x", "parent": "y"}])
    process_dependencies(parent(wanted), warn=told.append)
    assert told == [
        r'level=WARN msg="ImportValues missing table" error="\"exports\" is not a table"',
        r'level=WARN msg="ImportValues missing table from chart" chart=a error="\"x\" is not a table"',
    ]


def test_the_same_outcome_is_made_once() -> None:
    chart = parent(Dependency("a", "*", condition="a.on"))
    on, off = process_dependencies(chart, {"z": 1}), process_dependencies(chart, {"a": {"on": False}})
    assert process_dependencies(chart, {"z": 2}) is on
    assert process_dependencies(chart, {"a": {"on": False, "z": 1}}) is off


def test_a_childs_place_must_hold_a_mapping() -> None:
    with pytest.raises(ValuesError, match=r"type mismatch on a: %!t\(int64=1\)"):
        process_dependencies(parent(Dependency("a", "*"), values={"a": True}), {"a": 1})
