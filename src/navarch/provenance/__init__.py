"""Signatures of charts: the file .prov beside an archive, in OpenPGP.

    signature = sign("web-1.0.0.tgz", keyring="secring.gpg", key="jane@example.com", passphrase=lambda name: b"…")
    verification = verify("web-1.0.0.tgz", "web-1.0.0.tgz.prov", "~/.gnupg/pubring.kbx")
    verification.signed_by, verification.fingerprint, verification.file_hash

What is read and written is Helm's: a clearsigned text of two YAML documents, the chart's metadata and the archive's
SHA-256. The way through the modules: `archives` knows files, `message` the text, `cleartext` and `armor` its wrapping;
`keyring`, `keybox` and `entities` find keys, `packets`, `signatures` and `keys` read OpenPGP; `verification` says
whether a signature counts, `check` does the arithmetic; `signing` asks Sequoia for a new signature.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.errors import ProvenanceError
    from navarch.provenance.archives import sign, verify
    from navarch.provenance.keyring import Keyring
    from navarch.provenance.message import verify_bytes
    from navarch.provenance.signing import Signatory
    from navarch.provenance.verification import Verification

__all__ = ["Keyring", "ProvenanceError", "Signatory", "Verification", "sign", "verify", "verify_bytes"]

__getattr__ = later(
    __name__,
    {
        "archives": ("sign", "verify"),
        "keyring": ("Keyring",),
        "message": ("verify_bytes",),
        "navarch.errors": ("ProvenanceError",),
        "signing": ("Signatory",),
        "verification": ("Verification",),
    },
)
