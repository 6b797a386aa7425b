"""What is kept of an index for searches: the same as the index says, as long as it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from navarch.cache import Cache
from navarch.errors import RepositoryError
from navarch.repos.index import Index
from navarch.repos.searching import search
from navarch.repos.summary import Summary, load_summary

if TYPE_CHECKING:
    from pathlib import Path

INDEX = """apiVersion: v1
entries:
  db:
  - {name: db, version: 1.0.0, description: Keeps what %s serves, created: "2026-01-02T03:04:05Z"}
  web:
  - {name: web, version: 1.10.0, appVersion: "3", description: Serves, keywords: [http, small], urls: [a.tgz]}
  - {name: web, version: 1.9.0, description: Served}
"""


def cache(folder: Path) -> Cache:
    return Cache(str(folder / "cache" / "x.chart"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "index.yaml"
    file.write_text(INDEX % "web")
    return file


@pytest.mark.parametrize("term", [None, "web", "served", "http small", "none", "x/db"])
@pytest.mark.parametrize("versions", [False, True])
def test_it_is_searched_as_the_index_is(path: Path, term: str | None, versions: bool) -> None:
    def found(index: Index | Summary) -> list[tuple[str, int, str, str, str]]:
        results = search({"x": index}, term, versions=versions)
        return [(r.name, r.score, r.chart.version, r.chart.app_version, r.chart.description) for r in results]

    wanted = found(Index.load(str(path)))
    load_summary(str(path), cache(path.parent))
    known = load_summary(str(path), cache(path.parent))
    assert isinstance(known, Summary)
    assert found(known) == wanted
    assert found(load_summary(str(path), None)) == wanted


def test_another_index_is_read_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_summary(str(path), cache(path.parent))
    path.write_text(INDEX % "nobody")
    assert load_summary(str(path), cache(path.parent)).versions("db")[0].description == "Keeps what nobody serves"
    monkeypatch.setattr(Index, "parse", None)
    assert load_summary(str(path), cache(path.parent)).names() == ["db", "web"]


def test_what_is_passed_over_is_told_each_time(path: Path) -> None:
    path.write_text(INDEX % "web" + "  odd:\n  - {name: odd, version: x}\n")
    for _ in range(2):
        told: list[str] = []
        assert load_summary(str(path), cache(path.parent), warn=told.append).names() == ["db", "web", "odd"]
        assert len(told) == 1
        assert "version=x" in told[0]


def test_what_is_no_index(path: Path) -> None:
    path.write_text("entries: {}\n")
    with pytest.raises(RepositoryError, match=r"^error loading .*index\.yaml: no API version specified$"):
        load_summary(str(path), cache(path.parent))
    path.unlink()
    with pytest.raises(RepositoryError, match=r"^open .*index\.yaml: no such file or directory$"):
        load_summary(str(path), cache(path.parent))
