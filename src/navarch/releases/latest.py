"""Which releases there are, each by its latest revision: what `list` shows.

Names come first, then the content of the records that are on the page that is asked for. Only an order by date or a
choice by status or labels needs to look into the latest record of every release.

Source: pkg/action/list.go.
"""

from __future__ import annotations

from navarch.releases.drivers.base import quick, summary
from navarch.releases.model import Status
from navarch.releases.times import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from navarch.releases.drivers.base import Driver, Head, QuickDriver, Summary

    Revisions = list[Head]  # the revisions of one release, latest first

__all__ = ["SHOWN", "list_latest"]

SHOWN = frozenset(
    (
        Status.DEPLOYED,
        Status.UNINSTALLED,
        Status.UNINSTALLING,
        Status.PENDING_INSTALL,
        Status.PENDING_UPGRADE,
        Status.PENDING_ROLLBACK,
        Status.SUPERSEDED,
        Status.FAILED,
    )
)
"""The statuses of the releases that are shown unless some are asked for: all but `unknown`, as in Helm."""


def list_latest(
    driver: Driver,
    *,
    matches: Callable[[str], bool] | None = None,
    states: Collection[str] = SHOWN,
    selector: Callable[[Mapping[str, str]], bool] | None = None,
    by_date: bool = False,
    reverse: bool = False,
    offset: int = 0,
    limit: int = 0,
) -> list[Summary]:
    """The latest revision of each release whose name matches, by name or by date, `limit` (0: all) from `offset` on.

    States and labels are looked at in the latest revision only. As in Helm, if nothing but superseded revisions are
    asked for, all of those are answered. Raises KubernetesError, ReleaseError.
    """
    each = set(states) == {Status.SUPERSEDED}
    fast = quick(driver)
    if fast is None:
        found = _whole(driver, matches, each=each)
    else:
        releases = _revisions(fast.names(), matches, each=each)
        if not by_date and selector is None and SHOWN.issubset(states):
            releases = _without_unknown(fast, releases) if offset > 0 else releases
            return _page(fast, sorted(releases, key=_by_name, reverse=reverse), states, offset, limit)
        found = _resolve(fast, releases)
    chosen = [one for one in found if one.status in states and (selector is None or selector(one.labels))]
    if each:
        chosen = _as_go_sorts(chosen, by_date=by_date, reverse=reverse)
    else:
        chosen.sort(key=_by_date if by_date else _by_summary, reverse=reverse)
    return chosen[offset : offset + limit] if limit > 0 else chosen[offset:]


def _as_go_sorts(found: list[Summary], *, by_date: bool, reverse: bool) -> list[Summary]:
    """Revisions by the name of their release alone, in the order in which Helm's sort leaves them."""
    from navarch.golang.sort import unstable_sorted

    keyed = [(_by_date(one) if by_date else (one.name,), one) for one in found]
    ordered = [one for _, one in unstable_sorted(keyed, lambda a, b: a[0] < b[0])]
    return ordered[::-1] if reverse else ordered


def _revisions(heads: Iterable[Head], matches: Callable[[str], bool] | None, *, each: bool) -> list[Revisions]:
    """The revisions of each release, latest first; where `each` counts, every one stands for itself."""
    known: dict[str, bool] = {}

    def wanted(name: str) -> bool:
        if name not in known:
            known[name] = matches is None or matches(name)
        return known[name]

    if each:
        return [[head] for head in heads if wanted(head.name)]
    releases: dict[tuple[str, str], Revisions] = {}
    for head in heads:
        if wanted(head.name):
            releases.setdefault((head.namespace, head.name), []).append(head)
    for revisions in releases.values():
        revisions.sort(key=_revision, reverse=True)
    return list(releases.values())


def _without_unknown(driver: QuickDriver, releases: Sequence[Revisions]) -> list[Revisions]:
    """The releases without those that are not shown, which must not count where some are skipped."""
    unknown = {
        (head.namespace, head.key)
        for head in driver.heads({"owner": "helm", "status": Status.UNKNOWN}, like_names=True)
    }
    return [one for one in releases if (one[0].namespace, one[0].key) not in unknown]


def _page(
    driver: QuickDriver, releases: Sequence[Revisions], states: Collection[str], offset: int, limit: int
) -> list[Summary]:
    """The releases of one page; what turns out not to be shown makes room for those after it."""
    shown: list[Summary] = []
    while offset < len(releases) and not (0 < limit <= len(shown)):
        end = offset + limit - len(shown) if limit > 0 else len(releases)
        shown += [one for one in _resolve(driver, releases[offset:end]) if one.status in states]
        offset = end
    return shown


def _resolve(driver: QuickDriver, releases: Sequence[Revisions]) -> list[Summary]:
    """What is to be shown of each release: of its latest revision that can be read."""
    found = driver.summaries([revisions[0] for revisions in releases])
    for at, one in enumerate(found):
        if one is None:
            found[at] = _older(driver, releases[at][1:])
    return [one for one in found if one is not None]


def _older(driver: QuickDriver, revisions: Revisions) -> Summary | None:
    for head in revisions:
        found = driver.summaries([head])[0]
        if found is not None:
            return found
    return None


def _whole(driver: Driver, matches: Callable[[str], bool] | None, *, each: bool) -> list[Summary]:
    """The same from a driver without quick ways."""
    latest: dict[tuple[str, str, int], Summary] = {}
    for release in driver.list(lambda release: matches is None or matches(release.name)):
        key = release.namespace, release.name, release.revision if each else 0
        if key not in latest or latest[key].revision <= release.revision:
            latest[key] = summary(release)
    return list(latest.values())


def _revision(head: Head) -> int:
    return head.revision


def _by_name(revisions: Revisions) -> tuple[str, str]:
    return revisions[0].name, revisions[0].namespace


def _by_summary(one: Summary) -> tuple[str, str]:
    return one.name, one.namespace


def _by_date(one: Summary) -> tuple[int, str]:
    return seconds(one.updated), one.name
