"""Namespaces: what every one of them has, and how one goes away with all that is in it."""

from __future__ import annotations

from navarch.cluster.controllers.manager import EVERYTHING, Change, Controller, Manager
from navarch.cluster.controllers.objects import condition, key_of
from navarch.cluster.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["NAMESPACES", "NamespaceEnds", "Namespaces"]

NAMESPACES: Kind = ("", "namespaces")
_ACCOUNTS: Kind = ("", "serviceaccounts")
_CONFIG_MAPS: Kind = ("", "configmaps")
_ROOT = "kube-root-ca.crt"
_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)
# Conditions of a namespace that goes away: type, and reason and message while all is well.
_CONDITIONS = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
)


class Namespaces(Controller):
    """Gives each namespace its account and its certificate ("" for none)."""

    name = "namespaces"
    rank = 2
    kind = NAMESPACES
    watches = (_ACCOUNTS, _CONFIG_MAPS)
    certificate = ""

    def observe(self, change: Change) -> None:
        """Namespaces, and what they must have."""
        namespace, name = key_of(change.object)
        if change.kind == self.kind:
            self.enqueue("", name)
        elif (change.kind == _ACCOUNTS and name == "default") or (change.kind == _CONFIG_MAPS and name == _ROOT):
            self.enqueue("", namespace)

    def sync(self, _namespace: str, name: str, /) -> None:
        """Furnish a namespace."""
        found = self.access.get(self.kind, "", name)
        if found is None or "deletionTimestamp" in found["metadata"]:
            return
        if self.access.get(_ACCOUNTS, name, "default") is None:
            metadata = {"name": "default", "namespace": name}
            self.access.create(_ACCOUNTS, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        if self.certificate:
            self._certify(name)

    def _certify(self, namespace: str) -> None:
        data = {"ca.crt": self.certificate}
        found = self.access.get(_CONFIG_MAPS, namespace, _ROOT)
        if found is None:
            annotations = {"kubernetes.io/description": _DESCRIPTION}
            metadata = {"name": _ROOT, "namespace": namespace, "annotations": annotations}
            made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
            self.access.create(_CONFIG_MAPS, made)
        elif found.get("data") != data:
            self.access.update(_CONFIG_MAPS, {**found, "data": data})


class NamespaceEnds(Controller):
    """Empties the namespaces that are deleted; comes last, so that it looks once when many objects leave."""

    name = "namespace-ends"
    rank = 8
    kind = NAMESPACES
    watches = (EVERYTHING,)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._ending: dict[str, None] = {}

    def observe(self, change: Change) -> None:
        """Namespaces that go away, and everything that leaves them."""
        namespace, name = key_of(change.object)
        if change.kind == self.kind:
            if change.type == "DELETED":
                self._ending.pop(name, None)
            elif "deletionTimestamp" in change.object["metadata"]:
                self._ending[name] = None
                self.enqueue("", name)
        elif namespace in self._ending:
            self.enqueue("", namespace)

    def sync(self, _namespace: str, name: str, /) -> None:
        """Empty a namespace."""
        found = self.access.get(self.kind, "", name)
        if found is not None and "deletionTimestamp" in found["metadata"]:
            self._empty(found)

    def _empty(self, namespace: Object) -> None:
        """Delete what is there; say what is left; let the namespace go when nothing is."""
        name = namespace["metadata"]["name"]
        left, finalizers = self._delete_content(name)
        if not left:
            kept = [one for one in (namespace.get("spec") or {}).get("finalizers") or () if one != "kubernetes"]
            done = {**namespace, "spec": {**(namespace.get("spec") or {}), "finalizers": kept}}
            self.access.update(self.kind, done, subresource="finalize")
            return
        self._tell(namespace, left, finalizers)

    def _delete_content(self, namespace: str) -> tuple[dict[str, int], dict[str, int]]:
        """What is left after deleting: numbers by resource, and by finalizer."""
        left: dict[str, int] = {}
        finalizers: dict[str, int] = {}
        for resource in list(self.access.api.catalog):
            if not resource.namespaced or resource.version != resource.storage or "delete" not in resource.verbs:
                continue
            kind = (resource.group, resource.plural)
            for obj in self.access.list(kind, namespace):
                if "deletionTimestamp" not in obj["metadata"]:
                    self._delete(kind, obj)
            for obj in self.access.list(kind, namespace):
                text = f"{resource.plural}.{resource.group}"
                left[text] = left.get(text, 0) + 1
                for one in obj["metadata"].get("finalizers") or ():
                    finalizers[one] = finalizers.get(one, 0) + 1
        return left, finalizers

    def _delete(self, kind: Kind, obj: Object) -> None:
        try:
            self.access.delete(kind, obj, propagation="Background")
        except Problem:
            return  # it is counted as left, and tried again with the next change

    def _tell(self, namespace: Object, left: dict[str, int], finalizers: dict[str, int]) -> None:
        resources = ", ".join(sorted(f"{name} has {count} resource instances" for name, count in left.items()))
        held = ", ".join(sorted(f"{name} in {count} resource instances" for name, count in finalizers.items()))
        told = {"NamespaceContentRemaining": ("SomeResourcesRemain", f"Some resources are remaining: {resources}")}
        if held:
            text = f"Some content in the namespace has finalizers remaining: {held}"
            told["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", text)
        old = namespace.get("status") or {}
        conditions = []
        for kind, reason, message in _CONDITIONS:
            state, why = ("True", told[kind]) if kind in told else ("False", (reason, message))
            known = condition(old, kind)
            since = known["lastTransitionTime"] if known and known["status"] == state else self.access.now()
            conditions.append(
                {"type": kind, "status": state, "lastTransitionTime": since, "reason": why[0], "message": why[1]}
            )
        status = {**old, "conditions": conditions}
        if status != old:
            self.access.write_status(self.kind, namespace, status)
