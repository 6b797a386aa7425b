"""`nav lint`: search charts for mistakes."""

from __future__ import annotations

import os

from navarch.cli.shared_flags import KUBE_VERSION, SKIP_SCHEMA, VALUES
from navarch.errors import NavarchError, UsageError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.capabilities import Capabilities
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

ABOUT = {
    "lint": """
Search charts for what would make an installation fail ([ERROR]), for what departs from the conventions ([WARNING])
and for what could be better ([INFO]). Errors make the command fail; with --strict warnings do as well.

PATH is the folder or archive of a chart.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "lint": (
        *VALUES,
        KUBE_VERSION,
        ("quiet", "", "bool", "false", "print nothing but warnings and errors"),
        SKIP_SCHEMA,
        ("strict", "", "bool", "false", "fail on warnings as well"),
        ("with-subcharts", "", "bool", "false", "search the charts in charts/ too"),
    ),
}


def run(call: Call) -> int:
    """Print the findings of every chart and a count. Raises NavarchError, the count, if a chart failed."""
    from navarch.cli.charts import given_values
    from navarch.cli.output import write

    capabilities = _capabilities(call.flag("kube-version"))
    paths = [*call.args, *_subcharts(call.args)] if call.flag("with-subcharts") else call.args
    values = given_values(call)
    reports = [_lint(call, path, values, capabilities) for path in paths]
    quiet = call.flag("quiet")
    shown = [report for report in reports if report.findings or report.failed or not quiet]
    write("".join(report.text for report in shown))
    failed = sum(report.failed for report in shown)
    summary = f"{len(paths)} chart(s) linted, {failed} chart(s) failed"
    if failed:
        raise NavarchError(summary)
    if shown:
        write(f"{summary}\n")
    return 0


def _capabilities(version: str) -> Capabilities:
    """The Kubernetes version to assume. Raises UsageError."""
    from navarch.chart.capabilities import Capabilities

    if not version:
        return Capabilities()
    try:
        return Capabilities(version)
    except VersionError as error:
        raise UsageError(f"invalid kube version '{version}': {error}") from error


def _subcharts(paths: list[str]) -> list[str]:
    """The folders and archives below the charts/ of some charts, in lexical order."""
    found: list[str] = []
    for path in paths:
        _walk(os.path.normpath(os.path.join(path, "charts")), found)
    return found


def _walk(path: str, found: list[str]) -> None:
    """Depth first, a folder before what is in it; symbolic links aren't followed."""
    name = os.path.basename(path)
    if name == "Chart.yaml":
        found.append(os.path.dirname(path))
    elif path.endswith((".tgz", ".tar.gz")) and os.path.lexists(path):
        found.append(path)
    if os.path.isdir(path) and not os.path.islink(path):
        try:
            names = sorted(os.listdir(path))
        except OSError:
            return
        for inner in names:
            _walk(os.path.join(path, inner), found)


class _Report:
    """What is printed about one chart; `findings` counts warnings and errors."""

    def __init__(self, text: str, *, failed: bool, findings: int) -> None:
        self.text = text
        self.failed = failed
        self.findings = findings


def _lint(call: Call, path: str, values: dict[str, Any], capabilities: Capabilities) -> _Report:
    from navarch.actions.lint import ERROR, INFO, WARNING, lint
    from navarch.cli.charts import fetch_schema, more_functions
    from navarch.cli.output import complain

    head = f"==> Linting {path}\n"
    try:
        findings = lint(
            path,
            values,
            namespace=call.settings.namespace,
            capabilities=capabilities,
            skip_schema=call.flag("skip-schema-validation"),
            fetch_schema=fetch_schema,
            more_functions=more_functions,
            warn=complain,
        )
    except NavarchError as error:
        return _Report(f"{head}Error {error}\n\n", failed=True, findings=1)
    worst = WARNING if call.flag("strict") else ERROR
    told = [f for f in findings if f.severity > INFO or not call.flag("quiet")]
    return _Report(
        head + "".join(f"{finding}\n" for finding in told) + "\n",
        failed=any(finding.severity >= worst for finding in findings),
        findings=sum(finding.severity > INFO for finding in findings),
    )
