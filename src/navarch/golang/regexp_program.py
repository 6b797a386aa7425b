"""A small matcher for regular expressions, in the manner of Go's bit-state backtracker.

Importing RE2 costs more than the few short matches that a chart usually makes. This one never visits the same
instruction at the same place twice, so that its work is bounded by their product; whoever calls it looks to keeping
that small. It prefers what Go prefers: leftmost, then by the order of alternatives and greed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.golang.regexp_syntax import Node

    Instruction = tuple[int, Any, int]  # operation, its operand, the next instruction

__all__ = ["Program", "compile_program"]

_MAX_INSTRUCTIONS = 400
_CHAR, _SET, _FORK, _SAVE, _AT, _MATCH = range(6)
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class _Set(dict[str, bool]):
    """Which characters are in a set; worked out for each when first asked. Bytes that aren't UTF-8 count as U+FFFD."""

    __slots__ = ("ranges",)

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.ranges = ranges

    def __missing__(self, char: str) -> bool:
        code = ord(char)
        if 0xD800 <= code <= 0xDFFF:
            code = 0xFFFD
        found = self[char] = any(low <= code <= high for low, high in self.ranges)
        return found


class _TooLargeError(Exception):
    """The program would have too many instructions."""


class Program:
    """A compiled expression. `steps` counts what it has done so far."""

    __slots__ = ("_anchored", "_code", "_first", "_slots", "steps")

    def __init__(self, code: list[Instruction], groups: int, root: Node) -> None:
        self._code = code
        self._slots = 2 * groups
        ranges = _first_ranges(root)
        self._first = None if ranges is None else _Set(ranges)  # what a match can start with, where that's known
        self._anchored = _is_anchored(root)
        self.steps = 0

    def size(self) -> int:
        return len(self._code)

    def search(self, text: str, at: int) -> list[int] | None:
        """The first match from `at` on: start and end of the whole and of each group, -1 for groups not taken."""
        end = len(text)
        if self._anchored:
            if at:
                return None
            end = 0
        visited = bytearray(len(self._code) * (len(text) + 1))
        first = self._first
        found = None
        while at <= end:
            if first is not None:
                while at < end and not first[text[at]]:
                    at += 1
                if at == end:
                    break
            found = self._run(text, at, visited)
            if found:
                break
            at += 1
        self.steps += 20 + visited.count(1)
        return found

    def _run(self, text: str, start: int, visited: bytearray) -> list[int] | None:
        code, end = self._code, len(text)
        width = end + 1
        slots = [-1] * self._slots
        todo = [(0, start)]
        while todo:
            number, at = todo.pop()
            if number < 0:  # going back before a group's mark
                slots[~number] = at
                continue
            while not visited[number * width + at]:
                visited[number * width + at] = 1
                operation, operand, following = code[number]
                if operation == _CHAR:
                    if at == end or text[at] != operand:
                        break
                    at += 1
                elif operation == _SET:
                    if at == end or not operand[text[at]]:
                        break
                    at += 1
                elif operation == _FORK:
                    todo.append((operand, at))
                elif operation == _SAVE:
                    todo.append((~operand, slots[operand]))
                    slots[operand] = at
                elif operation == _MATCH:
                    slots[0], slots[1] = start, at
                    return slots
                elif not _holds(operand, text, at):
                    break
                number = following
        return None


def _holds(where: str, text: str, at: int) -> bool:
    """Whether a position is what ^, $ or a boundary of words ask for."""
    if where == "text-start":
        return at == 0
    if where == "text-end":
        return at == len(text)
    if where == "line-start":
        return at == 0 or text[at - 1] == "\n"
    if where == "line-end":
        return at == len(text) or text[at] == "\n"
    before = at > 0 and text[at - 1] in _WORD
    after = at < len(text) and text[at] in _WORD
    return (before != after) == (where == "word")


def compile_program(root: Node, groups: int) -> Program | None:
    """The program of a parsed expression with so many groups (the whole is one); None where it'd be large."""
    compiler = _Compiler()
    try:
        entry = compiler.compile(root, compiler.add(_MATCH, None, 0))
    except _TooLargeError:
        return None
    return Program(_from_entry(compiler.code, entry), groups, root)


def _from_entry(code: list[Instruction], entry: int) -> list[Instruction]:
    """The same instructions, which were made from the end, with the entry at 0."""
    if entry == 0:
        return code
    swap = {entry: 0, 0: entry}
    moved = list(code)
    moved[0], moved[entry] = moved[entry], moved[0]
    return [
        (op, swap.get(operand, operand) if op == _FORK else operand, swap.get(following, following))
        for op, operand, following in moved
    ]


class _Compiler:
    """Makes instructions backwards: each node is compiled knowing what follows it."""

    __slots__ = ("code",)

    def __init__(self) -> None:
        self.code: list[Instruction] = []

    def add(self, operation: int, operand: Any, following: int) -> int:
        if len(self.code) >= _MAX_INSTRUCTIONS:
            raise _TooLargeError
        self.code.append((operation, operand, following))
        return len(self.code) - 1

    def compile(self, node: Node, following: int) -> int:
        """The number of the instruction at which a node begins; what follows it is at `following`."""
        kind = node[0]
        if kind == "char":
            return self.add(_CHAR, node[1], following)
        if kind == "set":
            return self.add(_SET, _Set(node[1]), following)
        if kind == "at":
            return self.add(_AT, node[1], following)
        if kind == "cat":
            for child in reversed(node[1]):
                following = self.compile(child, following)
            return following
        if kind == "alt":
            return self._alternatives(node[1], following)
        if kind == "group":
            end = self.add(_SAVE, 2 * node[1] + 1, following)
            return self.add(_SAVE, 2 * node[1], self.compile(node[2], end))
        return self._repeat(node, following)

    def _alternatives(self, nodes: list[Node], following: int) -> int:
        entries = [self.compile(node, following) for node in nodes]
        entry = entries[-1]
        for other in reversed(entries[:-1]):
            entry = self.add(_FORK, entry, other)
        return entry

    def _fork(self, first: int, second: int, greedy: bool) -> int:
        """Try the first way before the second, or the other way round."""
        return self.add(_FORK, second, first) if greedy else self.add(_FORK, first, second)

    def _repeat(self, node: Node, following: int) -> int:
        """The least count of copies, then a loop, or copies of which each may be left out."""
        _, inner, low, high, greedy = node
        if inner == ("cat", []):
            return following
        if high < 0:
            entry = self._loop(inner, following, greedy, optional=low == 0)
            copies = max(low - 1, 0)
        else:
            entry = following
            for _ in range(high - low):
                entry = self._fork(self.compile(inner, entry), following, greedy)
            copies = low
        for _ in range(copies):
            entry = self.compile(inner, entry)
        return entry

    def _loop(self, inner: Node, following: int, greedy: bool, *, optional: bool) -> int:
        """One or more times; where `optional`, perhaps none at all."""
        again = self.add(_FORK, 0, 0)
        entry = self.compile(inner, again)
        first, second = (entry, following) if greedy else (following, entry)
        self.code[again] = (_FORK, second, first)
        if not optional:
            return entry
        # what can match nothing must be entered once before it may be left, or the order of choices changes
        return self._fork(entry, following, greedy) if _may_be_empty(inner) else again


def _may_be_empty(node: Node) -> bool:
    kind = node[0]
    if kind in {"char", "set"}:
        return False
    if kind == "cat":
        return all(_may_be_empty(child) for child in node[1])
    if kind == "alt":
        return any(_may_be_empty(child) for child in node[1])
    if kind == "group":
        return _may_be_empty(node[2])
    if kind == "repeat":
        return bool(node[2] == 0) or _may_be_empty(node[1])
    return True


def _is_anchored(node: Node) -> bool:
    """Whether every match must start where the text does."""
    while True:
        if node[0] == "group":
            node = node[2]
        elif node[0] == "cat" and node[1]:
            node = node[1][0]
        else:
            return node == ("at", "text-start")


def _first_ranges(node: Node) -> list[tuple[int, int]] | None:
    """The characters that a match starts with; None where it may have none, or where that isn't known."""
    kind = node[0]
    if kind == "char":
        code = ord(node[1])
        return [(code, code)]
    if kind == "set":
        return list(node[1])
    if kind == "group":
        return _first_ranges(node[2])
    if kind == "repeat" and node[2] > 0:
        return _first_ranges(node[1])
    if kind == "cat":
        return _first_of_row(node[1])
    if kind == "alt":
        found: list[tuple[int, int]] = []
        for child in node[1]:
            more = _first_ranges(child)
            if more is None:
                return None
            found += more
        return found
    return None


def _first_of_row(nodes: list[Node]) -> list[tuple[int, int]] | None:
    """The characters that a row of nodes starts with: those of its optional beginnings, up to one that is not."""
    found: list[tuple[int, int]] = []
    for child in nodes:
        optional = child[0] == "repeat" and child[2] == 0
        more = _first_ranges(child[1] if optional else child)
        if more is None:
            return None
        found += more
        if not optional:
            return found
    return None
