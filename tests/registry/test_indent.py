"""Indenting JSON without reading it is the same as reading it and writing it indented."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.json import dumps
from navarch.registry.indent import indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_is_what_the_standard_library_writes(value: object, ascii_only: bool) -> None:
    compact = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    wanted = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    assert indented(compact.encode("utf-8", "surrogatepass")) == wanted.encode("utf-8", "surrogatepass")


@given(VALUES)
def test_means_the_same_as_before(value: object) -> None:
    compact = dumps(value)
    assert json.loads(indented(compact.encode())) == json.loads(compact)
