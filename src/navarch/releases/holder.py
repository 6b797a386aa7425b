"""Who holds a Lease: what it tells of its holder, and whether that process still lives.

`lease` writes this into the Lease that it takes, and reads it out of the one that it finds taken.
"""

from __future__ import annotations

import os
from json import dumps, loads
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["AT_WORK", "Holder", "annotated", "holder_of", "is_dead", "is_here", "micro_time", "ourselves", "unix"]

_ANNOTATION = "navarch/holder"
AT_WORK: set[str] = set()
"""The tokens of the Leases that this process holds, or is about to take."""


class Holder(NamedTuple):
    """Who holds, or held, a Lease: enough to tell people, and to see whether the process still lives."""

    user: str = ""
    host: str = ""
    pid: int = 0
    machine: str = ""
    started: str = ""
    since: str = ""
    action: str = ""
    revision: int = 0
    token: str = ""

    def __str__(self) -> str:
        what = f"{self.action} to revision {self.revision}" if self.action and self.revision else self.action
        return f"{self.user}@{self.host} (pid {self.pid}): {what or 'at work'} since {self.since}"


def annotated(annotations: dict[str, str] | None, holder: Holder) -> dict[str, str]:
    """A Lease's annotations with what there is to know of its holder."""
    return {**(annotations or {}), _ANNOTATION: dumps(holder._asdict())}


def is_here(holder: Holder) -> bool:
    """Whether the holder is a process of this machine, made by us, and lives."""
    return bool(holder.token and holder.machine) and holder.machine == machine() and not is_dead(holder)


def holder_of(lease: Object) -> Holder:
    """The holder as its annotation tells; of a Lease made by others, as far as its identity tells."""
    metadata = lease.get("metadata") or {}
    identity = str((lease.get("spec") or {}).get("holderIdentity") or "")
    since = str((lease.get("spec") or {}).get("acquireTime") or "")
    try:
        told = loads((metadata.get("annotations") or {})[_ANNOTATION])
        known = {field: told[field] for field in Holder._fields if type(told[field]) is type(getattr(Holder(), field))}
        return Holder(**known)
    except (ValueError, KeyError, TypeError):
        return Holder(user=identity, since=since)


def ourselves(action: str, revision: int) -> Holder:
    from socket import gethostname

    pid = os.getpid()
    return Holder(
        user=_user(),
        host=gethostname(),
        pid=pid,
        machine=machine(),
        started=started(pid),
        since=micro_time()[:19] + "Z",
        action=action,
        revision=revision,
        token=os.urandom(8).hex(),
    )


def _user() -> str:
    for variable in ("LOGNAME", "USER", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return "somebody"


def machine() -> str:
    """What tells apart the worlds in which process ids count: this boot of this machine, this container."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return f"{file.read().strip()}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def started(pid: int) -> str:
    """When a process began, in the system's own measure; "" where there is none, or no telling."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19] if fields[0] not in "ZX" else ""


def is_dead(holder: Holder) -> bool:
    """Whether the process was one of this machine, and is no more; or is this one, and has ended its work."""
    if not holder.machine or holder.machine != machine():
        return False
    if holder.pid == os.getpid():
        return holder.token not in AT_WORK
    return started(holder.pid) != holder.started


def micro_time() -> str:
    """Now, as a Lease has it."""
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix(text: str) -> float:
    """The seconds since 1970 of a Lease's time; 0 where it has none."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
