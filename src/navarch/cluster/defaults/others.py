"""What is filled in for kinds of the smaller groups: networking, RBAC, storage, scheduling, discovery and more."""

from __future__ import annotations

from navarch.cluster.defaults.pods import volume_source
from navarch.cluster.defaults.quantities import round_up
from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Object = dict[str, Any]

__all__ = ["FILLS"]

_HTTPS = 443
_RBAC = "rbac.authorization.k8s.io"


def _network_policy(obj: Object) -> None:
    spec = obj["spec"]
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
        for port in rule.get("ports", ()):
            port.setdefault("protocol", "TCP")


def _ingress_class(obj: Object) -> None:
    parameters = obj["spec"].get("parameters")
    if parameters is not None and parameters["scope"] is None:
        parameters["scope"] = "Cluster"


def _role_binding(obj: Object) -> None:
    if not obj["roleRef"].get("apiGroup"):
        obj["roleRef"]["apiGroup"] = _RBAC
    for subject in obj.get("subjects", ()):
        if subject["kind"] in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)


def _storage_class(obj: Object) -> None:
    obj.setdefault("reclaimPolicy", "Delete")
    obj.setdefault("volumeBindingMode", "Immediate")


def _csi_driver(obj: Object) -> None:
    spec = obj["spec"]
    spec.setdefault("attachRequired", True)
    spec.setdefault("podInfoOnMount", False)
    spec.setdefault("storageCapacity", False)
    spec.setdefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
    spec.setdefault("volumeLifecycleModes", ["Persistent"])
    spec.setdefault("requiresRepublish", False)
    spec.setdefault("seLinuxMount", False)


def _volume_attachment(obj: Object) -> None:
    inline = obj["spec"]["source"].get("inlineVolumeSpec")
    if inline is not None:
        round_up(inline.get("capacity"))
        volume_source(inline)


def _priority_class(obj: Object) -> None:
    obj.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _endpoint_slice(obj: Object) -> None:
    for port in obj["ports"] or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _flow_schema(obj: Object) -> None:
    if not obj["spec"].get("matchingPrecedence"):
        obj["spec"]["matchingPrecedence"] = 1000


def _priority_level(obj: Object) -> None:
    spec = obj["spec"]
    if "limited" in spec:
        limited = spec["limited"]
        if limited["nominalConcurrencyShares"] is None:
            limited["nominalConcurrencyShares"] = 30
        limited.setdefault("lendablePercent", 0)
        queuing = limited.get("limitResponse", {}).get("queuing")
        if queuing is not None:
            for name, value in (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)):
                if not queuing.get(name):
                    queuing[name] = value
    if "exempt" in spec:
        spec["exempt"].setdefault("nominalConcurrencyShares", 0)
        spec["exempt"].setdefault("lendablePercent", 0)


def _token_request(obj: Object) -> None:
    if obj["spec"].get("expirationSeconds") is None:  # null is written for none
        obj["spec"]["expirationSeconds"] = 3600


def _resource_claim(obj: Object) -> None:
    _devices(obj["spec"])
    results = ((obj["status"].get("allocation") or {}).get("devices") or {}).get("results") or ()
    for result in results:
        _tolerations(result)


def _resource_claim_template(obj: Object) -> None:
    _devices(obj["spec"]["spec"])


def _devices(spec: Object) -> None:
    for request in spec["devices"].get("requests") or ():
        asked = [request["exactly"]] if "exactly" in request else []
        for one in (*asked, *request.get("firstAvailable", ())):
            mode = one.setdefault("allocationMode", "ExactCount")
            if mode == "ExactCount":
                one.setdefault("count", 1)
            _tolerations(one)


def _tolerations(owner: Object) -> None:
    for toleration in owner.get("tolerations", ()):
        toleration.setdefault("operator", "Equal")


def _resource_slice(obj: Object) -> None:
    for device in obj["spec"].get("devices") or ():
        for mapping in device.get("nodeAllocatableResourceMappings", {}).values():
            mapping.setdefault("allocationMultiplier", "1")
        for taint in device.get("taints", ()):
            if "timeAdded" not in taint:
                from time import time

                taint["timeAdded"] = stamp(time())


def _definition(obj: Object) -> None:
    spec, status = obj["spec"], obj["status"]
    names = spec["names"]
    if names["kind"]:
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", names["kind"] + "List")
    conversion = spec.setdefault("conversion", {"strategy": "None"})
    service = conversion.get("webhook", {}).get("clientConfig", {}).get("service")
    if service is not None:
        service.setdefault("port", _HTTPS)
    if not status.get("storedVersions"):
        stored = next((one["name"] for one in spec["versions"] or () if one["storage"]), None)
        status["storedVersions"] = None if stored is None else [stored]


def _api_service(obj: Object) -> None:
    service = obj["spec"].get("service")
    if service is not None:
        service.setdefault("port", _HTTPS)


FILLS: dict[str, dict[str, Callable[[Object], None]]] = {
    "networking.k8s.io": {"NetworkPolicy": _network_policy, "IngressClass": _ingress_class},
    "rbac.authorization.k8s.io": {"RoleBinding": _role_binding, "ClusterRoleBinding": _role_binding},
    "storage.k8s.io": {
        "StorageClass": _storage_class,
        "CSIDriver": _csi_driver,
        "VolumeAttachment": _volume_attachment,
    },
    "scheduling.k8s.io": {"PriorityClass": _priority_class},
    "discovery.k8s.io": {"EndpointSlice": _endpoint_slice},
    "flowcontrol.apiserver.k8s.io": {
        "FlowSchema": _flow_schema,
        "PriorityLevelConfiguration": _priority_level,
    },
    "authentication.k8s.io": {"TokenRequest": _token_request},
    "apiextensions.k8s.io": {"CustomResourceDefinition": _definition},
    "apiregistration.k8s.io": {"APIService": _api_service},
    "resource.k8s.io": {
        "ResourceClaim": _resource_claim,
        "ResourceClaimTemplate": _resource_claim_template,
        "ResourceSlice": _resource_slice,
    },
}
