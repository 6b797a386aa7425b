"""The formats that strings of custom resources may be asked to have: kube-openapi's package strfmt.

Names are looked up without their dashes ("date-time"); formats that aren't known are ignored by servers, with a warning
when the CustomResourceDefinition comes in.
"""

from __future__ import annotations

import re

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["has_format", "known_format", "unknown_formats"]

_UUID = "[0-9a-f]{8}-?[0-9a-f]{4}-?%s[0-9a-f]{3}-?%s[0-9a-f]{3}-?[0-9a-f]{12}"
_SHORT_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_BYTE = r"\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*"
_CARD = (
    r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|"
    r"6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11}|6[27][0-9]{14}"
)
_PATTERNS = {
    "bsonobjectid": "[0-9a-fA-F]{24}",
    "byte": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})",
    "hexcolor": "#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})",
    "password": r"[\s\S]*",
    "rgbcolor": rf"rgb\({_BYTE},{_BYTE},{_BYTE}\)",
    "uuid": f"(?i){_UUID}" % ("[0-9a-f]", "[0-9a-f]"),
    "uuid3": f"(?i){_UUID}" % ("3", "[0-9a-f]"),
    "uuid4": f"(?i){_UUID}" % ("4", "[89ab]"),
    "uuid5": f"(?i){_UUID}" % ("5", "[89ab]"),
}
_ATOM = r'[^\x00-\x20()<>\[\]:;@\\,."\x7f]+'
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_SPEC = rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_ATOM}(?:\.{_ATOM})*|\[[^\[\]\\]*\])"
_PHRASE = rf'(?:[^\x00-\x08\x0a-\x1f()<>\[\]:;@\\,"\x7f]|{_QUOTED})*'
_EMAIL = re.compile(rf"[ \t]*(?:{_SPEC}|{_PHRASE}<{_SPEC}>)[ \t]*")
_MAC = re.compile(
    "(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\1)*[0-9a-fA-F]{2}|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4})+", re.ASCII
)
_DATE_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))", re.ASCII)
_DURATION = re.compile("([0-9]+)\\s*([A-Za-z\u00b5]+)")
_UNITS = (
    ("ns", "nano"),
    ("us", "\u00b5s", "micro"),
    ("ms", "milli"),
    ("s", "sec"),
    ("m", "min"),
    ("h", "hr", "hour"),
    ("d", "day"),
    ("w", "wk", "week"),
)
"""The names of units; those that begin with the last of a unit's are it, too."""
_OF_TYPES = {"integer": ("int32", "int64"), "number": ("float", "double")}


def known_format(type_: str, format_: str) -> str:
    """The format as far as it means something for values of a type ("" for any type); "" if it doesn't."""
    text = type_ in ("", "string")
    known = format_.replace("-", "") in FORMATS if text else format_ in _OF_TYPES.get(type_, ())
    return format_ if known else ""


def has_format(format_: str, text: str) -> bool:
    """Whether a text has a known format."""
    return FORMATS[format_.replace("-", "")](text)


def unknown_formats(definition: dict[str, Any]) -> list[str]:
    """The formats in a CustomResourceDefinition's schemas that mean nothing."""
    found = []
    for version in (definition.get("spec") or {}).get("versions") or ():
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        for node in _nodes(schema):
            format_ = node.get("format")
            if format_ and not known_format(node.get("type", ""), format_):
                found.append(format_)
    return found


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for one in node:
            yield from _nodes(one)
    elif isinstance(node, dict):
        yield node
        for name in ("items", "allOf", "anyOf", "oneOf", "not", "additionalProperties"):
            yield from _nodes(node.get(name))
        for one in (node.get("properties") or {}).values():
            yield from _nodes(one)


def _pattern(pattern: str) -> Callable[[str], bool]:
    expression = re.compile(pattern, re.ASCII)
    return lambda text: expression.fullmatch(text) is not None


def _card(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch(_CARD, digits, re.ASCII):
        return False
    total = 0
    for index, digit in enumerate(map(int, reversed(digits[:-1]))):
        total += digit if index % 2 else digit * 2 - (9 if digit > 4 else 0)
    return (total + int(digits[-1])) % 10 == 0


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch("[0-9]{9}X|[0-9]{10}", digits):
        return False
    return sum((index + 1) * (10 if digit == "X" else int(digit)) for index, digit in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch("[0-9]{13}", digits):
        return False
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits[:12]))
    return int(digits[12]) == (10 - total % 10) % 10


def _ssn(text: str) -> bool:
    return len(text) == 11 and re.fullmatch(r"\d{3}[- ]?\d{2}[- ]?\d{4}", text, re.ASCII) is not None


def _named(pattern: str, most: int) -> Callable[[str], bool]:
    expression = re.compile(pattern)
    return lambda text: len(text.encode()) <= most and expression.fullmatch(text) is not None


def _hostname(text: str) -> bool:
    from navarch.golang.regexp import compile_regexp

    symbol = r"a-zA-Z0-9\p{S}\p{L}"
    label = rf"([{symbol}](([{symbol}-]{{0,61}}[{symbol}])?)(\.))"
    pattern = rf"^([{symbol}]((-?[{symbol}]{{0,62}})?)|{label}{{1,}}([a-zA-Z\p{{L}}]){{2,63}})$"
    if not compile_regexp(pattern).match(text):
        return False
    return len(text.encode()) <= 255 and all(len(part.encode()) <= 63 for part in text.split("."))


def _email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _address(text: str) -> bool:
    from navarch.golang.url import parse_url

    if not text:
        return False
    try:
        found = parse_url(text)
    except NavarchError:
        return False
    return bool(found.scheme) or text.startswith("/")


def _ip(text: str) -> str:
    """An address without the leading zeros that older versions of Go let through."""
    return ".".join(part.lstrip("0") or "0" if part.isdecimal() else part for part in text.split("."))


def _parses(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _ipv4(text: str) -> bool:
    return "." in text and _parses(_ip(text))


def _ipv6(text: str) -> bool:
    return ":" in text and _parses(text)


def _cidr(text: str) -> bool:
    address, slash, bits = text.partition("/")
    most = 128 if ":" in address else 32
    return bool(slash) and _parses(_ip(address)) and bits.isascii() and bits.isdecimal() and int(bits) <= most


def _mac(text: str) -> bool:
    found = _MAC.fullmatch(text)
    return found is not None and len(re.sub("[:.-]", "", text)) in (12, 16, 40)


def _date(text: str) -> bool:
    from datetime import date

    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text if not text.startswith("0000") else f"2000{text[4:]}")
    except ValueError:
        return False
    return True


def _date_time(text: str) -> bool:
    parts = text.lower().split("t")
    if len(text) < 4 or len(parts) < 2 or not _date(parts[0]):
        return False
    found = _DATE_TIME.fullmatch(parts[1])
    return found is not None and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _duration(text: str) -> bool:
    from navarch.golang.duration import parse_duration

    try:
        parse_duration(text)
    except NavarchError:
        return any(_is_unit(unit.strip().lower()) for _, unit in _DURATION.findall(text))
    return True


def _is_unit(unit: str) -> bool:
    return any(unit in names or unit.startswith(names[-1]) for names in _UNITS)


FORMATS: dict[str, Callable[[str], bool]] = {
    **{name: _pattern(pattern) for name, pattern in _PATTERNS.items()},
    "cidr": _cidr,
    "creditcard": _card,
    "date": _date,
    "datetime": _date_time,
    "duration": _duration,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "k8slongname": _named(rf"{_SHORT_NAME}(\.{_SHORT_NAME})*", 253),
    "k8sshortname": _named(_SHORT_NAME, 63),
    "mac": _mac,
    "ssn": _ssn,
    "uri": _address,
}
