"""Go's layouts: how package time formats a time by example.

A layout is written with the reference time, Mon Jan 2 15:04:05 MST 2006 -0700. It is cut once into pairs of literal
text and the element that follows, and the cuts of recent layouts are kept. `time_parse` goes by the same cuts.
"""

from __future__ import annotations

from navarch.golang.calendar import date_of, weekday_of, year_day_of
from navarch.golang.time import LONG_DAYS, LONG_MONTHS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.golang.time import Time

__all__ = ["SHORT_DAYS", "SHORT_MONTHS", "cut", "format_time"]

_DIGITS = "0123456789"
SHORT_DAYS = tuple(name[:3] for name in LONG_DAYS)
SHORT_MONTHS = tuple(name[:3] for name in LONG_MONTHS)

# by first character, the elements that may stand there; the first that fits counts
_ELEMENTS = {
    "J": ("January", "Jan"),
    "M": ("Monday", "Mon", "MST"),
    "0": ("01", "02", "03", "04", "05", "06", "002"),
    "1": ("15", "1"),
    "2": ("2006", "2"),
    "_": ("_2", "__2"),
    "3": ("3",),
    "4": ("4",),
    "5": ("5",),
    "P": ("PM",),
    "p": ("pm",),
    "-": ("-070000", "-07:00:00", "-0700", "-07:00", "-07"),
    "Z": ("Z070000", "Z07:00:00", "Z0700", "Z07:00", "Z07"),
}

_cuts: dict[str, list[tuple[str, str]]] = {}


def cut(layout: str) -> list[tuple[str, str]]:
    """A layout as (literal text, element) pairs; the last one's element is ""."""
    cuts = _cuts.get(layout)
    if cuts is None:
        cuts = []
        start = at = 0
        while at < len(layout):
            element = _element_at(layout, at)
            if not element:
                at += 1
                continue
            if element == "_2" and layout.startswith("2006", at + 1):  # a literal _ before the year
                at, element = at + 1, "2006"
            cuts.append((layout[start:at], element))
            start = at = at + len(element)
        cuts.append((layout[start:], ""))
        if len(_cuts) > 512:
            _cuts.clear()
        _cuts[layout] = cuts  # when it is whole: other threads may be asking
    return cuts


def _element_at(layout: str, at: int) -> str:
    char = layout[at]
    if char in ".,":
        return _fraction_at(layout, at)
    for element in _ELEMENTS.get(char, ()):
        if layout.startswith(element, at):
            if element in {"Jan", "Mon"} and "a" <= layout[at + 3 : at + 4] <= "z":
                continue  # "Month" has no month in it
            return element
    return ""


def _fraction_at(layout: str, at: int) -> str:
    """A fraction, ".000" or ",999", if that's all of the digits that stand here."""
    digit = layout[at + 1 : at + 2]
    if digit not in {"0", "9"}:
        return ""
    end = at + 1
    while end < len(layout) and layout[end] == digit:
        end += 1
    return "" if end < len(layout) and layout[end] in _DIGITS else layout[at:end]


def format_time(time: Time, layout: str) -> str:
    """A time in the form of a layout."""
    fields = time.fields()
    parts = []
    for text, element in cut(layout):
        parts.append(text)
        if element:
            form = _FORMS.get(element)
            if form:
                parts.append(form(*fields))
            elif element == "MST":
                parts.append(time.zone()[0] or _offset("-0700", fields[2]))
            elif element[0] in "-Z":
                parts.append(_offset(element, fields[2]))
            else:
                parts.append(_fraction(element, time.nsec))
    return "".join(parts)


def _number(value: int, width: int) -> str:
    """At least `width` digits, the sign not counted."""
    return f"-{-value:0{width}}" if value < 0 else f"{value:0{width}}"


def _hour12(second: int) -> int:
    return second // 3600 % 12 or 12


# element: text from (day number, second of the day, offset, nanoseconds)
_FORMS: dict[str, Callable[[int, int, int, int], str]] = {
    "2006": lambda day, *_: _number(date_of(day)[0], 4),
    "06": lambda day, *_: f"{abs(date_of(day)[0]) % 100:02}",
    "January": lambda day, *_: LONG_MONTHS[date_of(day)[1] - 1],
    "Jan": lambda day, *_: SHORT_MONTHS[date_of(day)[1] - 1],
    "01": lambda day, *_: f"{date_of(day)[1]:02}",
    "1": lambda day, *_: str(date_of(day)[1]),
    "Monday": lambda day, *_: LONG_DAYS[weekday_of(day)],
    "Mon": lambda day, *_: SHORT_DAYS[weekday_of(day)],
    "02": lambda day, *_: f"{date_of(day)[2]:02}",
    "_2": lambda day, *_: f"{date_of(day)[2]:2}",
    "2": lambda day, *_: str(date_of(day)[2]),
    "002": lambda day, *_: f"{year_day_of(day)[1]:03}",
    "__2": lambda day, *_: f"{year_day_of(day)[1]:3}",
    "15": lambda _, second, *__: f"{second // 3600:02}",
    "03": lambda _, second, *__: f"{_hour12(second):02}",
    "3": lambda _, second, *__: str(_hour12(second)),
    "04": lambda _, second, *__: f"{second // 60 % 60:02}",
    "4": lambda _, second, *__: str(second // 60 % 60),
    "05": lambda _, second, *__: f"{second % 60:02}",
    "5": lambda _, second, *__: str(second % 60),
    "PM": lambda _, second, *__: "PM" if second >= 43_200 else "AM",
    "pm": lambda _, second, *__: "pm" if second >= 43_200 else "am",
}


def _offset(element: str, offset: int) -> str:
    """A zone's offset in the form of "-07:00" or one of its relatives; "Z07:00" writes UTC as Z."""
    if element[0] == "Z" and offset == 0:
        return "Z"
    sign = "-" if offset <= -60 else "+"
    minutes = abs(offset) // 60
    colon = ":" if ":" in element else ""
    text = f"{sign}{minutes // 60:02}"
    if len(element) > 3:
        text += f"{colon}{minutes % 60:02}"
    if len(element) >= 7:
        # the seconds take their sign from the minutes, as Go has it
        text += f"{colon}{_number(_seconds_of(offset), 2)}"
    return text


def _seconds_of(offset: int) -> int:
    """The seconds of an offset; negative only below a minute west of UTC."""
    return offset if -60 < offset < 0 else abs(offset) % 60


def _fraction(element: str, nsec: int) -> str:
    """The nanoseconds for ".000" with as many digits as it has zeros, for ".999" without trailing zeros."""
    digits = f"{nsec:09}"[: len(element) - 1]
    if element[1] == "0":
        return element[0] + digits
    digits = digits.rstrip("0")
    return element[0] + digits if digits else ""
