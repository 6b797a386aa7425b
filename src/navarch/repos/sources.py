"""Where one run on a chart's dependencies gets things from: indexes, read once each; registries; archives.

with Sources(places, say=print) as sources:
    sources.refresh(sources.repositories)
    sources.find(Dependency("web", "1.0.0", "https://charts.example.com"))
"""

from __future__ import annotations

import os
import threading

from navarch.errors import ChartError, NavarchError, RepositoryError, VersionError
from navarch.repos.config import Repositories
from navarch.repos.fetch import Fetcher
from navarch.repos.index import Index
from navarch.repos.policies import NEVER
from navarch.repos.refresh import refresh
from navarch.repos.repository import index_path
from navarch.repos.urls import equal, resolve_reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Self

    from navarch.chart.model import Dependency
    from navarch.kube.net.access import Access
    from navarch.oci.registry import Registry
    from navarch.repos.config import Entry
    from navarch.repos.download import Downloader, Located
    from navarch.repos.finding import Places, Resolved
    from navarch.repos.gather import Source
    from navarch.repos.listed import Listed

    Say = Callable[[str], object]
    Check = Callable[[str, str], None]

__all__ = ["Sources"]

_MOMENT = 0.02
"""For how many seconds other work stands back for a request that isn't out yet."""


class Sources:
    """Repositories, registries and the content cache. Use it as a context manager, to end its connections.

    `registry` makes the client of registries that says its lines to what it is given. `check` is told the name and the
    digest of every archive, and refuses it by raising. Modules that only later steps take are imported there, so that
    the first request is out early.
    """

    def __init__(
        self,
        places: Places,
        *,
        fetcher: Fetcher | None = None,
        registry: Callable[[Say], Registry] | None = None,
        say: Say,
        warn: Callable[[str], None] | None = None,
        verify: int = NEVER,
        keyring: str = "",
        check: Check | None = None,
    ) -> None:
        self._places = places
        self._say = say
        self._warn = warn
        self._verify = verify
        self._keyring = keyring
        self._check = check
        self._make_registry = registry or _plain_registry(places)
        self._registry: Registry | None = None
        self._copies: dict[str, _Copy] = {}
        self._aside = threading.local()
        self._lock = threading.Lock()
        self._repositories: Repositories | None = None
        self._early: _Early | None = None
        self._fetcher = fetcher or Fetcher()
        self._made: Downloader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._registry:
            self._registry.close()
        if self._early:
            self._early.afterwards(self._fetcher.close)
        else:
            self._fetcher.close()

    def _tell(self, text: str) -> None:
        """Say something about the archive that this thread is fetching."""
        getattr(self._aside, "say", self._say)(text)

    @property
    def repositories(self) -> Repositories:
        """The repositories that were added. Raises RepositoryError."""
        with self._lock:
            if self._repositories is None:
                self._repositories = Repositories.load(self._places.repository_config, missing=True)
            return self._repositories

    def begin(self) -> None:
        """Begin with `refresh_added`, for a caller who has other things to do first; nothing is said yet.

        Returns when the first request is out, or a moment later: two threads that import share one interpreter.
        """
        import navarch.kube.net.dial
        import navarch.kube.net.http1
        import navarch.kube.net.pool  # noqa: F401

        sent = threading.Event()
        self._fetcher.on_sent = sent.set
        self._early = _Early(lambda say: self._refresh(list(self.repositories), say))
        self._early.afterwards(sent.set)
        sent.wait(_MOMENT)

    def refresh_added(self, wanted: Iterable[Entry] = ()) -> None:
        """Fetch the indexes of the repositories that were added, if there are some; see `refresh`.

        Where that has begun already, the wait is used for reading the copies at hand of those that are `wanted`.
        """
        if not len(self.repositories):
            return
        self._say("Hang tight while we grab the latest from your chart repositories...\n")
        if self._early:
            self._read_copies(wanted)
            self._say(self._early.result())
        else:
            self.refresh(list(self.repositories))
        self._say("Update Complete. ⎈Happy Helming!⎈\n")

    def refresh(self, entries: Sequence[Entry]) -> None:
        """Fetch the indexes of repositories. One that can't be had is no error here: who needs it will tell."""
        self._refresh(entries, self._say)

    def _refresh(self, entries: Sequence[Entry], say: Say) -> None:
        refresh(entries, self._places.repository_cache, self._fetcher, say=say, warn=self._warn, once=True)

    def index(self, entry: Entry) -> Index:
        """The copy of a repository's index. Raises RepositoryError where there is none."""
        found = self._copies.get(entry.name)
        if found is None or found.state != _state(found.path):
            found = self._copies[entry.name] = _Copy(index_path(self._places.repository_cache, entry.name))
        if self._warn:
            found.tell(self._warn)
        return found.index

    def _read_copies(self, entries: Iterable[Entry]) -> None:
        """Read indexes that are likely to stay as they are, and import what is needed next."""
        import navarch.golang.json
        import navarch.repos.build
        import navarch.repos.download
        import navarch.repos.gather
        import navarch.repos.identity  # noqa: F401

        for entry in entries:
            if entry.name not in self._copies:
                try:
                    self._copies[entry.name] = _Copy(index_path(self._places.repository_cache, entry.name))
                except NavarchError:
                    continue

    def tags(self, name: str) -> list[str]:
        """The versions in the repository HOST/PATH of a registry, the latest first. Raises RegistryError."""
        return self.registry.versions(name)

    @property
    def registry(self) -> Registry:
        """The client of registries."""
        with self._lock:
            if self._registry is None:
                self._registry = self._make_registry(lambda line: self._tell(f"{line}\n"))
            return self._registry

    def _pull(
        self, reference: str, *, version: str, dest: str, proof: bool, access: Access, known: Any, indexed: bool
    ) -> Any:
        del access  # the client has its own
        if not indexed:
            return self.registry.pull(reference, version=version, dest=dest, prov=proof, known=known)
        with self.registry.unnamed() as registry:
            return registry.pull(reference, version=version, dest=dest, prov=proof, known=known)

    @property
    def _downloader(self) -> Downloader:
        with self._lock:
            if self._made is None:
                from navarch.repos.download import Downloader

                self._made = Downloader(
                    self._places, fetcher=self._fetcher, registry=self._pull, warn=self._warn, say=self._tell
                )
            return self._made

    def find(self, dependency: Dependency) -> Source:
        """Where the archive of a dependency is whose version is exact. Raises NavarchError."""
        from navarch.repos.gather import Source
        from navarch.repos.resolver import OCI

        if dependency.repository.startswith(OCI):
            address = f"{dependency.repository}/{dependency.name}:{dependency.version}"
            reference, version = _parted(address)
            return Source(reference, address, lambda say: self._fetch(reference, version, say))
        resolved = self._in_index(dependency)
        near = bool(resolved.digest) and self._verify == NEVER and self._downloader.content.has(resolved.digest)
        shown = _parted(resolved.url)[0] if resolved.url.startswith(OCI) else resolved.url
        return Source(shown, resolved.url, lambda say: self._fetch(resolved, "", say), near)

    def _fetch(self, source: Resolved | str, version: str, say: Say) -> tuple[str, Located]:
        self._aside.say = say
        name, located = self._downloader.fetch(source, version=version, verify=self._verify, keyring=self._keyring)
        if self._check:
            self._check(name, located.digest)
        return name, located

    def _in_index(self, dependency: Dependency) -> Resolved:
        from navarch.repos.finding import Resolved, hex_digest
        from navarch.repos.resolver import unmanaged

        name, url = dependency.name, dependency.repository
        entry = next((one for one in self.repositories if equal(url, one.url)), None) or unmanaged(url)
        try:
            found = _versioned(self.index(entry).versions(name), dependency.version).entry
            address = resolve_reference(url, (found.urls or [""])[0])
        except NavarchError as error:
            raise error.within("could not find ") from error.__cause__
        digest = hex_digest(found.digest)
        version = found.version
        return Resolved(address, address, entry.access, entry.url, digest, name, version, version)


class _Copy:
    """The copy of an index, and the state that its file was in when it was read. Raises RepositoryError."""

    def __init__(self, path: str) -> None:
        self._lines: list[str] = []
        self.path = path
        self.state = _state(path)
        self.index = Index.load(path, warn=self._lines.append)

    def tell(self, warn: Callable[[str], None]) -> None:
        """Tell once of what was passed over."""
        lines, self._lines = self._lines, []
        for line in lines:
            warn(line)


def _state(path: str) -> tuple[int, int, int]:
    """What changes with a file; zeros where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


class _Early:
    """Work that is done in a thread of its own; what it says comes with its result."""

    def __init__(self, work: Callable[[Say], None]) -> None:
        self._work = work
        self._said: list[str] = []
        self._error: NavarchError | None = None
        self._lock = threading.Lock()
        self._done = False
        self._then: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work(self._said.append)
        except NavarchError as error:
            self._error = error
        finally:
            with self._lock:
                self._done = True
            if self._then:
                self._then()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something now if this is done, otherwise when it is: nobody waits for work that isn't needed."""
        with self._lock:
            if not self._done:
                self._then = act
                return
        act()

    def result(self) -> str:
        """What was said, when it is done. Raises NavarchError."""
        self._thread.join()
        if self._error:
            raise self._error
        return "".join(self._said)


def _versioned(versions: Sequence[Listed], wanted: str) -> Listed:
    """The first version that can be downloaded and is equal to the one wanted. Raises RepositoryError."""
    from navarch.repos.build import same_version

    if not versions:
        raise RepositoryError("entry not found")
    usable = [one for one in versions if one.urls]
    for fits in (same_version, _equal_in_rank):
        for one in usable:
            if not wanted or fits(wanted, one.version):
                return one
    raise RepositoryError("no matching version")


def _equal_in_rank(one: str, other: str) -> bool:
    """Whether two versions differ in their build metadata at most."""
    from navarch.golang.semver import parse_version

    try:
        return parse_version(one).compare(parse_version(other)) == 0
    except VersionError:
        return False


def _parted(address: str) -> tuple[str, str]:
    """Reference and tag of "oci://HOST:PORT/PATH:TAG". Raises ChartError."""
    import re

    found = re.match(r"(oci://[^:]+(?::[0-9]{1,5})?[^:]+):(.*)$", address, re.DOTALL)
    if found is None:
        raise ChartError(f"could not parse OCI reference: improperly formatted oci chart reference: {address}")
    return found[1], found[2]


def _plain_registry(places: Places) -> Callable[[Say], Registry]:
    def make(say: Say) -> Registry:
        from navarch.oci.registry import Registry

        return Registry(config=places.registry_config, say=say)

    return make
