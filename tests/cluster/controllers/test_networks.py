"""Services, endpoints, volumes, budgets, autoscalers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conftest import deployment, pod, template

if TYPE_CHECKING:
    from .conftest import Object, World


def service(name: str = "web", **spec: Any) -> Object:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {"metadata": {"name": name}, "spec": {"selector": {"app": "web"}, "ports": ports, **spec}}


def test_endpoints_follow_the_pods(world: World) -> None:
    world.create("services", service())
    world.create("deployments", deployment(replicas=2))
    world.settle()
    pods = {one["status"]["podIP"]: one for one in world.list("pods")}
    (subset,) = world.get("endpoints", "web")["subsets"]
    assert [one["ip"] for one in subset["addresses"]] == ["10.244.0.2", "10.244.0.3"]
    assert subset["addresses"][0]["targetRef"]["uid"] == pods["10.244.0.2"]["metadata"]["uid"]
    assert subset["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    (one,) = world.list("endpointslices")
    assert one["metadata"]["labels"] == {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "web",
    }
    assert [each["conditions"] for each in one["endpoints"]] == [
        {"ready": True, "serving": True, "terminating": False}
    ] * 2
    world.change("deployments", "web", lambda obj: obj["spec"].update(replicas=0))
    world.settle()
    assert "subsets" not in world.get("endpoints", "web")
    assert not world.list("endpointslices")[0].get("endpoints")


def test_pods_that_arent_ready_are_no_ready_endpoints(world: World) -> None:
    world.create("services", service())
    world.create("deployments", deployment(faults={"fail": "never-ready"}))
    world.settle()
    (subset,) = world.get("endpoints", "web")["subsets"]
    assert "addresses" not in subset
    assert len(subset["notReadyAddresses"]) == 1
    assert world.list("endpointslices")[0]["endpoints"][0]["conditions"]["ready"] is False


def test_ports_by_name(world: World) -> None:
    made = pod("web")
    made["spec"]["containers"][0]["ports"] = [{"name": "web", "containerPort": 3000}]
    world.create("pods", made)
    world.create("services", service(ports=[{"port": 80, "targetPort": "web"}]))
    world.settle()
    assert world.get("endpoints", "web")["subsets"][0]["ports"] == [{"port": 3000, "protocol": "TCP"}]


def test_a_service_takes_its_endpoints_with_it(world: World) -> None:
    world.create("services", service())
    world.settle()
    assert "web" in world.names("endpoints")
    world.delete("services", "web")
    world.settle()
    assert "web" not in world.names("endpoints")
    assert [name for name in world.names("endpointslices") if name.startswith("web-")] == []


def test_a_service_without_selector_has_the_endpoints_that_it_is_given(world: World) -> None:
    spec = service()
    del spec["spec"]["selector"]
    world.create("services", spec)
    subsets = [{"addresses": [{"ip": "192.0.2.1"}]}]
    world.create("endpoints", {"metadata": {"name": "web"}, "subsets": subsets})
    world.settle()
    assert world.get("endpoints", "web")["subsets"] == subsets


def test_load_balancers_get_an_address(world: World) -> None:
    for name in ("one", "two"):
        world.create("services", service(name, type="LoadBalancer"))
    kept = service("three", type="LoadBalancer")
    kept["metadata"]["annotations"] = {"cluster.navarch.dev/fail": "pending"}
    world.create("services", kept)
    world.settle()
    found = [world.status("services", name)["loadBalancer"] for name in ("one", "two", "three")]
    assert found == [
        {"ingress": [{"ip": "172.18.255.0", "ipMode": "VIP"}]},
        {"ingress": [{"ip": "172.18.255.1", "ipMode": "VIP"}]},
        {},
    ]
    world.change("services", "one", lambda obj: obj["spec"].update(type="ClusterIP"))
    world.settle()
    assert world.status("services", "one")["loadBalancer"] == {}


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def claim(name: str = "data", **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": {**CLAIM, **spec}}


def test_a_claim_is_bound(world: World) -> None:
    made = world.create("persistentvolumeclaims", claim())
    world.settle()
    found = world.get("persistentvolumeclaims", "data")
    name = f"pvc-{made['metadata']['uid']}"
    assert found["spec"]["volumeName"] == name
    assert found["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    volume = world.get("persistentvolumes", name)
    assert volume["status"]["phase"] == "Bound"
    assert volume["spec"]["claimRef"]["uid"] == made["metadata"]["uid"]
    world.delete("persistentvolumeclaims", "data")
    world.settle()
    assert (world.names("persistentvolumeclaims"), world.names("persistentvolumes", None)) == ([], [])


def test_a_claim_that_is_used_stays_until_its_pod_is_gone(world: World) -> None:
    world.create("persistentvolumeclaims", claim())
    world.create("pods", pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]))
    world.settle()
    world.delete("persistentvolumeclaims", "data")
    world.settle()
    assert world.names("persistentvolumeclaims") == ["data"]
    world.delete("pods", "one")
    world.settle()
    assert world.names("persistentvolumeclaims") == []


def test_a_claim_that_stays_pending(world: World) -> None:
    made = claim()
    made["metadata"]["annotations"] = {"cluster.navarch.dev/fail": "pending"}
    world.create("persistentvolumeclaims", made)
    world.create("persistentvolumeclaims", claim("other", storageClassName="fast"))
    world.create("persistentvolumeclaims", claim("none", storageClassName=""))
    world.settle()
    assert {one["status"]["phase"] for one in world.list("persistentvolumeclaims")} == {"Pending"}
    told = dict(world.events("PersistentVolumeClaim"))
    assert told == {
        "ProvisioningFailed": 'storageclass.storage.k8s.io "fast" not found',
        "FailedBinding": "no persistent volumes available for this claim and no storage class is set",
    }


def test_the_smallest_volume_that_will_do(world: World) -> None:
    for name, size in (("large", "10Gi"), ("small", "512Mi"), ("right", "2Gi")):
        spec = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}
        spec["persistentVolumeReclaimPolicy"] = "Retain"
        world.create("persistentvolumes", {"metadata": {"name": name}, "spec": spec})
    world.settle()
    assert world.get("persistentvolumes", "right")["status"]["phase"] == "Available"
    world.create("persistentvolumeclaims", claim(storageClassName=""))
    world.settle()
    assert world.get("persistentvolumeclaims", "data")["spec"]["volumeName"] == "right"
    world.delete("persistentvolumeclaims", "data")
    world.settle()
    assert world.get("persistentvolumes", "right")["status"]["phase"] == "Released"


def test_a_claim_can_grow(world: World) -> None:
    world.create("persistentvolumeclaims", claim())
    world.settle()
    world.change(
        "persistentvolumeclaims", "data", lambda obj: obj["spec"]["resources"]["requests"].update(storage="5Gi")
    )
    world.settle()
    assert world.status("persistentvolumeclaims", "data")["capacity"] == {"storage": "5Gi"}


def budget(**spec: Any) -> Object:
    return {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}


def test_a_budget(world: World) -> None:
    world.create("poddisruptionbudgets", budget(maxUnavailable="30%"))
    world.create("deployments", deployment(replicas=4))
    world.settle()
    status = world.status("poddisruptionbudgets", "web")
    (told,) = status.pop("conditions")
    assert status == {
        "observedGeneration": 1,
        "disruptionsAllowed": 2,
        "currentHealthy": 4,
        "desiredHealthy": 2,
        "expectedPods": 4,
    }
    assert (told["type"], told["status"], told["reason"]) == ("DisruptionAllowed", "True", "SufficientPods")


def test_a_budget_of_pods_that_arent_ready(world: World) -> None:
    world.create("poddisruptionbudgets", budget(minAvailable=1))
    world.create("deployments", deployment(faults={"fail": "never-ready"}))
    world.settle()
    status = world.status("poddisruptionbudgets", "web")
    assert (status["disruptionsAllowed"], status["conditions"][0]["reason"]) == (0, "InsufficientPods")


def autoscaler(least: int, most: int) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    spec = {"minReplicas": least, "maxReplicas": most, "scaleTargetRef": target, "metrics": [metric]}
    return {"metadata": {"name": "web"}, "spec": spec}


def test_an_autoscaler_keeps_the_bounds(world: World) -> None:
    world.create("deployments", deployment(replicas=1))
    world.create("horizontalpodautoscalers", autoscaler(3, 5))
    world.settle()
    assert world.status("deployments", "web")["availableReplicas"] == 3
    assert (
        "SuccessfulRescale",
        "New size: 3; reason: Current number of replicas below Spec.MinReplicas",
    ) in world.events("HorizontalPodAutoscaler")
    found = {one["type"]: one["reason"] for one in world.status("horizontalpodautoscalers", "web")["conditions"]}
    assert found == {"AbleToScale": "SucceededGetScale", "ScalingActive": "FailedGetResourceMetric"}


def test_an_autoscaler_without_target(world: World) -> None:
    world.create("horizontalpodautoscalers", autoscaler(1, 5))
    world.settle()
    found = world.condition("horizontalpodautoscalers", "web", "AbleToScale")
    assert (found["status"], found["reason"]) == ("False", "FailedGetScale")
    assert found["message"] == (
        'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found'
    )


def test_ephemeral_volumes_bring_their_claims(world: World) -> None:
    volume = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": CLAIM}}}
    made = template({"app": "one"}, volumes=[volume])
    world.create("pods", {**made, "metadata": {"name": "one"}})
    world.settle()
    assert world.names("persistentvolumeclaims") == ["one-scratch"]
    assert world.status("pods", "one")["phase"] == "Running"
    world.delete("pods", "one")
    world.settle()
    assert world.names("persistentvolumeclaims") == []


def test_roles_made_of_others(world: World) -> None:
    group = "rbac.authorization.k8s.io"
    roles = world.api.catalog.stored(group, "clusterroles")
    assert roles is not None
    kind = {"apiVersion": f"{group}/v1", "kind": "ClusterRole"}
    selector = {"matchLabels": {"to": "all"}}
    rules = {name: [{"apiGroups": [""], "resources": [name], "verbs": ["get"]}] for name in ("pods", "secrets")}
    world.api.create(
        roles, {**kind, "metadata": {"name": "all"}, "aggregationRule": {"clusterRoleSelectors": [selector]}}
    )
    for name, own in rules.items():
        world.api.create(roles, {**kind, "metadata": {"name": name, "labels": {"to": "all"}}, "rules": own})
    world.settle()
    assert world.api.get(roles, "", "all")["rules"] == rules["pods"] + rules["secrets"]
    world.api.delete(roles, "", "pods")
    world.settle()
    assert world.api.get(roles, "", "all")["rules"] == rules["secrets"]


def test_endpoints_written_by_hand_get_slices(world: World) -> None:
    made = service("outside", ports=[{"port": 5432}])
    del made["spec"]["selector"]
    world.create("services", made)
    subset = {"addresses": [{"ip": "192.0.2.1"}], "notReadyAddresses": [{"ip": "192.0.2.2"}], "ports": [{"port": 5432}]}
    world.create("endpoints", {"metadata": {"name": "outside"}, "subsets": [subset]})
    world.settle()
    (found,) = world.list("endpointslices")
    assert found["metadata"]["labels"] == {
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
        "kubernetes.io/service-name": "outside",
    }
    assert [(one["addresses"], one["conditions"]) for one in found["endpoints"]] == [
        (["192.0.2.1"], {"ready": True}),
        (["192.0.2.2"], {"ready": False}),
    ]
    world.change("endpoints", "outside", lambda obj: obj.pop("subsets"))
    world.settle()
    assert world.names("endpointslices") == []
