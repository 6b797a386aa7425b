"""The text that is signed: a chart's or plugin's metadata, and the digest of its archive, as two YAML documents.

They are parted by "...", the mark for a document's end, as "---" would not survive clearsigning.
"""

from __future__ import annotations

from navarch.errors import NavarchError, ProvenanceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.provenance.keyring import Keyring
    from navarch.provenance.verification import Verification

__all__ = ["message", "signed_files", "verify_bytes", "verify_digest"]

_PARTING = b"\n...\n"


def message(name: str, digest: str, metadata: str) -> bytes:
    """The text to sign for a file: its name, its digest as "sha256:…", and metadata in YAML."""
    from navarch.golang.yaml import dump

    return metadata.encode("utf-8", "surrogateescape") + _PARTING + _encoded(dump({"files": {name: digest}}))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def verify_bytes(data: bytes, provenance: bytes, name: str, keyring: Keyring) -> Verification:
    """Check that the signature `provenance` is for a file of this content and name, by a key of the keyring.

    Raises ProvenanceError with the reason if it isn't.
    """
    from hashlib import sha256

    return verify_digest(f"sha256:{sha256(data).hexdigest()}", provenance, name, keyring)


def verify_digest(digest: str, provenance: bytes, name: str, keyring: Keyring) -> Verification:
    """`verify_bytes` for a file of which the digest is known, as "sha256:…"."""
    from navarch.golang.strconv import quote
    from navarch.provenance.cleartext import read_cleartext
    from navarch.provenance.verification import Verification, signer

    clear = read_cleartext(provenance)
    if clear is None:
        raise ProvenanceError("signature block not found")
    entity = signer(clear.signature, clear.signed, keyring)
    found = signed_files(clear.text).get(name)
    if found is None:
        raise ProvenanceError(f"provenance does not contain a SHA for a file named {quote(name)}")
    if found != digest:
        raise ProvenanceError(f"sha256 sum does not match for {name}: {quote(found)} != {quote(digest)}")
    return Verification(entity.names, entity.fingerprint, digest, name)


def signed_files(text: bytes) -> dict[str, str]:
    """The digests of files by name, in a text that was signed. Raises ProvenanceError."""
    from navarch.chart.decode import decode_sums
    from navarch.golang.yaml import load

    parts = text.split(_PARTING)
    if len(parts) < 2:
        raise ProvenanceError("message block must have at least two parts")
    try:
        return decode_sums(load(parts[1], exact=True))
    except NavarchError as error:
        raise ProvenanceError(error.message) from error
