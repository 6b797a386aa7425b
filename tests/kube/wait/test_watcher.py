"""Waiting by watching: when it ends, what it costs, what is said. Texts are the real Helm's (tests/real compares)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, KubernetesError, UnreachableError, WaitError
from navarch.kube.events import Failed, Ready, Waiting
from navarch.kube.wait import follow, get_waiter, judge, kinds
from navarch.kube.wait.status import Status, StatusFault, current, in_progress
from support.watching import FakeCluster, forbidden
from support.watching import resource as an

if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.objects import Resource

NOT_READY = "Pod is running but is not Ready"
RUNNING = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
COMPLETE = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
LOST = {"failed": 2, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
AVAILABLE = {
    **dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), 1),
    "conditions": [{"type": "Available", "status": "True"}],
}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_FIRST_PAUSE", 0.001)


class Wait:
    """A waiter on a cluster, with what it says and tells."""

    def __init__(self, cluster: FakeCluster, strategy: str = "watcher", **options: Any) -> None:
        self.lines: list[str] = []
        self.events: list[Any] = []
        client: Any = cluster
        self.waiter = get_waiter(
            client, strategy, on_event=self.events.append, say=self.lines.append, debugging=True, **options
        )

    def error(self, method: str, resources: list[Resource], timeout: float = 0.8) -> Any:
        with pytest.raises(KubernetesError) as caught:
            getattr(self.waiter, method)(resources, timeout)
        return caught.value


def later(act: Callable[[], object], seconds: float = 0.05) -> None:
    threading.Timer(seconds, act).start()


def once(is_so: Callable[[], bool], act: Callable[[], object]) -> None:
    """Do something as soon as something is so."""
    threading.Thread(target=lambda: soon(is_so) and act(), daemon=True).start()


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether something becomes so within a few seconds: threads end when they come to it."""
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()


def test_all_is_ready() -> None:
    """A list of each kind is enough; Secrets that hold releases are not asked for."""
    things = [an("Pod", "web", status=RUNNING), an("Pod", "db", status=RUNNING), an("Secret", "a"), an("Secret", "b")]
    cluster = FakeCluster(*things)
    wait = Wait(cluster)
    wait.waiter.wait(things, 5)
    assert sorted(cluster.verbs()) == ["list pods", "list secrets"]
    (secrets,) = [one for one in cluster.asked if one.path.endswith("secrets")]
    assert secrets.query["fieldSelector"] == "type!=helm.sh/release.v1"
    assert "PartialObjectMetadataList" in secrets.accept
    assert wait.lines[0] == 'level=DEBUG msg="waiting for resources" count=4 timeout=5s'
    assert wait.lines[-1] == (
        'level=DEBUG msg="all resources achieved desired status" desiredStatus=Current resourceCount=4'
    )
    assert {event.resource.name for event in wait.events} == {"web", "db", "a", "b"}
    assert {type(event) for event in wait.events} == {Ready}


def test_a_secret_that_is_a_record_is_looked_at() -> None:
    things = [an("Secret", "a", type="helm.sh/release.v1"), an("Secret", "b")]
    cluster = FakeCluster(*things)
    Wait(cluster).waiter.wait(things, 5)
    assert [one.query for one in cluster.asked] == [{"limit": "500"}]


def test_watches_until_ready() -> None:
    web, fixed = an("Pod", "web"), an("ConfigMap", "a")
    cluster = FakeCluster(web, fixed)
    wait = Wait(cluster)
    once(
        lambda: Waiting(web, "Pod phase not available") in wait.events,
        lambda: cluster.put(web, status={"phase": "Pending"}),
    )
    once(lambda: Waiting(web, "Pod is in the Pending phase") in wait.events, lambda: cluster.put(web, status=RUNNING))
    wait.waiter.wait([web, fixed], 60)
    told = [event for event in wait.events if event.resource is web]
    assert told == [
        Waiting(web, "Pod phase not available"),
        Waiting(web, "Pod is in the Pending phase"),
        Ready(web),
    ]
    assert sorted(cluster.verbs()) == ["list configmaps", "list pods", "watch pods"], "a ConfigMap never changes again"
    place = "namespace=shop name=web kind=Pod"
    assert (
        f'level=DEBUG msg="waiting for resource" {place} expectedStatus=Current actualStatus=InProgress' in wait.lines
    )
    assert soon(lambda: all(stream.closed for stream in cluster.streams))


def test_ready_and_not_any_more() -> None:
    """All must be ready at once."""
    web, db = an("Pod", "web", status=RUNNING), an("Pod", "db")
    cluster = FakeCluster(web, db)
    wait = Wait(cluster)
    once(lambda: Ready(web) in wait.events, lambda: cluster.put(web, status={"phase": "Running"}))
    once(lambda: wait.events[-1:] == [Waiting(web, NOT_READY)], lambda: cluster.put(db, status=RUNNING))
    error = wait.error("wait", [web, db], 2.0)
    assert str(error) == (
        "resource Pod/shop/web not ready. status: InProgress, message: Pod is running but is not Ready\n"
        "context deadline exceeded"
    )


def test_timeout() -> None:
    """Lines in the order of the objects; one that isn't there is Unknown; cluster-wide ones have no namespace."""
    things = [an("Deployment", "web"), an("Pod", "absent"), an("Namespace", "shop"), an("Job", "job")]
    cluster = FakeCluster(things[0], things[3])
    wait = Wait(cluster)
    error = wait.error("wait", things)
    assert isinstance(error, WaitError)
    assert str(error) == (
        "resource Deployment/shop/web not ready. status: InProgress, message: Replicas: 0/1\n"
        "resource Pod/shop/absent not ready. status: Unknown, message: \n"
        "resource Namespace//shop not ready. status: Unknown, message: \n"
        "resource Job/shop/job not ready. status: InProgress, message: Job not started\n"
        "context deadline exceeded"
    )
    assert [(one.name, why) for one, why in error.objects] == [
        ("web", "Replicas: 0/1"),
        ("absent", "has not been seen on the server"),
        ("shop", "has not been seen on the server"),
        ("job", "Job not started"),
    ]
    assert error.hint == (
        "Pod absent: has not been seen on the server\nNamespace shop: has not been seen on the server"
    ), "of the others nothing is known beyond the message"
    assert Failed(things[3], "Job not started") in wait.events
    assert Waiting(things[1], "not there yet") in wait.events


def test_jobs() -> None:
    """A Job that runs is ready, unless Jobs are to complete."""
    job = an("Job", "job", status={"startTime": "2024-01-01T00:00:00Z", "active": 1})
    cluster = FakeCluster(job)
    wait = Wait(cluster)
    wait.waiter.wait([job], 5)
    assert str(wait.error("wait_with_jobs", [job])).startswith(
        "resource Job/shop/job not ready. status: InProgress, message: Job in progress\n"
    )
    later(lambda: cluster.put(job, status=COMPLETE))
    wait.waiter.wait_with_jobs([job], 5)


def test_failed_is_final() -> None:
    """What has failed isn't waited for, what else there is is; the error then tells no deadline."""
    job, web = an("Job", "job", status=LOST), an("Pod", "web")
    cluster = FakeCluster(job, web)
    later(lambda: cluster.put(web, status=RUNNING))
    wait = Wait(cluster)
    error = wait.error("wait_with_jobs", [job, web], 10)
    assert str(error) == "resource Job/shop/job not ready. status: Failed, message: Job Failed. failed: 2/1"
    assert wait.lines[-1].endswith("desiredStatus=Current resourceCount=1")


def test_paused_deployments_are_passed_over() -> None:
    paused = an("Deployment", "web", spec={"paused": True})
    cluster = FakeCluster(paused)
    wait = Wait(cluster)
    wait.waiter.wait([paused], 5)
    assert cluster.asked == []
    assert wait.lines == [
        'level=DEBUG msg="waiting for resources" count=1 timeout=5s',
        'level=DEBUG msg="all resources achieved desired status" desiredStatus=Current resourceCount=0',
    ]


def test_no_timeout_is_thirty_seconds() -> None:
    wait = Wait(FakeCluster())
    wait.waiter.wait([], 0)
    assert wait.lines[0].endswith("timeout=30s")


def test_delete() -> None:
    held = an("Pod", "web", metadata={"name": "web"})
    held.object["metadata"].update(namespace="shop", finalizers=["a/b"], deletionTimestamp="2024-01-01T00:00:00Z")
    cluster = FakeCluster(held)
    wait = Wait(cluster)
    later(lambda: cluster.delete(held))
    wait.waiter.wait_for_delete([held, an("Secret", "never-there")], 10)
    assert all("PartialObjectMetadata" in one.accept for one in cluster.asked)
    told = [event for event in wait.events if event.resource is held]
    assert told == [Waiting(held, "waits for its finalizers: a/b"), Ready(held)]
    assert wait.lines[0].startswith('level=DEBUG msg="waiting for resources to be deleted" count=2')
    assert wait.lines[-1].endswith("desiredStatus=NotFound resourceCount=1")


def test_nothing_to_delete() -> None:
    """One list, no watch."""
    cluster = FakeCluster()
    wait = Wait(cluster)
    wait.waiter.wait_for_delete([an("Pod", "web")], 10)
    assert cluster.verbs() == ["list pods"]
    assert wait.lines[1:] == [
        'level=DEBUG msg="all resources achieved desired status" desiredStatus=NotFound resourceCount=0'
    ]


def test_delete_waits_for_all_kinds_to_be_looked_at() -> None:
    """That one object is gone says nothing of another that hasn't been looked for yet."""
    web, job = an("Pod", "web"), an("Job", "job")
    cluster = FakeCluster(web, job)
    turn = threading.Event()
    ask = cluster._ask

    def slow(verb: str, path: str, *rest: Any) -> None:
        if (verb, path) == ("list", job.collection):
            turn.wait(60)
        ask(verb, path, *rest)

    cluster._ask = slow  # type: ignore[method-assign]
    later(lambda: cluster.delete(web), 0.1)
    later(turn.set, 0.3)
    error = Wait(cluster).error("wait_for_delete", [web, job], 3.0)
    assert [one.name for one, _ in error.objects] == ["job"]


def test_still_there() -> None:
    """Only metadata was watched; what is told is the status of the whole."""
    held = an("Pod", "held")
    held.object["metadata"].update(finalizers=["a/b", "c"], deletionTimestamp="2024-01-01T00:00:00Z")
    kept = an("Deployment", "kept", status=AVAILABLE)
    error = Wait(FakeCluster(held, kept)).error("wait_for_delete", [held, kept])
    assert str(error) == (
        "resource Pod/shop/held still exists. status: Terminating, message: Resource scheduled for deletion\n"
        "resource Deployment/shop/kept still exists. status: Current, message: Deployment is available. Replicas: 1\n"
        "context deadline exceeded"
    )
    assert error.objects[0][1].endswith("deleted at 2024-01-01T00:00:00Z, waits for its finalizers: a/b, c")
    assert error.objects[1][1] == "still exists"


def test_delete_of_a_kind_that_goes_too() -> None:
    """The definition of a custom resource goes with it: its kind is no longer served."""
    widget = an("Widget", "w")
    cluster = FakeCluster()
    cluster.refuse["list", widget.collection] = ApiError("not found", code=404, reason="NotFound")
    Wait(cluster).waiter.wait_for_delete([widget], 5)


def test_hooks() -> None:
    """Jobs and Pods must end well; of others it is enough that they are there."""
    job, pod, service = an("Job", "job"), an("Pod", "pod"), an("Service", "svc", spec={"type": "LoadBalancer"})
    cluster = FakeCluster(job, pod, service)
    wait = Wait(cluster, "hookOnly")
    wait.waiter.wait([job], 0.1)
    wait.waiter.wait_with_jobs([job], 0.1)
    wait.waiter.wait_for_delete([job], 0.1)
    assert cluster.asked == []
    later(lambda: (cluster.put(job, status=COMPLETE), cluster.put(pod, status={"phase": "Succeeded"})))
    wait.waiter.watch_until_ready([job, pod, service], 10)
    cluster.put(pod, status={"phase": "Failed"})
    error = wait.error("watch_until_ready", [pod, job], 10)
    assert str(error) == "resource Pod/shop/pod not ready. status: Failed, message: pod pod failed"


def test_readers() -> None:
    """Rules of one's own come before all others, for hooks too."""

    def by_color(obj: dict[str, Any]) -> Status:
        color = obj.get("status", {}).get("color", "")
        return current("green") if color == "green" else in_progress("Color", f"is {color}")

    widget, fixed = an("Widget", "w", status={"color": "red"}), an("ConfigMap", "c", status={"color": "green"})
    cluster = FakeCluster(widget, fixed)
    wait = Wait(cluster, readers={("example.com", "Widget"): by_color, ("", "ConfigMap"): by_color})
    wait.waiter.wait([fixed], 5)
    assert cluster.asked[0].accept == "application/json", "such a rule may look at everything"
    assert "message: is red" in str(wait.error("watch_until_ready", [widget]))
    later(lambda: cluster.put(widget, status={"color": "green"}))
    wait.waiter.wait([widget], 10)


def test_readers_that_fail() -> None:
    """A fault of the caller's own is the caller's to see; a StatusFault is an Unknown status."""
    widget = an("Widget", "w")

    def broken(_: dict[str, Any]) -> Status:
        raise ZeroDivisionError

    def puzzled(_: dict[str, Any]) -> Status:
        raise StatusFault("what is this?")

    cluster = FakeCluster(widget)
    with pytest.raises(ZeroDivisionError):
        Wait(cluster, readers={("example.com", "Widget"): broken}).waiter.wait([widget], 5)
    error = Wait(cluster, readers={("example.com", "Widget"): puzzled}).error("wait", [widget])
    assert str(error).startswith("resource Widget/shop/w not ready. status: Unknown, message: \n")
    assert error.objects[0][1] == "what is this?"


SET: dict[str, Any] = {"spec": {"selector": {"matchLabels": {"a": "b"}}}}
LABELLED = {"labels": {"a": "b"}}


def looping(name: str = "set-0", **metadata: Any) -> Resource:
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    status = {"phase": "Running", "containerStatuses": [{"name": "c", "state": waiting}]}
    pod = an("Pod", name, status=status)
    pod.object["metadata"].update(LABELLED, **metadata)
    return pod


def test_a_stateful_set_fails_with_its_pods() -> None:
    one = an("StatefulSet", "set", **SET)
    cluster = FakeCluster(one, looping())
    error = Wait(cluster).error("wait", [one], 10)
    assert str(error) == "resource StatefulSet/shop/set not ready. status: Failed, message: 1 pods have failed"
    assert "container c is waiting, CrashLoopBackOff: back-off 5m0s" in error.hint


def test_pods_that_go_do_not_count() -> None:
    one = an("StatefulSet", "set", **SET)
    cluster = FakeCluster(one, looping(deletionTimestamp="2024-01-01T00:00:00Z"))
    assert "status: InProgress, message: Replicas: 0/1" in str(Wait(cluster).error("wait", [one]))


def test_pods_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A StatefulSet doesn't change when its Pods begin to fail."""
    monkeypatch.setattr(judge, "_RESYNC_SECONDS", 0.05)
    one = an("StatefulSet", "set", **SET)
    cluster = FakeCluster(one)
    later(lambda: cluster.put(looping()))
    assert "1 pods have failed" in str(Wait(cluster).error("wait", [one], 10))


def test_pods_of_what_is_ready_are_not_asked_for() -> None:
    ready = {**dict.fromkeys(("replicas", "readyReplicas", "currentReplicas"), 1)}
    one = an("StatefulSet", "set", **SET, status=ready)
    cluster = FakeCluster(one)
    Wait(cluster).waiter.wait([one], 5)
    assert cluster.verbs() == ["list statefulsets"]


def test_an_unschedulable_pod_fails_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "SCHEDULE_SECONDS", 1.5)
    monkeypatch.setattr(judge, "SCHEDULE_SECONDS", 0.3)
    pod = an("Pod", "web", status={"phase": "Pending"})
    pod.object["metadata"]["creationTimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    pod.object["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    error = Wait(FakeCluster(pod)).error("wait", [pod], 10)
    assert str(error) == "resource Pod/shop/web not ready. status: Failed, message: Pod could not be scheduled"


def test_forbidden() -> None:
    """Helm's text, and at once."""
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    cluster.refuse["list", web.collection] = forbidden("list", "pods")
    error = Wait(cluster).error("wait", [web], 10)
    assert isinstance(error, ApiError)
    assert str(error).startswith("failed to list /v1, Kind=Pod: pods is forbidden")
    cluster.refuse = {("watch", web.collection): forbidden("watch", "pods")}
    assert str(Wait(cluster).error("wait", [web], 10)).startswith('pods is forbidden: User "u" cannot watch')


def test_forbidden_pods_hide_a_status() -> None:
    """Helm tells no status then; what is known is in the hint."""
    one, web = an("StatefulSet", "set", **SET), an("Deployment", "web")
    cluster = FakeCluster(one, web)
    for path in (an("Pod", "x").collection, an("ReplicaSet", "x").collection):
        cluster.refuse["list", path] = forbidden("list", path.rsplit("/", 1)[1])
    error = Wait(cluster).error("wait", [one, web])
    assert str(error) == (
        "resource StatefulSet/shop/set not ready. status: Unknown, message: \n"
        "resource Deployment/shop/web not ready. status: Unknown, message: \n"
        "context deadline exceeded"
    )
    assert 'pods is forbidden: User "u" cannot list' in error.objects[0][1]
    assert error.objects[1][1] == "Replicas: 0/1"
    cluster.put(web, status=AVAILABLE)
    Wait(cluster).waiter.wait([web], 5)


def test_a_server_that_is_away() -> None:
    """Nothing is lost while it is, and if it stays away the error says so beside Helm's words."""
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    later(lambda: (cluster.break_streams(UnreachableError("EOF")), cluster.put(web, status=RUNNING)))
    cluster.faults = [UnreachableError("refused"), None, None, UnreachableError("refused")]
    Wait(cluster).waiter.wait([web], 10)
    cluster.refuse["list", web.collection] = UnreachableError("connection refused")
    error = Wait(cluster).error("wait", [web])
    assert str(error) == "resource Pod/shop/web not ready. status: Unknown, message: \ncontext deadline exceeded"
    assert "could not look: connection refused" in error.hint


def test_cancel() -> None:
    """By another thread; the waiter then waits no more."""
    web = an("Pod", "web")
    wait = Wait(FakeCluster(web))
    later(wait.waiter.cancel)
    error = wait.error("wait", [web], 60)
    assert str(error).endswith("message: Pod phase not available\ncontext canceled")
    assert str(wait.error("wait", [web], 60)).endswith("context canceled")


def test_an_interrupt_ends_the_watches() -> None:
    """What a listener raises comes out, as Ctrl-C does, and no thread or stream stays behind."""
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    before = threading.active_count()

    def interrupt(event: Any) -> None:
        if event.reason == "Pod is in the Pending phase":
            raise KeyboardInterrupt

    client: Any = cluster
    later(lambda: cluster.put(web, status={"phase": "Pending"}))
    with pytest.raises(KeyboardInterrupt):
        get_waiter(client, "watcher", on_event=interrupt).wait([web], 60)
    assert soon(lambda: threading.active_count() <= before)


def test_definitions_are_looked_at_one_by_one() -> None:
    established = {"conditions": [{"type": "Established", "status": "True"}]}
    some = [an("CustomResourceDefinition", f"c{i}", status=established) for i in range(3)]
    cluster = FakeCluster(*some)
    Wait(cluster).waiter.wait(some, 5)
    assert {one.query["fieldSelector"] for one in cluster.asked} == {f"metadata.name=c{i}" for i in range(3)}


def test_many_kinds_and_namespaces() -> None:
    things = [an("Pod", f"p{i}", f"ns{i % 20}", status=RUNNING) for i in range(200)]
    cluster = FakeCluster(*things)
    Wait(cluster).waiter.wait(things, 20)
    assert len(cluster.asked) == 20


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("", "wait strategy not set. Choose one of: watcher, hookOnly, legacy"),
        ("x", "unknown wait strategy (sx). Valid values are: watcher, hookOnly, legacy"),
    ],
)
def test_strategies(strategy: str, message: str) -> None:
    client: Any = FakeCluster()
    with pytest.raises(KubernetesError) as caught:
        get_waiter(client, strategy)
    assert str(caught.value) == message
