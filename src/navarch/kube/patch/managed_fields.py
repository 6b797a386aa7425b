"""Who owns which fields, taken over from client-side to server-side apply.

A client that posted and patched objects owns fields by entries of operation Update. Before its first server-side apply
those become one entry of operation Apply: otherwise fields that a later manifest leaves out would stay, still owned by
the old entry. The rule is client-go's (util/csaupgrade), the answer a JSON patch (RFC 6902).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Entry = dict[str, Any]

__all__ = ["upgrade_patch"]

_PREFIXES = ("f:", "k:", "v:", "i:")


def upgrade_patch(obj: dict[str, Any], manager: str) -> list[dict[str, Any]] | None:
    """The JSON patch after which `manager` owns by Apply what it owned by Update; None if there is nothing to do.

    It also replaces resourceVersion by what was read, so that the server answers 409 if the object changed since.
    """
    metadata = obj.get("metadata") or {}
    entries: list[Entry] = metadata.get("managedFields") or []
    upgraded = _upgraded(entries, manager)
    if upgraded is None:
        return None
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": upgraded},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata.get("resourceVersion", "")},
    ]


def _upgraded(entries: list[Entry], manager: str) -> list[Entry] | None:
    """The entries with those of operation Update put into the one of operation Apply; None if there are none."""
    updates = [entry for entry in entries if _is(entry, manager, "Update")]
    if not updates:
        return None
    applies = [entry for entry in entries if _is(entry, manager, "Apply")]
    target = applies[0] if applies else updates[0]
    # Only an Update entry of the same version is taken over: what others list may be named otherwise in this one.
    version = target.get("apiVersion")
    others = [entry for entry in updates if entry is not target and entry.get("apiVersion") == version]
    fields = _union(target.get("fieldsV1") or {}, (others[0].get("fieldsV1") if others else None) or {}, root=True)
    changed = {**target, "operation": "Apply", "fieldsV1": fields}
    kept = [entry for entry in entries if entry is target or not _is(entry, manager, "Update")]
    return [changed if entry is target else entry for entry in kept]


def _is(entry: Entry, manager: str, operation: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == operation and not entry.get("subresource")


def _union(left: dict[str, Any], right: dict[str, Any], *, root: bool = False) -> dict[str, Any]:
    """Two sets of fields as one.

    A set is a tree: a field that is owned itself is {}, or has "." if fields below it are owned too.
    """
    names = sorted({name for node in (left, right) for name in node if name.startswith(_PREFIXES)})
    owned = any(_owns_itself(node) for node in (left, right))
    result: dict[str, Any] = {".": {}} if names and owned and not root else {}
    for name in names:
        both = [node[name] for node in (left, right) if name in node]
        result[name] = _union(both[0], both[-1])
    return result


def _owns_itself(node: dict[str, Any]) -> bool:
    return "." in node or not any(name.startswith(_PREFIXES) for name in node)
