"""Comparing, merging and taking away: what holds for values of any type.

What the real server does with particular objects is told by the stories "owners" and "custom-owners".
"""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.fields.compare import compare, same
from navarch.cluster.fields.merge import merge, named, remove
from navarch.cluster.fields.messages import explain
from navarch.cluster.fields.sets import has, paths
from navarch.cluster.fields.typed import MismatchError, everything, field_set
from navarch.cluster.fields.types import type_of, zero
from navarch.cluster.types.builtin import definition
from navarch.cluster.types.schema import ANY, Field, Schema
from navarch.kube.patch.values import copy as copied

STRING, INTEGER = Schema("string"), Schema("integer")
ITEM = Schema(
    "struct",
    fields={
        "name": Field("name", STRING),
        "port": Field("port", INTEGER, default=1),
        "tags": Field("tags", Schema("list", element=STRING, relation="set")),
    },
)
THING = Schema(
    "struct",
    fields={
        "text": Field("text", STRING),
        "labels": Field("labels", Schema("map", element=STRING)),
        "whole": Field("whole", Schema("map", element=STRING, relation="atomic")),
        "list": Field("list", Schema("list", element=INTEGER)),
        "items": Field("items", Schema("list", element=ITEM, relation="map", keys=("name", "port"))),
        "free": Field("free", ANY),
    },
)
KIND = type_of(THING)

words = st.sampled_from(["a", "b", "c"])
texts = st.dictionaries(words, words, max_size=3)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
items = st.lists(
    st.fixed_dictionaries(
        {"name": words},
        optional={"port": st.integers(1, 2), "tags": st.lists(words, unique=True, max_size=2)},
    ),
    max_size=3,
    unique_by=lambda item: (item["name"], item.get("port", 1)),
)
things = st.fixed_dictionaries(
    {},
    optional={
        "text": words,
        "labels": texts,
        "whole": texts,
        "list": st.lists(st.integers(0, 2), max_size=2),
        "items": items,
        "free": anything,
    },
)


@given(things)
def test_nothing_differs_from_itself(value):
    found = compare(KIND, value, copy.deepcopy(value))
    assert (found.removed, found.modified, found.added) == ({}, {}, {})


@given(things, things)
def test_what_one_way_adds_the_other_way_removes(before, after):
    there, back = compare(KIND, before, after), compare(KIND, after, before)
    assert (there.added, there.removed, there.modified) == (back.removed, back.added, back.modified)


@given(things, things)
def test_a_difference_is_found_whenever_there_is_one(before, after):
    found = compare(KIND, before, after)
    differs = bool(found.removed or found.modified or found.added)
    if same(before, after):
        assert not differs
    elif {name: value for name, value in before.items() if name != "items"} != {
        name: value for name, value in after.items() if name != "items"
    }:
        assert differs  # only the order of items that have keys doesn't count


@given(things, things)
def test_the_merged_value_is_as_the_configuration_says(live, config):
    before = copy.deepcopy((live, config))
    merged = merge(KIND, live, config)
    assert (live, config) == before
    found = compare(KIND, config, merged)
    changed = [path for path in paths(found.modified) if path[:1] != ["f:free"]]
    lost = [path for path in paths(found.removed) if path[:1] != ["f:free"]]
    assert not changed or all(not config[path[0][2:]] for path in changed)  # only what is empty may be filled
    assert not lost or all(not config[path[0][2:]] for path in lost)


@given(things)
def test_merging_a_value_into_itself_or_nothing_changes_nothing(value):
    assert same(merge(KIND, value, value), value)
    assert same(merge(KIND, {}, value), value)
    assert same(merge(KIND, value, {}), value)


@given(things)
def test_a_copy_shares_nothing(value):
    made = copied(value)
    assert same(made, value)
    assert not value or all(made[name] is not inner for name, inner in value.items() if type(inner) in (dict, list))


@given(things)
def test_taking_all_fields_away_leaves_nothing(value):
    assert not remove(KIND, value, named(KIND, everything(KIND, value)))


@given(things)
def test_applied_fields_are_there_among_all(value):
    every = everything(KIND, value)
    assert all(has(every, path) for path in paths(field_set(KIND, value)))


def test_items_come_in_the_order_of_the_configuration_with_the_others_between():
    def order(live, config):
        out = merge(KIND, {"items": [{"name": x} for x in live]}, {"items": [{"name": x} for x in config]})
        return "".join(item["name"] for item in out["items"])

    # what structured-merge-diff makes of them
    assert order("abc", "b") == "abc"
    assert order("abc", "cb") == "acb"
    assert order("abc", "xb") == "axbc"
    assert order("abc", "xy") == "abcxy"
    assert order("adbc", "cxa") == "dbcxa"


UNFIT = [
    ({"text": 1}, ".text: expected string, got &value.valueUnstructured{Value:1}"),
    (
        {"text": {"b": [1, None]}},
        (
            ".text: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"
            '"b":[]interface {}{1, interface {}(nil)}}}'
        ),
    ),
    ({"list": ["x"]}, ".list[0]: expected numeric (int or float), got string"),
    ({"list": {"a": True}}, ".list: expected list, got &{map[a:true]}"),
    ({"labels": ["x"]}, ".labels: expected map, got &{[x]}"),
    ({"other": 1}, ".other: field not declared in schema"),
    ({"items": [None]}, ".items: element 0: associative list with keys may not have a null element"),
    ({"items": ["x"]}, ".items: element 0: associative list with keys may not have non-map elements"),
    ({"items": [{"name": "a"}, {"name": "a", "port": 1}]}, '.items: duplicate entries for key [name="a",port=1]'),
    (
        {"items": [{"name": "a", "tags": [[1]]}]},
        '.items[name="a",port=1].tags: element 0: not supported: associative list with lists as elements',
    ),
    (
        {"list": ["x"], "text": 1},
        (
            "errors:\n  .list[0]: expected numeric (int or float), got string\n"
            "  .text: expected string, got &value.valueUnstructured{Value:1}"
        ),
    ),
]


@pytest.mark.parametrize(("value", "message"), UNFIT)
def test_what_does_not_fit_is_explained(value, message):
    with pytest.raises(MismatchError):
        field_set(KIND, value)
    assert explain(KIND, value) == message


def test_an_empty_object_has_what_go_does_not_leave_out():
    # json.Marshal(appsv1.Deployment{})
    assert zero(definition("io.k8s.api.apps.v1.Deployment")) == {
        "metadata": {},
        "spec": {"selector": None, "template": {"metadata": {}, "spec": {"containers": None}}, "strategy": {}},
        "status": {},
    }


def test_values_that_hide_their_type_are_compared_as_what_they_are():
    found = compare(KIND, {"free": 1}, {"free": {"a": [1]}})
    assert (found.modified, found.added) == ({"f:free": {}}, {"f:free": {"f:a": {}}})
    assert compare(KIND, {"free": 1}, {"free": True}).modified == {"f:free": {}}
    assert compare(KIND, {"free": {"a": 1}}, {"free": {"a": True}}).modified == {"f:free": {"f:a": {}}}


def test_several_items_with_one_key_count_as_one_field():
    one, other = {"name": "a", "tags": ["x"]}, {"name": "a", "tags": ["y"]}
    step = 'k:{"name":"a","port":1}'
    assert compare(KIND, {"items": [one, other]}, {"items": [other, one]}).modified == {"f:items": {step: {}}}
    found = compare(KIND, {"items": [one]}, {"items": [one, other]})
    assert found.added == {"f:items": {step: {}}}
    assert found.removed["f:items"][step] == {".": {}, "f:name": {}, "f:tags": {".": {}, 'v:"x"': {}}}
    assert field_set(KIND, {"items": [one, other]}, repeated=True) == {"f:items": {step: {}}}
