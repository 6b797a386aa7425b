"""The thread of the controllers, what happens when something goes wrong, and what they leave alone."""

from __future__ import annotations

import copy
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.api import Api
from navarch.cluster.controllers import Controllers
from navarch.cluster.controllers.jobs import Jobs
from navarch.cluster.store import Store

from .conftest import World, deployment

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running() -> Iterator[World]:
    """A cluster whose controllers run in their thread, by the real clock."""
    world = World()
    world.controllers = Controllers(world.api)
    world.clock.__class__ = type("Real", (), {"__call__": lambda _: time.time()})  # type: ignore[assignment]
    world.controllers.start()
    yield world
    world.controllers.stop()
    world.store.close()


def test_in_a_thread(running: World) -> None:
    for number in range(5):
        running.create("deployments", deployment(f"web-{number}", 2))
    assert running.controllers.settle(300)
    assert all(one["status"]["availableReplicas"] == 2 for one in running.list("deployments"))
    assert not running.controllers.failures


def test_slow_pods_are_waited_for(running: World) -> None:
    running.create("deployments", deployment(faults={"slow": "4s"}))
    assert not running.controllers.settle(0.3)
    assert running.controllers.settle(300)
    assert running.status("deployments", "web")["availableReplicas"] == 1


def test_an_idle_thread_takes_no_time(running: World) -> None:
    running.create("deployments", deployment())
    running.controllers.settle(300)
    (thread,) = (one for one in threading.enumerate() if one.name == "controllers")
    assert thread.ident is not None
    clock = time.pthread_getcpuclockid(thread.ident)  # other threads may have something to do
    before = time.clock_gettime(clock)
    time.sleep(0.5)
    assert time.clock_gettime(clock) - before < 0.05


def test_stopping_and_starting_again(running: World) -> None:
    running.controllers.stop()
    running.create("deployments", deployment())
    assert "status" not in running.get("deployments", "web") or not running.status("deployments", "web")
    running.controllers.start()
    assert running.controllers.settle(300)
    assert running.status("deployments", "web")["availableReplicas"] == 1
    names = [one.name for one in threading.enumerate()]
    assert names.count("controllers") == 1


def test_what_was_left_is_done_after_a_restart(world: World) -> None:
    world.create("deployments", deployment(replicas=3))
    with world.store.lock:  # as far as a killed process came
        world.controllers.stop()
    again = Controllers(Api(world.store, clock=world.clock))
    again.settle()
    assert not again.failures
    assert world.status("deployments", "web")["availableReplicas"] == 3
    before = world.store.revision
    last = Controllers(Api(world.store, clock=world.clock))
    last.settle()
    assert world.store.revision == before  # and nothing is done twice


def test_settled_clusters_are_left_alone(world: World) -> None:
    world.create("deployments", deployment(replicas=2))
    world.create(
        "services", {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    )
    world.settle()
    before = world.store.revision
    world.change("deployments", "web", lambda obj: obj["metadata"].update(labels={"a": "b"}))
    world.settle()
    assert world.store.revision <= before + 3  # the label, and what follows from it: no more


def test_an_error_of_ours_stops_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(Jobs, "sync", fail)
    spec = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]}}}
    world.create("jobs", {"metadata": {"name": "job"}, "spec": spec})
    world.create("deployments", deployment())
    world.controllers.settle()
    assert any("no such thing" in one for one in world.controllers.failures)
    assert world.status("deployments", "web")["availableReplicas"] == 1
    monkeypatch.undo()
    world.controllers.failures.clear()
    world.wait(1)
    assert world.status("jobs", "job")["succeeded"] == 1


def test_quota_is_told_and_tried_again(world: World) -> None:
    world.create("deployments", deployment(replicas=0))
    world.settle()
    original = world.controllers.access.create

    def refuse(kind: Any, obj: Any, **options: Any) -> Any:
        from navarch.cluster.problems import forbidden

        if kind == ("", "pods"):
            raise forbidden("", "pods", obj["metadata"]["name"], "exceeded quota: few")
        return original(kind, obj, **options)

    world.controllers.access.create = refuse  # type: ignore[method-assign]
    world.change("deployments", "web", lambda obj: obj["spec"].update(replicas=1))
    world.controllers.settle()
    found = world.condition("deployments", "web", "ReplicaFailure")
    assert (found["status"], found["reason"]) == ("True", "FailedCreate")
    assert found["message"].endswith("is forbidden: exceeded quota: few")
    assert "FailedCreate" in {reason for reason, _ in world.events("ReplicaSet")}
    world.controllers.access.create = original  # type: ignore[method-assign]
    world.wait(1)
    assert world.status("deployments", "web")["availableReplicas"] == 1
    assert "ReplicaFailure" not in {one["type"] for one in world.status("deployments", "web")["conditions"]}


def test_nothing_that_is_read_is_changed(world: World) -> None:
    """Objects are shared with all readers: what was seen once must look the same for ever."""
    seen: list[tuple[Any, Any]] = []
    world.api.subscribe(lambda _type, _resource, obj, _old: seen.append((obj, copy.deepcopy(obj))))
    world.create("deployments", deployment(replicas=2, faults={"log": "x"}))
    world.settle()
    world.change("deployments", "web", lambda obj: obj["spec"].update(replicas=3))
    world.settle()
    world.delete("deployments", "web", "Foreground")
    world.settle()
    assert len(seen) > 30
    assert all(obj == copied for obj, copied in seen)


def test_events_look_as_if_they_had_been_created(world: World) -> None:
    world.create("deployments", deployment())
    world.settle()
    for event in world.list("events"):
        name = event["reportingComponent"]
        manager = {"kubelet": "kubelet", "default-scheduler": "kube-scheduler"}.get(name, "kube-controller-manager")
        from navarch.cluster.options import Options

        plain = {key: value for key, value in event.items() if key != "metadata"}
        metadata = {"name": f"{event['metadata']['name']}0", "namespace": event["metadata"]["namespace"]}
        made = world.api.create(
            world.resource("events"), {**plain, "metadata": metadata}, options=Options(manager=manager)
        )
        own = ("name", "uid", "resourceVersion")
        assert {key: value for key, value in made.items() if key != "metadata"} == plain
        assert {key: value for key, value in made["metadata"].items() if key not in own} == {
            key: value for key, value in event["metadata"].items() if key not in own
        }


def test_the_same_event_again_is_counted(world: World) -> None:
    world.create("deployments", deployment(faults={"fail": "crash"}))
    world.wait(31)
    (found,) = (one for one in world.list("events") if one["reason"] == "BackOff")
    assert (found["count"], found["firstTimestamp"], found["lastTimestamp"]) == (
        3, "2027-01-15T08:00:00Z", "2027-01-15T08:00:30Z",
    )  # fmt: skip


def test_events_are_forgotten_after_an_hour(world: World) -> None:
    world.create("deployments", deployment())
    world.wait(3000)
    assert world.list("events")
    world.wait(5000)
    assert not world.list("events")


def test_a_cluster_in_a_file(tmp_path: Any) -> None:
    store = Store(str(tmp_path / "objects.db"))
    world = Controllers(Api(store))
    world.settle()
    assert not world.failures
    store.close()
