"""`nav get`: print what is recorded about a release."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import OUTPUT, REVISION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "get": "Print what was recorded when a release was installed or upgraded: values, manifest, hooks, notes.",
    "get all": "Print everything that is recorded about a release in a form for people to read.",
    "get hooks": "Print a release's hooks, as YAML documents.",
    "get manifest": "Print the objects that a release consists of, its subcharts' too, as YAML documents.",
    "get metadata": "Print the facts about a release: its chart, versions, namespace, revision, status and time.",
    "get notes": "Print the notes that the chart had for whoever installed it.",
    "get values": "Print the values that were given for a release; with --all the chart's defaults among them.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "get all": (REVISION, ("template", "", "string", "", "Go template to print the release with")),
    "get hooks": (REVISION,),
    "get manifest": (REVISION,),
    "get metadata": (OUTPUT, REVISION),
    "get notes": (REVISION,),
    "get values": (("all", "a", "bool", "false", "print the chart's defaults too"), OUTPUT, REVISION),
}
