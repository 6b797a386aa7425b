"""When a Job counts as failed or done: policies for failures and success, and lists of indexes."""

from __future__ import annotations

from navarch.cluster.validation.errors import (
    OMITTED,
    as_json,
    duplicate,
    invalid,
    required,
    too_long,
    too_many,
    unsupported,
)
from navarch.cluster.validation.metadata import check_nonnegative
from navarch.cluster.validation.names import add, label_key
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["NOT_INDEXED", "check_failures", "check_success", "read_indexes", "read_interval"]


NOT_INDEXED = "requires indexed completion mode"
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")


def check_failures(errors: list[FieldError], path: str, spec: Object) -> None:
    """`validatePodFailurePolicy`."""
    rules = spec["podFailurePolicy"].get("rules") or []
    if len(rules) > 20:
        errors.append(too_many(f"{path}.rules", len(rules), 20))
    pod = (spec.get("template") or {}).get("spec") or {}
    names = {one.get("name", "") for field in ("containers", "initContainers") for one in pod.get(field) or ()}
    for at, rule in enumerate(rules):
        where = f"{path}.rules[{at}]"
        action, codes, conditions = rule.get("action", ""), rule.get("onExitCodes"), rule.get("onPodConditions")
        _check_action(errors, f"{where}.action", action, spec)
        if codes is not None:
            _check_exit_codes(errors, f"{where}.onExitCodes", codes, names)
        if conditions:
            _check_conditions(errors, f"{where}.onPodConditions", conditions)
        if codes is not None and conditions:
            detail = "specifying both OnExitCodes and OnPodConditions is not supported"
            errors.append(invalid(where, OMITTED, detail))
        if codes is None and not conditions:
            detail = "specifying one of OnExitCodes and OnPodConditions is required"
            errors.append(invalid(where, OMITTED, detail))


def _listed(values: tuple[str, ...]) -> str:
    return "[" + " ".join([quote(one) for one in values]) + "]"


def _check_action(errors: list[FieldError], path: str, action: str, spec: Object) -> None:
    if not action:
        errors.append(required(path, f"valid values: {_listed(_ACTIONS)}"))
    elif action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            errors.append(invalid(path, as_json(action), "requires the backoffLimitPerIndex to be set"))
    elif action not in _ACTIONS:
        errors.append(unsupported(path, as_json(action), _ACTIONS))


def _check_conditions(errors: list[FieldError], path: str, patterns: list[Object]) -> None:
    statuses = ("False", "True", "Unknown")
    if len(patterns) > 20:
        errors.append(too_many(path, len(patterns), 20))
    for at, one in enumerate(patterns):
        sort, status, where = one.get("type", ""), one.get("status", ""), f"{path}[{at}].status"
        add(errors, f"{path}[{at}].type", sort, label_key(sort))
        if not status:
            errors.append(required(where, f"valid values: {_listed(statuses)}"))
        elif status not in statuses:
            errors.append(unsupported(where, as_json(status), statuses))


def _check_exit_codes(errors: list[FieldError], path: str, rule: Object, names: set[str]) -> None:
    operator, name, values = rule.get("operator", ""), rule.get("containerName"), rule.get("values") or []
    operators = ("In", "NotIn")
    if not operator:
        errors.append(required(f"{path}.operator", f"valid values: {_listed(operators)}"))
    elif operator not in operators:
        errors.append(unsupported(f"{path}.operator", as_json(operator), operators))
    if name is not None and name not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid(f"{path}.containerName", name, detail))
    if not values:
        errors.append(invalid(f"{path}.values", as_json(rule.get("values")), "at least one value is required"))
    elif len(values) > 255:
        errors.append(too_many(f"{path}.values", len(values), 255))
    seen: set[int] = set()
    for at, value in enumerate(values):
        if operator == "In" and not value:
            errors.append(invalid(f"{path}.values[{at}]", value, "must not be 0 for the In operator"))
        if value in seen:
            errors.append(duplicate(f"{path}.values[{at}]", value))
        seen.add(value)
    if values != sorted(values):
        errors.append(invalid(f"{path}.values", values, "must be ordered"))


def check_success(errors: list[FieldError], path: str, spec: Object) -> None:
    """`validateSuccessPolicy`."""
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        from navarch.cluster.validation.internal import show

        errors.append(invalid(path, show("batch.SuccessPolicy", policy), NOT_INDEXED))
        return
    rules, count = policy.get("rules") or [], spec.get("completions") or 0
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.append(required(f"{path}.rules", detail))
    if len(rules) > 20:
        errors.append(too_many(f"{path}.rules", len(rules), 20))
    for at, rule in enumerate(rules):
        _check_success_rule(errors, f"{path}.rules[{at}]", rule, count)


def _check_success_rule(errors: list[FieldError], path: str, rule: Object, count: int) -> None:
    wanted, indexes, total = rule.get("succeededCount"), rule.get("succeededIndexes"), 0
    if wanted is None and indexes is None:
        errors.append(required(path, "at least one of succeededCount or succeededIndexes must be specified"))
    if indexes is not None:
        if len(indexes) > 64 * 1024:
            errors.append(too_long(f"{path}.succeededIndexes", 64 * 1024))
        total, why = read_indexes(indexes, count)
        if why:
            detail = f"error parsing succeededIndexes: {why}"
            errors.append(invalid(f"{path}.succeededIndexes", indexes, detail))
    if wanted is None:
        return
    where = f"{path}.succeededCount"
    check_nonnegative(errors, where, wanted)
    if wanted > count:
        detail = f"must be less than or equal to {count} (the number of specified completions)"
        errors.append(invalid(where, wanted, detail))
    if indexes is not None and wanted > total:
        detail = (
            f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        )
        errors.append(invalid(where, wanted, detail))


def read_indexes(text: str, completions: int) -> tuple[int, str]:
    """How many indexes a text like "1,3-5" has, or why it can't be read."""
    last, total = None, 0
    for part in text.split(",") if text else ():
        first, end, why = read_interval(part, completions)
        if why:
            return 0, why
        if last is not None and last >= first:
            return 0, f"non-increasing order, previous: {last}, current: {first}"
        total += end - first + 1
        last = end
    return total, ""


def read_interval(text: str, completions: int) -> tuple[int, int, str]:
    """Both ends of an interval, or why it isn't one."""
    ends: list[int] = []
    limits = text.split("-")
    if len(limits) > 2:
        what = "violates the requirement that an index interval can have at most two parts separated by '-'"
        return 0, 0, f"the fragment {quote(text)} {what}"
    for one in limits:
        digits = one.removeprefix("+")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return 0, 0, f"cannot convert string to integer for index: {quote(one)}"
        if int(digits) >= completions:
            return 0, 0, f"too large index: {quote(one)}"
        ends.append(int(digits))
    if len(ends) == 2 and ends[0] >= ends[1]:
        return 0, 0, f"non-increasing order, previous: {ends[0]}, current: {ends[1]}"
    return ends[0], ends[-1], ""
