"""The matchers that a glob pattern is compiled to, which behave as gobwas/glob's do, slips included.

Texts have a character for each byte of UTF-8, because the library counts its widths now in characters, now in bytes.
"""

from __future__ import annotations

from navarch.errors import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Found = tuple[int, list[int]]  # where a match starts and how long it may be; (-1, []) for none

__all__ = [
    "SEPARATOR",
    "All",
    "AnyOf",
    "Contains",
    "Matcher",
    "Max",
    "Min",
    "Nothing",
    "One",
    "Prefix",
    "PrefixAny",
    "PrefixSuffix",
    "Row",
    "Star",
    "Stars",
    "Suffix",
    "SuffixAny",
    "Text",
    "Tree",
    "bytewise",
]

SEPARATOR = "/"
_NONE: Found = (-1, [])


def bytewise(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _width(text: str, at: int) -> int:
    """How many bytes the character at `at` has."""
    lead = ord(text[at])
    if lead < 0xC0:
        return 1
    return min(2 if lead < 0xE0 else 3 if lead < 0xF0 else 4, len(text) - at)


def _starts(text: str) -> list[int]:
    """Where the characters start."""
    if text.isascii():
        return list(range(len(text)))
    starts, at = [], 0
    while at < len(text):
        starts.append(at)
        at += _width(text, at)
    return starts


def _ends(text: str) -> list[int]:
    """Where the characters end."""
    return [*_starts(text)[1:], len(text)] if text else []


class Matcher:
    """One part of a compiled pattern."""

    __slots__ = ()
    size = -1
    """How many characters it matches, -1 where that varies; the library takes it for bytes too."""

    def match(self, text: str) -> bool:
        """Whether all of the text fits."""
        raise NotImplementedError

    def index(self, text: str) -> Found:
        """The first place where something fits, with the lengths that may be taken from there."""
        raise NotImplementedError


class Nothing(Matcher):
    __slots__ = ()
    size = 0

    def match(self, text: str) -> bool:
        return not text

    def index(self, text: str) -> Found:  # noqa: ARG002
        return 0, [0]


class Stars(Matcher):
    """**"""

    __slots__ = ()

    def match(self, text: str) -> bool:  # noqa: ARG002
        return True

    def index(self, text: str) -> Found:
        return 0, [*_starts(text), len(text)]


class Star(Matcher):
    """*"""

    __slots__ = ()

    def match(self, text: str) -> bool:
        return SEPARATOR not in text

    def index(self, text: str) -> Found:
        text = text.partition(SEPARATOR)[0]
        return 0, [*_starts(text), len(text)]


class One(Matcher):
    """One character: ?, a list or a range. By the library's rule, what refuses characters accepts an empty text."""

    __slots__ = ("_fits", "excluded")
    size = 1

    def __init__(self, fits: Callable[[str], bool], excluded: str | None) -> None:
        """`excluded` are the characters that it refuses, where those are a list."""
        self._fits = fits
        self.excluded = excluded

    def match(self, text: str) -> bool:
        if text and _width(text, 0) < len(text):
            return False
        return self._fits(text)

    def index(self, text: str) -> Found:
        for start, end in zip(_starts(text), _ends(text), strict=True):
            if self._fits(text[start:end]):
                return start, [end - start]
        return _NONE


class Text(Matcher):
    __slots__ = ("size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(_starts(text))

    def match(self, text: str) -> bool:
        return text == self.text

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        return (at, [len(self.text)]) if at >= 0 else _NONE


class Prefix(Matcher):
    """A text, then anything."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def match(self, text: str) -> bool:
        return text.startswith(self.text)

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        if at < 0:
            return _NONE
        length = len(self.text)
        return at, [length, *(length + end for end in _ends(text[at + length :]))]


class PrefixAny(Matcher):
    """A text, then anything but the separator."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def match(self, text: str) -> bool:
        return text.startswith(self.text) and SEPARATOR not in text[len(self.text) :]

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        if at < 0:
            return _NONE
        length = len(self.text)
        rest = text[at + length :].partition(SEPARATOR)[0]
        return at, [length, *(length + end for end in _ends(rest))]


class Suffix(Matcher):
    """Anything, then a text; it looks no further than the text's first place."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def match(self, text: str) -> bool:
        return text.endswith(self.text)

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        return (0, [at + len(self.text)]) if at >= 0 else _NONE


class SuffixAny(Matcher):
    """Anything but the separator, then a text; it looks no further than the text's first place."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def match(self, text: str) -> bool:
        return text.endswith(self.text) and SEPARATOR not in text[: len(text) - len(self.text)]

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        if at < 0:
            return _NONE
        start = text.rfind(SEPARATOR, 0, at) + 1
        return start, [at + len(self.text) - start]


class PrefixSuffix(Matcher):
    """A text at the start and another at the end, with anything between; they may overlap."""

    __slots__ = ("prefix", "suffix")

    def __init__(self, prefix: str, suffix: str) -> None:
        self.prefix = prefix
        self.suffix = suffix

    def match(self, text: str) -> bool:
        return text.startswith(self.prefix) and text.endswith(self.suffix)

    def index(self, text: str) -> Found:
        at = text.find(self.prefix)
        if at < 0:
            return _NONE
        lengths = []
        rest = text[at:]
        end = rest.rfind(self.suffix)
        while end >= 0:
            lengths.append(end + len(self.suffix))
            rest = rest[:end]
            end = rest.rfind(self.suffix)
        return (at, lengths[::-1]) if lengths else _NONE


class Contains(Matcher):
    """Anything with a text in it, or (`negated`) without it."""

    __slots__ = ("negated", "text")

    def __init__(self, text: str, negated: bool) -> None:
        self.text = text
        self.negated = negated

    def match(self, text: str) -> bool:
        return (self.text in text) != self.negated

    def index(self, text: str) -> Found:
        at = text.find(self.text)
        offset = 0
        if not self.negated:
            if at < 0:
                return _NONE
            offset = at + len(self.text)
            if len(text) <= offset:
                return 0, [offset]
            text = text[offset:]
        elif at >= 0:
            text = text[:at]
        return 0, [*(offset + start for start in _starts(text)), offset + len(text)]


class Min(Matcher):
    """At least so many characters."""

    __slots__ = ("limit",)

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def match(self, text: str) -> bool:
        return len(_starts(text)) >= self.limit

    def index(self, text: str) -> Found:
        lengths = _ends(text)[self.limit - 1 :]
        return (0, lengths) if lengths else _NONE


class Max(Matcher):
    """At most so many characters."""

    __slots__ = ("limit",)

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def match(self, text: str) -> bool:
        return len(_starts(text)) <= self.limit

    def index(self, text: str) -> Found:
        return 0, [0, *_ends(text)[: self.limit]]


class All(Matcher):
    """What fits several matchers at once."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Matcher]) -> None:
        self.parts = parts

    def match(self, text: str) -> bool:
        return all(part.match(text) for part in self.parts)

    def index(self, text: str) -> Found:
        start = offset = 0
        lengths: list[int] = []
        rest = text
        for number, part in enumerate(self.parts):
            at, found = part.index(rest)
            if at < 0:
                return _NONE
            if number == 0:
                lengths = found
            else:
                shift = start - (at + offset)
                lengths = [length for before in lengths for length in found if before + shift == length]
                if not lengths:
                    return _NONE
            start = at + offset
            rest = text[start:]
            offset += at
        return start, lengths


class AnyOf(Matcher):
    """One of several matchers. Its size is that of the last, unless two of known size differ: the library's slip."""

    __slots__ = ("parts", "size")

    def __init__(self, parts: list[Matcher]) -> None:
        self.parts = parts
        self.size = -1
        for part in parts:
            if self.size == -1:
                self.size = part.size
            elif part.size != self.size:
                self.size = -1
                break

    def match(self, text: str) -> bool:
        return any(part.match(text) for part in self.parts)

    def index(self, text: str) -> Found:
        first, lengths = -1, set[int]()
        for part in self.parts:
            at, found = part.index(text)
            if at >= 0 and (first < 0 or at < first):
                first, lengths = at, set(found)
            elif at >= 0 and at == first:
                lengths.update(found)
        return first, sorted(lengths)


class Row(Matcher):
    """Matchers of known sizes, one after the other."""

    __slots__ = ("parts", "size")

    def __init__(self, parts: list[Matcher]) -> None:
        self.parts = parts
        self.size = sum(part.size for part in parts)

    def match(self, text: str) -> bool:
        return len(_starts(text)) == self.size and self._match_all(text)

    def _match_all(self, text: str) -> bool:
        """Whether the text starts with the parts.

        The library gives a part the bytes up to the first of the part's last character; beyond the end of the text
        that is an error of the Go runtime, which makes the template fail.
        """
        at = 0
        for part in self.parts:
            starts = _starts(text[at:])
            count = len(starts) if part.size == 0 else min(part.size, len(starts))
            end = at + (starts[count - 1] if count else 0) + 1
            if count < part.size:
                return False
            if end > len(text):
                raise FunctionError(f"runtime error: slice bounds out of range [:{end}] with length {len(text)}")
            if not part.match(text[at:end]):
                return False
            at = end
        return True

    def index(self, text: str) -> Found:
        for start in _starts(text):
            if len(text) - start < self.size:
                break
            if self._match_all(text[start:]):
                return start, [self.size]
        return _NONE


class Tree(Matcher):
    """A matcher that is looked for, with what must fit before and after it (None: nothing may be there)."""

    __slots__ = ("left", "right", "size", "value")

    def __init__(self, value: Matcher, left: Matcher | None, right: Matcher | None) -> None:
        self.value = value
        self.left = left
        self.right = right
        sizes = [part.size for part in (value, left, right) if part is not None]
        self.size = -1 if -1 in sizes else sum(sizes)

    def match(self, text: str) -> bool:
        if self.size > len(text):
            return False
        offset = max(self.left.size, 0) if self.left else 0
        limit = len(text) - (max(self.right.size, 0) if self.right else 0)
        while offset < limit:
            at, lengths = self.value.index(text[offset:limit])
            if at < 0:
                return False
            offset += at
            if self._fits(self.left, text[:offset]):
                for length in reversed(lengths):
                    if self._fits(self.right, text[offset + length :]):
                        return True
            offset += _width(text, offset) if offset < len(text) else 0
        return False

    @staticmethod
    def _fits(part: Matcher | None, text: str) -> bool:
        return part.match(text) if part else not text

    def index(self, text: str) -> Found:  # noqa: ARG002
        return _NONE
