"""Bodies of requests as values: JSON and YAML, with what strict decoding wants to know of repeated fields.

The first step of every write. Repeated fields of JSON stay visible: their object is a `Repeated`.
"""

from __future__ import annotations

from _json import make_scanner, scanstring
from typing import NamedTuple

from navarch.cluster.problems import bad_request, unsupported_media_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self

    from navarch.cluster.problems import Problem

__all__ = [
    "ACCEPTED",
    "DELETE_OPTIONS",
    "Body",
    "Number",
    "Repeated",
    "number_text",
    "read",
    "read_value",
    "scan",
    "scan_floats",
    "unreadable_name",
]

DELETE_OPTIONS = "DeleteOptions"
ACCEPTED = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_PARSE_ERROR = "couldn't get version/kind; json parse error: "
_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_CONVERTING = "error converting YAML to JSON: "
_SUMMARY = 30
_NAMES = {list: "array", str: "string", bool: "bool"}


class Body(NamedTuple):
    """What a request says. `duplicates` are YAML's complaints about repeated keys, a line each."""

    object: Any
    duplicates: tuple[str, ...] = ()


class Repeated(dict[str, "Any"]):
    """A JSON object in which a name stands more than once; `pairs` are all of its members in order."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def repeats(self) -> list[str]:
        """The names that were there before, in order."""
        seen: set[str] = set()
        found = []
        for name, _ in self.pairs:
            if name in seen:
                found.append(name)
            seen.add(name)
        return found


class Number(float):
    """A number with a fraction or an exponent, and how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.text = text
        return made


def number_text(value: Any) -> str:
    """A number as the body has it."""
    if type(value) is Number:
        return value.text
    if isinstance(value, float):
        from navarch.golang.json import float_text

        return float_text(value)
    return str(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(pairs)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


class _Context:
    """What CPython's JSON scanner asks for."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_object)
    parse_float = Number
    parse_int = int
    parse_constant = staticmethod(_no_constant)
    parse_string = staticmethod(scanstring)
    memo: dict[str, str] = {}  # noqa: RUF012


class _Floats(_Context):
    """The same for values that no type reads."""

    parse_float = float  # type: ignore[assignment]


scan_floats: Callable[[str, int], tuple[Any, int]] = make_scanner(_Floats)  # type: ignore[arg-type]
_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(_Context)  # type: ignore[arg-type]


def read(body: bytes, content_type: str = "application/json", kind: str = "", api_version: str = "") -> Body:
    """The value of a body. `kind` and `api_version` are those of the object that is expected.

    Raises Problem: 415 for other forms than JSON, YAML and protobuf, 400 for what isn't in that form.
    """
    media = content_type.partition(";")[0].strip().lower() or "application/json"
    if media == "application/json":
        return Body(_identified(read_json(body, kind), body, kind))
    if media.endswith("yaml"):
        from navarch.cluster.decode.yamltext import read_yaml

        value, duplicates = read_yaml(body, lambda text: unrecognized(body, kind, text.removeprefix(_CONVERTING)))
        return Body(_identified(value, body, kind), duplicates)
    if media == "application/vnd.kubernetes.protobuf":
        from navarch.cluster.decode.protobuf import read_protobuf

        return Body(
            read_protobuf(
                body, kind, api_version, lambda text: unrecognized(body, kind, text.removeprefix(_CONVERTING))
            )
        )
    raise unsupported_media_type(ACCEPTED)


def read_value(body: bytes, content_type: str, validation: str = "Ignore") -> Any:
    """The value of a patch of that type, repeated fields noted. Raises Problem (400)."""
    from navarch.cluster.decode.patches import read_patch

    return read_patch(body, content_type, validation).object


def read_json(body: bytes, kind: str = "") -> Any:
    """A JSON text, repeated fields noted. Raises Problem (400)."""
    value, error = scan(body)
    if error:
        raise unrecognized(body, kind, _PARSE_ERROR + error)
    return value


def scan(body: bytes, read: Callable[[str, int], tuple[Any, int]] | None = None) -> tuple[Any, str]:
    """A JSON text and encoding/json's error, "" for none; `read` is `scan_floats` for numbers without their text."""
    try:
        text = body.decode()
        if "\\ud" not in text and "\\uD" not in text:
            value, end = (read or _scan)(text, len(text) - len(text.lstrip(" \t\r\n")))
            if not text[end:].strip(" \t\r\n"):
                return value, ""
    except (ValueError, StopIteration, RecursionError):
        pass
    from navarch.golang.json import decode

    value, error = decode(body.decode("utf-8", "replace"))  # errors, and texts that aren't UTF-8 throughout
    return _integers(value), error


def _integers(value: Any) -> Any:
    """Whole numbers as ints, as far as floats hold them."""
    if isinstance(value, dict):
        return {name: _integers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_integers(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    return value


def _identified(value: Any, body: bytes, kind: str) -> Any:
    """A body whose kind and version can be told; null is an object without anything."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        what = _NAMES.get(type(value), "number")
        raise unrecognized(
            body, kind, f"{_PARSE_ERROR}json: cannot unmarshal {what} into Go value of type {_TYPE_META}"
        )
    for name in ("apiVersion", "kind"):
        said = value.get(name)
        if said is not None and type(said) is not str:
            raise unrecognized(body, kind, unreadable_name(name, said))
    if (value.get("apiVersion") or "").count("/") > 1:
        raise unrecognized(body, kind, f"unexpected GroupVersion string: {value['apiVersion']}")
    return value


def unreadable_name(name: str, said: Any) -> str:
    """The words for an apiVersion or a kind that is no text."""
    what = _NAMES.get(type(said)) or ("object" if isinstance(said, dict) else "number")
    return f"{_PARSE_ERROR}json: cannot unmarshal {what} into Go struct field .{name} of type string"


def unrecognized(body: bytes, kind: str, why: str) -> Problem:
    """400 for a body of which not even the kind can be told, with its beginning."""
    if kind == DELETE_OPTIONS:
        return bad_request(why)
    if not body:
        shown = "<empty>"
    elif body.startswith(b"{"):
        shown = body[:_SUMMARY].decode("utf-8", "replace") + (" ..." if len(body) > _SUMMARY else "")
    else:
        shown = body[:_SUMMARY].hex() + (" ..." if len(body) > _SUMMARY else "")
    return bad_request(f"the object provided is unrecognized (must be of type {kind}): {why} ({shown})")
