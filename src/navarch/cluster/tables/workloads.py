"""Rows of what runs Pods: Deployments and their like, Jobs, autoscalers, disruption budgets."""

from __future__ import annotations

from navarch.cluster.tables.shown import between, condition, containers, labels, limited, name_of, selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.tables.shown import Age

__all__ = ["PRINTERS"]


def _created(obj: dict[str, Any], age: Age) -> str:
    return age(obj["metadata"].get("creationTimestamp"))


def _template(obj: dict[str, Any]) -> dict[str, Any]:
    """The spec of the Pods."""
    spec: dict[str, Any] = obj.get("spec", {}).get("template", {}).get("spec", {})
    return spec


def _selected(given: dict[str, Any] | None) -> str:
    try:
        return selector(given) or "<none>"
    except ValueError:
        return "<error>"


def _deployment(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    try:
        selected = selector(spec.get("selector"))
    except ValueError:
        selected = "<invalid>"
    return [
        name_of(obj),
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        _created(obj, age),
        *containers(_template(obj)),
        selected,
    ]


def _replicas(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    counts = [spec.get("replicas", 0), status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [name_of(obj), *counts, _created(obj, age), *containers(_template(obj))]


def _replica_set(obj: dict[str, Any], age: Age) -> list[Any]:
    return [*_replicas(obj, age), _selected(obj.get("spec", {}).get("selector"))]


def _replication_controller(obj: dict[str, Any], age: Age) -> list[Any]:
    return [*_replicas(obj, age), labels(obj.get("spec", {}).get("selector"))]


def _stateful_set(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    return [name_of(obj), ready, _created(obj, age), *containers(_template(obj))]


def _daemon_set(obj: dict[str, Any], age: Age) -> list[Any]:
    status, template = obj.get("status", {}), _template(obj)
    return [
        name_of(obj),
        status.get("desiredNumberScheduled", 0),
        status.get("currentNumberScheduled", 0),
        status.get("numberReady", 0),
        status.get("updatedNumberScheduled", 0),
        status.get("numberAvailable", 0),
        labels(template.get("nodeSelector")),
        _created(obj, age),
        *containers(template),
        _selected(obj.get("spec", {}).get("selector")),
    ]


def _controller_revision(obj: dict[str, Any], age: Age) -> list[Any]:
    owners = obj["metadata"].get("ownerReferences", ())
    owner = next((one for one in owners if one.get("controller")), None)
    controller = "<none>"
    if owner is not None:
        group = owner["apiVersion"].rpartition("/")[0]
        kind = f"{owner['kind']}.{group}" if group else owner["kind"]
        controller = f"{kind.lower()}/{owner['name']}"
    return [name_of(obj), controller, obj.get("revision", 0), _created(obj, age)]


_JOB_STATES = (
    ("Complete", "Complete"),
    ("Failed", "Failed"),
    ("", "Terminating"),
    ("Suspended", "Suspended"),
    ("FailureTarget", "FailureTarget"),
    ("SuccessCriteriaMet", "SuccessCriteriaMet"),
)
"""Conditions and what they are called, the first that holds; "" stands for a Job that is being deleted."""


def _job_state(obj: dict[str, Any]) -> str:
    status = obj.get("status", {})
    for type_, word in _JOB_STATES:
        if not type_:
            if obj["metadata"].get("deletionTimestamp"):
                return word
        elif (condition(status, type_) or {}).get("status") == "True":
            return word
    return "Running"


def _job(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    done, parallel = status.get("succeeded", 0), spec.get("parallelism", 0)
    completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    if "completions" in spec:
        completions = f"{done}/{spec['completions']}"
    start, end = status.get("startTime"), status.get("completionTime")
    lasted = "" if start is None else age(start) if end is None else between(start, end)
    state = _job_state(obj)
    cells = [name_of(obj), state, completions, lasted, _created(obj, age), *containers(_template(obj))]
    return [*cells, _selected(spec.get("selector"))]


def _cron_job(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    job = spec.get("jobTemplate", {}).get("spec", {})
    last, suspended = status.get("lastScheduleTime"), spec.get("suspend")
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone", "<none>"),
        "<unset>" if suspended is None else str(bool(suspended)),
        len(status.get("active", ())),
        "<none>" if last is None else age(last),
        _created(obj, age),
        *containers(job.get("template", {}).get("spec", {})),
        _selected(job.get("selector")),
    ]


def _pod_template(obj: dict[str, Any], _: Age) -> list[Any]:
    template = obj.get("template", {})
    return [name_of(obj), *containers(template.get("spec", {})), labels(template.get("metadata", {}).get("labels"))]


def _disruption_budget(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    bounds = [str(spec.get(name, "N/A")) for name in ("minAvailable", "maxUnavailable")]
    return [name_of(obj), *bounds, obj.get("status", {}).get("disruptionsAllowed", 0), _created(obj, age)]


def _autoscaler(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    target = spec.get("scaleTargetRef", {})
    current = status.get("currentMetrics") or []
    metrics = [
        _metric(one, current[index] if index < len(current) else {})
        for index, one in enumerate(spec.get("metrics", ()))
    ]
    return [
        name_of(obj),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        limited(metrics, 2, ", ") or "<none>",
        str(spec.get("minReplicas", "<unset>")),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        _created(obj, age),
    ]


_METRICS = {
    "External": ("external", ""),
    "Object": ("object", ""),
    "Pods": ("pods", ""),
    "Resource": ("resource", "name"),
    "ContainerResource": ("containerResource", "name"),
}
"""Where each type of metric is told, and its field that a cell begins with."""


def _metric(spec: dict[str, Any], status: dict[str, Any]) -> str:
    """What an autoscaler aims at, and how it is at the moment."""
    if spec.get("type") not in _METRICS:
        return "<unknown type>"
    field, naming = _METRICS[spec["type"]]
    one = spec.get(field, {})
    target = one.get("target", {})
    current = status[field].get("current", {}) if field in status else None
    if field == "pods":
        return f"{_quantity(current, 'averageValue')}/{target.get('averageValue', '<nil>')}"
    if naming:
        return f"{one.get(naming, '')}: {_usage(target, current)}"
    if "averageValue" in target:
        now = (current or {}).get("averageValue", "<unknown>")
        return f"{now}/{target['averageValue']} (avg)"
    return f"{_quantity(current, 'value')}/{target.get('value', '<nil>')}"


def _quantity(current: dict[str, Any] | None, field: str) -> str:
    return "<unknown>" if current is None else str(current.get(field, "<nil>"))


def _usage(target: dict[str, Any], current: dict[str, Any] | None) -> str:
    """How much of a resource is used, as an amount or in percent."""
    if "averageValue" in target:
        return f"{_quantity(current, 'averageValue')}/{target['averageValue']}"
    used = (current or {}).get("averageUtilization")
    aim = target.get("averageUtilization")
    return f"{'<unknown>' if used is None else f'{used}%'}/{'<auto>' if aim is None else f'{aim}%'}"


def _scale(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    return [name_of(obj), spec.get("replicas", 0), status.get("replicas", 0), _created(obj, age)]


PRINTERS = {
    "/podtemplates": _pod_template,
    "/replicationcontrollers": _replication_controller,
    "apps/controllerrevisions": _controller_revision,
    "apps/daemonsets": _daemon_set,
    "apps/deployments": _deployment,
    "apps/replicasets": _replica_set,
    "apps/statefulsets": _stateful_set,
    "autoscaling/horizontalpodautoscalers": _autoscaler,
    "autoscaling/scale": _scale,
    "batch/cronjobs": _cron_job,
    "batch/jobs": _job,
    "policy/poddisruptionbudgets": _disruption_budget,
}
