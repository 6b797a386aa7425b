"""CustomResourceDefinitions at work: the kinds that they define come, change and go.

A real server does this a moment later, by controllers; here it is done when `publish` and `withdraw` return.
"""

from __future__ import annotations

from navarch.cluster.custom.naming import established
from navarch.cluster.custom.resources import resources
from navarch.cluster.store import Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["publish", "restore", "withdraw"]

_GROUP, _PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
_MANAGER = "kube-apiserver"


def publish(api: Api, definition: Object) -> Object:
    """Serve what a stored definition defines; the definition with its status. Under the store's lock."""
    published = _publish(api, definition)
    if published is not definition:
        _reconsider(api, published["spec"]["group"])
    return published


def withdraw(api: Api, definition: Object) -> None:
    """Forget what a definition defines, with all objects of the kind. Under the store's lock."""
    name, spec = definition["metadata"]["name"], definition["spec"]
    if any(one.custom is not None for one in api.catalog if _belongs(one, definition)):
        for obj in api.store.list(spec["group"], spec["names"]["plural"]):
            meta = obj["metadata"]
            api.store.remove(Key(spec["group"], spec["names"]["plural"], meta.get("namespace", ""), meta["name"]))
    api.catalog.remove_custom(name)
    api.catalog.claims.pop(name, None)
    _reconsider(api, spec["group"])


def restore(api: Api) -> None:
    """Serve what the definitions in the store define."""
    for definition in api.store.list(_GROUP, _PLURAL):
        _serve(api, definition)


def _belongs(resource: Resource, definition: Object) -> bool:
    spec = definition["spec"]
    return (resource.group, resource.plural) == (spec["group"], spec["names"]["plural"])


def _serve(api: Api, definition: Object) -> None:
    """Take a definition's names and kinds into the catalog."""
    name, spec = definition["metadata"]["name"], definition["spec"]
    accepted = (definition.get("status") or {}).get("acceptedNames") or {}
    api.catalog.claims[name] = {"group": spec["group"], "names": spec["names"], "acceptedNames": accepted}
    api.catalog.put_custom(name, resources(definition))


def _publish(api: Api, definition: Object) -> Object:
    name, group = definition["metadata"]["name"], definition["spec"]["group"]
    claims = api.catalog.claims.items()
    taken = [one["acceptedNames"] for other, one in claims if one["group"] == group and other != name]
    status = established(definition, taken, api.now())
    if status != definition.get("status"):
        definition = _write(api, definition, status)
    _serve(api, definition)
    return definition


def _reconsider(api: Api, group: str) -> None:
    """Names of a group may have become free: see whether that helps others."""
    for name, one in list(api.catalog.claims.items()):
        if one["group"] == group and one["acceptedNames"] != one["names"]:
            definition = api.store.get(Key(_GROUP, _PLURAL, "", name))
            if definition is not None:
                _publish(api, definition)


def _write(api: Api, definition: Object, status: Object) -> Object:
    """Keep a definition with a new status, which belongs to the server."""
    from navarch.cluster.fields import updated

    resource = api.catalog.find(_GROUP, "v1", _PLURAL)
    new = {**definition, "metadata": {**definition["metadata"]}, "status": status}
    if resource is not None:
        updated(
            definition,
            new,
            manager=_MANAGER,
            api_version=resource.api_version,
            schema=resource.schema,
            now=api.now(),
            subresource="status",
            resource=resource,
            catalog=api.catalog,
        )
    return api.store.put(Key(_GROUP, _PLURAL, "", definition["metadata"]["name"]), new)
