"""The content cache: charts and their signatures, kept by the SHA-256 of the chart, in Helm's layout.

    ROOT/ab/ab12….chart      an archive; its name is its digest
    ROOT/ab/ab12….prov       the signature of that archive

Helm trusts the name of a file. Here every archive is hashed before it is handed out; one that isn't what its name says
is deleted. Files get their names when they are whole.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from navarch.errors import IntegrityError
from navarch.repos.files import folder_of, part_file, write_file
from navarch.repos.hashing import sha256
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["CHART", "PROVENANCE", "Cached", "ContentCache", "Receiver", "digest_of_file"]

CHART = ".chart"
PROVENANCE = ".prov"
_PIECE = 1 << 20
_HEX = frozenset("0123456789abcdef")
_ABANDONED = 3600
"""After how many seconds a file that is still being written belongs to nobody."""


class Cached(NamedTuple):
    """A chart in the cache: its digest, its size in bytes (with the signature's), when it was last used (seconds since
    1970), and whether its signature is there too.
    """

    digest: str
    path: str
    size: int
    used: float
    signed: bool


class Receiver:
    """Takes content piece by piece, into a file, and hashes it."""

    __slots__ = ("_file", "_hash", "size")

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = sha256()
        self.size = 0

    def __call__(self, piece: bytes) -> None:
        self._hash.update(piece)
        self._file.write(piece)
        self.size += len(piece)

    def flush(self) -> None:
        """Write what is still held back, so that `path` has all that came."""
        self._file.flush()

    @property
    def path(self) -> str:
        """The file that is being written."""
        return f"/proc/self/fd/{self._file.fileno()}" if os.path.exists("/proc/self/fd") else self._file.name

    @property
    def digest(self) -> str:
        """The SHA-256 of what came so far, in hexadecimal."""
        return self._hash.hexdigest()


class ContentCache:
    """The cache in a folder. Safe for several threads and processes."""

    __slots__ = ("root",)

    def __init__(self, root: str) -> None:
        self.root = root

    def path(self, digest: str, kind: str = CHART) -> str:
        """Where the content of a digest is, or would be."""
        return os.path.join(self.root, digest[:2], digest + kind)

    def has(self, digest: str) -> bool:
        """Whether there seems to be an archive of a digest; `get` looks closer."""
        return os.path.exists(self.path(digest))

    def get(self, digest: str) -> str | None:
        """The archive of a digest, checked; None where it isn't here."""
        path = self.path(digest)
        try:
            if os.path.getsize(path) == 0:
                return None
            if digest_of_file(path) != digest:
                os.unlink(path)
                return None
            os.utime(path)
        except OSError:
            return None
        return path

    def unchecked(self, digest: str) -> str | None:
        """Where the archive of a digest would be, if something is there; for those who check what they read."""
        path = self.path(digest)
        return path if os.path.exists(path) else None

    def signature(self, digest: str) -> str | None:
        """The signature of an archive, which is for others to check."""
        path = self.path(digest, PROVENANCE)
        try:
            return path if os.path.getsize(path) else None
        except OSError:
            return None

    @contextmanager
    def receive(self, expected: str = "") -> Iterator[Receiver]:
        """Take an archive in: a block in which a Receiver is fed.

        Afterwards it is at `path(receiver.digest)`. Where it isn't `expected`, nothing is kept and IntegrityError is
        raised.
        """
        arriving = os.path.join(self.root, "arriving", f"{os.getpid()}-{time.monotonic_ns():x}")
        folder_of(arriving)
        with part_file(arriving) as file:
            receiver = Receiver(file)
            yield receiver
            if expected and receiver.digest != expected:
                raise IntegrityError(f"the digest is sha256:{receiver.digest}, not sha256:{expected}")
        target = self.path(receiver.digest)
        folder_of(target)
        os.replace(arriving, target)

    def adopt(self, path: str, digest: str = "") -> str:
        """Move a file of this file system in; answers its digest, which is worked out unless the caller checked it."""
        digest = digest or digest_of_file(path)
        target = self.path(digest)
        folder_of(target)
        os.replace(path, target)
        return digest

    def put(self, data: bytes, expected: str = "") -> str:
        """Keep an archive; answers its digest. Raises IntegrityError where that isn't `expected`."""
        with self.receive(expected) as receiver:
            receiver(data)
        return receiver.digest

    def put_signature(self, digest: str, data: bytes) -> str:
        """Keep the signature of an archive; answers where."""
        path = self.path(digest, PROVENANCE)
        folder_of(path)
        write_file(path, data)
        return path

    def charts(self) -> list[Cached]:
        """What is in the cache, the longest unused first."""
        found = []
        for folder, name in self._files():
            digest, kind = os.path.splitext(name)
            path = os.path.join(folder, name)
            if kind == CHART and len(digest) == 64 and _HEX.issuperset(digest):
                try:
                    state = os.stat(path)
                except OSError:  # deleted a moment ago
                    continue
                proof = self.signature(digest)
                size = state.st_size + (os.path.getsize(proof) if proof else 0)
                found.append(Cached(digest, path, size, state.st_mtime, proof is not None))
        return sorted(found, key=lambda chart: (chart.used, chart.digest))

    def _files(self) -> Iterator[tuple[str, str]]:
        for folder, _, names in os.walk(self.root):
            if os.path.dirname(folder) == os.path.normpath(self.root):
                for name in names:
                    yield folder, name

    def prune(self, *, unused: float = 0, most: int | None = None) -> list[Cached]:
        """Delete the charts that were not used for `unused` seconds; with `most`, the longest unused ones beyond so
        many bytes. Answers what was deleted.
        """
        now = time.time()
        self._sweep(now)
        charts = self.charts()
        total = sum(chart.size for chart in charts)
        gone = []
        for chart in charts:
            if now - chart.used < unused or (most is not None and total <= most):
                continue
            self._delete(chart)
            gone.append(chart)
            total -= chart.size
        return gone

    def _delete(self, chart: Cached) -> None:
        for kind in (CHART, PROVENANCE):
            try:
                os.unlink(self.path(chart.digest, kind))
            except FileNotFoundError:
                pass
        try:
            os.rmdir(os.path.dirname(chart.path))
        except OSError:  # it has others
            pass

    def _sweep(self, now: float) -> None:
        """Delete what killed processes left half-written."""
        for folder, name in self._files():
            path = os.path.join(folder, name)
            try:
                if name.endswith(".part") and os.stat(path).st_mtime < now - _ABANDONED:
                    os.unlink(path)
            except OSError:
                continue


def digest_of_file(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    state = sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            state.update(piece)
    return state.hexdigest()
