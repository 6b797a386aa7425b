"""The syntax of Go's regular expressions: what is valid, what Go says of the rest, and what an expression means.

Expressions are parsed here before anything else happens to them, so that errors are Go's whichever engine matches in
the end: `regexp_program` for what is simple and short, RE2 for everything else.
"""

from __future__ import annotations

from navarch.errors import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # ("char", "a"), ("set", ranges), ("at", "text-start"), ("cat", [node, …]), ("alt", [node, …]),
    # ("group", number, node), ("repeat", node, min, max or -1, greedy), ("unicode",) for what only RE2 has tables of
    Node = tuple[Any, ...]
    Ranges = list[tuple[int, int]]  # of code points, both ends included

__all__ = ["MAX_RUNE", "Syntax", "parse"]

MAX_RUNE = 0x10FFFF
_MAX_DEPTH = 1000
_SIMPLE_DEPTH = 40  # of groups, beyond which recursion over the tree isn't
_MAX_REPEAT = 1000

_IGNORE_CASE, _MULTI_LINE, _DOT_ALL, _UNGREEDY = 1, 2, 4, 8
_FLAGS = {"i": _IGNORE_CASE, "m": _MULTI_LINE, "s": _DOT_ALL, "U": _UNGREEDY}

_DIGIT: Ranges = [(0x30, 0x39)]
_UPPER: Ranges = [(0x41, 0x5A)]
_LOWER: Ranges = [(0x61, 0x7A)]
_ALPHA = _UPPER + _LOWER
_WORD = [*_DIGIT, *_UPPER, (0x5F, 0x5F), *_LOWER]
_PERL: dict[str, Ranges] = {"d": _DIGIT, "s": [(9, 10), (12, 13), (32, 32)], "w": _WORD}
_POSIX: dict[str, Ranges] = {
    "alnum": _DIGIT + _ALPHA,
    "alpha": _ALPHA,
    "ascii": [(0, 0x7F)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 0x1F), (0x7F, 0x7F)],
    "digit": _DIGIT,
    "graph": [(0x21, 0x7E)],
    "lower": _LOWER,
    "print": [(0x20, 0x7E)],
    "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
    "space": [(9, 13), (32, 32)],
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": [*_DIGIT, (0x41, 0x46), (0x61, 0x66)],
}
_ANY: Ranges = [(0, MAX_RUNE)]
_NOT_NEWLINE: Ranges = [(0, 9), (11, MAX_RUNE)]
_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_POSITIONS = {"A": "text-start", "z": "text-end", "b": "word", "B": "not-word"}
_OCTAL, _HEX = "01234567", "0123456789abcdefABCDEF"

_EMPTY: Node = ("cat", [])


class Syntax:
    """A parsed expression.

    `root` is its tree, `names` the groups' names ("" for those without, and for the whole), `simple` says whether the
    tree tells all, `re2` is the same expression in RE2's own words.
    """

    __slots__ = ("names", "re2", "root", "simple")

    def __init__(self, root: Node, names: list[str], simple: bool, re2: str) -> None:
        self.root = root
        self.names = names
        self.simple = simple
        self.re2 = re2


class _Frame:
    """An open group, or the whole expression: its alternatives so far, the last of which grows."""

    __slots__ = ("alternatives", "current", "depth", "flags", "group")

    def __init__(self, group: int, flags: int) -> None:
        """`group` is its number, 0 where it doesn't capture; `flags` are those to go back to at its end."""
        self.group = group
        self.flags = flags
        self.alternatives: list[list[Node]] = []
        self.current: list[Node] = []
        self.depth = 0

    def node(self) -> Node:
        rows = [*self.alternatives, self.current]
        nodes: list[Node] = [row[0] if len(row) == 1 else ("cat", row) for row in rows]
        return nodes[0] if len(nodes) == 1 else ("alt", nodes)


def parse(expression: str) -> Syntax:
    """The parsed expression. Raises FunctionError with regexp/syntax's message."""
    return _Parser(expression).parse()


def _error(what: str, where: str) -> FunctionError:
    return FunctionError(f"error parsing regexp: {what}: `{where}`")


class _Parser:
    """Reads an expression from left to right, with a frame for each open group."""

    __slots__ = ("at", "copied", "flags", "frames", "names", "parts", "repeated", "simple", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags = 0
        self.frames = [_Frame(0, 0)]
        self.names = [""]
        self.simple = True
        self.repeated = -1  # where the operator just read starts, -1 after anything else
        self.parts: list[str] = []  # of the expression for RE2, as far as it differs
        self.copied = 0

    def parse(self) -> Syntax:
        text = self.text
        while self.at < len(text):
            char, start = text[self.at], self.at
            repeated = -1
            if char in "*+?":
                repeated = start
                self._repeat(start, start + 1, *_OPERATORS[char])
            elif char == "{" and (counts := self._counts()):
                repeated = start
                self._repeat_counted(start, *counts)
            else:
                self._other(char)
            self.repeated = repeated
        if len(self.frames) > 1:
            raise _error("missing closing )", text)
        re2 = text if not self.parts else "".join(self.parts) + text[self.copied :]
        return Syntax(self.frames[0].node(), self.names, self.simple, re2)

    def _other(self, char: str) -> None:
        """Whatever is not a repetition."""
        if char == "(":
            self._open()
        elif char == ")":
            self._close()
        elif char == "|":
            frame = self.frames[-1]
            frame.alternatives.append(frame.current)
            frame.current = []
            self.at += 1
        elif char == "[":
            self._push(self._class())
        elif char == "\\":
            self._backslash()
        elif char in ".^$":
            self._push(self._symbol(char))
            self.at += 1
        else:
            self._literal(self._rune())

    def _symbol(self, char: str) -> Node:
        if char == ".":
            return "set", _ANY if self.flags & _DOT_ALL else _NOT_NEWLINE
        lines = self.flags & _MULTI_LINE
        if char == "^":
            return "at", "line-start" if lines else "text-start"
        return "at", "line-end" if lines else "text-end"

    def _push(self, node: Node) -> None:
        self.frames[-1].current.append(node)

    def _literal(self, char: str) -> None:
        if self.flags & _IGNORE_CASE:
            ranges = self._fold([(ord(char), ord(char))])
            self._push(("set", ranges) if len(ranges) > 1 else ("char", char))
        else:
            self._push(("char", char))

    def _rune(self) -> str:
        """The next character; it must be one in UTF-8."""
        char = self.text[self.at]
        if "\ud800" <= char <= "\udfff":
            raise _error("invalid UTF-8", self.text[self.at :])
        self.at += 1
        return char

    def _replace(self, start: int, end: int, text: str) -> None:
        """Put something else in the expression for RE2."""
        self.parts += (self.text[self.copied : start], text)
        self.copied = end

    # groups

    def _open(self) -> None:
        if self.text.startswith("(?", self.at):
            self._open_special()
            return
        self._start_group("")
        self.at += 1

    def _start_group(self, name: str) -> None:
        self.names.append(name)
        self._nest(_Frame(len(self.names) - 1, self.flags))

    def _nest(self, frame: _Frame) -> None:
        if len(self.frames) > _SIMPLE_DEPTH:
            self.simple = False
        frame.depth = self.frames[-1].depth + (1 if frame.group else 0)
        if frame.depth >= _MAX_DEPTH:
            raise _error("expression nests too deeply", self.text)
        self.frames.append(frame)

    def _open_special(self) -> None:
        """(?P<name>, (?<name>, (?flags) or (?flags:"""
        text, start = self.text, self.at
        if text.startswith("(?P<", start) and len(text) - start > 4:
            self._open_named(start + 4)
        elif text.startswith("(?<", start) and len(text) - start > 3:
            self._open_named(start + 3)
        else:
            self._flags(start)

    def _open_named(self, start: int) -> None:
        text, end = self.text, self.text.find(">", self.at)
        if end < 0:
            self._check_utf8(self.at)
            raise _error("invalid named capture", text[self.at :])
        name = text[start:end]
        if not (name.isascii() and name and all(char == "_" or char.isalnum() for char in name)):
            raise _error("invalid named capture", text[self.at : end + 1])
        self._replace(self.at, end + 1, "(")  # RE2 has no two groups of one name
        self._start_group(name)
        self.at = end + 1

    def _check_utf8(self, start: int) -> None:
        for at in range(start, len(self.text)):
            if "\ud800" <= self.text[at] <= "\udfff":
                raise _error("invalid UTF-8", self.text[at:])

    def _flags(self, start: int) -> None:
        flags, turn_on, seen = self.flags, True, False
        self.at += 2
        while self.at < len(self.text):
            char = self._rune()
            if char in _FLAGS:
                flags = flags | _FLAGS[char] if turn_on else flags & ~_FLAGS[char]
                seen = True
            elif char == "-" and turn_on:
                turn_on = seen = False
            elif char in ":)" and (turn_on or seen):
                if char == ":":
                    self._nest(_Frame(0, self.flags))
                self.flags = flags
                return
            else:
                break
        raise _error("invalid or unsupported Perl syntax", self.text[start : self.at])

    def _close(self) -> None:
        if len(self.frames) == 1:
            raise _error("unexpected )", self.text)
        frame = self.frames.pop()
        self.flags = frame.flags
        node = frame.node()
        self._push(("group", frame.group, node) if frame.group else node)
        self.at += 1

    # repetitions

    def _repeat(self, start: int, end: int, low: int, high: int) -> None:
        """Let the last node repeat; the operator stands from `start` to `end`, perhaps with a ? for the fewest."""
        greedy = not self.flags & _UNGREEDY
        if self.text.startswith("?", end):
            end += 1
            greedy = not greedy
        self.at = end
        if self.repeated >= 0:
            raise _error("invalid nested repetition operator", self.text[self.repeated : end])
        current = self.frames[-1].current
        if not current:
            raise _error("missing argument to repetition operator", self.text[start:end])
        if current[-1][0] == "repeat":
            self.simple = False  # a(?i)*(?i)* and so on, to any depth
        current[-1] = ("repeat", current[-1], low, high, greedy)

    def _counts(self) -> tuple[int, int, int] | None:
        """Where {2}, {2,} or {2,3} ends, and its least and greatest count (-1 for no limit); None for other braces."""
        low, at = self._count(self.at + 1)
        if low is None:
            return None
        high: int | None = low
        if self.text.startswith(",}", at):
            high, at = -1, at + 1
        elif self.text.startswith(",", at):
            high, at = self._count(at + 1)
        if high is None or not self.text.startswith("}", at):
            return None
        return at + 1, low, high

    def _count(self, start: int) -> tuple[int | None, int]:
        """A number without leading zeros and where it ends; None for no number."""
        end = start
        while end < len(self.text) and "0" <= self.text[end] <= "9":
            end += 1
        digits = self.text[start:end]
        if not digits or (digits[0] == "0" and len(digits) > 1):
            return None, end
        return int(digits) if len(digits) < 9 else _MAX_REPEAT + 1, end

    def _repeat_counted(self, start: int, end: int, low: int, high: int) -> None:
        if low > _MAX_REPEAT or high > _MAX_REPEAT or 0 <= high < low:
            raise _error("invalid repeat count", self.text[start:end])
        self._repeat(start, end, low, high)
        if (low >= 2 or high >= 2) and not _count_is_valid(self.frames[-1].current[-1]):
            raise _error("invalid repeat count", self.text[start : self.at])

    # escapes

    def _backslash(self) -> None:
        text = self.text
        char = text[self.at + 1 : self.at + 2]
        if char in _POSITIONS:
            self._push(("at", _POSITIONS[char]))
            self.at += 2
        elif char == "C":
            raise _error("invalid escape sequence", "\\C")
        elif char == "Q":
            self._quoted()
        elif (ranges := self._class_escape()) is not None:
            self._push(("set", ranges) if ranges else ("unicode",))
        else:
            self._literal(chr(self._escape()))

    def _quoted(self) -> None:
        end = self.text.find("\\E", self.at + 2)
        stop, after = (len(self.text), len(self.text)) if end < 0 else (end, end + 2)
        self.at += 2
        while self.at < stop:
            self._literal(self._rune())
        self.at = after

    def _class_escape(self, *, inside: bool = False) -> Ranges | None:
        r"""The characters of \d or \p{Greek} (none where only RE2 knows them); None if neither of those stands here."""
        char = self.text[self.at + 1 : self.at + 2]
        if char and char in "pP":
            self._unicode_class(inside=inside)
            return []
        ranges = _PERL.get(char.lower()) if char else None
        if ranges is None:
            return None
        self.at += 2
        return self._signed(ranges, negated=char.isupper())

    def _signed(self, ranges: Ranges, *, negated: bool) -> Ranges:
        if self.flags & _IGNORE_CASE:
            ranges = self._fold(ranges)
        return _negate(ranges) if negated else ranges

    def _unicode_class(self, *, inside: bool) -> None:
        r"""\pL or \p{Greek}: check the name and put it in the form that RE2 knows."""
        text, start = self.text, self.at
        self.at += 2
        if text.startswith("{", self.at):
            end = text.find("}", self.at)
            if end < 0:
                self._check_utf8(start)
                raise _error("invalid character class range", text[start:])
            name, self.at = text[self.at + 1 : end], end + 1
        else:
            name = self._rune() if self.at < len(text) else ""
        self.simple = False
        from navarch.golang.regexp_unicode import in_re2

        negated = (text[start + 1] == "P") != name.startswith("^")
        form = in_re2(name.removeprefix("^"), negated=negated, inside=inside)
        if form is None:
            raise _error("invalid character class range", text[start : self.at])
        self._replace(start, self.at, form)

    def _escape(self) -> int:
        """The code point of an escape that means one character."""
        text, start = self.text, self.at
        self.at += 1
        if self.at == len(text):
            raise _error("trailing backslash at end of expression", "")
        char = self._rune()
        if char in _OCTAL and (char == "0" or text[self.at : self.at + 1] in {*_OCTAL}):
            while self.at < min(start + 4, len(text)) and text[self.at] in _OCTAL:
                self.at += 1
            return int(text[start + 1 : self.at], 8)
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "x":
            code = self._hexadecimal()
            if code is not None:
                return code
        elif char.isascii() and not char.isalnum():
            return ord(char)
        raise _error("invalid escape sequence", text[start : self.at])

    def _hexadecimal(self) -> int | None:
        r"""The code of \x7F or \x{10FFFF}, from after the x; None where it's malformed, `at` past what was read."""
        if self.at == len(self.text):
            return None
        first = self._rune()
        if first != "{":
            if self.at == len(self.text):
                return None
            second = self._rune()
            return int(first + second, 16) if first in _HEX and second in _HEX else None
        code, digits = 0, 0
        while self.at < len(self.text):
            char = self._rune()
            if char == "}":
                return code if digits else None
            if char not in _HEX:
                return None
            code, digits = code * 16 + int(char, 16), digits + 1
            if code > MAX_RUNE:
                return None
        return None

    # classes in brackets

    def _class(self) -> Node:
        text, start = self.text, self.at
        self.at += 1
        negated = text.startswith("^", self.at)
        if negated:
            self.at += 1
        first, was_simple = True, self.simple
        self.simple = True
        ranges: Ranges = []
        while first or not text.startswith("]", self.at):
            first = False
            more = self._named_class()
            if more is None and text.startswith("\\", self.at):
                more = self._class_escape(inside=True)
            ranges += self._class_range(start) if more is None else more
        self.at += 1
        node: Node = ("set", _negate(ranges) if negated else _merge(ranges)) if self.simple else ("unicode",)
        self.simple = self.simple and was_simple
        return node

    def _named_class(self) -> Ranges | None:
        """The characters of [:alpha:] or [:^alpha:]; None if that's not what stands here."""
        text = self.text
        if not text.startswith("[:", self.at):
            return None
        end = text.find(":]", self.at + 2)
        if end < 0:
            return None
        name = text[self.at + 2 : end]
        ranges = _POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise _error("invalid character class range", text[self.at : end + 2])
        self.at = end + 2
        return self._signed(ranges, negated=name.startswith("^"))

    def _class_range(self, start: int) -> Ranges:
        """One character or a range of them, in the class that begins at `start`."""
        text, begin = self.text, self.at
        low = high = self._class_char(start)
        if text.startswith("-", self.at) and not text.startswith("-]", self.at) and self.at + 1 < len(text):
            self.at += 1
            high = self._class_char(start)
            if high < low:
                raise _error("invalid character class range", text[begin : self.at])
        return self._fold([(low, high)]) if self.flags & _IGNORE_CASE else [(low, high)]

    def _class_char(self, start: int) -> int:
        if self.at >= len(self.text):
            raise _error("missing closing ]", self.text[start:])
        return self._escape() if self.text[self.at] == "\\" else ord(self._rune())

    def _fold(self, ranges: Ranges) -> Ranges:
        """The characters in both cases, where that can be told for ASCII alone; else RE2 has to do it."""
        folded = list(ranges)
        for low, high in ranges:
            if high >= 0x80 and (low, high) not in _WIDE:
                self.simple = False
            for first, last in _ALPHA:
                lower, upper = max(low, first), min(high, last)
                if lower <= upper:
                    folded.append((lower ^ 0x20, upper ^ 0x20))
        return _merge(folded + [wide for char, wide in _FOLDED_TO_ASCII if _holds(folded, char)])


_OPERATORS = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}
_LONG_S, _KELVIN = (0x17F, 0x17F), (0x212A, 0x212A)
_FOLDED_TO_ASCII = ((ord("s"), _LONG_S), (ord("k"), _KELVIN))
_WIDE = {(0, MAX_RUNE)}


def _holds(ranges: Ranges, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _merge(ranges: Ranges) -> Ranges:
    """The same characters in order, in as few ranges as possible."""
    merged: Ranges = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _negate(ranges: Ranges) -> Ranges:
    negated: Ranges = []
    start = 0
    for low, high in _merge(ranges):
        if start < low:
            negated.append((start, low - 1))
        start = high + 1
    if start <= MAX_RUNE:
        negated.append((start, MAX_RUNE))
    return negated


def _count_is_valid(node: Node) -> bool:
    """Whether counted repetitions within one another make no more than a thousand copies."""
    todo: list[tuple[Node, int]] = [(node, _MAX_REPEAT)]
    while todo:
        node, limit = todo.pop()
        kind = node[0]
        if kind == "repeat":
            _, inner, low, high, _ = node
            if (low, high) not in _STARS:
                if high == 0:
                    continue
                count = low if high < 0 else high
                if count > limit:
                    return False
                limit //= count or 1
            todo.append((inner, limit))
        elif kind == "group":
            todo.append((node[2], limit))
        elif kind in {"cat", "alt"}:
            todo += [(child, limit) for child in node[1]]
    return True


_STARS = frozenset(_OPERATORS.values())
