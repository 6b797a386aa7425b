"""Blobs on their way in. What came so far is in storage, so that any process can take what comes next.

A session is the keys "_uploads/ID/OFFSET" of its repository, and "_uploads/ID/begun".
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile

from navarch.registry.faces.oci.problems import OciProblem, unknown_upload
from navarch.registry.problems import too_large
from navarch.registry.store.blobs import is_digest
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.registry.faces.oci.repository import Repository
    from navarch.registry.store.objects import Entry

__all__ = ["Upload"]

_ID = re.compile(r"[0-9a-f]{32}")
_RANGE = re.compile(r"(?:bytes )?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?")


class Upload:
    """A session of a repository. Raises OciProblem (404) if there is none."""

    def __init__(self, repository: Repository, name: str, *, new: bool = False) -> None:
        self._repository = repository
        self._objects = repository.store.objects
        self.name = name
        self._prefix = f"{repository.prefix}/_uploads/{name}"
        if not new and (not _ID.fullmatch(name) or self._objects.head(f"{self._prefix}/begun") is None):
            raise unknown_upload(name)

    @staticmethod
    def begin(repository: Repository) -> Upload:
        """A new session."""
        name = secrets.token_hex(16)
        repository.store.objects.put(f"{repository.prefix}/_uploads/{name}/begun", b"", durable=False)
        return Upload(repository, name, new=True)

    def _parts(self) -> list[Entry]:
        return [entry for entry in self._objects.entries(self._prefix) if not entry.key.endswith("/begun")]

    @property
    def size(self) -> int:
        """How many bytes came so far."""
        return sum(part.size for part in self._parts())

    def add(self, file: str, content_range: str) -> int:
        """Take a chunk, and answer how many bytes there are then. Raises Problem (400, 413, 416)."""
        size = os.path.getsize(file)
        at = self.size
        most = self._repository.store.limits.upload
        if most and at + size > most:
            raise too_large("blob", most)
        if content_range:
            found = _RANGE.fullmatch(content_range.strip())
            if not found:
                raise OciProblem(400, "BLOB_UPLOAD_INVALID", "the Content-Range can't be read", content_range)
            start, end = int(found[1]), int(found[2])
            if start != at:
                raise OciProblem(416, "BLOB_UPLOAD_INVALID", f"the chunk begins at {start}, expected {at}")
            if end - start + 1 != size:
                raise OciProblem(400, "SIZE_INVALID", f"the chunk has {size} bytes, its range {end - start + 1}")
        if size:
            self._objects.put_file(f"{self._prefix}/{at:020d}", file)
        return at + size

    def finish(self, file: str, digest: str, content_range: str = "") -> None:
        """Take the rest, and make all of it a blob of the repository. Raises Problem (400, 413, 416)."""
        if not is_digest(digest):
            raise OciProblem(400, "DIGEST_INVALID", "this is no digest of a kind that is kept here", digest)
        if not self._parts():
            self._keep(file, digest)
            self._objects.delete(f"{self._prefix}/begun")
            return
        self.add(file, content_range)
        with tempfile.TemporaryDirectory() as folder:
            self._keep(self._joined(os.path.join(folder, "blob")), digest)
        self.cancel()

    def _joined(self, path: str) -> str:
        with open(path, "wb") as file:
            for part in self._parts():
                try:
                    file.writelines(self._objects.open(part.key))
                except AbsentError:
                    raise unknown_upload(self.name) from None
        return path

    def _keep(self, file: str, digest: str) -> None:
        """Make a file a blob of the repository. Raises OciProblem (400) when its digest is another."""
        algorithm = digest.partition(":")[0]
        with open(file, "rb") as content:
            found = hashlib.file_digest(content, algorithm).hexdigest()
        if digest != f"{algorithm}:{found}":
            raise OciProblem(400, "DIGEST_INVALID", "provided digest did not match uploaded content", digest)
        self._repository.store.blobs.put_file(file, digest)
        self._repository.link_blob(digest)

    def cancel(self) -> None:
        """End the session and forget what came."""
        for part in self._parts():
            self._objects.delete(part.key)
        self._objects.delete(f"{self._prefix}/begun")
