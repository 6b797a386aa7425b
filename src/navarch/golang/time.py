"""Go's time.Time: an instant to the nanosecond with the zone it is shown in.

Made by `now`, `toDate` and their kind; templates may call the methods named in `Time.go_methods`. How layouts are read
is in `layouts`, how zones are found in `zones`.
"""

from __future__ import annotations

import time

from navarch.errors import FunctionError, JsonError
from navarch.golang import zones
from navarch.golang.calendar import date_of, days_of, weekday_of, year_day_of
from navarch.golang.duration import MAX, MIN, SECOND, Duration
from navarch.golang.types import Int
from navarch.golang.zones import UTC, Location

__all__ = ["LONG_DAYS", "LONG_MONTHS", "ZERO", "Month", "Time", "Weekday", "date", "now", "unix"]

LONG_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAY = 86_400
_MASK = (1 << 64) - 1
# seconds since Go's absolute year zero, 1 March -292277022400, where its unsigned arithmetic starts
_TO_ABSOLUTE = -days_of(-292_277_022_400, 3, 1) * _DAY
_TO_YEAR_1 = -days_of(1, 1, 1) * _DAY
_STRING = "2006-01-02 15:04:05.999999999 -0700 MST"
_RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
_START = time.monotonic_ns()


def _signed(number: int) -> int:
    """Wrapped to 64 bits with a sign, as Go's arithmetic is."""
    if MIN <= number <= MAX:
        return number
    number &= _MASK
    return number - (1 << 64) if number > MAX else number


class Month(int):
    """A time.Month, 1 for January; prints as its name."""

    __slots__ = ()
    go_type = "time.Month"
    go_kind = "int"
    go_methods = {"String": ("", "string")}  # noqa: RUF012

    def __str__(self) -> str:
        return LONG_MONTHS[self - 1] if 1 <= self <= 12 else f"%!Month({int(self) & _MASK})"

    String = __str__


class Weekday(int):
    """A time.Weekday, 0 for Sunday; prints as its name."""

    __slots__ = ()
    go_type = "time.Weekday"
    go_kind = "int"
    go_methods = {"String": ("", "string")}  # noqa: RUF012

    def __str__(self) -> str:
        return LONG_DAYS[self] if 0 <= self <= 6 else f"%!Weekday({int(self) & _MASK})"

    String = __str__


class Time:
    """An instant: `sec` since 1970 UTC, `nsec` below a second, `location`; `mono` is a clock reading where it has one.

    `go_methods` says what a template may call: name to (parameter types, result type). Methods with several results
    are missing, because text/template calls none of those.
    """

    __slots__ = ("location", "mono", "nsec", "sec")
    go_type = "time.Time"
    go_kind = "struct"
    go_methods = {  # noqa: RUF012
        "Add": ("time.Duration", "time.Time"),
        "AddDate": ("int int int", "time.Time"),
        "After": ("time.Time", "bool"),
        "Before": ("time.Time", "bool"),
        "Compare": ("time.Time", "int"),
        "Day": ("", "int"),
        "Equal": ("time.Time", "bool"),
        "Format": ("string", "string"),
        "GoString": ("", "string"),
        "Hour": ("", "int"),
        "In": ("*time.Location", "time.Time"),
        "IsDST": ("", "bool"),
        "IsZero": ("", "bool"),
        "Local": ("", "time.Time"),
        "Location": ("", "*time.Location"),
        "MarshalJSON": ("", "[]uint8"),
        "MarshalText": ("", "[]uint8"),
        "Minute": ("", "int"),
        "Month": ("", "time.Month"),
        "Nanosecond": ("", "int"),
        "Round": ("time.Duration", "time.Time"),
        "Second": ("", "int"),
        "String": ("", "string"),
        "Sub": ("time.Time", "time.Duration"),
        "Truncate": ("time.Duration", "time.Time"),
        "UTC": ("", "time.Time"),
        "Unix": ("", "int64"),
        "UnixMicro": ("", "int64"),
        "UnixMilli": ("", "int64"),
        "UnixNano": ("", "int64"),
        "Weekday": ("", "time.Weekday"),
        "Year": ("", "int"),
        "YearDay": ("", "int"),
    }

    def __init__(self, sec: int, nsec: int = 0, location: Location = UTC, mono: int | None = None) -> None:
        self.sec = _signed(sec)
        self.nsec = nsec
        self.location = location
        self.mono = mono

    def __str__(self) -> str:
        text = self.format(_STRING)
        if self.mono is None:
            return text
        seconds, nanos = divmod(abs(self.mono), SECOND)
        return f"{text} m={'-' if self.mono < 0 else '+'}{seconds}.{nanos:09}"

    def __eq__(self, other: object) -> bool:
        """As Go's ==: the same reading in the very same location."""
        if not isinstance(other, Time):
            return NotImplemented
        same = (self.sec, self.nsec, self.mono) == (other.sec, other.nsec, other.mono)
        return same and self.location is other.location

    def __hash__(self) -> int:
        return hash((self.sec, self.nsec))

    def fields(self) -> tuple[int, int, int, int]:
        """(day number since 1970, seconds into that day, zone offset in seconds, nanoseconds), by the wall clock."""
        offset = self.location.lookup(self.sec)[1]
        days, seconds = divmod(((self.sec + offset + _TO_ABSOLUTE) & _MASK) - _TO_ABSOLUTE, _DAY)
        return days, seconds, offset, self.nsec

    def zone(self) -> tuple[str, int]:
        """The abbreviation of the zone, and its offset east of UTC in seconds."""
        return self.location.lookup(self.sec)[:2]

    def format(self, layout: str) -> str:
        """The time in the form of a layout (the reference time Mon Jan 2 15:04:05 MST 2006 as one wants it)."""
        from navarch.golang.layouts import format_time

        return format_time(self, layout)

    def go_syntax(self) -> str:
        days, seconds, _, _ = self.fields()
        year, month, day = date_of(days)
        if self.location is UTC:
            where = "time.UTC"
        elif self.location is zones.local():
            where = "time.Local"
        else:
            from navarch.golang.duration import quote

            where = f"time.Location({quote(self.location.name)})"
        clock = f"{seconds // 3600}, {seconds // 60 % 60}, {seconds % 60}, {self.nsec}"
        return f"time.Date({year}, time.{LONG_MONTHS[month - 1]}, {day}, {clock}, {where})"

    def marshal_text(self) -> bytes:
        """RFC 3339 with as many decimals as needed. Raises FunctionError for what it can't hold."""
        return self._rfc3339("Time.MarshalText: ").encode()

    def marshal_json(self) -> bytes:
        return f'"{self._rfc3339("Time.MarshalJSON: ")}"'.encode()

    def go_json(self) -> str:
        """The time for JSON and YAML."""
        try:
            return self._rfc3339("Time.MarshalJSON: ")
        except FunctionError as error:
            raise JsonError(f"json: error calling MarshalJSON for type time.Time: {error}") from None

    def _rfc3339(self, prefix: str) -> str:
        text = self.format(_RFC3339_NANO)
        if text[4] != "-":
            raise FunctionError(prefix + "year outside of range [0,9999]")
        if text[-1] != "Z" and (text[-6] in "0123456789" or int(text[-5:-3]) >= 24):
            raise FunctionError(prefix + "timezone hour outside of range [0,23]")
        return text

    # parts of the wall clock

    def year(self) -> Int:
        return Int(date_of(self.fields()[0])[0])

    def month(self) -> Month:
        return Month(date_of(self.fields()[0])[1])

    def day(self) -> Int:
        return Int(date_of(self.fields()[0])[2])

    def year_day(self) -> Int:
        return Int(year_day_of(self.fields()[0])[1])

    def weekday(self) -> Weekday:
        return Weekday(weekday_of(self.fields()[0]))

    def hour(self) -> Int:
        return Int(self.fields()[1] // 3600)

    def minute(self) -> Int:
        return Int(self.fields()[1] // 60 % 60)

    def second(self) -> Int:
        return Int(self.fields()[1] % 60)

    def nanosecond(self) -> Int:
        return Int(self.nsec)

    def is_dst(self) -> bool:
        return self.location.lookup(self.sec)[4]

    # the instant as a number

    def unix(self) -> int:
        return self.sec

    def unix_milli(self) -> int:
        return _signed(self.sec * 1000 + self.nsec // 1_000_000)

    def unix_micro(self) -> int:
        return _signed(self.sec * 1_000_000 + self.nsec // 1000)

    def unix_nano(self) -> int:
        return _signed(self.sec * SECOND + self.nsec)

    def is_zero(self) -> bool:
        return self.sec == ZERO.sec and self.nsec == 0

    # the same instant elsewhere

    def in_location(self, location: Location) -> Time:
        return Time(self.sec, self.nsec, location)

    def utc(self) -> Time:
        return Time(self.sec, self.nsec, UTC)

    def local(self) -> Time:
        return Time(self.sec, self.nsec, zones.local())

    # arithmetic

    def add(self, duration: int) -> Time:
        seconds, nsec = divmod(self.nsec + duration, SECOND)
        mono = None if self.mono is None else self.mono + duration
        return Time(self.sec + seconds, nsec, self.location, mono if mono is None or MIN <= mono <= MAX else None)

    def add_date(self, years: int, months: int, days: int) -> Time:
        number, seconds, _, _ = self.fields()
        year, month, day = date_of(number)
        return date(year + years, month + months, day + days, seconds, self.nsec, self.location)

    def sub(self, other: Time) -> Duration:
        """How long after `other` this is, at most what a Duration holds."""
        return Duration(min(max(self._since(other), MIN), MAX))

    def _since(self, other: Time) -> int:
        if self.mono is not None and other.mono is not None:
            return self.mono - other.mono
        return (self.sec - other.sec) * SECOND + self.nsec - other.nsec

    def compare(self, other: Time) -> Int:
        difference = self._since(other)
        return Int((difference > 0) - (difference < 0))

    def after(self, other: Time) -> bool:
        return self._since(other) > 0

    def before(self, other: Time) -> bool:
        return self._since(other) < 0

    def equal(self, other: Time) -> bool:
        return self._since(other) == 0

    def truncate(self, unit: int) -> Time:
        """Back to a multiple of `unit` since the year 1; unchanged where that is not positive."""
        stripped = Time(self.sec, self.nsec, self.location)
        return stripped.add(-self._over(unit)) if unit > 0 else stripped

    def round(self, unit: int) -> Time:
        """To the nearest multiple of `unit` since the year 1, halves up."""
        stripped = Time(self.sec, self.nsec, self.location)
        if unit <= 0:
            return stripped
        over = self._over(unit)
        return stripped.add(-over if 2 * over < unit else unit - over)

    def _over(self, unit: int) -> int:
        return ((self.sec + _TO_YEAR_1) * SECOND + self.nsec) % int(unit)

    def at(self) -> Location:
        return self.location


# what Go calls the methods of `Time.go_methods`
for _name, _method in {
    "Add": Time.add,
    "AddDate": Time.add_date,
    "After": Time.after,
    "Before": Time.before,
    "Compare": Time.compare,
    "Day": Time.day,
    "Equal": Time.equal,
    "Format": Time.format,
    "GoString": Time.go_syntax,
    "Hour": Time.hour,
    "In": Time.in_location,
    "IsDST": Time.is_dst,
    "IsZero": Time.is_zero,
    "Local": Time.local,
    "Location": Time.at,
    "MarshalJSON": Time.marshal_json,
    "MarshalText": Time.marshal_text,
    "Minute": Time.minute,
    "Month": Time.month,
    "Nanosecond": Time.nanosecond,
    "Round": Time.round,
    "Second": Time.second,
    "String": Time.__str__,
    "Sub": Time.sub,
    "Truncate": Time.truncate,
    "UTC": Time.utc,
    "Unix": Time.unix,
    "UnixMicro": Time.unix_micro,
    "UnixMilli": Time.unix_milli,
    "UnixNano": Time.unix_nano,
    "Weekday": Time.weekday,
    "Year": Time.year,
    "YearDay": Time.year_day,
}.items():
    setattr(Time, _name, _method)

ZERO = Time(-_TO_YEAR_1)


def now() -> Time:
    """The present instant, in the local zone, with a reading of the monotonic clock."""
    seconds, nanos = divmod(time.time_ns(), SECOND)
    return Time(seconds, nanos, zones.local(), time.monotonic_ns() - _START)


def unix(sec: int, nsec: int = 0) -> Time:
    """The instant so many seconds (and nanoseconds) after 1970, in the local zone."""
    seconds, nsec = divmod(nsec, SECOND)
    return Time(sec + seconds, nsec, zones.local())


def date(year: int, month: int, day: int, seconds: int, nsec: int, location: Location) -> Time:
    """The instant at which the wall clock shows that date and `seconds` into it; months and days may overflow."""
    years, month = divmod(month - 1, 12)
    wall = days_of(year + years, month + 1, day) * _DAY + seconds
    _, offset, start, end, _ = location.lookup(wall)
    if offset:
        instant = wall - offset
        # `wall` was looked up as if it were UTC; near a change of the zone that may have been the other side
        if instant < start or instant >= end:
            offset = location.lookup(instant)[1]
        wall -= offset
    return Time(wall, nsec, location)
