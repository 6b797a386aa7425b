"""A store with a namespace in it, and what writing an object does to it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from navarch.cluster import strategy
from navarch.cluster.context import Context
from navarch.cluster.decode import convert
from navarch.cluster.defaults import fill
from navarch.cluster.store import Key, Store
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog, Resource

NOW = "2026-11-21T18:00:00Z"
NAMESPACE = "shop"


class Place:
    """One store: `create` and `change` do what verbs do, without validation and managedFields."""

    def __init__(self) -> None:
        self.store = Store()
        self.catalog = Catalog(builtin())
        self.put(self.read("v1", "Namespace", {"metadata": {"name": NAMESPACE}}))

    def resource(self, obj: dict[str, Any]) -> Resource:
        group, _, version = obj["apiVersion"].rpartition("/")
        found = self.catalog.kind(group, version, obj["kind"])
        assert found is not None
        return found

    def read(self, api_version: str, kind: str, obj: dict[str, Any]) -> dict[str, Any]:
        resource = self.resource({"apiVersion": api_version, "kind": kind})
        made, _ = convert(obj, resource)
        fill(resource, made)
        made["metadata"].setdefault("uid", str(uuid.uuid4()))
        made["metadata"].setdefault("creationTimestamp", NOW)
        if resource.namespaced:
            made["metadata"]["namespace"] = NAMESPACE
        return made

    def context(self) -> Context:
        return Context(self.store, self.catalog, now=NOW, user="someone")

    def put(self, obj: dict[str, Any]) -> dict[str, Any]:
        resource, meta = self.resource(obj), obj["metadata"]
        key = Key(resource.group, resource.plural, meta.get("namespace", ""), meta["name"])
        return self.store.put(key, obj)

    def create(self, api_version: str, kind: str, obj: dict[str, Any]) -> dict[str, Any]:
        made, context = self.read(api_version, kind, obj), self.context()
        resource = self.resource(made)
        strategy.admit(context, resource, made, None)
        strategy.before_create(context, resource, made)
        strategy.check_admission(context, resource, made, None)
        return self.put(made)

    def change(self, old: dict[str, Any], obj: dict[str, Any], subresource: str = "") -> dict[str, Any]:
        made, context = self.read(old["apiVersion"], old["kind"], obj), self.context()
        resource = self.resource(made)
        made["metadata"]["uid"] = old["metadata"]["uid"]
        if "generation" in old["metadata"]:
            made["metadata"]["generation"] = old["metadata"]["generation"]
        strategy.admit(context, resource, made, old, subresource)
        strategy.before_update(context, resource, made, old, subresource)
        strategy.check_admission(context, resource, made, old, subresource)
        return self.put(made)

    def remove(self, obj: dict[str, Any]) -> None:
        resource, meta = self.resource(obj), obj["metadata"]
        self.store.remove(Key(resource.group, resource.plural, meta.get("namespace", ""), meta["name"]))


@pytest.fixture
def place() -> Place:
    return Place()
