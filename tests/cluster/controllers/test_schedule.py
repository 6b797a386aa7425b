"""Cron schedules. The times follow from the calendar: 2027-01-15 is a Friday."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.controllers.objects import seconds
from navarch.cluster.controllers.schedule import ScheduleError, parse_schedule
from navarch.golang.calendar import stamp

_NOW = seconds("2027-01-15T08:00:00Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", "2027-01-15T08:01:00Z"),
        ("*/5 * * * *", "2027-01-15T08:05:00Z"),
        ("0 8 * * *", "2027-01-16T08:00:00Z"),
        ("30 6 1 * *", "2027-02-01T06:30:00Z"),
        ("0 0 * * sun", "2027-01-17T00:00:00Z"),
        ("0 0 1 * mon", "2027-01-18T00:00:00Z"),  # the day of the month or the day of the week
        ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
        ("15-45/15 9-17 * * mon-fri", "2027-01-15T09:15:00Z"),
        ("0 0 1 jan ?", "2028-01-01T00:00:00Z"),
        ("@hourly", "2027-01-15T09:00:00Z"),
        ("@weekly", "2027-01-17T00:00:00Z"),
        ("@every 90s", "2027-01-15T08:01:30Z"),
    ],
)
def test_the_next_time(text: str, expected: str) -> None:
    following = parse_schedule(text).after(_NOW)
    assert following is not None
    assert stamp(following) == expected


def test_a_time_zone() -> None:
    following = parse_schedule("0 12 * * *").after(_NOW, ZoneInfo("Europe/Berlin"))
    assert following is not None
    assert stamp(following) == "2027-01-15T11:00:00Z"


def test_a_day_that_never_comes() -> None:
    assert parse_schedule("0 0 31 2 *").after(_NOW) is None


@given(st.integers(0, 3_000_000_000), st.integers(1, 59))
def test_it_is_later_and_fits(moment: int, step: int) -> None:
    following = parse_schedule(f"*/{step} * * * *").after(moment)
    assert following is not None
    assert following > moment
    assert int(following) // 60 % 60 % step == 0


@pytest.mark.parametrize(
    "text", ["", "* * * *", "60 * * * *", "* * 0 * *", "*/0 * * * *", "5-1 * * * *", "x * * * *", "@every x"]
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text)
