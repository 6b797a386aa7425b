"""Plugins in OCI registries: a manifest of the plugin's artifact type, with a layer NAME-VERSION.tgz, maybe its .prov.

Which manifests and layers are a plugin's is Helm's; layers are checked against their digests. Where a reference has
neither tag nor digest, the version that is asked for is looked up among the tags.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import IntegrityError, JsonError, PluginError, RegistryError
from navarch.oci.manifest import IMAGE_MANIFEST, Descriptor
from navarch.oci.reference import parse_chart_reference
from navarch.oci.words import within
from navarch.plugins.install.verifying import PROOF_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.oci.client import Repository
    from navarch.oci.reference import Reference
    from navarch.oci.registry import Registry

__all__ = ["PLUGIN", "PulledPlugin", "plugin_name", "pull_plugin"]

PLUGIN = "application/vnd.helm.plugin.v1+json"
_LAYERS = ("application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip")
_TITLE = "org.opencontainers.image.title"


class PulledPlugin(NamedTuple):
    """What was pulled: the name of the archive's layer, the version in the tag ("" if none), and the signature."""

    title: str
    version: str
    provenance: bytes


def plugin_name(source: str) -> str:
    """The last part of the repository that "oci://…" names. Raises PluginError."""
    try:
        return parse_chart_reference(source).repository.rpartition("/")[2]
    except RegistryError as error:
        raise PluginError(f"invalid OCI reference: {error}") from error


def pull_plugin(registry: Registry, source: str, version: str, target: str) -> PulledPlugin:
    """Download a plugin's archive into the file `target`. Raises NavarchError."""
    reference = _choose(registry, source, version)
    repository = registry.repository(reference)
    manifest = _manifest(repository, reference)
    name = reference.repository.rpartition("/")[2]
    archive = proof = None
    for title, layer in _titled(manifest):
        if title.startswith(f"{name}-") and title.endswith(".tgz"):
            archive = archive or (title, layer)
        elif title.startswith(f"{name}-") and title.endswith(".tgz.prov"):
            proof = proof or (title, layer)
    if archive is None:
        raise PluginError(f"required layer matching pattern {name}-VERSION.tgz not found in manifest")
    _fetch(repository, archive[1], target)
    signature = _small(repository, proof[1]) if proof else b""
    return PulledPlugin(archive[0], reference.tag.replace("_", "+"), signature)


def _choose(registry: Registry, source: str, version: str) -> Reference:
    """The reference that a source and a version mean. Raises RegistryError, IntegrityError."""
    found = parse_chart_reference(source)
    if found.tag or found.digest:
        tag = found.tag.replace("_", "+")
        if version and tag and version != tag:
            raise RegistryError(f"plugin reference and version mismatch: {version} is not {tag}")
        return found
    from navarch.oci.versions import choose, sorted_versions

    tags = registry.tags(source)
    if version in tags:
        return found._replace(tag=version)
    versions = sorted_versions(tags)
    if not versions:
        raise RegistryError(f"unable to locate any tags in provided repository: {source}")
    return found._replace(tag=choose(versions, version).replace("+", "_"))


def _manifest(repository: Repository, reference: Reference) -> dict[str, Any]:
    """A plugin's manifest. Raises RegistryError, PluginError for what is something else's."""
    from navarch.golang.json import loads

    root, data = within("FetchReference", "source", lambda: repository.manifest(reference.target))
    try:
        manifest = loads(data.decode("utf-8", "surrogateescape"))
    except JsonError as error:
        raise PluginError(f"unable to parse manifest: {error}") from error
    if root.media_type != IMAGE_MANIFEST or not isinstance(manifest, dict):
        raise PluginError(f"{reference} is no plugin, but {root.media_type}")
    kind = manifest.get("artifactType")
    config = manifest.get("config")
    config_kind = config.get("mediaType") if isinstance(config, dict) else None
    if kind and kind != PLUGIN:
        raise PluginError(f"expected artifact type {PLUGIN}, got {kind}")
    if not kind and config_kind != PLUGIN:
        raise PluginError(f"expected config media type {PLUGIN} for legacy compatibility, got {config_kind or ''}")
    return manifest


def _titled(manifest: dict[str, Any]) -> list[tuple[str, Descriptor]]:
    """The layers that have a title, with it."""
    layers = manifest.get("layers")
    found = []
    for layer in layers if isinstance(layers, list) else []:
        notes = layer.get("annotations") if isinstance(layer, dict) else None
        title = notes.get(_TITLE) if isinstance(notes, dict) else None
        fields = [layer.get(name) for name in ("mediaType", "digest", "size")] if isinstance(title, str) else []
        if isinstance(title, str) and [type(field) for field in fields] in ([str, str, int], [str, str, float]):
            found.append((title, Descriptor(fields[0], fields[1], int(fields[2]))))
    return found


def _fetch(repository: Repository, layer: Descriptor, target: str) -> None:
    from navarch.oci.parts import PartFile

    _check_kind(layer, "plugin data")
    with PartFile(target) as part:
        within("Fetch", "source", lambda: repository.blob(layer, part.write, part.rewind))
        part.keep()


def _small(repository: Repository, layer: Descriptor) -> bytes:
    _check_kind(layer, "provenance data")
    if layer.size > PROOF_LIMIT:
        raise IntegrityError(f"{layer.digest} has {layer.size} bytes; no more than {PROOF_LIMIT} are read")
    pieces: list[bytes] = []
    within("Fetch", "source", lambda: repository.blob(layer, pieces.append, pieces.clear))
    return b"".join(pieces)


def _check_kind(layer: Descriptor, what: str) -> None:
    """Layers of other types are not copied by Helm, and so can't be found by it."""
    if layer.media_type not in _LAYERS:
        missing = f"{layer.digest}: {layer.media_type}: not found"
        raise PluginError(f"unable to retrieve {what} with digest {layer.digest}: {missing}")
