"""Sets of numbers as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.controllers.job_indexes import format_indexes, parse_indexes


@given(st.sets(st.integers(0, 300)))
def test_numbers_come_back(numbers: set[int]) -> None:
    assert parse_indexes(format_indexes(numbers)) == numbers


# As orderedIntervals.String in pkg/controller/job/indexed_job_utils.go writes them.
@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([4], "4"), ([1, 2], "1,2"), ([1, 2, 3], "1-3"), ([0, 2, 3, 4, 7, 8], "0,2-4,7,8")],
)
def test_ranges(numbers: list[int], text: str) -> None:
    assert format_indexes(numbers) == text


def test_nonsense_is_no_number() -> None:
    assert parse_indexes("a,1-b,,3,-2") == {3}
