"""`nav uninstall`: remove releases from the cluster."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import TIMEOUT, WAIT

TYPE_CHECKING = False
if TYPE_CHECKING:
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
