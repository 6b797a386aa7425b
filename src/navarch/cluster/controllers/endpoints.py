"""Endpoints and EndpointSlices: the pods behind each Service."""

from __future__ import annotations

from navarch.cluster.controllers.index import SelectorIndex
from navarch.cluster.controllers.manager import PODS, Change, Controller, Manager
from navarch.cluster.controllers.objects import condition, controller_of, key_of, owner_reference, suffix
from navarch.cluster.controllers.services import SERVICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["Endpoints"]

_ENDPOINTS: Kind = ("", "endpoints")
_SLICES: Kind = ("discovery.k8s.io", "endpointslices")
_HEADLESS = "service.kubernetes.io/headless"
_MANAGED_BY = "endpoints.kubernetes.io/managed-by"
_SLICE_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_SERVICE_NAME = "kubernetes.io/service-name"
_CONTROLLER = "endpointslice-controller.k8s.io"
_MOST = 100  # endpoints in a slice


class Endpoints(Controller):
    """Keeps both forms of each Service's endpoints."""

    name = "endpoints"
    rank = 7
    kind = SERVICES
    watches = (PODS, _ENDPOINTS, _SLICES)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._selectors = SelectorIndex()

    def observe(self, change: Change) -> None:
        """Services, and the pods that they select."""
        obj, (namespace, name) = change.object, key_of(change.object)
        if change.kind == SERVICES:
            labels = obj["spec"].get("selector")
            wanted = labels and change.type != "DELETED"
            self._selectors.put(namespace, name, {"matchLabels": labels} if wanted else None)
            self.enqueue(namespace, name)
        elif change.kind == PODS:
            if change.old is None or change.type == "DELETED" or _facts(change.old) != _facts(obj):
                for one in (obj, change.old):
                    for service in self._selectors.selecting(namespace, one["metadata"].get("labels")) if one else ():
                        self.enqueue(namespace, service)
        elif change.type == "DELETED":
            owner = controller_of(obj) or {}
            self.enqueue(namespace, owner.get("name", name))

    def sync(self, namespace: str, name: str, /) -> None:
        """Write what has changed."""
        service = self.access.get(SERVICES, namespace, name)
        if service is None:
            found = self.access.get(_ENDPOINTS, namespace, name)
            if found is not None and (found["metadata"].get("labels") or {}).get(_MANAGED_BY) == "endpoint-controller":
                self.access.delete(_ENDPOINTS, found)
            return
        spec = service["spec"]
        if not spec.get("selector") or spec.get("type") == "ExternalName" or "deletionTimestamp" in service["metadata"]:
            return
        names = self.manager.pods.select(namespace, {"matchLabels": spec["selector"]})
        pods = [pod for pod in (self.access.get(PODS, namespace, one) for one in names) if pod is not None]
        self._write_endpoints(service, [pod for pod in pods if _is_shown(pod, service, terminating=False)])
        self._write_slices(service, [pod for pod in pods if _is_shown(pod, service, terminating=True)])

    def _write_endpoints(self, service: Object, pods: list[Object]) -> None:
        metadata = service["metadata"]
        found = self.access.get(_ENDPOINTS, *key_of(service))
        subsets = _subsets(service, pods)
        labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != _HEADLESS}
        if service["spec"].get("clusterIP") == "None":
            labels[_HEADLESS] = ""
        labels[_MANAGED_BY] = "endpoint-controller"
        if found is None:
            made: Object = {
                "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels}
            }
            if subsets:
                made["subsets"] = subsets
            self.access.create(_ENDPOINTS, {"apiVersion": "v1", "kind": "Endpoints", **made})
        elif (found.get("subsets") or []) != subsets or found["metadata"].get("labels") != labels:
            changed = {**found, "metadata": {**found["metadata"], "labels": labels}}
            changed.pop("subsets", None)
            self.access.update(_ENDPOINTS, {**changed, "subsets": subsets} if subsets else changed)

    def _write_slices(self, service: Object, pods: list[Object]) -> None:
        owned = (self.access.get(*place) for place in self.owners.owned(service["metadata"]["uid"], _SLICES))
        found = [one for one in owned if one is not None and "deletionTimestamp" not in one["metadata"]]
        wanted = _slices(service, pods)
        for number, content in enumerate(wanted):
            if number < len(found):
                self._update_slice(found[number], service, content)
            else:
                self.access.create(_SLICES, _new_slice(service, content, number))
        for one in found[len(wanted) :]:
            self.access.delete(_SLICES, one)

    def _update_slice(self, found: Object, service: Object, content: Object) -> None:
        labels = _slice_labels(service)
        same = (found.get("endpoints") or []) == content["endpoints"] and (found.get("ports") or []) == content["ports"]
        if not same or found["metadata"].get("labels") != labels:
            self.access.update(_SLICES, {**found, **content, "metadata": {**found["metadata"], "labels": labels}})


def _facts(pod: Object) -> tuple[Any, ...]:
    """What of a pod an endpoint shows."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    ready = condition(status, "Ready") or {}
    labels = metadata.get("labels")
    return status.get("podIP"), status.get("phase"), ready.get("status"), labels, "deletionTimestamp" in metadata


def _is_shown(pod: Object, service: Object, *, terminating: bool) -> bool:
    """Whether a pod is an endpoint (ShouldPodBeInEndpoints)."""
    status = pod.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed") or not status.get("podIP"):
        return False
    if terminating or service["spec"].get("publishNotReadyAddresses"):
        return True
    return "deletionTimestamp" not in pod["metadata"]


def _is_ready(pod: Object) -> bool:
    return (condition(pod.get("status"), "Ready") or {}).get("status") == "True"


def _port(pod: Object, port: Object) -> int | None:
    """The number behind a Service's targetPort; None if the pod has no port of that name."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    sidecars = [one for one in pod["spec"].get("initContainers") or () if one.get("restartPolicy") == "Always"]
    for container in (*pod["spec"]["containers"], *sidecars):
        for one in container.get("ports") or ():
            if one.get("name") == target and one.get("protocol", "TCP") == port.get("protocol", "TCP"):
                return int(one["containerPort"])
    return None


def _ports(pod: Object, service: Object, *, named: bool) -> list[Object]:
    """The ports that a pod offers for a Service; `named`: with an empty name where there is none."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = _port(pod, port)
        if number is None:
            continue
        made: Object = {"name": port.get("name", "")} if named or port.get("name") else {}
        made.update(port=number, protocol=port.get("protocol", "TCP"))
        if port.get("appProtocol"):
            made["appProtocol"] = port["appProtocol"]
        found.append(made)
    return found


def _reference(pod: Object) -> Object:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _subsets(service: Object, pods: list[Object]) -> list[Object]:
    """The older form: addresses by the ports that they have in common."""
    groups: dict[str, Object] = {}
    publish = service["spec"].get("publishNotReadyAddresses")
    for pod in sorted(pods, key=lambda one: _address_order(one["status"]["podIP"])):
        ports = sorted(_ports(pod, service, named=False), key=lambda one: (one.get("name", ""), one["port"]))
        if not ports and service["spec"].get("ports"):
            continue
        address: Object = {"ip": pod["status"]["podIP"]}
        if _has_hostname(pod, service):
            address["hostname"] = pod["spec"]["hostname"]
        address.update(nodeName=pod["spec"].get("nodeName", ""), targetRef=_reference(pod))
        group = groups.setdefault(str(ports), {"addresses": [], "notReadyAddresses": [], "ports": ports})
        group["addresses" if publish or _is_ready(pod) else "notReadyAddresses"].append(address)
    return [{key: value for key, value in one.items() if value} for one in groups.values()]


def _address_order(address: str) -> tuple[int, ...]:
    return tuple(int(part) for part in address.split(".") if part.isdecimal())


def _has_hostname(pod: Object, service: Object) -> bool:
    spec = pod["spec"]
    return bool(spec.get("hostname")) and spec.get("subdomain") == service["metadata"]["name"]


def _slices(service: Object, pods: list[Object]) -> list[Object]:
    """The newer form: at most a hundred endpoints each, of the same ports."""
    groups: dict[str, tuple[list[Object], list[Object]]] = {}
    for pod in sorted(pods, key=lambda one: _address_order(one["status"]["podIP"])):
        ports = _ports(pod, service, named=True)
        groups.setdefault(str(ports), (ports, []))[1].append(_endpoint(pod, service))
    made = [
        {"addressType": "IPv4", "endpoints": endpoints[start : start + _MOST], "ports": ports}
        for ports, endpoints in groups.values()
        for start in range(0, len(endpoints), _MOST)
    ]
    return made or [{"addressType": "IPv4", "endpoints": [], "ports": []}]


def _endpoint(pod: Object, service: Object) -> Object:
    serving, terminating = _is_ready(pod), "deletionTimestamp" in pod["metadata"]
    ready = bool(service["spec"].get("publishNotReadyAddresses")) or (serving and not terminating)
    made: Object = {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
    }
    if _has_hostname(pod, service):
        made["hostname"] = pod["spec"]["hostname"]
    made["targetRef"] = _reference(pod)
    if pod["spec"].get("nodeName"):
        made["nodeName"] = pod["spec"]["nodeName"]
    return made


def _slice_labels(service: Object) -> Object:
    reserved = (_HEADLESS, _SERVICE_NAME, _SLICE_MANAGED_BY)
    labels = {key: value for key, value in (service["metadata"].get("labels") or {}).items() if key not in reserved}
    if service["spec"].get("clusterIP") == "None":
        labels[_HEADLESS] = ""
    labels[_SERVICE_NAME] = service["metadata"]["name"]
    labels[_SLICE_MANAGED_BY] = _CONTROLLER
    return labels


def _new_slice(service: Object, content: Object, number: int) -> Object:
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    prefix = f"{name}-"[:58]
    metadata = {
        "name": prefix + suffix(f"{namespace}/{prefix}", number),
        "generateName": prefix,
        "namespace": namespace,
        "labels": _slice_labels(service),
        "ownerReferences": [owner_reference({"apiVersion": "v1", "kind": "Service", **service})],
    }
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata, **content}
