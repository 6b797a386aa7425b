"""Copying charts out of other repositories into a space: what is missing there, each version whole or not at all.

    with Client("http://127.0.0.1:8099") as registry, Fetcher() as fetcher, oci.Registry() as other:
        source = IndexSource(Entry("", "https://charts.example.com"), fetcher, other)
        mirror(source, registry, "library", Selection(versions=">=2"))

Archives stay what they are, byte for byte: each is checked against the digest that its repository says, and against
its Chart.yaml, before it is uploaded; signatures come along. What is there already is left alone. Out of a registry
come the manifests themselves, with their digests and with what refers to them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from fnmatch import fnmatchcase
from typing import NamedTuple

from navarch.errors import IntegrityError, NavarchError, RegistryError, VersionError
from navarch.golang.semver import parse_constraint, parse_version
from navarch.oci.manifest import CHART, CONFIG, IMAGE_MANIFEST, LEGACY_CHART, read_descriptors
from navarch.oci.reference import SCHEME
from navarch.registry.names import tag_of
from navarch.registry.sources_of_charts import check
from navarch.registry.transfer import Found, Refusal, Target, Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from navarch.golang.semver import Version
    from navarch.oci.client import Repository
    from navarch.registry.client import Client
    from navarch.registry.sources_of_charts import Offer, Source

__all__ = [
    "COPIED",
    "DIFFERENT",
    "EXTENDED",
    "FAILED",
    "PRESENT",
    "REPLACED",
    "Copied",
    "Selection",
    "mirror",
    "problems",
]

COPIED = "copied"
REPLACED = "replaced"
PRESENT = "present"
EXTENDED = "extended"
DIFFERENT = "different"
FAILED = "failed"

_AT_ONCE = 4
_ENOUGH = 10  # failures, one after the other, after which no more is tried


class Selection(NamedTuple):
    """Which charts are meant: those whose name fits one of some patterns ("web-*"), in versions that satisfy a
    constraint ("" is any, pre-releases too); of these the `newest` so many of each chart (0: all).
    """

    charts: tuple[str, ...] = ()
    versions: str = ""
    newest: int = 0

    def of(self, offers: Iterable[Offer]) -> list[Offer]:
        """Those that are meant, by chart, the newest version first. Raises VersionError for what is no constraint."""
        fits = parse_constraint(self.versions) if self.versions else None
        found: dict[str, dict[str, tuple[Version, Offer]]] = {}
        for offer in offers:
            if self.charts and not any(fnmatchcase(offer.chart, pattern) for pattern in self.charts):
                continue
            try:
                version = parse_version(offer.version)
            except VersionError:
                continue  # Helm can't ask for it either
            if fits is None or fits.check(version):
                found.setdefault(offer.chart, {}).setdefault(offer.version, (version, offer))
        return [offer for chart in sorted(found) for offer in _newest(found[chart].values(), self.newest)]


def _newest(versions: Iterable[tuple[Version, Offer]], most: int) -> list[Offer]:
    from functools import cmp_to_key

    found = [offer for _, offer in sorted(versions, key=cmp_to_key(_compare), reverse=True)]
    return found[:most] if most else found


def _compare(one: tuple[Version, Offer], other: tuple[Version, Offer]) -> int:
    return one[0].compare(other[0])


class Copied(NamedTuple):
    """What came of a version.

    `state` is one of: COPIED; PRESENT (it was there); EXTENDED (it was, but not all that refers to it); DIFFERENT
    (another archive or manifest of this version is there, and was left alone), REPLACED (so it was until now); FAILED,
    for the reason `problem`. `size` is the archive's bytes, 0 where it wasn't fetched.
    """

    chart: str
    version: str
    state: str
    size: int = 0
    problem: str = ""


def mirror(
    source: Source,
    registry: Client,
    space: str,
    selection: Selection | None = None,
    *,
    replace: bool = False,
    dry_run: bool = False,
    say: Callable[[Copied], object] | None = None,
) -> list[Copied]:
    """Copy what is selected and isn't in the space yet, which is made if need be.

    With `replace`, another archive of a version that is there is put in its place. `say` is told of each version as
    soon as it is done. One that fails doesn't keep the others; many in a row do. Raises NavarchError where the source
    has no list, or the registry doesn't answer or doesn't let us.
    """
    from navarch.kube.parallel import in_parallel

    offers = (selection or Selection()).of(source.offers())
    work = _Copying(source, registry, space, _known(registry, space), replace=replace, dry_run=dry_run, say=say)
    with tempfile.TemporaryDirectory(prefix="navarch-mirror-") as work.folder:
        return [outcome.result() for outcome in in_parallel(offers, work, limit=_AT_ONCE)]


def _known(registry: Client, space: str) -> dict[tuple[str, str], str]:
    """The digests ("sha256:…") of what is in the space, by chart and version."""
    try:
        index = registry.index(space)
    except RegistryError as error:
        if error.status != 404:
            raise
        return {}
    return {
        (name, listed.version): f"sha256:{listed.entry.digest}"
        for name in index.names()
        for listed in index.versions(name)
    }


class _Copying:
    """What is done with each offer. Can be called from several threads."""

    def __init__(
        self,
        source: Source,
        registry: Client,
        space: str,
        known: dict[tuple[str, str], str],
        *,
        replace: bool,
        dry_run: bool,
        say: Callable[[Copied], object] | None,
    ) -> None:
        self._source = source
        self._registry = registry
        self._space = space
        self._known = known
        self._replace = replace
        self._dry_run = dry_run
        self._say = say
        self._lock = threading.Lock()
        self._failures = 0
        self._fatal: NavarchError | None = None
        self.folder = ""

    def __call__(self, offer: Offer) -> Copied:
        if self._fatal is not None:
            raise self._fatal
        try:
            done = self._copy(offer)
        except NavarchError as error:
            done = Copied(offer.chart, offer.version, FAILED, problem=str(error))
            self._count(error)
        else:
            self._failures = 0
        if self._say:
            with self._lock:
                self._say(done)
        return done

    def _count(self, error: NavarchError) -> None:
        """Take note of a failure. Raises the error where there is no use in going on."""
        self._failures += _is_unanswered(error)
        if _is_fatal(error) or self._failures >= _ENOUGH:
            self._fatal = error
            raise error

    def _copy(self, offer: Offer) -> Copied:
        if offer.repository is not None:
            found = offer.repository.resolve(tag_of(offer.version))
            if found.media_type == IMAGE_MANIFEST:
                return self._copy_manifest(offer, offer.repository, found.digest)
        known = self._known.get((offer.chart, offer.version))
        if known is not None:
            digest = self._source.digest(offer)
            if digest in ("", known):
                return Copied(offer.chart, offer.version, PRESENT)
            if not self._replace:
                problem = f"the space has {known}, its source {digest}"
                return Copied(offer.chart, offer.version, DIFFERENT, problem=problem)
        state = COPIED if known is None else REPLACED
        if self._dry_run:
            return Copied(offer.chart, offer.version, state)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            archive, prov = self._source.fetch(offer, folder)
            size = os.path.getsize(archive)
            return Copied(offer.chart, offer.version, self._put(offer, archive, prov, state), size)

    def _copy_manifest(self, offer: Offer, source: Repository, digest: str) -> Copied:
        """Copy a version as the source's registry has it: the same manifest, and what refers to it."""
        target = Target(self._registry.wire, f"{self._space}/{offer.chart}")
        there = target.digest(tag_of(offer.version))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            transfer = Transfer(source, target, folder)
            if there == digest:
                more = 0 if self._dry_run else transfer.copy_referrers(digest, offer.others)
                return Copied(offer.chart, offer.version, EXTENDED if more else PRESENT)
            if there and not self._replace:
                return self._different(offer, there, digest)
            state = REPLACED if there else COPIED
            if self._dry_run:
                return Copied(offer.chart, offer.version, state)
            found = Found(*source.manifest(digest))
            size = self._copy_archive(offer, found, transfer, target)
            transfer.copy(found, tag_of(offer.version))
            transfer.copy_referrers(digest, offer.others)
            return Copied(offer.chart, offer.version, state, size)

    def _different(self, offer: Offer, there: str, digest: str) -> Copied:
        known, archive = self._known.get((offer.chart, offer.version), ""), self._source.digest(offer)
        if known == archive or not known:
            problem = f"the space has the manifest {there}, its source {digest}"
        else:
            problem = f"the space has {known}, its source {archive}"
        return Copied(offer.chart, offer.version, DIFFERENT, problem=problem)

    def _copy_archive(self, offer: Offer, found: Found, transfer: Transfer, target: Target) -> int:
        """Copy the archive that a manifest names, if it is the chart that it should be; answers its size.

        One that the space has as this version was checked when it came, and isn't fetched again.
        """
        assert offer.repository is not None
        name = f"{SCHEME}{offer.repository.reference.name}:{tag_of(offer.version)}"
        parts = read_descriptors(found.data, found.descriptor.media_type)
        archives = [part for part in parts if part.media_type in {CHART, LEGACY_CHART}]
        if len(archives) != 1 or not any(part.media_type == CONFIG for part in parts):
            raise IntegrityError(f"{name} is no chart", url=name)
        if self._known.get((offer.chart, offer.version)) == archives[0].digest:
            return 0
        path = transfer.fetch(archives[0])
        check(offer, path, "", name)
        target.put_blob(path, archives[0].digest)
        return os.path.getsize(path)

    def _put(self, offer: Offer, archive: str, prov: str | None, state: str) -> str:
        try:
            if state == REPLACED:
                self._registry.replace(self._space, offer.chart, offer.version, archive, prov=prov)
            else:
                self._registry.upload(self._space, archive, prov=prov)
        except RegistryError as error:
            if error.status == 409 and state == COPIED:
                return PRESENT  # somebody else was quicker
            raise Refusal(error) from error
        return state


def _is_fatal(error: NavarchError) -> bool:
    """Whether the next chart would fail as well: the registry doesn't answer, or doesn't let us."""
    return isinstance(error, Refusal) and (not error.status or error.status in (401, 403, 404) or error.status >= 500)


def _is_unanswered(error: NavarchError) -> bool:
    """Whether somebody doesn't answer, or says that it can't; who says no to one chart may say yes to the next."""
    status = getattr(error, "status", 400)
    return not isinstance(error, IntegrityError) and (not status or status == 429 or status >= 500)


def problems(copied: Sequence[Copied]) -> list[Copied]:
    """Those that should be looked at by somebody."""
    return [one for one in copied if one.state in (FAILED, DIFFERENT)]
