"""Dates and durations: sprig's, and Helm's duration helpers.

What a function accepts as a date is decided by Go's type, and what it doesn't know counts as the present instant; that
is why a number from values.yaml, a float64, gives today.
"""

from __future__ import annotations

from navarch.errors import FunctionError, NavarchError
from navarch.golang import time
from navarch.golang.duration import HOUR, MAX, MIN, MINUTE, SECOND, Duration, parse_duration
from navarch.golang.time import Time
from navarch.golang.types import Int, kind_of, type_of
from navarch.golang.zones import UTC, load_location, local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

_HTML = "2006-01-02"
_MAX_SECONDS = MAX // SECOND
_ROUNDS = ((365 * 24 * HOUR, "y"), (30 * 24 * HOUR, "mo"), (24 * HOUR, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))
_INTS = {"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"}


def _instant(value: Any) -> Time:
    """A date as given: a time, or seconds since 1970 in one of the two types of integers; else now."""
    kind = type(value)
    if kind is Time:
        return value  # type: ignore[no-any-return]
    if kind is Int or kind is int:
        return time.unix(int(value))
    return time.now()


def date(layout: str, value: Any) -> str:
    return _instant(value).in_location(local()).format(layout)


def date_in_zone(layout: str, value: Any, zone: str) -> str:
    """A date in a zone of the IANA database; a zone that's not known is taken for UTC."""
    return _instant(value).in_location(load_location(zone) or UTC).format(layout)


def html_date(value: Any) -> str:
    return date(_HTML, value)


def html_date_in_zone(value: Any, zone: str) -> str:
    return date_in_zone(_HTML, value, zone)


def date_modify(duration: str, value: Time) -> Time:
    """The time plus a duration like "-1.5h"; the time itself where that isn't one."""
    try:
        return value.add(parse_duration(duration))
    except NavarchError:
        return value


def must_date_modify(duration: str, value: Time) -> Time:
    return value.add(parse_duration(duration))


def ago(value: Any) -> str:
    """How long ago a date is, to the second."""
    return str(time.now().sub(_instant(value)).round(SECOND))


def to_date(layout: str, text: str) -> Time:
    """The time that a text in the form of a layout means, in the local zone; the zero time where it doesn't fit."""
    try:
        return must_to_date(layout, text)
    except NavarchError:
        return time.ZERO


def must_to_date(layout: str, text: str) -> Time:
    from navarch.golang.time_parse import parse_in_location

    return parse_in_location(layout, text, local())


def unix_epoch(value: Time) -> str:
    return str(value.unix())


def duration(value: Any) -> str:
    """A count of seconds, as a text or an int64 (a literal is an int and gives 0s), in the form of a duration."""
    seconds = 0
    if type(value) is str:
        seconds = _parse_int(value)
    elif type(value) is int:
        seconds = value
    wrapped = (seconds * SECOND + (1 << 63)) % (1 << 64) - (1 << 63)  # Go's multiplication overflows silently
    return str(Duration(wrapped))


def _parse_int(text: str) -> int:
    """The number of a text as sprig ignores its errors: 0 where it's none, the nearest that fits where too large."""
    from navarch.golang.strconv import NumError, parse_int

    try:
        return parse_int(text)
    except NumError as error:
        return int(error.value)


def duration_round(value: Any) -> str:
    """A duration in its largest unit alone, cut: "2h" of "2h45m". An int64 counts as nanoseconds, a time as its age."""
    length = 0
    if type(value) is str:
        try:
            length = parse_duration(value)
        except NavarchError:
            length = 0
    elif type(value) is int:
        length = value
    elif type(value) is Time:
        length = time.now().sub(value)
    length = abs(length)
    for unit, name in _ROUNDS:
        if length > unit:
            return f"{length // unit}{name}"
    return "0s"


def must_to_duration(value: Any) -> Duration:
    """Whatever can be a duration: one, its text, or a number (also as text) of seconds. Raises FunctionError."""
    kind = type(value)
    if kind is Duration:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return _duration_of_text(value)
    if value is None:
        raise FunctionError("invalid duration")
    if kind is float:
        return _duration_of_float(value)
    if kind_of(value) in _INTS:
        if not -_MAX_SECONDS <= value <= _MAX_SECONDS:
            raise FunctionError(f"duration seconds overflow: {int(value)}")
        return Duration(int(value) * SECOND)
    raise FunctionError(f"unsupported duration type {type_of(value)}")


def _duration_of_text(text: str) -> Duration:
    from navarch.golang.runes import SPACE

    stripped = text.strip(SPACE)
    if not stripped:
        raise FunctionError("empty duration")
    try:
        return parse_duration(stripped)
    except NavarchError:
        pass
    from navarch.golang.strconv import parse_float, quote

    try:
        seconds = parse_float(stripped)
    except NavarchError:
        raise FunctionError(f"could not parse duration {quote(text)}") from None
    return _duration_of_float(seconds)


def _duration_of_float(seconds: float) -> Duration:
    from navarch.golang.strconv import shortest_float

    if seconds - seconds != 0:  # infinite, or not a number
        raise FunctionError(f"invalid duration seconds: {shortest_float(seconds)}")
    if not float(MIN) / float(SECOND) <= seconds <= float(MAX) / float(SECOND):
        raise FunctionError(f"duration seconds overflow: {shortest_float(seconds)}")
    nanos = seconds * float(SECOND)
    if not float(MIN) <= nanos <= float(MAX):
        raise FunctionError(f"duration nanoseconds overflow: {shortest_float(nanos)}")
    # the float of MAX is one too large for 64 bits; the conversion then wraps as it does on amd64
    return Duration(int(nanos) if nanos < float(MAX) else MIN)


def _duration_or_none(value: Any) -> Duration | None:
    try:
        return must_to_duration(value)
    except NavarchError:
        return None


def duration_seconds(value: Any) -> float:
    return (_duration_or_none(value) or Duration(0)).seconds()


def duration_milliseconds(value: Any) -> int:
    return (_duration_or_none(value) or Duration(0)).milliseconds()


def duration_microseconds(value: Any) -> int:
    return (_duration_or_none(value) or Duration(0)).microseconds()


def duration_nanoseconds(value: Any) -> int:
    return (_duration_or_none(value) or Duration(0)).nanoseconds()


def duration_minutes(value: Any) -> float:
    return (_duration_or_none(value) or Duration(0)).minutes()


def duration_hours(value: Any) -> float:
    return (_duration_or_none(value) or Duration(0)).hours()


def duration_days(value: Any) -> float:
    return duration_hours(value) / 24.0


def duration_weeks(value: Any) -> float:
    return duration_hours(value) / 24.0 / 7.0


def duration_round_to(value: Any, unit: Any) -> Duration:
    """A duration to the nearest multiple of another; 0 for what's not a duration, unchanged where the unit is none."""
    length, step = _duration_or_none(value), _duration_or_none(unit)
    if length is None:
        return Duration(0)
    return length if step is None else length.round(step)


def duration_truncate_to(value: Any, unit: Any) -> Duration:
    length, step = _duration_or_none(value), _duration_or_none(unit)
    if length is None:
        return Duration(0)
    return length if step is None else length.truncate(step)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "date": date,
    "date_in_zone": date_in_zone,
    "date_modify": date_modify,
    "dateInZone": date_in_zone,
    "dateModify": date_modify,
    "duration": duration,
    "durationDays": duration_days,
    "durationHours": duration_hours,
    "durationMicroseconds": duration_microseconds,
    "durationMilliseconds": duration_milliseconds,
    "durationMinutes": duration_minutes,
    "durationNanoseconds": duration_nanoseconds,
    "durationRound": duration_round,
    "durationRoundTo": duration_round_to,
    "durationSeconds": duration_seconds,
    "durationTruncateTo": duration_truncate_to,
    "durationWeeks": duration_weeks,
    "htmlDate": html_date,
    "htmlDateInZone": html_date_in_zone,
    "must_date_modify": must_date_modify,
    "mustDateModify": must_date_modify,
    "mustToDate": must_to_date,
    "mustToDuration": must_to_duration,
    "now": time.now,
    "toDate": to_date,
    "unixEpoch": unix_epoch,
}
