"""The arithmetic of signatures: whether a key made a signature of some bytes. `cryptography` does it.

Sequoia, which makes our signatures, is not asked, as it judges a key by the self-signature that it had when a chart was
signed: once GnuPG has prolonged a key, it would refuse everything that the key signed before.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError
from navarch.provenance.keys import CURVES, ED25519
from navarch.provenance.problems import SignatureInvalidError, WeakError
from navarch.provenance.signatures import HASHES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.provenance.keys import PublicKey
    from navarch.provenance.signatures import Signature

__all__ = ["check_signature", "refuse_short", "refuse_weak"]

_FAILURES = {1: "RSA", 3: "RSA", 17: "DSA", 19: "ECDSA", 22: "EdDSA", 27: "Ed25519", 28: "ed448"}
_LEAST_BITS = 2048


def check_signature(key: PublicKey, signature: Signature, data: bytes) -> None:
    """Raise ProvenanceError unless `signature` is the key's, and of `data`."""
    if not key.can_sign:
        raise ProvenanceError("openpgp: invalid argument: public key cannot generate signatures")
    digest = _digest(signature, data)
    if signature.version == 6 and digest[:2] != signature.tag:
        raise SignatureInvalidError("hash tag doesn't match")
    if key.algorithm != signature.algorithm:
        raise ProvenanceError("openpgp: invalid argument: public key and signature use different algorithms")
    if not _holds(key, signature, digest):
        raise SignatureInvalidError(f"{_FAILURES[key.algorithm]} verification failure")


def refuse_weak(key: PublicKey, signature: Signature) -> None:
    """Raise WeakError for a signature of a document that others than the key's owner could make.

    Helm takes SHA-1 and short keys. A self-signature may use SHA-1, as forging that takes more than a collision.
    """
    if HASHES[signature.hash] == "sha1":
        raise WeakError("SHA-1")
    refuse_short(key)


def refuse_short(key: PublicKey) -> None:
    """Raise WeakError for a key that could be computed from its public half."""
    if key.algorithm in {1, 3, 17} and key.material[0].bit_length() < _LEAST_BITS:
        raise WeakError(f"{_FAILURES[key.algorithm]} with {key.material[0].bit_length()} bits")


def _digest(signature: Signature, data: bytes) -> bytes:
    import hashlib

    state = hashlib.new(HASHES[signature.hash], signature.salt, usedforsecurity=True)
    state.update(data)
    state.update(signature.suffix)
    return state.digest()


def _holds(key: PublicKey, signature: Signature, digest: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        _CHECKS[key.algorithm](key, signature, digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, OverflowError):
        return False
    return True


def _prehashed(signature: Signature) -> object:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    return Prehashed(getattr(hashes, HASHES[signature.hash].upper())())


def _rsa(key: PublicKey, signature: Signature, digest: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    n, e = key.material
    value = signature.numbers[0].to_bytes((n.bit_length() + 7) // 8)
    public = RSAPublicNumbers(e, n).public_key()
    public.verify(value, digest, PKCS1v15(), _prehashed(signature))  # type: ignore[arg-type]


def _dsa(key: PublicKey, signature: Signature, digest: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.dsa import DSAParameterNumbers, DSAPublicNumbers
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    p, q, g, y = key.material
    public = DSAPublicNumbers(y, DSAParameterNumbers(p, q, g)).public_key()
    public.verify(encode_dss_signature(*signature.numbers), digest, _prehashed(signature))  # type: ignore[arg-type]


def _ecdsa(key: PublicKey, signature: Signature, digest: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    curve = getattr(ec, CURVES[key.curve])()
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve, key.point)
    public.verify(encode_dss_signature(*signature.numbers), digest, ec.ECDSA(_prehashed(signature)))  # type: ignore[arg-type]


def _eddsa(key: PublicKey, signature: Signature, digest: bytes) -> None:
    """Ed25519 and Ed448 as GnuPG has them: a point with a prefix, a signature cut in two integers."""
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    first, second = signature.numbers
    if key.curve == ED25519:
        Ed25519PublicKey.from_public_bytes(key.point[1:]).verify(first.to_bytes(32) + second.to_bytes(32), digest)
    else:
        # The first integer has a prefix of its own, and all of the signature.
        whole = first.to_bytes(115)
        Ed448PublicKey.from_public_bytes(key.point[1:]).verify(whole[1:], digest)


def _ed25519(key: PublicKey, signature: Signature, digest: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(key.point).verify(signature.raw, digest)


def _ed448(key: PublicKey, signature: Signature, digest: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey

    Ed448PublicKey.from_public_bytes(key.point).verify(signature.raw, digest)


_CHECKS: dict[int, Callable[[PublicKey, Signature, bytes], None]] = {
    1: _rsa,
    3: _rsa,
    17: _dsa,
    19: _ecdsa,
    22: _eddsa,
    27: _ed25519,
    28: _ed448,
}
