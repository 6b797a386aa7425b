"""What volumes and variables take from the pod itself: its fields, and the resources of its containers."""

from __future__ import annotations

from navarch.cluster.validation.errors import (
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.names import add, label_key
from navarch.cluster.validation.quantities import sign
from navarch.cluster.validation.sources import (
    FILE_MODE,
    check_relative,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Check = Callable[[list[FieldError], str, dict[str, Any]], None]

__all__ = ["check_downward_file", "check_field_ref", "check_resource_ref"]


DOWNWARD_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")


_POD_FIELDS = frozenset(
    [
        *DOWNWARD_FIELDS,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.serviceAccountName",
        "spec.schedulerName",
        "status.phase",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ]
)


_RESOURCE_FIELDS = tuple(
    f"{side}.{one}" for side in ("limits", "requests") for one in ("cpu", "ephemeral-storage", "memory")
)


_DIVISORS = tuple("1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei".split())


def check_downward_file(errors: list[FieldError], path: str, one: dict[str, Any]) -> None:
    name, field, resource = one.get("path", ""), one.get("fieldRef"), one.get("resourceFieldRef")
    if not name:
        errors.append(required(f"{path}.path"))
    check_relative(errors, f"{path}.path", name)
    if field is not None:
        check_field_ref(errors, f"{path}.fieldRef", field, DOWNWARD_FIELDS)
        if resource is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid(path, "resource", detail))
    elif resource is not None:
        check_resource_ref(errors, f"{path}.resourceFieldRef", resource, volume=True)
    else:
        errors.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    mode = one.get("mode")
    if mode is not None and not 0 <= mode <= 0o777:
        errors.append(invalid(f"{path}.mode", mode, FILE_MODE))


def check_field_ref(errors: list[FieldError], path: str, reference: dict[str, Any], supported: tuple[str, ...]) -> None:
    """`validateObjectFieldSelector`: a field of the pod itself."""
    version, field = reference.get("apiVersion", ""), reference.get("fieldPath", "")
    if not version:
        errors.append(required(f"{path}.apiVersion"))
        return
    if not field:
        errors.append(required(f"{path}.fieldPath"))
        return
    head, subscript = _split_subscript(field)
    why = _refused_field(version, field, head, subscript)
    if why:
        errors.append(invalid(f"{path}.fieldPath", field, f"error converting fieldPath: {why}"))
        return
    if subscript is not None:
        add(errors, path, *_subscript_rule(head, subscript))
        return
    known = "spec.nodeName" if field == "spec.host" else field
    if known not in supported:
        errors.append(unsupported(f"{path}.fieldPath", known, sorted(supported)))


def _subscript_rule(head: str, subscript: str) -> tuple[str, Any]:
    text = subscript.lower() if head == "metadata.annotations" else subscript
    return text, label_key(text)


def _split_subscript(field: str) -> tuple[str, str | None]:
    head, mark, rest = field.partition("['")
    if not mark or not head or not field.endswith("']") or len(field) < len(head) + 4:
        return field, None
    return head, rest[:-2]


def _refused_field(version: str, field: str, head: str, subscript: str | None) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if subscript is not None:
        known = head in {"metadata.annotations", "metadata.labels"}
        return "" if known else f"field label does not support subscript: {field}"
    return "" if field in _POD_FIELDS or field == "spec.host" else f"field label not supported: {field}"


def check_resource_ref(errors: list[FieldError], path: str, reference: dict[str, Any], *, volume: bool) -> None:
    """`validateContainerResourceFieldSelector`: a request or limit of a container."""
    name = reference.get("resource", "")
    pages = name.startswith(("requests.hugepages-", "limits.hugepages-"))
    if volume and not reference.get("containerName"):
        errors.append(required(f"{path}.containerName"))
    elif not name:
        errors.append(required(f"{path}.resource"))
    elif name not in _RESOURCE_FIELDS and not pages:
        errors.append(unsupported(f"{path}.resource", name, _RESOURCE_FIELDS))
    divisor = reference.get("divisor")
    if not sign(divisor):
        return
    what = name.partition(".")[2]
    if what == "cpu" and name in _RESOURCE_FIELDS:
        if divisor not in {"1m", "1"}:
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            errors.append(invalid(f"{path}.divisor", name, detail))
    elif (name in _RESOURCE_FIELDS or pages) and divisor not in _DIVISORS:
        words = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(what, "hugepages")
        detail = f"only divisor's values {', '.join(_DIVISORS)} are supported with the {words} resource"
        errors.append(invalid(f"{path}.divisor", name, detail))
