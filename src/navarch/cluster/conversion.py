"""Versions of one resource: where objects are stored and how they look through another version."""

from __future__ import annotations

from navarch.cluster.store import Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["from_storage", "storage_key", "to_storage"]

_EVENTS = "events.k8s.io"


def storage_key(resource: Resource, namespace: str, name: str) -> Key:
    """Where an object is stored. The events of both groups are the same objects."""
    group = "" if resource.group == _EVENTS else resource.group
    return Key(group, resource.plural, namespace if resource.namespaced else "", name)


def from_storage(obj: Object, resource: Resource) -> Object:
    """A stored object through `resource`."""
    if resource.custom is not None:
        from navarch.cluster.custom import from_stored

        return from_stored(obj, resource)
    if obj["apiVersion"] == resource.api_version:
        return obj
    if resource.group == _EVENTS:
        from navarch.cluster.converting.events import to_events_v1

        return to_events_v1(obj)
    if resource.group == "autoscaling":
        from navarch.cluster.converting.autoscaling import convert_autoscaler

        return convert_autoscaler(obj, resource.version)
    return {**obj, "apiVersion": resource.api_version}


def to_storage(obj: Object, resource: Resource) -> Object:
    """An object of `resource` as it is stored."""
    if resource.custom is not None:
        from navarch.cluster.custom import to_stored

        return to_stored(obj, resource)
    if resource.group == _EVENTS:
        from navarch.cluster.converting.events import to_core_v1

        return to_core_v1(obj)
    if resource.version == resource.storage:
        return obj
    if resource.group == "autoscaling":
        from navarch.cluster.converting.autoscaling import convert_autoscaler

        return convert_autoscaler(obj, resource.storage)
    return {**obj, "apiVersion": f"{resource.group}/{resource.storage}"}
