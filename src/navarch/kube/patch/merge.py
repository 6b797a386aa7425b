"""Putting a strategic merge patch into an object, or into another patch.

A server merges into an object: directives are carried out and don't stay. The last step of a three-way merge joins two
patches (`joining`): directives are kept, and so are nulls, for the server to see. The rules and messages are those of
apimachinery's package strategicpatch; neither argument is changed.
"""

from __future__ import annotations

from navarch.errors import KubernetesError
from navarch.kube.patch.diff import DELETE, MARKER, ORDER, REMOVED, RETAIN, ordered
from navarch.kube.patch.types import list_field, map_field
from navarch.kube.patch.values import item_type, key_of, maps_of, place, same, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.patch.types import Field

    Map = dict[str, Any]

__all__ = ["merge"]

_LIST = "[]interface {}"
_BAD_ORDER = "invalid patch format of setElementOrder list"


def merge(original: Map, patch: Map, expression: str, *, joining: bool = False) -> Map:
    """`original` after `patch`; both are of the type `expression`. Raises KubernetesError for what can't be merged."""
    if MARKER in patch:
        return _whole(patch)
    patch = dict(patch)
    result = _retain_keys(dict(original), patch, joining=joining)
    for key in [key for key in patch if key.startswith(ORDER)]:
        _merge_ordered(result, patch, key, expression, joining=joining)
    for key, value in patch.items():
        if key.startswith(REMOVED):
            if joining:
                result[key] = value
            else:
                _remove(result, _bare(key, REMOVED, "invalid patch format of primitive list"), value, expression)
        elif value is None:
            result.pop(key, None)
            if joining:
                result[key] = None
        else:
            _put(result, key, value, expression, joining=joining)
    return result


def _whole(patch: Map) -> Map:
    directive = patch[MARKER]
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != MARKER}
    if directive == DELETE:
        return {}
    from navarch.golang.fmt import sprintf

    raise KubernetesError(sprintf("unknown patch type: %s in map: %v", directive, patch))


def _retain_keys(result: Map, patch: Map, *, joining: bool) -> Map:
    """Take "$retainKeys" out of the patch: keep it where patches are joined, else drop all keys it doesn't name."""
    if RETAIN not in patch:
        return result
    kept = patch.pop(RETAIN)
    if joining:
        if RETAIN in result and not same(result[RETAIN], kept):
            from navarch.golang.fmt import sprintf

            words = "%v and %v are not deep equal: this may happen when calculating the 3-way diff patch"
            raise KubernetesError(sprintf(words, result[RETAIN], kept))
        result[RETAIN] = kept
        return result
    stray = [key for key, value in patch.items() if value is not None and not key.startswith((REMOVED, ORDER))]
    if type(kept) is not list or any(key not in kept for key in stray):
        raise KubernetesError("invalid patch format of retainKeys")
    return {key: value for key, value in result.items() if key in kept}


def _bare(key: str, prefix: str, problem: str) -> str:
    """The list's own name in a key such as "$setElementOrder/containers"."""
    first, slash, name = key.partition("/")
    if not slash or first != prefix:
        raise KubernetesError(problem)
    return name


def _remove(result: Map, key: str, values: Any, expression: str) -> None:
    found = result.get(key)
    if type(found) is list and type(values) is list:
        list_field(expression, key)
        if found or values:
            if item_type(found, values) is dict:
                raise KubernetesError("cannot merge lists without merge key for struct")
            result[key] = [value for value in found if place(values, value, "") < 0]


def _put(result: Map, key: str, value: Any, expression: str, *, joining: bool) -> None:
    found = result.get(key)
    if type(value) is dict and type(found) is dict:
        field = map_field(expression, key)
        replaced = field.strategy == "replace"
        result[key] = value if replaced else merge(found, value, field.expression, joining=joining)
    elif type(value) is list and type(found) is list:
        result[key] = _merge_lists(found, value, list_field(expression, key), joining=joining)
    else:
        _take(result, key, value, joining=joining)


def _take(result: Map, key: str, value: Any, *, joining: bool) -> None:
    """The patch's value instead of whatever there was, without the directives in it (and, on a server, its nulls)."""
    if type(value) is dict and MARKER in value:
        result.pop(key, None)
    else:
        result[key] = _plain(value if joining else _without_nulls(value))


def _plain(value: Any) -> Any:
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items() if not _is_directive(item)}
    if type(value) is list:
        return [_plain(item) for item in value if not _is_directive(item)]
    return value


def _is_directive(value: Any) -> bool:
    return type(value) is dict and MARKER in value


def _without_nulls(value: Any) -> Any:
    if type(value) is dict:
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if type(value) is list:
        return [_without_nulls(item) for item in value]
    return value


def _merge_ordered(result: Map, patch: Map, key: str, expression: str, *, joining: bool) -> None:
    """Merge the list that an order is given for, and put it in that order; both are taken out of the patch."""
    order = patch.pop(key)
    if joining and not same(result.setdefault(key, order), order):
        raise KubernetesError(_BAD_ORDER)
    name = _bare(key, ORDER, _BAD_ORDER)
    before, added = result.get(name, []), patch.get(name, [])
    for items in (order, before, added):
        if type(items) is not list:
            raise KubernetesError(f"expected a {_LIST}, but received a {type_name(items)}")
    field = list_field(expression, name)
    _check_order(added, order, field.key)
    if name not in result and name not in patch:
        return
    if name not in result:
        merged = _plain(added)
    else:
        merged = _merge_lists(before, added, field, joining=joining) if name in patch else before
    maps = item_type(before, added) is dict
    if maps and added and field.key:
        before = _left_behind(before, added, field.key)
    result[name] = _interleaved(merged, order, before, field.key, maps)
    patch.pop(name, None)


def _left_behind(before: list[Map], patch: list[Map], key: str) -> list[Map]:
    """What apimachinery takes for the order there was: the list's memory, in which items were deleted and appended."""
    left = list(before)
    if any(item.get(MARKER) == "replace" for item in patch):
        return left
    size = len(left)
    for gone in [item for item in patch if item.get(MARKER) == DELETE]:
        while (index := place(left[:size], gone, key)) >= 0:
            left[index : size - 1] = left[index + 1 : size]
            size -= 1
    for item in patch:
        if size < len(left) and MARKER not in item and place(left[:size], item, key) < 0:
            left[size] = item
            size += 1
    return left


def _check_order(items: list[Any], order: list[Any], key: str) -> None:
    """Raise KubernetesError unless the items, deletions aside, come in the order that is given."""
    if not items or not order:
        return
    kept = [item for item in maps_of(items) if item.get(MARKER) != DELETE] if key else items
    index = 0
    for item in order:
        while index < len(kept) and _is_directive(kept[index]):
            index += 1
        if index == len(kept):
            return
        if same(_name(kept[index], key), _name(item, key)):
            index += 1
    if index < len(kept):
        from navarch.golang.fmt import sprintf

        words = "The order in patch list:\n%v\n doesn't match %s list:\n%v\n"
        raise KubernetesError(sprintf(words, items, ORDER, order))


def _name(item: Any, key: str) -> Any:
    return key_of(maps_of([item])[0], key) if key else item


def _merge_lists(original: list[Any], patch: list[Any], field: Field, *, joining: bool) -> list[Any]:
    if field.strategy != "merge":
        return patch
    if not original and not patch:
        return original
    if item_type(original, patch) is not dict:
        merged = original + [value for value in patch if place(original, value, "") < 0]
        return _interleaved(_once(merged), patch, original, "", maps=False)
    if not field.key:
        raise KubernetesError("cannot merge lists without merge key for struct")
    original, patch = _carry_out(original, patch, field.key)
    merged = list(original)
    for item in patch:
        index = place(merged, {field.key: key_of(item, field.key)}, field.key)
        if index < 0:
            merged.append(item)
        else:
            merged[index] = merge(merged[index], item, field.expression, joining=joining)
    return _interleaved(merged, patch, original, field.key, maps=True)


def _once(values: list[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if place(values, value, "") == index]


def _carry_out(original: list[Map], patch: list[Map], key: str) -> tuple[list[Map], list[Map]]:
    """Do what items with "$patch" say: delete those of the same key, or replace the whole list."""
    plain = []
    replaced = False
    for item in patch:
        directive = item.get(MARKER)
        if MARKER not in item:
            plain.append(item)
        elif directive == DELETE:
            gone = key_of(item, key)
            original = [one for one in original if key not in one or not same(one[key], gone)]
        elif directive == "replace":
            replaced = True
        elif directive == "merge":
            raise KubernetesError("merging lists cannot yet be specified in the patch")
        else:
            _whole(item)
    return ([], plain) if replaced else (original, plain)


def _interleaved(merged: list[Any], order: list[Any], before: list[Any], key: str, maps: bool) -> list[Any]:
    """Items that `order` has in its order, the others in that of `before`; both woven together by the latter."""
    ours = [item for item in merged if _has(order, item, key)]
    others = [item for item in merged if not _has(order, item, key)]
    if maps or not key:
        ours, others = ordered(ours, order, key), ordered(others, before, key)
    woven = []
    while others and ours:
        left, right = place(before, others[0], key), place(before, ours[0], key)
        woven.append(others.pop(0) if 0 <= left < right else ours.pop(0))
    return woven + others + ours


def _has(items: list[Any], value: Any, key: str) -> bool:
    if key:
        key_of(value, key)
    return place(items, value, key) >= 0
