"""Which field of a type has which number in protobuf: reads messages.txt, which `tools/cluster-messages` writes.

A line of messages.txt has what isn't as usual in a type, below a line "[PREFIX]" that begins the full name of each:
"io.k8s.api.apps.v1". As usual: the first field has the number 1, each other one that of the field before it plus 1, in
the order of types/definitions.txt; the kind and apiVersion of an object have none.

    NAME WORD…
    WORD   FIELD ["=" PATH] ["[]"] [":" LABEL]   or   "/" PATH "=" MESSAGE
    PATH   NUMBER ["/" NUMBER…]    a field of an embedded message: the number of that message, then the field's own
    "[]"   its values are messages with a list in field 1 and nothing else (authorization's ExtraValue)
    LABEL  what Go calls the field, if that isn't the JSON name with a capital letter

Below "[]" are the labels that fields of these names have in all types that don't say otherwise.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from navarch.cluster.decode.wire import DELIMITED, FIXED64, VARINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.types.schema import Field, Schema

__all__ = ["Message", "Slot", "message"]

_KINDS = {"integer": VARINT, "boolean": VARINT, "number": FIXED64}
_UNNUMBERED = frozenset(("kind", "apiVersion"))


class Slot(NamedTuple):
    """A field: `wraps` when its values stand in messages of their own that JSON doesn't have."""

    field: Field
    wraps: bool


class Message:
    """A type as protobuf has it: `slots` and `embedded` messages by number, `known` for `wire.members`."""

    __slots__ = ("embedded", "known", "name", "slots")

    def __init__(self, name: str) -> None:
        self.name = name
        self.slots: dict[int, Slot] = {}
        self.embedded: dict[int, Message] = {}
        self.known: dict[int, tuple[str, int]] = {}

    def inner(self, number: int) -> Message:
        """The message embedded under that number."""
        made = self.embedded.setdefault(number, Message(""))
        self.known.setdefault(number, ("", DELIMITED))
        return made

    def put(self, number: int, field: Field, label: str, *, wraps: bool) -> None:
        """Add a field."""
        schema = field.schema
        self.slots[number] = Slot(field, wraps)
        if schema.kind == "list" and schema.element.kind in _KINDS:
            self.known[number] = (f"{label}[]", _KINDS[schema.element.kind])
        else:
            self.known[number] = (label, _KINDS.get(schema.kind, DELIMITED))


class _Word(NamedTuple):
    path: tuple[int, ...]  # empty as usual
    wraps: bool
    label: str


class _Table:
    """The lines of messages.txt by the full name of their type."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, str] = {}
        self._common: dict[str, str] = {}
        prefix = ""
        for line in text.splitlines():
            if line.startswith("["):
                prefix = line[1:-1]
            elif prefix:
                name, _, rest = line.partition(" ")
                self.lines[f"{prefix}.{name}"] = rest
            else:
                self._common.update(dict(word.split(":") for word in line.split()))

    def label(self, name: str) -> str:
        """What Go calls a field of that JSON name, as far as nothing else is said."""
        return self._common.get(name) or name[:1].upper() + name[1:]


_table: _Table | None = None
_messages: dict[Schema, Message] = {}


def message(schema: Schema) -> Message:
    """The message of a struct; made when it is first asked for."""
    found = _messages.get(schema)
    if found is None:
        found = _messages[schema] = _make(schema)
    return found


def _read_table() -> _Table:
    global _table
    if _table is None:
        with open(os.path.join(os.path.dirname(__file__), "messages.txt"), encoding="ascii") as file:
            _table = _Table(file.read())
    return _table


def _make(schema: Schema) -> Message:
    table = _read_table()
    made = Message(schema.name.rpartition(".")[2])
    words = table.lines.get(schema.name, "").split()
    fields = dict(map(_field_word, (word for word in words if word[0] != "/")))
    before: tuple[int, ...] = (0,)
    for name, field in schema.fields.items():
        word = fields.get(name)
        if name in _UNNUMBERED and not (word and word.path):
            continue
        before = word.path if word and word.path else (*before[:-1], before[-1] + 1)
        target = made
        for number in before[:-1]:
            target = target.inner(number)
        label = word.label if word and word.label else table.label(name)
        target.put(before[-1], field, label, wraps=bool(word and word.wraps))
    for path, name in (word[1:].split("=") for word in words if word[0] == "/"):
        _name(made, _path(path), name)
    return made


def _name(outer: Message, path: tuple[int, ...], name: str) -> None:
    """Name the embedded message at a path; Go calls the field as its type."""
    for number in path[:-1]:
        outer = outer.inner(number)
    outer.inner(path[-1]).name = name
    outer.known[path[-1]] = (name, DELIMITED)


def _path(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("/"))) if text else ()


def _field_word(word: str) -> tuple[str, _Word]:
    rest, _, label = word.partition(":")
    wraps = rest.endswith("[]")
    name, _, path = rest.removesuffix("[]").partition("=")
    return name, _Word(_path(path), wraps, label)
