"""Deleting: at once, or when the last finalizer is gone."""

from __future__ import annotations

from navarch.cluster import kinds
from navarch.cluster.conversion import from_storage, storage_key, to_storage
from navarch.cluster.problems import conflict, forbidden, not_found
from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.options import Deletion
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["check", "delete", "take_away"]

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"
_CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_PERMANENT = ("default", "kube-system", "kube-public")


def delete(api: Api, resource: Resource, namespace: str, name: str, deletion: Deletion) -> tuple[Object, bool]:
    """Delete an object or begin to; the object as it was left, and whether it is gone. Raises Problem."""
    key = storage_key(resource, namespace, name)
    with api.store.lock:
        live = api.store.get(key)
        if live is None:
            raise not_found(resource.group, resource.plural, name)
        check(resource, live, deletion)
        made = _marked(api, resource, live, deletion)
        if made is None and kinds.is_definition(resource) and not deletion.dry_run:
            return _end_definition(api, resource, live), False
        if made is None:
            live = _hurried(api, resource, live, dry_run=deletion.dry_run)
            last = live if deletion.dry_run else take_away(api, resource, live)
            return from_storage(last, resource), True
        if made == live or deletion.dry_run:
            return from_storage(made, resource), False
        return from_storage(api.store.put(key, made), resource), False


def _hurried(api: Api, resource: Resource, live: Object, *, dry_run: bool) -> Object:
    """An object that ends without any grace. Of pods clients see two steps even then."""
    meta = live["metadata"]
    if "deletionTimestamp" in meta:
        hurry = {"deletionGracePeriodSeconds": 0} if meta.get("deletionGracePeriodSeconds") else {}
        return {**live, "metadata": {**meta, **hurry}}
    if resource.qualified != "pods":
        return live
    marks = {"deletionTimestamp": api.now(), "deletionGracePeriodSeconds": 0}
    going = {**live, "metadata": {**meta, **marks, "generation": meta.get("generation", 0) + 1}}
    return going if dry_run else api.store.put(storage_key(resource, meta["namespace"], meta["name"]), going)


def _end_definition(api: Api, resource: Resource, live: Object) -> Object:
    """Definitions go when their objects are gone, which is at once here; clients see them go in two steps."""
    meta = live["metadata"]
    meta = {**meta, "deletionTimestamp": api.now(), "finalizers": [_CLEANUP]}
    going = api.store.put(storage_key(resource, "", meta["name"]), {**live, "metadata": meta})
    take_away(api, resource, going)
    return from_storage(going, resource)


def check(resource: Resource, live: Object, deletion: Deletion) -> None:
    """Raise Problem for an object that may not be deleted in that way."""
    meta = live["metadata"]
    kind, name = resource.kind, meta["name"]
    if deletion.uid is not None and deletion.uid != meta["uid"]:
        why = (
            f"the UID in the precondition ({deletion.uid}) does not match the UID in record ({meta['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise conflict(resource.group, kind, name, why)
    if deletion.revision is not None and deletion.revision != meta["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({deletion.revision}) does not match the ResourceVersion in "
            f"record ({meta['resourceVersion']}). The object might have been modified"
        )
        raise conflict(resource.group, kind, name, why)
    if resource.qualified == "namespaces" and name in _PERMANENT:
        raise forbidden("", "namespaces", name, "this namespace may not be deleted")


def _marked(api: Api, resource: Resource, live: Object, deletion: Deletion) -> Object | None:
    """The object as one that is going away; None if nothing holds it."""
    meta = dict(live["metadata"])
    finalizers = _finalizers(meta, deletion)
    grace = _grace(resource, live, deletion)
    held = bool(finalizers) or (resource.qualified == "namespaces" and bool((live.get("spec") or {}).get("finalizers")))
    if not held and not grace:
        return None
    if "deletionTimestamp" in meta:
        _shorten(api, meta, grace)
    else:
        meta["deletionTimestamp"] = stamp(api.clock() + grace)
        if resource.qualified != "namespaces":
            meta["deletionGracePeriodSeconds"] = grace
        if "generation" in meta:
            meta["generation"] += 1
    if finalizers:
        meta["finalizers"] = finalizers
    else:
        meta.pop("finalizers", None)
    made = {**live, "metadata": meta}
    if resource.qualified == "namespaces":
        made["status"] = {**(live.get("status") or {}), "phase": "Terminating"}
    return made


def _shorten(api: Api, meta: Object, grace: int) -> None:
    """An object that is already going away may be asked to hurry, not to stay."""
    left = meta.get("deletionGracePeriodSeconds", 0)
    if grace < left:
        meta["deletionGracePeriodSeconds"] = grace
        meta["deletionTimestamp"] = stamp(api.clock() + grace)


def _finalizers(meta: Object, deletion: Deletion) -> list[str]:
    """The finalizers that the way of deleting asks for, after those that are there."""
    wish = deletion.propagation
    if not wish and deletion.orphan is not None:
        wish = "Orphan" if deletion.orphan else "Background"
    found = list(meta.get("finalizers") or [])
    if not wish:
        return found  # what was asked for before, if anything
    found = [one for one in found if one not in {_FOREGROUND, _ORPHAN}]
    if wish == "Foreground":
        found.append(_FOREGROUND)
    elif wish == "Orphan":
        found.append(_ORPHAN)
    return found


def _grace(resource: Resource, live: Object, deletion: Deletion) -> int:
    """How long the object may take to end, in seconds. Only pods take any time, and only those that run somewhere."""
    if resource.qualified != "pods":
        return 0
    spec, status = live.get("spec") or {}, live.get("status") or {}
    asked = deletion.grace
    if asked is None:
        asked = spec.get("terminationGracePeriodSeconds", 30)
    if not spec.get("nodeName") or status.get("phase") in {"Succeeded", "Failed"}:
        return 0
    if asked < 0:
        return 1
    return int(asked)


def take_away(api: Api, resource: Resource, last: Object) -> Object:
    """Remove an object for good; what it was, with the revision of its end. Under the lock."""
    meta = last["metadata"]
    key = storage_key(resource, meta.get("namespace", ""), meta["name"])
    if kinds.is_definition(resource):
        from navarch.cluster.definitions import withdraw

        withdraw(api, last)
    gone = api.store.remove(key) or last
    revision = gone["metadata"]["resourceVersion"]
    return to_storage({**last, "metadata": {**meta, "resourceVersion": revision}}, resource)
