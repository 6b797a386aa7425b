"""The helm layout's values, beside a plain model of the rule, for charts and trees of all shapes.

The rule: each node's `_config` is merged over its source's defaults at the path where Helm reads them, what the source
set for a renamed subchart moves with it, `_config` wins. Null removes a default; for a whole child it removes what is
set for it above, and leaves it its own defaults, as Helm has it. The model merges whole trees of values from the inside
out; what is compared are the values that a chart's templates see.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.chart.load import load_chart
from navarch.registry.names import Names
from navarch.registry.orchestrate import orchestrate
from navarch.registry.plan import read_plan
from navarch.values.coalesce import coalesce_values, drop_nulls
from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from navarch.chart.model import Chart

NAMES = ("db", "cache", "kid")
KEYS = ("p", "q", "front")  # "front" is also what children are called
SCALARS = st.sampled_from([1, 0, "s", "", True, False, None])
INNER = st.recursive(SCALARS, lambda inner: st.dictionaries(st.sampled_from(["p", "q"]), inner, max_size=2))
MAPS = st.dictionaries(st.sampled_from(KEYS), INNER, max_size=3)
VERSION = "1.0.0"


class Source(NamedTuple):
    """A chart: its own values, and those of its subcharts."""

    name: str
    values: dict[str, Any]
    subcharts: dict[str, Source]


class Made(NamedTuple):
    """A node: its source, whether that is stored by itself, its `_config` and its children."""

    source: Source
    own: bool
    config: dict[str, Any]
    children: dict[str, Made]


@st.composite
def sources(draw: st.DrawFn, name: str, depth: int = 2) -> Source:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)) if depth else []
    subcharts = {name: draw(sources(name, depth - 1)) for name in names}
    values = draw(MAPS)
    values |= {name: draw(st.one_of(MAPS, SCALARS)) for name in names if draw(st.booleans())}
    return Source(name, values, subcharts)


@st.composite
def trees(draw: st.DrawFn, stored: tuple[Source, ...], source: Source | None = None, depth: int = 2) -> Made:
    found = draw(st.sampled_from(stored)) if source is None else source
    children: dict[str, Made] = {}
    for key in draw(st.lists(st.sampled_from((*NAMES, "front", "mon")), unique=True, max_size=3)) if depth else []:
        taken = draw(st.sampled_from([None, *found.subcharts.values()]))
        children[key] = draw(trees(stored, taken, depth - 1))
    return Made(found, source is None, draw(MAPS), children)


PLANS = st.tuples(sources("web"), sources("worker")).flatmap(trees)


def files(source: Source) -> Iterator[tuple[str, str]]:
    yield "Chart.yaml", chart_yaml(source.name, VERSION)
    yield "values.yaml", json.dumps(source.values)
    for child in source.subcharts.values():
        yield from ((f"charts/{child.name}/{path}", text) for path, text in files(child))


def plan(made: Made) -> dict[str, Any]:
    package = {"independent": made.own, "space": "library", "chart": made.source.name, "version": VERSION}
    children = {name: plan(child) for name, child in made.children.items()}
    return {"package": package, "_config": made.config, **children}


def over(below: dict[str, Any], above: Mapping[str, Any], *, nulls: bool = False) -> dict[str, Any]:
    """Values laid over others. A null removes, or (`nulls`) is kept for what is below."""
    for name, value in above.items():
        if value is None and not nulls:
            below.pop(name, None)
        elif isinstance(value, dict):
            before = below.get(name)
            below[name] = over(before if isinstance(before, dict) else {}, value, nulls=nulls)
        else:
            below[name] = value
    return below


def renamed(values: dict[str, Any], made: Made) -> dict[str, Any]:
    """What is set for a source, with what is for its children under their new names."""
    used = {child.source.name for child in made.children.values() if not child.own}
    others = {name for name, child in made.children.items() if not child.own and name in made.source.subcharts}
    kept = {name: deepcopy(value) for name, value in values.items() if name not in used | others}
    for name, child in made.children.items():
        inner: dict[str, Any] = {}
        for part in (kept.pop(name, None), None if child.own else values.get(child.source.name)):
            if isinstance(part, dict):
                over(inner, renamed(part, child), nulls=True)
        if inner:
            kept[name] = inner
    return kept


def defaults(made: Made) -> dict[str, Any]:
    """What templates would see of the sources alone."""
    found: dict[str, Any] = {}
    for name, child in made.children.items():
        found[name] = defaults(child)
    return over(found, renamed(made.source.values, made))


def configured(values: dict[str, Any], made: Made) -> dict[str, Any]:
    over(values, made.config)
    for name, child in made.children.items():
        inner = values.get(name)
        if made.config.get(name, "") is None:
            inner = defaults(child)
        values[name] = configured(inner if isinstance(inner, dict) else {}, child)
    return values


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_values_are_those_of_the_rule(made: Made) -> None:
    save = {"chart": "made", "version": VERSION, "values": "helm"}
    stored: dict[str, Chart] = {}

    def collect(one: Made) -> None:
        if one.own:
            stored[one.source.name] = load_chart(packed(one.source.name, VERSION, dict(files(one.source))))
        for child in one.children.values():
            collect(child)

    collect(made)
    body = json.dumps({"save": save, "configs": plan(made)}).encode()
    chart = load_chart(orchestrate(read_plan(body, Names()), lambda package: stored[package.chart]))
    assert drop_nulls(coalesce_values(chart)) == drop_nulls(configured(defaults(made), made))
