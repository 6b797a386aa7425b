"""`nav history`: list the revisions of a release."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

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
