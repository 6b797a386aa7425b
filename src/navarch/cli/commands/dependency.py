"""`nav dependency`: list, fetch and lock what a chart depends on."""

from __future__ import annotations

import os

from navarch.cli.shared_flags import DOWNLOAD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

ABOUT = {
    "dependency": """
Look after the charts that a chart needs. They are named in Chart.yaml and kept in the folder charts/:

    dependencies:
    - name: redis
      version: ^20.0.0
      repository: https://charts.example.com
    - name: common
      version: 1.x
      repository: file://../common

A repository is an address, the name of one that was added (@name or alias:name), an OCI registry (oci://…), or a
folder (file://…).
""",
    "dependency list": """
Print the dependencies that Chart.yaml names, and for each whether a fitting chart is in charts/. Charts in charts/
that Chart.yaml doesn't name are told too.
""",
    "dependency update": """
Fetch the newest version that fits for every dependency in Chart.yaml, put it into charts/ and write down in
Chart.lock which one it was.
""",
    "dependency build": """
Fetch the versions that Chart.lock names, so that charts/ is as it was when the lock file was written. Without a lock
file this is `nav dependency update`.
""",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "dependency list": (("max-col-width", "", "uint", "80", "longest a column of the table may be, 0 for any length"),),
    "dependency update": DOWNLOAD,
    "dependency build": DOWNLOAD,
}


def run(call: Call) -> int:
    """List, update or build. Raises NavarchError."""
    path = os.path.normpath(call.args[0]) if call.args else "."
    {"list": _list, "update": _update, "build": _build}[call.path.rpartition(" ")[2]](call, path)
    return 0


def _update(call: Call, path: str) -> None:
    from navarch.cli.dependencies import chart_dependencies
    from navarch.repos.policies import ALWAYS, NEVER

    chart_dependencies(call, path).update(
        verify=ALWAYS if call.flag("verify") else NEVER,
        keyring=call.flag("keyring"),
        refresh=not call.flag("skip-refresh"),
    )


def _build(call: Call, path: str) -> None:
    from navarch.cli.dependencies import chart_dependencies
    from navarch.repos.policies import IF_POSSIBLE, NEVER

    chart_dependencies(call, path).build(
        verify=IF_POSSIBLE if call.flag("verify") else NEVER,
        keyring=call.flag("keyring"),
        refresh=not call.flag("skip-refresh"),
    )


def _list(call: Call, path: str) -> None:
    from navarch.chart.dependencies import dependency_states, unnamed_charts
    from navarch.chart.load import load_chart
    from navarch.cli.output import complain, table, write
    from navarch.golang.types import NilList

    chart = load_chart(path, warn=complain, detect=False)
    if type(chart.metadata.dependencies) is NilList:
        write(f"WARNING: no dependencies at {os.path.join(path, 'charts')}\n")
        return
    rows = [("NAME", "VERSION", "REPOSITORY", "STATUS"), *dependency_states(chart, path)]
    write(table(rows, width=call.flag("max-col-width")) + "\n\n")
    write("".join(f"WARNING: {line}\n" for line in unnamed_charts(chart, path)))
