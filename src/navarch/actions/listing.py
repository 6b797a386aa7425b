"""List releases, each by its latest revision."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from navarch.actions.context import Context
    from navarch.releases.drivers.base import Summary

__all__ = ["STATES", "list_releases"]

STATES: Mapping[str, tuple[str, ...]] = {
    "deployed": ("deployed",),
    "failed": ("failed",),
    "pending": ("pending-install", "pending-upgrade", "pending-rollback"),
    "superseded": ("superseded",),
    "uninstalled": ("uninstalled",),
    "uninstalling": ("uninstalling",),
}
"""The states that lists can be narrowed to, and the statuses that each stands for."""


def list_releases(
    context: Context,
    *,
    name_filter: str = "",
    selector: str = "",
    states: Collection[str] = (),
    by_date: bool = False,
    reverse: bool = False,
    offset: int = 0,
    maximum: int = 0,
) -> list[Summary]:
    """The releases whose name a regular expression finds and whose records have the selector's labels.

    `states` are keys of STATES; none of them means all states, but releases whose status is unknown are never listed.
    They come by name, or by time with `by_date`; `maximum` (0: all) from `offset` on. Raises UsageError for a selector
    or expression that can't be read, KubernetesError, ReleaseError.
    """
    from navarch.errors import UsageError

    context.check_reachable()
    if offset < 0:
        raise UsageError("--offset must not be negative")
    chosen = _Choice(name_filter, selector)
    statuses = frozenset(status for state in states or STATES for status in STATES[state])
    return context.storage.list_latest(
        matches=chosen.matches if name_filter or selector else None,
        selector=chosen.has_labels if selector else None,
        states=statuses,
        by_date=by_date,
        reverse=reverse,
        offset=offset,
        limit=max(maximum, 0),
    )


class _Choice:
    """Which releases are wanted. A selector is read once there is a release to hold against it, as Helm does."""

    def __init__(self, name_filter: str, selector: str) -> None:
        self._finds = _finder(name_filter)
        self._selector = selector
        self._has_labels: Callable[[Mapping[str, str]], bool] | None = None

    def matches(self, name: str) -> bool:
        """Whether a name is wanted. Raises UsageError for the first that is, if the selector can't be read."""
        found = self._finds(name)
        if found and self._selector and self._has_labels is None:
            from navarch.kube.selectors import parse_selector

            self._has_labels = parse_selector(self._selector).matches
        return found

    def has_labels(self, labels: Mapping[str, str]) -> bool:
        return self._has_labels is None or self._has_labels(labels)


def _finder(expression: str) -> Callable[[str], bool]:
    """A function that tells whether a regular expression finds something. Raises UsageError."""
    if not expression:
        return lambda _: True
    from navarch.errors import FunctionError, UsageError
    from navarch.golang.regexp import compile_regexp

    try:
        return compile_regexp(expression).match
    except FunctionError as error:
        raise UsageError(str(error)) from error
