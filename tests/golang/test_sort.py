"""Go's sort of lists with equal items; sort.jsonl holds what sort.Sort left of them, by the items' first places."""

from __future__ import annotations

import json
from operator import le, lt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.sort import unstable_sorted

CASES = [json.loads(line) for line in (Path(__file__).parent / "sort.jsonl").read_text(encoding="ascii").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_order_of_equal_items(case):
    compare = {"<": lt, "<=": le}[case["less"]]
    items = [(key, place) for place, key in enumerate(case["keys"])]
    found = unstable_sorted(items, lambda left, right: compare(left[0], right[0]))
    assert [place for _, place in found] == case["order"]


@given(st.lists(st.integers(0, 9), max_size=300))
def test_it_sorts(numbers):
    assert unstable_sorted(numbers, lt) == sorted(numbers)


@given(st.lists(st.integers(), unique=True, max_size=200))
def test_what_differs_has_one_order_whatever_is_said_of_equal_items(numbers):
    before = list(numbers)
    assert unstable_sorted(numbers, le) == sorted(numbers)
    assert numbers == before
