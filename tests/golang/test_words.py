"""Words in text; the expected values are those of the Go packages xstrings and goutils."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.words import lower_words, pascal_case, swap_case, wrap_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("FirstName", "first_name"),
        ("HTTPServer", "http_server"),
        ("NoHTTPS", "no_https"),
        ("GO PATH-x", "go_path_x"),
        ("http2xx", "http_2xx"),
        ("HTTP20xOK", "http_20x_ok"),
        ("Duration2m3s", "duration_2m3s"),
        ("Bld4Floor3rd", "bld4_floor_3rd"),
    ],
)
def test_lower_words(text, expected):
    assert lower_words(text, "_") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("some_words", "SomeWords"),
        ("no_https", "NoHttps"),
        ("_complex__case_", "_Complex_Case_"),
        ("GOLANG_IS_GREAT", "GolangIsGreat"),
    ],
)
def test_pascal_case(text, expected):
    assert pascal_case(text) == expected


@given(st.text())
def test_words_take_any_text(text):
    assert isinstance(lower_words(text, "-"), str)
    assert isinstance(pascal_case(text), str)
    assert len(swap_case(text)) == len(text)


@given(st.text(alphabet="ab ", max_size=40), st.integers(1, 10))
def test_broken_lines_are_not_too_long(text, width):
    assert all(len(line) <= width for line in wrap_words(text, width, "\n", break_words=True).split("\n"))
