"""A manifest that is pushed: checked, kept, tagged, and made a version of a chart if it is one."""

from __future__ import annotations

import json
import re

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
from navarch.registry.names import tag_of, version_of
from navarch.registry.problems import Problem
from navarch.registry.store.blobs import digest_of, is_digest
from navarch.registry.store.reading import load_any, now, subcharts, turn
from navarch.registry.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.registry.faces.oci.repository import Repository

__all__ = ["MOST", "push"]

MOST = 4 << 20
"""Bytes of a manifest."""
_MEDIA_TYPE = re.compile(r"application/[A-Za-z0-9!#$&^_.+-]{1,100}")
_KEPT_ELSEWHERE = re.compile(
    r"application/vnd\.(oci\.image\.layer\.nondistributable\.v1\..+|docker\.image\.rootfs\.foreign\..+)"
)
"""Layers that a registry need not have, if they tell where they are."""


def push(repository: Repository, reference: str, data: bytes, media_type: str, tags: Sequence[str] = ()) -> Manifest:
    """Keep a manifest under a tag, or under its digest and perhaps some tags. Raises Problem (400, 404, 409).

    What is refused leaves nothing behind: all is checked before anything is kept.
    """
    fields = _checked(repository, data, media_type)
    manifest = Manifest(_digest(reference, data), media_type or fields.get("mediaType") or IMAGE_MANIFEST, data)
    tags = [*tags, *([reference] if ":" not in reference else [])]
    for tag in tags:
        _check_tag(tag)
    record = _version(repository, manifest, fields) if tags else None
    if record is not None:
        repository.store.check_room(repository.space, record)
    for tag in tags:
        _check_meaning(repository, tag, record)
    for part in _parts(fields):
        repository.hold_blob(part["digest"])
    repository.put_manifest(manifest, subject_of(data), _descriptor(manifest, fields))
    for tag in tags:
        _tag(repository, tag, manifest, record)
    if record is None:
        _check_kept(repository, manifest, fields)
    return manifest


def _check_kept(repository: Repository, manifest: Manifest, fields: dict[str, Any]) -> None:
    """Keep again what was collected as garbage in the moment before something led to it."""
    if not repository.has_manifest(manifest.digest):
        repository.put_manifest(manifest, subject_of(manifest.data), _descriptor(manifest, fields))
    for part in _parts(fields):
        if not part.get("urls") and not repository.has_blob(part["digest"]):
            repository.link_blob(part["digest"])


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


def _check_meaning(repository: Repository, tag: str, record: Record | None) -> None:
    """Refuse a tag that says of a chart that it is another version, or would hide a version from OCI clients alone."""
    if record is not None and tag_of(record.version) != tag and _is_version(repository, version_of(tag)):
        raise _invalid(f"the chart is version {record.version}, but its tag says {version_of(tag)}")
    if record is None and repository.record_of_tag(tag) is not None:
        message = f"{tag} is a version of the chart {repository.chart}, and this is none: remove the version first"
        raise OciProblem(409, "DENIED", message, tag)


def _is_version(repository: Repository, text: str) -> bool:
    try:
        repository.store.names.check_version(text)
    except Problem:
        return False
    return True


def _checked(repository: Repository, data: bytes, media_type: str) -> dict[str, Any]:
    """The manifest's fields, of the kinds that are looked at. Raises OciProblem (400, 404)."""
    fields = _object(data)
    _check_kinds(fields, media_type)
    _list(fields, "manifests")
    if fields.get("subject"):
        _is_descriptor("subject", fields["subject"])
    for part in _parts(fields):
        elsewhere = part.get("urls") and _KEPT_ELSEWHERE.fullmatch(part["mediaType"])
        if not elsewhere and not repository.has_blob(part["digest"]):
            raise OciProblem(404, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", part["digest"])
    return fields


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise _invalid(f"the manifest is no JSON: {error}") from None
    except RecursionError:
        raise _invalid("the manifest is nested too deeply") from None
    if not isinstance(found, dict):
        raise _invalid("the manifest is no JSON object")
    return found


def _check_kinds(fields: dict[str, Any], media_type: str) -> None:
    """Refuse what couldn't be told of a manifest in headers and lists."""
    said = fields.get("mediaType") or ""
    if said and media_type and said != media_type:
        raise _invalid(f"the manifest's mediaType is {said}, but its Content-Type {media_type}")
    if not isinstance(said, str) or not _MEDIA_TYPE.fullmatch(media_type or said or IMAGE_MANIFEST):
        raise _invalid("the manifest's media type is none")
    if not isinstance(fields.get("artifactType") or "", str):
        raise _invalid("the manifest's artifactType is no text")
    annotations = fields.get("annotations") or {}
    if not isinstance(annotations, dict) or not all(isinstance(one, str) for one in annotations.values()):
        raise _invalid("the manifest's annotations are no texts")


def _parts(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The descriptors of the blobs that a manifest is made of. Raises OciProblem (400)."""
    config = fields.get("config")
    return [*_list(fields, "layers"), *([_is_descriptor("config", config)] if config else [])]


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
        or found["size"] < 0
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


def _tag(repository: Repository, tag: str, manifest: Manifest, record: Record | None) -> None:
    """Tag a manifest; the tag of a version is its record, every other one is kept by itself."""
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

    That are also charts whose version is none of SemVer 2 ("v1.0.0", "1.2"), which no other face could name. Raises
    Problem (400) for what says that it is a chart and isn't one that may be kept.
    """
    config = fields.get("config") or {}
    if config.get("mediaType") != CONFIG or "/" in repository.chart or not repository.chart:
        return None
    layers = fields.get("layers") or []
    archives = [layer["digest"] for layer in layers if layer["mediaType"] in {CHART, LEGACY_CHART}]
    provs = [layer["digest"] for layer in layers if layer["mediaType"] == PROVENANCE]
    if len(archives) != 1:
        return None
    with turn():
        return _record(repository, manifest, config["digest"], archives[0], provs[0] if provs else "")


def _record(repository: Repository, manifest: Manifest, config: str, layer: str, prov: str) -> Record | None:
    """The record of the chart in a layer, with the digests of its config and its provenance file ("": none)."""
    archive = repository.store.blobs.get(layer)
    try:
        chart = load_any(archive, repository.store.limits)
    except Problem as problem:
        raise _invalid(str(problem)) from None
    except NavarchError as error:
        raise _invalid(str(error)) from None
    if chart.metadata.name != repository.chart or not _is_version(repository, chart.metadata.version):
        return None
    digest = layer if layer.startswith("sha256:") else repository.store.blobs.put(archive)
    return Record(
        chart=chart.metadata.name,
        version=chart.metadata.version,
        digest=digest,
        size=len(archive),
        config=config,
        manifest=manifest.digest,
        prov=prov,
        created=now(),
        metadata=chart_config(chart.metadata),
        charts=subcharts(chart),
    )


def _invalid(message: str) -> OciProblem:
    return OciProblem(400, "MANIFEST_INVALID", message)
