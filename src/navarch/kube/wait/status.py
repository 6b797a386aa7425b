"""Whether an object has become what its spec asks for, told from the object alone: kstatus' rules.

The watching waiter asks `compute` each time an object changes. First come signs that any kind may carry (marked for
deletion, a generation not yet observed, conditions Reconciling and Stalled), then the rules of the kind
(`kinds.RULES`), then a Ready condition; what has none of these is Current. The rules and their words are those of
pkg/kstatus/status in cli-utils, which Helm waits by.
"""

from __future__ import annotations

from navarch.kube.wait.fields import (
    CURRENT,
    FAILED,
    IN_PROGRESS,
    NOT_FOUND,
    TERMINATING,
    UNKNOWN,
    Condition,
    Status,
    StatusFault,
    conditions,
    current,
    failed,
    group_kind,
    in_progress,
    kind_of,
    marked_for_deletion,
    whole_number,
)
from navarch.kube.wait.kinds import RULES, completed_job, completed_pod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.wait.fields import Object

__all__ = [
    "CURRENT",
    "FAILED",
    "IN_PROGRESS",
    "NOT_FOUND",
    "TERMINATING",
    "UNKNOWN",
    "Condition",
    "Status",
    "StatusFault",
    "completed_job",
    "completed_pod",
    "compute",
    "conditions",
    "current",
    "failed",
    "group_kind",
    "in_progress",
]


def compute(obj: Object) -> Status:
    """The status of an object as a server returned it. Raises StatusFault for fields of unexpected types."""
    found = _generic(obj)
    if found is not None:
        return found
    rule = RULES.get(group_kind(obj))
    if rule is not None:
        return rule(obj)
    return _by_ready_condition(obj) or current("Resource is current")


def _generic(obj: Object) -> Status | None:
    """What can be told of any kind; None where that tells nothing."""
    if marked_for_deletion(obj):
        return Status(TERMINATING, "Resource scheduled for deletion")
    return _by_generation(obj) or _by_standard_conditions(obj)


def _by_generation(obj: Object) -> Status | None:
    generation = whole_number(obj, "metadata", "generation")
    if generation is None:
        return None
    observed = whole_number(obj, "status", "observedGeneration")
    if observed is None or observed == generation:
        return None
    message = f"{kind_of(obj)} generation is {generation}, but latest observed generation is {observed}"
    return in_progress("LatestGenerationNotObserved", message)


def _by_standard_conditions(obj: Object) -> Status | None:
    for condition in conditions(obj):
        if condition.status == "True":
            if condition.type == "Reconciling":
                return in_progress(condition.reason, condition.message)
            if condition.type == "Stalled":
                return failed(condition.reason, condition.message)
    return None


def _by_ready_condition(obj: Object) -> Status | None:
    for condition in conditions(obj):
        if condition.type == "Ready":
            if condition.status == "True":
                return current("Resource is Ready")
            if condition.status in {"False", "Unknown"}:
                return in_progress(condition.reason, condition.message)
    return None
