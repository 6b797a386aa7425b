"""Ages, selectors and lists in tables. Expected: what apimachinery's duration, labels and metav1 packages print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.tables.shown import ages, between, human, labels, limited, selector

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (-2, "<invalid>"),
        (-1.9, "0s"),
        (0.9, "0s"),
        (1, "1s"),
        (70, "70s"),
        (119, "119s"),
        (120, "2m"),
        (190, "3m10s"),
        (10 * MINUTE + 5, "10m"),
        (70 * MINUTE, "70m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + MINUTE, "3h1m"),
        (47 * HOUR, "47h"),
        (49 * HOUR, "2d1h"),
        (48 * HOUR, "2d"),
        (8 * DAY + 2 * HOUR, "8d"),
        (367 * DAY, "367d"),
        (2 * 365 * DAY + 25 * HOUR, "2y1d"),
        (2 * 365 * DAY, "2y"),
        (8 * 365 * DAY + 2 * HOUR, "8y"),
    ],
)
def test_durations(duration: float, text: str) -> None:
    assert human(duration) == text


@given(st.integers(0, 10**10))
def test_a_duration_has_two_parts_at_most(seconds: int) -> None:
    text = human(seconds)
    assert 1 <= sum(char.isalpha() for char in text) <= 2


def test_ages() -> None:
    age = ages("2026-11-21T18:00:00Z")
    assert age("2026-11-21T17:58:00Z") == "2m"
    assert age("2026-11-21T17:58:00.500000Z") == "119s"
    assert [age(None), age(""), age("soon"), age(5)] == ["<unknown>"] * 4
    assert between("2026-11-21T10:00:00Z", "2026-11-21T10:07:00Z") == "7m"


def test_selectors() -> None:
    expressions = [
        {"key": "b", "operator": "In", "values": ["z", "y"]},
        {"key": "c", "operator": "NotIn", "values": ["x"]},
        {"key": "d", "operator": "Exists"},
        {"key": "e", "operator": "DoesNotExist"},
    ]
    given_ = {"matchLabels": {"z": "1", "a": "2"}, "matchExpressions": expressions}
    assert selector(given_) == "a=2,b in (y,z),c notin (x),d,!e,z=1"
    assert selector({}) == selector(None) == ""
    with pytest.raises(ValueError, match="Above"):
        selector({"matchExpressions": [{"key": "b", "operator": "Above"}]})


def test_lists() -> None:
    assert labels({"b": "2", "a": "1"}) == "a=1,b=2"
    assert labels({}) == labels(None) == "<none>"
    assert limited([1, 2, 3]) == "1,2,3"
    assert limited([1, 2, 3, 4, 5]) == "1,2,3 + 2 more..."
    assert limited("abc", 2, ", ") == "a, b + 1 more..."
    assert limited([]) == ""
