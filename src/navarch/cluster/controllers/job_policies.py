"""When a Job fails or succeeds early: podFailurePolicy and successPolicy."""

from __future__ import annotations

from navarch.cluster.controllers.job_indexes import parse_indexes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["failed_by_policy", "is_counted", "succeeded_by_policy"]


def _match(spec: Object, pod: Object) -> tuple[int, Object, str]:
    """The first rule that a failed pod meets: its number (-1 for none), the rule, and what was met."""
    where = f"{pod['metadata'].get('namespace', '')}/{pod['metadata']['name']}"
    for number, rule in enumerate((spec.get("podFailurePolicy") or {}).get("rules") or ()):
        if rule.get("onExitCodes"):
            status = _exited(pod, rule["onExitCodes"])
            if status is not None:
                code = status["state"]["terminated"]["exitCode"]
                return number, rule, f"Container {status['name']} for pod {where} failed with exit code {code}"
            continue
        wanted = {(one["type"], one.get("status", "True")) for one in rule.get("onPodConditions") or ()}
        for one in (pod.get("status") or {}).get("conditions") or ():
            if (one["type"], one["status"]) in wanted:
                return number, rule, f"Pod {where} has condition {one['type']}"
    return -1, {}, ""


def _exited(pod: Object, wanted: Object) -> Object | None:
    status = pod.get("status") or {}
    for one in (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())):
        code = (one["state"].get("terminated") or {}).get("exitCode")
        if not code or wanted.get("containerName", one["name"]) != one["name"]:
            continue
        if (code in wanted.get("values", ())) == (wanted.get("operator") == "In"):
            return one  # type: ignore[no-any-return]
    return None


def is_counted(spec: Object, pod: Object) -> bool:
    """Whether a failed pod counts."""
    return bool(_match(spec, pod)[1].get("action") != "Ignore")


def failed_by_policy(spec: Object, pods: list[Object]) -> str:
    """Why the Job fails at once; "" if it doesn't."""
    if not spec.get("podFailurePolicy"):
        return ""
    for pod in pods:
        if (pod.get("status") or {}).get("phase") != "Failed":
            continue
        number, rule, text = _match(spec, pod)
        if rule.get("action") == "FailJob":
            return f"{text} matching FailJob rule at index {number}"
    return ""


def succeeded_by_policy(spec: Object, completed: set[int]) -> str:
    """Why the Job has succeeded already; "" if it hasn't."""
    for number, rule in enumerate((spec.get("successPolicy") or {}).get("rules") or () if completed else ()):
        count = rule.get("succeededCount")
        if "succeededIndexes" in rule:
            wanted = parse_indexes(rule["succeededIndexes"])
            have = len(wanted & completed)
            met = bool(wanted) and (have == len(wanted) or (count is not None and have >= count))
        else:
            met = count is not None and len(completed) >= count
        if met:
            return f"Matched rules at index {number}"
    return ""
