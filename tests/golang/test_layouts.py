"""Layouts of package time; the expected values are Go's."""

from __future__ import annotations

import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.layouts import cut, format_time
from navarch.golang.time import Time
from navarch.golang.zones import fixed_zone

FORMATTED = [
    ("Mon Jan _2 15:04:05 2006", 0, "Thu Jan  1 00:00:00 1970"),
    ("Mon Jan _2 15:04:05 2006", 1709214306, "Thu Feb 29 13:45:06 2024"),
    ("Mon Jan _2 15:04:05 2006", -62135596800, "Mon Jan  1 00:00:00 0001"),
    ("Mon Jan _2 15:04:05 2006", 253402300800, "Sat Jan  1 00:00:00 10000"),
    ("Mon, 02 Jan 2006 15:04:05 MST", 0, "Thu, 01 Jan 1970 00:00:00 UTC"),
    ("Mon, 02 Jan 2006 15:04:05 MST", 1709214306, "Thu, 29 Feb 2024 13:45:06 UTC"),
    ("Mon, 02 Jan 2006 15:04:05 MST", -62135596800, "Mon, 01 Jan 0001 00:00:00 UTC"),
    ("Mon, 02 Jan 2006 15:04:05 MST", 253402300800, "Sat, 01 Jan 10000 00:00:00 UTC"),
    ("Monday, 02-Jan-06 15:04:05 -0700", 0, "Thursday, 01-Jan-70 00:00:00 +0000"),
    ("Monday, 02-Jan-06 15:04:05 -0700", 1709214306, "Thursday, 29-Feb-24 13:45:06 +0000"),
    ("Monday, 02-Jan-06 15:04:05 -0700", -62135596800, "Monday, 01-Jan-01 00:00:00 +0000"),
    ("Monday, 02-Jan-06 15:04:05 -0700", 253402300800, "Saturday, 01-Jan-00 00:00:00 +0000"),
    ("2006-01-02T15:04:05Z07:00", 0, "1970-01-01T00:00:00Z"),
    ("2006-01-02T15:04:05Z07:00", 1709214306, "2024-02-29T13:45:06Z"),
    ("2006-01-02T15:04:05Z07:00", -62135596800, "0001-01-01T00:00:00Z"),
    ("2006-01-02T15:04:05Z07:00", 253402300800, "10000-01-01T00:00:00Z"),
    ("2006-01-02T15:04:05.999999999Z07:00", 0, "1970-01-01T00:00:00Z"),
    ("2006-01-02T15:04:05.999999999Z07:00", 1709214306, "2024-02-29T13:45:06Z"),
    ("2006-01-02T15:04:05.999999999Z07:00", -62135596800, "0001-01-01T00:00:00Z"),
    ("2006-01-02T15:04:05.999999999Z07:00", 253402300800, "10000-01-01T00:00:00Z"),
    ("3:04PM", 0, "12:00AM"),
    ("3:04PM", 1709214306, "1:45PM"),
    ("3:04PM", -62135596800, "12:00AM"),
    ("3:04PM", 253402300800, "12:00AM"),
    ("03:04pm 1/2", 0, "12:00am 1/1"),
    ("03:04pm 1/2", 1709214306, "01:45pm 2/29"),
    ("03:04pm 1/2", -62135596800, "12:00am 1/1"),
    ("03:04pm 1/2", 253402300800, "12:00am 1/1"),
    ("Jan _2 15:04:05.000", 0, "Jan  1 00:00:00.000"),
    ("Jan _2 15:04:05.000", 1709214306, "Feb 29 13:45:06.000"),
    ("Jan _2 15:04:05.000", -62135596800, "Jan  1 00:00:00.000"),
    ("Jan _2 15:04:05.000", 253402300800, "Jan  1 00:00:00.000"),
    ("02/01/06", 0, "01/01/70"),
    ("02/01/06", 1709214306, "29/02/24"),
    ("02/01/06", -62135596800, "01/01/01"),
    ("02/01/06", 253402300800, "01/01/00"),
    ("__2 002", 0, "  1 001"),
    ("__2 002", 1709214306, " 60 060"),
    ("__2 002", -62135596800, "  1 001"),
    ("__2 002", 253402300800, "  1 001"),
    ("_2006-1-2", 0, "_1970-1-1"),
    ("_2006-1-2", 1709214306, "_2024-2-29"),
    ("_2006-1-2", -62135596800, "_0001-1-1"),
    ("_2006-1-2", 253402300800, "_10000-1-1"),
    ("January Month Janu Jan", 0, "January Month Janu Jan"),
    ("January Month Janu Jan", 1709214306, "February Month Janu Feb"),
    ("January Month Janu Jan", -62135596800, "January Month Janu Jan"),
    ("January Month Janu Jan", 253402300800, "January Month Janu Jan"),
    ("Z0700 Z07 Z070000 Z07:00:00", 0, "Z Z Z Z"),
    ("Z0700 Z07 Z070000 Z07:00:00", 1709214306, "Z Z Z Z"),
    ("Z0700 Z07 Z070000 Z07:00:00", -62135596800, "Z Z Z Z"),
    ("Z0700 Z07 Z070000 Z07:00:00", 253402300800, "Z Z Z Z"),
    ("-07 -0700 -07:00 -070000 -07:00:00", 0, "+00 +0000 +00:00 +000000 +00:00:00"),
    ("-07 -0700 -07:00 -070000 -07:00:00", 1709214306, "+00 +0000 +00:00 +000000 +00:00:00"),
    ("-07 -0700 -07:00 -070000 -07:00:00", -62135596800, "+00 +0000 +00:00 +000000 +00:00:00"),
    ("-07 -0700 -07:00 -070000 -07:00:00", 253402300800, "+00 +0000 +00:00 +000000 +00:00:00"),
    ("5 4 3", 0, "0 0 12"),
    ("5 4 3", 1709214306, "6 45 1"),
    ("5 4 3", -62135596800, "0 0 12"),
    ("5 4 3", 253402300800, "0 0 12"),
    ("", 0, ""),
    ("", 1709214306, ""),
    ("", -62135596800, ""),
    ("", 253402300800, ""),
    ("plain text", 0, "plain text"),
    ("plain text", 1709214306, "plain text"),
    ("plain text", -62135596800, "plain text"),
    ("plain text", 253402300800, "plain text"),
    ("2006.01 .000x .0001 ,999", 0, "1970.01 .000x .0001 "),
    ("2006.01 .000x .0001 ,999", 1709214306, "2024.02 .000x .0002 "),
    ("2006.01 .000x .0001 ,999", -62135596800, "0001.01 .000x .0001 "),
    ("2006.01 .000x .0001 ,999", 253402300800, "10000.01 .000x .0001 "),
    (".99 02 ,00", 0, " 01 ,00"),
    (".99 02 ,00", 1709214306, " 29 ,00"),
    (".99 02 ,00", -62135596800, " 01 ,00"),
    (".99 02 ,00", 253402300800, " 01 ,00"),
    ("MST Mon Monday Mond", 0, "UTC Thu Thursday Mond"),
    ("MST Mon Monday Mond", 1709214306, "UTC Thu Thursday Mond"),
    ("MST Mon Monday Mond", -62135596800, "UTC Mon Monday Mond"),
    ("MST Mon Monday Mond", 253402300800, "UTC Sat Saturday Mond"),
]


@pytest.mark.parametrize(("layout", "sec", "text"), FORMATTED)
def test_a_time_is_formatted_by_example(layout, sec, text):
    assert format_time(Time(sec), layout) == text


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (0, "Z +0000 +00:00:00"),
        (19_800, "+05:30 +0530 +05:30:00"),
        (-16_200, "-04:30 -0430 -04:30:00"),
        (3_661, "+01:01 +0101 +01:01:01"),
        (-30, "+00:00 +0000 +00:00:-30"),
    ],
)
def test_an_offset_is_formatted(offset, text):
    time = Time(0, 0, fixed_zone("X", offset))
    assert format_time(time, "Z07:00 -0700 -07:00:00") == text


def test_a_zone_without_a_name_shows_its_offset():
    assert format_time(Time(0, 0, fixed_zone("", -12_600)), "MST") == "-0330"


def test_fractions_have_as_many_digits_as_asked_for():
    time = Time(0, 120_400_000)
    assert (
        format_time(time, "05.000 05.99 05.0 05,000000 05.999999999 05.9") == "00.120 00.12 00.1 00,120400 00.1204 00.1"
    )


@given(st.text(max_size=30))
def test_cuts_put_together_are_the_layout(layout):
    assert "".join(text + element for text, element in cut(layout)) == layout


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_second_can_be_formatted(sec):
    assert len(format_time(Time(sec), "15:04:05")) == 8


def test_threads_that_ask_first_for_a_layout_all_get_the_whole_of_it():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns far more often than usual
    try:
        for turn in range(300):
            found = _by_four_threads(f"Mon, 02 Jan 2006 15:04:05 -0700 {'x' * turn}!")
            assert [len(parts) for parts in found] == [9] * 4
    finally:
        sys.setswitchinterval(interval)


def _by_four_threads(layout):
    """What each of four threads that begin together gets."""
    found, gate = [], threading.Barrier(4)

    def ask():
        gate.wait()
        found.append(list(cut(layout)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
