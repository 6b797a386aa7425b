"""The order in which work is done."""

from __future__ import annotations

from navarch.cluster.controllers.addresses import Addresses
from navarch.cluster.controllers.queue import Key, Queue


def key(name: str) -> Key:
    return Key("pods", "default", name)


def drain(queue: Queue, now: float) -> list[str]:
    names = []
    while (found := queue.pop(now)) is not None:
        names.append(found.name)
    return names


def test_lower_ranks_come_first_and_each_key_once() -> None:
    queue = Queue(3)
    for name, rank in (("late", 2), ("one", 0), ("two", 0), ("one", 0), ("middle", 1)):
        queue.add(key(name), rank)
    assert drain(queue, 0) == ["one", "two", "middle", "late"]


def test_what_comes_later() -> None:
    queue = Queue(1)
    queue.add_later(key("b"), 0, 5.0, awaited=False)
    queue.add_later(key("a"), 0, 3.0, awaited=True)
    assert (drain(queue, 2.9), queue.next_time(), queue.is_settled()) == ([], 3.0, False)
    assert (drain(queue, 3.0), queue.next_time(), queue.is_settled()) == (["a"], 5.0, True)
    assert drain(queue, 9.0) == ["b"]
    assert queue.next_time() is None


def test_the_earlier_of_two_times_counts() -> None:
    queue = Queue(1)
    for when in (7.0, 4.0, 6.0):
        queue.add_later(key("a"), 0, when, awaited=True)
    assert drain(queue, 4.0) == ["a"]
    assert drain(queue, 10.0) == []
    assert queue.next_time() is None
    assert queue.is_settled()


def test_addresses_are_given_once_and_used_again() -> None:
    addresses = Addresses()
    addresses.take("old", "10.244.0.3")
    assert [addresses.give(uid) for uid in ("a", "b", "a")] == ["10.244.0.2", "10.244.0.4", "10.244.0.2"]
    addresses.free("a")
    assert addresses.give("c") == "10.244.0.2"


def test_addresses_go_on_beyond_a_block() -> None:
    addresses = Addresses()
    given = [addresses.give(str(number)) for number in range(300)]
    assert given[-1] == "10.244.1.45"
    assert len(set(given)) == 300
