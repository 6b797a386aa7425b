"""Keys with what belongs to them: a primary key, its owner's names, its subkeys, and who vouches for which.

A key is taken into a keyring only if its self-signatures hold. As in Helm, one that doesn't hold leaves the whole key
out, and a packet that makes no sense stops the reading.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError
from navarch.provenance.check import check_signature
from navarch.provenance.keys import PublicKey, SecretKey
from navarch.provenance.packets import Packets, UserId
from navarch.provenance.problems import StructuralError, UnsupportedError
from navarch.provenance.signatures import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Entity", "Identity", "Subkey", "read_entities"]

_CERTIFICATIONS = (0x10, 0x11, 0x12, 0x13)
_SUBKEY_BINDING = 0x18
_DIRECT = 0x1F
_KEY_REVOCATION = 0x20
_SUBKEY_REVOCATION = 0x28
_CERTIFICATION_REVOCATION = 0x30

_SIGNS = 2
_COMPROMISED = 2


class Identity:
    """A name of the key's owner, with the newest self-signature that vouches for it."""

    __slots__ = ("binding", "name", "revocations")

    def __init__(self, name: str) -> None:
        self.name = name
        self.binding: Signature | None = None
        self.revocations: list[Signature] = []


class Subkey:
    """A key below the primary key, with the newest signature that binds it."""

    __slots__ = ("binding", "key", "revocations")

    def __init__(self, key: PublicKey) -> None:
        self.key = key
        self.binding: Signature | None = None
        self.revocations: list[Signature] = []


class Entity:
    """A primary key and what belongs to it. `secret` is None where only the public key is known."""

    __slots__ = ("data", "direct", "identities", "primary", "revocations", "secret", "subkeys")

    def __init__(self, primary: PublicKey, secret: SecretKey | None) -> None:
        self.primary = primary
        self.secret = secret
        self.identities: dict[str, Identity] = {}
        self.subkeys: list[Subkey] = []
        self.revocations: list[Signature] = []
        self.direct: Signature | None = None
        self.data = b""
        """The packets as they were read."""

    @property
    def fingerprint(self) -> str:
        """The primary key's fingerprint, in capital hexadecimal digits."""
        return self.primary.fingerprint.hex().upper()

    @property
    def names(self) -> list[str]:
        return list(self.identities)

    def self_signature(self) -> tuple[Signature | None, Identity | None]:
        """The signature that says how long and for what the primary key is good, and whose name it vouches for."""
        if self.primary.version == 6:
            return self.direct, None
        chosen: Identity | None = None
        for identity in self.identities.values():
            if chosen is None or _preferred(identity, chosen):
                chosen = identity
        return (chosen.binding, chosen) if chosen else (None, None)

    def signers(self, key_id: int) -> Iterator[tuple[PublicKey, Signature, Subkey | None]]:
        """The keys of an id that may sign, each with its self-signature, and the subkey it is."""
        binding, _ = self.self_signature()
        if self.primary.key_id == key_id and binding and may_sign(binding):
            yield self.primary, binding, None
        for subkey in self.subkeys:
            if subkey.key.key_id == key_id and subkey.binding and may_sign(subkey.binding):
                yield subkey.key, subkey.binding, subkey


def may_sign(binding: Signature) -> bool:
    """Whether a self-signature lets the key sign documents."""
    return bool((binding.flags or 0) & _SIGNS)


def revoked(revocations: list[Signature], now: int) -> bool:
    """Whether one of some revocations counts: one for a lost key always does."""
    return any(one.reason == _COMPROMISED or not one.expired(now) for one in revocations)


def _preferred(new: Identity, old: Identity) -> bool:
    """Whether a name is the primary one rather than another: fewer revocations, marked so, signed later."""
    if len(old.revocations) != len(new.revocations):
        return len(old.revocations) > len(new.revocations)
    if old.binding is None or new.binding is None:
        return old.binding is None
    if old.binding.primary != new.binding.primary:
        return new.binding.primary
    return (new.binding.created or 0) > (old.binding.created or 0)


def read_entities(data: bytes) -> list[Entity]:
    """The keys of a packet stream. One that is broken or unsupported is left out, if there is another one.

    Raises ProvenanceError for a stream without any key that is whole, and for one that is no packet stream.
    """
    packets = Packets(data)
    entities = []
    last: ProvenanceError | None = None
    while True:
        try:
            entity = _Reader(packets).read()
        except (StructuralError, UnsupportedError) as error:
            last = error
            if not _skip(packets):
                break
            continue
        if entity is None:
            break
        entities.append(entity)
    if last and not entities:
        raise last
    return entities


def _skip(packets: Packets) -> bool:
    """Go on to the next primary key, a public one. False if there is none."""
    while packet := packets.next():
        if isinstance(packet, PublicKey) and not packet.subkey:
            packets.unread(packet)
            return True
    return False


class _Reader:
    """One key, packet after packet."""

    __slots__ = ("_directs", "_packets", "_revocations")

    def __init__(self, packets: Packets) -> None:
        self._packets = packets
        self._directs: list[Signature] = []
        self._revocations: list[Signature] = []

    def read(self) -> Entity | None:
        first = self._packets.next()
        if first is None:
            return None
        begin, end = self._packets.span
        if isinstance(first, SecretKey):
            entity = Entity(first.public, first)
        elif isinstance(first, PublicKey):
            entity = Entity(first, None)
        else:
            self._packets.unread(first)
            raise StructuralError("first packet was not a public/private key")
        if not entity.primary.can_sign:
            raise StructuralError("primary key cannot be used for signatures")
        while packet := self._packets.next():
            end, last = self._packets.span[0], end
            if not self._add(entity, packet):
                break
            end = max(last, self._packets.span[1])
        self._finish(entity)
        entity.data = self._packets.piece(begin, end)
        return entity

    def _add(self, entity: Entity, packet: object) -> bool:
        """Take a packet that follows the primary key; False at the next primary key."""
        if isinstance(packet, UserId):
            self._add_user(entity, packet)
        elif isinstance(packet, Signature):
            if packet.kind == _KEY_REVOCATION:
                self._revocations.append(packet)
            elif packet.kind == _DIRECT:
                self._directs.append(packet)
        elif isinstance(packet, PublicKey | SecretKey):
            public = packet.public if isinstance(packet, SecretKey) else packet
            if not public.subkey:
                self._packets.unread(packet)
                return False
            self._add_subkey(entity, public)
        return True

    def _signatures(self) -> Iterator[Signature]:
        """The signatures that come next."""
        while packet := self._packets.next():
            if not isinstance(packet, Signature):
                self._packets.unread(packet)
                return
            yield packet

    def _add_user(self, entity: Entity, user: UserId) -> None:
        identity = Identity(user.name)
        primary = entity.primary
        hashed = primary.hashed() + b"\xb4" + len(user.raw).to_bytes(4) + user.raw
        for signature in self._signatures():
            if signature.kind not in {*_CERTIFICATIONS, _CERTIFICATION_REVOCATION}:
                raise StructuralError("user ID signature with wrong type")
            if not primary.issued(signature):
                continue
            try:
                check_signature(primary, signature, hashed)
            except ProvenanceError as error:
                raise StructuralError(f"user ID self-signature invalid: {error.message}") from error
            if signature.kind == _CERTIFICATION_REVOCATION:
                identity.revocations.append(signature)
            else:
                identity.binding = _newer(identity.binding, signature)
            entity.identities[identity.name] = identity

    def _add_subkey(self, entity: Entity, key: PublicKey) -> None:
        subkey = Subkey(key)
        try:
            signatures = list(self._signatures())
        except ProvenanceError as error:
            raise StructuralError(f"subkey signature invalid: {error.message}") from error
        for signature in signatures:
            if signature.kind not in {_SUBKEY_BINDING, _SUBKEY_REVOCATION}:
                raise StructuralError("subkey signature with wrong type")
            try:
                _check_binding(entity.primary, key, signature)
            except ProvenanceError as error:
                raise StructuralError(f"subkey signature invalid: {error.message}") from error
            if signature.kind == _SUBKEY_REVOCATION:
                subkey.revocations.append(signature)
            else:
                subkey.binding = _newer(subkey.binding, signature)
        if subkey.binding is None:
            raise StructuralError("subkey packet not followed by signature")
        entity.subkeys.append(subkey)

    def _finish(self, entity: Entity) -> None:
        """Check what stands for the whole key."""
        primary = entity.primary
        if not entity.identities and primary.version < 6:
            raise StructuralError(f"v{primary.version} entity without any identities")
        if primary.version == 6:
            entity.direct = self._direct(primary)
        for revocation in self._revocations:
            try:
                check_signature(primary, revocation, primary.hashed())
            except ProvenanceError as error:
                raise StructuralError("revocation signature signed by alternate key") from error
            entity.revocations.append(revocation)

    def _direct(self, primary: PublicKey) -> Signature:
        """The newest signature of a key of version 6 over itself."""
        if not self._directs:
            raise StructuralError("v6 entity without a valid direct-key signature")
        newest: Signature | None = None
        for signature in self._directs:
            if primary.issued(signature):
                newest = _newer(newest, signature)
        if newest is None:
            raise StructuralError("no valid direct-key self-signature for v6 primary key found")
        try:
            check_signature(primary, newest, primary.hashed())
        except ProvenanceError as error:
            raise StructuralError("invalid direct-key self-signature for v6 primary key") from error
        return newest


def _newer(old: Signature | None, new: Signature) -> Signature:
    return new if old is None or (new.created or 0) > (old.created or 0) else old


def _check_binding(primary: PublicKey, key: PublicKey, signature: Signature) -> None:
    """Check that the primary key bound a subkey, and that a subkey that signs agreed. Raises ProvenanceError."""
    hashed = primary.hashed() + key.hashed()
    check_signature(primary, signature, hashed)
    if not may_sign(signature):
        return
    if signature.embedded is None:
        raise StructuralError("signing subkey is missing cross-signature")
    try:
        check_signature(key, signature.embedded, hashed)
    except ProvenanceError as error:
        raise StructuralError(f"error while verifying cross-signature: {error.message}") from error
