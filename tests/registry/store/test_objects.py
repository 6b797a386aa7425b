"""The stores of keys, alike: on disk and in memory (a real bucket is looked at with the real servers)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.objects import StorageError
from navarch.registry.store.proving import prove
from support.objects_contract import LAWS, keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from navarch.registry.store.objects import Objects


@pytest.fixture(params=["disk", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Filesystem(str(tmp_path / "root")) if request.param == "disk" else Bucket(MemoryStore())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_laws(objects: Objects, law: Callable[[Objects], None]) -> None:
    law(objects)


@pytest.mark.parametrize("key", ["../x", "a/../../x", "a//b", ".", "a/./b", ".new/lock-1", "a/b\0c"])
def test_keys_stay_below_the_root(tmp_path: Path, key: str) -> None:
    objects = Filesystem(str(tmp_path / "root"))
    for act in (lambda: objects.put(key, b""), lambda: objects.get(key), lambda: objects.delete(key)):
        with pytest.raises(StorageError):
            act()


def test_nothing_is_left_of_a_write_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Filesystem(str(tmp_path / "root"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        objects.put("a/b", b"one")
    assert [name for _, _, names in os.walk(tmp_path) for name in names] == []


def test_empty_folders_go_with_their_last_key(tmp_path: Path) -> None:
    objects = Filesystem(str(tmp_path / "root"))
    objects.put("a/b/c", b"")
    objects.put("a/d", b"")
    objects.delete("a/b/c")
    assert objects.children("a") == []
    assert keys(objects, "a") == ["a/d"]


def test_a_root_that_is_gone_is_no_empty_one(tmp_path: Path) -> None:
    """A disk that isn't mounted any more: its folder is there, and empty."""
    objects = Filesystem(str(tmp_path / "root"))
    objects.put("a/b", b"one")
    os.rename(tmp_path / "root", tmp_path / "away")
    (tmp_path / "root").mkdir()
    for act in (
        objects.check,
        lambda: objects.get("a/b"),
        lambda: objects.open("a/b"),
        lambda: list(objects.entries("a")),
        lambda: objects.keys("a"),
        lambda: objects.children("a"),
        lambda: objects.put("a/b", b"two"),
        lambda: objects.create("a/c", b"two"),
    ):
        with pytest.raises(StorageError, match="No such file or directory"):
            act()
    assert os.listdir(tmp_path / "root") == []
    os.rmdir(tmp_path / "root")
    os.rename(tmp_path / "away", tmp_path / "root")
    assert objects.get("a/b")[0] == b"one"


@pytest.mark.parametrize("where", ["file/root", "file", "dead/root"])
def test_a_root_that_cannot_be(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    why = "Not a directory|No such file or directory"
    with pytest.raises(StorageError, match=f"storage: ({why}): {tmp_path}/{where}"):
        Filesystem(str(tmp_path / where))


def test_storage_that_lacks_conditions_is_found_out() -> None:
    class Careless(Bucket):
        def create(self, key: str, data: bytes) -> str:
            return self.put(key, data)

    class Forgetful(Bucket):
        def swap(self, key: str, data: bytes, mark: str) -> str:
            return self.put(key, data)

    for kind in (Careless, Forgetful):
        objects = kind(MemoryStore())
        with pytest.raises(StorageError, match="If-None-Match, If-Match"):
            prove(objects)
        assert objects.keys("probe") == []
