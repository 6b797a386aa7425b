"""Running a release's tests: which ones, what is recorded, whose logs are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from navarch.actions import testing
from navarch.actions.context import Context
from navarch.actions.testing import Filter
from navarch.errors import ApiError, KubernetesError, ReleaseError, WaitError
from navarch.releases.drivers.memory import Memory
from navarch.releases.model import Hook, Info, Release
from navarch.releases.storage import Storage
from support.api import FakeApi, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


class Cluster:
    """Takes hooks; those whose manifest says "bad" fail. Remembers what was created and deleted."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def is_reachable(self) -> None:
        """It is."""

    def build(self, manifest: str, **_options: Any) -> list[str]:
        return [manifest]

    def create(self, resources: Sequence[str], **_options: Any) -> None:
        self.done += [f"create {one}" for one in resources]

    def delete(self, resources: Sequence[str], **_options: Any) -> tuple[Sequence[str], list[KubernetesError]]:
        self.done += [f"delete {one}" for one in resources]
        return resources, []

    def waiter(self, strategy: str, **_options: Any) -> Cluster:
        assert strategy == "watcher"
        return self

    def watch_until_ready(self, resources: Sequence[str], timeout: float) -> None:
        assert timeout == 7
        if "bad" in resources[0]:
            raise WaitError("it failed")

    def wait_for_delete(self, _resources: Sequence[str], _timeout: float) -> None:
        """It is gone at once."""


def hook(name: str, event: str = "test", *, weight: int = 0, policies: Sequence[str] = ("hook-succeeded",)) -> Hook:
    return Hook(name, "Pod", f"{name}.yaml", name, events=[event], weight=weight, delete_policies=policies)


def context(*hooks: Hook, client: Any = None) -> Context:
    storage = Storage(Memory("shop"))
    storage.create(Release("web", "shop", 1, info=Info(status="deployed"), hooks=hooks))
    found: Any = client or Cluster()
    return Context(found, storage, "shop")


def run(surroundings: Context, **options: Any) -> testing.Outcome:
    return testing.run_tests(surroundings, "web", timeout=7, **options)


def test_tests_run_by_weight_and_only_tests() -> None:
    surroundings = context(hook("late", weight=5), hook("before", "pre-install"), hook("early", weight=-5))
    cluster: Any = surroundings.client
    done = run(surroundings)
    assert cluster.done == ["create early", "create late"]
    assert done.error is None
    done.finish()
    assert cluster.done[2:] == ["delete late", "delete early"], "deleted once their logs could be read"
    assert [(one.name, one.last_run.phase) for one in surroundings.storage.last("web").hooks] == [
        ("late", "Succeeded"),
        ("before", ""),
        ("early", "Succeeded"),
    ]


def test_a_test_that_fails_is_recorded() -> None:
    surroundings = context(hook("bad"), hook("never", weight=1))
    done = run(surroundings)
    assert str(done.error) == "it failed"
    assert [one.last_run.phase for one in surroundings.storage.last("web").hooks] == ["Failed", ""]


def test_filters_and_the_order_of_what_they_leave_out() -> None:
    """Helm puts first what was excluded by name, then what was not asked for, then what ran."""
    surroundings = context(*map(hook, ("a", "b", "c", "d")))
    done = run(surroundings, tests=Filter(names=["b", "c"], without=["c", "d"]))
    assert [one.name for one in done.release.hooks] == ["c", "d", "a", "b"]
    assert [one.last_run.phase for one in done.release.hooks] == ["", "", "", "Succeeded"]


def test_a_record_that_can_not_be_written_is_an_error() -> None:
    surroundings = context(hook("a"))

    def refuse(_key: str, _release: Release) -> None:
        raise ReleaseError("no room")

    surroundings.storage.driver.update = refuse  # type: ignore[method-assign]
    assert str(run(surroundings).error) == "no room"


def test_names_are_checked_after_the_cluster() -> None:
    with pytest.raises(ReleaseError, match=r"^releaseTest: Release name is invalid: A$"):
        testing.run_tests(context(), "A")


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


POD = {"spec": {"initContainers": [{"name": "first"}], "containers": [{"name": "main"}, {"name": "side"}]}}


def logs(api: FakeApi, *hooks: Hook, tests: Filter = Filter()) -> list[tuple[str, str, bytes]]:  # noqa: B008
    surroundings = context(*hooks, client=api.client("shop"))
    release = surroundings.storage.last("web")
    return [(pod, name, b"".join(pieces)) for pod, name, pieces in testing.pod_logs(surroundings, release, tests=tests)]


def test_logs_of_all_containers(api: FakeApi) -> None:
    for pod in ("a", "b"):
        api.answers[f"/api/v1/namespaces/shop/pods/{pod}"] = POD
        api.answers[f"/api/v1/namespaces/shop/pods/{pod}/log"] = lambda asked: asked.query["container"]
    found = logs(api, hook("b", weight=1), hook("a"), hook("c"), tests=Filter(without=["c"]))
    assert found == [(pod, name, f'"{name}"'.encode()) for pod in "ab" for name in ("first", "main", "side")]


def test_logs_of_a_pod_that_is_not_there(api: FakeApi) -> None:
    api.answers["/api/v1/namespaces/shop/pods/a"] = status(404, "NotFound", 'pods "a" not found')
    with pytest.raises(ApiError, match=r'^unable to get pod a: pods "a" not found$'):
        logs(api, hook("a"))


def test_containers_without_logs_are_told_after_those_with(api: FakeApi) -> None:
    def answer(asked: Any) -> Any:
        name = asked.query["container"]
        return "fine" if name == "main" else status(400, "BadRequest", f"container {name} is waiting")

    api.answers["/api/v1/namespaces/shop/pods/a"] = POD
    api.answers["/api/v1/namespaces/shop/pods/a/log"] = answer
    surroundings = context(hook("a"), client=api.client("shop"))
    found = testing.pod_logs(surroundings, surroundings.storage.last("web"))
    assert next(found)[1] == "main"
    with pytest.raises(KubernetesError) as caught:
        next(found)
    assert str(caught.value) == (
        "unable to get logs for pod a, container first: container first is waiting\n"
        "unable to get logs for pod a, container side: container side is waiting"
    )
