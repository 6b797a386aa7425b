"""The sizes of ReplicaSets. The tables are facts of Kubernetes: what its own controller does in these cases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.controllers import rollout

Object = dict[str, Any]


def made(replicas: int, *, surge: Any = 0, unavailable: Any = 0, template: str = "new") -> Object:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    strategy = {"type": "RollingUpdate", "rollingUpdate": rolling}
    spec = {"replicas": replicas, "strategy": strategy, "template": {"spec": template}}
    return {"metadata": {"name": "foo", "uid": "foo"}, "spec": spec, "status": {}}


def sets_of(
    deployment: Object, sizes: list[tuple[str, int, int]], *, desired: int, most: int, new: str = ""
) -> rollout.Sets:
    """ReplicaSets by name, size and available pods, the oldest first; `new` has the deployment's template."""
    found = []
    for age, (name, size, available) in enumerate(sizes):
        annotations = {
            "deployment.kubernetes.io/desired-replicas": str(desired),
            "deployment.kubernetes.io/max-replicas": str(most),
        }
        created = f"2016-05-20T0{age}:00:00Z"
        spec = {"replicas": size, "template": {"spec": "new" if name == new else name}}
        metadata = {"name": name, "uid": name, "annotations": annotations, "creationTimestamp": created}
        found.append({"metadata": metadata, "spec": spec, "status": {"availableReplicas": available}})
    return rollout.Sets(deployment, found)


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        ("39%", "39%", 10, (4, 3)),
        (0, "39%", 10, (0, 3)),
        ("39%", 0, 10, (4, 0)),
        (0, 0, 10, (0, 1)),
        (0, "1%", 2, (0, 1)),
        ("1%", "25%", 2, (1, 0)),
        ("25%", "25%", 1, (1, 0)),
        ("25%", "25%", 4, (1, 1)),
        ("0%", "0%", 0, (0, 0)),
    ],
)
def test_how_many_more_and_fewer_pods_there_may_be(
    surge: Any, unavailable: Any, replicas: int, expected: tuple[int, int]
) -> None:
    deployment = made(replicas, surge=surge, unavailable=unavailable)
    assert (rollout.max_surge(deployment), rollout.max_unavailable(deployment)) == expected


# What sets become when a deployment is scaled: its sizes before and after, surge before and after, the old sets and the
# new one ("" where there is none), and what they are afterwards (pkg/controller/deployment/sync_test.go, TestScale).
SCALED = [
    (10, 12, 0, 0, [("v1", 10)], "v1", {"v1": 12}),
    (10, 5, 0, 0, [("v1", 10)], "v1", {"v1": 5}),
    (5, 10, 0, 0, [("v1", 3), ("v2", 2)], "v2", {"v1": 6, "v2": 4}),
    (5, 3, 0, 0, [("v1", 3), ("v2", 2)], "v2", {"v1": 2, "v2": 1}),
    (9, 4, 0, 0, [("v1", 1), ("v2", 8)], "v2", {"v1": 0, "v2": 4}),
    (7, 10, 0, 0, [("v1", 2), ("v2", 3), ("v3", 2)], "v3", {"v1": 3, "v2": 4, "v3": 3}),
    (13, 8, 0, 0, [("v1", 3), ("v2", 8), ("v3", 2)], "v3", {"v1": 2, "v2": 5, "v3": 1}),
    (3, 4, 0, 0, [("v1", 1), ("v2", 1), ("v3", 1)], "v3", {"v1": 1, "v2": 1, "v3": 2}),
    (3, 2, 0, 0, [("v1", 1), ("v2", 1), ("v3", 1)], "v3", {"v1": 0, "v2": 1, "v3": 1}),
    (4, 5, 0, 0, [("v1", 2), ("v2", 2)], "", {"v1": 2, "v2": 3}),
    (6, 0, 0, 0, [("v1", 1), ("v2", 2), ("v3", 3)], "v3", {"v1": 0, "v2": 0, "v3": 0}),
    (6, 6, 0, 0, [("v1", 0), ("v2", 0), ("v3", 0)], "v3", {"v3": 6}),
    (10, 20, 2, 2, [("v1", 6), ("v2", 6)], "v2", {"v1": 11, "v2": 11}),
    (10, 50, 3, 6, [("v1", 8), ("v2", 5)], "v2", {"v1": 34, "v2": 22}),
    (10, 14, 0, 0, [("v1", 3), ("v2", 7)], "", {"v1": 4, "v2": 10}),
]


@pytest.mark.parametrize(("before", "after", "old_surge", "surge", "sizes", "new", "expected"), SCALED)
def test_each_set_gets_its_share(
    before: int,
    after: int,
    old_surge: int,
    surge: int,
    sizes: list[tuple[str, int]],
    new: str,
    expected: dict[str, int],
) -> None:
    deployment = made(after, surge=surge)
    told = [(name, size, size) for name, size in sizes]
    sets = sets_of(deployment, told, desired=before, most=before + old_surge, new=new)
    assert {one["metadata"]["name"]: size for one, size in rollout.scaling(deployment, sets)} == expected


def test_a_full_but_broken_new_set_leaves_the_old_pods_alone() -> None:
    deployment = made(2, surge=1, unavailable=1)
    sets = sets_of(deployment, [("v1", 1, 1), ("v2", 2, 0)], desired=2, most=3, new="v2")
    assert [(one["metadata"]["name"], size) for one, size in rollout.scaling(deployment, sets)] == [
        ("v2", 2),
        ("v1", 1),
    ]


# Sizes while rolling: replicas, surge, unavailable; old set (size, available), new set; what both should be next.
ROLLED = [
    (10, 2, 0, (10, 10), (0, 0), 10, 2),
    (10, 2, 0, (10, 10), (2, 0), 10, 2),
    (10, 2, 0, (10, 10), (2, 2), 8, 2),
    (10, 0, 2, (10, 10), (0, 0), 8, 0),
    (10, 0, 2, (8, 8), (0, 0), 8, 2),
    (10, 0, 2, (8, 8), (2, 2), 6, 2),
    (10, 2, 2, (10, 4), (0, 0), 8, 2),
]


@pytest.mark.parametrize(("replicas", "surge", "unavailable", "old", "new", "old_next", "new_next"), ROLLED)
def test_rolling_steps(
    replicas: int,
    surge: int,
    unavailable: int,
    old: tuple[int, int],
    new: tuple[int, int],
    old_next: int,
    new_next: int,
) -> None:
    deployment = made(replicas, surge=surge, unavailable=unavailable)
    sets = sets_of(deployment, [("v1", *old), ("v2", *new)], desired=replicas, most=replicas + surge, new="v2")
    assert rollout.new_size(deployment, sets) == new_next
    assert dict.fromkeys(["v1"], old_next) == {
        "v1": next((size for _, size in rollout.old_sizes(deployment, sets)), rollout.size(sets.old[0]))
    }


@given(
    replicas=st.integers(1, 30),
    surge=st.integers(0, 5),
    unavailable=st.integers(0, 5),
    slow=st.lists(st.booleans(), max_size=40),
)
def test_a_rollout_never_leaves_its_bounds_and_comes_to_an_end(
    replicas: int, surge: int, unavailable: int, slow: list[bool]
) -> None:
    deployment = made(replicas, surge=surge, unavailable=unavailable)
    sets = sets_of(
        deployment, [("v1", replicas, replicas), ("v2", 0, 0)], desired=replicas, most=replicas + surge, new="v2"
    )
    old, new = sets.old[0], sets.new
    assert new is not None
    delays = iter(slow)
    for _ in range(6 * replicas + len(slow)):
        new["spec"]["replicas"] = rollout.new_size(deployment, sets)
        for one, size in rollout.old_sizes(deployment, sets):
            one["spec"]["replicas"] = size
        old["status"]["availableReplicas"] = old["spec"]["replicas"]
        total = old["spec"]["replicas"] + new["spec"]["replicas"]
        available = old["status"]["availableReplicas"] + new["status"]["availableReplicas"]
        assert total <= replicas + rollout.max_surge(deployment)
        assert available >= replicas - rollout.max_unavailable(deployment)
        if not next(delays, False):
            new["status"]["availableReplicas"] = new["spec"]["replicas"]
    assert (old["spec"]["replicas"], new["status"]["availableReplicas"]) == (0, replicas)


def test_what_is_noted_on_a_new_set() -> None:
    deployment = made(4, surge="25%")
    deployment["metadata"]["annotations"] = {
        "team": "blue",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "deployment.kubernetes.io/revision": "9",
    }
    one: Object = {"metadata": {}, "spec": {}}
    rollout.annotate(deployment, one, 3, exists=False)
    assert one["metadata"]["annotations"] == {
        "team": "blue",
        "deployment.kubernetes.io/revision": "3",
        "deployment.kubernetes.io/desired-replicas": "4",
        "deployment.kubernetes.io/max-replicas": "5",
    }


def test_a_set_that_is_used_again_keeps_its_old_revisions() -> None:
    one: Object = {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}, "spec": {}}
    for number in (3, 6):
        rollout.annotate(made(1), one, number, exists=True)
    assert one["metadata"]["annotations"] == {
        "deployment.kubernetes.io/revision": "6",
        "deployment.kubernetes.io/revision-history": "1,3",
    }
