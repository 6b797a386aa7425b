"""Annotations that say something about how a pod runs."""

from __future__ import annotations

from navarch.cluster.validation.errors import forbidden, invalid
from navarch.cluster.validation.options import DELETION_COST, containers, is_deletion_cost
from navarch.cluster.validation.sources import check_descending
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

__all__ = ["check_annotation_updates", "check_pod_annotations", "check_profiles_match"]

_MIRROR = "kubernetes.io/config.mirror"
_TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_LOCAL = "localhost/"
_DEFAULTS = ("runtime/default", "docker/default")


def check_pod_annotations(
    errors: list[FieldError],
    path: str,
    annotations: dict[str, str] | None,
    spec: dict[str, Any],
    options: PodOptions,
) -> None:
    """ValidatePodSpecificAnnotations."""
    if not annotations:
        return
    if _MIRROR in annotations and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(invalid(f"{path}[{_MIRROR}]", annotations[_MIRROR], detail))
    if annotations.get(_TOLERATIONS):
        _check_tolerations(errors, path, annotations[_TOLERATIONS], options)
    cost = annotations.get(DELETION_COST)
    if not options.any_deletion_cost and not is_deletion_cost(cost):
        errors.append(invalid(f"{path}[{DELETION_COST}]", cost, "must be a 32bit integer"))
    if _SECCOMP_POD in annotations:
        _check_seccomp(errors, f"{path}.{_SECCOMP_POD}", annotations[_SECCOMP_POD])
    for key, value in annotations.items():
        if key.startswith(_SECCOMP):
            _check_seccomp(errors, f"{path}.{key}", value)
    for key, value in annotations.items():
        if key.startswith(_APP_ARMOR):
            _check_app_armor(errors, f"{path}[{key}]", key.removeprefix(_APP_ARMOR), value, spec)


def _check_tolerations(errors: list[FieldError], path: str, text: str, options: PodOptions) -> None:
    from navarch.cluster.validation.scheduling import check_tolerations
    from navarch.errors import JsonError
    from navarch.golang.json import loads

    try:
        found = loads(text)
    except JsonError as error:
        errors.append(invalid(path, _TOLERATIONS, str(error)))
        return
    if isinstance(found, list):
        given = [one for one in found if isinstance(one, dict)]
        check_tolerations(errors, f"{path}.{_TOLERATIONS}", given, options)


def _check_seccomp(errors: list[FieldError], path: str, profile: str) -> None:
    if profile in _DEFAULTS or profile == "unconfined":
        return
    if profile.startswith(_LOCAL):
        check_descending(errors, path, profile.removeprefix(_LOCAL))
    else:
        errors.append(invalid(path, profile, "must be a valid seccomp profile"))


def _check_app_armor(errors: list[FieldError], path: str, name: str, profile: str, spec: dict[str, Any]) -> None:
    if all(one.get("name", "") != name for _, _, one in containers(spec)):
        errors.append(invalid(path, name, "container not found"))
    if profile not in {"", "runtime/default", "unconfined"} and not profile.startswith(_LOCAL):
        errors.append(invalid(path, profile, f"invalid AppArmor profile name: {quote(profile)}"))


def check_profiles_match(
    errors: list[FieldError], path: str, annotations: dict[str, str], spec: dict[str, Any]
) -> None:
    """Annotations and fields that tell the same: seccomp and AppArmor profiles; `path` is the spec's."""
    own = spec.get("securityContext") or {}
    profile = own.get("seccompProfile")
    if profile is not None and _SECCOMP_POD in annotations:
        _match_seccomp(errors, f"{path}.securityContext.seccompProfile", annotations[_SECCOMP_POD], profile)
    for field, at, one in containers(spec):
        profile = (one.get("securityContext") or {}).get("seccompProfile")
        note = annotations.get(_SECCOMP + one.get("name", ""))
        if profile is not None and note is not None:
            _match_seccomp(errors, f"{path}.{field}[{at}].securityContext.seccompProfile", note, profile)
    if (spec.get("os") or {}).get("name") == "windows":
        return
    for field, at, one in containers(spec):
        profile = (one.get("securityContext") or {}).get("appArmorProfile") or own.get("appArmorProfile")
        note = annotations.get(_APP_ARMOR + one.get("name", ""))
        if profile is not None and note is not None:
            where = f"{path}.{field}[{at}].securityContext.appArmorProfile"
            _match(errors, where, note, profile, ("runtime/default",), "apparmor")


def _match_seccomp(errors: list[FieldError], path: str, note: str, profile: dict[str, Any]) -> None:
    _match(errors, path, note, profile, _DEFAULTS, "seccomp")


def _match(
    errors: list[FieldError], path: str, note: str, profile: dict[str, Any], defaults: tuple[str, ...], what: str
) -> None:
    sort = profile.get("type", "")
    fits = {
        "Unconfined": note == "unconfined",
        "RuntimeDefault": note in defaults,
        "Localhost": note.startswith(_LOCAL),
    }
    if not fits.get(sort, True):
        errors.append(forbidden(f"{path}.type", f"{what} type in annotation and field must match"))
    elif sort == "Localhost" and note.removeprefix(_LOCAL) != profile.get("localhostProfile"):
        detail = f"{what} profile in annotation and field must match"
        errors.append(forbidden(f"{path}.localhostProfile", detail))


def check_annotation_updates(
    errors: list[FieldError],
    path: str,
    new: dict[str, str] | None,
    old: dict[str, str] | None,
    spec: dict[str, Any],
    options: PodOptions,
) -> None:
    """ValidatePodSpecificAnnotationUpdates: what can't be said, unsaid or changed later."""
    now, before = new or {}, old or {}
    for key, value in before.items():
        if now.get(key) == value:
            continue
        if key.startswith(_APP_ARMOR):
            errors.append(forbidden(f"{path}[{key}]", "may not remove or update AppArmor annotations"))
        if key == _MIRROR:
            errors.append(forbidden(f"{path}[{key}]", "may not remove or update mirror pod annotation"))
    for key in now:
        if key in before:
            continue
        if key.startswith(_APP_ARMOR):
            errors.append(forbidden(f"{path}[{key}]", "may not add AppArmor annotations"))
        if key == _MIRROR:
            errors.append(forbidden(f"{path}[{key}]", "may not add mirror pod annotation"))
    check_pod_annotations(errors, path, new, spec, options)
