"""Kubernetes' JSONPath templates, as `--jsonpath` and the columns of custom resources take them.

    {.image.tag} {range .hosts[*]}{.name} {end}

    template  = (text | "{" step* "}")*
    step      = "@" | "$" | ".name" | ".*" | ".." | "[0]" | "['name']" | "[a:b:c]" | "[*]" | "[x,y]"
              | "[?(steps op steps)]" | "'text'" | number | true | false | "range" | "end"

The rules, and the faults of a template, are those of k8s.io/client-go/util/jsonpath. A template that finds nothing, or
compares a number with a number of another kind, prints nothing, as `helm show values` does.
"""

from __future__ import annotations

import re

from navarch.errors import NavarchError, UsageError
from navarch.golang.json import dumps
from navarch.golang.strconv import shortest_float, unquote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Step = tuple[str, Any]

__all__ = ["Path", "printed", "render"]

_KEY = re.compile(r"'([^']*)'")
_SLICE = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+?)")


class _Nothing(Exception):
    """Why a template that could be read prints nothing."""


def render(template: str, data: Any) -> str:
    """What a template makes of some data. Raises UsageError for a template that can't be read."""
    parser = _Parser(template)
    parser.text()
    try:
        results = _Run(parser.nodes).find(data, 0)
        return "".join(" ".join(map(printed, values)) for values in results)
    except _Nothing:
        return ""


class Path:
    """A template that was read once, to find values in many objects. Fields that aren't there are no fault.

    Raises UsageError for a template that can't be read.
    """

    __slots__ = ("_nodes",)

    def __init__(self, template: str) -> None:
        parser = _Parser(template)
        parser.text()
        self._nodes = parser.nodes

    def find(self, data: Any) -> list[Any]:
        """What the template's first action finds; nothing where it can't be evaluated."""
        try:
            results = _Run(self._nodes, strict=False).find(data, 0)
        except (_Nothing, RecursionError):
            return []
        return [None if value is _INVALID else value for value in results[0]] if results else []


_INVALID = object()
"""What null becomes as the subject of a range: Go's invalid reflect.Value."""


def printed(value: Any) -> str:
    """A value as a template prints it."""
    if value is _INVALID:
        return "<no value>"
    if isinstance(value, (dict, list)):
        return dumps(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return shortest_float(value) if isinstance(value, float) else str(value)


class _Parser:
    """Reads a template into `nodes`: texts, and lists of steps."""

    def __init__(self, template: str) -> None:
        self.input = template
        self.at = 0
        self.nodes: list[list[Step]] = []

    def text(self) -> None:
        """Texts and actions up to the end."""
        while self.at < len(self.input):
            start = self.input.find("{", self.at)
            if start != self.at:
                end = start if start >= 0 else len(self.input)
                self.nodes.append([("text", self.input[self.at : end])])
                self.at = end
            else:
                self.at += 1
                self.nodes.append([])
                self._action(self.nodes[-1])

    def _action(self, steps: list[Step]) -> None:
        """The steps up to the closing brace."""
        while not self.input.startswith("}", self.at):
            char = self.input[self.at : self.at + 1]
            if self.input.startswith("[?(", self.at):
                self._filter(steps)
            elif self.input.startswith("..", self.at):
                self._recursive(steps)
            elif char in ("", "\r", "\n"):
                raise UsageError("unclosed action")
            elif char in " @$":
                self.at += 1
            elif char == "[":
                self._brackets(steps)
            elif char in "\"'":
                self._quoted(steps, char)
            elif char == ".":
                self.at += 1
                self._field(steps)
            elif char in "+-" or char.isdecimal():
                self._number(steps)
            elif char == "_" or char.isalpha():
                word = self._word()
                steps.append(("value", word == "true") if word in ("true", "false") else ("keyword", word))
            else:
                raise UsageError(f"unrecognized character in action: U+{ord(char):04X} '{char}'")
        self.at += 1

    def _word(self) -> str:
        """Everything up to a character that ends a name."""
        start = self.at
        while self.at < len(self.input) and self.input[self.at] not in " \t\r\n.,[]$@{}":
            self.at += 2 if self.input[self.at] == "\\" else 1
        self.at = min(self.at, len(self.input))
        return self.input[start : self.at]

    def _field(self, steps: list[Step]) -> None:
        name = self._word()
        steps.append(("wildcard", None) if name == "*" else ("field", name.replace("\\", "")))

    def _recursive(self, steps: list[Step]) -> None:
        if steps and steps[-1][0] == "recursive":
            raise UsageError("invalid multiple recursive descent")
        self.at += 2
        steps.append(("recursive", None))
        following = self.input[self.at : self.at + 1]
        if following == "_" or following.isalnum():
            self._field(steps)

    def _number(self, steps: list[Step]) -> None:
        start = self.at
        self.at += self.input[start] in "+-"
        while self.at < len(self.input) and (self.input[self.at] == "." or self.input[self.at].isdecimal()):
            self.at += 1
        text = self.input[start : self.at]
        try:
            steps.append(("value", int(text) if "." not in text else float(text)))
        except ValueError:
            raise UsageError(f"cannot parse number {text}") from None

    def _quoted(self, steps: list[Step], mark: str) -> None:
        start = self.at
        self.at += 1
        while True:
            char = self.input[self.at : self.at + 1]
            if char in ("", "\n"):
                raise UsageError("unterminated quoted string")
            self.at += 1
            if char == mark and self.input[self.at - 2] != "\\":
                break
        literal = self.input[start : self.at]
        try:
            steps.append(("text", unquote(literal if mark == '"' else _double_quoted(literal))))
        except NavarchError as error:
            raise UsageError(f"unquote string {literal} error {error}") from None

    def _brackets(self, steps: list[Step]) -> None:
        """An index, a range of them, a key, or several of these."""
        ends = [self.input.find(mark, self.at) for mark in "]\n"]
        if ends[0] < 0 or 0 <= ends[1] < ends[0]:
            raise UsageError("unterminated array")
        text = self.input[self.at + 1 : ends[0]]
        self.at = ends[0] + 1
        text = ":" if text == "*" else text
        if "," in text:
            steps.append(("union", [_steps(f"[{part.strip(' ')}]") for part in text.split(",")]))
        elif found := _KEY.fullmatch(text):
            steps.extend(_steps(f".{found[1]}"))
        elif found := _SLICE.fullmatch(text):
            steps.append(("slice", _bounds(found)))
        else:
            raise UsageError(f"invalid array index {text}")

    def _filter(self, steps: list[Step]) -> None:
        self.at += 3
        start = self.at
        mark = ""
        closed = False
        while True:
            char = self.input[self.at : self.at + 1]
            if char in ("", "\n"):
                raise UsageError("unterminated filter")
            self.at += 1
            if char in "\"'":
                if not mark:
                    mark = char
                elif self.input[self.at - 2] != "\\" and char == mark:
                    closed = True
            elif char == ")" and bool(mark) == closed:
                break
        if self.input[self.at : self.at + 1] != "]":
            raise UsageError("unclosed array expect ]")
        text = self.input[start : self.at - 1]
        self.at += 1
        found = _COMPARISON.fullmatch(text)
        if found is None:
            steps.append(("filter", (_steps(text), "exists", [])))
        else:
            steps.append(("filter", (_steps(found[1]), found[2], _steps(found[3]))))


def _steps(text: str) -> list[Step]:
    """The steps of a part of an action."""
    parser = _Parser("{" + text + "}")
    parser.text()
    return parser.nodes[0]


def _double_quoted(literal: str) -> str:
    """A literal in single quotes as Go would have it in double quotes."""
    body = literal[1:-1]
    if '\\"' in body:
        raise NavarchError("invalid syntax")
    return '"' + body.replace("\\'", "'").replace('"', '\\"') + '"'


def _bounds(found: re.Match[str]) -> tuple[int | None, int | None, int | None, bool]:
    """First, end and step of a range, None where left out; the flag tells a lone index from a range."""
    first, end, step = (None if part is None else part.removeprefix(":") for part in found.groups())
    if "-" in (first, end, step):
        raise UsageError("array index - is not a number")
    number = [int(part) if part else None for part in (first, end, step)]
    if end is None:
        return number[0], (number[0] or 0) + 1, number[2], True
    return number[0], number[1], number[2], False


class _Run:
    """One evaluation: the nodes, and how deep it is in ranges. A strict one stops at a field that isn't there."""

    def __init__(self, nodes: list[list[Step]], *, strict: bool = True) -> None:
        self.nodes = nodes
        self.strict = strict
        self.begun = self.inside = self.ended = 0
        self.last_end = -1

    def find(self, data: Any, start: int) -> list[list[Any]]:
        """The values that each node from `start` on finds, to the end of the range that begins there."""
        results: list[list[Any]] = []
        at = start
        while at < len(self.nodes):
            values = self.walk([data], self.nodes[at])
            if 0 < self.ended <= self.inside:
                self.ended -= 1
                self.last_end = at
                break
            if self.begun > 0:
                self.begun -= 1
                self.inside += 1
                if not values:
                    self.find(_INVALID, at + 1)
                for value in values:
                    results += self.find(_INVALID if value is None else value, at + 1)
                self.inside -= 1
                at = max(at, self.last_end)
            else:
                results.append(values)
            at += 1
        return results

    def walk(self, values: list[Any], steps: list[Step]) -> list[Any]:
        for kind, argument in steps:
            if kind == "keyword":
                values = self._keyword(values, argument)
            elif kind == "union":
                values = [found for part in argument for found in self.walk(values, part)]
            elif kind == "filter":
                values = self._filtered(values, *argument)
            elif kind == "text":
                values = [argument]
            elif kind == "value":
                values = [argument] * len(values)
            elif kind == "field":
                values = self._field(values, argument)
            else:
                values = _STEPS[kind](values, argument)
        return values

    def _keyword(self, values: list[Any], word: str) -> list[Any]:
        if word == "range":
            self.begun += 1
            return values
        if word == "end" and self.inside > 0:
            self.ended += 1
            return []
        raise _Nothing

    def _field(self, values: list[Any], name: str) -> list[Any]:
        found = [value[name] for value in values if isinstance(value, dict) and name in value]
        if values and not found and self.strict:
            raise _Nothing
        return found

    def _filtered(self, values: list[Any], left: list[Step], operator: str, right: list[Step]) -> list[Any]:
        found = []
        for value in values:
            if not isinstance(value, list):
                raise _Nothing
            found += [item for item in value if self._passes(item, left, operator, right)]
        return found

    def _passes(self, item: Any, left: list[Step], operator: str, right: list[Step]) -> bool:
        if operator == "exists":
            try:
                return bool(self.walk([item], left))
            except _Nothing:
                return False
        sides = [self.walk([item], left), self.walk([item], right)]
        if any(len(side) > 1 for side in sides):
            raise _Nothing
        return all(sides) and _compared(sides[0][0], operator, sides[1][0])


def _compared(left: Any, operator: str, right: Any) -> bool:
    """A comparison by text/template's rules: only values of one kind can be compared."""
    if type(left) is not type(right) or not isinstance(left, (bool, int, float, str)):
        raise _Nothing
    if operator in ("==", "!="):
        return bool(left == right) == (operator == "==")
    if operator not in ("<", "<=", ">", ">=") or isinstance(left, bool):
        raise _Nothing
    less = left < right
    return bool({"<": less, "<=": less or left == right, ">": not (less or left == right), ">=": not less}[operator])


def _wildcard(values: list[Any], _argument: None) -> list[Any]:
    return [inner for value in values for inner in _inside(value)]


def _inside(value: Any) -> list[Any]:
    """What a value consists of; Go takes the keys of a map in no order, so here it is the alphabetical one."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, str):
        return list(value.encode("utf-8", "surrogateescape"))
    return value if isinstance(value, list) else []


def _recursive(values: list[Any], argument: None) -> list[Any]:
    found: list[Any] = []
    for value in values:
        inside = _inside(value)
        if inside:
            found += [value, *_recursive(inside, argument)]
    return found


def _slice(values: list[Any], bounds: tuple[int | None, int | None, int | None, bool]) -> list[Any]:
    """A part of each list. Raises _Nothing for bounds outside of it."""
    found: list[Any] = []
    for value in values:
        if value is None:
            continue
        if not isinstance(value, list):
            raise _Nothing
        first, end, step, lone = bounds
        first = first or 0
        end = len(value) if end is None else end
        first += len(value) if first < 0 else 0
        end += len(value) if end < 0 or (end == 0 and lone) else 0
        if first == end:
            return found
        if not 0 <= first < len(value) or not first <= end <= len(value) or (step is not None and step <= 0):
            raise _Nothing
        found += value[first : end : step or 1]
    return found


_STEPS: dict[str, Callable[[list[Any], Any], list[Any]]] = {
    "recursive": _recursive,
    "slice": _slice,
    "wildcard": _wildcard,
}
