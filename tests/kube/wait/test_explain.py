"""What is told of objects that are not ready, beyond Helm's text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import UnreachableError
from navarch.kube.wait import explain as module
from navarch.kube.wait.explain import explain, hint
from navarch.kube.wait.fields import Status
from navarch.kube.wait.judge import Verdict
from support.watching import FakeCluster, forbidden
from support.watching import resource as an

if TYPE_CHECKING:
    from navarch.kube.objects import Resource

SELECTOR = {"selector": {"matchLabels": {"app": "web"}}}


def told(cluster: FakeCluster, one: Resource, status: Status | None = None, *, deleting: bool = False) -> list[str]:
    client: Any = cluster
    verdict = Verdict(status or Status("InProgress", "Replicas: 0/1"), one.object)
    ((_, why),) = explain(client, [(one, verdict)], deleting=deleting)
    return why.split("\n")


def pod(name: str, *containers: dict[str, Any], **status: Any) -> Resource:
    one = an("Pod", name, status={"containerStatuses": [{"name": "app", **each} for each in containers], **status})
    one.object["metadata"].update(labels={"app": "web"}, uid=f"uid-{name}")
    return one


def event(cluster: FakeCluster, reason: str, message: str, at: str = "2024-01-01T00:00:00Z", **about: Any) -> None:
    count = about.pop("count", 1)
    obj = {"metadata": {"name": reason}, "type": "Warning", "reason": reason, "message": message, "count": count}
    there = cluster._objects.setdefault("/api/v1/namespaces/shop/events", {})
    there[reason + at] = {**obj, "involvedObject": about, "lastTimestamp": at}


def test_conditions() -> None:
    """Those that say that something is wrong, whichever way round they are."""
    one = an(
        "Deployment",
        "web",
        status={
            "conditions": [
                {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "message": "too few"},
                {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": "is progressing"},
                {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"},
                {"type": "Odd", "status": "False", "message": "fine"},
                {"type": "Ready", "status": "Unknown"},
            ]
        },
    )
    assert told(FakeCluster(one), one) == [
        "Replicas: 0/1",
        "Available is False, MinimumReplicasUnavailable: too few",
        "ReplicaFailure is True, FailedCreate: exceeded quota",
    ]


def test_what_the_controller_says() -> None:
    one = an("Deployment", "web")
    status = Status(
        "Failed", "Progress deadline exceeded", "ProgressDeadlineExceeded", "ReplicaSet web-1 has timed out"
    )
    assert told(FakeCluster(one), one, status) == ["ReplicaSet web-1 has timed out"]


def test_no_pods() -> None:
    one = an("StatefulSet", "web", spec=SELECTOR)
    assert told(FakeCluster(one), one) == ["Replicas: 0/1", "it has no Pods yet"]
    cluster = FakeCluster(one)
    cluster.refuse["list", an("Pod", "x").collection] = forbidden("list", "pods")
    assert told(cluster, one) == ["Replicas: 0/1"], "nobody knows"


@pytest.mark.parametrize(
    ("container", "line"),
    [
        (
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'}}},
            'is waiting, ImagePullBackOff: Back-off pulling image "x"',
        ),
        (
            {
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
                "lastState": {"terminated": {"exitCode": 3, "message": "no database"}},
            },
            "is waiting, CrashLoopBackOff: back-off 10s (it last ended with code 3)",
        ),
        (
            {"state": {"terminated": {"exitCode": 1, "reason": "Error", "message": "no database\n"}}},
            "ended with code 1, Error: no database",
        ),
        ({"state": {"running": {}}, "ready": False}, "is running, not ready"),
    ],
)
def test_containers(container: dict[str, Any], line: str) -> None:
    one = an("Deployment", "web", spec=SELECTOR)
    well = {"state": {"running": {}}, "ready": True}
    cluster = FakeCluster(one, pod("web-1", container, well), pod("web-2", well))
    assert told(cluster, one)[1:] == [f"pod web-1: container app {line}"]


@pytest.mark.parametrize("container", [{"state": {"waiting": {"reason": "ContainerCreating"}}}, {}, {"state": {}}])
def test_containers_on_their_way(container: dict[str, Any]) -> None:
    one = pod("web", container)
    assert told(FakeCluster(one), one) == ["Replicas: 0/1"]


def test_init_containers() -> None:
    ended = {"state": {"terminated": {"exitCode": 2, "message": "no schema"}}, "name": "migrate"}
    one = pod("web", initContainerStatuses=[ended])
    assert told(FakeCluster(one), one)[1] == "pod web: container migrate ended with code 2: no schema"


def test_a_pod_without_a_node() -> None:
    where = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}
    one = an("StatefulSet", "web", spec=SELECTOR)
    lines = told(FakeCluster(one, pod("web-0", phase="Pending", conditions=[where])), one)
    assert lines[1:] == ["pod web-0: PodScheduled is False, Unschedulable: 0/3 nodes are available"]


def test_last_words() -> None:
    """The end of the log of a container that ended without a message."""
    ended = {"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}
    one = an("Job", "web", spec=SELECTOR)
    cluster = FakeCluster(one, pod("web-x", ended))
    cluster.logs["/api/v1/namespaces/shop/pods/web-x/log"] = b"connecting\npassword refused\n"
    assert told(cluster, one)[1:] == [
        "pod web-x: container app ended with code 1, Error",
        "  connecting",
        "  password refused",
    ]


def test_events() -> None:
    """The last ones about the object, its Pods, and a Deployment's ReplicaSets; of others none."""
    one = an("Deployment", "web", spec=SELECTOR)
    one.object["metadata"]["uid"] = "uid-web"
    cluster = FakeCluster(one, pod("web-1-a", {"state": {}}))
    event(cluster, "Old", "long ago", "2024-01-01T00:00:00Z", uid="uid-web")
    event(cluster, "FailedCreate", "exceeded quota", "2024-01-01T00:00:01Z", kind="ReplicaSet", name="web-1", count=7)
    event(cluster, "BackOff", "restarting", "2024-01-01T00:00:03Z", uid="uid-web-1-a")
    event(cluster, "Newest", "just now", "2024-01-01T00:00:04Z", uid="uid-web")
    event(cluster, "Other", "not of ours", "2024-01-01T00:00:05Z", kind="ReplicaSet", name="web-2-1")
    event(cluster, "Other2", "not of ours", "2024-01-01T00:00:05Z", uid="uid-web-2")
    assert told(cluster, one)[1:] == [
        "event (7 times), FailedCreate: exceeded quota",
        "event, BackOff: restarting",
        "event, Newest: just now",
    ]


def test_deletion() -> None:
    space = an("Namespace", "shop", status={})
    space.object["metadata"].update(deletionTimestamp="2024-01-01T00:00:00Z")
    left = {"type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain", "message": "2 pods"}
    space.object["status"]["conditions"] = [left]
    going = Status("Terminating", "Resource scheduled for deletion")
    assert told(FakeCluster(space), space, going, deleting=True) == [
        "Resource scheduled for deletion",
        "deleted at 2024-01-01T00:00:00Z",
        "NamespaceContentRemaining is True, SomeResourcesRemain: 2 pods",
    ]


def test_it_takes_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that doesn't answer costs a few seconds in all; what it would have said is left out."""
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    some = [an("StatefulSet", f"s{i}", spec=SELECTOR) for i in range(20)]
    cluster = FakeCluster(*some)

    given: list[float] = []

    def slow(*_: Any, timeout: float, **__: Any) -> Any:
        given.append(timeout)
        time.sleep(timeout)
        raise UnreachableError("timeout")

    cluster.request = slow  # type: ignore[method-assign]
    client: Any = cluster
    found = explain(client, [(one, Verdict(Status("InProgress", "x"), one.object)) for one in some])
    assert 0 < sum(given) < 2
    assert [why for _, why in found] == ["x"] * 20


def test_hint() -> None:
    objects = [(an("Pod", "web"), "not ready\nevent, BackOff: again"), (an("Job", "job"), "Job in progress")]
    assert hint(objects, ["connection refused"]) == (
        "could not look: connection refused\nPod web: not ready\n  event, BackOff: again\nJob job: Job in progress"
    )
