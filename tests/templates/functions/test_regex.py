"""Regular expressions in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int

CASES = [
    ("regexMatch", ("^a+$", "aaa"), "true"),
    ("regexMatch", ("(", "a"), "false"),
    ("mustRegexMatch", ("(", "a"), "error: error parsing regexp: missing closing ): `(`"),
    ("mustRegexMatch", ("b", "abc"), "true"),
    ("regexFind", ("a+", "baac"), '"aa"'),
    ("regexFind", ("(", "a"), "error: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`"),
    ("regexFind", ("`(", "a"), 'error: regexp: Compile("`("): error parsing regexp: missing closing ): ``(`'),
    ("mustRegexFind", ("x", "abc"), '""'),
    ("mustRegexFind", ("[", "abc"), "error: error parsing regexp: missing closing ]: `[`"),
    ("regexFindAll", ("a", "banana", Int(-1)), '[]string{"a", "a", "a"}'),
    ("regexFindAll", ("a", "banana", Int(2)), '[]string{"a", "a"}'),
    ("regexFindAll", ("x", "banana", Int(-1)), "[]string(nil)"),
    ("regexFindAll", ("a", "banana", Int(0)), "[]string(nil)"),
    (
        "regexFindAll",
        ("*", "banana", Int(0)),
        "error: regexp: Compile(`*`): error parsing regexp: missing argument to repetition operator: `*`",
    ),
    (
        "mustRegexFindAll",
        ("*", "banana", Int(0)),
        "error: error parsing regexp: missing argument to repetition operator: `*`",
    ),
    ("regexReplaceAll", ("a(x*)b", "-ab-axxb-", "${1}W"), '"-W-xxW-"'),
    ("mustRegexReplaceAll", ("a(", "x", "y"), "error: error parsing regexp: missing closing ): `a(`"),
    ("regexReplaceAllLiteral", ("a(x*)b", "-ab-axxb-", "${1}"), '"-${1}-${1}-"'),
    (
        "regexReplaceAllLiteral",
        ("\\", "x", "y"),
        "error: regexp: Compile(`\\`): error parsing regexp: trailing backslash at end of expression: ``",
    ),
    ("mustRegexReplaceAllLiteral", ("@sha.*", "image@sha256:abc", ""), '"image"'),
    ("regexSplit", ("z+", "pizza", Int(-1)), '[]string{"pi", "a"}'),
    ("regexSplit", (",", "a,b", Int(0)), "[]string(nil)"),
    ("mustRegexSplit", (",", "a,b,c", Int(2)), '[]string{"a", "b,c"}'),
    ("mustRegexSplit", ("(", ",", Int(2)), "error: error parsing regexp: missing closing ): `(`"),
    ("regexQuoteMeta", ("1.2.3",), '"1\\\\.2\\\\.3"'),
    ("regexFind", ("-r\\d+$|sha256:", "1.2.3-debian-12-r4"), '"-r4"'),
    ("regexReplaceAllLiteral", ("\\W", "a-b c", "_"), '"a_b_c"'),
    (
        "regexMatch",
        (
            "^([0-9]+)(\\.[0-9]+)?(\\.[0-9]+)?(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?$",
            "1.2.3-rc.1+b",
        ),
        "true",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_functions(call, name, arguments, expected):
    assert call(name, *arguments) == expected
