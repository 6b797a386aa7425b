"""Archives on their way: what they are called, that their digest is the one wanted, who signed them."""

from __future__ import annotations

import os

from navarch.errors import DownloadError, IntegrityError, RepositoryError
from navarch.golang.url import parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.provenance import Verification
    from navarch.repos.finding import Resolved

__all__ = [
    "PROOF_LIMIT",
    "archive_name",
    "check_as",
    "check_signature",
    "content_of",
    "copy_into",
    "file_name",
    "moved",
    "other_digest",
    "own_version",
    "sha256_digits",
]

PROOF_LIMIT = 1 << 20
"""How many bytes of a signature are read."""


def file_name(url: str) -> str:
    """The name of the file that is at an address. Raises DownloadError where that would be no file's name."""
    name = parse_url(url).path.rstrip("/").rpartition("/")[2]
    if name in ("", ".", "..") or "\0" in name:
        raise DownloadError(f"{url} does not name a file", url=url)
    return name


def archive_name(resolved: Resolved) -> str:
    """The name that an archive has where it comes from; of one in a registry, Helm's."""
    name = file_name(resolved.url)
    if not resolved.url.startswith("oci://"):
        return name
    return f"{name.replace(':', '-')}.tgz" if ":" in name else f"{name}-{resolved.version}.tgz"


def own_version(resolved: Resolved) -> str:
    """The version that an index's address in a registry is to be asked for with: "" where it has a tag or a digest."""
    name = resolved.url.rpartition("/")[2]
    return "" if ":" in name else resolved.version


def other_digest(url: str, found: str, wanted: str) -> IntegrityError:
    return IntegrityError(f"{url}: the digest is sha256:{found}, not sha256:{wanted}", url=url)


def sha256_digits(digest: str) -> str:
    """The hexadecimal digits of a digest that was checked; "" for one of another kind."""
    algorithm, _, digits = digest.partition(":")
    return digits if algorithm == "sha256" else ""


def check_signature(path: str, proof: str | None, keyring: str) -> Verification:
    """Who signed an archive. Raises NavarchError where nobody did whom the keyring has."""
    from navarch.provenance import verify

    return verify(path, proof or f"{path}.prov", keyring)


def copy_into(path: str, sink: Callable[[bytes], object]) -> None:
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            sink(piece)


def check_as(name: str, path: str, proof: str, keyring: str) -> Verification:
    """`check_signature` for a signature that is for a file of another name, which the archive gets for the moment."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="navarch-") as folder:
        named = os.path.join(folder, name)
        try:
            os.symlink(os.path.abspath(path), named)
        except OSError as error:
            raise RepositoryError(f"symlink {named}: {error.strerror}") from error
        return check_signature(named, proof, keyring)


def content_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(PROOF_LIMIT)


def moved(path: str | None, folder: str) -> str | None:
    """The path that a file has after it was moved into a folder."""
    if path is None:
        return None
    target = os.path.join(folder, os.path.basename(path))
    os.replace(path, target)
    return target
