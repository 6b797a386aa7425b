"""Security contexts of pods and containers."""

from __future__ import annotations

from re import compile as _compile

from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    forbidden,
    invalid,
    required,
    too_long,
    unsupported,
)
from navarch.cluster.validation.names import add, dns_subdomain, user_id
from navarch.cluster.validation.options import containers, host_sysctl
from navarch.cluster.validation.sources import check_descending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

__all__ = [
    "check_container_security",
    "check_host_process",
    "check_host_users",
    "check_os",
    "check_pod_security",
]

_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_is_sysctl = _compile(_SYSCTL).fullmatch
_has_control = _compile("[\x00-\x1f\x7f]").search
_is_netbios = _compile(r'[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}').fullmatch
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_is_windows_domain = _compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*").fullmatch
_has_bad_user = _compile(r'["/\\:;|=,\+\*\?<>@\[\]]').search
_is_dots = _compile(r"[\. ]+").fullmatch

_NOT_ON_WINDOWS = "cannot be set for a windows pod"
_POD_FIELDS = (
    ("securityContext.appArmorProfile", "nil"),
    ("securityContext.seLinuxOptions", "nil"),
    ("hostUsers", "nil"),
    ("hostPID", "zero"),
    ("hostIPC", "zero"),
    ("securityContext.seccompProfile", "nil"),
    ("securityContext.fsGroup", "nil"),
    ("securityContext.fsGroupChangePolicy", "nil"),
    ("securityContext.sysctls", "zero"),
    ("shareProcessNamespace", "nil"),
    ("securityContext.runAsUser", "nil"),
    ("securityContext.runAsGroup", "nil"),
    ("securityContext.supplementalGroups", "nil"),
    ("securityContext.supplementalGroupsPolicy", "nil"),
    ("securityContext.seLinuxChangePolicy", "nil"),
)
_CONTAINER_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def check_container_security(errors: list[FieldError], path: str, context: dict[str, Any], host_users: bool) -> None:
    """ValidateSecurityContext, where privileged containers are allowed."""
    get = context.get
    for key in ("runAsUser", "runAsGroup"):
        if get(key) is not None:
            _check_id(errors, f"{path}.{key}", context[key])
    mount = get("procMount")
    if mount is not None:
        if mount not in {"Default", "Unmasked"}:
            errors.append(unsupported(f"{path}.procMount", as_json(mount), ["Default", "Unmasked"]))
        if host_users and mount == "Unmasked":
            detail = "`hostUsers` must be false to use `Unmasked`"
            errors.append(invalid(f"{path}.procMount", as_json(mount), detail))
    _check_seccomp(errors, f"{path}.seccompProfile", get("seccompProfile"))
    if get("allowPrivilegeEscalation") is False:
        _check_escalation(errors, path, context)
    _check_windows_options(errors, f"{path}.windowsOptions", get("windowsOptions"))
    _check_app_armor(errors, f"{path}.appArmorProfile", get("appArmorProfile"))


def _check_id(errors: list[FieldError], path: str, number: int) -> None:
    add(errors, path, number, user_id(number))


def _check_escalation(errors: list[FieldError], path: str, context: dict[str, Any]) -> None:
    broken = []
    if context.get("privileged"):
        broken.append("cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
    added = (context.get("capabilities") or {}).get("add") or ()
    detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
    broken += [detail for one in added if one == "CAP_SYS_ADMIN"]
    if broken:
        from navarch.cluster.validation.internal import show

        shown = show("core.SecurityContext", context)
        errors.extend([invalid(path, shown, one) for one in broken])


def _check_seccomp(errors: list[FieldError], path: str, profile: dict[str, Any] | None) -> None:
    if profile is None:
        return
    sort, local = profile.get("type", ""), profile.get("localhostProfile")
    if not sort:
        errors.append(required(f"{path}.type", "type is required when seccompProfile is set"))
    elif sort not in _PROFILES:
        errors.append(unsupported(f"{path}.type", as_json(sort), _PROFILES))
    if sort != "Localhost":
        if local is not None:
            from navarch.cluster.validation.internal import show

            shown = show("core.SeccompProfile", profile)
            errors.append(invalid(f"{path}.localhostProfile", shown, "can only be set when seccomp type is Localhost"))
    elif local is None:
        errors.append(required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost"))
    else:
        check_descending(errors, f"{path}.localhostProfile", local)


def _check_app_armor(errors: list[FieldError], path: str, profile: dict[str, Any] | None) -> None:
    if profile is None:
        return
    sort, local = profile.get("type", ""), profile.get("localhostProfile")
    where = f"{path}.localhostProfile"
    if sort == "Localhost":
        if local is None:
            errors.append(required(where, "must be set when AppArmor type is Localhost"))
            return
        if local.strip() != local:
            errors.append(invalid(where, local, "must not be padded with whitespace"))
        elif not local:
            errors.append(required(where, "must be set when AppArmor type is Localhost"))
        if len(local.encode("utf-8", "surrogatepass")) > 4095:
            errors.append(too_long(where, 4095))
    elif sort in _PROFILES:
        if local is not None:
            errors.append(invalid(where, as_json(local), "can only be set when AppArmor type is Localhost"))
    elif not sort:
        errors.append(required(f"{path}.type", "type is required when appArmorProfile is set"))
    else:
        errors.append(unsupported(f"{path}.type", as_json(sort), _PROFILES))


def check_pod_security(errors: list[FieldError], path: str, spec: dict[str, Any], options: PodOptions) -> None:
    """validatePodSpecSecurityContext; `path` is the spec's."""
    context = spec.get("securityContext")
    if not context and not spec.get("shareProcessNamespace"):
        return
    context = context or {}
    get, where = context.get, f"{path}.securityContext"
    for key in ("fsGroup", "runAsUser", "runAsGroup"):
        if get(key) is not None:
            _check_id(errors, f"{where}.{key}", context[key])
    for at, group in enumerate(get("supplementalGroups") or ()):
        _check_id(errors, f"{where}.supplementalGroups[{at}]", group)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid(f"{where}.shareProcessNamespace", True, detail))
    if get("sysctls"):
        _check_sysctls(errors, f"{where}.sysctls", context["sysctls"], spec, options)
    _check_choice(errors, f"{where}.fsGroupChangePolicy", get("fsGroupChangePolicy"), ("Always", "OnRootMismatch"))
    _check_seccomp(errors, f"{where}.seccompProfile", get("seccompProfile"))
    _check_windows_options(errors, f"{where}.windowsOptions", get("windowsOptions"))
    _check_app_armor(errors, f"{where}.appArmorProfile", get("appArmorProfile"))
    _check_choice(errors, f"{where}.supplementalGroupsPolicy", get("supplementalGroupsPolicy"), ("Merge", "Strict"))
    changes = ("MountOption", "Recursive") if options.any_selinux_policy else ("Recursive",)
    _check_choice(errors, f"{where}.seLinuxChangePolicy", get("seLinuxChangePolicy"), changes)


def _check_choice(errors: list[FieldError], path: str, value: str | None, supported: tuple[str, ...]) -> None:
    if value is not None and value not in supported:
        errors.append(unsupported(path, as_json(value), supported))


def _check_sysctls(
    errors: list[FieldError], path: str, sysctls: list[dict[str, Any]], spec: dict[str, Any], options: PodOptions
) -> None:
    seen: set[str] = set()
    for at, one in enumerate(sysctls):
        name, where = one.get("name", ""), f"{path}[{at}].name"
        if not name:
            errors.append(required(where))
        elif len(name) > 253 or not _is_sysctl(name):
            errors.append(invalid(where, name, f"must have at most 253 characters and match regex ^{_SYSCTL}$"))
        elif name in seen:
            errors.append(duplicate(where, name))
        taken = "" if options.host_sysctls else host_sysctl(name, spec)
        if taken:
            errors.append(invalid(where, name, f"may not be specified when '{taken}' is true"))
        seen.add(name)


def _check_windows_options(errors: list[FieldError], path: str, options: dict[str, Any] | None) -> None:
    if options is None:
        return
    name, spec, user = (options.get(key) for key in ("gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"))
    if name is not None and (broken := dns_subdomain(name)):
        add(errors, f"{path}.gmsaCredentialSpecName", as_json(name), broken)
    if spec is not None:
        where = f"{path}.gmsaCredentialSpec"
        if not spec:
            errors.append(invalid(where, as_json(spec), "gmsaCredentialSpec cannot be an empty string"))
        elif len(spec.encode("utf-8", "surrogatepass")) > 64 * 1024:
            errors.append(invalid(where, as_json(spec), "gmsaCredentialSpec size must be under 64 KiB"))
    if user is not None:
        errors.extend(
            [invalid(f"{path}.runAsUserName", as_json(user), f"runAsUserName{one}") for one in _broken_user(user)]
        )


def _broken_user(text: str) -> list[str]:
    if not text:
        return [" cannot be an empty string"]
    if _has_control(text):
        return [" cannot contain control characters"]
    parts = text.split("\\")
    if len(parts) > 2:
        return [" cannot contain more than one backslash"]
    broken = []
    domain, user = parts if len(parts) == 2 else ("", parts[0])
    if len(domain.encode("utf-8", "surrogatepass")) >= 256:
        broken.append("'s Domain length must be under 256 characters")
    if len(parts) == 2 and not _is_netbios(domain) and not _is_windows_domain(domain):
        broken.append("'s Domain doesn't match the NetBios nor the DNS format")
    if not user:
        broken.append("'s User cannot be empty")
    elif len(user.encode("utf-8", "surrogatepass")) > 104:
        broken.append("'s User length must not be longer than 104 characters")
    if _is_dots(user):
        broken.append("'s User cannot contain only periods or spaces")
    if _has_bad_user(user):
        broken.append("'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return broken


def check_host_process(errors: list[FieldError], path: str, spec: dict[str, Any]) -> None:
    """`validateWindowsHostProcessPod`."""
    own = ((spec.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
    total = found = 0
    for field, at, one in containers(spec):
        total += 1
        context = one.get("securityContext")
        theirs = (context.get("windowsOptions") or {}).get("hostProcess") if context else None
        if own is not None and theirs is not None and own != theirs:
            detail = f"pod hostProcess value must be identical if both are specified, was {str(own).lower()}"
            where = f"{path}.{field}[{at}].securityContext.windowsOptions.hostProcess"
            errors.append(invalid(where, theirs, detail))
        found += bool(own if theirs is None else theirs)
    if not found:
        return
    if found != total:
        detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        errors.append(invalid(path, "", detail))
    if not spec.get("hostNetwork"):
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(invalid(f"{path}.hostNetwork", False, detail))


def check_host_users(errors: list[FieldError], path: str, spec: dict[str, Any], options: PodOptions) -> None:
    """`validateHostUsers`: what a pod with users of its own can't have."""
    if spec.get("hostUsers") is not False:
        return
    detail = "when `hostUsers` is false"
    if spec.get("hostNetwork") and not options.user_namespace_host_network:
        errors.append(forbidden(f"{path}.hostNetwork", detail))
    if spec.get("hostPID"):
        errors.append(forbidden(f"{path}.HostPID", detail))
    if spec.get("hostIPC"):
        errors.append(forbidden(f"{path}.HostIPC", detail))
    if not options.user_namespace_devices:
        for field, at, one in containers(spec):
            if one.get("volumeDevices"):
                errors.append(forbidden(f"{path}.{field}[{at}].volumeDevices", detail))


def check_os(errors: list[FieldError], path: str, spec: dict[str, Any]) -> None:
    """`validateOS`, and what doesn't go with that system."""
    system = spec["os"].get("name", "")
    if not system:
        errors.append(required(f"{path}.os.name"))
    elif system == "linux":
        _check_linux(errors, path, spec)
    elif system == "windows":
        _check_windows(errors, path, spec)
    else:
        errors.append(unsupported(f"{path}.os", as_json(system), ["linux", "windows"]))


def _check_linux(errors: list[FieldError], path: str, spec: dict[str, Any]) -> None:
    detail = "windows options cannot be set for a linux pod"
    if (spec.get("securityContext") or {}).get("windowsOptions") is not None:
        errors.append(forbidden(f"{path}.securityContext.windowsOptions", detail))
    for field, at, one in containers(spec):
        if (one.get("securityContext") or {}).get("windowsOptions") is not None:
            errors.append(forbidden(f"{path}.{field}[{at}].securityContext.windowsOptions", detail))


def _check_windows(errors: list[FieldError], path: str, spec: dict[str, Any]) -> None:
    for name, absent in _POD_FIELDS:
        head, dot, tail = name.partition(".")
        value = (spec.get(head) or {}).get(tail) if dot else spec.get(head)
        if value is not None and (absent == "nil" or value):
            errors.append(forbidden(f"{path}.{name}", _NOT_ON_WINDOWS))
    for field, at, one in containers(spec):
        context = one.get("securityContext") or {}
        errors.extend(
            [
                forbidden(f"{path}.{field}[{at}].securityContext.{key}", _NOT_ON_WINDOWS)
                for key in _CONTAINER_FIELDS
                if context.get(key) is not None
            ]
        )


def check_name(errors: list[FieldError], path: str, name: str | None) -> None:
    """A name of an object that must be a subdomain, when it is given."""
    if name:
        add(errors, path, name, dns_subdomain(name))
