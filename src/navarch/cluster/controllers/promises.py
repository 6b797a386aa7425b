"""Objects that others would have made: containers don't run here, so what they create while they run isn't there.

A ConfigMap or a Secret counts as made if a pod that has come to its end was told its name, in its command, arguments
or environment (certificates for webhooks are made in this way); if a custom resource says its name, as those do whose
operators make Secrets; or if a Role lets someone have it by its name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.cluster.controllers.access import Access, Kind

    Object = dict[str, Any]

__all__ = ["ROLES", "Promises"]

ROLES: Kind = ("rbac.authorization.k8s.io", "roles")

_SEPARATORS = str.maketrans(dict.fromkeys("=,;:\"'()/|&<>{}[]", " "))
_LONGEST = 253


class Promises:
    """Which names have been said where."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._words: dict[str, set[str]] = {}

    def learn(self, pod: Object) -> None:
        """A pod has come to a good end: what it was told to make is made."""
        words = self._words.setdefault(pod["metadata"].get("namespace", ""), set())
        for text in _told(pod):
            words.update(word for word in text.translate(_SEPARATORS).split() if len(word) <= _LONGEST)

    def forget(self, namespace: str) -> None:
        """A namespace is gone."""
        self._words.pop(namespace, None)

    def cover(self, namespace: str, name: str) -> bool:
        """Whether someone would have made the object of that name."""
        words = self._words.get(namespace, ())
        return name in words or self._is_granted(namespace, name) or self._is_said(namespace, name)

    def _is_granted(self, namespace: str, name: str) -> bool:
        rules = (rule for role in self._access.list(ROLES, namespace) for rule in role.get("rules") or ())
        return any(name in (rule.get("resourceNames") or ()) for rule in rules)

    def _is_said(self, namespace: str, name: str) -> bool:
        for resource in self._access.api.catalog:
            if resource.custom is not None and resource.namespaced and resource.version == resource.storage:
                for obj in self._access.list((resource.group, resource.plural), namespace):
                    if obj["metadata"]["name"] == name or _says(obj.get("spec"), name):
                        return True
        return False


def _told(pod: Object) -> Iterator[str]:
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        yield from container.get("command") or ()
        yield from container.get("args") or ()
        for variable in container.get("env") or ():
            yield variable.get("value") or ""


def _says(value: Any, name: str) -> bool:
    """Whether a string in a value is the name."""
    pending = [value]
    while pending:
        one = pending.pop()
        if type(one) is dict:
            pending.extend(one.values())
        elif type(one) is list:
            pending.extend(one)
        elif one == name:
            return True
    return False
