r"""Bodies in protobuf, as typed clients send them: the object that JSON would give.

A body is "k8s\0" and a runtime.Unknown: kind and version, and the object as a message of that kind. What a message
leaves out is what Go's encoder makes of a value that was never set. Kinds come from types/, numbers from messages.py.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.decode.messages import message
from navarch.cluster.decode.protoschema import has_forms, read_forms
from navarch.cluster.decode.protovalues import SCALARS, text
from navarch.cluster.decode.reading import DELETE_OPTIONS
from navarch.cluster.decode.typed import empty, zero_element
from navarch.cluster.decode.wire import DELIMITED, WireError, entry, members, varints
from navarch.cluster.problems import bad_request, unsupported_media_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.decode.messages import Message, Slot
    from navarch.cluster.problems import Problem
    from navarch.cluster.types.schema import Field, Schema

    Object = dict[str, Any]

__all__ = ["read_protobuf"]

_PREFIX = b"k8s\0"
_UNKNOWN = {
    1: ("TypeMeta", DELIMITED),
    2: ("Raw", DELIMITED),
    3: ("ContentEncoding", DELIMITED),
    4: ("ContentType", DELIMITED),
}
_OTHER_FORMS = ("application/json", "application/yaml")
_TYPE_META = {1: ("APIVersion", DELIMITED), 2: ("Kind", DELIMITED)}
_MOST_VALUES = 100_000  # of structs, and values of lists and maps: a message of two bytes takes hundreds in memory
_DEEPEST = 100
_known: dict[tuple[str, str], Schema | None] = {}


class _Unknown(NamedTuple):
    """A body before its object is read."""

    version: str
    kind: str
    raw: bytes


def read_protobuf(body: bytes, kind: str, version: str, refuse: Callable[[str], Problem]) -> Object:
    """The object of a body. `kind` and apiVersion `version` are what is expected, for bodies that don't say theirs.

    Raises Problem: 400, what `refuse` makes of the decoder's text if not even the kind can be told; 415 for custom
    resources, which have no form in protobuf. Of an unexpected object whose kind nobody knows, only the kind and the
    version come back.
    """
    try:
        found = _unknown(body, kind, version)
    except WireError as error:
        raise refuse(str(error)) from None
    made: Object = {"kind": found.kind, "apiVersion": found.version}
    schema = _schema(found.version, found.kind)
    if schema is None:
        if (found.version, found.kind) == (version, kind):
            raise unsupported_media_type(_OTHER_FORMS)
        return made
    try:
        return made | _Reading().struct(schema, found.raw, None)
    except WireError as error:
        if kind == DELETE_OPTIONS:
            raise bad_request(str(error)) from None
        short = found.version.rpartition("/")[2]
        told = f'{found.kind} in version "{short}" cannot be handled as a {kind or found.kind}: {error}'
        raise bad_request(told) from None


def _unknown(body: bytes, kind: str, version: str) -> _Unknown:
    if not body:
        raise WireError("empty data")
    if not body.startswith(_PREFIX):
        shown = " ".join(map(str, _PREFIX))
        raise WireError(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    if len(body) == len(_PREFIX):
        raise WireError("empty body")
    meta = {1: b"", 2: b""}
    raw = b""
    for number, value in members(body[len(_PREFIX) :], "Unknown", _UNKNOWN):
        if number == 1:
            meta.update(members(value, "TypeMeta", _TYPE_META))
        elif number == 2:
            raw = value
    said = text(meta[1])
    if said.count("/") > 1:
        said = ""  # as if there were none: Go's groups and versions can't hold it
    return _Unknown(said or version, text(meta[2]) or kind, raw)


def _schema(version: str, kind: str) -> Schema | None:
    """The type of a kind, None for one that isn't Kubernetes' own."""
    from navarch.cluster.types.builtin import definition
    from navarch.cluster.types.table import lines

    if kind == DELETE_OPTIONS:
        version = "v1"  # the same in all groups, custom ones included
    if (version, kind) not in _known:
        group, _, short = version.rpartition("/")
        table, ending = lines(), f".{kind}"
        full = (name for name in table if name.endswith(ending) and (group, short) in table.read(name).kinds)
        found = next(full, None)
        if found is None:
            return None
        _known[version, kind] = definition(found)
    return _known[version, kind]


class _Reading:
    """The reading of one body: how much of it may still come, and how deep we are."""

    __slots__ = ("depth", "left")

    def __init__(self) -> None:
        self.depth = 0
        self.left = _MOST_VALUES

    def count(self) -> None:
        """One more value."""
        self.left -= 1
        if self.left < 0:
            raise WireError("the object has too many values")

    def struct(self, schema: Schema, data: bytes, before: Object | None) -> Object:
        """A struct; `before` is what came of it earlier, which it is merged into."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise WireError("exceeded max depth")
        self.count()
        out = empty(schema) if before is None else before
        self.fields(message(schema), data, out)
        self.depth -= 1
        return out

    def fields(self, known: Message, data: bytes, out: Object) -> None:
        """Put the fields of a message into `out`, those of embedded messages too."""
        for number, value in members(data, known.name, known.known):
            slot = known.slots.get(number)
            if slot is None:
                self.fields(known.embedded[number], value, out)
            else:
                self.field(slot, value, out)

    def field(self, slot: Slot, value: Any, out: Object) -> None:
        """Put one field into `out`."""
        field = slot.field
        schema, name = field.schema, field.name
        kind = schema.kind
        if kind == "list":
            self.elements(slot, value, out)
        elif kind == "map":
            self.entry(slot, value, out)
        elif kind == "struct":
            out[name] = self.struct(schema, value, out.get(name))
        else:
            made = self.value(schema, value)
            if made or not _dropped(field):
                out[name] = made
            else:
                out.pop(name, None)

    def elements(self, slot: Slot, value: Any, out: Object) -> None:
        """Append to a list; packed numbers are many at once."""
        schema, name = slot.field.schema, slot.field.name
        if slot.wraps:
            out[name] = self.wrapped(schema, value)
            return
        element = schema.element
        found = out.get(name) or []
        numbers = element.kind in ("integer", "boolean") and type(value) is bytes
        for item in varints(value) if numbers else (value,):
            self.count()
            found.append(self.value(element, item))
        if found:
            out[name] = found

    def entry(self, slot: Slot, value: bytes, out: Object) -> None:
        """Put one member into a map."""
        self.count()
        element, name = slot.field.schema.element, slot.field.name
        key, item = entry(value)
        if slot.wraps:
            made: Any = self.wrapped(element, item or b"")
        else:
            made = zero_element(element) if item is None else self.value(element, item)
        found = out.get(name)
        if found is None:
            found = out[name] = {}
        found[text(key)] = made

    def value(self, schema: Schema, value: Any) -> Any:
        """A value that isn't a list or a map."""
        if schema.kind == "struct":
            return self.struct(schema, value, None)
        if schema.kind == "any" and has_forms(schema):
            return read_forms(schema, value, self.struct)
        return SCALARS[schema.kind](schema, value)

    def wrapped(self, schema: Schema, value: bytes) -> list[Any]:
        """The list in a message that has nothing else."""
        found = []
        for _, item in members(value, schema.go_type.rpartition(".")[2], {1: ("Items", DELIMITED)}):
            self.count()
            found.append(SCALARS[schema.element.kind](schema.element, item))
        return found


def _dropped(field: Field) -> bool:
    """Whether JSON doesn't have the field when its value is empty or zero."""
    return field.omitted and (not field.nullable or field.schema.kind == "bytes")
