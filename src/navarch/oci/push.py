"""Charts pushed to registries, with their signatures.

A manifest names the config (Chart.yaml as JSON), the archive and the signature, and has annotations; all to the letter
as Helm writes them. What Helm takes is refused: an archive whose file name says another version than its Chart.yaml.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from navarch.errors import ChartError, NavarchError, RegistryError
from navarch.oci.manifest import CHART, CONFIG, IMAGE_MANIFEST, PROVENANCE, Descriptor
from navarch.oci.reference import SCHEME, check_digest, parse_chart_reference
from navarch.oci.words import tell, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from navarch.chart.model import Metadata
    from navarch.oci.client import Repository
    from navarch.oci.reference import Reference

    Say = Callable[[str], object]
    Warn = Callable[[str], None]
    Opener = Callable[[Reference, bool], Repository]

__all__ = ["Pushed", "push"]


class Pushed(NamedTuple):
    """A chart that was pushed: its reference, and the digests of its manifest, config, archive and signature ("")."""

    reference: str
    digest: str
    config: Descriptor
    chart: Descriptor
    provenance: Descriptor | None


def push(archive: str, remote: str, opener: Opener, *, say: Say, warn: Warn | None = None) -> Pushed:
    """Upload a chart archive, and FILE.prov if it is there, below a registry's address "oci://HOST/PATH".

    `opener` gives the Repository of a reference. Raises NavarchError: ChartError for the archive, RegistryError.
    """
    _check_remote(remote)
    data, created = _read_archive(archive)
    chart, metadata = _examine(archive, data, warn)
    _check_name(archive, metadata)
    proof = _read(f"{archive}.prov") if os.path.exists(f"{archive}.prov") else None
    from navarch.golang.path import clean

    place = clean(f"{remote.removeprefix(SCHEME)}/{metadata.name}")
    reference = parse_chart_reference(f"{place}:{metadata.version}")
    if reference.digest:
        check_digest(reference.digest)
    pushed = _upload(opener(reference, True), (chart, data), proof, metadata, created)
    tell(say, "Pushed", pushed.reference, pushed.digest, underscore="_" in reference.tag)
    return pushed


def _examine(archive: str, data: bytes, warn: Warn | None) -> tuple[Descriptor, Metadata]:
    """An archive's descriptor and metadata. The first is worked out while the second is read: both take a while."""
    import threading

    from navarch.chart.load import load_chart
    from navarch.oci.manifest import describe

    described: list[Descriptor] = []
    other = threading.Thread(target=lambda: described.append(describe(CHART, data)))
    other.start()
    try:
        metadata = load_chart(archive, warn=warn, detect=False).metadata
    finally:
        other.join()
    return described[0], metadata


def _check_remote(remote: str) -> None:
    """Refuse what is no registry's address."""
    from navarch.golang.strconv import quote
    from navarch.golang.url import parse_url

    try:
        scheme = parse_url(remote).scheme
    except NavarchError as error:
        raise RegistryError(f"invalid chart URL format: {remote}") from error
    if not scheme:
        raise RegistryError(f'scheme prefix missing from remote (e.g. "{SCHEME}")')
    if scheme != SCHEME.partition(":")[0]:
        raise RegistryError(f"scheme {quote(scheme)} not supported")


def _check_name(archive: str, metadata: Metadata) -> None:
    """Refuse an archive whose name, NAME-VERSION.tgz, has another version in it than its Chart.yaml."""
    from navarch.errors import VersionError
    from navarch.golang.semver import parse_version

    stem = os.path.basename(archive).removesuffix(".tgz")
    said = stem.removeprefix(f"{metadata.name}-")
    if said in (stem, metadata.version) or "." not in said:
        return
    try:
        named, real = parse_version(said), parse_version(metadata.version)
    except VersionError:  # some other name
        return
    if named.compare(real) or named.metadata != real.metadata:
        raise ChartError(f"{archive} has version {metadata.version} in its Chart.yaml, but {said} in its name")


def _read_archive(path: str) -> tuple[bytes, str]:
    """An archive, and the time when it was last changed."""
    try:
        known = os.stat(path)
    except FileNotFoundError as error:
        raise ChartError(f"{path}: no such file") from error
    except OSError as error:
        raise ChartError(f"stat {path}: {_reason(error)}") from error
    if os.path.isdir(path):
        raise ChartError("cannot push directory, must provide chart archive (.tgz)")
    return _read(path), _local_time(known.st_mtime_ns // 1_000_000_000)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ChartError(f"open {path}: {_reason(error)}") from error


def _local_time(seconds: int) -> str:
    """A time in RFC 3339, with this machine's offset."""
    import time

    local = time.localtime(seconds)
    offset = local.tm_gmtoff // 60
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}" if offset else "Z"
    return f"{local.tm_year:04d}-{time.strftime('%m-%dT%H:%M:%S', local)}{zone}"


def _upload(
    repository: Repository, archive: tuple[Descriptor, bytes], proof: bytes | None, metadata: Metadata, created: str
) -> Pushed:
    """Bring to a registry what it lacks of a chart, and tag it."""
    from navarch.oci.manifest import chart_annotations, chart_config, chart_manifest, describe

    config = chart_config(metadata)
    about = describe(CONFIG, config)
    signature = None if proof is None else describe(PROVENANCE, proof)
    blobs = [archive, (about, config)]
    layers = [archive[0]]
    if signature is not None and proof is not None:
        blobs.append((signature, proof))
        layers.append(signature)
    manifest = chart_manifest(about, layers, chart_annotations(metadata, created))
    digest = describe(IMAGE_MANIFEST, manifest).digest
    if not within("Exists", "destination", lambda: repository.has_manifest(digest)):
        _put_blobs(repository, blobs)
    _put_manifest(repository, manifest, digest)
    return Pushed(str(repository.reference), digest, about, archive[0], signature)


def _put_blobs(repository: Repository, blobs: Sequence[tuple[Descriptor, bytes]]) -> None:
    """Upload what isn't there yet, all at once. Raises the error of the first that fails."""
    from navarch.kube.parallel import in_parallel

    def put(blob: tuple[Descriptor, bytes]) -> None:
        descriptor, data = blob
        if not within("Exists", "destination", lambda: repository.has_blob(descriptor)):
            within("Push", "destination", lambda: repository.put_blob(data, descriptor))

    unequal = {descriptor.digest: (descriptor, data) for descriptor, data in blobs}
    for outcome in in_parallel(list(unequal.values()), put):
        outcome.result()


def _put_manifest(repository: Repository, manifest: bytes, digest: str) -> None:
    """Put a manifest under its tag. Where that fails, under its digest too, to tell which of the two is refused."""
    try:
        within("Tag", "destination", lambda: repository.put_manifest(repository.reference.tag, manifest))
    except RegistryError:
        within("Push", "destination", lambda: repository.put_manifest(digest, manifest))
        raise


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
