"""Conversions between numbers, as cast and Go's compiler make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.cast import MIN_INT64, float_to_int64, to_float64, to_int64, wrap_int64
from navarch.golang.duration import Duration
from navarch.golang.types import Int, Uint8


@pytest.mark.parametrize(
    ("value", "integer", "number"),
    [
        (Int(5), 5, 5.0),
        (Uint8(65), 65, 65.0),
        (-2.9, -2, -2.9),
        ("0x10", 16, 0.0),
        ("0x1p4", 0, 16.0),
        ("012", 10, 12.0),
        ("3.0", 3, 3.0),
        ("3.5", 0, 3.5),
        (True, 1, 1.0),
        (None, 0, 0.0),
        ([1], 0, 0.0),
        (Duration(5), 0, 0.0),
    ],
)
def test_conversions(value, integer, number):
    assert (to_int64(value), type(to_int64(value))) == (integer, int)
    assert (to_float64(value), type(to_float64(value))) == (number, float)


@pytest.mark.parametrize("number", [1e19, -1e19, 9223372036854775808.0, float("inf"), float("nan")])
def test_a_float_that_does_not_fit_becomes_the_lowest_integer(number):
    assert float_to_int64(number) == MIN_INT64


@given(st.integers())
def test_wrapping_keeps_64_bits(number):
    wrapped = wrap_int64(number)
    assert MIN_INT64 <= wrapped < -MIN_INT64
    assert (wrapped - number) % (1 << 64) == 0
