"""Objects on a real API server, changed by Helm in one namespace and by us in another: they must come out the same.

Whoever owns which field is compared too, and so are messages. Helm is given charts, we are given the manifests and do
what its actions do: objects get the marks of their release, the manifest before is the original.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import KubernetesError
from navarch.kube.client import Client
from support.cluster import write_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.kube.objects import Resource
    from support.cluster import Cluster

pytestmark = pytest.mark.real

KINDS = "configmaps,secrets,services,deployments,statefulsets,ingresses,poddisruptionbudgets,networkpolicies"
SERVER_SIDE = ("--server-side=true",)
CLIENT_SIDE = ("--server-side=false",)


def a_map(name: str = "a", *, metadata: dict[str, Any] | None = None, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **(metadata or {})}, "data": data}


def a_deployment(*containers: dict[str, Any], labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    labels = labels or {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": list(containers)}}
    given = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": given}


def a_service(*ports: dict[str, Any]) -> dict[str, Any]:
    spec = {"clusterIP": "None", "selector": {"app": "web"}, "ports": list(ports)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}


def variables(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


WEB = {"name": "web", "image": "web:1", "env": variables(A="1", B="2"), "ports": [{"containerPort": 80}]}
SIDE = {"name": "side", "image": "side:1"}
DNS = [{"name": "udp", "port": 53, "protocol": "UDP"}, {"name": "tcp", "port": 53, "protocol": "TCP"}]
BUDGET = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web"},
    "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
}
FIRST = [a_map(x="1", y="2"), a_map("kept", x="1"), BUDGET, a_service(*DNS), a_deployment(WEB)]
SECOND = [
    a_map(x="1", z="3"),
    a_map("new"),
    BUDGET,
    a_service({"name": "http", "port": 80, "targetPort": "http"}),
    a_deployment({**WEB, "image": "web:2", "env": variables(B="2", C="3")}, SIDE),
]
KEPT = {"annotations": {"helm.sh/resource-policy": "keep"}}


class Pair:
    """A namespace that Helm works in, and one that is ours; both are led through the same steps."""

    def __init__(self, cluster: Cluster, folder: os.PathLike[str]) -> None:
        self.cluster = cluster
        self.folder = str(folder)
        self.steps = 0
        self.theirs, self.ours = cluster.namespace(), cluster.namespace()
        self.client = Client.from_kubeconfig(cluster.kubeconfig, namespace=self.ours, say=lambda _: None)
        self.known: list[dict[str, Any]] | None = None

    def close(self) -> None:
        self.client.close()

    def kubectl(self, *words: str) -> None:
        """The same command in both namespaces: what others do meanwhile."""
        for namespace in (self.theirs, self.ours):
            self.cluster.kubectl(*words, "-n", namespace)

    def step(self, objects: list[dict[str, Any]], *flags: str, **options: Any) -> tuple[str, str]:
        """Install, or upgrade from the step before. What went wrong, as Helm told it and as we did; "" for nothing."""
        self.steps += 1
        files = {f"templates/{index:02}.json": json.dumps(value) for index, value in enumerate(objects)}
        chart = write_chart(os.path.join(self.folder, str(self.steps)), files)
        verb = "install" if self.known is None else "upgrade"
        done = self.cluster.helm(verb, "rel", chart, "-n", self.theirs, *flags)
        told = done.err.partition("Error: ")[2].strip()
        for lead in ("INSTALLATION FAILED: ", "UPGRADE FAILED: "):
            told = told.removeprefix(lead)
        return told.replace(self.theirs, "NS"), self._ours(objects, options)

    def _ours(self, objects: list[dict[str, Any]], options: dict[str, Any]) -> str:
        target = self.client.build(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        for resource in target:
            mark(resource, self.ours)
        before, self.known = self.known, objects
        try:
            if before is None:
                self.client.create(target, **options)
            else:
                manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": before})
                original = self.client.build(manifest)
                self.client.update([*original, *self._adopted(original, target)], target, **options)
        except KubernetesError as error:
            return str(error).replace(self.ours, "NS")
        return ""

    def _adopted(self, original: list[Resource], target: list[Resource]) -> list[Resource]:
        """What is new in the manifest and there already: Helm takes it as if the manifest before had had it."""
        known = {resource.identity for resource in original}
        new = [resource for resource in target if resource.identity not in known]
        return [resource.copy() for resource, found in zip(new, self.client.look_up(new), strict=True) if found]

    def assert_alike(self, kinds: str = KINDS) -> None:
        theirs, ours = (self._state(namespace, kinds) for namespace in (self.theirs, self.ours))
        assert ours == theirs

    def _state(self, namespace: str, kinds: str) -> list[Any]:
        found = self.cluster.get(kinds, "-n", namespace)["items"]
        wanted = [one for one in found if one.get("type") != "helm.sh/release.v1"]
        return [settled(one, namespace) for one in wanted if one["metadata"]["name"] != "kube-root-ca.crt"]


def mark(resource: Resource, namespace: str) -> None:
    """What Helm adds to the objects of a release."""
    metadata = resource.object["metadata"]
    metadata["labels"] = {**metadata.get("labels", {}), "app.kubernetes.io/managed-by": "Helm"}
    names = {"meta.helm.sh/release-name": "rel", "meta.helm.sh/release-namespace": namespace}
    metadata["annotations"] = {**metadata.get("annotations", {}), **names}


def settled(one: dict[str, Any], namespace: str) -> Any:
    """An object without what is never twice the same."""
    value = json.loads(json.dumps(one).replace(namespace, "NS"))
    for name in ("uid", "resourceVersion", "creationTimestamp"):
        value["metadata"].pop(name, None)
    entries = value["metadata"].get("managedFields", [])
    for entry in entries:
        entry.pop("time", None)
    entries.sort(key=lambda entry: (entry["manager"], entry["operation"]))
    return value


@pytest.fixture
def pair(cluster: Cluster, tmp_path: os.PathLike[str]) -> Iterator[Pair]:
    one = Pair(cluster, tmp_path)
    yield one
    one.close()


@pytest.mark.parametrize("server_side", [True, False])
def test_created(pair: Pair, server_side: bool) -> None:
    assert pair.step(FIRST, f"--server-side={server_side}".lower(), server_side=server_side) == ("", "")
    pair.assert_alike()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_updated(pair: Pair, before: bool, after: bool) -> None:
    """From server-side to client-side apply and back too; what others did in between stays, or is put right."""
    pair.step(FIRST, f"--server-side={before}".lower(), server_side=before)
    pair.kubectl("label", "configmap/a", "theirs=1")
    pair.kubectl("scale", "deployment/web", "--replicas=1")
    pair.kubectl("set", "env", "deployment/web", "THEIRS=1")
    flags = {"server_side": after, "upgrade_managed_fields": after and not before}
    assert pair.step(SECOND, f"--server-side={after}".lower(), **flags) == ("", "")
    pair.assert_alike()
    assert pair.step(SECOND, f"--server-side={after}".lower(), server_side=after) == ("", "")
    pair.assert_alike()
    assert pair.step(FIRST, f"--server-side={after}".lower(), server_side=after) == ("", "")
    pair.assert_alike()


def test_a_strategy_without_its_former_options(pair: Pair) -> None:
    """A client-side patch says which keys may stay; by server-side apply it fails, since the server owns the others."""
    pair.step([a_deployment(WEB)], *SERVER_SIDE)
    target = [a_deployment(WEB, strategy={"type": "Recreate"})]
    theirs, ours = pair.step(target, *SERVER_SIDE)
    assert "spec.strategy.rollingUpdate: Forbidden" in theirs
    assert ours == theirs
    assert pair.step(target, *CLIENT_SIDE, server_side=False) == ("", "")
    pair.assert_alike()


def test_fields_of_others(pair: Pair) -> None:
    """A conflict is told, and nothing but that object stays as it was; with force it is overcome."""
    pair.step(FIRST, *SERVER_SIDE)
    pair.kubectl("patch", "configmap/a", "--type=merge", "--patch", '{"data":{"x":"theirs","y":"theirs"}}')
    target = [a_map(x="ours", y="ours"), *FIRST[1:4], a_deployment({**WEB, "image": "web:2"})]
    theirs, ours = pair.step(target, *SERVER_SIDE)
    assert theirs.startswith(
        "conflict occurred while applying object NS/a /v1, Kind=ConfigMap: Apply failed with 2 con"
    )
    assert ours == theirs
    pair.assert_alike()
    assert pair.step(target, *SERVER_SIDE, "--force-conflicts", force_conflicts=True) == ("", "")
    pair.assert_alike()


@pytest.mark.parametrize("server_side", [True, False])
def test_fields_that_can_not_be_changed(pair: Pair, server_side: bool) -> None:
    flag = f"--server-side={server_side}".lower()
    pair.step(FIRST, flag, server_side=server_side)
    target = [a_map(x="2"), *FIRST[1:4], a_deployment(WEB, labels={"app": "other"})]
    theirs, ours = pair.step(target, flag, server_side=server_side)
    assert "field is immutable" in theirs
    assert ours == theirs
    pair.assert_alike()


@pytest.mark.parametrize("server_side", [True, False])
def test_a_creation_that_fails_in_the_middle(pair: Pair, server_side: bool) -> None:
    flag = f"--server-side={server_side}".lower()
    pair.step([a_map("a"), a_map("d")], flag, server_side=server_side)
    target = [a_map("a", x="1"), a_map("b"), a_map("c", x="1"), a_map("d", x="1")]
    target[1]["data"] = {"not a key": "1"}
    theirs, ours = pair.step(target, flag, server_side=server_side)
    assert theirs.startswith("failed to create resource: ")
    assert ours == theirs
    pair.assert_alike()


def test_what_is_gone_and_what_is_kept(pair: Pair) -> None:
    pair.step([a_map("a"), a_map("kept", metadata=KEPT), a_map("gone")], *SERVER_SIDE)
    pair.kubectl("delete", "configmap/gone")
    assert pair.step([a_map("b")], *SERVER_SIDE) == ("", "")
    pair.assert_alike()


def test_replaced(pair: Pair) -> None:
    pair.step(FIRST, *CLIENT_SIDE, server_side=False)
    pair.kubectl("label", "configmap/a", "theirs=1")
    options = {"server_side": False, "force_replace": True}
    assert pair.step(SECOND, *CLIENT_SIDE, "--force-replace", **options) == ("", "")
    pair.assert_alike()


def test_an_object_that_was_in_no_manifest_before(pair: Pair) -> None:
    """It bears the marks of the release: Helm makes it its own, and leaves what it doesn't know of."""
    for namespace in (pair.theirs, pair.ours):
        one = a_map("b", x="1", theirs="1")
        resource = pair.client.build(json.dumps(one))[0]
        mark(resource, namespace)
        text = json.dumps(resource.object).replace(pair.ours, namespace)
        pair.cluster.kubectl("create", "-n", namespace, "-f", "-", stdin=text)
    pair.step([a_map("a")], *CLIENT_SIDE, server_side=False)
    assert pair.step([a_map("a"), a_map("b", x="2")], *CLIENT_SIDE, server_side=False) == ("", "")
    pair.assert_alike()


def test_custom_resources(pair: Pair) -> None:
    """Their client-side patches go by the manifests alone."""
    name = pair.theirs.replace("-", "")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": f"{name}s", "kind": name.title()}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{name}s.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    pair.cluster.kubectl("create", "-f", "-", stdin=json.dumps(definition))
    pair.cluster.wait_until_served(f"{name}s.example.com", "example.com", "v1", f"{name}s")
    try:
        one = {"apiVersion": "example.com/v1", "kind": name.title(), "metadata": {"name": "w"}}
        pair.step([{**one, "spec": {"a": 1, "b": [1, 2], "c": 1.5}}], *CLIENT_SIDE, server_side=False)
        pair.kubectl("patch", f"{name}s/w", "--type=merge", "--patch", '{"spec":{"a":9,"theirs":true}}')
        assert pair.step([{**one, "spec": {"a": 1, "b": [2], "d": 1e6}}], *CLIENT_SIDE, server_side=False) == ("", "")
        pair.assert_alike(f"{name}s.example.com")
        flags = {"upgrade_managed_fields": True}
        assert pair.step([{**one, "spec": {"b": [2], "d": 2}}], *SERVER_SIDE, **flags) == ("", "")
        pair.assert_alike(f"{name}s.example.com")
    finally:
        pair.cluster.kubectl("delete", "crd", f"{name}s.example.com")


def test_deleted(pair: Pair) -> None:
    pair.step(FIRST, *SERVER_SIDE)
    resources = pair.client.build(json.dumps({"apiVersion": "v1", "kind": "List", "items": FIRST}))
    assert pair.cluster.helm("uninstall", "rel", "-n", pair.theirs).code == 0
    deleted, errors = pair.client.delete(resources)
    assert [resource.name for resource in deleted] == [resource.name for resource in resources]
    assert errors == []
    pair.assert_alike()
