"""What is kept of each version of a chart, and the order of versions.

A record is four lines of JSON: what the store needs to know; Chart.yaml, which is the config of its OCI manifest to the
letter; the charts in charts/, with theirs; the manifest. The first three stay in memory, as bytes that pages and
indexes are put together from.
"""

from __future__ import annotations

import json
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Record", "manifest_in", "manifest_key", "order"]


class Record(NamedTuple):
    """A version of a chart. Digests are "sha256:…"; `created` is a time in RFC 3339, UTC.

    `metadata` is Chart.yaml as JSON; `charts` a JSON list of the charts in charts/: Chart.yaml as JSON, with
    "dependencies" for the charts in theirs.
    """

    chart: str
    version: str
    digest: str  # of the archive
    size: int
    config: str  # digest of the OCI config
    manifest: str  # digest of the OCI manifest
    prov: str  # digest of the provenance file, "" if there is none
    created: str
    metadata: bytes
    charts: bytes

    def encode(self, manifest: bytes) -> bytes:
        """As it is stored."""
        head: dict[str, Any] = {
            "chart": self.chart,
            "version": self.version,
            "digest": self.digest,
            "size": self.size,
            "config": self.config,
            "manifest": self.manifest,
            "prov": self.prov,
            "created": self.created,
        }
        return b"\n".join((json.dumps(head).encode(), self.metadata, self.charts, manifest))

    @staticmethod
    def decode(data: bytes) -> Record:
        """A stored record. Raises ValueError for what is none."""
        head, metadata, charts, _ = data.split(b"\n", 3)
        return Record(**json.loads(head), metadata=metadata, charts=charts)


def manifest_in(data: bytes) -> bytes:
    """The manifest in a stored record. Raises ValueError."""
    return data.split(b"\n", 3)[3]


def manifest_key(prefix: str, repository: str, digest: str) -> str:
    """Where it is kept that a repository below a space has a manifest, and of which media type."""
    place = f"{prefix}/oci/{repository}" if repository else f"{prefix}/oci"
    return f"{place}/_manifests/{digest.replace(':', '/')}"


def order(version: str) -> tuple[Any, ...]:
    """A key that sorts versions (SemVer 2) as their precedence says; equal ones by their text."""
    rest = version.partition("+")[0]
    core, _, pre = rest.partition("-")
    numbers = tuple(int(number) for number in core.split("."))
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")) if pre else ()
    return (numbers, not pre, parts, version)
