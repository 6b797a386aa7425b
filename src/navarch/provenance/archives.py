"""Signatures of archives: of the file NAME-VERSION.tgz, in the file NAME-VERSION.tgz.prov."""

from __future__ import annotations

import os

from navarch.errors import NavarchError, ProvenanceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.provenance.signing import Signatory
    from navarch.provenance.verification import Verification

__all__ = ["sign", "sign_archive", "verify"]

_LARGEST = 16 << 20
"""No signature is nearly as long, in bytes."""


def verify(archive: str, provenance: str, keyring: str) -> Verification:
    """Check that the file `provenance` is a signature of the file `archive` by a key of the file `keyring`.

    Raises ProvenanceError with the reason if it isn't.
    """
    from stat import S_ISDIR

    from navarch.provenance.files import digest_file, read_file, stat_file
    from navarch.provenance.keyring import Keyring
    from navarch.provenance.message import verify_digest

    if S_ISDIR(stat_file(archive).st_mode):
        raise ProvenanceError("unpacked charts cannot be verified")
    if os.path.splitext(archive)[1].lower() != ".tgz":
        raise ProvenanceError("chart must be a tgz file")
    with _telling(f"could not load provenance file {provenance}"):
        stat_file(provenance)
    with _telling("failed to load keyring"):
        keys = Keyring.load(keyring)
    with _telling("failed to read chart archive"):
        digest = digest_file(archive)
    with _telling("failed to read provenance file"):
        signature = read_file(provenance, most=_LARGEST)
    return verify_digest(digest, signature, os.path.basename(archive), keys)


def sign(
    archive: str,
    metadata: str | None = None,
    *,
    keyring: str,
    key: str,
    passphrase: Callable[[str], bytes] | None = None,
) -> str:
    """The signature of an archive, as text for the file .prov beside it.

    `key` is a name on the key, or a part of it. `passphrase` is asked, with a name on the key, if the key is encrypted.
    `metadata` is YAML; a chart's own is taken if it is left out. Raises ProvenanceError, and ChartError for an archive
    that is no chart.
    """
    from navarch.provenance.signing import Signatory

    signatory = Signatory.load(keyring, key)
    signatory.unlock(passphrase or _no_passphrase)
    return sign_archive(archive, signatory, metadata).decode("utf-8", "surrogateescape")


def sign_archive(archive: str, signatory: Signatory, metadata: str | None = None) -> bytes:
    """`sign` with a key that is unlocked."""
    from navarch.provenance.files import digest_file
    from navarch.provenance.message import message

    if metadata is None:
        metadata = _metadata(archive)
    with _telling("failed to read chart archive"):
        digest = digest_file(archive)
    return signatory.sign(message(os.path.basename(archive), digest, metadata))


def _metadata(archive: str) -> str:
    from navarch.chart.load import load_chart
    from navarch.chart.metadata import metadata_yaml

    with _telling("failed to load chart for signing"):
        return metadata_yaml(load_chart(archive).metadata)


def _no_passphrase(name: str) -> bytes:
    raise ProvenanceError(f"the key of {name} is encrypted, and no passphrase was given")


class _telling:  # noqa: N801
    """Say in an error of the block what was tried."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, NavarchError):
            error.within(self._what)
