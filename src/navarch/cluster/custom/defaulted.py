"""The defaults of a CustomResourceDefinition's schema: they must fit the schema, and bring nothing unknown."""

from __future__ import annotations

from copy import deepcopy

from navarch.cluster.custom.objects import WrongError, coerce_embedded
from navarch.cluster.custom.openapi import validate
from navarch.cluster.custom.pruning import prune_value
from navarch.cluster.custom.structure import META, Structure
from navarch.cluster.custom.whole import check_embedded, check_whole
from navarch.cluster.validation.errors import invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = ["check_defaults"]


def check_defaults(node: dict[str, Any], path: str) -> list[FieldError]:
    """What is wrong with the defaults in the schema of a whole object."""
    root = Structure({**node, "x-kubernetes-embedded-resource": True}, choices=False)
    return _check(root, root, path, ())


def _check(structure: Structure, root: Structure, path: str, inside: tuple[str, ...]) -> list[FieldError]:
    """`inside` leads from the whole object `root` to here, if that is in its metadata or type."""
    errors: list[FieldError] = []
    if structure.embedded:
        root, inside = structure, ()
    if structure.default is not None:
        place = f"{path}.default"
        errors += _check_in_meta(structure, place, inside) if inside else _check_value(structure, place)
    if structure.items is not None:
        errors += _check(structure.items, root, f"{path}.items", (*inside, "[]") if inside else ())
    for name in structure.raw.get("properties") or {}:
        below = structure.named(name)
        if below is not None:
            meta = bool(inside) or (structure.embedded and name in META)
            errors += _check(below, root, f"{path}.properties[{name}]", (*inside, name) if meta else ())
    return errors


def _check_value(structure: Structure, path: str) -> list[FieldError]:
    default = structure.default
    errors: list[FieldError] = []
    pruned = deepcopy(default)
    prune_value(pruned, structure)
    if pruned != default:
        errors.append(invalid(path, default, "must not have unknown fields"))
    try:
        coerced = deepcopy(default)
        coerce_embedded(coerced, structure, path, [])
    except WrongError as error:
        return [*errors, *error.errors]
    return errors + (check_embedded(coerced, structure, path) or validate(default, structure, path=path))


def _check_in_meta(structure: Structure, path: str, inside: tuple[str, ...]) -> list[FieldError]:
    """A default for a part of the metadata must leave it valid."""
    value: Any = deepcopy(structure.default)
    for step in reversed(inside):
        value = [value] if step == "[]" else {step: value}
    whole = {"kind": "Validation", "apiVersion": "validation/v1", **value}
    try:
        coerce_embedded(whole, Structure({"x-kubernetes-embedded-resource": True}), "", [])
    except WrongError as error:
        return [invalid(path, structure.default, f"must result in valid metadata: {error}")]
    wrong = check_whole(whole, "")
    if wrong:
        told = list(dict.fromkeys(f"{one.field}: {one.message}" for one in wrong))
        text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
        return [invalid(path, structure.default, f"must result in valid metadata: {text}")]
    return validate(structure.default, structure, path=path)
