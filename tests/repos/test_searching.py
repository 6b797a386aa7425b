"""Searching: what matches, how well, and which version of it is shown."""

from __future__ import annotations

import pytest

from navarch.chart.model import Metadata
from navarch.errors import FunctionError, RepositoryError
from navarch.repos.entry import IndexEntry
from navarch.repos.index import Index
from navarch.repos.searching import search


def index_of(*charts: Metadata) -> Index:
    made = Index()
    for chart in charts:
        chart.api_version = "v2"
        made.add(IndexEntry(chart, urls=["x"]))
    return Index.parse(made.to_yaml().encode())


SANTA = index_of(
    Metadata("santa-maria", "1.2.3", description="boat", keywords=["sail", "wood"]),
    Metadata("santa-maria", "1.2.2-rc-1", description="boat"),
    Metadata("niña", "0.1.0", description="boat"),
    Metadata("pinta", "0.1.0", description="ship that carries wood", keywords=["canvas"]),
    Metadata("marlin", "0.0.1", description="fish swordfish marlin"),
    Metadata("marlin", "0.2.0", description="a fish"),
)
EMPTY = Index()


def found(term: str | None, **options: object) -> list[tuple[str, str, int]]:
    results = search({"testing": SANTA, "empty": EMPTY}, term, **options)  # type: ignore[arg-type]
    return [(result.name, result.chart.version, result.score) for result in results]


# helm.sh/helm/v4/pkg/cmd/search: a better match is one further to the front: name, repository/name, description, keywords
@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("boat", [("testing/niña", 2), ("testing/santa-maria", 2)]),
        ("WOOD", [("testing/pinta", 2), ("testing/santa-maria", 3)]),
        ("testing/pinta", [("testing/pinta", 1)]),
        ("NIÑA", [("testing/niña", 0)]),
        ("mar", [("testing/marlin", 0), ("testing/santa-maria", 0)]),
        ("syzygy", []),
        ("that carries", [("testing/pinta", 2)]),
    ],
)
def test_words(term: str, names: list[tuple[str, int]]) -> None:
    assert [(name, score) for name, _, score in found(term)] == names


def test_expressions() -> None:
    assert [name for name, _, _ in found("ca[rn]", regexp=True)] == ["testing/pinta"]
    assert [name for name, _, _ in found("BOAT", regexp=True)] == []
    assert [score for _, _, score in found("ca.vas$", regexp=True)] == [3]
    with pytest.raises(FunctionError, match=r"error parsing regexp: missing closing \): `\(`"):
        found("(", regexp=True)


def test_all() -> None:
    names = ["testing/marlin", "testing/niña", "testing/pinta", "testing/santa-maria"]
    assert [name for name, _, _ in found(None)] == names


@pytest.mark.parametrize(
    ("options", "versions"),
    [
        ({}, ["1.2.3"]),
        ({"versions": True}, ["1.2.3"]),
        ({"constraint": ">0.0.0-0", "versions": True}, ["1.2.3", "1.2.2-rc-1"]),
        ({"constraint": "<1.2.3-0"}, ["1.2.2-rc-1"]),
        ({"constraint": "^2"}, []),
        ({"constraint": ""}, ["1.2.3"]),
    ],
)
def test_versions(options: dict[str, object], versions: list[str]) -> None:
    assert [version for _, version, _ in found("santa", **options)] == versions


def test_a_better_match_of_an_older_version_comes_first() -> None:
    assert found("swordfish", versions=True) == [("testing/marlin", "0.0.1", 2)]
    assert found("fish", versions=True)[:2] == [("testing/marlin", "0.2.0", 2), ("testing/marlin", "0.0.1", 2)]


def test_constraints_that_are_none() -> None:
    with pytest.raises(RepositoryError, match="an invalid version/constraint format: improper constraint"):
        found("x", constraint="what")
