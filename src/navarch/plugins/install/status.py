"""How an installed plugin is signed: whether the signature that was kept is one of the archive that was kept.

Nobody's key is asked for here; `plugin verify` does that.
"""

from __future__ import annotations

import os

from navarch.errors import NavarchError
from navarch.plugins.install.installing import archive_name
from navarch.plugins.install.verifying import PROOF_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.plugins.load import Plugin

__all__ = ["signing_status"]


def signing_status(plugin: Plugin, usual: str) -> str:
    """One of "local dev" (a linked folder), "signed", "unsigned", "invalid" or "mismatched provenance", "unknown".

    `usual` is the folder that plugins are in where no setting says otherwise. Helm looks only there, for a folder of
    the plugin's name.
    """
    home = os.path.dirname(plugin.folder)
    name = archive_name(plugin.metadata)
    if not os.path.lexists(os.path.join(usual, plugin.name)):
        if home == usual or not os.path.exists(os.path.join(home, name)):
            return "unknown"
        usual = home
    if os.path.islink(os.path.join(usual, plugin.name)):
        return "local dev"
    return _status(os.path.join(usual, name))


def _status(archive: str) -> str:
    from navarch.provenance.cleartext import read_cleartext
    from navarch.provenance.files import read_file

    proof = f"{archive}.prov"
    if not os.path.exists(archive) or not os.path.exists(proof):
        return "unsigned"
    try:
        clear = read_cleartext(read_file(proof, most=PROOF_LIMIT))
    except NavarchError:
        return "unknown"
    if clear is None:
        return "invalid provenance"
    return "signed" if _matches(clear.text, archive) else "mismatched provenance"


def _matches(text: bytes, archive: str) -> bool:
    from navarch.provenance.files import digest_file
    from navarch.provenance.message import signed_files

    name = os.path.basename(archive)
    try:
        digest = digest_file(archive)
        return any(name in signed and digest == found for signed, found in signed_files(text).items())
    except NavarchError:
        return False
