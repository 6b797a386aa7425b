"""Templates and what Helm's engine made of them (tests/snippets, recorded by tests/record.py)."""

from __future__ import annotations

import json
import os
import time
from glob import glob

import pytest

from support.oracle import HERE, asked, ours

FILES = sorted(glob(os.path.join(HERE, "snippets", "*.jsonl")))


@pytest.fixture(autouse=True)
def _utc(monkeypatch):
    """The recordings were made in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def chunks(path, size=40):
    """Rows are taken some at a time: a test each would cost more than what it tests."""
    found = rows(path)
    return [found[i : i + size] for i in range(0, len(found), size)]


def answer(row, *, strict):
    wanted = row.get("strict", row) if strict else row
    return {key: wanted[key] for key in ("out", "err") if key in wanted}


@pytest.mark.parametrize("strict", [False, True], ids=["loose", "strict"])
@pytest.mark.parametrize(
    "some",
    [
        pytest.param(some, id=f"{os.path.basename(path)[:-6]}-{i}")
        for path in FILES
        for i, some in enumerate(chunks(path))
    ],
)
def test_snippets(some, strict):
    got = {row["t"]: ours(asked(row["t"], strict=strict)) for row in some}
    assert got == {row["t"]: answer(row, strict=strict) for row in some}


@pytest.mark.parametrize("path", FILES, ids=[os.path.basename(path)[:-6] for path in FILES])
def test_recordings_are_of_the_snippets_that_are_there(path):
    from record import read_templates

    assert [row["t"] for row in rows(path)] == read_templates(path[:-6] + ".txt")


def test_there_are_plenty():
    assert sum(len(rows(path)) for path in FILES) > 600
