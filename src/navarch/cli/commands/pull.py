"""`nav pull`: download a chart."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import CHART_SOURCE, DEVEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "pull": """
Download charts from a repository, a registry or an address, as archives or, with --untar, as folders. With --prov
the signature is downloaded as well, with --verify it is checked, and a chart that fails is not kept.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "pull": (
        *CHART_SOURCE,
        ("destination", "d", "string", ".", "folder to put the archive in; with --untar, the one --untardir is below"),
        DEVEL,
        ("prov", "", "bool", "false", "download the signature too, without checking it"),
        ("untar", "", "bool", "false", "unpack the chart"),
        ("untardir", "", "string", ".", "folder to unpack into"),
    ),
}
