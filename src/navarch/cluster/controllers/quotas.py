"""ResourceQuotas: what is used of each. Admission counts up what is created; here it is counted anew when things go."""

from __future__ import annotations

from navarch.cluster.controllers.manager import EVERYTHING, PODS, Change, Controller, Manager
from navarch.cluster.controllers.objects import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.controllers.access import Kind

__all__ = ["Quotas"]

_QUOTAS: Kind = ("", "resourcequotas")
_MEASURED: tuple[Kind, ...] = (("", "services"), ("", "persistentvolumeclaims"))  # kinds whose changes matter


class Quotas(Controller):
    """Keeps the status of each quota."""

    name = "quotas"
    rank = 8
    kind = _QUOTAS
    watches = (EVERYTHING,)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._names: dict[str, dict[str, None]] = {}

    def observe(self, change: Change) -> None:
        """Quotas, and what comes, goes or ends in their namespaces."""
        namespace, name = key_of(change.object)
        if change.kind == _QUOTAS:
            names = self._names.setdefault(namespace, {})
            if change.type == "DELETED":
                names.pop(name, None)
            else:
                names[name] = None
                self.enqueue(namespace, name)
        if namespace in self._names and _matters(change):
            for one in self._names[namespace]:
                self.enqueue(namespace, one)

    def sync(self, namespace: str, name: str, /) -> None:
        """Count, and write what has changed."""
        quota = self.access.get(_QUOTAS, namespace, name)
        if quota is None:
            return
        from navarch.cluster.strategy.quota import status_of

        status = status_of(self.access.api.context(), quota)
        if status != quota.get("status"):
            self.access.write_status(_QUOTAS, quota, status)


def _matters(change: Change) -> bool:
    if change.type != "MODIFIED" or change.old is None:
        return True
    if change.kind == PODS:
        old, new = change.old.get("status") or {}, change.object.get("status") or {}
        return old.get("phase") != new.get("phase")
    return change.kind in _MEASURED and change.old.get("spec") != change.object.get("spec")
