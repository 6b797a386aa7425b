"""What can go wrong around a release on a real API server, and what nav makes of it."""

from __future__ import annotations

import json
import os
import signal
import stat
import threading
import time
from typing import TYPE_CHECKING

import pytest

from support.cluster import NAV, Cluster, write_chart
from support.proxy import answer, delay, drop_after, drop_before

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from support.control_plane import ControlPlane
    from support.proxy import Call, Proxy

pytestmark = pytest.mark.real

CHART = {
    "values.yaml": "color: blue\ncount: 3\nhook: false\ndeploy: false\n",
    "templates/cm.yaml": """
{{- range until (int .Values.count) }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ $.Release.Name }}-{{ . }}"}
data: {color: "{{ $.Values.color }}"}
{{- end }}
""",
    "templates/hook.yaml": """
{{- if .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: "pre-install,pre-upgrade,pre-rollback,pre-delete"}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox}]
{{- end }}
""",
    "templates/deploy.yaml": """
{{- if .Values.deploy }}
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec: {containers: [{name: main, image: nginx}]}
{{- end }}
""",
}
JOB_DONE = {
    "succeeded": 1,
    "startTime": "2024-01-01T00:00:00Z",
    "completionTime": "2024-01-01T00:00:01Z",
    "uncountedTerminatedPods": {},
    "conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}],
}
DEPLOYMENT_READY = {
    "observedGeneration": 1,
    "replicas": 1,
    "updatedReplicas": 1,
    "readyReplicas": 1,
    "availableReplicas": 1,
    "conditions": [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ],
}


@pytest.fixture
def chart(tmp_path: Path) -> str:
    return write_chart(str(tmp_path), CHART)


def colors(cluster: Cluster, namespace: str) -> list[str]:
    items = cluster.get("configmaps", "-n", namespace)["items"]
    return [item["data"]["color"] for item in items if "color" in item.get("data", {})]


def statuses(cluster: Cluster, name: str, namespace: str) -> list[str]:
    """The states of a release's revisions, as Helm reads them."""
    done = cluster.helm(f"history {name} -n {namespace} -o json")
    return [revision["status"] for revision in done.json] if done.code == 0 else []


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def there(cluster: Cluster, kind: str, name: str, namespace: str) -> bool:
    return bool(cluster.kubectl("get", kind, name, "-n", namespace, "--ignore-not-found", "-o", "name", check=False))


def set_status(cluster: Cluster, kind: str, name: str, namespace: str, status: object) -> None:
    """Do what a controller would."""
    patch = json.dumps({"status": status})
    words = ["-n", namespace, "--subresource=status", "--type=merge", "-p", patch]
    cluster.kubectl("patch", kind, name, *words)


def ended(process: subprocess.Popen[str], seconds: float = 300) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


# the server goes away


def test_the_server_is_restarted_while_a_hook_runs(own_cluster: Cluster, plane: ControlPlane, chart: str) -> None:
    space = own_cluster.namespace("restart")
    process = own_cluster.popen(NAV, f"install r {chart} -n {space} --set hook=true --timeout 600s")
    wait_for(lambda: there(own_cluster, "job", "r-hook", space))
    plane.stop_api()
    time.sleep(1)
    plane.start_api()
    set_status(own_cluster, "job", "r-hook", space, JOB_DONE)
    code, _, err = ended(process)
    assert code == 0, err
    assert colors(own_cluster, space) == ["blue"] * 3
    assert statuses(own_cluster, "r", space) == ["deployed"]


def test_the_server_is_restarted_while_objects_get_ready(own_cluster: Cluster, plane: ControlPlane, chart: str) -> None:
    space = own_cluster.namespace("restart")
    process = own_cluster.popen(NAV, f"install r {chart} -n {space} --set deploy=true --wait --timeout 600s")
    wait_for(lambda: there(own_cluster, "deployment", "r", space))
    plane.stop_api()
    time.sleep(1)
    plane.start_api()
    set_status(own_cluster, "deployment", "r", space, DEPLOYMENT_READY)
    code, _, err = ended(process)
    assert code == 0, err
    assert statuses(own_cluster, "r", space) == ["deployed"]


def test_the_server_is_restarted_between_objects(
    own_cluster: Cluster, plane: ControlPlane, chart: str, tmp_path: Path
) -> None:
    space = own_cluster.namespace("restart")
    assert own_cluster.nav(f"install r {chart} -n {space} --set count=40").code == 0
    process = own_cluster.popen(NAV, f"upgrade r {chart} -n {space} --set count=40,color=red --timeout 600s")
    wait_for(lambda: len(statuses(own_cluster, "r", space)) == 2)
    plane.stop_api()
    time.sleep(1)
    plane.start_api()
    code, _, err = ended(process)
    assert code == 0, err
    assert colors(own_cluster, space) == ["red"] * 40
    assert statuses(own_cluster, "r", space) == ["superseded", "deployed"]


def test_the_server_stays_away(own_cluster: Cluster, plane: ControlPlane, chart: str) -> None:
    space = own_cluster.namespace("away")
    assert own_cluster.nav(f"install r {chart} -n {space}").code == 0
    process = own_cluster.popen(NAV, f"upgrade r {chart} -n {space} --set hook=true --timeout 5s")
    wait_for(lambda: there(own_cluster, "job", "r-hook", space))
    plane.stop_api()
    code, _, err = ended(process)
    assert code == 1
    assert "Error: UPGRADE FAILED: " in err
    plane.start_api()
    assert own_cluster.nav(f"upgrade r {chart} -n {space} --set color=red").code == 0
    assert colors(own_cluster, space) == ["red"] * 3
    assert statuses(own_cluster, "r", space) == ["superseded", "failed", "deployed"]


# answers that are no good, connections that break

FAULTS = {
    "throttled": (answer(429, "slow down", reason="TooManyRequests", retry_after=1), "PATCH", "/configmaps/"),
    "throttled-records": (answer(429, "slow down", reason="TooManyRequests", retry_after=1), "POST", "/secrets"),
    "broken-reading": (answer(500, "broken", reason="InternalError"), "GET", "/configmaps"),
    "broken-patching": (answer(500, "broken", reason="InternalError"), "PATCH", "/configmaps/"),
    "unavailable": (answer(503, "restarting", reason="ServiceUnavailable"), "PATCH", "/configmaps/"),
    "dropped-reading": (drop_before(), "GET", "/configmaps"),
    "dropped-patching": (drop_before(), "PATCH", "/configmaps/"),
    "dropped-creating": (drop_before(), "POST", "/secrets"),
    "unheard-patching": (drop_after(), "PATCH", "/configmaps/"),
    "unheard-creating": (drop_after(), "POST", "/secrets"),
    "unheard-updating": (drop_after(), "PUT", "/secrets/"),
    "unheard-deleting": (drop_after(), "DELETE", "/"),
    "late": (delay(1.0), "PATCH", "/configmaps/"),
    "dropped-discovery": (drop_before(), "GET", "^/apis?$"),
    "dropped-leases": (drop_before(), ".*", "/leases"),
    "unheard-leases": (drop_after(), "POST|PUT|PATCH|DELETE", "/leases"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_overcome(name: str, cluster: Cluster, proxy: Proxy, chart: str) -> None:
    fault, method, path = FAULTS[name]
    space = cluster.namespace("fault")
    through = cluster.through(proxy.kubeconfig)
    lines = [f"install r {chart}", f"upgrade r {chart} --set color=red,count=2", "rollback r 1", "uninstall r"]
    used = 0
    for line, expected in zip(lines, (["blue"] * 3, ["red"] * 2, ["blue"] * 3, []), strict=True):
        rule = proxy.rule(fault, method, path)
        done = through.nav(f"{line} -n {space}")
        assert done.code == 0, f"{line}: {done.err}"
        assert colors(cluster, space) == expected
        used += rule.used
        proxy.forget()
    assert used > 0
    assert cluster.kubectl("get", "secrets,leases.coordination.k8s.io", "-n", space, "-o", "name") == ""


def test_an_error_that_stays_is_told_and_recorded(cluster: Cluster, proxy: Proxy, chart: str) -> None:
    space = cluster.namespace("fault")
    assert cluster.nav(f"install r {chart} -n {space}").code == 0
    proxy.rule(answer(500, "broken for good", reason="InternalError"), "PATCH", "/configmaps/r-1", times=-1)
    done = cluster.through(proxy.kubeconfig).nav(f"upgrade r {chart} -n {space} --set color=red --timeout 5s")
    assert done.code == 1
    assert "broken for good" in done.err
    assert statuses(cluster, "r", space) == ["deployed", "failed"]
    assert cluster.nav(f"upgrade r {chart} -n {space} --set color=red").code == 0
    assert colors(cluster, space) == ["red"] * 3


# two at once


def test_one_of_two_upgrades_wins_and_the_other_is_told_who(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("two")
    assert cluster.nav(f"install r {chart} -n {space}").code == 0
    first = cluster.popen(NAV, f"upgrade r {chart} -n {space} --set hook=true,color=first --timeout 600s")
    wait_for(lambda: there(cluster, "job", "r-hook", space))
    second = cluster.nav(f"upgrade r {chart} -n {space} --set color=second")
    assert second.code == 1
    assert f"(pid {first.pid})" in second.err
    assert "upgrade" in second.err
    set_status(cluster, "job", "r-hook", space, JOB_DONE)
    code, _, err = ended(first)
    assert code == 0, err
    assert colors(cluster, space) == ["first"] * 3
    assert statuses(cluster, "r", space) == ["superseded", "deployed"]
    assert not there(cluster, "lease", "sh.helm.release.v1.r", space)


def test_many_at_once_leave_one_truth(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("many")
    assert cluster.nav(f"install r {chart} -n {space}").code == 0
    started = [cluster.popen(NAV, f"upgrade r {chart} -n {space} --set color=c{number}") for number in range(5)]
    codes = [ended(process)[0] for process in started]
    assert 0 in codes
    history = statuses(cluster, "r", space)
    assert history[-1] == "deployed"
    assert history.count("deployed") == 1
    assert len(set(colors(cluster, space))) == 1
    assert len(history) == 1 + codes.count(0)


def lease(namespace: str, renewed: str, host: str = "elsewhere") -> str:
    """A Lease as a nav on another machine holds it."""
    spec = {
        "holderIdentity": f"someone@{host}",
        "leaseDurationSeconds": 15,
        "acquireTime": renewed,
        "renewTime": renewed,
        "leaseTransitions": 0,
    }
    return json.dumps(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": "sh.helm.release.v1.r", "namespace": namespace},
            "spec": spec,
        }
    )


def stamp(seconds: float) -> str:
    """A time so many seconds from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + seconds))


def test_a_lease_that_expired_is_taken_over(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("lease")
    cluster.kubectl("apply", "-f", "-", stdin=lease(space, stamp(-60)))
    done = cluster.nav(f"install r {chart} -n {space}")
    assert done.code == 0, done.err
    assert not there(cluster, "lease", "sh.helm.release.v1.r", space)


def test_a_lease_that_somebody_renews_is_respected(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("lease")
    cluster.kubectl("apply", "-f", "-", stdin=lease(space, stamp(0)))
    process = cluster.popen(NAV, f"install r {chart} -n {space}")
    while process.poll() is None:
        time.sleep(1)
        cluster.kubectl("apply", "-f", "-", stdin=lease(space, stamp(0)))
    code, _, err = ended(process)
    assert code == 1
    assert "someone@elsewhere" in err
    assert statuses(cluster, "r", space) == []


# no room, no right, no end


def test_etcd_is_full(make_plane: Callable[..., ControlPlane], chart: str, tmp_path: Path) -> None:
    plane = make_plane(quota=16 << 20)
    cluster = Cluster(plane.kubeconfig, str(tmp_path))
    space = cluster.namespace("full")
    assert cluster.nav(f"install r {chart} -n {space}").code == 0
    big = tmp_path / "big"
    big.write_bytes(os.urandom(700_000))
    for number in range(60):
        made = cluster.kubectl(f"create configmap fill{number} -n {space} --from-file={big}", check=False)
        if not made:
            break
    else:
        pytest.fail("etcd never filled up")
    theirs = cluster.helm(f"upgrade r {chart} -n {space} --set color=red")
    for line in (f"upgrade r {chart} --set color=red", f"install other {chart}", "rollback r 1"):
        done = cluster.nav(f"{line} -n {space} --timeout 10s")
        assert done.code == 1
        assert "database space exceeded" in done.err
    assert "database space exceeded" in theirs.err
    assert colors(cluster, space) == ["blue"] * 3
    assert statuses(cluster, "r", space) == ["deployed"]
    cluster.kubectl(f"delete configmap -n {space} " + " ".join(f"fill{n}" for n in range(number)))
    plane.make_room()
    done = cluster.nav(f"upgrade r {chart} -n {space} --set color=red")
    assert done.code == 0, done.err
    assert colors(cluster, space) == ["red"] * 3


def role(namespace: str, user: str, rules: object) -> str:
    """A Role and its binding for a user."""
    group = "rbac.authorization.k8s.io"
    meta = {"name": user, "namespace": namespace}
    subjects = [{"kind": "User", "name": user, "apiGroup": group}]
    binding = {"roleRef": {"apiGroup": group, "kind": "Role", "name": user}, "subjects": subjects}
    items = [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": rules},
        {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta, **binding},
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


ALL_OF_IT = ["get", "list", "watch", "create", "update", "patch", "delete"]


def without_times(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("LAST DEPLOYED"))


def test_without_the_right_to_leases_all_goes_on(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("rbac")
    rules = [{"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ALL_OF_IT}]
    cluster.kubectl("apply", "-f", "-", stdin=role(space, "plain", rules))
    cluster.wait_for_rights("plain", space, ALL_OF_IT, ["secrets", "configmaps"])
    for line in (f"install r {chart}", f"upgrade r {chart} --set color=red", "rollback r 1", "uninstall r"):
        done = cluster.nav(f"{line} -n {space} --kube-context plain")
        assert (done.code, done.err) == (0, "")
    debugged = cluster.nav(f"install r {chart} -n {space} --kube-context plain --debug")
    assert debugged.code == 0
    assert "lease" in debugged.err.lower()


FORBIDDEN = {
    "records": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ALL_OF_IT}],
    "reading": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ALL_OF_IT}],
    "making": [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ALL_OF_IT},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]},
    ],
    "deleting": [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ALL_OF_IT},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "create", "patch"]},
    ],
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_verb_is_told_as_helm_does(name: str, cluster: Cluster, chart: str) -> None:
    seen = []
    for program in (cluster.helm, cluster.nav):
        space = cluster.namespace("rbac")
        cluster.kubectl("apply", "-f", "-", stdin=role(space, "plain", FORBIDDEN[name]))
        for rule in FORBIDDEN[name]:
            cluster.wait_for_rights("plain", space, rule["verbs"], rule["resources"])
        answers = []
        for line in (f"install r {chart} --set count=1", f"upgrade r {chart} --set count=0", "uninstall r", "list"):
            done = program(f"{line} -n {space} --kube-context plain")
            answers.append((done.code, without_times(done.out), done.err))
        answers.append((0, str(statuses(cluster, "r", space)), str(colors(cluster, space))))
        seen.append([(code, out.replace(space, "ns"), err.replace(space, "ns")) for code, out, err in answers])
    assert seen[1] == seen[0]


def test_an_object_is_stuck_in_deletion(cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("stuck")
    assert cluster.nav(f"install r {chart} -n {space}").code == 0
    cluster.kubectl("patch", "cm", "r-1", "-n", space, "-p", '{"metadata":{"finalizers":["example.com/stuck"]}}')
    done = cluster.nav(f"uninstall r -n {space} --wait --timeout 5s")
    assert done.code == 1
    assert "r-1" in done.err
    assert statuses(cluster, "r", space) == cluster_statuses_after_helm(cluster, chart)
    again = cluster.nav(f"uninstall r -n {space} --wait --timeout 5s")
    assert again.code == 1
    cluster.kubectl("patch", "cm", "r-1", "-n", space, "-p", '{"metadata":{"finalizers":null}}')
    last = cluster.nav(f"uninstall r -n {space} --wait --timeout 300s --ignore-not-found")
    assert last.code == 0, last.err
    assert colors(cluster, space) == []
    assert statuses(cluster, "r", space) == []


def cluster_statuses_after_helm(cluster: Cluster, chart: str) -> list[str]:
    """What Helm leaves in the records of a release with an object that is stuck."""
    space = cluster.namespace("stuck")
    assert cluster.helm(f"install r {chart} -n {space}").code == 0
    cluster.kubectl("patch", "cm", "r-1", "-n", space, "-p", '{"metadata":{"finalizers":["example.com/stuck"]}}')
    assert cluster.helm(f"uninstall r -n {space} --wait --timeout 5s").code == 1
    left = statuses(cluster, "r", space)
    cluster.kubectl("patch", "cm", "r-1", "-n", space, "-p", '{"metadata":{"finalizers":null}}')
    return left


# tokens

PLUGIN = """#!/bin/sh
echo called >> {calls}
n=$(wc -l < {calls})
if [ "$n" -gt {bad} ]; then token=oracle-admin; else token=expired; fi
echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"'$token'"{expiry}}}}}'
"""


def with_plugin(cluster: Cluster, folder: Path, *, bad: int, expiry: str = "") -> tuple[Cluster, Path]:
    """The cluster by a plugin whose first `bad` tokens are refused, and the file that counts its calls."""
    calls, program, path = folder / "calls", folder / "plugin", folder / "exec-kubeconfig"
    program.write_text(PLUGIN.format(calls=calls, bad=bad, expiry=expiry))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    words = ["config", "view", "--raw", "--flatten", "-o", "json"]
    config = json.loads(cluster.kubectl(*words))
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(program),
        "interactiveMode": "Never",
    }
    config["users"] = [{"name": "admin", "user": {"exec": command}}]
    path.write_text(json.dumps(config))
    return cluster.through(str(path)), calls


def test_a_plugin_gives_a_new_token_when_the_old_one_is_refused(cluster: Cluster, tmp_path: Path, chart: str) -> None:
    space = cluster.namespace("token")
    through, calls = with_plugin(cluster, tmp_path, bad=1)
    done = through.nav(f"install r {chart} -n {space}")
    assert done.code == 0, done.err
    assert calls.read_text().count("called") == 2


def test_a_plugin_is_asked_again_when_its_token_has_run_out(cluster: Cluster, tmp_path: Path, chart: str) -> None:
    space = cluster.namespace("token")
    expiry = f',"expirationTimestamp":"{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))}"'
    through, calls = with_plugin(cluster, tmp_path, bad=0, expiry=expiry)
    process = through.popen(NAV, f"install r {chart} -n {space} --set hook=true --timeout 600s")
    wait_for(lambda: there(cluster, "job", "r-hook", space))
    time.sleep(3)
    set_status(cluster, "job", "r-hook", space, JOB_DONE)
    code, _, err = ended(process)
    assert code == 0, err
    assert calls.read_text().count("called") >= 2


def test_a_token_that_is_refused_for_good(cluster: Cluster, tmp_path: Path, chart: str) -> None:
    space = cluster.namespace("token")
    for through in (with_plugin(cluster, tmp_path, bad=1000)[0], _static(cluster, tmp_path)):
        theirs = through.helm(f"install r {chart} -n {space}")
        ours = through.nav(f"install r {chart} -n {space}")
        assert (ours.code, ours.out, ours.err) == (theirs.code, theirs.out, theirs.err)
        assert ours.code == 1


def _static(cluster: Cluster, folder: Path) -> Cluster:
    config = json.loads(cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
    config["users"] = [{"name": "admin", "user": {"token": "expired"}}]
    path = folder / "static-kubeconfig"
    path.write_text(json.dumps(config))
    return cluster.through(str(path))


# Ctrl-C


@pytest.mark.parametrize("line", ["install r {c}", "upgrade r {c}", "rollback r 1", "uninstall r"])
def test_ctrl_c_is_recorded_and_the_next_command_goes_on(line: str, cluster: Cluster, chart: str) -> None:
    space = cluster.namespace("ctrlc")
    if not line.startswith("install"):
        assert cluster.nav(f"install r {chart} -n {space} --set hook=true --no-hooks").code == 0
    flags = " --set hook=true" if "{c}" in line else ""
    process = cluster.popen(NAV, line.format(c=chart) + f" -n {space} --timeout 600s{flags}")
    wait_for(lambda: there(cluster, "job", "r-hook", space))
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    assert code != 0
    assert "Traceback" not in err
    assert "pending" not in " ".join(statuses(cluster, "r", space))
    done = cluster.nav(f"upgrade -i r {chart} -n {space} --set color=red")
    assert done.code == 0, done.err
    assert colors(cluster, space) == ["red"] * 3
    assert statuses(cluster, "r", space)[-1] == "deployed"


def test_ctrl_c_between_objects(cluster: Cluster, proxy: Proxy, chart: str) -> None:
    space = cluster.namespace("ctrlc")
    pids: list[int] = []
    started = threading.Event()

    def interrupt(number: int, _: Call) -> None:
        if number == 8:
            started.wait()
            os.kill(pids[0], signal.SIGINT)
            time.sleep(0.2)

    proxy.on_mutation = interrupt
    process = cluster.through(proxy.kubeconfig).popen(NAV, f"install r {chart} -n {space} --set count=60")
    pids.append(process.pid)
    started.set()
    code, _, err = ended(process)
    assert code != 0, err
    assert "Traceback" not in err
    assert statuses(cluster, "r", space) == ["failed"]
    assert cluster.nav(f"uninstall r -n {space}").code == 0
    assert colors(cluster, space) == []
