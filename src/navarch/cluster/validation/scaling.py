"""HorizontalPodAutoscaler and PodDisruptionBudget."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, too_long, unsupported
from navarch.cluster.validation.metadata import check, check_nonnegative, check_update
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key, path_segment
from navarch.cluster.validation.quantities import sign
from navarch.cluster.validation.resources import check_container_name, check_nonnegative_amount
from navarch.cluster.validation.selectors import check_label_selector, has_bad_values
from navarch.cluster.validation.workloads import check_int_or_percent, check_most_percent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "check_conditions",
    "creating",
    "creating_budget",
    "updating",
    "updating_budget",
    "updating_budget_status",
    "updating_status",
]

_SOURCES = ("ContainerResource", "External", "Object", "Pods", "Resource")
# In the order of checks; the type that each goes with, capitalised.
_FIELDS = ("object", "external", "pods", "resource", "containerResource")
_GIVE = "must populate information for the given metric source"


def creating(errors: list[FieldError], one: Object) -> None:
    """ValidateHorizontalPodAutoscaler."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    _check_scaler(errors, one, None)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateHorizontalPodAutoscalerUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    _check_scaler(errors, new, old)


def _stored(one: Object) -> Object:
    """As version 2 says it; messages name its fields whatever version was asked."""
    if one.get("apiVersion") != "autoscaling/v1":
        return one
    from navarch.cluster.converting.autoscaling import convert_autoscaler

    return convert_autoscaler(one, "v2")


def _check_scaler(errors: list[FieldError], one: Object, old: Object | None) -> None:
    one, old = _stored(one), _stored(old) if old is not None else None
    spec, was = one.get("spec") or {}, (old or {}).get("spec") or {}
    least, most, target = spec.get("minReplicas"), spec.get("maxReplicas", 0), spec.get("scaleTargetRef") or {}
    bound = 0 if was.get("minReplicas") == 0 else 1
    if least is not None and least < bound:
        errors.append(invalid("spec.minReplicas", least, f"must be greater than or equal to {bound}"))
    if not most:
        errors.append(required("spec.maxReplicas", "must be set and greater than 0"))
    elif most < 0:
        errors.append(invalid("spec.maxReplicas", most, "must be greater than or equal to 1"))
    if least is not None and most < least:
        errors.append(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    before = was.get("scaleTargetRef") or {}
    known = old is not None and all(before.get(key) == target.get(key) for key in ("apiVersion", "kind"))
    core = target.get("kind") == "ReplicationController"
    _check_target(errors, "spec.scaleTargetRef", target, any_version=known, any_group=core)
    described = [
        (one.get("object") or {}).get("describedObject") or {}
        for one in was.get("metrics") or ()
        if one.get("type") == "Object" and one.get("object") is not None
    ]
    odd = any(_broken_version(one.get("apiVersion", ""), any_group=True) for one in described)
    _check_metrics(errors, spec, any_version=odd)
    for key in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(key)
        if rules is not None:
            _check_rules(errors, f"spec.behavior.{key}", rules)


def _broken_version(text: str, *, any_group: bool) -> str:
    if text.count("/") > 1:
        return f"unexpected GroupVersion string: {text}"
    return "" if any_group or ("/" in text and text[0] != "/") else "apiVersion must specify API group"


def _check_target(errors: list[FieldError], path: str, one: Object, *, any_version: bool, any_group: bool) -> None:
    """ValidateCrossVersionObjectReference."""
    for key in ("kind", "name"):
        text = one.get(key)
        if text:
            add(errors, f"{path}.{key}", text, path_segment(text))
        else:
            errors.append(required(f"{path}.{key}"))
    version = one.get("apiVersion", "")
    why = "" if any_version else _broken_version(version, any_group=any_group)
    if why:
        errors.append(invalid(f"{path}.apiVersion", version, why))


def _check_metrics(errors: list[FieldError], spec: Object, *, any_version: bool) -> None:
    metrics = spec.get("metrics") or []
    for at, one in enumerate(metrics):
        _check_metric(errors, f"spec.metrics[{at}]", one, any_version)
    if spec.get("minReplicas") == 0 and not any(one.get("type") in {"Object", "External"} for one in metrics):
        detail = "must specify at least one Object or External metric to support scaling to zero replicas"
        errors.append(forbidden("spec.metrics", detail))


def _check_metric(errors: list[FieldError], path: str, one: Object, any_version: bool) -> None:
    sort = one.get("type", "")
    if not sort:
        errors.append(required(f"{path}.type", "must specify a metric source type"))
    if sort not in _SOURCES:
        errors.append(unsupported(f"{path}.type", as_json(sort), _SOURCES))
    given = [key for key in _FIELDS if one.get(key) is not None]
    if given:
        _check_source(errors, f"{path}.{given[0]}", given[0], one[given[0]], any_version)
    expected = sort[:1].lower() + sort[1:] if sort in _SOURCES else ""
    if not expected:
        errors.append(unsupported(f"{path}.type", as_json(sort), _SOURCES))
    elif expected not in given:
        errors.append(required(f"{path}.{expected}", _GIVE))
    if len(given) != 1:
        errors.extend(
            [
                forbidden(f"{path}.{key}", "must populate the given metric source only")
                for key in given
                if key != expected
            ]
        )


def _check_source(errors: list[FieldError], path: str, kind: str, source: Object, any_version: bool) -> None:
    target = source.get("target") or {}
    value, average, share = (target.get(key) for key in ("value", "averageValue", "averageUtilization"))
    if kind == "object":
        described = source.get("describedObject") or {}
        _check_target(errors, f"{path}.describedObject", described, any_version=any_version, any_group=True)
    if kind in {"resource", "containerResource"}:
        _check_resource(errors, path, kind, source)
    else:
        name = (source.get("metric") or {}).get("name")
        if name:
            add(errors, f"{path}.metric.name", name, path_segment(name))
        else:
            errors.append(required(f"{path}.metric.name", "must specify a metric name"))
    _check_amounts(errors, f"{path}.target", target)
    where = f"{path}.target.averageValue"
    if kind == "object" and value is None and average is None:
        errors.append(required(where, "must set either a target value or averageValue"))
    elif kind == "external":
        if value is None and average is None:
            detail = "must set either a target value for metric or a per-pod target"
            errors.append(required(where, detail))
        if value is not None and average is not None:
            detail = "may not set both a target value for metric and a per-pod target"
            errors.append(forbidden(f"{path}.target.value", detail))
    elif kind == "pods" and average is None:
        errors.append(required(where, "must specify a positive target averageValue"))
    elif kind in {"resource", "containerResource"}:
        if share is None and average is None:
            detail = "must set either a target raw value or a target utilization"
            errors.append(required(f"{path}.target.averageUtilization", detail))
        if share is not None and average is not None:
            detail = "may not set both a target raw value and a target utilization"
            errors.append(forbidden(where, detail))


def _check_resource(errors: list[FieldError], path: str, kind: str, source: Object) -> None:
    name, container = source.get("name"), source.get("container")
    if not name:
        errors.append(required(f"{path}.name", "must specify a resource name"))
    elif kind == "containerResource":
        check_container_name(errors, f"{path}.name", name)
    if kind == "containerResource":
        if container:
            add(errors, f"{path}.container", container, dns_label(container))
        else:
            errors.append(required(f"{path}.container", "must specify a container"))


def _check_amounts(errors: list[FieldError], path: str, target: Object) -> None:
    sort = target.get("type", "")
    if not sort:
        errors.append(required(f"{path}.type", "must specify a metric target type"))
    if sort not in {"Utilization", "Value", "AverageValue"}:
        detail = "must be either Utilization, Value, or AverageValue"
        errors.append(invalid(f"{path}.type", as_json(sort), detail))
    for key in ("value", "averageValue"):
        amount = target.get(key)
        if amount is not None and sign(amount) != 1:
            errors.append(invalid(f"{path}.{key}", as_json(amount), "must be positive"))
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        errors.append(invalid(f"{path}.averageUtilization", share, "must be greater than 0"))


def _check_rules(errors: list[FieldError], path: str, rules: Object) -> None:
    window, select, policies = (rules.get(key) for key in ("stabilizationWindowSeconds", "selectPolicy", "policies"))
    if window is not None and window < 0:
        detail = "must be greater than or equal to zero"
        errors.append(invalid(f"{path}.stabilizationWindowSeconds", window, detail))
    if window is not None and window > 3600:
        detail = "must be less than or equal to 3600"
        errors.append(invalid(f"{path}.stabilizationWindowSeconds", window, detail))
    if select is not None and select not in {"Disabled", "Max", "Min"}:
        errors.append(unsupported(f"{path}.selectPolicy", as_json(select), ["Disabled", "Max", "Min"]))
    if not policies:
        errors.append(required(f"{path}.policies", "must specify at least one Policy"))
    for at, one in enumerate(policies or ()):
        _check_policy(errors, f"{path}.policies[{at}]", one)
    if rules.get("tolerance") is not None:
        check_nonnegative_amount(errors, f"{path}.tolerance", rules["tolerance"])


def _check_policy(errors: list[FieldError], path: str, one: Object) -> None:
    sort, value, period = one.get("type", ""), one.get("value", 0), one.get("periodSeconds", 0)
    if sort not in {"Percent", "Pods"}:
        errors.append(unsupported(f"{path}.type", as_json(sort), ["Percent", "Pods"]))
    if value <= 0:
        errors.append(invalid(f"{path}.value", value, "must be greater than zero"))
    if period <= 0:
        errors.append(invalid(f"{path}.periodSeconds", period, "must be greater than zero"))
    if period > 1800:
        errors.append(invalid(f"{path}.periodSeconds", period, "must be less than or equal to 1800"))


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateHorizontalPodAutoscalerStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    status = new.get("status") or {}
    for key in ("currentReplicas", "desiredReplicas"):
        check_nonnegative(errors, f"status.{key}", status.get(key))


def creating_budget(errors: list[FieldError], budget: Object) -> None:
    """ValidatePodDisruptionBudget."""
    _check_budget(errors, budget.get("spec") or {}, bad_values=False)


def updating_budget(errors: list[FieldError], new: Object, old: Object) -> None:
    """The same; what the old selector has may stay."""
    bad = has_bad_values((old.get("spec") or {}).get("selector"))
    _check_budget(errors, new.get("spec") or {}, bad_values=bad)


def _check_budget(errors: list[FieldError], spec: Object, *, bad_values: bool) -> None:
    least, most, eviction = (spec.get(key) for key in ("minAvailable", "maxUnavailable", "unhealthyPodEvictionPolicy"))
    if least is not None and most is not None:
        from navarch.cluster.validation.internal import show

        shown = show("policy.PodDisruptionBudgetSpec", spec)
        errors.append(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for key, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            check_int_or_percent(errors, f"spec.{key}", value)
            check_most_percent(errors, f"spec.{key}", value)
    check_label_selector(errors, "spec.selector", spec.get("selector"), bad_values=bad_values)
    if eviction not in {None, "AlwaysAllow", "IfHealthyBudget"}:
        where = "spec.unhealthyPodEvictionPolicy"
        errors.append(unsupported(where, as_json(eviction), ["AlwaysAllow", "IfHealthyBudget"]))


def updating_budget_status(errors: list[FieldError], new: Object, _: Object) -> None:
    """ValidatePodDisruptionBudgetStatusUpdate."""
    status = new.get("status") or {}
    check_conditions(errors, "status.conditions", status.get("conditions"))
    for key in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        check_nonnegative(errors, f"status.{key}", status.get(key))


def check_conditions(errors: list[FieldError], path: str, conditions: list[Object] | None) -> None:
    """ValidateConditions of metav1."""
    seen: set[str] = set()
    for at, one in enumerate(conditions or ()):
        where, sort, status = f"{path}[{at}]", one.get("type", ""), one.get("status", "")
        if sort in seen:
            errors.append(duplicate(f"{where}.type", sort))
        seen.add(sort)
        add(errors, f"{where}.type", sort, label_key(sort))
        if status not in {"False", "True", "Unknown"}:
            errors.append(unsupported(f"{where}.status", as_json(status), ["False", "True", "Unknown"]))
        generation = one.get("observedGeneration", 0)
        if generation < 0:
            detail = "must be greater than or equal to zero"
            errors.append(invalid(f"{where}.observedGeneration", generation, detail))
        if not one.get("lastTransitionTime"):
            errors.append(required(f"{where}.lastTransitionTime"))
        _check_reason(errors, f"{where}.reason", one.get("reason", ""))
        if len(one.get("message", "").encode("utf-8", "surrogatepass")) > 32 * 1024:
            errors.append(too_long(f"{where}.message", 32 * 1024))


_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"


def _check_reason(errors: list[FieldError], path: str, reason: str) -> None:
    from re import fullmatch

    if not reason:
        errors.append(required(path))
        return
    if not fullmatch(_REASON, reason):
        examples = " or ".join(
            f"'{one}', " for one in ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
        )
        detail = (
            "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
            "characters or '_,:', and must end with an alphanumeric character or '_' "
            f"(e.g. {examples}regex used for validation is '{_REASON}')"
        )
        errors.append(invalid(path, reason, detail))
    if len(reason.encode("utf-8", "surrogatepass")) > 1024:
        errors.append(too_long(path, 1024))
