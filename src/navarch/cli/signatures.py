"""Signatures on the command line: what is printed of one that holds, and where the passphrase of a key comes from."""

from __future__ import annotations

import os

from navarch.chart.load import reason
from navarch.errors import ProvenanceError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.provenance import Signatory, Verification

__all__ = ["PackageSigner", "plugin_signatory", "verified_lines"]

_STDIN = "-"
_LONGEST = 4096
"""Of a longer first line, only so many bytes are the passphrase."""

_LARGEST = 1 << 20
"""No file with a passphrase has more bytes."""


def verified_lines(verification: Verification, what: str = "Chart") -> str:
    """What `verify` and `pull --verify` print, and their like for plugins."""
    signers = "".join(f"Signed by: {name}\n" for name in verification.signed_by)
    key = f"Using Key With Fingerprint: {verification.fingerprint}\n"
    return f"{signers}{key}{what} Hash Verified: {verification.file_hash}\n"


class PackageSigner:
    """Signs archives with one key, and asks for its passphrase once."""

    __slots__ = ("_file", "_key", "_keyring", "_passphrase")

    def __init__(self, *, keyring: str, key: str, passphrase_file: str) -> None:
        self._keyring = keyring
        self._key = key
        self._file = passphrase_file
        self._passphrase: bytes | None = None

    def sign(self, archive: str, metadata: str | None = None) -> None:
        """Write the file .prov beside an archive. Raises ProvenanceError."""
        from navarch.provenance.archives import sign_archive
        from navarch.provenance.files import write_file
        from navarch.provenance.signing import Signatory

        signatory = Signatory.load(self._keyring, self._key)
        signatory.unlock(self._source())
        write_file(f"{archive}.prov", sign_archive(archive, signatory, metadata))

    def _source(self) -> Callable[[str], bytes]:
        """What answers with the passphrase. A file is read even where the key needs none, as in Helm."""
        if not self._file:
            return _prompt
        if self._passphrase is None:
            self._passphrase = _read(self._file, _line)
        known = self._passphrase
        return lambda _name: known


def plugin_signatory(keyring: str, key: str, passphrase_file: str) -> Signatory:
    """The key that signs a plugin, unlocked. Raises ProvenanceError.

    Of a file all is the passphrase here, but for the ends of lines at its end.
    """
    from navarch.provenance import Keyring, Signatory

    try:
        ring = Keyring.load(keyring)
        signatory = Signatory(ring.find(key) if key else None)
    except ProvenanceError as error:
        raise error.within("error reading from keyring") from error.__cause__
    if not passphrase_file:
        signatory.unlock(_prompt)
        return signatory
    known = _read(passphrase_file, _whole).rstrip(b"\r\n")
    signatory.unlock(lambda _name: known)
    return signatory


def _read(path: str, take: Callable[[int], bytes]) -> bytes:
    """What `take` reads of a file, or of a pipe that is stdin. Raises ProvenanceError."""
    try:
        if path == _STDIN:
            return take(_stdin())
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise ProvenanceError(f"open {path}: {reason(error)}") from error
    try:
        return take(descriptor)
    except OSError as error:
        raise ProvenanceError(f"read {path}: {reason(error)}") from error
    finally:
        os.close(descriptor)


def _whole(descriptor: int) -> bytes:
    data = b""
    while len(data) < _LARGEST and (piece := os.read(descriptor, _LONGEST)):
        data += piece
    return data


def _stdin() -> int:
    from stat import S_ISFIFO

    if not S_ISFIFO(os.fstat(0).st_mode):
        raise ProvenanceError("specified reading passphrase from stdin, without input on stdin")
    return 0


def _line(descriptor: int) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < _LONGEST and (piece := os.read(descriptor, _LONGEST)):
        data += piece
    if not data:
        raise ProvenanceError("EOF")
    line, newline, _ = data[:_LONGEST].partition(b"\n")
    return line.removesuffix(b"\r") if newline else line


def _prompt(name: str) -> bytes:
    """Ask for a passphrase on the terminal, without showing it. Raises ProvenanceError where there is none."""
    from navarch.cli.output import write
    from navarch.cli.prompt import ask_silently
    from navarch.golang.strconv import quote

    try:
        return ask_silently(f"Password for key {quote(name)} >  ").encode("utf-8", "surrogateescape")
    except UsageError as error:
        write("\n")
        raise ProvenanceError(error.message) from error
