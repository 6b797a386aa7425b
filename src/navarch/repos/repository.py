"""One repository and the copy of its index: fetched, checked, and kept where Helm keeps it.

FOLDER/NAME-index.yaml     the index as it came
FOLDER/NAME-charts.txt     the charts' names, for completion
FOLDER/NAME-index.etag     what lets a server answer that nothing has changed; Helm doesn't look at it
"""

from __future__ import annotations

import os

from navarch.errors import NavarchError, RepositoryError
from navarch.golang.url import parse_url
from navarch.repos.fetch import Fetcher
from navarch.repos.files import folder_of, write_file
from navarch.repos.getting import BUILT_IN
from navarch.repos.index import LIMIT, Index
from navarch.repos.urls import resolve_reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.repos.config import Entry
    from navarch.repos.getting import Getters

    Warn = Callable[[str], object]

__all__ = ["Repository", "check_address", "fetch_index", "forget", "index_path"]


def index_path(folder: str, name: str) -> str:
    """Where the copy of a repository's index is."""
    return os.path.join(folder, f"{name}-index.yaml" if name else "index.yaml")


def _charts_path(folder: str, name: str) -> str:
    return os.path.join(folder, f"{name}-charts.txt" if name else "charts.txt")


def _etag_path(folder: str, name: str) -> str:
    return os.path.join(folder, f"{name}-index.etag" if name else "index.etag")


def check_address(url: str, getters: Getters | None = None) -> None:
    """Raise RepositoryError for an address that no repository can have; `getters` knows more schemes."""
    try:
        scheme = parse_url(url).scheme
    except NavarchError as error:
        raise RepositoryError(f"invalid chart URL format: {url}") from error
    if scheme not in BUILT_IN and not (getters and getters(scheme)):
        raise RepositoryError(f"could not find protocol handler for: {scheme}")


def fetch_index(entry: Entry, fetcher: Fetcher, *, warn: Warn | None = None) -> tuple[Index, bytes, str]:
    """A repository's index as it is now: read, its text, and its ETag ("" for none).

    Raises DownloadError where it can't be had, RepositoryError where it is no index.
    """
    found = fetcher.get(resolve_reference(entry.url, "index.yaml"), access=entry.access, owner=entry.url, limit=LIMIT)
    return Index.parse(found.data, source=entry.url, warn=warn), found.data, found.headers.get("etag", "")


class Repository:
    """A repository that was added under a name, with the folder that holds the copies of indexes."""

    __slots__ = ("_fetcher", "entry", "folder")

    def __init__(self, entry: Entry, folder: str, fetcher: Fetcher | None = None) -> None:
        """Raises RepositoryError for an address that can't be fetched from."""
        check_address(entry.url, fetcher.getters if fetcher else None)
        self.entry = entry
        self.folder = folder
        self._fetcher = fetcher

    @property
    def path(self) -> str:
        """Where the copy of the index is."""
        return index_path(self.folder, self.entry.name)

    def index(self, *, warn: Warn | None = None) -> Index:
        """The copy of the index. Raises RepositoryError where there is none, or it can't be read."""
        return Index.load(self.path, warn=warn)

    def update(self, *, warn: Warn | None = None) -> str:
        """Fetch the index and keep it, unless the server says that it hasn't changed; answers where the copy is.

        What is no index is not kept. Raises DownloadError, RepositoryError.
        """
        fetcher = self._fetcher or Fetcher()
        try:
            self._update(fetcher, warn)
        finally:
            if self._fetcher is None:
                fetcher.close()
        return self.path

    def _update(self, fetcher: Fetcher, warn: Warn | None) -> None:
        url = resolve_reference(self.entry.url, "index.yaml")
        known = self._known_etag(url)
        entry = self.entry
        found = fetcher.get(url, access=entry.access, owner=entry.url, etag=known, limit=LIMIT)
        if found.status == 304:
            return
        index = Index.parse(found.data, source=entry.url, warn=warn)
        self._keep(index.names(), found.data, url, found.headers.get("etag", ""))

    def _keep(self, names: list[str], data: bytes, url: str, etag: str) -> None:
        name, folder = self.entry.name, self.folder
        folder_of(self.path)
        listed = "".join(f"{chart}\n" for chart in names)
        write_file(_charts_path(folder, name), listed.encode("utf-8", "surrogateescape"))
        write_file(self.path, data)
        if etag and etag.isascii() and etag.isprintable():
            lines = f"{url}\n{etag}\n{_fingerprint(data)}\n"
            write_file(_etag_path(folder, name), lines.encode("utf-8", "surrogateescape"))
        else:
            _delete(_etag_path(folder, name))

    def _known_etag(self, url: str) -> str:
        """The ETag of the copy at hand; "" where it isn't the one that came with it."""
        try:
            with open(_etag_path(self.folder, self.entry.name), encoding="utf-8", errors="surrogateescape") as file:
                address, etag, fingerprint = file.read().splitlines()
            if address != url:
                return ""
            with open(self.path, "rb") as index:
                return etag if _fingerprint(index.read(LIMIT + 1)) == fingerprint else ""
        except (OSError, ValueError):
            return ""


def forget(folder: str, name: str) -> None:
    """Delete the copies of a repository's index. Raises RepositoryError."""
    _delete(_charts_path(folder, name))
    _delete(_etag_path(folder, name))
    path = index_path(folder, name)
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        from navarch.chart.load import reason

        raise RepositoryError(f"can't remove index file {path}: {reason(error)}") from error


def _fingerprint(data: bytes) -> str:
    from navarch.cache import digest

    return digest(data).hex()


def _delete(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
