"""From the constraints in Chart.yaml to exact versions: which repository each dependency is in, and what it has.

    needs = found_in(requirements, repositories, "chart")      # each with the name of its repository's index
    versions = Resolver("chart", index, tags).resolve(needs)   # Dependencies with exact versions

Rules and messages are Helm's, but that two dependencies of one name may come from two repositories.
"""

from __future__ import annotations

import os

from navarch.errors import ChartError, NavarchError, RepositoryError, VersionError
from navarch.golang.semver import parse_constraint, parse_version
from navarch.repos.refresh import UNMANAGED
from navarch.repos.urls import equal
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from navarch.chart.model import Chart, Dependency
    from navarch.golang.semver import Constraint, Version
    from navarch.repos.config import Entry, Repositories
    from navarch.repos.index import Index

__all__ = [
    "FILE",
    "OCI",
    "Need",
    "Resolver",
    "found_in",
    "load_folder",
    "local_path",
    "unlisted",
    "unmanaged",
    "without_repository",
]

FILE = "file://"
OCI = "oci://"

_ALIASES = ("@", "alias:")
_SUGGESTION = """
Note that repositories must be URLs or aliases. For example, to refer to the "example"
repository, use "https://charts.example.com/" or "@example" instead of
"example". Don't forget to add the repo, too ('helm repo add')."""


class Need(NamedTuple):
    """A dependency, its aliased repository replaced by an address, and the repository whose index lists it.

    `entry` is None where no index is asked: folders, registries, what is in charts/ already.
    """

    dependency: Dependency
    entry: Entry | None = None

    @property
    def added(self) -> bool:
        """Whether the repository is one that was added."""
        return self.entry is not None and not self.entry.name.startswith(UNMANAGED)


def found_in(
    requirements: Iterable[Dependency],
    repositories: Repositories,
    folder: str,
    *,
    tell: Callable[[str], object] | None = None,
) -> list[Need]:
    """What the dependencies of the chart in a folder need; `tell` is told of those in other folders.

    Raises ChartError for a folder that isn't, RepositoryError for an alias, or a text, that is no repository.
    """
    needs, missing = [], []
    for requirement in requirements:
        dependency = requirement.copy()
        repository = dependency.repository
        if repository.startswith(FILE):
            local_path(repository, folder)
            if tell:
                tell(repository)
        if not repository or repository.startswith((FILE, OCI)):
            needs.append(Need(dependency))
            continue
        entry = _added(repository, repositories)
        if entry is None and not _is_address(repository):
            missing.append(repository)
            continue
        if entry is not None and _alias(repository) is not None:
            dependency.repository = entry.url
        needs.append(Need(dependency, entry or unmanaged(repository)))
    if missing:
        raise _undefined(missing)
    return needs


def _added(repository: str, repositories: Repositories) -> Entry | None:
    """The repository among the added ones that a dependency names, or has the address of."""
    alias = _alias(repository)
    return next((one for one in repositories if alias == one.name or equal(one.url, repository)), None)


def _alias(repository: str) -> str | None:
    return next((repository.removeprefix(sign) for sign in _ALIASES if repository.startswith(sign)), None)


def _is_address(text: str) -> bool:
    """Whether Go's url.ParseRequestURI takes a text."""
    from navarch.golang.url import parse_url

    try:
        return bool(parse_url(text).scheme) or text.startswith("/")
    except NavarchError:
        return False


def unmanaged(url: str) -> Entry:
    """A repository that wasn't added: its index is kept under a name that Helm makes of its address."""
    from navarch.repos.config import Entry
    from navarch.repos.hashing import sha256

    return Entry(UNMANAGED + sha256(url.encode("utf-8", "surrogateescape")).hexdigest(), url)


def _undefined(missing: Sequence[str]) -> RepositoryError:
    message = f"no repository definition for {', '.join(missing)}. Please add them via 'helm repo add'"
    plain = any("//" not in one and _alias(one) is None for one in missing)
    return RepositoryError(message + (_SUGGESTION if plain else ""))


def unlisted(dependencies: Iterable[Dependency], repositories: Repositories) -> list[str]:
    """The repositories of a lock's dependencies that weren't added."""
    return [
        d.repository
        for d in dependencies
        if d.repository
        and not d.repository.startswith((FILE, OCI))
        and not any(equal(one.url, d.repository.removesuffix("/")) for one in repositories)
    ]


def local_path(repository: str, folder: str) -> str:
    """The path that "file://PATH" means, seen from a chart's folder. Raises ChartError where nothing is there."""
    path = repository.removeprefix(FILE)
    path = os.path.abspath(path) if path.startswith("/") else os.path.normpath(os.path.join(folder, path))
    try:
        os.stat(path)
    except FileNotFoundError as error:
        raise ChartError(f"directory {path} not found") from error
    except (OSError, ValueError) as error:
        from navarch.chart.load import reason

        raise ChartError(f"stat {path}: {reason(error)}") from error
    return path


def load_folder(path: str, warn: Callable[[str], None] | None = None) -> Chart:
    """The chart in a folder, and in nothing else. Raises ChartError."""
    from navarch.chart.load import load_chart

    if os.path.isfile(path):
        raise ChartError("Chart.yaml file is missing")
    return load_chart(path, detect=False, warn=warn)


class Resolver:
    """Finds versions. `index` gives the index of a repository, `tags` the versions in "HOST/PATH", the latest first."""

    def __init__(self, folder: str, index: Callable[[Entry], Index], tags: Callable[[str], list[str]]) -> None:
        self._folder = folder
        self._index = index
        self._tags = tags

    def resolve(self, needs: Sequence[Need]) -> list[Dependency]:
        """Each dependency with the newest version that fits. Raises NavarchError, of all that have none together."""
        found: list[Dependency] = []
        missing = []
        for need in needs:
            version = self._version(need)
            if version is None:
                d = need.dependency
                missing.append(f"{_quote(d.name)} (repository {_quote(d.repository)}, version {_quote(d.version)})")
                continue
            found.append(_exact(need.dependency, version))
        if missing:
            raise RepositoryError(
                f"can't get a valid version for {len(missing)} subchart(s): {', '.join(missing)}. Make sure a matching "
                "chart version exists in the repo, or change the version constraint in Chart.yaml"
            )
        return found

    def _version(self, need: Need) -> str | None:
        """The version that a dependency gets; None where nothing fits."""
        wanted = need.dependency
        try:
            constraint = parse_constraint(wanted.version)
        except VersionError as error:
            raise ChartError(
                f"dependency {_quote(wanted.name)} has an invalid version/constraint format: {error}"
            ) from error
        if not wanted.repository:
            local_path(os.path.join("charts", wanted.name), self._folder)
            return wanted.version
        if wanted.repository.startswith(FILE):
            return self._in_folder(wanted, constraint)
        if wanted.repository.startswith(OCI):
            return self._in_registry(wanted, constraint)
        return self._in_index(need, constraint)

    def _in_folder(self, wanted: Dependency, constraint: Constraint) -> str | None:
        version = load_folder(local_path(wanted.repository, self._folder)).metadata.version
        return version if constraint.check(parse_version(version)) else None

    def _in_registry(self, wanted: Dependency, constraint: Constraint) -> str:
        """The latest version that fits; what was asked for where none does, so that the pull tells why."""
        if _version_of(wanted.version) is not None:
            return wanted.version
        try:
            versions = self._tags(f"{wanted.repository.removeprefix(OCI)}/{wanted.name}")
        except NavarchError as error:
            raise error.within(f"could not retrieve list of tags for repository {wanted.repository}") from None
        return _first(versions, constraint) or wanted.version

    def _in_index(self, need: Need, constraint: Constraint) -> str | None:
        entry, wanted = need.entry, need.dependency
        assert entry is not None
        try:
            index = self._index(entry)
        except NavarchError as error:
            raise error.within(
                f"no cached repository for {entry.name} found. (try 'helm repo update')"
            ) from error.__cause__
        if wanted.name not in index:
            raise RepositoryError(f"{wanted.name} chart not found in repo {wanted.repository}")
        for listed in index.versions(wanted.name):
            version = _version_of(listed.version)
            if version is not None and constraint.check(version) and listed.urls:
                return listed.version
        return None


def _first(versions: Iterable[str], constraint: Constraint) -> str | None:
    for text in versions:
        version = _version_of(text)
        if version is not None and constraint.check(version):
            return text
    return None


def _version_of(text: str) -> Version | None:
    try:
        return parse_version(text)
    except VersionError:
        return None


def _exact(wanted: Dependency, version: str) -> Dependency:
    """A dependency as a lock has it: name, repository, version."""
    from navarch.chart.model import Dependency

    return Dependency(wanted.name, version, wanted.repository)


def without_repository(dependencies: Iterable[Dependency]) -> set[str]:
    """The names of dependencies that are in charts/ as they are."""
    return {d.name for d in dependencies if not d.repository}


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)
