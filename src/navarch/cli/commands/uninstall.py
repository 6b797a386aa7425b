"""`nav uninstall`: remove releases from the cluster."""

from __future__ import annotations

from navarch.cli.shared_flags import TIMEOUT, WAIT
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "uninstall": """
Remove the objects of releases from the cluster, and their records unless --keep-history is given. CRDs and objects
that are annotated helm.sh/resource-policy: keep stay.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "uninstall": (
        ("cascade", "", "string", "background", "how dependents are deleted: background, foreground or orphan"),
        ("description", "", "string", "", "say in the record why"),
        ("dry-run", "", "bool", "false", "only say what would be removed"),
        ("ignore-not-found", "", "bool", "false", "a release that isn't there is no error"),
        ("keep-history", "", "bool", "false", "keep the records, marked as uninstalled"),
        ("no-hooks", "", "bool", "false", "leave hooks out"),
        TIMEOUT,
        WAIT,
    ),
}


def run(call: Call) -> int:
    """Uninstall each of the releases. Raises NavarchError for the first that can't be."""
    from navarch.actions.uninstall import uninstall
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write
    from navarch.cli.progress import watched
    from navarch.cli.release_flags import uninstall_options

    options = uninstall_options(call)
    if options.cascade not in ("background", "foreground", "orphan"):
        words = 'Must be "background", "foreground", or "orphan"'
        raise UsageError(f"invalid cascade value ({options.cascade}). {words}")
    context = action_context(call)
    for name in call.args:
        with watched(context):
            result = uninstall(context, name, options)
        if result.info:
            write(f"{result.info}\n")
        write(f'release "{name}" uninstalled\n')
    return 0
