"""What charts are copied from: repositories with an index.yaml, and OCI registries.

A space of another registry is both. Credentials go to the server that they are for, and to no other that an index
points to.
"""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol

from navarch.errors import DownloadError, IntegrityError, NavarchError, RegistryError
from navarch.oci.reference import SCHEME, parse_chart_reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from navarch.oci.client import Repository
    from navarch.oci.registry import Registry
    from navarch.repos.config import Entry
    from navarch.repos.fetch import Fetcher
    from navarch.repos.listed import Listed

__all__ = ["IndexSource", "OciSource", "Offer", "Source", "check"]

_ACCEPT = "application/gzip,application/octet-stream"
_PROOF_LIMIT = 1 << 20
_ARCHIVE_LIMIT = 1 << 30
_NO_PROOF = (401, 403, 404, 410)  # some stores say "forbidden" of what isn't there


class Offer(NamedTuple):
    """A version of a chart that a source has; `listed` is what its index says, `repository` what a registry has.

    `others` are the tags of the repository that are no versions.
    """

    chart: str
    version: str
    listed: Listed | None = None
    repository: Repository | None = None
    others: tuple[str, ...] = ()


class Source(Protocol):
    """Where charts come from. Its methods raise NavarchError, and can be called from several threads."""

    def offers(self) -> Iterable[Offer]:
        """All versions of all charts."""

    def digest(self, offer: Offer) -> str:
        """The digest of an archive ("sha256:…"); "" if it isn't told."""

    def fetch(self, offer: Offer, folder: str) -> tuple[str, str | None]:
        """Put an archive into a folder, checked; answers its path and its signature's (None: there is none)."""


class IndexSource:
    """A repository with an index. `registry` is for archives that the index has at "oci://…"."""

    def __init__(self, entry: Entry, fetcher: Fetcher, registry: Registry) -> None:
        self._entry = entry
        self._fetcher = fetcher
        self._registry = registry

    def offers(self) -> list[Offer]:
        from navarch.repos.repository import check_address, fetch_index

        check_address(self._entry.url)
        index, _, _ = fetch_index(self._entry, self._fetcher)
        return [Offer(name, listed.version, listed) for name in index.names() for listed in index.versions(name)]

    def digest(self, offer: Offer) -> str:
        from navarch.repos.finding import hex_digest

        assert offer.listed is not None
        found = hex_digest(offer.listed.entry.digest)
        return f"sha256:{found}" if found else ""

    def fetch(self, offer: Offer, folder: str) -> tuple[str, str | None]:
        from navarch.repos.urls import resolve_reference

        assert offer.listed is not None
        urls = offer.listed.urls
        if not urls:
            raise DownloadError(f"{offer.chart} {offer.version} has no address in its index", url=self._entry.url)
        url = resolve_reference(self._entry.url, urls[0])
        if url.startswith(SCHEME):
            path, prov = _pull(self._registry, url, "", folder)
        else:
            path, prov = self._download(url, os.path.join(folder, "chart.tgz"))
        check(offer, path, self.digest(offer), url)
        return path, prov

    def _download(self, url: str, path: str) -> tuple[str, str | None]:
        access, owner = self._entry.access, self._entry.url
        with open(path, "wb") as file:
            self._fetcher.get(url, access=access, owner=owner, accept=_ACCEPT, limit=_ARCHIVE_LIMIT, sink=file.write)
        try:
            data = self._fetcher.get(f"{url}.prov", access=access, owner=owner, limit=_PROOF_LIMIT).data
        except DownloadError as error:
            if error.status not in _NO_PROOF:
                raise
            return path, None
        with open(f"{path}.prov", "wb") as file:
            file.write(data)
        return path, f"{path}.prov"


class OciSource:
    """Charts in a registry: those of the repository "oci://HOST/PATH", or of those below it."""

    def __init__(self, address: str, registry: Registry) -> None:
        self._address = address
        self._registry = registry

    def offers(self) -> list[Offer]:
        from navarch.oci.search import repositories
        from navarch.oci.versions import sorted_versions

        found = []
        for repository, tags in repositories(self._registry, self._address):
            chart = repository.reference.repository.rpartition("/")[2]
            versions = sorted_versions(tags)
            others = tuple(set(tags).difference(version.replace("+", "_") for version in versions))
            found += [Offer(chart, version, repository=repository, others=others) for version in versions]
        return found

    def digest(self, offer: Offer) -> str:
        from navarch.oci.charts import fetch

        assert offer.repository is not None
        content = fetch(parse_chart_reference(_named(offer)), offer.repository)
        return content.chart.digest if content.chart else ""

    def fetch(self, offer: Offer, folder: str) -> tuple[str, str | None]:
        reference = f"{SCHEME}{_named(offer)}"
        path, prov = _pull(self._registry, reference, offer.version, folder)
        check(offer, path, "", reference)
        return path, prov


def _named(offer: Offer) -> str:
    """A version as HOST/PATH:VERSION."""
    assert offer.repository is not None
    return f"{offer.repository.reference.name}:{offer.version}"


def _pull(registry: Registry, reference: str, version: str, folder: str) -> tuple[str, str | None]:
    """Pull an archive, whose digest is checked on the way, and its signature if there is one."""
    from navarch.oci.charts import fetch

    pulled = registry.pull(reference, version=version, dest=folder, prov=True)
    if pulled.prov_path is None:
        found = parse_chart_reference(pulled.reference)
        if fetch(found, registry.repository(found)).provenance is not None:
            raise RegistryError(f"{reference}: the signature can't be had: {pulled.lacks_proof}", url=reference)
    return pulled.path, pulled.prov_path


def check(offer: Offer, path: str, digest: str, source: str) -> None:
    """Raise IntegrityError for an archive that isn't what it was said to be ("": nothing was said of its digest)."""
    import hashlib

    from navarch.repos.identity import check_identity

    with open(path, "rb") as file:
        found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    if digest and digest != found:
        raise IntegrityError(f"{source}: the digest is {found}, not {digest}", url=source)
    try:
        check_identity(path, offer.chart, offer.version, source)
    except NavarchError as error:
        raise error if isinstance(error, IntegrityError) else IntegrityError(str(error), url=source) from error
