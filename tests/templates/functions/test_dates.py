"""Dates and durations in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.errors import FunctionError
from navarch.golang import time, zones
from navarch.golang.time import ZERO, Time
from navarch.golang.types import Int
from navarch.templates.functions.dates import FUNCTIONS

DURATIONS = [
    ("durationSeconds", ("1h30m0.5s",), "float64(5400.5)"),
    ("durationSeconds", ("90",), "float64(90)"),
    ("durationSeconds", ("-2.25",), "float64(-2.25)"),
    ("durationSeconds", ("x",), "float64(0)"),
    ("durationMilliseconds", ("1h30m0.5s",), "int64(5400500)"),
    ("durationMilliseconds", ("90",), "int64(90000)"),
    ("durationMilliseconds", ("-2.25",), "int64(-2250)"),
    ("durationMilliseconds", ("x",), "int64(0)"),
    ("durationMicroseconds", ("1h30m0.5s",), "int64(5400500000)"),
    ("durationMicroseconds", ("90",), "int64(90000000)"),
    ("durationMicroseconds", ("-2.25",), "int64(-2250000)"),
    ("durationMicroseconds", ("x",), "int64(0)"),
    ("durationNanoseconds", ("1h30m0.5s",), "int64(5400500000000)"),
    ("durationNanoseconds", ("90",), "int64(90000000000)"),
    ("durationNanoseconds", ("-2.25",), "int64(-2250000000)"),
    ("durationNanoseconds", ("x",), "int64(0)"),
    ("durationMinutes", ("1h30m0.5s",), "float64(90.00833333333334)"),
    ("durationMinutes", ("90",), "float64(1.5)"),
    ("durationMinutes", ("-2.25",), "float64(-0.0375)"),
    ("durationMinutes", ("x",), "float64(0)"),
    ("durationHours", ("1h30m0.5s",), "float64(1.500138888888889)"),
    ("durationHours", ("90",), "float64(0.025)"),
    ("durationHours", ("-2.25",), "float64(-0.000625)"),
    ("durationHours", ("x",), "float64(0)"),
    ("durationDays", ("1h30m0.5s",), "float64(0.06250578703703703)"),
    ("durationDays", ("90",), "float64(0.0010416666666666667)"),
    ("durationDays", ("-2.25",), "float64(-2.604166666666667e-05)"),
    ("durationDays", ("x",), "float64(0)"),
    ("durationWeeks", ("1h30m0.5s",), "float64(0.008929398148148148)"),
    ("durationWeeks", ("90",), "float64(0.0001488095238095238)"),
    ("durationWeeks", ("-2.25",), "float64(-3.7202380952380957e-06)"),
    ("durationWeeks", ("x",), "float64(0)"),
    ("duration", ("95",), '"1m35s"'),
    ("duration", ("x",), '"0s"'),
    ("duration", ("99999999999999999999",), '"-1s"'),
    ("duration", (95,), '"1m35s"'),
    ("duration", (Int(95),), '"0s"'),
    ("duration", (1.5,), '"0s"'),
    ("duration", (None,), '"0s"'),
    ("durationRound", ("2h45m30s",), '"2h"'),
    ("durationRound", ("26h",), '"1d"'),
    ("durationRound", ("400h",), '"16d"'),
    ("durationRound", ("9000h",), '"1y"'),
    ("durationRound", ("61s",), '"1m"'),
    ("durationRound", ("1s",), '"0s"'),
    ("durationRound", ("-3h",), '"3h"'),
    ("durationRound", ("x",), '"0s"'),
    ("durationRound", (3600000000001,), '"1h"'),
    ("durationRound", (Int(100),), '"0s"'),
    ("durationRound", (None,), '"0s"'),
]

CONVERTED = [
    ("1h30m", "1h30m0s"),
    ("-1.5h", "-1h30m0s"),
    ("90", "1m30s"),
    ("2.5", "2.5s"),
    (" 7 ", "7s"),
    ("", "error: empty duration"),
    ("x", 'error: could not parse duration "x"'),
    ("1_0", "10s"),
    ("0x1p4", "16s"),
    ("inf", "error: invalid duration seconds: +Inf"),
    ("9223372037", "error: duration seconds overflow: 9.223372037e+09"),
    ("1é", 'error: could not parse duration "1é"'),
    (Int(100), "1m40s"),
    (100, "1m40s"),
    (1.5, "1.5s"),
    (10000000000.0, "error: duration seconds overflow: 1e+10"),
    (1e300, "error: duration seconds overflow: 1e+300"),
    (None, "error: invalid duration"),
    (True, "error: unsupported duration type bool"),
    ([], "error: unsupported duration type []interface {}"),
    ({}, "error: unsupported duration type map[string]interface {}"),
]

ROUNDED = [
    ("2h13m", "1h", "2h0m0s 2h0m0s"),
    ("2h13m", Int(60), "2h13m0s 2h13m0s"),
    ("x", "1h", "0s 0s"),
    ("2h13m", "x", "2h13m0s 2h13m0s"),
    (Int(100), "7s", "1m38s 1m38s"),
    (None, "1s", "0s 0s"),
]

IN_ZONES = [
    (0, "UTC", "1970-01-01T00:00:00Z"),
    (0, "", "1970-01-01T00:00:00Z"),
    (0, "Nowhere/X", "1970-01-01T00:00:00Z"),
    (Int(1700000000), "UTC", "2023-11-14T22:13:20Z"),
    (Int(1700000000), "", "2023-11-14T22:13:20Z"),
    (Int(1700000000), "Nowhere/X", "2023-11-14T22:13:20Z"),
    (-1, "UTC", "1969-12-31T23:59:59Z"),
    (-1, "", "1969-12-31T23:59:59Z"),
    (-1, "Nowhere/X", "1969-12-31T23:59:59Z"),
]

NOW = Time(1_700_000_000, 500_000_000)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(time, "now", lambda: NOW)


@pytest.mark.parametrize(("name", "arguments", "expected"), DURATIONS)
def test_durations(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("value", "printed"), CONVERTED)
def test_what_can_be_a_duration_becomes_one(value, printed):
    try:
        found = str(FUNCTIONS["mustToDuration"](value))
    except FunctionError as error:
        found = f"error: {error}"
    assert found == printed


@pytest.mark.parametrize(("value", "unit", "printed"), ROUNDED)
def test_durations_are_rounded_and_truncated(value, unit, printed):
    found = f"{FUNCTIONS['durationRoundTo'](value, unit)} {FUNCTIONS['durationTruncateTo'](value, unit)}"
    assert found == printed


@pytest.mark.parametrize(("value", "zone", "text"), IN_ZONES)
def test_a_date_in_a_zone(value, zone, text):
    assert FUNCTIONS["dateInZone"]("2006-01-02T15:04:05Z07:00", value, zone) == text
    assert FUNCTIONS["date_in_zone"]("2006-01-02T15:04:05Z07:00", value, zone) == text


@pytest.mark.parametrize("value", [None, 1.5, "2020-01-01", True, [], {}])
def test_what_is_no_date_counts_as_now(value):
    assert FUNCTIONS["date"]("2006-01-02 15:04", value) == "2023-11-14 22:13"
    assert FUNCTIONS["ago"](value) == "0s"


def test_dates_of_every_kind():
    assert FUNCTIONS["htmlDate"](Int(0)) == "1970-01-01"
    assert FUNCTIONS["htmlDateInZone"](0, "UTC") == "1970-01-01"
    assert FUNCTIONS["ago"](NOW.add(-3_600_400_000_000)) == "1h0m0s"
    assert FUNCTIONS["durationRound"](NOW.add(-90_000_000_000)) == "1m"
    assert FUNCTIONS["unixEpoch"](NOW) == "1700000000"


def test_a_text_is_parsed_or_the_zero_time():
    assert FUNCTIONS["toDate"]("2006-01-02", "2024-02-29") == Time(1_709_164_800, 0, zones.local())
    assert FUNCTIONS["toDate"]("2006-01-02", "nope") is ZERO
    with pytest.raises(FunctionError, match='cannot parse "nope" as "2006"'):
        FUNCTIONS["mustToDate"]("2006-01-02", "nope")


def test_a_date_is_modified_by_a_duration():
    assert FUNCTIONS["dateModify"]("-1.5h", NOW).sec == 1_700_000_000 - 5400
    assert FUNCTIONS["dateModify"]("nope", NOW) is NOW
    with pytest.raises(FunctionError, match='time: invalid duration "nope"'):
        FUNCTIONS["mustDateModify"]("nope", NOW)
