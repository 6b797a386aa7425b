"""sprig's functions on dictionaries; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.errors import FunctionError
from navarch.golang.types import Int, NilList, NilMap, StringMap, Strings, Values
from navarch.templates.functions import load

ENTRIES = [
    ("dict", (), "map[string]interface {}{}"),
    ("dict", ("a", Int(1), "b"), 'map[string]interface {}{"a":1, "b":""}'),
    ("dict", (Int(1), "x", None, "y", ["z"], "l"), 'map[string]interface {}{"1":"x", "<nil>":"y", "[z]":"l"}'),
    ("get", ({"a": None}, "a"), "<nil>"),
    ("get", ({"a": Int(1)}, "b"), '""'),
    ("get", (None, "b"), '""'),
    ("set", ({"a": Int(1)}, "b", None), 'map[string]interface {}{"a":1, "b":interface {}(nil)}'),
    ("set", (None, "b", Int(1)), "error: assignment to entry in nil map"),
    ("unset", ({"a": Int(1), "b": Int(2)}, "a"), 'map[string]interface {}{"b":2}'),
    ("unset", ({"a": Int(1)}, "zz"), 'map[string]interface {}{"a":1}'),
    ("unset", (None, "a"), "map[string]interface {}(nil)"),
    ("hasKey", ({"a": None}, "a"), "true"),
    ("hasKey", (None, "a"), "false"),
    ("pluck", ("a", {"a": Int(1)}, {"b": Int(2)}, {"a": None}), "[]interface {}{1, interface {}(nil)}"),
    ("pluck", ("a",), "[]interface {}{}"),
    ("keys", ({"a": Int(1)},), '[]string{"a"}'),
    ("keys", (), "[]string{}"),
    ("values", ({"a": None},), "[]interface {}{interface {}(nil)}"),
    ("values", (None,), "[]interface {}{}"),
    ("pick", ({"a": Int(1), "b": Int(2)}, "b", "zz"), 'map[string]interface {}{"b":2}'),
    ("pick", (None, "a"), "map[string]interface {}{}"),
    ("omit", ({"a": Int(1), "b": Int(2)}, "b", "zz"), 'map[string]interface {}{"a":1}'),
    ("omit", ({"a": Int(1)},), 'map[string]interface {}{"a":1}'),
]

MERGING = [
    (
        "merge",
        (
            {"a": Int(1), "n": {"x": Int(1), "e": ""}},
            {"a": Int(2), "b": Int(3), "n": {"x": Int(9), "y": Int(2), "e": "full"}},
        ),
        'map[string]interface {}{"a":1, "b":3, "n":map[string]interface {}{"e":"full", "x":1, "y":2}}',
    ),
    (
        "merge",
        ({"z": Int(0), "f": False, "s": ""}, {"z": Int(1), "f": True, "s": "x"}),
        'map[string]interface {}{"f":true, "s":"x", "z":1}',
    ),
    (
        "merge",
        ({"n": None, "l": [], "m": {}}, {"n": "y", "l": [Int(1)], "m": {"k": Int(1)}}),
        'map[string]interface {}{"l":[]interface {}{1}, "m":map[string]interface {}{"k":1}, "n":"y"}',
    ),
    ("merge", ({"a": [Int(1)]}, {"a": [Int(2), Int(3)]}), 'map[string]interface {}{"a":[]interface {}{1}}'),
    ("merge", ({"a": "s"}, {"a": {"k": Int(1)}}), 'map[string]interface {}{"a":"s"}'),
    ("merge", ({"a": {"k": Int(1)}}, {"a": "s"}), 'map[string]interface {}{"a":map[string]interface {}{"k":1}}'),
    ("merge", ({"a": Int(1)}, {"b": None, "a": None}), 'map[string]interface {}{"a":1}'),
    ("merge", ({}, {"a": []}, {"a": [Int(1)]}), 'map[string]interface {}{"a":[]interface {}{1}}'),
    ("merge", (None, {"a": Int(1)}), 'map[string]interface {}{"a":1}'),
    ("merge", (None, None), "map[string]interface {}(nil)"),
    (
        "merge",
        ({"a": StringMap({"_0": "p"})}, {"a": {"k": Int(1)}}),
        "error: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string",
    ),
    (
        "merge",
        ({"a": {"k": Int(1)}}, {"a": StringMap({"_0": "p"})}),
        'map[string]interface {}{"a":map[string]interface {}{"_0":"p", "k":1}}',
    ),
    (
        "mergeOverwrite",
        ({"a": Int(1), "n": {"x": Int(1)}}, {"a": Int(0), "n": {"x": "", "y": Int(2)}}),
        'map[string]interface {}{"a":0, "n":map[string]interface {}{"x":"", "y":2}}',
    ),
    (
        "mergeOverwrite",
        ({"a": [Int(1)], "b": Int(1), "c": {"k": Int(1)}}, {"a": [], "b": None, "c": {}}),
        'map[string]interface {}{"a":[]interface {}{}, "b":interface {}(nil), "c":map[string]interface {}{"k":1}}',
    ),
    (
        "mergeOverwrite",
        ({"a": "s"}, {"a": {"k": Int(1)}}),
        'map[string]interface {}{"a":map[string]interface {}{"k":1}}',
    ),
    (
        "mergeOverwrite",
        ({"a": {"k": Int(1)}}, {"a": Int(5)}, {"a": {"z": Int(1)}}),
        'map[string]interface {}{"a":map[string]interface {}{"z":1}}',
    ),
]

DIGGING = [
    ("dig", ("a", "b", "none", {"a": {"b": Int(1)}}), "int(1)"),
    ("dig", ("a", "z", "none", {"a": {"b": Int(1)}}), '"none"'),
    ("dig", ("a", "b", "c", "none", {"z": Int(1)}), '"none"'),
    ("dig", ("a", "none", {"a": None}), "<nil>"),
    (
        "dig",
        ("a", "b", "none", {"a": Int(1)}),
        "error: interface conversion: interface {} is int, not map[string]interface {}",
    ),
    (
        "dig",
        ("a", "b", "none", {"a": None}),
        "error: interface conversion: interface {} is nil, not map[string]interface {}",
    ),
    ("dig", ("a", {"a": Int(1)}), "error: dig needs at least three arguments"),
    (
        "dig",
        ("a", "none", "notadict"),
        "error: interface conversion: interface {} is string, not map[string]interface {}",
    ),
    ("dig", ("a", "none", None), "error: interface conversion: interface {} is nil, not map[string]interface {}"),
    ("dig", (Int(1), "none", {"a": Int(1)}), "error: interface conversion: interface {} is int, not string"),
    (
        "dig",
        ("a", "b", "none", {"a": StringMap({"_0": "b"})}),
        "error: interface conversion: interface {} is map[string]string, not map[string]interface {}",
    ),
    (
        "deepCopy",
        ({"a": [Int(1), None], "s": Strings(["x"])},),
        'map[string]interface {}{"a":[]interface {}{1, interface {}(nil)}, "s":[]string{"x"}}',
    ),
    ("deepCopy", (NilList(),), "[]interface {}(nil)"),
    ("deepCopy", (None,), "error: reflect: call of reflect.Value.Type on zero Value"),
    ("mustDeepCopy", ("x",), '"x"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ENTRIES)
def test_entries(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), MERGING)
def test_merging(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), DIGGING)
def test_digging(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_set_unset_and_merge_change_the_dictionary_they_are_given():
    d = {"a": Int(1)}
    assert load("set")(d, "b", "x") is d
    assert load("merge")(d, {"c": {}}) is d
    assert load("mergeOverwrite")(d, {"a": Int(2)}) is d
    assert load("unset")(d, "b") is d
    assert d == {"a": 2, "c": {}}


def test_merge_grows_nested_dictionaries_and_shares_what_it_adds():
    nested, added = {"x": Int(1)}, {"k": "v"}
    target = load("merge")({"n": nested}, {"n": {"y": Int(2)}, "added": added})
    assert target["n"] is nested
    assert nested == {"x": 1, "y": 2}
    assert target["added"] is added


def test_deep_copy_shares_nothing_that_changes():
    original = {"a": [{"b": Int(1)}], "s": Strings(["x"]), "v": Values({"k": None})}
    copy = load("deepCopy")(original)
    assert copy == original
    assert [type(value) for value in copy.values()] == [list, Strings, Values]
    copy["a"][0]["b"] = Int(2)
    copy["v"]["k"] = "changed"
    assert original == {"a": [{"b": 1}], "s": ["x"], "v": {"k": None}}


def test_a_nil_dictionary_stays_nil_where_nothing_is_added():
    assert type(load("merge")(None, None)) is NilMap
    assert type(load("unset")(None, "a")) is NilMap
    with pytest.raises(FunctionError, match="assignment to entry in nil map"):
        load("set")(NilMap(), "a", Int(1))


def test_dig_refuses_values_itself():
    with pytest.raises(FunctionError, match=r"is common\.Values, not map"):
        load("dig")("a", "none", Values({"a": Int(1)}))
