"""Old and new values of an object beside each other, as far as it is known which belongs to which.

After k8s.io/apiserver's CorrelatedObject: entries of maps belong together by name, items of lists only by the keys of
lists that are maps.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure

__all__ = ["Correlation"]

_SCALARS = (bool, int, float, str)


class Correlation:
    """A new value, the old one in its place, and the node of the schema that is for them."""

    __slots__ = ("_by_keys", "new", "old", "structure")

    def __init__(self, new: Any, old: Any, structure: Structure) -> None:
        self.new = new
        self.old = old
        self.structure = structure
        self._by_keys: dict[tuple[Any, ...] | None, Any] | None = None

    def key(self, name: str) -> Correlation | None:
        """The values of that name."""
        if type(self.old) is not dict or name not in self.old:
            return None
        below = self.structure.field(name)
        return None if below is None else Correlation(self.new[name], self.old[name], below)

    def index(self, index: int) -> Correlation | None:
        """The values at a place of the new list."""
        raw, items = self.structure.raw, self.structure.items
        if type(self.old) is not list or items is None or raw.get("x-kubernetes-list-type") != "map":
            return None
        keys = raw.get("x-kubernetes-list-map-keys") or []
        if self._by_keys is None:
            self._by_keys = {_keys(one, keys): one for one in reversed(self.old)}
            self._by_keys.pop(None, None)
        new = self.new[index]
        old = self._by_keys.get(_keys(new, keys))
        return None if old is None else Correlation(new, old, items)

    def equal(self) -> bool:
        """Whether nothing has changed. Items of lists that are maps may have changed places."""
        if type(self.new) is list and type(self.old) is list:
            if self.structure.raw.get("x-kubernetes-list-type") != "map" or self.structure.items is None:
                return self.new == self.old
            children = [self.index(index) for index in range(len(self.new))]
            return len(self.new) == len(self.old) and all(one is not None and one.equal() for one in children)
        if type(self.new) is dict and type(self.old) is dict:
            return len(self.new) == len(self.old) and all(self._same(name) for name in self.new)
        return type(self.new) is type(self.old) and self.new == self.old

    def _same(self, name: str) -> bool:
        child = self.key(name)
        return child is not None and child.equal()


def _keys(item: Any, names: list[str]) -> tuple[Any, ...] | None:
    """The values of an item's keys, None if not all of them are there."""
    if type(item) is not dict or not all(type(item.get(name)) in _SCALARS for name in names):
        return None
    return tuple((type(item[name]), item[name]) for name in names)
