"""Calls that go deeper than Python's usual limit."""

from __future__ import annotations

import sys

import pytest

from navarch.golang.recursion import call_deep


def depth_of(value):
    return 1 + depth_of(value[0]) if value else 1


def test_deep_values():
    value: list[object] = []
    for _ in range(20000):
        value = [value]
    limit = sys.getrecursionlimit()
    assert call_deep(depth_of, value) == 20001
    assert sys.getrecursionlimit() == limit


def test_endless_values():
    value: list[object] = []
    value.append(value)
    limit = sys.getrecursionlimit()
    with pytest.raises(RecursionError):
        call_deep(depth_of, value)
    assert sys.getrecursionlimit() == limit
