"""sprig's string functions; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.runes import to_bytes
from navarch.golang.types import Int, NilList, StringMap, Strings
from navarch.templates.functions import load

CUTTING = [
    ("trunc", (3, "hello"), '"hel"'),
    ("trunc", (-3, "hello"), '"llo"'),
    ("trunc", (10, "hello"), '"hello"'),
    ("trunc", (-10, "hello"), '"hello"'),
    ("trunc", (0, "hello"), '""'),
    ("trunc", (3, "żółw"), '"ż\\xc3"'),
    ("trunc", (-3, "żółw"), '"łw"'),
    ("substr", (1, 3, "hello"), '"el"'),
    ("substr", (-1, 3, "hello"), '"hel"'),
    ("substr", (2, -1, "hello"), '"llo"'),
    ("substr", (2, 99, "hello"), '"llo"'),
    ("substr", (1, 3, "żółw"), '"\\xbc\\xc3"'),
    ("substr", (9, -1, "hello"), "error: runtime error: slice bounds out of range [9:5]"),
    ("substr", (3, 2, "hello"), "error: runtime error: slice bounds out of range [3:2]"),
    ("substr", (-1, 9, "hello"), "error: runtime error: slice bounds out of range [:9] with length 5"),
    ("substr", (-1, -2, "hello"), "error: runtime error: slice bounds out of range [:-2]"),
    ("abbrev", (8, "hello world"), '"hello..."'),
    ("abbrev", (3, "hello world"), '"hello world"'),
    ("abbrev", (20, "hello world"), '"hello world"'),
    ("abbrev", (6, "żółw żółw"), '"ż\\xc3..."'),
    ("abbrevboth", (5, 10, "1234 5678 9123"), '"...5678..."'),
    ("abbrevboth", (0, 10, "1234 5678 9123"), '"1234 56..."'),
    ("abbrevboth", (6, 7, "1234 5678 9123 4567"), '"...6..."'),
    ("abbrevboth", (9, 8, "1234 5678 9123"), '"... 9123"'),
    ("abbrevboth", (5, 6, "1234 5678 9123"), '"1234 5678 9123"'),
    ("abbrevboth", (2, 3, "1234 5678 9123"), '"1234 5678 9123"'),
    ("trim", (" \t\n pad \u00a0\u3000",), '"pad"'),
    ("trim", ("\x1c x \x1f",), '"\\x1c x \\x1f"'),
    ("trimAll", ("$-", "-$5.00$-"), '"5.00"'),
    ("trimall", ("", "x"), '"x"'),
    ("trimPrefix", ("-", "--x"), '"-x"'),
    ("trimSuffix", ("-", "x--"), '"x-"'),
    ("trimSuffix", ("", "x"), '"x"'),
    ("nospace", (" a b\tc ",), '"abc"'),
    ("nospace", ("żółw",), '"żółw"'),
    ("nospace", ("ż w",), '"Å¼w"'),
    ("initials", ("First Try",), '"FT"'),
    ("initials", ("  two\twords ",), '"tw"'),
    ("initials", ("żółw ogród",), '"Åo"'),
    ("repeat", (3, "ab"), '"ababab"'),
    ("repeat", (0, "ab"), '""'),
    ("repeat", (-1, "ab"), "error: strings: negative Repeat count"),
    ("wrap", (5, "Hello World foo"), '"Hello\\nWorld\\nfoo"'),
    ("wrap", (0, "ab c"), '"ab\\nc"'),
    ("wrap", (4, "extraordinary long"), '"extraordinary\\nlong"'),
    ("wrap", (20, ""), '""'),
    ("wrapWith", (5, "\t", "Hello Wonderful"), '"Hello\\tWonde\\trful"'),
    ("wrapWith", (3, "", "abcdefgh ij"), '"abc\\ndef\\ngh\\nij"'),
    ("wrapWith", (2, "|", "żółw"), '"ż|ó|ł|w"'),
]

CASE = [
    ("upper", ("żółw ß ŉ ǆ ᾳ",), '"ŻÓŁW ß ŉ Ǆ ᾼ"'),
    ("lower", ("ŻÓŁW İ ΑΣ ΑΣ.",), '"żółw i ασ ασ."'),
    ("upper", ("abc",), '"ABC"'),
    ("title", ("hello world-wide foo_bar 4you żółw ǆ",), '"Hello World-Wide Foo_bar 4you Żółw ǅ"'),
    ("title", ("ßa 'quoted'",), "\"ßa 'Quoted'\""),
    ("untitle", ("Hello World ŻÓŁW",), '"hello world żÓŁW"'),
    ("swapcase", ("This Is A.Test ŻóŁw ǅ",), '"tHIS iS a.tEST żÓłW ǆ"'),
    ("swapcase", ("aBC dE",), '"Abc De"'),
    ("snakecase", ("FirstName",), '"first_name"'),
    ("snakecase", ("HTTPServer2xOK",), '"http_server_2x_ok"'),
    ("snakecase", ("Duration2m3s Bld4Floor3rd",), '"duration_2m3s_bld4_floor_3rd"'),
    ("snakecase", ("--Foo  bar__Baz.qux!",), '"__foo__bar__baz.qux!"'),
    ("snakecase", ("ŻółwOgród日本語ABC 12ab",), '"żółw_ogród_日本語_abc_12ab"'),
    ("snakecase", ("no_change",), '"no_change"'),
    ("kebabcase", ("GO_PATH http2xx NoHTTPS",), '"go-path-http-2xx-no-https"'),
    ("kebabcase", ("aB1c2D3",), '"a-b-1c2-d3"'),
    ("camelcase", ("http_server",), '"HttpServer"'),
    ("camelcase", ("_complex__case_",), '"_Complex_Case_"'),
    ("camelcase", ("GOLANG_IS-GREAT thing",), '"GolangIsGreatThing"'),
    ("camelcase", ("--",), '"---"'),
    ("camelcase", ("-",), '"--"'),
    ("camelcase", ("a",), '"A"'),
    ("camelcase", ("",), '""'),
]

QUOTING = [
    ("quote", ('a "b" \\ \n\t\x00\x7f',), '"\\"a \\\\\\"b\\\\\\" \\\\\\\\ \\\\n\\\\t\\\\x00\\\\x7f\\""'),
    ("quote", ("żółw 日本語 😀 \u200b \u00ad \U000e0001",), '"\\"żółw 日本語 😀 \\\\u200b \\\\u00ad \\\\U000e0001\\""'),
    ("quote", (), '""'),
    ("quote", (None,), '""'),
    ("quote", (Int(1), "a", None, 2.5, True, 1e6), '"\\"1\\" \\"a\\" \\"2.5\\" \\"true\\" \\"1e+06\\""'),
    ("quote", (["a", None, Int(1)], {"k": "v"}), '"\\"[a <nil> 1]\\" \\"map[k:v]\\""'),
    ("squote", ("it's",), "\"'it's'\""),
    ("squote", (Int(1), None, "a", 1e21), "\"'1' 'a' '1e+21'\""),
    ("squote", (), '""'),
    ("cat", ("a", Int(1), None, 2.0, "b"), '"a 1 2 b"'),
    ("cat", (), '""'),
    ("cat", ("", "x"), '" x"'),
    ("indent", (2, "a\nb\n"), '"  a\\n  b\\n  "'),
    ("indent", (0, "a"), '"a"'),
    ("indent", (-1, "a"), "error: strings: negative Repeat count"),
    ("nindent", (4, "a: 1\nb: 2"), '"\\n    a: 1\\n    b: 2"'),
    ("nindent", (-1, "a"), "error: strings: negative Repeat count"),
    ("replace", ("a", "b", "banana"), '"bbnbnb"'),
    ("replace", ("", "-", "abc"), '"-a-b-c-"'),
    ("replace", ("x", "", "axbx"), '"ab"'),
    ("plural", ("one", "many", 1), '"one"'),
    ("plural", ("one", "many", 0), '"many"'),
    ("contains", ("an", "banana"), "true"),
    ("contains", ("", ""), "true"),
    ("hasPrefix", ("ba", "banana"), "true"),
    ("hasSuffix", ("ba", "banana"), "false"),
    ("hello", (), '"Hello!"'),
]

CONVERSION = [
    ("toString", (None,), '"<nil>"'),
    ("toString", (1.5,), '"1.5"'),
    ("toString", (1e6,), '"1e+06"'),
    ("toString", (8080.0,), '"8080"'),
    ("toString", (-0.0,), '"-0"'),
    ("toString", (Int(5),), '"5"'),
    ("toString", ([Int(1), "a", None],), '"[1 a <nil>]"'),
    ("toString", ({"b": Int(1), "a": None},), '"map[a:<nil> b:1]"'),
    ("toString", (b"ab\xc5\x82",), '"abł"'),
    ("toStrings", ([Int(1), "a", None, 2.5, True, ["x"]],), '[]string{"1", "a", "2.5", "true", "[x]"}'),
    ("toStrings", ("one",), '[]string{"one"}'),
    ("toStrings", (None,), "[]string{}"),
    ("toStrings", (NilList(),), "[]string{}"),
    ("toStrings", ({"a": Int(1)},), '[]string{"map[a:1]"}'),
    ("toStrings", (b"ab",), '[]string{"97", "98"}'),
]

LISTS = [
    ("split", ("$", "foo$bar$baz"), 'map[string]string{"_0":"foo", "_1":"bar", "_2":"baz"}'),
    ("split", ("", "żół"), 'map[string]string{"_0":"ż", "_1":"ó", "_2":"ł"}'),
    ("split", (",", ""), 'map[string]string{"_0":""}'),
    ("splitList", (",", "a,,b"), '[]string{"a", "", "b"}'),
    ("splitList", ("", "żół"), '[]string{"ż", "ó", "ł"}'),
    ("splitList", ("", ""), "[]string{}"),
    ("splitList", (",", ""), '[]string{""}'),
    ("splitn", ("$", 2, "foo$bar$baz"), 'map[string]string{"_0":"foo", "_1":"bar$baz"}'),
    ("splitn", ("$", 0, "foo$bar"), "map[string]string{}"),
    ("splitn", ("$", -1, "foo$bar$baz"), 'map[string]string{"_0":"foo", "_1":"bar", "_2":"baz"}'),
    ("splitn", ("", 2, "żół"), 'map[string]string{"_0":"ż", "_1":"ół"}'),
    ("splitn", ("", 9, "żół"), 'map[string]string{"_0":"ż", "_1":"ó", "_2":"ł"}'),
    ("join", ("-", ["a", Int(1), None, 2.0]), '"a-1-2"'),
    ("join", ("-", Strings(["a", "b"])), '"a-b"'),
    ("join", ("-", "one"), '"one"'),
    ("join", ("-", None), '""'),
    ("join", (",", StringMap({"_0": "p"})), '"map[_0:p]"'),
    ("sortAlpha", (["c", "a", Int(10), 2.0],), '[]string{"10", "2", "a", "c"}'),
    ("sortAlpha", ("one",), '[]string{"one"}'),
    ("sortAlpha", (None,), '[]string{"<nil>"}'),
    ("sortAlpha", (Strings(["b", "a"]),), '[]string{"a", "b"}'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CUTTING)
def test_cutting(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), CASE)
def test_case(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), QUOTING)
def test_quoting(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), CONVERSION)
def test_conversion(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), LISTS)
def test_lists(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_sort_alpha_sorts_strings_in_place():
    strings = Strings(["b", "a"])
    assert load("sortAlpha")(strings) is strings
    assert strings == ["a", "b"]
    items = ["b", "a"]
    assert load("sortAlpha")(items) == ["a", "b"]
    assert items == ["b", "a"]


def test_repeat_has_a_bound():
    with pytest.raises(FunctionError, match="Repeat output length overflow"):
        load("repeat")(1 << 40, "x")


@given(st.text(), st.integers(-20, 20), st.integers(-20, 20))
def test_pieces_of_text_are_pieces_of_its_bytes(text, start, end):
    data = to_bytes(text)
    assert to_bytes(load("trunc")(start, text)) == (data[:start] if start >= 0 else data[start:])
    if 0 <= start <= end <= len(data):
        assert to_bytes(load("substr")(start, end, text)) == data[start:end]


@given(st.text())
def test_base64_and_base32_decode_what_they_encode(text):
    assert load("b64dec")(load("b64enc")(text)) == text
    assert load("b32dec")(load("b32enc")(text)) == text
