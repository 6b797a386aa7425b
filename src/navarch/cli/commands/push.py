"""`nav push`: upload a chart to a registry."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "push": """
Upload a chart archive to an OCI registry, with its signature if the file .prov is beside it:

    nav push web-1.0.0.tgz oci://registry.example.com/charts
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"push": CREDENTIALS}
