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
from typing import NamedTuple

from navarch.errors import ChartError, DownloadError, IntegrityError, NavarchError, RepositoryError
from navarch.golang.url import parse_url
from navarch.kube.net.access import Access
from navarch.repos.content import ContentCache
from navarch.repos.fetch import Fetcher
from navarch.repos.files import folder_of
from navarch.repos.finding import Finder, Places, Resolved
from navarch.repos.policies import ALWAYS, IF_POSSIBLE, LATER, NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from navarch.provenance import Verification
    from navarch.repos.content import Receiver

    Say = Callable[[str], object]
    Registry = Callable[..., Any]

__all__ = ["ALWAYS", "IF_POSSIBLE", "LATER", "NEVER", "Downloader", "Located", "Places", "Resolved", "locate"]

ACCEPT = "application/gzip,application/octet-stream"
_PROOF_LIMIT = 1 << 20


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
    access=Access, known=…)` pulls from registries and answers an object with `path`, `prov_path`, `chart_digest` and
    `reference`. Usable from several threads.
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
                return Located(path, verification=_check(path, f"{path}.prov", keyring) if verify == ALWAYS else None)
            if os.path.isabs(reference) or reference.startswith("."):
                raise ChartError(f'path "{reference}" not found')
        if reference.startswith("oci://") and not repo_url:
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
        registry = reference.startswith("oci://") and not repo_url
        resolved = None if registry else self.resolve(reference, version, access, repo_url=repo_url)

        def save(where: str) -> Located:
            if resolved is None:
                return self._save_oci(reference, where, version, access, verify)
            return self._save(resolved, where, verify)

        if not (_checks(verify) and os.path.isdir(folder)):
            return save(folder)
        import tempfile

        with tempfile.TemporaryDirectory(prefix=".navarch-", dir=folder) as unchecked:
            saved = save(unchecked)
            verification = _check(saved.path, saved.prov_path, keyring) if saved.prov_path else None
            path, proof = _moved(saved.path, folder), _moved(saved.prov_path, folder)
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
        return _file_name(source.url), self._located(source, verify, keyring)

    def _located(self, resolved: Resolved, verify: int, keyring: str) -> Located:
        """An archive in the content cache, downloaded if it wasn't there, its signature looked after."""
        digest, path = self._to_cache(resolved)
        proof, verification = self._signed(resolved, digest, path, verify, keyring) if verify else (None, None)
        return Located(os.path.abspath(path), resolved.url, digest, verification, proof)

    def _save(self, resolved: Resolved, folder: str, verify: int) -> Located:
        """Download a chart and its signature, without checking that."""
        from navarch.repos.files import write_file

        target = os.path.join(folder, _file_name(resolved.url))
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
                _copy(known, receiver)
            else:
                self._get(resolved, receiver)
            self._check_arrived(receiver, resolved)
        return receiver.digest

    def _get(self, resolved: Resolved, sink: Callable[[bytes], object]) -> None:
        self.fetcher.get(resolved.url, access=resolved.access, owner=resolved.owner, accept=ACCEPT, sink=sink)

    def _check_arrived(self, receiver: Receiver, resolved: Resolved) -> None:
        """Raise IntegrityError for what has another digest, or is another chart, than its index says."""
        if resolved.digest and receiver.digest != resolved.digest:
            raise IntegrityError(
                f"{resolved.url}: the digest is sha256:{receiver.digest}, not sha256:{resolved.digest}",
                url=resolved.url,
            )
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
                url, access=resolved.access, owner=resolved.owner, accept=ACCEPT, limit=_PROOF_LIMIT
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
        name = _file_name(resolved.url)
        known = self.content.signature(digest)
        if known:
            try:
                return known, _check_as(name, path, known, keyring) if _checks(verify) else None
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
                verification = _check_as(name, path, file.name, keyring)
        return self.content.put_signature(digest, data), verification

    def _pull(self, reference: str, version: str, access: Access, folder: str, *, proof: bool) -> Any:
        if self._registry is None:
            raise ChartError(f'unable to lookup chart "{reference}", missing registry client')

        def known(digest: str) -> str | None:
            return self.content.unchecked(digest.removeprefix("sha256:"))  # what is copied is checked on the way

        return self._registry(reference, version=version, dest=folder, proof=proof, access=access, known=known)

    def _locate_oci(self, reference: str, version: str, access: Access, verify: int, keyring: str) -> Located:
        import tempfile

        os.makedirs(self.places.content_cache, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".oci-", dir=self.places.content_cache) as folder:
            pulled = self._pull(reference, version, access, folder, proof=verify != NEVER)
            proof = self._oci_proof(pulled, reference, verify)
            verification = _check(pulled.path, proof, keyring) if proof and _checks(verify) else None
            digest = self.content.adopt(pulled.path, _sha256(pulled.chart_digest))
            kept = self.content.put_signature(digest, _content(proof)) if proof else None
        return Located(os.path.abspath(self.content.path(digest)), reference, digest, verification, kept)

    def _save_oci(self, reference: str, folder: str, version: str, access: Access, verify: int) -> Located:
        pulled = self._pull(reference, version, access, folder, proof=verify != NEVER)
        proof = self._oci_proof(pulled, reference, verify)
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


def _file_name(url: str) -> str:
    """The name of the file that is at an address. Raises DownloadError where that would be no file's name."""
    name = parse_url(url).path.rstrip("/").rpartition("/")[2]
    if name in ("", ".", "..") or "\0" in name:
        raise DownloadError(f"{url} does not name a file", url=url)
    return name


def _sha256(digest: str) -> str:
    """The hexadecimal digits of a digest that was checked; "" for one of another kind."""
    algorithm, _, digits = digest.partition(":")
    return digits if algorithm == "sha256" else ""


def _checks(verify: int) -> bool:
    return verify in (IF_POSSIBLE, ALWAYS)


def _check(path: str, proof: str | None, keyring: str) -> Verification:
    """Who signed an archive. Raises NavarchError where nobody did whom the keyring has."""
    from navarch.provenance import verify

    return verify(path, proof or f"{path}.prov", keyring)


def _copy(path: str, sink: Callable[[bytes], object]) -> None:
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            sink(piece)


def _check_as(name: str, path: str, proof: str, keyring: str) -> Verification:
    """`_check` for a signature that is for a file of another name, which the archive gets for the moment."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="navarch-") as folder:
        named = os.path.join(folder, name)
        try:
            os.symlink(os.path.abspath(path), named)
        except OSError as error:
            raise RepositoryError(f"symlink {named}: {error.strerror}") from error
        return _check(named, proof, keyring)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_PROOF_LIMIT)


def _moved(path: str | None, folder: str) -> str | None:
    """The path that a file has after it was moved into a folder."""
    if path is None:
        return None
    target = os.path.join(folder, os.path.basename(path))
    os.replace(path, target)
    return target
