"""The scale of workloads: replicas and selector, without the rest."""

from __future__ import annotations

from navarch.cluster import kinds
from navarch.cluster.conversion import from_storage, storage_key
from navarch.cluster.problems import Cause, Problem, conflict, invalid, not_found
from navarch.cluster.verbs.bodies import part
from navarch.cluster.verbs.patch import APPLY, MERGE, STRATEGIC, read_patch
from navarch.cluster.verbs.patch import _read as read_patched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.options import Options
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["change_scale", "read_scale", "scale_of"]


def _paths(resource: Resource) -> tuple[str, str, str]:
    """Where replicas are in the spec and in the status, and the selector in the status."""
    if resource.custom is None:
        return ".spec.replicas", ".status.replicas", ""
    scale = (resource.custom.get("subresources") or {}).get("scale") or {}
    return scale["specReplicasPath"], scale["statusReplicasPath"], scale.get("labelSelectorPath", "")


def _at(obj: Object, path: str) -> Any:
    value: Any = obj
    for word in path.strip(".").split("."):
        value = value.get(word) if type(value) is dict else None
    return value


def _selector(resource: Resource, obj: Object, path: str) -> str:
    if path:
        return str(_at(obj, path) or "")
    selector = (obj.get("spec") or {}).get("selector") or {}
    if resource.kind == "ReplicationController":
        return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    return selector_text(selector)


def selector_text(selector: Object) -> str:
    """A label selector as text, as LabelSelectorAsSelector prints it."""
    from navarch.kube.selectors import object_selector

    return str(object_selector(selector))


def scale_of(resource: Resource, obj: Object) -> Object:
    """The Scale of an object."""
    spec_path, status_path, selector_path = _paths(resource)
    meta = obj["metadata"]
    shown = {
        name: meta[name]
        for name in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        if name in meta
    }
    replicas = _at(obj, spec_path) or 0
    status: Object = {"replicas": _at(obj, status_path) or 0}
    selector = _selector(resource, obj, selector_path)
    if selector:
        status["selector"] = selector
    spec = {"replicas": replicas} if replicas else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": shown, "spec": spec, "status": status}


def read_scale(resource: Resource, obj: Object) -> Object:
    """The Scale of an object for one who asks. Raises Problem (500) for a custom one without a number of replicas."""
    path = _paths(resource)[0]
    if resource.custom is not None and _at(obj, path) is None:
        text = f'Internal error occurred: the spec replicas field "{path}" does not exist'
        details = {"causes": [{"message": text.partition(": ")[2]}]}
        raise Problem(500, "InternalError", text, details)
    return scale_of(resource, obj)


def change_scale(api: Api, request: Request, target: Target) -> Object:
    """Scale an object by a Scale or a patch of it; the Scale after it. Raises Problem."""
    from navarch.cluster.verbs.update import change

    resource, namespace, name = target.resource, target.namespace or "", target.name
    options = request.options("UpdateOptions" if request.method == "PUT" else "PatchOptions")
    with api.store.lock:
        stored = api.store.get(storage_key(resource, namespace, name))
        if stored is None:
            raise not_found(resource.group, resource.plural, name)
        live = from_storage(stored, resource)
        wanted, owners = _wanted(api, resource, live, request, options)
        _check(resource, live, wanted)
        made = _with_replicas(live, _paths(resource)[0], (wanted.get("spec") or {}).get("replicas", 0))
        meta = made["metadata"]
        meta.pop("managedFields", None)
        if wanted["metadata"].get("resourceVersion"):
            meta["resourceVersion"] = wanted["metadata"]["resourceVersion"]
        if owners:
            meta["managedFields"] = owners
        return scale_of(resource, change(api, resource, stored, made, "scale", options))


def _wanted(
    api: Api, resource: Resource, live: Object, request: Request, options: Options
) -> tuple[Object, list[Object]]:
    """The Scale that a request asks for, and who owns the object's fields with it. Raises Problem."""
    from navarch.cluster.decode import read
    from navarch.cluster.fields.scale import applied_scale, scaled, with_owners

    before, now = scale_of(resource, live), api.now()
    if request.method == "PUT":
        body = read(request.body, request.headers.get("content-type", ""), "Scale", "autoscaling/v1")
        after = kinds.convert(body.object, part("Scale"), options, body.duplicates)
    else:
        patch = read_patch(resource, request)
        if request.content_type == APPLY:
            made, owners = applied_scale(
                live, before, patch, manager=options.manager, force=options.force, now=now, resource=resource,
                catalog=api.catalog,
            )  # fmt: skip
            return kinds.convert(made, part("Scale"), options._replace(validation="Ignore"), source="apply"), owners
        seen = with_owners(before, live, resource, api.catalog)
        sort = MERGE if request.content_type == STRATEGIC else request.content_type  # a Scale has no lists
        after, _ = read_patched(part("Scale"), seen, patch, sort, options)
    told = scaled(live, before, after, manager=options.manager, now=now, resource=resource, catalog=api.catalog)
    return after, told


def _check(resource: Resource, live: Object, wanted: Object) -> None:
    """Refuse what can't be: fewer replicas than none, or a Scale of another object."""
    value, meta = (wanted.get("spec") or {}).get("replicas", 0), wanted["metadata"]
    if value < 0:
        text = f"Invalid value: {value}: must be greater than or equal to 0"
        cause = Cause("spec.replicas", "FieldValueInvalid", text)
        raise invalid("autoscaling", "Scale", live["metadata"]["name"], [cause])
    uid = live["metadata"]["uid"]
    if meta.get("uid") and meta["uid"] != uid:
        why = f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {uid}"
        raise conflict(resource.group, f"{resource.plural}/scale", live["metadata"]["name"], why)


def _with_replicas(obj: Object, path: str, replicas: int) -> Object:
    from navarch.kube.patch.values import copy

    words = path.strip(".").split(".")
    made: Object = copy(obj)
    inner = made
    for word in words[:-1]:
        inner = inner.setdefault(word, {})
    inner[words[-1]] = replicas
    return made
