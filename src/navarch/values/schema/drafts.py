"""The editions of JSON Schema: what each knows, and the metaschemas that come with us."""

from __future__ import annotations

from navarch.values.schema.document import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["ANNOTATIONS", "DRAFTS", "LATEST", "TYPES", "Draft", "below", "draft_of", "escape", "metaschema"]

TYPES = ("null", "boolean", "number", "integer", "string", "array", "object")
"""The types in the order in which messages name them."""


class Draft:
    """One edition of JSON Schema: where schemas stand in schemas, and which vocabularies it knows."""

    __slots__ = ("defaults", "id_key", "lists", "maps", "singles", "url", "version", "vocabularies")

    def __init__(self, version: int, url: str) -> None:
        self.version = version
        self.url = url
        self.id_key = "id" if version == 4 else "$id"
        self.singles = ["not", "additionalProperties", "items", "additionalItems"]
        self.lists = ["allOf", "anyOf", "oneOf", "items"]
        self.maps = ["definitions", "properties", "patternProperties", "dependencies"]
        self.vocabularies: tuple[str, ...] = ()
        self.defaults: tuple[str, ...] = ()
        if version >= 6:
            self.singles += ["propertyNames", "contains"]
        if version >= 7:
            self.singles += ["if", "then", "else"]
        if version >= 2019:
            self.singles += ["unevaluatedProperties", "unevaluatedItems", "contentSchema"]
            self.maps += ["$defs", "dependentSchemas"]
            self.vocabularies = ("core", "applicator", "validation", "meta-data", "format", "content")
            self.defaults = ("core", "applicator", "validation")
        if version >= 2020:
            self.lists += ["prefixItems"]
            self.vocabularies = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation")
            self.vocabularies += ("format-assertion", "content")
            self.defaults = ("core", "applicator", "unevaluated", "validation")

    def identity(self, schema: dict[str, Any]) -> str:
        """A schema's id without fragment, "" for none."""
        if self.version < 2019 and "$ref" in schema:
            return ""
        identity = schema.get(self.id_key)
        return identity.partition("#")[0] if type(identity) is str else ""

    def subschemas(self, schema: dict[str, Any], at: str) -> Iterator[tuple[str, Any]]:
        """(place, schema) of what may be a schema directly below one."""
        for key in self.maps:
            inner = schema.get(key)
            if type(inner) is dict:
                for name, value in inner.items():
                    yield f"{at}/{key}/{escape(name)}", value
        for key in self.lists:
            inner = schema.get(key)
            if type(inner) is list:
                for index, value in enumerate(inner):
                    yield f"{at}/{key}/{index}", value
        for key in self.singles:
            if key in schema:
                yield f"{at}/{key}", schema[key]


LATEST = Draft(2020, "https://json-schema.org/draft/2020-12/schema")
DRAFTS = {
    "json-schema.org/schema": LATEST,
    "json-schema.org/draft/2020-12/schema": LATEST,
    "json-schema.org/draft/2019-09/schema": Draft(2019, "https://json-schema.org/draft/2019-09/schema"),
    "json-schema.org/draft-07/schema": Draft(7, "http://json-schema.org/draft-07/schema"),
    "json-schema.org/draft-06/schema": Draft(6, "http://json-schema.org/draft-06/schema"),
    "json-schema.org/draft-04/schema": Draft(4, "http://json-schema.org/draft-04/schema"),
}
"""By URL without scheme and fragment."""


def draft_of(url: str) -> Draft | None:
    url, hash_, fragment = url.partition("#")
    return None if hash_ and fragment else DRAFTS.get(url.removeprefix("http://").removeprefix("https://"))


_metaschemas: dict[str, Any] = {}


def metaschema(url: str) -> Any:
    """A document of json-schema.org's that comes with us, or None."""
    for scheme in ("http://json-schema.org/", "https://json-schema.org/"):
        if url.startswith(scheme):
            if not _metaschemas:
                path = __file__.rpartition("/")[0] + "/metaschemas.json"
                with open(path, "rb") as file:
                    loaded = read_json(file.read())
                _metaschemas.update({name.partition("json-schema.org/")[2]: loaded[name] for name in loaded})
            name = url.removeprefix(scheme)
            return _metaschemas.get("draft/2020-12/schema" if name == "schema" else name)
    return None


def escape(part: str) -> str:
    """A key as it stands in a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1") if "/" in part or "~" in part else part


def below(at: str, name: str) -> str:
    """The place of a key below a place."""
    return f"{at}/{escape(name)}"


ANNOTATIONS = frozenset(
    (
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "contentEncoding",
        "contentMediaType",
        "default",
        "definitions",
        "deprecated",
        "description",
        "else",
        "examples",
        "readOnly",
        "then",
        "title",
        "writeOnly",
    )
)
"""The keywords that refuse nothing by themselves."""
