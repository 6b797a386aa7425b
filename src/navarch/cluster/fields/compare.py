"""What differs between two states of an object, as sets of fields."""

from __future__ import annotations

from navarch.cluster.fields.sets import LEAF, insert, union
from navarch.cluster.fields.typed import everything, item_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.reset import Reset
    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type

__all__ = ["Comparison", "compare", "same"]

ABSENT: Any = ...


class Comparison:
    """Fields that a change took away, gave another value, and brought. No field is in two of them."""

    __slots__ = ("added", "modified", "removed")

    def __init__(self) -> None:
        self.removed: Set = {}
        self.modified: Set = {}
        self.added: Set = {}

    @property
    def changed(self) -> Set:
        """What was modified or added."""
        return union(self.modified, self.added)

    def without(self, reset: Reset | None) -> Comparison:
        """The same without what the change didn't reach."""
        if reset is None:
            return self
        left = Comparison()
        left.removed, left.modified, left.added = map(reset.left, (self.removed, self.modified, self.added))
        return left


def same(first: Any, second: Any) -> bool:
    """Whether two JSON values are equal; true isn't 1."""
    if first != second:
        return False
    if first.__class__ is dict:
        return all(same(item, second[name]) for name, item in first.items())
    if first.__class__ is list:
        return all(same(*pair) for pair in zip(first, second, strict=True))
    return (first.__class__ is bool) is (second.__class__ is bool)


def compare(kind: Type, before: Any, after: Any) -> Comparison:
    """From one state to the next. Raises MismatchError for lists whose items can't be told apart."""
    found = Comparison()
    _differ(found, kind, before, after, [])
    return found


def _differ(found: Comparison, kind: Type, before: Any, after: Any, path: list[str]) -> None:
    """Both values are there."""
    if kind.loose:
        _differ_loosely(found, kind, before, after, path)
    elif kind.children is not None:
        _differ_as_maps(found, kind, before, after, path)
    elif kind.items is not None:
        _differ_as_lists(found, kind, before, after, path)
    elif before != after or before.__class__ is not after.__class__:
        _differ_as_leaves(found, before, after, path)


def _sort(value: Any) -> str:
    if value.__class__ is dict:
        return "map"
    return "list" if value.__class__ is list else "any" if value is None else "scalar"


def _differ_loosely(found: Comparison, kind: Type, before: Any, after: Any, path: list[str]) -> None:
    """Values whose types show in themselves: each is looked at as what it is."""
    sorts = (_sort(before), _sort(after))
    for sort in sorts if sorts[0] != sorts[1] else sorts[:1]:
        if sort == "scalar":
            _differ_as_leaves(found, before, after, path)
        elif sort == "list":
            _differ_as_lists(found, kind, before, after, path)
        else:
            _differ_as_maps(found, kind, before, after, path)


def _differ_as_leaves(found: Comparison, before: Any, after: Any, path: list[str]) -> None:
    if path and not same(before, after):
        insert(found.modified, path, LEAF)


def _differ_as_maps(found: Comparison, kind: Type, before: Any, after: Any, path: list[str]) -> None:
    old = before if before.__class__ is dict else {}
    new = after if after.__class__ is dict else {}
    if kind.atomic_map or not (old or new):
        _differ_as_leaves(found, before, after, path)
        return
    children = kind.children
    if children is None:
        return
    for name, value in old.items():
        other = new.get(name, ABSENT)
        if other is ABSENT:
            child = children[name]
            insert(found.removed, [*path, "f:" + name], LEAF if child is None else everything(child, value))
        elif value is not other:
            child = children[name]
            if child is not None and (child.loose or value != other or value.__class__ is not other.__class__):
                _differ(found, child, value, other, [*path, "f:" + name])
    for name, value in new.items():
        if name not in old:
            child = children[name]
            insert(found.added, [*path, "f:" + name], LEAF if child is None else everything(child, value))


def _differ_as_lists(found: Comparison, kind: Type, before: Any, after: Any, path: list[str]) -> None:
    old = before if before.__class__ is list else []
    new = after if after.__class__ is list else []
    if kind.atomic_list or not (old or new):
        _differ_as_leaves(found, before, after, path)
        return
    items = kind.items
    if items is None:
        return
    left, right = _by_step(kind, old), _by_step(kind, new)
    for step, mine in left.items():
        _differ_as_items(found, items, mine, right.get(step, []), [*path, step])
    for step, others in right.items():
        if step not in left:
            _differ_as_items(found, items, [], others, [*path, step])


def _by_step(kind: Type, values: list[Any]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for item in values:
        out.setdefault(item_step(kind, item), []).append(item)
    return out


def _differ_as_items(found: Comparison, items: Type, old: list[Any], new: list[Any], path: list[str]) -> None:
    """The items with one key, mostly one on each side; several with the same key count as one field."""
    if len(old) <= 1 and len(new) <= 1:
        if not old:
            insert(found.added, path, everything(items, new[0]))
        elif not new:
            insert(found.removed, path, everything(items, old[0]))
        elif items.loose or old[0] != new[0]:
            _differ(found, items, old[0], new[0], path)
    elif len(old) > 1 and len(new) > 1:
        if not same(old, new):
            insert(found.modified, path, LEAF)
    elif len(old) > 1:
        if new:
            insert(found.added, path, everything(items, new[0]))
        insert(found.removed, path, LEAF)
    else:
        if old:
            insert(found.removed, path, everything(items, old[0]))
        insert(found.added, path, LEAF)
