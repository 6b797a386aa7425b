"""Making signatures. Sequoia (pysequoia) reads the secret key, opens it with the passphrase, and signs.

What comes out is checked as a reader would check it, so that nothing is written that nobody could verify: Helm would
sign with a key that is expired or too short, and refuse the signature later.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from pysequoia import PySigner, Tsk

    from navarch.provenance.entities import Entity

    # asked for the passphrase of a key, by a name on the key
    Passphrase = Callable[[str], bytes]

__all__ = ["Signatory"]

_AEAD = 253
_UNSIGNED = "failed to either sign or armor message block"


class Signatory:
    """A key to sign with: `load`, then `unlock`, then `sign` as often as needed."""

    __slots__ = ("_entity", "_signer")

    def __init__(self, entity: Entity | None) -> None:
        self._entity = entity
        self._signer: PySigner | None = None

    @classmethod
    def load(cls, keyring: str, name: str) -> Self:
        """The key of a name in the keyring file. Raises ProvenanceError where the keyring or the name is no good."""
        from navarch.provenance.keyring import Keyring

        return cls(Keyring.load(keyring).find(name))

    def _key(self) -> Entity:
        if self._entity is None:
            raise ProvenanceError("private key not found")
        if self._entity.secret is None:
            raise ProvenanceError("provided key is not a private key. Try providing a keyring with secret keys")
        return self._entity

    def unlock(self, passphrase: Passphrase) -> None:
        """Get ready to sign; `passphrase` is asked only if the key is encrypted. Raises ProvenanceError."""
        entity = self._key()
        secret = entity.secret
        assert secret is not None
        password = passphrase(next(filter(None, entity.names), "Unknown")) if secret.encrypted else None
        if secret.dummy:
            raise ProvenanceError(f"{_UNSIGNED}: openpgp: s2k GNU dummy key: dummy key found")
        _refuse_unfit(entity)
        self._signer = _opened(entity, password)

    def sign(self, text: bytes) -> bytes:
        """A clearsigned form of a text. Raises ProvenanceError."""
        from pysequoia import SignatureMode, sign

        from navarch.provenance.cleartext import read_cleartext, signed_form, write_cleartext
        from navarch.provenance.keyring import Keyring
        from navarch.provenance.verification import signer

        if self._signer is None:
            raise ProvenanceError("the key is not unlocked")
        signed = signed_form(text)
        try:
            made = read_cleartext(sign(self._signer, signed.replace(b"\r\n", b"\n"), mode=SignatureMode.CLEAR))
        except (RuntimeError, ValueError) as error:
            raise _failed(self._key(), error) from error
        assert made is not None
        signer(made.signature, signed, Keyring([self._key()]))
        return write_cleartext(text, _hash_name(made.signature), made.signature)


def _hash_name(signature: bytes) -> str:
    """How the text's header calls the hash of a signature; version 6 has no such header."""
    from navarch.provenance.packets import Packets
    from navarch.provenance.signatures import HASHES, Signature

    packet = Packets(signature).next()
    assert isinstance(packet, Signature)
    return "" if packet.version == 6 else HASHES[packet.hash].upper().replace("_", "-")


def _refuse_unfit(entity: Entity) -> None:
    """Raise ProvenanceError for a key whose signatures would be refused."""
    import time

    from navarch.provenance.check import refuse_short
    from navarch.provenance.verification import check_key

    try:
        check_key(entity, None, int(time.time()))
        refuse_short(entity.primary)
    except ProvenanceError as error:
        error.within(f"cannot sign with the key {entity.fingerprint}")
        raise


def _opened(entity: Entity, password: bytes | None) -> PySigner:
    """What signs: the primary key as Helm has it, or a subkey where the primary key may not sign documents."""
    from navarch.provenance.entities import may_sign

    binding, _ = entity.self_signature()
    try:
        text = None if password is None else password.decode()
        key = _for_sequoia(entity)
        return key.certifier(text) if binding and may_sign(binding) else key.signer(text)
    except (RuntimeError, ValueError) as error:
        if password is None or "suitable" in str(error):
            raise _failed(entity, error) from error
        raise _wrong_passphrase(entity) from error


def _wrong_passphrase(entity: Entity) -> ProvenanceError:
    if entity.secret and entity.secret.usage == _AEAD:
        return ProvenanceError("cipher: message authentication failed")
    return ProvenanceError("openpgp: invalid data: private key checksum failure")


def _failed(entity: Entity, error: Exception) -> ProvenanceError:
    """Why Sequoia doesn't sign, as far as we can tell: it only says that no key is suitable."""
    from navarch.provenance.signatures import HASHES

    binding, _ = entity.self_signature()
    problem, hint = str(error).partition("\n")[0], ""
    if binding and HASHES[binding.hash] == "sha1":
        problem = "its self-signature is made with SHA-1"
        hint = f"make a new one: gpg --cert-digest-algo SHA256 --quick-set-expire {entity.fingerprint} 5y"
    elif entity.primary.curve and "suitable" in problem:
        problem = "its elliptic curve is not supported"
    return ProvenanceError(f"cannot sign with the key {entity.fingerprint}: {problem}", hint=hint)


def _for_sequoia(entity: Entity) -> Tsk:
    """The key as Sequoia reads it: it refuses integers with leading zeros, which old Go programs wrote."""
    from pysequoia import Tsk

    from navarch.provenance.packets import canonical_packets

    return Tsk.from_bytes(canonical_packets(entity.data))
