"""Downloads and uploads on a terminal: a line for each that takes a while, redrawn in place, gone when it is over.

The lines go to stderr, and only where that is a terminal; a pipe gets nothing but Helm's own output. What is printed
meanwhile appears above them.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from navarch.cli.output import show_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import TextIO

__all__ = ["Transfers", "on_terminal"]

_PATIENCE = 0.5  # seconds before a transfer is shown
_PAUSE = 0.1  # seconds between two looks
_MOST = 12  # lines
_WIDTH = 30
_UNITS = ("B", "KiB", "MiB", "GiB")
_shared: list[Transfers] = []


def on_terminal() -> Transfers | None:
    """What shows this process's transfers, one for all of them; None where nobody would see it."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    if not _shared:
        _shared.append(Transfers(sys.stderr))
    return _shared[0]


class _Transfer:
    """How far one is; `begun` is when it was first heard of."""

    __slots__ = ("begun", "name", "size", "total")

    def __init__(self, name: str, begun: float) -> None:
        self.name = name
        self.begun = begun
        self.size = 0
        self.total: int | None = None


class Transfers:
    """Is told how far transfers are, from any thread, and draws them; one whose size is its total is over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._running: dict[str, _Transfer] = {}
        self._last = 0.0
        self._drawn = 0

    def __call__(self, name: str, size: int, total: int | None) -> None:
        now = time.monotonic()
        with self._lock:
            one = self._running.get(name)
            if one is None:
                one = self._running[name] = _Transfer(name, now)
            one.size, one.total = size, total
            if total is not None and size >= total:
                del self._running[name]
                if self._drawn:
                    self._draw(now)
            elif now - self._last >= _PAUSE:
                self._draw(now)

    def aside(self) -> AbstractContextManager[None]:
        """A block in which nothing is drawn, and nothing drawn is to be seen."""
        from contextlib import contextmanager

        @contextmanager
        def block() -> Iterator[None]:
            with self._lock:
                self._erase()
                yield

        return block()

    def _draw(self, now: float) -> None:
        lines = [_line(one) for one in self._running.values() if now - one.begun >= _PATIENCE][:_MOST]
        self._erase()
        if lines:
            width = _columns(self._stream) - 1
            self._stream.write("\n".join(line[:width] for line in lines))
            self._stream.flush()
            self._drawn = len(lines)
            self._last = now
        show_on(self if lines else None)

    def _erase(self) -> None:
        if self._drawn:
            up = f"\x1b[{self._drawn - 1}A" if self._drawn > 1 else ""
            self._stream.write(f"\r{up}\x1b[J")
            self._stream.flush()
            self._drawn = 0


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _line(one: _Transfer) -> str:
    name = one.name.partition("?")[0].rstrip("/").rpartition("/")[2][:40]
    if not one.total:
        return f"{name}  {_amount(one.size)}"
    full = one.size * _WIDTH // one.total
    return f"{name}  {'━' * full}{' ' * (_WIDTH - full)}  {_amount(one.size)} of {_amount(one.total)}"


def _amount(size: float) -> str:
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return ""
