"""sprig's functions on lists; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int, Ints, Lists, NilList, Strings
from navarch.templates.functions import load

BUILDING = [
    ("list", (), "[]interface {}{}"),
    ("list", (Int(1), "a", None), '[]interface {}{1, "a", interface {}(nil)}'),
    ("tuple", (1.5,), "[]interface {}{1.5}"),
    ("append", ([Int(1)], "x"), '[]interface {}{1, "x"}'),
    ("append", (Strings(["a"]), Int(2)), '[]interface {}{"a", 2}'),
    ("push", (NilList(), None), "[]interface {}{interface {}(nil)}"),
    ("append", ("s", Int(1)), "error: Cannot push on type string"),
    ("append", (None, Int(1)), "error: runtime error: invalid memory address or nil pointer dereference"),
    ("append", (Int(5), Int(1)), "error: Cannot push on type int"),
    ("prepend", ([Int(1)], None), "[]interface {}{interface {}(nil), 1}"),
    ("prepend", ({"a": Int(1)}, Int(1)), "error: Cannot prepend on type map"),
    ("concat", ([Int(1)], Strings(["a"]), b"A"), '[]interface {}{1, "a", 0x41}'),
    ("concat", ([], []), "[]interface {}(nil)"),
    ("concat", (), "[]interface {}(nil)"),
    ("concat", ([Int(1)], "x"), "error: Cannot concat type string as list"),
    ("concat", ([Int(1)], None), "error: runtime error: invalid memory address or nil pointer dereference"),
    ("reverse", ([Int(1), None, "c"],), '[]interface {}{"c", interface {}(nil), 1}'),
    ("reverse", ([],), "[]interface {}{}"),
    ("reverse", (Ints([Int(0), Int(1)]),), "[]interface {}{1, 0}"),
    ("reverse", (1.5,), "error: Cannot find reverse on type float64"),
]

TAKING = [
    ("first", ([Int(1), Int(2)],), "int(1)"),
    ("first", ([],), "<nil>"),
    ("first", (b"A",), "uint8(0x41)"),
    ("first", ("abc",), "error: Cannot find first on type string"),
    ("first", (None,), "error: runtime error: invalid memory address or nil pointer dereference"),
    ("last", (Strings(["a", "b"]),), '"b"'),
    ("last", ([],), "<nil>"),
    ("last", (True,), "error: Cannot find last on type bool"),
    ("rest", ([Int(1), Int(2)],), "[]interface {}{2}"),
    ("rest", ([Int(1)],), "[]interface {}{}"),
    ("rest", ([],), "[]interface {}(nil)"),
    ("rest", ({"a": Int(1)},), "error: Cannot find rest on type map"),
    ("initial", (Strings(["a", "b"]),), '[]interface {}{"a"}'),
    ("initial", ([],), "[]interface {}(nil)"),
    ("initial", (2.5,), "error: Cannot find initial on type float64"),
    ("slice", ([Int(1), Int(2), Int(3)],), "[]interface {}{1, 2, 3}"),
    ("slice", ([Int(1), Int(2), Int(3)], 1), "[]interface {}{2, 3}"),
    ("slice", ([Int(1), Int(2), Int(3)], 1, "2"), "[]interface {}{2}"),
    ("slice", (Strings(["a", "b"]), Int(0), Int(1)), '[]string{"a"}'),
    ("slice", ([], Int(5)), "<nil>"),
    ("slice", ([Int(1)], Int(2)), "error: reflect.Value.Slice: slice index out of bounds"),
    ("slice", ([Int(1), Int(2)], Int(2), Int(1)), "error: reflect.Value.Slice: slice index out of bounds"),
    ("slice", ([Int(1)], Int(-1)), "error: reflect.Value.Slice: slice index out of bounds"),
    ("slice", ("abc", Int(1)), "error: list should be type of slice or array but string"),
    ("slice", (None,), "error: runtime error: invalid memory address or nil pointer dereference"),
    ("mustSlice", (b"abc", Int(1), Int(2)), "[]byte{0x62}"),
    ("chunk", (2, [Int(1), Int(2), Int(3)]), "[][]interface {}{[]interface {}{1, 2}, []interface {}{3}}"),
    ("chunk", (3, []), "[][]interface {}{}"),
    ("chunk", (0, [Int(1)]), "error: runtime error: makeslice: len out of range"),
    ("chunk", (-1, [Int(1), Int(2)]), "[][]interface {}{}"),
    ("chunk", (-5, [Int(1)]), "[][]interface {}{[]interface {}{1}}"),
    ("chunk", (-5, [Int(1), Int(2)]), "[][]interface {}{}"),
    ("chunk", (2, "x"), "error: Cannot chunk type string"),
    ("chunk", (2, Strings(["a", "b", "c"])), '[][]interface {}{[]interface {}{"a", "b"}, []interface {}{"c"}}'),
]

FILTERING = [
    (
        "compact",
        ([Int(0), "", None, "a", [], {}, 0.0, False, [None]],),
        '[]interface {}{"a", []interface {}{interface {}(nil)}}',
    ),
    ("compact", ("x",), "error: Cannot compact on type string"),
    (
        "uniq",
        ([Int(1), 1.0, Int(1), 1, True, "1", [Int(1)], [Int(1)], [1.0], None, None],),
        '[]interface {}{1, 1, 1, true, "1", []interface {}{1}, []interface {}{1}, interface {}(nil)}',
    ),
    ("uniq", (None,), "error: runtime error: invalid memory address or nil pointer dereference"),
    ("without", ([Int(1), 2.0, "a", None], 2.0, None), '[]interface {}{1, "a"}'),
    ("without", (["a", "b"], "a", "c"), '[]interface {}{"b"}'),
    ("without", ([Int(1), Int(2)], 1.0), "[]interface {}{1, 2}"),
    ("without", ([[Int(1)], {"a": Int(1)}], [Int(1)], {"a": 1.0}), '[]interface {}{map[string]interface {}{"a":1}}'),
    ("without", ("x", "x"), "error: Cannot find without on type string"),
    ("has", (Int(1), [Int(1), Int(2)]), "true"),
    ("has", (1.0, [Int(1), Int(2)]), "false"),
    ("has", ("a", None), "false"),
    ("has", ({"a": [None]}, [{"a": [None]}]), "true"),
    ("has", ("a", "abc"), "error: Cannot find has on type string"),
    ("has", (Strings(["a"]), [["a"]]), "false"),
    ("has", (NilList(), Lists([[Int(1)]])), "false"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), BUILDING)
def test_building(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), TAKING)
def test_taking(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), FILTERING)
def test_filtering(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_no_function_changes_its_list():
    for name, *arguments in (("append", "x"), ("prepend", "x"), ("reverse",), ("rest",), ("initial",), ("compact",)):
        original = [Int(1), None, Int(2)]
        result = load(name)(original, *arguments)
        assert original == [1, None, 2]
        result.append("y")
        assert original == [1, None, 2], name


def test_results_are_of_any_but_those_of_slice():
    strings = Strings(["a", "b", "c"])
    assert type(load("rest")(strings)) is list
    assert type(load("slice")(strings, Int(1))) is Strings
    assert type(load("chunk")(2, strings)) is Lists
    assert type(load("rest")([])) is NilList
