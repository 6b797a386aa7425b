"""What is wrong with an object that a patch made: the messages of apimachinery's FromUnstructured.

Objects that never were JSON are put into Go's types by another way than decoding, which goes through a type's fields in
their order and stops at the first that doesn't fit.
"""

from __future__ import annotations

from navarch.cluster.decode.scalars import SCALARS, Mismatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["fault"]

_KINDS = {str: "string", bool: "bool", int: "int64", list: "slice", dict: "map"}
_GO_KINDS = {"string": "string", "boolean": "bool", "number": "float64"}
_READ_THEMSELVES = frozenset(("quantity", "int-or-string", "time", "micro-time", "duration"))


def fault(schema: Schema, value: Any) -> str:
    """The first thing that is wrong, in words; "" for nothing."""
    kind = schema.kind
    if value is None or kind == "any":
        return ""
    if kind == "struct":
        return _struct_fault(schema, value)
    if kind == "map":
        if not isinstance(value, dict):
            return f"cannot restore map from {_kind(value)}"
        return next(filter(None, (fault(schema.element, item) for item in value.values())), "")
    if kind == "list" or (kind == "bytes" and type(value) is not str):
        if type(value) is not list:
            return f"cannot restore slice from {_kind(value)}"
        return next(filter(None, (fault(schema.element, item) for item in value)), "") if kind == "list" else ""
    if kind in _READ_THEMSELVES or kind == "bytes":
        return _own_fault(schema, value)
    return _scalar_fault(schema, value)


def _struct_fault(schema: Schema, value: Any) -> str:
    if not isinstance(value, dict):
        return f"cannot restore struct from: {_kind(value)}"
    for name, field in schema.fields.items():
        if name in value:
            found = fault(field.schema, value[name])
            if found:
                return found
    return ""


def _kind(value: Any) -> str:
    return _KINDS.get(type(value)) or ("map" if isinstance(value, dict) else "float64")


def _own_fault(schema: Schema, value: Any) -> str:
    """Types that read JSON themselves."""
    try:
        SCALARS[schema.kind](schema, value, True)
    except Mismatch as error:
        if schema.kind == "bytes":
            return f"error decoding from json: {error.text}"
        return error.text or f"json: cannot unmarshal {_json_kind(error.value)} into Go value of type {error.go_type}"
    return ""


def _json_kind(value: Any) -> str:
    names = {"int64": "number", "float64": "number", "slice": "array", "map": "object"}
    kind = _kind(value)
    return names.get(kind, kind)


def _scalar_fault(schema: Schema, value: Any) -> str:
    """Strings, numbers and bools: Go converts between numbers, and knows a way from numbers to strings."""
    wanted, found = _GO_KINDS.get(schema.kind, schema.format or "int64"), _kind(value)
    if wanted == found or (wanted not in {"string", "bool"} and found == "int64"):
        return ""
    told = schema.go_type or wanted
    if found == "int64" and wanted == "string":
        return f"cannot convert int64 to {told}"
    if found == "float64" and schema.kind == "integer":
        return "" if float(value).is_integer() else f"cannot convert float64 to {told}"
    return f"unrecognized type: {wanted}"
