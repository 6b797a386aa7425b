"""From an archive to what is kept of it: the chart is loaded as Helm would, whole, before anything is written."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from typing import NamedTuple

from navarch.errors import NavarchError
from navarch.oci.manifest import CHART, CONFIG, PROVENANCE, Descriptor, chart_annotations, chart_config, chart_manifest
from navarch.registry.problems import REQUEST, Problem, bad, invalid, too_large
from navarch.registry.store.blobs import digest_of
from navarch.registry.store.entries import check_entries
from navarch.registry.store.objects import StorageError
from navarch.registry.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.chart.model import Chart
    from navarch.registry.names import Names

_NAMED = re.compile(r'validation: chart\.metadata\.(name|version) "(.*)" is (?:invalid|not allowed)')
"""What Helm's words are for what can be no name or version of a chart."""

__all__ = [
    "AT_ONCE",
    "MOST_METADATA",
    "Limits",
    "load",
    "load_any",
    "now",
    "record_of",
    "subcharts",
    "turn",
    "with_dependencies",
]

AT_ONCE = 4
"""Archives that are read at once, and archives from storage that are in memory with their charts: each may take the
memory of what is allowed of it, however little it weighs."""
_MOST_FILES = 10_000
"""Files, folders and headers in an archive and the archives in it: every one of them costs time at each reading."""
_MOST_YAML = 16 << 20
"""Bytes of all Chart.yaml, values.yaml and so on in an archive together, aliases being written out."""
MOST_METADATA = 1 << 20
"""Bytes of all Chart.yaml together, aliases being written out: they are in each list of what is in a space."""
_DEEPEST = 64
"""Charts in charts in charts."""
_turns = threading.BoundedSemaphore(AT_ONCE)
_stored = threading.BoundedSemaphore(AT_ONCE)
_held = threading.local()
_PATIENCE = 60.0
"""Seconds for which a turn is waited for: those who have one may wait for storage that is silent."""


@contextmanager
def turn() -> Iterator[None]:
    """Wait until there may be one more archive from storage, and its chart, in memory; it may until the block is left.

    A thread that has a turn needs no other one. Who waits for a lock should have none: others may want it meanwhile.
    Raises StorageError when it takes too long.
    """
    if getattr(_held, "turn", False):
        yield
        return
    if not _stored.acquire(timeout=_PATIENCE):
        raise StorageError("storage: all that may read archives from it have been at work with it for too long")
    _held.turn = True
    try:
        yield
    finally:
        _held.turn = False
        _stored.release()


class Limits(NamedTuple):
    """How much of everything is taken. 0 is no limit."""

    upload: int = 100 << 20
    """Bytes of an archive, or of any request's body."""
    decompressed: int = 100 << 20
    """Bytes of the files in an archive and in those in it; Helm takes no more than 100 MiB in any case."""
    charts: int = 0
    """Versions in one space."""


def now() -> str:
    """The time in RFC 3339, UTC, to the microsecond."""
    seconds = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1_000_000):06d}Z"


def load(archive: bytes, names: Names, limits: Limits) -> Chart:
    """The chart in an archive whose name and version the registry takes. Raises Problem (400, 413)."""
    chart = load_any(archive, limits)
    names.check_chart(chart.metadata.name)
    names.check_version(chart.metadata.version)
    return chart


def load_any(archive: bytes, limits: Limits) -> Chart:
    """The chart in an archive, if it is one that Helm takes. Raises Problem (400, 413)."""
    from navarch.chart.archive import MAX_SIZE, Room
    from navarch.chart.load import load_chart

    if limits.upload and len(archive) > limits.upload:
        raise too_large("chart", limits.upload)
    most = min(limits.decompressed or MAX_SIZE, MAX_SIZE)
    entries: list[tuple[str, bytes]] = []
    try:
        with _turns:
            chart = load_chart(archive, parse=_Parser(), room=Room(most, _MOST_FILES), kinds=entries)
    except Problem:
        raise
    except RecursionError:
        raise _too_deep() from None
    except NavarchError as error:
        if "larger than the maximum size" in str(error):
            raise too_large("decompressed chart", most) from error
        if "larger than the maximum" in str(error):
            raise Problem(413, REQUEST, f"chart is invalid: {error}") from error
        named = _NAMED.fullmatch(str(error))
        if named:
            raise invalid("chart" if named[1] == "name" else "version", named[2]) from error
        raise bad(f"chart is invalid: {error}") from error
    check_entries(archive, entries)
    _check_tree(chart)
    return chart


class _Parser:
    """Reads the YAML of one archive, as far as it isn't too much of it. Raises Problem (413), YamlError."""

    def __init__(self) -> None:
        self._left = _MOST_YAML

    def __call__(self, data: bytes, /, *, exact: bool = False) -> Any:
        from navarch.chart.documents import parse_yaml

        self._take(len(data))
        found = parse_yaml(data, exact=exact)
        if b"&" in data:  # what is said once may be meant a million times
            for size in _sizes(found):
                self._take(size)
        return found

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise too_large("YAML of the chart", _MOST_YAML)


def _sizes(value: Any) -> Iterator[int]:
    """About how many bytes each part of a value has where it is written out."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield len(one) + 3
        elif isinstance(one, dict):
            yield sum(map(len, map(str, one))) + 4 * len(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            yield 2 * len(one)
            waiting.extend(one)
        else:
            yield 4


def _check_tree(chart: Chart) -> None:
    """Refuse charts in charts in charts, and large Chart.yaml. Raises Problem (400, 413)."""
    left = MOST_METADATA
    level = [chart]
    for _ in range(_DEEPEST):
        for one in level:
            written = next((data for name, data in one.raw if name == "Chart.yaml"), b"")
            left -= len(chart_config(one.metadata)) if b"&" in written else len(written)
            if left < 0:
                raise too_large("Chart.yaml", MOST_METADATA)
        level = [child for one in level for child in one.dependencies]
    if level:
        raise _too_deep()


def _too_deep() -> Problem:
    return bad("chart is invalid: charts are nested too deeply")


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
