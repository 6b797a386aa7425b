"""The calendar, against datetime's for the years that it has."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.calendar import date_of, days_before, days_in, days_of, is_leap, weekday_of, year_day_of

EPOCH = date(1970, 1, 1)
days = st.integers((date.min - EPOCH).days, (date.max - EPOCH).days)


@given(days)
def test_a_day_number_is_the_date_that_datetime_says(number):
    day = EPOCH + timedelta(days=number)
    assert date_of(number) == (day.year, day.month, day.day)
    assert year_day_of(number) == (day.year, day.timetuple().tm_yday)
    assert weekday_of(number) == day.isoweekday() % 7


@given(st.integers(-(10**12), 10**12))
def test_days_and_dates_are_each_other_s_inverse(number):
    assert days_of(*date_of(number)) == number


def test_days_may_overflow_their_month():
    assert days_of(2024, 2, 30) == days_of(2024, 3, 1)
    assert days_of(2024, 3, 0) == days_of(2024, 2, 29)


def test_leap_years():
    assert [year for year in (1900, 2000, 2023, 2024, 0, -1) if is_leap(year)] == [2000, 2024, 0]
    assert (days_in(2, 2024), days_in(2, 2023), days_in(12, 2023)) == (29, 28, 31)
    assert [days_before(month) for month in (1, 3, 13)] == [0, 59, 365]
