"""Which patch a client sends that compares by itself: a strategic one where the kind is known, else a JSON merge patch.

As Helm does it: custom resources get the difference of two manifests, whatever is on the server, unless a three-way
merge is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["JSON_PATCH", "MERGE_PATCH", "STRATEGIC_PATCH", "client_side_patch"]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"


def client_side_patch(
    original: dict[str, Any],
    target: dict[str, Any],
    current: dict[str, Any],
    *,
    kind: tuple[str, str],
    three_way: bool = False,
) -> tuple[str, dict[str, Any]]:
    """Content type and body of the PATCH that makes `current` what `target` says; the body is {} if nothing changes.

    `original` is the manifest before, `kind` apiVersion and kind. Raises KubernetesError for what can't be merged.
    """
    from navarch.kube.patch.types import find, fits

    expression = find(*kind)
    if expression is not None and fits(expression, target):
        from navarch.kube.patch.strategic import three_way_merge

        return STRATEGIC_PATCH, three_way_merge(original, target, current, expression)
    from navarch.kube.patch.json_merge import merge_patch, three_way_merge_patch

    if three_way:
        return MERGE_PATCH, three_way_merge_patch(original, target, current)
    return MERGE_PATCH, merge_patch(original, target)
