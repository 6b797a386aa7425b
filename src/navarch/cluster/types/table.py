"""The table of Kubernetes' own types: reads lines of definitions.txt, which `tools/cluster-types` writes.

A line of definitions.txt is a type, below a line "[PREFIX]" that begins the full name of each ("io.k8s.api.apps.v1"):

    NAME MARK… FIELD…       a struct
    NAME =LETTER [VALUE…]   a scalar under a name of its own, with the values it may have (JSON), or one of Go's types
                            that read and write themselves

    FIELD   name FLAGS ":" TYPE ["=" DEFAULT] ["|" patch strategy "|" merge key]
    FLAGS   "*" a pointer, "!" required, "+" written even when it is empty, "0" left out when it is zero (omitzero)
    TYPE    LETTER, NAME (of the same prefix), PACKAGE.NAME (the prefix's last two parts), "[" MARK TYPE (a list),
            "{" MARK [KEY ">"] TYPE (a map), NAME "/" TYPE (a list or map under a name); "@" or "&" before a letter or
            name: this field is atomic or granular, whatever the type says
    MARK    of a list "" atomic, "~" not told, "=" a set, "<a,b>" a map with these keys; of a map "=" atomic,
            "+" granular, "" not told; of a struct "@atomic", "@granular", "@kind=GROUP/VERSION" (it is a whole object),
            "@kinds=…" (in several versions), "@unions=JSON"
    LETTER  s string, i int32, l int64, b bool, d float64, y bytes, q Quantity, o IntOrString, t Time, m MicroTime,
            j any JSON, x any JSON object
    DEFAULT JSON, or nothing for none. Where "=" is missing it is the usual one: {} for a struct that isn't a pointer,
            the zero value for a scalar that is "+" and not a pointer, else none.
"""

from __future__ import annotations

import json
import os
import re
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Definition", "Lines", "Row", "Shape", "fingerprint", "lines", "text"]

FIELD = re.compile(r"([^*!+0:]+)([*!+0]*):([^=|{[]*(?:[{\[][=+~]?[^=|]*)?)(?:=([^|]*))?(?:\|([^|]*)\|(.*))?")
LIST_MARKS = {"~": "", "=": "set", "<": "map"}
MAP_MARKS = {"=": "atomic", "+": "granular"}
REFERENCE_MARKS = {"@": "atomic", "&": "granular"}
ZERO: dict[str, Any] = {"s": "", "i": 0, "l": 0, "b": False, "d": 0}


class Shape(NamedTuple):
    """A type as a field names it.

    `kind` is a letter, "[" (a list), "{" (a map) or "&" (a reference). `name` is the full name of a reference, or of a
    list or map that has a name in Go. `mark` is the published list or map type ("" for none), `keys` those of a list of
    the type "map", `key` the full name of a map's keys ("" for strings).
    """

    kind: str
    name: str = ""
    inner: Shape | None = None
    mark: str = ""
    keys: tuple[str, ...] = ()
    key: str = ""


class Row(NamedTuple):
    """A field: `kept` when it is written though empty; `default` is the published one (... for none)."""

    name: str
    shape: Shape
    pointer: bool
    required: bool
    kept: bool
    omitzero: bool
    default: Any
    strategy: str
    merge_key: str


class Definition(NamedTuple):
    """A type: `letter` for scalars and what writes itself, "" for structs. `kinds` are (group, version)."""

    name: str
    letter: str = ""
    enum: tuple[Any, ...] = ()
    rows: tuple[Row, ...] = ()
    mark: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    unions: Any = None


class Lines:
    """The lines of a table by full name; each is read when it is asked for."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, str] = {}
        self._packages: dict[str, str] = {}
        prefix = ""
        for line in text.splitlines():
            if line.startswith("["):
                prefix = line[1:-1]
                self._packages[".".join(prefix.split(".")[-2:])] = prefix
            else:
                name, _, rest = line.partition(" ")
                self._lines[f"{prefix}.{name}"] = rest

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def letter(self, name: str) -> str:
        """The letter of a scalar; "" for a struct."""
        line = self._lines[name]
        return line[1] if line.startswith("=") else ""

    def mark(self, name: str) -> str:
        """The published map type of a struct; "" if nothing is told."""
        line = self._lines[name]
        return next((mark for mark in ("atomic", "granular") if line.startswith(f"@{mark}")), "")

    def read(self, name: str) -> Definition:
        """The type of that full name; KeyError if there is none."""
        line = self._lines[name]
        if line.startswith("="):
            letter, _, values = line[1:].partition(" ")
            return Definition(name, letter, enum=tuple(json.loads(values)) if values else ())
        words = line.split()
        marks = {key: value for key, _, value in (word[1:].partition("=") for word in words if word[0] == "@")}
        kinds = (marks.get("kind") or marks.get("kinds") or "").split(",")
        section = name.rpartition(".")[0]
        return Definition(
            name,
            rows=tuple(self._row(word, section) for word in words if word[0] != "@"),
            mark=self.mark(name),
            kinds=tuple((group, version) for group, _, version in (one.partition("/") for one in kinds) if version),
            unions=json.loads(marks["unions"]) if "unions" in marks else None,
        )

    def _row(self, word: str, section: str) -> Row:
        found = FIELD.fullmatch(word)
        assert found, word
        name, flags, kind, default, strategy, merge_key = found.groups()
        shape, kept, pointer = self._shape(kind, section), "+" in flags, "*" in flags
        if default is None:
            value = ... if pointer else self.usual_default(shape, kept)
        else:
            value = json.loads(default) if default else ...
        return Row(name, shape, pointer, "!" in flags, kept, "0" in flags, value, strategy or "", merge_key or "")

    def usual_default(self, shape: Shape, kept: bool = True) -> Any:
        """What is published for a value that isn't a pointer, where nothing else is said."""
        letter = self.letter(shape.name) if shape.kind == "&" else shape.kind
        if not letter:
            return {}
        return ZERO.get(letter, ...) if kept else ...

    def _full(self, name: str, section: str) -> str:
        package, _, short = name.rpartition(".")
        return f"{self._packages[package] if package else section}.{short}"

    def _shape(self, text: str, section: str) -> Shape:
        if text[0] == "[":
            return self._list(text[1:], section)
        if text[0] == "{":
            return self._map(text[1:], section)
        if text[0] in REFERENCE_MARKS:
            return self._shape(text[1:], section)._replace(mark=REFERENCE_MARKS[text[0]])
        if len(text) == 1:
            return Shape(text)
        name, _, composite = text.partition("/")
        if composite:
            return self._shape(composite, section)._replace(name=self._full(name, section))
        return Shape("&", self._full(name, section))

    def _list(self, text: str, section: str) -> Shape:
        mark = LIST_MARKS.get(text[0])
        if mark is None:
            return Shape("[", inner=self._shape(text, section), mark="atomic")
        if mark != "map":
            return Shape("[", inner=self._shape(text[1:], section), mark=mark)
        keys, _, rest = text[1:].partition(">")
        return Shape("[", inner=self._shape(rest, section), mark=mark, keys=tuple(keys.split(",")))

    def _map(self, text: str, section: str) -> Shape:
        mark = MAP_MARKS.get(text[0], "")
        text = text[1:] if mark else text
        key, _, rest = text.rpartition(">") if "<" not in text else ("", "", text)
        return Shape("{", inner=self._shape(rest, section), mark=mark, key=self._full(key, section) if key else "")


_known: Lines | None = None


def lines() -> Lines:
    """The table of Kubernetes' own types; read once."""
    global _known
    if _known is None:
        _known = Lines(text("definitions.txt"))
    return _known


def fingerprint() -> str:
    """What changes whenever a type or a resource does."""
    import hashlib

    return hashlib.sha256((text("definitions.txt") + text("resources.txt")).encode()).hexdigest()


def text(name: str) -> str:
    """The text of a table beside this file."""
    with open(os.path.join(os.path.dirname(__file__), name), encoding="ascii") as file:
        return file.read()
