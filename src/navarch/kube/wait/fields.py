"""Statuses, and reading the fields they are told from: what the rules of all kinds share.

Objects come from servers, but a custom resource's status is whatever its author thought of. Readers with a default
take what is not of the expected type for absent; the others raise StatusFault, as kstatus gives up there.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Object = dict[str, Any]
    Rule = Callable[[Object], "Status"]

__all__ = [
    "CURRENT",
    "FAILED",
    "IN_PROGRESS",
    "NOT_FOUND",
    "TERMINATING",
    "UNKNOWN",
    "Condition",
    "Status",
    "StatusFault",
    "conditions",
    "current",
    "failed",
    "group_kind",
    "in_progress",
    "integer",
    "kind_of",
    "marked_for_deletion",
    "sequence",
    "text",
    "whole_number",
]

CURRENT = "Current"
FAILED = "Failed"
IN_PROGRESS = "InProgress"
NOT_FOUND = "NotFound"
TERMINATING = "Terminating"
UNKNOWN = "Unknown"

_MISSING = object()


class Status(NamedTuple):
    """How far an object is: one of the six words above, and why.

    `reason` is one word for programs, "" where all is well. `detail` is what the object's controller says; None where
    `message` is all there is.
    """

    status: str
    message: str
    reason: str = ""
    detail: str | None = None


class Condition(NamedTuple):
    """One of an object's status.conditions. What is absent is ""."""

    type: str
    status: str
    reason: str
    message: str


class StatusFault(Exception):
    """An object whose fields have types that no rule can read. Helm calls the status of such an object Unknown."""


def current(message: str) -> Status:
    """The object is as it should be."""
    return Status(CURRENT, message)


def in_progress(reason: str, message: str) -> Status:
    """The object is on its way."""
    return Status(IN_PROGRESS, message, reason)


def failed(reason: str, message: str, detail: str | None = None) -> Status:
    """The object won't get there by itself."""
    return Status(FAILED, message, reason, detail)


def group_kind(obj: Object) -> tuple[str, str]:
    """An object's group ("" for the core) and kind. Both are "" where apiVersion can't be read."""
    api_version = obj.get("apiVersion")
    if type(api_version) is not str or api_version.count("/") > 1:
        return ("", kind_of(obj)) if type(api_version) is not str else ("", "")
    group, slash, _ = api_version.partition("/")
    return (group if slash else "", kind_of(obj))


def kind_of(obj: Object) -> str:
    kind = obj.get("kind")
    return kind if type(kind) is str else ""


def conditions(obj: Object) -> list[Condition]:
    """An object's status.conditions. Raises StatusFault where they are not a list of objects with text in them."""
    status = obj.get("status")
    if status is None:
        return []
    if type(status) is not dict:
        raise StatusFault("status is not an object")
    listed = status.get("conditions")
    if listed is None:
        return []
    if type(listed) is not list:
        raise StatusFault("status.conditions is not a list")
    return [_condition(item) for item in listed]


def _condition(item: Any) -> Condition:
    if item is None:
        return Condition("", "", "", "")
    if type(item) is not dict:
        raise StatusFault("a condition is not an object")
    values = [item.get(name) for name in Condition._fields]
    if not all(value is None or type(value) is str for value in values):
        raise StatusFault("a condition's field is not a string")
    return Condition(*(value or "" for value in values))


def _look_up(obj: Any, *path: str) -> Any:
    """The value at a path, or a mark that there is none. Raises StatusFault where a step is no object."""
    for name in path:
        if obj is None:
            return _MISSING
        if type(obj) is not dict:
            raise StatusFault(f"{'.'.join(path)}: {name} is looked for in what is not an object")
        obj = obj.get(name, _MISSING)
        if obj is _MISSING:
            return _MISSING
    return obj


def whole_number(obj: Object, *path: str) -> int | None:
    """The integer at a path, None where there is none. Raises StatusFault for anything else that is there."""
    value = _look_up(obj, *path)
    if value is _MISSING:
        return None
    if not _is_int64(value):
        raise StatusFault(f"{'.'.join(path)} is not a whole number")
    return int(value)


def sequence(obj: Object, *path: str) -> list[Any]:
    """The list at a path, empty where there is none. Raises StatusFault for anything else that is there."""
    value = _look_up(obj, *path)
    if value is _MISSING:
        return []
    if type(value) is not list:
        raise StatusFault(f"{'.'.join(path)} is not a list")
    return value


def marked_for_deletion(obj: Object) -> bool:
    """Whether the object waits for its finalizers, and is then gone."""
    deleted = _look_up(obj, "metadata", "deletionTimestamp")
    if deleted is _MISSING:
        return False
    if type(deleted) is not str:
        raise StatusFault("metadata.deletionTimestamp is not a string")
    return deleted != ""


def integer(obj: Object | None, path: str, default: int) -> int:
    """The integer at a dotted path; `default` for all else."""
    try:
        value = _look_up(obj, *path.split("."))
    except StatusFault:
        return default
    return value if _is_int64(value) else default


def text(obj: Object, path: str, default: str = "") -> str:
    """The string at a dotted path; `default` for all else."""
    try:
        value = _look_up(obj, *path.split("."))
    except StatusFault:
        return default
    return value if type(value) is str else default


def _is_int64(value: object) -> bool:
    """Whether Go would have read this as an int64: larger numbers are floats to it, and so is 1.0."""
    return type(value) is int and -(1 << 63) <= value < 1 << 63
