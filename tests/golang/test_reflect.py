"""Equality in depth between Go's values."""

from __future__ import annotations

import pytest

from navarch.golang.reflect import deep_equal, is_slice, items_of
from navarch.golang.types import Int, NilList, NilMap, StringMap, Strings, Uint8


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Int(1), Int(1), True),
        (Int(1), 1, False),
        (1, 1.0, False),
        (True, 1, False),
        ([{"a": [Int(1)]}], [{"a": [Int(1)]}], True),
        ([{"a": [Int(1)]}], [{"a": [1.0]}], False),
        ({"a": Int(1)}, {"a": Int(1), "b": None}, False),
        ([], NilList(), False),
        ({}, NilMap(), False),
        (NilMap(), NilMap(), True),
        (Strings(["a"]), ["a"], False),
        (StringMap(), {}, False),
        (float("nan"), float("nan"), False),
        (None, None, True),
    ],
)
def test_deep_equal(a, b, expected):
    assert deep_equal(a, b) is expected
    assert deep_equal(b, a) is expected


def test_slices():
    assert [is_slice(value) for value in ([], Strings(), b"", "", {}, None)] == [True, True, True, False, False, False]
    assert [type(item) for item in items_of(b"ab")] == [Uint8, Uint8]
