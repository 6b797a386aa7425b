"""From a chart reference to an archive on this machine: found in an index, downloaded, checked, kept.

    downloader = Downloader(Places(config, indexes, content))
    downloader.locate("stable/web", version="^1.2").path       # in the content cache
    downloader.save("stable/web", "charts", version="1.2.3")   # charts/web-1.2.3.tgz

A reference is a folder, an archive, `repo/name`, a URL, `oci://…`, `file://…`, or with `repo_url` a chart's name. What
the index says of an archive, its digest, its name and its version, must hold, or the archive is not kept. What is in
the content cache isn't downloaded.
"""

from __future__ import annotations

import os

from navarch.errors import ChartError, DownloadError, NavarchError
from navarch.golang.url import parse_url
from navarch.kube.net.access import Access
from navarch.repos.arriving import (
    PROOF_LIMIT,
    archive_name,
    check_as,
    check_signature,
    content_of,
    copy_into,
    moved,
    other_digest,
    own_version,
    sha256_digits,
)
from navarch.repos.content import ContentCache
from navarch.repos.fetch import Fetcher
from navarch.repos.files import folder_of
from navarch.repos.finding import Finder, Places, Resolved
from navarch.repos.policies import ALWAYS, IF_POSSIBLE, LATER, NEVER
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from navarch.provenance import Verification
    from navarch.repos.content import Receiver

    Say = Callable[[str], object]
    Registry = Callable[..., Any]

__all__ = ["ALWAYS", "IF_POSSIBLE", "LATER", "NEVER", "Downloader", "Located", "Places", "Resolved", "locate"]

OCI = "oci://"
ACCEPT = "application/gzip,application/octet-stream"


class Located(NamedTuple):
    """A chart on this machine: where, where from ("" for a path), its SHA-256 ("" for a path), and who signed it.

    `prov_path` is where its signature is, None without one.
    """

    path: str
    url: str = ""
    digest: str = ""
    verification: Verification | None = None
    prov_path: str | None = None


class Downloader:
    """Finds and downloads charts.

    `warn` gets lines of Helm's log, `say` what it prints. `registry(reference, version=…, dest=folder, proof=bool,
    access=Access, known=…, indexed=bool)` pulls from registries and answers an object with `path`, `prov_path`,
    `digest`, `chart_digest`, `reference` and `lacks_proof`. Where an index named the reference, user name and password
    that were given must not go there. Usable from several threads.
    """

    def __init__(
        self,
        places: Places,
        *,
        fetcher: Fetcher | None = None,
        registry: Registry | None = None,
        warn: Say | None = None,
        say: Say | None = None,
    ) -> None:
        self.places = places
        self.content = ContentCache(places.content_cache)
        self.fetcher = fetcher or Fetcher()
        self._registry = registry
        self._finder = Finder(places, self.fetcher, warn)
        self._say = say or (lambda _: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.fetcher.close()

    def locate(
        self,
        reference: str,
        *,
        version: str = "",
        repo_url: str = "",
        access: Access | None = None,
        verify: int = NEVER,
        keyring: str = "",
    ) -> Located:
        """A chart on this machine, downloaded into the content cache if it wasn't. Raises NavarchError."""
        reference, version, access = reference.strip(), version.strip(), access or Access()
        if not repo_url:
            path = _local(reference)
            if path:
                return Located(
                    path, verification=check_signature(path, f"{path}.prov", keyring) if verify == ALWAYS else None
                )
            if os.path.isabs(reference) or reference.startswith("."):
                raise ChartError(f'path "{reference}" not found')
        if not repo_url and _is_oci(reference):
            return self._locate_oci(reference, version, access, verify, keyring)
        folder_of(os.path.join(self.places.repository_cache, "index.yaml"))
        resolved = self.resolve(reference, version, access, repo_url=repo_url, bound=True)
        return self._located(resolved, verify, keyring)

    def save(
        self,
        reference: str,
        folder: str,
        *,
        version: str = "",
        repo_url: str = "",
        access: Access | None = None,
        verify: int = NEVER,
        keyring: str = "",
    ) -> Located:
        """Download a chart into a folder, under the name that it has where it comes from; a signature beside it.

        Raises NavarchError. What fails its check is not kept, and what was there before stays.
        """
        access = access or Access()
        registry = not repo_url and _is_oci(reference)
        resolved = None if registry else self.resolve(reference, version, access, repo_url=repo_url)
        if resolved is not None:
            registry = self._from_registry(resolved, verify)

        def save(where: str) -> Located:
            if resolved is None:
                return self._save_oci(reference, where, version, access, verify)
            if registry:
                return self._save_oci(resolved.url, where, own_version(resolved), resolved.access, verify, resolved)
            return self._save(resolved, where, verify)

        doubtful = _checks(verify) or (registry and resolved is not None)  # it may have to go once it is there
        if not (doubtful and os.path.isdir(folder)):
            return save(folder)
        import tempfile

        with tempfile.TemporaryDirectory(prefix=".navarch-", dir=folder) as unchecked:
            saved = save(unchecked)
            checked = saved.prov_path and _checks(verify)
            verification = check_signature(saved.path, saved.prov_path, keyring) if checked else None
            path, proof = moved(saved.path, folder), moved(saved.prov_path, folder)
        return saved._replace(path=path or "", prov_path=proof, verification=verification)

    def fetch(
        self, source: Resolved | str, *, version: str = "", verify: int = NEVER, keyring: str = ""
    ) -> tuple[str, Located]:
        """A chart whose place is known, or a version in a registry ("oci://…"), in the content cache.

        Answers the name that its file has where it comes from, too. Raises NavarchError.
        """
        if isinstance(source, str):
            name = f"{source.rpartition('/')[2]}-{version}.tgz"
            return name, self._locate_oci(source, version, Access(), verify, keyring)
        return archive_name(source), self._located(source, verify, keyring)

    def _located(self, resolved: Resolved, verify: int, keyring: str) -> Located:
        """An archive in the content cache, downloaded if it wasn't there, its signature looked after."""
        if self._from_registry(resolved, verify):
            version = own_version(resolved)
            return self._locate_oci(resolved.url, version, resolved.access, verify, keyring, resolved)
        digest, path = self._to_cache(resolved)
        proof, verification = self._signed(resolved, digest, path, verify, keyring) if verify else (None, None)
        return Located(os.path.abspath(path), resolved.url, digest, verification, proof)

    def _from_registry(self, resolved: Resolved, verify: int) -> bool:
        """Whether an index names a place in a registry for what isn't here, or is to be fetched with its signature."""
        if not resolved.url.startswith(OCI):
            return False
        return verify != NEVER or not (resolved.digest and self.content.get(resolved.digest))

    def _save(self, resolved: Resolved, folder: str, verify: int) -> Located:
        """Download a chart and its signature, without checking that."""
        from navarch.repos.files import write_file

        target = os.path.join(folder, archive_name(resolved))
        digest = self._to_file(resolved, target)
        data = self._proof(resolved, verify) if verify else None
        if data is None:
            return Located(target, resolved.url, digest)
        write_file(f"{target}.prov", data)
        return Located(target, resolved.url, digest, None, f"{target}.prov")

    def resolve(
        self, reference: str, version: str, access: Access, *, repo_url: str = "", bound: bool = False
    ) -> Resolved:
        """Where a chart's archive is; see Finder.resolve."""
        return self._finder.resolve(reference, version, access, repo_url=repo_url, bound=bound)

    def _to_cache(self, resolved: Resolved) -> tuple[str, str]:
        """The digest and the path of an archive in the content cache, downloaded if it isn't there."""
        known = self.content.get(resolved.digest) if resolved.digest else None
        if known:
            self._identify(known, resolved)
            return resolved.digest, known
        with self.content.receive() as receiver:
            self._get(resolved, receiver)
            self._check_arrived(receiver, resolved)
        return receiver.digest, self.content.path(receiver.digest)

    def _to_file(self, resolved: Resolved, target: str) -> str:
        """Put an archive where it is wanted; answers its digest."""
        from navarch.repos.content import Receiver
        from navarch.repos.files import part_file

        known = self.content.get(resolved.digest) if resolved.digest else None
        with part_file(target) as file:
            receiver = Receiver(file)
            if known:
                copy_into(known, receiver)
            else:
                self._get(resolved, receiver)
            self._check_arrived(receiver, resolved)
        return receiver.digest

    def _get(self, resolved: Resolved, sink: Callable[[bytes], object]) -> None:
        self.fetcher.get(resolved.url, access=resolved.access, owner=resolved.owner, accept=ACCEPT, sink=sink)

    def _check_arrived(self, receiver: Receiver, resolved: Resolved) -> None:
        """Raise IntegrityError for what has another digest, or is another chart, than its index says."""
        if resolved.digest and receiver.digest != resolved.digest:
            raise other_digest(resolved.url, receiver.digest, resolved.digest)
        receiver.flush()
        self._identify(receiver.path, resolved)

    def _identify(self, path: str, resolved: Resolved) -> None:
        """Raise IntegrityError for an archive that is not what its index says."""
        from navarch.repos.identity import check_identity, check_wanted

        if resolved.version:
            check_identity(path, resolved.name, resolved.version, resolved.url)
        elif resolved.wanted:
            check_wanted(path, resolved.wanted, resolved.url)

    def _proof(self, resolved: Resolved, verify: int) -> bytes | None:
        """A chart's signature; None where there is none and none is demanded."""
        url = f"{resolved.url}.prov"
        try:
            return self.fetcher.get(
                url, access=resolved.access, owner=resolved.owner, accept=ACCEPT, limit=PROOF_LIMIT
            ).data
        except DownloadError as error:
            if verify == ALWAYS:
                raise DownloadError(f'failed to fetch provenance "{url}"', url=url, status=error.status) from error
            self._say(f"WARNING: Verification not found for {resolved.reference}: {error}\n")
            return None

    def _signed(
        self, resolved: Resolved, digest: str, path: str, verify: int, keyring: str
    ) -> tuple[str | None, Verification | None]:
        """The signature of an archive in the cache, and what came of checking it, if it is to be checked.

        One in the cache that doesn't hold is fetched anew; one that came and doesn't hold is not kept.
        """
        name = archive_name(resolved)
        known = self.content.signature(digest)
        if known:
            try:
                return known, check_as(name, path, known, keyring) if _checks(verify) else None
            except NavarchError:
                pass
        data = self._proof(resolved, verify)
        if data is None:
            return None, None
        verification = None
        if _checks(verify):
            import tempfile

            with tempfile.NamedTemporaryFile(prefix="navarch-") as file:
                file.write(data)
                file.flush()
                verification = check_as(name, path, file.name, keyring)
        return self.content.put_signature(digest, data), verification

    def _pull(
        self, reference: str, version: str, access: Access, folder: str, *, proof: bool, indexed: Resolved | None
    ) -> Any:
        """Pull from a registry; what an index has led to must be what it says. Raises NavarchError."""
        if self._registry is None:
            raise ChartError(f'unable to lookup chart "{reference}", missing registry client')

        def known(digest: str) -> str | None:
            return self.content.unchecked(digest.removeprefix("sha256:"))  # what is copied is checked on the way

        pulled = self._registry(
            reference,
            version=version,
            dest=folder,
            proof=proof,
            access=access,
            known=known,
            indexed=indexed is not None,
        )
        if indexed:
            digests = {sha256_digits(pulled.chart_digest), sha256_digits(pulled.digest)}
            if indexed.digest and indexed.digest not in digests:
                raise other_digest(reference, sha256_digits(pulled.chart_digest), indexed.digest)
            self._identify(pulled.path, indexed)
        return pulled

    def _locate_oci(
        self,
        reference: str,
        version: str,
        access: Access,
        verify: int,
        keyring: str,
        indexed: Resolved | None = None,
    ) -> Located:
        import tempfile

        os.makedirs(self.places.content_cache, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".oci-", dir=self.places.content_cache) as folder:
            pulled = self._pull(reference, version, access, folder, proof=verify != NEVER, indexed=indexed)
            proof = self._oci_proof(pulled, indexed.reference if indexed else reference, verify)
            verification = check_signature(pulled.path, proof, keyring) if proof and _checks(verify) else None
            digest = self.content.adopt(pulled.path, sha256_digits(pulled.chart_digest))
            kept = self.content.put_signature(digest, content_of(proof)) if proof else None
        return Located(os.path.abspath(self.content.path(digest)), reference, digest, verification, kept)

    def _save_oci(
        self,
        reference: str,
        folder: str,
        version: str,
        access: Access,
        verify: int,
        indexed: Resolved | None = None,
    ) -> Located:
        pulled = self._pull(reference, version, access, folder, proof=verify != NEVER, indexed=indexed)
        proof = self._oci_proof(pulled, indexed.reference if indexed else reference, verify)
        return Located(pulled.path, reference, pulled.chart_digest.removeprefix("sha256:"), None, proof)

    def _oci_proof(self, pulled: Any, reference: str, verify: int) -> str | None:
        """The signature that was pulled; None where there is none and none is demanded."""
        proof: str | None = pulled.prov_path if verify else None
        if proof is None and verify == ALWAYS:
            raise DownloadError(f'failed to fetch provenance "oci://{pulled.reference}.prov"')
        if proof is None and verify:
            self._say(f"WARNING: Verification not found for {reference}: {pulled.lacks_proof}\n")
        return proof


def locate(
    reference: str,
    places: Places,
    *,
    version: str = "",
    repo_url: str = "",
    access: Access | None = None,
    verify: int = NEVER,
    keyring: str = "",
) -> Located:
    """A chart on this machine; see Downloader.locate."""
    with Downloader(places) as downloader:
        return downloader.locate(
            reference, version=version, repo_url=repo_url, access=access, verify=verify, keyring=keyring
        )


def _is_oci(reference: str) -> bool:
    """Whether a reference is for a registry: begins with oci:// as a URL. Raises ChartError for what is none."""
    if reference[:4].lower() != "oci:":
        return False
    try:
        return str(parse_url(reference)).startswith(OCI)
    except NavarchError as error:
        raise ChartError(f"invalid chart URL format: {reference}") from error


def _local(reference: str) -> str:
    """The absolute path that a reference is, if there is something; "" otherwise."""
    if reference.startswith("file://"):
        try:
            path = parse_url(reference).path
        except NavarchError as error:
            raise ChartError(f"invalid chart URL format: {reference}") from error
        if not os.path.exists(path):
            raise ChartError(f'path "{path}" not found')
        return os.path.abspath(path)
    return os.path.abspath(reference) if os.path.exists(reference) else ""


def _checks(verify: int) -> bool:
    return verify in (IF_POSSIBLE, ALWAYS)
