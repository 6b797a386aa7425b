"""Ctrl-C and SIGTERM while a release is worked on: the action hears of it, and records what became of the release."""

from __future__ import annotations

import signal

from navarch.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any

__all__ = ["Cancelable"]

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
