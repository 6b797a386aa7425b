"""get, history, list and status without a command line: what is asked of the records, and what of the cluster.

What they print is held against Helm in tests/cli/test_reading.py and tests/real/test_reading.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from navarch.actions.context import Context
from navarch.actions.get import check_name, computed_values, get_metadata, get_release, get_values
from navarch.actions.history import history
from navarch.actions.listing import list_releases
from navarch.actions.status import PODS, status
from navarch.chart.model import Chart
from navarch.errors import ConfigError, KubernetesError, ReleaseError, ReleaseNotFoundError, UsageError
from navarch.releases.drivers.memory import Memory
from navarch.releases.model import Info, Release
from navarch.releases.storage import Storage
from support.api import FakeApi
from support.api import status as refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {selector: {matchLabels: {b: z, a: x}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: same-pods}
spec: {selector: {matchLabels: {a: x, b: z}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone}
"""


class Unreachable:
    """A cluster that isn't there."""

    def is_reachable(self) -> None:
        raise KubernetesError("kubernetes cluster unreachable: no")


def release(name: str, revision: int, state: str = "deployed", *, day: int = 1, **more: Any) -> Release:
    info = Info(status=state, last_deployed=f"2026-01-{day:02}T00:00:00Z", description=f"d{revision}")
    chart = {"metadata": {"name": "web", "version": "1.2.3"}, "values": {"a": 1, "b": {"c": 2, "d": 3}}}
    return Release(name, "shop", revision, info=info, chart=chart, **more)


def context(*releases: Release, client: Any = None) -> Context:
    storage = Storage(Memory("shop"))
    for one in releases:
        storage.create(one)
    found: Any = client or Reachable()
    return Context(found, storage, "shop")


class Reachable:
    """A cluster that is there, and is asked for nothing else."""

    def is_reachable(self) -> None:
        """It is."""


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.mark.parametrize(
    "action",
    [
        lambda c: get_release(c, "web"),
        lambda c: get_values(c, "web"),
        lambda c: history(c, "web"),
        list_releases,
        lambda c: status(c, "web"),
    ],
)
def test_the_cluster_is_looked_for_first(action: Any) -> None:
    with pytest.raises(KubernetesError, match=r"^kubernetes cluster unreachable: no$"):
        action(context(client=Unreachable()))


def test_a_kubeconfig_at_fault_is_told_as_an_unreachable_cluster() -> None:
    def opened() -> Any:
        raise ConfigError("stat /nope: no such file or directory")

    def storage(_: Context) -> Storage:
        raise AssertionError("records are not looked for")

    with pytest.raises(ConfigError) as caught:
        get_release(Context(opened, storage, "shop"), "web")
    assert str(caught.value) == "kubernetes cluster unreachable: stat /nope: no such file or directory"


def test_the_latest_revision_or_another() -> None:
    found = context(release("web", 1), release("web", 2))
    assert get_release(found, "web").revision == 2
    assert get_release(found, "web", -1).revision == 2
    assert get_release(found, "web", 1).revision == 1
    with pytest.raises(ReleaseNotFoundError):
        get_release(found, "web", 3)


@pytest.mark.parametrize("name", ["", "A", "a_b", "a.", "x" * 54])
def test_names_that_releases_can_not_have(name: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        check_name(name, "no")
    assert str(caught.value) == f"no: {name}"


def test_values() -> None:
    found = context(release("web", 1, config={"b": {"c": 9}, "a": None}))
    assert get_values(found, "web") == {"b": {"c": 9}, "a": None}
    assert get_values(found, "web", everything=True) == {"b": {"c": 9, "d": 3}}


def test_computed_values_of_a_chart_that_has_its_subcharts() -> None:
    child = {"Chart.yaml": b"apiVersion: v2\nname: kid\nversion: 1.0.0\n", "values.yaml": b"size: 3\n"}
    files = {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n", "values.yaml": b"own: 1\n"}
    chart = Chart.from_files({**files, **{f"charts/kid/{path}": text for path, text in child.items()}})
    assert computed_values(release("web", 1), chart) == {"own": 1, "kid": {"size": 3, "global": {}}}


def test_metadata_of_a_record_that_says_little() -> None:
    bare = Release("web", "shop", 1, info=Info(status="failed"), chart={"metadata": {}})
    found = get_metadata(context(bare), "web")
    assert found.deployed_at == "0001-01-01T00:00:00Z"
    assert (found.chart, found.version, found.dependencies, found.annotations) == ("", "", [], {})


def test_history() -> None:
    found = context(*(release("web", number) for number in (1, 2, 3, 11)))
    assert [one.revision for one in history(found, "web")] == [1, 2, 3, 11]
    assert [one.revision for one in history(found, "web", maximum=2)] == [3, 11]
    assert history(found, "web", maximum=0) == []
    with pytest.raises(ReleaseNotFoundError):
        history(found, "other", maximum=0)
    with pytest.raises(ReleaseError, match=r"^release name is invalid: A$"):
        history(found, "A")


def test_list() -> None:
    found = context(
        release("b", 1, "superseded"),
        release("b", 2, "deployed", day=3),
        release("a", 1, "failed", day=2, labels={"team": "red"}),
        release("c", 1, "pending-rollback", day=1),
        release("d", 1, "unknown"),
    )

    def names(**options: Any) -> list[str]:
        return [f"{one.name}{one.revision}" for one in list_releases(found, **options)]

    assert names() == ["a1", "b2", "c1"]
    assert names(reverse=True) == ["c1", "b2", "a1"]
    assert names(by_date=True) == ["c1", "a1", "b2"]
    assert names(by_date=True, reverse=True, maximum=1, offset=1) == ["a1"]
    assert names(states=["pending", "failed"]) == ["a1", "c1"]
    assert names(states=["superseded"]) == ["b1"]
    assert names(states=["superseded", "deployed"]) == ["b2"]
    assert names(name_filter="[bc]") == ["b2", "c1"]
    assert names(selector="team=red") == ["a1"]
    assert names(selector="!team", maximum=-1) == ["b2", "c1"]


def test_list_refuses_what_it_can_not_read() -> None:
    found = context(release("a", 1))
    for options in ({"name_filter": "("}, {"selector": "(("}, {"offset": -1}):
        with pytest.raises(UsageError):
            list_releases(found, **options)
    assert list_releases(found, selector="((", name_filter="z") == [], "nothing to hold the selector against"


def test_status_shows_what_is_there(api: FakeApi) -> None:
    place = "/api/v1/namespaces/shop"
    api.answers[f"{place}/configmaps/one"] = {"kind": "ConfigMap", "apiVersion": "v1", "data": {"k": "v"}}
    api.answers["/apis/apps/v1/namespaces/shop/deployments/web"] = {"kind": "Deployment", "apiVersion": "apps/v1"}
    api.answers["/apis/apps/v1/namespaces/shop/statefulsets/same-pods"] = refusal(403, "Forbidden", "no")
    api.answers[f"{place}/pods"] = {"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "p"}}]}
    found = status(context(release("web", 1, manifest=MANIFEST), client=api.client("shop")), "web").info.resources
    assert found == {
        "v1/ConfigMap": [{"kind": "ConfigMap", "apiVersion": "v1", "data": {"k": "v"}}],
        "v1/Deployment": [{"kind": "Deployment", "apiVersion": "apps/v1"}],
        PODS: [
            {
                "kind": "PodList",
                "apiVersion": "v1",
                "items": [{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}}],
            }
        ],
    }
    asked = [one for one in api.asked if one.path.endswith("/pods")]
    assert [one.query for one in asked] == [{"labelSelector": "a=x,b=z"}], "the same pods are asked for once"


def test_status_asks_for_tables(api: FakeApi) -> None:
    table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": [], "rows": []}
    api.answers["/api/v1/namespaces/shop/configmaps/one"] = table
    status(context(release("web", 1, manifest=MANIFEST), client=api.client("shop")), "web", tables=True)
    asked = next(one for one in api.asked if one.path.endswith("/one"))
    assert asked.accept.startswith("application/json;as=Table;v=v1;g=meta.k8s.io,")
    assert asked.query == {"includeObject": "None"}


def test_pods_that_may_not_be_listed_are_told_of(api: FakeApi) -> None:
    api.answers["/apis/apps/v1/namespaces/shop/deployments/web"] = {"kind": "Deployment", "apiVersion": "apps/v1"}
    api.answers["/api/v1/namespaces/shop/pods"] = refusal(403, "Forbidden", "pods is forbidden")
    said: list[str] = []
    surroundings = context(release("web", 1, manifest=MANIFEST), client=api.client("shop"))
    surroundings.say = said.append
    assert PODS not in status(surroundings, "web").info.resources
    assert said == ['level=WARN msg="get the relation pod is failed" error="pods is forbidden"']
