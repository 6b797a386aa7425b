"""StatefulSets and DaemonSets. Words and orders are those of pkg/controller/statefulset and daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conftest import set_faults, template

if TYPE_CHECKING:
    from .conftest import Object, World


def stateful_set(replicas: int = 3, faults: dict[str, str] | None = None, **spec: Any) -> Object:
    labels = {"app": "db"}
    wanted = {
        "serviceName": "db",
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": template(labels, faults),
        **spec,
    }
    return {"metadata": {"name": "db"}, "spec": wanted}


CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def test_pods_and_claims_in_order(world: World) -> None:
    world.create("statefulsets", stateful_set(2, volumeClaimTemplates=[CLAIM]))
    world.settle()
    assert world.events("StatefulSet") == [
        ("SuccessfulCreate", "Create Claim data-db-0 Pod db-0 in StatefulSet db success"),
        ("SuccessfulCreate", "Create Pod db-0 in StatefulSet db successful"),
        ("SuccessfulCreate", "Create Claim data-db-1 Pod db-1 in StatefulSet db success"),
        ("SuccessfulCreate", "Create Pod db-1 in StatefulSet db successful"),
    ]
    assert [one["status"]["phase"] for one in world.list("persistentvolumeclaims")] == ["Bound", "Bound"]
    (revision,) = world.names("controllerrevisions")
    assert world.status("statefulsets", "db") == {
        "observedGeneration": 1,
        "replicas": 2,
        "readyReplicas": 2,
        "currentReplicas": 2,
        "updatedReplicas": 2,
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
        "availableReplicas": 2,
    }
    pod = world.get("pods", "db-1")
    assert pod["metadata"]["labels"] == {
        "app": "db",
        "apps.kubernetes.io/pod-index": "1",
        "controller-revision-hash": revision,
        "statefulset.kubernetes.io/pod-name": "db-1",
    }
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-1", "db")
    volumes = [one for one in pod["spec"]["volumes"] if one["name"] == "data"]
    assert volumes == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}]


def test_the_next_waits_for_the_one_before(world: World) -> None:
    world.create("statefulsets", stateful_set(3, {"slow": "10s"}))
    world.wait(5)
    assert world.names("pods") == ["db-0"]
    world.wait(10)
    assert world.names("pods") == ["db-0", "db-1"]
    world.wait(20)
    assert world.status("statefulsets", "db")["availableReplicas"] == 3


def test_all_at_once(world: World) -> None:
    world.create("statefulsets", stateful_set(3, {"fail": "never-ready"}, podManagementPolicy="Parallel"))
    world.settle()
    assert world.names("pods") == ["db-0", "db-1", "db-2"]
    assert world.status("statefulsets", "db")["replicas"] == 3


def test_an_update_goes_from_the_last_to_the_first(world: World) -> None:
    world.create("statefulsets", stateful_set())
    world.settle()
    world.change("statefulsets", "db", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    deleted = [message for reason, message in world.events("StatefulSet") if reason == "SuccessfulDelete"]
    assert deleted == [f"Delete Pod db-{number} in StatefulSet db successful" for number in (2, 1, 0)]
    status = world.status("statefulsets", "db")
    assert status["currentRevision"] == status["updateRevision"]
    assert {one["metadata"]["labels"]["controller-revision-hash"] for one in world.list("pods")} == {
        status["updateRevision"]
    }


def test_an_update_that_fails_stops_at_the_last_pod(world: World) -> None:
    world.create("statefulsets", stateful_set())
    world.settle()
    world.change("statefulsets", "db", lambda obj: set_faults(obj, {"fail": "crash"}))
    world.settle()
    status = world.status("statefulsets", "db")
    assert (status["readyReplicas"], status["updatedReplicas"], status["currentReplicas"]) == (2, 1, 2)
    assert status["currentRevision"] != status["updateRevision"]


def test_a_partition(world: World) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    world.create("statefulsets", stateful_set(updateStrategy=strategy))
    world.settle()
    world.change("statefulsets", "db", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    new = world.status("statefulsets", "db")["updateRevision"]
    hashes = [one["metadata"]["labels"]["controller-revision-hash"] for one in world.list("pods")]
    assert [one == new for one in hashes] == [False, False, True]


def test_a_revision_brings_the_template_back(world: World) -> None:
    world.create("statefulsets", stateful_set(1))
    world.settle()
    first = world.get("statefulsets", "db")["spec"]["template"]
    world.change("statefulsets", "db", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    revisions = {one["revision"]: one["data"]["spec"]["template"] for one in world.list("controllerrevisions")}
    assert sorted(revisions) == [1, 2]
    assert revisions[1] == {**first, "$patch": "replace"}
    world.change("statefulsets", "db", lambda obj: obj["spec"].update(template=first))
    world.settle()
    assert sorted(one["revision"] for one in world.list("controllerrevisions")) == [2, 3]


def test_fewer_pods_leave_their_claims(world: World) -> None:
    world.create("statefulsets", stateful_set(3, volumeClaimTemplates=[CLAIM]))
    world.settle()
    world.change("statefulsets", "db", lambda obj: obj["spec"].update(replicas=1))
    world.settle()
    assert world.names("pods") == ["db-0"]
    assert len(world.names("persistentvolumeclaims")) == 3


def daemon_set(**spec: Any) -> Object:
    labels = {"app": "agent"}
    wanted = {"selector": {"matchLabels": labels}, "template": template(labels), **spec}
    return {"metadata": {"name": "agent"}, "spec": wanted}


def test_a_daemon_set_has_one_pod(world: World) -> None:
    world.create("daemonsets", daemon_set())
    world.settle()
    (pod,) = world.list("pods")
    assert world.status("daemonsets", "agent") == {
        "currentNumberScheduled": 1,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 1,
        "numberReady": 1,
        "observedGeneration": 1,
        "updatedNumberScheduled": 1,
        "numberAvailable": 1,
    }
    terms = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert terms["nodeSelectorTerms"][0]["matchFields"][0]["values"] == [pod["spec"]["nodeName"]]
    assert world.events("DaemonSet") == [("SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")]


def test_a_daemon_set_for_other_nodes_has_none(world: World) -> None:
    made = daemon_set()
    made["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    world.create("daemonsets", made)
    world.settle()
    assert world.names("pods") == []
    assert world.status("daemonsets", "agent")["desiredNumberScheduled"] == 0
    node = world.names("nodes", None)[0]
    world.change("nodes", node, lambda obj: obj["metadata"]["labels"].update(disk="ssd"))
    world.settle()
    assert world.status("daemonsets", "agent")["numberAvailable"] == 1


def test_an_update_of_a_daemon_set(world: World) -> None:
    world.create("daemonsets", daemon_set())
    world.settle()
    (old,) = world.names("pods")
    world.change("daemonsets", "agent", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    (new,) = world.list("pods")
    assert new["metadata"]["name"] != old
    assert world.status("daemonsets", "agent")["updatedNumberScheduled"] == 1
    assert len(world.names("controllerrevisions")) == 2


def test_claims_that_go_with_their_pods(world: World) -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Delete"}
    made = stateful_set(3, volumeClaimTemplates=[CLAIM], persistentVolumeClaimRetentionPolicy=policy)
    world.create("statefulsets", made)
    world.settle()
    world.change("statefulsets", "db", lambda obj: obj["spec"].update(replicas=1))
    world.settle()
    assert world.names("persistentvolumeclaims") == ["data-db-0"]
    world.delete("statefulsets", "db")
    world.settle()
    assert (world.names("pods"), world.names("persistentvolumeclaims")) == ([], [])
