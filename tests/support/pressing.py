"""Ctrl-C at moments of a test's own, which can't be heard after the test."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ctrl_c"]


@contextmanager
def ctrl_c(*moments: float) -> Iterator[None]:
    """SIGINT at these moments, in seconds from now; those that come after the block are passed over.

    On a busy machine several can come at once, or late: a KeyboardInterrupt in pytest itself would end the whole run.
    """
    over: list[bool] = []

    def hear(*_: object) -> None:
        if not over:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    timers = [threading.Timer(moment, os.kill, (os.getpid(), signal.SIGINT)) for moment in moments]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        over.append(True)
        for timer in timers:
            timer.join()
        signal.signal(signal.SIGINT, before)
