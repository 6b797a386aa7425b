"""The values a render begins with: .Values, .Chart, .Release and .Capabilities of the chart at the top.

A chart is often rendered many times with few values of the user's. From its second render on, the coalesced defaults
lie packed beside it, and the user's values are laid over a fresh copy. That is done only where the outcome is the same
as the full way's: no mapping meets something else, no null meets a child's values, no child's `global` is set, and
nothing had to be warned of. All else goes the full way.
"""

from __future__ import annotations

import marshal

from navarch.chart.capabilities import Capabilities, ReleaseInfo
from navarch.errors import ValuesError
from navarch.golang.types import Values
from navarch.values.coalesce import coalesce_values, copy_values, default_values, has_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.chart.model import Chart
    from navarch.values.schema import Fetch, Inspect

    Warn = Callable[[str], None]
    Map = dict[str, Any]

__all__ = ["final_values", "render_values"]


def render_values(
    chart: Chart,
    values: Map | None = None,
    release: ReleaseInfo | None = None,
    capabilities: Capabilities | None = None,
    *,
    skip_schema: bool = False,
    fetch: Fetch | None = None,
    inspect: Inspect | None = None,
    warn: Warn | None = None,
) -> Map:
    """What templates of the top chart see as `.`, for a chart whose dependencies have been processed.

    Raises ValuesError where values don't fit the schema of the chart or of a child; `fetch` and `inspect` are for
    `validate_schema`.
    """
    final, base = _final_values(chart, values, warn)
    if not skip_schema and _has_schema(chart):
        from navarch.values.schema import validate_schema

        touched = base.touched(chart, values or {}) if base else None
        validate_schema(chart, final, fetch=fetch, inspect=inspect, warn=warn, touched=touched)
    return {
        "Chart": chart.metadata_map(),
        "Capabilities": capabilities or _capabilities(),
        "Release": (release or ReleaseInfo()).as_map(),
        "Values": Values(final),
    }


_DEFAULT: list[Capabilities] = []


def _capabilities() -> Capabilities:
    """The defaults, made once: templates can't change them."""
    if not _DEFAULT:
        _DEFAULT.append(Capabilities())
    return _DEFAULT[0]


def _has_schema(chart: Chart) -> bool:
    known = chart.memo.get("schemas")
    if known is None:
        known = chart.schema is not None or any(_has_schema(child) for child in chart.dependencies)
        chart.memo["schemas"] = known
    return bool(known)


def final_values(chart: Chart, values: Map | None = None, *, warn: Warn | None = None) -> Map:
    """`coalesce_values`, quicker from the second time on."""
    return _final_values(chart, values, warn)[0]


def _final_values(chart: Chart, values: Map | None, warn: Warn | None) -> tuple[Map, _Base | None]:
    """The values, and the defaults that they were laid over, where they were."""
    base: _Base | None = None
    if "rendered" not in chart.memo:
        chart.memo["rendered"] = True
    elif "base" in chart.memo:
        base = chart.memo["base"]
    else:
        base = chart.memo["base"] = _base(chart)
    if base:
        into: Map = marshal.loads(base.packed)
        try:
            base.overlay(into, values or {})
        except (_OtherwiseError, RecursionError):
            pass
        else:
            return into, base
    return coalesce_values(chart, values, warn=warn), None


class _OtherwiseError(Exception):
    """Values that can't simply be laid over the defaults."""


def _base(chart: Chart) -> _Base | None:
    """The chart's defaults to lay values over, or None where that would not do."""
    told: list[str] = []
    try:
        values = coalesce_values(chart, warn=told.append)
        root = _Node(chart)
        return None if told or root.doubled else _Base(marshal.dumps(values), root)
    except (ValueError, ValuesError, RecursionError):
        return None


class _Base:
    """A chart's coalesced defaults, and what must be known to lay values over them."""

    __slots__ = ("_fit", "packed", "root")

    def __init__(self, packed: bytes, root: _Node) -> None:
        self.packed = packed
        self.root = root
        self._fit: bool | None = None

    def touched(self, chart: Chart, values: Map) -> Iterable[str] | None:
        """The names of all that differs from the defaults, if those fit the schemas; None where too much differs."""
        if self._fit is None:
            from navarch.values.schema import validate_schema

            try:
                validate_schema(chart, marshal.loads(self.packed))
                self._fit = True
            except ValuesError:
                self._fit = False
        apart = self._fit and "global" not in values and self.root.children.keys().isdisjoint(values)
        return values.keys() if apart else None

    def overlay(self, into: Map, values: Map) -> None:
        """Lay the user's values over the defaults in place. Raises _OtherwiseError, leaving `into` useless."""
        root = self.root
        for key, value in values.items():
            if key in root.children:
                _lay_child(root, key, into, value)
            elif key == "global":
                _lay_globals(root, into, value)
            elif value is None:
                if key in root.keys:
                    into.pop(key, None)
                else:
                    into[key] = None
            elif type(value) is dict and key in into:
                _lay_table(into[key], value, nulls=True)
            else:
                into[key] = _fresh(value)


class _Node:
    """A chart in the tree: its children by name, its own keys, the children whose values it gives nulls."""

    __slots__ = ("children", "doubled", "fixed", "keys")

    def __init__(self, chart: Chart) -> None:
        own, _ = default_values(chart)
        self.keys = frozenset(own)
        self.children = {child.name: _Node(child) for child in chart.dependencies}
        self.doubled: bool = len(self.children) < len(chart.dependencies)
        if any(child.doubled for child in self.children.values()):
            self.doubled = True
        self.fixed = {name for name in self.children if type(own.get(name)) is dict and has_null(own[name])}


def _fresh(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or kind is bool or kind is float:
        return value
    return copy_values(value)


def _lay_table(into: Any, values: Map, *, nulls: bool) -> None:
    """Lay a mapping over a mapping; null removes, where nulls are allowed."""
    if type(into) is not dict:
        raise _OtherwiseError
    for key, value in values.items():
        if value is None:
            if not nulls:
                raise _OtherwiseError
            if key in into:
                del into[key]
            else:
                into[key] = None
        elif type(value) is dict and key in into:
            _lay_table(into[key], value, nulls=nulls)
        elif type(into.get(key)) is dict:
            raise _OtherwiseError
        else:
            into[key] = _fresh(value) if nulls else _without_nulls(value)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict) and has_null(value):
        raise _OtherwiseError
    return _fresh(value)


def _lay_child(parent: _Node, name: str, into: Map, values: Any) -> None:
    """Lay values over those of a child chart."""
    if type(values) is not dict or name in parent.fixed or "global" in values:
        raise _OtherwiseError
    node, inner = parent.children[name], into[name]
    for key, value in values.items():
        if value is None:
            raise _OtherwiseError
        if key in node.children:
            _lay_child(node, key, inner, value)
        elif type(value) is dict and key in inner:
            _lay_table(inner[key], value, nulls=False)
        elif type(inner.get(key)) is dict:
            raise _OtherwiseError
        else:
            inner[key] = _without_nulls(value)


def _lay_globals(node: _Node, into: Map, values: Any) -> None:
    """Lay globals over those of every chart in the tree; tables of more than one level go the full way."""
    if type(values) is not dict:
        raise _OtherwiseError
    for value in values.values():
        deep = isinstance(value, dict) and any(item is None or isinstance(item, dict) for item in value.values())
        if value is None or deep:
            raise _OtherwiseError
    _spread(node, into, copy_values(values))


def _spread(node: _Node, into: Map, values: Map) -> None:
    table = into.setdefault("global", {})
    if type(table) is not dict:
        raise _OtherwiseError
    for key, value in values.items():
        before = table.get(key)
        if type(value) is not dict:
            if type(before) is dict:
                raise _OtherwiseError
            table[key] = value
        elif key not in table:
            table[key] = dict(value)
        else:
            _lay_flat(before, value)
    for name, child in node.children.items():
        _spread(child, into[name], values)


def _lay_flat(into: Any, values: Map) -> None:
    if type(into) is not dict or any(type(into.get(key)) is dict for key in values):
        raise _OtherwiseError
    into.update(values)
