"""Names and amounts of resources: requests, limits, quotas."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, not_found, required, unsupported
from navarch.cluster.validation.names import add, dns_label, label_key
from navarch.cluster.validation.quantities import milli, nano, sign, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = [
    "check_amount",
    "check_basic",
    "check_container_name",
    "check_name",
    "check_nonnegative_amount",
    "check_pod_resources",
    "check_positive_amount",
    "check_quota_name",
    "check_requirements",
    "has_indivisible_pages",
    "is_extended",
    "is_native",
    "is_overcommittable",
    "is_standard_quota",
]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTED = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
_ASKED = tuple(f"{side}.{one}" for side in ("requests", "limits") for one in _COMPUTE)
_STANDARD = frozenset([*_COMPUTE, *_COUNTED, *_ASKED, "storage", "requests.storage"])
_STANDARD_QUOTA = _STANDARD - {"storage"}
_PAGES = "hugepages-"
_QUOTA_PAGES = (_PAGES, f"requests.{_PAGES}")


def is_native(name: str) -> bool:
    """Kubernetes' own: without a domain, or with its own."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """One that a device plugin brings."""
    return not is_native(name) and not name.startswith("requests.") and not label_key(f"requests.{name}")


def is_overcommittable(name: str) -> bool:
    """Whether a limit may be above the request."""
    return is_native(name) and not name.startswith(_PAGES)


def is_standard_quota(name: str) -> bool:
    """A resource that quotas know."""
    return name in _STANDARD_QUOTA or name.startswith(_QUOTA_PAGES)


def check_name(errors: list[FieldError], path: str, name: str) -> bool:
    """`validateResourceName`. Whether it was fine."""
    if broken := label_key(name):
        add(errors, path, as_json(name), broken)
        return False
    if "/" not in name and name not in _STANDARD and not name.startswith(_QUOTA_PAGES):
        errors.append(invalid(path, as_json(name), "must be a standard resource type or fully qualified"))
        return False
    return True


def check_container_name(errors: list[FieldError], path: str, name: str) -> None:
    """`validateContainerResourceName`."""
    if name in _COMPUTE:
        return
    check_name(errors, path, name)
    if "/" not in name:
        if not name.startswith(_PAGES):
            errors.append(invalid(path, as_json(name), "must be a standard resource for containers"))
    elif not is_native(name) and not is_extended(name):
        errors.append(invalid(path, as_json(name), "doesn't follow extended resource name standard"))


def _check_pod_name(errors: list[FieldError], path: str, name: str) -> None:
    if check_name(errors, path, name) and name not in {"cpu", "memory"} and not name.startswith(_PAGES):
        errors.append(unsupported(path, as_json(name), ["cpu", _PAGES, "memory"]))


def check_quota_name(errors: list[FieldError], path: str, name: str) -> None:
    """ValidateResourceQuotaResourceName."""
    check_name(errors, path, name)
    if "/" not in name and not is_standard_quota(name):
        errors.append(invalid(path, as_json(name), "must be a standard resource for quota"))


def check_nonnegative_amount(errors: list[FieldError], path: str, amount: Any) -> None:
    """ValidateNonnegativeQuantity."""
    if sign(amount) < 0:
        errors.append(invalid(path, str(amount), "must be greater than or equal to 0"))


def check_positive_amount(errors: list[FieldError], path: str, amount: Any) -> bool:
    """ValidatePositiveQuantityValue. Whether it was fine."""
    if sign(amount) > 0:
        return True
    errors.append(invalid(path, str(amount), "must be greater than zero"))
    return False


def check_amount(errors: list[FieldError], path: str, name: str, amount: Any) -> None:
    """ValidateResourceQuantityValue: not below zero, and whole where things are counted."""
    check_nonnegative_amount(errors, path, amount)
    if (name in _COUNTED or is_extended(name)) and milli(amount) % 1000:
        errors.append(invalid(path, as_json(amount), "must be an integer"))


def check_basic(errors: list[FieldError], path: str, amount: Any) -> bool:
    """`validateBasicResource`. Whether it was fine."""
    number = whole(amount)
    if number >= 0:
        return True
    errors.append(invalid(path, number, "must be a valid resource quantity"))
    return False


def _is_divisible(name: str, amount: Any) -> bool:
    size = name.removeprefix(_PAGES)
    return sign(size) > 0 and not milli(size) % 1000 and not whole(amount) % whole(size)


def has_indivisible_pages(containers: list[dict[str, Any]]) -> bool:
    """Whether any of them asks for huge pages that don't come out even."""
    return any(
        name.startswith(_PAGES) and not _is_divisible(name, amount)
        for one in containers
        for side in ("limits", "requests")
        for name, amount in ((one.get("resources") or {}).get(side) or {}).items()
    )


def check_requirements(
    errors: list[FieldError],
    path: str,
    requirements: dict[str, Any] | None,
    claims: Collection[str] = (),
    *,
    uneven_pages: bool = False,
    check_one: Callable[[list[FieldError], str, str], None] = check_container_name,
) -> None:
    """`validateResourceRequirements`: requests up to limits, `claims` those of the pod."""
    if not requirements:
        return
    limits, requests = requirements.get("limits") or {}, requirements.get("requests") or {}
    for name, amount in limits.items():
        where = f"{path}.limits[{name}]"
        check_one(errors, where, name)
        check_amount(errors, where, name, amount)
        _check_pages(errors, where, name, amount, uneven_pages)
    for name, amount in requests.items():
        where = f"{path}.requests[{name}]"
        check_one(errors, where, name)
        check_amount(errors, where, name, amount)
        _check_below_limit(errors, path, name, amount, limits)
        _check_pages(errors, where, name, amount, uneven_pages)
    named = {*limits, *requests}
    if any(one.startswith(_PAGES) for one in named) and not named & {"cpu", "memory"}:
        errors.append(forbidden(path, "HugePages require cpu or memory"))
    if asked := requirements.get("claims"):
        _check_claims(errors, f"{path}.claims", asked, claims)


def _check_below_limit(errors: list[FieldError], path: str, name: str, amount: Any, limits: dict[str, Any]) -> None:
    if name not in limits:
        if not is_overcommittable(name):
            errors.append(required(f"{path}.limits", "Limit must be set for non overcommitable resources"))
        return
    limit = limits[name]
    asked, most = nano(amount), nano(limit)
    if asked != most and not is_overcommittable(name):
        errors.append(invalid(f"{path}.requests", str(amount), f"must be equal to {name} limit of {limit}"))
    elif asked > most:
        detail = f"must be less than or equal to {name} limit of {limit}"
        errors.append(invalid(f"{path}.requests", str(amount), detail))


def _check_pages(errors: list[FieldError], path: str, name: str, amount: Any, uneven: bool) -> None:
    if name.startswith(_PAGES) and not uneven and not _is_divisible(name, amount):
        detail = f"{amount} is not positive integer multiple of {name}"
        errors.append(invalid(path, str(amount), detail))


def _check_claims(errors: list[FieldError], path: str, asked: list[dict[str, Any]], claims: Collection[str]) -> None:
    seen: set[str] = set()
    for at, one in enumerate(asked):
        where, name = f"{path}[{at}]", one.get("name", "")
        if not name:
            errors.append(required(where))
            continue
        _check_repeated_claim(errors, where, name, one.get("request", ""), seen)
        if name not in claims:
            detail = "must be one of the names in pod.spec.resourceClaims"
            detail += f": {', '.join(sorted(claims))}" if claims else " which is empty"
            errors.append(not_found(where, name, detail))


def _check_repeated_claim(errors: list[FieldError], path: str, name: str, request: str, seen: set[str]) -> None:
    if name in seen:
        errors.append(duplicate(path, name))
        return
    key = name
    if request:
        add(errors, f"{path}.request", request, dns_label(request))
        key = f"{name}/{request}"
    if key in seen:
        errors.append(duplicate(path, key))
    elif not request:
        errors.extend(
            [duplicate(path, name) for other in sorted(seen) if other.partition("/")[0] == name and "/" in other]
        )
    seen.add(key)


def check_pod_resources(
    errors: list[FieldError], path: str, spec: dict[str, Any], claims: Collection[str], *, uneven_pages: bool
) -> None:
    """`validatePodResources`: requests and limits of the pod as a whole."""
    own = spec.get("resources")
    if own is None:
        return
    path = f"{path}.resources"
    if (spec.get("os") or {}).get("name") == "windows":
        errors.append(forbidden(path, "may not be set for a windows pod"))
        return
    if own.get("claims") is not None:
        errors.append(forbidden(f"{path}.claims", "claims may not be set for Resources at pod-level"))
    check_requirements(errors, path, own, claims, uneven_pages=uneven_pages, check_one=_check_pod_name)
    requests, limits = own.get("requests") or {}, own.get("limits") or {}
    for name, total in _together(spec, "requests").items():
        if name in requests and total > nano(requests[name]):
            detail = f"must be greater than or equal to aggregate container requests of {_written(total, spec, name)}"
            errors.append(invalid(f"{path}.requests[{name}]", str(requests[name]), detail))
    for name, total in _together(spec, "limits").items():
        if name.startswith(_PAGES) and name in limits and total > nano(limits[name]):
            detail = f"must be greater than or equal to aggregate container limits of {_written(total, spec, name)}"
            errors.append(invalid(f"{path}.limits[{name}]", str(limits[name]), detail))
    for at, container in enumerate(spec.get("containers") or ()):
        for name, amount in ((container.get("resources") or {}).get("limits") or {}).items():
            if name in limits and nano(amount) > nano(limits[name]):
                where = f"{path}.containers[{at}][{name}].limits"
                errors.append(
                    invalid(where, str(amount), f"must be less than or equal to pod limits of {limits[name]}")
                )


def _together(spec: dict[str, Any], side: str) -> dict[str, int]:
    """What the containers need at once: all of them and the sidecars, or the greediest moment of the start."""
    total: dict[str, int] = {}
    sidecars: dict[str, int] = {}
    first: dict[str, int] = {}
    for container in spec.get("containers") or ():
        _sum(total, container, side)
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            _sum(total, container, side)
            _sum(sidecars, container, side)
            now = sidecars
        else:
            now = dict(sidecars)
            _sum(now, container, side)
        _most(first, now)
    _most(total, first)
    return total


def _sum(total: dict[str, int], container: dict[str, Any], side: str) -> None:
    for name, amount in ((container.get("resources") or {}).get(side) or {}).items():
        total[name] = total.get(name, 0) + nano(amount)


def _most(total: dict[str, int], other: dict[str, int]) -> None:
    for name, amount in other.items():
        total[name] = max(total.get(name, amount), amount)


def _written(total: int, spec: dict[str, Any], name: str) -> str:
    """The sum in the form of the first summand, as Quantity.Add leaves it."""
    from navarch.cluster.validation.quantities import written

    for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        for side in ("requests", "limits"):
            found = ((container.get("resources") or {}).get(side) or {}).get(name)
            if found is not None:
                return written(total, binary=str(found).endswith("i"))
    return written(total, binary=False)
