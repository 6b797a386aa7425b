"""The small matcher."""

from __future__ import annotations

import pytest

from navarch.golang.regexp_program import compile_program
from navarch.golang.regexp_syntax import parse


def program(expression):
    syntax = parse(expression)
    return compile_program(syntax.root, len(syntax.names))


def test_a_match_has_the_spans_of_its_groups():
    assert program("a(b)?(c)?").search("xabd", 0) == [1, 3, 2, 3, -1, -1]


def test_a_group_has_the_span_of_its_last_time():
    assert program("(?:(a)|b)*").search("ab", 0) == [0, 2, 0, 1]
    assert program("(a|b)*").search("ab", 0) == [0, 2, 1, 2]


def test_a_search_starts_where_it_is_told_but_sees_what_is_before():
    assert program("^a").search("aa", 1) is None
    assert program(r"\Ba").search("aa", 1) == [1, 2]
    assert program("a").search("ab", 1) is None


def test_steps_are_counted():
    counted = program("(a|b)*c")
    counted.search("ab" * 50, 0)
    assert 100 < counted.steps < 10_000


@pytest.mark.parametrize("expression", ["a{1000}", "(?:a{30}){30}"])
def test_large_expressions_are_left_to_re2(expression):
    assert program(expression) is None


def test_bytes_that_are_not_utf_8_count_as_characters():
    assert program(".").search("\udcff", 0) == [0, 1]
    assert program(r"\x{FFFD}").search("\ufffd", 0) == [0, 1]
    assert program("[^a]").search("\udcff", 0) == [0, 1]
