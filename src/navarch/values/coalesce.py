"""A chart's values as its templates see them: the user's over the chart's own, parents' over children's.

    coalesce_values   null removes a default, and nulls among the defaults are dropped
    merge_values      nulls are kept, for steps after which values are coalesced again
    coalesce_tables   the rule for two mappings, `over` wins

The rules are Helm 4.3's, their odd corners included: mappings in `global` are shared between a chart and its children
below their first level, and a null in a parent's values removes a child's default only where the user gives the
child a value too. `warn` is given the lines that Helm writes to stderr.
"""

from __future__ import annotations

import marshal

from navarch.errors import ValuesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from navarch.chart.model import Chart

    T = TypeVar("T")
    Warn = Callable[[str], None]
    Map = dict[str, Any]

__all__ = ["coalesce_tables", "coalesce_values", "copy_values", "deep", "default_values", "has_null", "merge_values"]

_GLOBAL = "global"
_MISSING = object()


def coalesce_values(chart: Chart, values: Map | None = None, *, warn: Warn | None = None) -> Map:
    """The values of a chart and of its children under the children's names, without the defaults that null removes.

    Nothing that is handed in is changed or shared with the result. Raises ValuesError where a child's place holds
    something that isn't a mapping.
    """
    return _run(chart, values, warn, merge=False)


def merge_values(chart: Chart, values: Map | None = None, *, warn: Warn | None = None) -> Map:
    """The same with nulls kept."""
    return _run(chart, values, warn, merge=True)


def coalesce_tables(over: Map, under: Map, *, merge: bool = False, warn: Warn | None = None) -> Map:
    """`over` with what only `under` has put in, mappings recursively; both are changed. With `merge` nulls are kept."""
    _Coalescer(warn).tables(over, under, "", merge=merge)
    return over


def copy_values(values: Any) -> Any:
    """A deep copy of what values are made of; mappings and lists of other classes become plain ones."""
    try:
        return marshal.loads(marshal.dumps(values, 2))
    except ValueError:
        return _copy(values)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value]
    return value


def default_values(chart: Chart) -> tuple[Map, bool]:
    """A fresh copy of a chart's own values, and whether there are nulls among them."""
    packed = chart.values_memo.get("defaults")
    if packed is None:
        try:
            # version 2 knows no references, so that what the reader shared comes back apart
            apart = marshal.loads(marshal.dumps(chart.values, 2))
            packed = marshal.dumps(apart), has_null(apart)
        except ValueError:
            values = _copy(chart.values)
            return values, has_null(values)
        chart.values_memo["defaults"] = packed
    return marshal.loads(packed[0]), packed[1]


def has_null(value: Any) -> bool:
    """Whether a mapping holds a null, at any depth of mappings."""
    return any(item is None or (type(item) is dict and has_null(item)) for item in value.values())


def drop_nulls(table: Map) -> None:
    """Remove what is null from a mapping and from the mappings in it."""
    for key in [key for key, value in table.items() if value is None]:
        del table[key]
    for value in table.values():
        if type(value) is dict:
            drop_nulls(value)


def _run(chart: Chart, values: Map | None, warn: Warn | None, *, merge: bool) -> Map:
    def run() -> Map:
        into: Map = copy_values(values) if values else {}
        _Coalescer(warn).chart(chart, into, "", merge=merge)
        return into

    try:
        return run()
    except RecursionError:
        return deep(run)


def deep(run: Callable[[], T]) -> T:
    """What ran out of frames, again with more of them. Raises ValuesError where even those are too few."""
    from navarch.golang.recursion import call_deep

    try:
        again: T = call_deep(run)
    except RecursionError:
        raise ValuesError("values are nested too deeply") from None
    return again


class _Coalescer:
    """One pass over a chart and its children; `over` holds what has come together so far and wins."""

    __slots__ = ("_warn",)

    def __init__(self, warn: Warn | None) -> None:
        self._warn = warn

    def warn(self, format: str, *arguments: Any) -> None:  # noqa: A002 - Go's word for it
        if self._warn is None:
            return
        from navarch.chart.notices import notice
        from navarch.golang.fmt import sprintf

        self._warn(notice("INFO", sprintf(format, *arguments)))

    def chart(self, chart: Chart, over: Map, prefix: str, *, merge: bool) -> None:
        prefix = f"{prefix}.{chart.name}" if prefix else chart.name
        self._own(chart, over, prefix, merge=merge)
        for child in chart.dependencies:
            name = child.name
            inner = over.setdefault(name, {})
            if type(inner) is not dict:
                from navarch.golang.fmt import sprintf

                raise ValuesError(sprintf("type mismatch on %s: %t", name, inner))
            self._globals(inner, over, prefix)
            self.chart(child, inner, prefix, merge=merge)

    def _own(self, chart: Chart, over: Map, prefix: str, *, merge: bool) -> None:
        """Put a chart's own values under what is there."""
        own, nulls = default_values(chart)
        if nulls and not merge:
            self._own_with_nulls(chart, over, own, prefix)
            return
        children = {child.name for child in chart.dependencies}
        for key, default in own.items():
            if key not in over:
                over[key] = default
                continue
            value = over[key]
            if type(value) is dict:
                self._under(value, default, f"{prefix}.{key}", merge=merge or key in children)
            elif value is None and not merge:
                del over[key]

    def _own_with_nulls(self, chart: Chart, over: Map, own: Map, prefix: str) -> None:
        """The same where defaults hold nulls, which don't get into the result, but for those in a child's place."""
        children = {child.name for child in chart.dependencies}
        for key, default in own.items():
            value = over.get(key, _MISSING)
            table = type(default) is dict
            if value is _MISSING:
                if table:
                    drop_nulls(default)
                if default is not None:
                    over[key] = default
            elif value is None:
                del over[key]
            elif type(value) is dict:
                merge = key in children
                if table and not merge:
                    drop_nulls(default)
                self._under(value, default, f"{prefix}.{key}", merge=merge)

    def _under(self, value: Map, default: Any, path: str, *, merge: bool) -> None:
        """Put a default under a mapping that the user, or a parent, has given."""
        if type(default) is dict:
            self.tables(value, default, path, merge=merge)
        elif default is not None:
            self.warn("warning: skipped value for %s: Not a table.", path)

    def _globals(self, over: Map, source: Map, prefix: str) -> None:
        """Hand a chart's globals down to a child, where they win over the child's."""
        into = over.get(_GLOBAL, _MISSING)
        if into is _MISSING:
            into = {}
        elif type(into) is not dict:
            self.warn("warning: skipping globals because destination %s is not a table.", _GLOBAL)
            return
        given = source.get(_GLOBAL, _MISSING)
        if given is _MISSING:
            given = {}
        elif type(given) is not dict:
            self.warn("warning: skipping globals because source %s is not a table.", _GLOBAL)
            return
        for key, value in given.items():
            if type(value) is dict:
                self._global_table(into, key, dict(value), prefix)
            elif type(into.get(key)) is dict:
                self.warn("key %s is table. Skipping", key)
            else:
                into[key] = value
        over[_GLOBAL] = into

    def _global_table(self, into: Map, key: str, given: Map, prefix: str) -> None:
        """One mapping among the globals; only its first level is a copy, deeper ones stay the parent's."""
        before = into.get(key, _MISSING)
        if before is _MISSING:
            into[key] = given
        elif type(before) is not dict:
            self.warn("Conflict: cannot merge map onto non-map for %q. Skipping.", key)
        else:
            self.tables(given, before, f"{prefix}.{key}", merge=True)
            into[key] = given

    def tables(self, over: Map, under: Map, prefix: str, *, merge: bool) -> None:
        """Put one mapping under another. Nulls in `over` remove what `under` has, unless nulls are kept."""
        removed = set()
        for key in [key for key, value in over.items() if value is None]:
            if under.get(key) is not None:
                removed.add(key)
            under[key] = None
        for key, value in under.items():
            if key not in over:
                over[key] = value
                continue
            before = over[key]
            if type(value) is dict:
                self._tables_meet(before, value, f"{prefix}.{key}" if prefix else key, merge=merge)
            elif value is not None:
                if type(before) is dict:
                    path = f"{prefix}.{key}" if prefix else key
                    self.warn("warning: destination for %s is a table. Ignoring non-table value (%v)", path, value)
            elif key in removed and not merge:
                del over[key]

    def _tables_meet(self, before: Any, value: Map, path: str, *, merge: bool) -> None:
        if type(before) is dict:
            self.tables(before, value, path, merge=merge)
        else:
            self.warn("warning: cannot overwrite table with non table for %s (%v)", path, value)
