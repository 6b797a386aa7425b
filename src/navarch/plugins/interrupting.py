"""Work in C that Ctrl-C is to end: it is done in a thread of its own, and told to stop.

Extism doesn't look at signals while a module runs, and its objects must not be torn down by an exception that comes out
of nowhere. In another thread than the main one nothing does.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Stoppable", "interruptibly"]

_PATIENCE = 0.05  # seconds between two tries to stop it
_TRIES = 100


class Stoppable:
    """What the work is told: whether to stop (`asked`). The work offers what stops it, as long as that may be used."""

    def __init__(self) -> None:
        self.asked = False
        self._stop: Callable[[], object] | None = None
        self._lock = threading.Lock()

    def offer(self, stop: Callable[[], object] | None) -> None:
        """Say what stops the work from now on, None for nothing: what was offered before isn't called any more."""
        with self._lock:
            self._stop = stop

    def stop(self) -> None:
        """Ask the work to stop."""
        with self._lock:
            self.asked = True
            if self._stop:
                self._stop()


def interruptibly(work: Callable[[Stoppable], bytes]) -> bytes:
    """What some work answers or raises. An interruption, KeyboardInterrupt above all, is raised when it has stopped."""
    told = Stoppable()
    if threading.current_thread() is not threading.main_thread():
        return work(told)
    answers: list[bytes] = []
    errors: list[BaseException] = []

    over = threading.Event()  # an interrupted join() would take the thread for ended

    def run() -> None:
        try:
            answers.append(work(told))
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)
        finally:
            over.set()

    try:
        threading.Thread(target=run, daemon=True).start()
        over.wait()
    except BaseException:
        _stop(told, over)
        raise
    if errors:
        raise errors[0]
    return answers[0]


def _stop(told: Stoppable, over: threading.Event) -> None:
    for _ in range(_TRIES):
        told.stop()
        if over.wait(_PATIENCE):
            return
