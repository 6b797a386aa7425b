"""Go's time.Location: UTC, fixed offsets, the local zone and the zones of the IANA database.

Reads the system's compiled zone files itself: Go's answers before the first and after the last recorded change, and
its search for a zone by abbreviation, are not those of `zoneinfo`, and `datetime` would end with the year 9999.
"""

from __future__ import annotations

import os

from navarch.golang.calendar import date_of, days_before, days_in, days_of, is_leap, weekday_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Zone = tuple[str, int, bool]  # abbreviation, seconds east of UTC, daylight saving time?
    Found = tuple[str, int, int, int, bool]  # a zone with the seconds between which it is in force: name, offset, …
    Rule = tuple[str, int, int, int, int]  # kind (J, D, M), month, week, day, seconds into the day

__all__ = ["UTC", "Location", "fixed_zone", "load_location", "local", "read_tzif"]

ALPHA = -(1 << 63)
OMEGA = (1 << 63) - 1
_DAY = 86_400
_SOURCES = ("/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/usr/lib/locale/TZ/", "/etc/zoneinfo/")
_MAX_FILE = 10 << 20


class Location:
    """A time zone: which offset and abbreviation hold at which second."""

    __slots__ = ("extend", "indexes", "name", "times", "zones")
    go_type = "*time.Location"
    go_kind = "ptr"
    go_methods = {"String": ("", "string")}  # noqa: RUF012

    def __init__(
        self,
        name: str,
        zones: Sequence[Zone] = (),
        times: Sequence[int] = (),
        indexes: Sequence[int] = (),
        extend: str = "",
    ) -> None:
        """`times` are the seconds of the changes, `indexes` say to which of `zones`; `extend` is a POSIX TZ rule."""
        self.name = name
        self.zones = zones
        self.times = times
        self.indexes = indexes
        self.extend = extend

    def __str__(self) -> str:
        return self.name

    String = __str__

    def go_json(self) -> dict[str, str]:
        """Nothing: Go's structure has no exported fields."""
        return {}

    def lookup(self, sec: int) -> Found:
        """The zone in force at a second since 1970, and from when until when: (name, offset, start, end, is_dst)."""
        if not self.zones:
            return "UTC", 0, ALPHA, OMEGA, False
        times = self.times
        if not times or sec < times[0]:
            name, offset, is_dst = self.zones[self._first()]
            return name, offset, ALPHA, times[0] if times else OMEGA, is_dst
        low, high = 0, len(times)
        while high - low > 1:
            middle = (low + high) >> 1
            if sec < times[middle]:
                high = middle
            else:
                low = middle
        start = times[low]
        end = times[high] if high < len(times) else OMEGA
        if self.extend and low == len(times) - 1:
            found = _by_rule(self.extend, start, sec)
            if found:
                return found
        name, offset, is_dst = self.zones[self.indexes[low]]
        return name, offset, start, end, is_dst

    def _first(self) -> int:
        """Which zone holds before the first change (the reference implementation's rule)."""
        if 0 not in self.indexes:
            return 0
        if self.zones[self.indexes[0]][2]:
            for index in range(self.indexes[0] - 1, -1, -1):
                if not self.zones[index][2]:
                    return index
        for index, zone in enumerate(self.zones):
            if not zone[2]:
                return index
        return 0

    def offset_of(self, name: str, unix: int) -> int | None:
        """The offset that an abbreviation means here, for a wall-clock second; None where it's not one of ours."""
        for zone, offset, _ in self.zones:
            if zone == name:
                found, found_offset, _, _, _ = self.lookup(unix - offset)
                if found == name:
                    return found_offset
        for zone, offset, _ in self.zones:
            if zone == name:
                return offset
        return None


UTC = Location("UTC")


def fixed_zone(name: str, offset: int) -> Location:
    """A zone that always has the same offset, in seconds east of UTC."""
    return Location(name, ((name, offset, False),), (ALPHA,), (0,))


_loaded: dict[str, Location | None] = {}


def load_location(name: str) -> Location | None:
    """The zone of that IANA name; "" and "UTC" are UTC, "Local" is the system's; None where there's no such zone."""
    if name in {"", "UTC"}:
        return UTC
    if name == "Local":
        return local()
    try:
        return _loaded[name]
    except KeyError:
        unsafe = ".." in name or name[0] in "/\\"
        found = None if unsafe else _from_database(name)
    if len(_loaded) > 256:
        _loaded.clear()
    _loaded[name] = found
    return found


_locals: dict[str | None, Location] = {}


def local() -> Location:
    """The system's zone, as the variable TZ or /etc/localtime say."""
    variable = os.environ.get("TZ")
    if variable not in _locals:
        _locals[variable] = _local(variable) or Location("UTC")
    return _locals[variable]


def _local(variable: str | None) -> Location | None:
    if variable is None:
        return _read("/etc/localtime", "Local")
    name = variable.removeprefix(":")
    if name.startswith("/"):
        return _read(name, "Local" if name == "/etc/localtime" else name)
    if not name or name == "UTC":
        return None
    return _from_database(name)


def _from_database(name: str) -> Location | None:
    folder = os.environ.get("ZONEINFO")
    for source in (folder + "/", *_SOURCES) if folder else _SOURCES:
        found = _read(source + name, name)
        if found:
            return found
    try:
        package = __import__("tzdata")
    except ImportError:
        return None
    return _read(f"{package.__path__[0]}/zoneinfo/{name}", name)


def _read(path: str, name: str) -> Location | None:
    try:
        with open(path, "rb") as file:  # pathlib costs milliseconds
            data = file.read(_MAX_FILE)
    except (OSError, ValueError):
        return None
    return read_tzif(name, data)


def read_tzif(name: str, data: bytes) -> Location | None:
    """A Location from the content of a compiled zone file (RFC 8536); None where it isn't one."""
    if data[:4] != b"TZif" or data[4:5] not in (b"\0", b"2", b"3") or len(data) < 44:
        return None
    utc, wall, leaps, times, zones, chars = counts = _counts(data, 20)
    at, size = 44, 4
    if data[4]:  # the 32-bit part is followed by one of 64 bits
        at += times * 5 + zones * 6 + chars + leaps * 8 + wall + utc + 44
        size = 8
        if len(data) < at:
            return None
        counts = _counts(data, at - 24)
    return _read_block(name, data, at, size, counts)


def _counts(data: bytes, at: int) -> tuple[int, int, int, int, int, int]:
    utc, wall, leaps, times, zones, chars = (int.from_bytes(data[i : i + 4], "big") for i in range(at, at + 24, 4))
    return utc, wall, leaps, times, zones, chars


def _read_block(
    name: str, data: bytes, at: int, size: int, counts: tuple[int, int, int, int, int, int]
) -> Location | None:
    utc, wall, leaps, count, zone_count, chars = counts
    index_at = at + count * size
    zone_at = index_at + count
    name_at = zone_at + zone_count * 6
    end = name_at + chars + leaps * (size + 4) + wall + utc
    if len(data) < end or not zone_count:
        return None
    times = [int.from_bytes(data[i : i + size], "big", signed=True) for i in range(at, index_at, size)]
    indexes = list(data[index_at:zone_at])
    names = data[name_at : name_at + chars]
    zones: list[Zone] = []
    for i in range(zone_at, name_at, 6):
        if data[i + 5] >= chars:
            return None
        abbreviation = names[data[i + 5] :].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
        zones.append((abbreviation, int.from_bytes(data[i : i + 4], "big", signed=True), data[i + 4] != 0))
    if any(index >= zone_count for index in indexes):
        return None
    rest = data[end:]
    extend = ""
    if len(rest) > 2 and rest[:1] == b"\n" and rest[-1:] == b"\n":
        extend = rest[1:-1].decode("utf-8", "surrogateescape")
    return Location(name, zones, times or [ALPHA], indexes or [0], extend)


def _by_rule(rule: str, last_change: int, sec: int) -> Found | None:
    """The zone that a POSIX TZ rule gives for a second after the last recorded change; None for a bad rule."""
    parsed = _parse_rule(rule)
    if parsed is None:
        return None
    (std, std_offset), dst, begin, end = parsed
    if dst is None:
        return std, std_offset, last_change, OMEGA, False
    year = date_of(sec // _DAY)[0]
    # Go's remainder keeps the sign, which matters for seconds before 1970
    of_year = (sec // _DAY - days_of(year, 1, 1)) * _DAY + (sec % _DAY if sec >= 0 else -(-sec % _DAY))
    new_year = sec - of_year
    first = _second_of(year, begin, std_offset)
    second = _second_of(year, end, dst[1])
    outer, inner, inner_is_dst = (std, std_offset), dst, True
    if second < first:  # the southern hemisphere
        first, second = second, first
        outer, inner, inner_is_dst = inner, outer, False
    if of_year < first:
        return *outer, new_year, first + new_year, not inner_is_dst
    if of_year >= second:
        return *outer, second + new_year, new_year + 365 * _DAY, not inner_is_dst
    return *inner, first + new_year, second + new_year, inner_is_dst


_NO_RULE: Rule = ("D", 0, 0, 0, 0)
if TYPE_CHECKING:
    ParsedRule = tuple[tuple[str, int], tuple[str, int] | None, Rule, Rule]
_rules: dict[str, ParsedRule | None] = {}


def _parse_rule(text: str) -> ParsedRule | None:
    """The parts of a rule like "CET-1CEST,M3.5.0,M10.5.0/3": standard zone, daylight zone, its begin and end."""
    if text not in _rules:
        try:
            _rules[text] = _read_rule(text)
        except (ValueError, IndexError):
            _rules[text] = None
    return _rules[text]


def _read_rule(text: str) -> ParsedRule:
    name, at = _rule_name(text, 0)
    offset, at = _rule_offset(text, at)
    std = (name, -offset)
    if at == len(text) or text[at] == ",":
        return std, None, _NO_RULE, _NO_RULE
    name, at = _rule_name(text, at)
    if at == len(text) or text[at] == ",":
        dst = (name, std[1] + 3600)
    else:
        offset, at = _rule_offset(text, at)
        dst = (name, -offset)
    rules = text[at:] or ",M3.2.0,M11.1.0"
    if rules[0] not in ",;":
        raise ValueError(text)
    begin, at = _rule_day(rules, 1)
    if rules[at] != ",":
        raise ValueError(text)
    end, at = _rule_day(rules, at + 1)
    if at != len(rules):
        raise ValueError(text)
    return std, dst, begin, end


def _rule_name(text: str, at: int) -> tuple[str, int]:
    if text[at] == "<":
        end = text.index(">", at)
        return text[at + 1 : end], end + 1
    end = at
    while end < len(text) and text[end] not in "0123456789,-+":
        end += 1
    if end - at < 3:
        raise ValueError(text)
    return text[at:end], end


def _rule_offset(text: str, at: int) -> tuple[int, int]:
    """Seconds of "-1", "+5:30" or "2:00:00", and where the text goes on."""
    sign = -1 if text[at] == "-" else 1
    if text[at] in "+-":
        at += 1
    total, at = _rule_number(text, at, 0, 24 * 7)
    total *= 3600
    for unit in (60, 1):
        if text[at : at + 1] != ":":
            break
        number, at = _rule_number(text, at + 1, 0, 59)
        total += number * unit
    return sign * total, at


def _rule_number(text: str, at: int, low: int, high: int) -> tuple[int, int]:
    end = at
    while end < len(text) and text[end] in "0123456789":
        end += 1
    number = int(text[at:end])
    if not low <= number <= high:
        raise ValueError(text)
    return number, end


def _rule_day(text: str, at: int) -> tuple[Rule, int]:
    month = week = 0
    kind = text[at]
    if kind == "M":
        month, at = _rule_number(text, at + 1, 1, 12)
        if text[at] != ".":
            raise ValueError(text)
        week, at = _rule_number(text, at + 1, 1, 5)
        if text[at] != ".":
            raise ValueError(text)
        day, at = _rule_number(text, at + 1, 0, 6)
    elif kind == "J":
        day, at = _rule_number(text, at + 1, 1, 365)
    else:
        kind = "D"
        day, at = _rule_number(text, at, 0, 365)
    second = 2 * 3600
    if text[at : at + 1] == "/":
        second, at = _rule_offset(text, at + 1)
    return (kind, month, week, day, second), at


def _second_of(year: int, rule: Rule, offset: int) -> int:
    """At which second of the year, in UTC, a rule takes effect where the clock stands at `offset`."""
    kind, month, week, day, second = rule
    if kind == "J":
        days = day - 1 + (1 if is_leap(year) and day >= 60 else 0)
    elif kind == "D":
        days = day
    else:
        days = (day - weekday_of(days_of(year, month, 1))) % 7
        for _ in range(1, week):
            if days + 7 >= days_in(month, year):
                break
            days += 7
        days += days_before(month) + (1 if is_leap(year) and month > 2 else 0)
    return days * _DAY + second - offset
