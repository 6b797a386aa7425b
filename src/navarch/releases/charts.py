"""A chart as a record holds it, and a chart out of a record.

A record has the chart's own files, not its children's: theirs live on in its values, which `process_dependencies`
leaves merged, and in the release's manifest.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from navarch.chart.metadata import dependency_fields, metadata_fields
from navarch.chart.model import Chart, Dependency, Lock, Maintainer, Metadata
from navarch.golang.types import NilList
from navarch.releases.times import canonical, from_seconds, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["chart_from_record", "chart_record"]

_SECOND = 1_000_000_000


def chart_record(chart: Chart, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """The chart as a release's record holds it: what Helm's chart.Chart is in JSON.

    The chart is the one that is rendered, with its dependencies processed. `values` stand in for its default values.
    """
    schema = chart.modified.get("values.schema.json")
    return {
        "metadata": metadata_fields(chart.metadata),
        "lock": None if chart.lock is None else _lock_record(chart.lock),
        "templates": _file_records(chart, chart.templates),
        "values": _values_record(chart) if values is None else values,
        "schema": None if chart.schema is None else _base64(chart.schema),
        "schemamodtime": "" if schema is None or chart.schema is None else _time(schema),
        "files": _file_records(chart, chart.files),
        "modtime": _time(chart.modified.get("Chart.yaml")),
    }


def _values_record(chart: Chart) -> dict[str, Any] | None:
    """The values; None for a chart that has no values.yaml, unless its children were looked at for some."""
    unset = not chart.values and chart.raw_file("values.yaml") is None
    return None if unset and type(chart.metadata.dependencies) is NilList else chart.values


def _file_records(chart: Chart, files: Iterable[tuple[str, bytes]]) -> list[dict[str, Any]] | None:
    return [
        {"name": name, "data": _base64(data), "modtime": _time(chart.modified.get(name))} for name, data in files
    ] or None


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _time(nanos: int | None) -> str:
    return "" if nanos is None else from_seconds(*divmod(nanos, _SECOND))


def _lock_record(lock: Lock) -> dict[str, Any]:
    return {
        "generated": canonical(lock.generated) if lock.generated else "",
        "digest": lock.digest,
        "dependencies": [dependency_fields(one) for one in lock.dependencies]
        if type(lock.dependencies) is not NilList
        else None,
    }


def chart_from_record(record: Mapping[str, Any] | None) -> Chart:
    """The chart in a release's record: its own files, without children. A record without a chart gives an empty one."""
    record = record or {}
    schema = record.get("schema")
    return Chart(
        _metadata(record.get("metadata") or {}),
        values=record.get("values"),
        templates=_files(record.get("templates")),
        files=_files(record.get("files")),
        schema=None if schema is None else a2b_base64(schema),
        lock=_lock(record.get("lock")),
        modified=_modified(record),
    )


def _files(records: Iterable[Mapping[str, Any] | None] | None) -> list[tuple[str, bytes]]:
    return [(one["name"], a2b_base64(one.get("data") or "")) for one in records or () if one]


def _modified(record: Mapping[str, Any]) -> dict[str, int]:
    files = [*(record.get("templates") or ()), *(record.get("files") or ())]
    times = {one["name"]: one.get("modtime") for one in files if one}
    times |= {"Chart.yaml": record.get("modtime"), "values.schema.json": record.get("schemamodtime")}
    return {name: _nanos(time) for name, time in times.items() if time}


def _nanos(time: str) -> int:
    found = parse(time)
    return found.sec * _SECOND + found.nsec


def _lock(record: Mapping[str, Any] | None) -> Lock | None:
    if record is None:
        return None
    dependencies = record.get("dependencies")
    return Lock(
        record.get("generated") or "",
        record.get("digest") or "",
        None if dependencies is None else [_dependency(one) for one in dependencies if one],
    )


def _dependency(record: Mapping[str, Any]) -> Dependency:
    return Dependency(
        record.get("name") or "",
        record.get("version") or "",
        record.get("repository") or "",
        condition=record.get("condition") or "",
        tags=record.get("tags") or (),
        enabled=bool(record.get("enabled")),
        import_values=record.get("import-values") or (),
        alias=record.get("alias") or "",
    )


def _metadata(record: Mapping[str, Any]) -> Metadata:
    dependencies = record.get("dependencies")
    return Metadata(
        record.get("name") or "",
        record.get("version") or "",
        api_version=record.get("apiVersion") or "",
        app_version=record.get("appVersion") or "",
        description=record.get("description") or "",
        type=record.get("type") or "",
        home=record.get("home") or "",
        icon=record.get("icon") or "",
        sources=record.get("sources") or (),
        keywords=record.get("keywords") or (),
        maintainers=[
            Maintainer(one.get("name") or "", one.get("email") or "", one.get("url") or "")
            for one in record.get("maintainers") or ()
            if one
        ],
        condition=record.get("condition") or "",
        tags=record.get("tags") or "",
        deprecated=bool(record.get("deprecated")),
        annotations=record.get("annotations"),
        kube_version=record.get("kubeVersion") or "",
        dependencies=[_dependency(one) for one in dependencies if one] if dependencies else None,
    )
