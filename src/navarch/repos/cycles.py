"""Charts in folders that depend on themselves, over however many others."""

from __future__ import annotations

import os

from navarch.errors import ChartError, NavarchError
from navarch.repos.resolver import FILE, load_folder, local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.model import Chart

__all__ = ["check_cycles"]


def check_cycles(chart: Chart, folder: str) -> None:
    """Raise ChartError for a chart in a folder whose file:// dependencies lead back to a chart on the way.

    Such a chart would grow with every update: each archive has the others in it. What can't be loaded is for others
    to refuse.
    """
    _follow(chart, folder, {}, set())


def _follow(chart: Chart, folder: str, way: dict[str, str], done: set[str]) -> None:
    """Look at a chart's dependencies. `way` has the names of the charts that led here, by their folders."""
    place = os.path.realpath(folder)
    if place in way:
        names = list(way.values())[list(way).index(place) :]
        raise ChartError(f"cyclic dependency: {' -> '.join([*names, chart.name])}")
    for dependency in chart.metadata.dependencies:
        if dependency.repository.startswith(FILE):
            try:
                below = local_path(dependency.repository, folder)
                found = load_folder(below) if os.path.realpath(below) not in done else None
            except NavarchError:
                continue
            if found:
                _follow(found, below, {**way, place: chart.name}, done)
    done.add(place)
