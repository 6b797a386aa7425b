"""The table's own language."""

from __future__ import annotations

import pytest

from navarch.cluster.types.table import Lines, Row, Shape

TABLE = """\
[io.example.api.core.v1]
Leaf @atomic name!+:s
Mode =s ["Off","On"]
Tree @kind=example.io/v1 @unions=[{"discriminator":"kind"}] leaf*:Leaf mode:Mode
[io.example.api.meta.v1]
Time =t
"""


def read(word: str) -> Row:
    return Lines(TABLE + f"[io.example.api.apps.v1]\nThing {word}\n").read("io.example.api.apps.v1.Thing").rows[0]


CORE = "io.example.api.core.v1"


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("a:s", Shape("s")),
        ("a:core.v1.Leaf", Shape("&", f"{CORE}.Leaf")),
        ("a:Thing", Shape("&", "io.example.api.apps.v1.Thing")),
        ("a:&core.v1.Leaf", Shape("&", f"{CORE}.Leaf", mark="granular")),
        ("a:@y", Shape("y", mark="atomic")),
        ("a:[s", Shape("[", inner=Shape("s"), mark="atomic")),
        ("a:[~s", Shape("[", inner=Shape("s"))),
        ("a:[=s", Shape("[", inner=Shape("s"), mark="set")),
        (
            "a:[<x,y>core.v1.Leaf|merge|x",
            Shape("[", inner=Shape("&", f"{CORE}.Leaf"), mark="map", keys=("x", "y")),
        ),
        ("a:{s", Shape("{", inner=Shape("s"))),
        ("a:{=s", Shape("{", inner=Shape("s"), mark="atomic")),
        ("a:{+s", Shape("{", inner=Shape("s"), mark="granular")),
        ("a:{core.v1.Mode>i", Shape("{", inner=Shape("i"), key=f"{CORE}.Mode")),
        ("a:{[s", Shape("{", inner=Shape("[", inner=Shape("s"), mark="atomic"))),
        ("a:Named/[s", Shape("[", "io.example.api.apps.v1.Named", Shape("s"), "atomic")),
    ],
)
def test_shapes(word: str, shape: Shape) -> None:
    assert read(word).shape == shape


@pytest.mark.parametrize(
    ("word", "pointer", "required", "kept", "omitzero"),
    [
        ("a:s", False, False, False, False),
        ("a*!+:s", True, True, True, False),
        ("a!:s", False, True, False, False),
        ("a0:meta.v1.Time", False, False, False, True),
    ],
)
def test_flags(word: str, *, pointer: bool, required: bool, kept: bool, omitzero: bool) -> None:
    row = read(word)
    assert (row.pointer, row.required, row.kept, row.omitzero) == (pointer, required, kept, omitzero)


@pytest.mark.parametrize(
    ("word", "default"),
    [
        ("a:s", ...),
        ("a+:s", ""),
        ("a+:i", 0),
        ("a+:b", False),
        ("a*+:s", ...),
        ("a:core.v1.Leaf", {}),
        ("a*:core.v1.Leaf", ...),
        ("a+:core.v1.Mode", ""),
        ("a+:meta.v1.Time", ...),
        ("a+:y", ...),
        ("a+:[s", ...),
        ('a:s="x"', "x"),
        ("a:i=3", 3),
        ("a+:s=", ...),
    ],
)
def test_defaults(word: str, default: object) -> None:
    assert read(word).default == default


def test_strategies() -> None:
    row = read('a:[<name>core.v1.Leaf="x"|merge,retainKeys|name')
    assert (row.strategy, row.merge_key, row.default) == ("merge,retainKeys", "name", "x")
    assert read("a:core.v1.Leaf|retainKeys|").strategy == "retainKeys"


def test_marks_of_a_type() -> None:
    table = Lines(TABLE)
    leaf, tree, mode = (table.read(f"{CORE}.{name}") for name in ("Leaf", "Tree", "Mode"))
    assert (leaf.mark, leaf.kinds) == ("atomic", ())
    assert (tree.mark, tree.kinds, tree.unions) == ("", (("example.io", "v1"),), [{"discriminator": "kind"}])
    assert (mode.letter, mode.enum, mode.rows) == ("s", ("Off", "On"), ())


def test_unknown_types_are_key_errors() -> None:
    with pytest.raises(KeyError):
        Lines(TABLE).read("io.example.api.core.v1.Branch")
