"""Owners of the number of replicas, who write it through the subresource "scale" or through the resource itself.

Facts are those of Kubernetes' ScaleHandler (apimachinery, util/managedfields).
"""

from __future__ import annotations

from navarch.cluster.fields.apply import apply
from navarch.cluster.fields.manager import updated
from navarch.cluster.fields.owners import Owner, Owners, decode, encode
from navarch.cluster.fields.sets import difference, has, step_set
from navarch.cluster.types.builtin import definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Catalog, Resource

    Object = dict[str, Any]
    Entries = list[dict[str, Any]]
    Paths = dict[str, tuple[str, ...] | None]

__all__ = ["applied_scale", "replica_paths", "scaled", "to_parent", "to_scale", "with_owners"]

SCALE = "io.k8s.api.autoscaling.v1.Scale"
PART = "scale"
SCALE_VERSION = "autoscaling/v1"
REPLICAS = ("f:spec", "f:replicas")


def replica_paths(resource: Resource, catalog: Catalog) -> Paths:
    """Where each version of a resource has its number of replicas; None where it can't be scaled."""
    versions = (one for one in catalog if (one.group, one.plural) == (resource.group, resource.plural))
    return {one.api_version: _path(one) for one in versions}


def _path(resource: Resource) -> tuple[str, ...] | None:
    if resource.custom is None:
        return REPLICAS
    scale = (resource.custom.get("subresources") or {}).get("scale")
    if not scale:
        return None
    return tuple(["f:" + name for name in scale["specReplicasPath"].removeprefix(".").split(".")])


def to_scale(entries: Entries | None, paths: Paths) -> Entries:
    """The managedFields of a Scale: whoever owns the number in the object owns it here."""
    out: Owners = {}
    for key, owner in decode(entries).items():
        path = paths.get(owner.api_version)
        if path and has(owner.fields, list(path)):
            out[key] = Owner(step_set(REPLICAS), SCALE_VERSION, owner.time)
    return encode(out)


def to_parent(entries: Entries | None, scaled: Entries | None, api_version: str, paths: Paths) -> Entries:
    """The managedFields of the object after its Scale, with `scaled`, was written.

    As in Kubernetes, owners by update are told apart by the version they wrote through, which was the Scale's here and
    the object's there, so that they count as new; and new owners come without a time.
    """
    out: Owners = {}
    owners, left = decode(entries), decode(scaled)
    for key, owner in owners.items():
        if owner.api_version not in paths:
            continue
        path = paths[owner.api_version]
        if not path or not has(owner.fields, list(path)) or left.pop(key, None) is not None:
            out[key] = owner
            continue
        rest = difference(owner.fields, step_set(path))
        if rest:
            out[key] = Owner(rest, owner.api_version, owner.time)
    path = paths.get(api_version)
    for key, owner in left.items():
        if path and has(owner.fields, list(REPLICAS)):
            out[key] = Owner(step_set(path), api_version, owners[key].time if key in owners else "")
    return encode(out)


def with_owners(scale: Object, parent: Object, resource: Resource, catalog: Catalog) -> Object:
    """The Scale of an object with managedFields of its own."""
    return _with(scale, to_scale(parent["metadata"].get("managedFields"), replica_paths(resource, catalog)))


def scaled(
    parent: Object, before: Object, after: Object, *, manager: str, now: str, resource: Resource, catalog: Catalog
) -> Entries:
    """`parent`'s managedFields after an update or patch made the Scale `after` of its Scale `before`."""
    old, new = with_owners(before, parent, resource, catalog), _with(after, None)
    updated(old, new, manager=manager, api_version=SCALE_VERSION, schema=definition(SCALE), now=now, subresource=PART)
    return _back(parent, new["metadata"].get("managedFields"), resource, catalog)


def applied_scale(
    parent: Object,
    before: Object,
    patch: Any,
    *,
    manager: str,
    force: bool,
    now: str,
    resource: Resource,
    catalog: Catalog,
) -> tuple[Object, Entries]:
    """The Scale after `patch` was applied to `before`, the Scale of `parent`, and `parent`'s managedFields.

    Raises Problem as `apply` does.
    """
    found = apply(
        with_owners(before, parent, resource, catalog), patch, manager=manager, force=force, now=now,
        api_version=SCALE_VERSION, schema=definition(SCALE), subresource=PART, kind="Scale",
    )  # fmt: skip
    return found.object, _back(parent, found.managed, resource, catalog)


def _back(parent: Object, entries: Entries | None, resource: Resource, catalog: Catalog) -> Entries:
    owners = parent["metadata"].get("managedFields")
    return to_parent(owners, entries, resource.api_version, replica_paths(resource, catalog))


def _with(scale: Object, entries: Entries | None) -> Object:
    meta = {name: value for name, value in scale.get("metadata", {}).items() if name != "managedFields"}
    return {**scale, "metadata": {**meta, "managedFields": entries} if entries else meta}
