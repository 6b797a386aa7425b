"""text/template's own functions; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int, NilList, StringMap, Strings, Uint8

COMPARING = [
    ("eq", ("a", "a"), "true"),
    ("eq", ("a", "b", "c", "a"), "true"),
    ("eq", ("a",), "error: missing argument for comparison"),
    ("eq", (Int(1), 1), "true"),
    ("eq", (Int(65), Uint8(65)), "true"),
    ("eq", (Int(1), 1.0), "error: incompatible types for comparison: int and float64"),
    ("eq", ("a", "a", 1.0), "true"),
    ("eq", ("a", "b", 1.0), "error: incompatible types for comparison: string and float64"),
    ("eq", (True, True), "true"),
    ("eq", (True, "true"), "error: incompatible types for comparison: bool and string"),
    ("eq", (None, None), "true"),
    ("eq", (None, "a"), "false"),
    ("eq", ("a", None, "b"), "false"),
    ("eq", (NilList(), None), "true"),
    ("eq", ([], None), "false"),
    ("eq", ([Int(1)], [Int(1)]), "error: non-comparable type [%!s(int=1)]: []interface {}"),
    ("eq", ({}, {"a": Int(1)}), "error: non-comparable type map[a:%!s(int=1)]: map[string]interface {}"),
    ("eq", ({}, []), "error: non-comparable types map[]: map[string]interface {}, []interface {}: []"),
    ("eq", ({}, "a"), "error: incompatible types for comparison: map[string]interface {} and string"),
    ("ne", ("a", "b"), "true"),
    ("ne", (1.5, 1.5), "false"),
    ("ne", (Int(1), "1"), "error: incompatible types for comparison: int and string"),
    ("lt", (Int(1), Int(2)), "true"),
    ("lt", ("a", "b"), "true"),
    ("lt", ("ż", "z"), "false"),
    ("lt", (1.5, 1.5), "false"),
    ("lt", (Int(1), 2.0), "error: incompatible types for comparison: int and float64"),
    ("lt", (True, False), "error: invalid type for comparison"),
    ("lt", (True, Int(1)), "error: incompatible types for comparison: bool and int"),
    ("lt", (None, Int(1)), "error: invalid type for comparison"),
    ("lt", (Int(1), None), "error: invalid type for comparison"),
    ("lt", ([], []), "error: invalid type for comparison"),
    ("lt", ([], Int(1)), "error: invalid type for comparison"),
    ("le", (1.5, 1.5), "true"),
    ("le", ("b", "a"), "false"),
    ("gt", (Int(3), 2), "true"),
    ("gt", ("a", Int(1)), "error: incompatible types for comparison: string and int"),
    ("ge", (Uint8(65), Int(65)), "true"),
    ("ge", ("a", "b"), "false"),
]

MEASURING = [
    ("len", ("żółw",), "int(7)"),
    ("len", ([Int(1), None],), "int(2)"),
    ("len", ({"a": Int(1)},), "int(1)"),
    ("len", (NilList(),), "int(0)"),
    ("len", (b"abc",), "int(3)"),
    ("len", (Int(5),), "error: len of type int"),
    ("len", (1.5,), "error: len of type float64"),
    ("len", (None,), "error: len of nil pointer"),
]

INDEXING = [
    ("index", ([Int(1), "b"], Int(1)), '"b"'),
    ("index", ([Int(1)], Int(1)), "error: reflect: slice index out of range"),
    ("index", ([Int(1)], Int(2)), "error: index out of range: 2"),
    ("index", ([Int(1)], Int(-1)), "error: index out of range: -1"),
    ("index", ([Int(1)], "a"), "error: cannot index slice/array with type string"),
    ("index", ([Int(1)], None), "error: cannot index slice/array with nil"),
    ("index", ([Int(1)], 0.0), "error: cannot index slice/array with type float64"),
    ("index", ([[Int(1), Int(2)]], Int(0), 1), "int(2)"),
    ("index", ({"a": {"b": Int(1)}}, "a", "b"), "int(1)"),
    ("index", ({"a": {"b": Int(1)}}, "z"), "<nil>"),
    ("index", ({"a": {"b": Int(1)}}, "z", "b"), "error: index of nil pointer"),
    ("index", ({"a": Int(1)}, Int(1)), "error: value has type int; should be string"),
    ("index", ({"a": Int(1)}, None), "error: value is nil; should be of type string"),
    ("index", (StringMap({"_0": "x"}), "zz"), '""'),
    ("index", (StringMap({"_0": "x"}), "_0", Int(0)), "uint8(0x78)"),
    ("index", ("abc", Int(0)), "uint8(0x61)"),
    ("index", ("abc", Int(3)), "error: reflect: string index out of range"),
    ("index", ("ż", Int(1)), "uint8(0xbc)"),
    ("index", (b"abc", Int(0)), "uint8(0x61)"),
    ("index", (Strings(["a"]), Int(0)), '"a"'),
    ("index", (Int(5), Int(0)), "error: can't index item of type int"),
    ("index", (None, Int(0)), "error: index of untyped nil"),
    ("index", ([None], Int(0), Int(0)), "error: index of nil pointer"),
    ("index", ([None],), "[]interface {}{interface {}(nil)}"),
]

ESCAPING = [
    ("html", ("<a href='x'>T&C \"q\"\x00</a>",), '"&lt;a href=&#39;x&#39;&gt;T&amp;C &#34;q&#34;�&lt;/a&gt;"'),
    ("html", (Int(1), Int(2), "<", None), '"1 2&lt;&lt;no value&gt;"'),
    ("html", (), '""'),
    ("html", ([Int(1), "<"],), '"[1 &lt;]"'),
    ("js", ('it\'s "<b>" & a=b',), '"it\\\\\'s \\\\\\"\\\\u003Cb\\\\u003E\\\\\\" \\\\u0026 a\\\\u003Db"'),
    ("js", ("\\ \n\x7f żółw \u200b \u00ad 😀",), '"\\\\\\\\ \\\\u000A\\x7f żółw \\\\u200B \\\\u00AD 😀"'),
    ("js", (Int(1), None), '"1\\\\u003Cno value\\\\u003E"'),
    ("urlquery", ("a b&c=d/ż~-_.!*'()",), '"a+b%26c%3Dd%2F%C5%BC~-_.%21%2A%27%28%29"'),
    ("urlquery", (Int(1), True, "x"), '"1+truex"'),
    ("urlquery", (), '""'),
]

PRINTING = [
    ("print", ("a", Int(1), Int(2), "b", True, None), '"a1 2btrue <nil>"'),
    ("print", (1.0, [Int(1)], "x", "y"), '"1 [1]xy"'),
    ("print", (), '""'),
    ("println", ("a", Int(1), None), '"a 1 <nil>\\n"'),
    ("println", (), '"\\n"'),
    ("printf", ("%s=%v", "a", Int(1)), '"a=1"'),
    ("printf", ("%d%%", Int(5)), '"5%"'),
    ("printf", ("plain",), '"plain"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), COMPARING)
def test_comparing(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), MEASURING)
def test_measuring(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), INDEXING)
def test_indexing(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), ESCAPING)
def test_escaping(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), PRINTING)
def test_printing(call, name, arguments, expected):
    assert call(name, *arguments) == expected
