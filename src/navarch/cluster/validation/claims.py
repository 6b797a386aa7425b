"""PersistentVolumeClaims, and the templates of them."""

from __future__ import annotations

from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import (
    IMMUTABLE,
    check,
    check_annotations,
    check_immutable,
    check_labels,
    check_update,
)
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key
from navarch.cluster.validation.quantities import nano
from navarch.cluster.validation.resources import check_amount, check_basic, check_positive_amount, is_native
from navarch.cluster.validation.selectors import check_label_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["ACCESS_MODES", "check_access_modes", "check_claim_spec", "check_claim_template", "creating", "updating"]

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_CLASS_NOTE = "volume.beta.kubernetes.io/storage-class"
# The metadata that a template of a claim can't have, as messages name it.
_NOT_IN_TEMPLATES = (
    ("name", "name"),
    ("generateName", "generateName"),
    ("namespace", "namespace"),
    ("selfLink", "selfLink"),
    ("uid", "uID"),
    ("resourceVersion", "resourceVersion"),
    ("generation", "generation"),
    ("creationTimestamp", "creationTimestamp"),
    ("deletionTimestamp", "deletionTimestamp"),
    ("deletionGracePeriodSeconds", "deletionGracePeriodSeconds"),
    ("ownerReferences", "ownerReferences"),
    ("finalizers", "finalizers"),
    ("managedFields", "managedFields"),
)
_FIXED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_RESIZE = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)


def creating(errors: list[FieldError], claim: Object) -> None:
    """ValidatePersistentVolumeClaim."""
    check(errors, claim.get("metadata") or {}, True, dns_subdomain)
    check_claim_spec(errors, "spec", claim.get("spec") or {})


def check_claim_template(errors: list[FieldError], path: str, template: Object) -> None:
    """ValidatePersistentVolumeClaimTemplate."""
    meta = template.get("metadata") or {}
    check_annotations(errors, f"{path}.metadata.annotations", meta.get("annotations"))
    check_labels(errors, f"{path}.metadata.labels", meta.get("labels"))
    for key, name in _NOT_IN_TEMPLATES:
        if meta.get(key):
            errors.append(forbidden(f"{path}.metadata.{name}", "cannot be set"))
    check_claim_spec(errors, f"{path}.spec", template.get("spec") or {})


def check_access_modes(errors: list[FieldError], path: str, modes: list[str]) -> None:
    """Each must be known, and the exclusive one alone."""
    errors.extend([unsupported(path, as_json(one), ACCESS_MODES) for one in modes if one not in ACCESS_MODES])
    known = {one for one in modes if one in ACCESS_MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        errors.append(forbidden(path, "may not use ReadWriteOncePod with other access modes"))


def check_claim_spec(
    errors: list[FieldError], path: str, spec: Object, *, bad_values: bool = False, any_group: bool = False
) -> None:
    """ValidatePersistentVolumeClaimSpec."""
    get = spec.get
    modes = get("accessModes") or []
    if not modes:
        errors.append(required(f"{path}.accessModes", "at least 1 access mode is required"))
    check_label_selector(errors, f"{path}.selector", get("selector"), bad_values=bad_values)
    check_access_modes(errors, f"{path}.accessModes", modes)
    requests = (get("resources") or {}).get("requests") or {}
    where = f"{path}.resources[storage]"
    if "storage" not in requests:
        errors.append(required(where))
    elif check_positive_amount(errors, where, requests["storage"]):
        check_amount(errors, where, "storage", requests["storage"])
    if name := get("storageClassName"):
        add(errors, f"{path}.storageClassName", name, dns_subdomain(name))
    mode = get("volumeMode")
    if mode not in {None, "Block", "Filesystem"}:
        errors.append(unsupported(f"{path}.volumeMode", as_json(mode), ["Block", "Filesystem"]))
    _check_data_source(errors, path, spec, any_group)
    if name := get("volumeAttributesClassName"):
        add(errors, f"{path}.volumeAttributesClassName", name, dns_subdomain(name))


def _check_data_source(errors: list[FieldError], path: str, spec: Object, any_group: bool) -> None:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for key, one in (("dataSource", source), ("dataSourceRef", reference)):
        if one is not None:
            _check_reference(errors, f"{path}.{key}", one, any_group, namespaced=one is reference)
    if source is None or reference is None:
        return
    # The path stands for the value, by its fields: none of them can be seen from outside.
    shown = as_json({})
    if reference.get("namespace"):
        errors.append(invalid(path, shown, "may not be specified when dataSourceRef.namespace is specified"))
    elif any(source.get(key) != reference.get(key) for key in ("apiGroup", "kind", "name")):
        errors.append(invalid(path, shown, "must match dataSourceRef"))


def _check_reference(errors: list[FieldError], path: str, one: Object, any_group: bool, *, namespaced: bool) -> None:
    kind, group = one.get("kind", ""), one.get("apiGroup") or ""
    if not one.get("name"):
        errors.append(required(f"{path}.name"))
    if not kind:
        errors.append(required(f"{path}.kind"))
    if not group and kind != "PersistentVolumeClaim":
        detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(invalid(path, kind, detail))
    if group and not any_group:
        add(errors, f"{path}.apiGroup", group, dns_subdomain(group))
    namespace = one.get("namespace")
    if namespaced and namespace:
        add(errors, f"{path}.namespace", namespace, dns_label(namespace))


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePersistentVolumeClaimUpdate."""
    meta, before = new.get("metadata") or {}, old.get("metadata") or {}
    spec, previous = new.get("spec") or {}, old.get("spec") or {}
    check_update(errors, meta, before)
    check(errors, meta, True, dns_subdomain)
    found: list[FieldError] = []
    check_label_selector(found, "", previous.get("selector"))
    grouped = any((previous.get(key) or {}).get("apiGroup") is not None for key in ("dataSource", "dataSourceRef"))
    check_claim_spec(errors, "spec", spec, bad_values=bool(found), any_group=grouped)
    _check_spec_unchanged(errors, new, old)
    _check_size(errors, new, old)
    mode = spec.get("volumeMode")
    check_immutable(errors, "volumeMode", mode, previous.get("volumeMode"), as_json(mode))
    _check_attributes_class(errors, spec, previous, old.get("status") or {})


def _check_spec_unchanged(errors: list[FieldError], new: Object, old: Object) -> None:
    """All but the size, the volume's name when there was none, and the class that an annotation named before."""
    after, before = dict(new.get("spec") or {}), dict(old.get("spec") or {})
    notes = (new.get("metadata") or {}).get("annotations") or {}
    noted = (old.get("metadata") or {}).get("annotations") or {}
    if not before.get("volumeName") and "volumeName" in after:
        before["volumeName"] = after["volumeName"]
    named, was = after.get("storageClassName"), before.get("storageClassName")
    if was is None and named is not None and named == noted.get(_CLASS_NOTE) == notes.get(_CLASS_NOTE, named):
        after.pop("storageClassName", None)
    else:
        if notes.get(_CLASS_NOTE, "") != noted.get(_CLASS_NOTE, ""):
            errors.append(invalid(f"metadata.annotations.{_CLASS_NOTE}", notes.get(_CLASS_NOTE, ""), IMMUTABLE))
        if was is None and named is not None and noted.get(_CLASS_NOTE, named) == named:
            after.pop("storageClassName", None)
    if (new.get("status") or {}).get("phase") == "Bound":
        _take_over(after, before)
    if not same(after, before):
        from navarch.cluster.validation.internal import difference

        changed = difference("core.PersistentVolumeClaimSpec", before, after)
        errors.append(forbidden("spec", f"{_FIXED}\n{changed}"))


def _take_over(after: Object, before: Object) -> None:
    """A bound claim may ask for more, and for another class of attributes."""
    wanted = after.get("resources") or {}
    if wanted.get("requests") is not None:
        size = ((before.get("resources") or {}).get("requests") or {}).get("storage", "0")
        after["resources"] = {**wanted, "requests": {**wanted["requests"], "storage": size}}
    after.pop("volumeAttributesClassName", None)
    if "volumeAttributesClassName" in before:
        after["volumeAttributesClassName"] = before["volumeAttributesClassName"]


def _size(spec: Object) -> int:
    return nano(((spec.get("resources") or {}).get("requests") or {}).get("storage"))


def _check_size(errors: list[FieldError], new: Object, old: Object) -> None:
    asked, before = _size(new.get("spec") or {}), _size(old.get("spec") or {})
    there = nano(((old.get("status") or {}).get("capacity") or {}).get("storage"))
    if asked < before and asked <= there:
        detail = "field can not be less than status.capacity"
        errors.append(forbidden("spec.resources.requests.storage", detail))


def _check_attributes_class(errors: list[FieldError], new: Object, old: Object, status: Object) -> None:
    name = new.get("volumeAttributesClassName")
    if name == old.get("volumeAttributesClassName") or status.get("currentVolumeAttributesClassName") is None:
        return
    if not name:
        what = "nil" if name is None else "empty string"
        detail = f"update to {what} is forbidden when status.currentVolumeAttributesClassName is not nil"
        errors.append(forbidden("spec.volumeAttributesClassName", detail))


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePersistentVolumeClaimStatusUpdate."""
    meta, status = new.get("metadata") or {}, new.get("status") or {}
    check_update(errors, meta, old.get("metadata") or {})
    if not meta.get("resourceVersion"):
        errors.append(required("resourceVersion"))
    if not (new.get("spec") or {}).get("accessModes"):
        errors.append(required("Spec.accessModes"))
    for name, amount in (status.get("capacity") or {}).items():
        check_basic(errors, f"status.capacity[{name}]", amount)
    for name, state in (status.get("allocatedResourceStatuses") or {}).items():
        _check_key(errors, "status.allocatedResourceStatuses", name)
        if state not in _RESIZE:
            errors.append(unsupported("status.allocatedResourceStatuses", as_json(name), sorted(_RESIZE)))
    for name, amount in (status.get("allocatedResources") or {}).items():
        if not _check_key(errors, "status.allocatedResources", name):
            continue
        where = f"status.allocatedResources[{name}]"
        if check_basic(errors, where, amount):
            check_amount(errors, where, "storage", amount)


def _check_key(errors: list[FieldError], path: str, name: str) -> bool:
    if broken := label_key(name):
        add(errors, path, name, broken)
        return False
    if is_native(name) and name != "storage":
        errors.append(unsupported(path, name, ["storage"]))
        return False
    return True
