"""Where the waiters' words go: Helm's log lines to whoever shows lines, steps to whoever listens to events."""

from __future__ import annotations

from navarch.chart.notices import notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.events import Failed, OnEvent, Ready, Waiting

__all__ = ["Report", "duration"]


class Report:
    """`say` is given Helm's log lines, those for debugging only where `debugging` is true; `on_event` the events."""

    __slots__ = ("debugging", "on_event", "say")

    def __init__(
        self, say: Callable[[str], None] | None = None, *, debugging: bool = False, on_event: OnEvent | None = None
    ) -> None:
        self.say = say
        self.debugging = debugging
        self.on_event = on_event

    def debug(self, message: str, /, **attributes: object) -> None:
        if self.debugging:
            self._log("DEBUG", message, attributes)

    def error(self, message: str, /, **attributes: object) -> None:
        self._log("ERROR", message, attributes)

    def _log(self, level: str, message: str, attributes: dict[str, object]) -> None:
        if self.say:
            self.say(notice(level, message, **{name: _shown(value) for name, value in attributes.items()}))

    def tell(self, event: Waiting | Ready | Failed) -> None:
        if self.on_event:
            self.on_event(event)


def _shown(value: object) -> str:
    """A value as log/slog's text handler prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return str(value)


def duration(seconds: float) -> str:
    """Seconds as Go prints a time.Duration: 300.0 is 5m0s."""
    from navarch.golang.duration import Duration

    return str(Duration(round(seconds * 1e9)))
