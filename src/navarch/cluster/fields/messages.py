"""Why an applied object doesn't fit its type, in structured-merge-diff's words."""

from __future__ import annotations

from navarch.cluster.fields.elements import shown
from navarch.cluster.fields.typed import MismatchError, check_scalar, item_step
from navarch.golang import json
from navarch.golang.strconv import format_float, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.types import Type

__all__ = ["explain"]

_GO_TYPES = {
    str: "string",
    bool: "bool",
    dict: "map[string]interface {}",
    list: "[]interface {}",
    int: "int64",
    float: "float64",
}
_REPEATED = "duplicate entries for key "
_EXPECTED = {"numeric": "numeric (int or float)", "string": "string", "boolean": "boolean", "untyped": "any scalar"}


def explain(kind: Type, value: Any, *, repeated: bool = False) -> str:
    """All that is wrong with a value: one line, or a list of them. `repeated`: items with the same key are right."""
    found = [one for one in _problems(kind, value) if not (repeated and one[1].startswith(_REPEATED))]
    told = [f"{path}: {message}" if path else message for path, message in found]
    return told[0] if len(told) == 1 else "\n  ".join(["errors:", *told])


def _problems(kind: Type, value: Any) -> list[tuple[str, str]]:
    """Pairs of a path and what is wrong there."""
    sort = value.__class__
    if kind.loose and (sort in (dict, list) or value is not None):
        return []
    if kind.children is not None:
        return _in_map(kind.children, value)
    if kind.scalar:
        return _in_scalar(kind, value)
    return _in_list(kind, value)


def _in_scalar(kind: Type, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if _fits(kind, value):
        return []
    if kind.scalar == "numeric":
        got = _GO_TYPES[value.__class__]
    elif kind.scalar == "string":
        got = f"&value.valueUnstructured{{Value:{_go_syntax(value)}}}"
    else:
        got = f"&{{{_plain(value)}}}"
    return [("", f"expected {_EXPECTED[kind.scalar]}, got {got}")]


def _fits(kind: Type, value: Any) -> bool:
    if value.__class__ in (dict, list):
        return False
    try:
        check_scalar(kind, value.__class__)
    except MismatchError:
        return False
    return True


def _in_map(children: dict[str, Type | None], value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if value.__class__ is not dict:
        return [("", f"expected map, got &{{{_plain(value)}}}")]
    out = []
    for name in sorted(value):
        child = children[name]
        if child is None:
            out.append((f".{name}", "field not declared in schema"))
            break
        out += [(f".{name}{path}", message) for path, message in _problems(child, value[name])]
    return out


def _in_list(kind: Type, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if value.__class__ is not list:
        return [("", f"expected list, got &{{{_plain(value)}}}")]
    out: list[tuple[str, str]] = []
    seen: set[str] = set()
    for index, item in enumerate(value):
        step = f"i:{index}"
        if not kind.atomic_list:
            try:
                step = item_step(kind, item)
            except MismatchError as error:
                return [*out, ("", f"element {index}: {error}")]
            if step in seen:
                out.append(("", _REPEATED + shown(step)))
            seen.add(step)
        if kind.items is not None:
            out += [(shown(step) + path, message) for path, message in _problems(kind.items, item)]
    return out


def _plain(value: Any) -> str:
    """As Go's %v prints it."""
    if value is None:
        return "<nil>"
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ is dict:
        return "map[" + " ".join([f"{name}:{_plain(value[name])}" for name in sorted(value)]) + "]"
    if value.__class__ is list:
        return "[" + " ".join([_plain(item) for item in value]) + "]"
    return format_float(value) if value.__class__ is float else str(value)


def _go_syntax(value: Any) -> str:
    """As Go's %#v prints it."""
    if value is None:
        return "interface {}(nil)"
    if value.__class__ is str:
        return quote(value)
    if value.__class__ is dict:
        inner = ", ".join([f"{quote(name)}:{_go_syntax(value[name])}" for name in sorted(value)])
        return f"map[string]interface {{}}{{{inner}}}"
    if value.__class__ is list:
        return "[]interface {}{" + ", ".join([_go_syntax(item) for item in value]) + "}"
    return json.float_text(value) if value.__class__ is float else _plain(value)
