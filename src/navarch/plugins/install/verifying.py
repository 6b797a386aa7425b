"""Whether a plugin's archive is the one that the signature beside it was made for."""

from __future__ import annotations

import os
from stat import S_ISDIR

from navarch.errors import PluginError, ProvenanceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.provenance import Verification

__all__ = ["PROOF_LIMIT", "verify_archive"]

PROOF_LIMIT = 16 << 20
"""No signature is nearly as long, in bytes."""


def verify_archive(path: str, keyring: str) -> Verification:
    """Check an archive against the file .prov beside it and the keys of a file. Raises PluginError, ProvenanceError."""
    from navarch.provenance import Keyring
    from navarch.provenance.files import digest_file, read_file, stat_file
    from navarch.provenance.message import verify_digest

    if S_ISDIR(stat_file(path).st_mode):
        raise PluginError("directory verification not supported - only plugin tarballs can be verified")
    if os.path.splitext(path)[1] not in (".gz", ".tgz"):
        raise PluginError("plugin file must be a gzipped tarball (.tar.gz or .tgz)")
    proof = f"{path}.prov"
    try:
        stat_file(proof)
    except ProvenanceError as error:
        raise error.within(f"could not find provenance file {proof}") from error.__cause__
    digest = digest_file(path)
    signature = read_file(proof, most=PROOF_LIMIT)
    return verify_digest(digest, signature, os.path.basename(path), Keyring.load(keyring))
