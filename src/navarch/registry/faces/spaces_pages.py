"""Metadata as the spaces API shows it: Chart.yaml as indented JSON, in lists that are put together from kept texts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from navarch.registry.indent import indented
from navarch.registry.store.reading import with_dependencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record

__all__ = ["metadata_text", "page", "walk"]

_REMEMBERED = 1 << 14  # records whose text is kept


def page(items: Iterable[Record], total: int, size: int) -> bytes:
    """A page of metadata, put together from texts that are kept."""
    text = _item if size <= _REMEMBERED else _item.__wrapped__
    inside = b",\n  ".join([text(record.metadata, record.charts) for record in items])
    listed = b"[\n  %b\n ]" % inside if size else b"[]"
    return b'{\n "metadata": {\n  "total": %d,\n  "itemsLength": %d\n },\n "items": %b\n}' % (total, size, listed)


def walk(charts: Iterable[Chart], start: int, end: int) -> Iterator[Record]:
    """The records from `start` to `end` of all charts, one after the other."""
    for chart in charts:
        if end <= 0:
            return
        size = len(chart.records)
        if start < size:
            yield from chart.records[max(start, 0) : end]
        start, end = start - size, end - size


def metadata_text(metadata: bytes, charts: bytes) -> bytes:
    """Chart.yaml and the charts in charts/ as indented JSON."""
    if b'"dependencies":' in metadata:
        metadata = with_dependencies(metadata, charts)
    elif charts != b"[]":
        metadata = b'%b,"dependencies":%b}' % (metadata[:-1], charts)
    return indented(metadata)


@lru_cache(_REMEMBERED)
def _item(metadata: bytes, charts: bytes) -> bytes:
    """The same inside a list."""
    return metadata_text(metadata, charts).replace(b"\n", b"\n  ")
