"""What a YAML scalar means: the types that plain text resolves to, as goyaml v2 sees YAML 1.1.

Both directions need it: reading turns plain text into values, writing quotes the strings that would come back as
something else.
"""

from __future__ import annotations

__all__ = ["WORDS", "is_base60", "is_timestamp", "resolve"]

_INF = float("inf")

WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), _INF),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -_INF),
}
"""The words that stand for something else than themselves."""

_NUMBER_STARTS = frozenset("+-.0123456789")
_DIGITS = {2: frozenset("01"), 8: frozenset("01234567"), 16: frozenset("0123456789abcdefABCDEF")}
_BASES = {"b": 2, "B": 2, "o": 8, "O": 8, "x": 16, "X": 16}


def resolve(text: str) -> object:
    """The value of plain text: None, bool, int (int64 or uint64), float, or the text itself.

    Timestamps stay text, as goyaml leaves them when it decodes into an interface.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    number = _point_float(text) if text[0] == "." else _number(text.replace("_", ""))
    return text if number is None else number


def _point_float(text: str) -> float | None:
    """A float that begins with its point; underscores are not allowed here."""
    return _float(text) if "_" not in text else None


def _number(plain: str) -> int | float | None:
    """An int or float in the forms goyaml takes: strconv's with base 0, decimal floats, and its own 0b form."""
    negative = plain[:1] == "-"
    digits = plain[1:] if plain[:1] in ("+", "-") else plain
    if digits.isascii() and digits.isdigit() and (digits[0] != "0" or len(digits) == 1):
        if len(digits) > 20:
            return _float(plain)
        number = int(digits)
    else:
        based = _based(digits)
        if based is None:
            return _float(plain) if digits else None
        number = based
    if negative:
        return -number if number <= 0x8000000000000000 else _float(plain)
    if number <= 0x7FFFFFFFFFFFFFFF or (number <= 0xFFFFFFFFFFFFFFFF and plain is digits):
        return number
    return _float(plain)


def _based(digits: str) -> int | None:
    """An integer behind 0x, 0o, 0b or a leading 0."""
    if len(digits) < 2 or digits[0] != "0":
        return None
    base = _BASES.get(digits[1], 0)
    rest = digits[2:] if base else digits[1:]
    if not base:
        base = 8
    elif base == 2 and digits[1] == "b" and rest[:1] in ("+", "-"):
        return None
    if not rest or not _DIGITS[base].issuperset(rest):
        return None
    return int(rest, base)


def _float(text: str) -> int | float | None:
    """A decimal float, or goyaml's odd signed binary ("0b-1"); None where the text is neither or too large."""
    body = text[1:] if text[0] in ("+", "-") else text
    if body[:2] == "0b" and text is body:
        return _signed_binary(body[2:])
    mantissa, mark, exponent = body.replace("E", "e").partition("e")
    whole, point, fraction = mantissa.partition(".")
    if mark:
        exponent = exponent[1:] if exponent[:1] in ("+", "-") else exponent
        if not (exponent.isascii() and exponent.isdigit()):
            return None
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or (point and not whole and not fraction):
        return None
    value = float(text)
    return None if value in (_INF, -_INF) else value


def _signed_binary(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else ""
    if not digits or not _DIGITS[2].issuperset(digits):
        return None
    value = int(text, 2)
    return value if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF else None


def is_base60(text: str) -> bool:
    """Whether text is a YAML 1.1 number in base 60 ("1:30", "12:30:45.5"): goyaml quotes it, but never reads one."""
    if ":" not in text:
        return False
    whole, *places = (text[1:] if text[0] in "+-" else text).split(":")
    last, point, fraction = places[-1].partition(".")
    places[-1] = last
    if not (
        whole[:1].isdigit() and _digits(whole.replace("_", "")) and (not point or not fraction.strip("0123456789_"))
    ):
        return False
    return all(_digits(place) and (len(place) == 1 or (len(place) == 2 and place[0] < "6")) for place in places)


def is_timestamp(text: str) -> bool:
    """Whether text is one of the timestamps that goyaml v2 knows: a date, or a date and a time."""
    if len(text) < 8 or text[4] != "-" or not _digits(text[:4]):
        return False
    month, rest = _two(text[5:])
    if rest[:1] != "-":
        return False
    day, rest = _two(rest[1:])
    if not (1 <= month <= 12 and 1 <= day <= _month_days(int(text[:4]), month)):
        return False
    if not rest:
        return True
    if rest[0] in "Tt":
        clock = _after_clock(rest[1:])
        return clock is not None and _is_zone(clock)
    return rest[0] == " " and _after_clock(rest.lstrip(" ")) == ""


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _two(text: str) -> tuple[int, str]:
    """A number of one or two digits (-1 where there is none), and what follows it."""
    size = 2 if _digits(text[:2]) and len(text) > 1 else 1
    return (int(text[:size]), text[size:]) if _digits(text[:size]) else (-1, text)


def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _after_clock(text: str) -> str | None:
    """What follows "15:4:5.999" at the start of text; None where there is no such time."""
    hour, text = _two(text)
    minute, text = _two(text[1:]) if text[:1] == ":" else (-1, text)
    second, text = _two(text[1:]) if text[:1] == ":" else (-1, text)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    if text[:1] in (".", ",") and _digits(text[1:2]):
        text = text[1:].lstrip("0123456789")
    return text


def _is_zone(text: str) -> bool:
    """Whether text is Z or an offset such as +07:00."""
    if text == "Z":
        return True
    if len(text) != 6 or text[0] not in "+-" or text[3] != ":" or not _digits(text[1:3] + text[4:6]):
        return False
    return int(text[1:3]) <= 24 and int(text[4:6]) <= 60
