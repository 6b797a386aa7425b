"""`nav push`: upload a chart to a registry."""

from __future__ import annotations

from navarch.cli.shared_flags import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "push": """
Upload a chart archive to an OCI registry, with its signature if the file .prov is beside it:

    nav push web-1.0.0.tgz oci://registry.example.com/charts
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"push": CREDENTIALS}


def run(call: Call) -> int:
    """Upload the chart. Raises NavarchError for an archive that can't be read, and for what the registry refuses."""
    from navarch.cli.output import complain
    from navarch.cli.registries import flags_registry

    with flags_registry(call) as registry:
        registry.push(call.args[0], call.args[1], warn=complain)
    return 0
