"""Records and Leases on a real server: Helm reads ours, we read Helm's, and lists say the same."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, LeaseHeldError
from navarch.kube.client import Client
from navarch.releases.codec import decode, encode, unpack
from navarch.releases.drivers import open_driver
from navarch.releases.lease import Lease
from navarch.releases.model import Info, Release, Status
from navarch.releases.storage import Storage
from support.cluster import NAV, Cluster, Done, write_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '7.0'\n",
    "values.yaml": "color: blue\nbig: 12345678901\ntext: <a> & b\n",
    "values.schema.json": "{}",
    "templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {color: '{{ .Values.color }}'}\n"
    ),
    "templates/hook.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: '{{ .Release.Name }}-hook'\n"
        "  annotations: {helm.sh/hook: 'post-install,post-upgrade'}\n"
    ),
    "files/empty": "",
}


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    one = Client.from_kubeconfig(cluster.kubeconfig)
    yield one
    one.transport.close()


@pytest.fixture
def chart(cluster: Cluster) -> str:
    return write_chart(os.path.join(cluster.home, "web"), CHART)


READING = [
    "list -n {n} -o json",
    "list -n {n} --all -o yaml",
    "list -n {n} -l team=x",
    "history a -n {n}",
    "history a -n {n} --max 1 -o json",
    "status a -n {n} -o json",
    "get all a -n {n}",
    "get all a -n {n} --revision 1",
    "get values a -n {n} -a -o json",
    "get metadata a -n {n} -o json",
]


@pytest.mark.parametrize("driver", ["secret", "configmap"])
@pytest.mark.parametrize("turn", ["helm nav", "nav helm"])
def test_each_goes_on_with_what_the_other_wrote(cluster: Cluster, chart: str, driver: str, turn: str) -> None:
    n = cluster.namespace("rel")
    env = {"HELM_DRIVER": driver}
    one, other = (getattr(cluster, name) for name in turn.split())
    live_through(one, other, n, chart, env)
    kind = f"{driver}s"
    assert cluster.get(kind, "-n", n, "-l", "owner=helm")["items"] == []


def live_through(one: Any, other: Any, n: str, chart: str, env: dict[str, str]) -> None:
    """A release's life, in turn; after each step both must say the same of it."""
    steps = [
        (one, f"install a {chart} -n {n} --labels team=x --set color=red,n=1,big=12345678901"),
        (other, f"upgrade a {chart} -n {n} --reuse-values --set t=<&> --labels more=y"),
        (one, f"upgrade a {chart} -n {n} --history-max 2"),
        (other, f"rollback a 2 -n {n} --history-max 3"),
        (one, f"uninstall a -n {n} --keep-history"),
        (other, f"uninstall a -n {n}"),
    ]
    for program, words in steps:
        done = program(words, env=env)
        assert done.code == 0, f"{words}: {done.err}"
        for asked in READING:
            answers = [side(asked.format(n=n), env=env) for side in (one, other)]
            assert answers[0] == answers[1], asked


def test_a_record_of_helms_is_written_again_unchanged(cluster: Cluster, client: Client, chart: str) -> None:
    n = cluster.namespace("rel")
    assert cluster.helm(f"install a {chart} -n {n} --labels team=x --set color=red").code == 0
    before = cluster.get("secret", "sh.helm.release.v1.a.v1", "-n", n)
    storage = Storage(open_driver("", client, n))
    storage.update(storage.get("a", 1))
    after = cluster.get("secret", "sh.helm.release.v1.a.v1", "-n", n)
    assert unpack(base64.b64decode(after["data"]["release"])) == unpack(base64.b64decode(before["data"]["release"]))
    for volatile in ("resourceVersion", "managedFields"):
        ours, theirs = after["metadata"].pop(volatile), before["metadata"].pop(volatile)
        if volatile == "managedFields":
            assert [(one["manager"], one["operation"], one["fieldsV1"]) for one in ours] == [
                (one["manager"], one["operation"], one["fieldsV1"]) for one in theirs
            ]
    after["metadata"]["labels"].pop("modifiedAt")
    before["metadata"]["labels"].pop("modifiedAt")
    assert after["metadata"] == before["metadata"]
    assert after["type"] == before["type"]


def record(name: str, n: str, revision: int, status: str, *, when: str = "", **fields: Any) -> Release:
    info = Info(status=status, first_deployed=when, last_deployed=when, description=f"{status} {revision}")
    chart = {"metadata": {"name": "c", "version": "1.0.0", "apiVersion": "v2", "appVersion": "x"}}
    return Release(name, n, revision, info=info, chart=chart, **fields)


@pytest.fixture
def listed(cluster: Cluster, client: Client) -> tuple[str, str]:
    """Two namespaces with releases in all states: the first with so many that lists are taken from memory."""
    many, few = cluster.namespace("rel"), cluster.namespace("rel")
    others = [
        record("late", few, 1, "deployed", when="2026-01-02T00:00:00.5+09:00"),
        record("web-000", few, 1, "uninstalled", when="2026-01-01T00:00:00Z", labels={"team": "x"}),
        record("gone", few, 3, "superseded", when="2026-01-01T00:00:00Z"),
        record("gone", few, 2, "deployed", when="2026-01-01T00:00:00Z"),
        record("odd", few, 1, "unknown", when="2026-01-01T00:00:00Z"),
        record("never", few, 1, "pending-install"),
    ]
    states = [Status.DEPLOYED, Status.FAILED, Status.PENDING_UPGRADE, Status.UNINSTALLING]
    for number in range(90):
        when = f"2026-02-{number % 28 + 1:02}T00:00:0{number % 7}Z"
        name = f"web-{number:03}"
        others += [record(name, many, revision, "superseded", when=when) for revision in range(1, 4)]
        others.append(record(name, many, 10, states[number % 4], when=when, labels={"team": "xy"[number % 2]}))

    def store(one: Release) -> None:
        Storage(open_driver("", client, one.namespace)).create(one)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store, others))
    for number in range(2):
        cluster.kubectl("create", "secret", "generic", f"other-{number}", "-n", few)
        cluster.kubectl("label", "secret", f"other-{number}", "-n", few, "owner=helm", "name=odd", "version=9")
    return many, few


LISTS = [
    "",
    "-q",
    "-o json -m 7",
    "-o yaml -m 7 --offset 85",
    "-m 5 -r",
    "-d -m 9",
    "-d -r -m 9 --offset 3",
    "--failed --pending",
    "--superseded -m 0",
    "--superseded --deployed -m 3",
    "--uninstalling -r",
    "-l team=x -m 4",
    "-l team!=y,version=10 -m 4",
    "-l status=failed --deployed",
    "-f web-0[12] -m 12",
    "-f ^gone$",
    "-f nothing",
    "--time-format 2006-01-02 -m 3",
    "--offset 1000",
    "--no-headers -m 2",
    "--all -m 0",
]


@pytest.mark.parametrize("place", ["many", "few"])
def test_lists_are_helms(cluster: Cluster, listed: tuple[str, str], place: str) -> None:
    namespace = listed[("many", "few").index(place)]
    for flags in LISTS:
        words = f"list -n {namespace} {flags}"
        assert cluster.nav(words) == cluster.helm(words), words


def lines(done: Done, namespaces: tuple[str, ...]) -> list[list[str]]:
    """The rows of a table that are about these namespaces: those of other tests may come and go.

    Which of two releases of one name comes first is left to chance by Helm, and how wide columns are to the others.
    """
    rows = [[cell.strip() for cell in row.split("\t")] for row in done.out.splitlines()]
    return sorted(row for row in rows if row[1] in namespaces)


def test_a_list_of_all_namespaces_is_helms(cluster: Cluster, listed: tuple[str, str]) -> None:
    for flags in ("-m 0", "-f ^(late|gone|odd|never)$", "-l team=x -d -m 0", "--failed -m 0", "--superseded -m 0"):
        ours, theirs = (lines(side(f"list -A {flags}"), listed) for side in (cluster.nav, cluster.helm))
        assert ours == theirs != [], flags


def test_only_what_is_shown_is_asked_for(listed: tuple[str, str], client: Client) -> None:
    read: list[int] = []
    request = client.transport.request

    def noted(*words: Any, **options: Any) -> Any:
        answer = request(*words, **options)
        read.append(answer.body.count(b'"release":'))
        return answer

    client.transport.request = noted  # type: ignore[method-assign]
    assert len(Storage(open_driver("", client, listed[0])).list_latest(limit=10)) == 10
    assert sum(read) == 10


def damaged(content: Any) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.b64encode(base64.b64encode(gzip.compress(data))).decode()


DAMAGED = {
    "base64": base64.b64encode(b"!!").decode(),
    "gzip": base64.b64encode(base64.b64encode(gzip.compress(b"{}")[:-9])).decode(),
    "json": damaged(b'{"name":"r"'),
    "type": damaged({"name": "r", "info": {"status": 5}}),
    "nothing": "",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_damaged_records_are_refused_as_helm_refuses_them(
    cluster: Cluster, client: Client, chart: str, content: str
) -> None:
    n = cluster.namespace("rel")
    Storage(open_driver("", client, n)).create(record("r", n, 1, "deployed", when="2026-01-01T00:00:00Z"))
    labels = {"name": "r", "owner": "helm", "status": "failed", "version": "2"}
    bad = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {"name": "sh.helm.release.v1.r.v2", "namespace": n, "labels": labels},
        "data": {"release": content},
    }
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(bad))
    for asked in (
        f"get all r -n {n} --revision 2",
        f"status r -n {n} --revision 2",
        f"get values r -n {n}",
        f"status r -n {n}",
        f"list -n {n}",
        f"history r -n {n}",
    ):
        ours, theirs = cluster.nav(asked), cluster.helm(asked)
        assert (ours.code, ours.out, ours.err) == (theirs.code, theirs.out, theirs.err), asked


def test_a_release_that_is_too_big_is_refused_with_what_to_do(cluster: Cluster) -> None:
    n = cluster.namespace("rel")
    noise = base64.b64encode(os.urandom(1_500_000)).decode()
    chart = write_chart(os.path.join(cluster.home, "big"), {**CHART, "files/noise": noise})
    ours, theirs = (side(f"install a {chart} -n {n}") for side in (cluster.nav, cluster.helm))
    assert (ours.code, theirs.code) == (1, 1)
    assert ours.err.startswith(theirs.err.rstrip("\n"))
    assert "Too long: may not be more than 1048576 bytes" in theirs.err
    assert cluster.get("secret,configmap", "-n", n, "-l", "app.kubernetes.io/managed-by=Helm")["items"] == []


HOLD = """
import sys, time
from navarch.kube.client import Client
from navarch.releases.lease import Lease
with Lease(Client.from_kubeconfig(sys.argv[1]), sys.argv[2], "web", action="upgrade", revision=4):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(cluster: Cluster, n: str) -> subprocess.Popen[str]:
    """Another process that holds the Lease of the release `web` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, cluster.kubeconfig, n], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def lease_of(cluster: Cluster, n: str) -> Any:
    return cluster.get("lease", "-n", n)["items"]


def test_a_lease_keeps_a_second_process_out_until_it_ends(cluster: Cluster, client: Client) -> None:
    n = cluster.namespace("rel")
    other = holding(cluster, n)
    with pytest.raises(LeaseHeldError, match=rf"pid {other.pid}\): upgrade to revision 4 since"):
        Lease(client, n, "web").__enter__()
    other.communicate("")
    assert lease_of(cluster, n) == []
    with Lease(client, n, "web") as lease:
        assert (lease.held, lease.abandoned) == (True, None)
        assert lease_of(cluster, n)[0]["spec"]["holderIdentity"].startswith(str(lease._holder))
    assert lease_of(cluster, n) == []


def test_the_lease_of_a_killed_process_is_taken_over_at_once(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = cluster.namespace("rel")
    other = holding(cluster, n)
    other.kill()
    other.communicate()
    monkeypatch.setattr("navarch.releases.lease.sleep", lambda _: pytest.fail("it waited"))
    with Lease(client, n, "web") as lease:
        assert lease.abandoned is not None
        assert (lease.abandoned.pid, lease.abandoned.revision) == (other.pid, 4)
    assert lease_of(cluster, n) == []


def test_an_interrupted_process_leaves_no_lease(cluster: Cluster) -> None:
    n = cluster.namespace("rel")
    other = holding(cluster, n)
    other.send_signal(signal.SIGINT)
    other.communicate()
    assert lease_of(cluster, n) == []


def test_a_lease_that_nobody_renews_runs_out(cluster: Cluster, client: Client) -> None:
    n = cluster.namespace("rel")
    with Lease(client, n, "web", duration=2.0, period=0.5):
        thing = lease_of(cluster, n)[0]
    holder = json.loads(thing["metadata"]["annotations"]["navarch/holder"])
    thing["metadata"] = {
        "name": thing["metadata"]["name"],
        "namespace": n,
        "annotations": {"navarch/holder": json.dumps(holder | {"machine": "another", "host": "far"})},
    }
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(thing))
    with Lease(client, n, "web", duration=2.0, period=0.5) as lease:
        assert lease.abandoned is not None
        assert lease.abandoned.host == "far"


def test_without_the_right_to_leases_work_goes_on(cluster: Cluster) -> None:
    n = cluster.namespace("rel")
    plain = Client.from_kubeconfig(cluster.kubeconfig, token="plain")
    told: list[str] = []
    with Lease(plain, n, "web", debug=told.append) as lease:
        assert not lease.held
    assert 'User \\"plain\\" cannot create resource \\"leases\\"' in told[0]
    with pytest.raises(ApiError, match=r"^list: failed to list: secrets is forbidden: User \"plain\" cannot list"):
        Storage(open_driver("", plain, n)).list_latest()
    plain.transport.close()


def test_forbidden_records_are_told_as_helm_tells_them(cluster: Cluster, chart: str) -> None:
    n = cluster.namespace("rel")
    for driver in ("secret", "configmap"):
        for words in (f"list -n {n}", f"status a -n {n}", f"history a -n {n}", f"install a {chart} -n {n}"):
            sides = [
                side(f"{words} --kube-token plain", env={"HELM_DRIVER": driver}) for side in (cluster.nav, cluster.helm)
            ]
            assert sides[0] == sides[1], words


def test_two_upgrades_at_once(cluster: Cluster, chart: str) -> None:
    n = cluster.namespace("rel")
    assert cluster.nav(f"install a {chart} -n {n}").code == 0
    both = [cluster.popen(NAV, f"upgrade a {chart} -n {n} --set color=c{number}") for number in range(2)]
    told = [process.communicate(timeout=600)[1] for process in both]
    codes = [process.returncode for process in both]
    found = cluster.nav(f"history a -n {n} -o json").json
    # whoever came second either waited its turn out by being late, or was refused by name
    assert codes.count(0) == len(found) - 1 >= 1
    for code, text in zip(codes, told, strict=True):
        assert code == 0 or "is in progress: release a is held by" in text
    assert [one["status"] for one in found].count("deployed") == 1
    assert lease_of(cluster, n) == []


def test_a_records_content_is_what_helm_would_have_written(cluster: Cluster, chart: str) -> None:
    """The same install by both, field by field; times, names and what hangs on them aside."""
    n = cluster.namespace("rel")
    stored = []
    for name, side in (("nav", cluster.nav), ("helm", cluster.helm)):
        assert side(f"install {name} {chart} -n {n} --set n=1,color=<&>").code == 0
        thing = cluster.get("secret", f"sh.helm.release.v1.{name}.v1", "-n", n)
        content = json.loads(unpack(base64.b64decode(thing["data"]["release"])))
        for time_of in (content["info"], content["hooks"][0]["last_run"]):
            for field in [field for field in time_of if field.endswith(("_at", "_deployed"))]:
                time_of[field] = "T"
        stored.append(
            json.dumps(content).replace(f'"{name}', '"X').replace(f": {name}", ": X").replace(f"'{name}", "'X")
        )
    assert stored[0] == stored[1]
    assert decode(encode(decode(thing_data(thing)))).name == "helm"


def thing_data(thing: Any) -> bytes:
    return base64.b64decode(thing["data"]["release"])
