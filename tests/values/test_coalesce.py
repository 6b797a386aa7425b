"""A chart's values under the user's; the expected outcomes are Helm 4.3's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from navarch.chart.model import Chart, Metadata
from navarch.errors import ValuesError
from navarch.values.coalesce import coalesce_tables, coalesce_values, merge_values
from support.chart_trees import VALUES, charts


def chart(name: str, values: dict[str, Any], *children: Chart) -> Chart:
    return Chart(Metadata(name, "1.0.0"), values=values, dependencies=children)


def test_the_users_values_win() -> None:
    top = chart("top", {"a": 1, "b": {"c": 1, "d": 2}, "l": [1]})
    assert coalesce_values(top, {"b": {"c": 9}, "l": [], "n": "new"}) == {
        "a": 1,
        "b": {"c": 9, "d": 2},
        "l": [],
        "n": "new",
    }


def test_null_removes_defaults() -> None:
    top = chart("top", {"a": 1, "b": {"c": {"d": 1}}, "n": None, "m": {"n": None}})
    assert coalesce_values(top, {"a": None, "b": {"c": None, "x": None}, "y": None}) == {
        "b": {"x": None},
        "y": None,
        "m": {},
    }


def test_null_removes_a_childs_default() -> None:
    top = chart("top", {}, chart("sub", {"a": 1, "b": {"c": 1}}))
    assert coalesce_values(top, {"sub": {"a": None, "b": {"c": None}}}) == {"sub": {"global": {}, "b": {}}}


def test_a_parents_null_removes_only_where_the_user_says_something() -> None:
    top = chart("top", {"sub": {"a": None}}, chart("sub", {"a": 1}))
    assert coalesce_values(top) == {"sub": {"a": 1, "global": {}}}
    assert coalesce_values(top, {"sub": {"b": 2}}) == {"sub": {"b": 2, "global": {}}}


def test_merging_keeps_nulls() -> None:
    top = chart("top", {"a": None, "b": 1}, chart("sub", {"c": None}))
    assert merge_values(top, {"b": None}) == {"a": None, "b": None, "sub": {"c": None, "global": {}}}


def test_parents_win_over_children() -> None:
    top = chart("top", {"sub": {"a": "parent"}}, chart("sub", {"a": "child", "b": "child"}))
    assert coalesce_values(top)["sub"] == {"a": "parent", "b": "child", "global": {}}


def test_globals_go_down() -> None:
    leaf = chart("leaf", {"global": {"x": "leaf", "t": {"own": 1}}})
    top = chart("top", {"global": {"x": "top", "t": {"k": 1}}}, chart("mid", {}, leaf))
    values = coalesce_values(top, {"global": {"u": "user"}})
    assert values["mid"]["leaf"]["global"] == {"x": "top", "u": "user", "t": {"k": 1, "own": 1}}
    assert values["global"] == {"x": "top", "u": "user", "t": {"k": 1}}


def test_deeper_globals_are_shared_as_in_helm() -> None:
    top = chart("top", {"global": {"t": {"deep": {"a": 1}}}, "sub": {"global": {"t": {"deep": {"b": 2}}}}})
    top = Chart(top.metadata, values=top.values, dependencies=[chart("sub", {})])
    values = coalesce_values(top)
    assert values["global"] == {"t": {"deep": {"a": 1, "b": 2}}}
    assert values["global"]["t"]["deep"] is values["sub"]["global"]["t"]["deep"]


@pytest.mark.parametrize(
    ("own", "user", "lines"),
    [
        ({"a": 1}, {"a": {"b": 1}}, ['"warning: skipped value for top.a: Not a table."']),
        (
            {"a": {"b": {"c": 1}}},
            {"a": {"b": 2}},
            ['"warning: cannot overwrite table with non table for top.a.b (map[c:1])"'],
        ),
        (
            {"a": {"b": [1]}},
            {"a": {"b": {}}},
            ['"warning: destination for top.a.b is a table. Ignoring non-table value ([1])"'],
        ),
        ({"a": {"b": 1}}, {"a": 2}, []),
        ({"a": None}, {"a": {}}, []),
    ],
)
def test_what_is_told(own: dict[str, Any], user: dict[str, Any], lines: list[str]) -> None:
    told: list[str] = []
    coalesce_values(chart("top", own), user, warn=told.append)
    assert told == [f"level=INFO msg={line}" for line in lines]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "%!t(<nil>)"), ("x", "%!t(string=x)"), (True, "true"), (1.5, "%!t(float64=1.5)")]
)
def test_a_childs_place_must_hold_a_mapping(value: object, shown: str) -> None:
    with pytest.raises(ValuesError) as caught:
        coalesce_values(chart("top", {}, chart("sub", {})), {"sub": value})
    assert str(caught.value) == f"type mismatch on sub: {shown}"


@given(charts(), VALUES)
def test_nothing_handed_in_is_changed_or_shared(tree: Chart, user: dict[str, Any]) -> None:
    before, defaults = copy.deepcopy(user), copy.deepcopy(tree.values)
    try:
        values = coalesce_values(tree, user)
    except ValuesError:
        return
    overwrite(values)
    assert user == before
    assert tree.values == defaults


def overwrite(values: dict[str, Any]) -> None:
    for inner in values.values():
        if isinstance(inner, dict):
            overwrite(inner)
    values["changed"] = True


@given(VALUES)
def test_tables_under_nothing_and_over_nothing(values: dict[str, Any]) -> None:
    assert coalesce_tables(copy.deepcopy(values), {}, merge=True) == values
    assert coalesce_tables({}, copy.deepcopy(values), merge=True) == values
