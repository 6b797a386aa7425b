"""What Kubernetes still sees of the way in which an object was written.

It compares lists that are one field as Go holds them: there a list or map that was sent empty isn't one that was left
out, and a quantity in another form ("0.5" for "500m") isn't the same. Whoever sends such a list owns it anew.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.types import Type

__all__ = ["as_given"]


def as_given(kind: Type, given: Any, new: Any, *, whole: bool = False) -> Any:
    """`new` with lists as they were `given` where that makes a difference; else the same object.

    `whole`: the value is part of a map that is one field.
    """
    if given.__class__ is not new.__class__:
        return new
    if new.__class__ is dict:
        return _map(kind, given, new, whole=whole or kind.atomic_map)
    if new.__class__ is list and kind.items is not None:
        return _list(kind, kind.items, given, new, whole=whole)
    return new


def _map(kind: Type, given: dict[str, Any], new: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    children = kind.children
    if children is None or kind.loose:
        return new
    out = new
    for name, value in given.items():
        if value.__class__ is not dict and value.__class__ is not list:
            continue
        mine, child = new.get(name), children[name]
        if mine is None or child is None:
            continue
        seen = as_given(child, value, mine, whole=whole)
        if seen is not mine:
            out = {**out, name: seen}
    return out


def _list(kind: Type, items: Type, given: list[Any], new: list[Any], *, whole: bool) -> list[Any]:
    if len(given) != len(new):
        return new
    if kind.atomic_list or whole:
        return given if any(_shows(items, *pair) for pair in zip(given, new, strict=True)) else new
    seen = [as_given(items, *pair) for pair in zip(given, new, strict=True)]
    return seen if any(one is not other for one, other in zip(seen, new, strict=True)) else new


def _shows(kind: Type, given: Any, new: Any) -> bool:
    """Whether it shows in Go's form of a value how it was written."""
    if given.__class__ is dict and new.__class__ is dict and kind.children is not None and not kind.loose:
        return any(_shows_in(kind.children[name], value, new.get(name)) for name, value in given.items())
    if given.__class__ is list and new.__class__ is list and kind.items is not None and len(given) == len(new):
        return any(_shows(kind.items, *pair) for pair in zip(given, new, strict=True))
    return kind.scalar == "untyped" and new.__class__ is str and str(given) != new


def _shows_in(kind: Type | None, given: Any, new: Any) -> bool:
    if kind is None:
        return False
    if new is None and not given and given.__class__ in (dict, list):
        return kind.items is not None or (kind.children is not None and not kind.declared)
    return _shows(kind, given, new)
