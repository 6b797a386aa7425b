"""One object through several versions: nothing is lost on the way there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.converting.autoscaling import convert_autoscaler
from navarch.cluster.converting.events import to_core_v1, to_events_v1

WORDS = st.text("abc-", min_size=1, max_size=5)
NUMBERS = st.integers(1, 100)
UTILIZATION = st.builds(lambda n: {"type": "Utilization", "averageUtilization": n}, NUMBERS)
AVERAGE = st.builds(lambda n: {"type": "AverageValue", "averageValue": f"{n}m"}, NUMBERS)
VALUE = st.builds(lambda n: {"type": "Value", "value": f"{n}"}, NUMBERS)
METRIC = st.builds(lambda name: {"name": name}, WORDS)
RESOURCE = st.builds(
    lambda name, target: {"type": "Resource", "resource": {"name": name, "target": target}},
    st.sampled_from(["memory", "storage"]),
    UTILIZATION | AVERAGE,
)
PODS = st.builds(lambda metric, target: {"type": "Pods", "pods": {"metric": metric, "target": target}}, METRIC, AVERAGE)
EXTERNAL = st.builds(
    lambda metric, target: {"type": "External", "external": {"metric": metric, "target": target}},
    METRIC,
    AVERAGE | VALUE,
)
OBJECT = st.builds(
    lambda metric, target, name: {
        "type": "Object",
        "object": {"describedObject": {"kind": "Ingress", "name": name}, "metric": metric, "target": target},
    },
    METRIC,
    VALUE,
    WORDS,
)
POLICY = st.builds(
    lambda kind, n, seconds: {"type": kind, "value": n, "periodSeconds": seconds},
    st.sampled_from(["Pods", "Percent"]),
    NUMBERS,
    NUMBERS,
)
RULES = st.fixed_dictionaries(
    {}, optional={"stabilizationWindowSeconds": NUMBERS, "policies": st.lists(POLICY, min_size=1, max_size=2)}
).filter(bool)
BEHAVIOR = st.fixed_dictionaries({}, optional={"scaleUp": RULES, "scaleDown": RULES}).filter(bool)
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}


@given(
    st.lists(RESOURCE | PODS | EXTERNAL | OBJECT, max_size=3),
    st.booleans(),
    st.none() | BEHAVIOR,
    st.dictionaries(WORDS, WORDS, max_size=2),
)
def test_an_autoscaler_survives_v1(metrics, cpu, behavior, annotations):
    metrics = [*metrics, CPU] if cpu or not metrics else metrics
    spec = {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d"}, "metrics": metrics}
    if behavior:
        spec["behavior"] = behavior
    meta = {"name": "h", "annotations": annotations} if annotations else {"name": "h"}
    status = {"desiredReplicas": 2, "currentMetrics": None}
    before = {"apiVersion": "autoscaling/v2", "metadata": meta, "spec": spec, "status": status}
    old = convert_autoscaler(before, "v1")
    assert old["apiVersion"] == "autoscaling/v1"
    assert old["spec"].get("targetCPUUtilizationPercentage") == (70 if CPU in metrics else None)
    assert convert_autoscaler(old, "v2") == before


def test_an_autoscaler_without_metrics_goes_by_cpu():
    old = {"apiVersion": "autoscaling/v1", "metadata": {"name": "h"}, "spec": {"maxReplicas": 3}}
    target = convert_autoscaler(old, "v2")["spec"]["metrics"][0]["resource"]["target"]
    assert target == {"type": "Utilization", "averageUtilization": 80}


def test_annotations_that_cannot_be_read_are_passed_over():
    annotations = {f"autoscaling.alpha.kubernetes.io/{name}": "{" for name in ("metrics", "behavior", "conditions")}
    old = {"apiVersion": "autoscaling/v1", "metadata": {"name": "h", "annotations": annotations}, "spec": {}}
    assert "annotations" not in convert_autoscaler(old, "v2")["metadata"]


@given(st.fixed_dictionaries({"reason": WORDS, "note": WORDS, "deprecatedCount": NUMBERS, "regarding": METRIC}))
def test_an_event_survives_the_other_group(fields):
    event = {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e"}, **fields}
    kept = to_core_v1(event)
    assert kept["message"] == fields["note"]
    assert kept["involvedObject"] == fields["regarding"]
    back = to_events_v1(kept)
    assert {key: back[key] for key in event} == event
