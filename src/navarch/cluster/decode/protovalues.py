"""Values in protobuf that aren't structs, lists or maps: numbers and texts, and types with messages of their own."""

from __future__ import annotations

import math
import struct
from binascii import b2a_base64

from navarch.cluster.decode.quantity import QuantityError, parse
from navarch.cluster.decode.wire import DELIMITED, VARINT, WireError, members, signed
from navarch.golang import runes
from navarch.golang.strconv import format_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["SCALARS", "json_value", "text"]

_QUANTITY = {1: ("String_", DELIMITED)}
_INT_OR_STRING = {1: ("Type", VARINT), 2: ("IntVal", VARINT), 3: ("StrVal", DELIMITED)}
_TIMESTAMP = {1: ("Seconds", VARINT), 2: ("Nanos", VARINT)}
_RAW = {1: ("Raw", DELIMITED)}
_SECONDS = "2006-01-02T15:04:05Z07:00"
_MICROSECONDS = "2006-01-02T15:04:05.000000Z07:00"
_WHOLE = 1e21  # from here on Go writes floats with an exponent


def text(data: bytes) -> str:
    """A string; what isn't UTF-8 in it is what JSON would have there."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return runes.valid(runes.from_bytes(data))


def _string(schema: Schema, value: Any) -> str:  # noqa: ARG001
    return text(value)


def _bytes(schema: Schema, value: Any) -> str:  # noqa: ARG001
    return b2a_base64(value, newline=False).decode()


def _integer(schema: Schema, value: Any) -> int:
    return signed(value, 32 if schema.format == "int32" else 64)


def _boolean(schema: Schema, value: Any) -> bool:  # noqa: ARG001
    return bool(value)


def _number(schema: Schema, value: Any) -> float:  # noqa: ARG001
    number: float = struct.unpack("<d", value)[0]
    if not math.isfinite(number):
        raise WireError(f"json: unsupported value: {format_float(number)}")
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number


def _quantity(schema: Schema, value: Any) -> str:  # noqa: ARG001
    made = "0"
    for _, item in members(value, "Quantity", _QUANTITY):
        try:
            made = str(parse(text(item)))
        except QuantityError as error:
            raise WireError(str(error)) from None
    return made


def _int_or_string(schema: Schema, value: Any) -> int | str:  # noqa: ARG001
    found: dict[int, Any] = dict(members(value, "IntOrString", _INT_OR_STRING))
    which = signed(found.get(1, 0), 64)
    if which not in (0, 1):
        raise WireError("impossible IntOrString.Type")
    return text(found.get(3, b"")) if which else signed(found.get(2, 0), 32)


def _time(schema: Schema, value: Any) -> str | None:  # noqa: ARG001
    found: dict[int, Any] = dict(members(value, "Timestamp", _TIMESTAMP))
    return _formatted(signed(found.get(1, 0), 64), 0, _SECONDS) if value else None


def _micro_time(schema: Schema, value: Any) -> str | None:  # noqa: ARG001
    found: dict[int, Any] = dict(members(value, "Timestamp", _TIMESTAMP))
    nanos = signed(found.get(2, 0), 32)
    whole = abs(nanos) // 1000 * (1000 if nanos > 0 else -1000)
    return _formatted(signed(found.get(1, 0), 64), whole, _MICROSECONDS) if value else None


def _formatted(seconds: int, nanos: int, layout: str) -> str | None:
    """An instant; None for the one that stands for no time."""
    from navarch.golang.time import Time

    found = Time(seconds + nanos // 1_000_000_000, nanos % 1_000_000_000)
    return None if found.is_zero() else found.format(layout)


def _any(schema: Schema, value: Any) -> Any:
    found = dict(members(value, schema.name.rpartition(".")[2], _RAW))
    return json_value(found.get(1, b""))


def json_value(raw: bytes) -> Any:
    """A value that stands as JSON in protobuf. Raises WireError."""
    from navarch.cluster.decode.reading import scan

    if not raw:
        return None
    found, error = scan(raw)
    if error:
        raise WireError(error)
    return found


SCALARS: dict[str, Callable[[Schema, Any], Any]] = {
    "string": _string,
    "bytes": _bytes,
    "integer": _integer,
    "boolean": _boolean,
    "number": _number,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "time": _time,
    "micro-time": _micro_time,
    "any": _any,
}
