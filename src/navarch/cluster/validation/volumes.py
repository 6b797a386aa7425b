"""The volumes of pods."""

from __future__ import annotations

from navarch.cluster.validation import sources
from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    forbidden,
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.names import add, dns_label, dns_subdomain
from navarch.cluster.validation.projections import check_projected
from navarch.cluster.validation.quantities import sign
from navarch.cluster.validation.references import check_downward_file
from navarch.cluster.validation.sources import (
    check_key_paths,
    check_mode,
)
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Check = Callable[[list[FieldError], str, dict[str, Any]], None]

__all__ = ["check_volumes"]

_ANOTHER = "may not specify more than 1 volume type"


def check_volumes(
    errors: list[FieldError],
    path: str,
    volumes: list[dict[str, Any]],
    pod: dict[str, Any] | None,
    options: PodOptions,
) -> dict[str, dict[str, Any]]:
    """ValidateVolumes: `pod` is the metadata of a pod, None in templates. The volumes that are fine, by name."""
    good: dict[str, dict[str, Any]] = {}
    owner = (pod or {}).get("name", "")
    made = {f"{owner}-{one.get('name', '')}" for one in volumes if owner and one.get("ephemeral") is not None}
    for at, one in enumerate(volumes):
        where, name = f"{path}[{at}]", one.get("name", "")
        before = len(errors)
        _check_source(errors, where, one, name, owner, options)
        if not name:
            errors.append(required(f"{where}.name"))
        elif broken := dns_label(name):
            add(errors, f"{where}.name", name, broken)
        if name in good:
            errors.append(duplicate(f"{where}.name", name))
        if len(errors) == before:
            good[name] = one
        claim = one.get("persistentVolumeClaim")
        if claim is not None and claim.get("claimName", "") in made:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(invalid(f"{where}.persistentVolumeClaim.claimName", claim.get("claimName", ""), detail))
    return good


def _check_source(
    errors: list[FieldError], path: str, volume: dict[str, Any], name: str, owner: str, options: PodOptions
) -> None:
    if len(volume) == 2:  # the usual: a name and one source
        kind = next((key for key in volume if key != "name"), "")
        row = _BY_KEY.get(kind)
        if row is not None and volume[kind] is not None:
            row[2](errors, f"{path}.{row[1]}", volume[kind])
            return
        if kind == "emptyDir" and volume[kind] is not None:
            _check_empty_dir(errors, path, volume[kind])
            return
    _check_any_source(errors, path, volume, name, owner, options)


def _check_empty_dir(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    limit = source.get("sizeLimit")
    if limit is not None and sign(limit) < 0:
        errors.append(forbidden(f"{path}.emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity"))


def _check_any_source(
    errors: list[FieldError], path: str, volume: dict[str, Any], name: str, owner: str, options: PodOptions
) -> None:
    found = 0
    source = volume.get("emptyDir")
    if source is not None:
        found = 1
        _check_empty_dir(errors, path, source)
    for kind, where, check, named, extra in _SOURCES:
        source = volume.get(kind)
        if source is None:
            continue
        if found:
            errors.append(forbidden(f"{path}.{named}", _ANOTHER))
        else:
            found = 1
            _check_with_options(errors, f"{path}.{where}", source, check, extra, options)
            if kind == "ephemeral":
                _check_made_claim(errors, path, name, owner)
        if kind == "iscsi":
            _check_iscsi_length(errors, path, source, name)
    if not found:
        errors.append(required(path, "must specify a volume type"))


def _check_with_options(
    errors: list[FieldError], path: str, source: dict[str, Any], check: Check, extra: str, options: PodOptions
) -> None:
    if extra == "projected":
        check_projected(errors, path, source, any_token_path=options.any_token_path)
    elif extra == "image":
        if options.is_pod and not source.get("reference"):
            errors.append(required(f"{path}.reference"))
        check(errors, path, source)
    else:
        check(errors, path, source)


def _check_iscsi_length(errors: list[FieldError], path: str, source: dict[str, Any], name: str) -> None:
    if source.get("initiatorName") is not None and len(f"{name}:{source.get('targetPortal', '')}") > 64:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is "
            "specified."
        )
        errors.append(invalid(f"{path}.name", name, detail))


def _check_made_claim(errors: list[FieldError], path: str, name: str, owner: str) -> None:
    if owner and name:
        claim = f"{owner}-{name}"
        broken = [f"PVC name {quote(claim)}: {one}" for one in dns_subdomain(claim)]
        add(errors, f"{path}.name", name, broken)


def _check_secret(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    if not source.get("secretName"):
        errors.append(required(f"{path}.secretName"))
    check_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    check_key_paths(errors, f"{path}.items", source.get("items"))


def _check_config_map(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    if not source.get("name"):
        errors.append(required(f"{path}.name"))
    check_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    check_key_paths(errors, f"{path}.items", source.get("items"))


def _check_claim(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    if not source.get("claimName"):
        errors.append(required(f"{path}.claimName"))


def _check_downward(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    check_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    for one in source.get("items") or ():
        check_downward_file(errors, path, one)


def _check_ephemeral(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    template = source.get("volumeClaimTemplate")
    if template is None:
        errors.append(required(f"{path}.volumeClaimTemplate"))
        return
    from navarch.cluster.validation.claims import check_claim_template

    check_claim_template(errors, f"{path}.volumeClaimTemplate", template)


def check_pull_policy(errors: list[FieldError], path: str, policy: str) -> None:
    """`validatePullPolicy`."""
    if not policy:
        errors.append(required(path))
    elif policy not in {"Always", "IfNotPresent", "Never"}:
        errors.append(unsupported(path, as_json(policy), ["Always", "IfNotPresent", "Never"]))


def _check_image(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    check_pull_policy(errors, f"{path}.pullPolicy", source.get("pullPolicy", ""))


def _check_iscsi(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    sources.check_iscsi(errors, path, source, words=" starting with iqn, eui, or naa")


# In the order of checks: the field, its path, its check, its path when it is one too many, what is special about it.
_SOURCES: tuple[tuple[str, str, Check, str, str], ...] = (
    ("hostPath", "hostPath", sources.check_host_path, "hostPath", ""),
    ("gitRepo", "gitRepo", sources.check_git, "gitRepo", ""),
    ("gcePersistentDisk", "persistentDisk", sources.check_gce, "gcePersistentDisk", ""),
    ("awsElasticBlockStore", "awsElasticBlockStore", sources.check_aws, "awsElasticBlockStore", ""),
    ("secret", "secret", _check_secret, "secret", ""),
    ("nfs", "nfs", sources.check_nfs, "nfs", ""),
    ("iscsi", "iscsi", _check_iscsi, "iscsi", "iscsi"),
    ("glusterfs", "glusterfs", sources.check_glusterfs, "glusterfs", ""),
    ("flocker", "flocker", sources.check_flocker, "flocker", ""),
    ("persistentVolumeClaim", "persistentVolumeClaim", _check_claim, "persistentVolumeClaim", ""),
    ("rbd", "rbd", sources.check_rbd, "rbd", ""),
    ("cinder", "cinder", sources.check_cinder, "cinder", ""),
    ("cephfs", "cephfs", sources.check_cephfs, "cephFS", ""),
    ("quobyte", "quobyte", sources.check_quobyte, "quobyte", ""),
    ("downwardAPI", "downwardAPI", _check_downward, "downwarAPI", ""),
    ("fc", "fc", sources.check_fc, "fc", ""),
    ("flexVolume", "flexVolume", sources.check_flex, "flexVolume", ""),
    ("configMap", "configMap", _check_config_map, "configMap", ""),
    ("azureFile", "azureFile", sources.check_azure_file, "azureFile", ""),
    ("vsphereVolume", "vsphereVolume", sources.check_vsphere, "vsphereVolume", ""),
    ("photonPersistentDisk", "photonPersistentDisk", sources.check_photon, "photonPersistentDisk", ""),
    ("portworxVolume", "portworxVolume", sources.check_portworx, "portworxVolume", ""),
    ("azureDisk", "azureDisk", sources.check_azure_disk, "azureDisk", ""),
    ("storageos", "storageos", sources.check_storageos, "storageos", ""),
    ("projected", "projected", check_projected, "projected", "projected"),
    ("scaleIO", "scaleIO", sources.check_scaleio, "scaleIO", ""),
    ("csi", "csi", sources.check_csi, "csi", ""),
    ("ephemeral", "ephemeral", _check_ephemeral, "ephemeral", "ephemeral"),
    ("image", "image", _check_image, "image", "image"),
)
_BY_KEY = {row[0]: row for row in _SOURCES if not row[4]}
