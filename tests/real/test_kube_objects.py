"""Objects on a real API server, and the real Helm's words for manifests that are none.

Helm builds what lies in crds/ without validation, and what templates make with it; both are asked the same questions
as ours, so that the recorded answers in tests/kube/builds.json stay what Helm says.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.types.builtin import builtin
from navarch.errors import NavarchError
from navarch.kube.client import Client
from navarch.kube.definitions import wait_until_served
from navarch.kube.discovery import NoMatchError
from navarch.kube.objects import BuildError
from support.cluster import write_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.cluster import Cluster

pytestmark = pytest.mark.real

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
with open(os.path.join(_HERE, "kube", "builds.json"), encoding="utf-8") as _file:
    BUILDS: dict[str, Any] = json.load(_file)
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.GROUP}
spec:
  group: GROUP
  names: {kind: Thing, plural: things, singular: thing}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
"""


@pytest.fixture
def client_of() -> Iterator[Callable[..., Client]]:
    """Makes clients, and closes them."""
    made: list[Client] = []

    def make(cluster: Cluster, namespace: str = "default", **more: Any) -> Client:
        made.append(Client.from_kubeconfig(cluster.kubeconfig, namespace=namespace, **more))
        return made[-1]

    yield make
    for client in made:
        client.close()


def problem(client: Client, manifest: str, *, validate: bool) -> str:
    try:
        client.build(manifest, validate=validate)
    except BuildError as error:
        return str(error)
    return ""


def test_recorded_builds(cluster: Cluster, client_of: Callable[..., Client]) -> None:
    """The recorded objects and messages, by the real server's discovery and definitions."""
    client = client_of(cluster, "objects-a")
    for name, case in BUILDS.items():
        for validate in (False, True):
            expected = case.get("checked", case["built"]) if validate else case["built"]
            assert (name, problem(client, case["manifest"], validate=validate)) == (name, expected["error"])


@pytest.mark.parametrize(
    "name", [name for name, case in BUILDS.items() if case["built"]["error"] and not case["built"]["items"]]
)
def test_messages_without_validation_are_helms(
    cluster: Cluster, client_of: Callable[..., Client], tmp_path: Path, name: str
) -> None:
    manifest = BUILDS[name]["manifest"]
    chart = write_chart(str(tmp_path), {"crds/x.yaml": manifest})
    done = cluster.helm("install", "r", chart, "-n", cluster.namespace())
    prefix = "Error: INSTALLATION FAILED: failed to install CRD crds/x.yaml: "
    assert done.code == 1
    assert done.err.startswith(prefix)
    assert done.err[len(prefix) :].removesuffix("\n") == problem(client_of(cluster), manifest, validate=False)


CHECKED = {
    "a list": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  foo: b\n",
    "a kind without patches": "apiVersion: v1\nkind: Binding\nmetadata: {name: a}\ntargett: {}\n",
    "a list of pods": "apiVersion: v1\nkind: PodList\nitems:\n- spec: {containers: [{ports: [{containerPort: x}]}]}\n",
    "an unknown kind": "apiVersion: nope.example.com/v1\nkind: Nope\nmetadata: {name: x, namespace: z}\n",
    "a number for a label": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {a: 5}}\n",
    "no apiVersion": "kind: ConfigMap\nmetadata: {name: a}\n",
    "several": "apiVersion: v1\nkind: Q\nmetadata: {name: b}\n---\napiVersion: apps/v1\nkind: Z\nmetadata: {name: c}\n",
}


@pytest.mark.parametrize("name", CHECKED)
def test_messages_with_validation_are_helms(
    cluster: Cluster, client_of: Callable[..., Client], tmp_path: Path, name: str
) -> None:
    chart = write_chart(str(tmp_path), {"templates/x.yaml": CHECKED[name]})
    done = cluster.helm("install", "r", chart, "-n", cluster.namespace(), "--dry-run=server")
    prefix = "Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: "
    assert done.code == 1
    assert done.err.startswith(prefix)
    found = done.err[len(prefix) :].removesuffix("\n")
    assert found == problem(client_of(cluster), CHECKED[name], validate=True)


def test_capabilities_are_helms(cluster: Cluster, client_of: Callable[..., Client], tmp_path: Path) -> None:
    shown = "{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.APIVersions | sortAlpha | toJson }}"
    chart = write_chart(
        str(tmp_path),
        {"templates/x.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {{x: '{shown}'}}\n"},
    )
    done = cluster.helm("template", "r", chart, "--dry-run=server")
    version, versions = done.out.partition("x: '")[2].partition("'")[0].split(" ", 1)
    capabilities = client_of(cluster).capabilities()
    assert capabilities.KubeVersion.Version == version
    # custom resources of other tests come and go
    groups = {"v1", *(one.group for one in builtin())}
    ours, theirs = (
        [one for one in found if one.partition("/")[0] in groups]
        for found in (capabilities.APIVersions, json.loads(versions))
    )
    assert ours == theirs
    assert {"v1", "v1/Pod", "apps/v1", "apps/v1/Deployment"} <= set(ours)


def test_lookup_is_helms(cluster: Cluster, client_of: Callable[..., Client], tmp_path: Path) -> None:
    namespace = cluster.namespace()
    for name in ("seed", "other"):
        cluster.kubectl(f"create configmap {name} -n {namespace} --from-literal=a=b")
    calls = [
        ("v1", "ConfigMap", namespace, "seed"),
        ("v1", "ConfigMap", namespace, "none"),
        ("v1", "Secret", namespace, ""),
        ("v1", "Namespace", "", namespace),
        ("v1", "Nope", namespace, "x"),
    ]
    words = [" ".join(json.dumps(word) for word in call) for call in calls]
    lines = [f"  v{number}: {{{{ lookup {call} | toJson | quote }}}}" for number, call in enumerate(words)]
    template = "\n".join(["apiVersion: v1", "kind: ConfigMap", "metadata: {name: x}", "data:", *lines])
    chart = write_chart(str(tmp_path), {"templates/x.yaml": template})
    done = cluster.helm("template", "r", chart, "--dry-run=server", "-n", namespace)
    client = client_of(cluster)
    for number, call in enumerate(calls):
        line = next(line for line in done.out.split("\n") if line.startswith(f"  v{number}: "))
        theirs = json.loads(json.loads(line.partition(": ")[2]))
        ours = client.lookup(*call)
        if not call[3]:  # the list's resourceVersion is the store's
            theirs["metadata"], ours["metadata"] = {}, {}
        assert ours == theirs
    items = client.lookup("v1", "ConfigMap", namespace, "")["items"]
    assert {(one["apiVersion"], one["kind"]) for one in items} == {("v1", "ConfigMap")}


def test_a_new_kind_is_found_and_served(cluster: Cluster, client_of: Callable[..., Client]) -> None:
    namespace = cluster.namespace()
    group = f"{namespace}.example.com"
    client = client_of(cluster, namespace)
    thing = f"apiVersion: {group}/v1\nkind: Thing\nmetadata: {{name: x}}\nspec: {{size: 5}}\n"
    with pytest.raises(NoMatchError):
        client.discovery.mapping(group, "v1", "Thing")
    definitions = client.build(CRD.replace("GROUP", group))
    cluster.kubectl("apply", "-f", "-", stdin=CRD.replace("GROUP", group))
    try:
        client.refresh(definitions[0])
        assert wait_until_served(client, definitions)
        resource = client.build(thing, validate=True)[0]
        body = json.dumps(resource.object).encode()
        made = client.transport.request("POST", resource.collection, body=body).json()
        assert made["spec"] == {"size": 5}
        assert client.look_up([resource])[0] == client.get(resource)
    finally:
        cluster.kubectl(f"delete crd things.{group}")


def test_many_objects_are_looked_up_as_they_are(cluster: Cluster, client_of: Callable[..., Client]) -> None:
    namespace = cluster.namespace()
    made = [
        f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{number}}}, data: {{a: b}}}}" for number in range(30)
    ]
    cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin="\n---\n".join(f"# {one}\n{one}" for one in made[:20]))
    client = client_of(cluster, namespace)
    resources = client.build("# all\n" + "\n---\n".join(made))
    found = client.look_up(resources)
    assert [one is None for one in found] == [False] * 20 + [True] * 10
    assert found[3] == client.get(resources[3])
    heads = client.look_up(resources, metadata_only=True)
    head = heads[3]
    assert isinstance(head, dict)
    assert head["metadata"]["uid"] == client.get(resources[3])["metadata"]["uid"]
    assert "data" not in head


def test_who_may_not_read_is_told_so_for_each_object(cluster: Cluster, client_of: Callable[..., Client]) -> None:
    client = client_of(cluster, token="plain")
    resources = client.build("# yaml\n" + "\n---\n".join(["{apiVersion: v1, kind: Secret, metadata: {name: x}}"] * 6))
    for answer in client.look_up(resources):
        assert isinstance(answer, NavarchError)
        assert str(answer).startswith('secrets "x" is forbidden: User "plain" cannot get resource "secrets"')


def test_warnings_are_said(cluster: Cluster, client_of: Callable[..., Client]) -> None:
    said: list[str] = []
    client = client_of(cluster, say=said.append)
    client.look_up(client.build("apiVersion: v1\nkind: Endpoints\nmetadata: {name: none}\n"))
    assert len(said) == 1
    assert said[0].endswith('] "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"')
