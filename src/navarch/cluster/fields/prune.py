"""What an applier set the last time and no longer does goes away, unless someone else owns it."""

from __future__ import annotations

from navarch.cluster.fields.manager import bare
from navarch.cluster.fields.merge import named, remove
from navarch.cluster.fields.sets import LEAF, difference, intersection, union
from navarch.cluster.fields.typed import field_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.manager import Target
    from navarch.cluster.fields.owners import Key, Owner, Owners
    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type

    Object = dict[str, Any]

__all__ = ["pruned"]


def pruned(merged: Object, claims: Owners, applier: Key, last: Owner, target: Target) -> Object:
    """`merged` without what the applier gave up: `last` is what it owned before, `claims` what everyone owns now.

    Raises MismatchError.
    """
    seen = target.versions.through(last.api_version, merged)
    if seen is None or not last.fields:
        return merged
    whole, kind = seen
    given_up = named(kind, last.fields)
    rest = remove(kind, whole, given_up)
    rest = _with_owned(whole, rest, last.api_version, claims, target)
    back = target.versions.through(last.api_version, rest)
    if back is None:
        return merged
    gone = difference(_all_fields(kind, whole), _all_fields(kind, back[0]))
    left = remove(kind, whole, intersection(gone, given_up))
    final = target.versions.through(claims[applier].api_version, left)
    return left if final is None else final[0]


def _all_fields(kind: Type, obj: Object) -> Set:
    return named(kind, field_set(kind, obj, repeated=True))


def _with_owned(whole: Object, rest: Object, first: str, claims: Owners, target: Target) -> Object:
    """Add back what somebody owns, version by version, beginning with that in which things were removed."""
    by_version: dict[str, Set] = {first: LEAF}
    for owner in claims.values():
        by_version[owner.api_version] = union(by_version.get(owner.api_version, LEAF), owner.fields)
    for version, owned in by_version.items():
        if version == first and not owned:
            continue
        before, after = target.versions.through(version, whole), target.versions.through(version, rest)
        if before is None or after is None:
            continue
        whole, kind = before
        kept = union(_all_fields(kind, after[0]), named(kind, owned))
        rest = remove(kind, whole, difference(_all_fields(kind, whole), kept))
    return bare(rest)
