"""What a render begins with, and that its short ways lead where the full way does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.capabilities import ReleaseInfo
from navarch.chart.model import Chart, Metadata
from navarch.errors import ValuesError
from navarch.golang.types import Values
from navarch.values.coalesce import coalesce_values
from navarch.values.dependencies import _enable, _with_imports, process_dependencies
from navarch.values.render import final_values, render_values
from support.chart_trees import VALUES, charts


def test_the_top() -> None:
    chart = Chart(Metadata("top", "1.0.0"), values={"a": 1})
    top = render_values(chart, {"b": 2}, ReleaseInfo("rel", "demo"))
    assert sorted(top) == ["Capabilities", "Chart", "Release", "Values"]
    assert top["Values"] == {"a": 1, "b": 2}
    assert type(top["Values"]) is Values
    assert top["Release"]["Name"] == "rel"
    assert top["Chart"]["Name"] == "top"


def test_every_render_gets_fresh_values() -> None:
    chart = Chart(Metadata("top", "1.0.0"), values={"a": {"b": [1]}})
    for _ in range(4):
        values = render_values(chart, {"c": {"d": 1}})["Values"]
        assert values == {"a": {"b": [1]}, "c": {"d": 1}}
        values["a"]["b"].append(2)
        values["c"]["d"] = "changed"
        values["a"]["new"] = 1


def test_schemas_hold_from_the_first_render_to_the_last() -> None:
    schema = b'{"properties": {"a": {"type": "number"}, "b": {"maximum": 2}}, "required": ["a"]}'
    chart = Chart(Metadata("top", "1.0.0"), values={"a": 1, "c": {"d": 1}}, schema=schema)
    for value in range(5):
        if value > 2:
            with pytest.raises(ValuesError, match=r"- at '/b': maximum: got \d, want 2"):
                render_values(chart, {"b": value})
        else:
            render_values(chart, {"b": value})
        with pytest.raises(ValuesError, match="missing property 'a'"):
            render_values(chart, {"a": None})
        render_values(chart, {"b": 7}, skip_schema=True)


def outcome(make: Any) -> Any:
    told: list[str] = []
    try:
        return make(told.append), told
    except ValuesError as error:
        return str(error), told


def sharing(values: Any) -> list[list[str]]:
    """Which places of a value are one object."""
    places: dict[int, list[str]] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, (dict, list)):
            places.setdefault(id(value), []).append(path)
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                walk(inner, f"{path}/{key}")

    walk(values, "")
    return sorted(sorted(paths) for paths in places.values() if len(paths) > 1)


@given(charts(), st.lists(VALUES, min_size=1, max_size=3))
def test_values_laid_over_defaults_are_as_if_coalesced(tree: Chart, users: list[dict[str, Any]]) -> None:
    for _ in range(2):
        outcome(lambda warn: final_values(tree, {}, warn=warn))
    for user in users:
        full = outcome(lambda warn, user=user: coalesce_values(tree, user, warn=warn))
        short = outcome(lambda warn, user=user: final_values(tree, user, warn=warn))
        assert short == full
        if isinstance(full[0], dict):
            assert sharing(short[0]) == sharing(full[0])


def shape(chart: Chart) -> Any:
    return chart.full_path, chart.values, chart.metadata_map(), [shape(child) for child in chart.dependencies]


@given(charts(), st.lists(VALUES, min_size=2, max_size=4))
def test_outcomes_that_are_kept_fit_the_values(tree: Chart, users: list[dict[str, Any]]) -> None:
    for user in users:
        full = outcome(lambda warn, user=user: shape(_with_imports(_enable(tree, user, "", "", warn), warn)))
        kept = outcome(lambda warn, user=user: shape(process_dependencies(tree, user, warn=warn)))
        assert kept[0] == full[0]
