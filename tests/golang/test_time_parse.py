"""Parsing times by layout; the expected values are Go's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.time import Time
from navarch.golang.time_parse import parse_in_location
from navarch.golang.zones import UTC, Location

PARSED = [
    ("2006-01-02", "2024-02-29", "2024-02-29 00:00:00 +0000 UTC"),
    ("2006-01-02", "2023-02-29", 'error: parsing time "2023-02-29": day out of range'),
    ("2006-01-02", "bad", 'error: parsing time "bad" as "2006-01-02": cannot parse "bad" as "2006"'),
    ("2006-01-02", "2024-13-01", 'error: parsing time "2024-13-01": month out of range'),
    ("2006-01-02", "2024-1-01", 'error: parsing time "2024-1-01" as "2006-01-02": cannot parse "1-01" as "01"'),
    ("2006-1-2", "2024-3-4", "2024-03-04 00:00:00 +0000 UTC"),
    ("2006-01-02", "2024-02-29x", 'error: parsing time "2024-02-29x": extra text: "x"'),
    ("2006-01-02T15:04:05Z07:00", "2024-02-29T13:45:06Z", "2024-02-29 13:45:06 +0000 UTC"),
    ("2006-01-02T15:04:05Z07:00", "2024-02-29T13:45:06.789+05:30", "2024-02-29 13:45:06.789 +0530 +0530"),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T25:45:06Z",
        'error: parsing time "2024-02-29T25:45:06Z": hour out of range',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:60:06Z",
        'error: parsing time "2024-02-29T13:60:06Z": minute out of range',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:45:61Z",
        'error: parsing time "2024-02-29T13:45:61Z": second out of range',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:45:06",
        'error: parsing time "2024-02-29T13:45:06" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:45:06+99:00",
        'error: parsing time "2024-02-29T13:45:06+99:00": time zone offset hour out of range',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:45:06+00:99",
        'error: parsing time "2024-02-29T13:45:06+00:99": time zone offset minute out of range',
    ),
    (
        "2006-01-02T15:04:05Z07:00",
        "2024-02-29T13:45:06*01:00",
        (
            'error: parsing time "2024-02-29T13:45:06*01:00" as "2006-01-02T15:04:05Z07:00": '
            'cannot parse "*01:00" as "Z07:00"'
        ),
    ),
    ("Mon Jan _2 15:04:05 2006", "Thu Feb  9 01:02:03 2023", "2023-02-09 01:02:03 +0000 UTC"),
    (
        "Mon Jan _2 15:04:05 2006",
        "THU feb 19 1:2:3 2023",
        ('error: parsing time "THU feb 19 1:2:3 2023" as "Mon Jan _2 15:04:05 2006": cannot parse "2:3 2023" as "04"'),
    ),
    (
        "Mon Jan _2 15:04:05 2006",
        "Xyz Feb  9 01:02:03 2023",
        (
            'error: parsing time "Xyz Feb  9 01:02:03 2023" as "Mon Jan _2 15:04:05 2006": '
            'cannot parse "Xyz Feb  9 01:02:03 2023" as "Mon"'
        ),
    ),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 UTC", "2023-03-03 04:05:06 +0000 UTC"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 CEST", "2023-03-03 04:05:06 +0000 CEST"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 GMT-3", "2023-03-03 01:05:06 -0300 GMT-3"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 +03", "2023-03-03 04:05:06 +0000 +03"),
    (
        "Mon, 02 Jan 2006 15:04:05 MST",
        "Fri, 03 Mar 2023 04:05:06 ABCDEF",
        (
            'error: parsing time "Fri, 03 Mar 2023 04:05:06 ABCDEF" as "Mon, 02 Jan 2006 '
            '15:04:05 MST": cannot parse "ABCDEF" as "MST"'
        ),
    ),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 ChST", "2023-03-03 04:05:06 +0000 ChST"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "Fri, 03 Mar 2023 04:05:06 WITA", "2023-03-03 04:05:06 +0000 WITA"),
    ("3:04PM", "1:45PM", "0000-01-01 13:45:00 +0000 UTC"),
    ("3:04PM", "13:45PM", 'error: parsing time "13:45PM": hour out of range'),
    ("3:04PM", "12:00AM", "0000-01-01 00:00:00 +0000 UTC"),
    ("3:04PM", "1:45pm", 'error: parsing time "1:45pm" as "3:04PM": cannot parse "pm" as "PM"'),
    ("3:04pm", "1:45pm", "0000-01-01 13:45:00 +0000 UTC"),
    ("02 Jan 06", "03 Mar 69", "1969-03-03 00:00:00 +0000 UTC"),
    ("02 Jan 06", "03 Mar 68", "2068-03-03 00:00:00 +0000 UTC"),
    ("02 Jan 06", "03 Mar x", 'error: parsing time "03 Mar x" as "02 Jan 06": cannot parse "x" as "06"'),
    ("2006 002", "2024 060", "2024-02-29 00:00:00 +0000 UTC"),
    ("2006 002", "2023 060", "2023-03-01 00:00:00 +0000 UTC"),
    ("2006 002", "2023 366", 'error: parsing time "2023 366": day-of-year out of range'),
    ("2006 __2", "2023  7", "2023-01-07 00:00:00 +0000 UTC"),
    ("2006-01-02 002", "2023-03-01 059", 'error: parsing time "2023-03-01 059": day-of-year does not match month'),
    ("2006-01 002", "2023-03 001", 'error: parsing time "2023-03 001": day-of-year does not match month'),
    ("15:04:05.000", "01:02:03.456", "0000-01-01 01:02:03.456 +0000 UTC"),
    ("15:04:05.000", "01:02:03.4567", 'error: parsing time "01:02:03.4567": extra text: "7"'),
    ("15:04:05.999", "01:02:03", "0000-01-01 01:02:03 +0000 UTC"),
    ("15:04:05,999", "01:02:03.123456789123", "0000-01-01 01:02:03.123456789 +0000 UTC"),
    ("15:04:05", "01:02:03.5", "0000-01-01 01:02:03.5 +0000 UTC"),
    ("05 .000", "03 .-12", 'error: parsing time "03 .-12": fractional second out of range'),
    ("-07", "+05", "0000-01-01 00:00:00 +0500 +0500"),
    ("-070000", "+051530", "0000-01-01 00:00:00 +0515 +0515"),
    ("-07:00:00", "-05:15:30", "0000-01-01 00:00:00 -0515 -0515"),
    ("Z07", "Z", "0000-01-01 00:00:00 +0000 UTC"),
    ("Z0700", "+0530", "0000-01-01 00:00:00 +0530 +0530"),
    ("January 2", "february 3", "0000-02-03 00:00:00 +0000 UTC"),
    ("Monday 2", "Mon 3", 'error: parsing time "Mon 3" as "Monday 2": cannot parse "Mon 3" as "Monday"'),
    ("2006", "é024", 'error: parsing time "\\xc3\\xa9024" as "2006": cannot parse "\\xc3\\xa9024" as "2006"'),
    (
        "é 2006",
        "è 2024",
        'error: parsing time "\\xc3\\xa8 2024" as "\\xc3\\xa9 2006": cannot parse "\\xa8 2024" as "\\xc3\\xa9 "',
    ),
    ("  2006", " 2024", "2024-01-01 00:00:00 +0000 UTC"),
    ("2006  x", "2024 x", "2024-01-01 00:00:00 +0000 UTC"),
    ("a 2006", "a2024", 'error: parsing time "a2024" as "a 2006": cannot parse "2024" as "a "'),
    ("2006", "202", 'error: parsing time "202" as "2006": cannot parse "202" as "2006"'),
    ("", "x", 'error: parsing time "x": extra text: "x"'),
    ("x", "", 'error: parsing time "" as "x": cannot parse "" as "x"'),
    ("", "", "0000-01-01 00:00:00 +0000 UTC"),
]

# an hour behind UTC until the epoch, then an hour before it under two names
ZONE = Location("X", [("OLD", -3600, False), ("NEW", 3600, False), ("SUM", 7200, True)], [0, 1000], [1, 2])


def parse(layout, value):
    try:
        return str(parse_in_location(layout, value, UTC))
    except FunctionError as error:
        return f"error: {error}"


@pytest.mark.parametrize(("layout", "value", "result"), PARSED)
def test_a_text_is_read_by_its_layout(layout, value, result):
    assert parse(layout, value) == result


def test_a_text_without_zone_is_in_the_location():
    time = parse_in_location("2006-01-02", "1960-01-01", ZONE)
    assert time.format("15:04 MST -07") == "00:00 OLD -01"


def test_an_abbreviation_of_the_location_has_its_offset():
    time = parse_in_location("2006-01-02 15:04 MST", "2000-01-01 12:00 SUM", ZONE)
    assert (time.utc().format("15:04"), time.location is ZONE) == ("10:00", True)


def test_an_offset_that_holds_in_the_location_is_its_own():
    assert parse_in_location("2006 -07", "2000 +02", ZONE).location is ZONE
    assert parse_in_location("2006 -07", "2000 +03", ZONE).location is not ZONE


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
def test_what_was_formatted_reads_back(sec, nsec):
    time = Time(sec, nsec)
    text = time.format("2006-01-02T15:04:05.999999999Z07:00")
    assert parse_in_location("2006-01-02T15:04:05Z07:00", text, UTC) == time


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_but_function_errors(layout, value):
    with suppress(FunctionError):
        assert parse_in_location(layout, value, UTC).sec > -(1 << 40)
