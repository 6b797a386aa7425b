"""Which children of a chart take part in a render, under which names, and what their parents import from them.

Conditions and tags in the values switch children off, aliases rename them, import-values copy tables from a child's
values into its parent's. Helm changes the chart itself; here a new tree that shares the files is made, once for each
outcome, and kept with the chart.
"""

from __future__ import annotations

import marshal

from navarch.chart.checks import compatible
from navarch.chart.notices import notice
from navarch.golang.types import NilList, StringMap
from navarch.values.coalesce import coalesce_tables, coalesce_values, copy_values, deep, merge_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.chart.model import Chart, Dependency

    Warn = Callable[[str], None]
    Map = dict[str, Any]

__all__ = ["process_dependencies"]

_MAX_KEPT = 32


def process_dependencies(chart: Chart, values: Map | None = None, *, warn: Warn | None = None) -> Chart:
    """The chart as it is to be rendered with the user's values. The chart that is handed in stays as it is.

    Raises ValuesError where the values for a child are not a mapping. `warn` is given Helm's lines for stderr.
    """
    if not chart.dependencies and _names_none(chart):
        return chart
    trees: dict[bytes, Chart] = chart.memo.setdefault("trees", {})
    key = _deciding_part(chart, values or {})
    tree = trees.get(key) if key is not None else None
    if tree is None:
        told: list[str] = []

        def process() -> Chart:
            told.clear()
            return _with_imports(_enable(chart, values or {}, "", "", told.append), told.append)

        try:
            tree = process()
        except RecursionError:
            tree = deep(process)
        finally:
            for line in told:
                if warn:
                    warn(line)
        if key is not None and not told:
            if len(trees) >= _MAX_KEPT:
                trees.clear()
            trees[key] = tree
    return tree


def _names_none(chart: Chart) -> bool:
    return type(chart.metadata.dependencies) is NilList


def _deciding_part(chart: Chart, values: Map) -> bytes | None:
    """All of the user's values that can change the outcome, as a key; None where they can't be packed.

    Outcomes hang on the tables `tags` and `global`, on what conditions name, and on the places of the charts in the
    tree, at the top and again in each chart's place: other keys are merged without ever being looked at.
    """
    names = chart.memo.get("deciding")
    if names is None:
        names = chart.memo["deciding"] = _deciding_names(chart)
    if names[1].isdisjoint(values):
        return b""
    try:
        return marshal.dumps(_project(values, *names), 2)
    except (ValueError, RecursionError):
        return None


def _deciding_names(chart: Chart) -> tuple[set[str], set[str]]:
    """The names of the charts below this one, aliases included; those, and all other keys that decisions look at."""
    charts: set[str] = set()
    keys = {"tags", "global"}
    for dependency in chart.metadata.dependencies:
        charts |= {dependency.name, dependency.alias} - {""}
        keys |= {part.partition(".")[0] for part in dependency.condition.strip().split(",")}
    for child in chart.dependencies:
        inner_charts, inner_keys = _deciding_names(child)
        charts |= inner_charts | {child.name}
        keys |= inner_keys
    return charts, keys | charts


def _project(values: Map, charts: set[str], keys: set[str]) -> Map:
    return {
        key: _project(value, charts, keys) if key in charts and isinstance(value, dict) else value
        for key, value in sorted(values.items())
        if key in keys
    }


def _enable(chart: Chart, values: Map, path: str, parent: str, warn: Warn) -> Chart:
    """The chart without the children that are switched off; `path` is where conditions are looked up."""
    if _names_none(chart):
        return chart.below(parent) if parent else chart
    metadata = chart.metadata.copy()
    wanted = metadata.dependencies
    children = [child for child in chart.dependencies if not any(_fits(child, named) for named in wanted)]
    for dependency in wanted:
        found = next((child for child in chart.dependencies if _fits(child, dependency)), None)
        if found is not None:
            children.append(_alias(found, dependency))
        if dependency.alias:
            dependency.name = dependency.alias
        dependency.enabled = True
    tree = chart.derive(metadata, children, parent=parent)
    seen = coalesce_values(tree, values, warn=warn)
    _apply_tags(wanted, seen, warn)
    _apply_conditions(wanted, seen, path, warn)
    off = {dependency.name for dependency in wanted if not dependency.enabled}
    metadata.dependencies = [named for named in wanted if named.name not in off] or NilList()
    return chart.derive(
        metadata,
        [
            _enable(child, seen, f"{path}{child.name}.", tree.full_path, warn)
            for child in tree.dependencies
            if child.name not in off
        ],
        parent=parent,
    )


def _fits(child: Chart, dependency: Dependency) -> bool:
    return child.name == dependency.name and compatible(dependency.version, child.metadata.version)


def _alias(child: Chart, dependency: Dependency) -> Chart:
    if not dependency.alias:
        return child
    metadata = child.metadata.copy()
    metadata.name = dependency.alias
    return child.derive(metadata, child.dependencies)


def _apply_tags(dependencies: Iterable[Dependency], values: Map, warn: Warn) -> None:
    """A child all of whose known tags are false is off."""
    tags = values.get("tags")
    if type(tags) is not dict:
        return
    for dependency in dependencies:
        states = []
        for tag in dependency.tags:
            state = tags.get(tag, False)
            if type(state) is not bool:
                warn(notice("WARN", "returned non-bool value", tag=tag, chart=dependency.name))
            elif tag in tags:
                states.append(state)
        dependency.enabled = not states or any(states)


def _apply_conditions(dependencies: Iterable[Dependency], values: Map, path: str, warn: Warn) -> None:
    """The first condition that is set decides."""
    for dependency in dependencies:
        for condition in dependency.condition.strip().split(","):
            state = _at(values, path + condition) if condition else None
            if type(state) is bool:
                dependency.enabled = state
                break
            if state is not _ABSENT and condition:
                warn(notice("WARN", "returned non-bool value", path=condition, chart=dependency.name))


_ABSENT = object()


def _at(values: Map, path: str) -> Any:
    """What stands at a dotted path and is not a table; _ABSENT where there is nothing."""
    *tables, last = path.split(".")
    table = _table(values, tables)
    found = _ABSENT if table is None else table.get(last, _ABSENT)
    return _ABSENT if type(found) is dict else found


def _table(values: Map, path: Iterable[str]) -> Map | None:
    """The table at a path, or None."""
    for key in path:
        inner = values.get(key)
        if type(inner) is not dict:
            return None
        values = inner
    return values


def _with_imports(chart: Chart, warn: Warn) -> Chart:
    """The chart with the values that it and its children import, children first.

    Every chart that names dependencies gets its children's values among its own, as Helm leaves it.
    """
    children = [_with_imports(child, warn) for child in chart.dependencies]
    if _names_none(chart):
        same = all(new is old for new, old in zip(children, chart.dependencies, strict=True))
        return chart if same else chart.derive(chart.metadata, children, parent=_parent(chart))
    metadata = chart.metadata.copy()
    tree = chart.derive(metadata, children, parent=_parent(chart))
    values = merge_values(tree, warn=warn)
    imported: Map = {}
    for dependency in metadata.dependencies:
        pairs = list(_imports(dependency.import_values))
        dependency.import_values = [StringMap(child=child, parent=parent) for child, parent, _ in pairs]
        for child, parent, named in pairs:
            table = _imported_table(values, dependency.name, child, named, warn)
            if table is not None:
                imported = coalesce_tables(imported, _nest(parent, table), merge=True, warn=warn)
    if imported:
        values = coalesce_tables(copy_values(values), imported, merge=True, warn=warn)
    return tree.derive(metadata, children, values=values, parent=_parent(chart))


def _parent(chart: Chart) -> str:
    return chart.full_path.removesuffix(chart.name).removesuffix("/charts/")


def _imports(entries: Iterable[Any]) -> Iterable[tuple[str, str, bool]]:
    """(path in the child, path in the parent, whether it was given by the name of an export)."""
    for entry in entries:
        if type(entry) is str:
            yield f"exports.{entry}", ".", True
        elif isinstance(entry, dict):
            yield _text(entry.get("child")), _text(entry.get("parent")), False


def _text(value: Any) -> str:
    """What Go's %v makes of a path in import-values."""
    if type(value) is str:
        return value
    from navarch.golang.fmt import text

    return text(value)


def _imported_table(values: Map, chart: str, child: str, named: bool, warn: Warn) -> Map | None:
    table: Map = values
    for key in [*chart.split("."), *child.split(".")]:
        inner = table.get(key)
        if type(inner) is not dict:
            from navarch.golang.strconv import quote

            problem = f"{quote(key)} is not a table"
            if named:
                warn(notice("WARN", "ImportValues missing table", error=problem))
            else:
                warn(notice("WARN", "ImportValues missing table from chart", chart=chart, error=problem))
            return None
        table = inner
    return table or {}


def _nest(path: str, table: Map) -> Map:
    """{"a": {"b": table}} for "a.b"; the table itself for "."."""
    if path != ".":
        for key in reversed(path.split(".")):
            table = {key: table}
    return table
