"""Random values in templates."""

from __future__ import annotations

import re

import pytest

from navarch.errors import FunctionError
from navarch.golang.types import Int
from navarch.templates.functions.random import FUNCTIONS, below


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("randAlpha", "[A-Za-z]{300}"),
        ("randNumeric", "[0-9]{300}"),
        ("randAlphaNum", "[A-Za-z0-9]{300}"),
        ("randAscii", "[ -~]{300}"),
    ],
)
def test_texts_have_the_length_and_the_characters_asked_for(name, pattern):
    text = FUNCTIONS[name](300)
    assert re.fullmatch(pattern, text)
    assert text != FUNCTIONS[name](300)
    assert FUNCTIONS[name](0) == FUNCTIONS[name](-1) == ""


def test_every_character_occurs():
    assert len(set(FUNCTIONS["randAlphaNum"](5000))) == 62
    assert len(set(FUNCTIONS["randAscii"](10_000))) == 95


def test_bytes_are_in_base64():
    assert re.fullmatch("[A-Za-z0-9+/]{4}", FUNCTIONS["randBytes"](3))
    assert FUNCTIONS["randBytes"](0) == ""


@pytest.mark.parametrize("count", [-1, 1 << 40])
def test_impossible_lengths_are_refused(count):
    with pytest.raises(FunctionError, match="makeslice: len out of range"):
        FUNCTIONS["randBytes"](count)


def test_numbers_are_within_their_bounds():
    found = {FUNCTIONS["randInt"](-2, 3) for _ in range(400)}
    assert found == {-2, -1, 0, 1, 2}
    assert {type(number) for number in found} == {Int}
    assert FUNCTIONS["randInt"](7, 8) == 7


@pytest.mark.parametrize(("low", "high"), [(5, 5), (5, 4)])
def test_no_number_is_within_no_bounds(low, high):
    with pytest.raises(FunctionError, match="invalid argument to Intn"):
        FUNCTIONS["randInt"](low, high)


def test_numbers_below_a_limit_over_a_byte():
    found = [below(1000) for _ in range(2000)]
    assert 0 <= min(found) < 100
    assert 900 <= max(found) < 1000


def test_shuffling_keeps_the_characters():
    text = "aébcdefghijklmnop"
    assert sorted(FUNCTIONS["shuffle"](text)) == sorted(text)
    assert any(FUNCTIONS["shuffle"](text) != text for _ in range(5))
    assert FUNCTIONS["shuffle"]("") == ""


def test_a_uuid_is_of_version_4():
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", FUNCTIONS["uuidv4"]())
