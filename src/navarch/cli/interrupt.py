"""Ctrl-C and SIGTERM while something is worked on: it hears of it, and records or undoes what it has done."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from navarch.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

__all__ = ["Cancelable", "undone_on_sigterm"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Cancelable:
    """A block in which the first SIGINT or SIGTERM becomes KeyboardInterrupt, after Helm's words about the release.

    A second one ends the process as it would without this block.
    """

    __slots__ = ("_before", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: list[Any] = []

    def __enter__(self) -> None:
        self._before = [signal.signal(number, self._cancel) for number in _SIGNALS]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._restore()

    def _restore(self) -> None:
        for number, handler in zip(_SIGNALS, self._before, strict=False):
            signal.signal(number, handler)
        self._before = []

    def _cancel(self, _number: int, _frame: FrameType | None) -> None:
        self._restore()
        write(f"Release {self._name} has been cancelled.\n")
        raise KeyboardInterrupt


@contextmanager
def undone_on_sigterm() -> Iterator[None]:
    """A block in which SIGTERM is KeyboardInterrupt, as Ctrl-C is, so that what it has begun can be undone."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
