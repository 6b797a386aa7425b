"""The rules for values.yaml."""

from __future__ import annotations

import os

from navarch.chart.lint.report import ERROR, INFO
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.lint.report import Report, Tools

__all__ = ["lint_values"]

_FILE = "values.yaml"


def lint_values(report: Report, overrides: dict[str, Any], tools: Tools) -> None:
    """values.yaml is there, can be read, and fits the schema beside it together with the values that were given."""
    if not os.path.exists(report.path(_FILE)):
        report.add(INFO, _FILE, "file does not exist")
        return
    from navarch.golang.yaml import load_map

    try:
        values = load_map(report.read(_FILE), "common.Values")
    except NavarchError as error:
        report.add(ERROR, _FILE, f"unable to parse YAML: {error}")
        return
    try:
        tools.check_values(values, overrides, _schema(report))
    except NavarchError as error:
        report.add(ERROR, _FILE, str(error))


def _schema(report: Report) -> bytes:
    """The schema's text, empty if there is none that can be read."""
    try:
        return report.read("values.schema.json")
    except NavarchError:
        return b""
