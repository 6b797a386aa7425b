"""`nav list`: list the releases."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.releases.drivers.base import Summary

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "list": """
List the releases of a namespace, or of all with -A, by name. Releases in every state are listed unless flags name
the states to list. --filter takes a regular expression for names, --selector labels of the records.

At most --max releases are printed; --offset begins further down.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "list": (
        ("all-namespaces", "A", "bool", "false", "list the releases of every namespace"),
        ("date", "d", "bool", "false", "sort by time instead of name"),
        ("deployed", "", "bool", "false", "list releases that are deployed"),
        ("failed", "", "bool", "false", "list releases that failed"),
        ("filter", "f", "string", "", "regular expression that names have to match"),
        ("max", "m", "int", "256", "most releases to list"),
        ("no-headers", "", "bool", "false", "leave the table's headings out"),
        ("offset", "", "int", "0", "how many releases to skip"),
        OUTPUT,
        ("pending", "", "bool", "false", "list releases that something is being done to"),
        ("reverse", "r", "bool", "false", "turn the order round"),
        ("selector", "l", "string", "", "labels that the records have to have: a=b,c!=d"),
        ("short", "q", "bool", "false", "print names only"),
        ("superseded", "", "bool", "false", "list releases that a later revision took the place of"),
        ("time-format", "", "string", "", "how to print times, in the layout of Go: 2006-01-02 15:04:05Z0700"),
        ("uninstalled", "", "bool", "false", "list uninstalled releases whose history was kept"),
        ("uninstalling", "", "bool", "false", "list releases that are being uninstalled"),
    ),
}

_STATES = ("deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling")
_HEADINGS = ("NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION")


def run(call: Call) -> int:
    """Print the releases. Raises NavarchError."""
    from navarch.actions.listing import list_releases
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write

    releases = list_releases(
        action_context(call, namespace="" if call.flag("all-namespaces") else None),
        name_filter=call.flag("filter"),
        selector=call.flag("selector"),
        states=[state for state in _STATES if call.flag(state)],
        by_date=call.flag("date"),
        reverse=call.flag("reverse"),
        offset=call.flag("offset"),
        maximum=call.flag("max"),
    )
    write(_names(call, releases) if call.flag("short") else _all(call, releases))
    return 0


def _names(call: Call, releases: list[Summary]) -> str:
    from navarch.cli.release_output import to_json, to_yaml

    names = [release.name for release in releases]
    output = call.flag("output")
    if output == "table":
        return "".join(f"{name}\n" for name in names)
    return to_json(names) if output == "json" else to_yaml(names)


def _all(call: Call, releases: list[Summary]) -> str:
    from navarch.cli.release_output import Fields, to_json, to_yaml

    layout = call.flag("time-format")
    output = call.flag("output")
    if output == "table":
        return _table(call, releases, layout)
    found = [Fields(_fields(release, layout)) for release in releases]
    return to_json(found) if output == "json" else to_yaml(found)


def _table(call: Call, releases: list[Summary], layout: str) -> str:
    from navarch.cli.output import table
    from navarch.cli.release_output import Colors

    colors = Colors.of(call)
    rows = [] if call.flag("no-headers") else [[colors.heading(heading) for heading in _HEADINGS]]
    for release in releases:
        fields = _fields(release, layout)
        fields["namespace"] = colors.namespace(release.namespace)
        fields["status"] = colors.status(release.status)
        rows.append(list(fields.values()))
    return table(rows, width=0) + "\n"


def _fields(release: Summary, layout: str) -> dict[str, Any]:
    """A release as Helm prints it; the revision is a text too."""
    return {
        "name": release.name,
        "namespace": release.namespace,
        "revision": str(release.revision),
        "updated": _when(release.updated, layout),
        "status": release.status,
        "chart": release.chart,
        "app_version": release.app_version,
    }


def _when(time: str, layout: str) -> str:
    from navarch.releases.times import go_text, parse

    if not time:
        return "-"
    return parse(time).format(layout) if layout else go_text(time)
