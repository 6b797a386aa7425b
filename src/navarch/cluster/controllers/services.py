"""Services: an address for load balancers."""

from __future__ import annotations

from navarch.cluster.controllers.faults import is_kept_pending
from navarch.cluster.controllers.manager import Change, Controller, Manager
from navarch.cluster.controllers.objects import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["SERVICES", "LoadBalancers"]

SERVICES: Kind = ("", "services")
_FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
_MANAGER = "cloud-controller-manager"
_COMPONENT = "service-controller"
_PREFIX = "172.18."
_FIRST = 255 * 256


class LoadBalancers(Controller):
    """Gives each Service of type LoadBalancer an address from 172.18.255.0 on."""

    name = "load-balancers"
    rank = 6
    kind = SERVICES

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._addresses: dict[str, str] = {}

    def observe(self, change: Change) -> None:
        """Services that have, want or had an address."""
        service = change.object
        uid = service["metadata"].get("uid", "")
        if change.type == "DELETED":
            self._addresses.pop(uid, None)
            return
        ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
        for one in ingress:
            if one.get("ip"):
                self._addresses[uid] = one["ip"]
        if ingress or service["spec"].get("type") == "LoadBalancer" or _FINALIZER in _finalizers(service):
            self.enqueue(*key_of(service))

    def sync(self, namespace: str, name: str, /) -> None:
        """Give an address, or take it back."""
        service = self.access.get(SERVICES, namespace, name)
        if service is None:
            return
        status = service.get("status") or {}
        has = bool((status.get("loadBalancer") or {}).get("ingress"))
        wants = service["spec"].get("type") == "LoadBalancer" and not service["spec"].get("loadBalancerClass")
        wants = wants and "deletionTimestamp" not in service["metadata"] and not is_kept_pending(service)
        if wants and not has:
            self._give(service)
        elif has and not wants:
            self._addresses.pop(service["metadata"]["uid"], None)
            self.access.write_status(SERVICES, service, {**status, "loadBalancer": {}}, manager=_MANAGER)

    def _give(self, service: Object) -> None:
        self._event(service, "EnsuringLoadBalancer", "Ensuring load balancer")
        address = service["spec"].get("loadBalancerIP") or self._find(service["metadata"]["uid"])
        status = {**(service.get("status") or {}), "loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
        self.access.write_status(SERVICES, service, status, manager=_MANAGER)
        self._event(service, "EnsuredLoadBalancer", "Ensured load balancer")

    def _event(self, service: Object, reason: str, message: str) -> None:
        self.recorder.record(service, reason, message, component=_COMPONENT)

    def _find(self, uid: str) -> str:
        used = set(self._addresses.values())
        number = _FIRST
        while True:
            address = f"{_PREFIX}{number // 256}.{number % 256}"
            if address not in used:
                self._addresses[uid] = address
                return address
            number = number + 1 if number % 256 < 255 else number - 511  # down to the block below


def _finalizers(service: Object) -> list[str]:
    return service["metadata"].get("finalizers") or []
