"""Command lines on charts of our own, and what Helm printed for them (tests/corpus, recorded by tests/record.py)."""

from __future__ import annotations

import os
import sys

import pytest

from support.corpus import CORPUS, GOLDEN, Seen, cases, golden, run, run_here

CASES = cases()
NAV = [os.path.join(os.path.dirname(sys.executable), "nav")]


def under_our_name(seen: Seen) -> Seen:
    """Helm's words, where they name the program, with ours."""
    return seen._replace(err=seen.err.replace('"helm ', '"nav ').replace("Usage:  helm ", "Usage:  nav "))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nav_prints_what_helm_prints(case):
    same(run_here(case), under_our_name(golden(case)))


@pytest.mark.parametrize("case", CASES[::20], ids=[case.name for case in CASES[::20]])
def test_so_does_the_program(case):
    same(run(case, NAV), under_our_name(golden(case)))


def same(got, want):
    assert got.err == want.err
    assert got.out == want.out
    assert got.files == want.files
    assert got.code == want.code


def test_every_recording_has_a_case():
    recorded = {name.rpartition(".")[0] for name in os.listdir(GOLDEN)}
    assert recorded <= {case.name for case in CASES}
    said_nothing = {case.name for case in CASES} - recorded
    assert all("show" in name or "quiet" in name for name in said_nothing), said_nothing


def test_every_chart_is_used():
    lines = " ".join(case.run for case in CASES) + " charts/link-target"
    assert [name for name in sorted(os.listdir(os.path.join(CORPUS, "charts"))) if f"charts/{name}" not in lines] == []
