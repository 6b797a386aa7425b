"""Statuses of single objects, against answers recorded from cli-utils' kstatus (golden/status.jsonl).

Each line there has a rule (`compute`, or Helm's own for hooks: `job`, `pod`), an object, nearly all made up at random,
and what the Go library answered: "unknown" stands for an error.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.kube.wait.fields import StatusFault, group_kind, integer, text
from navarch.kube.wait.kinds import RULES, STATIC, is_unschedulable
from navarch.kube.wait.status import CURRENT, FAILED, IN_PROGRESS, TERMINATING, completed_job, completed_pod, compute

GOLDEN = os.path.join(os.path.dirname(__file__), "golden", "status.jsonl")
JUDGES = {"compute": compute, "job": completed_job, "pod": completed_pod}


def golden() -> list[dict[str, Any]]:
    with open(GOLDEN, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def described(rule: str, obj: dict[str, Any]) -> Any:
    """The answer in the form of the golden file."""
    try:
        found = JUDGES[rule](obj)
    except StatusFault:
        return "unknown"
    if rule != "compute":
        return {"status": found.status, "message": found.message}
    condition = {"reason": "", "detail": ""}
    if found.status in {FAILED, IN_PROGRESS}:
        condition = {"reason": found.reason, "detail": found.message if found.detail is None else found.detail}
    return {"status": found.status, "message": found.message, **condition}


def test_golden() -> None:
    cases = golden()
    assert len(cases) > 200
    wrong = [(case, got) for case in cases if (got := described(case["rule"], case["object"])) != case["want"]]
    assert not wrong, wrong[0]


def test_golden_covers_every_rule() -> None:
    seen = {(group_kind(case["object"]), case["want"]["status"]) for case in golden() if case["want"] != "unknown"}
    assert {kind for kind, _ in seen} >= set(RULES)
    assert {status for _, status in seen} == {CURRENT, FAILED, IN_PROGRESS, TERMINATING}


def pod(age: float, **condition: str) -> dict[str, Any]:
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
    status = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", **condition}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"creationTimestamp": created}, "status": status}


@pytest.mark.parametrize(("age", "status"), [(5.0, IN_PROGRESS), (25.0, FAILED), (-60.0, IN_PROGRESS)])
def test_unschedulable_pods_have_15_seconds(age: float, status: str) -> None:
    assert compute(pod(age, reason="Unschedulable")).status == status
    assert compute(pod(age, reason="SchedulerError")).message == "Pod is in the Pending phase"


@pytest.mark.parametrize("other", [{"type": "Ready"}, {"status": "True"}, {"reason": "SchedulerError"}, {"reason": []}])
def test_unschedulable_is_what_the_scheduler_says(other: dict[str, Any]) -> None:
    assert is_unschedulable(pod(0, reason="Unschedulable"))
    obj = pod(0, reason="Unschedulable")
    obj["status"]["conditions"][0].update(other)
    assert not is_unschedulable(obj)
    assert not is_unschedulable({"status": []})


@pytest.mark.parametrize(
    ("api_version", "group"), [("v1", ""), ("apps/v1", "apps"), ("a.b/v1", "a.b"), ("", ""), (None, ""), (3, "")]
)
def test_group(api_version: object, group: str) -> None:
    assert group_kind({"apiVersion": api_version, "kind": "X"}) == (group, "X")


def test_group_of_what_is_no_version() -> None:
    assert group_kind({"apiVersion": "a/b/c", "kind": "X"}) == ("", "")


def test_numbers_are_those_of_go() -> None:
    """What doesn't fit into an int64 is a float to Go, and a boolean never was a number."""
    for odd in (1.0, True, 1 << 63, "1", None):
        assert integer({"a": odd}, "a", 7) == 7
    assert integer({"a": {"b": -(1 << 63)}}, "a.b", 7) == -(1 << 63)
    assert text({"a": "x"}, "a.b", "none") == "none"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["True", "False", "Ready", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["conditions", "type", "status"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*RULES, ("example.com", "Widget")]), JSON, JSON, st.dictionaries(st.text(max_size=3), JSON))
def test_whatever_the_object(kind: tuple[str, str], spec: Any, status: Any, metadata: dict[str, Any]) -> None:
    """A status, or the fault that stands for Unknown: nothing else, whatever a custom resource's author thought of."""
    group, name = kind
    obj = {
        "apiVersion": f"{group}/v1" if group else "v1",
        "kind": name,
        "spec": spec,
        "status": status,
        "metadata": metadata,
    }
    for judge in JUDGES.values():
        try:
            assert judge(obj).status in {CURRENT, FAILED, IN_PROGRESS, TERMINATING}
        except StatusFault:
            pass


@pytest.mark.parametrize("kind", sorted(STATIC))
def test_static_kinds_are_ready_as_soon_as_they_are_there(kind: tuple[str, str]) -> None:
    """And nothing but their metadata is needed to say so."""
    group, name = kind
    obj = {"apiVersion": f"{group}/v1" if group else "v1", "kind": name, "metadata": {"name": "x"}}
    assert compute(obj).status == CURRENT
