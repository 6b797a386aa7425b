"""`nav create`: write the files of a new chart, from our scaffold or from a starter."""

from __future__ import annotations

import os

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

ABOUT = {
    "create": """
Write a chart that can be installed as it is, to be changed into the one you want.

NAME is the chart's name, or a path that ends in it; folders that are missing are made. What is there already stays,
except for files that the new chart has too.

With --starter the chart is a copy of another one, in which <CHARTNAME> is replaced by the new name everywhere.
Starters are looked for in the folder starters below HELM_DATA_HOME.
"""
}

# Version 3 of the chart format is behind a gate, and so is the flag that asks for it.
_GATED_WORDS = "version of the chart format: v2 or v3" if os.environ.get("HELM_EXPERIMENTAL_CHART_V3") else ""

FLAGS: dict[str, tuple[Row, ...]] = {
    "create": (
        ("starter", "p", "string", "", "starter to copy: a name, or an absolute path"),
        ("chart-api-version", "", "string", "v2", _GATED_WORDS),
    ),
}


def run(call: Call) -> int:
    """Write the chart, after saying so. Raises NavarchError."""
    from navarch.cli.output import write
    from navarch.golang.path import base, dirname

    path = call.args[0]
    write(f"Creating {path}\n")
    version = _api_version(call.flag("chart-api-version"))
    folder, name = dirname(path), base(path)
    if starter := call.flag("starter"):
        from navarch.chart.create import create_from
        from navarch.cli.settings import data_path

        create_from(name, folder, os.path.join(data_path("starters"), starter), api_version=version)
        return 0
    from navarch.chart.create import create_chart

    create_chart(name, folder, api_version=version, warn=lambda line: write(f"{line}\n"))
    return 0


def _api_version(asked: str) -> str:
    """The version of the chart format to write. Raises NavarchError for one that there is not, or not yet."""
    if asked in ("", "v2"):
        return "v2"
    if asked != "v3":
        raise NavarchError(f"unsupported chart API version: {asked} (supported: v2, v3)")
    if not _GATED_WORDS:
        raise NavarchError(
            "this feature has been marked as experimental and is not enabled by default. Please set "
            "HELM_EXPERIMENTAL_CHART_V3=1 in your environment to use this feature",
        )
    return "v3"
