"""Ranges and tags of what is sent. RFC 9110, sections 13 and 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.registry.problems import Problem
from navarch.registry.sending import is_known, range_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-4", (0, 5)),
        ("bytes=5-", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=0-99", (0, 10)),
        ("bytes= 2 - 3 ", (2, 4)),
        ("bytes=0-1,3-4", None),
        ("bytes=4-2", None),
        ("bytes=-", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges(header: str, part: tuple[int, int] | None) -> None:
    assert range_of(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_what_is_outside_is_416(header: str) -> None:
    with pytest.raises(Problem) as caught:
        range_of(header, 10)
    assert (caught.value.status, caught.value.headers) == (416, {"Content-Range": "bytes */10"})


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 60))
def test_a_range_is_in_what_there_is(size: int, first: int, last: int) -> None:
    try:
        found = range_of(f"bytes={first}-{last}", size)
    except Problem:
        assert first >= size
        return
    data = bytes(range(size))
    assert last < first if found is None else data[slice(*found)] == data[first : last + 1] != b""


@pytest.mark.parametrize(
    ("header", "known"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ("", False), ('"b"', False), ("a", False)],
)
def test_tags(header: str, known: bool) -> None:
    assert is_known(header, '"a"') == known
