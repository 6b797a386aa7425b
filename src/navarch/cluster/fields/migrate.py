"""kubectl's way from client-side to server-side apply: the annotation that holds the last configuration."""

from __future__ import annotations

from navarch.cluster.fields.compare import compare
from navarch.cluster.fields.manager import bare
from navarch.cluster.fields.sets import difference, has, insert, paths
from navarch.cluster.fields.typed import MismatchError, field_set
from navarch.golang.json import decode, dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.manager import Target
    from navarch.cluster.fields.owners import Key
    from navarch.cluster.fields.sets import Set

    Object = dict[str, Any]

__all__ = ["not_excused", "note_last_applied"]

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MOST_BYTES = 256 * 1024


def not_excused(lost: dict[Key, Set], live: Object, target: Target) -> dict[Key, Set]:
    """The conflicts that remain when kubectl may take what it applied from the client's side before."""
    allowed = _applied_before(live, target)
    if allowed is None:
        return lost
    out: dict[Key, Set] = {}
    for key, fields in lost.items():
        left: Set = {}
        for path in paths(fields):
            if not has(allowed, path):
                insert(left, path, {})
        if left:
            out[key] = left
    return out


def _applied_before(live: Object, target: Target) -> Set | None:
    """The fields that still are as the annotation has them; None if it can't be used."""
    text = (live["metadata"].get("annotations") or {}).get(ANNOTATION)
    if not text:
        return None
    last, error = decode(text)
    if error or type(last) is not dict or last.get("apiVersion") != target.api_version:
        return None
    try:
        fields = field_set(target.kind, last)
        field_set(target.kind, bare(live))
        found = compare(target.kind, last, live)
    except MismatchError:
        return None
    for changed in (found.modified, found.added, found.removed):
        fields = difference(fields, changed)
    return fields


def note_last_applied(obj: Object, patch: Object) -> None:
    """Keep the annotation up to date where there is one, for clients that apply as before."""
    annotations = obj["metadata"].get("annotations")
    if type(annotations) is not dict or not annotations.get(ANNOTATION):
        return
    noted = patch
    meta = patch.get("metadata")
    if type(meta) is dict and "annotations" in meta:
        noted = {**patch, "metadata": _without_own(meta)}
    annotations[ANNOTATION] = dumps(noted) + "\n"
    if sum(len(name.encode()) + len((value or "").encode()) for name, value in annotations.items()) > MOST_BYTES:
        del annotations[ANNOTATION]


def _without_own(meta: Object) -> Object:
    """Metadata without the annotation itself, and without annotations that are none."""
    told = meta["annotations"]
    others = {name: value for name, value in meta.items() if name != "annotations"}
    if type(told) is not dict or not all(value is None or type(value) is str for value in told.values()):
        return others
    return {**others, "annotations": {name: value or "" for name, value in told.items() if name != ANNOTATION}}
