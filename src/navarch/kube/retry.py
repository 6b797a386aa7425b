"""When a request is worth another try, and how long to wait for it.

What the server wants repeated (Retry-After) is, as client-go does it; a failure of the server or a lost connection
only where doing it twice is the same as doing it once. A server that has answered before may be away for a minute.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Call", "LostError", "after_loss", "after_refusal"]

_ASKED_TRIES = 11
_LOST_TRIES = 8
_FAILED_TRIES = 4
_ELECTION_TRIES = 3
_AWAY = 60.0  # seconds
_FIRST_PAUSE = 0.1
_MOST_PAUSE = 3.0
_FAILURES = (500, 502, 503)
# etcd's answers that Helm repeats any request at
_ELECTION = ("etcdserver: leader changed", "raft proposal dropped")


class LostError(Exception):
    """A try without an answer; the message is the cause in Go's words.

    `sent`: the server may have acted on it. `stale`: it went to a kept connection that had ended meanwhile. `passing`:
    this may be over in a moment. `in_body`: the answer broke off.
    """

    def __init__(
        self,
        cause: str,
        *,
        sent: bool,
        stale: bool = False,
        timeout: bool = False,
        passing: bool = True,
        in_body: bool = False,
    ) -> None:
        super().__init__(cause)
        self.sent = sent
        self.stale = stale
        self.timeout = timeout
        self.passing = passing
        self.in_body = in_body


class Call:
    """One request and what has become of it so far. `deadline` is a time of time.monotonic()."""

    def __init__(
        self,
        method: str,
        path: str,
        target: str,
        *,
        accept: str,
        timeout: float | None,
        body: bytes | None = None,
        content_type: str = "",
        whole: bool = True,
    ) -> None:
        self.method = method
        self.path = path
        self.target = target
        self.accept = accept
        self.body = body
        self.content_type = content_type
        self.whole = whole
        self.headers: Sequence[tuple[str, str]] = ()
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.tries = 0
        self.lost = False  # the server may have acted on an earlier try
        self.renewed = False  # credentials were renewed for it
        self._failing_since = 0.0
        self._pause = _FIRST_PAUSE

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is the same as doing it once."""
        return self.method != "POST" and self.content_type != "application/json-patch+json"

    def pause(self, seconds: float | None = None) -> float | None:
        """Seconds until the next try, growing and not the same for all clients; None where time would be up by then."""
        if seconds is None:
            seconds = self._pause * (0.5 + os.urandom(1)[0] / 256)
            self._pause = min(self._pause * 2, _MOST_PAUSE)
        if self.deadline is not None and time.monotonic() + seconds >= self.deadline:
            return None
        return seconds

    def away(self) -> float:
        """Seconds since the first of the tries that failed."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        return now - self._failing_since


def after_loss(call: Call, lost: LostError, *, reached: bool) -> float | None:
    """Seconds to wait after a try without an answer; None to give up. `reached`: the server has answered before."""
    if lost.timeout or not lost.passing:
        return None
    if lost.sent:
        call.lost = True
        if not call.repeatable or call.tries >= _LOST_TRIES:
            return None
    elif not reached or call.away() > _AWAY:
        return None
    return 0.0 if lost.stale else call.pause()


def after_refusal(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
    """Seconds to wait after an answer that says no; None where that is the answer."""
    asked = headers.get("retry-after", "") if status == 429 or status >= 500 else ""
    if asked.isascii() and asked.isdigit():
        return call.pause(float(asked)) if call.tries < _ASKED_TRIES else None
    if status == 429:
        return call.pause() if call.tries < _ASKED_TRIES else None
    if status in _FAILURES and call.repeatable and call.tries < _FAILED_TRIES:
        return call.pause()
    if status >= 500 and call.tries < _ELECTION_TRIES and _is_election(body):
        return call.pause()
    return None


def _is_election(body: bytes) -> bool:
    if not any(words.encode() in body for words in _ELECTION):
        return False
    from navarch.kube.status import api_error

    return str(api_error(500, {}, body, method="", path="")).endswith(_ELECTION)
