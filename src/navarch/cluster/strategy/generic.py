"""What strategies of most kinds do: status is written on its own, and a generation counts changes of what is wanted."""

from __future__ import annotations

from navarch.cluster.decode.typed import empty, kept_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.types.schema import Schema

    Object = dict[str, Any]

__all__ = ["begin_create", "begin_update", "has_status", "same", "unset_empty"]

_SPEC = ("spec",)
_WATCHED: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): _SPEC,
    ("apps", "StatefulSet"): _SPEC,
    ("apps", "DaemonSet"): _SPEC,
    ("apps", "ReplicaSet"): _SPEC,
    ("batch", "Job"): _SPEC,
    ("batch", "CronJob"): _SPEC,
    ("", "Pod"): _SPEC,
    ("", "ReplicationController"): _SPEC,
    ("", "PodTemplate"): ("template",),
    ("policy", "PodDisruptionBudget"): _SPEC,
    ("networking.k8s.io", "Ingress"): _SPEC,
    ("networking.k8s.io", "IngressClass"): _SPEC,
    ("networking.k8s.io", "NetworkPolicy"): _SPEC,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _SPEC,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): _SPEC,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): _SPEC,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): _SPEC,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): ("webhooks",),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): ("webhooks",),
    ("discovery.k8s.io", "EndpointSlice"): ("addressType", "endpoints", "ports"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): _SPEC,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): _SPEC,
    ("scheduling.k8s.io", "PriorityClass"): (),
    ("resource.k8s.io", "DeviceClass"): _SPEC,
    ("resource.k8s.io", "DeviceTaintRule"): _SPEC,
    ("resource.k8s.io", "ResourceSlice"): _SPEC,
}
"""The kinds that are created with generation 1, and the fields whose change makes it greater."""
_COUNTED_LATER: dict[tuple[str, str], tuple[str, ...]] = {("storage.k8s.io", "CSIDriver"): _SPEC}
"""The same for kinds that are created without a generation."""
_WATCHED_METADATA = {("apps", "Deployment"): "annotations", ("discovery.k8s.io", "EndpointSlice"): "labels"}
_KEEPS_STATUS = frozenset((("", "Node"),))  # new objects may bring one
_RESET_METADATA = (
    "deletionTimestamp",
    "generation",
    "selfLink",
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
)
_STATUS_RESETS: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("labels",),
    ("", "Pod"): ("deletionTimestamp", "ownerReferences"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _RESET_METADATA,
    ("storage.k8s.io", "VolumeAttachment"): _RESET_METADATA,
    ("resource.k8s.io", "ResourceClaim"): _RESET_METADATA,
    ("resource.k8s.io", "DeviceTaintRule"): _RESET_METADATA,
    ("networking.k8s.io", "ServiceCIDR"): _RESET_METADATA,
    ("certificates.k8s.io", "PodCertificateRequest"): _RESET_METADATA,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): (*_RESET_METADATA, "name", "generateName", "uid"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): (*_RESET_METADATA, "name", "generateName", "uid"),
}
"""Metadata that writing the status doesn't change."""

_empties: dict[Schema, list[tuple[str, ...]]] = {}


def unset_empty(resource: Resource, obj: Object) -> None:
    """Make null what is null after it was stored as protobuf: lists and maps that are written though empty."""
    paths = _empties.get(resource.schema)
    if paths is None:
        paths = _empties[resource.schema] = kept_empty(resource.schema)
    for *above, name in paths:
        owner: Any = obj
        for step in above:
            owner = owner.get(step) if owner is not None else None
        if owner is not None and name in owner and not owner[name]:
            owner[name] = None


def has_status(resource: Resource) -> bool:
    """Whether the status is written through an address of its own."""
    return resource.subresource("status") is not None


def begin_create(resource: Resource, obj: Object) -> None:
    """Drop the status that a client sent, and begin to count generations."""
    kind = (resource.group, resource.kind)
    if kind in _WATCHED:
        obj["metadata"]["generation"] = 1
    if has_status(resource) and kind not in _KEEPS_STATUS:
        obj["status"] = empty(resource.schema.fields["status"].schema)


def begin_update(resource: Resource, new: Object, old: Object, subresource: str) -> None:
    """Take from the old object what this address doesn't write, and count the generation if what is wanted changed."""
    kind = (resource.group, resource.kind)
    if subresource == "status":
        _only_status(kind, new, old)
        return
    if subresource == "approval":
        return  # what it writes is a part of the status, which the kind's own strategy picks
    if has_status(resource):
        if "status" in old:
            new["status"] = old["status"]
        else:
            new.pop("status", None)
    watched = _WATCHED.get(kind, _COUNTED_LATER.get(kind))
    if watched is not None and _changed(kind, watched, new, old):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _changed(kind: tuple[str, str], watched: tuple[str, ...], new: Object, old: Object) -> bool:
    if any(not same(new.get(name), old.get(name)) for name in watched):
        return True
    part = _WATCHED_METADATA.get(kind)
    return part is not None and (new["metadata"].get(part) or {}) != (old["metadata"].get(part) or {})


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal but for nothing told in two ways: null, empty and absent."""
    return one == other or (not one and not other and type(one) is not bool and type(other) is not bool)


def _only_status(kind: tuple[str, str], new: Object, old: Object) -> None:
    status = new.get("status")
    for name in [name for name in new if name != "metadata" and name not in old]:
        del new[name]
    for name, value in old.items():
        if name != "metadata":
            new[name] = value
    if status is not None:
        new["status"] = status
    meta, before = new["metadata"], old["metadata"]
    for name in _STATUS_RESETS.get(kind, ()):
        if name in before:
            meta[name] = before[name]
        else:
            meta.pop(name, None)
