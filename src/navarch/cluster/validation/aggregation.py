"""APIServices: groups that other servers answer for."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_update, parts
from navarch.cluster.validation.names import add, dns_label_1035, dns_subdomain, path_segment, port_number
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating", "updating", "updating_status"]

_STATES = ("True", "False", "Unknown")


def creating(errors: list[FieldError], one: Object) -> None:
    """ValidateAPIService."""
    meta, spec = parts(one)
    group, version = spec.get("group", ""), spec.get("version", "")
    wanted = f"{version}.{group}"

    def broken(name: str) -> Sequence[str]:
        told = f'must be `spec.version+"."+spec.group`: {quote(wanted)}'
        return path_segment(name) or ([told] if name != wanted else [])

    check(errors, meta, False, broken, core=False)
    if not group and version != "v1":
        errors.append(required("spec.group", "only v1 may have an empty group and it better be legacy kube"))
    if group:
        add(errors, "spec.group", group, dns_subdomain(group))
    add(errors, "spec.version", version, dns_label_1035(version))
    for key, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        number = spec.get(key, 0)
        if not 0 < number <= most:
            errors.append(invalid(f"spec.{key}", number, f"must be positive and less than {most}"))
    _check_server(errors, spec)


def _check_server(errors: list[FieldError], spec: Object) -> None:
    bundle, skips, service = spec.get("caBundle"), spec.get("insecureSkipTLSVerify", False), spec.get("service")
    if service is None:
        if bundle:
            size = len(bundle) // 4 * 3 - bundle.count("=")
            errors.append(invalid("spec.caBundle", f"{size} bytes", "local APIServices may not have a caBundle"))
        if skips:
            detail = "local APIServices may not have insecureSkipTLSVerify"
            errors.append(invalid("spec.insecureSkipTLSVerify", True, detail))
        return
    errors.extend([required(f"spec.service.{key}") for key in ("namespace", "name") if not service.get(key)])
    port = service.get("port", 0)
    if broken := port_number(port):
        errors.append(invalid("spec.service.port", port, f"port is not valid: {', '.join(broken)}"))
    if skips and bundle:
        errors.append(invalid("spec.insecureSkipTLSVerify", True, "may not be true if caBundle is present"))


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateAPIServiceUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {}, core=False)
    creating(errors, new)


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateAPIServiceStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {}, core=False)
    for at, one in enumerate((new.get("status") or {}).get("conditions") or ()):
        state = one.get("status", "")
        if state not in _STATES:
            errors.append(unsupported(f"status.conditions[{at}].status", as_json(state), _STATES))
