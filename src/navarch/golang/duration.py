"""Go's time.Duration: a count of nanoseconds that reads and prints as "1h30m0s".

The template functions of the dates family make them, flags (`--timeout 5m0s`) and `mustToDuration` parse them.
"""

from __future__ import annotations

from navarch.errors import FunctionError

__all__ = [
    "HOUR",
    "MAX",
    "MICROSECOND",
    "MILLISECOND",
    "MIN",
    "MINUTE",
    "SECOND",
    "Duration",
    "parse_duration",
    "quote",
]

MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MAX = (1 << 63) - 1
MIN = -(1 << 63)

_UNITS = {
    "ns": 1,
    "us": MICROSECOND,
    "\u00b5s": MICROSECOND,  # the micro sign
    "\u03bcs": MICROSECOND,  # the Greek letter
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_DIGITS = "0123456789"


def _divide(value: int, by: int) -> tuple[int, int]:
    """Quotient and remainder as Go has them: towards zero, the remainder with the value's sign."""
    quotient, rest = divmod(abs(value), by)
    return (-quotient, -rest) if value < 0 else (quotient, rest)


class Duration(int):
    """A time.Duration, in nanoseconds."""

    __slots__ = ()
    go_type = "time.Duration"
    go_kind = "int64"
    go_methods = {  # noqa: RUF012
        "Abs": ("", "time.Duration"),
        "Hours": ("", "float64"),
        "Microseconds": ("", "int64"),
        "Milliseconds": ("", "int64"),
        "Minutes": ("", "float64"),
        "Nanoseconds": ("", "int64"),
        "Round": ("time.Duration", "time.Duration"),
        "Seconds": ("", "float64"),
        "String": ("", "string"),
        "Truncate": ("time.Duration", "time.Duration"),
    }

    def __str__(self) -> str:
        count = abs(int(self))
        sign = "-" if self < 0 else ""
        if count < SECOND:
            return sign + _below_a_second(count)
        seconds, fraction = divmod(count, SECOND)
        minutes, seconds = divmod(seconds, 60)
        text = f"{seconds}{_fraction(fraction, 9)}s"
        if minutes:
            hours, minutes = divmod(minutes, 60)
            text = f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
        return sign + text

    def hours(self) -> float:
        """The duration in hours, as every conversion to float in Go's two exact steps."""
        return self._in(HOUR)

    def minutes(self) -> float:
        return self._in(MINUTE)

    def seconds(self) -> float:
        return self._in(SECOND)

    def _in(self, unit: int) -> float:
        whole, rest = _divide(int(self), unit)
        return float(whole) + float(rest) / float(unit)

    def milliseconds(self) -> int:
        return _divide(int(self), MILLISECOND)[0]

    def microseconds(self) -> int:
        return _divide(int(self), MICROSECOND)[0]

    def nanoseconds(self) -> int:
        return int(self)

    def absolute(self) -> Duration:
        return Duration(min(abs(int(self)), MAX))

    def truncate(self, unit: int) -> Duration:
        """Rounded towards zero to a multiple of `unit`; unchanged where that is not positive."""
        if unit <= 0:
            return self
        return Duration(int(self) - _divide(int(self), int(unit))[1])

    def round(self, unit: int) -> Duration:
        """The nearest multiple of `unit`, halves away from zero, kept within 64 bits."""
        if unit <= 0:
            return self
        rest = abs(_divide(int(self), int(unit))[1])
        if self < 0:
            return Duration(int(self) + rest if 2 * rest < unit else max(int(self) - unit + rest, MIN))
        return Duration(int(self) - rest if 2 * rest < unit else min(int(self) + unit - rest, MAX))


# what Go calls the methods of `Duration.go_methods`
for _name, _method in {
    "Abs": Duration.absolute,
    "Hours": Duration.hours,
    "Microseconds": Duration.microseconds,
    "Milliseconds": Duration.milliseconds,
    "Minutes": Duration.minutes,
    "Nanoseconds": Duration.nanoseconds,
    "Round": Duration.round,
    "Seconds": Duration.seconds,
    "String": Duration.__str__,
    "Truncate": Duration.truncate,
}.items():
    setattr(Duration, _name, _method)


def _below_a_second(count: int) -> str:
    """A duration shorter than a second: in the largest of ns, µs, ms that leaves a whole part."""
    if count == 0:
        return "0s"
    if count < MICROSECOND:
        return f"{count}ns"
    if count < MILLISECOND:
        whole, fraction = divmod(count, MICROSECOND)
        return f"{whole}{_fraction(fraction, 3)}µs"
    whole, fraction = divmod(count, MILLISECOND)
    return f"{whole}{_fraction(fraction, 6)}ms"


def _fraction(count: int, digits: int) -> str:
    """The fraction with its point, without trailing zeros; "" for none."""
    return f".{count:0{digits}}".rstrip("0") if count else ""


def quote(text: str) -> str:
    """Text in quotes as package time's own errors show it: control characters and all but ASCII as hex bytes."""
    if text.isascii() and text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    parts = ['"']
    for byte in text.encode("utf-8", "surrogateescape"):
        char = chr(byte)
        if byte >= 0x80 or char < " ":
            parts.append(f"\\x{byte:02x}")
        else:
            parts.append("\\" + char if char in '"\\' else char)
    return "".join(parts) + '"'


def parse_duration(text: str) -> Duration:
    """The Duration that a text like "-1.5h", "2h45m" or "300ms" means.

    Raises FunctionError with time.ParseDuration's message.
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return Duration(0)
    if not rest:
        raise _bad("invalid duration", text)
    total = at = 0
    while at < len(rest):
        value, at = _component(rest, at, text)
        total += value
        if total > 1 << 63:
            raise _bad("invalid duration", text)
    if text[0] == "-":
        return Duration(-total)
    if total > MAX:
        raise _bad("invalid duration", text)
    return Duration(total)


def _component(text: str, at: int, whole: str) -> tuple[int, int]:
    """One number with its unit, "1.5h": its nanoseconds, and where the next one starts."""
    start, at = at, _skip_digits(text, at)
    digits, fraction = text[start:at], ""
    if text[at : at + 1] == ".":
        start, at = at + 1, _skip_digits(text, at + 1)
        fraction = text[start:at]
    if not digits and not fraction:
        raise _bad("invalid duration", whole)
    value = int(digits or "0") if len(digits) < 4000 else 1 << 64
    if value > 1 << 63:
        raise _bad("invalid duration", whole)
    start = at
    while at < len(text) and text[at] != "." and text[at] not in _DIGITS:
        at += 1
    if start == at:
        raise _bad("missing unit in duration", whole)
    unit = _UNITS.get(text[start:at])
    if unit is None:
        raise _bad(f"unknown unit {quote(text[start:at])} in duration", whole)
    if value > (1 << 63) // unit:
        raise _bad("invalid duration", whole)
    value = value * unit + _part_of(unit, fraction)
    if value > 1 << 63:
        raise _bad("invalid duration", whole)
    return value, at


def _skip_digits(text: str, at: int) -> int:
    while at < len(text) and text[at] in _DIGITS:
        at += 1
    return at


def _part_of(unit: int, fraction: str) -> int:
    """A decimal fraction of a unit, by float64 as Go has it; digits that don't fit 63 bits don't count."""
    value, scale = 0, 1.0
    for digit in fraction:
        longer = value * 10 + ord(digit) - 48
        if value > MAX // 10 or longer > 1 << 63:
            break
        value, scale = longer, scale * 10
    return int(float(value) * (float(unit) / scale))


def _bad(what: str, text: str) -> FunctionError:
    return FunctionError(f"time: {what} {quote(text)}")
