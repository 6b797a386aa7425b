"""PodDisruptionBudgets: how many pods may be missing now."""

from __future__ import annotations

from navarch.cluster.controllers.index import SelectorIndex
from navarch.cluster.controllers.manager import PODS, Change, Controller, Manager
from navarch.cluster.controllers.objects import condition, controller_of, is_ready, key_of, scaled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["DisruptionBudgets"]

_COMPONENT = "controllermanager"
_SCALED = (
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("apps", "deployments"),
    ("", "replicationcontrollers"),
    ("batch", "jobs"),
)


class DisruptionBudgets(Controller):
    """Keeps the status of each budget."""

    name = "disruption-budgets"
    rank = 7
    kind = ("policy", "poddisruptionbudgets")
    watches = (PODS,)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._selectors = SelectorIndex()

    def observe(self, change: Change) -> None:
        """Budgets, and the pods that they are about."""
        namespace, name = key_of(change.object)
        if change.kind == self.kind:
            gone = change.type == "DELETED"
            self._selectors.put(namespace, name, None if gone else change.object["spec"].get("selector"))
            self.enqueue(namespace, name)
        elif change.type != "MODIFIED" or change.old is None or _facts(change.old) != _facts(change.object):
            for one in self._selectors.selecting(namespace, change.object["metadata"].get("labels")):
                self.enqueue(namespace, one)

    def sync(self, namespace: str, name: str, /) -> None:
        """Count, and say what may go."""
        budget = self.access.get(self.kind, namespace, name)
        if budget is None:
            return
        selector = budget["spec"].get("selector")
        names = self.manager.pods.select(namespace, selector) if selector is not None else []
        pods = [pod for pod in (self.access.get(PODS, namespace, one) for one in names) if pod is not None]
        if not pods:
            self.recorder.record(budget, "NoPods", "No matching pods found", component=_COMPONENT)
        expected, desired = self._counts(budget["spec"], pods)
        healthy = sum(is_ready(pod) and "deletionTimestamp" not in pod["metadata"] for pod in pods)
        allowed = max(0, healthy - desired) if expected > 0 else 0
        status: Object = {
            "observedGeneration": budget["metadata"].get("generation", 0),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "conditions": [self._condition(budget, allowed)],
        }
        if status != budget.get("status"):
            self.access.write_status(self.kind, budget, status)

    def _counts(self, spec: Object, pods: list[Object]) -> tuple[int, int]:
        """How many pods there should be, and how many of them must be healthy."""
        if "maxUnavailable" in spec:
            expected = self._expected(pods)
            return expected, max(0, expected - scaled(spec["maxUnavailable"], expected, up=True))
        least = spec.get("minAvailable", 1)
        if isinstance(least, int):
            return len(pods), least
        expected = self._expected(pods)
        return expected, scaled(least, expected, up=True)

    def _expected(self, pods: list[Object]) -> int:
        """The sizes of all that own the pods."""
        sizes = {}
        for pod in pods:
            owner = controller_of(pod)
            place = self.owners.places.get((owner or {}).get("uid", ""))
            while place is not None and place.kind in _SCALED:
                found = self.access.get(*place)
                if found is None:
                    break
                above = controller_of(found)
                upper = self.owners.places.get((above or {}).get("uid", ""))
                if upper is None or upper.kind not in _SCALED:
                    sizes[found["metadata"]["uid"]] = found["spec"].get("replicas", found["spec"].get("parallelism", 1))
                place = upper
        return sum(sizes.values())

    def _condition(self, budget: Object, allowed: int) -> Object:
        status, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
        known = condition(budget.get("status"), "DisruptionAllowed")
        since = known["lastTransitionTime"] if known and known["status"] == status else self.access.now()
        return {
            "type": "DisruptionAllowed",
            "status": status,
            "observedGeneration": budget["metadata"].get("generation", 0),
            "lastTransitionTime": since,
            "reason": reason,
            "message": "",
        }


def _facts(pod: Object) -> tuple[Any, ...]:
    return is_ready(pod), "deletionTimestamp" in pod["metadata"], pod["metadata"].get("labels")
