"""All checks of a custom object, or of a definition of custom objects, in the order in which a server makes them."""

from __future__ import annotations

from navarch.cluster.custom.lists import check_lists
from navarch.cluster.custom.openapi import validate
from navarch.cluster.custom.scale import check_scale
from navarch.cluster.custom.schema import structure_of
from navarch.cluster.custom.whole import check_embedded
from navarch.cluster.validation.errors import invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure
    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating", "updating"]

_BLOCKING = frozenset(
    (
        "FieldValueNotSupported",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueTypeInvalid",
    )
)
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation"
)


def creating(resource: Resource, obj: Object) -> list[FieldError]:
    """What is wrong with a new object."""
    if resource.custom is None:
        from navarch.cluster.custom.definition import check_new

        return check_new(obj)
    from navarch.cluster.validation.metadata import check
    from navarch.cluster.validation.names import dns_subdomain

    errors = _identity(resource, obj)
    if errors:
        return errors
    structure = structure_of(resource)
    check(errors, obj["metadata"], resource.namespaced, dns_subdomain, core=False)
    errors += validate(obj, structure)
    errors += check_scale(resource, obj)
    errors += check_embedded(obj, structure)
    errors += check_lists(obj, structure)
    return errors + _unchecked(errors, structure)


def updating(resource: Resource, new: Object, old: Object, subresource: str = "") -> list[FieldError]:
    """What is wrong with a changed object. What was wrong before and hasn't changed is let be."""
    if resource.custom is None:
        from navarch.cluster.custom.definition import check_change

        return check_change(new, old, subresource)
    from navarch.cluster.validation.metadata import check_update

    errors = _identity(resource, new)
    if errors:
        return errors
    structure = structure_of(resource)
    check_update(errors, new["metadata"], old["metadata"], core=False)
    if subresource == "status":
        status = structure.named("status")
        if "status" in new and status is not None:
            errors += validate(new["status"], status, old.get("status"), path="status")
        errors += check_scale(resource, new, status_only=True)
    else:
        errors += validate(new, structure, old)
        errors += check_scale(resource, new)
        errors += check_embedded(new, structure)
    if not check_lists(old, structure):
        errors += check_lists(new, structure)
    return errors + _unchecked(errors, structure)


def _unchecked(errors: list[FieldError], structure: Structure) -> list[FieldError]:
    """What is said when rules in CEL can't be evaluated, because the object is too wrong for it."""
    if any(one.type in _BLOCKING for one in errors) and _has_rules(structure.raw):
        return [invalid("<nil>", None, _UNCHECKED)]
    return []


def _has_rules(node: Any) -> bool:
    """Whether there is a rule in a schema."""
    if not isinstance(node, dict):
        return isinstance(node, list) and any(map(_has_rules, node))
    if node.get("x-kubernetes-validations"):
        return True
    inner = [node.get(name) for name in ("items", "additionalProperties", "allOf")]
    return any(map(_has_rules, [*inner, *(node.get("properties") or {}).values()]))


def _identity(resource: Resource, obj: Object) -> list[FieldError]:
    """Kind and version are those of the resource."""
    wanted = (("kind", resource.kind), ("apiVersion", resource.api_version))
    return [invalid(name, obj.get(name), f"must be {value}") for name, value in wanted if obj.get(name) != value]
