"""A manifest that is pushed: checked, kept, tagged, and made a version of a chart if it is one."""

from __future__ import annotations

import json

from navarch.errors import NavarchError
from navarch.oci.manifest import (
    CHART,
    CONFIG,
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    LEGACY_CHART,
    PROVENANCE,
    chart_config,
)
from navarch.registry.faces.oci.problems import OciProblem
from navarch.registry.faces.oci.repository import Manifest, check_tag, subject_of
from navarch.registry.names import tag_of
from navarch.registry.problems import Problem
from navarch.registry.store.blobs import digest_of, is_digest
from navarch.registry.store.reading import load, now, subcharts
from navarch.registry.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.registry.faces.oci.repository import Repository

__all__ = ["MOST", "push"]

MOST = 4 << 20
"""Bytes of a manifest."""


def push(repository: Repository, reference: str, data: bytes, media_type: str, tags: Sequence[str] = ()) -> Manifest:
    """Keep a manifest under a tag, or under its digest and perhaps some tags. Raises Problem (400, 404, 409)."""
    fields = _checked(repository, data, media_type)
    for tag in tags:
        _check_tag(tag)
    manifest = Manifest(_digest(reference, data), media_type or fields.get("mediaType") or IMAGE_MANIFEST, data)
    repository.put_manifest(manifest, subject_of(data), _descriptor(manifest, fields))
    for tag in [*tags, *([reference] if ":" not in reference else [])]:
        _tag(repository, tag, manifest, fields)
    return manifest


def _digest(reference: str, data: bytes) -> str:
    if ":" not in reference:
        _check_tag(reference)
        return digest_of(data)
    if not is_digest(reference) or digest_of(data, reference.partition(":")[0]) != reference:
        raise OciProblem(400, "DIGEST_INVALID", "provided digest did not match uploaded content", reference)
    return reference


def _check_tag(tag: str) -> None:
    try:
        check_tag(tag)
    except OciProblem:
        raise OciProblem(400, "MANIFEST_INVALID", "invalid tag", tag) from None


def _checked(repository: Repository, data: bytes, media_type: str) -> dict[str, Any]:
    """The manifest's fields, of the kinds that are looked at. Raises OciProblem (400, 404)."""
    try:
        fields = json.loads(data)
    except ValueError as error:
        raise _invalid(f"the manifest is no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise _invalid("the manifest is no JSON object")
    said = fields.get("mediaType", "")
    if said and media_type and said != media_type:
        raise _invalid(f"the manifest's mediaType is {said}, but its Content-Type {media_type}")
    _list(fields, "manifests")
    parts = _list(fields, "layers")
    if fields.get("config"):
        parts.append(_is_descriptor("config", fields["config"]))
    if fields.get("subject"):
        _is_descriptor("subject", fields["subject"])
    if not isinstance(fields.get("annotations") or {}, dict):
        raise _invalid("the manifest's annotations are no object")
    for part in parts:
        if not part.get("urls") and not repository.has_blob(part["digest"]):
            raise OciProblem(404, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", part["digest"])
    return fields


def _list(fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = fields.get(name) or []
    if not isinstance(found, list):
        raise _invalid(f"the manifest's {name} are no list")
    return [_is_descriptor(name, part) for part in found]


def _is_descriptor(name: str, found: Any) -> dict[str, Any]:
    if (
        not isinstance(found, dict)
        or not is_digest(str(found.get("digest")))
        or type(found.get("size")) is not int
        or not isinstance(found.get("mediaType"), str)
    ):
        raise _invalid(f"the manifest's {name} has a descriptor that is none")
    return found


def _descriptor(manifest: Manifest, fields: dict[str, Any]) -> dict[str, Any]:
    """What a list of referrers says of a manifest."""
    found: dict[str, Any] = {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.data),
    }
    kind = fields.get("artifactType") or (fields.get("config") or {}).get("mediaType")
    if kind and manifest.media_type != IMAGE_INDEX:
        found["artifactType"] = kind
    elif fields.get("artifactType"):
        found["artifactType"] = fields["artifactType"]
    if fields.get("annotations"):
        found["annotations"] = fields["annotations"]
    return found


def _tag(repository: Repository, tag: str, manifest: Manifest, fields: dict[str, Any]) -> None:
    """Tag a manifest; the tag of a version is its record, every other one is kept by itself."""
    record = _version(repository, manifest, fields)
    if record is None:
        repository.put_tag(tag, manifest.digest)
        return
    spelled = tag_of(record.version) == tag
    if spelled or repository.record_of_tag(tag_of(record.version)) is None:
        repository.store.publish(repository.space, record, manifest.data, over=spelled)
    if spelled:
        repository.drop_tag(tag)
    else:
        repository.put_tag(tag, manifest.digest)


def _version(repository: Repository, manifest: Manifest, fields: dict[str, Any]) -> Record | None:
    """The record of a chart that is called as its repository; None for everything else that may be kept.

    Raises Problem (400) for what says that it is a chart and isn't one that may be kept.
    """
    config = fields.get("config") or {}
    if config.get("mediaType") != CONFIG or "/" in repository.chart or not repository.chart:
        return None
    layers = fields.get("layers") or []
    archives = [layer["digest"] for layer in layers if layer["mediaType"] in {CHART, LEGACY_CHART}]
    provs = [layer["digest"] for layer in layers if layer["mediaType"] == PROVENANCE]
    if len(archives) != 1:
        return None
    archive = repository.store.blobs.get(archives[0])
    try:
        chart = load(archive, repository.store.names, repository.store.limits)
    except Problem as problem:
        raise _invalid(str(problem)) from None
    except NavarchError as error:
        raise _invalid(str(error)) from None
    if chart.metadata.name != repository.chart:
        return None
    digest = archives[0] if archives[0].startswith("sha256:") else repository.store.blobs.put(archive)
    return Record(
        chart=chart.metadata.name,
        version=chart.metadata.version,
        digest=digest,
        size=len(archive),
        config=config["digest"],
        manifest=manifest.digest,
        prov=provs[0] if provs else "",
        created=now(),
        metadata=chart_config(chart.metadata),
        charts=subcharts(chart),
    )


def _invalid(message: str) -> OciProblem:
    return OciProblem(400, "MANIFEST_INVALID", message)
