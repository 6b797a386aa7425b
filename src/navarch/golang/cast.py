"""Conversions between any two kinds of number, as the Go package cast makes them: what can't be converted is 0.

Also the arithmetic of 64 bits that goes with them.
"""

from __future__ import annotations

from navarch.golang.strconv import NumError, parse_float, parse_int
from navarch.golang.types import Int, Uint8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["MIN_INT64", "float_to_int64", "to_float64", "to_int64", "wrap_int64"]

MAX_INT64 = (1 << 63) - 1
MIN_INT64 = -(1 << 63)
_MASK64 = (1 << 64) - 1
_NUMBERS_BY_NAME = ("time.Month", "time.Weekday", "uint64")


def wrap_int64(number: int) -> int:
    """An integer as 64 bits with two's complement hold it."""
    if MIN_INT64 <= number <= MAX_INT64:
        return number
    return ((number - MIN_INT64) & _MASK64) + MIN_INT64


def to_int64(value: Any) -> int:
    """cast.ToInt64: text by its prefix (0x, 0o, 0b, 0), a fraction of zeros allowed; floats lose their fraction."""
    kind = type(value)
    if kind is Int or kind is int or kind is bool or kind is Uint8:
        return int(value)
    if kind is float:
        return float_to_int64(value)
    if kind is str:
        if len(value) < 19 and value.isdecimal() and value.isascii() and value[0] != "0":
            return int(value)
        try:
            return parse_int(_without_zero_fraction(value), 0)
        except NumError:
            return 0
    return wrap_int64(int(value)) if getattr(kind, "go_type", "") in _NUMBERS_BY_NAME else 0


def float_to_int64(number: float) -> int:
    """Go's int64(number); one that doesn't fit becomes the lowest, as on amd64."""
    if -9.3e18 < number < 9.3e18:
        whole = int(number)
        if MIN_INT64 <= whole <= MAX_INT64:
            return whole
    return MIN_INT64


def _without_zero_fraction(text: str) -> str:
    """Text without a fraction of zeros: "2.00" is "2"."""
    if text[-1:] not in ("0", "."):
        return text
    seen_zero = False
    for at in range(len(text) - 1, -1, -1):
        if text[at] == "0":
            seen_zero = True
        elif text[at] != ".":
            break
        elif seen_zero:
            return text[:at]
    return text


def to_float64(value: Any) -> float:
    """cast.ToFloat64."""
    kind = type(value)
    if kind is float:
        return value  # type: ignore[no-any-return]
    if kind is Int or kind is int or kind is bool or kind is Uint8:
        return float(value)
    if kind is str:
        try:
            return parse_float(value)
        except NumError:
            return 0.0
    return float(value) if getattr(kind, "go_type", "") in _NUMBERS_BY_NAME else 0.0
