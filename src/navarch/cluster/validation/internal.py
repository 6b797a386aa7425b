"""How values look as JSON that an API server holds in its internal types: in some messages, and in their differences.

The internal types name their fields as Go does and leave hardly any out. `internal.txt`, which
`tools/cluster-validation` prints of the API server's source, has a struct a line: its name, then a field each as
`name|flags|type|source`. Flags: o for omitempty, z for omitzero. The source is the field's name in the published API,
empty when it is the same; `^x` is field x of the object around, `a/b` field b of a.
"""

from __future__ import annotations

from navarch.cluster.validation.errors import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["difference", "difference_of_lists", "show", "show_list", "show_pointer"]

_table: dict[str, list[tuple[str, str, str, str]]] = {}


def _fields(name: str) -> list[tuple[str, str, str, str]]:
    if not _table:
        from importlib.resources import files

        text = files("navarch.cluster.validation").joinpath("internal.txt").read_text("utf-8")
        for line in text.splitlines():
            key, *rows = line.split(" ")
            _table[key] = [_row(row) for row in rows if row]
    return _table[name]


def _row(text: str) -> tuple[str, str, str, str]:
    name, flags, kind, source = text.split("|")
    return name, flags, kind, source or name


def _struct(name: str, value: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """The fields in Go's order; a Python dict keeps it."""
    out: dict[str, Any] = {}
    for key, flags, kind, source in _fields(name):
        found = _look_up(source, value, around)
        if flags and _is_left_out(kind, flags, found):
            continue
        out[key] = _convert(kind, found, value)
    return out


def _look_up(source: str, value: dict[str, Any], around: dict[str, Any]) -> Any:
    if source[0] == "^":
        return around.get(source[1:])
    first, slash, second = source.partition("/")
    found = value.get(first)
    return (found or {}).get(second) if slash else found


def _is_left_out(kind: str, flags: str, found: Any) -> bool:
    if "z" in flags and found is None:
        return True
    if "o" not in flags:
        return False
    if kind[0] == "*":
        return found is None
    return (kind in {"string", "int", "bool"} and not found) or (kind[:2] in {"[]", "{}"} and not found)


def _convert(kind: str, found: Any, around: dict[str, Any]) -> Any:
    head = kind[:2]
    if kind[0] == "*":
        return None if found is None else _convert(kind[1:], found, around)
    if head == "[]":
        return None if found is None else [_convert(kind[2:], one, around) for one in found]
    if head == "{}":
        return None if found is None else {key: _convert(kind[2:], found[key], around) for key in sorted(found)}
    if "." in kind:
        return _struct(kind, found or {}, around)
    if found is None:
        return _ZERO.get(kind)
    return found


_ZERO: dict[str, Any] = {"string": "", "int": 0, "bool": False, "quantity": "0", "intstr": 0}


def _text(value: Any, indent: int | None = None) -> str:
    from json import dumps

    separators = (",", ":") if indent is None else (",", ": ")
    text = dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    for char in "<>&\u2028\u2029":
        if char in text:
            text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def show(name: str, value: dict[str, Any] | None, around: dict[str, Any] | None = None) -> Literal:
    """The struct as json.Marshal writes it; `around` is the object that has it."""
    return Literal(_text(_struct(name, value or {}, around or {})))


def show_pointer(name: str, value: dict[str, Any] | None, around: dict[str, Any] | None = None) -> Literal:
    """The same where None is Go's nil."""
    return Literal("null") if value is None else show(name, value, around)


def show_list(name: str, values: list[Any] | None) -> Literal:
    """A list of such structs."""
    return Literal(_text(_convert("[]" + name, values, {})))


def difference(name: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """What apimachinery's diff.Diff says of two structs: a unified difference of their indented JSON."""
    return _difference(_struct(name, old, {}), _struct(name, new, {}))


def difference_of_lists(name: str, old: list[Any], new: list[Any]) -> str:
    """The same of lists of such structs."""
    return _difference(_convert("[]" + name, old, {}), _convert("[]" + name, new, {}))


def _difference(old: Any, new: Any) -> str:
    from difflib import unified_diff

    before, after = [[line + "\n" for line in _text(one, 1).split("\n")] for one in (old, new)]
    return "".join(list(unified_diff(before, after, n=3))[2:])
