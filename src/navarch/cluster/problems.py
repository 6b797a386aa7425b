"""Errors of the API: what becomes a Status object in an answer. Reasons, codes and words are Kubernetes'."""

from __future__ import annotations

from typing import NamedTuple

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = [
    "Cause",
    "Problem",
    "already_exists",
    "bad_request",
    "conflict",
    "expired",
    "forbidden",
    "invalid",
    "method_not_allowed",
    "no_such_path",
    "not_acceptable",
    "not_found",
    "unroutable_media_type",
    "unsupported_media_type",
]


class Cause(NamedTuple):
    """One of the reasons of a problem: where it is, which sort it is ("FieldValueInvalid") and what to say."""

    field: str
    reason: str
    message: str


class Problem(Exception):
    """A request that can't be done; `status()` is the answer's body."""

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> dict[str, Any]:
        """As a Status object."""
        status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


def _details(group: str, kind: str, name: str, causes: Sequence[Cause] = ()) -> dict[str, Any]:
    """`kind` is what Kubernetes puts there: the plural for most errors, the kind for "Invalid"."""
    details: dict[str, Any] = {"name": name} if name else {}
    if group:
        details["group"] = group
    if kind:
        details["kind"] = kind
    if causes:
        details["causes"] = [
            {
                key: value
                for key, value in (("reason", one.reason), ("message", one.message), ("field", one.field))
                if value
            }
            for one in causes
        ]
    return details


def _qualified(group: str, plural: str) -> str:
    return f"{plural}.{group}" if group else plural


def not_found(group: str, plural: str, name: str) -> Problem:
    """404: no such object."""
    return Problem(
        404, "NotFound", f"{_qualified(group, plural)} {quote(name)} not found", _details(group, plural, name)
    )


def already_exists(group: str, plural: str, name: str) -> Problem:
    """409: an object of that name is there."""
    text = f"{_qualified(group, plural)} {quote(name)} already exists"
    return Problem(409, "AlreadyExists", text, _details(group, plural, name))


def conflict(group: str, plural: str, name: str, why: str) -> Problem:
    """409: the object is not what the request thinks it is."""
    text = f"Operation cannot be fulfilled on {_qualified(group, plural)} {quote(name)}: {why}"
    return Problem(409, "Conflict", text, _details(group, plural, name))


def forbidden(group: str, plural: str, name: str, why: str) -> Problem:
    """403: refused by a rule, not by the object's form."""
    what = (
        f"{_qualified(group, plural)} {quote(name)} is forbidden"
        if name
        else f"{_qualified(group, plural)} is forbidden"
    )
    return Problem(403, "Forbidden", f"{what}: {why}", _details(group, plural, name))


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Problem:
    """422: the object breaks rules; `causes` says which (see `FieldError.cause`)."""
    what = f"{kind}.{group} {quote(name)} is invalid" if group else f"{kind} {quote(name)} is invalid"
    told = [f"{one.field}: {one.message}" for one in causes]
    told = list(dict.fromkeys(told))
    why = f": {told[0]}" if len(told) == 1 else f": [{', '.join(told)}]" if told else ""
    return Problem(422, "Invalid", what + why, _details(group, kind, name, causes))


def bad_request(message: str) -> Problem:
    """400: the request itself can't be understood."""
    return Problem(400, "BadRequest", message)


def method_not_allowed() -> Problem:
    """405: what is at this path isn't asked in that way."""
    return Problem(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def no_such_path() -> Problem:
    """404: nothing is at this path."""
    return Problem(404, "NotFound", "the server could not find the requested resource", {})


def not_acceptable(accepted: Sequence[str]) -> Problem:
    """406: none of the forms that the client takes can be made."""
    text = f"406: Not Acceptable\n\nAvailable representations: {', '.join(accepted)}"
    return Problem(406, "NotAcceptable", text, {})


def unsupported_media_type(accepted: Sequence[str]) -> Problem:
    """415: the body is in a form that isn't read."""
    text = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return Problem(415, "UnsupportedMediaType", text)


def unroutable_media_type() -> Problem:
    """415: as the router says it, before the resource is looked at."""
    return Problem(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def expired(message: str) -> Problem:
    """410: what a list or watch wants to go on from is no longer remembered."""
    return Problem(410, "Expired", message)
