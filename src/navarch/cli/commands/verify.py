"""`nav verify`: check the signature of a chart archive."""

from __future__ import annotations

from navarch.cli.shared_flags import KEYRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "verify": """
Check that a chart archive is the one that its signature, the file .prov beside it, was made for, and that the
signature is by a key of the keyring.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"verify": (KEYRING,)}


def run(call: Call) -> int:
    """Say who signed the archive. Raises ProvenanceError if nobody did whom the keyring knows."""
    from navarch.cli.output import write
    from navarch.cli.signatures import verified_lines
    from navarch.provenance import verify

    archive = call.args[0]
    write(verified_lines(verify(archive, f"{archive}.prov", call.flag("keyring"))))
    return 0
