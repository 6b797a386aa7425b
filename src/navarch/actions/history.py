"""List the revisions of one release."""

from __future__ import annotations

from navarch.actions.get import check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.actions.context import Context
    from navarch.releases.drivers.base import Summary

__all__ = ["history"]


def history(context: Context, name: str, *, maximum: int | None = None) -> list[Summary]:
    """The latest revisions of a release, at most `maximum` (None: all), oldest first; older records are not read.

    Raises ReleaseError, KubernetesError.
    """
    context.check_reachable()
    check_name(name, "release name is invalid")
    context.debug("getting history for release", release=name)
    if maximum is not None and maximum <= 0:
        context.storage.heads(name)  # that there is no such release is told all the same
        return []
    return context.storage.history_heads(name, limit=maximum or 0)
