"""Downloads on a terminal: one line for each that takes a while, redrawn in place, gone when it is done."""

from __future__ import annotations

import sys
import threading
import time

__all__ = ["Transfers"]

_PATIENCE = 0.5  # seconds before a download is shown
_PAUSE = 0.1  # seconds between two looks
_WIDTH = 30
_UNITS = ("B", "KiB", "MiB", "GiB")


class Transfers:
    """Is told how far downloads are, from any thread, and shows the one that was told of last on stderr."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}
        self._last = 0.0
        self._shown = False

    def __call__(self, url: str, size: int, total: int | None) -> None:
        now = time.monotonic()
        with self._lock:
            begun = self._begun.setdefault(url, now)
            done = total is not None and size >= total
            if done:
                del self._begun[url]
                self._clear()
            elif now - begun >= _PATIENCE and now - self._last >= _PAUSE:
                self._last = now
                self._show(_line(url, size, total))

    def _show(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def _line(url: str, size: int, total: int | None) -> str:
    name = url.partition("?")[0].rstrip("/").rpartition("/")[2][:40]
    if not total:
        return f"{name}  {_amount(size)}"
    full = size * _WIDTH // total
    return f"{name}  {'━' * full}{' ' * (_WIDTH - full)}  {_amount(size)} of {_amount(total)}"


def _amount(size: float) -> str:
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return ""
