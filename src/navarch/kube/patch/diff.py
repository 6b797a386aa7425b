"""What differs between two objects, as a strategic merge patch: changes and additions, or deletions.

Both are halves of a three-way merge; `strategic` puts them together. Lists whose strategy is "merge" are compared item
by item (by merge key, or by value), all others are replaced. Beside what a plain merge patch says, the answer has

    "$patch": "delete"                in an item that goes
    "$setElementOrder/containers"     the merge keys in the order that is wanted
    "$deleteFromPrimitiveList/x"      values that go
    "$retainKeys"                     the only keys that may stay in a mapping

The rules, and the messages for what can't be compared, are those of apimachinery's package strategicpatch.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import KubernetesError
from navarch.kube.patch.types import list_field, map_field
from navarch.kube.patch.values import item_type, key_of, maps_of, place, same, sorted_by_key, sorted_scalars, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.patch.types import Field

    Map = dict[str, Any]

__all__ = ["DELETE", "MARKER", "ORDER", "REMOVED", "RETAIN", "changes", "deletions", "ordered"]

MARKER = "$patch"
DELETE = "delete"
RETAIN = "$retainKeys"
ORDER = "$setElementOrder"
REMOVED = "$deleteFromPrimitiveList"


def changes(current: Map, target: Map, expression: str) -> Map:
    """What `target` says otherwise than `current`, or says and `current` doesn't.

    `expression` is the objects' type. Raises KubernetesError for fields the type doesn't have, and lists that can't be
    merged.
    """
    return _maps(current, target, expression, _Wanted(changes=True, retain_keys=False))


def deletions(original: Map, target: Map, expression: str) -> Map:
    """What `original` has and `target` hasn't."""
    return _maps(original, target, expression, _Wanted(changes=False, retain_keys=False))


class _Wanted(NamedTuple):
    """Which half of the differences: changes and additions, or deletions; and whether "$retainKeys" is told."""

    changes: bool
    retain_keys: bool


def _maps(original: Map, modified: Map, expression: str, wanted: _Wanted) -> Map:
    patch: Map = {}
    for key, value in modified.items():
        if key not in original:
            if wanted.changes:
                patch[key] = value
        elif key == MARKER:
            _compare_markers(original[key], value, patch)
        else:
            _values(key, original[key], value, patch, expression, wanted)
    if not wanted.changes:
        patch.update(dict.fromkeys([key for key in original if key not in modified]))
    kept = [key for key, value in modified.items() if value is not None] if wanted.retain_keys else []
    if kept and (patch or any(value is not None and key not in modified for key, value in original.items())):
        patch[RETAIN] = sorted(kept)
    return patch


def _compare_markers(original: Any, modified: Any, patch: Map) -> None:
    if type(original) is not str or type(modified) is not str:
        raise KubernetesError(f"invalid value for special key: {MARKER}")
    if modified != original:
        patch[MARKER] = modified


def _values(key: str, original: Any, modified: Any, patch: Map, expression: str, wanted: _Wanted) -> None:
    kind = type(modified)
    if kind is dict and type(original) is dict:
        _sub_maps(key, original, modified, patch, expression, wanted)
    elif kind is list and type(original) is list:
        _sub_lists(key, original, modified, patch, expression, wanted)
    elif wanted.changes and not same(original, modified):
        patch[key] = modified


def _sub_maps(key: str, original: Map, modified: Map, patch: Map, expression: str, wanted: _Wanted) -> None:
    field = _field(map_field, expression, key, original, modified)
    if field is None:
        return
    if field.strategy == "replace":
        if wanted.changes:
            patch[key] = modified
        return
    inner = _maps(original, modified, field.expression, wanted._replace(retain_keys=field.retain_keys))
    if inner:
        patch[key] = inner


def _field(find: Any, expression: str, key: str, original: Any, modified: Any) -> Field | None:
    """The field, or None if there is none but it doesn't matter either, as both sides are the same."""
    try:
        found: Field = find(expression, key)
    except KubernetesError:
        if same(original, modified):
            return None
        raise
    return found


def _sub_lists(
    key: str, original: list[Any], modified: list[Any], patch: Map, expression: str, wanted: _Wanted
) -> None:
    field = _field(list_field, expression, key, original, modified)
    if field is None:
        return
    if field.strategy != "merge":
        if wanted.changes and not same(original, modified):
            patch[key] = modified
        return
    added, removed, order = _lists(original, modified, field, wanted)
    if added:
        patch[key] = added
    if removed:
        patch[f"{REMOVED}/{key}"] = removed
    if order:
        patch[f"{ORDER}/{key}"] = order


def _lists(
    original: list[Any], modified: list[Any], field: Field, wanted: _Wanted
) -> tuple[list[Any], list[Any], list[Any]]:
    """Items to add or change, values to remove, and the order that all are to have."""
    if not original:
        return (modified if wanted.changes else []), [], []
    if item_type(original, modified) is dict:
        return _lists_of_maps(original, modified, field, wanted)
    return _lists_of_scalars(original, modified, wanted)


def _lists_of_maps(
    original: list[Map], modified: list[Map], field: Field, wanted: _Wanted
) -> tuple[list[Any], list[Any], list[Any]]:
    changed, gone = _pair_up(original, modified, field, wanted)
    items = ordered(changed, modified, field.key) + gone
    key = field.key
    order_same = _same_order(original, modified, key)
    if items or (wanted.changes and not order_same):
        return items, [], [{key: item.get(key)} for item in modified]
    return items, [], []


def _same_order(original: list[Map], modified: list[Map], key: str) -> bool:
    if len(original) != len(modified):
        return False
    pairs = zip(original, modified, strict=True)
    return all(same(key_of(left, key), key_of(right, key)) for left, right in pairs)


def _pair_up(original: list[Map], modified: list[Map], field: Field, wanted: _Wanted) -> tuple[list[Map], list[Map]]:
    """Patches of items that changed or came, and deletions; found by going through both lists by their merge keys."""
    from navarch.golang.fmt import text

    key, changed, gone = field.key, [], []
    left, right = sorted_by_key(original, key), sorted_by_key(modified, key)
    inner = wanted._replace(retain_keys=field.retain_keys)
    i = j = 0
    while i < len(left) or j < len(right):
        old = text(key_of(left[i], key)) if i < len(left) else None
        new = text(key_of(right[j], key)) if j < len(right) else None
        if old == new:
            patch = _maps(left[i], right[j], field.expression, inner)
            if patch:
                changed.append({**patch, key: right[j][key]})
            i, j = i + 1, j + 1
        elif old is None or (new is not None and old > new):
            if wanted.changes:
                changed.append(right[j])
            j += 1
        else:
            if not wanted.changes:
                gone.append({key: left[i][key], MARKER: DELETE})
            i += 1
    return changed, gone


def ordered(items: list[Any], order: list[Any], key: str) -> list[Any]:
    """The items in the order of others; with a merge key, those that are deletions come last.

    An item that the order doesn't have counts as smaller than any it is compared with, as in apimachinery.
    """
    last: list[Any] = []
    if key:
        for item in [*maps_of(items), *maps_of(order)]:
            key_of(item, key)
        last = [item for item in items if item.get(MARKER) == DELETE]
        items = [item for item in items if item.get(MARKER) != DELETE]
    places = [place(order, item, key) for item in items]
    found = list(zip(places, items, strict=True))
    if -1 not in places:
        found.sort(key=lambda pair: pair[0])
    else:
        _insert_sorted(found)
    return [item for _, item in found] + last


def _insert_sorted(found: list[tuple[int, Any]]) -> None:
    """sort.SliceStable with a comparison that calls everything smaller that has no place."""
    for index in range(1, len(found)):
        j = index
        while j > 0 and (found[j][0] < 0 or found[j - 1][0] < 0 or found[j][0] < found[j - 1][0]):
            found[j], found[j - 1] = found[j - 1], found[j]
            j -= 1


def _lists_of_scalars(
    original: list[Any], modified: list[Any], wanted: _Wanted
) -> tuple[list[Any], list[Any], list[Any]]:
    from navarch.golang.fmt import text

    left, right = sorted_scalars(original), sorted_scalars(modified)
    added, removed = [], []
    i = j = 0
    while i < len(left) or j < len(right):
        old = text(left[i]) if i < len(left) else None
        new = text(right[j]) if j < len(right) else None
        if old == new:
            i, j = i + 1, j + 1
        elif old is None or (new is not None and old > new):
            added.append(right[j])
            j += 1
        else:
            removed.append(left[i])
            i += 1
    if not wanted.changes:
        return [], _distinct(removed), modified if removed else []
    # apimachinery sorts the original in place before it compares: a list that isn't sorted always gets its order told
    return ordered(added, modified, ""), [], [] if same(left, modified) else modified


def _distinct(values: list[Any]) -> list[Any]:
    """Each value once. One that is found again gives its place to the last, as in apimachinery."""
    values = list(values)
    i = 0
    while i < len(values) - 1:
        j = i + 1
        while j < len(values):
            if type_name(values[i]) == type_name(values[j]) and values[i] == values[j]:
                values[j] = values[-1]
                values.pop()
            else:
                j += 1
        i += 1
    return values
