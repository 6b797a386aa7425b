"""Eviction: deleting a pod as far as disruption budgets allow it. The rules are those of Kubernetes' EvictionREST."""

from __future__ import annotations

from navarch.cluster.conversion import storage_key
from navarch.cluster.options import Deletion, Options
from navarch.cluster.problems import Problem, bad_request, not_found
from navarch.cluster.requests import deletion_of
from navarch.cluster.verbs.bodies import read_posted
from navarch.cluster.verbs.delete import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["evict"]

_UNGUARDED = frozenset(("Succeeded", "Failed", "Pending"))
_VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_RETRY_AFTER = 10  # seconds
_MANAGER = "kube-apiserver"


def evict(api: Api, request: Request, target: Target) -> Object:
    """Evict a pod; the Status that says so. Raises Problem: 429 when a budget doesn't allow it."""
    eviction, _, options = read_posted(request, "Eviction")
    if eviction["metadata"].get("name", "") != target.name:
        raise bad_request("name in URL does not match name in Eviction object")
    deletion = deletion_of(_with_dry_run(eviction.get("deleteOptions") or {}, options))
    pods, namespace = target.resource, target.namespace or ""
    with api.store.lock:
        pod = api.store.get(storage_key(pods, namespace, target.name))
        if pod is None:
            raise not_found("", "pods", target.name)
        guards = [] if _is_unguarded(pod) else _budgets(api, pod)
        if len(guards) > 1:
            raise Problem(500, "", _SEVERAL)
        if guards and not _is_spare(pod, guards[0]):
            _take_one(api, guards[0], pod, dry_run=deletion.dry_run)
        check(pods, pod, deletion)
        if not deletion.dry_run:
            deletion = _mark(api, pods, pod, deletion)
        api.delete(pods, namespace, target.name, deletion)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _with_dry_run(given: Object, options: Options) -> Object:
    """DeleteOptions of an eviction that is itself only tried. Raises Problem where the two don't agree."""
    inner = given.get("dryRun") or []
    if options.dry_run and inner and inner != ["All"]:
        text = f"Non-matching dry-run options in request and content: [All] and [{' '.join(inner)}]"
        raise Problem(500, "", text)
    return {**given, "dryRun": ["All"]} if options.dry_run else given


def _is_unguarded(pod: Object) -> bool:
    """Whether nothing is disrupted when the pod goes: it has ended, hasn't begun, or is going anyway."""
    return (pod.get("status") or {}).get("phase") in _UNGUARDED or "deletionTimestamp" in pod["metadata"]


def _budgets(api: Api, pod: Object) -> list[Object]:
    from navarch.kube.selectors import object_selector

    labels = pod["metadata"].get("labels") or {}
    found = []
    for budget in api.list(_resource(api), pod["metadata"]["namespace"]):
        wanted = budget["spec"].get("selector")
        if wanted is not None and object_selector(wanted).matches(labels):
            found.append(budget)
    return found


def _resource(api: Api) -> Resource:
    found = api.catalog.find("policy", "v1", "poddisruptionbudgets")
    assert found is not None  # one of Kubernetes' own
    return found


def _condition(status: Object, kind: str) -> Object:
    return next((one for one in status.get("conditions") or () if one.get("type") == kind), {})


def _is_spare(pod: Object, budget: Object) -> bool:
    """Whether the pod is one that isn't ready and that the budget doesn't protect."""
    if _condition(pod.get("status") or {}, "Ready").get("status") == "True":
        return False
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status") or {}
    wanted: int = status.get("desiredHealthy", 0)
    healthy: int = status.get("currentHealthy", 0)
    return healthy >= wanted > 0


def _take_one(api: Api, budget: Object, pod: Object, *, dry_run: bool) -> None:
    """Count a disruption. Raises Problem (429) if the budget has none left."""
    meta, status = budget["metadata"], budget.get("status") or {}
    if status.get("observedGeneration", 0) < meta.get("generation", 0):
        text = f"The disruption budget {meta['name']} is still being processed by the server."
        raise _too_many(text, {"retryAfterSeconds": _RETRY_AFTER})
    left = status.get("disruptionsAllowed", 0) - 1
    if left < 0:
        raise _too_many(_why_not(meta["name"], status), {})
    if dry_run:
        return
    disrupted = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: api.now()}
    made = {**status, "disruptionsAllowed": left, "disruptedPods": disrupted}
    if not left:
        made["conditions"] = _conditions(api, status)
    api.update(_resource(api), {**budget, "status": made}, subresource="status", options=Options(manager=_MANAGER))


def _too_many(message: str, more: Object) -> Problem:
    causes = [{"reason": "DisruptionBudget", "message": message}]
    return Problem(429, "TooManyRequests", _VIOLATED, {"causes": causes, **more})


def _why_not(name: str, status: Object) -> str:
    condition = _condition(status, "DisruptionAllowed")
    told = condition.get("message") if condition.get("status") == "False" else ""
    reason, wanted, healthy = condition.get("reason"), status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
    if told and reason == "SyncFailed":
        return f"The disruption budget {name} does not allow evicting pods currently because it failed sync: {told}"
    if healthy <= wanted:
        return f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
    if told:
        return f"The disruption budget {name} does not allow evicting pods currently ({reason}): {told}"
    return f"The disruption budget {name} does not allow evicting pods currently"


def _conditions(api: Api, status: Object) -> list[Object]:
    """The conditions of a budget that allows no more disruptions."""
    known = _condition(status, "DisruptionAllowed")
    since = known["lastTransitionTime"] if known.get("status") == "False" else api.now()
    made = {
        "type": "DisruptionAllowed",
        "status": "False",
        "observedGeneration": status.get("observedGeneration", 0),
        "lastTransitionTime": since,
        "reason": "InsufficientPods",
        "message": "",
    }
    return _put(status.get("conditions") or (), made)


def _put(conditions: Any, made: Object) -> list[Object]:
    """Conditions with one in place of the former one of its type, or behind all."""
    if any(one.get("type") == made["type"] for one in conditions):
        return [made if one.get("type") == made["type"] else one for one in conditions]
    return [*conditions, made]


def _mark(api: Api, pods: Resource, pod: Object, deletion: Deletion) -> Deletion:
    """Say in the pod why it goes; how it is to be deleted then."""
    status = pod.get("status") or {}
    made = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": api.now(),
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    known = _condition(status, "DisruptionTarget")
    if known.get("status") == "True":
        made["lastTransitionTime"] = known.get("lastTransitionTime")
    meta = pod["metadata"]
    changed = {
        **pod,
        "metadata": dict(meta),
        "status": {**status, "conditions": _put(status.get("conditions") or (), made)},
    }
    stored = pod if changed == pod else api.store.put(storage_key(pods, meta["namespace"], meta["name"]), changed)
    return deletion if deletion.revision is None else deletion._replace(revision=stored["metadata"]["resourceVersion"])
