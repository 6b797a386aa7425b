"""Regular expressions; the expected values are Go's. Every case runs on both engines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang import regexp
from navarch.golang.regexp import Regexp, compile_regexp, quote_meta

FOUND = [
    ("a", "banana", "a|a|a"),
    ("", "abc", "|||"),
    ("a*", "baac", "|aa|"),
    ("a+?", "aaa", "a|a|a"),
    ("(a)(b)?", "abaa", "ab|a|a"),
    ("^a", "aaa", "a"),
    ("a$", "aaa", "a"),
    ("\\b", "ab cd", "|||"),
    ("\\B", "abc", "|"),
    ("(?m)^.", "ab\ncd", "a|c"),
    ("(?m)$", "a\nb", "|"),
    ("(?s).", "a\nb", "a|\n|b"),
    (".", "a\nb", "a|b"),
    ("[^a]", "a\nb", "\n|b"),
    ("(|a)*", "aa", "||"),
    ("(a|b)*c", "abac", "abac"),
    ("a|ab", "ab", "a"),
    ("(?:ab|a)b?", "abb", "abb"),
    ("\\d+", "a12b3", "12|3"),
    ("\\w", "é_1", "_|1"),
    ("\\W+", "a-é-b", "-é-"),
    ("[[:alpha:]]+", "ab1é", "ab"),
    ("[^[:^digit:]]", "a1", "1"),
    ("é+", "aéé", "éé"),
    (".", "日本", "日|本"),
    ("\\x{65e5}", "日本", "日"),
    ("(?i)k", "kKK", "k|K|K"),
    ("(?i)s", "Sſ", "S|ſ"),
    ("(?i)[a-z]+", "aBcK", "aBcK"),
    ("(?i)É", "é", "é"),
    ("\\pL+", "aé1", "aé"),
    ("\\p{Greek}", "aλ", "λ"),
    ("\\PL", "a1", "1"),
    ("[\\p{Lu}1]", "aB1", "B|1"),
    ("\\p{greek}", "λ", "λ"),
    ("\\p{Letter}", "a", "a"),
    ("\\p{^Lu}", "Ab", "b"),
    ("\\Qa.b\\E+", "a.bbb a+b", "a.bbb"),
    ("a{2}", "aaaaa", "aa|aa"),
    ("a{2,}", "aaaaa", "aaaaa"),
    ("a{1,2}?", "aaa", "a|a|a"),
    ("a{0}", "a", "|"),
    ("x*", "axb", "|x|"),
    ("\\z", "ab", ""),
    ("\\Aa", "aa", "a"),
    ("(?U)a+", "aa", "a|a"),
    ("(?U)a+?", "aa", "aa"),
    ("[]a]+", "a]b", "a]"),
    ("[a-]+", "a-b", "a-"),
    ("[--a]", "-0a", "-|0|a"),
    ("{", "a{b", "{"),
    ("a{,2}", "a{,2}", "a{,2}"),
    ("\\07", "\x07", "\x07"),
    ("\\_", "_", "_"),
    ("a.c", "abc a\nc", "abc"),
    ("(a*)*", "b", "|"),
    ("(a*)+", "b", "|"),
    ("(?:a?)*?b", "aab", "aab"),
    ("(?P<x>a)(?P<x>b)", "ab", "ab"),
    ("(?i:a)b", "Ab AB", "Ab"),
]

REPLACED = [
    ("a", "banana", "x", "bxnxnx"),
    ("a", "banana", "$0$0", "baanaanaa"),
    ("(a)(n)", "banana", "$2$1", "bnanaa"),
    ("(?P<x>a)n", "banana", "<${x}>", "b<a><a>a"),
    ("(?P<x>a)n", "banana", "<$x>", "b<a><a>a"),
    ("(?P<x>a)n", "banana", "$xy", "ba"),
    ("a", "banana", "$1", "bnn"),
    ("a", "banana", "$$", "b$n$n$"),
    ("a", "banana", "$", "b$n$n$"),
    ("a", "banana", "${", "b${n${n${"),
    ("a", "banana", "${}", "b${}n${}n${}"),
    ("a", "banana", "$é", "bnn"),
    ("(a)", "banana", "${1}x$1x", "baxnaxnax"),
    ("(a)", "banana", "$01", "bnn"),
    ("", "abc", "-", "-a-b-c-"),
    ("b*", "abc", "-", "-a-c-"),
    ("x*", "", "-", "-"),
    ("^", "abc", "-", "-abc"),
    ("$", "abc", "-", "abc-"),
    ("a|(b)", "ab", "[$1]", "[][b]"),
    ("é", "aéb", "ü", "aüb"),
    ("\\b", "ab cd", "|", "|ab| |cd|"),
    ("", "日本", "-", "-日-本-"),
    ("(\\w+) (\\w+)", "hello world", "$2 $1", "world hello"),
    ("[^A-Za-z0-9]+$", "name---", "", "name"),
    ("(-?[^a-z\\d\\-])+-?", "My_Name__x", "-", "-y-ame-x"),
]

SPLIT = [
    (",", "a,b,c", -1, "a|b|c|"),
    (",", "a,b,c", 0, ""),
    (",", "a,b,c", 1, "a,b,c|"),
    (",", "a,b,c", 2, "a|b,c|"),
    (",", "", -1, "|"),
    ("", "", -1, ""),
    ("", "abc", -1, "a|b|c|"),
    ("", "abc", 2, "a|bc|"),
    ("a", "banana", -1, "b|n|n||"),
    ("a+", "baanaa", -1, "b|n||"),
    ("x*", "axbxc", -1, "a|b|c|"),
    ("^", "abc", -1, "abc|"),
    ("$", "abc", -1, "abc|"),
    (",", "abc", -1, "abc|"),
    ("é", "aébéc", -1, "a|b|c|"),
    ("\\B", "abc", -1, "a|b|c|"),
]

QUOTED = [
    ("", ""),
    ("abc", "abc"),
    ("a.b*c", "a\\.b\\*c"),
    ("\\.+*?()|[]{}^$", "\\\\\\.\\+\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$"),
    ("é-_/", "é-_/"),
    ("a\nb", "a\nb"),
]


@pytest.fixture(params=["program", "re2"], autouse=True)
def engine(request, monkeypatch):
    monkeypatch.setattr(regexp, "_BUDGET", 1 << 40 if request.param == "program" else -1)


@pytest.mark.parametrize(("expression", "text", "matches"), FOUND)
def test_all_matches_are_found(expression, text, matches):
    compiled = Regexp(expression)
    assert "|".join(compiled.find_all(text, -1)) == matches
    assert compiled.find(text) == matches.split("|")[0]
    if matches:
        assert compiled.match(text)


@pytest.mark.parametrize(("expression", "text", "template", "result"), REPLACED)
def test_all_matches_are_replaced(expression, text, template, result):
    assert Regexp(expression).replace_all(text, template) == result


@pytest.mark.parametrize(("expression", "text", "most", "pieces"), SPLIT)
def test_a_text_is_split(expression, text, most, pieces):
    assert "".join(piece + "|" for piece in Regexp(expression).split(text, most)) == pieces


@pytest.mark.parametrize(("text", "expression"), QUOTED)
def test_a_text_is_quoted(text, expression):
    assert quote_meta(text) == expression


def test_as_many_matches_as_asked_for():
    assert Regexp("a").find_all("aaa", 2) == ["a", "a"]
    assert Regexp("[a]").find_all("aaa", 0) == []
    assert Regexp("[ab]").replace_all_literal("ab", "$0") == "$0$0"


def test_a_hostile_expression_takes_no_time():
    assert not Regexp("(a*)*(a|aa)+$").match("a" * 20_000 + "b")
    assert not Regexp("(?:a?){50}a{50}").match("a" * 49)


def test_what_is_too_large_for_re2_is_refused(monkeypatch):
    monkeypatch.setattr(regexp, "_RE2_MEMORY", 1 << 12)
    expression = "((a{100}){10}){1}"
    with pytest.raises(FunctionError, match="expression too large"):
        Regexp(expression).match("b")


def test_compiled_expressions_are_kept():
    assert compile_regexp("a+b") is compile_regexp("a+b")
    with pytest.raises(FunctionError, match="missing closing"):
        compile_regexp("(")


texts = st.text(alphabet="aé.-1\n", max_size=12)
expressions = st.recursive(
    st.sampled_from(["a", "é", ".", "[^a]", r"\d", r"\b", "^", "$", "(?:)", r"\W"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map("(?:{})".format),
        inner.map("({})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{0,2}"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
    ),
    max_leaves=6,
)


@given(expressions, texts)
def test_both_engines_find_the_same(expression, text):
    answers = []
    for budget in (1 << 40, -1):
        regexp._BUDGET = budget
        answers.append(Regexp(expression).replace_all(text, "<$0|$1>"))
    assert answers[0] == answers[1]


@given(texts)
def test_a_quoted_text_matches_itself(text):
    assert Regexp(quote_meta(text)).find(f"x{text}x") == text


@given(expressions, texts)
def test_replacing_each_match_by_itself_changes_nothing(expression, text):
    assert Regexp(expression).replace_all(text, "${0}") == text
