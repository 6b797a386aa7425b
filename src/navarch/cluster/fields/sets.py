"""Sets of fields, in the form fieldsV1 has: {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}.

A field is in the set where its node is empty or has a ".". Sets are values: nothing here changes one, parts are shared.
"""

from __future__ import annotations

from navarch.cluster.fields.elements import ElementError, canonical, order, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Set = dict[str, Any]

__all__ = [
    "LEAF",
    "cut",
    "difference",
    "has",
    "has_bare_items",
    "insert",
    "intersection",
    "ordered",
    "paths",
    "read",
    "step_set",
    "text_of",
    "union",
]

LEAF: dict[str, Any] = {}
SELF = "."


def union(first: Set, second: Set) -> Set:
    """What is in one of them."""
    if not first or not second:
        return first or second
    out = dict(first)
    for step, node in second.items():
        mine = out.get(step)
        if mine is None:
            out[step] = node
        elif mine is not node and step != SELF:
            out[step] = _joined(mine, node)
    return out


def _joined(mine: Set, other: Set) -> Set:
    """Two nodes of the same field."""
    if not mine:
        return other if not other or SELF in other else {SELF: LEAF, **other}
    if not other:
        return mine if SELF in mine else {SELF: LEAF, **mine}
    return union(mine, other)


def intersection(first: Set, second: Set) -> Set:
    """What is in both of them."""
    out = {}
    for step, node in first.items():
        other = second.get(step)
        if other is None or step == SELF:
            continue
        if not node and not other:
            out[step] = LEAF
            continue
        member = (not node or SELF in node) and (not other or SELF in other)
        inner = intersection(node, other) if node and other else LEAF
        if inner:
            out[step] = {SELF: LEAF, **inner} if member else inner
        elif member:
            out[step] = LEAF
    return out


def difference(first: Set, second: Set) -> Set:
    """What is in the first and not in the second; a field's children stay when only the field itself goes."""
    out = {}
    for step, node in first.items():
        other = second.get(step)
        if step == SELF:
            continue
        if other is None:
            out[step] = node
            continue
        if not node:
            if other and SELF not in other:
                out[step] = LEAF
            continue
        member = SELF in node and other and SELF not in other
        inner = difference(node, other)
        if inner:
            out[step] = {SELF: LEAF, **inner} if member else inner
        elif member:
            out[step] = LEAF
    return out


def cut(first: Set, second: Set) -> Set:
    """What is in the first, without the second's fields and everything below them."""
    out = {}
    for step, node in first.items():
        other = second.get(step)
        if other is None:
            out[step] = node
        elif step != SELF and other and SELF not in other:
            inner = cut(node, other)
            if inner or not node:
                out[step] = LEAF if len(inner) == 1 and SELF in inner else inner
    return out


def has(fields: Set, path: list[str]) -> bool:
    """Whether a field is in the set."""
    node = fields
    for step in path:
        found = node.get(step)
        if found is None:
            return False
        node = found
    return bool(path) and (not node or SELF in node)


def has_bare_items(fields: Set) -> bool:
    """Whether there is an item of a list in the set of which no field is."""
    return any(has_bare_items(node) if node else step[0] == "k" for step, node in fields.items())


def step_set(path: tuple[str, ...]) -> Set:
    """The set of one field."""
    node: Set = LEAF
    for step in reversed(path):
        node = {step: node}
    return node


def insert(fields: Set, path: list[str], node: Set) -> None:
    """Put a node (with its ".") at a path into a set that is still being made."""
    at = fields
    for step in path[:-1]:
        found = at.get(step)
        if found is None:
            found = at[step] = {}
        elif not found:
            found = at[step] = {SELF: LEAF}
        at = found
    last = path[-1]
    mine = at.get(last)
    at[last] = node if mine is None else _joined(mine, node)


def ordered(fields: Set, *, alphabetical: bool = False) -> Set:
    """A copy in the order in which it is written: fields by name, items by key; or all steps as plain texts."""
    if not fields:
        return LEAF
    steps = sorted(fields)
    if len(steps) > 1 and steps[-1][0] != "f" and not alphabetical:
        own = steps[0] == SELF
        steps = [SELF, *sorted(steps[1:], key=order)] if own else sorted(steps, key=order)
    return {step: ordered(fields[step], alphabetical=alphabetical) if fields[step] else LEAF for step in steps}


def paths(fields: Set) -> Iterator[list[str]]:
    """The paths of all fields in the set: those of a level, then what is below each."""
    steps = sorted(step for step in fields if step != SELF)
    if len(steps) > 1 and steps[-1][0] != "f":
        steps.sort(key=order)
    for step in steps:
        if not fields[step] or SELF in fields[step]:
            yield [step]
    for step in steps:
        for path in paths(fields[step]):
            yield [step, *path]


def text_of(path: list[str]) -> str:
    """A path as messages write it."""
    return "".join([shown(step) for step in path])


def read(raw: Any) -> Set:
    """A set as a client sent it, made canonical. Raises ElementError for what is none."""
    if raw is None:
        return LEAF
    if type(raw) is not dict:
        raise ElementError(repr(raw))
    out: Set = {}
    for written, inner in raw.items():
        if written == SELF:
            out[SELF] = LEAF
            continue
        step = canonical(written)
        if step is not None:
            node = read(inner)
            out[step] = _joined(out[step], node) if step in out else node
    if len(out) == 1 and SELF in out:
        return LEAF
    return out
