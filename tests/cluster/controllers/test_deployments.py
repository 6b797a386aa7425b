"""Deployments, step by step. Words and orders are those of pkg/controller/deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import deployment, set_faults

if TYPE_CHECKING:
    from .conftest import Object, World

_REVISION = "deployment.kubernetes.io/revision"


def progressing(world: World, name: str = "web") -> tuple[str, str]:
    found = world.condition("deployments", name, "Progressing")
    return found["status"], found["reason"]


def test_a_rollout(world: World) -> None:
    world.create("deployments", deployment(replicas=3))
    world.settle()
    made = world.get("deployments", "web")
    (one,) = world.list("replicasets")
    name = one["metadata"]["name"]
    assert made["metadata"]["annotations"][_REVISION] == "1"
    assert {key: value for key, value in made["status"].items() if key != "conditions"} == {
        "observedGeneration": 1,
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
    }
    told = [(each["type"], each["status"], each["reason"], each["message"]) for each in made["status"]["conditions"]]
    assert told == [
        ("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        ("Progressing", "True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'),
    ]
    assert world.events("Deployment") == [("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 3")]
    assert all(pod.startswith(f"{name}-") and len(pod) == len(name) + 6 for pod in world.names("pods"))


def test_names_are_the_same_each_time(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()
    first = world.names("replicasets"), world.names("pods")
    world.delete("deployments", "web")
    world.settle()
    world.create("deployments", deployment(replicas=2))
    world.settle()
    assert (world.names("replicasets"), world.names("pods")) == first


def test_a_change_of_the_template_makes_a_second_set(world: World) -> None:
    world.create("deployments", deployment(replicas=4))
    world.settle()
    (old,) = world.names("replicasets")
    world.change("deployments", "web", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    sizes = {one["metadata"]["name"]: one["spec"]["replicas"] for one in world.list("replicasets")}
    (new,) = set(sizes) - {old}
    assert sizes == {old: 0, new: 4}
    assert world.get("deployments", "web")["metadata"]["annotations"][_REVISION] == "2"
    scalings = [message for _, message in world.events("Deployment")]
    assert scalings[:3] == [
        f"Scaled up replica set {old} from 0 to 4",
        f"Scaled up replica set {new} from 0 to 1",
        f"Scaled down replica set {old} from 4 to 3",
    ]
    assert scalings[-1] == f"Scaled down replica set {old} from 1 to 0"


def test_the_old_template_again_uses_the_old_set(world: World) -> None:
    world.create("deployments", deployment())
    world.settle()
    (old,) = world.names("replicasets")
    for faults in ({"log": "other"}, {}):
        world.change("deployments", "web", lambda obj, faults=faults: set_faults(obj, faults))
        world.settle()
    annotations = world.get("replicasets", old)["metadata"]["annotations"]
    assert annotations[_REVISION] == "3"
    assert annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert len(world.names("replicasets")) == 2


def test_a_rollout_that_fails_leaves_the_old_pods_and_says_so_soon(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()
    world.change("deployments", "web", lambda obj: set_faults(obj, {"fail": "image-pull"}))
    world.settle()
    assert progressing(world) == ("True", "ReplicaSetUpdated")
    assert world.status("deployments", "web")["unavailableReplicas"] == 1
    world.wait(8)  # a hundredth of the 600 seconds that it has, and a second for rounding
    found = world.condition("deployments", "web", "Progressing")
    assert (found["status"], found["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert found["message"].endswith(" has timed out progressing.")
    assert world.status("deployments", "web")["availableReplicas"] == 2


def test_going_back_after_a_failure(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()
    world.change("deployments", "web", lambda obj: set_faults(obj, {"fail": "crash"}))
    world.wait(10)
    world.change("deployments", "web", lambda obj: set_faults(obj, {}))
    world.settle()
    assert progressing(world) == ("True", "NewReplicaSetAvailable")
    assert world.status("deployments", "web")["updatedReplicas"] == 2
    assert len(world.names("pods")) == 2


def test_a_slow_rollout_has_the_whole_deadline(world: World) -> None:
    world.create("deployments", deployment(faults={"slow": "90s"}, progressDeadlineSeconds=60))
    world.wait(59)
    assert progressing(world) == ("True", "ReplicaSetUpdated")
    world.wait(5)
    assert progressing(world) == ("False", "ProgressDeadlineExceeded")
    world.wait(30)
    assert progressing(world) == ("True", "NewReplicaSetAvailable")


def test_min_ready_seconds(world: World) -> None:
    world.create("deployments", deployment(minReadySeconds=20))
    world.settle()
    assert world.status("deployments", "web")["readyReplicas"] == 1
    assert "availableReplicas" not in world.status("deployments", "web")
    world.wait(21)
    assert world.status("deployments", "web")["availableReplicas"] == 1


def test_scaling(world: World) -> None:
    world.create("deployments", deployment(replicas=1))
    world.settle()
    (name,) = world.names("replicasets")
    for size in (5, 2, 0):
        world.change("deployments", "web", lambda obj, size=size: obj["spec"].update(replicas=size))
        world.settle()
        assert len(world.names("pods")) == size
    assert world.events("Deployment")[1:] == [
        ("ScalingReplicaSet", f"Scaled up replica set {name} from 1 to 5"),
        ("ScalingReplicaSet", f"Scaled down replica set {name} from 5 to 2"),
        ("ScalingReplicaSet", f"Scaled down replica set {name} from 2 to 0"),
    ]


def test_a_paused_deployment_waits(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()

    def pause(obj: Object) -> None:
        obj["spec"]["paused"] = True
        set_faults(obj, {"log": "other"})

    world.change("deployments", "web", pause)
    world.settle()
    assert len(world.names("replicasets")) == 1
    assert progressing(world) == ("Unknown", "DeploymentPaused")
    world.change("deployments", "web", lambda obj: obj["spec"].pop("paused"))
    world.settle()
    assert len(world.names("replicasets")) == 2
    assert progressing(world) == ("True", "NewReplicaSetAvailable")


def test_recreate_ends_all_old_pods_first(world: World) -> None:
    world.create("deployments", deployment(replicas=3, strategy={"type": "Recreate"}))
    world.settle()
    (old,) = world.names("replicasets")
    world.change("deployments", "web", lambda obj: set_faults(obj, {"log": "other"}))
    world.settle()
    (new,) = set(world.names("replicasets")) - {old}
    assert [message for _, message in world.events("Deployment")][1:] == [
        f"Scaled down replica set {old} from 3 to 0",
        f"Scaled up replica set {new} from 0 to 3",
    ]
    assert world.status("deployments", "web")["updatedReplicas"] == 3


def test_old_sets_are_forgotten(world: World) -> None:
    world.create("deployments", deployment(revisionHistoryLimit=2))
    for number in range(5):
        world.change("deployments", "web", lambda obj, number=number: set_faults(obj, {"log": str(number)}))
        world.settle()
    revisions = sorted(one["metadata"]["annotations"][_REVISION] for one in world.list("replicasets"))
    assert revisions == ["3", "4", "5"]


def test_pods_that_leave_the_selector_are_replaced(world: World) -> None:
    world.create("deployments", deployment())
    world.settle()
    (name,) = world.names("pods")
    world.change("pods", name, lambda obj: obj["metadata"].update(labels={"app": "other"}))
    world.settle()
    assert len(world.names("pods")) == 2
    assert "ownerReferences" not in world.get("pods", name)["metadata"]


def test_orphans_are_taken_again(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.settle()
    before = world.names("replicasets"), world.names("pods")
    world.delete("deployments", "web", "Orphan")
    world.settle()
    assert "ownerReferences" not in world.list("replicasets")[0]["metadata"]
    again = world.create("deployments", deployment(replicas=2))
    world.settle()
    assert (world.names("replicasets"), world.names("pods")) == before
    assert world.list("replicasets")[0]["metadata"]["ownerReferences"][0]["uid"] == again["metadata"]["uid"]


def test_a_set_of_someone_else_with_the_name_is_gone_around(world: World) -> None:
    world.create("deployments", deployment())
    world.settle()
    taken = world.get("replicasets", world.names("replicasets")[0])
    world.delete("deployments", "web")
    world.settle()
    labels = {"app": "other"}
    spec = {"selector": {"matchLabels": labels}, "replicas": 0, "template": {**taken["spec"]["template"]}}
    spec["template"]["metadata"] = {"labels": labels}
    world.create("replicasets", {"metadata": {"name": taken["metadata"]["name"]}, "spec": spec})
    world.create("deployments", deployment())
    world.wait(1)
    assert world.status("deployments", "web")["collisionCount"] == 1
    assert world.status("deployments", "web")["availableReplicas"] == 1


def test_a_failure_isnt_told_of_the_set_that_it_goes_back_to(world: World) -> None:
    world.create("deployments", deployment(replicas=3))
    world.settle()
    told: list[tuple[int, str]] = []

    def hear(_type: str, _resource: object, obj: Object, _old: object) -> None:
        if obj["kind"] == "Deployment":
            generation = obj["metadata"]["generation"]
            found = [one["reason"] for one in obj["status"].get("conditions", []) if one["type"] == "Progressing"]
            if generation == obj["status"].get("observedGeneration"):
                told.extend((generation, reason) for reason in found)

    world.api.subscribe(hear)
    for faults, size in (({"fail": "crash"}, 1), ({}, 3), ({"fail": "crash"}, 1), ({}, 3)):

        def change(obj: Object, faults: dict[str, str] = faults, size: int = size) -> None:
            set_faults(obj, faults)
            obj["spec"]["replicas"] = size

        world.change("deployments", "web", change)
        world.wait(10)
    exceeded = {generation for generation, reason in told if reason == "ProgressDeadlineExceeded"}
    assert exceeded == {2, 4}
    assert progressing(world) == ("True", "NewReplicaSetAvailable")


def test_an_account_that_isnt_there(world: World) -> None:
    made = deployment()
    made["spec"]["template"]["spec"]["serviceAccountName"] = "builder"
    world.create("deployments", made)
    world.settle()
    (name,) = world.names("replicasets")
    text = (
        f'pods "{name}-" is forbidden: error looking up service account default/builder: '
        'serviceaccount "builder" not found'
    )
    assert world.condition("deployments", "web", "ReplicaFailure")["message"] == text
    assert ("FailedCreate", f"Error creating: {text}") in world.events("ReplicaSet")
    world.create("serviceaccounts", {"metadata": {"name": "builder"}})
    world.wait(1)
    assert world.status("deployments", "web")["availableReplicas"] == 1
