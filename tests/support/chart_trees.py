"""Strategies for chart trees and values in which names collide: keys, charts, globals and tags."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from navarch.chart.model import Chart, Dependency, Metadata

CHARTS = ("one", "two", "al")
KEYS = ("a", "b", "global", "tags", "enabled", *CHARTS)
LEAVES = st.one_of(st.none(), st.booleans(), st.sampled_from([1, 2.5, "x"]), st.just([{"a": 1}]))

VALUES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=3), max_leaves=6),
    max_size=4,
)


@st.composite
def charts(draw: st.DrawFn, name: str = "root", depth: int = 2) -> Chart:
    names = draw(st.lists(st.sampled_from(CHARTS[:2]), unique=True)) if depth else []
    children = [draw(charts(child, depth - 1)) for child in names]
    listed = None
    if draw(st.booleans()):
        listed = [
            Dependency(
                child,
                "*",
                condition=draw(st.sampled_from(["", f"{child}.enabled", "global.a", "enabled"])),
                tags=draw(st.sampled_from([[], ["a"], ["a", "b"]])),
                alias="al" if index == 0 and draw(st.booleans()) else "",
                import_values=draw(st.sampled_from([[], ["a"], [{"child": "a", "parent": "b"}]])),
            )
            for index, child in enumerate(names)
        ]
    return Chart(Metadata(name, "1.0.0", dependencies=listed), values=draw(VALUES), dependencies=children)
