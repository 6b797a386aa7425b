"""Events: v1, as they are stored, and events.k8s.io/v1."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["to_core_v1", "to_events_v1"]

# field of v1, field of events.k8s.io/v1
_RENAMED = (
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
)
_TO_EVENTS = dict(_RENAMED)
_TO_CORE = {new: old for old, new in _RENAMED}
_WRITTEN: dict[str, object] = {
    "reportingComponent": "",
    "reportingInstance": "",
    "source": {},
    "firstTimestamp": None,
    "lastTimestamp": None,
}


def to_events_v1(event: Object) -> Object:
    """An event of v1 as one of events.k8s.io/v1."""
    made = {_TO_EVENTS.get(key, key): value for key, value in event.items()}
    for name in ("note", "reportingController", "reportingInstance"):
        if made.get(name) == "":
            del made[name]
    return {**made, "apiVersion": "events.k8s.io/v1"}


def to_core_v1(event: Object) -> Object:
    """An event of events.k8s.io/v1 as one of v1."""
    made = {_TO_CORE.get(key, key): value for key, value in event.items()}
    return {**_WRITTEN, **made, "apiVersion": "v1"}
