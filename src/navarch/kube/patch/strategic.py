"""The three-way merge of Kubernetes' own types: what a release said, what it says now, and what is on the server.

The answer is the body of a PATCH with content type application/strategic-merge-patch+json.
"""

from __future__ import annotations

from navarch.kube.patch.diff import changes, deletions
from navarch.kube.patch.merge import merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["apply_patch", "three_way_merge"]


def three_way_merge(
    original: dict[str, Any], target: dict[str, Any], current: dict[str, Any], expression: str
) -> dict[str, Any]:
    """The patch that makes `current` what `target` asks for; {} if it is so already.

    What `original` had and `target` hasn't goes; what only `current` has stays; where `target` and `current` differ,
    `target` wins. `expression` is the objects' type (see `types.find`). Raises KubernetesError for fields that the
    type doesn't have, and for lists that can't be merged.
    """
    gone = deletions(original, target, expression)
    return merge(gone, changes(current, target, expression), expression, joining=True)


def apply_patch(current: dict[str, Any], patch: dict[str, Any], expression: str) -> dict[str, Any]:
    """What a server makes of an object when it gets a strategic merge patch."""
    return merge(current, patch, expression)
