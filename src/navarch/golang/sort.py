"""sort.Sort to the letter: in which order equal items end up when a sort that is not stable has sorted them.

That shows only where items compare as equal, or where a comparison contradicts itself (one that answers "less" for
equal items, as some of Kubernetes' do). The algorithm is pattern-defeating quicksort as Go's library has it: insertion
sort up to 12 items, pivots by median of three (of medians from 50 items on), heapsort after too many bad pivots.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Item = TypeVar("Item")

__all__ = ["unstable_sorted"]

_MAX_INSERTION = 12
_MOST_SWAPS = 12
_NINTHER = 50
_MAX_STEPS = 5
_WORD = (1 << 64) - 1


def unstable_sorted(items: list[Item], less: Callable[[Item, Item], bool]) -> list[Item]:
    """The items in the order that sort.Sort leaves them in, given its Less."""
    sorter = _Sorter(items, less)
    sorter.sort(0, len(items), len(items).bit_length())
    return sorter.items


class _Sorter:
    """The list that is being sorted; places are indexes, and a range is from `a` up to but without `b`."""

    def __init__(self, items: list[Any], less: Callable[[Any, Any], bool]) -> None:
        self.items = list(items)
        self.compare = less
        self.swaps = 0

    def less(self, i: int, j: int) -> bool:
        return self.compare(self.items[i], self.items[j])

    def swap(self, i: int, j: int) -> None:
        items = self.items
        items[i], items[j] = items[j], items[i]

    def sort(self, a: int, b: int, limit: int) -> None:
        balanced = partitioned = True
        while b - a > _MAX_INSERTION:
            length = b - a
            if limit == 0:
                self._heap_sort(a, b)
                return
            if not balanced:
                self._scatter(a, b)
                limit -= 1
            pivot, increasing = self._choose_pivot(a, b)
            if balanced and partitioned and increasing and self._nearly_sorted(a, b):
                return
            if a > 0 and not self.less(a - 1, pivot):
                a = self._partition_equal(a, b, pivot)
                continue
            middle, partitioned = self._partition(a, b, pivot)
            balanced = min(middle - a, b - middle) >= length // 8
            if middle - a < b - middle:
                self.sort(a, middle, limit)
                a = middle + 1
            else:
                self.sort(middle + 1, b, limit)
                b = middle
        self._insert(a, b)

    def _insert(self, a: int, b: int) -> None:
        for i in range(a + 1, b):
            j = i
            while j > a and self.less(j, j - 1):
                self.swap(j, j - 1)
                j -= 1

    def _choose_pivot(self, a: int, b: int) -> tuple[int, bool]:
        """The place of the pivot, and whether the range looks sorted; one that looks reversed is turned round."""
        length = b - a
        self.swaps = 0
        places = [a + length // 4 * count for count in (1, 2, 3)]
        if length >= _NINTHER:
            places = [self._median(place - 1, place, place + 1) for place in places]
        pivot = self._median(*places)
        if self.swaps == _MOST_SWAPS:
            self.items[a:b] = self.items[a:b][::-1]
            return b - 1 - (pivot - a), True
        return pivot, self.swaps == 0

    def _median(self, a: int, b: int, c: int) -> int:
        a, b = self._ordered(a, b)
        b, c = self._ordered(b, c)
        a, b = self._ordered(a, b)
        return b

    def _ordered(self, a: int, b: int) -> tuple[int, int]:
        if self.less(b, a):
            self.swaps += 1
            return b, a
        return a, b

    def _nearly_sorted(self, a: int, b: int) -> bool:
        """Whether the range is sorted, after a few neighbours were exchanged in a long one."""
        i = a + 1
        for _ in range(_MAX_STEPS):
            while i < b and not self.less(i, i - 1):
                i += 1
            if i == b:
                return True
            if b - a < _NINTHER:
                return False
            self.swap(i, i - 1)
            self._shift(a, b, i)
        return False

    def _shift(self, a: int, b: int, i: int) -> None:
        """Take the smaller of two exchanged neighbours to the left, the greater to the right."""
        if i - a >= 2:
            j = i - 1
            while j >= 1 and self.less(j, j - 1):
                self.swap(j, j - 1)
                j -= 1
        if b - i >= 2:
            j = i + 1
            while j < b and self.less(j, j - 1):
                self.swap(j, j - 1)
                j += 1

    def _partition(self, a: int, b: int, pivot: int) -> tuple[int, bool]:
        """Smaller items before the pivot, others behind it: where it is then, and whether that was so already."""
        self.swap(a, pivot)
        i, j = self._close_in(a, a + 1, b - 1)
        if i > j:
            self.swap(j, a)
            return j, True
        while i <= j:
            self.swap(i, j)
            i, j = self._close_in(a, i + 1, j - 1)
        self.swap(j, a)
        return j, False

    def _close_in(self, pivot: int, i: int, j: int) -> tuple[int, int]:
        while i <= j and self.less(i, pivot):
            i += 1
        while i <= j and not self.less(j, pivot):
            j -= 1
        return i, j

    def _partition_equal(self, a: int, b: int, pivot: int) -> int:
        """Items equal to the pivot, which is the smallest, come first: where the others begin."""
        self.swap(a, pivot)
        i, j = a + 1, b - 1
        while True:
            while i <= j and not self.less(a, i):
                i += 1
            while i <= j and self.less(a, j):
                j -= 1
            if i > j:
                return i
            self.swap(i, j)
            i += 1
            j -= 1

    def _scatter(self, a: int, b: int) -> None:
        """Exchange three items with others, chosen by xorshift from the length: it breaks patterns that do harm."""
        length = b - a
        number = length
        mask = (1 << length.bit_length()) - 1
        middle = a + length // 4 * 2
        for index in (middle - 1, middle, middle + 1):
            number ^= number << 13 & _WORD
            number ^= number >> 7
            number ^= number << 17 & _WORD
            other = number & mask
            self.swap(index, a + (other - length if other >= length else other))

    def _heap_sort(self, a: int, b: int) -> None:
        size = b - a
        for root in range((size - 1) // 2, -1, -1):
            self._sift_down(root, size, a)
        for last in range(size - 1, -1, -1):
            self.swap(a, a + last)
            self._sift_down(0, last, a)

    def _sift_down(self, root: int, size: int, first: int) -> None:
        while (child := 2 * root + 1) < size:
            if child + 1 < size and self.less(first + child, first + child + 1):
                child += 1
            if not self.less(first + root, first + child):
                return
            self.swap(first + root, first + child)
            root = child
