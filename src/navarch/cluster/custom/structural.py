"""Whether a schema is structural: it says of every field what it is, outside of anyOf, oneOf, allOf and not.

The rules and their words are those of apiextensions' ValidateStructural. A schema with what servers don't know at all
is told apart by `unsupported`.
"""

from __future__ import annotations

from navarch.cluster.validation.errors import forbidden, invalid, required
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Node = dict[str, Any]

__all__ = ["check_structural", "unsupported"]

_CHOICE = [{"type": "integer"}, {"type": "string"}]
_UNKNOWN = (
    ("id", "id"),
    ("$schema", "schema"),
    ("$ref", "$ref"),
    ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"),
    ("additionalItems", "additionalItems"),
    ("definitions", "definitions"),
)
_FORBIDDEN_BELOW = (
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)
"""What schemas inside of combinations can't say."""
_MISSING_TYPE = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}


def unsupported(node: Node) -> str:
    """What a schema has that servers don't know, in words; "" for nothing."""
    for name, word in _UNKNOWN:
        if node.get(name) or (name == "additionalItems" and name in node):
            return f"OpenAPIV3Schema '{word}' is not supported"
    if node.get("x-kubernetes-preserve-unknown-fields") is False:
        return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
    if isinstance(node.get("items"), list):
        return "OpenAPIV3Schema 'items' must be a schema, but is an array"
    return next(filter(None, map(unsupported, _below(node))), "")


def _below(node: Node) -> list[Node]:
    found = [one for name in ("not", "allOf", "anyOf", "oneOf") for one in _several(node.get(name))]
    found += _several(node.get("items"))
    found += (node.get("properties") or {}).values()
    return found + _several(node.get("additionalProperties"))


def _several(value: Any) -> list[Node]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def check_structural(node: Node, path: str) -> list[FieldError]:
    """What keeps a schema from being structural, sorted by the messages."""
    errors = [*_invariants(node, "root", path), *_incomplete(node, node, path, path)]
    return sorted(errors, key=lambda one: f"{one.field}: {one.message}")


def _invariants(node: Node, level: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    items, others, properties = node.get("items"), node.get("additionalProperties"), node.get("properties") or {}
    if node.get("type") == "array" and items is None:
        errors.append(required(f"{path}.items", "must be specified"))
    if items is not None:
        errors += _invariants(items, "item", f"{path}.items")
    for name, one in properties.items():
        errors += _invariants(one, "field", f"{path}.properties[{name}]")
    if others is not None and level == "root":
        errors.append(forbidden(f"{path}.additionalProperties", "must not be used at the root"))
    if isinstance(others, dict):
        errors += _invariants(others, "field", f"{path}.additionalProperties")
    errors += _check_extensions(node, path)
    errors += _combinations(node, path, *_choices(node))
    errors += _check_type(node, level, path)
    errors += _check_meta(node, level, path)
    return errors


def _choices(node: Node) -> tuple[bool, bool]:
    """The two forms in which an integer or a string may be told: directly by anyOf, or as the first of allOf."""
    first = (node.get("allOf") or [{}])[0]
    return _is_choice(node), _is_choice(first)


def _is_choice(node: Node) -> bool:
    branches = node.get("anyOf") or ()
    told = [{name: value for name, value in one.items() if value is not False} for one in branches]
    return told == _CHOICE


def _check_extensions(node: Node, path: str) -> list[FieldError]:
    if node.get("x-kubernetes-int-or-string") is not True:
        return []
    names = ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource")
    detail = "must be false if x-kubernetes-int-or-string is true"
    return [invalid(f"{path}.{name}", value=True, detail=detail) for name in names if node.get(name) is True]


def _check_type(node: Node, level: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    type_, embedded = node.get("type", ""), node.get("x-kubernetes-embedded-resource") is True
    open_ = node.get("x-kubernetes-int-or-string") or node.get("x-kubernetes-preserve-unknown-fields")
    detail = "must be object if x-kubernetes-embedded-resource is true"
    if embedded and type_ != "object":
        errors.append(invalid(f"{path}.type", type_, detail) if type_ else required(f"{path}.type", detail))
    elif not type_ and not open_:
        errors.append(required(f"{path}.type", _MISSING_TYPE[level]))
    if embedded and "additionalProperties" in node:
        detail = "must not be used if x-kubernetes-embedded-resource is set"
        errors.append(forbidden(f"{path}.additionalProperties", detail))
    if level == "root" and type_ and type_ != "object":
        errors.append(invalid(f"{path}.type", type_, "must be object at the root"))
    return errors


def _check_meta(node: Node, level: str, path: str) -> list[FieldError]:
    """What may be said of apiVersion, kind and metadata."""
    errors: list[FieldError] = []
    embedded, properties = node.get("x-kubernetes-embedded-resource") is True, node.get("properties") or {}
    whole = level == "root" or embedded
    for name in ("kind", "apiVersion"):
        if whole and name in properties and properties[name].get("type") != "string":
            place = f"{path}.properties[{name}].type"
            errors.append(invalid(place, properties[name].get("type", ""), "must be string"))
    if "metadata" in properties:
        place, metadata = f"{path}.properties[metadata]", properties["metadata"]
        if whole and metadata.get("type") != "object":
            errors.append(invalid(f"{place}.type", metadata.get("type", ""), "must be object"))
        if level == "root" and not _is_plain_metadata(metadata):
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            errors.append(forbidden(place, detail))
    if embedded and not node.get("x-kubernetes-preserve-unknown-fields") and not properties:
        detail = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        errors.append(required(f"{path}.properties", detail))
    return errors


def _is_plain_metadata(metadata: Node) -> bool:
    rest = {name: value for name, value in metadata.items() if name not in ("type", "default")}
    if rest.get("properties") and set(rest["properties"]) <= {"name", "generateName"}:
        del rest["properties"]
    return not rest


def _combinations(node: Node, path: str, skip_any: bool, skip_first_all: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    if not skip_any:
        for index, one in enumerate(node.get("anyOf") or ()):
            errors += _nested(one, f"{path}.anyOf[{index}]")
    for index, one in enumerate(node.get("allOf") or ()):
        errors += _nested(one, f"{path}.allOf[{index}]", skip_any=skip_first_all and index == 0)
    for index, one in enumerate(node.get("oneOf") or ()):
        errors += _nested(one, f"{path}.oneOf[{index}]")
    if node.get("not") is not None:
        errors += _nested(node["not"], f"{path}.not")
    return errors + _check_pattern(node.get("pattern", ""), path)


def _check_pattern(pattern: str, path: str) -> list[FieldError]:
    from navarch.golang.regexp import compile_regexp

    try:
        compile_regexp(pattern)
    except NavarchError as error:
        return [invalid(f"{path}.pattern", pattern, f"must be a valid regular expression, but isn't: {error}")]
    return []


def _nested(node: Node, path: str, *, skip_any: bool = False) -> list[FieldError]:
    """A schema inside of a combination."""
    errors = _combinations(node, path, skip_any, False)
    if node.get("items") is not None:
        errors += _nested(node["items"], f"{path}.items")
    for name, one in (node.get("properties") or {}).items():
        errors += _nested(one, f"{path}.properties[{name}]")
    if node.get("type"):
        errors.append(forbidden(f"{path}.type", "must be empty to be structural"))
    if node.get("additionalProperties", False) is not False:
        errors.append(forbidden(f"{path}.additionalProperties", "must be undefined to be structural"))
    for name, detail in _FORBIDDEN_BELOW:
        if node.get(name) or (name == "default" and node.get(name) is not None):
            errors.append(forbidden(f"{path}.{name}", detail))
    if "metadata" in (node.get("properties") or {}):
        errors.append(forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context"))
    return errors


def _incomplete(nested: Node, node: Node | None, path: str, told: str) -> list[FieldError]:
    """Fields and items of which the combinations in `nested` (at `told`) speak, but not the schema (at `path`)."""
    errors: list[FieldError] = []
    if nested.get("not") is not None:
        errors += _covered(nested["not"], node, path, f"{told}.not")
    for name in ("allOf", "anyOf", "oneOf"):
        for index, one in enumerate(nested.get(name) or ()):
            errors += _covered(one, node, path, f"{told}.{name}[{index}]")
    return errors


def _covered(nested: Node, node: Node | None, path: str, told: str) -> list[FieldError]:
    if node is None:
        return [required(path, f"because it is defined in {told}")]
    errors = _incomplete(nested, node, path, told)
    if nested.get("items") is not None:
        errors += _covered(nested["items"], node.get("items"), f"{path}.items", f"{told}.items")
    for name, one in (nested.get("properties") or {}).items():
        step = f".properties[{name}]"
        known = (node.get("properties") or {}).get(name)
        errors += _covered(one, known, path + step, told + step)
    return errors
