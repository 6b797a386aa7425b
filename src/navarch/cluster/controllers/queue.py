"""What is left to do: keys in order of rank, each at most once, and keys that come due later."""

from __future__ import annotations

import heapq
from typing import NamedTuple

__all__ = ["Key", "Queue"]


class Key(NamedTuple):
    """One object that one controller has to look at."""

    controller: str
    namespace: str
    name: str


class Queue:
    """Keys by rank: all of a lower rank come first, so that what many objects cause is done once for all of them."""

    def __init__(self, ranks: int) -> None:
        self._lanes: tuple[dict[Key, None], ...] = tuple({} for _ in range(ranks))
        self._later: list[tuple[float, int, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._awaited: dict[Key, float] = {}
        self._count = 0

    def add(self, key: Key, rank: int) -> None:
        """Do it as soon as its turn comes."""
        self._lanes[rank].setdefault(key)

    def add_later(self, key: Key, rank: int, when: float, *, awaited: bool) -> None:
        """Do it at `when`, or earlier if it is there for an earlier time. `awaited`: nothing is settled before it."""
        known = self._due.get(key)
        if awaited:
            self._awaited[key] = min(when, self._awaited.get(key, when))
        if known is not None and known <= when:
            return
        self._due[key] = when
        self._count += 1
        heapq.heappush(self._later, (when, self._count, rank, key))

    def pop(self, now: float) -> Key | None:
        """The next key to look at; None if there is nothing to do now."""
        self._ripen(now)
        for lane in self._lanes:
            if lane:
                key = next(iter(lane))
                del lane[key]
                return key
        return None

    def _ripen(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            when, _, rank, key = heapq.heappop(self._later)
            if self._due.get(key) == when:
                del self._due[key]
                self._lanes[rank].setdefault(key)
            if self._awaited.get(key, when + 1) <= when:
                del self._awaited[key]

    def next_time(self) -> float | None:
        """When something comes due; None if nothing does."""
        while self._later and self._due.get(self._later[0][3]) != self._later[0][0]:
            heapq.heappop(self._later)  # it was asked for earlier, and done
        return self._later[0][0] if self._later else None

    def is_empty(self) -> bool:
        """Whether there is nothing to do now."""
        return not any(self._lanes)

    def is_settled(self) -> bool:
        """Whether there is nothing to do but what may wait."""
        return not self._awaited and not any(self._lanes)
