"""Custom resources as OpenAPI tells them: the schemas of their CustomResourceDefinitions, made whole.

The rules are those of apiextensions-apiserver's OpenAPI builder. Descriptions are the author's own.
"""

from __future__ import annotations

from navarch.cluster.openapi.paths import META, definition_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["custom_schemas"]

_KINDS = "x-kubernetes-group-version-kind"
_OPEN = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_INTEGER_OR_STRING = [{"type": "integer"}, {"type": "string"}]

_COPIED = (
    "type title description default example externalDocs format maximum exclusiveMaximum minimum exclusiveMinimum"
    " maxLength minLength pattern maxItems minItems uniqueItems multipleOf enum maxProperties minProperties required"
    f" allOf anyOf oneOf not nullable {_OPEN} {_EMBEDDED} {_INT_OR_STRING} x-kubernetes-list-map-keys"
    " x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-validations"
).split()
_DROPPED_IF_EMPTY = frozenset(_COPIED) - {"default", "example", "maximum", "minimum", "multipleOf"} - {
    f"{end}{what}" for end in ("max", "min") for what in ("Length", "Items", "Properties")
}  # fmt: skip
_NOT_IN_V2 = frozenset(["allOf", "anyOf", "oneOf", "not", "default", "nullable"])


def custom_schemas(resource: Resource, *, v2: bool) -> dict[str, Object]:
    """The definitions of a custom resource's objects and of their list, by name."""
    own, many = definition_name(resource), definition_name(resource, resource.list_kind)
    return {own: _object(resource, v2=v2), many: _list(resource, own, v2=v2)}


def _object(resource: Resource, *, v2: bool) -> Object:
    given = ((resource.custom or {}).get("schema") or {}).get("openAPIV3Schema")
    if given is None or (v2 and given.get(_OPEN)):
        schema: Object = {"type": "object"}
    else:
        schema = _converted(given, v2=v2)
        properties = {**schema.get("properties", {}), **_head("ObjectMeta", v2=v2)}
        schema["properties"] = dict(sorted(properties.items()))
    return {**schema, **_extensions(resource, resource.kind)}


def _list(resource: Resource, item: str, *, v2: bool) -> Object:
    items = {"type": "array", "items": {"$ref": _prefix(v2=v2) + item}}
    properties = {"items": items, **_head("ListMeta", v2=v2)}
    schema: Object = {"type": "object", "required": ["items"], "properties": dict(sorted(properties.items()))}
    return {**schema, **_extensions(resource, resource.list_kind)}


def _prefix(*, v2: bool) -> str:
    return "#/definitions/" if v2 else "#/components/schemas/"


def _head(meta: str, *, v2: bool) -> dict[str, Object]:
    """What every object has."""
    reference = {"$ref": f"{_prefix(v2=v2)}{META}.{meta}"}
    return {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": reference}


def _extensions(resource: Resource, kind: str) -> Object:
    told: Object = {_KINDS: [{"group": resource.group, "kind": kind, "version": resource.version}]}
    selectable = (resource.custom or {}).get("selectableFields") or ()
    if selectable:
        told["x-kubernetes-selectable-fields"] = [
            {"fieldPath": str(one.get("jsonPath", "")).removeprefix(".")} for one in selectable
        ]
    return told


def _converted(given: Object, *, v2: bool) -> Object:
    """A schema of a definition, as it is published."""
    schema = {key: given[key] for key in _COPIED if _told(given, key, v2=v2)}
    if given.get(_INT_OR_STRING) and not v2:
        _unfold(schema)
    if v2:
        _without_nullable(schema, given)
    untyped = v2 and (given.get("nullable") or given.get(_OPEN))
    if untyped:  # kubectl can't cope with a type or fields where anything may stand
        if given.get("nullable") or given.get("type") in ("object", "array"):
            schema.pop("type", None)
    else:
        if isinstance(given.get("properties"), dict):
            fields = given["properties"].items()
            schema["properties"] = {name: _converted(one, v2=v2) for name, one in fields}
        if isinstance(given.get("items"), dict):
            schema["items"] = _converted(given["items"], v2=v2)
        elif v2 and given.get("type") == "array":
            schema.pop("type", None)
    more = given.get("additionalProperties")
    if more is not None:
        schema["additionalProperties"] = _converted(more, v2=v2) if isinstance(more, dict) else more
    if given.get(_EMBEDDED) and not (v2 and given.get(_OPEN)):
        _embed(schema, v2=v2)
    return schema


def _told(given: Object, key: str, *, v2: bool) -> bool:
    if key not in given or (v2 and key in _NOT_IN_V2):
        return False
    return bool(given[key]) or key not in _DROPPED_IF_EMPTY


def _unfold(schema: Object) -> None:
    """Say that a number or a text may stand there in words that all readers know."""
    either, every = schema.get("anyOf"), schema.get("allOf") or []
    if either == _INTEGER_OR_STRING or (every and every[0].get("anyOf") == _INTEGER_OR_STRING):
        return
    if either is None:
        schema["anyOf"] = _INTEGER_OR_STRING
    else:
        schema["allOf"] = [{"anyOf": _INTEGER_OR_STRING}, *every]


def _without_nullable(schema: Object, given: Object) -> None:
    """What may be null is not required, since OpenAPI 2 has no null."""
    fields, more = given.get("properties") or {}, given.get("additionalProperties")
    if isinstance(more, dict) and more.get("nullable"):
        schema.pop("required", None)
    kept = [name for name in schema.get("required", ()) if not fields.get(name, {}).get("nullable")]
    if kept:
        schema["required"] = kept
    else:
        schema.pop("required", None)


def _embed(schema: Object, *, v2: bool) -> None:
    properties = {**schema.get("properties", {}), **_head("ObjectMeta", v2=v2)}
    schema["properties"] = dict(sorted(properties.items()))
    required = schema.get("required", [])
    schema["required"] = [*required, *(name for name in ("kind", "apiVersion") if name not in required)]
