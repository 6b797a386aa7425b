"""What goes when its owner goes; namespaces. Facts: pkg/controller/garbagecollector and namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import deployment, pod

if TYPE_CHECKING:
    from .conftest import Object, World


def owned(name: str, *owners: Object, blocking: bool = True) -> Object:
    references = [
        {
            "apiVersion": one["apiVersion"],
            "kind": one["kind"],
            "name": one["metadata"]["name"],
            "uid": one["metadata"]["uid"],
            "blockOwnerDeletion": blocking,
        }
        for one in owners
    ]
    return {"metadata": {"name": name, "ownerReferences": references}}


@pytest.mark.parametrize("propagation", ["", "Background", "Foreground"])
def test_all_goes(world: World, propagation: str) -> None:
    world.create("deployments", deployment(replicas=3))
    world.settle()
    world.delete("deployments", "web", propagation)
    assert world.names("deployments") == (["web"] if propagation == "Foreground" else [])
    world.settle()
    assert [world.names(one) for one in ("deployments", "replicasets", "pods")] == [[], [], []]


def test_the_owner_goes_last(world: World) -> None:
    world.create("deployments", deployment())
    world.settle()
    gone: list[str] = []
    world.api.subscribe(lambda how, resource, _obj, _old: gone.append(resource.kind) if how == "DELETED" else None)
    world.delete("deployments", "web", "Foreground")
    world.settle()
    assert [one for one in gone if one != "Event"] == ["Pod", "ReplicaSet", "Deployment"]


def test_a_dependent_that_isnt_blocking_is_not_waited_for(world: World) -> None:
    owner = world.create("configmaps", {"metadata": {"name": "owner"}})
    made = owned("child", owner, blocking=False)
    made["metadata"]["finalizers"] = ["example.com/keep"]
    world.create("configmaps", made)
    world.settle()
    world.delete("configmaps", "owner", "Foreground")
    world.settle()
    assert "owner" not in world.names("configmaps")
    assert "deletionTimestamp" in world.get("configmaps", "child")["metadata"]


def test_a_blocking_dependent_is_waited_for(world: World) -> None:
    owner = world.create("configmaps", {"metadata": {"name": "owner"}})
    made = owned("child", owner)
    made["metadata"]["finalizers"] = ["example.com/keep"]
    world.create("configmaps", made)
    world.settle()
    world.delete("configmaps", "owner", "Foreground")
    world.settle()
    assert {"owner", "child"} <= set(world.names("configmaps"))
    world.change("configmaps", "child", lambda obj: obj["metadata"].pop("finalizers"))
    world.settle()
    assert not {"owner", "child"} & set(world.names("configmaps"))


def test_orphans_stay(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()
    world.delete("deployments", "web", "Orphan")
    world.settle()
    assert world.names("deployments") == []
    assert len(world.names("pods")) == 2
    assert "ownerReferences" not in world.list("replicasets")[0]["metadata"]


def test_one_owner_is_enough_to_stay(world: World) -> None:
    first, second = (world.create("configmaps", {"metadata": {"name": name}}) for name in ("first", "second"))
    world.create("configmaps", owned("child", first, second))
    world.settle()
    world.delete("configmaps", "first")
    world.settle()
    (reference,) = world.get("configmaps", "child")["metadata"]["ownerReferences"]
    assert reference["name"] == "second"
    world.delete("configmaps", "second")
    world.settle()
    assert "child" not in world.names("configmaps")


def test_an_owner_that_never_was(world: World) -> None:
    owner = world.create("configmaps", {"metadata": {"name": "owner"}})
    owner = {**owner, "metadata": {**owner["metadata"], "uid": "00000000-0000-0000-0000-000000000000"}}
    world.create("configmaps", owned("child", owner))
    world.settle()
    assert "child" not in world.names("configmaps")


def test_an_owner_in_another_namespace_counts_as_none(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "other"}})
    owner = world.create("configmaps", {"metadata": {"name": "owner"}}, "other")
    world.create("configmaps", owned("child", owner))
    world.settle()
    assert "child" not in world.names("configmaps")
    assert "owner" in world.names("configmaps", "other")


def test_what_every_namespace_has(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "other"}})
    world.settle()
    for namespace in ("default", "kube-system", "other"):
        assert world.names("serviceaccounts", namespace) == ["default"]
        found = world.get("configmaps", "kube-root-ca.crt", namespace)
        assert found["data"] == {"ca.crt": "a certificate"}
    world.delete("serviceaccounts", "default", namespace="other")
    world.change("configmaps", "kube-root-ca.crt", lambda obj: obj["data"].clear())
    world.settle()
    assert world.names("serviceaccounts", "other") == ["default"]
    assert world.get("configmaps", "kube-root-ca.crt")["data"] == {"ca.crt": "a certificate"}


def test_a_namespace_goes_with_all_that_is_in_it(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "other"}})
    world.create("deployments", deployment(replicas=2), "other")
    world.create("secrets", {"metadata": {"name": "login"}}, "other")
    world.settle()
    world.delete("namespaces", "other")
    assert world.get("namespaces", "other")["status"]["phase"] == "Terminating"
    world.settle()
    assert "other" not in world.names("namespaces", None)
    kinds = ("deployments", "replicasets", "pods", "secrets", "configmaps", "serviceaccounts", "events")
    assert [world.names(one, "other") for one in kinds] == [[]] * len(kinds)


def test_a_namespace_waits_for_finalizers(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "other"}})
    world.create("configmaps", {"metadata": {"name": "kept", "finalizers": ["example.com/keep"]}}, "other")
    world.settle()
    world.delete("namespaces", "other")
    world.settle()
    found = {one["type"]: one["message"] for one in world.get("namespaces", "other")["status"]["conditions"]}
    assert list(found) == [
        "NamespaceDeletionDiscoveryFailure",
        "NamespaceDeletionGroupVersionParsingFailure",
        "NamespaceDeletionContentFailure",
        "NamespaceContentRemaining",
        "NamespaceFinalizersRemaining",
    ]
    assert found["NamespaceContentRemaining"] == "Some resources are remaining: configmaps. has 1 resource instances"
    assert found["NamespaceFinalizersRemaining"] == (
        "Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances"
    )
    resource = world.resource("configmaps")
    kept = world.get("configmaps", "kept", "other")
    world.api.update(resource, {**kept, "metadata": {**kept["metadata"], "finalizers": []}})
    world.settle()
    assert "other" not in world.names("namespaces", None)


def test_finalizers_of_pods_are_respected(world: World) -> None:
    made = pod()
    made["metadata"]["finalizers"] = ["example.com/keep"]
    world.create("pods", made)
    world.settle()
    world.delete("pods", "one")
    world.settle()
    assert world.names("pods") == ["one"]
    world.change("pods", "one", lambda obj: obj["metadata"].pop("finalizers"))
    world.settle()
    assert world.names("pods") == []
