"""What plain scalars are; the expected values are goyaml's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.yaml.scalars import is_base60, is_timestamp, resolve

RESOLVED = [
    *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")),
    *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")),
    *((word, None) for word in ("", "~", "null", "Null", "NULL")),
    *((word, word) for word in ("yES", "tRUE", "nULL", "none", "oN", "<<", "=", "-", "+", ".", "inf", "nan", "1:30")),
    *((word, word) for word in ("_1", "0x", "0b", "0o8", "0xg", "1e", "1e+", ".e5", "1.2.3", "--1", "1e400", ".5_0")),
    ("0", 0),
    ("-0", 0),
    ("+12", 12),
    ("1_000", 1000),
    ("0x1F", 31),
    ("-0X1f", -31),
    ("0o17", 15),
    ("017", 15),
    ("0b101", 5),
    ("0b-101", -5),
    ("08", 8.0),
    ("0_8", 8.0),
    ("9223372036854775807", 9223372036854775807),
    ("18446744073709551615", 18446744073709551615),
    ("18446744073709551616", 18446744073709551616.0),
    ("-9223372036854775808", -9223372036854775808),
    ("-9223372036854775809", -9223372036854775809.0),
    ("+18446744073709551615", 18446744073709551615.0),
    ("1.", 1.0),
    (".5", 0.5),
    ("-.5e-3", -0.0005),
    ("1_0.5", 10.5),
    ("1e3", 1000.0),
    ("+.Inf", float("inf")),
    ("-.INF", float("-inf")),
    ("2001-01-01", "2001-01-01"),
    ("١", "١"),
]


@pytest.mark.parametrize(("text", "value"), RESOLVED)
def test_resolve(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_nan():
    assert repr(resolve(".NaN")) == "nan"


@pytest.mark.parametrize(
    "text",
    [
        *("2001-1-1", "2001-01-01", "2004-02-29", "2001-1-1T1:2:3Z", "2001-1-1t1:2:3.5+01:00", "2001-1-1 1:2:3"),
        *("2001-1-1  1:2:3.123", "2001-1-1T1:2:3,5Z", "2001-1-1T1:2:3+24:60", "2000-02-29"),
    ],
)
def test_timestamps(text):
    assert is_timestamp(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2001-02-29", "1900-02-29", "2001-13-1", "2001-1-32", "2001-0-1", "20011-1-1", "201-1-1", "2001-1-1x"),
        *("2001-1-1 24:2:3", "2001-1-1T1:2:3", "2001-1-1T1:2:3z", "2001-1-1T1:2:3+1:00", "2001-1-1T1:2:3+25:00"),
        *("2001-1-1T1:2:3.Z", "2001-1-1T1:2Z", "2001-001-1", "2001-1-1 1:2:3 ", "", "2001"),
    ],
)
def test_no_timestamps(text):
    assert not is_timestamp(text)


def test_base_60():
    assert [text for text in ("1:2", "1:59", "12:30:45.5", "+1_0:5", "1:2._", "1:5:9.") if not is_base60(text)] == []
    assert [text for text in ("1:60", "1", ":1", "_1:2", "1:2:", "1:005", "1:2.x", "+:2") if is_base60(text)] == []


@given(st.text("0123456789+-._eExXoObB:TZ", max_size=12))
def test_any_text_has_a_value(text):
    value = resolve(text)
    assert value is text or not isinstance(value, str)
    assert isinstance(is_timestamp(text), bool)
    assert text == "" or isinstance(is_base60(text), bool)
