"""What is in charts/ against what Chart.yaml names: the state of each dependency, and charts that nobody named."""

from __future__ import annotations

import os

from navarch.chart.load import load_chart
from navarch.errors import NavarchError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.model import Chart, Dependency

__all__ = ["dependency_states", "unnamed_charts"]


def dependency_states(chart: Chart, path: str) -> list[tuple[str, str, str, str]]:
    """(name, version, repository, state) of each dependency of the chart at `path`.

    The state is ok for a fitting archive, unpacked for a fitting folder, else what is wrong in Helm's words: missing,
    wrong version, invalid version, corrupt, misnamed, too many matches, bad pattern.
    """
    return [(d.name, d.version, d.repository, _state(chart, path, d)) for d in chart.metadata.dependencies]


def _state(chart: Chart, path: str, dependency: Dependency) -> str:
    try:
        archives = _matching(os.path.join(path, "charts"), f"{dependency.name}-*.tgz")
    except NavarchError:
        return "bad pattern"
    if len(archives) > 1:
        archives = [archive for archive in archives if _has_exact_version(archive, dependency.name)]
        if len(archives) > 1:
            return "too many matches"
    if archives:
        return _archive_state(archives[0], dependency)
    found = [child for child in chart.dependencies if child.name == dependency.name]
    if not found:
        return "missing"
    return _version_fault(found[-1].metadata.version, dependency.version) or "unpacked"


def _matching(folder: str, pattern: str) -> list[str]:
    """The paths in a folder whose names match. Raises NavarchError for a pattern that can't be read."""
    from navarch.golang.path import match

    match(pattern, "")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if match(pattern, name)]


def _has_exact_version(archive: str, name: str) -> bool:
    from navarch.golang.semver import parse_strict

    try:
        parse_strict(os.path.basename(archive).removesuffix(".tgz").removeprefix(f"{name}-"))
    except VersionError:
        return False
    return True


def _archive_state(archive: str, dependency: Dependency) -> str:
    try:
        chart = load_chart(archive, detect=False)
    except NavarchError:
        return "corrupt"
    if chart.name != dependency.name:
        return "misnamed"
    return _version_fault(chart.metadata.version, dependency.version) or "ok"


def _version_fault(version: str, wanted: str) -> str:
    """What is wrong with a version that should fit a constraint; "" if nothing is."""
    if version == wanted:
        return ""
    from navarch.golang.semver import parse_constraint, parse_version

    try:
        fits = parse_constraint(wanted).check(parse_version(version))
    except VersionError:
        return "invalid version"
    return "" if fits else "wrong version"


def unnamed_charts(chart: Chart, path: str) -> list[str]:
    """What is wrong with the other things in charts/: no charts, or charts that Chart.yaml doesn't name."""
    from navarch.golang.strconv import quote

    named = {dependency.name for dependency in chart.metadata.dependencies}
    lines = []
    for found in _matching(os.path.join(path, "charts"), "*"):
        if not os.path.isdir(found) and not found.endswith(".tgz"):
            continue
        try:
            name = load_chart(found, detect=False).name
        except NavarchError:
            lines.append(f"{quote(found)} is not a chart.")
            continue
        if name not in named:
            lines.append(f"{quote(found)} is not in Chart.yaml.")
    return lines
