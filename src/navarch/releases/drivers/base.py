"""What a storage driver must be able to do, what it may do besides, and what all drivers share.

`Driver` is enough for one of your own. `QuickDriver` adds what lets `list` and `history` go without reading records
that they don't show; `storage` looks for it with `quick`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from navarch.releases.model import Release

    Filter = Callable[[Release], bool]
    Releases = list[Release]
    Say = Callable[[str], None]

__all__ = [
    "SYSTEM_LABELS",
    "Driver",
    "Head",
    "QuickDriver",
    "Summary",
    "make_key",
    "own_labels",
    "quick",
    "record_labels",
    "split_key",
    "summary",
]

SYSTEM_LABELS = ("name", "owner", "status", "version", "createdAt", "modifiedAt")
"""Labels that drivers set; users can't."""

_PREFIX = "sh.helm.release.v1."


class Head(NamedTuple):
    """What is known of a stored record without reading it: its key and labels, and what those say."""

    key: str
    namespace: str
    name: str
    revision: int
    status: str
    labels: Mapping[str, str]


class Summary(NamedTuple):
    """What `list` and `history` show of a record. `updated` is a time as records write it, "" for none."""

    name: str
    namespace: str
    revision: int
    updated: str
    status: str
    chart: str
    app_version: str
    description: str
    rollback_revision: int
    labels: Mapping[str, str]


class Driver(Protocol):
    """A place for records. A key is `sh.helm.release.v1.NAME.vREVISION`.

    Methods raise ReleaseError: ReleaseExistsError, ReleaseNotFoundError, RecordError, and KubernetesError where there
    is a cluster behind them.
    """

    def create(self, key: str, release: Release) -> None:
        """Store a release. Raises ReleaseExistsError."""

    def update(self, key: str, release: Release) -> None:
        """Store a release in the place of what is there."""

    def delete(self, key: str) -> Release:
        """Remove a record, and answer what it was. Raises ReleaseNotFoundError."""

    def get(self, key: str) -> Release:
        """One release, with the user's own labels. Raises ReleaseNotFoundError."""

    def list(self, wanted: Filter) -> Releases:
        """All releases (in all namespaces, if the driver has none) that are wanted, with all labels."""

    def query(self, labels: Mapping[str, str]) -> Releases:
        """The releases with these labels, with all labels. Raises ReleaseNotFoundError where there are none."""


@runtime_checkable
class QuickDriver(Protocol):
    """What a driver may offer besides, so that records are read only where their content is needed."""

    def heads(self, labels: Mapping[str, str], *, like_names: bool = False) -> Sequence[Head]:
        """All records with these labels, in no particular order; none is no error.

        `like_names`: they needn't be newer than what `names` has answered.
        """

    def names(self) -> Sequence[Head]:
        """All records, perhaps by their keys alone: without status and labels."""

    def read(self, head: Head) -> Release:
        """One release, with all labels. Raises ReleaseNotFoundError, RecordError."""

    def summaries(self, heads: Sequence[Head]) -> list[Summary | None]:
        """What lists show of these records, in order; None for those that can't be read, or are gone."""

    def summarize(self, labels: Mapping[str, str]) -> list[Summary]:
        """What lists show of all records with these labels that can be read. Raises ReleaseNotFoundError."""

    def remove(self, key: str) -> None:
        """Remove a record without looking at it. Raises ReleaseNotFoundError."""


def quick(driver: Driver) -> QuickDriver | None:
    """The driver's quick ways, None where it has none."""
    return driver if isinstance(driver, QuickDriver) else None


def make_key(name: str, revision: int) -> str:
    """The key of a revision."""
    return f"{_PREFIX}{name}.v{revision}"


def split_key(key: str) -> tuple[str, int]:
    """Name and revision out of a key; ("", 0) for what is none."""
    name, _, revision = key.removeprefix(_PREFIX).rpartition(".v")
    return (name, int(revision)) if name and revision.isdecimal() and key.startswith(_PREFIX) else ("", 0)


def own_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels without those that drivers set."""
    return {name: value for name, value in labels.items() if name not in SYSTEM_LABELS}


def record_labels(release: Release) -> dict[str, str]:
    """The labels that say what a record holds."""
    return {"name": release.name, "owner": "helm", "status": release.info.status, "version": str(release.revision)}


def summary(release: Release) -> Summary:
    """What lists show of a release."""
    info = release.info
    return Summary(
        release.name,
        release.namespace,
        release.revision,
        info.last_deployed,
        info.status,
        release.chart_name,
        release.app_version,
        info.description,
        info.rollback_revision,
        release.labels,
    )
