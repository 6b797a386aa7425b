"""EndpointSlices of Services without a selector: made of the Endpoints that someone wrote by hand."""

from __future__ import annotations

from navarch.cluster.controllers.manager import Change, Controller
from navarch.cluster.controllers.objects import controller_of, key_of, owner_reference, suffix
from navarch.cluster.controllers.services import SERVICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["SliceMirrors"]

_ENDPOINTS: Kind = ("", "endpoints")
_SLICES: Kind = ("discovery.k8s.io", "endpointslices")
_SKIP = "endpointslice.kubernetes.io/skip-mirror"
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_SERVICE_NAME = "kubernetes.io/service-name"
_CONTROLLER = "endpointslicemirroring-controller.k8s.io"
_NOT_COPIED = ("endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration")


class SliceMirrors(Controller):
    """Keeps the slices of such Endpoints."""

    name = "slice-mirrors"
    rank = 7
    kind = _ENDPOINTS
    watches = (SERVICES, _SLICES)

    def observe(self, change: Change) -> None:
        """Endpoints, the Service of their name, and slices that were taken away."""
        namespace, name = key_of(change.object)
        if change.kind != _SLICES:
            self.enqueue(namespace, name)
        elif change.type == "DELETED" and (controller_of(change.object) or {}).get("kind") == "Endpoints":
            self.enqueue(namespace, (controller_of(change.object) or {})["name"])

    def sync(self, namespace: str, name: str, /) -> None:
        """Write, change or delete the slices."""
        endpoints = self.access.get(_ENDPOINTS, namespace, name)
        if endpoints is None:
            return  # the slices go with their owner
        service = self.access.get(SERVICES, namespace, name)
        wanted = _slices(endpoints) if service is not None and _is_mirrored(endpoints, service) else []
        owned = (self.access.get(*place) for place in self.owners.owned(endpoints["metadata"]["uid"], _SLICES))
        found = [one for one in owned if one is not None]
        for number, content in enumerate(wanted):
            if number >= len(found):
                self.access.create(_SLICES, _named(content, endpoints, number))
                continue
            old = found[number]
            changed = {**old, **content, "metadata": {**old["metadata"], **content["metadata"]}}
            if changed != old:
                self.access.update(_SLICES, changed)
        for one in found[len(wanted) :]:
            self.access.delete(_SLICES, one)


def _is_mirrored(endpoints: Object, service: Object) -> bool:
    metadata = endpoints["metadata"]
    if service["spec"].get("selector") or "deletionTimestamp" in metadata:
        return False
    return (metadata.get("labels") or {}).get(_SKIP) != "true" and _LEADER not in (metadata.get("annotations") or {})


def _slices(endpoints: Object) -> list[Object]:
    """One for each set of ports and family of addresses."""
    metadata = endpoints["metadata"]
    kept: Object = {
        "labels": {**(metadata.get("labels") or {}), _SERVICE_NAME: metadata["name"], _MANAGED_BY: _CONTROLLER}
    }
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _NOT_COPIED}
    if annotations:
        kept["annotations"] = annotations
    made: dict[str, Object] = {}
    for subset in endpoints.get("subsets") or ():
        ports = [{"name": "", **port} for port in subset.get("ports") or ()]
        for section, ready in (("addresses", True), ("notReadyAddresses", False)):
            for address in subset.get(section) or ():
                family = "IPv6" if ":" in address["ip"] else "IPv4"
                content = {"metadata": kept, "addressType": family, "endpoints": [], "ports": ports}
                made.setdefault(f"{family} {ports}", content)["endpoints"].append(_endpoint(address, ready=ready))
    return list(made.values())


def _endpoint(address: Object, *, ready: bool) -> Object:
    made: Object = {"addresses": [address["ip"]], "conditions": {"ready": ready}}
    made.update({name: address[name] for name in ("hostname", "targetRef", "nodeName") if name in address})
    return made


def _named(content: Object, endpoints: Object, number: int) -> Object:
    name, namespace = endpoints["metadata"]["name"], endpoints["metadata"]["namespace"]
    prefix = f"{name}-"[:58]
    metadata = {
        "name": prefix + suffix(f"{namespace}/mirrored/{prefix}", number),
        "generateName": prefix,
        "namespace": namespace,
        "ownerReferences": [owner_reference(endpoints)],
        **content["metadata"],
    }
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **content, "metadata": metadata}
