"""Binding: giving a pod its node. The rules are those of Kubernetes' BindingREST."""

from __future__ import annotations

from navarch.cluster.conversion import storage_key
from navarch.cluster.problems import Problem, bad_request, conflict, not_found
from navarch.cluster.verbs.bodies import read_posted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["bind"]


def bind(api: Api, request: Request, target: Target) -> Object:
    """Bind the pod that is named in the address, or else in the body; the Status that says so. Raises Problem."""
    binding, _, options = read_posted(request, "Binding")
    own = binding["metadata"].get("name", "")
    name, namespace = target.name or own, target.namespace or ""
    if own != name:
        raise bad_request("name in URL does not match name in Binding object")
    _check_node(binding["target"])
    pods = api.catalog.find("", "v1", "pods")
    assert pods is not None  # one of Kubernetes' own
    with api.store.lock:
        key = storage_key(pods, namespace, name)
        pod = api.store.get(key)
        if pod is None:
            raise not_found("", "pods", name)
        _check_preconditions(pods, pod, binding)
        _check_free(pod)
        made = _bound(api, pod, binding)
        if not options.dry_run:
            api.store.put(key, made)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _check_node(node: Object) -> None:
    """Raise Problem for what can't be bound to. Kubernetes answers 500; several reasons are a list."""
    found = []
    if node.get("kind", "") not in ("", "Node"):
        found.append(f'target.kind: Unsupported value: "{node["kind"]}": supported values: "Node", "<empty>"')
    if not node.get("name"):
        found.append("target.name: Required value")
    if found:
        raise Problem(500, "", found[0] if len(found) == 1 else f"[{', '.join(found)}]")


def _check_preconditions(pods: Resource, pod: Object, binding: Object) -> None:
    meta, wanted = pod["metadata"], binding["metadata"]
    for name, what in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(name) and wanted[name] != meta[name]:
            key = f"/registry/pods/{meta['namespace']}/{meta['name']}"
            why = f"{what} in precondition: {wanted[name]}, {what} in object meta: {meta[name]}"
            text = f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
            raise conflict(pods.group, pods.plural, meta["name"], f"{text}Precondition failed: {why}")


def _check_free(pod: Object) -> None:
    """Raise Problem (409) for a pod that can't get a node."""
    meta, spec = pod["metadata"], pod["spec"]
    why = ""
    if "deletionTimestamp" in meta:
        why = f"pod {meta['name']} is being deleted, cannot be assigned to a host"
    elif spec.get("nodeName"):
        why = f'pod {meta["name"]} is already assigned to node "{spec["nodeName"]}"'
    elif spec.get("schedulingGates"):
        why = f"pod {meta['name']} has non-empty .spec.schedulingGates"
    if why:
        raise conflict("", "pods/binding", meta["name"], why)


def _bound(api: Api, pod: Object, binding: Object) -> Object:
    """The pod on its node, with the labels and annotations of the binding."""
    meta, status = dict(pod["metadata"]), dict(pod.get("status") or {})
    for name in ("annotations", "labels"):
        if binding["metadata"].get(name):
            meta[name] = {**(meta.get(name) or {}), **binding["metadata"][name]}
    others = [one for one in status.get("conditions") or () if one.get("type") != "PodScheduled"]
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": api.now()}
    status["conditions"] = [*others, scheduled]
    status.pop("nominatedNodeName", None)
    return {**pod, "metadata": meta, "spec": {**pod["spec"], "nodeName": binding["target"]["name"]}, "status": status}
