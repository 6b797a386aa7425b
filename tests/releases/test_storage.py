"""Releases by name and revision, the same on a driver with quick ways and on one that has only the six methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import (
    NoDeployedReleasesError,
    RecordError,
    ReleaseError,
    ReleaseExistsError,
    ReleaseNotFoundError,
)
from navarch.releases.drivers.base import make_key, quick, split_key
from navarch.releases.drivers.memory import Memory
from navarch.releases.latest import SHOWN
from navarch.releases.model import Info, Release
from navarch.releases.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Plain:
    """A driver of one's own: the six methods, and nothing else."""

    def __init__(self) -> None:
        self._memory = Memory("")

    def _in(self, key: str) -> Memory:
        self._memory.namespace = "n"
        return self._memory

    def create(self, key: str, release: Release) -> None:
        self._memory.create(key, release)

    def update(self, key: str, release: Release) -> None:
        self._memory.update(key, release)

    def delete(self, key: str) -> Release:
        return self._in(key).delete(key)

    def get(self, key: str) -> Release:
        return self._in(key).get(key)

    def query(self, labels: Mapping[str, str]) -> list[Release]:
        self._memory.namespace = ""
        return self._memory.query(labels)

    def list(self, wanted: Callable[[Release], bool]) -> list[Release]:
        self._memory.namespace = ""
        return self._memory.list(wanted)


@pytest.fixture(params=[Memory, Plain])
def driver(request: pytest.FixtureRequest) -> Any:
    return request.param()


def release(name: str, revision: int, status: str, *, namespace: str = "n", when: str = "", **labels: str) -> Release:
    info = Info(status=status, last_deployed=when, description=f"{status} {revision}")
    return Release(name, namespace, revision, info=info, labels=labels)


def fill(storage: Storage, name: str, *statuses: str) -> None:
    for revision, status in enumerate(statuses, 1):
        storage.create(release(name, revision, status))


def revisions(storage: Storage, name: str) -> list[int]:
    return [head.revision for head in storage.heads(name)]


def test_only_the_first_kind_of_driver_has_quick_ways():
    assert quick(Memory()) is not None
    assert quick(Plain()) is None


def test_revisions_come_and_go(driver: Any):
    storage = Storage(driver)
    fill(storage, "web", "superseded", "deployed")
    assert storage.get("web", 1).status == "superseded"
    assert storage.last("web").revision == 2
    assert storage.deployed("web").revision == 2
    assert sorted(one.revision for one in storage.history("web")) == [1, 2]
    assert storage.delete("web", 1).revision == 1
    assert revisions(storage, "web") == [2]
    with pytest.raises(ReleaseNotFoundError, match=r"^release: not found$"):
        storage.get("web", 1)
    with pytest.raises(ReleaseExistsError, match=r"^release: already exists$"):
        storage.create(release("web", 2, "failed"))


def test_a_changed_release_is_stored_in_its_place(driver: Any):
    storage = Storage(driver)
    fill(storage, "web", "pending-install")
    found = storage.last("web")
    found.set_status("deployed", "done")
    storage.update(found)
    assert storage.deployed("web").info.description == "done"


def test_what_is_not_there_is_told_in_helms_words(driver: Any):
    storage = Storage(driver)
    for ask in (storage.last, storage.history, storage.heads, storage.history_heads):
        with pytest.raises(ReleaseNotFoundError, match=r"^release: not found$"):
            ask("web")
    with pytest.raises(NoDeployedReleasesError, match=r'^"web" has no deployed releases$') as caught:
        storage.deployed("web")
    assert caught.value.name == "web"
    fill(storage, "web", "failed")
    with pytest.raises(NoDeployedReleasesError):
        storage.deployed("web")
    with pytest.raises(ReleaseNotFoundError):
        storage.update(release("other", 1, "failed"))


def test_of_several_deployed_revisions_the_latest_counts(driver: Any):
    storage = Storage(driver)
    fill(storage, "web", "deployed", "deployed", "failed")
    assert storage.deployed("web").revision == 2


# Which revisions are left: pkg/storage/storage.go, removeLeastRecent.
@pytest.mark.parametrize(
    ("statuses", "limit", "left"),
    [
        (["superseded", "superseded", "deployed"], 0, [1, 2, 3, 4]),
        (["superseded", "superseded", "deployed"], 4, [1, 2, 3, 4]),
        (["superseded", "superseded", "deployed"], 3, [2, 3, 4]),
        (["superseded", "superseded", "deployed"], 2, [3, 4]),
        (["superseded", "superseded", "deployed"], 1, [3, 4]),
        (["deployed", "failed", "failed"], 2, [1, 4]),
        (["deployed", "failed", "failed"], 3, [1, 3, 4]),
        (["failed", "failed", "failed"], 1, [4]),
        (["deployed", "deployed", "failed"], 2, [2, 4]),
        ([], 1, [1]),
    ],
)
def test_history_is_kept_to_its_length(driver: Any, statuses: list[str], limit: int, left: list[int]):
    storage = Storage(driver, max_history=limit)
    for revision, status in enumerate(statuses, 1):
        driver.create(make_key("web", revision), release("web", revision, status))
    storage.create(release("web", len(statuses) + 1, "pending-upgrade"))
    assert revisions(storage, "web") == left


def test_a_limit_of_the_call_comes_before_the_storages(driver: Any):
    storage = Storage(driver, max_history=2)
    fill(storage, "web", "superseded", "superseded", "superseded")
    assert revisions(storage, "web") == [2, 3]
    storage.create(release("web", 4, "deployed"), max_history=0)
    assert revisions(storage, "web") == [2, 3, 4]
    storage.create(release("web", 5, "failed"), max_history=2, known=storage.heads("web"))
    assert revisions(storage, "web") == [4, 5]


def test_what_cannot_be_removed_is_told_and_nothing_is_stored():
    class Stubborn(Memory):
        def remove(self, key: str) -> None:
            raise ReleaseError(f"{key} stays")

    storage = Storage(Stubborn())
    fill(storage, "web", "superseded", "superseded", "deployed")
    with pytest.raises(ReleaseError, match=r"^sh\.helm\.release\.v1\.web\.v1 stays$"):
        storage.create(release("web", 4, "failed"), max_history=3)
    with pytest.raises(
        ReleaseError, match=r"^encountered 2 deletion errors. First is: sh\.helm\.release\.v1\.web\.v1 stays$"
    ):
        storage.create(release("web", 4, "failed"), max_history=2)
    assert revisions(storage, "web") == [1, 2, 3]


def test_the_latest_that_can_be_read_is_the_last():
    class Damaged(Memory):
        def read(self, head: Any) -> Release:
            if head.revision > 1:
                raise RecordError("unexpected EOF")
            return super().read(head)

    told: list[str] = []
    storage = Storage(Damaged(), debug=told.append)
    fill(storage, "web", "deployed", "failed")
    told.clear()
    assert storage.last("web").revision == 1
    assert told[2:] == [
        'level=DEBUG msg="failed to decode release" key=sh.helm.release.v1.web.v2 error="unexpected EOF"'
    ]


def test_all_revisions_are_removed_the_last_one_last():
    removed: list[str] = []

    class Noted(Memory):
        def remove(self, key: str) -> None:
            removed.append(key)
            super().remove(key)

    storage = Storage(Noted())
    fill(storage, "web", "superseded", "superseded", "superseded", "deployed")
    storage.purge(storage.heads("web"))
    assert set(removed) == {make_key("web", number) for number in range(1, 5)}
    assert removed[-1] == make_key("web", 4)
    storage.purge([])


def test_debug_lines_are_helms(driver: Any):
    told: list[str] = []
    storage = Storage(driver, max_history=2, debug=told.append)
    fill(storage, "web", "superseded", "deployed")
    told.clear()
    storage.create(release("web", 3, "failed"))
    assert told == [
        'level=DEBUG msg="creating release" key=sh.helm.release.v1.web.v3',
        'level=DEBUG msg="getting release history" name=web',
        'level=DEBUG msg="getting deployed releases" name=web',
        'level=DEBUG msg="deleting release" key=sh.helm.release.v1.web.v1',
        'level=DEBUG msg="pruned records" count=1 release=web errors=0',
    ]
    told.clear()
    storage.last("web")
    storage.update(storage.get("web", 3))
    storage.deployed("web")
    assert told == [
        'level=DEBUG msg="getting last revision" name=web',
        'level=DEBUG msg="getting release history" name=web',
        'level=DEBUG msg="getting release" key=sh.helm.release.v1.web.v3',
        'level=DEBUG msg="updating release" key=sh.helm.release.v1.web.v3',
        'level=DEBUG msg="getting deployed releases" name=web',
    ]


@pytest.mark.parametrize(("limit", "shown"), [(0, [1, 2, 3]), (1, [3]), (2, [2, 3]), (9, [1, 2, 3])])
def test_history_shows_the_latest_revisions_oldest_first(driver: Any, limit: int, shown: list[int]):
    storage = Storage(driver)
    fill(storage, "web", "superseded", "superseded", "deployed")
    found = storage.history_heads("web", limit=limit)
    assert [one.revision for one in found] == shown
    assert found[-1].description == "deployed 3"


def names(storage: Storage, **options: Any) -> list[str]:
    return [f"{one.namespace}/{one.name} v{one.revision}" for one in storage.list_latest(**options)]


def several(driver: Any) -> Storage:
    storage = Storage(driver)
    day = "2026-01-0{}T00:00:00Z"
    for one in (
        release("a", 1, "superseded", when=day.format(9)),
        release("a", 2, "deployed", when=day.format(3)),
        release("b", 1, "failed", when=day.format(1), team="x"),
        release("a", 1, "uninstalled", namespace="m", when=day.format(2)),
        release("c", 1, "deployed", when=day.format(4)),
        release("c", 2, "superseded", when=day.format(4)),
        release("d", 1, "unknown"),
    ):
        storage.create(one)
    if isinstance(driver, Memory):
        driver.namespace = ""
    return storage


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["m/a v1", "n/a v2", "n/b v1", "n/c v2"]),
        ({"reverse": True}, ["n/c v2", "n/b v1", "n/a v2", "m/a v1"]),
        ({"by_date": True}, ["n/b v1", "m/a v1", "n/a v2", "n/c v2"]),
        ({"by_date": True, "reverse": True}, ["n/c v2", "n/a v2", "m/a v1", "n/b v1"]),
        ({"limit": 2}, ["m/a v1", "n/a v2"]),
        ({"limit": 2, "offset": 1}, ["n/a v2", "n/b v1"]),
        ({"offset": 3}, ["n/c v2"]),
        ({"offset": 9}, []),
        ({"limit": 9, "offset": 2}, ["n/b v1", "n/c v2"]),
        ({"by_date": True, "limit": 1, "offset": 1}, ["m/a v1"]),
        ({"matches": "a".__eq__}, ["m/a v1", "n/a v2"]),
        ({"matches": "a".__ne__, "limit": 1}, ["n/b v1"]),
        ({"states": {"deployed"}}, ["n/a v2"]),
        ({"states": {"deployed", "superseded"}}, ["n/a v2", "n/c v2"]),
        ({"states": {"superseded"}}, ["n/a v1", "n/c v2"]),
        ({"selector": lambda labels: labels.get("team") == "x"}, ["n/b v1"]),
        ({"states": SHOWN | {"unknown"}, "matches": "d".__eq__}, ["n/d v1"]),
    ],
)
def test_lists_show_each_release_by_its_latest_revision(driver: Any, options: dict[str, Any], found: list[str]):
    assert names(several(driver), **options) == found


def test_a_page_is_full_even_if_records_on_it_cannot_be_read():
    class Damaged(Memory):
        def summaries(self, heads: Any) -> Any:
            return [
                None if head.name == "a" else one for head, one in zip(heads, super().summaries(heads), strict=True)
            ]

    assert names(several(Damaged()), limit=2) == ["n/b v1", "n/c v2"]


def test_a_release_whose_latest_record_cannot_be_read_is_shown_by_an_older_one():
    class Damaged(Memory):
        def summaries(self, heads: Any) -> Any:
            found = super().summaries(heads)
            return [None if head.revision == 2 else one for head, one in zip(heads, found, strict=True)]

    assert names(several(Damaged())) == ["m/a v1", "n/a v1", "n/b v1", "n/c v1"]
    assert names(several(Damaged()), by_date=True, limit=1, reverse=True) == ["n/a v1"]


STATUS = st.sampled_from(sorted(SHOWN))


@given(
    records=st.dictionaries(
        st.tuples(st.sampled_from("mn"), st.sampled_from("abc"), st.integers(1, 4)), STATUS, max_size=12
    ),
    states=st.sets(STATUS, min_size=1) | st.just(SHOWN),
    by_date=st.booleans(),
    reverse=st.booleans(),
    offset=st.integers(0, 4),
    limit=st.integers(0, 4),
)
def test_both_kinds_of_driver_list_the_same(records: Any, **options: Any):
    fast, plain = Memory(), Plain()
    for (namespace, name, revision), status in records.items():
        when = f"2026-01-01T00:00:0{revision}Z"
        one = release(name, revision, status, namespace=namespace, when=when)
        fast.create(make_key(name, revision), one)
        plain.create(make_key(name, revision), one)
    fast.namespace = ""
    # where two come at the same time, or superseded ones of one name are all shown, their order is open
    assert sorted(names(Storage(fast), **options | {"offset": 0, "limit": 0})) == sorted(
        names(Storage(plain), **options | {"offset": 0, "limit": 0})
    )
    if not options["by_date"] and options["states"] != {"superseded"}:
        assert names(Storage(fast), **options) == names(Storage(plain), **options)


@given(st.text(st.sampled_from("abc.v1-"), min_size=1), st.integers(0, 10**9))
def test_keys_are_taken_apart_again(name: str, revision: int):
    assert split_key(make_key(name, revision)) == (name, revision)


@pytest.mark.parametrize("key", ["", "x", "sh.helm.release.v1.a", "sh.helm.release.v1.a.vx", "other.a.v1"])
def test_other_names_are_no_keys(key: str):
    assert split_key(key) == ("", 0)


@pytest.mark.parametrize("key", ["sh.helm.release.v1.a.v1.v2", "sh.helm.release.v1.a", "sh.helm.release.v1.a.vx"])
def test_the_memory_driver_refuses_keys_as_helms_does(key: str):
    for ask in (Memory().get, Memory().delete):
        with pytest.raises(ReleaseError, match=r"^release: invalid key$"):
            ask(key)
