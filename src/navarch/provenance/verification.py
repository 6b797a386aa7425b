"""Whether a signature counts: made by a key of a keyring, which is good at this moment."""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import ProvenanceError
from navarch.provenance.check import check_signature, refuse_weak
from navarch.provenance.entities import revoked
from navarch.provenance.packets import Packets
from navarch.provenance.problems import (
    KeyExpiredError,
    KeyRevokedError,
    SignatureExpiredError,
    StructuralError,
    UnknownIssuerError,
    UnsupportedError,
)
from navarch.provenance.signatures import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.provenance.entities import Entity, Subkey
    from navarch.provenance.keyring import Keyring
    from navarch.provenance.keys import PublicKey

__all__ = ["Verification", "check_key", "signer"]


class Verification(NamedTuple):
    """Who signed a file, and what was checked.

    `signed_by` are the names on the key, `fingerprint` is the primary key's in capital hexadecimal digits,
    `file_hash` the digest of the file as "sha256:…", `file_name` the name that the signature has for it.
    """

    signed_by: list[str]
    fingerprint: str
    file_hash: str
    file_name: str


def signer(signature: bytes, signed: bytes, keyring: Keyring, *, now: int | None = None) -> Entity:
    """Whose signature of `signed` this is. `now` is in seconds since 1970.

    Raises ProvenanceError for a signature that is wrong, or by a key that is unknown, revoked or expired.
    """
    import time

    found, candidates = _known(signature, keyring)
    if found.kind not in {0, 1}:
        raise UnsupportedError(f"unsupported signature type: {found.kind}")
    error: ProvenanceError = UnknownIssuerError()
    for entity, key, binding, subkey in candidates:
        try:
            check_signature(key, found, signed)
        except ProvenanceError as problem:
            error = problem
            continue
        refuse_weak(key, found)
        _check_details(entity, found, subkey, binding, int(time.time()) if now is None else now)
        return entity
    raise error


def _known(data: bytes, keyring: Keyring) -> tuple[Signature, list[tuple[Entity, PublicKey, Signature, Subkey | None]]]:
    """The first signature that names keys of the keyring, and these."""
    packets = Packets(data)
    while packet := packets.next():
        if not isinstance(packet, Signature):
            raise StructuralError("non signature packet found")
        if packet.issuer is None:
            raise StructuralError("signature doesn't have an issuer")
        if candidates := list(keyring.signers(packet.issuer)):
            return packet, candidates
    raise UnknownIssuerError


def _check_details(entity: Entity, found: Signature, subkey: Subkey | None, binding: Signature, now: int) -> None:
    """Check all that may have an end. The order is that of Helm's library, as the first problem is the one told."""
    primary, _ = entity.self_signature()
    used = [found, *([primary] if primary else [])]
    if subkey:
        used += [binding, *([binding.embedded] if binding.embedded else [])]
    for one in used:
        for notation in one.notations:
            if notation.critical:
                raise ProvenanceError(f"openpgp: invalid signature: unknown critical notation: {notation.name}")
    check_key(entity, subkey, now)
    if any(one.expired(now) for one in used):
        raise SignatureExpiredError


def check_key(entity: Entity, subkey: Subkey | None, now: int) -> None:
    """Raise ProvenanceError for a key that is revoked or expired, or whose subkey is."""
    primary, identity = entity.self_signature()
    revocations = [*entity.revocations, *(subkey.revocations if subkey else ())]
    if revoked(revocations, now) or (identity and revoked(identity.revocations, now)):
        raise KeyRevokedError
    if primary and entity.primary.expired(primary, now):
        raise KeyExpiredError
    if subkey and subkey.binding and subkey.key.expired(subkey.binding, now):
        raise KeyExpiredError
