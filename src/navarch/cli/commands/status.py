"""`nav status`: show how a release is doing."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import OUTPUT, REVISION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "status": """
Show the state of a release: when it was last changed, its namespace, status and revision, its objects, how its tests
went, and the chart's notes.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"status": (OUTPUT, REVISION)}
