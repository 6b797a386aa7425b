"""`nav rollback`: bring an earlier revision of a release back."""

from __future__ import annotations

from navarch.cli.shared_flags import DRY_RUN, EXCLUSIVE_FORCE, FORCE_NOTICE, TIMEOUT, WAIT, WAIT_FOR_JOBS
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
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


def run(call: Call) -> int:
    """Roll back. Raises NavarchError."""
    from navarch.actions.rollback import check_description, rollback
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write
    from navarch.cli.progress import watched
    from navarch.cli.release_flags import rollback_options

    revision = _revision(call.args[1]) if len(call.args) > 1 else 0
    check_description(call.flag("description"))
    options = rollback_options(call)
    context = action_context(call)
    with watched(context):
        rollback(context, call.args[0], revision, options)
    write("Rollback was a success! Happy Helming!\n")
    return 0


def _revision(text: str) -> int:
    """The number that a revision is given as. Raises UsageError with strconv.Atoi's words."""
    from navarch.golang.strconv import NumError, parse_int

    try:
        return parse_int(text, 10, 64)
    except NumError as error:
        words = str(error).replace("strconv.ParseInt", "strconv.Atoi", 1)
        raise UsageError(f"could not convert revision to a number: {words}") from error
