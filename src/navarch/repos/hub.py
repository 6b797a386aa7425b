"""Charts found by Artifact Hub, or another hub with the same interface."""

from __future__ import annotations

from navarch.errors import DownloadError, NavarchError, RepositoryError
from navarch.golang.path import join
from navarch.golang.strconv import quote
from navarch.golang.url import parse_url
from navarch.repos.request import HTTP
from navarch.tuples import NamedTuple

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
    if url.scheme not in HTTP:
        raise DownloadError(f'Get {quote(str(url))}: unsupported protocol scheme "{url.scheme}"', url=str(url))
    found = fetcher.get(str(url), limit=_LIMIT)
    return [_chart(endpoint, result) for result in _results(found.data)]


def _escaped(text: str) -> str:
    """A text as url.QueryEscape writes it."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if chr(b) in _PLAIN else "+" if b == 32 else f"%{b:02X}" for b in data)


def _results(data: bytes) -> list[dict[str, Any]]:
    """The charts of an answer, read as far as Go's decoder comes: what has another type counts as nothing, and a time
    that is none ends the reading.
    """
    from navarch.golang.json import scan_value

    text = data.decode("utf-8", "replace")
    try:
        document, _ = scan_value(text, len(text) - len(text.lstrip(" \t\r\n")))
    except (ValueError, StopIteration, RecursionError, SystemError):
        return []
    found: list[dict[str, Any]] = []
    listed = _field(document, "data")
    try:
        for result in listed if isinstance(listed, list) else ():
            found.append({})
            _fill(found[-1], result, _RESULT)
    except NavarchError:
        pass
    return found


def _field(document: Any, name: str) -> Any:
    """A field whose name may be written with other capitals; the last one counts."""
    if not isinstance(document, dict):
        return None
    return next((value for key, value in reversed(document.items()) if key.casefold() == name.casefold()), None)


def _fill(into: dict[str, Any], document: Any, fields: dict[str, Any]) -> None:
    """Take a struct's fields in the order in which they stand. Raises NavarchError for a time that is none."""
    if not isinstance(document, dict):
        return
    names = {name.casefold(): name for name in fields}
    for key, value in document.items():
        name = names.get(key.casefold())
        if name is None or value is None:
            continue
        kind = fields[name]
        if isinstance(kind, dict):
            _fill(into.setdefault(name, {}), value, kind)
        elif kind == "time":
            _check_time(value)
        elif isinstance(value, str):
            into[name] = value


def _check_time(value: Any) -> None:
    from navarch.repos.entry import Decoder

    Decoder(strict=False).time(value)


_VERSION = {"version": "string", "app_version": "string", "created": "time"}
_RESULT: dict[str, Any] = {
    "id": "string",
    "artifactHub": {"packageUrl": "string"},
    "attributes": {"repo": {"name": "string", "url": "string"}, "description": "string"},
    "relationships": {"latestChartVersion": {"data": _VERSION}},
}
"""The fields that count of Helm's SearchResult."""


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


def _text(value: dict[str, Any], *path: str) -> str:
    """What stands at a path in what `_fill` took."""
    for name in path[:-1]:
        value = value.get(name, {})
    found: str = value.get(path[-1], "")
    return found
