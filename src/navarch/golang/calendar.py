"""The proleptic Gregorian calendar on plain integers, for any year that package time can hold.

`datetime` stops at the years 1 and 9999 and takes milliseconds to import; this is what Go's dates need of it.
Days count from 1970-01-01.
"""

from __future__ import annotations

import time

__all__ = ["date_of", "days_before", "days_in", "days_of", "is_leap", "stamp", "weekday_of", "year_day_of"]

_CYCLE = 146_097  # days in 400 years
_TO_MARCH = 719_468  # days from 0000-03-01 to 1970-01-01
_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)


def stamp(moment: float) -> str:
    """Seconds since 1970 as the API writes times: RFC 3339 in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(moment)))


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month: int, year: int) -> int:
    """How many days a month (1 to 12) has."""
    return 29 if month == 2 and is_leap(year) else _BEFORE[month] - _BEFORE[month - 1]


def days_before(month: int) -> int:
    """Days of a common year before the first of a month (1 to 13)."""
    return _BEFORE[month - 1]


def days_of(year: int, month: int, day: int) -> int:
    """The day number of a date; the month is 1 to 12, the day may be any number."""
    if month < 3:
        year, month = year - 1, month + 12
    cycle, year = divmod(year, 400)
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return cycle * _CYCLE + year * 365 + year // 4 - year // 100 + of_year - _TO_MARCH


def date_of(days: int) -> tuple[int, int, int]:
    """The (year, month, day) of a day number."""
    cycle, day = divmod(days + _TO_MARCH, _CYCLE)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153  # from March
    day = of_year - (153 * month + 2) // 5 + 1
    if month > 9:
        return cycle * 400 + year + 1, month - 9, day
    return cycle * 400 + year, month + 3, day


def year_day_of(days: int) -> tuple[int, int]:
    """The year of a day number, and which day of it (from 1)."""
    year = date_of(days)[0]
    return year, days - days_of(year, 1, 1) + 1


def weekday_of(days: int) -> int:
    """0 for Sunday to 6 for Saturday."""
    return (days + 4) % 7
