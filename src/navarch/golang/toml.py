"""TOML to the letter of BurntSushi/toml: what its encoder writes, and what it decodes into a map.

Reading is in `tomltext`. Times without a zone are in one of three zones of their own, by which the encoder knows to
leave the zone away again.
"""

from __future__ import annotations

from math import copysign

from navarch.errors import FunctionError, TomlError
from navarch.golang.json import exported_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Fields = dict[str, Any]
else:
    _Fields = dict

__all__ = ["dumps", "key_text", "loads"]

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)} | {
    8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip
_ZONED = "2006-01-02T15:04:05.999999999Z07:00"
_LOCAL = {
    "datetime-local": "2006-01-02T15:04:05.999999999",
    "date-local": "2006-01-02",
    "time-local": "15:04:05.999999999",
}


def loads(text: str) -> dict[str, Any]:
    """toml.Unmarshal into a map. Raises TomlError with the library's message, which begins with "toml: "."""
    from navarch.golang.recursion import call_deep
    from navarch.golang.tomltext import Reader

    try:
        return call_deep(lambda: Reader(text).read())  # type: ignore[no-any-return]
    except RecursionError:
        raise TomlError("toml: values nested too deeply") from None


def dumps(value: Any) -> str:
    """What toml.NewEncoder writes: indented tables, keys of plain values first.

    Raises TomlError, or FunctionError where the encoder panics.
    """
    out: list[str] = []
    try:
        _encode((), _plain(value, top=True), out.append, out)
    except RecursionError:
        raise TomlError("toml: tables nested too deeply") from None
    return "".join(out)


class _Struct(_Fields):
    """A struct's fields, which keep their order."""

    __slots__ = ()


def _plain(value: Any, *, top: bool = False) -> Any:
    """One of our Go types as the encoder sees it: dict, list, None, or a value that is written as one element."""
    if type(value) in (str, bool, int, float, dict, list, _Struct):
        return value
    if value is None:
        if top:
            raise FunctionError("reflect: call of reflect.Value.Type on zero Value")
        return None
    if getattr(value, "go_nil", False):
        return [] if top and isinstance(value, list) else None
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple, bytes)):
        return list(value)
    if isinstance(value, int) or getattr(value, "go_type", "") in ("time.Time", "*semver.Version"):
        return value
    fields = exported_fields(value)
    if fields is None:
        raise TomlError(f"unsupported type: {getattr(value, 'go_kind', 'struct')}")
    return _Struct(fields)


def _is_tables(value: list[Any]) -> bool:
    """Whether a list, which must not hold nil, is an array of tables."""
    tables = bool(value)
    for item in map(_plain, value):
        if item is None:
            raise TomlError("toml: cannot encode array with nil element")
        if type(item) is list:
            _is_tables(item)
        if not isinstance(item, dict):
            tables = False
    return tables


def _encode(key: tuple[str, ...], value: Any, w: Callable[[str], None], out: list[str]) -> None:
    if isinstance(value, dict):
        if len(key) == 1 and out:
            w("\n")
        if key:
            w(f"{'  ' * (len(key) - 1)}[{key_text(key)}]\n")
        _mapping(key, value, w, out)
    elif type(value) is list and _is_tables(value):
        if not key:
            raise TomlError("toml: top-level values must be Go maps or structs")
        for item in value:
            if out:
                w("\n")
            w(f"{'  ' * (len(key) - 1)}[[{key_text(key)}]]\n")
            _mapping(key, _plain(item), w, out)
    elif key:
        w(f"{'  ' * (len(key) - 1)}{key_text(key[-1:])} = {_element(value)}\n")
    elif value is not None:
        w(_element(value))


def _split(value: dict[str, Any]) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """A mapping's plain values and its tables, both sorted by key, nil ones too."""
    direct: list[tuple[str, Any]] = []
    tables: list[tuple[str, Any]] = []
    for key in value if type(value) is _Struct else sorted(value):
        item = _plain(value[key])
        is_table = isinstance(item, dict) or (type(item) is list and _is_tables(item))
        (tables if is_table else direct).append((key, item))
    return direct, tables


def _mapping(key: tuple[str, ...], value: dict[str, Any], w: Callable[[str], None], out: list[str]) -> None:
    direct, tables = _split(value)
    for name, item in (*direct, *tables):
        if item is not None:
            _encode((*key, name), item, w, out)


def _element(value: Any) -> str:
    if type(value) is str:
        return f'"{value.translate(_ESCAPES)}"'
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float:
        return _float(value)
    if type(value) is list:
        return f"[{', '.join([_element(_plain(item)) for item in value])}]"
    if isinstance(value, dict):
        return _inline(value)
    kind = getattr(value, "go_type", "int64")
    if kind == "time.Time":
        return str(value.format(_LOCAL.get(value.location.name, _ZONED)))
    if kind in ("time.Duration", "*semver.Version"):
        return f'"{value}"'
    return int.__repr__(value)


def _inline(value: dict[str, Any]) -> str:
    """An inline table. The comma depends on what follows in the mapping, whether that is nil or not."""
    direct, tables = _split(value)
    out = ["{"]
    for items, more in ((direct, bool(tables)), (tables, False)):
        for at, (key, item) in enumerate(items):
            if item is not None:
                out.append(f"{key_text((key,))} = {_element(item)}")
                if more or at != len(items) - 1:
                    out.append(", ")
    out.append("}")
    return "".join(out)


def _float(value: float) -> str:
    from navarch.golang.strconv import shortest_float

    if value - value != 0:
        return ("-" if copysign(1, value) < 0 else "") + ("inf" if value == value else "nan")  # noqa: PLR0124
    text = shortest_float(value)
    return text if "." in text or "e" in text else text + ".0"


def key_text(key: tuple[str, ...]) -> str:
    """A dotted key, with quotes where they are needed."""
    return ".".join([part if part and _BARE.issuperset(part) else f'"{part.translate(_ESCAPES)}"' for part in key])
