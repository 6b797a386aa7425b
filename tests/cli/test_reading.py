"""What list, history, status, get, test and completion print of releases, against what Helm printed of the same ones."""

from __future__ import annotations

import json

import pytest

from support.reading import ANSWERS, FOLDER, split, variables

with open(ANSWERS, encoding="utf-8") as _file:
    ROWS = [json.loads(line) for line in _file]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["run"])
def test_as_helm_prints_it(row, nav, home, monkeypatch):
    for name, value in variables(row["run"], str(home)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["helm"])
    monkeypatch.chdir(FOLDER)
    done = nav(*split(row["run"])[1])
    assert {"code": done.code, "out": done.out, "err": done.err} == {name: row[name] for name in ("code", "out", "err")}
