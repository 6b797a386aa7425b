"""Chart.lock and the digests beside it."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.load import load_metadata
from navarch.chart.model import Dependency, Lock
from navarch.errors import ChartError, IntegrityError
from navarch.golang.types import NilList
from navarch.repos.lock import locked, old_requirements_digest, requirements_digest, write_lock
from navarch.repos.pins import check_pin, pins_path, read_pins, write_pins

if TYPE_CHECKING:
    from pathlib import Path

LIB = Dependency("lib", "0.1.5", "file://../lib")
FULL = """
apiVersion: v2
name: all
version: 0.1.0
dependencies:
- name: lib
  version: ">=0.1.0 <1"
  repository: file://../lib
  condition: a.b,c&d
  tags: [x, "<y>"]
  alias: other
  import-values:
  - data
  - {parent: b, child: "ä\\u2028"}
  - 1
- name: lib
  version: 0.1.5
  repository: file://../lib
"""
HEX = "0123456789abcdef"


@pytest.mark.parametrize(
    ("requirements", "found", "digest"),
    [
        ([], [], "643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726"),
        (
            [Dependency("lib", "^0.1.0", "file://../lib")],
            [LIB],
            "b0503690ea653b57bb02aa774af0187972dacdc5c568ea908c46504d24f8fd57",
        ),
        (
            load_metadata(FULL.encode()).dependencies,
            [LIB, LIB],
            "12c4130cafb5c9455cee83f1e0ac4c62bd96f39d28de63bd5aadfe7a907ec87a",
        ),
    ],
)
def test_digests_are_those_that_helm_wrote(
    requirements: list[Dependency], found: list[Dependency], digest: str
) -> None:
    assert requirements_digest(requirements, found) == f"sha256:{digest}"


def test_digests_are_of_the_json_that_go_writes() -> None:
    text = '[null,[{"name":"","repository":""}]]'
    assert requirements_digest(NilList(), [Dependency()]) == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    old = '{"dependencies":[{"name":"a","version":"1","repository":"r","enabled":true}]}'
    known = f"sha256:{hashlib.sha256(old.encode()).hexdigest()}"
    assert old_requirements_digest([Dependency("a", "1", "r", enabled=True)]) == known


def test_a_lock_is_written_as_helm_writes_it(tmp_path: Path) -> None:
    lock = Lock("2026-01-02T03:04:05.120Z", "sha256:1", [LIB])
    write_lock(str(tmp_path), lock, legacy=False)
    assert (tmp_path / "Chart.lock").read_text() == (
        "dependencies:\n- name: lib\n  repository: file://../lib\n  version: 0.1.5\n"
        'digest: sha256:1\ngenerated: "2026-01-02T03:04:05.12Z"\n'
    )
    write_lock(str(tmp_path), Lock("", "sha256:1", []), legacy=True)
    assert (tmp_path / "requirements.lock").read_text().startswith("dependencies: []\n")


def test_a_new_lock_fits_what_it_was_made_for() -> None:
    lock = locked([LIB], [LIB])
    assert lock.digest == requirements_digest([LIB], [LIB])
    assert lock.generated[:2] == "20"


def test_no_lock_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "Chart.lock").symlink_to("a b")
    with pytest.raises(ChartError, match=r'^the Chart\.lock file is a symlink to "a b"$'):
        write_lock(str(tmp_path), Lock(), legacy=False)
    assert not (tmp_path / "a b").exists()


names = st.text(st.characters(codec="utf-8", exclude_characters="/\n\0"), min_size=1)


@given(pins=st.dictionaries(names, st.text(HEX, min_size=64, max_size=64), min_size=1))
def test_pins_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, pins: dict[str, str]) -> None:
    path = str(tmp_path_factory.mktemp("pins") / "file")
    write_pins(path, pins)
    assert read_pins(path) == pins


def test_no_pins_no_file(tmp_path: Path) -> None:
    path = pins_path(str(tmp_path))
    write_pins(path, {"a": "0" * 64})
    write_pins(path, {})
    write_pins(path, {})
    assert read_pins(path) == {}
    assert pins_path("x", legacy=True) == "x/templates/.requirements.lock.sha256"


def test_coreutils_read_pins(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts/a-1.tgz").write_bytes(b"content")
    path = pins_path(str(tmp_path))
    write_pins(path, {"a-1.tgz": hashlib.sha256(b"content").hexdigest()})
    command = ["sha256sum", "--check", "--strict", path]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "charts/a-1.tgz").write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_sums_as_others_write_them(tmp_path: Path) -> None:
    (tmp_path / "sums").write_text(f"# text\n\n{'a' * 64} *charts/b-1.tgz\n{'0' * 64}  c-1.tgz\n")
    assert read_pins(str(tmp_path / "sums")) == {"b-1.tgz": "a" * 64, "c-1.tgz": "0" * 64}


@pytest.mark.parametrize("line", ["x", "0" * 64, f"{'0' * 64} x", f"{'g' * 64}  x", f"{'0' * 63}  x", f"{'0' * 64}  "])
def test_other_lines_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "sums").write_text(f"{line}\n")
    with pytest.raises(ChartError, match="is no digest of an archive"):
        read_pins(str(tmp_path / "sums"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sums").write_bytes(b"\xff\xfe")
    with pytest.raises(ChartError):
        read_pins(str(tmp_path / "sums"))
    with pytest.raises(ChartError, match="is a directory"):
        read_pins(str(tmp_path))


def test_only_pinned_archives_are_checked() -> None:
    check_pin({"a": "1"}, "b", "2", "file")
    check_pin({"a": "1"}, "a", "1", "file")
    with pytest.raises(IntegrityError, match=r"^a has the digest sha256:2, but file says sha256:1$"):
        check_pin({"a": "1"}, "a", "2", "x/file")
