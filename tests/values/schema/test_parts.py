"""The small parts: exact numbers, numbers in messages, formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.values.schema.document import compare, equals, is_multiple, is_whole, read_json
from navarch.values.schema.formats import FORMATS
from navarch.values.schema.messages import display, number, quoted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (-1.5, "-1.5"),
        (1234.5, "1,234.5"),
        (999999, "999,999"),
        (1000000, "1×10⁰⁶"),
        (12345678.25, "1.234567825×10⁰⁷"),
        (0.0001, "0.0001"),
        (0.00001, "1×10⁻⁰⁵"),
        (1e21, "1×10²¹"),
        (b"1e3", "1,000"),
    ],
)
def test_numbers_in_messages(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [('it\'s "x"', "'it\\'s \"x\"'"), (None, "<nil>"), (True, "true"), (b"1.50", "1.50"), (2, "2")]
)
def test_values_in_messages(value: object, text: str) -> None:
    assert display(value) == text


def test_quotes() -> None:
    assert quoted("a\\b\n") == "'a\\\\b\\n'"


@given(st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_numbers_equal_themselves(value: float) -> None:
    assert compare(value, value) == 0
    assert equals(value, value)
    assert compare(value, read_json(repr(value).encode())) == 0


@pytest.mark.parametrize(
    ("value", "of", "divides"), [(0.3, 0.1, True), (0.35, 0.1, False), (1e300, 7, False), (6, 1.5, True), (1, 0, False)]
)
def test_multiples_are_decimal(value: float, of: float, divides: bool) -> None:
    assert is_multiple(value, of) is divides


def test_whole_numbers() -> None:
    assert is_whole(2.0)
    assert is_whole(1e300)
    assert not is_whole(1.5)
    assert is_whole(b"1.50e2")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", "a.b@example.com"),
        ("email", '"a b"@[127.0.0.1]'),
        ("email", "a@[IPv6:::1]"),
        ("ipv4", "10.0.0.1"),
        ("ipv6", "2001:db8::1"),
        ("date", "2024-02-29"),
        ("date-time", "2024-02-29T23:59:60Z"),
        ("time", "10:20:30.5+01:00"),
        ("uri", "https://[::1]:80/x?y#z"),
        ("uri-reference", "../x"),
        ("uri-template", "/{a}/{b}"),
        ("hostname", "a-b.example."),
        ("uuid", "2eb8aa08-AA98-11ea-b4aa-73b441d16380"),
        ("json-pointer", "/a~1b/~0"),
        ("relative-json-pointer", "1/a"),
        ("relative-json-pointer", "0#"),
        ("duration", "P1Y2M3DT4H5M6S"),
        ("duration", "P3W"),
        ("period", "2024-01-01T00:00:00Z/P1D"),
        ("semver", "1.2.3-rc.1+build.5"),
        ("regex", "^(a|b)*$"),
    ],
)
def test_formats_let_through(name: str, text: str) -> None:
    assert FORMATS[name](text) == ""


@given(st.sampled_from(sorted(FORMATS)), st.text(max_size=30))
def test_formats_answer_every_text(name: str, text: str) -> None:
    assert isinstance(FORMATS[name](text), str)
