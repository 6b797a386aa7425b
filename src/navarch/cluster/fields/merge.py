"""Merging an applied configuration into an object, and taking fields out of it."""

from __future__ import annotations

from navarch.cluster.fields.sets import LEAF, SELF
from navarch.cluster.fields.typed import MismatchError, item_step
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type

__all__ = ["merge", "named", "remove"]

ABSENT: Any = ...


def merge(kind: Type, live: Any, config: Any) -> Any:
    """`config` laid over `live`: nothing is removed, what both set is as `config` says. The result is a copy."""
    if config is ABSENT:
        return copy(live)
    if live is ABSENT:
        return copy(config)
    children = kind.children
    if children is not None and (not kind.loose or _is_map(live, config)):
        return copy(config) if kind.atomic_map else _merge_maps(children, live, config)
    return copy(config) if kind.items is None or kind.atomic_list else _merge_lists(kind, live, config)


def _is_map(live: Any, config: Any) -> bool:
    """Whether values are merged as maps where other things may stand as well."""
    return config.__class__ is dict or (config is None and live.__class__ is dict)


def _merge_maps(children: dict[str, Type | None], live: Any, config: Any) -> Any:
    old = live if live.__class__ is dict else {}
    new = config if config.__class__ is dict else {}
    if not (old or new):
        return copy(config)
    out = {}
    for name, value in old.items():
        other = new.get(name, ABSENT)
        if other is ABSENT:
            out[name] = copy(value)
        else:
            child = children[name]
            out[name] = copy(other) if child is None else merge(child, value, other)
    for name, value in new.items():
        if name not in old:
            out[name] = copy(value)
    return out


def _merge_lists(kind: Type, live: Any, config: Any) -> Any:
    old = live if live.__class__ is list else []
    new = config if config.__class__ is list else []
    if not new or not old:
        return copy(old or config)
    mine = [item_step(kind, item) for item in old]
    theirs = [item_step(kind, item) for item in new]
    left = dict(zip(mine, old, strict=True))
    if len(left) < len(mine):  # items with one key aren't merged but replaced
        left = {step: None if mine.count(step) > 1 else item for step, item in left.items()}
    right = dict(zip(theirs, new, strict=True))
    return _interleave(kind, list(zip(mine, old, strict=True)), theirs, left, right)


def _interleave(
    kind: Type, old: list[tuple[str, Any]], theirs: list[str], left: dict[str, Any], right: dict[str, Any]
) -> list[Any]:
    """Items in the order of the config, those that only the live object has where they stood among the others."""
    shared = [step for step in theirs if step in left]
    out: list[Any] = []
    done: set[str] = set()
    at = taken = awaited = 0
    while at < len(old) or taken < len(theirs):
        if at < len(old):
            step, item = old[at]
            if taken < len(theirs):
                if step == theirs[taken]:
                    done.add(step)
                    out.append(_merge_item(kind, left[step], right[step]))
                    at, taken, awaited = at + 1, taken + 1, awaited + 1
                    continue
                if step in right and awaited < len(shared) and shared[awaited] != step:
                    at += 1
                    continue
            if step not in right:
                out.append(copy(item))
                at += 1
                continue
            if step in done:
                at += 1
        if taken < len(theirs):
            step = theirs[taken]
            done.add(step)
            out.append(_merge_item(kind, left.get(step, ABSENT), right[step]))
            taken += 1
            if awaited < len(shared) and shared[awaited] == step:
                awaited += 1
    return out


def _merge_item(kind: Type, live: Any, config: Any) -> Any:
    return config if kind.items is None else merge(kind.items, live, config)


def named(kind: Type | None, fields: Set) -> Set:
    """The set with the structs' fields on the way to its members: who owns a.b owns a, if that is no entry of a map."""
    out: Set = {}
    for step, node in fields.items():
        if not node:
            out[step] = LEAF
            continue
        child = _below(kind, step)
        inner = named(child, node)
        if step[0] == "f" and SELF not in node and kind is not None and step[2:] in kind.declared:
            inner = {SELF: LEAF, **inner}
        out[step] = inner
    return out


def _below(kind: Type | None, step: str) -> Type | None:
    if kind is None:
        return None
    if step[0] == "f":
        return kind.children[step[2:]] if kind.children is not None else None
    return kind.items if step[0] == "k" else None


def remove(kind: Type, value: Any, fields: Set) -> Any:
    """`value` without these fields; null where nothing is left. Parts of it are shared."""
    if value.__class__ is dict and kind.children is not None:
        return _remove_entries(kind, kind.children, value, fields)
    if value.__class__ is list and kind.items is not None:
        return _remove_items(kind, kind.items, value, fields)
    return value if kind.scalar else None


def _remove_entries(kind: Type, children: dict[str, Type | None], value: dict[str, Any], fields: Set) -> Any:
    if kind.atomic_map:
        return None
    out = {}
    for name, item in value.items():
        node = fields.get("f:" + name)
        if node is None:
            out[name] = item
        elif node and SELF not in node:
            child = children[name]
            out[name] = item if child is None else remove(child, item, node)
    return out or None


def _remove_items(kind: Type, items: Type, value: list[Any], fields: Set) -> Any:
    if kind.atomic_list:
        return None
    out = []
    for item in value:
        try:
            node = fields.get(item_step(kind, item))
        except MismatchError:
            node = None
        if node is None:
            out.append(item)
        elif node and SELF not in node:
            out.append(remove(items, item, node))
    return out or None
