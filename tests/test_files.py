"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from navarch.files import PartFile, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_what_was_there_before_stays_until_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    with PartFile(str(target)) as file:
        file.write(b"new")
        file.flush()
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a"]


def interrupt(target: Path, error: type[BaseException]) -> None:
    with PartFile(str(target)) as file:
        file.write(b"new")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there_before(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    with pytest.raises(error):
        interrupt(target, error)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_name_that_can_not_be_given_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(str(tmp_path / "a"), b"new")
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    part = PartFile(str(tmp_path / "a"))
    part.open()
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, part.file.fileno())
    os.close(full)
    part.file.write(b"new")
    with pytest.raises(OSError, match="No space left"):
        part.keep()
    assert os.listdir(tmp_path) == []


def test_no_folder(tmp_path: Path) -> None:
    part = PartFile(str(tmp_path / "none" / "a"))
    with pytest.raises(FileNotFoundError) as caught:
        part.open()
    assert caught.value.filename == part.path


@pytest.mark.usefixtures("umask")
def test_modes(tmp_path: Path) -> None:
    write_file(str(tmp_path / "masked"), b"", 0o666)
    write_file(str(tmp_path / "ours"), b"", 0o600)
    with PartFile(str(tmp_path / "exact"), 0o644, exact=True, sync=True):
        pass
    assert [mode(tmp_path / name) for name in ("masked", "ours", "exact")] == [0o640, 0o600, 0o644]


def test_a_link_is_replaced_and_what_it_points_to_is_not(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("old")
    (tmp_path / "a").symlink_to("other")
    write_file(str(tmp_path / "a"), b"new")
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "other").read_text() == "old"


@pytest.mark.parametrize("name", ["x" * 255, "\u20ac" * 85, "\N{ROCKET}" * 63])
def test_the_longest_names(tmp_path: Path, name: str) -> None:
    write_file(str(tmp_path / name), b"1")
    assert os.listdir(tmp_path) == [name]


def test_a_file_that_has_its_name_is_not_dropped(tmp_path: Path) -> None:
    part = PartFile(str(tmp_path / "a"))
    part.open()
    part.file.write(b"1")
    part.keep()
    part.drop()
    assert (tmp_path / "a").read_bytes() == b"1"
