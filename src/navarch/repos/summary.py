"""What is searched of an index, kept from one search to the next: versions, names, descriptions, keywords.

It is found by the content of the index, so it is never older than that.
"""

from __future__ import annotations

from navarch.errors import RepositoryError
from navarch.repos.index import Index, read_index
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cache import Cache

    Rows = list[tuple[str, str, str, str, list[str]]]

__all__ = ["Brief", "Summary", "load_summary"]

_SECTION = "index"


class Brief(NamedTuple):
    """What a search looks at and shows of a version."""

    version: str
    name: str
    app_version: str
    description: str
    keywords: list[str]


class Summary:
    """The charts of an index by their names, the newest version of each first."""

    __slots__ = ("_charts",)

    def __init__(self, charts: dict[str, Rows]) -> None:
        self._charts = charts

    def names(self) -> list[str]:
        """The charts, in the order of the index."""
        return list(self._charts)

    def versions(self, name: str) -> list[Brief]:
        """A chart's versions, the newest first."""
        return list(map(Brief._make, self._charts.get(name, ())))


def load_summary(path: str, cache: Cache | None, *, warn: Callable[[str], object] | None = None) -> Summary | Index:
    """The index in a file, or what is known of it. Raises RepositoryError; `warn` is told what is passed over.

    An index of which something is passed over is read each time, so that it is told each time.
    """
    data = read_index(path)
    known = cache.get(_SECTION, data) if cache else None
    if known is not None:
        return Summary(known)
    told: list[str] = []
    try:
        index = Index.parse(data, source=path, warn=told.append)
    except RepositoryError as error:
        raise error.within(f"error loading {path}") from None
    finally:
        for line in told if warn else ():
            warn(line)  # type: ignore[misc]
    if cache is None or told:
        return index
    charts = {name: _rows(index, name) for name in index.names()}
    cache.put(_SECTION, data, charts)
    cache.save()
    return Summary(charts)


def _rows(index: Index, name: str) -> Rows:
    return [(one.version, one.name, one.app_version, one.description, one.keywords) for one in index.versions(name)]
