"""Storage that fails, is late or half done: what was answered stays, what was refused leaves nothing, all else is told."""

from __future__ import annotations

import os
import resource
import time
from typing import TYPE_CHECKING, Any

import pytest
from obstore.store import MemoryStore

from navarch.registry.locks import MemoryLocker
from navarch.registry.problems import Problem
from navarch.registry.store import catalog
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.objects import StorageError
from navarch.registry.store.store import Store
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Failing:
    """Objects of which some calls go wrong: `before` is asked with a method's name and key, `after` likewise."""

    def __init__(self, objects: object) -> None:
        self._objects = objects
        self.before: Callable[[str, str], None] = lambda method, key: None
        self.after: Callable[[str, str], None] = lambda method, key: None

    def __getattr__(self, method: str) -> Any:
        def call(key: str, *args: object, **options: object) -> object:
            self.before(method, key)
            found = getattr(self._objects, method)(key, *args, **options)
            self.after(method, key)
            return found

        return call


def failing_at(wanted: str, part: str) -> Callable[[str, str], None]:
    def fail(method: str, key: str) -> None:
        if method == wanted and part in key:
            raise StorageError("storage: no room")

    return fail


def passing(method: str, key: str) -> None:
    """Nothing goes wrong."""


@pytest.fixture
def objects() -> Failing:
    return Failing(Bucket(MemoryStore()))


@pytest.fixture
def store(objects: Failing) -> Store:
    made = Store(objects, locks=MemoryLocker())  # type: ignore[arg-type]
    made.upload("lib", packed("web", "1.0.0"))
    return made


def names(store: Store) -> list[str]:
    return [f"{record.chart} {record.version}" for record in store.space("lib").view.records()]


def test_a_disk_that_takes_only_a_part_takes_nothing(tmp_path: Path) -> None:
    """A write to a disk that is nearly full is short before the next one fails."""
    files = Filesystem(str(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        for write in (files.put, files.create):
            with pytest.raises(StorageError, match="File too large"):
                write("a/b", b"x" * 1500)
        with pytest.raises(StorageError, match="File too large"):
            files.swap("a/c", b"x" * 1500, files.put("a/c", b"c"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files.keys("a") == ["a/c"]
    assert files.get("a/c")[0] == b"c"
    assert [name for name in os.listdir(tmp_path / ".new") if len(name) == 24] == []


def test_marks_differ_where_the_clock_stands_still(tmp_path: Path) -> None:
    files = Filesystem(str(tmp_path))
    marks = set()
    for _ in range(200):
        files.put("tick", b"12345678", durable=False)
        found = files.head("tick")
        assert found is not None
        marks.add(found.mark.partition("-")[2])  # without the file's number, which the next but one may have again
    assert len(marks) == 200


def test_parts_of_processes_that_died_are_removed_in_time(tmp_path: Path) -> None:
    Filesystem(str(tmp_path))
    old, new, lock = (tmp_path / ".new" / name for name in ("0" * 24, "1" * 24, "lock-1"))
    for path in (old, new, lock):
        path.write_bytes(b"x")
    for path in (old, lock):
        os.utime(path, (0, time.time() - 4000))
    Filesystem(str(tmp_path))
    assert [path.exists() for path in (old, new, lock)] == [False, True, True]


@pytest.mark.parametrize(("method", "part"), [("put", "blobs/"), ("create", "/charts/"), ("put", "/changes/")])
def test_an_upload_that_fails_leaves_no_version(store: Store, objects: Failing, method: str, part: str) -> None:
    objects.before = failing_at(method, part)
    with pytest.raises(StorageError):
        store.upload("lib", packed("web", "2.0.0"))
    objects.before = passing
    for reader in (store, Store(objects, locks=MemoryLocker())):  # type: ignore[arg-type]
        assert names(reader) == ["web 1.0.0"]
    store.upload("lib", packed("web", "2.0.0"))
    assert names(store) == ["web 1.0.0", "web 2.0.0"]


def test_a_version_whose_writer_died_is_listed_when_somebody_asks_for_it(store: Store, objects: Failing) -> None:
    other = Store(objects, locks=MemoryLocker())  # type: ignore[arg-type]
    assert names(other) == ["web 1.0.0"]

    def die(method: str, key: str) -> None:
        if method == "put" and "/changes/" in key:
            raise KeyboardInterrupt

    objects.before = die
    with pytest.raises(KeyboardInterrupt):
        store.upload("lib", packed("web", "2.0.0"))
    objects.before = passing
    assert names(other) == ["web 1.0.0"]
    with pytest.raises(Problem, match=r"lib/web/2\.0\.0 exist"):
        other.upload("lib", packed("web", "2.0.0"))
    assert names(other) == names(store) == ["web 1.0.0", "web 2.0.0"]


def test_a_version_that_is_refused_because_it_is_there_is_listed_by_all(store: Store, objects: Failing) -> None:
    """Its writer died before it told of it; a server that began later knows it, one that began before doesn't."""
    old = Store(objects, locks=MemoryLocker())  # type: ignore[arg-type]
    assert names(old) == ["web 1.0.0"]

    def die(method: str, key: str) -> None:
        if method == "put" and "/changes/" in key:
            raise KeyboardInterrupt

    objects.before = die
    with pytest.raises(KeyboardInterrupt):
        store.upload("lib", packed("web", "2.0.0"))
    objects.before = passing
    new = Store(objects, locks=MemoryLocker())  # type: ignore[arg-type]
    assert names(new) == ["web 1.0.0", "web 2.0.0"]
    with pytest.raises(Problem, match=r"lib/web/2\.0\.0 exist"):
        new.upload("lib", packed("web", "2.0.0"))
    assert names(old) == ["web 1.0.0", "web 2.0.0"]


def test_a_write_whose_answer_was_lost_is_ours(store: Store, objects: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of buckets make a request again whose answer didn't come; then there is something, namely the same."""
    create = Bucket.create

    def twice(self: Bucket, key: str, data: bytes) -> str:
        create(self, key, data)
        return create(self, key, data)

    monkeypatch.setattr(Bucket, "create", twice)
    store.upload("lib", packed("web", "2.0.0"))
    assert names(store) == ["web 1.0.0", "web 2.0.0"]
    store.create_space("other")
    assert store.space("other").view.charts == {}
    store.upload("third", packed("web", "1.0.0"))
    assert set(store.space("third").view.charts) == {"web"}
    with pytest.raises(Problem, match="exist"):
        store.create_space("third")
    assert set(store.space("third").view.charts) == {"web"}


def test_a_change_whose_answer_was_lost_is_ours(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    swap = Bucket.swap

    def twice(self: Bucket, key: str, data: bytes, mark: str) -> str:
        swap(self, key, data, mark)
        return swap(self, key, data, mark)

    monkeypatch.setattr(Bucket, "swap", twice)
    other = packed("web", "1.0.0", {"x": "1"})
    record = store.replace("lib", "web", "1.0.0", other)
    assert store.archive(store.space("lib").record("web", "1.0.0")) == other
    edits: list[bytes] = []
    store.change("lib", "web", "1.0.0", lambda data: edits.append(data) or packed("web", "1.0.0", {"x": "2"}))
    assert len(edits) == 1
    assert store.space("lib").record("web", "1.0.0").digest != record.digest


def test_a_space_is_read_where_nothing_can_be_written(
    store: Store, objects: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept of a long reading, so that the next is quick, is no reason to refuse it."""
    monkeypatch.setattr(catalog, "_WORTH_A_SNAPSHOT", 1)
    refused: list[str] = []

    def refuse(method: str, key: str) -> None:
        if method in {"put", "create", "swap", "delete"}:
            refused.append(key)
            raise StorageError("storage: no room")

    objects.before = refuse
    assert names(Store(objects, locks=MemoryLocker())) == ["web 1.0.0"]  # type: ignore[arg-type]
    assert refused


def test_a_note_that_came_late_is_written_again(
    store: Store, objects: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers ask for notes since they last asked, by the time in the notes' names."""
    other = Store(objects, locks=MemoryLocker())  # type: ignore[arg-type]
    assert names(other) == ["web 1.0.0"]
    late = [1000.0]
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 1000 - late[0])

    def wait(method: str, key: str) -> None:
        if method == "put" and "/changes/" in key:
            late[0] = 0.0  # the clock goes on by 1,000 seconds while the note is written

    objects.before = wait
    store.upload("lib", packed("web", "2.0.0"))
    objects.before = passing
    other.space("lib")
    assert names(other) == ["web 1.0.0", "web 2.0.0"]
    assert len(objects.keys(f"{store.space('lib').prefix}/changes")) == 3


def test_old_notes_go_by_themselves(store: Store, objects: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = store.space("lib").prefix
    objects.put(f"{prefix}/changes/0000000001/0000000010000-12345678~old~1.0.0", b"")
    assert names(Store(objects, locks=MemoryLocker())) == ["web 1.0.0"]  # type: ignore[arg-type]
    end = time.monotonic() + 60
    while len(objects.keys(f"{prefix}/changes")) > 1:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_no_version_is_not_found(store: Store) -> None:
    chart = store.space("lib").chart("web")
    for text in ("", "x", "1", "1.0", "1.0.0.0", "²", "1.0.²", "1" * 5000, f"1.0.0-{'1' * 5000}", "\0", "1.0.0\n"):
        assert chart.find(text) is None
