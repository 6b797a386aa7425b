"""Volumes and devices as containers mount them."""

from __future__ import annotations

from navarch.cluster.validation.errors import (
    as_json,
    forbidden,
    invalid,
    not_found,
    required,
    unsupported,
)
from navarch.cluster.validation.sources import check_descending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_devices", "check_mounts"]


def check_mounts(
    errors: list[FieldError],
    path: str,
    mounts: list[Object],
    devices: Collection[Object],
    container: Object,
    volumes: dict[str, Object],
) -> None:
    seen: set[str] = set()
    taken = {one.get("name", ""): one.get("devicePath", "") for one in devices}
    for at, one in enumerate(mounts):
        where, get = f"{path}[{at}]", one.get
        name, target = get("name", ""), get("mountPath", "")
        if not name:
            errors.append(required(f"{where}.name"))
        if name not in volumes:
            errors.append(not_found(f"{where}.name", name))
        if not target:
            errors.append(required(f"{where}.mountPath"))
        if target in seen:
            errors.append(invalid(f"{where}.mountPath", target, "must be unique"))
        seen.add(target)
        if name in taken:
            errors.append(invalid(f"{where}.name", name, "must not already exist in volumeDevices"))
        if target in taken.values():
            detail = "must not already exist as a path in volumeDevices"
            errors.append(invalid(f"{where}.mountPath", target, detail))
        if len(one) > 2:
            _check_mount_details(errors, path, where, one, container)


def _check_mount_details(errors: list[FieldError], path: str, where: str, one: Object, container: Object) -> None:
    """The rarer fields, some of which are reported without the mount's place."""
    below, expression, mode = one.get("subPath"), one.get("subPathExpr"), one.get("mountPropagation")
    if below:
        check_descending(errors, f"{path}.subPath", below)
    if expression:
        if below:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid(f"{where}.subPathExpr", expression, detail))
        check_descending(errors, f"{path}.subPathExpr", expression)
    if mode is not None:
        modes = ("Bidirectional", "HostToContainer", "None")
        if mode not in modes:
            errors.append(unsupported(f"{path}.mountPropagation", as_json(mode), modes))
        if mode == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
            detail = "Bidirectional mount propagation is available only to privileged containers"
            errors.append(forbidden(f"{path}.mountPropagation", detail))
    recursive = one.get("recursiveReadOnly")
    if recursive is None or recursive == "Disabled":
        return
    if recursive not in {"Enabled", "IfPossible"}:
        modes = ("Disabled", "Enabled", "IfPossible")
        errors.append(unsupported(f"{path}.recursiveReadOnly", as_json(recursive), modes))
        return
    if not one.get("readOnly"):
        errors.append(forbidden(f"{path}.recursiveReadOnly", "may only be specified when readOnly is true"))
    if mode not in {None, "None"}:
        detail = "may only be specified when mountPropagation is None or not specified"
        errors.append(forbidden(f"{path}.recursiveReadOnly", detail))


def check_devices(
    errors: list[FieldError],
    path: str,
    devices: list[Object],
    mounts: Collection[Object],
    volumes: dict[str, Object],
) -> None:
    names: set[str] = set()
    targets: set[str] = set()
    mounted = {one.get("name", ""): one.get("mountPath", "") for one in mounts}
    for at, one in enumerate(devices):
        where = f"{path}[{at}]"
        name, target = one.get("name", ""), one.get("devicePath", "")
        volume = volumes.get(name)
        if not name:
            errors.append(required(f"{where}.name"))
        if name in names:
            errors.append(invalid(f"{where}.name", name, "must be unique"))
        if volume is None:
            errors.append(not_found(f"{where}.name", name))
        elif volume.get("persistentVolumeClaim") is None and volume.get("ephemeral") is None:
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            errors.append(invalid(f"{where}.name", name, detail))
        if not target:
            errors.append(required(f"{where}.devicePath"))
        if target in targets:
            errors.append(invalid(f"{where}.devicePath", target, "must be unique"))
        if ".." in target.split("/"):
            errors.append(invalid(f"{where}.devicePath", target, "can not contain backsteps ('..')"))
        else:
            targets.add(target)
        if name in mounted:
            errors.append(invalid(f"{where}.name", name, "must not already exist in volumeMounts"))
        if target in mounted.values():
            detail = "must not already exist as a path in volumeMounts"
            errors.append(invalid(f"{where}.devicePath", target, detail))
        names |= {name} - {""}
