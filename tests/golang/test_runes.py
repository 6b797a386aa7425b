"""Go's view of text: case mappings one rune at a time, bytes that are not UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang import runes


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [
        ("żółw", "ŻÓŁW", "żółw"),
        ("ß ŉ ﬁ ΐ", "ß ŉ ﬁ ΐ", "ß ŉ ﬁ ΐ"),
        ("ᾳ ᾀ", "ᾼ ᾈ", "ᾳ ᾀ"),
        ("ǆ ǅ Ǆ", "Ǆ Ǆ Ǆ", "ǆ ǆ ǆ"),
        ("İ ı", "İ I", "i ı"),
        ("ΑΣ", "ΑΣ", "ασ"),
        ("a\udcff", "A\ufffd", "a\ufffd"),
    ],
)
def test_simple_case_mappings(text, upper, lower):
    assert runes.upper(text) == upper
    assert runes.lower(text) == lower


@pytest.mark.parametrize(("char", "title"), [("a", "A"), ("ǆ", "ǅ"), ("ß", "ß"), ("ŉ", "ŉ"), ("ა", "ა")])
def test_title_case(char, title):
    assert runes.title_rune(char) == title


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        (" ", True),
        ("\u00a0", False),
        ("\u00ad", False),
        ("\u0cf3", True),
        ("\u0cf4", False),
        ("\U00011f11", False),
        ("\U00011f12", True),
        ("\U000323af", True),
        ("\U000323b0", False),
        ("\udcff", False),
        ("\ufffd", True),
    ],
)
def test_is_printable_by_unicode_15(char, expected):
    assert runes.is_printable(char) is expected


def test_valid_replaces_each_byte_that_is_not_utf8():
    assert runes.valid("a\udcc5\udc80ż") == "a\ufffd\ufffdż"


def test_byte_length_counts_bytes():
    assert [runes.byte_length(text) for text in ("abc", "żó", "\udcff", "😀")] == [3, 4, 1, 4]


@given(st.binary())
def test_bytes_survive(data):
    assert runes.to_bytes(runes.from_bytes(data)) == data
    assert runes.byte_length(runes.from_bytes(data)) == len(data)
