"""The status of pods, as kubelets report it."""

from __future__ import annotations

from navarch.cluster.validation.addresses import check_families, check_ip
from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, too_long, unsupported
from navarch.cluster.validation.metadata import IMMUTABLE, check_update
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key, user_id
from navarch.cluster.validation.options import options_for
from navarch.cluster.validation.pod_annotations import check_annotation_updates
from navarch.cluster.validation.quantities import sign
from navarch.cluster.validation.resources import is_native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["updating"]

_SYSTEM = frozenset(["PodScheduled", "Ready", "Initialized"])
_HEALTH = ("Healthy", "Unhealthy", "Unknown")
# The lists of statuses, and the lists of the spec that they tell of.
_LISTS = (
    ("containerStatuses", "containers"),
    ("initContainerStatuses", "initContainers"),
    ("ephemeralContainerStatuses", "ephemeralContainers"),
)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePodStatusUpdate."""
    meta, before = new.get("metadata") or {}, old.get("metadata") or {}
    spec, was = new.get("spec") or {}, old.get("spec") or {}
    status, earlier = new.get("status") or {}, old.get("status") or {}
    check_update(errors, meta, before)
    options = options_for(was, before, is_pod=True)
    noted = before.get("annotations")
    check_annotation_updates(errors, "metadata.annotations", meta.get("annotations"), noted, spec, options)
    _check_conditions(errors, status.get("conditions") or [])
    _check_node(errors, spec, was, status, earlier)
    if status.get("observedGeneration", 0) < 0:
        number = status["observedGeneration"]
        errors.append(invalid("status.observedGeneration", number, "must be a non-negative integer"))
    if status.get("qosClass", "") != earlier.get("qosClass", ""):
        errors.append(invalid("status.qosClass", as_json(status.get("qosClass", "")), IMMUTABLE))
    _check_transitions(errors, status, earlier, was)
    _check_claims(errors, status, spec)
    _check_addresses(errors, "status.podIPs", status.get("podIPs") or [], earlier.get("podIPs") or [], "core.PodIP")
    _check_host(errors, status, earlier)
    _check_users(errors, status, spec)
    _check_devices(errors, status, spec)


def _check_conditions(errors: list[FieldError], conditions: list[Object]) -> None:
    for at, one in enumerate(conditions):
        sort, generation = one.get("type", ""), one.get("observedGeneration", 0)
        if generation < 0:
            where = f"status.conditions[{at}].observedGeneration"
            errors.append(invalid(where, generation, "must be a non-negative integer"))
        if sort not in _SYSTEM:
            add(errors, f"status.conditions[{at}].Type", sort, label_key(sort))


def _check_node(errors: list[FieldError], spec: Object, was: Object, status: Object, earlier: Object) -> None:
    if spec.get("nodeName", "") != was.get("nodeName", ""):
        errors.append(forbidden("status.nodeName", "may not be changed directly"))
    name = status.get("nominatedNodeName")
    if name and name != earlier.get("nominatedNodeName"):
        add(errors, "status.nominatedNodeName", name, dns_subdomain(name))
        if was.get("nodeName"):
            detail = "may not be set on pods that are already bound to a node"
            errors.append(forbidden("status.nominatedNodeName", detail))


def _check_transitions(errors: list[FieldError], status: Object, earlier: Object, spec: Object) -> None:
    """What has ended stays so, unless it is to be started again."""
    every = [one for field in ("initContainers", "containers") for one in spec.get(field) or ()]
    rules = [rule for one in every for rule in one.get("restartPolicyRules") or ()]
    restart_all = any(rule.get("action") == "RestartAllContainers" for rule in rules)
    for key, field in _LISTS:
        ephemeral = field == "ephemeralContainers"
        if restart_all and not ephemeral:
            continue
        for at, one in enumerate(earlier.get(key) or ()):
            ended = (one.get("state") or {}).get("terminated")
            if ended is None:
                continue
            name = one.get("name", "")
            again = [two for two in status.get(key) or () if two.get("name", "") == name]
            again = [two for two in again if (two.get("state") or {}).get("terminated") is None]
            found = next((two for two in spec.get(field) or () if two.get("name", "") == name), None)
            allowed = not ephemeral and found is not None and _restarts(found, spec, ended.get("exitCode", 0))
            if again and not allowed:
                where, detail = f"status.{key}[{at}].state", "may not be transitioned to non-terminated state"
                errors.extend([forbidden(where, detail) for _ in (again if ephemeral else again[:1])])


def _restarts(container: Object, spec: Object, code: int) -> bool:
    """ContainerShouldRestart."""
    own = container.get("restartPolicy")
    if own is not None:
        for rule in container.get("restartPolicyRules") or ():
            codes = rule.get("exitCodes") or {}
            hit = code in (codes.get("values") or ())
            if (codes.get("operator") == "In" and hit) or (codes.get("operator") == "NotIn" and not hit):
                if rule.get("action") in {"Restart", "RestartAllContainers"}:
                    return True
                break
    policy = own if own in {"Always", "OnFailure", "Never"} else spec.get("restartPolicy", "")
    return {"OnFailure": code != 0, "Never": False}.get(policy, True)


def _check_claims(errors: list[FieldError], status: Object, spec: Object) -> None:
    names = {one.get("name", "") for one in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    path = "status.resourceClaimStatuses"
    for at, one in enumerate(status.get("resourceClaimStatuses") or ()):
        name, made = one.get("name", ""), one.get("resourceClaimName")
        if name not in names:
            detail = "must match the name of an entry in `spec.resourceClaims`"
            errors.append(invalid(f"{path}[{at}].name", name, detail))
        if name in seen:
            errors.append(duplicate(f"{path}[{at}].name", name))
        seen.add(name)
        if made is not None and (broken := dns_subdomain(made)):
            add(errors, f"{path}[{at}].resourceClaimName", as_json(made), broken)
    if status.get("extendedResourceClaimStatus") is not None:
        _check_extended(errors, "status.extendedResourceClaimStatus", status["extendedResourceClaimStatus"], spec)
    for at, one in enumerate(status.get("nodeAllocatableResourceClaimStatuses") or ()):
        _check_allocatable(errors, f"status.nodeAllocatableResourceClaimStatuses[{at}]", one, status, spec)


def _check_extended(errors: list[FieldError], path: str, one: Object, spec: Object) -> None:
    found = {two.get("name", ""): two for field in ("initContainers", "containers") for two in spec.get(field) or ()}
    mappings, name = one.get("requestMappings") or [], one.get("resourceClaimName")
    if not mappings:
        errors.append(required(f"{path}.requestMappings", "at least one request mapping is required"))
    seen: set[tuple[str, ...]] = set()
    for at, row in enumerate(mappings):
        where = f"{path}.requestMappings[{at}]"
        key = tuple(row.get(part, "") for part in ("containerName", "resourceName", "requestName"))
        container = found.get(key[0])
        if container is None:
            detail = "must match the name of an entry in spec.initContainers.name or spec.containers.name"
            errors.append(invalid(f"{where}.containerName", key[0], detail))
        elif key[1] not in ((container.get("resources") or {}).get("requests") or {}):
            detail = (
                "must match the extended resource name of an entry in spec.initContainers.resources.requests or "
                "spec.containers.resources.requests"
            )
            errors.append(invalid(f"{where}.resourceName", key[1], detail))
        add(errors, f"{path}.requestName", key[2], dns_label(key[2]))
        if key in seen:
            parts = zip(("containerName", "resourceName", "requestName"), key, strict=True)
            errors.extend([duplicate(f"{where}.{part}", value) for part, value in parts])
        seen.add(key)
    if name:
        add(errors, f"{path}.resourceClaimName", name, dns_subdomain(name))
    else:
        errors.append(required(f"{path}.resourceClaimName"))


def _check_allocatable(errors: list[FieldError], path: str, one: Object, status: Object, spec: Object) -> None:
    name, empty = one.get("resourceClaimName", ""), "must not be empty"
    if not name:
        errors.append(required(f"{path}.resourceClaimName", empty))
    known = [*(spec.get("resourceClaims") or ()), *(status.get("resourceClaimStatuses") or ())]
    if name not in [two.get("resourceClaimName") for two in known]:
        errors.append(invalid(f"{path}.resourceClaimName", name, "no mapping found in pod reference"))
    errors.extend([required(f"{path}.{key}", empty) for key in ("containers", "resources") if not one.get(key)])
    for resource, amount in (one.get("resources") or {}).items():
        where = f"{path}.resources[{resource}]"
        if not is_native(resource):
            errors.append(invalid(where, as_json(resource), "must be a node allocatable resource name"))
        if sign(amount) < 0:
            errors.append(invalid(where, amount, "must be non-negative"))


def _check_addresses(errors: list[FieldError], path: str, rows: list[Object], earlier: list[Object], kind: str) -> None:
    known = [one.get("ip", "") for one in earlier]
    addresses = [one.get("ip", "") for one in rows]
    for at, one in enumerate(addresses):
        check_ip(errors, f"{path}[{at}]", one, known)
    if len(addresses) > 1:
        from navarch.cluster.validation.internal import show_list

        check_families(errors, path, addresses, show_list(kind, rows))


def _check_host(errors: list[FieldError], status: Object, earlier: Object) -> None:
    rows = status.get("hostIPs") or []
    if rows and rows[0].get("ip", "") != status.get("hostIP", ""):
        errors.append(invalid("status.hostIPs[0].ip", rows[0].get("ip", ""), "must be equal to `hostIP`"))
    _check_addresses(errors, "status.hostIPs", rows, earlier.get("hostIPs") or [], "core.HostIP")


def _check_users(errors: list[FieldError], status: Object, spec: Object) -> None:
    system = spec.get("os")
    name = "linux" if system is None else system.get("name", "")
    for key, _ in _LISTS:
        for at, one in enumerate(status.get(key) or ()):
            user, path = (one.get("user") or {}).get("linux"), f"status.{key}[{at}].user.linux"
            if user is None:
                continue
            if name == "windows":
                errors.append(forbidden(path, "cannot be set for a windows pod"))
            elif name == "linux":
                groups = [
                    (f"supplementalGroups[{place}]", value)
                    for place, value in enumerate(user.get("supplementalGroups") or ())
                ]
                for part, number in (("uid", user.get("uid", 0)), ("gid", user.get("gid", 0)), *groups):
                    errors.extend([invalid(f"{path}.{part}", number, broken) for broken in user_id(number)])


def _check_devices(errors: list[FieldError], status: Object, spec: Object) -> None:
    for key, field in _LISTS[:2]:
        for at, one in enumerate(status.get(key) or ()):
            name = one.get("name", "")
            container = next((two for two in spec.get(field) or () if two.get("name", "") == name), None)
            for number, row in enumerate(one.get("allocatedResourcesStatus") or ()):
                path = f"status.{key}[{at}].allocatedResourcesStatus[{number}]"
                if container is not None:
                    _check_allocated(errors, path, row.get("name", ""), container.get("resources") or {})
                _check_health(errors, f"{path}.resources", row.get("resources") or [])
    for at, one in enumerate(status.get("ephemeralContainerStatuses") or ()):
        if one.get("allocatedResourcesStatus"):
            where = f"status.ephemeralContainerStatuses[{at}].allocatedResourcesStatus"
            errors.append(forbidden(where, "must not be specified in container status"))


def _check_allocated(errors: list[FieldError], path: str, name: str, wanted: Object) -> None:
    if name.startswith("claim:"):
        claims = [
            one.get("name", "") + (f"/{one['request']}" if one.get("request") else "")
            for one in wanted.get("claims") or ()
        ]
        fits = name.removeprefix("claim:") in claims
        detail = (
            "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or "
            "'claim:<claimName>' if request is empty"
        )
    else:
        fits = name in (wanted.get("requests") or {})
        detail = "must match one of the container's resource requests"
    if not fits:
        errors.append(invalid(f"{path}.name", as_json(name), detail))


def _check_health(errors: list[FieldError], path: str, rows: list[Object]) -> None:
    seen: set[str] = set()
    for at, one in enumerate(rows):
        health, message, identifier = one.get("health", ""), one.get("message"), one.get("resourceID", "")
        if health not in _HEALTH:
            errors.append(unsupported(f"{path}[{at}].health", as_json(health), _HEALTH))
        if message == "":
            errors.append(required(f"{path}[{at}].message", "must be non-empty if specified"))
        elif message is not None and len(message.encode("utf-8", "surrogatepass")) > 1024:
            errors.append(too_long(f"{path}[{at}].message", 1024))
        if identifier in seen:
            errors.append(duplicate(f"{path}[{at}].resourceID", as_json(identifier)))
        seen.add(identifier)
