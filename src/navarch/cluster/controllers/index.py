"""What is asked of all objects at each event, kept by what is asked for: owners, and selectors."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.controllers.objects import controller_of, key_of
from navarch.kube.selectors import object_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from navarch.cluster.controllers.access import Kind
    from navarch.kube.selectors import Selector

    Object = dict[str, Any]

__all__ = ["LabelIndex", "Owners", "Place", "SelectorIndex"]


# Kinds whose objects are taken over by controllers that select them.
_ADOPTED = frozenset([("", "pods"), ("apps", "replicasets"), ("apps", "controllerrevisions")])


class Place(NamedTuple):
    """Where an object is."""

    kind: Kind
    namespace: str
    name: str


class Owners:
    """Which objects there are by uid, what each of them owns, and which have no controller."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._owned: dict[str, dict[str, None]] = {}
        self._free: dict[tuple[Kind, str], dict[str, None]] = {}

    def put(self, kind: Kind, obj: Object) -> None:
        """Know an object, or what it has become."""
        uid, (namespace, name) = obj["metadata"].get("uid", ""), key_of(obj)
        if uid not in self.places:
            self.places[uid] = Place(kind, namespace, name)
        references = obj["metadata"].get("ownerReferences")
        owners = tuple(one.get("uid", "") for one in references) if references else ()
        if owners != self._owners.get(uid, ()):
            self._leave(uid)
            self._owners[uid] = owners
            for owner in owners:
                self._owned.setdefault(owner, {})[uid] = None
        if kind in _ADOPTED:
            free = self._free.setdefault((kind, namespace), {})
            if controller_of(obj) is None:
                free[uid] = None
            else:
                free.pop(uid, None)

    def remove(self, obj: Object) -> None:
        """Forget an object."""
        uid = obj["metadata"].get("uid", "")
        place = self.places.pop(uid, None)
        self._leave(uid)
        self._owners.pop(uid, None)
        if place is not None:
            self._free.get((place.kind, place.namespace), {}).pop(uid, None)

    def _leave(self, uid: str) -> None:
        for owner in self._owners.get(uid, ()):
            owned = self._owned.get(owner)
            if owned is not None:
                owned.pop(uid, None)
                if not owned:
                    del self._owned[owner]

    def owned(self, uid: str, kind: Kind | None = None) -> list[Place]:
        """What the object of that uid owns, oldest first; of one kind or of all."""
        found = (self.places.get(one) for one in tuple(self._owned.get(uid, ())))
        return [place for place in found if place is not None and (kind is None or place.kind == kind)]

    def owners_of(self, uid: str) -> list[Place]:
        """The objects that own the one of that uid."""
        found = (self.places.get(one) for one in self._owners.get(uid, ()))
        return [place for place in found if place is not None]

    def free(self, kind: Kind, namespace: str) -> list[Place]:
        """The objects of a kind that no controller has; only for kinds that controllers take over."""
        return [self.places[uid] for uid in tuple(self._free.get((kind, namespace), ())) if uid in self.places]


class LabelIndex:
    """Objects by each of their labels."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], Mapping[str, str]] = {}
        self._pairs: dict[tuple[str, str, str], dict[str, None]] = {}
        self._names: dict[str, dict[str, None]] = {}

    def put(self, namespace: str, name: str, labels: Mapping[str, str]) -> None:
        """Know an object's labels."""
        if self._labels.get((namespace, name)) == labels:
            return
        self.remove(namespace, name)
        self._labels[namespace, name] = labels
        self._names.setdefault(namespace, {})[name] = None
        for pair in labels.items():
            self._pairs.setdefault((namespace, *pair), {})[name] = None

    def remove(self, namespace: str, name: str) -> None:
        """Forget an object."""
        labels = self._labels.pop((namespace, name), None)
        if labels is None:
            return
        self._names[namespace].pop(name, None)
        if not self._names[namespace]:
            del self._names[namespace]
        for pair in labels.items():
            names = self._pairs[namespace, *pair]
            names.pop(name, None)
            if not names:
                del self._pairs[namespace, *pair]

    def select(self, namespace: str, selector: Object) -> list[str]:
        """The names of the objects that a LabelSelector selects, in the order in which they came."""
        pairs = (selector.get("matchLabels") or {}).items()
        nothing: dict[str, None] = {}
        sets = [self._pairs.get((namespace, *pair), nothing) for pair in pairs]
        smallest = min(sets, key=len) if sets else self._names.get(namespace, nothing)
        wanted = object_selector(selector)
        return [name for name in smallest if wanted.matches(self._labels[namespace, name])]


class SelectorIndex:
    """Selectors by one of the labels that they ask for: those that select an object are found without asking all."""

    def __init__(self) -> None:
        self._selectors: dict[tuple[str, str], tuple[Object, Selector]] = {}
        self._pairs: dict[tuple[str, str, str], dict[str, None]] = {}

    def put(self, namespace: str, name: str, selector: Object | None) -> None:
        """Know the selector of the object of that name; None is none."""
        if self._given(namespace, name) == selector:
            return
        self.remove(namespace, name)
        if selector is not None:
            self._selectors[namespace, name] = selector, object_selector(selector)
            self._pairs.setdefault((namespace, *_first(selector)), {})[name] = None

    def remove(self, namespace: str, name: str) -> None:
        """Forget a selector."""
        selector = self._given(namespace, name)
        if selector is not None:
            del self._selectors[namespace, name]
            names = self._pairs[namespace, *_first(selector)]
            names.pop(name, None)
            if not names:
                del self._pairs[namespace, *_first(selector)]

    def _given(self, namespace: str, name: str) -> Object | None:
        return self._selectors.get((namespace, name), (None,))[0]

    def names(self) -> list[tuple[str, str]]:
        """Namespaces and names of all that have a selector."""
        return list(self._selectors)

    def selecting(self, namespace: str, labels: Mapping[str, str] | None) -> Iterator[str]:
        """The names of those whose selector selects these labels."""
        for pair in (*(labels or {}).items(), ("", "")):
            for name in tuple(self._pairs.get((namespace, *pair), ())):
                if self._selectors[namespace, name][1].matches(labels or {}):
                    yield name


def _first(selector: Object) -> tuple[str, str]:
    """A label without which the selector selects nothing; two empty strings if there is no such label."""
    return next(iter((selector.get("matchLabels") or {}).items()), ("", ""))
