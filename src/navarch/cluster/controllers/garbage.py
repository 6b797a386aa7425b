"""Garbage collection: what goes when its owners go, and in which order."""

from __future__ import annotations

from navarch.cluster.controllers.manager import EVERYTHING, Change, Controller
from navarch.cluster.controllers.objects import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["Garbage"]

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"
_COMPONENT = "garbage-collector-controller"


class Garbage(Controller):
    """Looks at objects by their uid: owners that are gone or going, and what they leave."""

    name = "garbage"
    rank = 1
    watches = (EVERYTHING,)

    def observe(self, change: Change) -> None:
        """Objects that have owners, and owners that are going."""
        obj = change.object
        metadata = obj["metadata"]
        uid = metadata.get("uid", "")
        if change.type == "DELETED":
            for place in self.owners.owned(uid):
                self._enqueue_place(place.kind, place.namespace, place.name)
            for owner in self.owners_going(obj):
                self.enqueue("", owner)
            return
        finalizers = metadata.get("finalizers") or ()
        if "deletionTimestamp" in metadata and (_FOREGROUND in finalizers or _ORPHAN in finalizers):
            self.enqueue("", uid)
        references = metadata.get("ownerReferences")
        if references and (change.old is None or references != change.old["metadata"].get("ownerReferences")):
            self.enqueue("", uid)
            for one in (change.old or {"metadata": {}})["metadata"].get("ownerReferences") or ():
                if one.get("uid") in self.owners.places:
                    self.enqueue("", one["uid"])

    def owners_going(self, obj: Object) -> list[str]:
        """The uids of owners that may wait for this object's end."""
        return [
            one["uid"] for one in obj["metadata"].get("ownerReferences") or () if one.get("uid") in self.owners.places
        ]

    def _enqueue_place(self, kind: Kind, namespace: str, name: str) -> None:
        obj = self.access.get(kind, namespace, name)
        if obj is not None:
            self.enqueue("", obj["metadata"]["uid"])

    def sync(self, _namespace: str, name: str, /) -> None:
        """`name` is a uid."""
        place = self.owners.places.get(name)
        if place is None:
            return
        obj = self.access.get(*place)
        if obj is None or obj["metadata"].get("uid") != name:
            return
        finalizers = obj["metadata"].get("finalizers") or ()
        if "deletionTimestamp" in obj["metadata"]:
            if _ORPHAN in finalizers:
                self._orphan(place.kind, obj)
                return
            if _FOREGROUND in finalizers:
                self._delete_dependents(place.kind, obj)
                return
        if obj["metadata"].get("ownerReferences"):
            self._judge(place.kind, obj)

    def _orphan(self, kind: Kind, owner: Object) -> None:
        """Take the owner's name from what it owns, then let it go."""
        uid = owner["metadata"]["uid"]
        for place in self.owners.owned(uid):
            dependent = self.access.get(*place)
            if dependent is not None:
                self.access.edit(place.kind, dependent, lambda edited: _without_owners(edited, {uid}))
        self._let_go(kind, owner, _ORPHAN)

    def _delete_dependents(self, kind: Kind, owner: Object) -> None:
        """Delete what it owns; let the owner go when nothing is left that it has to wait for."""
        uid = owner["metadata"]["uid"]
        waits = False
        for place in self.owners.owned(uid):
            dependent = self.access.get(*place)
            if dependent is None:
                continue
            blocking = _is_blocking(dependent, uid)
            waits = waits or blocking
            if "deletionTimestamp" in dependent["metadata"]:
                continue
            if len(dependent["metadata"].get("ownerReferences") or ()) > 1 and self._solid(dependent, uid):
                self.access.edit(place.kind, dependent, lambda edited: _without_owners(edited, {uid}))
                continue
            propagation = "Foreground" if self.owners.owned(dependent["metadata"]["uid"]) else "Background"
            self.access.delete(place.kind, dependent, propagation=propagation if blocking else "Background")
        if waits:
            left = (self.access.get(*place) for place in self.owners.owned(uid))
            waits = any(one is not None and _is_blocking(one, uid) for one in left)
        if not waits:
            self._let_go(kind, owner, _FOREGROUND)

    def _solid(self, obj: Object, going: str) -> bool:
        """Whether an object has an owner that stays, beside the one that goes."""
        uids = {one.get("uid") for one in obj["metadata"]["ownerReferences"]} - {going}
        return any(uid in self.owners.places for uid in uids)

    def _let_go(self, kind: Kind, obj: Object, finalizer: str) -> None:
        found = self.access.get(kind, *key_of(obj))
        if found is not None:
            self.access.edit(kind, found, lambda edited: _without_finalizer(edited, finalizer))

    def _judge(self, kind: Kind, obj: Object) -> None:
        """Delete an object none of whose owners is there; forget the owners that aren't."""
        solid, dangling, waiting = [], [], []
        for reference in obj["metadata"]["ownerReferences"]:
            owner = self._owner(obj, reference)
            if owner is None:
                dangling.append(reference["uid"])
            elif "deletionTimestamp" in owner["metadata"] and _FOREGROUND in (
                owner["metadata"].get("finalizers") or ()
            ):
                waiting.append(reference["uid"])
            else:
                solid.append(reference["uid"])
        if "deletionTimestamp" in obj["metadata"]:
            return
        if solid:
            if dangling or waiting:
                self.access.edit(kind, obj, lambda edited: _without_owners(edited, {*dangling, *waiting}))
        elif waiting and self.owners.owned(obj["metadata"]["uid"]):
            self.access.delete(kind, obj, propagation="Foreground")
        else:
            self.access.delete(kind, obj, propagation="Background")

    def _owner(self, obj: Object, reference: Object) -> Object | None:
        """What a reference refers to, None if it isn't there: the very object, in reach of the one that it owns."""
        uid = reference.get("uid", "")
        place = self.owners.places.get(uid)
        if place is not None:
            namespace = obj["metadata"].get("namespace", "")
            if place.namespace in ("", namespace):
                found = self.access.get(*place)
                return found if found is not None and found["metadata"]["uid"] == uid else None
            text = f'ownerRef [{_identity(reference, obj)}] does not exist in namespace "{namespace}"'
            self.recorder.record(obj, "OwnerRefInvalidNamespace", text, component=_COMPONENT, type="Warning")
        return None


def _identity(reference: Object, obj: Object) -> str:
    words = (
        reference.get("apiVersion"),
        reference.get("kind"),
        obj["metadata"].get("namespace"),
        reference.get("name"),
    )
    return f"{words[0]}/{words[1]}, namespace: {words[2]}, name: {words[3]}, uid: {reference.get('uid')}"


def _is_blocking(dependent: Object, uid: str) -> bool:
    references = dependent["metadata"].get("ownerReferences") or ()
    return any(one.get("uid") == uid and one.get("blockOwnerDeletion") for one in references)


def _without_owners(obj: Object, uids: set[str]) -> None:
    left = [one for one in obj["metadata"].get("ownerReferences") or () if one.get("uid") not in uids]
    if left:
        obj["metadata"]["ownerReferences"] = left
    else:
        obj["metadata"].pop("ownerReferences", None)


def _without_finalizer(obj: Object, finalizer: str) -> None:
    left = [one for one in obj["metadata"].get("finalizers") or () if one != finalizer]
    if left:
        obj["metadata"]["finalizers"] = left
    else:
        obj["metadata"].pop("finalizers", None)
