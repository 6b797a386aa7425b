"""Ctrl-C at moments of a test's own, which can't be heard after the test."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["ctrl_c"]

_AGAIN = 0.05  # seconds


class ctrl_c:  # noqa: N801 - it reads as a function
    """SIGINT at these moments, in seconds from now; those that come after the block are passed over.

    On a busy machine several can come at once, or late: a KeyboardInterrupt in pytest itself would end the whole run.
    One that comes before the block, or in the last moment of it, in here, comes again or is passed over.
    """

    def __init__(self, *moments: float) -> None:
        self._timers = [threading.Timer(moment, os.kill, (os.getpid(), signal.SIGINT)) for moment in moments]
        self._within = False
        self._over = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._hear)
        for timer in self._timers:
            timer.start()
        self._within = True
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        for timer in self._timers:
            timer.join()
        signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._over:
            return
        if self._within and frame is not None and frame.f_code.co_filename != __file__:
            raise KeyboardInterrupt
        if not self._within or (frame is not None and frame.f_code.co_name == "__enter__"):
            timer = threading.Timer(_AGAIN, os.kill, (os.getpid(), number))
            self._timers.append(timer)
            timer.start()
