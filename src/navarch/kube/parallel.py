"""The same work on many objects at once, within bounds; what comes of it is in the order of the objects.

Objects of a kind are worked on together, kinds in turn, as Helm does it: a kind may need what was done to the one
before (namespaces, service accounts, custom resource definitions).
"""

from __future__ import annotations

from navarch.errors import KubernetesError, NavarchError
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from navarch.kube.objects import Resource

    Item = TypeVar("Item")

__all__ = ["LIMIT", "Outcome", "in_parallel", "joined", "turns"]

LIMIT = 8
"""How many requests are under way at once, unless the caller says otherwise."""

_PATIENCE = 2.0  # seconds that requests under way get to finish after Ctrl-C


class Outcome(NamedTuple):
    """What came of the work on one item: its value, or the error that ended it."""

    value: Any = None
    error: NavarchError | None = None

    def result(self) -> Any:
        """The value. Raises the error, if there is one."""
        if self.error is not None:
            raise self.error
        return self.value


def in_parallel(items: Sequence[Item], work: Callable[[Item], Any], *, limit: int = LIMIT) -> list[Outcome]:
    """What `work` says of each item, in their order. NavarchErrors become outcomes.

    Any other exception, and Ctrl-C, ends the whole: nothing new is begun.
    """
    if len(items) <= 1 or limit <= 1:
        return [_outcome(work, item) for item in items]
    return _Crew(items, work).run(min(limit, len(items)))


def _outcome(work: Callable[[Item], Any], item: Item) -> Outcome:
    try:
        return Outcome(work(item))
    except NavarchError as error:
        return Outcome(error=error)


class _Crew:
    """Threads that take items from one list until it is empty, or one of them fails."""

    def __init__(self, items: Sequence[Any], work: Callable[[Any], Any]) -> None:
        from threading import Lock

        self.work = work
        self.waiting: Iterator[tuple[int, Any]] = iter(list(enumerate(items)))
        self.outcomes: list[Outcome] = [Outcome()] * len(items)
        self.lock = Lock()
        self.failure: BaseException | None = None

    def run(self, size: int) -> list[Outcome]:
        from threading import Thread

        threads = [Thread(target=self._labour, daemon=True) for _ in range(size - 1)]
        for thread in threads:
            thread.start()
        try:
            self._labour()
            for thread in threads:
                thread.join()
        except BaseException:
            self._stop()
            for thread in threads:
                thread.join(_PATIENCE)
            raise
        if self.failure is not None:
            raise self.failure
        return self.outcomes

    def _next(self) -> tuple[int, Any] | None:
        with self.lock:
            return next(self.waiting, None)

    def _stop(self) -> None:
        with self.lock:
            self.waiting = iter(())

    def _labour(self) -> None:
        try:
            while (taken := self._next()) is not None:
                index, item = taken
                self.outcomes[index] = _outcome(self.work, item)
        except Exception as error:  # noqa: BLE001 -- handed to the thread that waits, which raises it
            self._stop()
            self.failure = error


def turns(resources: Sequence[Resource]) -> Iterator[list[Resource]]:
    """Runs of resources that may be worked on at once: of one kind, following each other, no object twice."""
    turn: list[Resource] = []
    seen: set[tuple[str, str, str, str]] = set()
    for resource in resources:
        if turn and (resource.kind != turn[0].kind or resource.identity in seen):
            yield turn
            turn, seen = [], set()
        turn.append(resource)
        seen.add(resource.identity)
    if turn:
        yield turn


def joined(errors: Sequence[KubernetesError], separator: str = "\n") -> KubernetesError:
    """Several errors as one (Go's errors.Join); one alone stays what it is."""
    if len(errors) == 1:
        return errors[0]
    return KubernetesError(separator.join([str(error) for error in errors]))
