"""An API server's refusal becomes an ApiError, with the message that client-go makes of it."""

from __future__ import annotations

import json

from navarch.errors import ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["api_error", "status_error"]

_MOST_TEXT = 2048
_RAW = ("/version", "/api", "/apis")  # where client-go doesn't look for a Status
# code: (reason, message; "" where the server's own text counts), apimachinery's NewGenericServerResponse
_GENERIC = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    403: ("Forbidden", ""),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    406: ("NotAcceptable", ""),
    409: ("Conflict", "the server reported a conflict"),
    415: ("UnsupportedMediaType", ""),
    422: ("Invalid", "the server rejected our request due to an error in our request"),
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: (
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request",
    ),
}


def status_error(status: dict[str, Any], body: bytes = b"") -> ApiError:
    """The error that a Status object tells of."""
    details = status.get("details")
    return ApiError(
        str(status.get("message") or ""),
        code=_number(status.get("code")),
        reason=str(status.get("reason") or ""),
        details=details if isinstance(details, dict) else {},
        body=body,
    )


def api_error(code: int, headers: dict[str, str], body: bytes, *, method: str, path: str) -> ApiError:
    """The error of an answer that is not a success: the Status in it, else what its code means."""
    status = _status_in(body)
    if status is not None and (path not in _RAW or code == 403):
        return status_error(status, body)
    return _generic(code, headers, body, method=method, path=path)


def _status_in(body: bytes) -> dict[str, Any] | None:
    """The Status that a body holds; its kind may be left out."""
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if found.get("kind", "Status") != "Status" or found.get("status") != "Failure":
        return None
    return dict(found)


def _generic(code: int, headers: dict[str, str], body: bytes, *, method: str, path: str) -> ApiError:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    said = "unknown"
    if not kind or kind.startswith("text/"):
        said = body[:_MOST_TEXT].decode("utf-8", "replace").strip()
    reason, message = _GENERIC.get(code, ("", ""))
    if code == 409 and method == "POST":
        reason = "AlreadyExists"
    elif code == 406 and said in ("", "unknown"):
        message = "the server was unable to respond with a content type that the client supports"
    elif not reason:
        reason, message = _unknown(code, said)
    group, plural, name = _resource(path)
    resource = f"{plural}.{group}" if group else plural
    if plural:
        message = f"{message or said} ({' '.join(part for part in (method.lower(), resource, name) if part)})"
    details = {
        "group": group,
        "kind": plural,
        "name": name,
        "causes": [{"reason": "UnexpectedServerResponse", "message": said}],
        "retryAfterSeconds": _number(headers.get("retry-after")),
    }
    return ApiError(message or said, code=code, reason=reason, details=details, body=body)


def _unknown(code: int, said: str) -> tuple[str, str]:
    if code < 500:
        return "", f"the server responded with the status code {code} but did not return more information"
    from navarch.golang.strconv import quote

    return "InternalError", f"an error on the server ({quote(said)}) has prevented the request from succeeding"


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else 0


def _resource(path: str) -> tuple[str, str, str]:
    """Group, plural and name that a path of the API names; "" for what it doesn't."""
    parts = path.strip("/").split("/")
    if "api" in parts[:1]:
        group, rest = "", parts[2:]
    elif "apis" in parts[:1] and len(parts) > 2:
        group, rest = parts[1], parts[3:]
    else:
        return "", "", ""
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        rest = rest[2:]
    return (group, rest[0], rest[1] if len(rest) > 1 else "") if rest else ("", "", "")
