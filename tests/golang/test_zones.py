"""Zones of package time; the expected values are Go's."""

from __future__ import annotations

import pytest

from navarch.golang.time import Time
from navarch.golang.zones import UTC, Location, load_location, local, read_tzif

SHOWN = [
    ("America/New_York", -3000000000, "1874-12-07 13:43:58 LMT -04:56:02"),
    ("America/New_York", 0, "1969-12-31 19:00:00 EST -05:00:00"),
    ("America/New_York", 1700000000, "2023-11-14 17:13:20 EST -05:00:00"),
    ("America/New_York", 1720000000, "2024-07-03 05:46:40 EDT -04:00:00"),
    ("America/New_York", 5000000000, "2128-06-11 04:53:20 EDT -04:00:00"),
    ("America/New_York", 100000000000, "5138-11-16 04:46:40 EST -05:00:00"),
    ("Europe/Berlin", -3000000000, "1874-12-07 19:33:28 LMT +00:53:28"),
    ("Europe/Berlin", 0, "1970-01-01 01:00:00 CET +01:00:00"),
    ("Europe/Berlin", 1700000000, "2023-11-14 23:13:20 CET +01:00:00"),
    ("Europe/Berlin", 1720000000, "2024-07-03 11:46:40 CEST +02:00:00"),
    ("Europe/Berlin", 5000000000, "2128-06-11 10:53:20 CEST +02:00:00"),
    ("Europe/Berlin", 100000000000, "5138-11-16 10:46:40 CET +01:00:00"),
    ("Asia/Kolkata", -3000000000, "1874-12-08 00:01:10 MMT +05:21:10"),
    ("Asia/Kolkata", 0, "1970-01-01 05:30:00 IST +05:30:00"),
    ("Asia/Kolkata", 1700000000, "2023-11-15 03:43:20 IST +05:30:00"),
    ("Asia/Kolkata", 1720000000, "2024-07-03 15:16:40 IST +05:30:00"),
    ("Asia/Kolkata", 5000000000, "2128-06-11 14:23:20 IST +05:30:00"),
    ("Asia/Kolkata", 100000000000, "5138-11-16 15:16:40 IST +05:30:00"),
    ("Australia/Sydney", -3000000000, "1874-12-08 04:44:52 LMT +10:04:52"),
    ("Australia/Sydney", 0, "1970-01-01 10:00:00 AEST +10:00:00"),
    ("Australia/Sydney", 1700000000, "2023-11-15 09:13:20 AEDT +11:00:00"),
    ("Australia/Sydney", 1720000000, "2024-07-03 19:46:40 AEST +10:00:00"),
    ("Australia/Sydney", 5000000000, "2128-06-11 18:53:20 AEST +10:00:00"),
    ("Australia/Sydney", 100000000000, "5138-11-16 20:46:40 AEDT +11:00:00"),
    ("Africa/Casablanca", -3000000000, "1874-12-07 18:09:40 LMT -00:30:20"),
    ("Africa/Casablanca", 0, "1970-01-01 00:00:00 +00 +00:00:00"),
    ("Africa/Casablanca", 1700000000, "2023-11-14 23:13:20 +01 +01:00:00"),
    ("Africa/Casablanca", 1720000000, "2024-07-03 10:46:40 +01 +01:00:00"),
    ("Africa/Casablanca", 5000000000, "2128-06-11 09:53:20 +01 +01:00:00"),
    ("Africa/Casablanca", 100000000000, "5138-11-16 10:46:40 +01 +01:00:00"),
    ("Nowhere/X", -3000000000, "1874-12-07 18:40:00 UTC +00:00:00"),
    ("Nowhere/X", 0, "1970-01-01 00:00:00 UTC +00:00:00"),
    ("Nowhere/X", 1700000000, "2023-11-14 22:13:20 UTC +00:00:00"),
    ("Nowhere/X", 1720000000, "2024-07-03 09:46:40 UTC +00:00:00"),
    ("Nowhere/X", 5000000000, "2128-06-11 08:53:20 UTC +00:00:00"),
    ("Nowhere/X", 100000000000, "5138-11-16 09:46:40 UTC +00:00:00"),
    ("../etc/passwd", -3000000000, "1874-12-07 18:40:00 UTC +00:00:00"),
    ("../etc/passwd", 0, "1970-01-01 00:00:00 UTC +00:00:00"),
    ("../etc/passwd", 1700000000, "2023-11-14 22:13:20 UTC +00:00:00"),
    ("../etc/passwd", 1720000000, "2024-07-03 09:46:40 UTC +00:00:00"),
    ("../etc/passwd", 5000000000, "2128-06-11 08:53:20 UTC +00:00:00"),
    ("../etc/passwd", 100000000000, "5138-11-16 09:46:40 UTC +00:00:00"),
    ("", -3000000000, "1874-12-07 18:40:00 UTC +00:00:00"),
    ("", 0, "1970-01-01 00:00:00 UTC +00:00:00"),
    ("", 1700000000, "2023-11-14 22:13:20 UTC +00:00:00"),
    ("", 1720000000, "2024-07-03 09:46:40 UTC +00:00:00"),
    ("", 5000000000, "2128-06-11 08:53:20 UTC +00:00:00"),
    ("", 100000000000, "5138-11-16 09:46:40 UTC +00:00:00"),
]

needs_database = pytest.mark.skipif(load_location("Europe/Berlin") is None, reason="no zones on this system")


@needs_database
@pytest.mark.parametrize(("name", "sec", "text"), SHOWN)
def test_a_time_in_a_zone_of_the_database(name, sec, text):
    zone = load_location(name) or UTC
    assert Time(sec, 0, zone).format("2006-01-02 15:04:05 MST -07:00:00") == text


@pytest.mark.parametrize("name", ["Nowhere/X", "../zoneinfo/UTC", "/etc/localtime", "a\0b", "."])
def test_what_is_no_zone_is_none(name):
    assert load_location(name) is None


def test_names_of_utc_and_of_the_system_s_zone():
    assert load_location("") is UTC
    assert load_location("UTC") is UTC
    assert load_location("Local") is local()


@pytest.mark.parametrize(("variable", "name"), [("", "UTC"), ("UTC", "UTC"), ("Nowhere/X", "UTC"), (":", "UTC")])
def test_tz_that_names_no_zone_means_utc(monkeypatch, variable, name):
    monkeypatch.setenv("TZ", variable)
    assert str(local()) == name
    assert local().lookup(0)[:2] == ("UTC", 0)


@needs_database
@pytest.mark.parametrize("variable", ["Europe/Berlin", ":Europe/Berlin"])
def test_tz_names_the_local_zone(monkeypatch, variable):
    monkeypatch.setenv("TZ", variable)
    assert local().name == "Europe/Berlin"
    assert local().lookup(1_720_000_000)[:2] == ("CEST", 7200)


def tzif(times, indexes, zones, footer=b""):
    """A compiled zone file of version 2; `zones` are (offset, is_dst, abbreviation)."""
    names = b"".join(name + b"\0" for _, _, name in zones)
    starts = [sum(len(name) + 1 for _, _, name in zones[:i]) for i in range(len(zones))]

    def header(counts):
        return b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in counts)

    body = b"".join(time.to_bytes(8, "big", signed=True) for time in times) + bytes(indexes)
    for (offset, is_dst, _), start in zip(zones, starts, strict=True):
        body += offset.to_bytes(4, "big", signed=True) + bytes([is_dst, start])
    counts = (0, 0, 0, len(times), len(zones), len(names))
    return header((0, 0, 0, 0, 0, 0)) + header(counts) + body + names + b"\n" + footer + b"\n"


ZONES = [(3600, 0, b"STD"), (7200, 1, b"DST")]


def test_a_zone_file_is_read():
    zone = read_tzif("X", tzif([1000, 2000], [1, 0], ZONES))
    assert zone.lookup(0) == ("STD", 3600, -(1 << 63), 1000, False)
    assert zone.lookup(1000) == ("DST", 7200, 1000, 2000, True)
    assert zone.lookup(5000) == ("STD", 3600, 2000, (1 << 63) - 1, False)


@pytest.mark.parametrize(
    ("footer", "january", "july"),
    [
        (b"STD-1DST,M3.5.0,M10.5.0/3", ("STD", 3600, False), ("DST", 7200, True)),
        (b"<-03>3<-02>,M10.1.0/0,M2.3.0/0", ("-02", -7200, True), ("-03", -10800, False)),
        (b"STD5:30", ("STD", -19800, False), ("STD", -19800, False)),
        (b"AAA+1BBB-2:00:01,J60/-1,300", ("AAA", -3600, False), ("BBB", 7201, True)),
        (b"EST5EDT", ("EST", -18000, False), ("EDT", -14400, True)),
        (b"nonsense!", ("STD", 3600, False), ("STD", 3600, False)),
        (b"AA1", ("STD", 3600, False), ("STD", 3600, False)),
        (b"STD-1DST,M13.5.0,M10.5.0", ("STD", 3600, False), ("STD", 3600, False)),
    ],
)
def test_the_footer_s_rule_holds_after_the_last_change(footer, january, july):
    zone = read_tzif("X", tzif([1000], [0], ZONES, footer))
    found = [zone.lookup(sec) for sec in (1_705_320_000, 1_721_044_800)]
    assert [(name, offset, is_dst) for name, offset, _, _, is_dst in found] == [january, july]


@pytest.mark.parametrize("size", [0, 4, 43, 44, 60, 88, 100])
def test_a_cut_zone_file_is_none(size):
    assert read_tzif("X", tzif([1000, 2000], [1, 0], ZONES)[:size]) is None


def test_a_zone_file_that_points_nowhere_is_none():
    assert read_tzif("X", tzif([1000], [7], ZONES)) is None
    assert read_tzif("X", tzif([], [], [])) is None


def test_the_zone_before_the_first_change_is_a_standard_one():
    assert Location("X", [("DST", 2, True), ("STD", 1, False)], [10], [0]).lookup(0)[0] == "STD"
    assert Location("X", [("LMT", 2, True), ("STD", 1, False)], [10], [1]).lookup(0)[0] == "LMT"
    assert Location("X", [("A", 0, False), ("B", 1, False), ("C", 2, True)], [10, 20], [2, 0]).lookup(0)[0] == "B"
    assert Location("X", [("A", 0, True)], [10], [0]).lookup(0)[0] == "A"
