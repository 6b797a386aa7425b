"""The stores of keys, alike: on disk and in memory (a real bucket is looked at with the real servers)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.objects import AbsentError, ChangedError, StorageError, TakenError

if TYPE_CHECKING:
    from navarch.registry.store.objects import Objects


@pytest.fixture(params=["disk", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Filesystem(str(tmp_path / "root")) if request.param == "disk" else Bucket(MemoryStore())


def keys(objects: Objects, prefix: str, after: str = "") -> list[str]:
    return [entry.key for entry in objects.entries(prefix, after)]


def test_what_is_written_is_read(objects: Objects) -> None:
    objects.put("a/b", b"one")
    assert objects.get("a/b")[0] == b"one"
    objects.put("a/b", b"two", durable=False)
    assert objects.get("a/b")[0] == b"two"
    assert b"".join(objects.open("a/b")) == b"two"
    assert b"".join(objects.open("a/b", 1, 2)) == b"w"
    assert b"".join(objects.open("a/b", 2)) == b"o"


def test_nothing_is_there(objects: Objects) -> None:
    objects.put("a/b", b"one")
    for key in ("a/c", "a/b/c", "b", "a"):
        assert objects.head(key) is None
        with pytest.raises(AbsentError):
            objects.get(key)
        with pytest.raises(AbsentError):
            objects.open(key)
        objects.delete(key)
    assert objects.get("a/b")[0] == b"one"


def test_create_is_for_what_is_new(objects: Objects) -> None:
    objects.create("a/b", b"one")
    with pytest.raises(TakenError):
        objects.create("a/b", b"two")
    assert objects.get("a/b")[0] == b"one"
    objects.delete("a/b")
    objects.create("a/b", b"three")


def test_swap_is_for_what_is_known(objects: Objects) -> None:
    objects.create("a/b", b"one")
    _, mark = objects.get("a/b")
    objects.swap("a/b", b"two", mark)
    with pytest.raises(ChangedError):
        objects.swap("a/b", b"three", mark)
    objects.delete("a/b")
    with pytest.raises(ChangedError):
        objects.swap("a/b", b"three", mark)
    with pytest.raises(AbsentError):
        objects.get("a/b")


def test_one_of_many_creates(objects: Objects) -> None:
    won: list[int] = []

    def create(number: int) -> None:
        try:
            objects.create("race/key", str(number).encode())
        except TakenError:
            return
        won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(number).encode() for number in won] == [objects.get("race/key")[0]]


def test_swaps_lose_nothing(objects: Objects) -> None:
    objects.create("count", b"0")

    def add() -> None:
        done = 0
        while done < 20:
            data, mark = objects.get("count")
            try:
                objects.swap("count", str(int(data) + 1).encode(), mark)
            except ChangedError:
                continue
            done += 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert objects.get("count")[0] == b"80"


def test_listings_are_sorted_and_begin_where_they_are_told(objects: Objects) -> None:
    for key in ("a/x/2", "a/x/1", "a/x-1", "a/y", "ab/1", "b"):
        objects.put(key, key.encode())
    assert keys(objects, "a") == ["a/x-1", "a/x/1", "a/x/2", "a/y"]
    assert keys(objects, "a", "a/x/1") == ["a/x/2", "a/y"]
    assert keys(objects, "a", "a/x") == ["a/x-1", "a/x/1", "a/x/2", "a/y"]
    assert keys(objects, "none") == []
    assert objects.children("a") == ["x"]
    assert objects.children("") == ["a", "ab"]
    assert objects.children("b") == []


def test_marks_of_listings_follow_the_content(objects: Objects) -> None:
    objects.put("a/b", b"one")
    (first,) = objects.entries("a")
    assert objects.head("a/b") == first
    assert first.size == 3
    objects.put("a/b", b"two")
    (second,) = objects.entries("a")
    assert second.mark != first.mark


def test_a_file_is_taken_in(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"content")
    objects.put_file("a/b", str(file))
    objects.put_file("a/c", str(file))
    assert objects.get("a/b")[0] == b"content"
    path = objects.path("a/b")
    assert path is None or Path(path).read_bytes() == b"content"


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
