"""JSON values as the merging of patches sees them: their Go types, equality, order, and messages about them."""

from __future__ import annotations

from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["copy", "item_type", "key_of", "maps_of", "place", "same", "sorted_by_key", "sorted_scalars", "type_name"]

_NAMES: dict[type, str] = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    type(None): "%!s(<nil>)",
}
_INT64 = 1 << 63
_SHARED = frozenset((dict, list))


def type_name(value: Any) -> str:
    """The Go type that encoding/json (as apimachinery uses it) gives to a value."""
    kind = type(value)
    if kind is float:
        return "int64" if value.is_integer() and -_INT64 <= value < _INT64 else "float64"
    return _NAMES[kind]


def same(left: Any, right: Any) -> bool:
    """reflect.DeepEqual: as ==, but true is not 1."""
    kind = type(left)
    if kind is dict:
        return (
            type(right) is dict
            and len(left) == len(right)
            and all(key in right and same(value, right[key]) for key, value in left.items())
        )
    if kind is list:
        return (
            type(right) is list
            and len(left) == len(right)
            and all(same(*pair) for pair in zip(left, right, strict=True))
        )
    return (kind is bool) == (type(right) is bool) and bool(left == right)


def copy(value: Any) -> Any:
    """A value that shares no dict and no list with the first."""
    if type(value) is dict:
        return {key: copy(item) if type(item) in _SHARED else item for key, item in value.items()}
    if type(value) is list:
        return [copy(item) for item in value]
    return value


def item_type(*lists: list[Any]) -> type:
    """The one type that the items of lists have. Raises KubernetesError for mixed ones, nested lists and no items."""
    found = None
    for items in lists:
        for item in items:
            if found is None:
                found = item
                if type(item) is list:
                    raise KubernetesError("lists of lists are not supported")
            elif type_name(item) != type_name(found):
                from navarch.golang.fmt import text

                raise KubernetesError(f"list element types are not identical: {text(list(lists))}")
    if found is None:
        raise KubernetesError("no elements in any of the given slices")
    return type(found)


def maps_of(items: list[Any]) -> list[dict[str, Any]]:
    """The items, all of them mappings. Raises KubernetesError where one isn't."""
    for item in items:
        if type(item) is not dict:
            raise KubernetesError(f"expected a {_NAMES[dict]}, but received a {type_name(item)}")
    return items


def key_of(item: dict[str, Any], key: str) -> Any:
    """What a mapping has for a list's merge key. Raises KubernetesError where it has nothing."""
    if key not in item:
        from navarch.golang.fmt import text

        raise KubernetesError(f"map: {text(item)} does not contain declared merge key: {key}")
    return item[key]


def place(items: list[Any], value: Any, key: str) -> int:
    """Where in a list the first item with that merge key (with "": that very value) is, -1 for nowhere."""
    wanted = value.get(key) if key else value
    for index, item in enumerate(items):
        found = item.get(key) if key else item
        if found == wanted and (type(found) is bool) == (type(wanted) is bool):
            return index
    return -1


def sorted_scalars(items: list[Any]) -> list[Any]:
    from navarch.golang.fmt import text

    return sorted(items, key=text)


def sorted_by_key(items: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The items by the text of their merge key. Those that share one come as Go's sort happens to leave them."""
    from navarch.golang.fmt import text

    pairs = [(text(item.get(key)), item) for item in items]
    if len({name for name, _ in pairs}) == len(pairs):
        pairs.sort(key=lambda pair: pair[0])
    else:
        from navarch.golang.sort import unstable_sorted

        pairs = unstable_sorted(pairs, lambda left, right: left[0] <= right[0])
    return [item for _, item in pairs]
