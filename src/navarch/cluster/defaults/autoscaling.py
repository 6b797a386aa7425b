"""What is filled in for HorizontalPodAutoscalers (pkg/apis/autoscaling/v1 and v2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["FILLS"]

_UTILIZATION = 80
_PERIOD = 15


def _autoscaler(obj: Object) -> None:
    spec = obj["spec"]
    spec.setdefault("minReplicas", 1)
    if obj["apiVersion"] == "autoscaling/v1":
        spec.setdefault("targetCPUUtilizationPercentage", _UTILIZATION)
        return
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": _UTILIZATION}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if "behavior" in spec:
        behavior = spec["behavior"]
        behavior["scaleUp"] = {**_scale_up(), **behavior.get("scaleUp", {})}
        behavior["scaleDown"] = {**_scale_down(), **behavior.get("scaleDown", {})}


def _scale_up() -> Object:
    policies = [
        {"type": "Pods", "value": 4, "periodSeconds": _PERIOD},
        {"type": "Percent", "value": 100, "periodSeconds": _PERIOD},
    ]
    return {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": policies}


def _scale_down() -> Object:
    return {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": _PERIOD}]}


FILLS = {"HorizontalPodAutoscaler": _autoscaler}
