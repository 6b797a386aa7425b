"""GnuPG's keybox, pubring.kbx: a file of blobs, some of which hold public keys.

The form is described in kbx/keybox-blob.c of GnuPG: each blob begins with its length (4 bytes), its kind (1 byte) and
its version (1 byte); one with OpenPGP keys goes on with flags (2 bytes) and where in it the packets are (4 bytes) and
how long they are (4 bytes).
"""

from __future__ import annotations

from navarch.errors import ProvenanceError

__all__ = ["is_keybox", "keybox_keys"]

_HEADER = 1
_OPENPGP = 2
_EPHEMERAL = 2
"""A flag of keys that GnuPG doesn't count as part of the keyring."""


def is_keybox(data: bytes) -> bool:
    """Whether a file's content is a keybox's."""
    return len(data) >= 12 and data[4] == _HEADER and data[8:12] == b"KBXf"


def keybox_keys(data: bytes) -> bytes:
    """The packets of all keys in a keybox. Raises ProvenanceError for a damaged one, and one without keys."""
    keys = []
    at = 0
    while at < len(data):
        blob = _blob(data, at)
        if blob[4] == _OPENPGP:
            keys.append(_keys(blob, at))
        at += len(blob)
    joined = b"".join(keys)
    if not joined:
        raise ProvenanceError("keybox contains no OpenPGP keys")
    return joined


def _blob(data: bytes, at: int) -> bytes:
    left = len(data) - at
    if left < 5:
        raise ProvenanceError(f"truncated blob header at offset {at}")
    length = int.from_bytes(data[at : at + 4])
    if length < 5:
        raise ProvenanceError(f"invalid blob length {length} at offset {at}")
    if length > left:
        raise ProvenanceError(f"blob at offset {at} has length {length} exceeding the {left} remaining bytes")
    return data[at : at + length]


def _keys(blob: bytes, at: int) -> bytes:
    if len(blob) < 16:
        raise ProvenanceError(f"OpenPGP blob at offset {at} is too short")
    flags = int.from_bytes(blob[6:8])
    begin, length = int.from_bytes(blob[8:12]), int.from_bytes(blob[12:16])
    if begin + length > len(blob):
        raise ProvenanceError(f"OpenPGP blob at offset {at} has an out-of-range keyblock")
    return b"" if flags & _EPHEMERAL else blob[begin : begin + length]
