"""The simulated controllers work on a real API server too, and leave there what they leave on the embedded one.

So what they write is what a real server takes from controllers: statuses that pass its checks, in its form, owned by
the same managers.
"""

from __future__ import annotations

import copy
import http.client
import json
import re
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from navarch.cluster.api import Api
from navarch.cluster.context import Context
from navarch.cluster.controllers import Controllers
from navarch.cluster.options import Deletion, Options
from navarch.cluster.problems import Problem
from navarch.cluster.store import Key, Store
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from navarch.golang.calendar import stamp
from support.control_plane import ADMIN_TOKEN, server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.cluster.types.catalog import Resource
    from support.control_plane import ControlPlane

pytestmark = pytest.mark.real

Object = dict[str, Any]
APPLY = "application/apply-patch+yaml"
GROUPS = {
    "deployments": "apps",
    "replicasets": "apps",
    "statefulsets": "apps",
    "daemonsets": "apps",
    "controllerrevisions": "apps",
    "jobs": "batch",
    "cronjobs": "batch",
    "poddisruptionbudgets": "policy",
    "horizontalpodautoscalers": "autoscaling",
    "endpointslices": "discovery.k8s.io",
    "clusterroles": "rbac.authorization.k8s.io",
}
COMPARED = (
    "deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions", "jobs", "cronjobs", "pods",
    "services", "endpoints", "endpointslices", "persistentvolumeclaims", "persistentvolumes", "poddisruptionbudgets",
    "horizontalpodautoscalers", "resourcequotas", "serviceaccounts", "configmaps", "events", "nodes",
)  # fmt: skip


class Clock:
    """Begins now, and goes on when told."""

    def __init__(self) -> None:
        self.time = float(int(time.time()))

    def __call__(self) -> float:
        return self.time


class Remote:
    """A real server in the form that controllers know; it is told of its own writes, as nobody else writes there."""

    def __init__(self, kubeconfig: str) -> None:
        self.catalog = Catalog(builtin())
        self.clock = Clock()
        self.logs: Any = None
        self.store = RemoteStore(self)
        self._address = urlsplit(server_of(kubeconfig)).netloc
        self._connection: http.client.HTTPSConnection | None = None
        self._listeners: list[Callable[..., None]] = []
        self._known: dict[tuple[str, str, str, str], Object] = {}
        for resource in self.catalog:
            if resource.version == resource.storage and "list" in resource.verbs:
                for obj in self._ask("GET", self._path(resource, None))["items"]:
                    full = {"apiVersion": resource.api_version, "kind": resource.kind, **obj}
                    self._known[self._place(resource, full)] = full

    def _ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        if self._connection is None:
            context = ssl._create_unverified_context()
            self._connection = http.client.HTTPSConnection(self._address, context=context, timeout=300)
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": content_type}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        value = json.loads(answer.read())
        if answer.status >= 300:
            raise Problem(value["code"], value.get("reason", ""), value["message"], value.get("details"))
        return value

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _path(self, resource: Resource, namespace: str | None, name: str = "", subresource: str = "") -> str:
        base = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
        where = f"/namespaces/{namespace}" if resource.namespaced and namespace else ""
        return f"{base}{where}/{resource.plural}" + "".join(f"/{part}" for part in (name, subresource) if part)

    def _place(self, resource: Resource, obj: Object) -> tuple[str, str, str, str]:
        return resource.group, resource.plural, obj["metadata"].get("namespace", ""), obj["metadata"]["name"]

    def _seen(self, resource: Resource, obj: Object | None, place: tuple[str, str, str, str]) -> None:
        old = self._known.get(place)
        if obj is None:
            self._known.pop(place, None)
            kind, obj = "DELETED", old
        else:
            born = (old or {"metadata": {"creationTimestamp": stamp(self.clock())}})["metadata"]["creationTimestamp"]
            obj = {**obj, "metadata": {**obj["metadata"], "creationTimestamp": born}}  # by the test's clock
            self._known[place] = obj
            kind = "MODIFIED" if old else "ADDED"
        for listener in self._listeners if obj is not None and obj != old else ():
            listener(kind, resource, obj, old)
        if kind == "DELETED" and obj is not None:
            for listener in self._listeners:
                listener(kind, resource, obj, old)

    def _look(self, resource: Resource, namespace: str, name: str) -> None:
        place = (resource.group, resource.plural, namespace if resource.namespaced else "", name)
        try:
            obj = self._ask("GET", self._path(resource, namespace, name))
        except Problem as problem:
            if problem.code != 404:
                raise
            obj = None
        if place in self._known or obj is not None:
            self._seen(resource, obj, place)

    def subscribe(self, listener: Callable[..., None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def find(self, resource: Resource, namespace: str, name: str) -> Object | None:
        return self._known.get((resource.group, resource.plural, namespace if resource.namespaced else "", name))

    def list(self, resource: Resource, namespace: str | None = None, **_: Any) -> list[Object]:
        wanted = (resource.group, resource.plural)
        return [
            obj
            for place, obj in sorted(self._known.items(), key=lambda item: item[0])
            if place[:2] == wanted and namespace in (None, place[2])
        ]

    def create(self, resource: Resource, obj: Object, *, namespace: str = "", options: Options = Options()) -> Object:  # noqa: B008
        made = self._ask("POST", f"{self._path(resource, namespace)}?fieldManager={options.manager}", obj)
        self._seen(resource, made, self._place(resource, made))
        return made

    def update(self, resource: Resource, obj: Object, *, subresource: str = "", options: Options = Options()) -> Object:  # noqa: B008
        namespace, name = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
        path = self._path(resource, namespace, name, subresource)
        if subresource == "binding":
            target = {"kind": "Node", "name": obj["spec"]["nodeName"]}
            self._ask(
                "POST", path, {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
            )
        else:
            self._ask("PUT", f"{path}?fieldManager={options.manager}", obj)
        self._look(resource, namespace, name)
        return self.find(resource, namespace, name) or obj

    def patch(
        self, resource: Resource, namespace: str, name: str, patch: Any, content_type: str, *, options: Options
    ) -> None:
        path = self._path(resource, namespace, name)
        self._ask("PATCH", f"{path}?fieldManager={options.manager}&force=true", patch, content_type)
        self._look(resource, namespace, name)

    def delete(self, resource: Resource, namespace: str, name: str, deletion: Deletion = Deletion()) -> None:  # noqa: B008
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if deletion.propagation:
            options["propagationPolicy"] = deletion.propagation
        if deletion.grace is not None:
            options["gracePeriodSeconds"] = deletion.grace
        if deletion.uid:
            options["preconditions"] = {"uid": deletion.uid}
        self._ask("DELETE", self._path(resource, namespace, name), options)
        self._look(resource, namespace, name)

    def context(self) -> Context:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return Context(self.store, self.catalog, now=now, user="")  # type: ignore[arg-type]


class RemoteStore:
    """A real server in the form of a store: what controllers read and write past the API."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.lock = threading.RLock()

    def _resource(self, group: str, plural: str) -> Resource:
        found = self._remote.catalog.stored(group, plural)
        assert found is not None
        return found

    def get(self, key: Key) -> Object | None:
        return self._remote.find(self._resource(key.group, key.plural), key.namespace, key.name)

    def list(self, group: str, plural: str, namespace: str | None = None) -> list[Object]:
        return self._remote.list(self._resource(group, plural), namespace)

    def put(self, key: Key, obj: Object) -> Object:
        """Events are put into the store; here they are created, or written again."""
        resource = self._resource(key.group, key.plural)
        made = copy.deepcopy(obj)
        (owner,) = made["metadata"].pop("managedFields")
        options = Options(manager=owner["manager"])
        if self.get(key) is not None:
            return self._remote.update(resource, made, options=options)
        for name in ("uid", "creationTimestamp", "resourceVersion"):
            made["metadata"].pop(name)
        return self._remote.create(resource, made, namespace=key.namespace, options=options)


class Side:
    """A cluster with controllers at work."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.controllers = Controllers(api, certificate="a certificate")
        self.settle()

    def settle(self) -> None:
        """Until nothing is left to do, and then for eight seconds more."""
        clock = self.api.clock
        end = clock.time + 8
        self.controllers.settle()
        while (when := self.controllers.next_time()) is not None and when <= end:
            clock.time = max(clock.time, when)
            self.controllers.settle()
        clock.time = end
        assert not self.controllers.failures, "\n".join(self.controllers.failures)

    def resource(self, plural: str) -> Resource:
        found = self.api.catalog.stored(GROUPS.get(plural, ""), plural)
        assert found is not None
        return found

    def create(self, plural: str, obj: Object) -> None:
        resource = self.resource(plural)
        full = {"apiVersion": resource.api_version, "kind": resource.kind, **copy.deepcopy(obj)}
        self.api.create(
            resource, full, namespace="default" if resource.namespaced else "", options=Options(manager="test")
        )

    def change(self, plural: str, name: str, change: Callable[[Object], Any]) -> None:
        resource = self.resource(plural)
        obj = copy.deepcopy(self.api.find(resource, "default", name))
        change(obj)
        self.api.update(resource, obj, options=Options(manager="test"))

    def delete(self, plural: str, name: str, propagation: str = "") -> None:
        self.api.delete(self.resource(plural), "default", name, Deletion(propagation=propagation))

    def state(self) -> dict[str, Object]:
        """What is there, with what differs from one run to the next made alike."""
        uids: dict[str, str] = {}
        found: dict[str, Object] = {}
        for plural in COMPARED:
            for obj in self.api.list(self.resource(plural), None):
                uids[obj["metadata"]["uid"]] = f"the uid of {obj['kind']} {_name(obj)}"
                found[f"{plural} {obj['metadata'].get('namespace', '')}/{_name(obj)}"] = obj
        return {key: _alike(obj, uids) for key, obj in found.items() if key not in _OWN}


# What an API server makes for itself.
_OWN = {f"{plural} default/kubernetes" for plural in ("services", "endpoints", "endpointslices")} | {
    "configmaps kube-system/kube-apiserver-legacy-service-account-token-tracking",
    "configmaps kube-system/extension-apiserver-authentication",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIFFERENT = frozenset(["resourceVersion", "clusterIP", "clusterIPs", "nodePort", "imageID", "containerID"])


def _name(obj: Object) -> str:
    """A name that is the same on both sides: events have the time in theirs."""
    if obj["kind"] == "Event":
        involved = obj["involvedObject"]
        return f"{involved['kind']} {_UID.sub('', involved['name'])} {obj['reason']} {_UID.sub('', obj['message'])}"
    if obj["kind"] == "PersistentVolume":
        return f"of {obj['spec']['claimRef']['name']}"
    return str(obj["metadata"]["name"])


def _alike(value: Any, uids: dict[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        made = {name: _alike(one, uids, name) for name, one in value.items() if name not in _DIFFERENT}
        if made.get("kind") == "Event":
            made["metadata"].pop("name")
            for name in ("count", "eventTime"):
                made.pop(name, None)
        return {_UID.sub(lambda found: uids.get(found[0], "a uid"), name): one for name, one in made.items()}
    if isinstance(value, list):
        if key == "managedFields":  # whoever writes in the same second comes in any order
            value = sorted(value, key=lambda one: (one["manager"], one["operation"], one.get("subresource", "")))
        return [_alike(one, uids) for one in value]
    if isinstance(value, str):
        text = _TIME.sub("a time", value)
        return _UID.sub(lambda found: uids.get(found[0], "a uid"), text)
    return value


def template(labels: dict[str, str], faults: dict[str, str] | None = None, **spec: Any) -> Object:
    annotations = {f"cluster.navarch.dev/{name}": value for name, value in (faults or {}).items()}
    container = {"name": "main", "image": "nginx:1.27", "resources": {"requests": {"cpu": "100m"}}}
    return {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"containers": [container], **spec}}


def workload(name: str, faults: dict[str, str] | None = None, pod: Object | None = None, **spec: Any) -> Object:
    labels = {"app": name}
    made = {"selector": {"matchLabels": labels}, "template": template(labels, faults, **(pod or {})), **spec}
    return {"metadata": {"name": name}, "spec": made}


def job(name: str, faults: dict[str, str] | None = None, policy: str = "Never", **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": {"template": template({}, faults, restartPolicy=policy), **spec}}


CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
WEB = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
METRIC = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def _annotate(**faults: str) -> Callable[[Object], None]:
    def change(obj: Object) -> None:
        annotations = {f"cluster.navarch.dev/{name.replace('_', '-')}": value for name, value in faults.items()}
        obj["spec"]["template"]["metadata"]["annotations"] = annotations

    return change


def rollouts(side: Side) -> None:
    side.create("services", {"metadata": {"name": "web"}, "spec": {**WEB, "type": "LoadBalancer"}})
    side.create("poddisruptionbudgets", {"metadata": {"name": "web"}, "spec": {
        "maxUnavailable": "50%", "selector": {"matchLabels": {"app": "web"}}}})  # fmt: skip
    side.create("services", {"metadata": {"name": "outside"}, "spec": {"ports": [{"port": 5432}]}})
    side.create("endpoints", {"metadata": {"name": "outside"}, "subsets": [
        {"addresses": [{"ip": "192.0.2.1"}, {"ip": "192.0.2.2"}], "ports": [{"port": 5432}]}]})  # fmt: skip
    side.create("deployments", workload("web", replicas=3))
    side.create("horizontalpodautoscalers", {"metadata": {"name": "web"}, "spec": {
        "minReplicas": 4, "maxReplicas": 5, "scaleTargetRef": TARGET, "metrics": [METRIC]}})  # fmt: skip
    side.settle()
    side.change("deployments", "web", _annotate(log="second"))
    side.settle()
    side.change("deployments", "web", _annotate(fail="image-pull"))
    side.settle()
    side.change("deployments", "web", _annotate(log="second"))
    side.settle()


def faults(side: Side) -> None:
    for fault in ("unschedulable", "mount", "image-pull", "config", "init", "crash", "oom", "never-ready"):
        initial = {"initContainers": [{"name": "first", "image": "busybox"}]} if fault == "init" else {}
        side.create("deployments", workload(fault, {"fail": fault}, initial))
    side.create("deployments", workload("exits", {"exit-code": "3", "log": "x"}))
    side.settle()


def sets(side: Side) -> None:
    side.create("statefulsets", workload("db", serviceName="db", replicas=3, volumeClaimTemplates=[CLAIM]))
    side.create("daemonsets", workload("agent"))
    side.settle()
    side.change("statefulsets", "db", _annotate(log="second"))
    side.change("daemonsets", "agent", _annotate(log="second"))
    side.settle()
    side.change("statefulsets", "db", lambda obj: obj["spec"].update(replicas=1))
    side.settle()


def jobs(side: Side) -> None:
    side.create("jobs", job("succeeds", completions=3, parallelism=2))
    side.create("jobs", job("numbered", completions=3, parallelism=3, completionMode="Indexed"))
    side.create("jobs", job("fails", {"exit-code": "3"}, backoffLimit=1))
    side.create("jobs", job("crashes", {"fail": "crash"}, "OnFailure", backoffLimit=2))
    side.create("jobs", job("waits", suspend=True))
    side.create("cronjobs", {"metadata": {"name": "nightly"}, "spec": {
        "schedule": "0 0 1 1 *", "jobTemplate": {"spec": job("x")["spec"]}}})  # fmt: skip
    side.settle()


def ends(side: Side) -> None:
    side.create(
        "resourcequotas", {"metadata": {"name": "few"}, "spec": {"hard": {"pods": "50", "count/jobs.batch": "20"}}}
    )
    side.create("deployments", workload("orphaned", replicas=2))
    side.create("deployments", workload("deleted", replicas=2))
    side.create("persistentvolumeclaims", {**CLAIM, "metadata": {"name": "used"}})
    side.create("pods", {"metadata": {"name": "uses"}, **template({}, volumes=[
        {"name": "data", "persistentVolumeClaim": {"claimName": "used"}}])} | {"metadata": {"name": "uses"}})  # fmt: skip
    side.settle()
    side.delete("deployments", "orphaned", "Orphan")
    side.delete("deployments", "deleted", "Foreground")
    side.delete("persistentvolumeclaims", "used")
    side.settle()
    side.create("namespaces", {"metadata": {"name": "short"}})
    side.settle()
    side.delete("namespaces", "short")
    side.settle()


@pytest.fixture
def remote(plane: ControlPlane) -> Iterator[Remote]:
    made = Remote(plane.kubeconfig)
    yield made
    made.close()


def test_controllers_leave_the_same_on_a_real_server(remote: Remote) -> None:
    theirs = Side(remote)
    ours = Side(Api(Store(), clock=Clock()))
    for story in (rollouts, faults, sets, jobs, ends):
        for side in (theirs, ours):
            story(side)
        real, embedded = theirs.state(), ours.state()
        different = [name for name in {**real, **embedded} if real.get(name) != embedded.get(name)]
        for name in different[:1]:
            assert embedded.get(name) == real.get(name), f"{story.__name__}: {', '.join(different)}"
