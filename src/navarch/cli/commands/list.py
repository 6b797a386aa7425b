"""`nav list`: list the releases."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

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
