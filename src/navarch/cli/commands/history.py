"""`nav history`: list the revisions of a release."""

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
    "history": """
List the revisions of a release, the latest ones if there are more than --max: when each was made, of which chart,
what became of it. `nav rollback` goes back to one.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "history": (
        ("max", "", "int", "256", "most revisions to list"),
        OUTPUT,
        ("show-rollback-revision", "", "bool", "false", "say for a rollback which revision it went back to"),
    ),
}


def run(call: Call) -> int:
    """Print the revisions. Raises NavarchError."""
    from navarch.actions.history import history
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write
    from navarch.cli.release_output import to_json, to_yaml

    revisions = history(action_context(call), call.args[0], maximum=call.flag("max"))
    output = call.flag("output")
    if output == "table":
        write(_table(revisions, rollbacks=call.flag("show-rollback-revision")))
    else:
        found = [_fields(revision) for revision in revisions]
        write(to_json(found) if output == "json" else to_yaml(found))
    return 0


def _table(revisions: list[Summary], *, rollbacks: bool) -> str:
    from navarch.cli.output import table
    from navarch.cli.release_output import ansi_c

    rows = [("REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "ROLLBACK", "DESCRIPTION")]
    for one in revisions:
        back = str(one.rollback_revision) if one.rollback_revision > 0 else ""
        when = ansi_c(one.updated)
        rows.append((str(one.revision), when, one.status, one.chart, one.app_version, back, one.description))
    shown = rows if rollbacks else [(*row[:5], row[6]) for row in rows]
    return table(shown, width=0) + "\n"


def _fields(revision: Summary) -> Any:
    """A revision as Helm prints it for programs."""
    from navarch.cli.release_output import Fields

    return Fields(
        {
            "revision": revision.revision,
            **({"updated": revision.updated} if revision.updated else {}),
            "status": revision.status,
            "chart": revision.chart,
            "app_version": revision.app_version,
            **({"rollback_revision": revision.rollback_revision} if revision.rollback_revision else {}),
            "description": revision.description,
        }
    )
