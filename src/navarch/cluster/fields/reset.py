"""Fields that a write doesn't reach, so that nobody comes to own them by it: the status on the main address, and so on.

The tables are GetResetFields and GetResetFieldsFilter of Kubernetes' strategies; all served versions are alike.
"""

from __future__ import annotations

from navarch.cluster.fields.sets import LEAF, SELF, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set
    from navarch.cluster.types.catalog import Resource

__all__ = ["Reset", "kept", "reset_of"]

STATUS: dict[str, Any] = {"f:status": LEAF}
SPEC: dict[str, Any] = {"f:spec": LEAF}
SPEC_AND_METADATA: dict[str, Any] = {"f:spec": LEAF, "f:metadata": LEAF}
ALL: dict[str, Any] = {}
ANY_ITEM = "*"

WITH_STATUS = frozenset(
    (
        "daemonsets.apps", "deployments.apps", "replicasets.apps", "statefulsets.apps", "cronjobs.batch", "jobs.batch",
        "horizontalpodautoscalers.autoscaling", "ingresses.networking.k8s.io", "servicecidrs.networking.k8s.io",
        "poddisruptionbudgets.policy", "nodes", "resourcequotas", "persistentvolumes", "persistentvolumeclaims",
        "namespaces", "pods", "services", "replicationcontrollers", "volumeattachments.storage.k8s.io",
        "flowschemas.flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "validatingadmissionpolicies.admissionregistration.k8s.io", "storageversions.internal.apiserver.k8s.io",
        "storageversionmigrations.storagemigration.k8s.io", "resourceclaims.resource.k8s.io",
        "devicetaintrules.resource.k8s.io", "resourcepoolstatusrequests.resource.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io", "apiservices.apiregistration.k8s.io",
    )
)  # fmt: skip
"""Resources whose status isn't written through the main address."""

STATUS_ONLY = frozenset(
    (
        "servicecidrs.networking.k8s.io", "volumeattachments.storage.k8s.io",
        "flowschemas.flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "validatingadmissionpolicies.admissionregistration.k8s.io", "storageversions.internal.apiserver.k8s.io",
        "storageversionmigrations.storagemigration.k8s.io", "resourceclaims.resource.k8s.io",
        "devicetaintrules.resource.k8s.io", "resourcepoolstatusrequests.resource.k8s.io",
        "apiservices.apiregistration.k8s.io", "podgroups.scheduling.k8s.io",
    )
)  # fmt: skip
"""Resources whose address for the status keeps the metadata as they are."""

SPECIAL: dict[tuple[str, str], Set] = {
    ("deployments.apps", "status"): {"f:spec": LEAF, "f:metadata": {"f:labels": LEAF}},
    ("pods", "status"): {"f:spec": LEAF, "f:metadata": {"f:deletionTimestamp": LEAF, "f:ownerReferences": LEAF}},
    ("namespaces", "finalize"): STATUS,
    ("certificatesigningrequests.certificates.k8s.io", ""): {"f:spec": LEAF, "f:status": LEAF},
    ("certificatesigningrequests.certificates.k8s.io", "status"): {"f:spec": LEAF, "f:status": {"f:conditions": LEAF}},
    ("certificatesigningrequests.certificates.k8s.io", "approval"): {
        "f:spec": LEAF,
        "f:status": {"f:certificate": LEAF},
    },
    ("podcertificaterequests.certificates.k8s.io", "status"): SPEC,
}

_RESIZED: dict[str, Any] = {ANY_ITEM: {"f:resources": ALL, "f:resizePolicy": ALL}}
ONLY: dict[tuple[str, str], Set] = {
    ("pods", "ephemeralcontainers"): {"f:spec": {"f:ephemeralContainers": ALL}},
    ("pods", "resize"): {"f:spec": {"f:containers": _RESIZED, "f:initContainers": _RESIZED}},
}
"""Addresses through which nothing but these fields is written."""


class Reset:
    """What a write through an address doesn't reach: these fields, or all but some."""

    __slots__ = ("away", "only")

    def __init__(self, away: Set | None = None, only: Set | None = None) -> None:
        self.away = away
        self.only = only

    def left(self, fields: Set) -> Set:
        """What of a set the write does reach."""
        if self.away:
            return cut(fields, self.away)
        return fields if self.only is None else kept(fields, self.only)


NOTHING = Reset()


def reset_of(resource: Resource | None, subresource: str) -> Reset:
    """What a write to a resource, or to a subresource of it, doesn't reach."""
    if resource is None or subresource == "scale":
        return NOTHING
    if resource.custom is not None:
        return _custom(resource, subresource)
    address = (resource.qualified, subresource)
    special = SPECIAL.get(address)
    if special is not None:
        return Reset(special)
    if address in ONLY:
        return Reset(only=ONLY[address])
    if not subresource:
        return Reset(STATUS) if resource.qualified in WITH_STATUS else NOTHING
    if subresource == "status":
        if resource.qualified in STATUS_ONLY:
            return Reset(SPEC_AND_METADATA)
        return Reset(SPEC) if resource.qualified in WITH_STATUS else NOTHING
    return NOTHING


def _custom(resource: Resource, subresource: str) -> Reset:
    if subresource == "status":
        return Reset(SPEC_AND_METADATA)
    return Reset(STATUS) if not subresource and resource.subresource("status") is not None else NOTHING


def kept(fields: Set, only: Set) -> Set:
    """The part of a set that is on the way to `only` or below it."""
    out: Set = {}
    for step, node in fields.items():
        wanted = only.get(step, only.get(ANY_ITEM))
        if step == SELF or wanted is None:
            continue
        if wanted is ALL:
            out[step] = node
            continue
        inner = kept(node, wanted)
        member = not node or SELF in node
        if inner:
            out[step] = {SELF: LEAF, **inner} if member else inner
        elif member:
            out[step] = LEAF
    return out
