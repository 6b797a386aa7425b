"""What the cluster's drivers say when something goes wrong: Helm's words, and what can be done."""

from __future__ import annotations

from navarch.errors import ApiError, KubernetesError, ReleaseError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from navarch.errors import NavarchError

    E = TypeVar("E", bound=NavarchError)

__all__ = ["check_label_value", "hinted", "prefixed"]

_TOO_BIG = (
    "Too long: may not be more than",
    "Too long: must have at most",
    "request is too large",
    "message larger than max",
    "Request entity too large",
)
_SMALLER = (
    "a record holds the chart's files, the values and the manifest, and may take 1 MiB compressed: leave files that no "
    "template needs out of the chart (.helmignore), split the chart, or keep records in PostgreSQL (HELM_DRIVER=sql)"
)
_MOST_READ = (3 << 20) - 4096
"""How long content may be that a server reads, whatever it then says of it."""
_FORM = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_EDGE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_INNER = _EDGE | frozenset("-_.")


def prefixed(error: E, prefix: str) -> E:
    """The same error, of the same kind, with a prefix before its message."""
    new: E = error.__class__.__new__(error.__class__)
    new.__dict__.update(error.__dict__)
    new.message = f"{prefix}: {error.message}"
    new.args = (new.message,)
    return new


def hinted(error: KubernetesError, secret: str = "", size: int = 0) -> KubernetesError:
    """The error, with a hint of what to do where a record was too big.

    In JSON a Secret's content is a third longer than in what Helm sends. If only therefore the server refused to read
    a Secret of `size` bytes of content, the answer is the one that Helm gets.
    """
    if not any(words in error.message for words in _TOO_BIG):
        return error
    if isinstance(error, ApiError) and error.code == 413 and secret and size < _MOST_READ:
        message = f"Secret {quote(secret)} is invalid: data: Too long: may not be more than 1048576 bytes"
        error = ApiError(message, code=422, reason="Invalid")
    error.hint = _SMALLER
    return error


def check_label_value(value: str) -> None:
    """Raise ReleaseError where a value can't be a label's (apimachinery's IsValidLabelValue)."""
    problems = []
    if len(value.encode("utf-8", "surrogateescape")) > 63:
        problems.append("must be no more than 63 characters")
    if value and not (value[0] in _EDGE and value[-1] in _EDGE and _INNER.issuperset(value)):
        problems.append(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
            "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
            f"validation is '{_FORM}')"
        )
    if problems:
        raise ReleaseError(f"invalid label value: {quote(value)}: {'; '.join(problems)}")
