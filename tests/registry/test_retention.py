"""Rules for which versions stay, as a file states them, and what they remove."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from navarch.oci.manifest import IMAGE_MANIFEST
from navarch.registry.collecting import collect
from navarch.registry.config import Logs, parse_config
from navarch.registry.faces.oci.repository import Manifest, Repository
from navarch.registry.keys import SettingsError
from navarch.registry.locks import MemoryLocker
from navarch.registry.retention import Keep, Rule, retain
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.objects import StorageError
from navarch.registry.store.reading import load, record_of
from navarch.registry.store.records import order
from navarch.registry.store.store import Store
from navarch.registry.upkeep import Plan, Upkeep, begin
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = 86400.0


def opened() -> Store:
    return Store(Bucket(MemoryStore()), locks=MemoryLocker(0.01))


def add(store: Store, name: str, version: str, *, days: float = 0, space: str = "lib") -> None:
    """A version that came so many days ago."""
    archive = packed(name, version)
    created = (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    chart = load(archive, store.names, store.limits)
    store.blobs.put(archive)
    store.publish(store.space_to_write(space), *record_of(chart, archive, created=created))


def rules(text: str) -> tuple[Rule, ...]:
    indented = text.replace("\n", "\n    ")
    config = f"manager: {{parameters: {{storagedriver: inmemory}}}}\nretention:\n  rules:\n    {indented}\n"
    return parse_config(config).upkeep.rules


def left(store: Store, found: Sequence[Rule], space: str = "lib") -> list[str]:
    """What stays of charts in a space: "web 1.0.0"."""
    would = retain(store, found, dry_run=True, now=NOW.timestamp())
    did = retain(store, found, now=NOW.timestamp())
    assert would == did
    assert retain(store, found, now=NOW.timestamp()).removed == []
    versions = [f"{record.chart} {record.version}" for record in store.space(space).view.records()]
    assert did.kept == sum(len(store.space(name).view) for name in store.spaces())
    return versions


def filled() -> Store:
    """web 1.0.0 (50 days old), 1.1.0-rc.1 (45), 1.1.0 (40), 1.10.0 (30), 2.0.0-rc.1 (20), 2.0.0 (10)."""
    store = opened()
    ages = {"1.0.0": 50, "1.1.0-rc.1": 45, "1.1.0": 40, "1.10.0": 30, "2.0.0-rc.1": 20, "2.0.0": 10}
    for version, days in ages.items():
        add(store, "web", version, days=days)
    return store


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("- {newest: 2}", "1.1.0-rc.1 1.10.0 2.0.0-rc.1 2.0.0"),  # two of each kind
        ("- {newest: 1}", "2.0.0-rc.1 2.0.0"),
        ("- {newest: 9}", "1.0.0 1.1.0-rc.1 1.1.0 1.10.0 2.0.0-rc.1 2.0.0"),
        ("- {younger: 35d}", "1.10.0 2.0.0-rc.1 2.0.0"),
        ("- {younger: 6w, newest: 1}", "1.1.0 1.10.0 2.0.0-rc.1 2.0.0"),
        ("- {younger: 1h}", "2.0.0"),  # the latest stays
        ("- {newest: 0}", ""),  # unless it is said that none is to
        ("- {newest: 0, younger: 240h}", ""),  # ten days aren't less than ten days
        ("- {newest: 0, younger: 10.5d}", "2.0.0"),
        ("- {versions: '^1'}", "1.0.0 1.1.0 1.10.0 2.0.0"),  # as in Helm, no pre-releases, unless it names one
        ("- {versions: '>=1.1.0-0 <2.0.0-0'}", "1.1.0-rc.1 1.1.0 1.10.0 2.0.0"),
        ("- {newest: 1, prereleases: {newest: 0}}", "2.0.0"),
        ("- {newest: 1, prereleases: {younger: 46d}}", "1.1.0-rc.1 2.0.0-rc.1 2.0.0"),
        ("- {newest: 1, prereleases: {}}", "1.1.0-rc.1 2.0.0-rc.1 2.0.0"),
        ("- {}", "1.0.0 1.1.0-rc.1 1.1.0 1.10.0 2.0.0-rc.1 2.0.0"),
        ("- {charts: ['w?b']}\n- {newest: 1}", "1.0.0 1.1.0-rc.1 1.1.0 1.10.0 2.0.0-rc.1 2.0.0"),  # the first that fits
        ("- {charts: [api], newest: 0}\n- {newest: 1}", "2.0.0-rc.1 2.0.0"),
        ("- {spaces: [other], newest: 1}", "1.0.0 1.1.0-rc.1 1.1.0 1.10.0 2.0.0-rc.1 2.0.0"),
        ("- {spaces: ['l*'], newest: 1}", "2.0.0-rc.1 2.0.0"),
    ],
)
def test_rules(text: str, stays: str) -> None:
    assert left(filled(), rules(text)) == [f"web {version}" for version in stays.split()]


def test_a_chart_of_pre_releases_only_keeps_the_latest() -> None:
    store = opened()
    for number in range(3):
        add(store, "web", f"1.0.0-rc.{number}", days=50 - number)
    assert left(store, rules("- {newest: 2, prereleases: {younger: 1d}}")) == ["web 1.0.0-rc.2"]


def test_what_a_tag_names_stays() -> None:
    store = filled()
    place = store.space("lib")
    repository = Repository.open_to_write(store, "lib/web")
    record = place.record("web", "1.0.0")
    manifest = Manifest(record.manifest, IMAGE_MANIFEST, store.manifest(place, record))
    repository.put_manifest(manifest, "", {})
    repository.put_tag("stable", record.manifest)
    assert left(store, rules("- {newest: 1}")) == ["web 1.0.0", "web 2.0.0-rc.1", "web 2.0.0"]
    assert repository.manifest("stable").digest == record.manifest


def test_what_somebody_is_changing_stays() -> None:
    store = filled()
    with store.locks.hold("lib/web/1.0.0"):
        found = retain(store, rules("- {newest: 1}"), now=NOW.timestamp())
    assert sorted(one.version for one in found.removed) == ["1.1.0", "1.1.0-rc.1", "1.10.0"]
    assert store.space("lib").record("web", "1.0.0")


def test_what_was_replaced_at_the_very_moment_stays() -> None:
    store = filled()
    place = store.space("lib")
    old = place.record("web", "1.0.0")
    store.replace("lib", "web", "1.0.0", packed("web", "1.0.0", {"README.md": "new"}))
    assert not store.delete_record(place, old)
    assert store.space("lib").record("web", "1.0.0").digest != old.digest
    assert store.delete_record(place, place.record("web", "1.1.0"))
    assert not store.delete_record(place, place.record("web", "1.1.0"))
    assert not store.space("lib").chart("web").find("1.1.0")


def test_archives_go_with_the_next_collection() -> None:
    store = filled()
    retain(store, rules("- {newest: 1}"), now=NOW.timestamp())
    assert collect(store.objects, spare=-1).blobs.number == 4


VERSIONS = st.lists(
    st.tuples(
        st.builds("{}.{}.0{}".format, st.integers(0, 3), st.integers(0, 12), st.sampled_from(["", "-rc.1", "-rc.2"])),
        st.integers(0, 60),
    ),
    unique_by=lambda pair: pair[0],
    max_size=8,
)
KEEPS = st.builds(
    Keep,
    newest=st.none() | st.integers(1, 4),
    younger=st.none() | st.floats(0, 60 * DAY),
    versions=st.sampled_from(["", "^1", ">=2.0.0-0"]),
)


@given(VERSIONS, KEEPS, st.none() | KEEPS)
def test_laws(versions: list[tuple[str, int]], releases: Keep, prereleases: Keep | None) -> None:
    """The latest stays; as many as are to stay do, and those are the newest; what is young enough stays."""
    store = opened()
    for version, days in versions:
        add(store, "web", version, days=days)
    stays = set(left(store, (Rule(releases, prereleases),), "lib")) if versions else set()
    for is_pre, keep in ((False, releases), (True, releases if prereleases is None else prereleases)):
        mine = sorted((pair for pair in versions if ("-" in pair[0]) == is_pre), key=lambda pair: order(pair[0]))
        for version, _ in mine[-keep.newest :] if keep.newest else ():
            assert f"web {version}" in stays
        for version, days in mine:
            assert keep.younger is None or days * DAY >= keep.younger or f"web {version}" in stays
        if keep == Keep():
            assert all(f"web {version}" in stays for version, _ in mine)
        elif keep == Keep(newest=keep.newest):
            assert sum(f"web {version}" in stays for version, _ in mine) <= max(keep.newest or 0, 1)
    if versions:
        latest = max(versions, key=lambda pair: ("-" not in pair[0], order(pair[0])))[0]
        assert f"web {latest}" in stays


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("retention: {rules: [{newest: -1}]}", "retention.rules[0].newest should be a number from 0 to"),
        ("retention: {rules: [{newest: 1.5}]}", "retention.rules[0].newest should be a whole number"),
        ("retention: {rules: [{younger: 3x}]}", "retention.rules[0].younger should be a time like 90s, 12h, 30d or 2w"),
        ("retention: {rules: [{younger: -3d}]}", "retention.rules[0].younger should be a time like"),
        ("retention: {rules: [{}, {versions: '>= nope'}]}", "retention.rules[1].versions: "),
        ("retention: {rules: [{oldest: 1}]}", "retention.rules[0].oldest is an unknown key"),
        ("retention: {rules: [{prereleases: {newer: 1}}]}", "retention.rules[0].prereleases.newer is an unknown key"),
        ("retention: {rules: [{prereleases: 3}]}", "retention.rules[0].prereleases should be a mapping"),
        ("retention: {rules: [{spaces: all}]}", "retention.rules[0].spaces should be a list of texts"),
        ("retention: {rules: {newest: 1}}", "retention.rules should be a list"),
        ("retention: {every: 1d}", "retention.rules is missing"),
        ("retention: {each: 1d}", "retention.each is an unknown key"),
        ("collection: {every: daily}", "collection.every should be a time like"),
        ("collection: {every: 0.5s}", "collection.every should be a second or more"),
        ("collection: [1h]", "collection should be a mapping"),
    ],
)
def test_bad_settings(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_config(f"manager: {{parameters: {{storagedriver: inmemory}}}}\n{text}")
    assert str(caught.value).startswith(message)


def test_settings() -> None:
    text = "collection: {every: 6h, spare: 90s}\nretention: {every: 1d, rules: [{newest: 3}]}"
    plan = parse_config(f"manager: {{parameters: {{storagedriver: inmemory}}}}\n{text}").upkeep
    assert plan == Plan(21600, 90, 86400, (Rule(Keep(newest=3)),))
    assert plan.untagged is None
    text = "manager: {parameters: {storagedriver: inmemory}}\ncollection: {untagged: 30d}"
    assert parse_config(text).upkeep.untagged == 30 * 86400


# By itself


def test_one_of_all_servers_begins() -> None:
    objects = opened().objects
    assert not begin(objects, "collection", 60, 1000)  # its time is counted from here
    assert [begin(objects, "collection", 60, now) for now in (1001, 1059, 1061, 1062, 1122)] == [
        False,
        False,
        True,
        False,
        True,
    ]
    objects.put("upkeep/collection", b"damaged")
    assert begin(objects, "collection", 60, 1123)
    assert not begin(objects, "collection", 60, 1124)


def test_two_that_look_at_the_same_moment() -> None:
    store = opened()
    begin(store.objects, "collection", 60, 1000)

    class Late:
        """The other one looks after we have read, and before we write."""

        def __getattr__(self, name: str) -> object:
            if name == "swap":
                assert begin(store.objects, "collection", 60, 1061)
            return getattr(store.objects, name)

    assert not begin(Late(), "collection", 60, 1061)  # type: ignore[arg-type]


def test_a_server_keeps_house(tmp_path: Path) -> None:
    store = filled()
    said: list[str] = []
    logs = Logs(audit=str(tmp_path / "audit"))
    plan = Plan(60, -1, 60, rules("- {newest: 1}"))
    upkeep = Upkeep(store, plan, logs, say=said.append)
    upkeep.look(1000)
    assert said == []
    upkeep.look(1061)
    assert said[0] == "retention: 4 versions removed, 2 kept"
    assert said[1].startswith("collection: 4 blobs, ")
    lines = [json.loads(line) for line in (tmp_path / "audit").read_text().splitlines()]
    assert {(line["who"], line["action"], line["space"], line["method"]) for line in lines} == {
        ("retention", "delete", "lib", "DELETE")
    }
    assert sorted(line["what"] for line in lines) == [
        "lib/web/1.0.0",
        "lib/web/1.1.0",
        "lib/web/1.1.0-rc.1",
        "lib/web/1.10.0",
    ]


def test_failing_storage_does_not_end_it() -> None:
    store = opened()
    said: list[str] = []
    upkeep = Upkeep(store, Plan(1, 60), Logs(), say=said.append)

    def fail(_now: float) -> None:
        upkeep.stop()
        raise StorageError("storage: gone")

    upkeep.look = fail  # type: ignore[method-assign]
    upkeep.start()
    assert upkeep._thread is not None
    upkeep._thread.join(120)
    assert said == ["upkeep: storage: gone"]
