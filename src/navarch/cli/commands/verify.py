"""`nav verify`: check the signature of a chart archive."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import KEYRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "verify": """
Check that a chart archive is the one that its signature, the file .prov beside it, was made for, and that the
signature is by a key of the keyring.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {"verify": (KEYRING,)}
