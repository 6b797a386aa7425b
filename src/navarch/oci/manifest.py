"""Manifests and configs of charts: written to the letter as Helm does, so that equal charts have equal digests; read.

encoding/json's rules: fields in the order of Go's structs, empty ones left out, maps sorted.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import JsonError, RegistryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from navarch.chart.model import Metadata

__all__ = [
    "CHART",
    "CONFIG",
    "IMAGE_INDEX",
    "IMAGE_MANIFEST",
    "LEGACY_CHART",
    "MANIFESTS",
    "PROVENANCE",
    "Descriptor",
    "chart_annotations",
    "chart_config",
    "chart_manifest",
    "describe",
    "read_descriptors",
]

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
LEGACY_CHART = "application/tar+gzip"
PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov"
IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    IMAGE_MANIFEST,
    IMAGE_INDEX,
    "application/vnd.oci.artifact.manifest.v1+json",
)
"""What is asked for: the kinds of manifests there are."""

_NAMES = "org.opencontainers.image."
_OURS = (f"{_NAMES}version", f"{_NAMES}title")
_MOST_SIZE = (1 << 63) - 1


class Descriptor(NamedTuple):
    """What is kept in a registry: its kind, its digest ("sha256:…") and how many bytes it has."""

    media_type: str
    digest: str
    size: int


class _Struct:
    """Fields that are written in their order; empty ones are left out, but for those in `always`."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Any], always: Sequence[str] = ()) -> None:
        self.fields = {name: value for name, value in fields.items() if value or name in always}

    def go_json(self) -> dict[str, Any]:
        return self.fields


def describe(media_type: str, data: bytes) -> Descriptor:
    """The descriptor of some data."""
    from hashlib import sha256

    return Descriptor(media_type, f"sha256:{sha256(data).hexdigest()}", len(data))


def chart_config(metadata: Metadata) -> bytes:
    """The config of a chart's manifest: Chart.yaml as JSON."""
    from navarch.chart.metadata import metadata_fields
    from navarch.golang.json import dumps

    fields = metadata_fields(metadata)
    fields["maintainers"] = list(map(_Struct, fields["maintainers"]))
    fields["dependencies"] = [_Struct(one, always=("name", "repository")) for one in fields["dependencies"]]
    return _bytes(dumps(_Struct(fields)))


def chart_manifest(config: Descriptor, layers: Sequence[Descriptor], notes: Mapping[str, str]) -> bytes:
    """The manifest of a chart. Layers are in the order of their digests."""
    from navarch.golang.json import dumps

    ordered = [_written(layer) for layer in sorted(layers, key=lambda layer: layer.digest)]
    fields = {"schemaVersion": 2, "config": _written(config), "layers": ordered, "annotations": dict(notes)}
    return _bytes(dumps(_Struct(fields)))


def _written(descriptor: Descriptor) -> _Struct:
    return _Struct(
        {"mediaType": descriptor.media_type, "digest": descriptor.digest, "size": descriptor.size}, ("size",)
    )


def chart_annotations(metadata: Metadata, created: str) -> dict[str, str]:
    """The annotations of a chart's manifest: its own, and what its metadata says; `created` is a time in RFC 3339."""
    sources = metadata.sources
    found = {
        "description": metadata.description,
        "title": metadata.name,
        "version": metadata.version,
        "url": metadata.home,
        "created": created,
        "source": sources[0] if sources else "",
        "authors": ", ".join(f"{m.name}{f' ({m.email})' if m.email else ''}" for m in metadata.maintainers),
    }
    notes = {f"{_NAMES}{name}": text for name, text in found.items() if text.strip()}
    return notes | {name: text for name, text in (metadata.annotations or {}).items() if name not in _OURS}


def read_descriptors(data: bytes, media_type: str) -> list[Descriptor]:
    """What a manifest is made of: config first, then layers, or the manifests of an index. Raises RegistryError."""
    from navarch.golang.json import loads, mismatch

    try:
        found = loads(data.decode("utf-8", "surrogateescape"))
    except JsonError as error:
        raise RegistryError(str(error)) from error
    if not isinstance(found, dict):
        raise RegistryError(mismatch(found, "v1.Manifest"))
    parts = list(_list(found, "manifests")) if "index" in media_type or "list" in media_type else []
    if not parts:
        parts = [found["config"]] if found.get("config") is not None else []
        parts += _list(found, "layers") or _list(found, "blobs")
    return [_descriptor(part) for part in parts if part is not None]


def _list(found: dict[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    if value is not None and not isinstance(value, list):
        raise RegistryError(f"the manifest's {name} are no list")
    return value or []


def _descriptor(found: Any) -> Descriptor:
    fields = found if isinstance(found, dict) else {"size": None}
    kind, digest, size = fields.get("mediaType", ""), fields.get("digest", ""), fields.get("size", 0)
    if not (isinstance(kind, str) and isinstance(digest, str) and isinstance(size, int | float)):
        raise RegistryError("the manifest has a descriptor that is none")
    if not 0 <= size <= _MOST_SIZE or size != int(size):
        raise RegistryError("invalid descriptor size")
    return Descriptor(kind, digest, int(size))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
