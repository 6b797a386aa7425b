"""The API versions that Kubernetes has given up or will, with what to use instead: facts of k8s.io/api v0.37."""

from __future__ import annotations

__all__ = ["deprecation"]

# API version, deprecated and removed in which 1.x, version of the same group (or group/version) to use, kinds. "A+"
# stands for A and AList, "A=B" for a kind that Kubernetes wants replaced by one of another name.
_TABLE = (
    ("admissionregistration.k8s.io/v1alpha1", 35, 38, "", "MutatingAdmissionPolicy+ MutatingAdmissionPolicyBinding+"),
    ("admissionregistration.k8s.io/v1alpha1", 29, 32, "", "ValidatingAdmissionPolicy+"),
    ("admissionregistration.k8s.io/v1alpha1", 29, 32, "", "ValidatingAdmissionPolicyBinding+"),
    ("admissionregistration.k8s.io/v1beta1", 37, 40, "v1", "MutatingAdmissionPolicy+"),
    ("admissionregistration.k8s.io/v1beta1", 37, 40, "v1", "MutatingAdmissionPolicyBinding+"),
    ("admissionregistration.k8s.io/v1beta1", 16, 22, "v1", "MutatingWebhookConfiguration+"),
    ("admissionregistration.k8s.io/v1beta1", 16, 22, "v1", "ValidatingWebhookConfiguration+"),
    ("admissionregistration.k8s.io/v1beta1", 31, 34, "", "ValidatingAdmissionPolicy+"),
    ("admissionregistration.k8s.io/v1beta1", 31, 34, "", "ValidatingAdmissionPolicyBinding+"),
    ("apps/v1beta1", 8, 16, "v1", "ControllerRevision+ Deployment+ DeploymentRollback StatefulSet+"),
    ("apps/v1beta1", 8, 16, "autoscaling/v1", "Scale"),
    ("apps/v1beta2", 9, 16, "v1", "ControllerRevision+ DaemonSet+ Deployment+ ReplicaSet+ StatefulSet+"),
    ("apps/v1beta2", 9, 16, "autoscaling/v1", "Scale"),
    ("authentication.k8s.io/v1alpha1", 29, 32, "", "SelfSubjectReview"),
    ("authentication.k8s.io/v1beta1", 30, 33, "", "SelfSubjectReview"),
    ("authentication.k8s.io/v1beta1", 19, 22, "v1", "TokenReview"),
    ("authorization.k8s.io/v1beta1", 19, 22, "v1", "LocalSubjectAccessReview SelfSubjectAccessReview"),
    ("authorization.k8s.io/v1beta1", 19, 22, "v1", "SelfSubjectRulesReview SubjectAccessReview"),
    ("batch/v1beta1", 21, 25, "v1", "CronJob+"),
    ("certificates.k8s.io/v1alpha1", 34, 37, "", "ClusterTrustBundle+"),
    ("certificates.k8s.io/v1beta1", 19, 22, "v1", "CertificateSigningRequest+"),
    ("certificates.k8s.io/v1beta1", 37, 40, "v1", "ClusterTrustBundle+ PodCertificateRequest+"),
    ("coordination.k8s.io/v1alpha2", 35, 38, "", "LeaseCandidate+"),
    ("coordination.k8s.io/v1beta1", 19, 22, "v1", "Lease+"),
    ("coordination.k8s.io/v1beta1", 36, 39, "", "LeaseCandidate+"),
    ("discovery.k8s.io/v1beta1", 21, 25, "v1", "EndpointSlice EndpointSliceList=EndpointSlice"),
    ("events.k8s.io/v1beta1", 22, 25, "", "Event+"),
    ("extensions/v1beta1", 8, 16, "apps/v1", "DaemonSet+ Deployment+ ReplicaSet+"),
    ("extensions/v1beta1", 8, 16, "", "DeploymentRollback"),
    ("extensions/v1beta1", 14, 22, "networking.k8s.io/v1", "Ingress+"),
    ("extensions/v1beta1", 9, 16, "networking.k8s.io/v1", "NetworkPolicy+"),
    ("extensions/v1beta1", 2, 16, "", "Scale"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", 23, 26, "v1beta3", "FlowSchema+ PriorityLevelConfiguration+"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", 26, 29, "v1beta3", "FlowSchema+ PriorityLevelConfiguration+"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", 29, 32, "v1", "FlowSchema+ PriorityLevelConfiguration+"),
    ("lifecycle.k8s.io/v1alpha1", 40, 43, "", "Eviction+ EvictionRequest+"),
    ("networking.k8s.io/v1beta1", 34, 37, "", "IPAddress+ ServiceCIDR+"),
    ("networking.k8s.io/v1beta1", 19, 22, "v1", "Ingress+ IngressClass=IngressClassList IngressClassList"),
    ("node.k8s.io/v1beta1", 22, 25, "", "RuntimeClass+"),
    ("policy/v1beta1", 22, 25, "", "Eviction"),
    ("policy/v1beta1", 21, 25, "v1", "PodDisruptionBudget+"),
    ("rbac.authorization.k8s.io/v1beta1", 17, 22, "v1", "ClusterRole+ ClusterRoleBinding+ Role+ RoleBinding+"),
    ("resource.k8s.io/v1alpha3", 36, 39, "", "DeviceTaintRule+"),
    ("resource.k8s.io/v1alpha3", 39, 42, "", "ResourcePoolStatusRequest+"),
    ("resource.k8s.io/v1beta1", 35, 38, "", "DeviceClass+ ResourceClaim+ ResourceClaimTemplate+ ResourceSlice+"),
    ("resource.k8s.io/v1beta2", 36, 39, "", "DeviceClass+ ResourceClaim+ ResourceClaimTemplate+ ResourceSlice+"),
    ("resource.k8s.io/v1beta2", 39, 42, "", "DeviceTaintRule+"),
    ("scheduling.k8s.io/v1beta1", 40, 43, "", "PodGroup+ Workload+"),
    ("scheduling.k8s.io/v1beta1", 14, 22, "v1", "PriorityClass+"),
    ("storage.k8s.io/v1alpha1", 21, 24, "v1beta1", "CSIStorageCapacity+"),
    ("storage.k8s.io/v1alpha1", 21, 24, "v1", "VolumeAttachment+"),
    ("storage.k8s.io/v1alpha1", 32, 35, "v1", "VolumeAttributesClass+"),
    ("storage.k8s.io/v1beta1", 19, 22, "v1", "CSIDriver+ StorageClass+ VolumeAttachment+"),
    ("storage.k8s.io/v1beta1", 17, 22, "v1", "CSINode CSINodeList=CSINode"),
    ("storage.k8s.io/v1beta1", 24, 27, "v1", "CSIStorageCapacity+"),
    ("storage.k8s.io/v1beta1", 34, 37, "v1", "VolumeAttributesClass+"),
    ("storagemigration.k8s.io/v1beta1", 37, 40, "v1", "StorageVersionMigration+"),
)


def deprecation(api_version: str, kind: str, kubernetes: tuple[int, int]) -> str | None:
    """Kubernetes' warning for a kind, if it is deprecated in a version of Kubernetes (0.0 is any)."""
    for version, deprecated, removed, instead, kinds in _TABLE:
        if version != api_version or kind.removesuffix("List") not in kinds:
            continue
        replacement = _replacement(kinds, kind)
        if replacement is None or ((0, 0) != kubernetes < (1, deprecated)):
            continue
        words = f"{version} {kind} is deprecated in v1.{deprecated}+, unavailable in v1.{removed}+"
        if not instead:
            return words
        group = "" if "/" in instead else f"{version.partition('/')[0]}/"
        return f"{words}; use {group}{instead} {replacement}"
    return None


def _replacement(kinds: str, kind: str) -> str | None:
    """The kind that takes a kind's place, mostly itself; None if the kind is not among these."""
    for entry in kinds.split():
        name, _, other = entry.removesuffix("+").partition("=")
        if kind == name:
            return other or kind
        if entry.endswith("+") and kind == f"{name}List":
            return kind
    return None
