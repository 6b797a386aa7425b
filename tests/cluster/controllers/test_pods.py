"""Pods and their faults. Reasons and messages are those of the kubelet and the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.controllers import logs
from navarch.cluster.controllers.faults import FAILURES, read
from navarch.cluster.problems import Problem

from .conftest import pod

if TYPE_CHECKING:
    from .conftest import Object, World


def state(world: World, name: str = "one", *, initial: bool = False) -> Object:
    """The state of the first container."""
    section = "initContainerStatuses" if initial else "containerStatuses"
    found: Object = world.status("pods", name)[section][0]["state"]
    return found


def conditions(world: World, name: str = "one") -> dict[str, tuple[str, str]]:
    found = world.status("pods", name)["conditions"]
    return {one["type"]: (one["status"], one.get("reason", "")) for one in found}


def test_a_pod_that_runs(world: World) -> None:
    world.create("pods", pod())
    world.settle()
    made = world.get("pods", "one")
    status = made["status"]
    assert made["spec"]["nodeName"] == world.names("nodes", None)[0]
    assert (status["phase"], status["podIP"], status["hostIP"]) == ("Running", "10.244.0.2", "172.18.0.2")
    assert status["startTime"] == "2027-01-15T08:00:00Z"
    assert list(conditions(world)) == [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]  # fmt: skip
    assert set(conditions(world).values()) == {("True", "")}
    (container,) = status["containerStatuses"]
    assert container["image"] == "docker.io/library/nginx:1.27"
    assert (container["ready"], container["started"], container["restartCount"]) == (True, True, 0)
    assert [reason for reason, _ in world.events("Pod")] == ["Scheduled", "Pulled", "Created", "Started"]


def test_who_wrote_what(world: World) -> None:
    world.create("pods", pod())
    world.settle()
    entries = world.get("pods", "one")["metadata"]["managedFields"]
    kubelet = next(one for one in entries if one["manager"] == "kubelet")
    assert (kubelet["operation"], kubelet["subresource"]) == ("Update", "status")
    owned = kubelet["fieldsV1"]["f:status"]
    assert 'k:{"type":"Ready"}' in owned["f:conditions"]
    assert {"f:phase", "f:podIP", "f:containerStatuses", "f:startTime"} <= set(owned)


# What each fault looks like: phase, whether the container waits and why, and an event that says it.
FAULTY = [
    ("image-pull", "Pending", "ImagePullBackOff", 'Back-off pulling image "nginx:1.27"'),
    ("crash", "Running", "CrashLoopBackOff", "Back-off restarting failed container main in pod one_default("),
    ("oom", "Running", "CrashLoopBackOff", "Back-off restarting failed container main in pod one_default("),
    ("config", "Pending", "CreateContainerConfigError", 'Error: configmap "simulated" not found'),
    ("mount", "Pending", "ContainerCreating", 'MountVolume.SetUp failed for volume "simulated" : simulated failure'),
    ("never-ready", "Running", "", "Readiness probe failed: simulated failure"),
]


@pytest.mark.parametrize(("fault", "phase", "waits", "event"), FAULTY)
def test_faults(world: World, fault: str, phase: str, waits: str, event: str) -> None:
    world.create("pods", pod(faults={"fail": fault}))
    world.settle()
    assert world.status("pods", "one")["phase"] == phase
    assert state(world).get("waiting", {}).get("reason", "") == waits
    assert conditions(world)["Ready"] == ("False", "ContainersNotReady")
    assert any(message.startswith(event) for _, message in world.events("Pod"))


def test_every_fault_is_shown_somewhere() -> None:
    assert {fault for fault, *_ in FAULTY} | {"unschedulable", "init"} == set(FAILURES)


def test_a_pod_that_no_node_takes(world: World) -> None:
    world.create("pods", pod(faults={"fail": "unschedulable"}))
    world.settle()
    status = world.status("pods", "one")
    assert status["phase"] == "Pending"
    assert "containerStatuses" not in status
    assert conditions(world) == {"PodScheduled": ("False", "Unschedulable")}
    ((reason, message),) = world.events("Pod")
    assert reason == "FailedScheduling"
    assert message.startswith("0/1 nodes are available: 1 Insufficient cpu.")


def test_an_init_container_that_fails(world: World) -> None:
    initial = [{"name": "first", "image": "busybox"}, {"name": "second", "image": "busybox"}]
    world.create("pods", pod(faults={"fail": "init"}, initContainers=initial))
    world.settle()
    status = world.status("pods", "one")
    waiting = [
        one["state"]["waiting"]["reason"] for one in status["initContainerStatuses"] + status["containerStatuses"]
    ]
    assert waiting == ["CrashLoopBackOff", "PodInitializing", "PodInitializing"]
    assert conditions(world)["Initialized"] == ("False", "ContainersNotInitialized")
    message = next(one["message"] for one in status["conditions"] if one["type"] == "Initialized")
    assert message == "containers with incomplete status: [first second]"


def test_init_containers_come_first(world: World) -> None:
    sidecar = {"name": "proxy", "image": "proxy", "restartPolicy": "Always"}
    world.create("pods", pod(initContainers=[{"name": "first", "image": "busybox"}, sidecar]))
    world.settle()
    first, proxy = world.status("pods", "one")["initContainerStatuses"]
    assert first["state"]["terminated"]["reason"] == "Completed"
    assert "running" in proxy["state"]
    assert conditions(world)["Ready"] == ("True", "")


def test_slow(world: World) -> None:
    world.create("pods", pod(faults={"slow": "1m30s"}))
    world.wait(89)
    assert conditions(world)["Ready"] == ("False", "ContainersNotReady")
    world.wait(2)
    found = next(one for one in world.status("pods", "one")["conditions"] if one["type"] == "Ready")
    assert (found["status"], found["lastTransitionTime"]) == ("True", "2027-01-15T08:01:30Z")


def test_back_off_takes_longer_each_time(world: World) -> None:
    world.create("pods", pod(faults={"fail": "crash", "exit-code": "7"}))
    counts = []
    for seconds in (0, 11, 20, 40, 80):
        world.wait(seconds)
        counts.append(world.status("pods", "one")["containerStatuses"][0]["restartCount"])
    assert counts == [1, 2, 3, 4, 5]
    container = world.status("pods", "one")["containerStatuses"][0]
    assert container["lastState"]["terminated"]["exitCode"] == 7
    assert container["state"]["waiting"]["message"].startswith(
        "back-off 2m40s restarting failed container=main pod=one_"
    )


@pytest.mark.parametrize(
    ("faults", "phase", "code", "reason"),
    [
        ({}, "Succeeded", 0, "Completed"),
        ({"exit-code": "3"}, "Failed", 3, "Error"),
        ({"fail": "crash"}, "Failed", 1, "Error"),
        ({"fail": "oom"}, "Failed", 137, "OOMKilled"),
    ],
)
def test_pods_that_come_to_an_end(world: World, faults: dict[str, str], phase: str, code: int, reason: str) -> None:
    world.create("pods", pod(faults=faults, restartPolicy="Never"))
    world.settle()
    ended = state(world)["terminated"]
    assert (world.status("pods", "one")["phase"], ended["exitCode"], ended["reason"]) == (phase, code, reason)
    assert conditions(world)["Ready"] == ("False", "PodCompleted" if phase == "Succeeded" else "PodFailed")


def test_only_the_named_container_fails(world: World) -> None:
    made = pod(faults={"fail": "crash", "container": "two"})
    made["spec"]["containers"].append({"name": "two", "image": "nginx"})
    world.create("pods", made)
    world.settle()
    first, second = world.status("pods", "one")["containerStatuses"]
    assert "running" in first["state"]
    assert second["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    message = next(one["message"] for one in world.status("pods", "one")["conditions"] if one["type"] == "Ready")
    assert message == "containers with unready status: [two]"


def test_a_fault_that_isnt_known_is_told(world: World) -> None:
    world.create("pods", pod(faults={"fail": "everything"}))
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")
    assert "UnknownFault" in {reason for reason, _ in world.events("Pod")}


@pytest.mark.parametrize(
    ("key", "value"), [("slow", "soon"), ("exit-code", "-1"), ("exit-code", "256"), ("fail", "all"), ("exit-code", "٣")]
)
def test_annotations_that_cant_be_read_have_no_effect(key: str, value: str) -> None:
    found = read({f"cluster.navarch.dev/{key}": value})
    assert found.unknown
    assert found._replace(unknown="") == read({})


def test_what_a_pod_mounts_must_be_there(world: World) -> None:
    world.create("pods", pod(volumes=[{"name": "config", "configMap": {"name": "settings"}}]))
    world.settle()
    assert state(world) == {"waiting": {"reason": "ContainerCreating"}}
    text = 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found'
    assert ("FailedMount", text) in world.events("Pod")
    world.create("configmaps", {"metadata": {"name": "settings"}})
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_what_a_container_reads_must_be_there(world: World) -> None:
    made = pod()
    source = {"secretKeyRef": {"name": "login", "key": "password"}}
    made["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "valueFrom": source}]
    world.create("pods", made)
    world.settle()
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "login" not found'}
    assert state(world) == {"waiting": waiting}
    world.create("secrets", {"metadata": {"name": "login"}, "data": {"user": "eA=="}})
    world.settle()
    assert state(world)["waiting"]["message"] == "couldn't find key password in Secret default/login"
    world.change("secrets", "login", lambda obj: obj["data"].update(password="eA=="))
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_what_is_optional_need_not_be_there(world: World) -> None:
    volumes: list[Any] = [{"name": "config", "configMap": {"name": "settings", "optional": True}}]
    made = pod(volumes=volumes)
    made["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "login", "optional": True}}]
    world.create("pods", made)
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_a_claim_must_be_there(world: World) -> None:
    world.create("pods", pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]))
    world.settle()
    ((_, message),) = world.events("Pod")
    assert message.startswith('0/1 nodes are available: persistentvolumeclaim "data" not found.')
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.create("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": spec})
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_a_cordoned_node_takes_no_pods(world: World) -> None:
    (node,) = world.names("nodes", None)
    world.change("nodes", node, lambda obj: obj["spec"].update(unschedulable=True))
    world.settle()
    assert world.get("nodes", node)["spec"]["taints"][0]["key"] == "node.kubernetes.io/unschedulable"
    world.create("pods", pod())
    world.settle()
    assert "nodeName" not in world.get("pods", "one")["spec"]
    world.change("nodes", node, lambda obj: obj["spec"].pop("unschedulable"))
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_readiness_gates(world: World) -> None:
    world.create("pods", pod(readinessGates=[{"conditionType": "example.com/load-balanced"}]))
    world.settle()
    assert conditions(world)["Ready"] == ("False", "ReadinessGatesNotReady")
    assert conditions(world)["ContainersReady"] == ("True", "")


def test_a_deleted_pod_is_gone_at_once(world: World) -> None:
    world.create("pods", pod())
    world.settle()
    world.delete("pods", "one")
    assert world.get("pods", "one")["metadata"]["deletionGracePeriodSeconds"] == 30
    world.settle()
    assert world.names("pods") == []
    assert world.events("Pod")[-1] == ("Killing", "Stopping container main")


LOGGED = {"log": "first\nsecond\nthird"}


def test_logs(world: World) -> None:
    world.create("pods", pod(faults=LOGGED))
    world.settle()
    made = world.get("pods", "one")
    assert logs(made) == "first\nsecond\nthird\n"
    assert logs(made, "main", tail=2) == "second\nthird\n"
    assert logs(made, tail=0) == ""
    assert logs(made, timestamps=True, tail=1) == "2027-01-15T08:00:00.000000000Z third\n"


@pytest.mark.parametrize(
    ("faults", "container", "previous", "message"),
    [
        (LOGGED, "other", False, "container other is not valid for pod one"),
        (LOGGED, "", True, 'previous terminated container "main" in pod "one" not found'),
        (
            {"fail": "image-pull"},
            "",
            False,
            'container "main" in pod "one" is waiting to start: trying and failing to pull image',
        ),
        ({"fail": "mount"}, "", False, 'container "main" in pod "one" is waiting to start: ContainerCreating'),
    ],
)
def test_logs_that_arent_there(
    world: World, faults: dict[str, str], container: str, previous: bool, message: str
) -> None:
    world.create("pods", pod(faults=faults))
    world.settle()
    with pytest.raises(Problem) as raised:
        logs(world.get("pods", "one"), container, previous=previous)
    assert (raised.value.code, raised.value.message) == (400, message)


def test_logs_of_a_container_that_crashed(world: World) -> None:
    world.create("pods", pod(faults={**LOGGED, "fail": "crash"}))
    world.settle()
    assert logs(world.get("pods", "one"), previous=True, tail=1) == "third\n"


def test_logs_of_several_containers(world: World) -> None:
    made = pod(faults={**LOGGED, "container": "two"})
    made["spec"]["containers"].append({"name": "two", "image": "nginx"})
    world.create("pods", made)
    world.settle()
    assert (logs(world.get("pods", "one"), "main"), logs(world.get("pods", "one"), "two", tail=1)) == ("", "third\n")
    with pytest.raises(Problem, match=r"a container name must be specified for pod one, choose one of: \[main two\]"):
        logs(world.get("pods", "one"))


def mounting(secret: str, name: str = "one") -> Object:
    return pod(name, volumes=[{"name": "tls", "secret": {"secretName": secret}}])


def test_what_a_finished_pod_would_have_made_counts_as_made(world: World) -> None:
    world.create("pods", mounting("webhook-tls"))
    world.settle()
    assert conditions(world)["Ready"] == ("False", "ContainersNotReady")
    maker = pod("maker", restartPolicy="Never")
    maker["spec"]["containers"][0]["args"] = ["create", "--host=web", "--secret-name=webhook-tls"]
    world.create("pods", maker)
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")
    world.create("pods", mounting("webhook", "two"))
    world.settle()
    assert conditions(world, "two")["Ready"] == ("False", "ContainersNotReady")


def test_what_an_operator_would_have_made_counts_as_made(world: World) -> None:
    version = {"name": "v1", "served": True, "storage": True}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"plural": "certificates", "singular": "certificate", "kind": "Certificate"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [{**version, "schema": schema}]}
    definitions = world.api.catalog.stored("apiextensions.k8s.io", "customresourcedefinitions")
    assert definitions is not None
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    world.api.create(definitions, {**kind, "metadata": {"name": "certificates.example.com"}, "spec": spec})
    world.create("pods", mounting("web-tls"))
    world.settle()
    assert conditions(world)["Ready"] == ("False", "ContainersNotReady")
    certificates = world.api.catalog.stored("example.com", "certificates")
    assert certificates is not None
    made = {"apiVersion": "example.com/v1", "kind": "Certificate", "metadata": {"name": "web"}}
    world.api.create(certificates, {**made, "spec": {"secretName": "web-tls"}}, namespace="default")
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_what_a_running_pod_has_read_may_go(world: World) -> None:
    world.create("secrets", {"metadata": {"name": "login"}})
    world.create("pods", mounting("login"))
    world.settle()
    world.delete("secrets", "login")
    world.change("pods", "one", lambda obj: obj["metadata"].update(labels={"a": "b"}))
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")


def test_what_a_role_names_counts_as_made(world: World) -> None:
    world.create("pods", mounting("first-password"))
    world.settle()
    assert conditions(world)["Ready"] == ("False", "ContainersNotReady")
    roles = world.api.catalog.stored("rbac.authorization.k8s.io", "roles")
    assert roles is not None
    rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["first-password"], "verbs": ["get"]}
    made = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "init"}, "rules": [rule]}
    world.api.create(roles, made, namespace="default")
    world.settle()
    assert conditions(world)["Ready"] == ("True", "")
