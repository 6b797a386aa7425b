"""Helm and nav look at the same releases on the same server: every flag, every format, every refusal, byte for byte."""

from __future__ import annotations

import json
import os
import re
import threading
import time
import uuid
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.cluster import HELM, Cluster, Done, write_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

CHART = {
    "Chart.yaml": """\
apiVersion: v2
name: web
version: 1.2.3
appVersion: "7.0"
description: A web server
keywords: [http, small]
annotations: {example.com/team: red}
dependencies:
  - {name: cache, version: 0.1.0, repository: "", condition: cache.enabled, alias: store}
""",
    "values.yaml": "replicas: 1\nbig: 1000000\ntext: <a> & b\nstore: {size: 3}\n",
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
    "charts/cache/values.yaml": "size: 1\nkind: small\n",
    "charts/cache/templates/a.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-cache}\n"
        "data: {size: {{ .Values.size | quote }}}\n"
    ),
    "templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {a: {{ .Values.a | quote }}}\n"
    ),
    "templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: "nginx:{{ .Values.replicas }}"}]}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {ports: [{port: 80}], selector: {app: {{ .Release.Name }}}}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-second-with-a-long-name}
spec: {ports: [{port: 81, name: http}], selector: {app: {{ .Release.Name }}}}
""",
    "templates/rbac.yaml": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: {{ .Release.Name }}}\n"
        'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n'
    ),
    "templates/hook.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-before\n"
        '  annotations: {"helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/hook-weight": "-3"}\n'
    ),
    "templates/tests/check.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-check\n"
        '  annotations: {"helm.sh/hook": test}\n'
    ),
    "templates/tests/pod.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-pod\n"
        '  annotations: {"helm.sh/hook": test, "helm.sh/hook-weight": "2"}\n'
        "spec: {restartPolicy: Never, containers: [{name: one, image: x}, {name: two, image: x}]}\n"
    ),
    "templates/NOTES.txt": "\n{{ .Release.Name }} is in {{ .Release.Namespace }}, revision {{ .Release.Revision }}.\n\n",
}

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}-{number}, labels: {{app: {name}}}}}
spec: {{containers: [{{name: main, image: x, resources: {{requests: {{cpu: 1.5}}}}}}]}}
"""


class Scene(NamedTuple):
    """Releases made by Helm in two namespaces; all their names begin with `mark`."""

    cluster: Cluster
    place: str
    other: str
    mark: str

    def words(self, line: str) -> str:
        """A command line with the names put in."""
        words = {"NS": self.place, "OTHER": self.other, "X": self.mark}
        return re.sub(r"\b(NS|OTHER|X)(?=\b|-)", lambda found: words[found[0]], line)


@pytest.fixture(scope="module")
def scene(kubeconfig: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = str(tmp_path_factory.mktemp("reading"))
    cluster = Cluster(kubeconfig, home)
    made = Scene(cluster, cluster.namespace("reading"), cluster.namespace("reading"), f"r{uuid.uuid4().hex[:6]}")
    write_chart(home, CHART)
    write_chart(home, {"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_B}\n"}, name="bad")
    for line in (
        "install X-web web -n NS --set a=1 --labels team=red,tier=front --description 'The first'",
        "upgrade X-web web -n NS --set a=2,replicas=2 --labels team=blue",
        "rollback X-web 1 -n NS",
        "upgrade X-web web -n NS --set a=4,html='<b>&',n=1.5,e=1e30 --server-side=false",
        "install X-plain web -n NS --server-side=false",
        "install X-gone web -n NS",
        "uninstall X-gone -n NS --keep-history",
        "install X-net web -n OTHER --set-json 'list=[1,{\"a\":null}]'",
        "install X-first web -n OTHER --skip-schema-validation --no-hooks",
    ):
        done = cluster.helm(made.words(line))
        assert done.code == 0, done.err
    assert cluster.helm(made.words("install X-bad bad -n NS")).code == 1
    leave_pending(made)
    for number in (1, 2):
        text = POD.format(name=f"{made.mark}-web", number=number)
        cluster.kubectl("create", "-n", made.place, "-f", "-", stdin=text)
    yield made
    cluster.close()


def leave_pending(scene: Scene) -> None:
    """Kill an install that waits, so that its record stays pending."""
    name = f"{scene.mark}-pending"
    running = scene.cluster.popen(HELM, f"install {name} web -n {scene.place} --wait --timeout 900s")
    deadline = time.monotonic() + 300
    while True:
        assert time.monotonic() < deadline, "nothing was installed"
        if scene.cluster.kubectl("get", "deploy", name, "-n", scene.place, "-o", "name", check=False):
            break
        time.sleep(0.2)
    running.kill()
    running.communicate()


LINES = """\
list -n NS
list -n NS --no-headers
list -n NS -q
list -n NS -q -o json
list -n NS -o json
list -n NS -o yaml
list -n OTHER
list -A --filter ^X
list -A --filter ^X -o json --reverse
list -A --filter ^X -q --date
list -A --filter ^X --deployed --max 3 --offset 1
list -A --filter ^X --selector status!=deployed
list -n NS --date
list -n NS --date --reverse
list -n NS --reverse
list -n NS --deployed
list -n NS --failed -o json
list -n NS --pending
list -n NS --superseded --date
list -n NS --superseded --deployed
list -n NS --uninstalled
list -n NS --uninstalling
list -n NS --max 2
list -n NS --max 2 --offset 2
list -n NS --max 0 --offset 1
list -n NS --offset 99
list -n NS --filter 'web|bad'
list -n NS --filter '('
list -n NS --selector team=blue
list -n NS --selector team=red
list -n NS --selector 'team,!other' -q
list -n NS --selector status=deployed -q
list -n NS --selector 'status in (failed,pending-install),owner=helm' -q
list -n NS --selector '(('
list -n reading-nowhere
list -n reading-nowhere -o json
list -n NS --time-format '2006-01-02 15:04Z0700'
list -n NS --debug
history X-web -n NS
history X-web -n NS --show-rollback-revision
history X-web -n NS --max 2 -o json
history X-web -n NS -o yaml
history X-web -n NS --max 0
history X-bad -n NS
history X-bad -n NS -o json
history X-gone -n NS
history X-pending -n NS
history X-nothing -n NS
history X-web -n NS --debug
history X_web -n NS
status X-web -n NS
status X-web -n NS -o json
status X-web -n NS -o yaml
status X-web -n NS --revision 1
status X-web -n NS --revision 2 -o json
status X-web -n NS --revision 9
status X-plain -n NS
status X-plain -n NS -o json
status X-gone -n NS
status X-gone -n NS -o json
status X-bad -n NS
status X-bad -n NS -o yaml
status X-pending -n NS
status X-pending -n NS -o json
status X-nothing -n NS
status X_web -n NS
status X-net -n OTHER -o json
status X-web -n NS --debug
status X-gone -n NS -o json --debug
get all X-web -n NS
get all X-web -n NS --revision 1
get all X-bad -n NS
get all X-nothing -n NS
get all X-web -n NS --template '{{.Release.Name}} {{.Release.Labels}} {{.Release.Info.Status}}'
get all X-web -n NS --template '{{range .Release.Hooks}}{{.Name}} {{.Weight}} {{.LastRun.Phase}} {{end}}'
get all X-web -n NS --template '{{.Release.Chart.Metadata.Version}} {{.Release.Chart.Values}} {{.Release.Config}}'
get all X-web -n NS --template '{{range .Release.Chart.Templates}}{{.Name}} {{len .Data}} {{end}}'
get hooks X-web -n NS
get hooks X-web -n NS --revision 2
get manifest X-web -n NS
get manifest X-web -n NS --revision 1
get manifest X-web -n NS --revision 9
get notes X-web -n NS
get notes X-bad -n NS
get metadata X-web -n NS
get metadata X-web -n NS -o json
get metadata X-web -n NS -o yaml
get metadata X-web -n NS --revision 1
get metadata X-web -n NS --revision 2 -o json
get metadata X-plain -n NS
get metadata X-plain -n NS -o json
get metadata X-bad -n NS -o json
get values X-web -n NS
get values X-web -n NS -o json
get values X-web -n NS --revision 2 -o yaml
get values X-web -n NS --all
get values X-web -n NS --all -o json
get values X-plain -n NS
get values X-plain -n NS -o json
get values X-net -n OTHER -o json
get values X-nothing -n NS
get values X-web -n NS --debug
test X-nothing -n NS
test X_web -n NS
test X-gone -n NS --filter name=none
__complete status -n NS ''
__complete status X-web ''  -n NS --revision ''
__complete history -n NS X
__complete rollback -n NS X-web ''
__complete rollback -n NS ''
__complete uninstall -n NS X-web ''
__complete upgrade -n NS ''
__complete get values -n NS X-web --revision ''
__complete get values -n NS X-nothing --revision ''
__complete test -n OTHER ''
__complete list --kube-context ''
list --kubeconfig missing
list --kube-context missing
list --kube-apiserver https://127.0.0.1:1
list -n NS --kube-token wrong
list -n NS --kube-as-user nobody
list -n NS --kube-as-user nobody --kube-as-group some
list -A --kube-as-user nobody
history X-web -n NS --kube-as-user nobody
status X-web -n NS --kube-as-user nobody
get values X-web -n NS --kube-as-user nobody
get values X-web -n NS --revision 1 --kube-as-user nobody
test X-web -n NS --kube-as-user nobody
list -n NS --kube-context plain
list -n NS --kube-tls-server-name other.example.com
list -n NS --kube-ca-file missing
list -n NS --kube-insecure-skip-tls-verify
""".splitlines()


@pytest.mark.parametrize("line", LINES)
def test_both_print_the_same(scene: Scene, line: str) -> None:
    compare(scene, line)


@pytest.mark.parametrize(
    "line", ["list -n NS", "status X-web -n NS", "history X-web -n NS", "get metadata X-web -n NS"]
)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Europe/London", ""])
def test_times_are_shown_in_the_zone_of_the_record(scene: Scene, line: str, zone: str) -> None:
    compare(scene, line, TZ=zone)


@pytest.mark.parametrize("line", ["list -n NS", "list -n NS --no-headers", "status X-web -n NS", "status X-bad -n NS"])
@pytest.mark.parametrize("mode", ["always", "never", "auto"])
def test_colours(scene: Scene, line: str, mode: str) -> None:
    compare(scene, line, HELM_COLOR=mode, NO_COLOR="")


@pytest.mark.parametrize("driver", ["secrets", "configmap", "configmaps", "memory", "sql"])
def test_other_drivers(scene: Scene, driver: str) -> None:
    compare(scene, "list -n NS", HELM_DRIVER=driver)
    compare(scene, "history X-web -n NS", HELM_DRIVER=driver)


def test_a_record_that_is_damaged_is_left_out(scene: Scene) -> None:
    cluster, place = scene.cluster, scene.other
    name = f"{scene.mark}-damaged"
    for words in (f"install {name} web -n {place}", f"upgrade {name} web -n {place}"):
        assert cluster.helm(words).code == 0
    patch = json.dumps({"stringData": {"release": "nothing"}})
    cluster.kubectl("patch", "secret", f"sh.helm.release.v1.{name}.v2", "-n", place, "-p", patch)
    for line in (f"list -n {place}", f"history {name} -n {place}", f"get values {name} -n {place}"):
        compare(scene, line)
    for line in (f"get values {name} -n {place} --revision 2", f"status {name} -n {place} --revision 2 -o json"):
        compare(scene, line)


def test_status_without_the_right_to_look_at_some_objects(scene: Scene) -> None:
    cluster, place = scene.cluster, scene.place
    cluster.kubectl(
        "create", "role", "looker", "-n", place, "--verb=get,list", "--resource=secrets,configmaps,services"
    )
    cluster.kubectl("create", "rolebinding", "looker", "-n", place, "--role=looker", "--user=looker")
    cluster.wait_for_rights("looker", place, ["get", "list"], ["secrets", "configmaps", "services"])
    for line in ("status X-web -n NS --kube-as-user looker", "status X-web -n NS --kube-as-user looker -o json"):
        compare(scene, line)


class Tried(NamedTuple):
    """What a `test` command printed, and what it left of the hooks in the record."""

    done: Done
    hooks: object


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "--logs",
        "--filter name=NAME-check",
        "--filter '!name=NAME-pod' --logs",
        "--filter name=NAME-pod,name=NAME-check --filter '!name=NAME-pod'",
        "--debug --filter name=none",
    ],
)
@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_tests_of_a_release(scene: Scene, flags: str, phase: str) -> None:
    """Each program tests a release of its own, whose pod gets its phase from here."""
    name = f"{scene.mark}-t{uuid.uuid4().hex[:4]}"
    seen = []
    for run in (scene.cluster.helm, scene.cluster.nav):
        assert scene.cluster.helm(f"install {name} web -n {scene.other}").code == 0
        seen.append(tried(scene, run, name, flags, phase))
        assert scene.cluster.helm(f"uninstall {name} -n {scene.other}").code == 0
        scene.cluster.kubectl("delete", "pod", f"{name}-pod", "-n", scene.other, "--ignore-not-found", "--force")
    assert seen[1] == seen[0]


def tried(scene: Scene, run: object, name: str, flags: str, phase: str) -> Tried:
    words = f"test {name} -n {scene.other} --timeout 300s {flags.replace('NAME', name)}"
    over = threading.Event()
    kubelet = threading.Thread(target=give_phase, args=(scene, f"{name}-pod", phase, over))
    kubelet.start()
    try:
        done: Done = run(words)  # type: ignore[operator]
    finally:
        over.set()
        kubelet.join()
    hooks = scene.cluster.helm(f"status {name} -n {scene.other} -o json").json["hooks"]
    return Tried(
        Done(done.code, without_times(done.out), without_times(done.err)), json.loads(without_times(json.dumps(hooks)))
    )


def give_phase(scene: Scene, pod: str, phase: str, over: threading.Event) -> None:
    patch = json.dumps({"status": {"phase": phase}})
    words = ("patch", "pod", pod, "-n", scene.other, "--subresource=status", "-p", patch)
    while not over.wait(0.3):
        if scene.cluster.kubectl(*words, check=False):
            return


def without_times(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", text)
    return re.sub(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}", "<time>", text)


def compare(scene: Scene, line: str, **env: str) -> None:
    """Hold what both programs print against each other."""
    words = scene.words(line)
    theirs = scene.cluster.helm(words, env=env)
    ours = scene.cluster.nav(words, env=env)
    if line.startswith("__complete") and "--kube-context" in line:  # Helm offers contexts in no order
        theirs, ours = (done._replace(out="".join(sorted(done.out.splitlines(True)))) for done in (theirs, ours))
    assert plain(ours) == plain(theirs)


def plain(done: Done) -> Done:
    """What was printed, without what is by chance: the order of kinds, ages, how often the server has changed."""
    out = done.out
    if "\nRESOURCES:\n" in out:
        head, _, rest = out.partition("RESOURCES:\n")
        blocks, _, tail = rest.partition("\n\n\n")
        parts = sorted(re.sub(r"(\S)\s+\S+$", r"\1 <age>", part, flags=re.MULTILINE) for part in blocks.split("\n\n"))
        out = f"{head}RESOURCES:\n" + "\n\n".join(parts) + f"\n\n\n{tail}"
    out = re.sub(r'("?kind"?: ?"?PodList"?,?\s*"?metadata"?: ?\{?\s*"?resourceVersion"?: ?")\d+', r"\1", out)
    out = re.sub(r"^_activeHelp_ .*$", "_activeHelp_", out, flags=re.MULTILINE)
    return Done(done.code, out, done.err)


def test_there_is_something_to_see(scene: Scene) -> None:
    """What the comparisons stand on: releases in all the states that they are about."""
    found = scene.cluster.helm(f"list -n {scene.place} -o json").json
    assert {row["status"] for row in found} == {"deployed", "failed", "uninstalled", "pending-install"}
    assert len(scene.cluster.helm(f"history {scene.mark}-web -n {scene.place} -o json").json) == 4
    assert os.path.exists(os.path.join(scene.cluster.home, "web", "Chart.yaml"))
