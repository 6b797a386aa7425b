"""Amounts as the rules compare them."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.validation.quantities import milli, nano, sign, whole, written

UNITS = {
    **{name: Fraction(1000) ** at for at, name in enumerate(["n", "u", "m", "", "k", "M", "G", "T"], -3)},
    **{f"{name}i": Fraction(1024) ** at for at, name in enumerate("KMGTPE", 1)},
    **{f"e{power}": Fraction(10) ** power for power in range(-6, 10)},
}
AMOUNTS = st.tuples(
    st.sampled_from(["", "-", "+"]),
    st.from_regex(r"\A(?:[0-9]{1,6}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})\Z"),
    st.sampled_from(sorted(UNITS)),
)


@given(AMOUNTS)
def test_amounts_are_exact_and_rounded_away_from_zero(amount):
    minus, number, unit = amount
    exact = Fraction(number.rstrip(".") if number[0] != "." else "0" + number) * UNITS[unit]
    turn = -1 if minus == "-" else 1
    text = minus + number + unit
    assert nano(text) == turn * ceil(exact * 10**9)
    assert milli(text) == turn * ceil(exact * 1000)
    assert whole(text) == turn * ceil(exact)
    assert sign(text) == (turn if exact else 0)


@given(st.integers(-(10**18), 10**18), st.booleans())
def test_what_is_written_says_the_same(number, binary):
    assert nano(written(number, binary=binary)) == number


@pytest.mark.parametrize(
    ("number", "binary", "text"),
    [
        (0, False, "0"),
        (10**9, False, "1"),
        (1500 * 10**6, False, "1500m"),
        (1024 * 10**9, True, "1Ki"),
        (10**12, True, "1k"),
    ],
)
def test_how_it_is_written(number, binary, text):
    assert written(number, binary=binary) == text


def test_what_decoding_refuses_is_nothing():
    assert [nano(text) for text in ("", "x", "1x", None)] == [0, 0, 0, 0]
