"""Which versions a registry keeps: rules for spaces and charts, and removing what no rule keeps.

The first rule that fits a chart is the one for it; a chart that none fits keeps all its versions. A version stays if
the rule keeps it for any reason: it is among the newest, it is young, it satisfies a constraint. Releases and
pre-releases are looked at apart.
"""

from __future__ import annotations

import time
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from navarch.golang.semver import parse_constraint, parse_version
from navarch.registry.problems import Problem
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space, Store

__all__ = ["Keep", "Removal", "Retained", "Rule", "doomed", "retain"]


class Keep(NamedTuple):
    """What keeps a version; where nothing is set everything is kept.

    `newest`: being one of so many newest; `younger`: having come less than so many seconds ago; `versions`: satisfying
    a constraint like ">=2".
    """

    newest: int | None = None
    younger: float | None = None
    versions: str = ""

    def check(self) -> None:
        """Raise VersionError for a constraint that can't be read."""
        if self.versions:
            parse_constraint(self.versions)

    def doomed(self, records: Sequence[Record], now: float) -> Iterator[Record]:
        """Those of some versions, oldest first, that nothing keeps."""
        if self == Keep():
            return
        fits = parse_constraint(self.versions) if self.versions else None
        for record in records[: max(0, len(records) - (self.newest or 0))]:
            if self.younger is not None and now - _time(record.created, now) < self.younger:
                continue
            if fits is None or not fits.check(parse_version(record.version)):
                yield record


class Rule(NamedTuple):
    """What is kept of the charts whose space and name fit patterns like "team-*".

    `prereleases` are kept as `releases` are where it is None, but counted apart.
    """

    releases: Keep
    prereleases: Keep | None = None
    spaces: tuple[str, ...] = ("*",)
    charts: tuple[str, ...] = ("*",)

    def fits(self, space: str, chart: str) -> bool:
        """Whether it is for a chart."""
        return _fits(space, self.spaces) and _fits(chart, self.charts)


class Removal(NamedTuple):
    """A version that was removed, or would be: `created` is a time in RFC 3339, `size` the archive's bytes."""

    space: str
    chart: str
    version: str
    created: str
    size: int


class Retained(NamedTuple):
    """What was removed, or would be, and how many versions stay."""

    removed: list[Removal]
    kept: int


def retain(
    store: Store,
    rules: Sequence[Rule],
    *,
    dry_run: bool = False,
    now: float | None = None,
    say: Callable[[Removal], object] | None = None,
) -> Retained:
    """Remove the versions that no rule keeps. `now` is the time that ages are counted from; `say` is told each.

    Versions that somebody is changing at the moment stay until the next time. Raises StorageError.
    """
    now = time.time() if now is None else now
    removed: list[Removal] = []
    total = 0
    for space in _spaces(store):
        total += len(space.view)
        for record in doomed(store, space, rules, now):
            removal = Removal(space.name, record.chart, record.version, record.created, record.size)
            if dry_run or _remove(store, space, record):
                removed.append(removal)
                if say:
                    say(removal)
    return Retained(removed, total - len(removed))


def doomed(store: Store, space: Space, rules: Sequence[Rule], now: float) -> Iterator[Record]:
    """The versions in a space that no rule keeps."""
    for chart in space.view.charts.values():
        rule = next((rule for rule in rules if rule.fits(space.name, chart.name)), None)
        found = list(_doomed(chart, rule, now)) if rule else []
        if found:
            tagged = set(_tagged(store, space, chart.name))
            yield from (record for record in found if record.manifest not in tagged)


def _doomed(chart: Chart, rule: Rule, now: float) -> Iterator[Record]:
    """The versions of a chart that a rule doesn't keep: never the latest, unless none at all are to be kept."""
    latest = chart.latest
    groups = (
        (rule.releases, [record for record in chart.records if not _is_prerelease(record)]),
        (rule.prereleases or rule.releases, [record for record in chart.records if _is_prerelease(record)]),
    )
    for keep, records in groups:
        yield from (record for record in keep.doomed(records, now) if record is not latest or keep.newest == 0)


def _tagged(store: Store, space: Space, chart: str) -> Iterator[str]:
    """The digests of the manifests that OCI clients gave tags, like "stable", beside those of their versions."""
    for key in store.objects.keys(f"{space.prefix}/oci/{chart}/_tags"):
        try:
            yield store.objects.get(key)[0].decode()
        except AbsentError:
            continue


def _remove(store: Store, space: Space, record: Record) -> bool:
    """Remove a version; False where it is another one by now, gone, or in somebody's hands."""
    try:
        return store.delete_record(space, record)
    except Problem:
        return False


def _spaces(store: Store) -> Iterator[Space]:
    for name in store.spaces():
        try:
            yield store.space(name)
        except Problem:  # removed at this moment
            continue


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_prerelease(record: Record) -> bool:
    return "-" in record.version.partition("+")[0]


def _time(text: str, now: float) -> float:
    """A time in RFC 3339 as seconds; what can't be read is taken for new."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return now
