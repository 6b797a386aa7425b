"""The rules for templates: they render, and what they render to are sound objects."""

from __future__ import annotations

from navarch.chart.lint.deprecations import deprecation
from navarch.chart.lint.names import name_faults
from navarch.chart.lint.objects import items_of, objects_of
from navarch.chart.lint.report import ERROR, WARNING
from navarch.errors import NavarchError, YamlError
from navarch.golang.path import ext
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.chart.lint.objects import Object
    from navarch.chart.lint.report import Report, Tools
    from navarch.chart.model import Chart

__all__ = ["lint_templates"]

_FOLDER = "templates/"
_EXTENSIONS = (".yaml", ".yml", ".tpl", ".txt")
_SELECTING = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")
_LONGEST_LINE = 64 * 1024


def lint_templates(report: Report, values: dict[str, Any], tools: Tools) -> None:
    """Render the chart with some values and look at each template of its own; what is no YAML ends it."""
    try:
        if not _folder_sound(report):
            return
        chart = report.chart()
        rendered = tools.render(chart, values)
    except NavarchError as error:
        report.add(ERROR, _FOLDER, str(error))
        return
    if rendered is None:
        return
    for name, text in _yaml_templates(report, chart, rendered):
        try:
            _lint_text(report, name, text, tools.kubernetes)
        except YamlError as error:
            report.add(ERROR, name, f"unable to parse YAML: {error}")
            return


def _folder_sound(report: Report) -> bool:
    """Whether templates/ is a folder. Raises ChartError."""
    folder = report.is_folder(_FOLDER)
    if folder is None:
        return report.sound(WARNING, _FOLDER, "directory does not exist")
    return report.sound(ERROR, _FOLDER, None if folder else "not a directory")


def _yaml_templates(report: Report, chart: Chart, rendered: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the chart's YAML files render to, without empty ones; names that a template can't have are told."""
    for name, _ in chart.templates:
        ending = ext(name)
        if ending not in _EXTENSIONS:
            listed = "Valid extensions are .yaml, .yml, .tpl, or .txt"
            report.add(ERROR, name, f"file extension '{ending}' not valid. {listed}")
        text = rendered.get(f"{chart.name}/{name}", "")
        if ending.lower() in (".yaml", ".yml") and text.strip():
            yield name, text


def _lint_text(report: Report, name: str, text: str, kubernetes: tuple[int, int]) -> None:
    """The rules for one template's text. Raises YamlError."""
    report.sound(WARNING, name, _indent_fault(text))
    for found in objects_of(text):
        report.sound(WARNING, name, _name_fault(found))
        report.sound(WARNING, name, deprecation(found.api_version, found.kind, kubernetes))
        report.sound(ERROR, name, _selector_fault(found, text))
        report.sound(ERROR, name, _list_fault(found, text))


def _indent_fault(text: str) -> str | None:
    """A document that begins with a blank can mean two things."""
    for line in text.split("\n"):
        if len(line.encode("utf-8", "surrogateescape")) >= _LONGEST_LINE:
            return "bufio.Scanner: token too long"
        if line.strip():
            shown = quote(line.removesuffix("\r"))
            indented = f"document starts with an illegal indent: {shown}, which may cause parsing problems"
            return indented if line[0] in " \t" else None
    return None


def _name_fault(found: Object) -> str | None:
    faults = name_faults(found.kind, found.name)
    if not faults:
        return None
    shown = quote(found.name)
    told = [f"metadata.name: Invalid value: {shown}: {fault}" for fault in faults]
    listed = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    return f"object name does not conform to Kubernetes naming requirements: {shown}: {listed}"


def _selector_fault(found: Object, text: str) -> str | None:
    if found.kind not in _SELECTING or "matchLabels" in text or "matchExpressions" in text:
        return None
    return f"a {found.kind} must contain matchLabels or matchExpressions, and {quote(found.name)} does not"


def _list_fault(found: Object, text: str) -> str | None:
    """Helm looks at a release's objects, not into lists, so policies in there have no effect."""
    if found.kind != "List":
        return None
    try:
        items = items_of(text)
    except YamlError as error:
        return f"unable to parse YAML: {error}"
    if any("helm.sh/resource-policy" in annotations for annotations in items):
        return "annotation 'helm.sh/resource-policy' within List objects are ignored"
    return None
