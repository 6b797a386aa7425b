"""ControllerRevisions: the templates that StatefulSets and DaemonSets had, as `kubectl rollout undo` reads them."""

from __future__ import annotations

from navarch.cluster.controllers.objects import canonical, hash_of, owner_reference, seconds
from navarch.cluster.problems import Problem
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind
    from navarch.cluster.controllers.children import Parent

    Object = dict[str, Any]

__all__ = ["REVISIONS", "History"]

REVISIONS: Kind = ("apps", "controllerrevisions")
_LONGEST_PREFIX = 223
_TRIES = 20


def _data(owner: Object) -> Object:
    """What a revision holds: a patch that brings the template back."""
    template = copy(owner["spec"]["template"])
    return {"spec": {"template": {**template, "$patch": "replace"}}}


class History:
    """The revisions of one object, oldest first. `label` is what they are known by, e.g. "controller-revision-hash"."""

    def __init__(self, controller: Parent, owner: Object, *, label: str) -> None:
        self._controller = controller
        self._owner = owner
        self._label = label
        found = controller.claim(owner, REVISIONS)
        self.revisions = sorted(found, key=lambda one: (one["revision"], _made(one)))

    def current(self, collisions: int = 0) -> tuple[Object, int]:
        """The revision of the template that the owner has now, made if there is none; and how many names were taken."""
        data = canonical(_data(self._owner))
        number = self.revisions[-1]["revision"] + 1 if self.revisions else 1
        equal = [one for one in self.revisions if canonical(one.get("data")) == data]
        if not equal:
            return self._create(number, collisions)
        newest = equal[-1]
        if newest is not self.revisions[-1]:
            newest = self._controller.access.update(REVISIONS, {**newest, "revision": number})
            self.revisions = [*(one for one in self.revisions if one is not equal[-1]), newest]
        return newest, collisions

    def _create(self, number: int, collisions: int) -> tuple[Object, int]:
        owner, access = self._owner, self._controller.access
        for salt in range(collisions, collisions + _TRIES):
            revision = self._revision(number, salt)
            try:
                made = access.create(REVISIONS, revision)
            except Problem as problem:
                if problem.reason != "AlreadyExists":
                    raise
            else:
                self.revisions.append(made)
                return made, salt
        raise Problem(500, "InternalError", f"no free name for a revision of {owner['metadata']['name']}")

    def _revision(self, number: int, salt: int) -> Object:
        owner, data = self._owner, _data(self._owner)
        metadata = owner["metadata"]
        digest = hash_of(data, salt)
        labels = dict((owner["spec"]["template"].get("metadata") or {}).get("labels") or {})
        labels[self._label] = digest
        made: Object = {
            "name": f"{metadata['name'][:_LONGEST_PREFIX]}-{digest}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(owner)],
        }
        if metadata.get("annotations"):
            made["annotations"] = dict(metadata["annotations"])
        return {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": made,
            "data": data,
            "revision": number,
        }

    def find(self, name: str) -> Object | None:
        """The revision of that name."""
        return next((one for one in self.revisions if one["metadata"]["name"] == name), None)

    def template(self, revision: Object) -> Object:
        """The template that a revision holds."""
        template = copy(((revision.get("data") or {}).get("spec") or {}).get("template") or {})
        template.pop("$patch", None)
        return template  # type: ignore[no-any-return]

    def truncate(self, live: set[str]) -> None:
        """Delete the oldest revisions beyond the owner's limit; those whose names are in `live` stay."""
        old = [one for one in self.revisions if one["metadata"]["name"] not in live]
        limit = self._owner["spec"].get("revisionHistoryLimit", 10)
        for one in old[: max(0, len(old) - limit)]:
            self._controller.access.delete(REVISIONS, one)


def _made(one: Object) -> tuple[float, str]:
    return seconds(one["metadata"].get("creationTimestamp")), one["metadata"]["name"]
