"""Parts that only a cluster's own components write: a pod's node, a namespace's finalizers."""

from __future__ import annotations

from navarch.cluster.conversion import storage_key
from navarch.cluster.problems import bad_request, conflict, not_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["change_part"]


def change_part(api: Api, resource: Resource, namespace: str, name: str, obj: Object, part: str) -> Object:
    """Take `part` of `obj`: "binding" or "finalize". Nobody owns such fields, and nothing else is looked at."""
    with api.store.lock:
        key = storage_key(resource, namespace, name)
        live = api.store.get(key)
        if live is None:
            raise not_found(resource.group, resource.plural, name)
        spec = obj.get("spec")
        if type(spec) is not dict:
            raise bad_request(f"{part} needs a spec")
        made = _bound(resource, live, obj) if part == "binding" else _finalized(live, spec)
        if part == "finalize" and "deletionTimestamp" in live["metadata"] and not made["spec"].get("finalizers"):
            from navarch.cluster.verbs.delete import take_away

            return take_away(api, resource, made)
        return live if made == live else api.store.put(key, made)


def _bound(resource: Resource, live: Object, obj: Object) -> Object:
    node = obj["spec"].get("nodeName")
    before = live["spec"].get("nodeName")
    name = live["metadata"]["name"]
    if not node or type(node) is not str:
        raise bad_request("a binding names a node")
    if "deletionTimestamp" in live["metadata"]:
        raise conflict(
            resource.group,
            resource.plural + "/binding",
            name,
            f"pod {name} is being deleted, cannot be assigned to a host",
        )
    if before and before != node:
        why = f'pod {name} is already assigned to node "{before}"'
        raise conflict(resource.group, resource.plural + "/binding", name, why)
    conditions = [one for one in (live.get("status") or {}).get("conditions", ()) if one.get("type") != "PodScheduled"]
    scheduled = [one for one in (obj.get("status") or {}).get("conditions", ()) if one.get("type") == "PodScheduled"]
    status = {**(live.get("status") or {}), "conditions": [*conditions, *scheduled]}
    made = {**live, "metadata": dict(live["metadata"]), "spec": {**live["spec"], "nodeName": node}}
    return {**made, "status": status} if scheduled else made


def _finalized(live: Object, spec: Object) -> Object:
    kept = {key: value for key, value in (live.get("spec") or {}).items() if key != "finalizers"}
    if spec.get("finalizers"):
        kept["finalizers"] = spec["finalizers"]
    return {**live, "metadata": dict(live["metadata"]), "spec": kept}
