"""The times in a record, as encoding/json reads and writes them: RFC 3339 with up to nine decimals, "" for none.

Records keep times as text; what prints or compares them asks here.
"""

from __future__ import annotations

from navarch.errors import RecordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.golang.time import Time

__all__ = ["ZERO", "canonical", "from_seconds", "go_text", "now", "parse", "seconds"]

ZERO = "0001-01-01T00:00:00Z"
"""How Go writes the zero time where it can't leave it out."""

_RFC3339 = "2006-01-02T15:04:05Z07:00"
_SHAPE = str.maketrans("123456789", "000000000")


def now() -> str:
    """The present instant in the local zone."""
    from navarch.golang.time import now as clock

    return clock().go_json()


def from_seconds(seconds: int, nanos: int = 0) -> str:
    """The instant so long after 1970, in the local zone: how the time of a file stands in a record."""
    from navarch.golang.time import unix

    return unix(seconds, nanos).go_json()


def canonical(text: str) -> str:
    """A time as Go writes it again: decimals without zeros at the end, "Z" for UTC, "" for the zero time.

    Raises RecordError with the message of time.Time's UnmarshalJSON.
    """
    if text == ZERO:
        return ""
    if _is_plain(text):
        return text
    time = parse(text)
    return "" if time.is_zero() else time.go_json()


def _is_plain(text: str) -> bool:
    """Whether a text is, beyond doubt, a time in UTC just as Go writes it."""
    if text[-1:] != "Z" or not text.isascii() or text[:19].translate(_SHAPE) != "0000-00-00T00:00:00":
        return False
    rest = text[19:-1]
    if rest and not (rest[0] == "." and rest[1:].isdigit() and rest[-1] != "0" and len(rest) <= 10):
        return False
    in_range = "01" <= text[5:7] <= "12" and "01" <= text[8:10] <= "28" and text[:4] != "0001"
    return in_range and text[11:13] <= "23" and text[14] <= "5" and text[17] <= "5"


def parse(text: str) -> Time:
    """The instant that a record's time means; the zero time for "". Raises RecordError with Go's message."""
    from navarch.errors import FunctionError
    from navarch.golang import time, zones
    from navarch.golang.time_parse import parse_in_location

    try:
        found = parse_in_location(_RFC3339, text or ZERO, zones.UTC)
    except FunctionError as error:
        raise RecordError(str(error)) from error
    if found.location is zones.UTC:
        return found
    offset = found.zone()[1]
    local = zones.local()
    return time.Time(found.sec, found.nsec, local if local.lookup(found.sec)[1] == offset else found.location)


def seconds(text: str) -> int:
    """Whole seconds since 1970, the key by which Helm sorts by date."""
    if _is_plain(text):
        from navarch.golang.calendar import days_of

        day = days_of(int(text[:4]), int(text[5:7]), int(text[8:10]))
        return day * 86_400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return parse(text).sec


def go_text(text: str) -> str:
    """The time as Go's String() has it: "2026-11-21 14:43:29.5 +0000 UTC"."""
    if _is_plain(text):
        return f"{text[:10]} {text[11:-1]} +0000 UTC"
    return str(parse(text))
