"""What a chart depends on: resolved, fetched into charts/, locked, compared with what is there.

    places = Places("repositories.yaml", "indexes", "content")
    dependencies = Dependencies("chart", places)
    dependencies.update()            # the newest that fit, and Chart.lock
    dependencies.build()             # exactly what Chart.lock names
    dependencies.list()              # and which of them are in charts/

Archives are fetched at once, and only those that the content cache doesn't have. Their digests are kept beside the
lock (`navarch.repos.pins`), and `build` takes no others.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from navarch.errors import ChartError, NavarchError, RepositoryError
from navarch.repos.files import locked_folder
from navarch.repos.finding import Places
from navarch.repos.policies import ALWAYS, IF_POSSIBLE, LATER, NEVER
from navarch.repos.sources import Sources
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from navarch.chart.model import Chart, Dependency, Lock
    from navarch.oci.registry import Registry
    from navarch.repos.fetch import Fetcher
    from navarch.repos.resolver import Need

    Say = Callable[[str], object]
    Needs = list[Need]
    Locked = list[Dependency]

__all__ = ["ALWAYS", "IF_POSSIBLE", "LATER", "NEVER", "Dependencies", "State"]

_OUT_OF_SYNC = "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)."
_OLD_OUT_OF_SYNC = "the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml)."
_OLD_HASH = "warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash..."


class State(NamedTuple):
    """A dependency as Chart.yaml has it, and in a word or two what charts/ has of it: see chart.dependencies."""

    name: str
    version: str
    repository: str
    status: str


States = list[State]


class Dependencies:
    """The dependencies of a chart in a folder; of one in memory, they can be listed and resolved.

    `places` are Helm's files; left out, only what Chart.yaml names by its address is known, and nothing is kept.
    `registry` makes a client of registries, given what it is to say its lines to. `say` gets what Helm prints, `tell`
    that part of it which comes with what is fetched (left out: `say` gets it), `warn` lines for people; with
    `debugging`, `say` gets what Helm adds for --debug. `epoch` is the time, in seconds since 1970, of all files in
    archives that are made of folders.

    Of several processes and threads, one at a time is at work in a folder.

    Each call talks to servers with `fetcher`, and ends its connections. What a call needs beside that is imported when
    its first request is out.
    """

    def __init__(
        self,
        chart: str | os.PathLike[str] | Chart,
        places: Places | None = None,
        *,
        fetcher: Fetcher | None = None,
        registry: Callable[[Say], Registry] | None = None,
        say: Say | None = None,
        tell: Say | None = None,
        warn: Callable[[str], None] | None = None,
        epoch: int | None = None,
        debugging: bool = False,
    ) -> None:
        self._chart = None if isinstance(chart, (str, os.PathLike)) else chart
        self.folder = os.fspath(chart) if isinstance(chart, (str, os.PathLike)) else ""
        self._places = places
        self._fetcher = fetcher
        self._registry = registry
        self._say = say or _silent
        self._tell = tell or self._say
        self._warn = warn or _silent
        self._epoch = epoch
        self._debugging = debugging

    def list(self) -> States:
        """Each dependency, and what is in charts/ of it. Raises ChartError."""
        from navarch.chart.dependencies import dependency_states
        from navarch.chart.load import load_chart

        chart = self._chart or load_chart(self.folder, warn=self._warn, detect=False)
        return [State(*state) for state in dependency_states(chart, self.folder)]

    def resolve(self, *, refresh: bool = True) -> Locked:
        """The newest versions that fit; nothing is fetched but indexes and tags. Raises NavarchError."""
        chart = self._chart or self._load()
        with self._sources() as sources:
            return self._resolve(sources, self._needs(chart, sources), refresh=refresh)

    def update(self, *, verify: int = NEVER, keyring: str = "", refresh: bool = True) -> Lock | None:
        """Bring the newest versions that fit into charts/ and write the lock; None where nothing is named.

        `verify` says what is done about signatures, with the public keys in `keyring`. Without `refresh` the copies
        of indexes have to do. Raises NavarchError; charts/ and the lock are then as before.
        """
        check = _Check(self.folder, self._warn)
        with locked_folder(self.folder), self._sources(verify, keyring, check, early=refresh) as sources:
            return self._update(self._load(), sources, check, refresh=refresh)

    def _update(self, chart: Chart, sources: Sources, check: _Check, *, refresh: bool) -> Lock | None:
        from navarch.golang.types import NilList
        from navarch.repos.cycles import check_cycles
        from navarch.repos.lock import locked, write_lock
        from navarch.repos.pins import write_pins

        if type(chart.metadata.dependencies) is NilList:
            return None
        check_cycles(chart, self.folder)
        check.begin(chart, strict=False)
        needs = self._needs(chart, sources)
        found = self._resolve(sources, needs, refresh=refresh)
        pins = self._gather(sources, found)
        lock = locked([need.dependency for need in needs], found)
        if chart.lock is None or chart.lock.digest != lock.digest:
            write_lock(self.folder, lock, legacy=chart.metadata.api_version == "v1")
        write_pins(check.path, pins)
        return lock

    def build(self, *, verify: int = NEVER, keyring: str = "", refresh: bool = True) -> Lock | None:
        """Bring the versions that the lock names into charts/, with the content that they had; see `update`.

        Without a lock this is `update`. Raises NavarchError.
        """
        check = _Check(self.folder, self._warn)
        with locked_folder(self.folder), self._sources(verify, keyring, check, early=refresh) as sources:
            chart = self._load()
            lock = chart.lock
            if lock is None:
                return self._update(chart, sources, check, refresh=refresh)
            check.begin(chart, strict=True)
            self._check_lock(chart, lock, sources)
            if refresh:
                sources.refresh_added()
            self._gather(sources, [dependency.copy() for dependency in lock.dependencies])
            return lock

    def _load(self) -> Chart:
        from navarch.chart.load import reason
        from navarch.repos.resolver import load_folder

        folder = self.folder
        if not folder:
            raise ChartError("only unpacked charts can be updated")
        try:
            os.stat(folder)
        except (OSError, ValueError) as error:
            raise ChartError(f"could not find {folder}: stat {folder}: {reason(error)}") from error
        if not os.path.isdir(folder):
            raise ChartError("only unpacked charts can be updated")
        return load_folder(folder, self._warn)

    @contextmanager
    def _sources(
        self,
        verify: int = NEVER,
        keyring: str = "",
        check: Callable[[str, str], None] | None = None,
        *,
        early: bool = False,
    ) -> Iterator[Sources]:
        """What everything comes from; with `early`, indexes are fetched already if the chart seems to need some."""
        with (
            _or_temporary(self._places) as places,
            Sources(
                places,
                fetcher=self._fetcher,
                registry=self._registry,
                say=self._say,
                warn=self._warn,
                verify=verify,
                keyring=keyring,
                check=check,
            ) as sources,
        ):
            if early and _names_some(self.folder):
                sources.begin()
            yield sources

    def _needs(self, chart: Chart, sources: Sources) -> Needs:
        from navarch.repos.resolver import found_in

        return found_in(chart.metadata.dependencies, sources.repositories, self.folder, tell=self._tell_folder)

    def _tell_folder(self, repository: str) -> None:
        if self._debugging:
            self._say(f"Repository from local path: {repository}\n")

    def _resolve(self, sources: Sources, needs: Sequence[Need], *, refresh: bool) -> Locked:
        from navarch.repos.resolver import Resolver

        unmanaged = {need.entry.name: need.entry for need in needs if need.entry and not need.added}
        if refresh:
            if unmanaged:
                self._say("Getting updates for unmanaged Helm repositories...\n")
                sources.refresh(list(unmanaged.values()))
            sources.refresh_added([need.entry for need in needs if need.entry])
        return Resolver(self.folder, sources.index, sources.tags).resolve(needs)

    def _gather(self, sources: Sources, dependencies: Sequence[Dependency]) -> dict[str, str]:
        from navarch.repos.gather import Gatherer

        gatherer = Gatherer(
            self.folder,
            sources.find,
            say=self._say,
            tell=self._tell,
            warn=self._warn,
            epoch=self._epoch,
            debugging=self._debugging,
        )
        return gatherer.gather(dependencies)

    def _check_lock(self, chart: Chart, lock: Lock, sources: Sources) -> None:
        """Refuse a lock that was not written for these requirements, or by whom other repositories were added."""
        from navarch.chart.notices import notice
        from navarch.golang.types import NilList
        from navarch.repos.lock import old_requirements_digest, requirements_digest
        from navarch.repos.resolver import unlisted

        asked = chart.metadata.dependencies
        needs = self._needs(chart, sources)
        requirements = asked if type(asked) is NilList else [need.dependency for need in needs]
        if requirements_digest(requirements, lock.dependencies) != lock.digest:
            if chart.metadata.api_version != "v1":
                raise ChartError(f"{_OUT_OF_SYNC} Please update the dependencies with 'helm dependency update'")
            self._warn(notice("INFO", _OLD_HASH))
            if old_requirements_digest(asked) != lock.digest:
                raise ChartError(f"{_OLD_OUT_OF_SYNC} Please update the dependencies")
        if None in lock.dependencies:
            raise ChartError("the lock file must not contain empty or null nodes")
        missing = unlisted(lock.dependencies, sources.repositories)
        if missing:
            addresses = ", ".join(missing)
            hint = "Please add the missing repos via 'helm repo add'"
            raise RepositoryError(f"no repository definition for {addresses}. {hint}")


class _Check:
    """Compares archives with the digests that there were when the lock of the chart in a folder was written.

    Until it has begun it lets everything pass. What is different is refused (`strict`), or told.
    """

    def __init__(self, folder: str, warn: Callable[[str], None]) -> None:
        self.path = ""
        self._folder = folder
        self._warn = warn
        self._strict = False
        self._known: dict[str, str] = {}

    def begin(self, chart: Chart, *, strict: bool) -> None:
        """Read the digests. Raises ChartError where they can't be read, if they have to be."""
        from navarch.repos.pins import pins_path, read_pins

        self.path = pins_path(self._folder, legacy=chart.metadata.api_version == "v1")
        self._strict = strict
        try:
            self._known = read_pins(self.path)
        except NavarchError:
            if strict:
                raise

    def __call__(self, name: str, digest: str) -> None:
        if self._strict:
            from navarch.repos.pins import check_pin

            check_pin(self._known, name, digest, self.path)
        elif self._known.get(name, digest) != digest:
            from navarch.chart.notices import notice

            message = "a version has other content than when the lock was written"
            self._warn(notice("WARN", message, archive=name, before=self._known[name], now=digest))


def _names_some(folder: str) -> bool:
    """Whether a chart seems to name dependencies, seen quickly."""
    for name in ("Chart.yaml", "requirements.yaml"):
        try:
            with open(os.path.join(folder, name), "rb") as file:
                if b"\ndependencies:" in b"\n" + file.read(1 << 20):
                    return True
        except OSError:
            continue
    return False


@contextmanager
def _or_temporary(places: Places | None) -> Iterator[Places]:
    """Places, or such as are gone afterwards."""
    if places is not None:
        yield places
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="navarch-") as folder:
        indexes, content = (os.path.join(folder, name) for name in ("indexes", "content"))
        yield Places(os.path.join(folder, "repositories.yaml"), indexes, content)


def _silent(_text: str) -> None:
    pass
