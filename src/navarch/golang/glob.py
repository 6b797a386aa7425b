"""Glob patterns as .Files.Glob has them: those of gobwas/glob 0.2.3 with / as the separator.

    *        any run of characters but /          {a,b*}       one of several patterns
    **       any run of characters                [abc] [!abc] one of some characters, or one that isn't
    ?        any character but /                  [a-z] [!a-z] the same for one range

That library rewrites a pattern before it matches, and its rewritings aren't always true to the pattern: "{a*,b}/x"
finds no "ab/x". Charts show what it finds, so this goes the same way: `_parse` makes nodes, `_compile` matchers by the
same rules, in which the widths that mislead it (`size`) are computed as it does. A pattern that can't be parsed matches
everything, which is Helm's rule.
"""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.glob_match import (
    SEPARATOR,
    All,
    AnyOf,
    Contains,
    Matcher,
    Max,
    Min,
    Nothing,
    One,
    Prefix,
    PrefixAny,
    PrefixSuffix,
    Row,
    Star,
    Stars,
    Suffix,
    SuffixAny,
    Text,
    Tree,
    bytewise,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # ("text", "abc"), ("any",), ("super",), ("one",), ("list", negated, "abc"), ("range", negated, "a", "z"),
    # ("of", [node, …]) for alternatives, ("row", [node, …]) for what follows one another, ("nothing",)
    Node = tuple[Any, ...]

__all__ = ["compile_glob"]


# parsing


class _PatternError(Exception):
    """The pattern is malformed."""


def _parse(pattern: str) -> Node:
    """The pattern as a node. Alternatives that are not closed end with the pattern."""
    pattern = pattern.partition("\0")[0]
    root: list[Node] = []
    stack: list[tuple[list[Node], list[Node]]] = []  # for each open brace: the row it stands in, its alternatives
    row, at = root, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "{":
            alternatives: list[Node] = []
            row.append(("of", alternatives))
            stack.append((row, alternatives))
            row = []
            alternatives.append(("row", row))
        elif char == "," and stack:
            row = []
            stack[-1][1].append(("row", row))
        elif char == "}" and stack:
            row = stack.pop()[0]
        else:
            node, at = _parse_simple(pattern, at, "?*[{},"[: 6 if stack else 4])
            if node:
                row.append(node)
            continue
        at += 1
    return "row", root


def _parse_simple(pattern: str, at: int, breakers: str) -> tuple[Node | None, int]:
    """The node without alternatives that starts at `at`, and where the next one does."""
    char = pattern[at]
    if char == "[":
        return _parse_class(pattern, at + 1)
    if char == "?":
        return ("one",), at + 1
    if pattern.startswith("**", at):
        return ("super",), at + 2
    if char == "*":
        return ("any",), at + 1
    text, at = _parse_text(pattern, at, breakers)
    return ("text", text) if text else None, at


def _parse_text(pattern: str, at: int, breakers: str) -> tuple[str, int]:
    text = []
    while at < len(pattern) and pattern[at] not in breakers:
        if pattern[at] == "\\":
            at += 1
        text.append(pattern[at : at + 1])
        at += 1
    return "".join(text), min(at, len(pattern))


def _parse_class(pattern: str, at: int) -> tuple[Node, int]:
    """What stands between brackets, from after the opening one: one range, or a list of characters."""
    negated = pattern[at : at + 1] == "!"
    if negated:
        at += 1
    if pattern[at + 1 : at + 2] == "-":
        low, high = pattern[at], pattern[at + 2 : at + 3]
        if high < low or pattern[at + 3 : at + 4] != "]":
            raise _PatternError
        return ("range", negated, low, high), at + 4
    chars, at = _parse_text(pattern, at, "]")
    if not chars or pattern[at : at + 1] != "]":
        raise _PatternError
    return ("list", negated, chars), at + 1


# compiling


def _compile(node: Node) -> Matcher:
    kind = node[0]
    if kind == "of":
        common = _take_common(node[1])
        if common:
            return _compile(common)
        return AnyOf([_compile_part(part) for part in node[1]])
    if kind == "row":
        if not node[1]:
            return Nothing()
        return _simplify(_join(_shorten([_compile_part(part) for part in node[1]])))
    return _simplify(_compile_leaf(node))


def _compile_part(node: Node) -> Matcher:
    return _simplify(_compile(node))


def _compile_leaf(node: Node) -> Matcher:
    kind = node[0]
    if kind == "text":
        return Text(bytewise(node[1]))
    if kind == "any":
        return Star()
    if kind == "super":
        return Stars()
    if kind == "one":
        return One(lambda char: char != SEPARATOR, SEPARATOR)
    if kind == "nothing":
        return Nothing()
    negated = node[1]
    if kind == "list":
        chars = {bytewise(char) for char in node[2]}
        return One(lambda char: (char in chars) != negated, node[2] if negated else None)
    low, high = bytewise(node[2]), bytewise(node[3])  # UTF-8 sorts as code points do
    return One(lambda char: (char != "" and low <= char <= high) != negated, None)


def _simplify(matcher: Matcher) -> Matcher:
    """A simpler matcher for the same, where there's one."""
    if isinstance(matcher, AnyOf) and len(matcher.parts) == 1:
        return matcher.parts[0]
    if not isinstance(matcher, Tree):
        return matcher
    if matcher.left:
        matcher.left = _simplify(matcher.left)
    if matcher.right:
        matcher.right = _simplify(matcher.right)
    if isinstance(matcher.value, Text):
        return _simplify_around(matcher, matcher.value.text)
    return matcher


def _simplify_around(tree: Tree, text: str) -> Matcher:
    """A text with something before or after it."""
    left, right = tree.left, tree.right
    if left is None and right is None:
        return Text(text)
    if isinstance(left, Stars) and isinstance(right, Stars):
        return Contains(text, False)
    if right is None:
        if isinstance(left, Stars):
            return Suffix(text)
        if isinstance(left, Prefix):
            return PrefixSuffix(left.text, text)
        if isinstance(left, Star):
            return SuffixAny(text)
    elif left is None:
        if isinstance(right, Stars):
            return Prefix(text)
        if isinstance(right, Suffix):
            return PrefixSuffix(text, right.text)
        if isinstance(right, Star):
            return PrefixAny(text)
    return tree


def _join(matchers: list[Matcher]) -> Matcher:
    """One matcher for several that follow one another: a tree around the last of the longest of known size."""
    if len(matchers) == 1:
        return matchers[0]
    glued = _glue(matchers)
    if glued:
        return glued
    best, size = -1, -1
    for at, matcher in enumerate(matchers):
        if matcher.size != -1 and matcher.size >= size:
            best, size = at, matcher.size
    if best < 0:
        return Tree(matchers[0], None, _join(matchers[1:]))
    left, right = matchers[:best], matchers[best + 1 :]
    return Tree(matchers[best], _join(left) if left else None, _join(right) if right else None)


def _shorten(matchers: list[Matcher]) -> list[Matcher]:
    """Glue the longest run that can be glued, then the next, until there's none."""
    while True:
        done: Matcher | None = None
        left = right = count = 0
        for start in range(len(matchers)):
            for end in range(len(matchers), start, -1):
                glued = _glue(matchers[start:end])
                if glued and (done is None or glued.size > done.size > -1 or count < end - start):
                    done, left, right, count = glued, start, end, end - start
        if done is None:
            return matchers
        shorter = [*matchers[:left], done, *matchers[right:]]
        if len(shorter) == len(matchers):
            return shorter
        matchers = shorter


def _glue(matchers: list[Matcher]) -> Matcher | None:
    """One matcher for a run of them that are alike."""
    if len(matchers) <= 1:
        return None
    glued = _glue_alike(matchers)
    if glued:
        return glued
    return None if any(matcher.size == -1 for matcher in matchers) else Row(matchers)


def _glue_alike(matchers: list[Matcher]) -> Matcher | None:
    """Stars and single characters that refuse the same characters: a count of them, without those."""
    has_any = has_super = False
    count = 0
    excluded: str | None = None
    for matcher in matchers:
        if isinstance(matcher, Stars):
            refused = ""
            has_super = True
        elif isinstance(matcher, Star):
            refused = SEPARATOR
            has_any = True
        elif isinstance(matcher, One) and matcher.excluded is not None:
            refused = matcher.excluded
            count += 1
        else:
            return None
        if excluded is None:
            excluded = refused
        if refused != excluded:
            return None
    if not count:
        return Stars() if has_super else Star()
    parts: list[Matcher] = [Min(count)]
    if not has_any:
        parts.append(Max(count))
    parts.append(Contains(bytewise(excluded or ""), True))
    return All(parts)


def _take_common(rows: list[Node]) -> Node | None:
    """Alternatives with what they have in common at their starts and ends taken out of them; None for nothing."""
    if any(row[0] != "row" for row in rows):
        return None
    lists: list[list[Node]] = [row[1] for row in rows]
    left, right = _common(lists)
    if not left and not right:
        return None
    result: list[Node] = [("row", left)] if left else []
    rests: list[Node] = []
    for row in lists:
        rest = row[len(left) : len(row) - len(right)]
        node: Node = ("row", rest) if rest else ("nothing",)
        if node not in rests:
            rests.append(node)
    if len(rests) > 1:
        result.append(("of", rests))
    elif rests[0] != ("nothing",):
        result.append(rests[0])
    if right:
        result.append(("row", right))
    return "row", result


def _common(rows: list[list[Node]]) -> tuple[list[Node], list[Node]]:
    """The nodes that all rows start with, and those that all end with, which don't overlap."""
    if len(rows) <= 1:
        return [], []
    shortest = min(rows, key=len)
    others = [row for row in rows if row is not shortest]
    left: list[Node] = []
    right: list[Node] = []
    left_ends = right_ends = False
    at, last = 0, len(shortest) - 1
    while len(left) + len(right) < len(shortest) and last >= 0 and not (left_ends and right_ends):
        for row in others:
            left_ends = left_ends or shortest[at] != row[at]
            # no node may be taken from both sides
            right_ends = right_ends or (not left_ends and last <= at)
            right_ends = right_ends or shortest[last] != row[last + len(row) - len(shortest)]
            if left_ends and right_ends:
                break
        if not left_ends:
            left.append(shortest[at])
        if not right_ends:
            right.insert(0, shortest[last])
        at, last = at + 1, last - 1
    return left, right


_compiled: dict[str, Callable[[str], bool]] = {}


def compile_glob(pattern: str) -> Callable[[str], bool]:
    """What tells whether a file's name fits a pattern; that may raise FunctionError. Recent ones are kept."""
    test = _compiled.get(pattern)
    if test is None:
        if len(_compiled) >= 256:
            _compiled.clear()
        test = _compiled[pattern] = _tester(pattern)
    return test


def _tester(pattern: str) -> Callable[[str], bool]:
    if not any(special in pattern for special in "*?[]{}\\\0"):
        return lambda name: name == pattern
    try:
        matcher = _compile(_parse(pattern))
    except _PatternError:
        return lambda _: True
    except RecursionError:
        raise FunctionError("glob: the pattern nests too deeply") from None
    return lambda name: matcher.match(bytewise(name))
