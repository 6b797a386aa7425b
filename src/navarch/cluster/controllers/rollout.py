"""The arithmetic of rollouts: which ReplicaSets a Deployment has, how large each should be, what is noted on them."""

from __future__ import annotations

from navarch.cluster.controllers.objects import scaled, seconds
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = [
    "REVISION",
    "Sets",
    "annotate",
    "annotate_sizes",
    "is_complete",
    "is_scaling",
    "max_surge",
    "max_unavailable",
    "new_size",
    "old_sizes",
    "revision_order",
    "scaling",
    "size",
]

_PREFIX = "deployment.kubernetes.io/"
REVISION = _PREFIX + "revision"
_HISTORY = _PREFIX + "revision-history"
_DESIRED = _PREFIX + "desired-replicas"
_MAX = _PREFIX + "max-replicas"
_OWN = frozenset(
    [
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        _HISTORY,
        _DESIRED,
        _MAX,
        "deprecated.deployment.rollback.to",
    ]
)
_HASH = "pod-template-hash"
_LONGEST_HISTORY = 2000  # letters


class Sets:
    """The ReplicaSets of a Deployment: `new` has its template, `old` are all others, oldest first.

    `changed`: some were written, so that the deployment will be looked at again; `begun`: a rollout has just begun.
    """

    def __init__(self, deployment: Object, replica_sets: list[Object]) -> None:
        ordered = sorted(replica_sets, key=_age)
        template = _without_hash(deployment["spec"]["template"])
        self.new = next((one for one in ordered if _without_hash(one["spec"]["template"]) == template), None)
        self.old = [one for one in ordered if one is not self.new]
        self.changed = self.begun = False

    @property
    def all(self) -> list[Object]:
        """Old and new."""
        return self.old if self.new is None else [*self.old, self.new]

    def replace(self, old: Object, new: Object) -> None:
        """A set was changed."""
        self.changed = True
        if old is self.new:
            self.new = new
        else:
            self.old = [new if one is old else one for one in self.old]

    def next_revision(self) -> int:
        """The revision that the newest set should have at least."""
        return max((revision(one) for one in self.old), default=0) + 1


def _without_hash(template: Object) -> Object:
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != _HASH}
    return {**template, "metadata": {**metadata, "labels": labels, "creationTimestamp": None}}


def _age(one: Object) -> tuple[float, str]:
    return seconds(one["metadata"].get("creationTimestamp")), one["metadata"]["name"]


def revision(one: Object) -> int:
    """The revision noted on a set; 0 if there is none."""
    text = (one["metadata"].get("annotations") or {}).get(REVISION, "")
    return int(text) if text.isdecimal() else 0


def revision_order(one: Object) -> tuple[int, float, str]:
    """Sorts sets from the oldest revision to the newest."""
    return revision(one), *_age(one)


def size(obj: Object) -> int:
    """The replicas that are asked for."""
    return int(obj["spec"].get("replicas", 1))


def _available(sets: list[Object]) -> int:
    return sum((one.get("status") or {}).get("availableReplicas", 0) for one in sets)


def _fenceposts(deployment: Object) -> tuple[int, int]:
    """How many pods there may be beyond the size, and how many may be missing (ResolveFenceposts)."""
    strategy = deployment["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return 0, 0
    rolling = strategy.get("rollingUpdate") or {}
    surge = scaled(rolling.get("maxSurge", 0), size(deployment), up=True)
    unavailable = scaled(rolling.get("maxUnavailable", 0), size(deployment), up=False)
    return surge, unavailable or (0 if surge else 1)


def max_surge(deployment: Object) -> int:
    """How many pods there may be beyond the size."""
    return _fenceposts(deployment)[0]


def max_unavailable(deployment: Object) -> int:
    """How many pods may be missing."""
    strategy = deployment["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate" or not size(deployment):
        return 0
    return min(_fenceposts(deployment)[1], size(deployment))


def new_size(deployment: Object, sets: Sets, new: Object | None = None) -> int:
    """How large the newest set should be now."""
    one = new or sets.new
    have, wanted = (size(one) if one else 0), size(deployment)
    if have >= wanted or (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
        return wanted
    total = sum(size(each) for each in sets.old) + have
    room = wanted + max_surge(deployment) - total
    return have + max(0, min(room, wanted - have))


def old_sizes(deployment: Object, sets: Sets) -> list[tuple[Object, int]]:
    """How large the old sets should be now: unhealthy pods go first, the others as new ones become available."""
    old, new = [one for one in sets.old if size(one)], sets.new
    if not old or new is None:
        return []
    least = size(deployment) - max_unavailable(deployment)
    missing = size(new) - (new.get("status") or {}).get("availableReplicas", 0)
    most_down = sum(size(one) for one in (*old, new)) - least - missing
    if most_down <= 0:
        return []
    sizes = {one["metadata"]["uid"]: size(one) for one in old}
    _drop(old, sizes, most_down, healthy=False)
    _drop(old, sizes, _available([*old, new]) - least, healthy=True)
    return [(one, sizes[one["metadata"]["uid"]]) for one in old]


def _drop(old: list[Object], sizes: dict[str, int], budget: int, *, healthy: bool) -> None:
    for one in old:
        if budget <= 0:
            return
        uid = one["metadata"]["uid"]
        available = (one.get("status") or {}).get("availableReplicas", 0)
        down = max(0, min(budget, sizes[uid] if healthy else sizes[uid] - available))
        sizes[uid] -= down
        budget -= down


def is_complete(deployment: Object, status: Object) -> bool:
    """Whether all pods are new, available and wanted."""
    wanted = size(deployment)
    counts = (status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas"))
    seen = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    return seen and all(one == wanted for one in counts)


def is_scaling(deployment: Object, sets: Sets) -> bool:
    """Whether the deployment's size was changed since its sets were last given theirs."""
    for one in sets.all:
        text = (one["metadata"].get("annotations") or {}).get(_DESIRED, "")
        if size(one) and text.isdecimal() and int(text) != size(deployment):
            return True
    return False


def scaling(deployment: Object, sets: Sets) -> list[tuple[Object, int]]:
    """The sizes of sets after the deployment's size was changed: each gets its share of what is added or taken."""
    active = [one for one in sets.all if size(one)]
    if len(active) <= 1:
        one = active[0] if active else (sets.new or (max(sets.old, key=revision_order) if sets.old else None))
        return [] if one is None else [(one, size(deployment))]
    if _is_saturated(deployment, sets.new):
        return [(one, 0) for one in active if one is not sets.new]
    if (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
        return []
    return _shares(deployment, active)


def _is_saturated(deployment: Object, new: Object | None) -> bool:
    if new is None:
        return False
    desired = (new["metadata"].get("annotations") or {}).get(_DESIRED)
    wanted = size(deployment)
    available = (new.get("status") or {}).get("availableReplicas", 0)
    return size(new) == wanted and desired == str(wanted) and available == wanted


def _shares(deployment: Object, active: list[Object]) -> list[tuple[Object, int]]:
    wanted = size(deployment)
    allowed = wanted + max_surge(deployment) if wanted else 0
    change = allowed - sum(size(one) for one in active)
    newest_first = sorted(active, key=_age, reverse=change > 0)
    order = sorted(newest_first, key=lambda one: -size(one))
    given, result = 0, []
    for one in order:
        share = _share(deployment, one, allowed, change, given)
        given += share
        result.append((one, size(one) + share))
    first, grown = result[0]
    result[0] = (first, max(0, grown + change - given))
    return result


def _share(deployment: Object, one: Object, allowed: int, change: int, given: int) -> int:
    """What one set gets of `change` replicas (GetReplicaSetProportion)."""
    if not change or change == given:
        return 0
    if not size(deployment):
        share = -size(one)
    else:
        text = (one["metadata"].get("annotations") or {}).get(_MAX, "")
        before = int(text) if text.isdecimal() and int(text) else (deployment.get("status") or {}).get("replicas", 0)
        grown = _rounded(size(one) * allowed, before) if before else size(one)
        share = grown - size(one)
    left = change - given
    return min(share, left) if change > 0 else max(share, left)


def _rounded(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)


def annotate_sizes(deployment: Object, replica_set: Object) -> None:
    """Note on a set, in place, how large its deployment is and may become."""
    annotations = replica_set["metadata"].setdefault("annotations", {})
    annotations[_DESIRED] = str(size(deployment))
    annotations[_MAX] = str(size(deployment) + max_surge(deployment))


def annotate(deployment: Object, replica_set: Object, number: int, *, exists: bool) -> None:
    """Put a deployment's annotations and the revision `number` on its newest set, in place."""
    metadata = replica_set["metadata"]
    annotations = metadata["annotations"] = copy(metadata.get("annotations") or {})
    for key, value in (deployment["metadata"].get("annotations") or {}).items():
        if key not in _OWN:
            annotations[key] = value
    known = annotations.get(REVISION)
    before = int(known) if known and known.isdecimal() else 0
    if before < number:
        annotations[REVISION] = str(number)
        if known is not None:
            annotations[_HISTORY] = _history(annotations.get(_HISTORY, ""), known)
    if not exists:
        annotate_sizes(deployment, replica_set)


def _history(history: str, revision_before: str) -> str:
    """The revisions that a set had, with one more; the oldest are dropped when the text gets long."""
    if not history:
        return revision_before
    parts = history.split(",")
    while parts and len(",".join([*parts, revision_before])) > _LONGEST_HISTORY:
        del parts[0]
    return ",".join([*parts, revision_before])
