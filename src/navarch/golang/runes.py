"""Go's view of text: strings as bytes, white space, printable runes and the simple case mappings.

A Go string is bytes that need not be UTF-8. Here it is a `str` in which each byte that is not part of valid UTF-8
stands as a lone surrogate (Python's "surrogateescape"), so that lengths in runes agree and nothing is lost on the way.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "SPACE",
    "byte_length",
    "category",
    "from_bytes",
    "is_printable",
    "lower",
    "lower_rune",
    "map_runes",
    "title_rune",
    "to_bytes",
    "upper",
    "upper_rune",
    "valid",
]

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters of unicode.IsSpace; Python's str.isspace knows more (U+001C to U+001F)."""

REPLACEMENT = "\ufffd"

_NEW_IN_15 = (
    "\u0cf3\u0cf3\u0ece\u0ece\U00010efd\U00010eff\U0001123f\U00011241\U00011b00\U00011b09\U00011f00\U00011f10"
    "\U00011f12\U00011f3a\U00011f3e\U00011f59\U0001342f\U0001342f\U00013440\U00013455\U0001b132\U0001b132"
    "\U0001b155\U0001b155\U0001d2c0\U0001d2d3\U0001df25\U0001df2a\U0001e030\U0001e06d\U0001e08f\U0001e08f"
    "\U0001e4d0\U0001e4f9\U0001f6dc\U0001f6dc\U0001f774\U0001f776\U0001f77b\U0001f77f\U0001f7d9\U0001f7d9"
    "\U0001fa75\U0001fa77\U0001fa87\U0001fa88\U0001faad\U0001faaf\U0001fabb\U0001fabd\U0001fabf\U0001fabf"
    "\U0001face\U0001facf\U0001fada\U0001fadb\U0001fae8\U0001fae8\U0001faf7\U0001faf8\U0002b739\U0002b739"
    "\U00031350\U000323af"
)
"""First and last of each range that became printable with Unicode 15, Go's version; CPython 3.11 has Unicode 14."""


def to_bytes(text: str) -> bytes:
    """The bytes of a Go string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """The Go string of some bytes."""
    return data.decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    """Go's len(text)."""
    return len(text) if text.isascii() else len(to_bytes(text))


def valid(text: str) -> str:
    """The text as Go gives it back after a walk over its runes: U+FFFD for each byte that is not UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join([REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text])
    return text


def is_printable(char: str) -> bool:
    """strconv.IsPrint for one character."""
    if char.isprintable():
        return True
    if char < "\u0cf3":
        return False
    from bisect import bisect_left

    at = bisect_left(_NEW_IN_15, char)
    return at % 2 == 1 or _NEW_IN_15[at : at + 1] == char


def upper_rune(char: str) -> str:
    """unicode.ToUpper: the simple mapping, one character to one."""
    mapped = char.upper()
    if len(mapped) == 1:
        return mapped
    mapped = char.title()
    return mapped if len(mapped) == 1 else char


def lower_rune(char: str) -> str:
    """unicode.ToLower: the simple mapping, one character to one."""
    return char.lower() if char != "\u0130" else "i"


def title_rune(char: str) -> str:
    """unicode.ToTitle: the simple mapping, one character to one."""
    mapped = char.title()
    return mapped if len(mapped) == 1 else char


def map_runes(mapping: Callable[[str], str], text: str) -> str:
    """strings.Map for mappings that drop nothing."""
    return "".join([mapping(c) for c in valid(text)])


def upper(text: str) -> str:
    """strings.ToUpper."""
    mapped = text.upper()
    if len(mapped) == len(text) and (text.isascii() or valid(text) == text):
        return mapped
    return map_runes(upper_rune, text)


def lower(text: str) -> str:
    """strings.ToLower; Python's str.lower looks at the neighbours of a capital sigma, Go's doesn't."""
    if text.isascii():
        return text.lower()
    return map_runes(lower_rune, text)


def category(char: str) -> str:
    """The Unicode category of a character: "Lu", "Nd", "Po", …"""
    import unicodedata

    return unicodedata.category(char)
