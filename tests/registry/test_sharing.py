"""Work that is done once for all who ask at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from navarch.registry.sharing import Shared

if TYPE_CHECKING:
    from collections.abc import Callable


async def turns(done: Callable[[], bool] = lambda: False) -> None:
    """Let all others go on, until something is so or nothing more can come."""
    for _ in range(100):
        if done():
            return
        await asyncio.sleep(0)


def test_who_asks_meanwhile_waits_for_the_next() -> None:
    begun: list[int] = []
    doors = [asyncio.Event() for _ in range(3)]

    async def work(key: str) -> str:
        number = len(begun)
        begun.append(number)
        await doors[number].wait()
        return f"{key}{number}"

    async def run() -> None:
        shared = Shared(work)
        first = asyncio.ensure_future(shared.ask("a"))
        await asyncio.sleep(0)
        others = [asyncio.ensure_future(shared.ask("a")) for _ in range(5)]
        await turns()
        assert begun == [0]  # which began before they asked
        doors[0].set()
        assert await first == "a0"
        await turns(lambda: len(begun) == 2)
        assert begun == [0, 1]
        late = asyncio.ensure_future(shared.ask("a"))
        await turns()
        doors[1].set()
        assert await asyncio.gather(*others) == ["a1"] * 5
        doors[2].set()
        assert await late == "a2"

    asyncio.run(run())


def test_keys_and_failures_are_apart() -> None:
    async def work(key: str) -> str:
        await asyncio.sleep(0.01)
        if key == "bad":
            raise ValueError(key)
        return key

    async def run() -> None:
        shared = Shared(work)
        found = await asyncio.gather(*map(shared.ask, ("a", "bad", "b", "bad")), return_exceptions=True)
        assert (found[0], found[2]) == ("a", "b")
        assert all(isinstance(one, ValueError) for one in (found[1], found[3]))
        with pytest.raises(ValueError, match="bad"):
            await shared.ask("bad")
        assert await shared.ask("a") == "a"

    asyncio.run(run())


def test_one_who_leaves_doesnt_end_it_for_the_others() -> None:
    async def work(key: str) -> str:
        await asyncio.sleep(0.02)
        return key

    async def run() -> None:
        shared = Shared(work)
        first = asyncio.ensure_future(shared.ask("a"))
        await asyncio.sleep(0)
        other = asyncio.ensure_future(shared.ask("a"))
        await asyncio.sleep(0)
        first.cancel()
        assert await other == "a"

    asyncio.run(run())
