"""JSON merge patches (RFC 7386): for custom resources, whose lists nothing is known of."""

from __future__ import annotations

from navarch.errors import KubernetesError
from navarch.kube.patch.values import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Map = dict[str, Any]

__all__ = ["apply_merge_patch", "merge_patch", "three_way_merge_patch"]


def merge_patch(original: Map, target: Map) -> Map:
    """The patch that makes `target` of `original`. (It can't say that a value becomes null: null deletes.)"""
    patch: Map = {}
    for key, value in target.items():
        if key not in original:
            patch[key] = value
        elif type(value) is dict and type(original[key]) is dict:
            inner = merge_patch(original[key], value)
            if inner:
                patch[key] = inner
        elif not same(original[key], value):
            patch[key] = value
    patch.update(dict.fromkeys([key for key in original if key not in target]))
    return patch


def apply_merge_patch(target: Any, patch: Any) -> Any:
    """What becomes of a value by a patch: the algorithm of RFC 7386, section 2."""
    if type(patch) is not dict:
        return patch
    result = dict(target) if type(target) is dict else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_merge_patch(result.get(key), value)
    return result


def three_way_merge_patch(original: Map, target: Map, current: Map) -> Map:
    """The patch that makes `current` what `target` asks for: what `original` had and `target` hasn't goes, the rest of
    `current` stays.

    Raises KubernetesError where kind, apiVersion or name change. (That changes and deletions contradict each other, for
    which apimachinery has an error too, can't be: both go by `target`.)
    """
    changed = _only(merge_patch(current, target), nulls=False)
    gone = _only(merge_patch(original, target), nulls=True)
    patch: Map = _join(gone, changed)
    metadata = patch.get("metadata")
    if "apiVersion" in patch or "kind" in patch or (type(metadata) is dict and "name" in metadata):
        from navarch.golang.fmt import text

        raise KubernetesError(f"precondition failed for: {text(patch)}")
    return patch


def _only(patch: Map, *, nulls: bool) -> Map:
    """A patch's deletions, or all of it but those."""
    kept: Map = {}
    for key, value in patch.items():
        if type(value) is dict and value:
            inner = _only(value, nulls=nulls)
            if inner:
                kept[key] = inner
        elif (value is None) == nulls:
            kept[key] = value
    return kept


def _join(doc: Any, patch: Any) -> Any:
    """A patch put into a patch, whose nulls stay. New values lose theirs, inside lists too but for items themselves."""
    if type(doc) is not dict:
        return _pruned(patch)
    if type(patch) is not dict:
        return patch
    result = dict(doc)
    for key, value in patch.items():
        found = result.get(key)
        result[key] = _pruned(value) if found is None else _join(found, value)
    return result


def _pruned(value: Any) -> Any:
    if type(value) is dict:
        return {key: _pruned(item) for key, item in value.items() if item is not None}
    if type(value) is list:
        return [_pruned(item) for item in value]
    return value
