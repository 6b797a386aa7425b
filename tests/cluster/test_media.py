"""Accept headers, by the rules of goautoneg (which apiserver reads them with)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.media import clauses


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", ["*/*"]),
        (" ", ["*/*"]),
        ("application/json", ["application/json"]),
        ("application/yaml;q=0.5, application/json", ["application/json", "application/yaml"]),
        ("*/*, application/json", ["application/json", "*/*"]),
        ("application/*, application/yaml, */*", ["application/yaml", "application/*", "*/*"]),
        ("text/plain, application/json;q=0.9, */*;q=0.8", ["text/plain", "application/json", "*/*"]),
        ("*", ["*/*"]),
        ("nonsense, application/json", ["application/json"]),
    ],
)
def test_the_best_liked_comes_first(accept: str, expected: list[str]) -> None:
    assert [f"{one.type}/{one.subtype}" for one in clauses(accept)] == expected


def test_parameters_are_read() -> None:
    (one,) = clauses('application/json; as=Table;v=v1;g="meta.k8s.io";q=0.7')
    assert one.parameters == {"as": "Table", "v": "v1", "g": "meta.k8s.io"}
    assert one.quality == pytest.approx(0.7)


def test_a_star_matches_everything() -> None:
    (anything,), (family,), (exact,) = clauses("*/*"), clauses("application/*"), clauses("application/json")
    assert anything.matches("text/plain")
    assert family.matches("application/yaml")
    assert not family.matches("text/plain")
    assert exact.matches("application/json")
    assert not exact.matches("application/yaml")


@given(st.text(st.sampled_from('ab/*;,=q.01 "')))
def test_no_header_is_too_strange(accept: str) -> None:
    found = clauses(accept)
    assert [one.quality for one in found] == sorted((one.quality for one in found), reverse=True)
