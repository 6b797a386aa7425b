"""Manifests with all that belongs to them, out of a registry into a space, byte for byte: digests stay what they are.

What belongs to a manifest are its blobs, the manifests that an index lists, and whatever refers to it: signatures,
bills of materials. What the space has isn't fetched again. A manifest is written when all it names is there.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import NamedTuple

from navarch.errors import IntegrityError, RegistryError
from navarch.oci.manifest import read_descriptors
from navarch.oci.reference import check_digest
from navarch.registry.uploads import file_body
from navarch.registry.wire import Body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from navarch.oci.client import Repository
    from navarch.oci.manifest import Descriptor
    from navarch.registry.wire import Answer, Wire

__all__ = ["Found", "Refusal", "Target", "Transfer"]

_MOST = 1000
"""Manifests that may belong to one."""


class Refusal(RegistryError):
    """What the registry says that is copied into, as against what those say that are copied from."""

    def __init__(self, error: RegistryError) -> None:
        super().__init__(str(error), url=error.url, status=error.status, codes=error.codes, hint=error.hint)


class Found(NamedTuple):
    """A manifest of the source."""

    descriptor: Descriptor
    data: bytes


class Target:
    """One repository of a space, over the connections of a client of the registry. Raises Refusal."""

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._base = f"/v2/{name}"

    def digest(self, reference: str) -> str:
        """The digest of the manifest that a tag or digest means; "" if there is none."""
        answer = self._send("HEAD", f"/manifests/{reference}", 200, 404)
        return answer.headers.get("docker-content-digest", "") if answer.status == 200 else ""

    def has_blob(self, digest: str) -> bool:
        """Whether the repository has a blob."""
        return self._send("HEAD", f"/blobs/{digest}", 200, 404).status == 200

    def put_blob(self, path: str, digest: str) -> None:
        """Upload a file."""
        self._send("POST", f"/blobs/uploads/?digest={digest}", 201, body=file_body(path, "application/octet-stream"))

    def put_manifest(self, found: Found, tag: str = "") -> None:
        """Keep a manifest under its digest, and under a tag."""
        kind, digest, _ = found.descriptor
        query = f"?tag={tag}" if tag else ""
        self._send("PUT", f"/manifests/{digest}{query}", 201, body=Body.of(found.data, kind))

    def _send(self, method: str, path: str, *wanted: int, body: Body | None = None) -> Answer:
        try:
            answer = self._wire.send(method, f"{self._base}{path}", body)
        except RegistryError as error:
            raise Refusal(error) from error
        if answer.status not in wanted:
            url = f"{self._wire.base}{self._base}{path}"
            raise Refusal(RegistryError(_told(method, url, answer), url=url, status=answer.status))
        return answer


def _told(method: str, url: str, answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["errors"][0]["message"])
    except (ValueError, TypeError, LookupError):
        return f'{method} "{url}": {answer.status} {answer.reason}'.rstrip()


class Transfer:
    """Copies from a repository to another. `folder` is for what is on its way. Raises RegistryError, IntegrityError."""

    def __init__(self, source: Repository, target: Target, folder: str) -> None:
        self._source = source
        self._target = target
        self._folder = folder
        self._seen: set[str] = set()

    def fetch(self, part: Descriptor) -> str:
        """A blob of the source in a file, checked against its digest."""
        check_digest(part.digest)
        descriptor, path = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(descriptor, "wb") as file:

            def rewind() -> None:
                file.seek(0)
                file.truncate()

            self._source.blob(part, file.write, rewind)
        return path

    def copy(self, found: Found, tag: str = "") -> None:
        """Copy a manifest with what it is made of, and tag it."""
        kind = found.descriptor.media_type
        fields = _fields(found)
        elsewhere = {str(part.get("digest")) for part in _listed(fields, "layers") if part.get("urls")}
        parts = read_descriptors(found.data, kind)
        if _listed(fields, "manifests"):
            for part in parts:
                self._copy_listed(part)
        else:
            for part in {part.digest: part for part in parts}.values():
                self._copy_blob(part, elsewhere)
        self._target.put_manifest(found, tag)

    def _copy_listed(self, part: Descriptor) -> None:
        """Copy a manifest that an index lists; it may have been left out of the source, too."""
        if self._is_new(part.digest):
            try:
                found = Found(*self._source.manifest(part.digest))
            except RegistryError as error:
                if error.status == 404:
                    return
                raise
            self.copy(found)

    def _copy_blob(self, part: Descriptor, elsewhere: Iterable[str]) -> None:
        check_digest(part.digest)
        if self._target.has_blob(part.digest):
            return
        try:
            path = self.fetch(part)
        except RegistryError as error:
            if error.status == 404 and part.digest in elsewhere:
                return
            raise
        self._target.put_blob(path, part.digest)
        os.unlink(path)

    def copy_referrers(self, digest: str, tags: Iterable[str] = ()) -> int:
        """Copy what refers to a manifest, and what refers to that; answers how many manifests that were.

        `tags` are the source's: cosign has signatures of a digest at "sha256-….sig" and the like.
        """
        copied = 0
        for found in self._source.referrers(digest):
            if self._is_new(found.digest):
                one = Found(*self._source.manifest(found.digest))
                if _subject(one) != digest:
                    continue
                self.copy(one)
                copied += 1
            if found.digest not in self._seen:
                self._count(found.digest)
                copied += self.copy_referrers(found.digest, tags)
        return copied + self._copy_tagged(digest, tags)

    def _copy_tagged(self, digest: str, tags: Iterable[str]) -> int:
        copied = 0
        for tag in tags:
            if tag.startswith(f"{digest.replace(':', '-')}."):
                found = self._source.resolve(tag)
                if self._target.digest(tag) != found.digest:
                    self.copy(Found(*self._source.manifest(tag)), tag)
                    copied += 1
        return copied

    def _is_new(self, digest: str) -> bool:
        check_digest(digest)
        return not self._target.digest(digest)

    def _count(self, digest: str) -> None:
        self._seen.add(digest)
        if len(self._seen) > _MOST:
            raise IntegrityError(f"more than {_MOST} manifests refer to one of {self._source.reference.name}")


def _fields(found: Found) -> dict[str, Any]:
    try:
        fields = json.loads(found.data)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise IntegrityError(f"the manifest {found.descriptor.digest} is no JSON object")
    return fields


def _listed(fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = fields.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _subject(found: Found) -> str:
    subject = _fields(found).get("subject")
    return str(subject.get("digest")) if isinstance(subject, dict) else ""
