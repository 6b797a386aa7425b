"""Faults on demand: what annotations of a pod, or of its template, say about how it fails.

All of them begin with `cluster.navarch.dev/`:

- `fail`: one of FAILURES, see there.
- `container`: which container fails, answers `exit-code` and `log`; the first one if it isn't said.
- `slow`: how long it takes to be ready, or to be done ("5s", "1m30s").
- `exit-code`: with what a container ends. Beside 0 it ends in this way again and again, unless it is never restarted.
- `log`: the lines that a container writes.

PersistentVolumeClaims with `fail: pending` aren't bound, Services with `fail: pending` get no address.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Object = dict[str, Any]

__all__ = ["FAILURES", "PREFIX", "TIME_FACTOR", "Faults", "is_hopeless", "is_kept_pending", "read"]

PREFIX = "cluster.navarch.dev/"
TIME_FACTOR = 100  # how much faster deadlines and back-offs pass for pods that can never succeed

# What `fail` can be, and what comes of it.
FAILURES = {
    "unschedulable": "no node takes the pod",
    "mount": "a volume can't be mounted",
    "image-pull": "the image can't be pulled",
    "config": "the container can't be configured",
    "init": "the first init container ends with an error, again and again",
    "crash": "the container ends with an error, again and again",
    "oom": "the container is killed because it takes too much memory, again and again",
    "never-ready": "the container runs, but its readiness probe fails",
}


class Faults(NamedTuple):
    """How a pod behaves. `slow` is in seconds; `exit_code` None if it isn't said; `unknown` isn't understood."""

    fail: str = ""
    container: str = ""
    slow: float = 0.0
    exit_code: int | None = None
    log: str = ""
    unknown: str = ""

    @property
    def ends_badly(self) -> bool:
        """Whether the container ends with an error."""
        return self.fail in ("crash", "oom") or bool(self.exit_code)

    @property
    def code(self) -> int:
        """What the container ends with."""
        if self.exit_code is not None:
            return self.exit_code
        return 137 if self.fail == "oom" else 1 if self.fail == "crash" else 0


_NONE = Faults()


def read(annotations: Mapping[str, str] | None) -> Faults:
    """The faults that annotations ask for. What can't be understood is told in `unknown` and has no effect."""
    found = {key[len(PREFIX) :]: value for key, value in (annotations or {}).items() if key.startswith(PREFIX)}
    if not found:
        return _NONE
    unknown = ""
    fail = found.get("fail", "")
    if fail and fail not in FAILURES:
        fail, unknown = "", f'{PREFIX}fail: "{fail}" is none of {", ".join(FAILURES)}'
    slow = _duration(found.get("slow", ""))
    if slow is None:
        slow, unknown = 0.0, f'{PREFIX}slow: "{found["slow"]}" is not a duration such as 5s'
    code = _code(found.get("exit-code", ""))
    if code is None and found.get("exit-code"):
        unknown = f'{PREFIX}exit-code: "{found["exit-code"]}" is not a number from 0 to 255'
    return Faults(fail, found.get("container", ""), slow, code, found.get("log", ""), unknown)


def _duration(text: str) -> float | None:
    if not text:
        return 0.0
    from navarch.errors import NavarchError
    from navarch.golang.duration import parse_duration

    try:
        return max(0.0, parse_duration(text) / 1_000_000_000)
    except NavarchError:
        return None


def _code(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) < 256 else None


def is_hopeless(template: Object) -> bool:
    """Whether pods of a template can never become ready."""
    faults = read((template.get("metadata") or {}).get("annotations"))
    return bool(faults.fail) or faults.ends_badly


def is_kept_pending(obj: Object) -> bool:
    """Whether a claim or a Service is to stay as it is."""
    return bool((obj["metadata"].get("annotations") or {}).get(PREFIX + "fail") == "pending")
