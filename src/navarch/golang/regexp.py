"""Go's package regexp: RE2's expressions, whose matching takes time in proportion to the text whatever they are.

An expression is parsed by `regexp_syntax`, for Go's errors. Plain texts are then looked for as such, simple expressions
run on `regexp_program` as long as there's little to do, and all the rest on RE2, which takes milliseconds to import.
"""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.runes import from_bytes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.golang.regexp_program import Program
    from navarch.golang.regexp_syntax import Node

    Spans = list[int]  # start and end of the whole match, then of each group; -1 for one that took no part
    Search = Callable[[int], Spans | None]  # the first match from there on

__all__ = ["Regexp", "compile_regexp", "quote_meta"]

_SPECIAL = frozenset("\\.+*?()|[]{}^$")
_RE2_MEMORY = 64 << 20
_MOST_CELLS = 100_000  # instructions by characters, beyond which RE2 is asked
_BUDGET = 20_000  # steps by the program in one process, after which RE2 has paid for its import

_steps = 0


class Regexp:
    """A compiled expression. Its methods answer in the way of the method of Go's that they are named after."""

    __slots__ = ("_literal", "_pattern", "_program", "_re2", "expression", "names")

    def __init__(self, expression: str) -> None:
        """Raises FunctionError with regexp.Compile's message."""
        self.expression = expression
        self.names = [""]
        self._literal: str | None = expression
        self._program: Program | None = None
        self._pattern = expression
        self._re2: Any = None
        if not _SPECIAL.isdisjoint(expression) or not expression.isascii():
            self._parse()

    def _parse(self) -> None:
        from navarch.golang.regexp_syntax import parse

        syntax = parse(self.expression)
        self.names = syntax.names
        self._pattern = syntax.re2
        self._literal = _literal_of(syntax.root) if syntax.simple else None
        if syntax.simple and self._literal is None:
            from navarch.golang.regexp_program import compile_program

            self._program = compile_program(syntax.root, len(syntax.names))

    def match(self, text: str) -> bool:
        """Whether the text has a match in it (MatchString)."""
        if self._literal is not None:
            return self._literal in text
        if self._program is None and text.isascii():  # nothing needs to be known of where it is
            return self._engine().search(text.encode()) is not None
        return self._open(text)[1](0) is not None

    def find(self, text: str) -> str:
        """The first match, "" for none (FindString)."""
        subject, search = self._open(text)
        spans = search(0)
        return _text(subject[spans[0] : spans[1]]) if spans else ""

    def before(self, text: str) -> str | None:
        """What stands before the first match; None without a match."""
        subject, search = self._open(text)
        spans = search(0)
        return _text(subject[: spans[0]]) if spans else None

    def find_all(self, text: str, most: int) -> list[str]:
        """The matches that don't overlap, at most so many unless that's negative (FindAllString)."""
        subject, search = self._open(text)
        return [_text(subject[start:end]) for start, end in self._all(subject, search, most)]

    def split(self, text: str, most: int) -> list[str]:
        """The pieces between the matches, at most so many unless that's negative."""
        if most == 0:
            return []
        if self.expression and not text:
            return [""]
        subject, search = self._open(text)
        pieces: list[str] = []
        begin = end = 0
        for start, stop in self._all(subject, search, most):
            if 0 < most == len(pieces) + 1:
                break
            end = start
            if stop:
                pieces.append(_text(subject[begin:end]))
            begin = stop
        if end != len(subject):
            pieces.append(_text(subject[begin:]))
        return pieces

    def replace_all_literal(self, text: str, replacement: str) -> str:
        """The text with every match replaced (ReplaceAllLiteralString)."""
        if self._literal:
            return text.replace(self._literal, replacement)
        subject, search = self._open(text)
        return self._replace(subject, search, lambda _: replacement)

    def replace_all(self, text: str, template: str) -> str:
        """The text with every match replaced by a template in which $1 and ${name} stand for groups."""
        if "$" not in template:
            return self.replace_all_literal(text, template)
        parts = self._parse_template(template)
        subject, search = self._open(text)

        def expand(spans: Spans) -> str:
            return "".join([_expand(part, subject, spans) for part in parts])

        return self._replace(subject, search, expand)

    def _replace(self, subject: str | bytes, search: Search, make: Callable[[Spans], str]) -> str:
        pieces = []
        last = at = 0
        while at <= len(subject):
            spans = search(at)
            if spans is None:
                break
            start, end = spans[0], spans[1]
            pieces.append(_text(subject[last:start]))
            if end > last or start == 0:  # no empty match right after another
                pieces.append(make(spans))
            last = end
            at = max(end, at + _width(subject, at))
        pieces.append(_text(subject[last:]))
        return "".join(pieces)

    def _all(self, subject: str | bytes, search: Search, most: int) -> Iterator[tuple[int, int]]:
        """Where the matches are; an empty one right after another doesn't count."""
        at, last, count = 0, -1, 0
        while at <= len(subject) and (most < 0 or count < most):
            spans = search(at)
            if spans is None:
                return
            start, end = spans[0], spans[1]
            accepted = not (end == at and start == last)
            at = at + _width(subject, at) if end == at else end
            last = end
            if accepted:
                count += 1
                yield start, end

    def _parse_template(self, template: str) -> list[str | list[int]]:
        """A template as texts, and for each reference the numbers of the groups that it may mean."""
        parts: list[str | list[int]] = []
        before, dollar, rest = template.partition("$")
        while dollar:
            parts.append(before)
            name, after = ("$", rest[1:]) if rest.startswith("$") else _reference(rest)
            if not name or name == "$":
                parts.append("$")  # escaped, or no reference after all
            else:
                parts.append(self._groups(name))
            before, dollar, rest = after.partition("$")
        return [*parts, before]

    def _groups(self, name: str) -> list[int]:
        if name.isascii() and name.isdecimal() and (name == "0" or name[0] != "0") and len(name) < 10:
            return [int(name)]
        return [number for number, other in enumerate(self.names) if other == name]

    def _open(self, text: str) -> tuple[str | bytes, Search]:
        """The text as the engine wants it, and the search in it."""
        literal = self._literal
        if literal is not None:
            return text, lambda at: _find(literal, text, at)
        program = self._program
        if program is not None and self._is_worth_while(program, text):
            return text, lambda at: _run(program, text, at)
        data, search, groups = to_bytes(text), self._engine().search, range(len(self.names))

        def search_bytes(at: int) -> Spans | None:
            found = search(data, at)
            while found and _is_within_character(data, found.start()):
                found = search(data, found.start() + 1)
            return [end for group in groups for end in found.span(group)] if found else None

        return data, search_bytes

    def _engine(self) -> Any:
        if self._re2 is None:
            self._re2 = _compile_re2(self._pattern, self.expression)
        return self._re2

    @staticmethod
    def _is_worth_while(program: Program, text: str) -> bool:
        return _steps < _BUDGET and program.size() * len(text) < _MOST_CELLS


def _literal_of(root: Node) -> str | None:
    """The text that an expression is, if it's nothing but that."""
    if root[0] == "char":
        return str(root[1])
    if root[0] == "cat" and all(child[0] == "char" for child in root[1]):
        return "".join(child[1] for child in root[1])
    return None


def _find(literal: str, text: str, at: int) -> Spans | None:
    start = text.find(literal, at)
    return [start, start + len(literal)] if start >= 0 else None


def _run(program: Program, text: str, at: int) -> Spans | None:
    global _steps
    before = program.steps
    found = program.search(text, at)
    _steps += program.steps - before
    return found


def _compile_re2(pattern: str, expression: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _RE2_MEMORY
    try:
        return re2.compile(to_bytes(pattern), options)
    except re2.error:
        # what has been parsed can only be too large
        raise FunctionError(f"error parsing regexp: expression too large: `{expression}`") from None


def _text(piece: str | bytes) -> str:
    return piece if isinstance(piece, str) else from_bytes(piece)


def _width(subject: str | bytes, at: int) -> int:
    """How far the next character is from the one at `at`."""
    if isinstance(subject, str) or at >= len(subject) or subject[at] < 0xC0:
        return 1
    lead = subject[at]
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


def _is_within_character(data: bytes, at: int) -> bool:
    r"""Whether a match starts amid a character, as RE2 lets \B do; Go doesn't."""
    return at < len(data) and 0x80 <= data[at] < 0xC0


def _reference(text: str) -> tuple[str, str]:
    """The name after a dollar sign, perhaps in braces, and the rest; "" and all of it where there's none."""
    start = at = 1 if text.startswith("{") else 0
    while at < len(text) and (text[at] == "_" or text[at].isalpha() or text[at].isdecimal()):
        at += 1
    name = text[start:at]
    if not start:
        return name, text[at:]
    return (name, text[at + 1 :]) if name and text.startswith("}", at) else ("", text)


def _expand(part: str | list[int], subject: str | bytes, spans: Spans) -> str:
    if isinstance(part, str):
        return part
    for group in part:
        if 2 * group < len(spans) and spans[2 * group] >= 0:
            return _text(subject[spans[2 * group] : spans[2 * group + 1]])
    return ""


_compiled: dict[str, Regexp] = {}


def compile_regexp(expression: str) -> Regexp:
    """The compiled expression; the last few hundred are kept. Raises FunctionError with regexp.Compile's message."""
    regexp = _compiled.get(expression)
    if regexp is None:
        regexp = Regexp(expression)
        if len(_compiled) >= 256:
            _compiled.clear()
        _compiled[expression] = regexp
    return regexp


def quote_meta(text: str) -> str:
    """The text as an expression that matches just it."""
    return "".join(["\\" + char if char in _SPECIAL else char for char in text])
