"""Go's time.Time; the expected values are Go's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError, JsonError
from navarch.golang.duration import MAX, MIN, parse_duration
from navarch.golang.time import ZERO, Month, Time, Weekday, date, now, unix
from navarch.golang.types import type_of
from navarch.golang.zones import UTC, Location, fixed_zone, local

TIME = Time(1709214306, 123456789)
"""2024-02-29T13:45:06.123456789Z."""

ROUNDED = [
    ("7m", "2024-02-29 13:45:00 +0000 UTC / 2024-02-29 13:45:00 +0000 UTC"),
    ("33h", "2024-02-29 06:00:00 +0000 UTC / 2024-02-29 06:00:00 +0000 UTC"),
    ("1s", "2024-02-29 13:45:06 +0000 UTC / 2024-02-29 13:45:06 +0000 UTC"),
    ("1us", "2024-02-29 13:45:06.123457 +0000 UTC / 2024-02-29 13:45:06.123456 +0000 UTC"),
    ("0s", "2024-02-29 13:45:06.123456789 +0000 UTC / 2024-02-29 13:45:06.123456789 +0000 UTC"),
    ("-1s", "2024-02-29 13:45:06.123456789 +0000 UTC / 2024-02-29 13:45:06.123456789 +0000 UTC"),
    ("17520h", "2023-08-29 00:00:00 +0000 UTC / 2023-08-29 00:00:00 +0000 UTC"),
]

ADDED = [
    (1, 0, 0, "2025-03-01"),
    (0, 1, 1, "2024-03-30"),
    (0, -3, 40, "2024-01-08"),
    (-1, -1, -1, "2023-01-28"),
    (0, 12, 0, "2025-03-01"),
    (0, 0, 366, "2025-03-01"),
    (4, 0, 0, "2028-02-29"),
]

METHODS = [
    ("Year", "2024"),
    ("Month", "February"),
    ("Day", "29"),
    ("Weekday", "Thursday"),
    ("YearDay", "60"),
    ("Hour", "13"),
    ("Minute", "45"),
    ("Second", "6"),
    ("Nanosecond", "123456789"),
    ("Unix", "1709214306"),
    ("UnixMilli", "1709214306123"),
    ("UnixMicro", "1709214306123456"),
    ("UnixNano", "1709214306123456789"),
    ("IsZero", "false"),
    ("IsDST", "false"),
    ("String", "2024-02-29 13:45:06.123456789 +0000 UTC"),
    ("GoString", "time.Date(2024, time.February, 29, 13, 45, 6, 123456789, time.UTC)"),
    ("Location", "UTC"),
]

CHANGES = Location("X", [("A", 0, False), ("B", 3600, True)], [0, 1_000_000, 2_000_000], [0, 1, 0])


@pytest.mark.parametrize(("unit", "printed"), ROUNDED)
def test_a_time_is_rounded_and_truncated(unit, printed):
    step = parse_duration(unit)
    assert f"{TIME.round(step)} / {TIME.truncate(step)}" == printed


@pytest.mark.parametrize(("years", "months", "days", "printed"), ADDED)
def test_years_months_and_days_are_added(years, months, days, printed):
    assert TIME.add_date(years, months, days).format("2006-01-02") == printed


@pytest.mark.parametrize(("name", "printed"), METHODS)
def test_a_template_can_call_the_method(name, printed):
    result = getattr(TIME, name)()
    assert type_of(result) == Time.go_methods[name][1]
    assert (str(result).lower() if type(result) is bool else str(result)) == printed


def test_every_method_named_is_there():
    for class_ in (Time, Month, Weekday, Location):
        assert all(callable(getattr(class_, name)) for name in class_.go_methods)


def test_the_zero_time():
    assert str(ZERO) == "0001-01-01 00:00:00 +0000 UTC"
    assert ZERO.is_zero()
    assert not TIME.is_zero()


def test_months_and_weekdays_print_as_their_names():
    assert [str(Month(1)), str(Month(12)), str(Weekday(0)), str(Weekday(6))] == [
        "January",
        "December",
        "Sunday",
        "Saturday",
    ]
    assert [str(Month(13)), str(Weekday(7))] == ["%!Month(13)", "%!Weekday(7)"]


def test_now_has_a_monotonic_reading_that_others_lack():
    here = now()
    assert " m=+" in str(here)
    assert here.location is local()
    assert here.utc().mono is None
    assert here.add(10).mono == here.mono + 10
    assert here.round(1).mono is None


def test_a_time_from_seconds_is_local():
    assert unix(5, -1).sec == 4
    assert unix(5, -1).nsec == 999_999_999
    assert unix(5).location is local()


def test_comparisons_go_by_the_instant():
    later = TIME.add(1)
    assert (later.after(TIME), later.before(TIME), later.equal(TIME), later.compare(TIME)) == (True, False, False, 1)
    elsewhere = TIME.in_location(fixed_zone("X", 60))
    assert (elsewhere.equal(TIME), elsewhere.compare(TIME), elsewhere == TIME) == (True, 0, False)


def test_a_difference_is_kept_within_64_bits():
    assert Time(10**12).sub(Time(-(10**12))) == MAX
    assert Time(-(10**12)).sub(Time(10**12)) == MIN
    assert str(TIME.sub(TIME.add(-1500))) == "1.5µs"


def test_seconds_wrap_as_64_bits_do():
    assert Time(MAX).add(10**9).sec == MIN
    assert Time(MAX).unix_nano() == -(10**9)


@pytest.mark.parametrize(("sec", "year"), [(MAX, "292277026596"), (MIN, "292277026596")])
def test_the_years_at_the_ends_of_time(sec, year):
    assert Time(sec).format("2006") == year


def test_the_wall_clock_near_a_change_of_the_zone():
    assert date(1970, 1, 12, 49_599, 0, CHANGES).sec == 999_999
    # 14:00 is skipped: Go reads it by the offset before the change
    assert date(1970, 1, 12, 14 * 3600, 0, CHANGES).sec == date(1970, 1, 12, 15 * 3600, 0, CHANGES).sec == 1_000_800
    assert date(1970, 1, 13, 0, 0, CHANGES).zone() == ("B", 3600)


def test_a_time_is_rfc_3339_in_json_and_text():
    assert TIME.marshal_json() == b'"2024-02-29T13:45:06.123456789Z"'
    assert Time(0, 0, fixed_zone("", -3600)).marshal_text() == b"1969-12-31T23:00:00-01:00"
    assert TIME.go_json() == "2024-02-29T13:45:06.123456789Z"


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (Time(10**12), "year outside of range [0,9999]"),
        (Time(0, 0, fixed_zone("", 100_000)), "timezone hour outside of range [0,23]"),
    ],
)
def test_what_rfc_3339_can_t_hold_is_refused(time, message):
    with pytest.raises(FunctionError, match=f"^Time.MarshalText: {message[:4]}"):
        time.marshal_text()
    with pytest.raises(JsonError) as error:
        time.go_json()
    assert str(error.value) == f"json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: {message}"


seconds = st.integers(-(10**12), 10**12)


@given(seconds, st.integers(0, 999_999_999), st.integers(MIN // 2, MAX // 2))
def test_adding_and_taking_away_gives_the_same_time(sec, nsec, duration):
    time = Time(sec, nsec)
    assert time.add(duration).add(-duration) == time
    assert time.add(duration).sub(time) == duration


@given(seconds)
def test_the_parts_of_the_clock_make_the_time(sec):
    time = Time(sec)
    within = (time.hour() * 60 + time.minute()) * 60 + time.second()
    assert date(time.year(), time.month(), time.day(), within, 0, UTC) == time
