"""What can be wrong with OpenPGP data, in the words of Helm's OpenPGP library.

Which of these it is decides what happens: an unsupported packet is passed over, a key with a structural error is left
out of its keyring, all else makes a keyring unreadable.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError

__all__ = [
    "EndError",
    "KeyExpiredError",
    "KeyRevokedError",
    "SignatureExpiredError",
    "SignatureInvalidError",
    "StructuralError",
    "UnknownIssuerError",
    "UnknownPacketError",
    "UnsupportedError",
    "WeakError",
]


class StructuralError(ProvenanceError):
    """Data that breaks OpenPGP's rules."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"openpgp: invalid data: {problem}")


class UnsupportedError(ProvenanceError):
    """Data that keeps the rules and uses what isn't supported."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"openpgp: unsupported feature: {feature}")


class EndError(ProvenanceError):
    """Data that stops in the middle."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


class UnknownPacketError(ProvenanceError):
    """A packet that nobody needs to understand."""

    def __init__(self) -> None:
        super().__init__("openpgp: unknown packet")


class SignatureInvalidError(ProvenanceError):
    """A signature that doesn't belong to what it stands under, or to the key it names."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"openpgp: invalid signature: {problem}")


class UnknownIssuerError(ProvenanceError):
    """A signature by a key that the keyring lacks, or that may not sign."""

    def __init__(self) -> None:
        super().__init__("openpgp: signature made by unknown entity")


class KeyRevokedError(ProvenanceError):
    """A signature by a key that its owner has revoked."""

    def __init__(self) -> None:
        super().__init__("openpgp: signature made by revoked key")


class KeyExpiredError(ProvenanceError):
    """A key whose time is over, or hasn't come."""

    def __init__(self) -> None:
        super().__init__("openpgp: key expired")


class SignatureExpiredError(ProvenanceError):
    """A signature whose time is over, or hasn't come."""

    def __init__(self) -> None:
        super().__init__("openpgp: signature expired")


class WeakError(ProvenanceError):
    """A signature made with an algorithm that can be broken."""

    def __init__(self, algorithm: str) -> None:
        super().__init__(
            f"openpgp: weak algorithms are rejected: {algorithm}",
            hint="sign the chart again, with SHA-256 or better and a key of 2048 bits or more",
        )
