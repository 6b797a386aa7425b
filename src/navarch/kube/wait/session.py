"""One wait under way: lookouts report from their threads, the caller's thread draws the conclusions.

The caller leaves, and all watches end, as soon as everything is as desired, time is up, somebody cancels, or Ctrl-C is
pressed. A lookout that is waiting for an answer then finds that nobody cares.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import NamedTuple

from navarch.kube.wait.board import Board
from navarch.kube.wait.lookout import lookouts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.wait.judge import Judge, Verdict
    from navarch.kube.wait.lookout import News
    from navarch.kube.wait.report import Report

    Identity = tuple[str, str, str, str]

__all__ = ["CANCELLED", "TIMED_OUT", "Session"]

TIMED_OUT = "context deadline exceeded"
CANCELLED = "context canceled"
_AT_ONCE = 8  # first looks under way at the same time
_PATIENCE = 1.0  # seconds after which watches begin though some kinds haven't been looked at
_LONGEST_NAP = 3600.0


class _Again(NamedTuple):
    """A new verdict on an object that hasn't changed."""

    identity: Identity
    verdict: Verdict


class _Cancelled(NamedTuple):
    """Somebody wants the wait to end."""


class Session:
    """Waits once until `resources` have the status `desired`, as `judge` tells it."""

    def __init__(
        self, client: Client, report: Report, resources: Sequence[Resource], desired: str, judge: Judge
    ) -> None:
        self.board = Board(resources, desired, report)
        self.lookouts = list(lookouts(client.transport, resources, judge, desired))
        self._judge = judge
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._again: dict[Identity, float] = {}  # when to judge an object again
        self._unlooked = len(self.lookouts)

    @property
    def troubles(self) -> list[str]:
        """What keeps lookouts from looking, if anything does."""
        return sorted({one.follower.trouble for one in self.lookouts} - {""})

    def cancel(self) -> None:
        """End the wait, from any thread."""
        self._news.put(_Cancelled())

    def run(self, seconds: float) -> str:
        """Wait, no longer than so many seconds (below zero: for ever). What it ended by, "" if all is as desired.

        Raises KubernetesError where objects may not be looked at, and what a caller's own rule raises.
        """
        deadline = time.monotonic() + seconds if seconds >= 0 else float("inf")
        turn = threading.BoundedSemaphore(_AT_ONCE)
        for one in self.lookouts:
            one.start(self._news.put, turn)
        try:
            return self._follow(deadline)
        finally:
            for one in self.lookouts:
                one.close()

    def _follow(self, deadline: float) -> str:
        if not self.lookouts and self._done():
            return ""
        patience = time.monotonic() + _PATIENCE
        while True:
            now = time.monotonic()
            if now >= deadline:
                return TIMED_OUT
            if now >= patience:
                patience = float("inf")
                self._watch()
            self._judge_due(now)
            news = self._next(min(deadline, patience, now + _LONGEST_NAP, *self._again.values()) - now)
            if isinstance(news, _Cancelled):
                return CANCELLED
            if news is not None and self._take_in(news):
                return ""

    def _next(self, seconds: float) -> Any:
        """What is reported next, None if nothing is for so long."""
        try:
            news = self._news.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(news, BaseException):
            raise news
        return news

    def _watch(self) -> None:
        for one in self.lookouts:
            one.follower.watching.set()

    def _take_in(self, news: News | _Again) -> bool:
        """Note what is new; whether with that everything is as desired."""
        if isinstance(news, _Again):
            stale = self.board.verdict(news.identity).object is not news.verdict.object
            return not stale and self._noted(news.identity, news.verdict)
        for identity, verdict in news.verdicts.items():
            if self._noted(identity, verdict):
                return True
        return news.whole and self._looked_at(news)

    def _looked_at(self, news: News) -> bool:
        """What follows from a list: what isn't there, and after the first lists, whether anything must be watched."""
        one = news.lookout
        for resource in one.wanted.values():
            if resource.identity not in news.verdicts:
                self.board.note_absent(resource.identity)
        if one.static and all(self.board.is_desired(resource.identity) for resource in one.wanted.values()):
            one.close()
        if one.looked:
            return self._done()
        one.looked = True
        self._unlooked -= 1
        if self._unlooked:
            return False
        if self._done():
            return True
        self._watch()
        return False

    def _noted(self, identity: Identity, verdict: Verdict) -> bool:
        self.board.note(identity, verdict)
        self._again.pop(identity, None)
        if verdict.again:
            self._again[identity] = time.monotonic() + verdict.again
        return self._done()

    def _done(self) -> bool:
        return self.board.done(all_looked_at=not self._unlooked)

    def _judge_due(self, now: float) -> None:
        """Have those objects judged again whose time has come: by now they, or their Pods, may be another thing."""
        for identity in [one for one, due in self._again.items() if now >= due]:
            del self._again[identity]
            obj = self.board.verdict(identity).object
            if obj is not None:
                threading.Thread(target=self._judge_again, args=(identity, obj), daemon=True).start()

    def _judge_again(self, identity: Identity, obj: dict[str, Any]) -> None:
        try:
            self._news.put(_Again(identity, self._judge.verdict(identity[:2], obj)))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._news.put(error)
