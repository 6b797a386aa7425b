"""What is kept of each version of a chart, and the order of versions.

A record is four lines of JSON: what the store needs to know; Chart.yaml, which is the config of its OCI manifest to the
letter; the charts in charts/, with theirs; the manifest. The first three stay in memory, as bytes that pages and
indexes are put together from.
"""

from __future__ import annotations

import json
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Record", "manifest_in", "manifest_key", "order"]

_SHA256 = "sha256:"
_SIZE = 32  # bytes of a digest
_ALL = re.compile(f"(?:{_SHA256}[0-9a-f]{{{2 * _SIZE}}}){{3,4}}")
_NO_CHARTS = b"[]"


class Record:
    """A version of a chart. Digests are "sha256:…"; `created` is a time in RFC 3339, UTC.

    `metadata` is Chart.yaml as JSON; `charts` a JSON list of the charts in charts/: Chart.yaml as JSON, with
    "dependencies" for the charts in theirs. There may be a hundred thousand: what many have in common is there once,
    and digests are kept as their bytes.
    """

    __slots__ = ("_digests", "chart", "charts", "created", "metadata", "size", "spread", "version")

    def __init__(
        self,
        chart: str,
        version: str,
        digest: str,
        size: int,
        config: str,
        manifest: str,
        prov: str,
        created: str,
        metadata: bytes,
        charts: bytes,
    ) -> None:
        self.chart = sys.intern(chart)
        self.version = sys.intern(version)
        self.size = size
        self.created = created
        self.metadata = metadata
        self.charts = _NO_CHARTS if charts == _NO_CHARTS else charts
        self._digests = _packed(digest, config, manifest, prov)
        self.spread = int(manifest[-2:] or "0", 16)
        """A number from 0 to 255, for each record as if by chance, and always the same."""

    @property
    def digest(self) -> str:
        """The archive's."""
        return _digest(self._digests, 0)

    @property
    def config(self) -> str:
        """The OCI config's."""
        return _digest(self._digests, 1)

    @property
    def manifest(self) -> str:
        """The OCI manifest's."""
        return _digest(self._digests, 2)

    @property
    def prov(self) -> str:
        """The provenance file's; "" if there is none."""
        return _digest(self._digests, 3)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"Record({self.chart!r}, {self.version!r}, {self.digest!r})"

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

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
        """A stored record. Raises ValueError or TypeError for what is none."""
        head, metadata, charts, _ = data.split(b"\n", 3)
        return Record(**json.loads(head.decode()), metadata=metadata, charts=charts)


def _packed(digest: str, config: str, manifest: str, prov: str) -> bytes | tuple[str, ...]:
    """Digests in a row as bytes, of which the last may be missing; as they are where one isn't SHA-256."""
    text = digest + config + manifest + prov
    if digest and config and manifest and _ALL.fullmatch(text):
        return bytes.fromhex(text.replace(_SHA256, ""))
    return digest, config, manifest, prov


def _digest(packed: bytes | tuple[str, ...], at: int) -> str:
    if isinstance(packed, tuple):
        return packed[at]
    found = packed[at * _SIZE : (at + 1) * _SIZE]
    return f"{_SHA256}{found.hex()}" if found else ""


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
