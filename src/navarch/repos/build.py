"""The index of a folder of archives, as `repo index` writes it."""

from __future__ import annotations

import os
import time

from navarch.errors import ChartError, NavarchError, RepositoryError, VersionError
from navarch.repos.content import digest_of_file
from navarch.repos.entry import IndexEntry
from navarch.repos.index import Index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.chart.model import Metadata

__all__ = ["index_directory", "now", "same_version", "version_in_name"]


def now() -> str:
    """The time in RFC 3339 with the local offset, as Go's time.Now() is written."""
    nanoseconds = time.time_ns()
    local = time.localtime(nanoseconds // 1_000_000_000)
    fraction = f"{nanoseconds % 1_000_000_000:09d}".rstrip("0")
    minutes = local.tm_gmtoff // 60
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "Z"
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', local)}{f'.{fraction}' if fraction else ''}{offset}"


def index_directory(folder: str, url: str = "", *, warn: Callable[[str], None] | None = None) -> Index:
    """The index of the archives (*.tgz) in a folder and in the folders right in it. What is no chart is left out.

    `url` is put before the archives' names. Raises NavarchError for a chart that no index can have, and for an archive
    whose name says another version than its Chart.yaml.
    """
    index = Index()
    for below in _archives(folder):
        parent, name = os.path.split(below)
        path = os.path.join(folder, below)
        metadata = _metadata(path, warn)
        if metadata is None:
            continue
        _check_name(path, name, metadata)
        index.add(_entry(path, name, metadata, _base(url, parent)))
    return index


def _archives(folder: str) -> list[str]:
    """The archives' paths from the folder on, those in it first. Names with a dot in front count."""
    try:
        names = sorted(os.listdir(folder), key=os.fsencode)
    except OSError:
        return []
    found = [name for name in names if name.endswith(".tgz")]
    for name in names:
        try:
            inner = sorted(os.listdir(os.path.join(folder, name)), key=os.fsencode)
        except OSError:
            continue
        found += [os.path.join(name, below) for below in inner if below.endswith(".tgz")]
    return found


def _metadata(path: str, warn: Callable[[str], None] | None) -> Metadata | None:
    from navarch.chart.load import load_chart

    try:
        return load_chart(path, warn=warn).metadata
    except NavarchError:
        return None


def _base(url: str, parent: str) -> str:
    from navarch.repos.urls import with_base

    return with_base(url, parent)


def _entry(path: str, name: str, metadata: Metadata, base: str) -> IndexEntry:
    from navarch.chart.checks import check_metadata
    from navarch.repos.urls import with_base

    metadata = metadata.copy()
    metadata.api_version = metadata.api_version or "v1"
    try:
        check_metadata(metadata)
    except ChartError as error:
        raise RepositoryError(f"failed adding to {name} to index: validate failed for {name}: {error}") from error
    address = with_base(base, name) if base else name
    try:
        digest = digest_of_file(path)
    except OSError as error:
        from navarch.chart.load import reason

        raise RepositoryError(f"open {path}: {reason(error)}") from error
    return IndexEntry(metadata, urls=[address], created=now(), digest=digest)


def _check_name(path: str, name: str, metadata: Metadata) -> None:
    """Refuse an archive whose name promises another version than its Chart.yaml."""
    said = version_in_name(name, metadata.name)
    if said and not same_version(said, metadata.version):
        raise RepositoryError(f"{path} has version {metadata.version} in its Chart.yaml, but {said} in its name")


def version_in_name(name: str, chart: str) -> str:
    """The version that the name of a chart's archive names; "" where it doesn't name any."""
    stem = name.removesuffix(".tgz")
    if not stem.startswith(f"{chart}-"):
        return ""
    said = stem[len(chart) + 1 :]
    if "." not in said:
        return ""
    from navarch.golang.semver import parse_version

    try:
        parse_version(said)
    except VersionError:
        return ""
    return said


def same_version(one: str, other: str) -> bool:
    """Whether two texts are the same version, build metadata included; a leading v doesn't count."""
    if one == other:
        return True
    from navarch.golang.semver import parse_version

    try:
        return str(parse_version(one)) == str(parse_version(other))
    except VersionError:
        return False
