"""LimitRange and ResourceQuota."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_update
from navarch.cluster.validation.names import dns_subdomain, label_key
from navarch.cluster.validation.quantities import MAX_MILLI, milli, nano, whole
from navarch.cluster.validation.resources import (
    check_amount,
    check_container_name,
    check_name,
    check_quota_name,
    is_overcommittable,
    is_standard_quota,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating", "creating_quota", "updating", "updating_quota", "updating_quota_status"]

_SCOPES = frozenset(
    "Terminating NotTerminating BestEffort NotBestEffort PriorityClass VolumeAttributesClass "
    "CrossNamespacePodAffinity".split()
)
_EXISTING = _SCOPES - {"PriorityClass", "VolumeAttributesClass"}
_POD_RESOURCES = frozenset("pods cpu memory limits.cpu limits.memory requests.cpu requests.memory".split())
_CLAIM_RESOURCES = frozenset(["persistentvolumeclaims", "requests.storage"])
_CONFLICTS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_MUST_EXIST = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def creating(errors: list[FieldError], one: Object) -> None:
    """ValidateLimitRange."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    seen: set[str] = set()
    for at, limit in enumerate((one.get("spec") or {}).get("limits") or ()):
        path, sort = f"spec.limits[{at}]", limit.get("type", "")
        _check_type(errors, f"{path}.type", sort)
        if sort in seen:
            errors.append(duplicate(f"{path}.type", as_json(sort)))
        seen.add(sort)
        _check_limit(errors, path, sort, limit)


def updating(errors: list[FieldError], new: Object, _: Object) -> None:
    """The same rules hold."""
    creating(errors, new)


def _check_type(errors: list[FieldError], path: str, sort: str) -> None:
    if broken := label_key(sort):
        errors.extend([invalid(path, as_json(sort), one) for one in broken])
    elif "/" not in sort and sort not in {"Pod", "Container", "PersistentVolumeClaim"}:
        errors.append(invalid(path, as_json(sort), "must be a standard limit type or fully qualified"))


def _check_limit(errors: list[FieldError], path: str, sort: str, limit: Object) -> None:
    rule = check_container_name if sort in {"Pod", "Container"} else check_name
    names: dict[str, None] = {}
    amounts: dict[str, dict[str, Any]] = {}
    for key in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        last = key == "maxLimitRequestRatio" and sort == "PersistentVolumeClaim"
        if last and not any("storage" in (limit.get(one) or {}) for one in ("min", "max")):
            detail = "either minimum or maximum storage value is required, but neither was provided"
            errors.append(required(f"{path}.limits", detail))
        found = amounts[key] = limit.get(key) or {}
        if sort == "Pod" and key in {"default", "defaultRequest"}:
            if found:
                errors.append(forbidden(f"{path}.{key}", "may not be specified when `type` is 'Pod'"))
            amounts[key] = {}
            continue
        for name in found:
            rule(errors, f"{path}.{key}[{name}]", name)
            names[name] = None
    for name in names:
        _check_amounts(errors, path, name, {key: found.get(name) for key, found in amounts.items()})


# Pairs that must be in order: the lower, the higher, whose place and whose value an error has, and its words.
_ORDER = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    (
        "min",
        "defaultRequest",
        "defaultRequest",
        "defaultRequest",
        "min value {} is greater than default request value {}",
    ),
    (
        "defaultRequest",
        "max",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than max value {}",
    ),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than default limit value {}",
    ),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)


def _check_amounts(errors: list[FieldError], path: str, name: str, given: dict[str, Any]) -> None:
    for low, high, place, value, words in _ORDER:
        if given[low] is not None and given[high] is not None and nano(given[low]) > nano(given[high]):
            detail = words.format(given[low], given[high])
            errors.append(invalid(f"{path}.{place}[{name}]", as_json(given[value]), detail))
    ratio = given["maxLimitRequestRatio"]
    if ratio is not None:
        _check_ratio(errors, f"{path}.maxLimitRequestRatio[{name}]", ratio, given["min"], given["max"])
    default, request = given["default"], given["defaultRequest"]
    if not is_overcommittable(name) and default is not None and request is not None and nano(default) != nano(request):
        detail = f"default value {default} must equal to defaultRequest value {request} in {name}"
        errors.append(invalid(f"{path}.defaultRequest[{name}]", as_json(request), detail))


def _check_ratio(errors: list[FieldError], path: str, ratio: Any, least: Any, most: Any) -> None:
    if nano(ratio) < nano("1"):
        errors.append(invalid(path, as_json(ratio), f"ratio {ratio} is less than 1"))
    if least is None or most is None:
        return
    scale = milli if all(whole(one) < MAX_MILLI for one in (ratio, least, most)) else whole
    wanted = scale(ratio) / 1000 if scale is milli else float(scale(ratio))
    low, high = scale(least), scale(most)
    possible = high / low if low else float("inf") if high > 0 else float("-inf") if high < 0 else float("nan")
    if wanted > possible:
        text = f"{possible:f}".replace("inf", "Inf")
        if text == "Inf":
            text = "+Inf"
        errors.append(invalid(path, as_json(ratio), f"ratio {ratio} is greater than max/min = {text}"))


def creating_quota(errors: list[FieldError], quota: Object) -> None:
    """ValidateResourceQuota."""
    check(errors, quota.get("metadata") or {}, True, dns_subdomain)
    _check_quota(errors, quota.get("spec") or {})
    _check_quota_status(errors, quota)


def _check_quota_status(errors: list[FieldError], quota: Object) -> None:
    for key in ("hard", "used"):
        _check_hard(errors, f"status.{key}", (quota.get("status") or {}).get(key) or {})


def _check_hard(errors: list[FieldError], path: str, amounts: dict[str, Any]) -> None:
    for name, amount in amounts.items():
        check_quota_name(errors, f"{path}[{name}]", name)
        check_amount(errors, f"{path}[{name}]", name, amount)


def _fits(scope: str, name: str) -> bool:
    """IsResourceQuotaScopeValidForResource."""
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in _CLAIM_RESOURCES
    return name in _POD_RESOURCES if scope in _SCOPES else True


def _check_quota(errors: list[FieldError], spec: Object) -> None:
    hard, scopes = spec.get("hard") or {}, spec.get("scopes") or []
    _check_hard(errors, "spec.hard", hard)
    names = [name for name in sorted(hard) if is_standard_quota(name)]
    path = "spec.scopes"
    for scope in scopes:
        if scope not in _SCOPES:
            errors.append(invalid(path, scopes, "unsupported scope"))
        errors.extend(
            [invalid(path, scopes, "unsupported scope applied to resource") for name in names if not _fits(scope, name)]
        )
    errors.extend([invalid(path, scopes, "conflicting scopes") for pair in _CONFLICTS if pair <= {*scopes}])
    selector = spec.get("scopeSelector")
    if selector is not None:
        _check_scope_selector(errors, spec, selector, names)


def _check_scope_selector(errors: list[FieldError], spec: Object, selector: Object, names: list[str]) -> None:
    path, seen = "spec.scopeSelector.matchExpressions", set()
    for one in selector.get("matchExpressions") or ():
        scope, operator, values = one.get("scopeName", ""), one.get("operator", ""), one.get("values") or []
        seen.add(scope)
        if scope not in _SCOPES:
            errors.append(invalid(f"{path}.scopeName", as_json(scope), "unsupported scope"))
        for name in names:
            if not _fits(scope, name):
                from navarch.cluster.validation.internal import show

                shown = show("core.ScopeSelector", selector)
                errors.append(invalid(path, shown, "unsupported scope applied to resource"))
        if scope in _EXISTING and operator != "Exists":
            errors.append(invalid(f"{path}.operator", as_json(operator), _MUST_EXIST))
        if operator in {"In", "NotIn"}:
            if not values:
                detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                errors.append(required(f"{path}.values", detail))
        elif operator in {"Exists", "DoesNotExist"}:
            if values:
                detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                errors.append(invalid(f"{path}.values", values, detail))
        else:
            errors.append(invalid(f"{path}.operator", as_json(operator), "not a valid selector operator"))
    errors.extend(
        [invalid(path, as_json(spec.get("scopes")), "conflicting scopes") for pair in _CONFLICTS if pair <= seen]
    )


def updating_quota(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateResourceQuotaUpdate: the scopes stay."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec = new.get("spec") or {}
    _check_quota(errors, spec)
    scopes = spec.get("scopes")
    if {*(scopes or ())} != {*((old.get("spec") or {}).get("scopes") or ())}:
        errors.append(invalid("spec.scopes", as_json(scopes), IMMUTABLE))


def updating_quota_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateResourceQuotaStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if not (new.get("metadata") or {}).get("resourceVersion"):
        errors.append(required("resourceVersion"))
    _check_quota_status(errors, new)
