"""Spaces and versions, seen by the process that writes and by another one on the same storage."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

import navarch
from navarch.golang.semver import parse_strict
from navarch.registry.locks import MemoryLocker
from navarch.registry.problems import Problem
from navarch.registry.store import catalog
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.reading import Limits
from navarch.registry.store.records import Record, order
from navarch.registry.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from navarch.registry.store.objects import Objects

    Archive = Callable[..., bytes]


@pytest.fixture(params=["disk", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Filesystem(str(tmp_path / "root")) if request.param == "disk" else Bucket(MemoryStore())


def opened(objects: Objects, **options: object) -> Store:
    return Store(objects, locks=MemoryLocker(0.05), **options)  # type: ignore[arg-type]


@pytest.fixture
def store(objects: Objects) -> Store:
    return opened(objects)


@pytest.fixture
def other(objects: Objects) -> Store:
    return opened(objects)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    def made(name: str = "web", version: str = "1.0.0", text: str = "a: 1\n") -> bytes:
        chart = navarch.Chart.from_files(
            {
                "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n".encode(),
                "values.yaml": text.encode(),
            }
        )
        with open(chart.save(str(tmp_path / "archives"), epoch=0), "rb") as file:
            return file.read()

    return made


def names(store: Store, space: str = "lib") -> list[str]:
    return [f"{record.chart} {record.version}" for record in store.space(space).view.records()]


def status(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.status, str(caught.value)


def test_an_upload_is_there_for_everybody(store: Store, other: Store, archive: Archive) -> None:
    assert status(lambda: other.space("lib")) == (404, "lib not found")
    data = archive()
    record = store.upload("lib", data, b"proof")
    for reader in (store, other):
        assert names(reader) == ["web 1.0.0"]
        assert reader.archive(reader.space("lib").record("web", "1.0.0")) == data
        assert reader.blobs.get(record.prov) == b"proof"
        assert reader.spaces() == ["lib"]
    other.upload("lib", archive("web", "1.10.0"))
    other.upload("lib", archive("web", "1.9.0"))
    other.upload("lib", archive("api", "0.1.0-rc.1+build_5".replace("_", ".")))
    assert names(store) == names(other) == ["api 0.1.0-rc.1+build.5", "web 1.0.0", "web 1.9.0", "web 1.10.0"]
    assert store.space("lib").chart("web").latest.version == "1.10.0"


def test_a_version_is_made_once(store: Store, other: Store, archive: Archive) -> None:
    store.upload("lib", archive())
    for writer in (store, other):
        said = "resource conflict because lib/web/1.0.0 exist"
        assert status(lambda writer=writer: writer.upload("lib", archive(text="b: 2\n"))) == (409, said)
    assert store.archive(store.space("lib").record("web", "1.0.0")) == archive()


def test_one_of_many_uploads_of_a_version(store: Store, other: Store, archive: Archive) -> None:
    data = [archive(text=f"number: {number}\n") for number in range(8)]
    answers: list[object] = []

    def upload(number: int) -> None:
        try:
            answers.append((store, other)[number % 2].upload("lib", data[number]))
        except Problem as problem:
            answers.append(problem.status)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won,) = [answer for answer in answers if isinstance(answer, Record)]
    assert answers.count(409) == 7
    assert other.archive(other.space("lib").record("web", "1.0.0")) == other.archive(won)


def test_a_version_gives_way_to_another(store: Store, other: Store, archive: Archive) -> None:
    store.upload("lib", archive())
    other.replace("lib", "web", "1.0.0", archive(text="b: 2\n"))
    assert store.archive(store.space("lib").record("web", "1.0.0")) == archive(text="b: 2\n")
    assert status(lambda: store.replace("lib", "web", "2.0.0", archive("web", "2.0.0"))) == (
        404,
        "lib/web/2.0.0 not found",
    )
    said = "value of chart should be web, but got api"
    assert status(lambda: store.replace("lib", "web", "1.0.0", archive("api"))) == (400, said)
    said = "value of version should be 1.0.0, but got 2.0.0"
    assert status(lambda: store.replace("lib", "web", "1.0.0", archive("web", "2.0.0"))) == (400, said)
    with store.locks.hold("lib/web/1.0.0"):
        said = "version is locked and can't be handled: lib/web/1.0.0"
        assert status(lambda: store.replace("lib", "web", "1.0.0", archive())) == (423, said)
    assert store.archive(store.space("lib").record("web", "1.0.0")) == archive(text="b: 2\n")


def test_what_is_removed_is_gone_everywhere(store: Store, other: Store, archive: Archive) -> None:
    for version in ("1.0.0", "2.0.0"):
        store.upload("lib", archive("web", version))
        store.upload("lib", archive("api", version))
    other.delete_version("lib", "web", "1.0.0")
    assert names(store) == ["api 1.0.0", "api 2.0.0", "web 2.0.0"]
    other.delete_version("lib", "web", "2.0.0")
    assert status(lambda: store.space("lib").chart("web")) == (404, "lib/web not found")
    store.delete_chart("lib", "api")
    assert names(other) == []
    assert other.spaces() == ["lib"]
    assert status(lambda: other.delete_chart("lib", "api"))[0] == 404


def test_a_space_goes_with_all_in_it_and_comes_back_empty(store: Store, other: Store, archive: Archive) -> None:
    store.upload("lib", archive())
    assert names(other) == ["web 1.0.0"]
    store.delete_space("lib")
    assert status(lambda: other.space("lib")) == (404, "lib not found")
    other.create_space("lib")
    assert names(store) == names(other) == []
    assert status(lambda: store.create_space("lib")) == (409, "resource conflict because lib exist")
    store.upload("lib", archive())
    assert names(other) == ["web 1.0.0"]


def test_a_space_removed_under_a_writer(store: Store, other: Store, archive: Archive) -> None:
    """The writer's note must not bring it back."""
    store.upload("lib", archive())
    assert names(other) == ["web 1.0.0"]
    place = store.space("lib")
    record = opened(Bucket(MemoryStore())).upload("lib", archive("web", "2.0.0"))
    other.delete_space("lib")
    said = (404, "lib not found")
    assert status(lambda: store.publish(place, record, b"{}")) == said
    assert status(lambda: other.space("lib")) == said
    assert status(lambda: opened(store.objects).space("lib")) == said


def test_who_writes_knows_what_others_did_a_moment_ago(objects: Objects, archive: Archive) -> None:
    """A writer doesn't look at all that others write, but isn't wrong about a version for that."""
    store, other = opened(objects, limits=Limits(charts=2)), opened(objects)
    store.upload("lib", archive("web", "1.0.0"))
    assert names(store) == names(other) == ["web 1.0.0"]
    other.delete_version("lib", "web", "1.0.0")
    store.upload("lib", archive("web", "1.0.0"))
    other.upload("lib", archive("web", "1.1.0"))
    taken = (409, "resource conflict because lib/web/1.1.0 exist")
    assert status(lambda: opened(objects).upload("lib", archive("web", "1.1.0"))) == taken
    assert status(lambda: store.upload("lib", archive("web", "1.2.0")))[0] == 403
    other.delete_version("lib", "web", "1.0.0")
    assert status(lambda: store.upload("lib", archive("web", "1.1.0", "b: 2\n"))) == taken
    store.upload("lib", archive("web", "1.2.0"))
    other.delete_space("lib")
    other.create_space("lib")
    store.upload("lib", archive("web", "1.2.0"))
    assert names(store) == names(other) == ["web 1.2.0"]


def test_writers_of_many_versions_read_few_notes(
    store: Store, other: Store, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    notes = catalog.Catalog._notes
    monkeypatch.setattr(catalog, "time", SimpleNamespace(monotonic=lambda: 1000.0, time=time.time))
    monkeypatch.setattr(catalog.Catalog, "_notes", lambda self, since: read.append(1) or notes(self, since))
    for number in range(20):
        (store, other)[number % 2].upload("lib", archive("web", f"1.{number}.0"))
    assert len(read) < 10
    assert names(store) == names(other) == [f"web 1.{number}.0" for number in range(20)]


def test_spaces_are_made_only_where_that_is_wanted(objects: Objects, archive: Archive) -> None:
    store = opened(objects, create_spaces=False)
    assert status(lambda: store.upload("lib", archive())) == (404, "lib not found")
    store.create_space("lib")
    store.upload("lib", archive())


@pytest.mark.parametrize("space", ["_bad", "-bad", "", "a/b", "..", "ä", "a" * 201])
def test_names_of_spaces(store: Store, archive: Archive, space: str) -> None:
    for act in (lambda: store.create_space(space), lambda: store.space(space), lambda: store.upload(space, archive())):
        assert status(act) == (400, f"space is invalid: {space}")
    assert store.spaces() == []


def test_what_is_refused_leaves_nothing(objects: Objects, archive: Archive) -> None:
    store = opened(objects, limits=Limits(upload=2000, decompressed=5000, charts=1))
    assert status(lambda: store.upload("lib", b"no archive"))[0] == 400
    assert status(lambda: store.upload("lib", archive("_bad"))) == (400, "chart is invalid: _bad")
    assert status(lambda: store.upload("lib", archive("web", "v1.0.0"))) == (400, "version is invalid: v1.0.0")
    assert status(lambda: store.upload("lib", b"x" * 2001)) == (413, "chart is larger than 2000 bytes")
    large = archive("web", text="a: 1\n" * 2000)
    assert status(lambda: store.upload("lib", large)) == (413, "decompressed chart is larger than 5000 bytes")
    assert store.spaces() == []
    assert list(store.objects.entries("blobs")) == []
    store.upload("lib", archive())
    assert status(lambda: store.upload("lib", archive("web", "2.0.0")))[0] == 403
    assert names(store) == ["web 1.0.0"]


def test_a_reader_from_cold(objects: Objects, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a snapshot, one that is behind, and one that is damaged."""
    monkeypatch.setattr(catalog, "_WORTH_A_SNAPSHOT", 3)
    store = opened(objects)
    for number in range(5):
        store.upload("lib", archive("web", f"1.{number}.0"))
    prefix = store.space("lib").prefix
    assert objects.head(f"{prefix}/snapshot") is None
    expected = [f"web 1.{number}.0" for number in range(5)]
    assert names(opened(objects)) == expected
    assert objects.head(f"{prefix}/snapshot") is not None
    store.replace("lib", "web", "1.1.0", archive("web", "1.1.0", "b: 2\n"))
    store.delete_version("lib", "web", "1.2.0")
    store.upload("lib", archive("api", "1.0.0"))
    expected = ["api 1.0.0", "web 1.0.0", "web 1.1.0", "web 1.3.0", "web 1.4.0"]
    again = opened(objects)
    assert names(again) == expected
    assert again.archive(again.space("lib").record("web", "1.1.0")) == archive("web", "1.1.0", "b: 2\n")
    objects.put(f"{prefix}/snapshot", b"damaged\n\n\n")
    assert names(opened(objects)) == expected


def test_a_reader_that_slept_longer_than_notes_are_kept(
    objects: Objects, store: Store, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = opened(objects)
    store.upload("lib", archive())
    assert names(reader) == ["web 1.0.0"]
    store.upload("lib", archive("web", "2.0.0"))
    prefix = store.space("lib").prefix
    for entry in list(objects.entries(f"{prefix}/changes")):
        objects.delete(entry.key)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 301)
    assert names(reader) == ["web 1.0.0", "web 2.0.0"]


def test_notes_are_forgotten_when_nobody_asks_for_them(
    objects: Objects, store: Store, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upload("lib", archive())
    place = store.space("lib")
    kept = catalog.Catalog(objects, place.prefix, lambda: True)
    kept.forget_notes()
    assert len(list(objects.entries(f"{place.prefix}/changes"))) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 700)
    kept.forget_notes()
    assert list(objects.entries(f"{place.prefix}/changes")) == []


def test_a_record_that_is_none_hides_only_itself(objects: Objects, store: Store, archive: Archive) -> None:
    store.upload("lib", archive())
    objects.put(f"{store.space('lib').prefix}/charts/web/2.0.0", b"{")
    assert names(opened(objects)) == ["web 1.0.0"]


IDENTIFIER = st.one_of(
    st.integers(0, 300).map(str), st.from_regex(r"[0-9]{0,2}[a-zA-Z-][0-9a-zA-Z-]{0,3}", fullmatch=True)
)
VERSION = st.builds(
    lambda core, pre, build: (
        ".".join(map(str, core)) + ("-" + ".".join(pre) if pre else "") + (f"+{build}" if build else "")
    ),
    st.tuples(*[st.integers(0, 20)] * 3),
    st.lists(IDENTIFIER, max_size=3),
    st.sampled_from(["", "1", "b.2"]),
)


@given(VERSION, VERSION)
def test_versions_are_ordered_as_their_precedence_says(one: str, other: str) -> None:
    compared = parse_strict(one).compare(parse_strict(other))
    if compared:
        assert (order(one) < order(other)) == (compared < 0)
    else:
        assert (order(one) == order(other)) == (one == other)


@given(st.lists(st.tuples(VERSION, st.booleans()), max_size=12))
def test_charts_hold_what_was_put_in_and_not_taken_out(steps: list[tuple[str, bool]]) -> None:
    chart: catalog.Chart | None = catalog.Chart("web", ())
    expected: set[str] = set()
    for version, put in steps:
        record = Record("web", version, "", 0, "", "", "", "", b"", b"") if put else None
        chart = (chart or catalog.Chart("web", ())).changed(version, record)
        (expected.add if put else expected.discard)(version)
    found = [record.version for record in chart.records] if chart else []
    assert found == sorted(expected, key=order)
    assert all(chart is not None and chart.find(version) for version in expected)


def test_a_limit_of_versions_holds_for_uploads_at_once(objects: Objects, archive: Archive) -> None:
    """However many come in one moment: whoever counts writes before the next one counts."""
    store = Store(objects, limits=Limits(charts=3), locks=MemoryLocker(120))
    store.create_space("lib")
    archives = [archive("web", f"{number}.0.0") for number in range(12)]
    told: list[int] = []

    def upload(data: bytes) -> None:
        try:
            store.upload("lib", data)
        except Problem as problem:
            told.append(problem.status)

    threads = [threading.Thread(target=upload, args=(data,)) for data in archives]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [403] * 9
    assert len(store.space("lib").view) == 3
