"""ResourceQuotas while controllers work under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import deployment

if TYPE_CHECKING:
    from .conftest import World


def test_a_quota_is_counted(world: World) -> None:
    world.create("resourcequotas", {"metadata": {"name": "few"}, "spec": {"hard": {"pods": "4", "count/secrets": "9"}}})
    world.create("deployments", deployment(replicas=3))
    world.create("secrets", {"metadata": {"name": "login"}})
    world.settle()
    assert world.status("resourcequotas", "few") == {
        "hard": {"count/secrets": "9", "pods": "4"},
        "used": {"count/secrets": "1", "pods": "3"},
    }
    world.change("deployments", "web", lambda obj: obj["spec"].update(replicas=1))
    world.delete("secrets", "login")
    world.settle()
    assert world.status("resourcequotas", "few")["used"] == {"count/secrets": "0", "pods": "1"}


def test_a_quota_keeps_pods_from_being_created(world: World) -> None:
    world.create("resourcequotas", {"metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}})
    world.settle()
    world.create("deployments", deployment(replicas=2))
    world.settle()
    found = world.condition("deployments", "web", "ReplicaFailure")
    assert (found["status"], found["reason"]) == ("True", "FailedCreate")
    assert found["message"].endswith(
        "is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1"
    )
    assert world.status("deployments", "web")["availableReplicas"] == 1
    world.delete("resourcequotas", "few")
    world.wait(1)
    assert world.status("deployments", "web")["availableReplicas"] == 2
