"""`nav status`: show how a release is doing."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT, REVISION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "status": """
Show the state of a release: when it was last changed, its namespace, status and revision, its objects, how its tests
went, and the chart's notes.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"status": (OUTPUT, REVISION)}


def run(call: Call) -> int:
    """Print the release. Raises NavarchError."""
    from navarch.actions.status import status
    from navarch.cli.cluster import action_context
    from navarch.cli.release_output import print_release

    output = call.flag("output")
    release = status(action_context(call), call.args[0], call.flag("revision"), tables=output == "table")
    release.chart = None
    print_release(call, release, output, stored=True)
    return 0
