"""Waiting on a real API server, where the test does what controllers would do; errors are compared with Helm's."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import KubernetesError, WaitError
from navarch.kube.client import Client
from navarch.kube.events import Ready
from navarch.kube.wait.status import Status, current, in_progress
from support.cluster import HELM, NAV, write_chart
from support.even import unlogged
from support.proxy import Proxy, answer, drop_before

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from navarch.kube.objects import Resource
    from support.cluster import Cluster
    from support.control_plane import ControlPlane

pytestmark = pytest.mark.real

POD = "containers: [{name: main, image: busybox}]"
TEMPLATE = f"{{metadata: {{labels: {{app: x}}}}, spec: {{{POD}}}}}"
JOB_TEMPLATE = f"{{spec: {{restartPolicy: Never, {POD}}}}}"
CHART = {
    "templates/all.yaml": f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{selector: {{matchLabels: {{app: x}}}}, template: {TEMPLATE}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: set}}
spec: {{selector: {{matchLabels: {{app: x}}}}, template: {TEMPLATE}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: daemons}}
spec: {{selector: {{matchLabels: {{app: x}}}}, template: {TEMPLATE}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: replicas}}
spec: {{selector: {{matchLabels: {{app: x}}}}, template: {TEMPLATE}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: pod}}
spec: {{{POD}}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: job}}
spec: {{template: {JOB_TEMPLATE}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: claim}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: budget}}
spec: {{minAvailable: 1, selector: {{matchLabels: {{app: x}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: balanced}}
spec: {{type: LoadBalancer, ports: [{{port: 80}}], selector: {{app: x}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: fixed}}
""",
    "templates/hook.yaml": f"""
{{{{- if .Values.hook }}}}
apiVersion: batch/v1
kind: Job
metadata: {{name: hook, annotations: {{helm.sh/hook: pre-install}}}}
spec: {{template: {JOB_TEMPLATE}}}
{{{{- end }}}}
""",
}
AVAILABLE = {
    **dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), 1),
    "observedGeneration": 1,
    "conditions": [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ],
}
SCHEDULED = dict.fromkeys(
    (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberReady",
        "numberMisscheduled",
        "observedGeneration",
    ),
    1,
)
STARTED = {"startTime": "2024-01-01T00:00:00Z"}
COMPLETE = {
    **STARTED,
    "active": 0,
    "completionTime": "2024-01-01T00:00:01Z",
    "succeeded": 1,
    "conditions": [{"type": kind, "status": "True"} for kind in ("SuccessCriteriaMet", "Complete")],
}
LOST = {
    **STARTED,
    "failed": 1,
    "conditions": [
        {"type": kind, "status": "True", "reason": "BackoffLimitExceeded", "message": "it failed too often"}
        for kind in ("FailureTarget", "Failed")
    ],
}
# What a controller says of each object when it has done its work, and what the object lacks until then.
WORK: dict[str, tuple[str, dict[str, Any]]] = {
    "web": ("Replicas: 0/1", AVAILABLE),
    "set": (
        "Replicas: 0/1",
        dict.fromkeys(("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "observedGeneration"), 1),
    ),
    "daemons": ("DaemonSet status.observedGeneration not found", SCHEDULED),
    "replicas": (
        "Labelled: 0/1",
        dict.fromkeys(("replicas", "fullyLabeledReplicas", "availableReplicas", "readyReplicas"), 1),
    ),
    "pod": ("Pod is in the Pending phase", {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}),
    "job": ("Job not started", {**STARTED, "active": 1}),
    "claim": ("PVC is not Bound. phase: Pending", {"phase": "Bound"}),
    "budget": ("", {}),
    "balanced": ("", {}),
    "fixed": ("", {}),
}


@pytest.fixture
def chart(tmp_path: Path) -> str:
    return write_chart(str(tmp_path), CHART)


class Wait:
    """A wait of the library in a thread, and what it tells meanwhile."""

    def __init__(self, cluster: Cluster, namespace: str, manifest: str, *, create: bool = True, **options: Any) -> None:
        self.client = Client.from_kubeconfig(cluster.kubeconfig, namespace=namespace)
        self.resources = self.client.build(manifest)
        if create:
            cluster.kubectl("create", "-n", namespace, "-f", "-", stdin=manifest)
        self.events: list[Any] = []
        self.error: BaseException | None = None
        self.waiter = self.client.waiter("watcher", on_event=self.events.append, **options)
        self._thread = threading.Thread(target=self._run)

    def start(self, method: str, seconds: float = 600) -> None:
        self._work: Callable[[], None] = lambda: getattr(self.waiter, method)(self.resources, seconds)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except KubernetesError as error:
            self.error = error

    def told(self, name: str) -> list[Any]:
        return [event for event in self.events if event.resource.name == name]

    def see(self, name: str, reason: str) -> None:
        """Wait until this has been told of an object."""
        until(lambda: any(getattr(event, "reason", None) == reason for event in self.told(name)), name)

    def end(self, seconds: float = 600) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        self.client.close()


def until(is_so: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        time.sleep(0.02)


def control(cluster: Cluster, one: Resource, status: dict[str, Any]) -> None:
    """Do what a controller would."""
    place = ["-n", one.namespace] if one.namespace else []
    kind = f"{one.kind}.{one.mapping.version}.{one.mapping.group}" if one.mapping.group else one.kind
    patch = json.dumps({"status": status})
    cluster.kubectl("patch", kind, one.name, *place, "--subresource=status", "--type=merge", "-p", patch)


def test_each_kind(cluster: Cluster) -> None:
    """Each lacks what kstatus says it lacks, and is ready when its controller has done its work."""
    wait = Wait(cluster, cluster.namespace("wait"), CHART["templates/all.yaml"])
    wait.start("wait")
    for one in wait.resources:
        lack, status = WORK[one.name]
        if lack:
            wait.see(one.name, lack)
            control(cluster, one, status)
    wait.end()
    assert wait.error is None
    for one in wait.resources:
        assert wait.told(one.name)[-1] == Ready(one)


def test_a_job_completes(cluster: Cluster) -> None:
    manifest = f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: job}}\nspec: {{template: {JOB_TEMPLATE}}}\n"
    wait = Wait(cluster, cluster.namespace("wait"), manifest)
    wait.start("wait_with_jobs")
    wait.see("job", "Job in progress")
    control(cluster, wait.resources[0], {**STARTED, "active": 1})
    control(cluster, wait.resources[0], COMPLETE)
    wait.end()
    assert wait.error is None


WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: waitings.navarch.test}
spec:
  group: navarch.test
  names: {kind: Waiting, plural: waitings}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


@pytest.fixture
def widgets(own_cluster: Cluster) -> Cluster:
    """A server that knows custom resources of a kind."""
    wait = Wait(own_cluster, "default", WIDGETS)
    wait.start("wait")
    wait.end()
    assert wait.error is None
    assert wait.told("waitings.navarch.test")[-1] == Ready(wait.resources[0])
    until(lambda: "waitings" in own_cluster.kubectl("api-resources", "--api-group=navarch.test", check=False))
    return own_cluster


def by_color(obj: dict[str, Any]) -> Status:
    color = obj.get("status", {}).get("color")
    return current("is green") if color == "green" else in_progress("Color", f"is {color}")


def test_custom_resources(widgets: Cluster, plane: ControlPlane) -> None:
    """By their conditions and generations, or by a rule of one's own; and while the server is restarted."""
    manifest = "apiVersion: navarch.test/v1\nkind: Waiting\nmetadata: {name: w}\nspec: {a: 1}\n"
    namespace = widgets.namespace("wait")
    own = Wait(widgets, namespace, manifest, readers={("navarch.test", "Waiting"): by_color})
    own.start("wait")
    own.see("w", "is None")
    (one,) = own.resources
    control(widgets, one, {"observedGeneration": 0, "conditions": [{"type": "Ready", "status": "True"}]})
    wait = Wait(widgets, namespace, manifest, create=False)
    wait.start("wait")
    wait.see("w", "Waiting generation is 1, but latest observed generation is 0")
    plane.stop_api()
    time.sleep(0.5)
    plane.start_api()
    conditions = [{"type": "Ready", "status": "False", "reason": "NotYet", "message": "give it time"}]
    control(widgets, one, {"observedGeneration": 1, "conditions": conditions})
    wait.see("w", "give it time")
    control(widgets, one, {"conditions": [{"type": "Stalled", "status": "True", "reason": "No", "message": "no way"}]})
    wait.end()
    assert isinstance(wait.error, WaitError)
    assert str(wait.error) == f"resource Waiting/{namespace}/w not ready. status: Failed, message: no way"
    control(widgets, one, {"color": "green"})
    own.end()
    assert own.error is None


def test_deletion(cluster: Cluster) -> None:
    """What a finalizer holds is waited for, and named when that takes too long."""
    namespace = cluster.namespace("wait")
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [navarch.test/hold]}\n"
    wait = Wait(cluster, namespace, manifest)
    cluster.kubectl(f"delete configmap held -n {namespace} --wait=false")
    wait.start("wait_for_delete", 5)
    wait.end()
    assert isinstance(wait.error, WaitError)
    assert re.fullmatch(
        r"ConfigMap held: Resource scheduled for deletion\n  deleted at \S+, waits for its finalizers: navarch.test/hold",
        wait.error.hint,
    )
    wait = Wait(cluster, namespace, manifest, create=False)
    wait.start("wait_for_delete")
    wait.see("held", "waits for its finalizers: navarch.test/hold")
    patch = '[{"op": "remove", "path": "/metadata/finalizers"}]'
    cluster.kubectl("patch", "configmap", "held", "-n", namespace, "--type=json", "-p", patch)
    wait.end()
    assert wait.error is None
    assert wait.told("held")[-1] == Ready(wait.resources[0])


def test_faults_on_the_way(cluster: Cluster, tmp_path: Path) -> None:
    """A list that is refused, a watch that can't begin, one that is broken off."""
    namespace = cluster.namespace("wait")
    server = cluster.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
    manifest = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: pod}}\nspec: {{{POD}}}\n"
    cluster.kubectl("create", "-n", namespace, "-f", "-", stdin=manifest)
    with Proxy(server, str(tmp_path / "proxy")) as proxy:
        wait = Wait(cluster.through(proxy.kubeconfig), namespace, manifest, create=False)
        proxy.rule(answer(500, reason="InternalError"), "GET", "/pods$", times=6)
        proxy.rule(drop_before(), "GET", "/pods$", skip=7, times=2)
        wait.start("wait")
        wait.see("pod", "Pod is in the Pending phase")
        until(lambda: sum("watch=true" in call.query for call in proxy.calls) >= 2, "a second try to watch")
        control(cluster, wait.resources[0], WORK["pod"][1])
        wait.end()
    assert wait.error is None


def test_the_reason_is_told(cluster: Cluster) -> None:
    """On a terminal, and to programs: what a Pod's container says, and what was reported of it."""
    namespace = cluster.namespace("wait")
    deployment = CHART["templates/all.yaml"].split("---")[0]
    wait = Wait(cluster, namespace, deployment)
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web-1-a, labels: {{app: x}}}}\nspec: {{{POD}}}\n"
    cluster.kubectl("create", "-n", namespace, "-f", "-", stdin=pod)
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "busybox"'}
    container = {"name": "main", "image": "busybox", "imageID": "", "ready": False, "restartCount": 0}
    status = {"phase": "Pending", "containerStatuses": [{**container, "state": {"waiting": waiting}}]}
    words = ["--subresource=status", "--type=merge", "-p", json.dumps({"status": status})]
    cluster.kubectl("patch", "pod", "web-1-a", "-n", namespace, *words)
    uid = cluster.get("pod", "web-1-a", "-n", namespace)["metadata"]["uid"]
    about = {"kind": "Pod", "namespace": namespace, "name": "web-1-a", "uid": uid}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "web-1-a.1", "namespace": namespace},
        "involvedObject": about,
        "type": "Warning",
        "reason": "Failed",
        "message": "Error: ImagePullBackOff",
        "count": 3,
        "lastTimestamp": "2024-01-01T00:00:00Z",
    }
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(event))
    wait.start("wait", 5)
    wait.end()
    assert isinstance(wait.error, WaitError)
    assert wait.error.hint == (
        "Deployment web: Replicas: 0/1\n"
        '  pod web-1-a: container main is waiting, ImagePullBackOff: Back-off pulling image "busybox"\n'
        "  event (3 times), Failed: Error: ImagePullBackOff"
    )


def both(cluster: Cluster, line: str, act: Callable[[str], None] | None = None, **names: str) -> list[tuple[int, str]]:
    """What Helm and we answer to a command line, at the same time, in a namespace each: exit code, stderr."""
    spaces = [cluster.namespace("wait") for _ in (HELM, NAV)]
    started = [
        cluster.popen(program, line.format(space=space, **names))
        for program, space in zip((HELM, NAV), spaces, strict=True)
    ]
    if act:
        for space in spaces:
            act(space)
    return [ended(process, space) for process, space in zip(started, spaces, strict=True)]


def ended(process: subprocess.Popen[str], space: str) -> tuple[int, str]:
    """The exit code and what was said on stderr."""
    _, err = process.communicate(timeout=600)
    return process.returncode, unlogged(err).replace(space, "SPACE")


@pytest.mark.parametrize(
    "flags", ["--wait", "--wait --wait-for-jobs", "--wait=legacy", "--wait=legacy --wait-for-jobs", "--set hook=true"]
)
def test_time_is_up(cluster: Cluster, chart: str, flags: str) -> None:
    helm, nav = both(cluster, f"install r {chart} -n {{space}} {flags} --timeout 6s")
    assert nav == helm
    assert helm[0] == 1
    assert helm[1].endswith("context deadline exceeded\n")


@pytest.mark.parametrize("flags", ["", "--wait=legacy"])
@pytest.mark.parametrize("status", [LOST, COMPLETE])
def test_a_hook_ends(cluster: Cluster, tmp_path: Path, flags: str, status: dict[str, Any]) -> None:
    """Well or badly."""

    def end_hook(space: str) -> None:
        found = ["get", "job", "hook", "-n", space, "--ignore-not-found", "-o", "name"]
        until(lambda: cluster.kubectl(*found), "a hook")
        patch = json.dumps({"status": status})
        cluster.kubectl("patch", "job", "hook", "-n", space, "--subresource=status", "--type=merge", "-p", patch)

    only = write_chart(str(tmp_path), {"templates/hook.yaml": CHART["templates/hook.yaml"]})
    helm, nav = both(cluster, f"install r {only} -n {{space}} {flags} --set hook=true --timeout 600s", end_hook)
    assert nav == helm
    assert helm[0] == (1 if status is LOST else 0)


@pytest.mark.parametrize("flags", ["--wait", "--wait=legacy"])
def test_uninstalling_takes_too_long(cluster: Cluster, tmp_path: Path, flags: str) -> None:
    held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [navarch.test/hold]}\n"
    chart = write_chart(str(tmp_path), {"templates/held.yaml": held})
    spaces = [cluster.namespace("wait") for _ in "12"]
    seen = []
    for program, space in zip((HELM, NAV), spaces, strict=True):
        assert cluster.helm(f"install r {chart} -n {space}").code == 0
        seen.append(ended(cluster.popen(program, f"uninstall r -n {space} {flags} --timeout 5s"), space))
        patch = '[{"op": "remove", "path": "/metadata/finalizers"}]'
        cluster.kubectl("patch", "configmap", "held", "-n", space, "--type=json", "-p", patch)
    helm, nav = seen
    assert nav == helm
    assert "context deadline exceeded" in helm[1]


RULES = {
    "nothing": [],
    "list": ["list"],
    "watch": ["list", "watch"],
}


@pytest.mark.parametrize("allowed", list(RULES))
def test_what_may_not_be_looked_at(cluster: Cluster, tmp_path: Path, allowed: str) -> None:
    """Without the right to list or watch, or to see the ReplicaSets that Helm looks for."""
    deployment = CHART["templates/all.yaml"].split("---")[0]
    chart = write_chart(str(tmp_path), {"templates/web.yaml": deployment})
    spaces = [cluster.namespace("wait") for _ in "12"]
    seen = []
    for program, space in zip((HELM, NAV), spaces, strict=True):
        for name, verbs, resources in (
            ("changes", "get,create,update,patch,delete", "deployments.apps,secrets,leases.coordination.k8s.io"),
            ("records", "list", "secrets"),
            ("looks", ",".join(RULES[allowed]), "deployments.apps"),
        ):
            if verbs:
                cluster.kubectl(f"create role {name} -n {space} --verb={verbs} --resource={resources}")
                cluster.kubectl(f"create rolebinding {name} -n {space} --role={name} --user=plain")
                cluster.wait_for_rights("plain", space, verbs.split(","), resources.split(","))
        line = f"install r {chart} -n {space} --wait --timeout 6s --kube-token plain"
        seen.append(ended(cluster.popen(program, line), space))
    helm, nav = seen
    assert nav == helm
    assert helm[0] == 1
    assert ("is forbidden" in helm[1]) == (allowed != "watch")
