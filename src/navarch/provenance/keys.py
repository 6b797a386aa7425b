"""Key packets: public keys and the public half of secret ones, by RFC 9580, section 5.5.

What a secret key hides is never read here: Sequoia does that (navarch.provenance.signing). This only tells whether it
is there, and whether a passphrase is needed.
"""

from __future__ import annotations

from navarch.provenance.numbers import Cursor
from navarch.provenance.problems import EndError, StructuralError, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.provenance.signatures import Signature

__all__ = ["CURVES", "ED25519", "PublicKey", "SecretKey"]

ED25519 = bytes.fromhex("2b06010401da470f01")
_ED448 = bytes.fromhex("2b6571")
_CURVE25519 = bytes.fromhex("2b060104019755010501")
_X448 = bytes.fromhex("2b656f")

# The curves of ECDSA, by the names that cryptography has for them.
CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "SECP256R1",
    bytes.fromhex("2b81040022"): "SECP384R1",
    bytes.fromhex("2b81040023"): "SECP521R1",
    bytes.fromhex("2b8104000a"): "SECP256K1",
    bytes.fromhex("2b2403030208010107"): "BrainpoolP256R1",
    bytes.fromhex("2b240303020801010b"): "BrainpoolP384R1",
    bytes.fromhex("2b240303020801010d"): "BrainpoolP512R1",
}

_INTEGERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4}
_BYTES = {25: 32, 26: 56, 27: 32, 28: 57}
_CANNOT_SIGN = (2, 16, 18)

_DUMMY = 101


class PublicKey:
    """A public key. `material` are its integers, `point` its point or bytes, `curve` the number of its curve."""

    __slots__ = ("algorithm", "body", "created", "curve", "fingerprint", "material", "point", "subkey", "version")

    def __init__(self, body: bytes, *, subkey: bool = False) -> None:
        self.subkey = subkey
        self.curve = b""
        self.point = b""
        self.material: list[int] = []
        cursor = Cursor(body)
        self._head(cursor)
        self._material(cursor)
        self.body = body[: cursor.at]
        """The public part of the packet, which is what is hashed and signed."""
        self.fingerprint = self._digest()

    def _head(self, cursor: Cursor) -> None:
        head = cursor.take(6)
        self.version, self.algorithm = head[0], head[5]
        if self.version == 5:
            raise UnsupportedError("support for parsing v5 entities is disabled; build with `-tags v5` if needed")
        if self.version not in {4, 6}:
            raise UnsupportedError(f"public key version {self.version}")
        self.created = int.from_bytes(head[1:5])
        if self.version == 6:
            cursor.take(4)

    def _material(self, cursor: Cursor) -> None:
        algorithm = self.algorithm
        if algorithm in _INTEGERS:
            self.material = [cursor.integer() for _ in range(_INTEGERS[algorithm])]
            if algorithm <= 3 and self.material[1].bit_length() > 24:
                raise UnsupportedError("large public exponent")
        elif algorithm in _BYTES:
            self.point = cursor.take(_BYTES[algorithm])
        elif algorithm in _CURVED:
            _CURVED[algorithm](self, cursor)
        else:
            raise UnsupportedError(f"public key type: {algorithm}")

    def on_curve(self, cursor: Cursor, known: object) -> None:
        """Read the number of the curve and the point. Raises UnsupportedError for a curve that is not known."""
        self.curve = cursor.object_id()
        if self.curve not in (*CURVES, ED25519, _ED448, _CURVE25519, _X448):
            raise UnsupportedError(f"unknown oid: {self.curve.hex()}")
        self.point = cursor.integer_bytes()
        if isinstance(known, dict | tuple) and self.curve not in known:
            raise UnsupportedError(f"unsupported oid: {self.curve.hex()}")

    def hashed(self) -> bytes:
        """The key as it goes into the hash of a signature about it."""
        if self.version == 6:
            return b"\x9b" + len(self.body).to_bytes(4) + self.body
        return b"\x99" + len(self.body).to_bytes(2) + self.body

    def _digest(self) -> bytes:
        from hashlib import sha1, sha256

        return sha256(self.hashed()).digest() if self.version == 6 else sha1(self.hashed()).digest()

    @property
    def key_id(self) -> int:
        return int.from_bytes(self.fingerprint[:8] if self.version == 6 else self.fingerprint[12:])

    @property
    def can_sign(self) -> bool:
        return self.algorithm not in _CANNOT_SIGN

    def expired(self, binding: Signature, now: int) -> bool:
        """Whether the key's time is over by what a self-signature says, or hasn't come."""
        return self.created > now or bool(binding.key_lifetime and now > self.created + binding.key_lifetime)

    def issued(self, signature: Signature) -> bool:
        """Whether a signature says that it is this key's."""
        if signature.issuer_fingerprint:
            return signature.issuer_fingerprint == self.fingerprint
        return signature.issuer == self.key_id


class SecretKey:
    """A secret key: its public half, and whether it is encrypted, or kept elsewhere (`dummy`)."""

    __slots__ = ("dummy", "encrypted", "public", "usage")

    def __init__(self, body: bytes, *, subkey: bool = False) -> None:
        self.public = PublicKey(body, subkey=subkey)
        cursor = Cursor(body, len(self.public.body))
        self.usage = cursor.number(1)
        self.encrypted = self.usage in {253, 254, 255}
        if self.usage and not self.encrypted:
            raise UnsupportedError("deprecated s2k function in private key")
        self.dummy = self.encrypted and self._is_dummy(cursor)
        if self.dummy:
            self.encrypted = False
        elif not self.encrypted and self.public.version == 4:
            _check_sum(cursor.data[cursor.at :])

    def _is_dummy(self, cursor: Cursor) -> bool:
        """Whether GnuPG put a mark where the secret would be, as it is on a card or was left out."""
        skipped = (self.public.version == 6) + 1 + (self.usage == 253) + (self.public.version == 6)
        cursor.take(skipped)
        if cursor.number(1) != _DUMMY:
            return False
        if cursor.take(5)[1:] != b"GNU\x01":
            raise UnsupportedError("GNU S2K extension")
        return True


def _check_sum(data: bytes) -> None:
    if len(data) < 2:
        raise StructuralError("truncated private key data")
    if sum(data[:-2]) & 0xFFFF != int.from_bytes(data[-2:]):
        raise StructuralError("private key checksum failure")


def _ecdsa(key: PublicKey, cursor: Cursor) -> None:
    key.on_curve(cursor, CURVES)


def _eddsa(key: PublicKey, cursor: Cursor) -> None:
    if key.version == 6:
        raise StructuralError("cannot generate v6 key with deprecated algorithm: EdDSALegacy")
    key.on_curve(cursor, (ED25519, _ED448))
    if not key.point:
        raise StructuralError("empty EdDSA public key")
    if key.point[0] != 0x40:
        raise UnsupportedError(f"unsupported EdDSA compression: {key.point[0]}")


def _ecdh(key: PublicKey, cursor: Cursor) -> None:
    """An encryption key: nothing is ever encrypted here, it only has to be read over."""
    key.on_curve(cursor, None)
    length = cursor.number(1)
    if length < 3:
        raise UnsupportedError(f"unsupported ECDH KDF length: {length}")
    if len(cursor.data) < cursor.at + length:
        raise EndError
    cursor.take(length)


_CURVED: dict[int, Callable[[PublicKey, Cursor], None]] = {18: _ecdh, 19: _ecdsa, 22: _eddsa}
