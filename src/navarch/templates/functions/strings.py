"""sprig's functions on strings.

Lengths and positions count bytes, as in Go; runs over letters count runes, save for nospace and initials, which take
each byte for a letter of Latin-1.
"""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.fmt import plain
from navarch.golang.reflect import is_slice, items_of
from navarch.golang.runes import (
    SPACE,
    from_bytes,
    lower,
    lower_rune,
    title_rune,
    to_bytes,
    upper,
    valid,
)
from navarch.golang.strconv import quote as go_quote
from navarch.golang.types import StringMap, Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS", "to_string"]

_LONGEST = 1 << 31


def to_string(value: Any) -> str:
    """Any value as text: bytes as they are, all else as %v prints it."""
    if type(value) is str:
        return value
    return from_bytes(value) if type(value) is bytes else plain(value)


def to_strings(value: Any) -> list[str]:
    """The items of a list as text, without nils; what is no list as the one item."""
    if type(value) is Strings:
        return value
    if is_slice(value):
        return Strings([to_string(item) for item in items_of(value) if item is not None])
    return Strings() if value is None else Strings([to_string(value)])


def quote(*values: Any) -> str:
    if len(values) == 1 and type(values[0]) is str:
        return go_quote(values[0])
    return " ".join([go_quote(to_string(value)) for value in values if value is not None])


def squote(*values: Any) -> str:
    return " ".join([f"'{plain(value)}'" for value in values if value is not None])


def cat(*values: Any) -> str:
    return " ".join([plain(value) for value in values if value is not None])


def indent(spaces: int, text: str) -> str:
    if spaces < 0:
        raise FunctionError("strings: negative Repeat count")
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def nindent(spaces: int, text: str) -> str:
    if spaces < 0:
        raise FunctionError("strings: negative Repeat count")
    pad = "\n" + " " * spaces
    return pad + text.replace("\n", pad)


def replace(old: str, new: str, text: str) -> str:
    return text.replace(old, new)


def repeat(count: int, text: str) -> str:
    if count < 0:
        raise FunctionError("strings: negative Repeat count")
    if count * len(text) > _LONGEST:
        raise FunctionError("strings: Repeat output length overflow")
    return text * count


def trunc(count: int, text: str) -> str:
    """The first bytes, or with a negative count the last."""
    if text.isascii():
        return text[:count] if count >= 0 else text[count:]
    data = to_bytes(text)
    return from_bytes(data[:count] if count >= 0 else data[count:])


def substr(start: int, end: int, text: str) -> str:
    """Bytes from start to before end; a negative start is 0, a negative or too large end the text's."""
    data = to_bytes(text)
    length = len(data)
    if start < 0:
        if not 0 <= end <= length:
            raise FunctionError(_out_of_range(f":{end}", length, end))
        return from_bytes(data[:end])
    if end < 0 or end > length:
        if start > length:
            raise FunctionError(f"runtime error: slice bounds out of range [{start}:{length}]")
        return from_bytes(data[start:])
    if start > end:
        raise FunctionError(f"runtime error: slice bounds out of range [{start}:{end}]")
    return from_bytes(data[start:end])


def _out_of_range(bounds: str, length: int, index: int) -> str:
    detail = f" with length {length}" if index >= 0 else ""
    return f"runtime error: slice bounds out of range [{bounds}]{detail}"


def abbrev(width: int, text: str) -> str:
    if width < 4:
        return text
    return from_bytes(_abbreviate(to_bytes(text), 0, width))


def abbrev_both(offset: int, width: int, text: str) -> str:
    if width < 4 or (offset > 0 and width < 7):
        return text
    return from_bytes(_abbreviate(to_bytes(text), offset, width))


def _abbreviate(data: bytes, offset: int, width: int) -> bytes:
    """Shortened to a width of 4 or more by dots at its end, and before the offset where that is past byte 4."""
    length, keep = len(data), width - 3
    if length <= width:
        return data
    offset = min(offset, length - keep)
    if offset <= 4:
        return data[:keep] + b"..."
    if offset + keep < length:
        return b"..." + _abbreviate(data[offset:], 0, keep)
    return b"..." + data[length - keep :]


def trim(text: str) -> str:
    return text.strip(SPACE)


def trim_all(cutset: str, text: str) -> str:
    return text.strip(cutset)


def trim_prefix(prefix: str, text: str) -> str:
    return text.removeprefix(prefix)


def trim_suffix(suffix: str, text: str) -> str:
    return text.removesuffix(suffix)


def contains(part: str, text: str) -> bool:
    return part in text


def has_prefix(prefix: str, text: str) -> bool:
    return text.startswith(prefix)


def has_suffix(suffix: str, text: str) -> bool:
    return text.endswith(suffix)


def title(text: str) -> str:
    """Upper case (title case) after what separates words: in ASCII all but letters, digits and _, else white space."""
    out: list[str] = []
    separated = True
    for char in valid(text):
        out.append(title_rune(char) if separated else char)
        separated = not (char.isalnum() or char == "_") if char < "\x80" else char in SPACE
    return "".join(out)


def untitle(text: str) -> str:
    """Lower case after white space."""
    out: list[str] = []
    separated = True
    for char in valid(text):
        space = char in SPACE
        out.append(lower_rune(char) if separated and not space else char)
        separated = space
    return "".join(out)


def nospace(text: str) -> str:
    """Without white space; if there was any, each byte outside ASCII comes out as a character of its own."""
    letters = to_bytes(text).decode("latin-1")
    kept = "".join([char for char in letters if char not in SPACE])
    return text if len(kept) == len(letters) else kept


def initials(text: str) -> str:
    """The first byte of each word, those outside ASCII as characters."""
    letters = to_bytes(text).decode("latin-1")
    return "".join([c for before, c in zip(" " + letters, letters, strict=False) if before in SPACE and c not in SPACE])


def plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def split(separator: str, text: str) -> dict[str, str]:
    return _numbered(split_list(separator, text))


def splitn(separator: str, count: int, text: str) -> dict[str, str]:
    """At most `count` parts, the last with what is left; a negative count is no limit."""
    if count == 0:
        return StringMap()
    if count < 0:
        return split(separator, text)
    if separator:
        return _numbered(text.split(separator, count - 1))
    head, tail = text[: count - 1], text[count - 1 :]
    return _numbered([*head, tail] if tail else [*head])


def _numbered(parts: list[str]) -> dict[str, str]:
    return StringMap({f"_{number}": part for number, part in enumerate(parts)})


def split_list(separator: str, text: str) -> list[str]:
    return Strings(text.split(separator) if separator else text)


def join(separator: str, value: Any) -> str:
    if isinstance(value, list):
        try:
            return separator.join(value)
        except TypeError:  # some items are no strings
            pass
    return separator.join(to_strings(value))


def sort_alpha(value: Any) -> list[str]:
    """The items as sorted text. A []string is sorted in place, as Go does it."""
    if not is_slice(value):
        return Strings([to_string(value)])
    strings = to_strings(value)
    strings.sort()
    return strings


def hello() -> str:
    return "Hello!"


def swapcase(text: str) -> str:
    from navarch.golang.words import swap_case

    return swap_case(text)


def camelcase(text: str) -> str:
    from navarch.golang.words import pascal_case

    return pascal_case(text)


def snakecase(text: str) -> str:
    from navarch.golang.words import lower_words

    return lower_words(text, "_")


def kebabcase(text: str) -> str:
    from navarch.golang.words import lower_words

    return lower_words(text, "-")


def wrap(width: int, text: str) -> str:
    from navarch.golang.words import wrap_words

    return wrap_words(text, width, "\n", break_words=False)


def wrap_with(width: int, newline: str, text: str) -> str:
    from navarch.golang.words import wrap_words

    return wrap_words(text, width, newline or "\n", break_words=True)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abbrev": abbrev,
    "abbrevboth": abbrev_both,
    "camelcase": camelcase,
    "cat": cat,
    "contains": contains,
    "hasPrefix": has_prefix,
    "hasSuffix": has_suffix,
    "hello": hello,
    "indent": indent,
    "initials": initials,
    "join": join,
    "kebabcase": kebabcase,
    "lower": lower,
    "nindent": nindent,
    "nospace": nospace,
    "plural": plural,
    "quote": quote,
    "repeat": repeat,
    "replace": replace,
    "snakecase": snakecase,
    "sortAlpha": sort_alpha,
    "split": split,
    "splitList": split_list,
    "splitn": splitn,
    "squote": squote,
    "substr": substr,
    "swapcase": swapcase,
    "title": title,
    "toString": to_string,
    "toStrings": to_strings,
    "trim": trim,
    "trimAll": trim_all,
    "trimPrefix": trim_prefix,
    "trimSuffix": trim_suffix,
    "trimall": trim_all,
    "trunc": trunc,
    "untitle": untitle,
    "upper": upper,
    "wrap": wrap,
    "wrapWith": wrap_with,
}
