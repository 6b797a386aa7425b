"""metadata.managedFields: who owns which fields of an object, read and written."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.fields.elements import ElementError
from navarch.cluster.fields.sets import LEAF, SELF, ordered, read, union
from navarch.golang.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set

    Entry = dict[str, Any]

__all__ = ["Key", "Owner", "Owners", "cap", "decode", "decode_foreign", "encode", "is_reset", "key_of"]

MOST_UPDATERS = 10
ANCIENT = "ancient-changes"


class Key(NamedTuple):
    """What tells owners apart. Appliers are the same through all versions: theirs is ""."""

    manager: str
    operation: str
    api_version: str
    subresource: str

    @property
    def identifier(self) -> str:
        """The text by which Kubernetes sorts them."""
        names = ("manager", "operation", "apiVersion", "subresource")
        told = [f"{dumps(name)}:{dumps(value)}" for name, value in zip(names, self, strict=True) if value]
        return "{" + ",".join(told) + "}"


class Owner(NamedTuple):
    """What one owner has. `entry` is the entry that says so, None if it must be written anew."""

    fields: Set
    api_version: str
    time: str
    entry: Entry | None = None


Owners = dict[Key, Owner]


def key_of(manager: str, operation: str, api_version: str, subresource: str) -> Key:
    """The key of an owner that operates through a version."""
    return Key(manager, operation, "" if operation == "Apply" else api_version, subresource)


def decode(entries: Any) -> Owners:
    """The owners that an object of the store tells."""
    out: Owners = {}
    for entry in entries or ():
        version, subresource = entry["apiVersion"], entry.get("subresource", "")
        key = key_of(entry.get("manager", ""), entry["operation"], version, subresource)
        out[key] = Owner(entry.get("fieldsV1") or LEAF, version, entry.get("time") or "", entry)
    return out


def decode_foreign(entries: Any) -> Owners | None:
    """The owners that a client's object tells, made canonical; None if they can't be read."""
    out: Owners = {}
    if type(entries) is not list:
        return out if entries is None else None
    for entry in entries:
        if type(entry) is not dict or entry.get("operation") not in ("Apply", "Update"):
            return None
        version = entry.get("apiVersion")
        if not version or entry.get("fieldsType") != "FieldsV1":
            return None
        try:
            fields = read(entry.get("fieldsV1"))
        except ElementError:
            return None
        if SELF in fields:
            fields = {step: node for step, node in fields.items() if step != SELF}
        key = key_of(entry.get("manager") or "", entry["operation"], version, entry.get("subresource") or "")
        out[key] = Owner(fields, version, entry.get("time") or "")
    return out


def is_reset(entries: Any) -> bool:
    """Whether a client wants the owners forgotten: an empty list, or one of an empty entry."""
    return type(entries) is list and (not entries or (len(entries) == 1 and entries[0] == {}))


def encode(owners: Owners, *, alphabetical: bool = False) -> list[Entry]:
    """The entries in Kubernetes' order. `alphabetical`: objects are written with sorted keys (custom resources)."""
    found = sorted(owners.items(), key=_order)
    return [owner.entry or _entry(key, owner, alphabetical) for key, owner in found]


def _order(pair: tuple[Key, Owner]) -> tuple[str, str, str, str, str]:
    key, owner = pair
    return key.operation, owner.time, key.manager, owner.api_version, key.subresource


def _entry(key: Key, owner: Owner, alphabetical: bool) -> Entry:
    entry: Entry = {"manager": key.manager, "operation": key.operation, "apiVersion": owner.api_version}
    if not key.manager:
        del entry["manager"]
    if owner.time:
        entry["time"] = owner.time
    entry["fieldsType"] = "FieldsV1"
    entry["fieldsV1"] = ordered(owner.fields, alphabetical=alphabetical)
    if key.subresource:
        entry["subresource"] = key.subresource
    return {name: entry[name] for name in sorted(entry)} if alphabetical else entry


def cap(owners: Owners) -> Owners:
    """At most ten owners by update: the oldest of a version become one."""
    updaters = [key for key in owners if key.operation == "Update"]
    left = len(updaters)
    if left <= MOST_UPDATERS:
        return owners
    updaters.sort(key=lambda key: (owners[key].time, key.identifier))
    out = dict(owners)
    first_of: dict[str, Key] = {}
    for key in updaters:
        if left <= MOST_UPDATERS:
            break
        version = out[key].api_version
        bucket = Key(ANCIENT, "Update", version, "")
        first = first_of.setdefault(version, key)
        if first == key:
            continue
        if bucket not in out:
            out[bucket] = out.pop(first)
        mine = out.pop(key)
        if key != bucket:  # a bucket that isn't the oldest is lost, as it is in Kubernetes
            out[bucket] = Owner(union(mine.fields, out[bucket].fields), version, mine.time)
        left -= 1
    return out
