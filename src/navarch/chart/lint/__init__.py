"""Mistakes in charts, found by Helm's rules and told in Helm's words.

    chartfile      Chart.yaml: can be read, has what it must have, and nothing unknown
    values         values.yaml: is there, can be read, fits values.schema.json
    templates      templates render to objects whose names, selectors and API versions are sound
    dependencies   Chart.yaml and charts/ name the same charts
    crds           crds/ holds custom resource definitions

A rule adds to a `Report`. Rendering and schemas belong to layers above this one, so they are handed in as `Tools`.
"""

from __future__ import annotations

import os

from navarch.chart.lint.report import ERROR, INFO, WARNING, Finding, Report, Tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Report", "Tools", "lint_folder"]


def lint_folder(path: str, values: dict[str, Any], tools: Tools, *, warn: Callable[[str], None]) -> list[Finding]:
    """What is wrong with the chart in a folder, for some values; in the order of the rules.

    `warn` is given the lines that Helm writes to stderr while it loads charts. Nothing is raised for a bad chart.
    """
    from navarch.chart.lint.chartfile import lint_chartfile
    from navarch.chart.lint.crds import lint_crds
    from navarch.chart.lint.dependencies import lint_dependencies
    from navarch.chart.lint.templates import lint_templates
    from navarch.chart.lint.values import lint_values

    report = Report(os.path.abspath(path), warn)
    lint_chartfile(report)
    lint_values(report, values, tools)
    lint_templates(report, values, tools)
    lint_dependencies(report)
    lint_crds(report)
    return report.findings
