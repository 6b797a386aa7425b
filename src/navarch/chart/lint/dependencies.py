"""The rules for dependencies: what Chart.yaml names and what is in charts/ is the same, and named once."""

from __future__ import annotations

from navarch.chart.lint.report import ERROR, WARNING
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.lint.report import Report

__all__ = ["lint_dependencies"]


def lint_dependencies(report: Report) -> None:
    """Compare Chart.yaml's dependencies with the charts that were loaded from charts/."""
    try:
        chart = report.chart()
    except NavarchError as error:
        report.add(ERROR, "", f"unable to load chart\n\t{error}")
        return
    named = [dependency.name for dependency in chart.metadata.dependencies]
    there = [child.metadata.name for child in chart.dependencies]
    unnamed = [name for name in there if name not in named]
    if unnamed:
        report.add(ERROR, report.folder, f"chart metadata is missing these dependencies: {','.join(unnamed)}")
    twice = _twice([dependency.alias or dependency.name for dependency in chart.metadata.dependencies])
    if twice:
        report.add(ERROR, report.folder, f"multiple dependencies with name or alias: {','.join(twice)}")
    missing = [name for name in named if name not in there]
    if missing:
        report.add(WARNING, report.folder, f"chart directory is missing these dependencies: {','.join(missing)}")


def _twice(names: list[str]) -> list[str]:
    return [name for at, name in enumerate(names) if name in names[:at]]
