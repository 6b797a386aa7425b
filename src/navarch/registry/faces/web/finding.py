"""What pages tell of a chart in one line, and finding charts by words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space

__all__ = ["Summary", "fields_of", "find", "summary"]

_MOST_WORDS = 10


class Summary(NamedTuple):
    """The newest version of a chart in one line. `words` is all that a search looks at, in lower case."""

    chart: str
    version: str
    app_version: str
    description: str
    deprecated: bool
    library: bool
    created: str
    versions: int
    words: str


def fields_of(record: Record) -> Mapping[str, Any]:
    """Chart.yaml of a version."""
    found = json.loads(record.metadata)
    return found if isinstance(found, dict) else {}


def summary(chart: Chart) -> Summary:
    """A chart in one line; kept with the chart."""
    found: Summary | None = chart.memo.get("summary")
    if found is None:
        found = chart.memo["summary"] = _summary(chart)
    return found


def _summary(chart: Chart) -> Summary:
    record = chart.latest
    fields = fields_of(record)
    description = str(fields.get("description", ""))
    words = (chart.name, description, *map(str, fields.get("keywords") or ()))
    return Summary(
        chart.name,
        record.version,
        str(fields.get("appVersion", "")),
        description,
        fields.get("deprecated") is True,
        fields.get("type") == "library",
        record.created,
        len(chart.records),
        "\n".join(words).casefold(),
    )


def find(spaces: Iterable[Space], query: str) -> list[tuple[str, Summary]]:
    """The charts that have all words of a query, some of them perhaps in their space's name, the best first."""
    words = query.casefold().split()[:_MOST_WORDS]
    return sorted(_matching(spaces, words), key=lambda found: (_rank(found[1], words), found[1].chart, found[0]))


def _matching(spaces: Iterable[Space], words: list[str]) -> Iterator[tuple[str, Summary]]:
    for space in spaces:
        place = space.name.casefold()
        wanted = [word for word in words if word not in place]
        for chart in space.view.charts.values():
            found = summary(chart)
            if all(word in found.words for word in wanted):
                yield space.name, found


def _rank(found: Summary, words: list[str]) -> int:
    """0 for a chart that is called so, more the less its name has to do with the words."""
    name = found.chart.casefold()
    places = [0 if name == word else 1 if name.startswith(word) else 2 if word in name else 3 for word in words]
    return min(places, default=0) + sum(places) + (10 if found.deprecated else 0)
