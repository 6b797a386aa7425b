"""One object through Go's types: what apimachinery's decoder reads of it, as its encoder would write it again.

What `convert` walks with. Types come as Schema; for each struct a plan is made once. Errors are those of
sigs.k8s.io/json: unknown and repeated fields are collected, the first value of a wrong type is kept until the end, and
what a type's own UnmarshalJSON refuses ends the reading at once.
"""

from __future__ import annotations

from navarch.cluster.decode.reading import Repeated, number_text
from navarch.cluster.decode.scalars import SCALARS, Mismatch
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.cluster.types.schema import Field, Schema

    Read = Callable[["Walk", Schema, Any], Any]
    Plan = tuple[dict[str, tuple[Read, Schema, int]], tuple[tuple[str, Callable[[], Any]], ...]]

__all__ = ["StopError", "Walk", "empty", "kept_empty", "plain", "zero_element"]

_MOST_ERRORS = 100
_KEEP, _DROP, _LATER = 0, 1, 2
_STORED_AS_JSON = "io.k8s.apiextensions-apiserver."
_NAMES = {dict: "object", list: "array", str: "string", bool: "bool"}
_ZEROS: dict[str, Any] = {
    "string": "",
    "bytes": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "quantity": "0",
    "int-or-string": 0,
}
_plans: dict[Schema, Plan] = {}


class StopError(Exception):
    """Reading can't go on; the message is that of the type that refused its value."""


class Walk:
    """One reading. `strict` are the unknown and repeated fields, `error` the first wrong type ("" for none).

    `path` has a str for a field, an int for an index and a 1-tuple for a key of a map. `lenient` is how objects that
    never were JSON are read (what patches make): whole floats are ints.
    """

    __slots__ = ("error", "lenient", "path", "root", "strict", "struct")

    def __init__(self, root: Schema | None = None, *, lenient: bool = False) -> None:
        self.root = root
        self.path: list[Any] = []
        self.struct = ""
        self.strict: dict[str, None] = {}
        self.error = ""
        self.lenient = lenient

    def value(self, schema: Schema, value: Any) -> Any:
        """A value as the type writes it; None for null."""
        return _READ[schema.kind](self, schema, value)

    def note(self, what: str, name: str) -> None:
        """Remember an unknown or repeated field below where we are."""
        if len(self.strict) < _MOST_ERRORS:
            self.strict.setdefault(f"{what} {quote(self.place(name))}")

    def place(self, name: str) -> str:
        """A field below where we are, as strict errors name it."""
        text = ""
        for step in self.path:
            if type(step) is int:
                text += f"[{step}]"
            else:
                text += f".{step if type(step) is str else step[0]}" if text else step if type(step) is str else step[0]
        return f"{text}.{name}" if text else name

    def wrong(self, value: Any, go_type: str, *, exact: bool = False) -> None:
        """Remember a value of a wrong type, if it is the first; `exact`: a number of the right sort, but unfit."""
        if not self.error:
            self.error = self.mismatch(value, go_type, exact=exact)

    def mismatch(self, value: Any, go_type: str, *, exact: bool = False) -> str:
        """encoding/json's words for a value of a wrong type."""
        what = _NAMES.get(type(value)) or ("object" if isinstance(value, dict) else "number")
        if what == "number" and exact:
            what = f"number {number_text(value)}"
        from navarch.cluster.decode.embedded import go_path

        fields = go_path(self.root, self.path)
        if not fields:
            return f"json: cannot unmarshal {what} into Go value of type {go_type}"
        return f"json: cannot unmarshal {what} into Go struct field {self.struct}.{'.'.join(fields)} of type {go_type}"


def _plan(schema: Schema) -> Plan:
    """How the fields of a struct are read, and what is written for those that are absent."""
    fields = schema.fields
    json = schema.name.startswith(_STORED_AS_JSON)
    known = {name: (_READ[field.schema.kind], field.schema, _drops(field, json)) for name, field in fields.items()}
    always = tuple((name, _zero(field)) for name, field in fields.items() if not field.omitted)
    made = _plans[schema] = (known, always)
    return made


def _drops(field: Field, json: bool) -> int:
    """Whether an empty value is no value: _KEEP, _DROP (omitempty), or _LATER.

    Lists and maps that are written though empty become null when they are stored as protobuf. Until then managedFields
    count them, so that they stay where they are easily found: in no other list or map.
    """
    kind = field.schema.kind
    if kind in ("list", "map"):
        return _DROP if field.omitted else _KEEP if json else _LATER
    return _DROP if field.omitted and (not field.nullable or kind == "bytes") else _KEEP


def _zero(field: Field) -> Callable[[], Any]:
    """What makes the value of a field that was never set."""
    kind = field.schema.kind
    if kind == "struct" and not field.nullable:
        schema = field.schema
        return lambda: empty(schema)
    value = None if field.nullable else _ZEROS.get(kind)
    return lambda: value


def empty(schema: Schema) -> dict[str, Any]:
    """A struct of which nothing was set."""
    _, always = _plans.get(schema) or _plan(schema)
    return {name: zero() for name, zero in always}


def kept_empty(schema: Schema) -> list[tuple[str, ...]]:
    """The paths of the lists and maps that are written though empty, and that storing makes null."""
    found: list[tuple[str, ...]] = []
    for name, (_, inner, drops) in (_plans.get(schema) or _plan(schema))[0].items():
        if drops == _LATER:
            found.append((name,))
        elif inner.kind == "struct" and inner is not schema:
            found.extend((name, *rest) for rest in kept_empty(inner))
    return found


def _struct(walk: Walk, schema: Schema, value: Any) -> Any:
    if type(value) is not dict:
        if type(value) is Repeated:
            return _repeated_struct(walk, schema, value)
        walk.wrong(value, schema.go_type)
        return None
    return _fields(walk, schema, value.items())


def _fields(walk: Walk, schema: Schema, items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    known, always = _plans.get(schema) or _plan(schema)
    out: dict[str, Any] = {}
    path, outer = walk.path, walk.struct
    walk.struct = schema.go_type.rpartition(".")[2]
    for name, value in items:
        field = known.get(name)
        if field is None:
            if schema.open:
                out[name] = plain(value)
            else:
                walk.note("unknown field", name)
            continue
        if value is None:
            continue
        read, inner, drops = field
        path.append(name)
        made = read(walk, inner, value)
        path.pop()
        if made or (made is not None and _stays(drops, path)):
            out[name] = made
    walk.struct = outer
    for name, zero in always:
        if name not in out:
            out[name] = zero()
    return out


def _stays(drops: int, path: list[Any]) -> bool:
    """Whether an empty value is kept."""
    return drops == _KEEP or (drops == _LATER and all(type(step) is str for step in path))


def _repeated_struct(walk: Walk, schema: Schema, value: Repeated) -> dict[str, Any]:
    """A struct in which a field stands twice: Go reads the second into what the first left."""
    seen: set[str] = set()
    fields = schema.fields
    for name, item in value.pairs:
        if name in fields and name in seen:
            walk.note("duplicate field", name)
        seen.add(name)
        _fields(walk, schema, ((name, item),))
    quiet = Walk(schema, lenient=walk.lenient)
    return _fields(quiet, schema, _merged_fields(schema, value.pairs).items())


def _merged_fields(schema: Schema, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in pairs:
        field = schema.fields.get(name)
        before = out.get(name)
        if field is None or not (isinstance(before, dict) and isinstance(value, dict)):
            keeps = value is None and field is not None and not field.nullable
            out[name] = before if keeps else value
        elif field.schema.kind == "struct":
            both = (*_pairs(before), *_pairs(value))
            out[name] = _merged_fields(field.schema, both)
        elif field.schema.kind == "map":
            out[name] = {**before, **value}
        else:
            out[name] = value
    return out


def _pairs(value: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return value.pairs if type(value) is Repeated else value.items()


def _list(walk: Walk, schema: Schema, value: Any) -> Any:
    if type(value) is not list:
        walk.wrong(value, schema.go_type)
        return None
    element = schema.element
    kind = element.kind
    if kind == "string" and set(map(type, value)) <= {str}:
        return value.copy()
    read = _READ[kind]
    out = []
    path = walk.path
    for index, item in enumerate(value):
        path.append(index)
        out.append(zero_element(element) if item is None else read(walk, element, item))
        path.pop()
    return out


def _map(walk: Walk, schema: Schema, value: Any) -> Any:
    if type(value) is not dict and type(value) is not Repeated:
        walk.wrong(value, schema.go_type)
        return None
    element = schema.element
    kind = element.kind
    if kind == "string" and type(value) is dict and set(map(type, value.values())) <= {str}:
        return value.copy()
    read = _READ[kind]
    out = {}
    path = walk.path
    for name, item in _pairs(value):
        if name in out:
            walk.note("duplicate field", name)
        path.append((name,))
        out[name] = zero_element(element) if item is None else read(walk, element, item)
        path.pop()
    return out


def zero_element(schema: Schema) -> Any:
    """What null is among the values of a list or map: the type's zero value."""
    kind = schema.kind
    if kind == "struct":
        return empty(schema)
    return _ZEROS.get(kind)


def _scalar(walk: Walk, schema: Schema, value: Any) -> Any:
    """Values that aren't structs, lists or maps, where the quick reading of their kind doesn't do."""
    try:
        return SCALARS[schema.kind](schema, value, walk.lenient)
    except Mismatch as error:
        if error.stops:
            raise StopError(error.text or walk.mismatch(error.value, error.go_type, exact=error.exact)) from None
        if error.text:
            walk.error = walk.error or error.text
        else:
            walk.wrong(error.value, error.go_type, exact=error.exact)
        return None


def _string(walk: Walk, schema: Schema, value: Any) -> Any:
    if type(value) is str:
        return value
    walk.wrong(value, schema.go_type or "string")
    return ""


def _boolean(walk: Walk, schema: Schema, value: Any) -> Any:
    if type(value) is bool:
        return value
    walk.wrong(value, schema.go_type or "bool")
    return False


def _any(walk: Walk, schema: Schema, value: Any) -> Any:
    if "JSONSchemaPropsOr" not in schema.name:
        return plain(value)
    from navarch.cluster.decode.jsonschema import read_part

    return read_part(walk, schema, value)


def plain(value: Any) -> Any:
    """A copy of a JSON value without what reading noted in it."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if type(value) is list:
        return [plain(item) for item in value]
    return float(value) if isinstance(value, float) else value


_READ: dict[str, Read] = {
    "struct": _struct,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "any": _any,
    **dict.fromkeys(
        ("integer", "number", "bytes", "quantity", "int-or-string", "time", "micro-time", "duration"), _scalar
    ),
}
