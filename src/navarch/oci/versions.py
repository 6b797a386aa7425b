"""Which versions of a chart a registry has: its tags, in which + is written _, and the one that a constraint means."""

from __future__ import annotations

from functools import cmp_to_key

from navarch.errors import RegistryError, VersionError
from navarch.golang.semver import parse_constraint, parse_strict, parse_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from navarch.golang.semver import Version

__all__ = ["choose", "sorted_versions"]


def sorted_versions(tags: Iterable[str]) -> list[str]:
    """The tags that are versions, the latest first, with + for _."""
    found: list[Version] = []
    for tag in tags:
        try:
            found.append(parse_strict(tag.replace("_", "+")))
        except VersionError:
            continue
    found.sort(key=cmp_to_key(_compare), reverse=True)
    return [str(version) for version in found]


def _compare(one: Version, other: Version) -> int:
    return one.compare(other)


def choose(versions: Sequence[str], wanted: str) -> str:
    """The first version that is the one wanted, or that satisfies the constraint; "" wants the latest release.

    Raises RegistryError where there is none, or for a text that is no constraint.
    """
    if wanted in versions:
        return wanted
    try:
        constraint = parse_constraint(wanted or "*")
    except VersionError as error:
        raise RegistryError(str(error)) from error
    for version in versions:
        if constraint.check(parse_version(version)):
            return version
    raise RegistryError(f"could not locate a version matching provided version string {wanted}")
