"""Tables of the embedded API server beside those of the real one, for objects of every built-in kind in many states."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial as partial_of
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from navarch.cluster.tables import partial, partial_list, table
from navarch.cluster.types.catalog import Resource
from navarch.cluster.types.schema import ANY
from support import statuses
from support.raw import TABLE, Raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.cluster import Cluster

pytestmark = pytest.mark.real
_SETTLING_SECONDS = 60.0


def _resource(path: str, kind: str) -> Resource:
    """The resource behind an address: "api/v1/pods", "apis/apps/v1/deployments"."""
    _, *group, version, plural = path.split("/")
    return Resource(group[0] if group else "", version, plural, "", kind, True, (), ANY, version)


def _make(raw: Raw, address: str, obj: dict[str, Any], kept: list[str]) -> None:
    """Create an object and write its status. Objects that the API refuses count for nothing: states are random."""
    metadata = {"generateName": "nav-table-", **obj.get("metadata", {})}
    code, made, _ = raw.call(address, {**obj, "metadata": metadata})
    if code != 201:
        return
    where = f"{address}/{made['metadata']['name']}"
    kept.append(where)
    if obj.get("status"):
        raw.call(f"{where}/status", {**made, "status": obj["status"]}, method="PUT")
    if metadata.get("finalizers"):
        raw.call(where, {"gracePeriodSeconds": 5}, method="DELETE")


def _hold(raw: Raw, address: str, path: str) -> None:
    """Compare the tables for a list."""
    mark = "&" if "?" in address else "?"
    forms = [(f"{address}{mark}includeObject={include}", TABLE) for include in ("Metadata", "None", "Object")]
    listed, answers = _settled(raw, address, forms)
    kind = listed["kind"].removesuffix("List")
    objects = [{"kind": kind, "apiVersion": listed["apiVersion"], **one} for one in listed["items"]]
    for (where, _), told in zip(forms, answers, strict=True):
        assert len(objects) == len(told.body["rows"] or [])
        include = where.rpartition("=")[2]
        make = partial_of(table, _resource(path, kind), objects, include=include, list_meta=told.body["metadata"])
        _same(lambda now, make=make: make(now=now.isoformat()), told)


class Told(NamedTuple):
    """An answer, and when it was asked for and told, to the second."""

    body: Any
    asked: datetime
    told: datetime


def _ask(raw: Raw, address: str, form: str) -> Told:
    asked = datetime.now(UTC).replace(microsecond=0)
    code, body, headers = raw.call(address, headers={"Accept": form})
    assert code == 200, body
    return Told(body, asked, parsedate_to_datetime(headers["Date"]))


def _settled(raw: Raw, address: str, forms: list[tuple[str, str]]) -> tuple[dict[str, Any], list[Told]]:
    """A list, and the answers to (address, Accept) between two readings of it that are equal.

    The server's own controllers and other tests change what is in the cluster: only what nobody changed while it was
    read can be compared.
    """
    deadline = time.monotonic() + _SETTLING_SECONDS
    _, before, _ = raw.call(address)
    while True:
        answers = [_ask(raw, where, form) for where, form in forms]
        _, after, _ = raw.call(address)
        if before["items"] == after["items"]:
            return after, answers
        if time.monotonic() > deadline:
            pytest.fail(f"{address} did not come to rest in {_SETTLING_SECONDS:g} seconds")
        before = after


def _same(ours: Callable[[datetime], dict[str, Any]], told: Told) -> None:
    """Equal as of a moment between question and answer, for each row; columns tell nothing of themselves here."""
    wanted = told.body
    for column in wanted["columnDefinitions"]:
        column["description"] = ""
    moments = range(-1, int((told.told - told.asked).total_seconds()) + 2)
    found = [ours(told.asked + timedelta(seconds=late)) for late in moments]
    for row, *others in zip(wanted["rows"] or [], *(one["rows"] or [] for one in found), strict=True):
        assert row in others, f"{row['cells']} != {others[0]['cells']}"
    for one in found:
        one["rows"] = wanted["rows"]
        assert one == wanted


@pytest.mark.parametrize("path", list(statuses.NAMESPACED))
def test_rows(cluster: Cluster, path: str) -> None:
    raw, namespace = Raw(cluster), cluster.namespace()
    prefix, _, plural = path.rpartition("/")
    address = f"/{prefix}/namespaces/{namespace}/{plural}"
    _hold(raw, address, path)  # an empty list
    _fill(raw, address, statuses.NAMESPACED[path])
    _hold(raw, address, path)


def test_rows_of_finished_jobs(cluster: Cluster) -> None:
    raw, path = Raw(cluster), "apis/batch/v1/jobs"
    address = f"/apis/batch/v1/namespaces/{cluster.namespace()}/jobs"
    _fill(raw, address, (statuses.finished_job, 10))
    _hold(raw, address, path)


def test_rows_of_new_events(cluster: Cluster) -> None:
    raw, namespace = Raw(cluster), cluster.namespace()
    address = f"/api/v1/namespaces/{namespace}/events"
    for number in range(4):
        event = statuses.new_event(random.Random(number))
        event["involvedObject"]["namespace"] = namespace
        assert raw.call(address, {**event, "metadata": {"name": f"e{number}"}})[0] == 201
    _hold(raw, address, "api/v1/events")
    _hold(raw, f"/apis/events.k8s.io/v1/namespaces/{namespace}/events", "apis/events.k8s.io/v1/events")


def test_rows_of_cluster_wide_kinds(own_cluster: Cluster) -> None:
    """On a server of their own: default classes and the like would change what other tests create."""
    raw = Raw(own_cluster)
    for path, making in statuses.CLUSTER_WIDE.items():
        kept: list[str] = []
        _fill(raw, f"/{path}", making, kept)
        _hold(raw, f"/{path}", path)
        for one in kept:
            raw.call(one, method="DELETE")


def _fill(
    raw: Raw, address: str, making: tuple[Callable[[random.Random], dict[str, Any]], int], kept: list[str] | None = None
) -> None:
    """Make objects; their addresses go into `kept`."""
    kept = [] if kept is None else kept
    maker, number = making
    namespace = address.rpartition("/namespaces/")[2].partition("/")[0]
    for seed in range(number):
        obj = maker(random.Random(seed))
        if "involvedObject" in obj:
            obj["involvedObject"]["namespace"] = namespace
        _make(raw, address, obj, kept)
    assert len(kept) > number // 2


# Those that no other test makes or changes.
_SYSTEM = "labelSelector=kubernetes.io/metadata.name+in+(default,kube-system,kube-public,kube-node-lease)"
_BUILT_IN = "labelSelector=kube-aggregator.kubernetes.io/automanaged=onstart"


@pytest.mark.parametrize(
    ("path", "which"),
    [("api/v1/namespaces", _SYSTEM), ("apis/apiregistration.k8s.io/v1/apiservices", _BUILT_IN)],
)
def test_rows_of_what_is_there(cluster: Cluster, path: str, which: str) -> None:
    raw = Raw(cluster)
    assert len(raw.call(f"/{path}?{which}")[1]["items"]) > 3
    _hold(raw, f"/{path}?{which}", path)


def test_scale(cluster: Cluster) -> None:
    raw = Raw(cluster)
    address = f"/apis/apps/v1/namespaces/{cluster.namespace()}/deployments"
    _, made, _ = raw.call(address, {**statuses.deployment(random.Random(1)), "metadata": {"name": "d"}})
    _, scale, _ = raw.call(f"{address}/d/scale")
    told = _ask(raw, f"{address}/d/scale", TABLE)
    resource = _resource("apis/apps/v1/deployments", made["kind"])
    _same(lambda now: table(resource, [scale], now=now.isoformat(), subresource="scale"), told)


def test_bare_metadata(cluster: Cluster) -> None:
    raw, namespaces = Raw(cluster), _resource("api/v1/namespaces", "Namespace")
    for version in ("v1", "v1beta1"):
        form = f"application/json;as=PartialObjectMetadataList;v={version};g=meta.k8s.io"
        address = f"/api/v1/namespaces?{_SYSTEM}"
        forms = [(address, form), ("/api/v1/namespaces/default", form.replace("List", ""))]
        listed, [(wanted, *_), (wanted_one, *_)] = _settled(raw, address, forms)
        assert partial_list(namespaces, listed["items"], wanted["metadata"], version=version) == wanted
        default = next(one for one in listed["items"] if one["metadata"]["name"] == "default")
        assert partial(namespaces, default, version=version) == wanted_one
