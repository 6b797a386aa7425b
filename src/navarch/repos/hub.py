"""Charts found by Artifact Hub, or another hub with the same interface."""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import JsonError, NavarchError, RepositoryError
from navarch.golang.path import join
from navarch.golang.url import parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.repos.fetch import Fetcher

__all__ = ["HubChart", "search_hub"]

_PATH = "api/chartsvc/v1/charts/search"
_LIMIT = 64 << 20
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


class HubChart(NamedTuple):
    """A chart that a hub knows; `url` is its page on the hub."""

    url: str
    version: str
    app_version: str
    description: str
    repository_url: str
    repository_name: str


def search_hub(endpoint: str, term: str, fetcher: Fetcher) -> list[HubChart]:
    """The charts that a hub finds for a term.

    Raises RepositoryError for an address that is none, DownloadError where the hub doesn't answer. An answer that isn't
    what a hub answers counts as nothing found.
    """
    try:
        url = parse_url(endpoint)
    except NavarchError as error:
        raise RepositoryError(str(error)) from error
    if not url.hostname():
        raise RepositoryError("no hostname provided")
    url.path = join(url.path, _PATH)
    url.query = f"q={_escaped(term)}"
    found = fetcher.get(str(url), limit=_LIMIT)
    return [_chart(endpoint, result) for result in _results(found.data) if isinstance(result, dict)]


def _escaped(text: str) -> str:
    """A text as url.QueryEscape writes it."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if chr(b) in _PLAIN else "+" if b == 32 else f"%{b:02X}" for b in data)


def _results(data: bytes) -> list[Any]:
    from navarch.golang.json import loads

    try:
        document = loads(data.decode("utf-8", "replace"))
    except JsonError:
        return []
    results = document.get("data") if isinstance(document, dict) else None
    return results if isinstance(results, list) else []


def _chart(endpoint: str, result: dict[str, Any]) -> HubChart:
    package = _text(result, "artifactHub", "packageUrl")
    return HubChart(
        package or f"{endpoint}/charts/{_text(result, 'id')}",
        _text(result, "relationships", "latestChartVersion", "data", "version"),
        _text(result, "relationships", "latestChartVersion", "data", "app_version"),
        _text(result, "attributes", "description"),
        _text(result, "attributes", "repo", "url"),
        _text(result, "attributes", "repo", "name"),
    )


def _text(value: Any, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
