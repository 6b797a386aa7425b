"""Kubernetes' own types as OpenAPI tells them: schemas of version 2 and 3, made of the table of types.

No descriptions are told. The names of definitions are the keys of `definitions` (2) or of `components.schemas` (3).
"""

from __future__ import annotations

from navarch.cluster.types.table import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.table import Definition, Row, Shape

__all__ = ["KINDS", "published", "references", "schema_v2", "schema_v3"]

KINDS = "x-kubernetes-group-version-kind"

PREFIX_V2 = "#/definitions/"
PREFIX_V3 = "#/components/schemas/"

LETTERS_V2: dict[str, dict[str, Any]] = {
    "s": {"type": "string"},
    "i": {"type": "integer", "format": "int32"},
    "l": {"type": "integer", "format": "int64"},
    "b": {"type": "boolean"},
    "d": {"type": "number", "format": "double"},
    "y": {"type": "string", "format": "byte"},
    "q": {"type": "string"},
    "o": {"type": "string", "format": "int-or-string"},
    "t": {"type": "string", "format": "date-time"},
    "m": {"type": "string", "format": "date-time"},
    "j": {},
    "x": {"type": "object"},
}
LETTERS_V3: dict[str, dict[str, Any]] = {
    **LETTERS_V2,
    "q": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "o": {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"},
}
OWN = frozenset("qotmjx")  # what has a definition though it is no struct


class _Version:
    """How one version of OpenAPI says it."""

    def __init__(self, prefix: str, letters: dict[str, dict[str, Any]], *, defaults: bool) -> None:
        self.prefix = prefix
        self.letters = letters
        self.defaults = defaults  # then "$ref" has nothing beside it: it stands in an "allOf"

    def definition(self, name: str, versions: frozenset[tuple[str, str]] | None) -> dict[str, Any]:
        told = lines().read(name)
        if told.letter:
            return dict(self.letters[told.letter])
        schema: dict[str, Any] = {"type": "object"}
        required = [row.name for row in told.rows if row.required]
        if required:
            schema["required"] = required
        if told.rows:
            schema["properties"] = {row.name: self.field(row) for row in told.rows}
        if told.mark:
            schema["x-kubernetes-map-type"] = told.mark
        if told.unions:
            schema["x-kubernetes-unions"] = told.unions
        kinds = _kinds(told, versions)
        if kinds:
            schema[KINDS] = kinds
        return schema

    def field(self, row: Row) -> dict[str, Any]:
        beside: dict[str, Any] = {}
        if row.strategy:
            beside["x-kubernetes-patch-strategy"] = row.strategy
        if row.merge_key:
            beside["x-kubernetes-patch-merge-key"] = row.merge_key
        if row.shape.mark and row.shape.inner is None:
            beside[f"x-kubernetes-{'map' if row.shape.kind == '&' else 'list'}-type"] = row.shape.mark
        return self.value(row.shape, row.default, beside)

    def value(self, shape: Shape, default: Any, beside: dict[str, Any]) -> dict[str, Any]:
        schema = self.plain(shape)
        if self.defaults and default is not ...:
            beside = {"default": default, **beside}
        if beside and self.defaults and "$ref" in schema:
            schema = {"allOf": [schema]}
        return {**schema, **beside}

    def plain(self, shape: Shape) -> dict[str, Any]:
        if shape.kind == "&":
            return self.reference(shape.name)
        if shape.inner is None:
            return dict(self.letters[shape.kind])
        inner = self.value(shape.inner, self.element_default(shape.inner), {})
        if shape.kind == "{":
            mark = {"x-kubernetes-map-type": shape.mark} if shape.mark else {}
            return {"type": "object", "additionalProperties": inner, **mark}
        mark = {"x-kubernetes-list-type": shape.mark} if shape.mark else {}
        keys = {"x-kubernetes-list-map-keys": list(shape.keys)} if shape.keys else {}
        return {"type": "array", "items": inner, **mark, **keys}

    def element_default(self, shape: Shape) -> Any:
        return ... if shape.inner else lines().usual_default(shape)

    def reference(self, name: str) -> dict[str, Any]:
        letter = lines().letter(name)
        if not letter or letter in OWN:
            return {"$ref": self.prefix + name}
        enum = lines().read(name).enum
        return {**self.letters[letter], **({"enum": list(enum)} if enum else {})}


_V2 = _Version(PREFIX_V2, LETTERS_V2, defaults=False)
_V3 = _Version(PREFIX_V3, LETTERS_V3, defaults=True)


def _kinds(told: Definition, versions: frozenset[tuple[str, str]] | None) -> list[dict[str, str]]:
    """The kinds of a definition; of those that are in many versions, only the given versions' and the core's."""
    kind = told.name.rpartition(".")[2]
    every = len(told.kinds) == 1 or versions is None
    return [
        {"group": group, "kind": kind, "version": version}
        for group, version in told.kinds
        if every or (versions and (group, version) in versions) or not group
    ]


def published() -> list[str]:
    """The names of all definitions."""
    table = lines()
    return [name for name in table if not table.letter(name) or table.letter(name) in OWN]


def schema_v2(name: str) -> dict[str, Any]:
    """A definition in OpenAPI 2; KeyError if there is none of that name."""
    return _V2.definition(name, None)


def schema_v3(name: str, versions: frozenset[tuple[str, str]] | None) -> dict[str, Any]:
    """A definition in OpenAPI 3, for the document of these versions of groups (None: of all)."""
    return _V3.definition(name, versions)


def references(name: str) -> list[str]:
    """The definitions that one mentions."""
    table, found = lines(), []
    for row in table.read(name).rows:
        shape: Shape | None = row.shape
        while shape and shape.inner:
            shape = shape.inner
        if shape and shape.kind == "&" and (not table.letter(shape.name) or table.letter(shape.name) in OWN):
            found.append(shape.name)
    return found
