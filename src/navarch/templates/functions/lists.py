"""sprig's functions on lists. All but `slice` give new lists of any ([]interface {}), whatever type they were given."""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.cast import to_int64
from navarch.golang.reflect import NIL_DEREFERENCE, deep_equal, is_slice, items_of
from navarch.golang.types import Lists, NilList, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]


def _items(value: Any, complaint: str) -> list[Any]:
    """The items of a slice, not to be changed; what is none gets the complaint with its kind."""
    if type(value) is list:
        return value
    if is_slice(value):
        return items_of(value)
    if value is None:
        raise FunctionError(NIL_DEREFERENCE)
    raise FunctionError(complaint.format(kind_of(value)))


def list_(*items: Any) -> list[Any]:
    return [*items]


def append(values: Any, item: Any) -> list[Any]:
    return [*_items(values, "Cannot push on type {}"), item]


def prepend(values: Any, item: Any) -> list[Any]:
    return [item, *_items(values, "Cannot prepend on type {}")]


def first(values: Any) -> Any:
    items = _items(values, "Cannot find first on type {}")
    return items[0] if items else None


def last(values: Any) -> Any:
    items = _items(values, "Cannot find last on type {}")
    return items[-1] if items else None


def rest(values: Any) -> list[Any]:
    items = _items(values, "Cannot find rest on type {}")
    return [*items[1:]] if items else NilList()


def initial(values: Any) -> list[Any]:
    items = _items(values, "Cannot find initial on type {}")
    return [*items[:-1]] if items else NilList()


def reverse(values: Any) -> list[Any]:
    return [*reversed(_items(values, "Cannot find reverse on type {}"))]


def compact(values: Any) -> list[Any]:
    return [item for item in _items(values, "Cannot compact on type {}") if item]


def _contains(items: list[Any] | tuple[Any, ...], wanted: Any) -> bool:
    if type(wanted) is str:
        return wanted in items
    return any(deep_equal(wanted, item) for item in items)


def uniq(values: Any) -> list[Any]:
    seen: list[Any] = []
    for item in _items(values, "Cannot find uniq on type {}"):
        if not _contains(seen, item):
            seen.append(item)
    return seen


def without(values: Any, *omitted: Any) -> list[Any]:
    return [item for item in _items(values, "Cannot find without on type {}") if not _contains(omitted, item)]


def has(wanted: Any, values: Any) -> bool:
    if values is None:
        return False
    return _contains(_items(values, "Cannot find has on type {}"), wanted)


def slice_(values: Any, *bounds: Any) -> Any:
    """Part of a list, of the list's own type; nil where there is nothing to take from."""
    items = _items(values, "list should be type of slice or array but {}")
    if not items:
        return None
    start = to_int64(bounds[0]) if bounds else 0
    end = to_int64(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise FunctionError("reflect.Value.Slice: slice index out of bounds")
    part = values[start:end]
    return part if type(values) in (list, bytes) else type(values)(part)


def concat(*lists: Any) -> list[Any]:
    joined: list[Any] = []
    for values in lists:
        joined += _items(values, "Cannot concat type {} as list")
    return joined or NilList()


def chunk(size: int, values: Any) -> list[Any]:
    """Lists of `size` items, the last as short as it comes. What sizes below one give follows from sprig's floats."""
    items = _items(values, "Cannot chunk type {}")
    length = len(items)
    if size > 0:
        return Lists([items[at : at + size] for at in range(0, length, size)])
    count = (length - 1) // size + 1 if size else -1
    if count == 0:
        return Lists()
    if count == 1 and length == 1 and size < -1:
        return Lists([[*items]])
    raise FunctionError("runtime error: makeslice: len out of range")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "append": append,
    "chunk": chunk,
    "compact": compact,
    "concat": concat,
    "first": first,
    "has": has,
    "initial": initial,
    "last": last,
    "list": list_,
    "mustAppend": append,
    "mustChunk": chunk,
    "mustCompact": compact,
    "mustFirst": first,
    "mustHas": has,
    "mustInitial": initial,
    "mustLast": last,
    "mustPrepend": prepend,
    "mustPush": append,
    "mustRest": rest,
    "mustReverse": reverse,
    "mustSlice": slice_,
    "mustUniq": uniq,
    "mustWithout": without,
    "prepend": prepend,
    "push": append,
    "rest": rest,
    "reverse": reverse,
    "slice": slice_,
    "tuple": list_,
    "uniq": uniq,
    "without": without,
}
