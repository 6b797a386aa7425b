"""A long operation and its events: run it beside, and read what happens as it happens.

run = navarch.follow(client.upgrade, "web", chart, wait=True)
for event in run:
    print(event)
release = run.result()
"""

from __future__ import annotations

from queue import SimpleQueue
from threading import Thread
from typing import Generic, ParamSpec, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.kube.events import Event

__all__ = ["Following", "follow"]

P = ParamSpec("P")
R = TypeVar("R")


class Following(Generic[R]):
    """An operation that runs in a thread of its own. Iterating gives its events, from the first one on, until it ends.

    The operation goes on whether its events are read or not. What it raises is raised at the end of the events too.
    """

    def __init__(self, operation: Callable[[Callable[[Event], None]], R]) -> None:
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._operation = operation
        self._result: R
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="navarch-operation")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._operation(self._events.put)
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            self._error = error
        finally:
            self._events.put(None)

    def __iter__(self) -> Iterator[Event]:
        while (event := self._events.get()) is not None:
            yield event
        self._events.put(None)  # for whoever iterates again
        self.result()

    def result(self) -> R:
        """What the operation answers, once it is over. Raises what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result


def follow(action: Callable[P, R], *args: P.args, **keywords: P.kwargs) -> Following[R]:
    """Begin an action that takes `on_event`, such as a method of navarch.Client, and follow its events."""
    call: Callable[..., R] = action
    given: dict[str, Any] = dict(keywords)
    return Following(lambda on_event: call(*args, **{**given, "on_event": on_event}))
