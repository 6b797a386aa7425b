"""Whether a schema is surely well formed and closed in itself, found out without any metaschema.

The walk knows the keywords of drafts 6 to 2020-12 and stops at the first doubt: then the complete compiler decides.
What it lets pass refers only to places in the same document, and uses nothing whose meaning hangs on the way to it.
"""

from __future__ import annotations

from navarch.errors import NavarchError
from navarch.values.schema.drafts import LATEST, TYPES, below, draft_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["is_plain"]

_MAPS = frozenset(("properties", "patternProperties", "definitions", "$defs", "dependentSchemas"))
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLES = frozenset(
    ("not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems")
)
_SIZES = frozenset(
    ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains")
)
_NUMBERS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
_TEXTS = frozenset(("title", "description", "$comment", "format", "contentEncoding", "contentMediaType"))
_FLAGS = frozenset(("uniqueItems", "readOnly", "writeOnly", "deprecated"))
_DOUBTFUL = frozenset(
    (
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$recursiveAnchor",
        "$recursiveRef",
        "$vocabulary",
        "contentSchema",
        "dependencies",
        "dependentRequired",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)


def is_plain(document: Any) -> bool:
    """Whether a schema is surely well formed and can be checked the short way."""
    if type(document) is not dict:
        return False
    named = document.get("$schema")
    draft = draft_of(named) if type(named) is str else LATEST
    if draft is None or draft.version < 6 or ("$schema" in document and type(named) is not str):
        return False
    proof = _Proof(draft.version)
    try:
        return proof.schema(document, "") and proof.references(document)
    except RecursionError:
        return False


class _Proof:
    """A walk over a schema that stops at the first doubt."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.places: set[str] = set()
        self.targets: set[str] = set()

    def schema(self, schema: Any, at: str) -> bool:
        if type(schema) is not dict:
            return type(schema) is bool
        self.places.add(at)
        return all(self.keyword(name, value, f"{at}/{name}") for name, value in schema.items())

    def references(self, document: Any) -> bool:
        """Whether all references lead to schemas, be it in places where otherwise none would be looked for."""
        while self.targets - self.places:
            place = (self.targets - self.places).pop()
            value = document
            for part in place.split("/")[1:]:
                if type(value) is not dict or part not in value or "~" in part:
                    return False
                value = value[part]
            if type(value) is not dict or not self.schema(value, place):
                return False
        return True

    def keyword(self, name: str, value: Any, at: str) -> bool:
        kind = type(value)
        if name in _TEXTS:
            return kind is str
        if name == "type":
            return _is_type(value)
        if name in _MAPS:
            return (
                kind is dict
                and all(self.schema(inner, below(at, key)) for key, inner in value.items())
                and (name != "patternProperties" or all(map(_is_expression, value)))
            )
        if name in _SINGLES:
            return self.schema(value, at)
        if name == "items":
            return self.listed(value, at) if kind is list and self.version < 2020 else self.schema(value, at)
        if name in _LISTS:
            return kind is list and self.listed(value, at)
        return self.other(name, value, at)

    def listed(self, schemas: list[Any], at: str) -> bool:
        return bool(schemas) and all(self.schema(inner, f"{at}/{index}") for index, inner in enumerate(schemas))

    def other(self, name: str, value: Any, at: str) -> bool:
        kind = type(value)
        if name in _SIZES:
            return kind is int and value >= 0
        if name in _NUMBERS:
            return kind is int or kind is float
        if name in _FLAGS:
            return kind is bool
        if name == "required":
            return kind is list and all(type(item) is str for item in value) and len(set(value)) == len(value)
        if name == "enum":
            return kind is list and _are_different(value)
        if name == "examples":
            return kind is list
        if name == "multipleOf":
            return (kind is int or kind is float) and value > 0
        if name == "pattern":
            return kind is str and _is_expression(value)
        if name == "$ref":
            return kind is str and self.reference(value)
        if name in {"$id", "$schema"}:
            return at.count("/") == 1 and kind is str and value.isascii() and _is_plain_url(value)
        return name not in _DOUBTFUL

    def reference(self, reference: str) -> bool:
        """A pointer into the document, to a place that this walk knows as a schema."""
        if reference != "#" and not reference.startswith("#/"):
            return False
        self.targets.add(reference[1:])
        return "%" not in reference


def _is_type(value: Any) -> bool:
    if type(value) is str:
        return value in TYPES
    return (
        type(value) is list and bool(value) and len(set(map(str, value))) == len(value) and set(TYPES).issuperset(value)
    )


def _is_expression(pattern: str) -> bool:
    from navarch.golang.regexp import compile_regexp

    try:
        compile_regexp(pattern)
    except NavarchError:
        return False
    return True


def _are_different(items: list[Any]) -> bool:
    """Whether an enum's items are texts, bools and null, none twice: what all drafts allow."""
    return bool(items) and all(_is_simple(item) for item in items) and len(set(map(repr, items))) == len(items)


def _is_simple(item: Any) -> bool:
    return item is None or type(item) is str or type(item) is bool


def _is_plain_url(url: str) -> bool:
    url = url.removesuffix("#")
    return url.startswith(("http://", "https://")) and all(char.isalnum() or char in "/.-_:" for char in url)
