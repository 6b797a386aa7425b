"""What a CustomResourceDefinition's schema may say beyond being structural: apiextensions' rules for OpenAPI schemas.

Rules in CEL are only looked at from the outside: whether there is a rule, and that its message fits on a line.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.custom.paths import is_path
from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Node = dict[str, Any]

__all__ = ["check_schema"]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_META = ("metadata", "kind", "apiVersion")
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")


class _Place(NamedTuple):
    """Where a schema stands: why it can't have a default ("" if it can), and whether it is for metadata."""

    no_default: str = ""
    in_meta: bool = False


def check_schema(node: Node, path: str) -> list[FieldError]:
    """What is wrong with the schema of a whole object."""
    return _check(node, path, _Place(), is_root=True)


def _check(node: Node, path: str, place: _Place, *, is_root: bool = False) -> list[FieldError]:
    errors = _check_keywords(node, path, place)
    errors += _check_below(node, path, place, is_root=is_root)
    if node.get("x-kubernetes-preserve-unknown-fields") is False:
        errors.append(invalid(f"{path}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined"))
    errors += _check_map_type(node, path)
    errors += _check_list_type(node, path)
    errors += _check_keys(node, path)
    errors += _check_items(node, path)
    for index, rule in enumerate(node.get("x-kubernetes-validations") or ()):
        errors += _check_rule(node, rule, f"{path}.x-kubernetes-validations[{index}]")
    return errors


def _check_keywords(node: Node, path: str, place: _Place) -> list[FieldError]:
    errors: list[FieldError] = []
    type_ = node.get("type", "")
    if type_ and type_ not in _TYPES:
        errors.append(unsupported(f"{path}.type", type_, _TYPES))
    if node.get("default") is not None and place.no_default:
        errors.append(forbidden(f"{path}.default", f"must not be set {place.no_default}"))
    errors += [forbidden(f"{path}.{name}", f"{name} is not supported") for name in _UNSUPPORTED if name in node]
    if type_ == "null":
        errors.append(forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative"))
    if isinstance(node.get("items"), list):
        errors.append(forbidden(f"{path}.items", "items must be a schema object and not an array"))
    if place.in_meta and node.get("x-kubernetes-embedded-resource"):
        errors.append(forbidden(f"{path}.x-kubernetes-embedded-resource", "must not be used inside of resource meta"))
    if node.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(forbidden(f"{path}.uniqueItems", detail))
    return errors


def _check_below(node: Node, path: str, place: _Place, *, is_root: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    others = node.get("additionalProperties")
    if others is not None:
        if node.get("properties") and others is not True:
            detail = "additionalProperties and properties are mutual exclusive"
            errors.append(forbidden(f"{path}.additionalProperties", detail))
        if isinstance(others, dict):
            below = place
            if place.in_meta:
                below = _Place("inside additionalProperties applying to object metadata", True)
            errors += _check(others, f"{path}.additionalProperties", below)
    for name, one in (node.get("properties") or {}).items():
        below = place
        if (is_root or node.get("x-kubernetes-embedded-resource")) and name in _META:
            below = _Place(f"in top-level {name}" if is_root else place.no_default, True)
        errors += _check(one, f"{path}.properties[{name}]", below)
    if isinstance(node.get("not"), dict):
        errors += _check(node["not"], f"{path}.not", place)
    for name in ("allOf", "oneOf", "anyOf"):
        for index, one in enumerate(node.get(name) or ()):
            errors += _check(one, f"{path}.{name}[{index}]", place)
    for name, one in (node.get("definitions") or {}).items():
        errors += _check(one, f"{path}.definitions[{name}]", place)
    items = node.get("items")
    if isinstance(items, dict):
        errors += _check(items, f"{path}.items", place)
    elif isinstance(items, list):
        for index, one in enumerate(items):
            errors += _check(one, f"{path}.items[{index}]", place)
    return errors


def _typed(node: Node, path: str, wanted: str, detail: str) -> list[FieldError]:
    """The type must be `wanted`."""
    type_ = node.get("type", "")
    if type_ == wanted:
        return []
    return [invalid(f"{path}.type", type_, detail) if type_ else required(f"{path}.type", detail)]


def _check_map_type(node: Node, path: str) -> list[FieldError]:
    name = "x-kubernetes-map-type"
    if name not in node:
        return []
    errors = _typed(node, path, "object", f"must be object if {name} is specified")
    if node[name] not in ("atomic", "granular"):
        errors.append(unsupported(f"{path}.{name}", node[name], ("atomic", "granular")))
    return errors


def _check_list_type(node: Node, path: str) -> list[FieldError]:
    name = "x-kubernetes-list-type"
    if name not in node:
        return []
    errors = _typed(node, path, "array", f"must be array if {name} is specified")
    items = node.get("items")
    if not errors and node[name] == "set" and isinstance(items, dict):
        detail = f"must be atomic as item of a list with {name}=set"
        kind = items.get(name)
        shown = None if kind is None else as_json(kind)
        if items.get("type") == "array" and kind not in (None, "atomic"):
            errors.append(invalid(f"{path}.items.{name}", shown, detail))
        elif items.get("type") == "object" and items.get("x-kubernetes-map-type") != "atomic":
            errors.append(invalid(f"{path}.items.x-kubernetes-map-type", shown, detail))
    if node[name] not in ("atomic", "set", "map"):
        errors.append(unsupported(f"{path}.{name}", node[name], ("atomic", "set", "map")))
    return errors


def _check_keys(node: Node, path: str) -> list[FieldError]:
    """The keys of lists that are maps."""
    errors: list[FieldError] = []
    keys, type_ = node.get("x-kubernetes-list-map-keys") or [], node.get("x-kubernetes-list-type")
    detail = "must be map if x-kubernetes-list-map-keys is non-empty"
    if keys and type_ is None:
        errors.append(required(f"{path}.x-kubernetes-list-type", detail))
    elif keys and type_ != "map":
        errors.append(invalid(f"{path}.x-kubernetes-list-type", type_, detail))
    if type_ != "map":
        return errors
    if not keys:
        detail = "must not be empty if x-kubernetes-list-type is map"
        errors.append(required(f"{path}.x-kubernetes-list-map-keys", detail))
    items = node.get("items")
    if items is None:
        errors.append(required(f"{path}.items", "must have a schema if x-kubernetes-list-type is map"))
    elif isinstance(items, dict):
        errors += _check_key_fields(items, keys, path)
    return errors


def _check_key_fields(items: Node, keys: list[str], path: str) -> list[FieldError]:
    if items.get("type", "") != "object":
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        return [invalid(f"{path}.items.type", items.get("type", ""), detail)]
    errors: list[FieldError] = []
    for index, key in enumerate(keys):
        field = (items.get("properties") or {}).get(key)
        if field is None:
            detail = "entries must all be names of item properties"
            errors.append(invalid(f"{path}.x-kubernetes-list-map-keys", keys, detail))
        elif field.get("type") in ("array", "object"):
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            errors.append(invalid(f"{path}.items.properties[{key}].type", "object", detail))
        if key in keys[:index]:
            detail = "must not contain duplicate entries"
            errors.append(invalid(f"{path}.x-kubernetes-list-map-keys", keys, detail))
    return errors


def _check_items(node: Node, path: str) -> list[FieldError]:
    """The items of sets and maps aren't null, and those of maps have their keys."""
    items, type_ = node.get("items"), node.get("x-kubernetes-list-type")
    if not isinstance(items, dict) or type_ not in ("set", "map"):
        return []
    errors: list[FieldError] = []
    if items.get("nullable"):
        errors.append(forbidden(f"{path}.items.nullable", f"cannot be nullable when x-kubernetes-list-type is {type_}"))
    if type_ == "map":
        for key in node.get("x-kubernetes-list-map-keys") or ():
            field = (items.get("properties") or {}).get(key)
            if field is not None:
                errors += _check_key(field, key in (items.get("required") or ()), f"{path}.items.properties[{key}]")
    return errors


def _check_key(field: Node, is_required: bool, path: str) -> list[FieldError]:
    begin = "this property is in x-kubernetes-list-map-keys, so it"
    errors: list[FieldError] = []
    if not is_required and field.get("default") is None:
        errors.append(required(f"{path}.default", f"{begin} must have a default or be a required property"))
    if field.get("nullable"):
        errors.append(forbidden(f"{path}.nullable", f"{begin} cannot be nullable"))
    return errors


def _check_rule(node: Node, rule: Node, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    text, message = rule.get("rule", "").strip(), rule.get("message", "").strip()
    if not text:
        errors.append(required(f"{path}.rule", "rule is not specified"))
    elif rule.get("message") and not message:
        errors.append(invalid(f"{path}.message", rule["message"], "must be non-empty if specified"))
    elif _has_breaks(message):
        errors.append(invalid(f"{path}.message", rule["message"], "must not contain line breaks"))
    elif _has_breaks(text) and not message:
        errors.append(required(f"{path}.message", "message must be specified if rule contains line breaks"))
    if rule.get("messageExpression") and not rule["messageExpression"].strip():
        errors.append(required(f"{path}.messageExpression", "messageExpression must be non-empty if specified"))
    if "reason" in rule and rule["reason"] not in _REASONS:
        errors.append(unsupported(f"{path}.reason", rule["reason"], _REASONS))
    return errors + _check_rule_path(node, rule.get("fieldPath", ""), f"{path}.fieldPath")


def _check_rule_path(node: Node, given: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if given and not given.strip():
        errors.append(invalid(path, given, "must be non-empty if specified"))
    if _has_breaks(given):
        errors.append(invalid(path, given, "must not contain line breaks"))
    if given and not is_path(node, given):
        errors.append(invalid(path, given, "must be a valid path"))
    return errors


def _has_breaks(text: str) -> bool:
    return "\n" in text or "\r" in text
