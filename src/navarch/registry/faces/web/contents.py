"""What is in an archive, for the pages of a version: its files, and the tree of its charts.

Opening an archive costs more than making a page of it, and the pages of one version are asked for one after the other:
the last few stay in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.faces.web.picture import tree
from navarch.registry.faces.web.sources import as_text
from navarch.registry.store.reading import load, turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from navarch.chart.model import Chart
    from navarch.registry.faces.web.html import Html
    from navarch.registry.faces.web.picture import Node
    from navarch.registry.store.records import Record
    from navarch.registry.store.store import Store

__all__ = ["Contents", "Library", "readme_name"]

_MOST_BYTES = 24 << 20  # of the archives' files that stay in memory
_READMES = ("readme.md", "readme.txt", "readme")


class Contents(NamedTuple):
    """The files of a version by their path, those of the charts in it below charts/NAME/; its charts as a tree.

    `size` is in bytes, of all files; `memo` is for what is made of them.
    """

    files: Mapping[str, bytes]
    tree: Node
    size: int
    memo: dict[str, Html]

    def text(self, path: str) -> str | None:
        """A file's text; None if there is none."""
        data = self.files.get(path)
        return None if data is None else as_text(data)


class Library:
    """The contents of versions, the last ones kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Contents] = OrderedDict()
        self._size = 0

    def known(self, record: Record) -> Contents | None:
        """What is in the archive of a version, if that is in memory."""
        with self._lock:
            found = self._kept.get(record.digest)
            if found is not None:
                self._kept.move_to_end(record.digest)
            return found

    def get(self, record: Record) -> Contents:
        """What is in the archive of a version. Raises Problem (404, and what is wrong with a bad archive)."""
        found = self.known(record)
        if found is None:
            with turn():
                found = _contents(load(self._store.archive(record), self._store.names, self._store.limits))
                self._keep(record.digest, found)
        return found

    def _keep(self, digest: str, contents: Contents) -> None:
        if contents.size > _MOST_BYTES // 4:
            return
        with self._lock:
            if digest in self._kept:
                return
            self._kept[digest] = contents
            self._size += contents.size
            while self._size > _MOST_BYTES:
                self._size -= self._kept.popitem(last=False)[1].size


def _contents(chart: Chart) -> Contents:
    files = dict(sorted(_files(chart, ""), key=lambda file: _order(file[0])))
    return Contents(files, tree(chart), sum(map(len, files.values())), {})


def _files(chart: Chart, prefix: str) -> Iterator[tuple[str, bytes]]:
    taken: dict[str, int] = {}
    inside = {child.metadata.name for child in chart.dependencies}
    for path, data in chart.raw:
        name = path[7:].partition("/")[0] if path.startswith("charts/") else ""
        if not name or (name not in inside and not name.endswith(".tgz")):
            yield f"{prefix}{path}", data
    for child in chart.dependencies:
        name = child.metadata.name
        taken[name] = taken.get(name, 0) + 1
        place = name if taken[name] == 1 else f"{name}-{child.metadata.version}"
        yield from _files(child, f"{prefix}charts/{place}/")


def _order(path: str) -> tuple[int, str]:
    """Where a file is in a list: what is read first comes first, the charts inside last."""
    first = ("Chart.yaml", "values.yaml", "values.schema.json", "README.md", "Chart.lock")
    if path in first:
        return first.index(path), path
    groups = ("templates/", "crds/", "charts/")
    found = next((at for at, group in enumerate(groups) if path.startswith(group)), -1)
    return (20 + found if found >= 0 else 10), path


def readme_name(contents: Contents) -> str:
    """The path of the README; "" without one."""
    return next((path for path in contents.files if path.lower() in _READMES), "")
