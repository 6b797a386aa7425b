"""sprig's functions on dictionaries. `set`, `unset` and the merges change the dictionary they are given."""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.reflect import ZERO_VALUE, is_slice
from navarch.golang.types import NilMap, StringMap, Strings, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Dict = dict[str, Any]

__all__ = ["FUNCTIONS"]

_NIL_MAP = "assignment to entry in nil map"
_NOT_A_STRING = "reflect.Value.SetMapIndex: value of type {} is not assignable to type string"


def dict_(*pairs: Any) -> Dict:
    """Keys and values in turns; a last key without a value gets ""."""
    made: Dict = {}
    count = len(pairs)
    for at in range(0, count, 2):
        key = pairs[at]
        made[key if type(key) is str else _text(key)] = pairs[at + 1] if at + 1 < count else ""
    return made


def _text(key: Any) -> str:
    from navarch.templates.functions.strings import to_string

    return to_string(key)


def get(d: Dict | None, key: str) -> Any:
    return d.get(key, "") if d else ""


def set_(d: Dict | None, key: str, value: Any) -> Dict:
    if d is None or type(d) is NilMap:
        raise FunctionError(_NIL_MAP)
    d[key] = value
    return d


def unset(d: Dict | None, key: str) -> Dict:
    if d is None:
        return NilMap()
    d.pop(key, None)
    return d


def has_key(d: Dict | None, key: str) -> bool:
    return d is not None and key in d


def pluck(key: str, *dicts: Dict | None) -> list[Any]:
    return [d[key] for d in dicts if d and key in d]


def keys(*dicts: Dict | None) -> list[str]:
    """The keys of all dictionaries, in their order; Go's is random."""
    return Strings([key for d in dicts if d for key in d])


def values(d: Dict | None) -> list[Any]:
    return [*d.values()] if d else []


def pick(d: Dict | None, *wanted: str) -> Dict:
    return {key: d[key] for key in wanted if key in d} if d else {}


def omit(d: Dict | None, *unwanted: str) -> Dict:
    return {key: value for key, value in d.items() if key not in unwanted} if d else {}


def merge(target: Dict | None, *sources: Dict | None) -> Dict:
    """Fill what is missing or empty in the target from the sources, in depth (mergo.Merge)."""
    return _merge_all(target, sources, overwrite=False)


def merge_overwrite(target: Dict | None, *sources: Dict | None) -> Dict:
    """Put the sources' values over the target's, in depth (mergo.MergeWithOverwrite)."""
    return _merge_all(target, sources, overwrite=True)


def _merge_all(target: Dict | None, sources: tuple[Dict | None, ...], *, overwrite: bool) -> Dict:
    if target is None or type(target) is NilMap:
        target = NilMap() if all(source is None or type(source) is NilMap for source in sources) else {}
    for source in sources:
        if source:
            _merge(target, source, overwrite)
    return target


def _merge(target: Dict, source: Dict, overwrite: bool) -> None:
    """One step of mergo's: nested dictionaries grow in place, all other values are shared with the source.

    A nil in the source counts only when overwriting; false, 0 and "" in the target count as missing.
    """
    for key, value in source.items():
        old = target.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and type(old) is not NilMap:
            _merge(old, value, overwrite)
            if old:
                continue
        if overwrite or (not old and value is not None):
            if type(target) is StringMap and type(source) is not StringMap:
                raise FunctionError(_NOT_A_STRING.format(type_of(value) if is_slice(value) else "interface {}"))
            target[key] = value


def deep_copy(value: Any) -> Any:
    """A copy of nested dictionaries and lists that keeps their types; everything else doesn't change anyway."""
    if value is None:
        raise FunctionError(ZERO_VALUE)
    return _copy(value)


def _copy(value: Any) -> Any:
    kind = type(value)
    if isinstance(value, dict):
        pairs = {k: _copy(v) if isinstance(v, dict | list) else v for k, v in value.items()}
        return pairs if kind is dict else kind(pairs)
    if isinstance(value, list):
        items = [_copy(v) if isinstance(v, dict | list) else v for v in value]
        return items if kind is list else kind(items)
    return value


def dig(*path: Any) -> Any:
    """The value under a path of keys, whose last two arguments are a default and the dictionary."""
    if len(path) < 3:
        raise FunctionError("dig needs at least three arguments")
    *names, fallback, found = path
    _assert_map(found)
    for name in names:
        if type(name) is not str:
            raise FunctionError(f"interface conversion: interface {{}} is {_type_of(name)}, not string")
    for at, name in enumerate(names):
        if at:
            _assert_map(found)
        if name not in found:
            return fallback
        found = found[name]
    return found


def _assert_map(value: Any) -> None:
    """Go's type assertion, which .Values itself doesn't pass."""
    if type(value) is not dict and type(value) is not NilMap:
        raise FunctionError(f"interface conversion: interface {{}} is {_type_of(value)}, not map[string]interface {{}}")


def _type_of(value: Any) -> str:
    return "nil" if value is None else type_of(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "deepCopy": deep_copy,
    "dict": dict_,
    "dig": dig,
    "get": get,
    "hasKey": has_key,
    "keys": keys,
    "merge": merge,
    "mergeOverwrite": merge_overwrite,
    "mustDeepCopy": deep_copy,
    "mustMerge": merge,
    "mustMergeOverwrite": merge_overwrite,
    "omit": omit,
    "pick": pick,
    "pluck": pluck,
    "set": set_,
    "unset": unset,
    "values": values,
}
