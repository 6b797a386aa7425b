"""Schemas and versions as messages show them: as the JSON of apiextensions' internal types, which leave nothing out."""

from __future__ import annotations

import json

from navarch.cluster.validation.errors import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = dict[str, Any]

__all__ = ["SCHEMA_FIELDS", "schema_text", "versions_text"]

_NONE = None
SCHEMA_FIELDS: tuple[tuple[str, str, Any], ...] = (
    ("ID", "id", ""),
    ("Schema", "$schema", ""),
    ("Ref", "$ref", _NONE),
    ("Description", "description", ""),
    ("Type", "type", ""),
    ("Nullable", "nullable", False),
    ("Format", "format", ""),
    ("Title", "title", ""),
    ("Default", "default", _NONE),
    ("Maximum", "maximum", _NONE),
    ("ExclusiveMaximum", "exclusiveMaximum", False),
    ("Minimum", "minimum", _NONE),
    ("ExclusiveMinimum", "exclusiveMinimum", False),
    ("MaxLength", "maxLength", _NONE),
    ("MinLength", "minLength", _NONE),
    ("Pattern", "pattern", ""),
    ("MaxItems", "maxItems", _NONE),
    ("MinItems", "minItems", _NONE),
    ("UniqueItems", "uniqueItems", False),
    ("MultipleOf", "multipleOf", _NONE),
    ("Enum", "enum", _NONE),
    ("MaxProperties", "maxProperties", _NONE),
    ("MinProperties", "minProperties", _NONE),
    ("Required", "required", _NONE),
    ("Items", "items", _NONE),
    ("AllOf", "allOf", _NONE),
    ("OneOf", "oneOf", _NONE),
    ("AnyOf", "anyOf", _NONE),
    ("Not", "not", _NONE),
    ("Properties", "properties", _NONE),
    ("AdditionalProperties", "additionalProperties", _NONE),
    ("PatternProperties", "patternProperties", _NONE),
    ("Dependencies", "dependencies", _NONE),
    ("AdditionalItems", "additionalItems", _NONE),
    ("Definitions", "definitions", _NONE),
    ("ExternalDocs", "externalDocs", _NONE),
    ("Example", "example", _NONE),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", _NONE),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", False),
    ("XIntOrString", "x-kubernetes-int-or-string", False),
    ("XListMapKeys", "x-kubernetes-list-map-keys", _NONE),
    ("XListType", "x-kubernetes-list-type", _NONE),
    ("XMapType", "x-kubernetes-map-type", _NONE),
    ("XValidations", "x-kubernetes-validations", _NONE),
)
"""The fields of a schema in their order: internal name, published name, value when absent."""

_RULE = (
    ("Rule", "rule", ""),
    ("Message", "message", ""),
    ("MessageExpression", "messageExpression", ""),
    ("Reason", "reason", _NONE),
    ("FieldPath", "fieldPath", ""),
    ("OptionalOldSelf", "optionalOldSelf", _NONE),
)
_COLUMN = (
    ("Name", "name", ""),
    ("Type", "type", ""),
    ("Format", "format", ""),
    ("Description", "description", ""),
    ("Priority", "priority", 0),
    ("JSONPath", "jsonPath", ""),
)
_SCALE = (
    ("SpecReplicasPath", "specReplicasPath", ""),
    ("StatusReplicasPath", "statusReplicasPath", ""),
    ("LabelSelectorPath", "labelSelectorPath", _NONE),
)
_LISTS = ("allOf", "oneOf", "anyOf")
_MAPS = ("properties", "patternProperties", "definitions")
_FREE = ("default", "example", "enum")


def schema_text(node: Node) -> Literal:
    """A schema."""
    return _text(_schema(node))


def versions_text(versions: list[Node], shared: frozenset[str]) -> Literal:
    """The versions of a definition; `shared` fields are the same in all and told elsewhere."""
    return _text([_version(one, shared) for one in versions])


def _text(value: Any) -> Literal:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Literal(text)


def _told(fields: tuple[tuple[str, str, Any], ...], value: Node) -> Node:
    return {name: value.get(source, absent) for name, source, absent in fields}


def _schema(node: Node) -> Node:
    return {name: _field(source, node[source]) if source in node else absent for name, source, absent in SCHEMA_FIELDS}


def _field(name: str, value: Any) -> Any:
    if name in _LISTS:
        return [_schema(one) for one in value]
    if name in _MAPS:
        return {key: _schema(value[key]) for key in sorted(value)}
    if name == "items":
        several = isinstance(value, list)
        return {
            "Schema": None if several else _schema(value),
            "JSONSchemas": [_schema(one) for one in value] if several else None,
        }
    if name in ("additionalProperties", "additionalItems"):
        flag = isinstance(value, bool)
        return {"Allows": value if flag else True, "Schema": None if flag else _schema(value)}
    if name == "not":
        return _schema(value)
    if name == "dependencies":
        return {key: _dependency(value[key]) for key in sorted(value)}
    if name == "x-kubernetes-validations":
        return [_told(_RULE, one) for one in value]
    if name == "externalDocs":
        return {"Description": value.get("description", ""), "URL": value.get("url", "")}
    return _sorted(value) if name in _FREE else value


def _dependency(value: Any) -> Node:
    several = isinstance(value, list)
    return {"Schema": None if several else _schema(value), "Property": value if several else None}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _version(version: Node, shared: frozenset[str]) -> Node:
    own = {name: value for name, value in version.items() if name not in shared}
    schema, subresources = own.get("schema"), own.get("subresources")
    columns, selectable = own.get("additionalPrinterColumns"), own.get("selectableFields")
    return {
        "Name": own.get("name", ""),
        "Served": own.get("served", False),
        "Storage": own.get("storage", False),
        "Deprecated": own.get("deprecated", False),
        "DeprecationWarning": own.get("deprecationWarning"),
        "Schema": None if schema is None else _validation(schema),
        "Subresources": None if subresources is None else _subresources(subresources),
        "AdditionalPrinterColumns": None if columns is None else [_told(_COLUMN, one) for one in columns],
        "SelectableFields": None
        if selectable is None
        else [{"JSONPath": one.get("jsonPath", "")} for one in selectable],
    }


def _validation(schema: Node) -> Node:
    node = schema.get("openAPIV3Schema")
    return {"OpenAPIV3Schema": None if node is None else _schema(node)}


def _subresources(given: Node) -> Node:
    scale = given.get("scale")
    return {"Status": given.get("status"), "Scale": None if scale is None else _told(_SCALE, scale)}
