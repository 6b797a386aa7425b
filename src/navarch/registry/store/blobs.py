"""Content by its digest: archives, provenance files, whatever OCI clients push."""

from __future__ import annotations

import hashlib
import re
import threading

from navarch.registry.problems import missing
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.registry.store.objects import Objects

__all__ = ["ALGORITHMS", "Blobs", "digest_of", "is_digest"]

ALGORITHMS = {"sha256": 64, "sha512": 128}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def is_digest(text: str) -> bool:
    """Whether it is a digest of a kind that is kept here: "sha256:…", "sha512:…"."""
    return _DIGEST.fullmatch(text) is not None


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of some data."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


_KEPT = 16 << 20  # bytes of blobs in memory
_SMALL = 1 << 18  # bytes of one that is kept there


class Blobs:
    """Blobs below "blobs/". A blob that is written again counts as new, so that collecting garbage spares it.

    Where they aren't files, small ones that were read lately are kept in memory: they never change.
    """

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._remote = objects.path("") is None
        self._kept: dict[str, bytes] = {}
        self._size = 0
        self._lock = threading.Lock()

    def kept(self, digest: str) -> bytes | None:
        """A blob that is in memory. Whether anything still refers to it is for the caller to know."""
        if digest not in self._kept:
            return None
        with self._lock:
            data = self._kept.pop(digest, None)
            if data is not None:
                self._kept[digest] = data  # the latest are last
            return data

    def _keep(self, digest: str, data: bytes) -> bytes:
        if not self._remote or len(data) > _SMALL:
            return data
        with self._lock:
            self._size += len(data) - len(self._kept.pop(digest, b""))
            self._kept[digest] = data
            while self._size > _KEPT:
                self._size -= len(self._kept.pop(next(iter(self._kept))))
        return data

    @staticmethod
    def key(digest: str) -> str:
        """Where a blob is. `digest` has to be one."""
        algorithm, _, text = digest.partition(":")
        return f"blobs/{algorithm}/{text[:2]}/{text}"

    @staticmethod
    def aside(digest: str) -> str:
        """Where a blob is that a collection took from its place, until it is deleted or needed after all."""
        return f"trash/{Blobs.key(digest)}"

    def put(self, data: bytes) -> str:
        """Keep some data, and answer its SHA-256 digest."""
        digest = digest_of(data)
        self.objects.put(self.key(digest), data)
        return digest

    def put_file(self, path: str, digest: str) -> None:
        """Keep a file's content, whose digest was computed."""
        self.objects.put_file(self.key(digest), path)

    def get(self, digest: str) -> bytes:
        """A blob's bytes. Raises Problem (404)."""
        data = self.kept(digest)
        if data is not None:
            return data
        try:
            return self._keep(digest, self.objects.get(self.key(digest))[0])
        except AbsentError:
            raise missing(digest) from None

    def open(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """A blob's bytes from `start` up to (without) `end`, in pieces. Raises Problem (404), at once."""
        try:
            return self.objects.open(self.key(digest), start, end)
        except AbsentError:
            raise missing(digest) from None

    def size(self, digest: str) -> int | None:
        """How many bytes a blob has; None if there is none."""
        found = self.objects.head(self.key(digest))
        return None if found is None else found.size

    def path(self, digest: str) -> str | None:
        """The file that a blob is in, where there are files."""
        return self.objects.path(self.key(digest))
