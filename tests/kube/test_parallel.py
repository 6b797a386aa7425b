"""Work on many objects at once: bounds, order, faults."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ApiError, KubernetesError
from navarch.kube.discovery import Mapping
from navarch.kube.objects import Resource
from navarch.kube.parallel import LIMIT, in_parallel, joined, turns

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {kind: Mapping("", "v1", kind, f"{kind.lower()}s", namespaced=True) for kind in ("Pod", "Secret", "Service")}


def resource(kind: str, name: str) -> Resource:
    return Resource(KINDS[kind], "shop", name, {})


@given(st.lists(st.integers(), max_size=40), st.integers(1, 12))
def test_answers_are_in_the_order_of_the_items(numbers: list[int], limit: int) -> None:
    found = in_parallel(numbers, lambda number: number * 2, limit=limit)
    assert [outcome.result() for outcome in found] == [number * 2 for number in numbers]


def test_errors_are_outcomes_and_the_rest_is_done() -> None:
    def work(number: int) -> int:
        if number % 3 == 0:
            raise KubernetesError(f"not {number}")
        return number

    outcomes = in_parallel(range(9), work)
    assert [str(outcome.error) if outcome.error else outcome.value for outcome in outcomes] == [
        *("not 0", 1, 2, "not 3", 4, 5, "not 6", 7, 8)
    ]
    with pytest.raises(KubernetesError, match="not 0"):
        outcomes[0].result()


class _Counter:
    """Counts how many are at work; each stays until so many have been there at once, and a little longer."""

    def __init__(self, wanted: int) -> None:
        self.changed = threading.Condition()
        self.wanted = wanted
        self.now = self.most = 0

    def work(self, _: object) -> None:
        with self.changed:
            self.now += 1
            self.most = max(self.most, self.now)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.most >= self.wanted, 60)
        time.sleep(0.01)
        with self.changed:
            self.now -= 1


@pytest.mark.parametrize(("count", "limit", "most"), [(40, LIMIT, LIMIT), (40, 3, 3), (2, LIMIT, 2), (5, 1, 1)])
def test_so_many_at_once_and_no_more(count: int, limit: int, most: int) -> None:
    counter = _Counter(most)
    in_parallel(range(count), counter.work, limit=limit)
    assert counter.most == most


@pytest.mark.parametrize("mistake", [ZeroDivisionError, KeyboardInterrupt])
def test_what_is_no_error_of_ours_ends_it(mistake: type[BaseException]) -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise mistake
        time.sleep(0.01)

    with pytest.raises(mistake):
        in_parallel(range(1000), _on_main_thread(work) if mistake is KeyboardInterrupt else work, limit=4)
    assert len(begun) < 1000


def _on_main_thread(work: Callable[[int], None]) -> Callable[[int], None]:
    """Ctrl-C comes to the main thread: let it have the first item."""
    taken = threading.Event()

    def wrapped(number: int) -> None:
        if threading.current_thread() is threading.main_thread():
            taken.set()
            work(0)
        taken.wait(60)
        work(number or 1)

    return wrapped


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from("abc")), max_size=12))
def test_turns(pairs: list[tuple[str, str]]) -> None:
    resources = [resource(*pair) for pair in pairs]
    found = list(turns(resources))
    assert [one for turn in found for one in turn] == resources
    for turn in found:
        assert len({one.kind for one in turn}) == 1
        assert len({one.identity for one in turn}) == len(turn)
    for before, after in zip(found, found[1:], strict=False):
        assert before[0].kind != after[0].kind or after[0].identity in {one.identity for one in before}


def test_several_errors_are_lines_and_one_stays_what_it_is() -> None:
    one: Any = ApiError("gone", code=404)
    assert joined([one]) is one
    assert str(joined([one, KubernetesError("other")])) == "gone\nother"
    assert str(joined([one, KubernetesError("other")], " && ")) == "gone && other"
