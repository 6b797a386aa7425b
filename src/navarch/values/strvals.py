"""The little language of --set and its relatives: paths and values on one line.

    line  = [ pair { "," pair } ]                 --set, --set-string, --set-file
    pair  = path "=" value
    path  = name { "." name | "[" index "]" }
    value = "{" item { "," item } "}" | text      text ends at a comma
    json  = path "=" [ JSON value ] { "," … }     --set-json
    bare  = path "=" anything                     --set-literal: one pair, no escapes, no types

A backslash takes the next character as it is. What --set makes of a text: true, false and null (in any case), whole
numbers that don't begin with 0, else a string. Values go into the mapping that is handed in; lists grow as indexes
ask. Odd corners are Helm's: a line may end inside a path, which then says nothing; a missing value is "".
"""

from __future__ import annotations

from navarch.errors import JsonError, NavarchError, ValuesError
from navarch.golang.strconv import parse_int, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Map = dict[str, Any]

__all__ = ["parse_file", "parse_json", "parse_literal", "parse_set", "parse_string"]

_MAX_INDEX = 65536
_MAX_LEVEL = 30


def parse_set(line: str, into: Map | None = None) -> Map:
    """--set: values with types. Raises ValuesError with the place."""
    return _Parser(line, _typed).run({} if into is None else into)


def parse_string(line: str, into: Map | None = None) -> Map:
    """--set-string: every value is text."""
    return _Parser(line, str).run({} if into is None else into)


def parse_file(line: str, read: Callable[[str], Any], into: Map | None = None) -> Map:
    """--set-file: every value is what `read` makes of a path; what that raises comes through."""
    return _Parser(line, read).run({} if into is None else into)


def parse_json(line: str, into: Map | None = None) -> Map:
    """--set-json: values are JSON; none at all is null."""
    return _JsonParser(line, str).run({} if into is None else into)


def parse_literal(line: str, into: Map | None = None) -> Map:
    """--set-literal: all that follows the first "=" is text."""
    return _LiteralParser(line, str).run({} if into is None else into)


def _typed(text: str) -> Any:
    """What --set takes a text for."""
    if len(text) <= 5:
        word = text.casefold()
        if word in _WORDS:
            return _WORDS[word]
    if text and text[0] != "0":
        try:
            return parse_int(text)
        except NavarchError:
            return text
    return text


_WORDS = {"true": True, "false": False, "null": None, "0": 0}


class _EndError(Exception):
    """The line ended where something could still have come; what was read so far counts."""


class _Parser:
    """A line being read: `at` is the next character, `read` turns the text of a value into the value."""

    __slots__ = ("at", "line", "read")

    def __init__(self, line: str, read: Callable[[str], Any]) -> None:
        self.line = line
        self.at = 0
        self.read = read

    def run(self, into: Map) -> Map:
        """The whole: line = [ pair { "," pair } ]."""
        try:
            while True:
                self.pair(into, 0)
        except _EndError:
            return into
        except ValuesError as error:
            if not error.hint:
                error.hint = f"{self.line}\n{' ' * max(0, self.at - 1)}^"
            raise

    def text(self, stops: str) -> tuple[str, str]:
        """The text before the next of some characters, and that character, which is read too; "" at the end."""
        line, at, end = self.line, self.at, len(self.line)
        out: list[str] = []
        while at < end:
            char = line[at]
            at += 1
            if char in stops:
                self.at = at
                return "".join(out), char
            if char == "\\":
                if at == end:
                    break
                char = line[at]
                at += 1
            out.append(char)
        self.at = end
        return "".join(out), ""

    def pair(self, into: Map, level: int) -> None:
        """One of them: pair = name ( "=" value | "." pair | "[" index "]" rest )."""
        name, stop = self.text("=[,.")
        if stop == "=":
            self.assign(into, name)
        elif stop == ".":
            self.inner(into, name, level + 1)
        elif stop == "[":
            self.indexed(into, name, level)
        elif stop:
            raise ValuesError(f"key {quote(name)} has no value (cannot end with ,)")
        elif name:
            raise ValuesError(f"key {quote(name)} has no value")
        else:
            raise _EndError

    def assign(self, into: Map, name: str) -> None:
        try:
            value = self.value()
        except _EndError:
            _set(into, name, "")
            raise
        _set(into, name, value)

    def inner(self, into: Map, name: str, level: int) -> None:
        """The rest of a path below a name."""
        if level > _MAX_LEVEL:
            raise ValuesError(f"value name nested level is greater than maximum supported nested level of {_MAX_LEVEL}")
        table = into.get(name, {})
        if type(table) is not dict:
            raise _not_a(table, "map[string]interface {}")
        try:
            self.pair(table, level)
        finally:
            if table:
                _set(into, name, table)
        if not table:
            raise ValuesError(f"key map {quote(name)} has no value")

    def indexed(self, into: Map, name: str, level: int) -> None:
        """The rest of a path below a name that stands for a list."""
        index = self.index()
        items = into.get(name, [])
        if type(items) is not list:
            raise _not_a(items, "[]interface {}")
        try:
            self.item(items, index, level)
        finally:
            _set(into, name, items)

    def index(self) -> int:
        """The number of an item, past the bracket that closes it."""
        text, stop = self.text("]")
        if not stop:
            raise _EndError
        try:
            return parse_int(text, function="Atoi")
        except NavarchError as error:
            raise ValuesError(f"error parsing index: {error}") from error

    def item(self, items: list[Any], index: int, level: int) -> None:
        """What follows an index: rest = "=" value | "." pair | "[" index "]" rest."""
        if index < 0:
            raise ValuesError(f"negative {index} index not allowed")
        text, stop = self.text("[.=")
        if text:
            raise ValuesError(f"unexpected data at end of array index: {self.quote_unexpected(text)}")
        if not stop:
            raise _EndError
        if stop == "=":
            self.assign_item(items, index)
            return
        before = items[index] if index < len(items) else None
        if stop == ".":
            table = before if type(before) is dict else {}
            if index < len(items):
                items[index] = table
            self.pair(table, level)
            _set_index(items, index, table)
            return
        inner_index = self.index()
        inner = [] if before is None else before
        if type(inner) is not list:
            raise _not_a(inner, "[]interface {}")
        self.item(inner, inner_index, level)
        _set_index(items, index, inner)

    def assign_item(self, items: list[Any], index: int) -> None:
        try:
            value = self.value()
        except _EndError:
            value = ""
        _set_index(items, index, value)

    def quote_unexpected(self, text: str) -> str:
        """Go's %q of a slice of runes."""
        from navarch.golang.strconv import quote_rune

        return f"[{' '.join(quote_rune(ord(char)) for char in text)}]"

    def value(self) -> Any:
        """What is assigned: value = "{" item { "," item } "}" [","] | text [","]."""
        if self.at >= len(self.line):
            raise _EndError
        if self.line[self.at] != "{":
            return self.read(self.text(",")[0])
        self.at += 1
        items = []
        while True:
            text, stop = self.text(",}")
            if not stop:
                raise ValuesError("list must terminate with '}'")
            items.append(self.read(text))
            if stop == "}":
                self.skip_comma()
                return items

    def skip_comma(self) -> None:
        if self.line[self.at : self.at + 1] == ",":
            self.at += 1


class _JsonParser(_Parser):
    __slots__ = ()

    def value(self) -> Any:
        """What is assigned: value = {blank} ( "," | end | JSON {blank} [","] )."""
        if self.is_empty():
            return None
        from navarch.golang.json import loads

        end = _json_end(self.line, self.at)
        try:
            value = loads(self.line[self.at : end])
        except JsonError as error:
            raise ValuesError(str(error)) from error
        self.at = end
        self.is_empty()
        return value

    def is_empty(self) -> bool:
        """Skip blanks, and a comma after them; whether there was nothing else."""
        while self.at < len(self.line):
            char = self.line[self.at]
            if char == ",":
                self.at += 1
                return True
            if not char.isspace() or "\x1c" <= char <= "\x1f":
                return False
            self.at += 1
        return True


class _LiteralParser(_Parser):
    __slots__ = ()

    def text(self, stops: str) -> tuple[str, str]:
        """Without escapes; a comma is nothing special."""
        for at in range(self.at, len(self.line)):
            if self.line[at] in stops and self.line[at] != ",":
                text = self.line[self.at : at]
                self.at = at + 1
                return text, self.line[at]
        text = self.line[self.at :]
        self.at = len(self.line)
        return text, ""

    def value(self) -> Any:
        """What is assigned: all the rest."""
        value = self.line[self.at :]
        self.at = len(self.line)
        return value


def _json_end(text: str, at: int) -> int:
    """Where a JSON value ends that begins at `at`; what is wrong inside is left to its reader."""
    if text.startswith(("true", "null"), at):
        return at + 4
    if text.startswith("false", at):
        return at + 5
    if text[at] not in '{["':
        return _number_end(text, at)
    depth = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == '"':
            at = _quote_end(text, at)
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
        if not depth:
            return at
    return at


def _quote_end(text: str, at: int) -> int:
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


def _number_end(text: str, at: int) -> int:
    """Past the longest number; a point or exponent that lacks its digits is taken in, so that it is refused."""
    at += text.startswith("-", at)
    if text.startswith("0", at):
        at += 1
    else:
        at = _digits_end(text, at)
    if text.startswith(".", at):
        at = _digits_end(text, at + 1)
    if text[at : at + 1] in {"e", "E"}:
        at += 2 if text[at + 1 : at + 2] in {"+", "-"} else 1
        at = _digits_end(text, at)
    return at


def _digits_end(text: str, at: int) -> int:
    while text[at : at + 1] in _DIGITS:
        at += 1
    return at


_DIGITS = frozenset("0123456789")


def _set(into: Map, name: str, value: Any) -> None:
    """A value without a name is dropped."""
    if name:
        into[name] = value


def _set_index(items: list[Any], index: int, value: Any) -> None:
    if index > _MAX_INDEX:
        raise ValuesError(f"index of {index} is greater than maximum supported index of {_MAX_INDEX}")
    items.extend([None] * (index + 1 - len(items)))
    items[index] = value


def _not_a(value: object, wanted: str) -> ValuesError:
    """What a failed type assertion of Go's says."""
    from navarch.golang.types import type_of

    found = "nil" if value is None else type_of(value)
    return ValuesError(f"unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")
