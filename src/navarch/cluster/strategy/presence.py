"""Whether there are objects of a kind at all: what most writes would else ask the store for in vain."""

from __future__ import annotations

from weakref import WeakKeyDictionary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.context import Context
    from navarch.cluster.store import Event, Key

__all__ = ["any_of"]

_KINDS = frozenset((("", "resourcequotas"), ("", "limitranges")))


class _Present:
    """The keys of the objects of these kinds, kept up to date by the store's events."""

    def __init__(self, context: Context) -> None:
        self.keys: dict[tuple[str, str], set[Key]] = {kind: set() for kind in _KINDS}
        from navarch.cluster.store import Key

        for group, plural in _KINDS:
            for obj in context.list(group, plural):
                meta = obj["metadata"]
                self.keys[group, plural].add(Key(group, plural, meta["namespace"], meta["name"]))

    def hear(self, event: Event) -> None:
        """Take note of a change in the store."""
        keys = self.keys.get((event.key.group, event.key.plural))
        if keys is not None:
            if event.type == "DELETED":
                keys.discard(event.key)
            else:
                keys.add(event.key)


_stores: WeakKeyDictionary[object, _Present] = WeakKeyDictionary()


def any_of(context: Context, group: str, plural: str) -> bool:
    """Whether the store has objects of one of the kinds that are watched for this."""
    found = _stores.get(context.store)
    if found is None:
        found = _stores[context.store] = _Present(context)
        context.store.listen(found.hear)
    return bool(found.keys[group, plural])
