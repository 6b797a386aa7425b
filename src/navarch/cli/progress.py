"""What happens to the cluster, live on a terminal: a line for each object, with its state and why it isn't ready yet.

It goes to stderr, and only where that is a terminal; a pipe gets nothing but Helm's own output. Nothing is drawn (and
rich not imported) in the first second, in which most commands are over. What is printed meanwhile appears above the
lines, and at the end the lines go away.
"""

from __future__ import annotations

import os
import sys
from threading import Event as Signal
from threading import Lock, RLock, Thread

from navarch.cli.output import show_on
from navarch.kube.events import Applied, HookFinished, HookStarted, Ready, Waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any, Self

    from navarch.actions.context import Context
    from navarch.kube.events import Event

__all__ = ["Board", "Line", "watched"]

_PATIENCE = 1.0  # seconds before anything is drawn
_REDRAWS = 8  # a second
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_WORKING = ("waiting", "running")
_STYLES = {"failed": "red", "waiting": "yellow", "running": "yellow", "ready": "green", "succeeded": "green"}
_MARKS = {"failed": "✗", "ready": "✓", "succeeded": "✓"}


def watched(context: Context) -> Watch:
    """A block in which the events of a context's actions are shown, if there is a terminal to show them on."""
    return Watch(context, on=sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not context.debugging)


class Line:
    """How one object (or hook) is doing: `state` is a word, `reason` may say more."""

    __slots__ = ("label", "reason", "state")

    def __init__(self, label: str, state: str, reason: str = "") -> None:
        self.label = label
        self.state = state
        self.reason = reason


class Board:
    """The lines of all objects, in the order in which they were first heard of. Told of events from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[object, Line] = {}

    def __call__(self, event: Event) -> None:
        key, line = _line_of(event)
        with self._lock:
            self._lines[key] = line

    def lines(self, room: int) -> tuple[list[Line], int]:
        """At most `room` lines, the failed and the unfinished ones before the others, and how many there are besides.

        Where there are more, one line less, so that there is room to say so.
        """
        with self._lock:
            lines = list(self._lines.values())
        if len(lines) <= room:
            return lines, 0
        lines.sort(key=lambda line: 0 if line.state == "failed" else 1 if line.state in _WORKING else 2)
        shown = max(room - 1, 0)
        return lines[:shown], len(lines) - shown


def _line_of(event: Event) -> tuple[object, Line]:
    """What an event says, and of what."""
    if isinstance(event, (HookStarted, HookFinished)):
        state = "running" if isinstance(event, HookStarted) else event.phase.lower()
        return ("hook", event.kind, event.name), Line(f"{event.kind}/{event.name}", state, f"{event.event} hook")
    resource = event.resource
    label = f"{resource.kind}/{resource.name}"
    if isinstance(event, Applied):
        return resource.identity, Line(label, event.action)
    if isinstance(event, Ready):
        return resource.identity, Line(label, "ready")
    return resource.identity, Line(label, "waiting" if isinstance(event, Waiting) else "failed", event.reason)


class Watch:
    """The block of `watched`: listens to a context as long as it lasts, and draws from the second second on."""

    def __init__(self, context: Context, *, on: bool) -> None:
        self._context = context
        self._on = on
        self._board = Board()
        self._over = Signal()
        self._painter: _Painter | None = None
        self._thread = Thread(target=self._draw_later, name="navarch-progress", daemon=True)
        self._listener = context.on_event

    def __enter__(self) -> Self:
        if self._on:
            self._context.on_event = self._listen
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if not self._on:
            return
        self._over.set()
        self._thread.join()
        show_on(None)
        if self._painter:
            self._painter.stop()
        self._context.on_event = self._listener

    def _draw_later(self) -> None:
        if self._over.wait(_PATIENCE):
            return
        try:
            self._painter = _Painter(self._board)
        except ImportError:  # rich isn't there
            return
        show_on(self._painter)

    def _listen(self, event: Event) -> None:
        self._board(event)
        if self._listener:
            self._listener(event)


class _Painter:
    """Draws a board on stderr, over and over, until it is stopped."""

    def __init__(self, board: Board) -> None:
        from rich.console import Console

        self._board = board
        self._console = Console(stderr=True, highlight=False)
        self._turn = 0
        self._lock = RLock()
        self._asides = 0
        self._start()

    def _start(self) -> None:
        from rich.live import Live

        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_REDRAWS,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        self._console.show_cursor(True)  # a killed process can't bring it back

    def stop(self) -> None:
        """Take the lines away."""
        self._live.stop()

    def aside(self) -> AbstractContextManager[None]:
        """A block in which others may print; such blocks may stand in each other (a signal comes at any time)."""
        from contextlib import contextmanager

        @contextmanager
        def block() -> Iterator[None]:
            with self._lock:
                self._asides += 1
                if self._asides == 1:
                    self.stop()
                try:
                    yield
                finally:
                    self._asides -= 1
                    if not self._asides:
                        self._start()

        return block()

    def _picture(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        self._turn += 1
        lines, more = self._board.lines(max(self._console.height - 2, 1))
        rows = [self._row(line) for line in lines]
        return Group(*rows, *([Text(f"  … and {more} more", style="dim")] if more else []))

    def _row(self, line: Line) -> Any:
        from rich.text import Text

        spinning = _SPINNER[self._turn % len(_SPINNER)]
        mark = spinning if line.state in _WORKING else _MARKS.get(line.state, "·")
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{mark} ", style=_STYLES.get(line.state, ""))
        text.append(f"{line.label} ")
        text.append(line.state, style=_STYLES.get(line.state, "dim"))
        if line.reason:
            text.append(f" {' '.join(line.reason.split())}", style="dim")
        return text
