"""What changed from one text to another, line by line, in a time that doesn't explode.

Lines that both texts have just once are where they are held together (patience diff); what is between such lines is
compared in full when it is short, and is all taken as changed when it isn't.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Hunk", "Line", "changes", "hunks"]

_SHORT = 100  # lines on both sides that are compared in full
_PATIENCE = 40  # times that a text is walked through on average, at most
_AROUND = 3  # unchanged lines that are shown beside changed ones


class Line(NamedTuple):
    """A line of both texts (" "), of the old one ("-") or of the new one ("+"); its numbers there, 0 for none."""

    sign: str
    text: str
    old: int
    new: int


Hunk = list[Line]


def hunks(old: str, new: str) -> list[Hunk]:
    """The changed lines and those beside them, in groups."""
    found: list[Hunk] = []
    last = -1
    lines = list(changes(old.removesuffix("\n").split("\n"), new.removesuffix("\n").split("\n")))
    near = [at for at, line in enumerate(lines) if line.sign != " "]
    for at in near:
        start, end = max(at - _AROUND, last + 1), min(at + _AROUND, len(lines) - 1)
        if not found or start > last + 1:
            found.append([])
        found[-1] += lines[start : end + 1]
        last = max(last, end)
    return found


def changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """All lines of both texts, in order."""
    a = b = 0
    for start, other, size in (*_same(old, new), (len(old), len(new), 0)):
        for at in range(a, start):
            yield Line("-", old[at], at + 1, 0)
        for at in range(b, other):
            yield Line("+", new[at], 0, at + 1)
        for at in range(size):
            yield Line(" ", old[start + at], start + at + 1, other + at + 1)
        a, b = start + size, other + size


def _same(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of lines that stay: where they are in the old text and in the new one, how many."""
    waiting = [(0, len(old), 0, len(new))]
    left = _PATIENCE * (len(old) + len(new))
    while waiting:
        a, a_end, b, b_end = waiting.pop()
        left -= a_end - a + b_end - b
        size = _prefix(old, new, a, a_end, b, b_end)
        if size:
            yield a, b, size
        a, b = a + size, b + size
        tail = 0
        while a < a_end - tail and b < b_end - tail and old[a_end - tail - 1] == new[b_end - tail - 1]:
            tail += 1
        if tail:  # comes last: what is between is looked at before
            waiting.append((a_end - tail, a_end, b_end - tail, b_end))
            a_end, b_end = a_end - tail, b_end - tail
        if a == a_end or b == b_end:
            continue
        anchors = _anchors(old[a:a_end], new[b:b_end]) if left > 0 else []
        if anchors:
            waiting += reversed(list(_between(anchors, (a, a_end, b, b_end))))
        elif max(a_end - a, b_end - b) <= _SHORT:
            matcher = SequenceMatcher(None, old[a:a_end], new[b:b_end], autojunk=False)
            yield from ((a + one.a, b + one.b, one.size) for one in matcher.get_matching_blocks() if one.size)


def _prefix(old: Sequence[str], new: Sequence[str], a: int, a_end: int, b: int, b_end: int) -> int:
    size = 0
    while a + size < a_end and b + size < b_end and old[a + size] == new[b + size]:
        size += 1
    return size


def _between(anchors: list[tuple[int, int]], whole: tuple[int, int, int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The parts of both texts that begin with lines which are known to be the same."""
    a, a_end, b, b_end = whole
    starts = [(0, 0), *anchors] if anchors[0] != (0, 0) else anchors
    for (start, other), (end, other_end) in zip(starts, (*starts[1:], (a_end - a, b_end - b)), strict=True):
        yield a + start, a + end, b + other, b + other_end


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that are in both texts just once, as many as are in the same order in both."""
    counts, others = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if others[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if counts[line] == 1 and line in places]
    return _longest_rising(pairs)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs whose second numbers rise."""
    ends: list[int] = []
    last: list[int] = []  # for each length, the pair at which it ends
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [at]
    found = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
