"""Charts pulled from registries, by version, constraint or digest, with their signatures.

A chart is a manifest with a config (its Chart.yaml) and a layer (the archive), or two (the .prov file). Which version a
reference means, which file a chart becomes, and what is said about it is Helm's; what Helm doesn't look at is refused:
an archive that is another version than its tag says.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from navarch.chart.checks import is_version
from navarch.errors import ChartError, IntegrityError, RegistryError, VersionError
from navarch.oci.manifest import (
    CHART,
    CONFIG,
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    LEGACY_CHART,
    PROVENANCE,
    Descriptor,
    read_descriptors,
)
from navarch.oci.reference import Reference, check_digest, parse_chart_reference, parse_reference
from navarch.oci.versions import choose, sorted_versions
from navarch.oci.words import tell, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from navarch.oci.client import Repository

    Say = Callable[[str], object]
    Warn = Callable[[str], None]
    Opener = Callable[[Reference, bool], Repository]
    """Gives the repository of a reference, for pushing or not."""

    T = TypeVar("T")

__all__ = [
    "Chosen",
    "Content",
    "Pulled",
    "check_version",
    "choose_version",
    "fetch",
    "pull",
    "pull_proof",
    "read_content",
]

_PROOF_LIMIT = 16 << 20
_ARCHIVE_LIMIT = 100 << 20


class Chosen(NamedTuple):
    """What a reference and a version mean: what to pull, and the name of the file that the chart becomes.

    `version` is "" where only a digest was given.
    """

    reference: Reference
    version: str
    file_name: str


class Content(NamedTuple):
    """A chart's manifest: its reference and digest, and the descriptors of what it is made of."""

    reference: str
    digest: str
    config: Descriptor
    chart: Descriptor | None
    provenance: Descriptor | None


class Pulled(NamedTuple):
    """A chart that was pulled: where it is, and what as; the digests are its manifest's and its archive's.

    `prov_path` is where its signature is: None where it wasn't asked for, or for the reason `lacks_proof`. `version`
    is "" where only a digest was asked for.
    """

    path: str
    prov_path: str | None
    reference: str
    digest: str
    chart_digest: str
    version: str
    lacks_proof: str = ""


def choose_version(reference: str, version: str, opener: Opener) -> Chosen:
    """What "oci://…" and a version or constraint mean; the registry is only asked where it has to be.

    A tag in the reference is a version, with + or _; it can be a constraint's place too, as Helm lets it. Raises
    RegistryError: a reference that can't be read, a tag or digest that says otherwise, no such version.
    """
    found = parse_chart_reference(reference)
    if found.tag and version and version.replace("+", "_") != found.tag:
        raise RegistryError(f"chart reference and version mismatch: {version} is not {found.tag}")
    version = version or found.tag
    if found.digest:
        return _by_digest(found, version, opener)
    if found.tag and is_version(found.tag.replace("_", "+")):
        version = found.tag.replace("_", "+")
    if not is_version(version):
        versions = sorted_versions(opener(found, False).tags())
        if not versions:
            raise RegistryError(f"unable to locate any tags in provided repository: {reference}")
        version = choose(versions, version)
    chosen = parse_chart_reference(f"{found.name}:{version}")
    return Chosen(chosen, version, _file_name(found.repository, ":", version))


def _by_digest(found: Reference, version: str, opener: Opener) -> Chosen:
    """A reference with a digest: a version beside it has to be what the digest says, if the registry knows it."""
    if version:
        tagged = _digest_of(found, version, opener)
        if tagged not in ("", found.digest):
            raise RegistryError(f"chart reference digest mismatch: {tagged} is not {found.digest}")
    exact = parse_reference(f"{found.name}@{found.digest}")
    return Chosen(exact, version.replace("_", "+"), _file_name(found.repository, "@", found.digest))


def _digest_of(found: Reference, version: str, opener: Opener) -> str:
    """The digest of what a tag names; "" where it can't be had, as a digest need not be tagged."""
    try:
        tagged = parse_chart_reference(f"{found.name}:{version}")
        return opener(tagged, False).resolve(tagged.tag).digest
    except RegistryError:
        return ""


def _file_name(repository: str, sign: str, target: str) -> str:
    """The name of a chart's file: everything behind the last colon is its version."""
    base = f"{repository.rpartition('/')[2]}{sign}{target}"
    name, _, version = base.rpartition(":")
    return f"{name}-{version}.tgz"


def fetch(reference: Reference, repository: Repository, *, chart: bool = True, proof: bool = False) -> Content:
    """A chart's manifest, and that it has what is wanted of it. Raises RegistryError, IntegrityError."""
    target = reference.target
    root, data = within("FetchReference", "source", lambda: repository.manifest(target))
    allowed = {IMAGE_INDEX, IMAGE_MANIFEST, CONFIG, *([CHART, LEGACY_CHART] if chart else [])}
    allowed |= {PROVENANCE} if proof else set()
    parts = within("Successors", "source", lambda: read_descriptors(data, root.media_type))
    if root.media_type == IMAGE_INDEX:
        parts += [part for one in parts if one.media_type == IMAGE_MANIFEST for part in _members(repository, one)]
    kept = [part for part in (root, *parts) if part.media_type in allowed]
    least = 1 + chart + proof
    if len(kept) < least:
        shortage = f"minimum number of descriptors ({least}), descriptors found: {len(kept)}"
        raise RegistryError(f"manifest does not contain {shortage}")
    by_kind = {part.media_type: part for part in kept}
    config = by_kind.get(CONFIG)
    if config is None:
        raise RegistryError(f"could not load config with mediatype {CONFIG}")
    archive = by_kind.get(CHART) or by_kind.get(LEGACY_CHART)
    if chart and archive is None:
        raise RegistryError(f"manifest does not contain a layer with mediatype {CHART}")
    if proof and PROVENANCE not in by_kind:
        raise RegistryError(f"manifest does not contain a layer with mediatype {PROVENANCE}")
    return Content(str(reference), root.digest, config, archive, by_kind.get(PROVENANCE))


def _members(repository: Repository, descriptor: Descriptor) -> list[Descriptor]:
    """The parts of a manifest that an index lists."""
    found, data = within("Fetch", "source", lambda: repository.manifest(descriptor.digest))
    return read_descriptors(data, found.media_type)


def pull(
    chosen: Chosen,
    repository: Repository,
    dest: str,
    *,
    say: Say,
    known: Callable[[str], str | None] | None = None,
) -> Pulled:
    """Download a chart into a folder, whole or not at all.

    `known` may tell where a copy is of the archive with a digest ("sha256:…"). Raises RegistryError; IntegrityError
    where what came is not what its digest says, or is another version than was asked for.
    """
    from navarch.oci.parts import PartFile

    content = fetch(chosen.reference, repository)
    archive = content.chart or content.config
    target = os.path.join(dest, chosen.file_name)
    with PartFile(target) as part:
        copy = known(archive.digest) if known else None
        if copy is None or not part.copy(copy, archive):
            within("Fetch", "source", lambda: repository.blob(archive, part.write, part.rewind))
        check_version(part.path, chosen.version, content.reference)
        part.keep()
    tell(say, "Pulled", content.reference, content.digest, underscore="_" in content.reference)
    return Pulled(target, None, content.reference, content.digest, archive.digest, chosen.version)


def pull_proof(chosen: Chosen, repository: Repository, *, say: Say) -> bytes:
    """The signature of a chart. Raises RegistryError where there is none, IntegrityError."""
    content = fetch(chosen.reference, repository, chart=False, proof=True)
    proof = _read(content.provenance or content.config, repository, _PROOF_LIMIT)
    tell(say, "Pulled", content.reference, content.digest, underscore="_" in content.reference)
    return proof


def _read(descriptor: Descriptor, repository: Repository, limit: int) -> bytes:
    if descriptor.size > limit:
        raise IntegrityError(f"{descriptor.digest} has {descriptor.size} bytes; no more than {limit} are read")
    pieces: list[bytes] = []
    within("Fetch", "source", lambda: repository.blob(descriptor, pieces.append, pieces.clear))
    return b"".join(pieces)


def read_content(address: str, opener: Opener) -> bytes:
    """A chart's archive, or with .prov behind the address its signature. Raises RegistryError, IntegrityError."""
    proof = address.endswith(".prov")
    reference = parse_chart_reference(address.removesuffix(".prov") if proof else address)
    if reference.tag:
        reference = reference._replace(digest="")  # Helm takes no notice of it here
    if not reference.target:
        raise RegistryError('failed to perform "FetchReference" on source: invalid reference')
    if reference.digest:
        check_digest(reference.digest)
    repository = opener(reference, False)
    content = fetch(reference, repository, chart=not proof, proof=proof)
    if proof:
        return _read(content.provenance or content.config, repository, _PROOF_LIMIT)
    return _read(content.chart or content.config, repository, _ARCHIVE_LIMIT)


def check_version(path: str, version: str, called: str) -> None:
    """Refuse an archive whose Chart.yaml names another version than the one it was asked for by ("": any).

    What stands behind a + counts where the version asked for has it. A constraint, beside a digest, has to be met.
    Raises IntegrityError, ChartError.
    """
    from navarch.chart.archive import peek_file
    from navarch.chart.load import load_metadata

    try:
        data = peek_file(path, "Chart.yaml")
    except ChartError as error:
        raise error.within(f"{called} is no chart") from error.__cause__
    if data is None:
        raise ChartError(f"{called} is no chart: Chart.yaml file is missing")
    metadata = load_metadata(data)
    if version and metadata.version != version and not _fits(version, metadata.version):
        raise IntegrityError(f"{called} holds {metadata.name} {metadata.version}, not version {version}")


def _fits(wanted: str, version: str) -> bool:
    """Whether a version is the one wanted, or satisfies the constraint that is wanted."""
    from navarch.golang.semver import parse_constraint, parse_version

    try:
        found = parse_version(version)
        if not is_version(wanted):
            return bool(parse_constraint(wanted).check(found))
        asked = parse_version(wanted)
    except VersionError:
        return False
    return asked.compare(found) == 0 and asked.metadata in ("", found.metadata)
