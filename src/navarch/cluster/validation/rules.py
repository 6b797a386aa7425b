"""Which rules hold for which kind, and the order in which an object is held against them.

What a new object breaks is told by its kind's own rules; only when they find nothing, the rules for all metadata are
asked (rest.BeforeCreate). For an update these come first, and both are told (rest.BeforeUpdate).
"""

from __future__ import annotations

from importlib import import_module

from navarch.cluster.validation.metadata import check_common, check_update_common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    New = Callable[[list[FieldError], dict[str, Any]], None]
    Update = Callable[[list[FieldError], dict[str, Any], dict[str, Any]], None]

__all__ = ["creating", "updating"]

_APPS, _BATCH, _NETWORK = "apps", "batch", "networking.k8s.io"
_RBAC, _STORAGE, _ADMISSION = "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io"

# group and kind: the module, and its functions' ending ("creating_map" for "map"). "=": the metadata is checked there.
_RULES: dict[tuple[str, str], tuple[str, str]] = {
    ("", "Pod"): ("pods", "="),
    ("", "PodTemplate"): ("templates", "="),
    ("", "ReplicationController"): ("templates", "controller"),
    ("", "ConfigMap"): ("configuration", "map="),
    ("", "Secret"): ("configuration", "secret="),
    ("", "ServiceAccount"): ("configuration", "account="),
    ("", "Namespace"): ("configuration", "namespace="),
    ("", "Service"): ("services", "="),
    ("", "Endpoints"): ("endpoints", "endpoints="),
    ("", "PersistentVolumeClaim"): ("claims", "="),
    (_APPS, "Deployment"): ("workloads", "deployment="),
    (_APPS, "ReplicaSet"): ("workloads", "replicas="),
    (_APPS, "StatefulSet"): ("workloads", "stateful="),
    (_APPS, "DaemonSet"): ("workloads", "daemons="),
    (_APPS, "ControllerRevision"): ("workloads", "revision="),
    (_BATCH, "Job"): ("jobs", "="),
    (_BATCH, "CronJob"): ("cronjobs", "cron="),
    ("", "LimitRange"): ("limits", "="),
    ("", "ResourceQuota"): ("limits", "quota="),
    ("", "PersistentVolume"): ("persistent_volumes", "volume="),
    ("", "Node"): ("nodes", "="),
    ("", "Event"): ("events", "event"),
    ("events.k8s.io", "Event"): ("events", "event"),
    ("autoscaling", "HorizontalPodAutoscaler"): ("scaling", "="),
    ("policy", "PodDisruptionBudget"): ("scaling", "budget"),
    ("scheduling.k8s.io", "PriorityClass"): ("nodes", "priority="),
    ("node.k8s.io", "RuntimeClass"): ("nodes", "runtime="),
    ("coordination.k8s.io", "Lease"): ("nodes", "lease="),
    ("discovery.k8s.io", "EndpointSlice"): ("endpoint_slices", "slice="),
    ("certificates.k8s.io", "CertificateSigningRequest"): ("signing", ""),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): ("flows", "="),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): ("flows", "level="),
    (_NETWORK, "Ingress"): ("networking", "ingress="),
    (_NETWORK, "IngressClass"): ("networking", "class="),
    (_NETWORK, "NetworkPolicy"): ("network_policies", "policy="),
    (_NETWORK, "IPAddress"): ("cluster_addresses", "address="),
    (_NETWORK, "ServiceCIDR"): ("cluster_addresses", "range="),
    (_RBAC, "Role"): ("access", "role="),
    (_RBAC, "RoleBinding"): ("access", "binding="),
    (_RBAC, "ClusterRole"): ("access", "cluster_role="),
    (_RBAC, "ClusterRoleBinding"): ("access", "cluster_binding="),
    (_STORAGE, "StorageClass"): ("storage", "class="),
    (_STORAGE, "CSIDriver"): ("storage", "driver="),
    (_STORAGE, "CSINode"): ("storage", "node="),
    (_STORAGE, "CSIStorageCapacity"): ("storage", "capacity="),
    (_STORAGE, "VolumeAttachment"): ("storage", "attachment="),
    (_STORAGE, "VolumeAttributesClass"): ("storage", "attributes="),
    (_ADMISSION, "MutatingWebhookConfiguration"): ("webhooks", "="),
    (_ADMISSION, "ValidatingWebhookConfiguration"): ("webhooks", "="),
    (_ADMISSION, "ValidatingAdmissionPolicy"): ("policies", "validating="),
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): ("policies", "validating_binding="),
    (_ADMISSION, "MutatingAdmissionPolicy"): ("policies", "mutating="),
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): ("policies", "mutating_binding="),
    ("apiregistration.k8s.io", "APIService"): ("aggregation", "="),
}

# group, kind and subresource: where an update of that part alone is checked.
_PARTS: dict[tuple[str, str, str], tuple[str, str]] = {
    ("", "Pod", "ephemeralcontainers"): ("pod_updates", "updating_ephemeral"),
    ("", "Pod", "resize"): ("pod_updates", "updating_resources"),
    ("", "Namespace", "status"): ("configuration", "updating_namespace_status"),
    ("", "Namespace", "finalize"): ("configuration", "updating_namespace_finalizers"),
    ("", "Service", "status"): ("services", "updating_status"),
    ("", "Pod", "status"): ("pod_status", "updating"),
    ("", "ReplicationController", "status"): ("workload_status", "updating_controller"),
    ("", "PersistentVolume", "status"): ("persistent_volumes", "updating_volume_status"),
    ("", "PersistentVolumeClaim", "status"): ("claims", "updating_status"),
    ("", "ResourceQuota", "status"): ("limits", "updating_quota_status"),
    ("", "Node", "status"): ("nodes", "updating_status"),
    (_APPS, "Deployment", "status"): ("workload_status", "updating_deployment"),
    (_APPS, "ReplicaSet", "status"): ("workload_status", "updating_replicas"),
    (_APPS, "StatefulSet", "status"): ("workload_status", "updating_stateful"),
    (_APPS, "DaemonSet", "status"): ("workload_status", "updating_daemons"),
    (_BATCH, "Job", "status"): ("workload_status", "updating_job"),
    ("autoscaling", "HorizontalPodAutoscaler", "status"): ("scaling", "updating_status"),
    ("policy", "PodDisruptionBudget", "status"): ("scaling", "updating_budget_status"),
    (_NETWORK, "Ingress", "status"): ("networking", "updating_ingress_status"),
    (_NETWORK, "ServiceCIDR", "status"): ("cluster_addresses", "updating_range_status"),
    (_STORAGE, "VolumeAttachment", "status"): ("storage", "updating_attachment"),
    ("certificates.k8s.io", "CertificateSigningRequest", "status"): ("signing", "updating_status"),
    ("certificates.k8s.io", "CertificateSigningRequest", "approval"): ("signing", "updating_approval"),
    (_ADMISSION, "ValidatingAdmissionPolicy", "status"): ("policies", "updating_status"),
    ("apiregistration.k8s.io", "APIService", "status"): ("aggregation", "updating_status"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema", "status"): ("flows", "updating_status"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", "status"): ("flows", "updating_status"),
}

# Kinds whose updates have a module of their own.
_UPDATES = {("", "Pod"): "pod_updates"}

_found: dict[tuple[str, str, str], Any] = {}


def _function(module: str, name: str) -> Any:
    return getattr(import_module(f"navarch.cluster.validation.{module}"), name)


def _rule(group: str, kind: str, what: str) -> Any:
    key = (group, kind, what)
    if key not in _found:
        module, name = _RULES.get((group, kind), ("", ""))
        ending = name.rstrip("=")
        if what == "updating":
            module = _UPDATES.get((group, kind), module)
        _found[key] = _function(module, f"{what}_{ending}" if ending else what) if module else None
    return _found[key]


def creating(resource: Resource, obj: dict[str, Any]) -> list[FieldError]:
    """What is wrong with a new object, after decoding and defaulting; nothing for an object that may be stored."""
    errors: list[FieldError] = []
    rule: New | None = _rule(resource.group, resource.kind, "creating")
    if rule is not None:
        rule(errors, obj)
    if not errors and not _RULES.get((resource.group, resource.kind), ("", ""))[1].endswith("="):
        check_common(errors, obj.get("metadata") or {}, resource.namespaced)
    return errors


def updating(resource: Resource, new: dict[str, Any], old: dict[str, Any], subresource: str = "") -> list[FieldError]:
    """What is wrong with an object that is to take the place of `old`, as a whole or by a subresource."""
    errors: list[FieldError] = []
    check_update_common(errors, new.get("metadata") or {}, old.get("metadata") or {}, resource.namespaced)
    rule: Update | None
    if subresource:
        key = (resource.group, resource.kind, subresource)
        if key not in _found:
            place = _PARTS.get(key)
            _found[key] = _function(*place) if place else None
        rule = _found[key]
    else:
        rule = _rule(resource.group, resource.kind, "updating")
    if rule is not None:
        rule(errors, new, old)
    return errors
