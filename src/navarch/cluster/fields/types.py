"""Schemas as the merging of fields sees them: what is one field, and what consists of fields.

That is less than a Schema tells, and asked for more often; each type is made when it is first met. Facts are those of
Kubernetes' conversion from OpenAPI (kube-openapi's schemaconv).
"""

from __future__ import annotations

from navarch.cluster.types.schema import ANY, Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Type", "type_of", "zero"]

SCALARS = {
    "string": "string",
    "bytes": "string",
    "duration": "string",
    "integer": "numeric",
    "number": "numeric",
    "boolean": "boolean",
    "quantity": "untyped",
    "time": "untyped",
    "micro-time": "untyped",
}
ATOMIC = frozenset({"io.k8s.apimachinery.pkg.runtime.RawExtension"})
ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "quantity": "0", "int-or-string": 0}
_REMEMBERED = 1000


class Type:
    """A type: a scalar, a list, a map, or whichever of these a value is.

    - `scalar`: string, numeric, boolean, untyped (any of them), or "" where no scalar may stand.
    - `items`: what a list holds, None where no list may stand; `atomic_list`: it is one field. `keys` are the fields
      that tell the items of a list apart, () for a set; `defaults` what they are where they are left out.
    - `children`: the types of a map's entries by name, None for one that isn't declared; None where no map may stand.
      `atomic_map`: it is one field. `declared`: the names of a struct's fields.
    """

    __slots__ = ("atomic_list", "atomic_map", "children", "declared", "defaults", "items", "keys", "loose", "scalar")

    def __init__(self) -> None:
        self.scalar = ""
        self.items: Type | None = None
        self.atomic_list = True
        self.keys: tuple[str, ...] = ()
        self.defaults: dict[str, Any] = {}
        self.children: dict[str, Type | None] | None = None
        self.atomic_map = False
        self.declared: frozenset[str] | dict[str, Any] = frozenset()
        self.loose = False  # several of scalar, list and map may stand here


class _Entries(dict[str, "Type | None"]):
    """The entries of a map or struct; types of fields are made when they are asked for."""

    def __init__(self, schema: Schema, others: Type | None, is_open: bool) -> None:
        super().__init__()
        self._schema = schema
        self._others = others
        self._open = is_open

    def __missing__(self, name: str) -> Type | None:
        field = self._schema.fields.get(name)
        if field is None:
            return self._others
        made = self[name] = _make(field.schema, self._open)
        return made


class _Same(dict[str, "Type | None"]):
    """The entries of a map whose values are all of one type."""

    def __init__(self, value: Type) -> None:
        super().__init__()
        self._value = value

    def __missing__(self, name: str) -> Type:
        return self._value


def _loose(*, atomic: bool) -> Type:
    made = Type()
    made.scalar = "untyped"
    made.loose = True
    made.atomic_map = atomic
    return made


UNTYPED = _loose(atomic=True)
UNTYPED.items = UNTYPED
UNTYPED.children = _Same(UNTYPED)
DEDUCED = _loose(atomic=False)
DEDUCED.items = UNTYPED
DEDUCED.children = _Same(DEDUCED)
OBJECT = Type()
OBJECT.children = _Same(DEDUCED)

_known: dict[Schema, Type] = {}


def type_of(schema: Schema) -> Type:
    """The type that a schema describes; the same object each time."""
    found = _known.get(schema)
    if found is None:
        if len(_known) >= _REMEMBERED:  # of custom resources that are long gone
            _known.clear()
        found = _known[schema] = (
            _struct(schema, schema.open) if schema.kind == "struct" else _make(schema, is_open=False)
        )
    return found


def _make(schema: Schema, is_open: bool) -> Type:
    """`is_open`: below x-kubernetes-preserve-unknown-fields, which holds for all inline types further down."""
    kind = schema.kind
    scalar = SCALARS.get(kind)
    if scalar:
        return _scalar("untyped" if scalar == "string" and schema.format not in ("", "byte") else scalar)
    if kind == "list":
        return _list(schema, is_open)
    if kind == "map":
        made = Type()
        made.children = _Same(_make(schema.element, is_open))
        made.atomic_map = schema.relation == "atomic"
        return made
    if kind == "struct":
        return type_of(schema) if schema.name else _struct(schema, is_open or schema.open)
    if schema.name in ATOMIC:
        return UNTYPED
    if schema.relation != "atomic":
        return OBJECT if schema.format == "object" else DEDUCED
    made = Type() if schema.format == "object" else _loose(atomic=True)
    made.atomic_map, made.children = True, _Same(DEDUCED)
    made.items = UNTYPED if made.loose else None
    return made


def _scalar(kind: str) -> Type:
    return _SCALAR_TYPES[kind]


def _one_scalar(kind: str) -> Type:
    made = Type()
    made.scalar = kind
    return made


_SCALAR_TYPES = {kind: _one_scalar(kind) for kind in ("string", "numeric", "boolean", "untyped")}


def _list(schema: Schema, is_open: bool) -> Type:
    made = Type()
    element = schema.element
    made.items = UNTYPED if element is ANY and schema.relation == "atomic" else _make(element, is_open)
    made.atomic_list = schema.relation == "atomic"
    if not made.atomic_list:
        made.keys = tuple(sorted(schema.keys))
        fields = element.fields if made.keys else {}
        told = {name: fields[name].default for name in made.keys if name in fields}
        made.defaults = {name: value for name, value in told.items() if value is not ... and value is not None}
    return made


def _struct(schema: Schema, is_open: bool) -> Type:
    made = Type()
    fields = schema.fields
    made.declared = fields
    made.children = _Entries(schema, DEDUCED if is_open or not fields else None, is_open)
    made.atomic_map = schema.relation == "atomic"
    return made


def zero(schema: Schema) -> dict[str, Any]:
    """An empty object of a built-in type as Go writes it: what can't be left out stands there, with nothing in it."""
    out: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if not field.omitted:
            kind = field.schema.kind
            out[name] = None if field.nullable else zero(field.schema) if kind == "struct" else ZEROS.get(kind)
    return out
