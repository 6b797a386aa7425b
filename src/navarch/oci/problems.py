"""What registries answer when they say no, in oras-go's words."""

from __future__ import annotations

from navarch.errors import JsonError, RegistryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.oci.transport import Answer

__all__ = ["refusal", "status_text"]

_ERROR_LIMIT = 8 << 10


def refusal(answer: Answer) -> RegistryError:
    """The error that an answer is: `GET "https://…": response status code 404: manifest unknown: …`."""
    errors = _errors(answer.body[:_ERROR_LIMIT])
    words = "; ".join(map(_words, errors)) if errors else status_text(answer.status)
    codes = [str(error.get("code", "")) for error in errors]
    message = f"{answer.where}: response status code {answer.status}: {words}"
    return RegistryError(message, url=answer.url, status=answer.status, codes=codes)


def _errors(body: bytes) -> list[dict[str, Any]]:
    """The errors that an answer lists; none where it is not as the specification has it."""
    from navarch.golang.json import loads

    try:
        found = loads(body.decode("utf-8", "surrogateescape"))
    except JsonError:
        return []
    errors = found.get("errors") if isinstance(found, dict) else None
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        return []
    texts = all(isinstance(error.get(name, ""), str) for error in errors for name in ("code", "message"))
    return errors if texts else []


def _words(error: dict[str, Any]) -> str:
    from navarch.golang.fmt import sprintf

    code = error.get("code", "").replace("_", " ").lower()
    message, detail = error.get("message", ""), error.get("detail")
    if not message:
        return str(code)
    return f"{code}: {message}" if detail is None else f"{code}: {message}: {sprintf('%v', detail)}"


def status_text(status: int) -> str:
    """What Go calls a status; "" for one that it doesn't know."""
    from http import HTTPStatus

    try:
        return _GO.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""


# where Go's net/http has other words than Python
_GO = {203: "Non-Authoritative Information", 413: "Request Entity Too Large", 414: "Request URI Too Long"}
_GO |= {416: "Requested Range Not Satisfiable", 418: "I'm a teapot", 422: "Unprocessable Entity"}
