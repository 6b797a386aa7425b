"""Times in records, against what Go 1.26's time.Time made of the same texts."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RecordError
from navarch.releases.times import canonical, from_seconds, go_text, now, parse, seconds


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-21T14:43:29.538315197Z", "2026-11-21T14:43:29.538315197Z"),
        ("2026-11-21T14:43:29.500Z", "2026-11-21T14:43:29.5Z"),
        ("2026-11-21T14:43:29.000Z", "2026-11-21T14:43:29Z"),
        ("2026-11-21T14:43:29+00:00", "2026-11-21T14:43:29Z"),
        ("2026-11-21T23:46:20.756424482+09:00", "2026-11-21T23:46:20.756424482+09:00"),
        ("2024-02-29T00:00:00-03:30", "2024-02-29T00:00:00-03:30"),
        ("2024-12-31T23:59:59Z", "2024-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", ""),
        ("0001-01-01T00:00:00.0Z", ""),
        ("0001-01-01T00:00:01Z", "0001-01-01T00:00:01Z"),
    ],
)
def test_a_time_is_written_as_go_writes_it(text: str, written: str):
    assert canonical(text) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'),
        ("2026-13-21T14:43:29Z", 'parsing time "2026-13-21T14:43:29Z": month out of range'),
        ("2026-02-30T14:43:29Z", 'parsing time "2026-02-30T14:43:29Z": day out of range'),
        ("2026-02-20T24:43:29Z", 'parsing time "2026-02-20T24:43:29Z": hour out of range'),
        (
            "2026-11-21T14:43:29",
            'parsing time "2026-11-21T14:43:29" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
        ),
        (
            "2026-11-21 14:43:29Z",
            'parsing time "2026-11-21 14:43:29Z" as "2006-01-02T15:04:05Z07:00": cannot parse " 14:43:29Z" as "T"',
        ),
    ],
)
def test_what_is_no_time_is_refused_in_gos_words(text: str, message: str):
    with pytest.raises(RecordError) as caught:
        canonical(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-21T14:43:29.538315197Z", "2026-11-21 14:43:29.538315197 +0000 UTC"),
        ("2026-11-21T14:43:29Z", "2026-11-21 14:43:29 +0000 UTC"),
        ("2026-11-21T23:46:20.5+09:00", "2026-11-21 23:46:20.5 +0900 +0900"),
    ],
)
def test_a_time_is_shown_as_gos_string_method_shows_it(text: str, shown: str):
    assert go_text(text) == shown


def test_an_offset_that_is_the_local_one_is_shown_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert go_text("2026-11-21T23:46:20.5+09:00") == "2026-11-21 23:46:20.5 +0900 JST"
    assert from_seconds(1_795_272_380, 5) == "2026-11-21T23:46:20.000000005+09:00"


def test_now_is_now():
    assert abs(parse(now()).sec - time.time()) < 5


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_seconds_are_those_of_the_calendar(when: datetime):
    text = when.isoformat().replace("+00:00", "Z")
    assert seconds(canonical(text)) == parse(text).sec
    assert parse(text).sec == (when.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def test_no_time_is_the_zero_time():
    assert parse("").is_zero()
