"""PersistentVolumes."""

from __future__ import annotations

from navarch.cluster.validation import sources
from navarch.cluster.validation.claims import check_access_modes
from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import (
    as_json,
    forbidden,
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_update, parts
from navarch.cluster.validation.names import add, dns_label, dns_subdomain
from navarch.cluster.validation.resources import check_basic, check_positive_amount
from navarch.cluster.validation.selectors import (
    check_node_selector,
    terms_have_bad_values,
)
from navarch.cluster.validation.sources import check_csi_driver, need

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_volume_spec", "creating_volume", "updating_volume", "updating_volume_status"]


_ANOTHER = "may not specify more than 1 volume type"


_INLINE = "may not be specified in the context of inline volumes"


_MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options"


_RECLAIM = ("Delete", "Recycle", "Retain")


# Sources whose volumes take mount options by annotation.
_MOUNTED = (
    "gcePersistentDisk awsElasticBlockStore glusterfs nfs rbd quobyte iscsi cinder cephfs azureFile vsphereVolume "
    "azureDisk photonPersistentDisk"
).split()


def creating_volume(errors: list[FieldError], volume: Object) -> None:
    """ValidatePersistentVolume, and what the volume code adds."""
    _check_volume(errors, volume, bad_values=False)
    _check_mount_options(errors, volume)


def _check_volume(errors: list[FieldError], volume: Object, *, bad_values: bool) -> None:
    meta, spec = parts(volume)
    check(errors, meta, False, dns_subdomain)
    check_volume_spec(errors, "spec", spec, meta.get("name", ""), bad_values=bad_values)


def _check_mount_options(errors: list[FieldError], volume: Object) -> None:
    meta, spec = parts(volume)
    if _MOUNT_OPTIONS in (meta.get("annotations") or {}) and not any(spec.get(one) is not None for one in _MOUNTED):
        detail = "may not specify mount options for this volume type"
        errors.append(forbidden(f"metadata.annotations.{_MOUNT_OPTIONS}", detail))


def check_volume_spec(
    errors: list[FieldError],
    path: str,
    spec: Object,
    name: str,
    *,
    bad_values: bool = False,
    inline: bool = False,
    attributes: bool = True,
) -> None:
    """ValidatePersistentVolumeSpec; `inline`: within a VolumeAttachment."""
    get = spec.get
    if inline:
        _check_inline(errors, path, spec)
    modes = get("accessModes") or []
    if not modes:
        errors.append(required(f"{path}.accessModes"))
    check_access_modes(errors, f"{path}.accessModes", modes)
    if not inline:
        _check_capacity(errors, f"{path}.capacity", get("capacity"))
    _check_reclaim(errors, f"{path}.persistentVolumeReclaimPolicy", get("persistentVolumeReclaimPolicy"), inline)
    affinity = get("nodeAffinity")
    if affinity is not None:
        _check_affinity(errors, f"{path}.nodeAffinity", affinity, bad_values, inline)
    _check_sources(errors, path, spec, name, affinity is not None and not inline)
    _check_rest(errors, path, spec, inline)
    attribute = get("volumeAttributesClassName")
    if attribute is not None and attributes:
        where = f"{path}.volumeAttributesClassName"
        if attribute:
            add(errors, where, attribute, dns_subdomain(attribute))
        else:
            errors.append(required(where, "an empty string is disallowed"))
        if get("csi") is None:
            detail = "has to be specified when using volumeAttributesClassName"
            errors.append(required(f"{path}.csi", detail))


def _check_inline(errors: list[FieldError], path: str, spec: Object) -> None:
    if spec.get("claimRef") is not None:
        errors.append(forbidden(f"{path}.claimRef", _INLINE))
    if spec.get("capacity"):
        errors.append(forbidden(f"{path}.capacity", _INLINE))
    if spec.get("csi") is None:
        errors.append(required(f"{path}.csi", "has to be specified in the context of inline volumes"))


def _check_capacity(errors: list[FieldError], path: str, capacity: dict[str, str] | None) -> None:
    if not capacity:
        errors.append(required(path))
    amounts = capacity or {}
    if "storage" not in amounts or len(amounts) > 1:
        errors.append(unsupported(path, as_json(capacity), ["storage"]))
    for name, amount in amounts.items():
        check_basic(errors, f"{path}[{name}]", amount)
        check_positive_amount(errors, f"{path}[{name}]", amount)


def _check_reclaim(errors: list[FieldError], path: str, policy: str | None, inline: bool) -> None:
    if policy and inline and policy != "Retain":
        errors.append(forbidden(path, "may only be Retain in the context of inline volumes"))
    elif policy and not inline and policy not in _RECLAIM:
        errors.append(unsupported(path, as_json(policy), _RECLAIM))


def _check_affinity(errors: list[FieldError], path: str, affinity: Object, bad_values: bool, inline: bool) -> None:
    if inline:
        errors.append(forbidden(path, _INLINE))
    elif affinity.get("required") is None:
        errors.append(required(f"{path}.required", "must specify required node constraints"))
    else:
        check_node_selector(errors, f"{path}.required", affinity["required"], bad_values=bad_values)


def _check_sources(errors: list[FieldError], path: str, spec: Object, name: str, has_affinity: bool) -> None:
    found = 0
    for kind, where, check_one, named in _SOURCES:
        source = spec.get(kind)
        if source is None:
            continue
        if found and kind != "flexVolume":
            errors.append(forbidden(f"{path}.{named}", _ANOTHER))
            continue
        found += 1
        if kind == "iscsi":
            _check_iscsi_length(errors, f"{path}.iscsi", source, name)
        check_one(errors, f"{path}.{where}", source)
        if kind == "local" and not has_affinity:
            errors.append(required(f"{path}.nodeAffinity", "Local volume requires node affinity"))
    if not found:
        errors.append(required(path, "must specify a volume type"))
    host = (spec.get("hostPath") or {}).get("path")
    if host and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        from navarch.golang.path import clean

        if clean(host) == "/":
            detail = "may not be 'recycle' for a hostPath mount of '/'"
            errors.append(forbidden(f"{path}.persistentVolumeReclaimPolicy", detail))


def _check_iscsi_length(errors: list[FieldError], path: str, source: Object, name: str) -> None:
    portal = source.get("targetPortal", "")
    if not portal:
        errors.append(required(f"{path}.targetPortal"))
    if source.get("initiatorName") is not None and len(f"{name}:{portal}") > 64:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is "
            "specified."
        )
        errors.append(invalid(f"{path}.targetportal", portal, detail))


def _check_iscsi(errors: list[FieldError], path: str, source: Object) -> None:
    sources.check_iscsi(errors, path, {**source, "targetPortal": source.get("targetPortal") or "-"})


def _check_glusterfs(errors: list[FieldError], path: str, source: Object) -> None:
    sources.check_glusterfs(errors, path, source)
    namespace, where = source.get("endpointsNamespace"), f"{path}.endpointsNamespace"
    if namespace is None:
        return
    if namespace:
        add(errors, where, namespace, dns_label(namespace))
    else:
        detail = "if the endpointnamespace is set, it must be a valid namespace name"
        errors.append(invalid(where, namespace, detail))


def _check_cinder(errors: list[FieldError], path: str, source: Object) -> None:
    need(errors, path, source, "volumeID")
    _check_secret(errors, path, source)


def _check_secret(errors: list[FieldError], path: str, source: Object) -> None:
    if source.get("secretRef") is not None:
        need(errors, f"{path}.secretRef", source["secretRef"], "name", "namespace")


def _check_azure_file(errors: list[FieldError], path: str, source: Object) -> None:
    sources.check_azure_file(errors, path, source)
    if source.get("secretNamespace") == "":
        errors.append(required(f"{path}.secretNamespace"))


def _check_local(errors: list[FieldError], path: str, source: Object) -> None:
    where = source.get("path")
    if where:
        sources.check_no_backsteps(errors, f"{path}.path", where)
    else:
        errors.append(required(f"{path}.path"))


def _check_storageos(errors: list[FieldError], path: str, source: Object) -> None:
    sources.check_storageos(errors, path, {key: value for key, value in source.items() if key != "secretRef"})
    _check_secret(errors, path, source)


def _check_csi(errors: list[FieldError], path: str, source: Object) -> None:
    check_csi_driver(errors, f"{path}.driver", source.get("driver", ""))
    need(errors, path, source, "volumeHandle")
    for key in ("controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"):
        secret, where = source.get(f"{key}SecretRef"), f"{path}.{key}SecretRef"
        if secret is None:
            continue
        for part, rule in (("name", dns_subdomain), ("namespace", dns_label)):
            text = secret.get(part)
            if text:
                add(errors, f"{where}.{part}", text, rule(text))
            else:
                errors.append(required(f"{where}.{part}"))


def _check_rest(errors: list[FieldError], path: str, spec: Object, inline: bool) -> None:
    name, mode = spec.get("storageClassName"), spec.get("volumeMode")
    if name and inline:
        errors.append(forbidden(f"{path}.storageClassName", _INLINE))
    elif name:
        add(errors, f"{path}.storageClassName", name, dns_subdomain(name))
    if mode is None:
        return
    if inline and mode != "Filesystem":
        detail = "may not specify volumeMode other than Filesystem in the context of inline volumes"
        errors.append(forbidden(f"{path}.volumeMode", detail))
    elif not inline and mode not in {"Block", "Filesystem"}:
        errors.append(unsupported(f"{path}.volumeMode", as_json(mode), ["Block", "Filesystem"]))


# In the order of checks: the field, its path, its check, and its path when it is one too many.
_SOURCES = (
    ("hostPath", "hostPath", sources.check_host_path, "hostPath"),
    ("gcePersistentDisk", "persistentDisk", sources.check_gce, "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore", sources.check_aws, "awsElasticBlockStore"),
    ("glusterfs", "glusterfs", _check_glusterfs, "glusterfs"),
    ("flocker", "flocker", sources.check_flocker, "flocker"),
    ("nfs", "nfs", sources.check_nfs, "nfs"),
    ("rbd", "rbd", sources.check_rbd, "rbd"),
    ("quobyte", "quobyte", sources.check_quobyte, "quobyte"),
    ("cephfs", "cephfs", sources.check_cephfs, "cephFS"),
    ("iscsi", "iscsi", _check_iscsi, "iscsi"),
    ("cinder", "cinder", _check_cinder, "cinder"),
    ("fc", "fc", sources.check_fc, "fc"),
    ("flexVolume", "flexVolume", sources.check_flex, "flexVolume"),
    ("azureFile", "azureFile", _check_azure_file, "azureFile"),
    ("vsphereVolume", "vsphereVolume", sources.check_vsphere, "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk", sources.check_photon, "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume", sources.check_portworx, "portworxVolume"),
    ("azureDisk", "azureDisk", sources.check_azure_disk, "azureDisk"),
    ("scaleIO", "scaleIO", sources.check_scaleio, "scaleIO"),
    ("local", "local", _check_local, "local"),
    ("storageos", "storageos", _check_storageos, "storageos"),
    ("csi", "csi", _check_csi, "csi"),
)


_SOURCE_NAMES = frozenset(row[0] for row in _SOURCES)


def updating_volume(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePersistentVolumeUpdate, which starts with the rules for new ones, which came before it already."""
    spec, was = new.get("spec") or {}, old.get("spec") or {}
    affinity = was.get("nodeAffinity")
    terms = ((affinity or {}).get("required") or {}).get("nodeSelectorTerms") or []
    bad = terms_have_bad_values(terms)
    _check_volume(errors, new, bad_values=bad)
    _check_mount_options(errors, new)
    _check_volume(errors, new, bad_values=bad)
    _check_source_kept(errors, spec, was)
    mode = spec.get("volumeMode")
    if mode != was.get("volumeMode"):
        errors.append(invalid("volumeMode", as_json(mode), IMMUTABLE))
    if affinity is not None and not _is_same_place(spec.get("nodeAffinity"), affinity):
        from navarch.cluster.validation.internal import show_pointer

        shown_as = show_pointer("core.VolumeNodeAffinity", spec.get("nodeAffinity"))
        detail = f"{IMMUTABLE}, except for updating from beta label to GA"
        errors.append(invalid("nodeAffinity", shown_as, detail))
    if was.get("volumeAttributesClassName") is not None and spec.get("volumeAttributesClassName") is None:
        detail = "update from non-nil value to nil is forbidden"
        errors.append(forbidden("spec.volumeAttributesClassName", detail))


def _check_source_kept(errors: list[FieldError], spec: Object, was: Object) -> None:
    before = {key: value for key, value in was.items() if key in _SOURCE_NAMES}
    after = {key: value for key, value in spec.items() if key in _SOURCE_NAMES}
    reference = "controllerExpandSecretRef"
    if reference in (after.get("csi") or {}) and before.get("csi") is not None and reference not in before["csi"]:
        after["csi"] = {key: value for key, value in after["csi"].items() if key != reference}
    if not same(after, before):
        from navarch.cluster.validation.internal import difference

        changed = difference("core.PersistentVolumeSource", before, after)
        detail = f"spec.persistentvolumesource is immutable after creation\n{changed}"
        errors.append(forbidden("spec.persistentvolumesource", detail))


_STABLE = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}


def _is_same_place(new: Object | None, old: Object) -> bool:
    """Labels may get their stable names."""
    if new == old:
        return True
    terms = ((new or {}).get("required") or {}).get("nodeSelectorTerms") or []
    before = (old.get("required") or {}).get("nodeSelectorTerms") or []
    if new is None or (new.get("required") is None) != (old.get("required") is None):
        return False
    return len(terms) == len(before) and [_renamed(one, two) for one, two in zip(before, terms, strict=False)] == terms


def _renamed(term: Object, like: Object) -> Object:
    out = dict(term)
    for field in ("matchExpressions", "matchFields"):
        rows, names = term.get(field), like.get(field) or []
        if rows and len(rows) == len(names):
            out[field] = [
                {**one, "key": two.get("key", "")} if _STABLE.get(one.get("key", ""), "") == two.get("key", "") else one
                for one, two in zip(rows, names, strict=True)
            ]
    return out


def updating_volume_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePersistentVolumeStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if not (new.get("metadata") or {}).get("resourceVersion"):
        errors.append(required("resourceVersion"))
