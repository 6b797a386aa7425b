"""The variables of containers."""

from __future__ import annotations

from navarch.cluster.validation.errors import (
    invalid,
    required,
)
from navarch.cluster.validation.names import (
    add,
    config_key,
    dns_label,
    dns_subdomain,
    masked,
    relaxed_variable,
)
from navarch.cluster.validation.references import check_field_ref, check_resource_ref
from navarch.cluster.validation.sources import check_no_backsteps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_env", "check_env_from"]


_ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)


_ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def check_env(errors: list[FieldError], path: str, variables: list[Object]) -> None:
    for at, one in enumerate(variables):
        name = one.get("name")
        if not name:
            errors.append(required(f"{path}[{at}].name"))
        elif broken := relaxed_variable(name):
            add(errors, f"{path}[{at}].name", name, broken)
        source = one.get("valueFrom")
        if source is not None:
            _check_env_source(errors, f"{path}[{at}].valueFrom", source, one.get("value"))


def _check_env_source(errors: list[FieldError], path: str, source: Object, value: str | None) -> None:
    found = 0
    for kind in _ENV_SOURCES:
        one = source.get(kind)
        if one is None:
            continue
        found += 1
        where = f"{path}.{kind}"
        if kind == "fieldRef":
            check_field_ref(errors, where, one, _ENV_FIELDS)
        elif kind == "resourceFieldRef":
            check_resource_ref(errors, where, one, volume=False)
        elif kind == "fileKeyRef":
            _check_file_key(errors, where, one)
        else:
            _check_key(errors, where, one)
    if not found:
        detail = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        )
        errors.append(invalid(path, "", detail))
    elif value:
        errors.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif found > 1:
        errors.append(invalid(path, "", "may not have more than one field specified at a time"))


def _check_key(errors: list[FieldError], path: str, one: Object) -> None:
    name, key = one.get("name", ""), one.get("key")
    add(errors, f"{path}.name", name, dns_subdomain(name))
    if key:
        add(errors, f"{path}.key", key, config_key(key))
    else:
        errors.append(required(f"{path}.key"))


def _check_file_key(errors: list[FieldError], path: str, one: Object) -> None:
    key, volume, file = one.get("key"), one.get("volumeName"), one.get("path")
    if key:
        add(errors, f"{path}.key", key, relaxed_variable(key))
    else:
        errors.append(required(f"{path}.key"))
    if volume:
        add(errors, f"{path}.volumeName", volume, dns_label(volume))
    else:
        errors.append(required(f"{path}.volumeName"))
    if file:
        check_no_backsteps(errors, f"{path}.path", file)
    else:
        errors.append(required(f"{path}.path"))


def check_env_from(errors: list[FieldError], path: str, sources: list[Object]) -> None:
    for at, one in enumerate(sources):
        prefix = one.get("prefix")
        if prefix:
            add(errors, f"{path}[{at}].prefix", prefix, relaxed_variable(prefix))
        found = 0
        for kind in ("configMapRef", "secretRef"):
            reference = one.get(kind)
            if reference is None:
                continue
            found += 1
            name = reference.get("name")
            if name:
                add(errors, f"{path}[{at}].{kind}.name", name, dns_subdomain(masked(name)))
            else:
                errors.append(required(f"{path}[{at}].{kind}.name"))
        if not found:
            errors.append(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif found > 1:
            errors.append(invalid(path, "", "may not have more than one field specified at a time"))
