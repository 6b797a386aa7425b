"""How package time parses a text by a layout (see `layouts`), with its errors."""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang import zones
from navarch.golang.calendar import days_before, days_in, is_leap
from navarch.golang.duration import quote
from navarch.golang.layouts import SHORT_DAYS, SHORT_MONTHS, cut
from navarch.golang.time import LONG_DAYS, LONG_MONTHS, Time, date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.golang.zones import Location

__all__ = ["parse_in_location"]

_DIGITS = "0123456789"


class _BadError(Exception):
    """The text doesn't have the element that the layout asks for."""


class _RangeError(Exception):
    """The text has the element, with a value that it can't have; `args[0]` names it."""


class _Parsed:
    """What has been read so far; -1 and None mean not yet."""

    __slots__ = (
        "day",
        "half",
        "hour",
        "minute",
        "month",
        "nsec",
        "offset",
        "second",
        "utc",
        "year",
        "year_day",
        "zone",
    )

    def __init__(self) -> None:
        self.year = self.hour = self.minute = self.second = self.nsec = 0
        self.month = self.day = self.year_day = self.offset = -1
        self.half = self.zone = ""
        self.utc = False


def parse_in_location(layout: str, value: str, location: Location) -> Time:
    """The time that a text in the form of a layout means; where it names no zone, in `location`.

    Raises FunctionError with time.ParseInLocation's message.
    """
    # Go cuts bytes: let every character be one
    whole_layout, whole = _bytewise(layout), _bytewise(value)
    rest = whole
    parsed = _Parsed()
    cuts = cut(whole_layout)
    for index, (text, element) in enumerate(cuts):
        rest, fits = _skip(rest, text)
        if not fits:
            raise _cannot(whole_layout, whole, text, rest)
        if not element:
            break
        following = cuts[index + 1][1]
        try:
            rest = _read(parsed, element, rest, following)
        except _BadError:
            raise _cannot(whole_layout, whole, element, rest) from None
        except _RangeError as error:
            raise _wrong(whole, f"{error.args[0]} out of range") from None
    if rest:
        raise _wrong(whole, f"extra text: {_quote(rest)}")
    return _result(parsed, whole, location)


def _bytewise(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _quote(text: str) -> str:
    return quote(text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape"))


def _cannot(layout: str, value: str, element: str, rest: str) -> FunctionError:
    what = f"cannot parse {_quote(rest)} as {_quote(element)}"
    return FunctionError(f"parsing time {_quote(value)} as {_quote(layout)}: {what}")


def _wrong(value: str, what: str) -> FunctionError:
    return FunctionError(f"parsing time {_quote(value)}: {what}")


def _skip(value: str, prefix: str) -> tuple[str, bool]:
    """The value after the prefix, and whether it is there; any blanks stand for any other number of them."""
    at = 0
    while at < len(prefix):
        if prefix[at] == " ":
            if value and value[0] != " ":
                return value, False
            value = value.lstrip(" ")
            while at < len(prefix) and prefix[at] == " ":
                at += 1
            continue
        if value[:1] != prefix[at]:
            return value, False
        value = value[1:]
        at += 1
    return value, True


def _read(parsed: _Parsed, element: str, value: str, following: str) -> str:
    """Read one element from the value's start; gives what is left."""
    reader = _READERS.get(element)
    if reader:
        return reader(parsed, element, value)
    if element in {"05", "5"}:
        return _read_second(parsed, element, value, following)
    if element[0] in "-Z":
        return _read_offset(parsed, element, value)
    return _read_fraction(parsed, element, value)


def _two_digits(value: str, fixed: bool) -> tuple[int, str]:
    """A number of one or two digits (two where `fixed`), and the rest."""
    if value[:1] not in _DIGITS or not value:
        raise _BadError
    if len(value) < 2 or value[1] not in _DIGITS:
        if fixed:
            raise _BadError
        return int(value[0]), value[1:]
    return int(value[:2]), value[2:]


def _integer(text: str) -> int:
    """A whole number as package time reads it: a sign, then ASCII digits, perhaps none."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not all(digit in _DIGITS for digit in digits):
        raise _BadError
    number = int(digits or "0")
    return -number if text[:1] == "-" else number


def _name(names: tuple[str, ...], value: str) -> tuple[int, str]:
    """Which of the names the value starts with, in any case, and the rest."""
    for index, name in enumerate(names):
        if value[: len(name)].lower() == name.lower():
            return index, value[len(name) :]
    raise _BadError


def _read_short_year(parsed: _Parsed, _: str, value: str) -> str:
    if len(value) < 2:
        raise _BadError
    year = _integer(value[:2])
    parsed.year = year + (1900 if year >= 69 else 2000)
    return value[2:]


def _read_year(parsed: _Parsed, _: str, value: str) -> str:
    if len(value) < 4 or value[0] not in _DIGITS:
        raise _BadError
    parsed.year = _integer(value[:4])
    return value[4:]


def _read_month_name(parsed: _Parsed, element: str, value: str) -> str:
    index, rest = _name(SHORT_MONTHS if element == "Jan" else LONG_MONTHS, value)
    parsed.month = index + 1
    return rest


def _read_month(parsed: _Parsed, element: str, value: str) -> str:
    parsed.month, rest = _two_digits(value, element == "01")
    if not 1 <= parsed.month <= 12:
        raise _RangeError("month")
    return rest


def _read_weekday(_: _Parsed, element: str, value: str) -> str:
    """The day of the week is checked for being one, not for being the right one."""
    return _name(SHORT_DAYS if element == "Mon" else LONG_DAYS, value)[1]


def _read_day(parsed: _Parsed, element: str, value: str) -> str:
    if element == "_2" and value[:1] == " ":
        value = value[1:]
    parsed.day, rest = _two_digits(value, element == "02")
    return rest


def _read_year_day(parsed: _Parsed, element: str, value: str) -> str:
    for _ in range(2):
        if element == "__2" and value[:1] == " ":
            value = value[1:]
    count = 0
    while count < 3 and value[count : count + 1] and value[count] in _DIGITS:
        count += 1
    if count == 0 or (element == "002" and count != 3):
        raise _BadError
    parsed.year_day = int(value[:count])
    return value[count:]


def _read_hour(parsed: _Parsed, element: str, value: str) -> str:
    parsed.hour, rest = _two_digits(value, element == "03")
    if parsed.hour > (23 if element == "15" else 12):
        raise _RangeError("hour")
    return rest


def _read_minute(parsed: _Parsed, element: str, value: str) -> str:
    parsed.minute, rest = _two_digits(value, element == "04")
    if parsed.minute >= 60:
        raise _RangeError("minute")
    return rest


def _read_second(parsed: _Parsed, element: str, value: str, following: str) -> str:
    """Seconds, with a fraction even if the layout shows none right after."""
    parsed.second, rest = _two_digits(value, element == "05")
    if parsed.second >= 60:
        raise _RangeError("second")
    if len(rest) >= 2 and rest[0] in ".," and rest[1] in _DIGITS and following[:1] not in {".", ","}:
        end = 1 + _digits_at(rest, 1)
        parsed.nsec = _nanoseconds(rest[:end])
        return rest[end:]
    return rest


def _digits_at(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    return end - at


def _read_fraction(parsed: _Parsed, element: str, value: str) -> str:
    if element[1] == "0":
        if len(value) < len(element):
            raise _BadError
        end = len(element)
    elif len(value) < 2 or value[0] not in ".," or value[1] not in _DIGITS:
        return value  # a fraction of nines may be left out
    else:
        end = 1 + _digits_at(value, 1)
    parsed.nsec = _nanoseconds(value[:end])
    return value[end:]


def _nanoseconds(text: str) -> int:
    """Nanoseconds of ".123", cut after nine digits."""
    if text[0] not in ".,":
        raise _BadError
    text = text[:10]
    count = _integer(text[1:])
    if count < 0:
        raise _RangeError("fractional second")
    return int(count * 10 ** (10 - len(text)))


def _read_half(parsed: _Parsed, element: str, value: str) -> str:
    half = value[:2]
    if half not in {"AM", "PM"} if element == "PM" else half not in {"am", "pm"}:
        raise _BadError
    parsed.half += half.upper()
    return value[2:]


def _read_offset(parsed: _Parsed, element: str, value: str) -> str:
    if element[0] == "Z" and value[:1] == "Z":
        parsed.utc = True
        return value[1:]
    width = len(element)
    if len(value) < width:
        raise _BadError
    if any(element[i] == ":" and value[i] != ":" for i in range(width)):
        raise _BadError
    fields = [0, 0, 0]
    bad = value[0] not in "+-"
    step = 3 if ":" in element else 2
    for index, at in enumerate(range(1, width, step)):
        try:
            fields[index] = _two_digits(value[at : at + 2], fixed=True)[0]
        except _BadError:
            bad = True
            break
    # some people do write offsets of 24 hours, 60 minutes or 60 seconds
    for index, (limit, name) in enumerate(((60, "second"), (60, "minute"), (24, "hour"))):
        if fields[2 - index] > limit:
            raise _RangeError(f"time zone offset {name}")
    if bad:
        raise _BadError
    offset = (fields[0] * 60 + fields[1]) * 60 + fields[2]
    parsed.offset = -offset if value[0] == "-" else offset
    return value[width:]


def _read_zone(parsed: _Parsed, _: str, value: str) -> str:
    if value[:3] == "UTC":
        parsed.utc = True
        return value[3:]
    length = _zone_length(value)
    if not length:
        raise _BadError
    parsed.zone = value[:length]
    return value[length:]


def _zone_length(value: str) -> int:
    """How much of the value looks like a zone's abbreviation: three to five capitals, GMT+3, -07; 0 for nothing."""
    if len(value) < 3:
        return 0
    if value[:4] in {"ChST", "MeST"}:
        return 4
    if value[:3] == "GMT":
        return 3 + _signed_hours(value[3:])
    if value[0] in "+-":
        return _signed_hours(value)
    capitals = 0
    while capitals < 6 and "A" <= value[capitals : capitals + 1] <= "Z":
        capitals += 1
    if capitals == 5:
        return 5 if value[4] == "T" else 0
    if capitals == 4:
        return 4 if value[3] == "T" or value[:4] == "WITA" else 0
    return 3 if capitals == 3 else 0


def _signed_hours(value: str) -> int:
    """The length of a signed number up to 23 at the value's start, 0 for none."""
    if value[:1] not in {"+", "-"}:
        return 0
    count = _digits_at(value, 1)
    return 1 + count if count and int(value[1 : 1 + count][:4000]) <= 23 else 0


_READERS: dict[str, Callable[[_Parsed, str, str], str]] = {
    "2006": _read_year,
    "06": _read_short_year,
    "January": _read_month_name,
    "Jan": _read_month_name,
    "01": _read_month,
    "1": _read_month,
    "Monday": _read_weekday,
    "Mon": _read_weekday,
    "02": _read_day,
    "_2": _read_day,
    "2": _read_day,
    "002": _read_year_day,
    "__2": _read_year_day,
    "15": _read_hour,
    "03": _read_hour,
    "3": _read_hour,
    "04": _read_minute,
    "4": _read_minute,
    "PM": _read_half,
    "pm": _read_half,
    "MST": _read_zone,
}


def _result(parsed: _Parsed, value: str, location: Location) -> Time:
    """The instant that the parts mean together."""
    hour = parsed.hour
    if "PM" in parsed.half and hour < 12:
        hour += 12
    elif "AM" in parsed.half and hour == 12:
        hour = 0
    month, day = _month_and_day(parsed, value)
    if not 1 <= day <= days_in(month, parsed.year):
        raise _wrong(value, "day out of range")
    seconds = (hour * 60 + parsed.minute) * 60 + parsed.second
    where = location if not parsed.utc and parsed.offset == -1 and not parsed.zone else zones.UTC
    time = date(parsed.year, month, day, seconds, parsed.nsec, where)
    if parsed.utc:
        return time
    if parsed.offset != -1:
        return _at_offset(time, parsed, location)
    return _at_zone(time, parsed.zone, location) if parsed.zone else time


def _month_and_day(parsed: _Parsed, value: str) -> tuple[int, int]:
    if parsed.year_day < 0:
        return (1 if parsed.month < 0 else parsed.month), (1 if parsed.day < 0 else parsed.day)
    month, day = _from_year_day(parsed.year, parsed.year_day, value)
    if parsed.month >= 0 and parsed.month != month:
        raise _wrong(value, "day-of-year does not match month")
    if parsed.day >= 0 and parsed.day != day:
        raise _wrong(value, "day-of-year does not match day")
    return month, day


def _from_year_day(year: int, day: int, value: str) -> tuple[int, int]:
    if is_leap(year):
        if day == 60:
            return 2, 29
        if day > 60:
            day -= 1
    if not 1 <= day <= 365:
        raise _wrong(value, "day-of-year out of range")
    month = (day - 1) // 31 + 1
    if days_before(month + 1) < day:
        month += 1
    return month, day - days_before(month)


def _at_offset(time: Time, parsed: _Parsed, location: Location) -> Time:
    """A time read with an offset: in `location` where that offset (and zone) holds there, else in one made up."""
    sec = time.sec - parsed.offset
    name, offset, _, _, _ = location.lookup(sec)
    if offset == parsed.offset and parsed.zone in {"", name}:
        return Time(sec, time.nsec, location)
    return Time(sec, time.nsec, zones.fixed_zone(parsed.zone, parsed.offset))


def _at_zone(time: Time, zone: str, location: Location) -> Time:
    """A time read with an abbreviation: `location`'s offset for it, else zero in a zone of that name."""
    offset = location.offset_of(zone, time.sec)
    if offset is not None:
        return Time(time.sec - offset, time.nsec, location)
    offset = _integer(zone[3:]) * 3600 if len(zone) > 3 and zone[:3] == "GMT" else 0
    return Time(time.sec, time.nsec, zones.fixed_zone(zone, offset))
