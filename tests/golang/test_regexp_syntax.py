"""Syntax of regular expressions; the messages are those of Go's regexp/syntax."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.regexp_syntax import parse

MALFORMED = [
    ("(", "error: error parsing regexp: missing closing ): `(`"),
    (")", "error: error parsing regexp: unexpected ): `)`"),
    ("a)", "error: error parsing regexp: unexpected ): `a)`"),
    ("((", "error: error parsing regexp: missing closing ): `((`"),
    ("[a", "error: error parsing regexp: missing closing ]: `[a`"),
    ("[z-a]", "error: error parsing regexp: invalid character class range: `z-a`"),
    ("[a-\\d]", "error: error parsing regexp: invalid escape sequence: `\\d`"),
    ("[[:foo:]]", "error: error parsing regexp: invalid character class range: `[:foo:]`"),
    ("*", "error: error parsing regexp: missing argument to repetition operator: `*`"),
    ("|*", "error: error parsing regexp: missing argument to repetition operator: `*`"),
    ("(*)", "error: error parsing regexp: missing argument to repetition operator: `*`"),
    ("a**", "error: error parsing regexp: invalid nested repetition operator: `**`"),
    ("a*+", "error: error parsing regexp: invalid nested repetition operator: `*+`"),
    ("x{2}{3}", "error: error parsing regexp: invalid nested repetition operator: `{2}{3}`"),
    ("a{1001}", "error: error parsing regexp: invalid repeat count: `{1001}`"),
    ("a{2,1}", "error: error parsing regexp: invalid repeat count: `{2,1}`"),
    ("(a{100}){11}", "error: error parsing regexp: invalid repeat count: `{11}`"),
    ("\\", "error: error parsing regexp: trailing backslash at end of expression: ``"),
    ("a\\C", "error: error parsing regexp: invalid escape sequence: `\\C`"),
    ("\\8", "error: error parsing regexp: invalid escape sequence: `\\8`"),
    ("\\1", "error: error parsing regexp: invalid escape sequence: `\\1`"),
    ("\\x", "error: error parsing regexp: invalid escape sequence: `\\x`"),
    ("\\xg1", "error: error parsing regexp: invalid escape sequence: `\\xg1`"),
    ("\\x{}", "error: error parsing regexp: invalid escape sequence: `\\x{}`"),
    ("\\x{41", "error: error parsing regexp: invalid escape sequence: `\\x{41`"),
    ("\\x{110000}", "error: error parsing regexp: invalid escape sequence: `\\x{110000`"),
    ("\\é", "error: error parsing regexp: invalid escape sequence: `\\é`"),
    ("\\p", "error: error parsing regexp: invalid character class range: `\\p`"),
    ("\\pX", "error: error parsing regexp: invalid character class range: `\\pX`"),
    ("\\p{Han", "error: error parsing regexp: invalid character class range: `\\p{Han`"),
    ("\\p{Nope}", "error: error parsing regexp: invalid character class range: `\\p{Nope}`"),
    ("\\p{}", "error: error parsing regexp: invalid character class range: `\\p{}`"),
    ("(?", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?`"),
    ("(?i", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?i`"),
    ("(?z)", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?z`"),
    ("(?i-)", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?i-)`"),
    ("(?P=n)", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?P`"),
    ("(?P<n", "error: error parsing regexp: invalid named capture: `(?P<n`"),
    ("(?P<>a)", "error: error parsing regexp: invalid named capture: `(?P<>`"),
    ("(?P<é>a)", "error: error parsing regexp: invalid named capture: `(?P<é>`"),
    ("(?<a-b>x)", "error: error parsing regexp: invalid named capture: `(?<a-b>`"),
    ("(?'n'a)", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?'`"),
    ("(?<", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?<`"),
    ("[[:word:]", "error: error parsing regexp: missing closing ]: `[[:word:]`"),
    ("[\\Q]", "error: error parsing regexp: invalid escape sequence: `\\Q`"),
    ("[]", "error: error parsing regexp: missing closing ]: `[]`"),
    ("[^]", "error: error parsing regexp: missing closing ]: `[^]`"),
    ("a{,2}**", "error: error parsing regexp: invalid nested repetition operator: `**`"),
    ("(?i)*", "error: error parsing regexp: missing argument to repetition operator: `*`"),
    ("^**", "error: error parsing regexp: invalid nested repetition operator: `**`"),
    ("(?:", "error: error parsing regexp: missing closing ): `(?:`"),
    ("(?--i)", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?--`"),
]


@pytest.mark.parametrize(("expression", "message"), MALFORMED)
def test_a_malformed_expression_is_refused_in_go_s_words(expression, message):
    with pytest.raises(FunctionError) as error:
        parse(expression)
    assert f"error: {error.value}" == message


def test_the_tree_of_an_expression():
    syntax = parse(r"a(b|\d)*?$")
    group = ("group", 1, ("alt", [("char", "b"), ("set", [(48, 57)])]))
    assert syntax.root == ("cat", [("char", "a"), ("repeat", group, 0, -1, False), ("at", "text-end")])
    assert syntax.names == ["", ""]
    assert syntax.simple


def test_names_of_groups_are_kept_from_re2():
    syntax = parse("(?P<x>a)(?<x>b)(c)")
    assert syntax.names == ["", "x", "x", ""]
    assert syntax.re2 == "(a)(b)(c)"


@pytest.mark.parametrize("expression", [r"\pL", r"[\p{Greek}]", "(?i)é", "(" * 60 + ")" * 60, "a*(?i)*"])
def test_what_needs_tables_or_depth_is_not_simple(expression):
    assert not parse(expression).simple


def test_bytes_that_are_not_utf_8_are_refused():
    with pytest.raises(FunctionError, match="invalid UTF-8: `\udcff`"):
        parse("a\udcff")


def test_deep_nesting_is_refused():
    with pytest.raises(FunctionError, match="expression nests too deeply"):
        parse("(" * 5000 + ")" * 5000)


@given(st.text(alphabet="ab01()[]{}*+?|\\^$.-:,PQEpx<>i=é", max_size=16))
def test_any_text_is_an_expression_or_refused(text):
    with suppress(FunctionError):
        parse(text)
