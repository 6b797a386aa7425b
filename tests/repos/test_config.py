"""repositories.yaml: read, changed, written, by several processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RepositoryError
from navarch.kube.net.access import Access
from navarch.repos.config import Entry, Repositories

if TYPE_CHECKING:
    from pathlib import Path

# what `helm repo add` wrote
WRITTEN = """apiVersion: ""
generated: "0001-01-01T00:00:00Z"
repositories:
- caFile: ""
  certFile: ""
  insecure_skip_tls_verify: false
  keyFile: ""
  name: stable
  pass_credentials_all: true
  password: p
  url: http://127.0.0.1:18083
  username: u
"""
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def test_helms_own_form() -> None:
    made = Repositories.parse(WRITTEN.encode())
    access = Access(username="u", password="p", pass_credentials=True)
    assert made.entries == [Entry("stable", "http://127.0.0.1:18083", access)]
    assert made.to_yaml() == WRITTEN


@given(st.lists(st.builds(lambda n, u, p: Entry(n, u, Access(password=p)), TEXT, TEXT, TEXT)))
def test_what_is_written_is_read(entries: list[Entry]) -> None:
    made = Repositories()
    made.entries = entries
    assert Repositories.parse(made.to_yaml().encode()).entries == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "json: cannot unmarshal array into Go value of type repo.File"),
        (
            "repositories: x",
            "json: cannot unmarshal string into Go struct field File.repositories of type []*repo.Entry",
        ),
        (
            "repositories: [{name: []}]",
            "json: cannot unmarshal array into Go struct field Entry.repositories.name of type string",
        ),
        ("generated: x", 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
    ],
)
def test_what_is_no_list(text: str, message: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        Repositories.parse(text.encode())
    assert str(caught.value) == f"error unmarshaling JSON: while decoding JSON: {message}"


def test_unknown_fields_and_empty_entries_are_passed_over() -> None:
    made = Repositories.parse(b"x: y\nrepositories:\n- null\n- {name: 5, url: u, other: 1}\n")
    assert made.entries == [Entry("5", "u")]


def test_editing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "repositories.yaml"
    with Repositories.edit(str(path)) as repositories:
        repositories.add(Entry("a", "http://a"))
        repositories.add(Entry("b", "http://b"))
        repositories.add(Entry("a", "http://c"))
    assert (path.stat().st_mode & 0o777, (tmp_path / "deep" / "repositories.lock").exists()) == (0o600, True)
    found = Repositories.load(str(path))
    assert [(entry.name, entry.url) for entry in found] == [("a", "http://c"), ("b", "http://b")]
    assert ("a" in found, "x" in found, found["b"].url) == (True, False, "http://b")
    with Repositories.edit(str(path)) as repositories:
        assert repositories.remove("a")
        assert not repositories.remove("a")
    assert [entry.name for entry in Repositories.load(str(path))] == ["b"]


def test_what_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "repositories.yaml"
    path.write_text(WRITTEN)

    def fail() -> None:
        with Repositories.edit(str(path)) as repositories:
            repositories.remove("stable")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == WRITTEN
    assert sorted(os.listdir(tmp_path)) == ["repositories.lock", "repositories.yaml"]


def test_links_are_written_through(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "repositories.yaml"
    link.symlink_to(real)
    with Repositories.edit(str(link)) as repositories:
        repositories.add(Entry("a", "u"))
    assert link.is_symlink()
    assert "name: a" in real.read_text()


def test_missing_files(tmp_path: Path) -> None:
    path = str(tmp_path / "none")
    assert list(Repositories.load(path, missing=True)) == []
    with pytest.raises(RepositoryError) as caught:
        Repositories.load(path)
    assert str(caught.value) == f"couldn't load repositories file ({path}): open {path}: no such file or directory"


ADD = """
import sys
from navarch.repos.config import Entry, Repositories
for number in range(5):
    with Repositories.edit(sys.argv[1]) as repositories:
        repositories.add(Entry(f"{sys.argv[2]}-{number}", "http://x"))
"""


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "repositories.yaml")
    running = [subprocess.Popen([sys.executable, "-c", ADD, path, who]) for who in "abcd"]
    assert [process.wait(60) for process in running] == [0] * 4
    assert len(Repositories.load(path)) == 20
