"""The charts of a registry: one repository's versions, or what lies below a path, where the registry lists that."""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import JsonError, RegistryError
from navarch.oci.manifest import CONFIG, read_descriptors
from navarch.oci.reference import SCHEME, Reference, parse_chart_reference, parse_registry
from navarch.oci.versions import sorted_versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from navarch.oci.client import Repository
    from navarch.oci.registry import Registry

__all__ = ["Found", "repositories", "search"]

_CONFIG_LIMIT = 4 << 20


class Found(NamedTuple):
    """A version of a chart: its reference without a version ("oci://…"), and what its Chart.yaml says."""

    name: str
    version: str
    app_version: str
    description: str


def search(
    registry: Registry, address: str, words: Iterable[str] = (), *, constraint: str = ">0.0.0", versions: bool = False
) -> list[Found]:
    """The charts at "oci://HOST/PATH": that repository, or if it is none those below it.

    `words` must all stand in a chart's name or description, whatever their case. Of each chart the newest version that
    fits is given, with `versions` all that do. What is no chart is left out. Raises RegistryError, VersionError.
    """
    from navarch.golang.semver import parse_constraint, parse_version
    from navarch.kube.parallel import in_parallel

    fits = parse_constraint(constraint)
    listed: list[tuple[Repository, str]] = []
    for repository, tags in repositories(registry, address):
        fitting = [version for version in sorted_versions(tags) if fits.check(parse_version(version))]
        listed += [(repository, version) for version in (fitting if versions else fitting[:1])]
    outcomes = in_parallel(listed, _describe)
    wanted = [word.lower() for word in words]
    found = [one for outcome in outcomes if (one := outcome.result()) is not None]
    return [one for one in found if all(word in f"{one.name}\n{one.description}".lower() for word in wanted)]


def repositories(registry: Registry, address: str) -> list[tuple[Repository, list[str]]]:
    """The repository at "oci://HOST/PATH", or if it has no tags those below it, with their tags."""
    place = address.removeprefix(SCHEME).rstrip("/")
    host, _, path = place.partition("/")
    if path:
        repository = registry.repository(parse_chart_reference(place))
        tags = _tags(repository)
        if tags:
            return [(repository, tags)]
    found: list[tuple[Repository, list[str]]] = []
    for name in registry.catalog(parse_registry(host)):
        if not path or name.startswith(f"{path}/"):
            repository = registry.repository(Reference(host, name))
            found.append((repository, _tags(repository)))
    return found


def _tags(repository: Repository) -> list[str]:
    """The tags of a repository; none if it isn't there."""
    try:
        return list(repository.tags())
    except RegistryError as error:
        if error.status == 404:
            return []
        raise


def _describe(one: tuple[Repository, str]) -> Found | None:
    """What a version's config says; None for what is no chart."""
    repository, version = one
    manifest, data = repository.manifest(version.replace("+", "_"))
    config = next((part for part in read_descriptors(data, manifest.media_type) if part.media_type == CONFIG), None)
    if config is None or config.size > _CONFIG_LIMIT:
        return None
    pieces: list[bytes] = []
    repository.blob(config, pieces.append, pieces.clear)
    fields = _fields(b"".join(pieces))
    texts = (fields.get(name, "") for name in ("appVersion", "description"))
    app_version, description = (text if isinstance(text, str) else "" for text in texts)
    return Found(f"{SCHEME}{repository.reference.name}", version, app_version, description)


def _fields(config: bytes) -> dict[str, Any]:
    from navarch.golang.json import loads

    try:
        found = loads(config.decode("utf-8", "surrogateescape"))
    except JsonError:
        return {}
    return found if isinstance(found, dict) else {}
