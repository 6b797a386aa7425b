"""Waiting by asking again and again, and for hooks by watching each: patience, words, what is logged."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, KubernetesError, UnreachableError, WaitError
from navarch.kube.events import Failed, Ready, Waiting
from navarch.kube.wait import follow, get_waiter, legacy
from support.watching import FakeCluster, forbidden
from support.watching import resource as an

if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.objects import Resource

READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy, "_PAUSE", 0.02)
    monkeypatch.setattr(follow, "_FIRST_PAUSE", 0.001)


class Wait:
    """A waiter on a cluster, with what it says and tells."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.lines: list[str] = []
        self.events: list[Any] = []
        client: Any = cluster
        self.waiter = get_waiter(client, "legacy", on_event=self.events.append, say=self.lines.append, debugging=True)

    def error(self, method: str, resources: list[Resource], timeout: float = 0.8) -> Any:
        with pytest.raises(KubernetesError) as caught:
            getattr(self.waiter, method)(resources, timeout)
        return caught.value


def once(is_so: Callable[[], bool], act: Callable[[], object]) -> None:
    """Do something as soon as something is so."""

    def look() -> None:
        deadline = time.monotonic() + 60
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.01)
        act()

    threading.Thread(target=look, daemon=True).start()


def later(act: Callable[[], object], seconds: float = 0.05) -> None:
    threading.Timer(seconds, act).start()


def test_waits() -> None:
    """One after the other: what comes later is asked for when all before it is ready."""
    web, db = an("Pod", "web"), an("Pod", "db", status=READY)
    cluster = FakeCluster(web, db)
    wait = Wait(cluster)
    once(lambda: Waiting(web, "Pod is not ready") in wait.events, lambda: cluster.put(web, status=READY))
    wait.waiter.wait([web, db, an("Secret", "no-rule-for-it")], 59)
    paths = [one.path.rsplit("/", 1)[1] for one in cluster.asked]
    assert set(paths[:-1]) == {"web"}
    assert paths[-1] == "db"
    assert [one for one in wait.events if one.resource in (web, db)] == [
        Waiting(web, "Pod is not ready"),
        Ready(web),
        Ready(db),
    ]
    assert wait.lines[:2] == [
        'level=DEBUG msg="beginning wait for resources" count=3 timeout=59s',
        'level=DEBUG msg="Pod is not ready" namespace=shop name=web',
    ]


def test_timeout() -> None:
    web, job = an("Pod", "web"), an("Job", "job", spec={"completions": 1})
    wait = Wait(FakeCluster(web, job))
    error = wait.error("wait_with_jobs", [web, job])
    assert isinstance(error, WaitError)
    assert str(error) == "context deadline exceeded"
    assert [(one.name, why) for one, why in error.objects] == [
        ("web", "Pod is not ready"),
        ("job", "Job is not completed"),
    ]
    assert error.hint == "Pod web: Pod is not ready\nJob job: Job is not completed"
    assert Failed(web, "Pod is not ready") in wait.events
    assert str(Wait(FakeCluster(web, job)).error("wait", [web, job])) == "context deadline exceeded"


def test_no_timeout_is_no_end() -> None:
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    later(lambda: cluster.put(web, status=READY), 0.2)
    Wait(cluster).waiter.wait([web], 0)


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        (
            UnreachableError("connection refused"),
            [
                'msg="error received when checking resource status" resource=web error="connection refused"',
                'msg="retryable error assumed" resource=web',
            ],
        ),
        (
            ApiError("slow down", code=429, reason="TooManyRequests"),
            [
                'msg="error received when checking resource status" resource=web error="slow down"',
                'msg="status code received" resource=web statusCode=429 retryable=true',
            ],
        ),
    ],
)
def test_faults_that_may_pass(fault: Exception, lines: list[str]) -> None:
    web = an("Pod", "web", status=READY)
    cluster = FakeCluster(web)
    cluster.refuse["get", web.path] = fault
    later(cluster.refuse.clear)
    wait = Wait(cluster)
    wait.waiter.wait([web], 10)
    assert wait.lines[1:4] == [
        *(f"level=DEBUG {line}" for line in lines),
        'level=DEBUG msg="retrying resource readiness" resource=web currentRetries=0 maxRetries=30',
    ]


def test_patience_ends() -> None:
    """After thirty tries in a row. A Job that has failed is such a fault, as in Helm."""
    job = an("Job", "job", spec={"backoffLimit": 0}, status={"failed": 1})
    cluster = FakeCluster(job)
    wait = Wait(cluster)
    assert str(wait.error("wait_with_jobs", [job], 60)) == "job is failed: shop/job"
    assert cluster.verbs() == ["get job"] * 31
    assert wait.lines[1] == 'level=DEBUG msg="Job is failed" namespace=shop name=job'
    assert wait.lines[-1] == 'level=DEBUG msg="max number of retries reached" resource=job retries=31'


@pytest.mark.parametrize("code", [403, 404, 501])
def test_answers_that_are_final(code: int) -> None:
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    cluster.refuse["get", web.path] = ApiError("no", code=code)
    wait = Wait(cluster)
    assert str(wait.error("wait", [web], 60)) == "no"
    assert wait.lines[-1] == f'level=DEBUG msg="status code received" resource=web statusCode={code} retryable=false'


def test_pods_that_may_not_be_listed() -> None:
    one = an("ReplicaSet", "web", spec={"selector": {"matchLabels": {"a": "b"}}})
    cluster = FakeCluster(one)
    path = an("Pod", "x").collection
    cluster.refuse["list", path] = forbidden("list", "pods")
    assert str(Wait(cluster).error("wait", [one], 60)).startswith("failed to list pods: pods is forbidden")


def test_delete() -> None:
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    later(lambda: cluster.delete(web))
    wait = Wait(cluster)
    wait.waiter.wait_for_delete([web, an("Pod", "never-there")], 59)
    begun, ended = wait.lines
    assert begun == 'level=DEBUG msg="beginning wait for resources to be deleted" count=2 timeout=59s'
    assert re.fullmatch(r'level=DEBUG msg="wait for resources succeeded" elapsed=\d+s', ended)
    assert wait.events[:2] == [Waiting(web, "still exists"), Ready(web)]


def test_delete_that_takes_too_long() -> None:
    held = an("Pod", "held")
    held.object["metadata"].update(finalizers=["a/b"], deletionTimestamp="2024-01-01T00:00:00Z")
    wait = Wait(FakeCluster(held))
    error = wait.error("wait_for_delete", [an("Pod", "gone"), held])
    assert str(error) == "context deadline exceeded"
    assert [one.name for one, _ in error.objects] == ["held"]
    assert "waits for its finalizers: a/b" in error.hint
    told = r'level=DEBUG msg="wait for resources failed" elapsed=\d+s error="context deadline exceeded"'
    assert re.fullmatch(told, wait.lines[-1])


def test_delete_that_may_not_be_looked_at() -> None:
    web = an("Pod", "web")
    cluster = FakeCluster(web)
    cluster.refuse["get", web.path] = forbidden("get", "pods")
    assert str(Wait(cluster).error("wait_for_delete", [web], 60)).startswith("pods is forbidden")


def test_cancel() -> None:
    web = an("Pod", "web")
    wait = Wait(FakeCluster(web))
    later(wait.waiter.cancel)
    assert str(wait.error("wait", [web], 60)) == "context canceled"


COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}
LOST = {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}


def test_hooks() -> None:
    job, pod = an("Job", "job", status={"active": 1}), an("Pod", "pod", status={"phase": "Pending"})
    cluster = FakeCluster(job, pod)
    wait = Wait(cluster)
    once(lambda: Waiting(job, "Job in progress") in wait.events, lambda: cluster.put(job, status=COMPLETE))
    ended = {"phase": "Succeeded"}
    once(lambda: Waiting(pod, "pod pending") in wait.events, lambda: cluster.put(pod, status=ended))
    wait.waiter.watch_until_ready([job, an("Secret", "not-looked-at"), pod], 59)
    assert wait.lines == [
        'level=DEBUG msg="watching for resource changes" kind=Job resource=job timeout=59s',
        'level=DEBUG msg="add/modify event received" resource=job eventType=ADDED',
        'level=DEBUG msg="job status update" job=job active=1 failed=0 succeeded=0',
        'level=DEBUG msg="add/modify event received" resource=job eventType=MODIFIED',
        'level=DEBUG msg="watching for resource changes" kind=Pod resource=pod timeout=59s',
        'level=DEBUG msg="add/modify event received" resource=pod eventType=ADDED',
        'level=DEBUG msg="pod pending" pod=pod',
        'level=DEBUG msg="add/modify event received" resource=pod eventType=MODIFIED',
        'level=DEBUG msg="pod succeeded" pod=pod',
    ]
    assert wait.events == [Waiting(job, "Job in progress"), Ready(job), Waiting(pod, "pod pending"), Ready(pod)]


def test_hooks_that_fail() -> None:
    """Those of a kind run side by side, and all their errors are told. Failures are shown without --debug, too."""
    job, other = an("Job", "job", status=LOST), an("Job", "other")
    client: Any = FakeCluster(job, other)
    lines: list[str] = []
    waiter = get_waiter(client, "legacy", say=lines.append)
    with pytest.raises(KubernetesError) as caught:
        waiter.watch_until_ready([job, other], 0.2)
    assert str(caught.value) == "job job failed: BackoffLimitExceeded\ntimed out waiting for the condition"
    assert lines == ['level=ERROR msg="job failed" job=job reason=BackoffLimitExceeded']
    assert "Job job: job job failed: BackoffLimitExceeded\n  Failed is True, BackoffLimitExceeded" in caught.value.hint


def test_pod_hook_that_fails() -> None:
    pod = an("Pod", "pod", status={"phase": "Failed"})
    wait = Wait(FakeCluster(pod))
    assert str(wait.error("watch_until_ready", [pod], 10)) == "pod pod failed"
    assert wait.lines[-1] == 'level=ERROR msg="pod failed" pod=pod'


def test_hook_that_is_deleted() -> None:
    """Whatever deletes it knows why: the hook is over."""
    job = an("Job", "job")
    cluster = FakeCluster(job)
    later(lambda: cluster.delete(job))
    wait = Wait(cluster)
    wait.waiter.watch_until_ready([job], 10)
    assert wait.lines[-1] == 'level=DEBUG msg="deleted event received" resource=job'


def test_a_job_of_another_group() -> None:
    other = an("Widget", "w")
    mapping = other.mapping._replace(kind="Job")
    other.mapping = mapping
    error = Wait(FakeCluster(other)).error("watch_until_ready", [other], 10)
    assert str(error) == "expected w to be a *batch.Job, got *unstructured.Unstructured"


def test_hooks_are_watched_for_until_time_is_up() -> None:
    job = an("Job", "job")
    cluster = FakeCluster(job)
    cluster.refuse["list", job.collection] = forbidden("list", "jobs")
    wait = Wait(cluster)
    error = wait.error("watch_until_ready", [job], 0.3)
    assert str(error) == "timed out waiting for the condition"
    assert "could not look: jobs is forbidden" in error.hint


def test_no_hooks() -> None:
    assert str(Wait(FakeCluster()).error("watch_until_ready", [], 1)) == "no objects visited"


def test_cancelled_hooks() -> None:
    job = an("Job", "job")
    wait = Wait(FakeCluster(job))
    later(wait.waiter.cancel)
    began = time.monotonic()
    assert str(wait.error("watch_until_ready", [job], 900)) == "timed out waiting for the condition"
    assert time.monotonic() - began < 600
