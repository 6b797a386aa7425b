"""The addresses of pods: the lowest free one of 10.244.0.0/16, given back when the pod is gone."""

from __future__ import annotations

import heapq

__all__ = ["Addresses"]

_FIRST = 2
_LAST = 256 * 256 - 2
_PREFIX = "10.244."


class Addresses:
    """Who has which address, by uid."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._taken: set[int] = set()
        self._free: list[int] = []
        self._next = _FIRST

    def take(self, uid: str, address: str) -> None:
        """Know an address that a pod has."""
        if uid in self._numbers or not address.startswith(_PREFIX):
            return
        high, _, low = address[len(_PREFIX) :].partition(".")
        if high.isdecimal() and low.isdecimal():
            self._numbers[uid] = int(high) * 256 + int(low)
            self._taken.add(self._numbers[uid])

    def give(self, uid: str) -> str:
        """A pod's address, a new one if it has none; "" if there are no more."""
        number = self._numbers.get(uid)
        if number is None:
            number = self._find()
            if number > _LAST:
                return ""
            self._numbers[uid] = number
            self._taken.add(number)
        return f"{_PREFIX}{number // 256}.{number % 256}"

    def _find(self) -> int:
        while self._free:
            number = heapq.heappop(self._free)
            if number not in self._taken:
                return number
        while self._next in self._taken:
            self._next += 1
        return self._next

    def free(self, uid: str) -> None:
        """A pod is gone."""
        number = self._numbers.pop(uid, None)
        if number is not None:
            self._taken.discard(number)
            heapq.heappush(self._free, number)
