"""What a CustomResourceDefinition adds to a server: a resource for each version that it serves."""

from __future__ import annotations

from navarch.cluster.custom.naming import is_true
from navarch.cluster.custom.schema import root
from navarch.cluster.types.catalog import Resource, Subresource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.schema import Root

    Object = dict[str, Any]

__all__ = ["resources"]

_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_VERBS_AT_THE_END = ("delete", "deletecollection", "get", "list", "watch")
_SUBRESOURCE_VERBS = ("get", "patch", "update")


def resources(definition: Object) -> list[Resource]:
    """The resources of a definition, none until it is established."""
    if not is_true(definition, "Established"):
        return []
    spec: Object = definition["spec"]
    kind = _names(definition).get("kind", "")
    schemas = {one["name"]: root(one, group=spec["group"], kind=kind) for one in spec["versions"]}
    storage = next((one["name"] for one in spec["versions"] if one.get("storage")), "")
    for schema in schemas.values():
        schema.changed = definition["metadata"].get("generation", 1) > 1
        schema.stored = schemas[storage].structure if storage else schema.structure
    served = (one for one in spec["versions"] if one.get("served"))
    return [_resource(definition, one, schemas[one["name"]], storage) for one in served]


def _names(definition: Object) -> Object:
    names: Object = (definition.get("status") or {}).get("acceptedNames") or definition["spec"]["names"]
    return names


def _resource(definition: Object, version: Object, schema: Root, storage: str) -> Resource:
    spec: Object = definition["spec"]
    names = _names(definition)
    group, kind = spec["group"], names.get("kind", "")
    return Resource(
        group=group,
        version=version["name"],
        plural=names.get("plural", ""),
        singular=names.get("singular", ""),
        kind=kind,
        namespaced=spec["scope"] == "Namespaced",
        verbs=_VERBS_AT_THE_END if is_true(definition, "Terminating") else _VERBS,
        schema=schema,
        storage=storage,
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=_subresources(group, version, kind),
        custom=version,
        list_kind=names.get("listKind", ""),
    )


def _subresources(group: str, version: Object, kind: str) -> tuple[Subresource, ...]:
    given = version.get("subresources") or {}
    found = []
    if "status" in given:
        found.append(Subresource("status", group, version["name"], kind, _SUBRESOURCE_VERBS))
    if given.get("scale"):
        found.append(Subresource("scale", "autoscaling", "v1", "Scale", _SUBRESOURCE_VERBS))
    return tuple(found)
