"""`nav search`: find charts."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import DEVEL, OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "search": "Find charts: in the repositories that were added, or on a hub that knows many repositories.",
    "search hub": "Ask Artifact Hub, or another hub that answers the same way, for charts.",
    "search repo": """
Find charts by their names, descriptions and keywords in the repositories that were added. The copies of their indexes
are searched; `nav repo update` fetches newer ones.
""",
}

_WIDTH: Row = ("max-col-width", "", "uint", "50", "longest a column of the table may be")
_FAIL: Row = ("fail-on-no-result", "", "bool", "false", "fail if nothing is found")

FLAGS: dict[str, tuple[Row, ...]] = {
    "search hub": (
        ("endpoint", "", "string", "https://hub.helm.sh", "address of the hub"),
        _FAIL,
        ("list-repo-url", "", "bool", "false", "print the charts' repositories"),
        _WIDTH,
        OUTPUT,
    ),
    "search repo": (
        DEVEL,
        _FAIL,
        _WIDTH,
        OUTPUT,
        ("regexp", "r", "bool", "false", "read the keywords as regular expressions"),
        ("version", "", "string", "", "only versions that fit this range"),
        ("versions", "l", "bool", "false", "print every version, not just the latest"),
    ),
}
