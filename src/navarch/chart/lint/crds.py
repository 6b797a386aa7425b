"""The rules for crds/: its files hold custom resource definitions, as they are and not as templates."""

from __future__ import annotations

from navarch.chart.lint.objects import objects_of
from navarch.chart.lint.report import ERROR
from navarch.errors import NavarchError, YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.lint.report import Report

__all__ = ["lint_crds"]

_FOLDER = "crds/"


def lint_crds(report: Report) -> None:
    """Look at every document in crds/, the subcharts' too; what is no YAML ends it."""
    try:
        folder = report.is_folder(_FOLDER)
        if folder is None:
            return
        if not folder:
            report.add(ERROR, _FOLDER, "not a directory")
            return
        crds = report.chart().crds()
    except NavarchError as error:
        report.add(ERROR, _FOLDER, str(error))
        return
    for path, data in crds:
        name = path[path.rindex("crds/") :]
        try:
            for found in objects_of(data.decode("utf-8", "surrogateescape")):
                if not found.api_version.startswith("apiextensions.k8s.io"):
                    report.add(ERROR, name, "apiVersion is not in 'apiextensions.k8s.io'")
                if found.kind != "CustomResourceDefinition":
                    report.add(ERROR, name, "object kind is not 'CustomResourceDefinition'")
        except YamlError as error:
            report.add(ERROR, name, f"unable to parse YAML: {error}")
            return
