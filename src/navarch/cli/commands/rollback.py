"""`nav rollback`: bring an earlier revision of a release back."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import DRY_RUN, EXCLUSIVE_FORCE, FORCE_NOTICE, TIMEOUT, WAIT, WAIT_FOR_JOBS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "DEPRECATED", "EXCLUSIVE", "FLAGS", "run"]

ABOUT = {
    "rollback": """
Make a release again what it was at an earlier revision; that is a new revision in itself. Without a number, or with 0,
it goes back to the revision before the current one. `nav history` lists the revisions.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "rollback": (
        ("cleanup-on-fail", "", "bool", "false", "if it fails, remove the objects that it made"),
        ("description", "", "string", "", "say in the record what this revision is"),
        DRY_RUN,
        ("force", "", "bool", "false", "the old name of --force-replace"),
        ("force-conflicts", "", "bool", "false", "take fields over from other managers in server-side apply"),
        ("force-replace", "", "bool", "false", "replace objects instead of patching them"),
        ("history-max", "", "int", "$", "most revisions to keep, 0 for all"),
        ("no-hooks", "", "bool", "false", "leave hooks out"),
        ("server-side", "", "string", "auto", "server-side apply: true, false, or auto for what the release had"),
        TIMEOUT,
        WAIT,
        WAIT_FOR_JOBS,
    ),
}

DEPRECATED = {"rollback": FORCE_NOTICE}
EXCLUSIVE = EXCLUSIVE_FORCE
