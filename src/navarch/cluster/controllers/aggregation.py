"""ClusterRoles that are made of others: the rules of all that their selectors select."""

from __future__ import annotations

from navarch.cluster.controllers.manager import Change, Controller, Manager
from navarch.cluster.controllers.objects import key_of, matches
from navarch.cluster.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["AggregatedRoles"]

_ROLES: Kind = ("rbac.authorization.k8s.io", "clusterroles")
_MANAGER = "clusterrole-aggregation-controller"
_APPLY = "application/apply-patch+yaml"


class AggregatedRoles(Controller):
    """Keeps the rules of the roles that have an aggregation rule."""

    name = "aggregated-roles"
    rank = 6
    kind = _ROLES

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._aggregated: dict[str, None] = {}

    def observe(self, change: Change) -> None:
        """A role: every aggregated one may have to do with it."""
        _, name = key_of(change.object)
        if change.type != "DELETED" and change.object.get("aggregationRule"):
            self._aggregated[name] = None
        else:
            self._aggregated.pop(name, None)
        for one in self._aggregated:
            self.enqueue("", one)

    def sync(self, _namespace: str, name: str, /) -> None:
        """Gather the rules, each once, in the order of the selectors and of the roles' names."""
        role = self.access.get(_ROLES, "", name)
        selectors = ((role or {}).get("aggregationRule") or {}).get("clusterRoleSelectors")
        if role is None or selectors is None:
            return
        others = [one for one in self.access.list(_ROLES) if one["metadata"]["name"] != name]
        rules: list[Object] = []
        for selector in selectors:
            for other in others:
                if matches(selector, other["metadata"].get("labels")):
                    rules.extend(rule for rule in other.get("rules") or () if rule not in rules)
        if rules != (role.get("rules") or []):
            self._apply(name, rules)

    def _apply(self, name: str, rules: list[Object]) -> None:
        resource = self.access.resource(_ROLES)
        if resource is not None:
            metadata = {"name": name}
            patch = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, "rules": rules}
            self.access.api.patch(resource, "", name, patch, _APPLY, options=Options(manager=_MANAGER, force=True))
