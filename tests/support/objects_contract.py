"""What every store of keys has to give, as functions that take an empty one: on disk, in memory, in a bucket."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from navarch.registry.store.objects import AbsentError, ChangedError, TakenError
from navarch.registry.store.proving import prove

if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.registry.store.objects import Entry, Objects

__all__ = ["LAWS", "keys"]


def keys(objects: Objects, prefix: str, after: str = "") -> list[str]:
    return [entry.key for entry in objects.entries(prefix, after)]


def assert_same(found: Entry | None, listed: Entry) -> None:
    """A server may tell times to the second, and in listings to the millisecond."""
    assert found is not None
    assert found[:3] == listed[:3]
    assert abs(found.modified - listed.modified) < 1


def what_is_written_is_read(objects: Objects) -> None:
    objects.put("a/b", b"one")
    assert objects.get("a/b")[0] == b"one"
    objects.put("a/b", b"two", durable=False)
    assert objects.get("a/b")[0] == b"two"
    assert b"".join(objects.open("a/b")) == b"two"
    assert b"".join(objects.open("a/b", 1, 2)) == b"w"
    assert b"".join(objects.open("a/b", 2)) == b"o"


def empty_data_is_data(objects: Objects) -> None:
    mark = objects.put("a/b", b"")
    assert objects.get("a/b") == (b"", mark)
    assert b"".join(objects.open("a/b")) == b""
    assert_same(objects.head("a/b"), next(iter(objects.entries("a"))))


def nothing_is_there(objects: Objects) -> None:
    objects.put("a/b", b"one")
    for key in ("a/c", "a/b/c", "b", "a"):
        assert objects.head(key) is None
        with pytest.raises(AbsentError):
            objects.get(key)
        with pytest.raises(AbsentError):
            objects.open(key)
        objects.delete(key)
    assert objects.get("a/b")[0] == b"one"


def create_is_for_what_is_new(objects: Objects) -> None:
    objects.create("a/b", b"one")
    with pytest.raises(TakenError):
        objects.create("a/b", b"two")
    assert objects.get("a/b")[0] == b"one"
    objects.delete("a/b")
    objects.create("a/b", b"three")


def swap_is_for_what_is_known(objects: Objects) -> None:
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


def one_of_many_creates(objects: Objects) -> None:
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


def swaps_lose_nothing(objects: Objects) -> None:
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


def listings_are_sorted_and_begin_where_they_are_told(objects: Objects) -> None:
    for key in ("a/x/2", "a/x/1", "a/x-1", "a/y", "ab/1", "b"):
        objects.put(key, key.encode())
    assert keys(objects, "a") == ["a/x-1", "a/x/1", "a/x/2", "a/y"]
    assert keys(objects, "a", "a/x/1") == ["a/x/2", "a/y"]
    assert keys(objects, "a", "a/x") == ["a/x-1", "a/x/1", "a/x/2", "a/y"]
    assert keys(objects, "none") == []
    assert objects.children("a") == ["x"]
    assert objects.children("") == ["a", "ab"]
    assert objects.children("b") == []


def marks_of_listings_follow_the_content(objects: Objects) -> None:
    objects.put("a/b", b"one")
    (first,) = objects.entries("a")
    assert_same(objects.head("a/b"), first)
    assert first.size == 3
    objects.put("a/b", b"two")
    (second,) = objects.entries("a")
    assert second.mark != first.mark


def a_touch_makes_another_mark(objects: Objects) -> None:
    marks = set()
    for _ in range(20):
        objects.touch("a/b")
        (found,) = objects.entries("a")
        assert_same(objects.head("a/b"), found)
        marks.add(found.mark)
    assert len(marks) == 20


def a_file_is_taken_in(objects: Objects) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"content")
        file.flush()
        objects.put_file("a/b", file.name)
        objects.put_file("a/c", file.name)
    assert objects.get("a/b")[0] == b"content"
    path = objects.path("a/b")
    assert path is None or Path(path).read_bytes() == b"content"


def what_is_copied_is_new(objects: Objects) -> None:
    objects.put("a/b", b"one")
    objects.put("a/c", b"two")
    objects.copy("a/b", "a/c")
    objects.copy("a/b", "d/e")
    assert [objects.get(key)[0] for key in ("a/b", "a/c", "d/e")] == [b"one"] * 3
    with pytest.raises(AbsentError):
        objects.copy("a/x", "a/c")
    assert objects.get("a/c")[0] == b"one"


def every_answer_names_the_mark_that_a_swap_wants(objects: Objects) -> None:
    marks = [objects.create("a/b", b"0")]
    for number in range(1, 4):
        write = objects.put if number == 2 else lambda key, data: objects.swap(key, data, marks[-1])
        marks.append(write("a/b", str(number).encode()))
        assert objects.get("a/b") == (str(number).encode(), marks[-1])
    for mark in marks[:-1]:
        with pytest.raises(ChangedError):
            objects.swap("a/b", b"x", mark)


def storage_proves_itself(objects: Objects) -> None:
    objects.check()
    prove(objects)
    assert objects.children("") == []


LAWS: tuple[Callable[[Objects], None], ...] = (
    what_is_written_is_read,
    empty_data_is_data,
    nothing_is_there,
    create_is_for_what_is_new,
    swap_is_for_what_is_known,
    one_of_many_creates,
    swaps_lose_nothing,
    listings_are_sorted_and_begin_where_they_are_told,
    marks_of_listings_follow_the_content,
    a_touch_makes_another_mark,
    a_file_is_taken_in,
    what_is_copied_is_new,
    every_answer_names_the_mark_that_a_swap_wants,
    storage_proves_itself,
)
