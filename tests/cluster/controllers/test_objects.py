"""Small questions to objects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.controllers.objects import hash_of, matches, scaled, seconds, suffix
from navarch.golang.calendar import stamp
from navarch.kube.patch.values import copy

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
def test_a_copy_is_equal_and_hashes_alike(value: Any) -> None:
    assert copy(value) == value
    assert hash_of(copy(value)) == hash_of(value)


def test_a_copy_shares_nothing() -> None:
    value = {"a": [{"b": 1}]}
    copy(value)["a"][0]["b"] = 2
    assert value == {"a": [{"b": 1}]}


@given(st.text(max_size=20), st.integers(0, 10**6))
def test_names_are_made_of_letters_that_spell_nothing(owner: str, number: int) -> None:
    letters = suffix(owner, number) + hash_of({"a": owner}, number)
    assert set(letters) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert len(suffix(owner, number)) == 5
    assert 1 <= len(hash_of(owner, number)) <= 10


@given(st.integers(0, 4_000_000_000))
def test_times_come_back(moment: int) -> None:
    assert seconds(stamp(moment)) == moment


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [("25%", 10, 3, 2), ("1%", 2, 1, 0), ("100%", 7, 7, 7), (3, 10, 3, 3), ("x", 10, 0, 0)],
)
def test_percentages(value: Any, total: int, up: int, down: int) -> None:
    assert (scaled(value, total, up=True), scaled(value, total, up=False)) == (up, down)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "1", "c": "3"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["0", "1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "Nonsense"}]}, False),
    ],
)
def test_selectors(selector: Any, expected: bool) -> None:
    assert matches(selector, {"a": "1", "b": "2"}) is expected
