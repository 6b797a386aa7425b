"""Admission where stories can't show it: default classes, and namespaces that are about to go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.problems import Problem

if TYPE_CHECKING:
    from .conftest import Place

CLAIM: dict[str, Any] = {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}


def storage_class(name: str, created: str, *, default: str = "true") -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": default}
    meta = {"name": name, "creationTimestamp": created, "annotations": annotations}
    return {"metadata": meta, "provisioner": "a.b/c"}


def test_claims_get_the_newest_default_class(place: Place) -> None:
    for name, created, default in (
        ("old", "2026-01-01T00:00:00Z", "true"),
        ("new", "2026-02-01T00:00:00Z", "true"),
        ("other", "2026-03-01T00:00:00Z", "false"),
    ):
        place.put(place.read("storage.k8s.io/v1", "StorageClass", storage_class(name, created, default=default)))
    made = place.create("v1", "PersistentVolumeClaim", CLAIM)
    assert made["spec"]["storageClassName"] == "new"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert made["status"] == {"phase": "Pending"}


def test_claims_that_want_no_class_get_none(place: Place) -> None:
    place.put(place.read("storage.k8s.io/v1", "StorageClass", storage_class("it", "2026-01-01T00:00:00Z")))
    spec = {**CLAIM["spec"], "storageClassName": ""}
    made = place.create("v1", "PersistentVolumeClaim", {**CLAIM, "spec": spec})
    assert made["spec"]["storageClassName"] == ""


def test_ingresses_get_the_default_class(place: Place) -> None:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
    ingress_class = {"metadata": {"name": "nginx", "annotations": annotations}, "spec": {"controller": "a.b/c"}}
    place.create("networking.k8s.io/v1", "IngressClass", ingress_class)
    made = place.create("networking.k8s.io/v1", "Ingress", {"metadata": {"name": "i"}, "spec": {}})
    assert made["spec"]["ingressClassName"] == "nginx"


def test_nothing_new_in_a_namespace_that_is_about_to_go(place: Place) -> None:
    existing = place.create("v1", "ConfigMap", {"metadata": {"name": "there"}})
    namespace = place.read("v1", "Namespace", {"metadata": {"name": "shop"}})
    namespace["status"] = {"phase": "Terminating"}
    place.put(namespace)
    with pytest.raises(Problem) as caught:
        place.create("v1", "ConfigMap", {"metadata": {"name": "late"}})
    problem = caught.value
    assert problem.code == 403
    assert problem.message == (
        'configmaps "late" is forbidden: unable to create new content in namespace shop because it is being terminated'
    )
    assert problem.details == {
        "name": "late",
        "kind": "configmaps",
        "causes": [
            {
                "reason": "NamespaceTerminating",
                "message": "namespace shop is being terminated",
                "field": "metadata.namespace",
            }
        ],
    }
    assert place.change(existing, {"metadata": {"name": "there"}, "data": {"a": "b"}})["data"] == {"a": "b"}


def test_default_priorities_are_taken(place: Place) -> None:
    priority = {"metadata": {"name": "usual"}, "value": 7, "globalDefault": True, "preemptionPolicy": "Never"}
    place.create("scheduling.k8s.io/v1", "PriorityClass", priority)
    made = place.create("v1", "Pod", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}})
    assert (made["spec"]["priorityClassName"], made["spec"]["priority"]) == ("usual", 7)
    assert made["spec"]["preemptionPolicy"] == "Never"
    with pytest.raises(Problem) as caught:
        place.create("scheduling.k8s.io/v1", "PriorityClass", {**priority, "metadata": {"name": "other"}})
    assert "PriorityClass usual is already marked as default. Only one default can exist" in caught.value.message


def test_nodes_begin_not_ready(place: Place) -> None:
    made = place.create("v1", "Node", {"metadata": {"name": "n"}})
    assert made["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
