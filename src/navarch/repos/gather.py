"""The archives of a chart's dependencies, fetched at once into a folder of their own, then moved into charts/.

    gatherer = Gatherer("chart", fetch, say=print)
    digests = gatherer.gather(dependencies)     # by the names of the archives

What is said, and in which order, is as if one were fetched after the other; whatever goes wrong, charts/ stays as it
was.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from navarch.chart.load import load_chart, reason
from navarch.errors import ChartError, NavarchError, VersionError
from navarch.golang.semver import parse_constraint, parse_version
from navarch.repos.resolver import FILE, load_folder, local_path, without_repository
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from navarch.chart.model import Dependency
    from navarch.golang.semver import Constraint
    from navarch.kube.parallel import Outcome
    from navarch.repos.download import Located

    Say = Callable[[str], object]

__all__ = ["AT_ONCE", "Gatherer", "Source"]

AT_ONCE = 24
"""How many archives are fetched at the same time."""

_ARRIVING = "tmpcharts-"
_ABANDONED = 3600
"""After how many seconds a folder of archives that arrive belongs to nobody."""


class Source(NamedTuple):
    """Where an archive comes from: its address as Helm shows it, and what brings it into the content cache.

    `key` tells whether two are the same. `fetch(say)` answers the name that the archive is to have, and where it is;
    `say` is for words about it. `near` tells that the cache has it already.
    """

    url: str
    key: str
    fetch: Callable[[Say], tuple[str, Located]]
    near: bool = False


class _Step(NamedTuple):
    """What is done for one dependency: what is said first, then what is fetched, or what kept it from being done."""

    words: str = ""
    source: Source | None = None
    error: NavarchError | None = None
    told: bool = True
    """Whether Helm says that saving failed, before it ends with the error."""


class Gatherer:
    """Brings dependencies into charts/. `find` gives the source of one that is in a repository or registry.

    `say` gets Helm's lines, `tell` those that come with what is fetched (left out: `say` gets them too); with
    `debugging`, `say` gets those that it has for --debug as well. `epoch` is the time, in seconds since 1970, that the
    files in archives of folders get.
    """

    def __init__(
        self,
        folder: str,
        find: Callable[[Dependency], Source],
        *,
        say: Say,
        tell: Say | None = None,
        warn: Callable[[str], None] | None = None,
        epoch: int | None = None,
        debugging: bool = False,
    ) -> None:
        self._folder = folder
        self._charts = os.path.join(folder, "charts")
        self._find = find
        self._say = say
        self._tell = tell or say
        self._warn = warn
        self._epoch = epoch
        self._debugging = debugging
        self._there: set[str] = set()

    def gather(self, dependencies: Sequence[Dependency]) -> dict[str, str]:
        """Fetch dependencies whose versions are exact; answers the digests of what came from elsewhere, by file names.

        The version of one in a folder becomes the one that it has there. Raises NavarchError.
        """
        _make_charts(self._charts)
        with _arriving(self._folder) as arriving:
            self._say(f"Saving {len(dependencies)} charts\n")
            digests = self._fetch(dependencies, arriving)
            self._move(without_repository(dependencies), arriving)
        return digests

    def _fetch(self, dependencies: Sequence[Dependency], arriving: str) -> dict[str, str]:
        steps = self._plan(dependencies, arriving)
        outcomes = iter(_fetched([step.source for step in steps if step.source]))
        digests: dict[str, str] = {}
        for step in steps:
            self._say(step.words)
            error = step.error
            if step.source:
                said, came, error = next(outcomes)
                self._tell(said)
                if came:
                    name, located = came
                    self._place(located, name, arriving)
                    digests[name] = located.digest
            if error:
                if step.told:
                    self._say(f"Save error occurred:  {error}\n")
                raise error
        return digests

    def _place(self, located: Located, name: str, arriving: str) -> None:
        """Copy an archive, and its signature, out of the content cache. Raises RepositoryError.

        One that is in charts/ as it is was loaded with the chart, and has only to stay.
        """
        from navarch.repos.files import part_file

        if located.prov_path is None and _same(located.path, os.path.join(self._charts, name)):
            self._there.add(name)
            return
        for path, place in ((located.path, name), (located.prov_path, f"{name}.prov")):
            if path:
                with part_file(os.path.join(arriving, place)) as file:
                    for piece in _pieces(path):
                        file.write(piece)

    def _plan(self, dependencies: Sequence[Dependency], arriving: str) -> list[_Step]:
        """The steps up to the first that can't be done. Archives of folders are made at once."""
        steps: list[_Step] = []
        seen: set[str] = set()
        for dependency in dependencies:
            steps.append(self._step(dependency, arriving, seen))
            if steps[-1].error:
                break
        return steps

    def _step(self, dependency: Dependency, arriving: str, seen: set[str]) -> _Step:
        name, repository = dependency.name, dependency.repository
        if not repository:
            return self._in_charts(dependency)
        if repository.startswith(FILE):
            words = f"Archiving {name} from repo {repository}\n" if self._debugging else ""
            try:
                dependency.version = self._archive(dependency, arriving)
            except NavarchError as error:
                return _Step(words, error=error)
            return _Step(words)
        try:
            source = self._find(dependency)
        except NavarchError as error:
            return _Step(error=error)
        if source.key in seen:
            return _Step(f"Already downloaded {name} from repo {repository}\n")
        seen.add(source.key)
        return _Step(f"Downloading {name} from repo {repository}\n", source)

    def _in_charts(self, dependency: Dependency) -> _Step:
        """Check that a chart without a repository is in charts/."""
        name, wanted = dependency.name, dependency.version
        words = f"Dependency {name} did not declare a repository. Assuming it exists in the charts directory\n"
        path = os.path.join(self._charts, name)
        try:
            version = load_folder(path).metadata.version
        except NavarchError as error:
            return _Step(words, error=error.within(f"unable to load chart '{path}'"), told=False)
        try:
            fits = _constraint(name, wanted).check(parse_version(version))
        except VersionError as error:
            return _Step(words, error=error.within(f"invalid version {wanted} for dependency {name}"), told=False)
        except ChartError as error:
            return _Step(words, error=error, told=False)
        if fits:
            return _Step(words)
        message = f"dependency {name} at version {version} does not satisfy the constraint {wanted}"
        return _Step(words, error=ChartError(message))

    def _archive(self, dependency: Dependency, arriving: str) -> str:
        """Make the archive of a chart in a folder; answers its version. Raises NavarchError."""
        from navarch.chart.package import save_chart

        chart = load_folder(local_path(dependency.repository, self._folder), self._warn)
        version = chart.metadata.version
        if not _constraint(dependency.name, dependency.version).check(parse_version(version)):
            raise ChartError(f"can't get a valid version for dependency {dependency.name}")
        save_chart(chart, arriving, epoch=self._epoch)
        return version

    def _move(self, local: set[str], arriving: str) -> None:
        """Move what came into charts/, and delete the archives that were there before, but for `local` charts."""
        came, before = sorted(os.listdir(arriving)), sorted(os.scandir(self._charts), key=lambda entry: entry.name)
        for name in came:
            path = os.path.join(arriving, name)
            try:
                load_chart(path, detect=False)
                os.replace(path, os.path.join(self._charts, name))
            except NavarchError as error:
                self._say(f"Could not verify {path} for moving: {error} (Skipping)")
            except OSError as error:
                self._say(f"Unable to move {path} to charts dir {reason(error)} (Skipping)")
        self._say("Deleting outdated charts\n")
        for entry in before:
            if not entry.is_dir(follow_symlinks=False) and entry.name not in came and entry.name not in self._there:
                self._delete(entry.path, local)

    def _delete(self, path: str, local: set[str]) -> None:
        try:
            if load_chart(path, detect=False).name in local:
                return
        except NavarchError as error:
            self._say(f"Could not verify {path} for deletion: {error} (Skipping)\n")
            return
        try:
            os.unlink(path)
        except OSError as error:
            self._say(f"Could not delete {path}: remove {path}: {reason(error)} (Skipping)")


def _fetched(sources: Sequence[Source]) -> list[tuple[str, tuple[str, Located] | None, NavarchError | None]]:
    """What is said of each, what came, and what went wrong. Only what is far is worth a thread."""
    from navarch.kube.parallel import in_parallel

    said: list[list[str]] = [[] for _ in sources]

    def fetch(at: int) -> tuple[str, Located]:
        return sources[at].fetch(said[at].append)

    places = range(len(sources))
    outcomes: dict[int, Outcome] = {}
    for limit, those in ((AT_ONCE, [at for at in places if not sources[at].near]), (1, list(places))):
        left = [at for at in those if at not in outcomes]
        outcomes |= zip(left, in_parallel(left, fetch, limit=limit), strict=True)
    return [("".join(said[at]), outcomes[at].value, _within(outcomes[at].error, sources[at].url)) for at in places]


def _within(error: NavarchError | None, url: str) -> NavarchError | None:
    return error and error.within(f"could not download {url}")


def _same(path: str, other: str) -> bool:
    """Whether two files have the same content."""
    try:
        return os.path.getsize(path) == os.path.getsize(other) and all(
            one == two for one, two in zip(_pieces(path), _pieces(other), strict=True)
        )
    except OSError:
        return False


def _pieces(path: str) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            yield piece


def _constraint(name: str, text: str) -> Constraint:
    try:
        return parse_constraint(text)
    except VersionError as error:
        raise ChartError(f"dependency {name} has an invalid version/constraint format: {error}") from error


def _make_charts(path: str) -> None:
    """Make the folder charts/. Raises ChartError where it is something else."""
    if os.path.exists(path) and not os.path.isdir(path):
        from navarch.golang.strconv import quote

        raise ChartError(f"{quote(path)} is not a directory")
    _make_folder(path)


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, mode=0o755, exist_ok=True)
    except OSError as error:
        raise ChartError(f"mkdir {error.filename}: {reason(error)}") from error


@contextmanager
def _arriving(folder: str) -> Iterator[str]:
    """A folder beside charts/, from which files can be moved there; it is deleted afterwards."""
    _sweep(folder)
    path = os.path.join(folder, f"{_ARRIVING}{os.getpid()}")
    _make_folder(path)
    try:
        yield path
    finally:
        _delete_folder(path)


def _sweep(folder: str) -> None:
    """Delete what killed processes left of such folders."""
    for entry in os.scandir(folder):
        if entry.name.startswith(_ARRIVING) and entry.is_dir(follow_symlinks=False):
            try:
                abandoned = entry.stat().st_mtime < time.time() - _ABANDONED
            except OSError:  # deleted a moment ago
                continue
            if abandoned:
                _delete_folder(entry.path)


def _delete_folder(path: str) -> None:
    """Delete a folder of files; what can't be deleted stays."""
    try:
        for entry in os.scandir(path):
            os.unlink(entry.path)
        os.rmdir(path)
    except OSError:
        pass
