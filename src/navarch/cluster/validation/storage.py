"""StorageClasses, PersistentVolumes, and what drivers of volumes say about themselves."""

from __future__ import annotations

from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    forbidden,
    invalid,
    required,
    too_long,
    unsupported,
)
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_nonnegative, check_update, parts
from navarch.cluster.validation.names import add, dns_subdomain, label_key
from navarch.cluster.validation.persistent_volumes import check_volume_spec
from navarch.cluster.validation.resources import check_nonnegative_amount
from navarch.cluster.validation.selectors import (
    check_label_selector,
    has_bad_values,
    shown,
)
from navarch.cluster.validation.sources import check_csi_driver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "creating_attachment",
    "creating_attributes",
    "creating_capacity",
    "creating_class",
    "creating_driver",
    "creating_node",
    "updating_attachment",
    "updating_attributes",
    "updating_capacity",
    "updating_class",
    "updating_driver",
    "updating_node",
]

_KIB_256 = 256 * 1024


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def creating_class(errors: list[FieldError], one: Object) -> None:
    """ValidateStorageClass."""
    check(errors, one.get("metadata") or {}, False, dns_subdomain)
    _check_provisioner(errors, "provisioner", one.get("provisioner", ""))
    _check_parameters(errors, one.get("parameters") or {}, may_be_empty=True)
    policy, mode = one.get("reclaimPolicy"), one.get("volumeBindingMode")
    if policy and policy not in {"Delete", "Retain"}:
        errors.append(unsupported("reclaimPolicy", as_json(policy), ["Delete", "Retain"]))
    if mode is None:
        errors.append(required("volumeBindingMode"))
    elif mode not in {"Immediate", "WaitForFirstConsumer"}:
        errors.append(unsupported("volumeBindingMode", as_json(mode), ["Immediate", "WaitForFirstConsumer"]))
    _check_topologies(errors, one.get("allowedTopologies") or [])


def _check_provisioner(errors: list[FieldError], path: str, name: str) -> None:
    if name:
        add(errors, path, name.lower(), label_key(name.lower()))
    else:
        errors.append(required(path))


def _check_parameters(errors: list[FieldError], parameters: dict[str, str], *, may_be_empty: bool) -> None:
    if len(parameters) > 512:
        errors.append(too_long("parameters", 512))
        return
    if "" in parameters:
        errors.append(invalid("parameters", "", "field can not be empty."))
    if sum(_size(key) + _size(value) for key, value in parameters.items()) > _KIB_256:
        errors.append(too_long("parameters", _KIB_256))
    if not may_be_empty and not parameters:
        errors.append(required("parameters", "must contain at least one key/value pair"))


def _check_topologies(errors: list[FieldError], topologies: list[Object]) -> None:
    """`validateAllowedTopologies`: an empty term is counted as repeated, as often as there are terms."""
    seen: list[dict[str, set[str]]] = [{} for _ in topologies]
    for at, term in enumerate(topologies):
        path, found = f"allowedTopologies[{at}].matchLabelExpressions", {}
        for number, one in enumerate(term.get("matchLabelExpressions") or ()):
            key, values, where = one.get("key", ""), one.get("values") or [], f"{path}[{number}]"
            if not values:
                errors.append(required(f"{where}.values"))
            for place, value in enumerate(values):
                if value in values[:place]:
                    errors.append(duplicate(f"{where}.values[{place}]", value))
            add(errors, f"{where}.key", key, label_key(key))
            if key in found:
                errors.append(duplicate(f"{where}.key", key))
            found[key] = set(values)
        errors.extend([duplicate(path, "") for one in seen if one == found])
        seen.append(found)


def updating_class(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateStorageClassUpdate, after the rules for new ones."""
    creating_class(errors, new)
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    for key in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
        value = new.get(key)
        if value != old.get(key):
            shown_as = value or "" if key == "provisioner" else as_json(value)
            errors.append(invalid(key, shown_as, IMMUTABLE))


def creating_driver(errors: list[FieldError], driver: Object) -> None:
    """ValidateCSIDriver."""
    check(errors, driver.get("metadata") or {}, False, dns_subdomain)
    _check_driver(errors, driver.get("spec") or {})


def _check_driver(errors: list[FieldError], spec: Object) -> None:
    for key, name in (("attachRequired", "attachedRequired"), ("podInfoOnMount", ""), ("storageCapacity", "")):
        if spec.get(key) is None:
            errors.append(required(f"spec.{name or key}"))
    policy, policies = spec.get("fsGroupPolicy"), ("File", "None", "ReadWriteOnceWithFSType")
    if policy is not None and policy not in policies:
        errors.append(unsupported("spec.fsGroupPolicy", as_json(policy), policies))
    _check_tokens(errors, spec.get("tokenRequests") or [])
    errors.extend(
        [
            unsupported("spec.volumeLifecycleModes", as_json(one), ["Persistent", "Ephemeral"])
            for one in spec.get("volumeLifecycleModes") or ()
            if one not in {"Persistent", "Ephemeral"}
        ]
    )
    if spec.get("seLinuxMount") is None:
        errors.append(required("spec.seLinuxMount"))
    period, secrets = spec.get("nodeAllocatableUpdatePeriodSeconds"), spec.get("serviceAccountTokenInSecrets")
    if period is not None and period < 10:
        detail = "must be greater than or equal to 10 seconds"
        errors.append(invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, detail))
    if secrets is not None and not spec.get("tokenRequests"):
        detail = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        errors.append(invalid("spec.serviceAccountTokenInSecrets", secrets, detail))


def _check_tokens(errors: list[FieldError], requests: list[Object]) -> None:
    seen: set[str] = set()
    for at, one in enumerate(requests):
        audience, seconds, path = one.get("audience", ""), one.get("expirationSeconds"), f"spec.tokenRequests[{at}]"
        if audience in seen:
            errors.append(duplicate(f"{path}.audience", audience))
            continue
        seen.add(audience)
        for wrong, what in (
            (seconds is not None and seconds < 600, "less than 10 minutes"),
            (seconds is not None and seconds > 1 << 32, "larger than 2^32 seconds"),
        ):
            if wrong:
                detail = f"may not specify a duration {what}"
                errors.append(invalid(f"{path}.expirationSeconds", seconds, detail))


def updating_driver(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCSIDriverUpdate."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    _check_driver(errors, spec)
    for key, name in (("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")):
        if spec.get(key) != was.get(key):
            errors.append(invalid(f"spec.{name}", as_json(spec.get(key)), IMMUTABLE))


def creating_node(errors: list[FieldError], node: Object) -> None:
    """ValidateCSINode."""
    check(errors, node.get("metadata") or {}, False, dns_subdomain)
    seen: set[str] = set()
    for at, one in enumerate((node.get("spec") or {}).get("drivers") or ()):
        path, name, identifier = f"spec.drivers[{at}]", one.get("name", ""), one.get("nodeID", "")
        check_csi_driver(errors, f"{path}.name", name)
        if not identifier:
            errors.append(required(f"{path}.nodeID"))
        if _size(identifier) > 256:
            errors.append(invalid(f"{path}.nodeID", identifier, "must be 256 characters or less"))
        check_nonnegative(errors, f"{path}.allocatable.count", (one.get("allocatable") or {}).get("count"))
        if name in seen:
            errors.append(duplicate(f"{path}.name", name))
        seen.add(name)
        keys: set[str] = set()
        for key in one.get("topologyKeys") or ():
            if not key:
                errors.append(required(path))
            if key in keys:
                errors.append(duplicate(path, key))
            keys.add(key)
            add(errors, path, key, label_key(key))


def updating_node(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCSINodeUpdate: of a driver only how much it takes may change."""
    creating_node(errors, new)

    def plain(one: Object) -> Object:
        return {key: value for key, value in one.items() if key != "allocatable"}

    for before in (old.get("spec") or {}).get("drivers") or ():
        for one in (new.get("spec") or {}).get("drivers") or ():
            if one.get("name") == before.get("name") and plain(one) != plain(before):
                from navarch.cluster.validation.internal import show

                errors.append(invalid("spec.drivers", show("storage.CSINodeDriver", plain(one)), IMMUTABLE))


def creating_capacity(errors: list[FieldError], one: Object) -> None:
    """ValidateCSIStorageCapacity."""
    _check_storage(errors, one, bad_values=False)


def _check_storage(errors: list[FieldError], one: Object, *, bad_values: bool) -> None:
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    check_label_selector(errors, "nodeTopology", one.get("nodeTopology"), bad_values=bad_values)
    name = one.get("storageClassName", "")
    add(errors, "storageClassName", name, dns_subdomain(name))
    if one.get("capacity") is not None:
        check_nonnegative_amount(errors, "capacity", one["capacity"])


def updating_capacity(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCSIStorageCapacityUpdate."""
    _check_storage(errors, new, bad_values=has_bad_values(old.get("nodeTopology")))
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if new.get("nodeTopology") != old.get("nodeTopology"):
        errors.append(invalid("nodeTopology", shown(new.get("nodeTopology")), IMMUTABLE))
    if new.get("storageClassName", "") != old.get("storageClassName", ""):
        errors.append(invalid("storageClassName", new.get("storageClassName", ""), IMMUTABLE))


def creating_attachment(errors: list[FieldError], one: Object) -> None:
    """ValidateVolumeAttachment."""
    (meta, spec), status = parts(one), one.get("status") or {}
    check(errors, meta, False, dns_subdomain)
    check_csi_driver(errors, "spec.attacher", spec.get("attacher", ""))
    source = spec.get("source") or {}
    name, within = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    either = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if name is None and within is None:
        errors.append(required("spec.source", either))
    elif name is not None and within is not None:
        errors.append(forbidden("spec.source", either))
    elif name == "":
        errors.append(required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName"))
    elif within is not None:
        check_volume_spec(errors, "spec.source.inlineVolumeSpec", within, "", inline=True, attributes=False)
    node = spec.get("nodeName", "")
    add(errors, "spec.nodeName", node, dns_subdomain(node))
    if sum(_size(key) + _size(value) for key, value in (status.get("attachmentMetadata") or {}).items()) > _KIB_256:
        errors.append(too_long("status.attachmentMetadata", _KIB_256))
    for key in ("attachError", "detachError"):
        found = status.get(key) or {}
        if _size(found.get("message", "")) > 1024:
            errors.append(too_long(f"status.{key}.message", _KIB_256))
        code = found.get("errorCode")
        if code is not None and code < 0:
            detail = "must be between 0 and 2147483647, inclusive"
            errors.append(invalid(f"status.{key}.errorCode", code, detail))
    if name is not None:
        add(errors, "spec.source.persistentVolumeName", name, dns_subdomain(name))


def updating_attachment(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateVolumeAttachmentUpdate."""
    creating_attachment(errors, new)
    if not same(new.get("spec"), old.get("spec")):
        from navarch.cluster.validation.internal import show

        errors.append(invalid("spec", show("storage.VolumeAttachmentSpec", new.get("spec")), IMMUTABLE))


def creating_attributes(errors: list[FieldError], one: Object) -> None:
    """ValidateVolumeAttributesClass."""
    check(errors, one.get("metadata") or {}, False, dns_subdomain)
    _check_provisioner(errors, "driverName", one.get("driverName", ""))
    _check_parameters(errors, one.get("parameters") or {}, may_be_empty=False)


def updating_attributes(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateVolumeAttributesClassUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    errors.extend(
        [
            forbidden(key, f"updates to {key} are forbidden.")
            for key in ("driverName", "parameters")
            if new.get(key) != old.get(key)
        ]
    )
    creating_attributes(errors, new)
