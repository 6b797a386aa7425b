"""Values as tables show them: ages, selectors, labels, containers, lists that are cut short.

The forms are those of k8s.io/apimachinery's duration, labels and metav1 packages and of Kubernetes' printers.
"""

from __future__ import annotations

from datetime import datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Age = Callable[[Any], str]
    """What has gone by since a time (RFC 3339), in words."""

__all__ = ["ages", "between", "condition", "containers", "human", "labels", "limited", "name_of", "seconds", "selector"]


def seconds(time: str) -> float:
    """Seconds since 1970 of a time as the API writes it ("2026-11-21T18:00:00Z"). Raises ValueError for others."""
    return datetime.fromisoformat(time).timestamp()


def ages(now: str) -> Age:
    """The function that tells how long ago a time was, seen from `now`; "<unknown>" without a time."""
    present = seconds(now)

    def age(time: Any) -> str:
        if not time:
            return "<unknown>"
        try:
            return human(present - seconds(time))
        except (TypeError, ValueError):
            return "<unknown>"

    return age


def between(start: str, end: str) -> str:
    """The time between two times."""
    return human(seconds(end) - seconds(start))


def human(duration: float) -> str:
    """A duration (in seconds) in two or three figures: 90s, 5m30s, 2d4h, 3y20d."""
    whole = int(duration)
    if whole < -1:
        return "<invalid>"
    if whole < 120:
        return f"{max(whole, 0)}s"
    minutes, hours = whole // 60, whole // 3600
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    return f"{hours}h" if hours < 48 else _days(hours)


def _days(hours: int) -> str:
    days = hours // 24
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(days // 365, "y", days % 365, "d") if days < 2920 else f"{days // 365}y"


def _two(large: int, unit: str, small: int, smaller_unit: str) -> str:
    return f"{large}{unit}{small}{smaller_unit}" if small else f"{large}{unit}"


def name_of(obj: dict[str, Any]) -> str:
    """An object's name."""
    name: str = obj["metadata"].get("name", "")
    return name


def labels(pairs: dict[str, str] | None) -> str:
    """Labels as "a=b,c=d"; "<none>"."""
    return ",".join(f"{key}={value}" for key, value in sorted((pairs or {}).items())) or "<none>"


def selector(given: dict[str, Any] | None) -> str:
    """A LabelSelector in one line; "" where it selects all or nothing. Raises ValueError for an unknown operator."""
    if not given:
        return ""
    from navarch.kube.selectors import OBJECT_OPERATORS, object_selector

    for one in given.get("matchExpressions", ()):
        if one["operator"] not in OBJECT_OPERATORS:
            raise ValueError(one["operator"])
    return str(object_selector(given))


def containers(spec: dict[str, Any]) -> list[str]:
    """The names and the images of a pod's containers: two cells."""
    found = spec.get("containers", ())
    return [",".join(one.get("name", "") for one in found), ",".join(one.get("image", "") for one in found)]


def limited(values: Iterable[Any], most: int = 3, separator: str = ",") -> str:
    """The first values, and how many there are beside them; "" without values."""
    texts = [str(value) for value in values]
    text = separator.join(texts[:most])
    return f"{text} + {len(texts) - most} more..." if len(texts) > most else text


def condition(status: dict[str, Any], type_: str) -> dict[str, Any] | None:
    """The first condition of that type."""
    return next((one for one in status.get("conditions", ()) if one.get("type") == type_), None)
