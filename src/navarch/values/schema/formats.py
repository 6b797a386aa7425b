"""The formats that drafts 4, 6 and 7 hold strings to, with santhosh-tekuri/jsonschema's words for what is wrong."""

from __future__ import annotations

from navarch.errors import NavarchError
from navarch.golang.strconv import parse_int, quote_rune

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from navarch.golang.url import URL

    T = TypeVar("T")

__all__ = ["FORMATS"]

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset("0123456789abcdefABCDEF")


class _FormatError(Exception):
    """What is wrong with a text."""


def _only(text: Iterable[str], allowed: frozenset[str], message: str = "invalid character {}") -> None:
    for char in text:
        if char not in allowed:
            raise _FormatError(message.format(quote_rune(ord(char))))


def _require(holds: object, message: str) -> None:
    if not holds:
        raise _FormatError(message)


def _within(prefix: str, check: Callable[[str], None], text: str) -> None:
    """Check a part; what is wrong with it is told after a prefix."""
    try:
        check(text)
    except _FormatError as error:
        raise _FormatError(f"{prefix}: {error}") from None


def _as_go(parse: Callable[[str], T], text: str) -> T:
    """What a parser of Go's makes of a text; its words are the finding."""
    try:
        return parse(text)
    except NavarchError as error:
        raise _FormatError(str(error)) from None


def _json_pointer(text: str) -> None:
    if not text:
        return
    _require(text.startswith("/"), "not starting with /")
    for part in text.split("/"):
        for piece in part.split("~")[1:]:
            _require(piece[:1] in {"0", "1"}, "~ must be followed by 0 or 1")


def _relative_json_pointer(text: str) -> None:
    rest = text.lstrip("0123456789")
    number = text[: len(text) - len(rest)]
    _require(number, "must start with non-negative integer")
    _require(number == "0" or not number.startswith("0"), "starts with zero")
    if rest != "#":
        _json_pointer(rest)


def _uuid(text: str) -> None:
    groups = text.split("-")
    _require(len(groups) == 5, "must have 5 elements")
    for index, (group, length) in enumerate(zip(groups, (8, 4, 4, 4, 12), strict=True)):
        _require(len(group) == length, f"element {index + 1} must be {length} characters long")
        _only(group, _HEX, "non-hex character {}")


def _duration(text: str) -> None:
    _require(text.startswith("P"), "must start with P")
    text = text[1:]
    _require(text, "nothing after P")
    if text.endswith("W"):
        _require(text[:-1], "no number in week")
        _require(_DIGITS.issuperset(text[:-1]), "invalid week")
        return
    for index, part in enumerate(text.split("T")):
        _require(part or index == 0, "no time elements")
        _require(index < 2, "more than one T")
        _duration_part(part, ("YMD", "HMS")[index])


def _duration_part(part: str, units: str) -> None:
    left = units
    while part:
        rest = part.lstrip("0123456789")
        _require(len(rest) < len(part), "missing number")
        _require(rest, "missing unit")
        unit = rest[0]
        if unit not in left:
            shown = quote_rune(ord(unit))
            raise _FormatError(f"unit {shown} out of order" if unit in units else f"invalid unit {shown}")
        left = left.partition(unit)[2]
        part = rest[1:]


def _period(text: str) -> None:
    start, slash, end = text.partition("/")
    _require(slash, "missing slash")
    if start.startswith("P"):
        _within("invalid start duration", _duration, start)
        _within("invalid end date-time", _date_time, end)
        return
    _within("invalid start date-time", _date_time, start)
    if end.startswith("P"):
        _within("invalid end duration", _duration, end)
    else:
        _within("invalid end date-time", _date_time, end)


def _ipv4(text: str) -> None:
    groups = text.split(".")
    _require(len(groups) == 4, "expected four decimals")
    for group in groups:
        _require(len(group) < 2 or group[0] != "0", "leading zeros")
        number = _as_go(_atoi, group)
        _require(0 <= number <= 255, "decimal must be between 0 and 255")


def _atoi(text: str) -> int:
    return parse_int(text, function="Atoi")


def _ipv6(text: str) -> None:
    _require(":" in text, "missing colon")
    from navarch.golang.netip import parse_ip

    _as_go(parse_ip, text)
    _require("%" not in text, "zone id is not a part of ipv6 address")


def _hostname(text: str) -> None:
    text = text.removesuffix(".")
    _require(len(text.encode("utf-8", "replace")) <= 253, "more than 253 characters long")
    for label in text.split("."):
        _require(1 <= len(label.encode("utf-8", "replace")) <= 63, "label must be 1 to 63 characters long")
        _require(not label.startswith("-"), "label starts with hyphen")
        _require(not label.endswith("-"), "label ends with hyphen")
        _only(label, _LETTERS | _DIGITS | {"-"})


def _email(text: str) -> None:
    _require(len(text.encode("utf-8", "replace")) <= 254, "more than 255 characters long")
    local, at, domain = text.rpartition("@")
    _require(at, "missing @")
    _require(len(local.encode("utf-8", "replace")) <= 64, "local part more than 64 characters long")
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        inside = local[1:-1]
        problem = "backslash and quote are not allowed within quoted local part"
        _require("\\" not in inside and '"' not in inside, problem)
    else:
        _require(not local.startswith("."), "starts with dot")
        _require(not local.endswith("."), "ends with dot")
        _require(".." not in local, "consecutive dots")
        _only(local, _LETTERS | _DIGITS | frozenset(".!#$%&'*+-/=?^_`{|}~"))
    if domain.startswith("[") and domain.endswith("]"):
        inside = domain[1:-1]
        if inside.startswith("IPv6:"):
            _within("invalid ipv6 address", _ipv6, inside[5:])
        else:
            _within("invalid ipv4 address", _ipv4, inside)
        return
    _within("invalid domain", _hostname, domain)


def _date(text: str) -> None:
    from navarch.golang.time_parse import parse_in_location
    from navarch.golang.zones import UTC

    _as_go(lambda value: parse_in_location("2006-01-02", value, UTC), text)


def _time(text: str) -> None:
    _require(len(text) >= 9, "less than 9 characters long")
    _require(text[2] == ":" and text[5] == ":", "missing colon in correct place")
    hour, minute, second = _clock(text[:8], "hour/min/sec")
    _require(hour <= 23 and minute <= 59 and second <= 60, "hour/min/sec out of range")
    rest = text[8:]
    if rest.startswith("."):
        fraction = rest[1:]
        rest = fraction.lstrip("0123456789")
        _require(len(rest) < len(fraction), "no digits in second fraction")
    if rest not in {"z", "Z"}:
        _require(len(rest) == 6, "offset must be 6 characters long")
        _require(rest[0] in "+-", "offset must begin with plus/minus")
        _require(rest[3] == ":", "missing colon in offset in correct place")
        offset_hour, offset_minute = _clock(rest[1:], "hour/min in offset")
        _require(offset_hour <= 23 and offset_minute <= 59, "hour/min in offset out of range")
        sign = -1 if rest[0] == "+" else 1
        total = hour * 60 + minute + sign * (offset_hour * 60 + offset_minute)
        hour, minute = divmod(total + 24 * 60 if total < 0 else total, 60)
    _require(second < 60 or (hour == 23 and minute == 59), "invalid leap second")


def _clock(text: str, what: str) -> list[int]:
    numbers = []
    for part in text.split(":"):
        try:
            number = parse_int(part)
        except NavarchError:
            raise _FormatError(f"invalid {what}") from None
        _require(number >= 0, f"non-positive {what}")
        numbers.append(number)
    return numbers


def _date_time(text: str) -> None:
    _require(len(text) >= 20, "less than 20 characters long")
    _require(text[10] in "tT", "11th character must be t or T")
    _within("invalid date element", _date, text[:10])
    _within("invalid time element", _time, text[11:])


def _parse_url(text: str) -> URL:
    from navarch.golang.url import parse_url

    url = _as_go(parse_url, text)
    name = url.hostname()
    if ":" in name:
        _require("[" in url.host and "]" in url.host, "ipv6 address not enclosed in brackets")
        _within("invalid ipv6 address", _ipv6, name)
    return url


def _uri(text: str) -> None:
    _require(_parse_url(text).scheme, "relative url")


def _uri_reference(text: str) -> None:
    _require("\\" not in text, "contains \\")
    _parse_url(text)


def _uri_template(text: str) -> None:
    """Braces in pairs, none within others; %7B and %7D count too."""
    path = _parse_url(text).raw_path
    for code, brace in (("%7B", "{"), ("%7b", "{"), ("%7D", "}"), ("%7d", "}")):
        path = path.replace(code, brace)
    for part in path.split("/"):
        opened = False
        for char in part:
            if char in "{}":
                _require((char == "{") != opened, "nested curly braces")
                opened = not opened
        _require(not opened, "no matching closing brace")


def _semver(text: str) -> None:
    text, plus, build = text.partition("+")
    if plus:
        _require(build, "build is empty")
        for part in build.split("."):
            _require(part, "build identifier is empty")
            _only(part, _LETTERS | _DIGITS | {"-"}, "invalid character {} in build identifier")
    text, dash, release = text.partition("-")
    for part in release.split(".") if dash else ():
        _require(part, "pre-release identifier is empty")
        _only(part, _LETTERS | _DIGITS | {"-"}, "invalid character {} in pre-release identifier")
        zero = len(part) > 1 and part[0] == "0" and _DIGITS.issuperset(part)
        _require(not zero, "pre-release numeric identifier starts with zero")
    numbers = text.split(".")
    _require(len(numbers) == 3, "versionCore must have 3 numbers separated by dot")
    for name, digits in zip(("major", "minor", "patch"), numbers, strict=True):
        _require(digits, f"{name} is empty")
        _require(len(digits) < 2 or digits[0] != "0", f"{name} starts with zero")
        _require(_DIGITS.issuperset(digits), f"{name} contains non-digit")


def _regex(text: str) -> None:
    from navarch.golang.regexp import compile_regexp

    _as_go(compile_regexp, text)


def _checked(check: Callable[[str], None]) -> Callable[[str], str]:
    def problem(text: str) -> str:
        try:
            check(text)
        except _FormatError as error:
            return str(error)
        return ""

    return problem


FORMATS: dict[str, Callable[[str], str]] = {
    "json-pointer": _checked(_json_pointer),
    "relative-json-pointer": _checked(_relative_json_pointer),
    "uuid": _checked(_uuid),
    "duration": _checked(_duration),
    "period": _checked(_period),
    "ipv4": _checked(_ipv4),
    "ipv6": _checked(_ipv6),
    "hostname": _checked(_hostname),
    "email": _checked(_email),
    "date": _checked(_date),
    "time": _checked(_time),
    "date-time": _checked(_date_time),
    "uri": _checked(_uri),
    "iri": _checked(_uri),
    "uri-reference": _checked(_uri_reference),
    "iri-reference": _checked(_uri_reference),
    "uri-template": _checked(_uri_template),
    "semver": _checked(_semver),
    "regex": _checked(_regex),
}
"""What is wrong with a text, by format; "" where it is fine."""
