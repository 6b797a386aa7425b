"""Quantities: what apimachinery's ParseQuantity, String and RoundUp gave for these texts, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.decode.quantity import MILLI, ZERO, Quantity, QuantityError, parse

_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX = "unable to parse quantity's suffix"
_LARGEST = "9223372036854775807"
_LONG = "123456789012345678901234567890"
_NUMBERS = st.from_regex(r"[+-]?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?", fullmatch=True)
_SUFFIXES = st.sampled_from(["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "e3", "e-3", "E6"])
_QUANTITIES = st.builds(lambda number, suffix: parse(number + suffix), _NUMBERS, _SUFFIXES)


@pytest.mark.parametrize(
    ("text", "shown", "rounded"),
    [
        ("1.5", "1500m", "1500m"),
        ("1024Mi", "1Gi", "1Gi"),
        ("1000Mi", "1000Mi", "1000Mi"),
        ("0.5Gi", "512Mi", "512Mi"),
        ("1e3", "1e3", "1e3"),
        ("12E6", "12E6", "12E6"),
        ("1.234", "1.234", "1.234"),
        ("+5", "+5", "+5"),
        ("01Gi", "01Gi", "01Gi"),
        ("1000", "1k", "1k"),
        ("1.0", "1", "1"),
        ("0.0", "0", "0"),
        ("100n", "100n", "1m"),
        ("0.1n", "1n", "1m"),
        ("1000E", "1", "1"),
        ("0.5Ki", "512", "512"),
        ("1.5Gi", "1536Mi", "1536Mi"),
        (_LONG, _LONG, _LONG),
        ("12345678901234567890Mi", _LARGEST, _LARGEST),
        ("2048", "2048", "2048"),
        (".5", "500m", "500m"),
        ("5.", "5.", "5."),
        (".", "0", "0"),
        ("-", "0", "0"),
        ("-1.5", "-1500m", "-1500m"),
        ("-0.5Ki", "-512", "-512"),
        ("1E+2", "100", "100"),
        ("k", "0", "0"),
        ("1.0000000001", "1000000001n", "1001m"),
        ("1e400", "10e399", "10e399"),
    ],
)
def test_texts_are_written_as_kubernetes_writes_them(text: str, shown: str, rounded: str) -> None:
    assert str(parse(text)) == shown
    assert str(parse(text).rounded(MILLI)) == rounded


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", _FORMAT),
        ("a", _FORMAT),
        ("1x", _FORMAT),
        ("1.2.3", _FORMAT),
        ("1 ", _FORMAT),
        ("\u0663", _FORMAT),
        ("1e", _SUFFIX),
        ("1i", _SUFFIX),
        ("1ee3", _SUFFIX),
        ("1e99999999999999999999", _SUFFIX),
    ],
)
def test_other_texts_are_refused_in_its_words(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert str(caught.value) == message


@given(_QUANTITIES)
def test_what_is_written_means_the_same(quantity: Quantity) -> None:
    assert parse(str(quantity)) == quantity


@given(_QUANTITIES, _QUANTITIES)
def test_sums_and_order_agree(one: Quantity, other: Quantity) -> None:
    assert (one + other) - other == one
    assert one + other == other + one
    assert one.compare(other) == -other.compare(one) == (one - other).compare(ZERO)
    assert (one == other) is (one.compare(other) == 0)
    if one == other:
        assert hash(one) == hash(other)


@given(_QUANTITIES)
def test_rounding_goes_away_from_zero(quantity: Quantity) -> None:
    whole = Quantity(quantity.whole())
    assert abs(whole.unscaled) >= 0 <= (whole.compare(quantity) * (1 if quantity.unscaled >= 0 else -1))
    assert abs(whole.compare(quantity)) * abs((whole - quantity).milli()) <= 1000


@given(st.text(st.sampled_from("0123456789.+-eEinumkKMGTP ")))
def test_no_text_is_too_strange(text: str) -> None:
    told = _FORMAT
    try:
        parse(text)
    except QuantityError as error:
        told = str(error)
    assert told in (_FORMAT, _SUFFIX, "unable to parse numeric part of quantity")


def test_far_apart_exponents_cost_nothing() -> None:
    assert parse("1e2000000000").compare(parse("5")) == 1
    assert str(parse("1e2000000000")) == "100e1999999998"
