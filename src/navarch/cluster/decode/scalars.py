"""Values that Go's types read by rules of their own: numbers, quantities, times, bytes, "a number or a text"."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64

from navarch.cluster.decode.quantity import QuantityError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["SCALARS", "Mismatch", "timestamp"]

_RANGES = {"int32": (-(1 << 31), (1 << 31) - 1), "uint8": (0, 255), "uint32": (0, (1 << 32) - 1)}
_INT64 = (-(1 << 63), (1 << 63) - 1)
_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ").fullmatch
_BASE64 = re.compile("[A-Za-z0-9+/]*={0,2}").fullmatch
_PLAIN_QUANTITY = re.compile(r"[1-9][0-9]{0,2}(m|Mi|Gi|k|M|G)?").fullmatch
_LAYOUT = "2006-01-02T15:04:05Z07:00"
_MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"


class Mismatch(Exception):
    """A value that the type doesn't take. `text` is the whole message, or `value` isn't of `go_type`.

    `stops`: the type reads itself, so that its error is the end of reading. `exact`: the number is told in the message.
    """

    def __init__(
        self, value: Any = None, go_type: str = "", *, text: str = "", stops: bool = False, exact: bool = False
    ) -> None:
        super().__init__(text)
        self.value = value
        self.go_type = go_type
        self.text = text
        self.stops = stops
        self.exact = exact


def _integer(schema: Schema, value: Any, lenient: bool) -> int:
    least, most = _RANGES.get(schema.format, _INT64)
    if type(value) is int and least <= value <= most:
        return value
    if lenient and type(value) is not bool and isinstance(value, (int, float)) and value == int(value):
        return (int(value) - least) % (most - least + 1) + least  # Go's conversion keeps the lower bits
    raise Mismatch(value, schema.go_type or schema.format or "int64", exact=True)


def _number(schema: Schema, value: Any, lenient: bool) -> Any:  # noqa: ARG001
    if type(value) is int:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e21 else float(value)
    raise Mismatch(value, schema.go_type or "float64")


def _bytes(schema: Schema, value: Any, lenient: bool) -> str:  # noqa: ARG001
    if type(value) is str:
        if len(value) % 4 == 0 and _BASE64(value) and (not value.endswith("=") or _written_back(value)):
            return value
        from navarch.cluster.decode.base64text import canonical

        text, offset = canonical(value)
        if offset >= 0:
            raise Mismatch(text=f"illegal base64 data at input byte {offset}")
        return text
    if type(value) is list:
        return _byte_list(value)
    raise Mismatch(value, schema.go_type or "[]uint8")


def _written_back(text: str) -> bool:
    return b2a_base64(a2b_base64(text), newline=False).decode() == text


def _byte_list(value: list[Any]) -> str:
    """Bytes as a list of numbers, which Go reads too."""
    for item in value:
        if item is not None and not (type(item) is int and 0 <= item < 256):
            raise Mismatch(item, "uint8", exact=True)
    return b2a_base64(bytes(item or 0 for item in value), newline=False).decode()


def _quantity(schema: Schema, value: Any, lenient: bool) -> str:  # noqa: ARG001
    if type(value) is str:
        if _PLAIN_QUANTITY(value):
            return value
        text = value.strip()
    elif type(value) is bool or isinstance(value, (dict, list)):
        text = "x"  # Go reads the JSON text itself, which is no quantity
    else:
        from navarch.cluster.decode.reading import number_text

        text = number_text(value)
    try:
        return str(parse(text))
    except QuantityError as error:
        raise Mismatch(text=str(error), stops=True) from None


def _int_or_string(schema: Schema, value: Any, lenient: bool) -> int | str:  # noqa: ARG001
    if type(value) is str:
        return value
    least, most = _RANGES["int32"]
    if type(value) is int and least <= value <= most:
        return value
    if lenient and isinstance(value, float) and value.is_integer() and least <= value <= most:
        return int(value)
    raise Mismatch(value, "int32", stops=True, exact=True)


def _time(schema: Schema, value: Any, lenient: bool) -> str:  # noqa: ARG001
    if type(value) is not str:
        raise Mismatch(value, "string", stops=True)
    return value if _TIME(value) else timestamp(value, _LAYOUT)


def _micro_time(schema: Schema, value: Any, lenient: bool) -> str:  # noqa: ARG001
    if type(value) is not str:
        raise Mismatch(value, "string", stops=True)
    return timestamp(value, _MICRO_LAYOUT)


def timestamp(value: str, layout: str) -> str:
    """A time in any zone as UTC in the same layout. Raises Mismatch with package time's error."""
    from navarch.errors import FunctionError
    from navarch.golang.time_parse import parse_in_location
    from navarch.golang.zones import UTC

    try:
        found = parse_in_location(layout, value, UTC)
    except FunctionError as error:
        raise Mismatch(text=error.message, stops=True) from None
    return found.utc().format(layout)


def _duration(schema: Schema, value: Any, lenient: bool) -> str:  # noqa: ARG001
    from navarch.errors import FunctionError
    from navarch.golang.duration import parse_duration

    if type(value) is not str:
        raise Mismatch(value, "string", stops=True)
    try:
        return str(parse_duration(value))
    except FunctionError as error:
        raise Mismatch(text=error.message, stops=True) from None


SCALARS: dict[str, Callable[[Schema, Any, bool], Any]] = {
    "integer": _integer,
    "number": _number,
    "bytes": _bytes,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "time": _time,
    "micro-time": _micro_time,
    "duration": _duration,
}
