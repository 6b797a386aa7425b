"""Work that many ask for at the same moment, done once for all of them, yet never begun before anybody asked.

What is answered is at least as new as the question: who asks while somebody's work is under way waits for the next one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Shared"]

T = TypeVar("T")


class Shared(Generic[T]):
    """Answers of `work` by a key. Event loops don't share: tests have one for each request."""

    def __init__(self, work: Callable[[str], Awaitable[T]]) -> None:
        self._work = work
        self._running: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Future[T]] = {}

    async def ask(self, key: str) -> T:
        """The answer, of work that began since; or what it raised."""
        place = (asyncio.get_running_loop(), key)
        before = self._running.get(place)
        if before is not None:
            await asyncio.wait((before,))
        running = self._running.get(place)
        if running is None:  # else another one who waited was first
            running = self._running[place] = asyncio.ensure_future(self._work(key))
            running.add_done_callback(lambda done: self._end(place, done))
        return await asyncio.shield(running)

    def _end(self, place: tuple[asyncio.AbstractEventLoop, str], done: asyncio.Future[T]) -> None:
        del self._running[place]
        if not done.cancelled():
            done.exception()  # it may be that nobody waits any more
