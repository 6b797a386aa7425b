"""From an archive to what is kept of it: the chart is loaded as Helm would, whole, before anything is written."""

from __future__ import annotations

import time
from typing import NamedTuple

from navarch.errors import NavarchError
from navarch.oci.manifest import CHART, CONFIG, PROVENANCE, Descriptor, chart_annotations, chart_config, chart_manifest
from navarch.registry.problems import Problem, bad, too_large
from navarch.registry.store.blobs import digest_of
from navarch.registry.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.model import Chart
    from navarch.registry.names import Names

__all__ = ["Limits", "load", "now", "record_of", "subcharts", "with_dependencies"]


class Limits(NamedTuple):
    """How much of everything is taken. 0 is no limit."""

    upload: int = 100 << 20
    """Bytes of an archive, or of any request's body."""
    decompressed: int = 100 << 20
    """Bytes of the files in an archive."""
    charts: int = 0
    """Versions in one space."""


def now() -> str:
    """The time in RFC 3339, UTC, to the microsecond."""
    seconds = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1_000_000):06d}Z"


def load(archive: bytes, names: Names, limits: Limits) -> Chart:
    """The chart in an archive whose name and version the registry takes. Raises Problem (400, 413)."""
    from navarch.chart.load import load_chart

    if limits.upload and len(archive) > limits.upload:
        raise too_large("chart", limits.upload)
    try:
        chart = load_chart(archive)
    except Problem:
        raise
    except NavarchError as error:
        if "larger than the maximum" in str(error):
            raise Problem(413, "ReasonRequest", f"chart is invalid: {error}") from error
        raise bad(f"chart is invalid: {error}") from error
    size = sum(len(data) for _, data in chart.raw)
    if limits.decompressed and size > limits.decompressed:
        raise too_large("decompressed chart", limits.decompressed)
    names.check_chart(chart.metadata.name)
    names.check_version(chart.metadata.version)
    return chart


def record_of(chart: Chart, archive: bytes, prov: bytes = b"", *, created: str = "") -> tuple[Record, bytes]:
    """What is kept of a chart, and its OCI manifest as `helm push` would write it."""
    created = created or now()
    config = chart_config(chart.metadata)
    layers = [Descriptor(CHART, digest_of(archive), len(archive))]
    if prov:
        layers.append(Descriptor(PROVENANCE, digest_of(prov), len(prov)))
    manifest = chart_manifest(
        Descriptor(CONFIG, digest_of(config), len(config)), layers, chart_annotations(chart.metadata, created)
    )
    record = Record(
        chart=chart.metadata.name,
        version=chart.metadata.version,
        digest=layers[0].digest,
        size=len(archive),
        config=digest_of(config),
        manifest=digest_of(manifest),
        prov=digest_of(prov) if prov else "",
        created=created,
        metadata=config,
        charts=subcharts(chart),
    )
    return record, manifest


def subcharts(chart: Chart) -> bytes:
    """The charts in charts/ as a JSON list: Chart.yaml's fields, and the charts in theirs as "dependencies"."""
    return b"[%b]" % b",".join(_described(child) for child in chart.dependencies)


def _described(chart: Chart) -> bytes:
    return with_dependencies(chart_config(chart.metadata), subcharts(chart))


def with_dependencies(metadata: bytes, charts: bytes) -> bytes:
    """Chart.yaml as JSON, its list of dependencies replaced by the charts that are there."""
    import json

    fields = json.loads(metadata)
    fields.pop("dependencies", None)
    if charts != b"[]":
        fields["dependencies"] = json.loads(charts)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
