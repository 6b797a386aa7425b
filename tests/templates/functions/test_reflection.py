"""sprig's functions on types and emptiness; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int, Ints, Lists, NilList, StringMap, Strings, Uint8

TYPES = [
    ("typeOf", (None,), '"<nil>"'),
    ("typeOf", ("",), '"string"'),
    ("typeOf", (Int(1),), '"int"'),
    ("typeOf", (1,), '"int64"'),
    ("typeOf", (1.0,), '"float64"'),
    ("typeOf", (True,), '"bool"'),
    ("typeOf", ([],), '"[]interface {}"'),
    ("typeOf", ({},), '"map[string]interface {}"'),
    ("typeOf", (Strings(["a"]),), '"[]string"'),
    ("typeOf", (Ints([Int(0)]),), '"[]int"'),
    ("typeOf", (Lists([[Int(1)]]),), '"[][]interface {}"'),
    ("typeOf", (StringMap({"_0": "a"}),), '"map[string]string"'),
    ("typeOf", (b"x",), '"[]uint8"'),
    ("typeOf", (Uint8(65),), '"uint8"'),
    ("typeIs", ("string", "x"), "true"),
    ("typeIs", ("int", 1.0), "false"),
    ("typeIsLike", ("[]interface {}", NilList()), "true"),
    ("typeIsLike", ("map", {}), "false"),
    ("kindOf", (None,), '"invalid"'),
    ("kindOf", (Strings(["a"]),), '"slice"'),
    ("kindOf", ({},), '"map"'),
    ("kindOf", (Int(1),), '"int"'),
    ("kindIs", ("map", {"a": Int(1)}), "true"),
    ("kindIs", ("invalid", None), "true"),
]

CHOICES = [
    ("default", ("d", "x"), '"x"'),
    ("default", ("d", ""), '"d"'),
    ("default", ("d", Int(0)), '"d"'),
    ("default", ("d", 0.0), '"d"'),
    ("default", ("d", False), '"d"'),
    ("default", ("d", None), '"d"'),
    ("default", ("d", []), '"d"'),
    ("default", ("d", {}), '"d"'),
    ("default", ("d", NilList()), '"d"'),
    ("default", ("d", [None]), "[]interface {}{interface {}(nil)}"),
    ("default", ("d",), '"d"'),
    ("default", ("d", "x", "y"), '"x"'),
    ("empty", ("",), "true"),
    ("empty", ("a",), "false"),
    ("empty", (None,), "true"),
    ("empty", (Uint8(65),), "false"),
    ("coalesce", (None, "", Int(0), "x", "y"), '"x"'),
    ("coalesce", (None, ""), "<nil>"),
    ("coalesce", (), "<nil>"),
    ("all", ("a", Int(1)), "true"),
    ("all", ("a", Int(0)), "false"),
    ("all", (), "true"),
    ("any", ("", Int(0)), "false"),
    ("any", ("", "x"), "true"),
    ("any", (), "false"),
    ("ternary", ("a", "b", True), '"a"'),
    ("ternary", ("a", None, False), "<nil>"),
]

EQUALITY = [
    ("deepEqual", (Int(1), Int(1)), "true"),
    ("deepEqual", (Int(1), 1), "false"),
    ("deepEqual", (Int(1), 1.0), "false"),
    ("deepEqual", ([Int(1), {"a": None}], [Int(1), {"a": None}]), "true"),
    ("deepEqual", ([Int(1)], [1.0]), "false"),
    ("deepEqual", ([], NilList()), "false"),
    ("deepEqual", (NilList(), NilList()), "true"),
    ("deepEqual", (["a"], Strings(["a"])), "false"),
    ("deepEqual", ({"a": True}, {"a": Int(1)}), "false"),
    ("deepEqual", ({"a": True}, {"b": True}), "false"),
    ("deepEqual", (None, None), "true"),
    ("deepEqual", (None, NilList()), "false"),
    ("deepEqual", (b"a", b"a"), "true"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), TYPES)
def test_types(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), CHOICES)
def test_choices(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), EQUALITY)
def test_equality(call, name, arguments, expected):
    assert call(name, *arguments) == expected
