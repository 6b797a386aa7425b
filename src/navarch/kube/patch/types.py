"""What Kubernetes' own types are made of, as far as strategic merge patches go by it.

`types.txt` holds a line for every kind ("apps/v1/Deployment Deployment") and one for every type: its name (what follows
a "~" only tells types of one name apart), then its fields as name:expression.

    field      = name ":" expression ["|" strategies ["|" merge key]]
    expression = "[" expression     list
               | "{" expression     mapping
               | type name          struct; one whose only field is "*" takes any JSON
               | "s" string | "i" integer | "n" number | "b" boolean | "y" base64
               | "q" quantity | "o" integer or string | "t" time | "m" time with microseconds

Expressions are passed around as the text that they are. The table is written by tools/patch-types.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Field", "find", "fits", "list_field", "map_field"]

_GO_KINDS = {"s": "string", "b": "bool", "i": "int", "n": "float64", "y": "slice", "[": "slice", "{": "map"}
_LAYOUTS = {"t": "2006-01-02T15:04:05Z07:00", "m": "2006-01-02T15:04:05.000000Z07:00"}
_MANTISSA = "0123456789."
_INT32 = 1 << 31

_structs: dict[str, dict[str, Field]] = {}


class Field(NamedTuple):
    """What a field holds (of lists: what each item is), its patch strategy, merge key and whether keys are retained."""

    expression: str
    strategy: str
    key: str
    retain_keys: bool


def find(api_version: str, kind: str) -> str | None:
    """The expression for objects of a kind, None if it isn't one of Kubernetes' own (as Helm's library knows them)."""
    return _lines().get(f"{api_version}/{kind}")


@cache
def _lines() -> dict[str, str]:
    """The table: what follows the first word of a line, by that word."""
    import os.path

    with open(os.path.join(os.path.dirname(__file__), "types.txt"), encoding="ascii") as file:
        words = [line.rstrip("\n").partition(" ") for line in file]
    return {name: rest for name, _, rest in words}


def _fields(name: str) -> dict[str, Field]:
    """The fields of a struct, by their names in JSON."""
    found = _structs.get(name)
    if found is None:
        pairs = [word.partition(":") for word in _lines()[name].split()]
        found = _structs[name] = {field: _field(rest) for field, _, rest in pairs}
    return found


def _field(text: str) -> Field:
    expression, *marks = text.split("|")
    strategies = marks[0].split(",") if marks else []
    strategy = next((one for one in strategies if one != "retainKeys"), "")
    return Field(expression, strategy, marks[1] if len(marks) > 1 else "", "retainKeys" in strategies)


def map_field(expression: str, name: str) -> Field:
    """The field of that name of a struct. Raises KubernetesError, in apimachinery's words, where there is none."""
    if not expression[0].isupper():
        kind = _GO_KINDS.get(expression[0], "struct")
        raise KubernetesError(f"merging an object in json but data type is not struct, instead is: {kind}")
    fields = _fields(expression)
    field = fields.get(name)
    if field is not None:
        return field
    folded = name.casefold()
    for known, field in fields.items():
        if known.casefold() == folded:
            return field
    from navarch.golang.strconv import quote

    struct = expression.partition("~")[0]
    raise KubernetesError(f"unable to find api field in struct {struct} for the json field {quote(name)}")


def list_field(expression: str, name: str) -> Field:
    """The same for a field that holds a list; the expression answered is that of an item."""
    field = map_field(expression, name)
    if field.expression[0] != "[":
        raise KubernetesError("expected slice or array type, but got: struct")
    return field._replace(expression=field.expression[1:])


def fits(expression: str, value: Any) -> bool:
    """Whether a value can become a Go value of that type; fields that the type doesn't have are no hindrance.

    Objects that don't fit are treated as custom resources. The rule is that of apimachinery's FromUnstructured.
    """
    if value is None:
        return True
    first = expression[0]
    if first == "[":
        return type(value) is list and all(fits(expression[1:], item) for item in value)
    if first == "{":
        return type(value) is dict and all(fits(expression[1:], item) for item in value.values())
    if first.isupper():
        return _fits_struct(expression, value)
    return _fits_scalar(first, value)


def _fits_struct(name: str, value: Any) -> bool:
    fields = _fields(name)
    if "*" in fields:
        return True
    if type(value) is not dict:
        return False
    for key, item in value.items():
        field = fields.get(key)
        if field is not None and not fits(field.expression, item):
            return False
    return True


def _fits_scalar(letter: str, value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return letter in "so" or (letter in "qtmy" and _readable(letter, value))
    if kind is bool:
        return letter == "b"
    if kind is int:
        return letter in "inq" or (letter == "o" and -_INT32 <= value < _INT32)
    if kind is float:
        return letter in "nq" or (letter == "i" and value.is_integer()) or (letter == "o" and _small(value))
    return False


def _small(value: float) -> bool:
    return value.is_integer() and -_INT32 <= value < _INT32


def _readable(letter: str, text: str) -> bool:
    """Whether a quantity, a time or base64 can be read."""
    if letter == "q":
        return _is_quantity(text)
    if letter == "y":
        return _is_base64(text)
    from navarch.errors import NavarchError
    from navarch.golang.time_parse import parse_in_location
    from navarch.golang.zones import UTC

    try:
        parse_in_location(_LAYOUTS[letter], text, UTC)
    except NavarchError:
        return False
    return True


def _is_quantity(text: str) -> bool:
    """Grammar of apimachinery's quantities: sign, digits with at most one point, then a suffix or an exponent."""
    number = text[1:] if text[:1] in {"+", "-"} else text
    suffix = number.lstrip(_MANTISSA)
    digits = number[: len(number) - len(suffix)]
    if digits.count(".") > 1 or not digits.replace(".", ""):
        return False
    if suffix in {"", *"numkMGTPE", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}:
        return True
    exponent = suffix[1:].removeprefix("-") if suffix[1:2] == "-" else suffix[1:].removeprefix("+")
    return suffix[0] in "eE" and exponent.isascii() and exponent.isdigit()


def _is_base64(text: str) -> bool:
    from binascii import Error, a2b_base64

    try:
        a2b_base64(text.replace("\r", "").replace("\n", "").encode(), strict_mode=True)
    except (Error, ValueError):
        return False
    return True
