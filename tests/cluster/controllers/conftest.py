"""A cluster in memory whose controllers run when the test says so, by a clock that the test turns."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.api import Api
from navarch.cluster.controllers import Controllers
from navarch.cluster.options import Deletion
from navarch.cluster.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.cluster.types.catalog import Resource

Object = dict[str, Any]
_GROUPS = {
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
    "storageclasses": "storage.k8s.io",
}


class Clock:
    """Seconds since 1970, as long as nobody turns it: 2027-01-15T08:00:00Z."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


class World:
    """What a test does to the cluster, by the names of resources, in the namespace "default"."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = Store()
        self.api = Api(self.store, clock=self.clock)
        self.controllers = Controllers(self.api, certificate="a certificate")

    def resource(self, plural: str) -> Resource:
        found = self.api.catalog.stored(_GROUPS.get(plural, ""), plural)
        assert found is not None
        return found

    def create(self, plural: str, obj: Object, namespace: str = "default") -> Object:
        resource = self.resource(plural)
        made = {"apiVersion": resource.api_version, "kind": resource.kind, **obj}
        return self.api.create(resource, made, namespace=namespace if resource.namespaced else "")

    def get(self, plural: str, name: str, namespace: str = "default") -> Object:
        resource = self.resource(plural)
        return self.api.get(resource, namespace if resource.namespaced else "", name)

    def names(self, plural: str, namespace: str | None = "default") -> list[str]:
        return [one["metadata"]["name"] for one in self.list(plural, namespace)]

    def status(self, plural: str, name: str) -> Object:
        status: Object = self.get(plural, name).get("status", {})
        return status

    def condition(self, plural: str, name: str, kind: str) -> Object:
        return next(one for one in self.status(plural, name)["conditions"] if one["type"] == kind)

    def change(self, plural: str, name: str, change: Callable[[Object], Any]) -> Object:
        obj = copy.deepcopy(self.get(plural, name))
        change(obj)
        return self.api.update(self.resource(plural), obj)

    def delete(self, plural: str, name: str, propagation: str = "", namespace: str = "default") -> None:
        resource = self.resource(plural)
        where = namespace if resource.namespaced else ""
        self.api.delete(resource, where, name, Deletion(propagation=propagation))

    def settle(self) -> None:
        """Let the controllers do what there is to do now."""
        self.controllers.settle()
        assert not self.controllers.failures, "\n".join(self.controllers.failures)

    def wait(self, seconds: float) -> None:
        """Let time pass, with the controllers at work: what has its time in between happens at its time."""
        end = self.clock.time + seconds
        self.settle()
        while (when := self.controllers.next_time()) is not None and when <= end:
            self.clock.time = max(self.clock.time, when)
            self.settle()
        self.clock.time = end
        self.settle()

    def events(self, kind: str, name: str = "") -> list[tuple[str, str]]:
        """Reasons and messages of the events about objects of a kind."""
        return [
            (one["reason"], one["message"])
            for one in sorted(self.list("events", None), key=lambda one: int(one["metadata"]["resourceVersion"]))
            if one["involvedObject"]["kind"] == kind and name in ("", one["involvedObject"]["name"])
        ]

    def list(self, plural: str, namespace: str | None = "default") -> list[Object]:
        return self.api.list(self.resource(plural), namespace)


@pytest.fixture
def world() -> Iterator[World]:
    """A cluster that has settled down after its beginning."""
    made = World()
    made.settle()
    yield made
    made.controllers.stop()
    made.store.close()


def template(labels: dict[str, str], annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """A pod template with one container."""
    faults = {f"cluster.navarch.dev/{key}": value for key, value in (annotations or {}).items()}
    metadata: Object = {"labels": labels, **({"annotations": faults} if faults else {})}
    return {"metadata": metadata, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}], **spec}}


def deployment(name: str = "web", replicas: int = 1, faults: dict[str, str] | None = None, **spec: Any) -> Object:
    """A Deployment whose pods have the faults `faults`."""
    labels = {"app": name}
    wanted = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template(labels, faults), **spec}
    return {"metadata": {"name": name}, "spec": wanted}


def pod(name: str = "one", faults: dict[str, str] | None = None, **spec: Any) -> Object:
    """A pod of its own."""
    made = template({"app": name}, faults, **spec)
    return {**made, "metadata": {**made["metadata"], "name": name}}


def set_faults(obj: Object, faults: dict[str, str]) -> None:
    """Give the template of an object other faults, in place."""
    annotations = {f"cluster.navarch.dev/{key}": value for key, value in faults.items()}
    obj["spec"]["template"]["metadata"]["annotations"] = annotations
