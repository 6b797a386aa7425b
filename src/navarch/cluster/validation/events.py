"""Events, of both groups that have them."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, invalid, required
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_update
from navarch.cluster.validation.names import dns_subdomain, label_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating_event", "updating_event"]


def creating_event(errors: list[FieldError], event: Object) -> None:
    """ValidateEventCreate, of both groups that have events."""
    _check_event(errors, event)
    if event.get("apiVersion") == "v1":
        return
    check(errors, event.get("metadata") or {}, True, dns_subdomain)
    _check_series(errors, event.get("series"))
    if not event.get("eventTime"):
        errors.append(required("eventTime"))
    sort = event.get("type", "")
    if sort not in {"Normal", "Warning"}:
        errors.append(invalid("type", "", f"has invalid value: {sort}"))
    unset = "needs to be unset"
    for key, name in (("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp")):
        if event.get(key):
            errors.append(invalid(name, "", unset))
    if event.get("deprecatedCount"):
        errors.append(invalid("count", "", unset))
    source = event.get("deprecatedSource") or {}
    if source.get("component") or source.get("host"):
        errors.append(invalid("source", "", unset))


def _check_series(errors: list[FieldError], series: Object | None) -> None:
    if series is None:
        return
    if series.get("count", 0) < 2:
        errors.append(invalid("series.count", "", "should be at least 2"))
    if not series.get("lastObservedTime"):
        errors.append(required("series.lastObservedTime"))


def _check_event(errors: list[FieldError], event: Object) -> None:
    """legacyValidateEvent; the fields have other names in the newer group."""
    core = event.get("apiVersion") == "v1"
    namespace = (event.get("metadata") or {}).get("namespace", "")
    about = (event.get("involvedObject" if core else "regarding") or {}).get("namespace", "")
    timed = bool(event.get("eventTime"))
    if timed:
        fits = bool(about) or namespace in {"default", "kube-system"}
    else:
        fits = namespace == about if about else namespace in {"", "default"}
    if not fits:
        errors.append(invalid("involvedObject.namespace", about, "does not match event.namespace"))
    if timed:
        _check_timed(errors, event, core)
    errors.extend([invalid("namespace", namespace, one) for one in dns_subdomain(namespace)])


def _check_timed(errors: list[FieldError], event: Object, core: bool) -> None:
    path = "reportingComponent" if core else "reportingController"
    reporter = event.get(path, "")
    if not reporter:
        errors.append(required(path))
    errors.extend([invalid(path, reporter, one) for one in label_key(reporter)])
    for key, name in (("reportingInstance", ""), ("action", ""), ("reason", ""), ("message", "note")):
        text, most = event.get(key if core or not name else name, ""), 1024 if name else 128
        if not text and not name:
            errors.append(required(key))
        if len(text.encode("utf-8", "surrogatepass")) > most:
            errors.append(invalid(key, "", f"can have at most {most} characters"))


# The fields of an event that stay, as messages name them and as the newer group does, with their types' names.
_EVENT_FIELDS = (
    ("involvedObject", "regarding", "core.ObjectReference"),
    ("reason", "reason", ""),
    ("message", "note", ""),
    ("source", "deprecatedSource", "core.EventSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp", "any"),
    ("lastTimestamp", "deprecatedLastTimestamp", "any"),
    ("count", "deprecatedCount", "int"),
    ("reason", "reason", ""),
    ("type", "type", ""),
    ("eventTime", "eventTime", "any"),
    ("action", "action", ""),
    ("related", "related", "*core.ObjectReference"),
    ("reportingController", "reportingController", ""),
    ("reportingInstance", "reportingInstance", ""),
)


def updating_event(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateEventUpdate."""
    _check_event(errors, new)
    if new.get("apiVersion") == "v1":
        return
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if new.get("series") != old.get("series"):
        _check_series(errors, new.get("series"))
    for name, key, kind in _EVENT_FIELDS:
        value = new.get(key)
        if value != old.get(key):
            errors.append(invalid(name, _event_value(value, kind), IMMUTABLE))


def _event_value(value: Any, kind: str) -> Any:
    if not kind:
        return value or ""
    if kind in {"any", "int"}:
        return as_json(value or (0 if kind == "int" else None))
    from navarch.cluster.validation.internal import show, show_pointer

    return show_pointer(kind[1:], value) if kind[0] == "*" else show(kind, value)
