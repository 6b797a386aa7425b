"""Signature packets: what they say of themselves, by RFC 9580, section 5.2. Nothing is checked here but the form."""

from __future__ import annotations

from navarch.provenance.numbers import Cursor
from navarch.provenance.problems import StructuralError, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HASHES", "Notation", "Signature"]

# hashlib's names by OpenPGP's numbers. SHA-1 is read in signatures of version 4 only.
HASHES = {2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224", 12: "sha3_256", 14: "sha3_512"}
_SALTS = {8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32}

# How many numbers a signature of an algorithm has, or how many bytes.
_NUMBERS = {1: 1, 3: 1, 17: 2, 19: 2, 22: 2}
_BYTES = {27: 64, 28: 114}

_UNHASHED = (16, 32, 33)
_DEEPEST = 8
"""So many signatures may stand in one another; one is all that makes sense."""


class Notation:
    """A name that stands in a signature for something its reader has to know, if it is critical."""

    __slots__ = ("critical", "name")

    def __init__(self, name: str, *, critical: bool) -> None:
        self.name = name
        self.critical = critical


class Signature:
    """A signature packet of version 4 or 6. Times are seconds since 1970, lifetimes seconds.

    `numbers` are the signature's integers, `raw` its bytes where the algorithm has bytes. `suffix` is what is hashed
    after the signed data, `salt` what is hashed before. `depth` counts the signatures around. `head` is the
    packet's body up to the numbers.
    Raises StructuralError, UnsupportedError, EndError.
    """

    __slots__ = (
        "algorithm",
        "created",
        "depth",
        "embedded",
        "flags",
        "hash",
        "head",
        "issuer",
        "issuer_fingerprint",
        "key_lifetime",
        "kind",
        "lifetime",
        "notations",
        "numbers",
        "primary",
        "raw",
        "reason",
        "salt",
        "suffix",
        "tag",
        "version",
    )

    def __init__(self, body: bytes, *, depth: int = 0) -> None:
        self.depth = depth
        self.created: int | None = None
        self.lifetime = 0
        self.key_lifetime = 0
        self.issuer: int | None = None
        self.issuer_fingerprint = b""
        self.flags: int | None = None
        self.primary = False
        self.reason: int | None = None
        self.notations: list[Notation] = []
        self.embedded: Signature | None = None
        self.salt = b""
        self.raw = b""
        self.numbers: list[int] = []
        cursor = Cursor(body)
        self._head(cursor)
        self._hashed(cursor)
        self._subpackets(cursor.take(cursor.number(4 if self.version == 6 else 2)), hashed=False)
        self.tag = cursor.take(2)
        if self.version == 6:
            self._salt(cursor)
        self.head = body[: cursor.at]
        self._values(cursor)

    def _head(self, cursor: Cursor) -> None:
        self.version = cursor.number(1)
        if self.version == 5:
            raise UnsupportedError("support for parsing v5 entities is disabled; build with `-tags v5` if needed")
        if self.version not in {4, 6}:
            raise UnsupportedError(f"signature packet version {self.version}")
        self.kind, self.algorithm, self.hash = cursor.take(3)
        if self.algorithm not in _NUMBERS and self.algorithm not in _BYTES:
            raise UnsupportedError(f"public key algorithm {self.algorithm}")
        if self.hash not in HASHES or (self.hash == 2 and self.version == 6):
            raise UnsupportedError(f"hash function {self.hash}")

    def _hashed(self, cursor: Cursor) -> None:
        width = 4 if self.version == 6 else 2
        begin = cursor.at - 4
        hashed = cursor.take(cursor.number(width))
        fields = cursor.data[begin : cursor.at]
        self.suffix = fields + bytes((self.version, 0xFF)) + len(fields).to_bytes(4)
        self._subpackets(hashed, hashed=True)
        if self.created is None:
            raise StructuralError("no creation time in signature")

    def _salt(self, cursor: Cursor) -> None:
        if cursor.number(1) != _SALTS[self.hash]:
            raise StructuralError("unexpected salt size for the given hash algorithm")
        self.salt = cursor.take(_SALTS[self.hash])

    def _values(self, cursor: Cursor) -> None:
        if self.algorithm in _BYTES:
            self.raw = cursor.take(_BYTES[self.algorithm])
        else:
            self.numbers = [cursor.integer() for _ in range(_NUMBERS[self.algorithm])]

    def _subpackets(self, data: bytes, *, hashed: bool) -> None:
        at = 0
        while at < len(data):
            begin, end = _bounds(data, at)
            self._subpacket(data[begin], data[begin + 1 : end], hashed=hashed)
            at = end

    def _subpacket(self, kind: int, content: bytes, *, hashed: bool) -> None:
        critical, kind = kind & 0x80, kind & 0x7F
        if not hashed and kind not in _UNHASHED:
            return
        if kind == 20:
            self.notations.append(_notation(content, critical=bool(critical)))
        elif kind in _READERS:
            _READERS[kind](self, content)
        elif critical and kind not in _PASSED:
            raise UnsupportedError(f"unknown critical signature subpacket type {kind}")

    def expired(self, now: int) -> bool:
        """Whether the signature's time is over, or hasn't come."""
        created = self.created or 0
        return created > now or bool(self.lifetime and now > created + self.lifetime)


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Where a subpacket that begins at `at` has its kind, and where it ends. Raises StructuralError."""
    first, left = data[at], len(data) - at
    if first < 192:
        length, head = first, 1
    elif first < 255:
        length, head = ((first - 192) << 8) + (data[at + 1] if left > 1 else 0) + 192, 2
    else:
        length, head = int.from_bytes(data[at + 1 : at + 5]), 5
    if head + length > left:
        raise StructuralError("signature subpacket truncated")
    if not length:
        raise StructuralError("zero length signature subpacket")
    return at + head, at + head + length


def _four(content: bytes, problem: str) -> int:
    if len(content) != 4:
        raise StructuralError(problem)
    return int.from_bytes(content)


def _created(signature: Signature, content: bytes) -> None:
    signature.created = _four(content, "signature creation time not four bytes")


def _lifetime(signature: Signature, content: bytes) -> None:
    signature.lifetime = _four(content, "expiration subpacket with bad length")


def _exportable(_: Signature, content: bytes) -> None:
    if not any(content[:1]):
        raise UnsupportedError("signature with non-exportable certification")


def _trust(_: Signature, content: bytes) -> None:
    if len(content) != 2:
        raise StructuralError("trust subpacket with bad length")


def _expression(_: Signature, content: bytes) -> None:
    if not content:
        raise StructuralError("regexp subpacket with bad length")
    if content[-1]:
        raise StructuralError("expected regular expression to be null-terminated")


def _key_lifetime(signature: Signature, content: bytes) -> None:
    signature.key_lifetime = _four(content, "key expiration subpacket with bad length")


def _issuer(signature: Signature, content: bytes) -> None:
    if len(content) != 8:
        raise StructuralError("issuer subpacket with bad length")
    if signature.version <= 4:
        signature.issuer = int.from_bytes(content)


def _notation(content: bytes, *, critical: bool) -> Notation:
    name = int.from_bytes(content[4:6])
    if len(content) < 8 or len(content) != 8 + name + int.from_bytes(content[6:8]):
        raise StructuralError("notation data subpacket with bad length")
    return Notation(content[8 : 8 + name].decode("utf-8", "replace"), critical=critical)


def _primary(signature: Signature, content: bytes) -> None:
    if len(content) != 1:
        raise StructuralError("primary user id subpacket with bad length")
    signature.primary = signature.primary or content[0] > 0


def _flags(signature: Signature, content: bytes) -> None:
    signature.flags = (signature.flags or 0) | (content[0] if content else 0)


def _reason(signature: Signature, content: bytes) -> None:
    if not content:
        raise StructuralError("empty revocation reason subpacket")
    signature.reason = content[0]


def _embedded(signature: Signature, content: bytes) -> None:
    if signature.embedded:
        raise StructuralError("Cannot have multiple embedded signatures")
    if signature.depth >= _DEEPEST:
        raise StructuralError("too many layers of packets")
    signature.embedded = Signature(content, depth=signature.depth + 1)
    if signature.embedded.kind != 0x19:
        raise StructuralError(f"cross-signature has unexpected type {signature.embedded.kind}")


def _fingerprint(signature: Signature, content: bytes) -> None:
    if not content:
        raise StructuralError("empty issuer fingerprint subpacket")
    version, fingerprint = content[0], content[1:]
    if len(fingerprint) != (32 if version >= 5 else 20):
        raise StructuralError("bad fingerprint length")
    signature.issuer_fingerprint = fingerprint
    signature.issuer = int.from_bytes(fingerprint[:8] if version >= 5 else fingerprint[12:])


def _recipient(_: Signature, content: bytes) -> None:
    if not content:
        raise StructuralError("invalid intended recipient fingerpring length")
    if len(content) - 1 != (32 if content[0] >= 5 else 20):
        raise StructuralError("invalid fingerprint length")


def _suites(_: Signature, content: bytes) -> None:
    if len(content) % 2:
        raise StructuralError("invalid aead cipher suite length")


_READERS: dict[int, Callable[[Signature, bytes], None]] = {
    2: _created,
    3: _lifetime,
    4: _exportable,
    5: _trust,
    6: _expression,
    9: _key_lifetime,
    16: _issuer,
    25: _primary,
    27: _flags,
    29: _reason,
    32: _embedded,
    33: _fingerprint,
    35: _recipient,
    39: _suites,
}
# Known, and of no use here: preferences, key servers, policies, features, the signer's name.
_PASSED = (11, 21, 22, 23, 24, 26, 28, 30)
