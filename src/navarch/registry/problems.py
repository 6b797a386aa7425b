"""What a request is refused with: a status, the reason in one word, and a sentence.

Each face writes it in its own form: {"message", "reason"}, OCI's list of errors, a page.
"""

from __future__ import annotations

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "INTERNAL",
    "LOCKED",
    "REQUEST",
    "Problem",
    "bad",
    "conflict",
    "forbidden",
    "invalid",
    "locked",
    "lost",
    "missing",
    "missing_parameter",
    "too_large",
    "unauthorized",
    "wrong_kind",
    "wrong_value",
]

REQUEST = "ReasonRequest"
INTERNAL = "ReasonInternal"
LOCKED = "ResourceLocking"


class Problem(NavarchError):
    """Why a request is refused. `status` is HTTP's, `reason` one of the spaces API's words."""

    reference = "registry-request"

    def __init__(self, status: int, reason: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


def bad(message: str) -> Problem:
    """400: a request that can't be understood."""
    return Problem(400, REQUEST, message)


def invalid(what: str, value: str) -> Problem:
    """400: "chart name is invalid: _x"."""
    return bad(f"{what} is invalid: {value}")


def missing_parameter(name: str) -> Problem:
    """400: something that the request has to have."""
    return bad(f"can't find param {name} in request")


def wrong_kind(name: str, wanted: str, got: str) -> Problem:
    """400: "limit should be number, but got string"."""
    return bad(f"{name} should be {wanted}, but got {got}")


def wrong_value(name: str, wanted: str, got: str) -> Problem:
    """400: a value that has to be another one."""
    return bad(f"value of {name} should be {wanted}, but got {got}")


def unauthorized(message: str, challenge: str) -> Problem:
    """401: nobody, or nobody known. `challenge` is the WWW-Authenticate header."""
    return Problem(401, REQUEST, message, headers={"WWW-Authenticate": challenge})


def forbidden(message: str) -> Problem:
    """403: somebody known who may not."""
    return Problem(403, REQUEST, message)


def missing(what: str) -> Problem:
    """404: "library/test/1.0.0 not found"."""
    return Problem(404, INTERNAL, f"{what} not found")


def conflict(what: str) -> Problem:
    """409: there is such a thing already."""
    return Problem(409, INTERNAL, f"resource conflict because {what} exist")


def lost(what: str) -> Problem:
    """409: somebody else changed the same thing meanwhile."""
    return Problem(409, INTERNAL, f"resource conflict because {what} was changed meanwhile")


def too_large(what: str, most: int) -> Problem:
    """413: more bytes than are allowed."""
    return Problem(413, REQUEST, f"{what} is larger than {most} bytes")


def locked(what: str) -> Problem:
    """423: somebody else is at it, and wasn't done in time."""
    return Problem(423, LOCKED, f"version is locked and can't be handled: {what}")
