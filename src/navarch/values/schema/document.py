"""JSON as schemas need it: numbers keep the text they were written in, and are compared exactly.

A number is an int or a float where that prints as it was written, else the bytes of its text (1e3, 1.50, -0): messages
quote numbers of schemas as they stand there, and all of it can be marshalled.
"""

from __future__ import annotations

from _json import make_scanner as _make_scanner

from navarch.errors import JsonError, ValuesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = ["compare", "decimal", "equals", "is_multiple", "is_number", "is_whole", "kind_of", "read_json"]


def read_json(data: bytes) -> Any:
    """A JSON document. Raises ValuesError with the words of Go's json.Decoder."""
    text = data.decode("utf-8", "replace")
    start = len(text) - len(text.lstrip(_BLANKS))
    try:
        value, end = _scan(text, start)
    except (ValueError, StopIteration, RecursionError, SystemError):
        return _read_slowly(text)
    if text[end:].strip(_BLANKS):
        raise ValuesError("invalid character after top-level value")
    return value


_BLANKS = " \t\r\n"


def _read_slowly(text: str) -> Any:
    """What the quick scanner refuses: usually no JSON, and an error."""
    from navarch.golang.json import loads

    if not text.strip(_BLANKS):
        raise ValuesError("EOF")
    try:
        return loads(text)
    except JsonError as error:
        message = str(error)
    if message == "unexpected end of JSON input":
        message = "unexpected EOF"
    elif message.endswith("after top-level value"):
        message = "invalid character after top-level value"
    raise ValuesError(message)


def _int(text: str) -> int | bytes:
    return text.encode() if text == "-0" or len(text) > 300 else int(text)


def _float(text: str) -> float | bytes:
    number = float(text)
    return number if repr(number) == text else text.encode()


def _constant(text: str) -> NoReturn:
    raise ValueError(text)


class _Context:
    """What CPython's scanner is told."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = staticmethod(_float)
    parse_int = staticmethod(_int)
    parse_constant = staticmethod(_constant)
    memo: dict[str, str] = {}  # noqa: RUF012


_scan: Callable[[str, int], tuple[Any, int]] = _make_scanner(_Context)  # type: ignore[arg-type]


def kind_of(value: Any) -> str:
    """JSON's name for what a value is; "" for what JSON doesn't know."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known if known != "number" or (value == value and abs(value) != _INFINITY) else ""  # noqa: PLR0124
    for kind, name in _KINDS.items():
        if isinstance(value, kind):
            return name
    return "number" if type(value) is bytes else ""


_INFINITY = float("inf")
_KINDS: dict[type, str] = {
    str: "string",
    dict: "object",
    list: "array",
    type(None): "null",
    bool: "boolean",
    float: "number",
    int: "number",
}


def is_number(value: Any) -> bool:
    kind = type(value)
    return kind is int or kind is float or kind is bytes or (isinstance(value, (int, float)) and kind is not bool)


def decimal(number: Any) -> tuple[int, int]:
    """(digits, exponent of ten) of a number as it is written; a float as the shortest text that reads as it."""
    if isinstance(number, int):
        return int(number), 0
    text = number.decode() if type(number) is bytes else repr(float(number))
    head, _, exponent = text.lower().partition("e")
    whole, _, fraction = head.partition(".")
    return int(whole + fraction), int(exponent or 0) - len(fraction)


def _aligned(one: Any, other: Any) -> tuple[int, int]:
    """Two numbers as multiples of the same power of ten."""
    (digits, exponent), (other_digits, other_exponent) = decimal(one), decimal(other)
    low = min(exponent, other_exponent)
    return digits * _power(exponent - low), other_digits * _power(other_exponent - low)


def _power(exponent: int) -> int:
    if exponent > 10_000:
        raise ValuesError("a number of the schema is too large")
    return int(10**exponent)


def compare(one: Any, other: Any) -> int:
    """-1, 0 or 1: whether a number is less than another, equal or greater."""
    if type(one) is not bytes and type(other) is not bytes and -_EXACT < one < _EXACT and -_EXACT < other < _EXACT:
        left, right = one, other
    else:
        left, right = _aligned(one, other)
    return int(left > right) - int(left < right)


_EXACT = 1 << 53


def is_multiple(number: Any, of: Any) -> bool:
    """Whether a number divides by another without rest; nothing divides by 0."""
    digits, divisor = _aligned(number, of)
    return divisor != 0 and digits % divisor == 0


def is_whole(number: Any) -> bool:
    if isinstance(number, int):
        return True
    digits, exponent = decimal(number)
    return exponent >= 0 or digits % _power(-exponent) == 0


def equals(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON: 1 and 1.0 are, 1 and true aren't."""
    kind = kind_of(one)
    if kind != kind_of(other):
        return False
    if kind == "number":
        return compare(one, other) == 0
    if kind == "object":
        return len(one) == len(other) and all(key in other and equals(one[key], other[key]) for key in one)
    if kind == "array":
        return len(one) == len(other) and all(equals(left, right) for left, right in zip(one, other, strict=True))
    return bool(one == other)
