"""HorizontalPodAutoscalers: v2, as they are stored, and v1, which keeps what it lacks in annotations."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["convert_autoscaler"]

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS = _PREFIX + "metrics"
_CURRENT = _PREFIX + "current-metrics"
_BEHAVIOR = _PREFIX + "behavior"
_CONDITIONS = _PREFIX + "conditions"
_ANNOTATIONS = frozenset([_METRICS, _CURRENT, _BEHAVIOR, _CONDITIONS])
_USUAL_PERCENT = 80  # of CPU, where v1 names no metric


def convert_autoscaler(obj: Object, version: str) -> Object:
    """An autoscaler in the other version; what it was made of isn't changed."""
    return _to_v1(obj) if version == "v1" else _to_v2(obj)


def _is_cpu(metric: Object) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or {}
    return metric.get("type") == "Resource" and resource.get("name") == "cpu" and "averageUtilization" in target


def _to_v1(obj: Object) -> Object:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    metrics = spec.get("metrics") or []
    cpu = next((one["resource"]["target"]["averageUtilization"] for one in metrics if _is_cpu(one)), None)
    made_spec = {key: value for key, value in spec.items() if key not in {"metrics", "behavior"}}
    if cpu is not None:
        made_spec["targetCPUUtilizationPercentage"] = cpu
    kept = {key: status[key] for key in ("observedGeneration", "lastScaleTime") if key in status}
    made_status = {**kept, "currentReplicas": status.get("currentReplicas", 0)}
    made_status["desiredReplicas"] = status.get("desiredReplicas", 0)
    for one in status.get("currentMetrics") or ():
        current = (one.get("resource") or {}).get("current") or {}
        if (one.get("resource") or {}).get("name") == "cpu" and "averageUtilization" in current:
            made_status["currentCPUUtilizationPercentage"] = current["averageUtilization"]
    meta = _with_annotations(obj["metadata"], _annotations(spec, status, metrics))
    return {**obj, "apiVersion": "autoscaling/v1", "metadata": meta, "spec": made_spec, "status": made_status}


def _annotations(spec: Object, status: Object, metrics: list[Object]) -> Object:
    """What v1 has no fields for."""
    found: Object = {}
    others = [_metric_v1(one) for one in metrics if not _is_cpu(one)]
    if others:
        found[_METRICS] = others
    if status.get("currentMetrics"):
        found[_CURRENT] = [_current_v1(one) for one in status["currentMetrics"]]
    if spec.get("behavior"):
        found[_BEHAVIOR] = _capitalized(spec["behavior"])
    if status.get("conditions"):
        found[_CONDITIONS] = status["conditions"]
    return {key: json.dumps(value, separators=(",", ":")) for key, value in found.items()}


def _with_annotations(meta: Object, more: Object) -> Object:
    kept = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in _ANNOTATIONS}
    kept.update(more)
    made = {key: value for key, value in meta.items() if key != "annotations"}
    return {**made, "annotations": kept} if kept else made


def _capitalized(value: Any) -> Any:
    """The behavior as it stands in the annotation: with the names of Go's fields, and null for what is missing."""
    rules = ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance")
    made: Object = {"ScaleUp": None, "ScaleDown": None}
    for name, key in (("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown")):
        given = value.get(key)
        if given is not None:
            made[name] = {rule[0].upper() + rule[1:]: given.get(rule) for rule in rules}
            policies = made[name]["Policies"]
            if policies:
                made[name]["Policies"] = [
                    {word[0].upper() + word[1:]: part for word, part in one.items()} for one in policies
                ]
    return made


def _uncapitalized(value: Any) -> Any:
    if type(value) is dict:
        return {key[:1].lower() + key[1:]: _uncapitalized(part) for key, part in value.items() if part is not None}
    return [_uncapitalized(one) for one in value] if type(value) is list else value


def _some(**fields: Any) -> Object:
    return {key: value for key, value in fields.items() if value is not None}


def _metric_v1(metric: Object) -> Object:
    made: Object = {"type": metric.get("type", "")}
    for source in ("resource", "containerResource"):
        if source in metric:
            one = metric[source]
            target = one.get("target") or {}
            made[source] = _some(
                name=one.get("name"),
                targetAverageUtilization=target.get("averageUtilization"),
                targetAverageValue=target.get("averageValue"),
                container=one.get("container"),
            )
    if "pods" in metric:
        name, target = metric["pods"].get("metric") or {}, metric["pods"].get("target") or {}
        made["pods"] = _some(
            metricName=name.get("name"), targetAverageValue=target.get("averageValue"), selector=name.get("selector")
        )
    if "object" in metric:
        one = metric["object"]
        name, target = one.get("metric") or {}, one.get("target") or {}
        made["object"] = _some(
            target=one.get("describedObject"),
            metricName=name.get("name"),
            targetValue=target.get("value", "0"),
            selector=name.get("selector"),
            averageValue=target.get("averageValue"),
        )
    if "external" in metric:
        name, target = metric["external"].get("metric") or {}, metric["external"].get("target") or {}
        made["external"] = _some(
            metricName=name.get("name"),
            metricSelector=name.get("selector"),
            targetValue=target.get("value"),
            targetAverageValue=target.get("averageValue"),
        )
    return made


def _current_v1(metric: Object) -> Object:
    made: Object = {"type": metric.get("type", "")}
    for source in ("resource", "containerResource"):
        if source in metric:
            current = metric[source].get("current") or {}
            made[source] = _some(
                name=metric[source].get("name"),
                currentAverageUtilization=current.get("averageUtilization"),
                currentAverageValue=current.get("averageValue", "0"),
                container=metric[source].get("container"),
            )
    for source in ("pods", "object", "external"):
        if source in metric:
            name, current = metric[source].get("metric") or {}, metric[source].get("current") or {}
            made[source] = _some(
                metricName=name.get("name"),
                currentValue=current.get("value"),
                currentAverageValue=current.get("averageValue"),
                target=metric[source].get("describedObject"),
            )
    return made


def _target(utilization: Any, average: Any, value: Any = None) -> Object:
    kind = "Utilization" if utilization is not None else "AverageValue" if average is not None else "Value"
    return _some(type=kind, value=value, averageValue=average, averageUtilization=utilization)


def _metric_v2(metric: Object) -> Object:
    made: Object = {"type": metric.get("type", "")}
    for source in ("resource", "containerResource"):
        if source in metric:
            one = metric[source]
            target = _target(one.get("targetAverageUtilization"), one.get("targetAverageValue"))
            made[source] = _some(name=one.get("name"), container=one.get("container"), target=target)
    for source, selector in (("pods", "selector"), ("object", "selector"), ("external", "metricSelector")):
        if source in metric:
            one = metric[source]
            average = one.get("averageValue", one.get("targetAverageValue"))
            value = None if average is not None and source == "object" else one.get("targetValue")
            made[source] = _some(
                describedObject=one.get("target"),
                metric=_some(name=one.get("metricName"), selector=one.get(selector)),
                target=_target(None, average, value),
            )
    return made


def _read(meta: Object, name: str) -> Any:
    """What an annotation keeps, None if it isn't there or can't be read."""
    try:
        return json.loads((meta.get("annotations") or {}).get(name, "null"))
    except (ValueError, TypeError):
        return None


def _cpu_metric(percent: int) -> Object:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _to_v2(obj: Object) -> Object:
    meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    made_spec = {key: value for key, value in spec.items() if key != "targetCPUUtilizationPercentage"}
    others = _read(meta, _METRICS)
    metrics = [_metric_v2(one) for one in others if type(one) is dict] if type(others) is list else []
    if "targetCPUUtilizationPercentage" in spec:
        metrics.append(_cpu_metric(spec["targetCPUUtilizationPercentage"]))
    made_spec["metrics"] = metrics or [_cpu_metric(_USUAL_PERCENT)]
    behavior = _read(meta, _BEHAVIOR)
    if type(behavior) is dict and any(behavior.values()):
        made_spec["behavior"] = _uncapitalized(behavior)
    kept = {key: status[key] for key in ("observedGeneration", "lastScaleTime") if key in status}
    made_status: Object = {**kept}
    if status.get("currentReplicas"):
        made_status["currentReplicas"] = status["currentReplicas"]
    made_status["desiredReplicas"] = status.get("desiredReplicas", 0)
    made_status["currentMetrics"] = _currents(meta, status)
    conditions = _read(meta, _CONDITIONS)
    if type(conditions) is list and conditions:
        made_status["conditions"] = conditions
    meta = _with_annotations(meta, {})
    return {**obj, "apiVersion": "autoscaling/v2", "metadata": meta, "spec": made_spec, "status": made_status}


def _currents(meta: Object, status: Object) -> list[Object] | None:
    kept = _read(meta, _CURRENT)
    if type(kept) is list:
        return [_current_v2(one) for one in kept if type(one) is dict]
    if "currentCPUUtilizationPercentage" in status:
        current = {"averageUtilization": status["currentCPUUtilizationPercentage"]}
        return [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
    return None


def _current_v2(metric: Object) -> Object:
    made: Object = {"type": metric.get("type", "")}
    for source in ("resource", "containerResource", "pods", "object", "external"):
        if source in metric:
            one = metric[source]
            current = _some(
                value=one.get("currentValue"),
                averageValue=one.get("currentAverageValue"),
                averageUtilization=one.get("currentAverageUtilization"),
            )
            name = {"name": one["name"]} if "name" in one else {"metric": _some(name=one.get("metricName"))}
            made[source] = {
                **name,
                **_some(container=one.get("container"), describedObject=one.get("target")),
                "current": current,
            }
    return made
