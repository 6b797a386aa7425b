"""A repository: blobs, manifests, tags and referrers, and the versions of the chart of its name as all of these.

What was pushed is a few small keys below the space: "_blobs/ALGORITHM/HEX" and "_manifests/ALGORITHM/HEX" say what
the repository has, "_tags/TAG" holds a digest, "_referrers/SUBJECT/MANIFEST" a descriptor. The content is in the
store's blobs. A version of a chart needs none of them: its record says the same.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from navarch.oci.manifest import IMAGE_MANIFEST
from navarch.registry.faces.oci.problems import OciProblem, unknown_blob, unknown_manifest, unknown_name
from navarch.registry.names import is_oci_name, tag_of, version_of
from navarch.registry.problems import Problem
from navarch.registry.store.blobs import digest_of, is_digest
from navarch.registry.store.objects import AbsentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Space, Store

__all__ = ["Manifest", "Repository", "check_name", "check_tag", "repository_names"]

_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_MOST_NAME = 255


class Manifest(NamedTuple):
    """A manifest: its digest, its media type, its bytes."""

    digest: str
    media_type: str
    data: bytes


def check_name(name: str) -> tuple[str, str]:
    """The space and the rest of a repository's name. Raises OciProblem (400)."""
    parts = name.split("/")
    if len(name) > _MOST_NAME or not all(is_oci_name(part) for part in parts):
        raise OciProblem(400, "NAME_INVALID", "invalid repository name", name)
    return parts[0], "/".join(parts[1:])


def check_tag(tag: str) -> str:
    """The tag, if it is one. Raises OciProblem (404: so that asking for what can't be there is no fault)."""
    if not _TAG.fullmatch(tag):
        raise unknown_manifest(tag)
    return tag


class Repository:
    """A repository of a space that is there."""

    def __init__(self, store: Store, space: Space, rest: str) -> None:
        self.store = store
        self.space = space
        self.name = f"{space.name}/{rest}" if rest else space.name
        self.chart = rest
        self.prefix = f"{space.prefix}/oci/{rest}" if rest else f"{space.prefix}/oci"

    @staticmethod
    def open(store: Store, name: str, *, recent: bool = False) -> Repository:
        """A repository that may be empty. Raises Problem (400, 404) if there is no such space.

        With `recent` for blobs on their way in: the chart's versions may be told as they were a moment ago.
        """
        space, rest = check_name(name)
        try:
            return Repository(store, store.recent_space(space) if recent else store.space(space), rest)
        except Problem as problem:
            raise unknown_name(name) if problem.status == 404 else problem from None

    @staticmethod
    def open_to_write(store: Store, name: str, *, recent: bool = False) -> Repository:
        """A repository, its space made if need be and allowed; `recent` as above. Raises Problem (400, 404)."""
        space, rest = check_name(name)
        try:
            return Repository(store, store.space_to_write(space, recent=recent), rest)
        except Problem as problem:
            raise unknown_name(name) if problem.status == 404 else problem from None

    # Versions of the chart

    def records(self) -> tuple[Record, ...]:
        """The versions of the chart of this name."""
        chart = self.space.view.charts.get(self.chart)
        return chart.records if chart else ()

    def record_of_tag(self, tag: str) -> Record | None:
        """The version that a tag spells."""
        chart = self.space.view.charts.get(self.chart)
        return chart.find(version_of(tag)) if chart and "-" not in tag[:1] else None

    def _by_digest(self) -> dict[str, Record]:
        """The versions by the digests of all that they are made of."""
        chart = self.space.view.charts.get(self.chart)
        if chart is None:
            return {}
        known: dict[str, Record] | None = chart.memo.get("oci")
        if known is None:
            known = {
                digest: record
                for record in chart.records
                for digest in (record.digest, record.config, record.manifest, record.prov)
            }
            chart.memo["oci"] = known
        return known

    # Blobs

    def has_blob(self, digest: str) -> bool:
        """Whether a blob belongs to this repository."""
        return digest in self._by_digest() or self._has(f"_blobs/{_place(digest)}")

    def check_blob(self, digest: str) -> None:
        """Raise OciProblem (404) where the repository has no such blob."""
        if not is_digest(digest) or not self.has_blob(digest):
            raise unknown_blob(digest)

    def blob(self, digest: str) -> bytes | int:
        """A blob's bytes, where a record has them: a version's config; else how many there are in the store's blob.

        Raises OciProblem (404).
        """
        self.check_blob(digest)
        record = self._by_digest().get(digest)
        if record is not None and digest == record.digest:
            return record.size
        if record is not None and digest == digest_of(record.metadata, digest.partition(":")[0]):
            return record.metadata
        size = self.store.blobs.size(digest)
        if size is None:
            raise unknown_blob(digest)
        return size

    def link_blob(self, digest: str) -> None:
        """Say that a blob belongs to this repository."""
        self._put(f"_blobs/{_place(digest)}", b"")

    def hold_blob(self, digest: str) -> None:
        """Have a blob, if it is here as a part of a version, stay here when the version goes."""
        record = self._by_digest().get(digest)
        if record is None or self._has(f"_blobs/{_place(digest)}"):
            return
        if digest == record.config and self.store.blobs.size(digest) is None:
            self.store.blobs.put(record.metadata)
        self.link_blob(digest)

    def delete_blob(self, digest: str) -> None:
        """Let go of a blob. Raises OciProblem (404; 405 if it is part of a chart's version)."""
        self.check_blob(digest)
        if digest in self._by_digest():
            raise OciProblem(405, "UNSUPPORTED", "the blob is part of a chart's version: delete that", digest)
        self._delete(f"_blobs/{_place(digest)}")

    # Manifests

    def manifest(self, reference: str) -> Manifest:
        """A manifest by its digest or by a tag. Raises OciProblem (404)."""
        if ":" not in reference:
            return self._tagged(check_tag(reference))
        if is_digest(reference):
            record = self._by_digest().get(reference)
            if record is not None and record.manifest == reference:
                return self._of_record(record)
            media_type = self._get(f"_manifests/{_place(reference)}")
            if media_type is not None:
                return Manifest(reference, media_type.decode(), self.store.blobs.get(reference))
        raise unknown_manifest(reference)

    def _tagged(self, tag: str) -> Manifest:
        record = self.record_of_tag(tag)  # goes first: what it spells is the same on all faces
        if record is not None:
            return self._of_record(record)
        digest = self._get(f"_tags/{tag}")
        if digest is None:
            raise unknown_manifest(tag)
        return self.manifest(digest.decode())

    def _of_record(self, record: Record) -> Manifest:
        media_type = self._get(f"_manifests/{_place(record.manifest)}")
        data = self.store.manifest(self.space, record)
        return Manifest(record.manifest, media_type.decode() if media_type else IMAGE_MANIFEST, data)

    def has_manifest(self, digest: str) -> bool:
        """Whether a manifest that was pushed is here by itself, and not only as a version's."""
        return self._has(f"_manifests/{_place(digest)}")

    def put_manifest(self, manifest: Manifest, subject: str, descriptor: dict[str, Any]) -> None:
        """Keep a manifest that was checked; under its subject, too, if it has one."""
        algorithm, text = manifest.digest.split(":")
        self.store.objects.put(self.store.blobs.key(manifest.digest), manifest.data)
        self._put(f"_manifests/{algorithm}/{text}", manifest.media_type.encode())
        if subject:
            self._put(f"_referrers/{_place(subject)}/{algorithm}-{text}", json.dumps(descriptor).encode())

    def delete_manifest(self, reference: str) -> None:
        """Remove a manifest with all its tags, or (by a tag) a tag; a version goes whole. Raises OciProblem (404)."""
        if ":" not in reference:
            self._delete_tag(check_tag(reference))
            return
        found = self.manifest(reference)
        for tag, digest in list(self._tags()):
            if digest == reference:
                self._delete(f"_tags/{tag}")
        for record in self.records():
            if record.manifest == reference:
                self.store.delete_version(self.space.name, record.chart, record.version)
        self._delete(f"_manifests/{_place(reference)}")
        subject = subject_of(found.data)
        if subject:
            self._delete(f"_referrers/{_place(subject)}/{reference.replace(':', '-')}")

    def _delete_tag(self, tag: str) -> None:
        record = self.record_of_tag(tag)
        if record is not None:
            self.store.delete_version(self.space.name, record.chart, record.version)
        elif not self._has(f"_tags/{tag}"):
            raise unknown_manifest(tag)
        self._delete(f"_tags/{tag}")

    # Tags and referrers

    def put_tag(self, tag: str, digest: str) -> None:
        """Have a tag mean a manifest."""
        self._put(f"_tags/{tag}", digest.encode())

    def drop_tag(self, tag: str) -> None:
        """Have a tag mean no more than the version that it spells."""
        self._delete(f"_tags/{tag}")

    def tags(self) -> list[str]:
        """All tags, sorted bytewise. Raises OciProblem (404) if the repository is empty."""
        found = {key.rpartition("/")[2] for key in self.store.objects.keys(f"{self.prefix}/_tags")}
        found.update(tag_of(record.version) for record in self.records())
        if not found and not any(self.store.objects.entries(f"{self.prefix}/_manifests")):
            raise unknown_name(self.name)
        return sorted(found)

    def _tags(self) -> Iterator[tuple[str, str]]:
        for entry in self.store.objects.entries(f"{self.prefix}/_tags"):
            tag = entry.key.rpartition("/")[2]
            digest = self._get(f"_tags/{tag}")
            if digest is not None:
                yield tag, digest.decode()

    def referrers(self, digest: str, kind: str = "") -> list[dict[str, Any]]:
        """The descriptors of the manifests whose subject has this digest; only those of an artifact type, if given."""
        found = []
        for entry in self.store.objects.entries(f"{self.prefix}/_referrers/{_place(digest)}"):
            data = self._get(entry.key.removeprefix(f"{self.prefix}/"))
            descriptor = json.loads(data) if data is not None else {}
            if descriptor and kind in {"", descriptor.get("artifactType")}:
                found.append(descriptor)
        return found

    # Keys

    def _get(self, key: str) -> bytes | None:
        try:
            return self.store.objects.get(f"{self.prefix}/{key}")[0]
        except AbsentError:
            return None

    def _has(self, key: str) -> bool:
        return self.store.objects.head(f"{self.prefix}/{key}") is not None

    def _put(self, key: str, data: bytes) -> None:
        self.store.objects.put(f"{self.prefix}/{key}", data)

    def _delete(self, key: str) -> None:
        self.store.objects.delete(f"{self.prefix}/{key}")


def _place(digest: str) -> str:
    return digest.replace(":", "/")


def subject_of(data: bytes) -> str:
    """The digest of a manifest's subject, "" if it has none. The manifest was checked."""
    subject = json.loads(data).get("subject")
    return subject["digest"] if subject else ""


def repository_names(store: Store, space: Space) -> list[str]:
    """The repositories of a space that have something, sorted."""
    found = {f"{space.name}/{chart}" for chart in space.view.charts if is_oci_name(chart)}
    prefix = f"{space.prefix}/oci/"
    for entry in store.objects.entries(f"{space.prefix}/oci"):
        rest, mark, _ = entry.key.removeprefix(prefix).partition("_manifests/")
        if mark:
            found.add(f"{space.name}/{rest}".rstrip("/"))
    return sorted(found) if is_oci_name(space.name) else []
