"""nav killed after each change it makes to the cluster: the next command understands, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.cluster import NAV, write_chart
from support.proxy import Broken, Call, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cluster import Cluster

pytestmark = pytest.mark.real

MANIFESTS = """
{{- range .Values.names }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ $.Release.Name }}-{{ . }}"}
data: {color: "{{ $.Values.color }}"}
{{- end }}
---
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {clusterIP: None, ports: [{port: 80}]}
"""
HOOK = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-hook
  annotations:
    helm.sh/hook: pre-install,post-install,pre-upgrade,post-upgrade,pre-rollback,post-rollback,pre-delete,post-delete
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
"""
KINDS = "configmaps,secrets,services,leases.coordination.k8s.io"
PENDING = {"pending-install", "pending-upgrade", "pending-rollback", "uninstalling"}
_MOST_CHANGES = 40


class Case(NamedTuple):
    """What is there before, the command that is killed, the one that comes next, and the ConfigMaps that it leaves.

    `{r}` is the release, `{c}` the chart.
    """

    before: tuple[str, ...]
    killed: str
    after: str
    left: str


ONE = "install {r} {c} --set names={{a,b}}"
TWO = "upgrade {r} {c} --set names={{b,c}},color=red"
CASES = {
    "install-install": Case((), ONE, ONE, "a b"),
    "install-upgrade": Case((), ONE, "upgrade -i {r} {c} --set names={{b,d}}", "b d"),
    "install-uninstall": Case((), ONE, "uninstall {r} --ignore-not-found", ""),
    "upgrade-upgrade": Case((ONE,), TWO, TWO, "b c"),
    "upgrade-other": Case((ONE,), TWO, "upgrade {r} {c} --install --set names={{b,d}}", "b d"),
    "upgrade-rollback": Case((ONE,), TWO, "rollback {r} 1", "a b"),
    "upgrade-uninstall": Case((ONE,), TWO, "uninstall {r}", ""),
    "rollback-rollback": Case((ONE, TWO), "rollback {r} 1", "rollback {r} 1", "a b"),
    "rollback-upgrade": Case((ONE, TWO), "rollback {r} 1", "upgrade {r} {c} --set names={{b,d}}", "b d"),
    "rollback-uninstall": Case((ONE, TWO), "rollback {r} 1", "uninstall {r}", ""),
    "uninstall-uninstall": Case((ONE, TWO), "uninstall {r}", "uninstall {r} --ignore-not-found", ""),
    "uninstall-upgrade": Case((ONE, TWO), "uninstall {r}", "upgrade -i {r} {c} --set names={{b,d}}", "b d"),
    "uninstall-install": Case((ONE,), "uninstall {r}", ONE, "a b"),
    "keep-uninstall": Case((ONE,), "uninstall {r} --keep-history", "uninstall {r} --ignore-not-found", ""),
}


class Victim:
    """nav through a proxy, killed after a change."""

    def __init__(self, cluster: Cluster, proxy: Proxy) -> None:
        self._cluster = cluster.through(proxy.kubeconfig)
        self._proxy = proxy

    def killed(self, line: str, number: int) -> bool:
        """Run a command and kill it when the server has made the number-th change. Whether it came to that."""
        pids: list[int] = []
        started = threading.Event()

        def kill(count: int, _: Call) -> None:
            if count == number:
                started.wait()
                os.kill(pids[0], signal.SIGKILL)
                raise Broken

        self._proxy.forget()
        self._proxy.on_mutation = kill
        process = self._cluster.popen(NAV, line)
        pids.append(process.pid)
        started.set()
        out, err = process.communicate(timeout=600)
        self._proxy.settle()
        assert process.returncode in {0, -signal.SIGKILL}, out + err
        return process.returncode != 0


@pytest.fixture
def chart(tmp_path: Path) -> str:
    files = {
        "values.yaml": "names: []\ncolor: blue\n",
        "templates/all.yaml": MANIFESTS,
        "templates/hook.yaml": HOOK,
    }
    return write_chart(str(tmp_path), files)


def _kills(victim: Victim, line: str, releases: Iterator[str]) -> Iterator[str]:
    """Each release as the command leaves it that is killed after one change more, until it isn't killed any more."""
    for number, release in enumerate(releases, 1):
        if not victim.killed(line.replace("{r}", release), number):
            assert number > 3, "killed too seldom to tell anything"
            return
        assert number < _MOST_CHANGES
        yield release


@pytest.mark.parametrize("name", CASES)
def test_the_next_command_goes_on(name: str, cluster: Cluster, proxy: Proxy, chart: str) -> None:
    case = CASES[name]
    space = cluster.namespace("kill")

    def prepared() -> Iterator[str]:
        for number in range(1, _MOST_CHANGES + 2):
            for line in case.before:
                _run(cluster, line, f"r{number}", chart, space)
            yield f"r{number}"

    line = _line(case.killed, "{r}", chart, space)
    for release in _kills(Victim(cluster, proxy), line, prepared()):
        last = _last(cluster, release, space)
        if case.after == ONE and last.get("status") == "deployed":
            assert _names(cluster, release, space) == {*"ab"}, "the record says that all is done"
        else:
            _run(cluster, case.after, release, chart, space)
        _check(cluster, case, release, space)


def _check(cluster: Cluster, case: Case, release: str, space: str) -> None:
    assert _names(cluster, release, space) == set(case.left.split())
    history = _history(cluster, release, space)
    if not case.left:
        assert (history, _left(cluster, release, space)) == ([], [])
        return
    assert history[-1]["status"] == "deployed"
    assert not PENDING & {revision["status"] for revision in history}, history


def _line(line: str, release: str, chart: str, space: str) -> str:
    return line.format(r=release, c=chart) + f" -n {space}"


def _run(cluster: Cluster, line: str, release: str, chart: str, space: str) -> None:
    done = cluster.nav(_line(line, release, chart, space))
    assert done.code == 0, f"{line}: {done.err}"


def _names(cluster: Cluster, release: str, space: str) -> set[str]:
    """The ConfigMaps of a release, hooks included, without the release's name."""
    found = [item["metadata"]["name"] for item in cluster.get("configmaps", "-n", space)["items"]]
    return {name.removeprefix(f"{release}-") for name in found if name.startswith(f"{release}-")}


def _left(cluster: Cluster, release: str, space: str) -> list[str]:
    """All that has to do with a release."""
    found = cluster.kubectl("get", KINDS, "-n", space, "-o", "name").split()
    return [name for name in found if release in name.replace(".", "/").replace("-", "/").split("/")]


def _history(cluster: Cluster, release: str, space: str) -> list[dict[str, str]]:
    """What Helm reads in the records; [] where there are none."""
    done = cluster.helm(f"history {release} -n {space} -o json")
    return done.json if done.code == 0 else []


def _last(cluster: Cluster, release: str, space: str) -> dict[str, str]:
    return (_history(cluster, release, space) or [{}])[-1]


@pytest.mark.parametrize(("before", "killed"), [((), ONE), ((ONE,), TWO), ((ONE, TWO), "rollback {r} 1")])
def test_the_record_tells_what_was_cut_off(
    before: tuple[str, ...], killed: str, cluster: Cluster, proxy: Proxy, chart: str
) -> None:
    space = cluster.namespace("kill")
    for line in before:
        _run(cluster, line, "r", chart, space)
    assert Victim(cluster, proxy).killed(_line(killed, "r", chart, space), 4)
    pending = _last(cluster, "r", space)
    assert pending["status"].startswith("pending-")
    _run(cluster, TWO, "r", chart, space)
    cut_off, last = _history(cluster, "r", space)[-2:]
    assert cut_off["revision"] == pending["revision"]
    # an upgrade of a release that was never deployed marks it so, in Helm too
    assert cut_off["status"] == ("failed" if before else "superseded")
    assert "interrupted" in cut_off["description"]
    assert last["status"] == "deployed"


def test_helm_goes_on_after_us(cluster: Cluster, proxy: Proxy, chart: str) -> None:
    """What nav has mended, Helm can work with."""
    space = cluster.namespace("kill")
    _run(cluster, ONE, "r", chart, space)
    assert Victim(cluster, proxy).killed(_line(TWO, "r", chart, space), 5)
    _run(cluster, TWO, "r", chart, space)
    for line in ("upgrade {r} {c} --set names={{d}}", "rollback {r} 1", "uninstall {r}"):
        done = cluster.helm(_line(line, "r", chart, space))
        assert done.code == 0, done.err
    assert _names(cluster, "r", space) == set()
