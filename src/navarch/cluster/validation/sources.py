"""Where volumes of pods and PersistentVolumes get their content from: the kinds of sources that both have."""

from __future__ import annotations

from re import compile as _compile

from navarch.cluster.validation.errors import as_json, invalid, required, unsupported
from navarch.cluster.validation.names import add, dns_label, dns_subdomain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = [
    "FILE_MODE",
    "check_csi_driver",
    "check_descending",
    "check_host_path",
    "check_key_paths",
    "check_mode",
    "check_no_backsteps",
    "check_relative",
]

FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATHS = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_INITIATORS = {
    "iqn": _compile(r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z\-.]+)(:[^,;*&$|\t\n\f\r ]+)\Z").search,
    "eui": _compile(r"eui.[0-9A-Za-z]{16}").fullmatch,
    "naa": _compile(r"naa.[0-9A-Za-z]{32}").fullmatch,
}
_PORTS = "must be a host:port pair or multiple pairs separated by commas"


def check_mode(errors: list[FieldError], path: str, mode: int | None) -> None:
    """The permissions of a file."""
    if mode is not None and not 0 <= mode <= 0o777:
        errors.append(invalid(path, mode, FILE_MODE))


def check_no_backsteps(errors: list[FieldError], path: str, text: str) -> None:
    """`validatePathNoBacksteps`."""
    if ".." in text and ".." in text.split("/"):
        errors.append(invalid(path, text, "must not contain '..'"))


def check_descending(errors: list[FieldError], path: str, text: str) -> None:
    """`validateLocalDescendingPath`."""
    if text.startswith("/"):
        errors.append(invalid(path, text, "must be a relative path"))
    check_no_backsteps(errors, path, text)


def check_relative(errors: list[FieldError], path: str, text: str) -> None:
    """ValidateLocalNonReservedPath."""
    check_descending(errors, path, text)
    if text.startswith("..") and not text.startswith("../"):
        errors.append(invalid(path, text, "must not start with '..'"))


def check_key_paths(errors: list[FieldError], path: str, items: list[dict[str, Any]] | None) -> None:
    """Which keys of a ConfigMap or Secret become which files."""
    for at, one in enumerate(items or ()):
        check_key_path(errors, f"{path}[{at}]", one)


def check_key_path(errors: list[FieldError], path: str, one: dict[str, Any]) -> None:
    """`validateKeyToPath`."""
    if not one.get("key"):
        errors.append(required(f"{path}.key"))
    if not one.get("path"):
        errors.append(required(f"{path}.path"))
    check_relative(errors, f"{path}.path", one.get("path", ""))
    check_mode(errors, f"{path}.mode", one.get("mode"))


def need(errors: list[FieldError], path: str, source: dict[str, Any], *keys: str) -> None:
    """Strings that must be given."""
    errors.extend([required(f"{path}.{key}") for key in keys if not source.get(key)])


def check_host_path(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateHostPathVolumeSource`."""
    where = source.get("path")
    if not where:
        errors.append(required(f"{path}.path"))
        return
    check_no_backsteps(errors, f"{path}.path", where)
    sort = source.get("type")
    if sort is not None and sort not in _HOST_PATHS:
        errors.append(unsupported(f"{path}.type", as_json(sort), _HOST_PATHS))


def check_git(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateGitRepoVolumeSource`."""
    need(errors, path, source, "repository")
    check_descending(errors, f"{path}.directory", source.get("directory", ""))


def check_gce(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateGCEPersistentDiskVolumeSource`."""
    need(errors, path, source, "pdName")
    _check_partition(errors, path, source)


def check_aws(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateAWSElasticBlockStoreVolumeSource`."""
    need(errors, path, source, "volumeID")
    _check_partition(errors, path, source)


def _check_partition(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    number = source.get("partition", 0)
    if not 0 <= number <= 255:
        errors.append(invalid(f"{path}.partition", number, "must be between 1 and 255, inclusive"))


def check_nfs(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateNFSVolumeSource`."""
    need(errors, path, source, "server", "path")
    where = source.get("path", "")
    if not where.startswith("/"):
        errors.append(invalid(f"{path}.path", where, "must be an absolute path"))


def check_iscsi(errors: list[FieldError], path: str, source: dict[str, Any], *, words: str = "") -> None:
    """validateISCSIVolumeSource; `words` follow "must be valid format" where the name's start is wrong."""
    need(errors, path, source, "targetPortal", "iqn")
    start = f"must be valid format{words}"
    name = source.get("iqn", "")
    if name:
        rule = _INITIATORS.get(name[:3])
        if rule is None:
            errors.append(invalid(f"{path}.iqn", name, start))
        elif not rule(name):
            errors.append(invalid(f"{path}.iqn", name, "must be valid format"))
    _check_lun(errors, path, source.get("lun", 0))
    secret = source.get("secretRef")
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and secret is None:
        errors.append(required(f"{path}.secretRef"))
    if not words and secret is not None and not secret.get("name"):
        errors.append(required(f"{path}.secretRef.name"))
    initiator = source.get("initiatorName")
    if initiator is not None:
        rule = _INITIATORS.get(initiator[:3])
        if rule is None:
            errors.append(invalid(f"{path}.initiatorname", initiator, start))
        elif not rule(initiator):
            errors.append(invalid(f"{path}.initiatorname", initiator, "must be valid format"))


def _check_lun(errors: list[FieldError], path: str, lun: int) -> None:
    if not 0 <= lun <= 255:
        errors.append(invalid(f"{path}.lun", lun, "must be between 0 and 255, inclusive"))


def check_fc(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateFCVolumeSource`."""
    targets, identifiers = source.get("targetWWNs"), source.get("wwids")
    if not targets and not identifiers:
        errors.append(required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both"))
    if targets and identifiers:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(invalid(f"{path}.targetWWNs", targets, detail))
    if targets:
        lun = source.get("lun")
        if lun is None:
            errors.append(required(f"{path}.lun", "lun is required if targetWWNs is specified"))
        else:
            _check_lun(errors, path, lun)


def check_glusterfs(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateGlusterfsVolumeSource`."""
    need(errors, path, source, "endpoints", "path")


def check_flocker(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateFlockerVolumeSource`."""
    name, identifier = source.get("datasetName", ""), source.get("datasetUUID", "")
    if not name and not identifier:
        errors.append(required(path, "one of datasetName and datasetUUID is required"))
    if name and identifier:
        errors.append(invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"))
    if "/" in name:
        errors.append(invalid(f"{path}.datasetName", name, "must not contain '/'"))


def check_rbd(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateRBDVolumeSource`."""
    need(errors, path, source, "monitors", "image")


def check_cinder(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateCinderVolumeSource`."""
    need(errors, path, source, "volumeID")
    _check_secret_name(errors, path, source)


def _check_secret_name(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    secret = source.get("secretRef")
    if secret is not None:
        need(errors, f"{path}.secretRef", secret, "name")


def check_cephfs(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateCephFSVolumeSource`."""
    need(errors, path, source, "monitors")


def check_quobyte(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateQuobyteVolumeSource`."""
    registry = source.get("registry", "")
    if not registry:
        errors.append(required(f"{path}.registry", _PORTS))
    elif len(source.get("tenant", "")) >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(required(f"{path}.tenant", detail))
    else:
        errors.extend(
            [invalid(f"{path}.registry", registry, _PORTS) for pair in registry.split(",") if not _is_host_port(pair)]
        )
    need(errors, path, source, "volume")


def _is_host_port(text: str) -> bool:
    """Whether net.SplitHostPort takes it."""
    host, colon, port = text.rpartition(":")
    if not colon:
        return False
    if host.startswith("["):
        inner = host[1:]
        return inner.endswith("]") and not set(inner[:-1]) & set("[]") and not set(port) & set("[]")
    return ":" not in host and not set(text) & set("[]")


def check_flex(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateFlexVolumeSource`."""
    need(errors, path, source, "driver")
    for key in source.get("options") or {}:
        domain = "." + key.partition("/")[0].lower()
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(invalid(f"{path}.options[{key}]", key, detail))


def check_azure_file(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateAzureFile`."""
    need(errors, path, source, "secretName", "shareName")


def check_azure_disk(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateAzureDisk`."""
    need(errors, path, source, "diskName", "diskURI")
    caching, kind, where = source.get("cachingMode"), source.get("kind"), source.get("diskURI", "")
    modes, kinds = ("None", "ReadOnly", "ReadWrite"), ("Dedicated", "Managed", "Shared")
    if caching is not None and caching not in modes:
        errors.append(unsupported(f"{path}.cachingMode", as_json(caching), modes))
    if kind is None:
        return
    if kind not in kinds:
        errors.append(unsupported(f"{path}.kind", as_json(kind), kinds))
    if kind == "Managed":
        form = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
        start = "/subscriptions/"
    else:
        form = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
        start = "https://"
    if not where.startswith(start):
        errors.append(unsupported(f"{path}.diskURI", where, [form]))


def check_vsphere(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateVsphereVolumeSource`."""
    need(errors, path, source, "volumePath")


def check_photon(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validatePhotonPersistentDiskVolumeSource`."""
    need(errors, path, source, "pdID")


def check_portworx(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validatePortworxVolumeSource`."""
    need(errors, path, source, "volumeID")


def check_scaleio(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateScaleIOVolumeSource`."""
    need(errors, path, source, "gateway", "system", "volumeName")


def check_storageos(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateStorageOSVolumeSource`."""
    name, namespace = source.get("volumeName"), source.get("volumeNamespace")
    if name:
        add(errors, f"{path}.volumeName", name, dns_label(name))
    else:
        errors.append(required(f"{path}.volumeName"))
    if namespace:
        add(errors, f"{path}.volumeNamespace", namespace, dns_label(namespace))
    _check_secret_name(errors, path, source)


def check_csi_driver(errors: list[FieldError], path: str, name: str) -> None:
    """ValidateCSIDriverName."""
    from navarch.cluster.validation.errors import too_long

    if not name:
        errors.append(required(path))
        return
    if len(name.encode("utf-8", "surrogatepass")) > 63:
        errors.append(too_long(path, 63))
    add(errors, path, name, dns_subdomain(name.lower()))


def check_csi(errors: list[FieldError], path: str, source: dict[str, Any]) -> None:
    """`validateCSIVolumeSource`."""
    check_csi_driver(errors, f"{path}.driver", source.get("driver", ""))
    secret = source.get("nodePublishSecretRef")
    if secret is not None:
        name = secret.get("name")
        if name:
            add(errors, f"{path}.name", name, dns_subdomain(name))
        else:
            errors.append(required(f"{path}.nodePublishSecretRef.name"))
