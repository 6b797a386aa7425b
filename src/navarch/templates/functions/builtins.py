"""The functions that Go's text/template itself has, save for `slice`, which sprig's covers.

`and` and `or` stand here for completeness: a compiler evaluates their operands one by one instead of calling them.
"""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.fmt import sprint, sprintf, sprintln
from navarch.golang.runes import byte_length, is_printable, to_bytes
from navarch.golang.types import Int, StringMap, Uint8, kind_of, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

_SIZED = (dict, list, bytes)
_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {n: f"\\u{n:04X}" for n in (*range(0x20), *b"<>&=")} | {ord(c): "\\" + c for c in "\\'\""}
_URL_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")


def and_(*values: Any) -> Any:
    for value in values:
        if not value:
            return value
    return values[-1]


def or_(*values: Any) -> Any:
    for value in values:
        if value:
            return value
    return values[-1]


def not_(value: Any) -> bool:
    return not value


def length(value: Any) -> Int:
    kind = type(value)
    if kind is str:
        return Int(byte_length(value))
    if kind in _SIZED or isinstance(value, _SIZED):
        return Int(len(value))
    if value is None:
        raise FunctionError("len of nil pointer")
    raise FunctionError(f"len of type {_pointed_type(value)}")


def _pointed_type(value: Any) -> str:
    """The type of a value, or of what it points to."""
    return type_of(value).removeprefix("*")


def index(item: Any, *keys: Any) -> Any:
    if item is None:
        raise FunctionError("index of untyped nil")
    for key in keys:
        if item is None:
            raise FunctionError("index of nil pointer")
        if isinstance(item, dict):
            item = _map_item(item, key)
        elif isinstance(item, list):
            item = item[_position(key, len(item), "slice")]
        elif isinstance(item, bytes):
            item = Uint8(item[_position(key, len(item), "slice")])
        elif type(item) is str:
            data = to_bytes(item)
            item = Uint8(data[_position(key, len(data), "string")])
        else:
            raise FunctionError(f"can't index item of type {_pointed_type(item)}")
    return item


def _map_item(values: dict[str, Any], key: Any) -> Any:
    """The value of a key, or the zero value of the map's items."""
    if type(key) is not str:
        if key is None:
            raise FunctionError("value is nil; should be of type string")
        raise FunctionError(f"value has type {type_of(key)}; should be string")
    if key in values:
        return values[key]
    return "" if type(values) is StringMap else getattr(values, "go_zero", None)


def _position(key: Any, size: int, what: str) -> int:
    """An index as a position, checked as text/template does it and after that package reflect."""
    if not isinstance(key, int) or isinstance(key, bool):
        if key is None:
            raise FunctionError("cannot index slice/array with nil")
        raise FunctionError(f"cannot index slice/array with type {type_of(key)}")
    if not 0 <= key <= size:
        raise FunctionError(f"index out of range: {int(key)}")
    if key == size:
        raise FunctionError(f"reflect: {what} index out of range")
    return key


def call(name: str, function: Any, *_: Any) -> Any:
    """No value in a chart's reach is a function; `name` is the operand as the template has it, "" for a piped one."""
    if function is None:
        raise FunctionError("call of nil")
    if not name:  # reflect.Value.String
        name = function if isinstance(function, str) else f"<{type_of(function)} Value>"
    raise FunctionError(f"non-function {name} of type {type_of(function)}")


_KINDS = {
    str: "string",
    bool: "bool",
    int: "int",
    Int: "int",
    float: "float",
    Uint8: "uint",
    complex: "complex",
    type(None): "",
}


def _basic_kind(value: Any) -> str:
    """The kind that decides about comparing: bool, int, uint, float, string, or "" for any other and for nil."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    return kind_of(value).rstrip("0123456789") if isinstance(value, int) else ""


def eq(first: Any, *others: Any) -> bool:
    """Whether a value equals one of the others. Integers compare regardless of size and sign, nothing else mixes."""
    if len(others) == 1:
        kind = type(first)
        if kind is type(others[0]) and kind in _KINDS:
            return bool(first == others[0])
    elif not others:
        raise FunctionError("missing argument for comparison")
    basic = _basic_kind(first)
    return any(_equal(basic, first, other) for other in others)


def _equal(kind: str, first: Any, other: Any) -> bool:
    other_kind = _basic_kind(other)
    if kind == other_kind and kind:
        return bool(first == other)
    if kind != other_kind:
        if kind in ("int", "uint") and other_kind in ("int", "uint"):
            return bool(first == other)
        if first is not None and other is not None:
            raise FunctionError(f"incompatible types for comparison: {type_of(first)} and {type_of(other)}")
        return False
    return _equal_composite(first, other)


def _equal_composite(first: Any, other: Any) -> bool:
    """Values that are neither numbers nor strings nor bools: nil compares with all of them, maps and slices only so."""
    if first is not None and other is not None and kind_of(first) != kind_of(other):
        raise FunctionError(
            f"non-comparable types {sprintf('%s', first)}: {type_of(first)}, {type_of(other)}: {sprintf('%v', other)}"
        )
    first_nil, other_nil = _is_nil(first), _is_nil(other)
    if first_nil or other_nil:
        return first_nil == other_nil
    if kind_of(other) in ("map", "slice"):
        raise FunctionError(f"non-comparable type {sprintf('%s', other)}: {type_of(other)}")
    return bool(first is other if kind_of(other) == "ptr" else first == other)


def _is_nil(value: Any) -> bool:
    return value is None or getattr(value, "go_nil", False)


def ne(first: Any, other: Any) -> bool:
    kind = type(first)
    if kind is type(other) and kind in _KINDS:
        return bool(first != other)
    return not _equal(_basic_kind(first), first, other)


def lt(first: Any, other: Any) -> bool:
    kind, other_kind = _basic_kind(first), _basic_kind(other)
    if kind != other_kind and kind and other_kind and not {kind, other_kind} <= {"int", "uint"}:
        raise FunctionError(f"incompatible types for comparison: {type_of(first)} and {type_of(other)}")
    if kind in ("", "bool", "complex") or other_kind == "":
        raise FunctionError("invalid type for comparison")
    if kind == "string" and not (first.isascii() and other.isascii()):
        return to_bytes(first) < to_bytes(other)
    return bool(first < other)


def le(first: Any, other: Any) -> bool:
    return lt(first, other) or bool(first == other)


def gt(first: Any, other: Any) -> bool:
    return not le(first, other)


def ge(first: Any, other: Any) -> bool:
    return not lt(first, other)


def _shown(values: tuple[Any, ...]) -> str:
    """The operands of an escaping function as text; nil shows as an action shows it."""
    if len(values) == 1 and type(values[0]) is str:
        return values[0]
    return sprint(*["<no value>" if value is None else value for value in values])


def html(*values: Any) -> str:
    return _shown(values).translate(_HTML)


def js(*values: Any) -> str:
    escaped = _shown(values).translate(_JS)
    if escaped.isascii():
        return escaped
    return "".join([c if _is_js_text(c) else f"\\u{ord(c):04X}" for c in escaped])


def _is_js_text(char: str) -> bool:
    """Whether a character stays as it is: escaped already, a byte that is not UTF-8, or printable."""
    return char < "\x80" or "\udc80" <= char <= "\udcff" or is_printable(char)


def urlquery(*values: Any) -> str:
    data = to_bytes(_shown(values))
    if _URL_SAFE.issuperset(data):
        return data.decode()
    return "".join([chr(b) if b in _URL_SAFE else "+" if b == 32 else f"%{b:02X}" for b in data])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "and": and_,
    "call": call,
    "eq": eq,
    "ge": ge,
    "gt": gt,
    "html": html,
    "index": index,
    "js": js,
    "le": le,
    "len": length,
    "lt": lt,
    "ne": ne,
    "not": not_,
    "or": or_,
    "print": sprint,
    "printf": sprintf,
    "println": sprintln,
    "urlquery": urlquery,
}
