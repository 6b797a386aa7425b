"""The access log, a line a request, and the audit log: who changed what, and who was refused."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.keys import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.registry.config import Logs

__all__ = ["AccessLog", "AuditLog", "Event", "Lines"]

_TOGETHER = 4096  # bytes: what a pipe takes at once without mixing it with other writers' lines
_SOON = 0.2  # seconds
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class Event(NamedTuple):
    """A request that was answered. `target` is path and query as they came, `size` the bytes that were sent."""

    id: str
    address: str
    who: str
    method: str
    target: str
    version: str
    status: int
    size: int
    seconds: float
    state: dict[str, Any]


class Lines:
    """Lines that are added to a file ("-" is stderr), which a `key` of the configuration names.

    Several processes may add to one. Raises SettingsError.
    """

    def __init__(self, path: str, key: str) -> None:
        try:
            mode = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = 2 if path == "-" else os.open(path, mode, 0o640)
        except OSError as error:
            raise SettingsError(f"{key}: {path}: {error.strerror or error}") from error
        self._waiting: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def now(self, line: str) -> None:
        """Write a line."""
        self._write(line.encode("utf-8", "backslashreplace") + b"\n")

    def soon(self, line: str) -> None:
        """Write a line within a moment, with others."""
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        if self._size + len(data) > _TOGETHER:
            self.flush()
        self._waiting.append(data)
        self._size += len(data)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting, self._size = self._waiting, [], 0
        if waiting:
            self._write(b"".join(waiting))

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            pass  # a full disk or a closed pipe keeps nobody from charts


class AccessLog:
    """A line for each request: in the common form with what took how long and the id behind it, or JSON."""

    def __init__(self, logs: Logs) -> None:
        self._lines = Lines(logs.access, "log.access")
        self._form: Callable[[Event], str] = _as_json if logs.form == "json" else _as_text

    def add(self, event: Event) -> None:
        """Write about a request."""
        self._lines.soon(self._form(event))

    def flush(self) -> None:
        """Write what waits."""
        self._lines.flush()


class AuditLog:
    """A line of JSON for each request that changed something or wanted to, and for each that was refused."""

    def __init__(self, logs: Logs) -> None:
        self._lines = Lines(logs.audit, "log.audit")

    def add(self, event: Event) -> None:
        """Write about a request, if it is one of those."""
        if event.method in _SAFE and event.status not in {401, 403}:
            return
        fields = {
            "time": _time(),
            "id": event.id,
            "who": event.who,
            "address": event.address,
            "action": event.state.get("action", ""),
            "space": event.state.get("space", ""),
            "what": event.state.get("what", ""),
            "method": event.method,
            "target": event.target,
            "status": event.status,
        }
        self._lines.now(json.dumps(fields, ensure_ascii=True))


def _as_text(event: Event) -> str:
    target = event.target.replace("\\", "%5C").replace('"', "%22")
    who = event.who.replace(" ", "_") or "-"
    request = f"{event.method} {target} HTTP/{event.version}"
    line = f'{event.address or "-"} - {who} [{_time()}] "{request}" {event.status} {event.size}'
    return _printable(f"{line} {event.seconds:.6f} {event.id}")


def _as_json(event: Event) -> str:
    fields = {"time": _time(), **event._asdict(), "seconds": round(event.seconds, 6)}
    del fields["state"], fields["version"]
    return json.dumps(fields, ensure_ascii=True)


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in line)


_second = (0, "")


def _time() -> str:
    """Now, in RFC 3339 to the second."""
    global _second
    now = int(time.time())
    if now != _second[0]:
        _second = (now, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))
    return _second[1]
