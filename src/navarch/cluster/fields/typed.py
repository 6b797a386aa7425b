"""Which fields a value sets: checks a value against its type, and finds the items of lists."""

from __future__ import annotations

from navarch.cluster.fields.elements import key_step, value_step
from navarch.cluster.fields.sets import LEAF, SELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type

__all__ = ["MismatchError", "check", "everything", "field_set", "item_step"]

UNKNOWN = "?"


class MismatchError(ValueError):
    """A value doesn't fit its type. `messages.explain` has the words for it."""


def item_step(kind: Type, item: Any) -> str:
    """The step from a list (a set or a map) to one of its items. Raises MismatchError with the reason."""
    keys = kind.keys
    if not keys:
        if item.__class__ is dict:
            raise MismatchError("associative list without keys has an element that's a map type")
        if item.__class__ is list:
            raise MismatchError("not supported: associative list with lists as elements")
        if item is None:
            raise MismatchError("associative list without keys has an element that's an explicit null")
        return value_step(item)
    if item.__class__ is not dict:
        what = "a null element" if item is None else "non-map elements"
        raise MismatchError(f"associative list with keys may not have {what}")
    if len(keys) == 1:
        value = item.get(keys[0], kind)
        if value.__class__ is str and value.replace("-", "").isalnum() and value.isascii():
            return f'k:{{"{keys[0]}":"{value}"}}'
    pairs = [
        (key, item[key] if key in item else kind.defaults[key]) for key in keys if key in item or key in kind.defaults
    ]
    if not pairs:
        told = " ".join([f'"{key}"' for key in keys])
        raise MismatchError(
            f"associative list with keys has an element that omits all key fields [{told}] "
            "(and doesn't have default values for any key fields)"
        )
    return key_step(pairs)


def field_set(kind: Type, value: Any, *, repeated: bool = False) -> Set:
    """The fields that an object sets: what its appliers own. Raises MismatchError for what doesn't fit.

    `repeated`: lists may have several items with one key, which count as one field, and items without a key, all of
    which count as one.
    """
    return _node(kind, value, False, repeated) or LEAF


def _node(kind: Type, value: Any, member: bool, repeated: bool) -> Set | None:
    """The node of a value, None where it sets nothing. `member`: it is a field of its own (an item, an entry)."""
    sort = value.__class__
    if sort is dict:
        return _map_node(kind, value, member, repeated)
    if sort is list:
        return _list_node(kind, value, member, repeated)
    if value is not None:
        check_scalar(kind, sort)
    return LEAF


def check_scalar(kind: Type, sort: type) -> None:
    """Raise MismatchError if scalars of a Python type don't fit."""
    scalar = kind.scalar
    if sort is str:
        fits = scalar in ("string", "untyped")
    elif sort is bool:
        fits = scalar in ("boolean", "untyped")
    else:
        fits = scalar in ("numeric", "untyped")
    if not fits:
        raise MismatchError


def _map_node(kind: Type, value: dict[str, Any], member: bool, repeated: bool) -> Set | None:
    children = kind.children
    if children is None:
        raise MismatchError
    if kind.atomic_map:
        check(kind, value)
        return LEAF
    if not value:
        return LEAF
    node: Set = {SELF: LEAF} if member else {}
    declared = kind.declared
    for name, item in value.items():
        child = children[name]
        if child is None:
            raise MismatchError
        if item.__class__ is str and child.scalar in ("string", "untyped"):
            node["f:" + name] = LEAF
            continue
        inner = _node(child, item, name not in declared, repeated)
        if inner is not None:
            node["f:" + name] = inner
    return _settled(node, member)


def _settled(node: Set, member: bool) -> Set | None:
    if member:
        return node if len(node) > 1 else LEAF
    return node or None


def _list_node(kind: Type, value: list[Any], member: bool, repeated: bool) -> Set | None:
    items = kind.items
    if items is None:
        raise MismatchError
    if kind.atomic_list:
        check(kind, value)
        return LEAF
    node: Set = {SELF: LEAF} if member else {}
    for item in value:
        try:
            step = item_step(kind, item)
        except MismatchError:
            if not repeated:
                raise
            step = UNKNOWN
        if step not in node:
            node[step] = _node(items, item, True, repeated) or LEAF
        elif repeated:
            node[step] = LEAF
        else:
            raise MismatchError
    return _settled(node, member)


def check(kind: Type, value: Any) -> None:
    """Raise MismatchError if anything of a value that is one field doesn't fit."""
    sort = value.__class__
    if sort is dict:
        children = kind.children
        if children is None:
            raise MismatchError
        for name, item in value.items():
            child = children[name]
            if child is None:
                raise MismatchError
            if not child.loose:
                check(child, item)
    elif sort is list:
        _check_items(kind, value)
    elif value is not None:
        check_scalar(kind, sort)


def _check_items(kind: Type, value: list[Any]) -> None:
    items = kind.items
    if items is None:
        raise MismatchError
    if not kind.atomic_list:
        steps = {item_step(kind, item) for item in value}
        if len(steps) < len(value):
            raise MismatchError
    if not items.loose:
        for item in value:
            check(items, item)


def everything(kind: Type, value: Any) -> Set:
    """The node of a value that wasn't there before: each of its levels is a field. Raises MismatchError."""
    sort = value.__class__
    if sort is dict and kind.children is not None and not kind.atomic_map and value:
        node: Set = {SELF: LEAF}
        children = kind.children
        for name, item in value.items():
            child = children[name]
            simple = child is None or (item.__class__ is not dict and item.__class__ is not list)
            node["f:" + name] = LEAF if simple or child is None else everything(child, item)
        return node
    if sort is list and kind.items is not None and not kind.atomic_list and value:
        return _all_items(kind, kind.items, value)
    return LEAF


def _all_items(kind: Type, items: Type, value: list[Any]) -> Set:
    node: Set = {SELF: LEAF}
    for item in value:
        step = item_step(kind, item)
        node[step] = LEAF if step in node else everything(items, item)
    return node
