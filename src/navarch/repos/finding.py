"""From a chart reference to an address: what the indexes say of it, and who may be told which credentials."""

from __future__ import annotations

from navarch.errors import ChartError, DownloadError, NavarchError, RepositoryError
from navarch.golang.url import parse_url
from navarch.repos.config import Entry, Repositories
from navarch.repos.index import Index
from navarch.repos.repository import check_address, fetch_index, index_path
from navarch.repos.request import same_server
from navarch.repos.urls import equal, resolve_reference
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.kube.net.access import Access
    from navarch.repos.fetch import Fetcher

__all__ = ["Finder", "Places", "Resolved", "hex_digest"]


class Places(NamedTuple):
    """Helm's files: the list of repositories, the indexes' folder, the content cache, the registries' credentials."""

    repository_config: str
    repository_cache: str
    content_cache: str
    registry_config: str = ""


class Resolved(NamedTuple):
    """What a reference means: the archive's address, with which access, and what the index says of it.

    Credentials are for the server of `owner`. `digest` is hexadecimal; `digest`, `name` and `version` are "" where no
    index was asked; `wanted` is the version or constraint that was asked for.
    """

    reference: str
    url: str
    access: Access
    owner: str
    digest: str = ""
    name: str = ""
    version: str = ""
    wanted: str = ""


class Finder:
    """Finds charts in the repositories that were added, and in others. `warn` gets lines of Helm's log."""

    def __init__(self, places: Places, fetcher: Fetcher, warn: Callable[[str], object] | None = None) -> None:
        self.places = places
        self.fetcher = fetcher
        self._warn = warn

    def resolve(
        self, reference: str, version: str, access: Access, *, repo_url: str = "", bound: bool = False
    ) -> Resolved:
        """Where a chart's archive is, and what is known of it. Raises NavarchError.

        With `bound`, credentials that were given with `repo_url` are only for archives on that server.
        """
        if repo_url:
            return self._in_repository(repo_url, reference, version, access, bound=bound)
        try:
            url = parse_url(reference)
        except NavarchError as error:
            raise ChartError(f"invalid chart URL format: {reference}") from error
        repositories = Repositories.load(self.places.repository_config, missing=True)
        if url.scheme and url.host and url.path:
            entry = self._owner(reference, repositories)
            return Resolved(
                reference,
                reference,
                _with_entry(access, entry) if entry else access,
                entry.url if entry else reference,
                wanted=version,
            )
        return self._in_added(reference, version, access, repositories, url.path, str(url))

    def _in_repository(self, repo_url: str, name: str, version: str, access: Access, *, bound: bool) -> Resolved:
        """A chart of a repository that wasn't added: its index is fetched for this once."""
        check_address(repo_url, self.fetcher.getters)
        try:
            index, _, _ = fetch_index(Entry("", repo_url, access), self.fetcher, warn=self._warn)
        except NavarchError as error:
            from navarch.golang.strconv import quote

            raise error.within(
                f"looks like {quote(repo_url)} is not a valid chart repository or cannot be reached"
            ) from None
        chart = f'chart "{name}"' + (f' version "{version}"' if version else "")
        try:
            found = index.get(name, version, warn=self._warn)
        except NavarchError as error:
            raise RepositoryError(f"{chart} not found in {repo_url} repository") from error
        if not found.urls:
            raise RepositoryError(f"{chart} has no downloadable URLs")
        try:
            url = resolve_reference(repo_url, found.urls[0])
        except NavarchError as error:
            raise error.within("failed to make chart URL absolute") from None
        if bound and not (access.pass_credentials or same_server(parse_url(repo_url), parse_url(url))):
            access = access.but(username="", password="")
        repositories = Repositories.load(self.places.repository_config, missing=True)
        entry = self._owner(url, repositories)
        resolved = Resolved(name, url, access, url, hex_digest(found.digest), found.name, found.version, version)
        return resolved._replace(access=_with_entry(access, entry), owner=entry.url) if entry else resolved

    def _in_added(
        self, reference: str, version: str, access: Access, repositories: Repositories, path: str, shown: str
    ) -> Resolved:
        """A chart of a repository that was added: REPO/NAME."""
        name, slash, chart = path.partition("/")
        if not slash:
            raise ChartError(f"non-absolute URLs should be in form of repo_name/path_to_chart, got: {shown}")
        entry = repositories.get(name)
        if entry is None:
            raise ChartError(f"repo {name} not found")
        if not entry.url:
            raise ChartError(f"no URL found for repository {name}")
        check_address(entry.url, self.fetcher.getters)
        index = self._index(entry)
        try:
            found = index.get(chart, version, warn=self._warn)
        except NavarchError as error:
            missing = f'chart "{chart}" matching {version} not found in {name} index'
            raise RepositoryError(f"{missing}. (try 'helm repo update'): {error}") from error
        if not found.urls:
            raise RepositoryError(f'chart "{reference}" has no downloadable URLs')
        try:
            url = resolve_reference(entry.url, found.urls[0])
        except DownloadError as error:
            raise ChartError(f"invalid chart URL format: {reference}") from error
        own, digest = _with_entry(access, entry), hex_digest(found.digest)
        return Resolved(reference, url, own, entry.url, digest, found.name, found.version, version)

    def _index(self, entry: Entry) -> Index:
        try:
            return Index.load(index_path(self.places.repository_cache, entry.name), warn=self._warn)
        except RepositoryError as error:
            raise error.within("no cached repo found. (try 'helm repo update')") from None

    def _owner(self, url: str, repositories: Repositories) -> Entry | None:
        """The added repository whose index has an address; None for no such repository."""
        for entry in repositories:
            check_address(entry.url, self.fetcher.getters)
            index = self._index(entry)
            for name in index.names():
                for listed in index.versions(name):
                    if any(equal(url, address) for address in listed.urls if _may_equal(url, address)):
                        return entry
        return None


def _with_entry(access: Access, entry: Entry) -> Access:
    """What a repository was added with stands above what a command line gives."""
    own = entry.access
    changes: dict[str, Any] = {}
    if own.cert_file or own.key_file or own.ca_file:
        changes |= {"cert_file": own.cert_file, "key_file": own.key_file, "ca_file": own.ca_file}
    if own.username and own.password:
        changes |= {"username": own.username, "password": own.password, "pass_credentials": own.pass_credentials}
    return access.but(**changes) if changes else access


def hex_digest(text: str) -> str:
    """A digest of an index as 64 hexadecimal digits; "" for none. Raises RepositoryError in encoding/hex's words."""
    digest = text.partition(":")[2] if ":" in text else text
    for char in digest:
        if char not in "0123456789abcdefABCDEF":
            shown = f" {char!r}" if char.isprintable() else ""
            raise RepositoryError(f"encoding/hex: invalid byte: U+{ord(char):04X}{shown}")
    if len(digest) % 2:
        raise RepositoryError("encoding/hex: odd length hex string")
    if text and len(digest) != 64:
        raise RepositoryError(f"invalid digest length: {len(digest) // 2}")
    return digest.lower()


def _may_equal(one: str, other: str) -> bool:
    """Whether two addresses may mean the same, seen quickly."""
    return one == other or ("://" in other and one.rpartition("/")[2][:4] == other.rpartition("/")[2][:4])
