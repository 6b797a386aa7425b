"""Go's time.Duration; the expected values are Go's."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.duration import MAX, MIN, Duration, parse_duration, quote

TEXTS = [
    ("0", "0s"),
    ("-0", "0s"),
    ("1ns", "1ns"),
    ("1us", "1µs"),
    ("1µs", "1µs"),
    ("1μs", "1µs"),
    ("1ms", "1ms"),
    ("1s", "1s"),
    ("90s", "1m30s"),
    ("1.5h", "1h30m0s"),
    ("-1.5h", "-1h30m0s"),
    ("+5m", "5m0s"),
    (".5s", "500ms"),
    ("1.s", "1s"),
    ("1h1m1.000000001s", "1h1m1.000000001s"),
    ("9223372036854775807ns", "2562047h47m16.854775807s"),
    ("-9223372036854775808ns", "-2562047h47m16.854775808s"),
    ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
    ("0.3333333333333333333h", "20m0s"),
    ("100.00100000000000000000001s", "1m40.001s"),
    ("1h1m1s1ms1us1ns", "1h1m1.001001001s"),
    ("123456789ns", "123.456789ms"),
    ("1500us", "1.5ms"),
]

MALFORMED = [
    ("", 'error: time: invalid duration ""'),
    ("-", 'error: time: invalid duration "-"'),
    ("+", 'error: time: invalid duration "+"'),
    ("1", 'error: time: missing unit in duration "1"'),
    ("1.5", 'error: time: missing unit in duration "1.5"'),
    ("h", 'error: time: invalid duration "h"'),
    (".s", 'error: time: invalid duration ".s"'),
    ("-.s", 'error: time: invalid duration "-.s"'),
    ("1x", 'error: time: unknown unit "x" in duration "1x"'),
    ("1h x", 'error: time: unknown unit "h x" in duration "1h x"'),
    ("1 h", 'error: time: unknown unit " h" in duration "1 h"'),
    ("3e5s", 'error: time: unknown unit "e" in duration "3e5s"'),
    ("1é", 'error: time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'),
    ("9223372036854775808ns", 'error: time: invalid duration "9223372036854775808ns"'),
    ("9223372036854775808h", 'error: time: invalid duration "9223372036854775808h"'),
    ("1000000000000000000000s", 'error: time: invalid duration "1000000000000000000000s"'),
    ("2562048h", 'error: time: invalid duration "2562048h"'),
    ("1h-1m", 'error: time: unknown unit "h-" in duration "1h-1m"'),
    ('1"', 'error: time: unknown unit "\\"" in duration "1\\""'),
    ("1\n", 'error: time: unknown unit "\\x0a" in duration "1\\x0a"'),
]

ROUNDED = [
    ("1h29m30s", "1h", "1h0m0s 1h0m0s"),
    ("1h29m30s", "7m", "1h31m0s 1h24m0s"),
    ("1h29m30s", "0s", "1h29m30s 1h29m30s"),
    ("1h29m30s", "-1h", "1h29m30s 1h29m30s"),
    ("1h29m30s", "3ns", "1h29m30s 1h29m30s"),
    ("1h29m30s", "2562047h", "0s 0s"),
    ("1h30m", "1h", "2h0m0s 1h0m0s"),
    ("1h30m", "7m", "1h31m0s 1h24m0s"),
    ("1h30m", "0s", "1h30m0s 1h30m0s"),
    ("1h30m", "-1h", "1h30m0s 1h30m0s"),
    ("1h30m", "3ns", "1h30m0s 1h30m0s"),
    ("1h30m", "2562047h", "0s 0s"),
    ("-1h30m", "1h", "-2h0m0s -1h0m0s"),
    ("-1h30m", "7m", "-1h31m0s -1h24m0s"),
    ("-1h30m", "0s", "-1h30m0s -1h30m0s"),
    ("-1h30m", "-1h", "-1h30m0s -1h30m0s"),
    ("-1h30m", "3ns", "-1h30m0s -1h30m0s"),
    ("-1h30m", "2562047h", "0s 0s"),
    ("-1h29m", "1h", "-1h0m0s -1h0m0s"),
    ("-1h29m", "7m", "-1h31m0s -1h24m0s"),
    ("-1h29m", "0s", "-1h29m0s -1h29m0s"),
    ("-1h29m", "-1h", "-1h29m0s -1h29m0s"),
    ("-1h29m", "3ns", "-1h29m0s -1h29m0s"),
    ("-1h29m", "2562047h", "0s 0s"),
    ("2562047h", "1h", "2562047h0m0s 2562047h0m0s"),
    ("2562047h", "7m", "2562047h1m0s 2562046h54m0s"),
    ("2562047h", "0s", "2562047h0m0s 2562047h0m0s"),
    ("2562047h", "-1h", "2562047h0m0s 2562047h0m0s"),
    ("2562047h", "3ns", "2562047h0m0s 2562047h0m0s"),
    ("2562047h", "2562047h", "2562047h0m0s 2562047h0m0s"),
    ("-2562047h", "1h", "-2562047h0m0s -2562047h0m0s"),
    ("-2562047h", "7m", "-2562047h1m0s -2562046h54m0s"),
    ("-2562047h", "0s", "-2562047h0m0s -2562047h0m0s"),
    ("-2562047h", "-1h", "-2562047h0m0s -2562047h0m0s"),
    ("-2562047h", "3ns", "-2562047h0m0s -2562047h0m0s"),
    ("-2562047h", "2562047h", "-2562047h0m0s -2562047h0m0s"),
    ("10ns", "1h", "0s 0s"),
    ("10ns", "7m", "0s 0s"),
    ("10ns", "0s", "10ns 10ns"),
    ("10ns", "-1h", "10ns 10ns"),
    ("10ns", "3ns", "9ns 9ns"),
    ("10ns", "2562047h", "0s 0s"),
]


@pytest.mark.parametrize(("text", "printed"), TEXTS)
def test_a_duration_is_read_and_printed(text, printed):
    if printed.startswith("error: "):
        with pytest.raises(FunctionError):
            parse_duration(text)
    else:
        assert str(parse_duration(text)) == printed


@pytest.mark.parametrize(("text", "message"), MALFORMED)
def test_a_malformed_duration_is_refused_in_go_s_words(text, message):
    with pytest.raises(FunctionError) as error:
        parse_duration(text)
    assert f"error: {error.value}" == message


@pytest.mark.parametrize(("text", "unit", "printed"), ROUNDED)
def test_a_duration_is_rounded_and_truncated(text, unit, printed):
    duration, step = parse_duration(text), parse_duration(unit)
    assert f"{duration.round(step)} {duration.truncate(step)}" == printed


def test_a_duration_tells_its_length_in_units():
    duration = Duration(-5_400_000_000_001)
    assert (duration.hours(), duration.minutes()) == (-1.5000000000002778, -90.00000000001667)
    assert duration.seconds() == -5400.000000001
    assert (duration.milliseconds(), duration.microseconds()) == (-5_400_000, -5_400_000_000)
    assert duration.nanoseconds() == -5_400_000_000_001


def test_the_absolute_value_stays_within_64_bits():
    assert Duration(MIN).absolute() == MAX
    assert Duration(-3).absolute() == 3


def test_templates_find_the_methods_under_go_s_names():
    duration: Any = Duration(90_000_000_000)
    assert {name for name in Duration.go_methods if not callable(getattr(duration, name))} == set()
    assert duration.String() == "1m30s"
    assert duration.Round(Duration(60_000_000_000)).String() == "2m0s"


def test_what_is_not_printable_ascii_is_quoted_as_bytes():
    assert quote('a"b\\c\n\x7fé') == '"a\\"b\\\\c\\x0a\x7f\\xc3\\xa9"'


@given(st.integers(MIN, MAX))
def test_a_printed_duration_reads_back_as_itself(count):
    assert parse_duration(str(Duration(count))) == count


@given(st.text(alphabet="0123456789.+-hmsnuµ x", max_size=12))
def test_any_text_is_a_duration_or_refused(text):
    with suppress(FunctionError):
        assert MIN <= parse_duration(text) <= MAX


@given(st.integers(MIN, MAX), st.integers(1, MAX))
def test_truncating_leaves_a_multiple_towards_zero(count, unit):
    truncated = Duration(count).truncate(unit)
    assert truncated % unit == 0
    assert abs(truncated) <= abs(count) < abs(truncated) + unit
