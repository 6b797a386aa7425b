"""Whole objects inside of custom objects (x-kubernetes-embedded-resource): their version, kind and metadata."""

from __future__ import annotations

from navarch.cluster.validation.errors import FieldError, invalid, required

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure

    Object = dict[str, Any]

__all__ = ["check_embedded", "check_whole"]


def check_embedded(value: Any, structure: Structure | None, path: str = "") -> list[FieldError]:
    """What is wrong with whole objects below `value`."""
    if structure is None:
        return []
    errors: list[FieldError] = []
    if type(value) is list:
        for index, item in enumerate(value):
            errors += check_embedded(item, structure.items, f"{path}[{index}]")
    elif type(value) is dict:
        if structure.embedded:
            errors += check_whole(value, path)
        for name, inner in value.items():
            if type(inner) is dict or type(inner) is list:
                below = structure.named(name)
                place = f"{path}[{name}]" if below is None else f"{path}.{name}" if path else name
                errors += check_embedded(inner, below or structure.others, place)
    return errors


def check_whole(value: Object, path: str) -> list[FieldError]:
    """What is wrong with version, kind and metadata of one object."""
    begin = f"{path}." if path else ""
    errors = [required(begin + name) for name in ("apiVersion", "kind") if name not in value]
    if "apiVersion" in value:
        errors += _version(begin + "apiVersion", value["apiVersion"])
    if "kind" in value:
        errors += _kind(begin + "kind", value["kind"])
    if "metadata" in value:
        errors += _metadata(begin, value["metadata"])
    return errors


def _version(path: str, value: Any) -> list[FieldError]:
    if not isinstance(value, str):
        return [invalid(path, value, "must be a string")]
    if not value:
        return [invalid(path, value, "must not be empty")]
    if value.count("/") > 1:
        return [invalid(path, value, f"unexpected GroupVersion string: {value}")]
    return []


def _kind(path: str, value: Any) -> list[FieldError]:
    from navarch.cluster.validation.names import dns_label_1035

    if not isinstance(value, str):
        return [invalid(path, value, "must be a string")]
    if not value:
        return [invalid(path, value, "must not be empty")]
    broken = dns_label_1035(value.lower())
    if broken:
        return [invalid(path, value, "may have mixed case, but should otherwise match: " + ",".join(broken))]
    return []


def _metadata(begin: str, value: Any) -> list[FieldError]:
    from navarch.cluster.custom.objects import WrongError, read_metadata
    from navarch.cluster.validation.metadata import check
    from navarch.cluster.validation.names import path_segment

    try:
        metadata = read_metadata(value, "", [])
    except WrongError as error:
        return [invalid(begin + "metadata", value, str(error))]
    errors: list[FieldError] = []
    check(errors, {"name": "fakename", **metadata}, bool(metadata.get("namespace")), path_segment)
    return [error._replace(field=begin + error.field) for error in errors]
