"""What is used of a ResourceQuota: the count of a controller, and the scopes that choose pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.problems import Problem
from navarch.cluster.strategy.quota import status_of

if TYPE_CHECKING:
    from .conftest import Place


def pod(name: str, cpu: str = "100m", **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}} if cpu else {}}
    return {"metadata": {"name": name}, "spec": {"containers": [container], **spec}}


def quota(place: Place, hard: dict[str, str], **spec: Any) -> dict[str, Any]:
    made = place.create("v1", "ResourceQuota", {"metadata": {"name": "q"}, "spec": {"hard": hard, **spec}})
    counted = {**made, "metadata": dict(made["metadata"]), "status": status_of(place.context(), made)}
    return place.put(counted)


def test_what_is_there_is_counted(place: Place) -> None:
    place.create("v1", "Pod", pod("a"))
    place.create(
        "node.k8s.io/v1", "RuntimeClass", {"metadata": {"name": "r"}, "overhead": {"podFixed": {"cpu": "50m"}}}
    )
    place.create("v1", "Pod", pod("b", cpu="1", runtimeClassName="r"))
    place.create("v1", "Service", {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 1}]}})
    hard = {"pods": "10", "requests.cpu": "4", "services.nodeports": "3", "count/deployments.apps": "1"}
    status = quota(place, hard)["status"]
    assert status == {
        "hard": hard,
        "used": {
            "pods": "2",
            "requests.cpu": "1150m",
            "services.nodeports": "1",
            "count/deployments.apps": "0",
        },
    }


def test_what_is_created_counts_at_once(place: Place) -> None:
    quota(place, {"pods": "2", "requests.cpu": "250m"})
    place.create("v1", "Pod", pod("a"))
    place.create("v1", "Pod", pod("b"))
    with pytest.raises(Problem) as caught:
        place.create("v1", "Pod", pod("c"))
    assert caught.value.code == 403
    assert caught.value.message == (
        'pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=100m, '
        "used: pods=2,requests.cpu=200m, limited: pods=2,requests.cpu=250m"
    )


def test_a_quota_nobody_counted_yet_limits_nothing(place: Place) -> None:
    place.create("v1", "ResourceQuota", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}})
    place.create("v1", "Pod", pod("a"))


@pytest.mark.parametrize(
    ("scope", "chosen", "others"),
    [
        ({"scopes": ["BestEffort"]}, pod("a", cpu=""), pod("b")),
        ({"scopes": ["NotBestEffort"]}, pod("a"), pod("b", cpu="")),
        ({"scopes": ["Terminating"]}, pod("a", activeDeadlineSeconds=5), pod("b")),
        ({"scopes": ["NotTerminating"]}, pod("a"), pod("b", activeDeadlineSeconds=5)),
        (
            {
                "scopeSelector": {
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["x"]}]
                }
            },
            pod("a", priorityClassName="x"),
            pod("b"),
        ),
    ],
)
def test_scopes_choose_pods(
    place: Place, scope: dict[str, Any], chosen: dict[str, Any], others: dict[str, Any]
) -> None:
    place.create("scheduling.k8s.io/v1", "PriorityClass", {"metadata": {"name": "x"}, "value": 5})
    quota(place, {"pods": "0"}, **scope)
    place.create("v1", "Pod", others)
    with pytest.raises(Problem):
        place.create("v1", "Pod", chosen)


def test_growing_counts_only_what_is_new(place: Place) -> None:
    claim: dict[str, Any] = {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    quota(place, {"requests.storage": "2Gi"})
    made = place.create("v1", "PersistentVolumeClaim", claim)
    bound = place.put({**made, "metadata": dict(made["metadata"]), "status": {"phase": "Bound"}})
    claim["metadata"]["labels"] = {"a": "b"}
    assert place.change(bound, claim)["metadata"]["labels"] == {"a": "b"}
