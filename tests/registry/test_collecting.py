"""Collecting what nothing refers to, on disk and in memory, and while others write."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from obstore.store import MemoryStore

from navarch.oci.manifest import CHART, CONFIG, IMAGE_INDEX, IMAGE_MANIFEST
from navarch.registry.collecting import Collected, Tally, collect
from navarch.registry.faces.oci.manifests import push
from navarch.registry.faces.oci.repository import Repository
from navarch.registry.faces.oci.uploads import Upload
from navarch.registry.locks import MemoryLocker
from navarch.registry.problems import Problem
from navarch.registry.store.blobs import digest_of
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.catalog import record_key
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.objects import StorageError
from navarch.registry.store.store import Store
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from navarch.registry.store.objects import Objects


@pytest.fixture(params=["disk", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Filesystem(str(tmp_path / "root")) if request.param == "disk" else Bucket(MemoryStore())


def opened(objects: Objects) -> Store:
    return Store(objects, locks=MemoryLocker(1))


@pytest.fixture
def store(objects: Objects) -> Store:
    return opened(objects)


def later(objects: Objects, **options: Any) -> Collected:
    """A collection for which everything that was written so far is old."""
    time.sleep(0.01)
    return collect(objects, spare=0, **options)


def all_keys(objects: Objects) -> set[str]:
    return {key for prefix in ("blobs", "trash", "data", "spaces") for key in objects.keys(prefix)}


def keep_blob(repository: Repository, data: bytes, folder: Path) -> str:
    path = folder / digest_of(data)  # storage may take the file itself
    path.write_bytes(data)
    Upload.begin(repository).finish(str(path), digest_of(data))
    return digest_of(data)


def image(config: bytes, *layers: bytes, kind: str = "text/plain", layer_kind: str = "text/plain") -> bytes:
    def part(data: bytes, media_type: str) -> dict[str, Any]:
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

    fields = {"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": part(config, kind)}
    return json.dumps({**fields, "layers": [part(layer, layer_kind) for layer in layers]}).encode()


def test_what_is_needed_stays(objects: Objects, store: Store, tmp_path: Path) -> None:
    data, other = packed("web", "1.0.0"), packed("api", "2.0.0")
    store.upload("lib", data, b"proof")
    repository = Repository.open_to_write(store, "lib/thing")
    for blob in (b"{}", b"layer"):
        keep_blob(repository, blob, tmp_path)
    push(repository, "v1", image(b"{}", b"layer"), IMAGE_MANIFEST)
    pushed = Repository.open_to_write(store, "lib/api")
    for blob in (b'{"name":"api"}', other):
        keep_blob(pushed, blob, tmp_path)
    push(pushed, "2.0.0", image(b'{"name":"api"}', other, kind=CONFIG, layer_kind=CHART), IMAGE_MANIFEST)
    before = all_keys(objects)
    for _ in range(2):
        assert set(later(objects)) == {Tally()}
    assert all_keys(objects) == before
    found = opened(objects)
    assert found.archive(found.space("lib").record("web", "1.0.0")) == data
    assert found.blobs.get(found.space("lib").record("web", "1.0.0").prov) == b"proof"
    assert found.archive(found.space("lib").record("api", "2.0.0")) == other
    assert found.blobs.get(digest_of(b"layer")) == b"layer"


def test_removed_versions_go_in_two_steps(objects: Objects, store: Store) -> None:
    data = packed("web", "1.0.0")
    store.upload("lib", data, b"proof")
    store.upload("lib", packed("web", "2.0.0"))
    store.delete_version("lib", "web", "1.0.0")
    size = len(data) + len(b"proof")
    said: list[str] = []
    would = later(objects, dry_run=True, say=said.append)
    assert would.blobs == Tally(2, size)
    assert len(said) == 2
    assert store.blobs.get(digest_of(data)) == data
    assert later(objects).blobs == Tally(2, size)
    assert store.blobs.size(digest_of(data)) is None
    assert collect(objects, spare=60) == collect(objects, spare=60, dry_run=True)
    assert len(objects.keys("trash")) == 2
    assert later(objects).trash == Tally(2, size)
    assert not objects.keys("trash")
    assert set(later(objects)) == {Tally()}
    assert len(objects.keys("blobs")) == 1


def test_what_is_young_is_spared(objects: Objects, store: Store) -> None:
    store.blobs.put(b"on its way")
    assert set(collect(objects, spare=60)) == {Tally()}
    assert store.blobs.get(digest_of(b"on its way")) == b"on its way"


def test_links_that_no_manifest_needs_go(objects: Objects, store: Store, tmp_path: Path) -> None:
    repository = Repository.open_to_write(store, "lib/thing")
    for blob in (b"{}", b"layer", b"forgotten"):
        keep_blob(repository, blob, tmp_path)
    manifest = push(repository, "v1", image(b"{}", b"layer"), IMAGE_MANIFEST)
    found = later(objects)
    assert (found.links.number, found.blobs) == (1, Tally(1, len(b"forgotten")))
    assert repository.has_blob(digest_of(b"layer"))
    assert not repository.has_blob(digest_of(b"forgotten"))
    repository.delete_manifest(manifest.digest)
    found = later(objects)
    assert (found.links.number, found.blobs.number) == (2, 3)


def test_uploads_that_nobody_goes_on_with_go(objects: Objects, store: Store, tmp_path: Path) -> None:
    repository = Repository.open_to_write(store, "lib/thing")
    upload = Upload.begin(repository)
    (tmp_path / "piece").write_bytes(b"piece")
    upload.add(str(tmp_path / "piece"), "")
    assert collect(objects, spare=60).uploads == Tally()
    assert later(objects, dry_run=True).uploads == Tally(2, 5)
    assert Upload(repository, upload.name).size == 5
    assert later(objects).uploads == Tally(2, 5)
    with pytest.raises(Problem):
        Upload(repository, upload.name)


def test_what_was_in_a_removed_space_goes(objects: Objects, store: Store) -> None:
    store.upload("gone", packed("web", "1.0.0"))
    store.upload("lib", packed("api", "1.0.0"))
    store.delete_space("gone")
    assert len(objects.children("data")) == 2
    found = later(objects)
    assert found.spaces.number >= 1
    assert found.blobs.number == 1
    assert len(objects.children("data")) == 1
    assert [record.chart for record in opened(objects).space("lib").view.records()] == ["api"]


def test_a_space_whose_tick_was_lost_is_no_removed_one(objects: Objects, store: Store) -> None:
    store.upload("lib", packed("web", "1.0.0"))
    (name,) = objects.children("data")
    objects.delete(f"data/{name}/tick")
    found = later(objects)
    assert (found.spaces, found.blobs) == (Tally(), Tally())


@pytest.mark.parametrize("broken", ["record", "space", "manifest"])
def test_nothing_goes_when_something_cannot_be_read(
    objects: Objects, store: Store, tmp_path: Path, broken: str
) -> None:
    store.upload("lib", packed("web", "1.0.0"))
    place = store.space("lib")
    repository = Repository.open_to_write(store, "lib/thing")
    keep_blob(repository, b"{}", tmp_path)
    manifest = push(repository, "v1", image(b"{}"), IMAGE_MANIFEST)
    store.blobs.put(b"garbage")
    keys = {
        "record": record_key(place.prefix, "web", "1.0.0"),
        "space": "spaces/lib",
        "manifest": store.blobs.key(manifest.digest),
    }
    objects.put(keys[broken], b"[not what it was")
    before = all_keys(objects)
    with pytest.raises(StorageError, match="nothing is collected"):
        later(objects)
    assert all_keys(objects) == before


class Meanwhile:
    """Objects that let something happen right before a blob is deleted."""

    def __init__(self, objects: Objects, act: Callable[[], object]) -> None:
        self._objects = objects
        self._act = [act]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def delete(self, key: str) -> None:
        if key.startswith("blobs/") and self._act:
            self._act.pop()()
        self._objects.delete(key)


def test_an_upload_at_the_very_moment_is_whole(objects: Objects, store: Store) -> None:
    data = packed("web", "1.0.0")
    store.upload("lib", data)
    store.delete_version("lib", "web", "1.0.0")
    later(Meanwhile(objects, lambda: store.upload("lib", data)))  # type: ignore[arg-type]
    assert store.archive(store.space("lib").record("web", "1.0.0")) == data
    assert not objects.keys("trash")


def test_a_manifest_at_the_very_moment_is_whole(objects: Objects, store: Store, tmp_path: Path) -> None:
    repository = Repository.open_to_write(store, "lib/thing")
    for blob in (b"{}", b"layer"):
        keep_blob(repository, blob, tmp_path)
    manifest = image(b"{}", b"layer")

    class Late(Meanwhile):
        def delete(self, key: str) -> None:
            if "/_blobs/" in key and self._act:
                self._act.pop()()
            self._objects.delete(key)

    later(Late(objects, lambda: push(repository, "v1", manifest, IMAGE_MANIFEST)))  # type: ignore[arg-type]
    assert repository.manifest("v1").data == manifest
    for blob in (b"{}", b"layer"):
        assert repository.has_blob(digest_of(blob))
        assert store.blobs.get(digest_of(blob)) == blob


def test_cut_off_after_any_step_it_loses_nothing(tmp_path: Path) -> None:
    """The process dies after its n-th write; what is there is read then, and the next collection ends the work."""
    for steps in range(12):
        objects = Filesystem(str(tmp_path / str(steps)))
        store = opened(objects)
        data = packed("web", "1.0.0")
        store.upload("lib", data)
        for number in range(3):
            store.blobs.put(b"garbage %d" % number)
        dying = Dying(objects, steps)
        with pytest.raises(EOFError) if steps < 6 else _nothing():
            later(dying)  # type: ignore[arg-type]
        found = opened(objects)
        assert found.archive(found.space("lib").record("web", "1.0.0")) == data
        later(objects)
        later(objects)
        assert len(objects.keys("blobs")) == 1
        assert not objects.keys("trash")


class Dying:
    """Objects that can be changed so many times."""

    def __init__(self, objects: Objects, steps: int) -> None:
        self._objects = objects
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        if name in {"copy", "put", "delete", "create", "swap"}:
            if not self._steps:
                raise EOFError
            self._steps -= 1
        return getattr(self._objects, name)


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def test_beside_writers(objects: Objects, store: Store) -> None:
    """Versions come, go and come again with the same content, while one collection follows another."""
    data = [packed("web", f"{number}.0.0") for number in range(4)]
    kept = packed("kept", "1.0.0")
    store.upload("lib", kept)
    stop = threading.Event()

    def collecting() -> None:
        while not stop.is_set():
            collect(objects, spare=0)

    def writing(number: int) -> None:
        mine = opened(objects)
        for _ in range(8):
            record = mine.upload("lib", data[number])
            assert record.version == f"{number}.0.0"
            mine.delete_version("lib", "web", record.version)
        mine.upload("lib", data[number])

    with ThreadPoolExecutor(5) as threads:
        collector = threads.submit(collecting)
        try:
            list(threads.map(writing, range(4)))
        finally:
            stop.set()
        collector.result()
    later(objects)
    found = opened(objects)
    for number in range(4):
        assert found.archive(found.space("lib").record("web", f"{number}.0.0")) == data[number]
    assert found.archive(found.space("lib").record("kept", "1.0.0")) == kept


def test_copies_count_as_new(tmp_path: Path) -> None:
    objects = Filesystem(str(tmp_path))
    objects.put("a/b", b"data")
    os.utime(tmp_path / "a/b", (1, 1))
    objects.copy("a/b", "c")
    found = objects.head("c")
    assert found is not None
    assert found.modified > time.time() - 60
    assert objects.get("c")[0] == b"data"


# Manifests that no tag leads to


class Shelf:
    """A repository that manifests are put into; each has the name of its only annotation."""

    def __init__(self, store: Store, folder: Path, name: str = "lib/thing") -> None:
        self.repository = Repository.open_to_write(store, name)
        keep_blob(self.repository, b"{}", folder)
        self.digests: dict[str, str] = {}

    def put(self, name: str, tag: str = "", *, lists: str = "", subject: str = "") -> None:
        def described(other: str) -> dict[str, Any]:
            digest = self.digests.get(other, other)
            return {"mediaType": IMAGE_MANIFEST, "digest": digest, "size": 9}

        fields = json.loads(image(b"{}"))
        kind = IMAGE_MANIFEST
        if lists:
            kind = IMAGE_INDEX
            fields = {"schemaVersion": 2, "mediaType": kind, "manifests": [described(one) for one in lists.split()]}
        if subject:
            fields["subject"] = described(subject)
        data = json.dumps({**fields, "annotations": {"name": name}}).encode()
        self.digests[name] = digest_of(data)
        push(self.repository, tag or digest_of(data), data, kind)

    def there(self) -> str:
        found = []
        repository = Repository.open(self.repository.store, self.repository.name)
        for name, digest in self.digests.items():
            try:
                repository.manifest(digest)
            except Problem:
                continue
            found.append(name)
        return " ".join(found)


def test_untagged_manifests_go_only_when_that_is_asked_for(objects: Objects, store: Store, tmp_path: Path) -> None:
    shelf = Shelf(store, tmp_path)
    shelf.put("old", "v1")
    shelf.put("new", "v1")
    before = all_keys(objects)
    assert set(later(objects)) == {Tally()}
    assert later(objects, untagged=60) == collect(objects, spare=60, untagged=0) == Collected()
    size = len(store.blobs.get(shelf.digests["old"]))
    said: list[str] = []
    assert later(objects, untagged=0, dry_run=True, say=said.append).manifests == Tally(1, size)
    assert [key.rpartition("/")[2] for key in said] == [shelf.digests["old"].partition(":")[2]]
    assert all_keys(objects) == before
    found = later(objects, untagged=0)
    assert (found.manifests, found.blobs) == (Tally(1, size), Tally(1, size))
    assert shelf.there() == "new"
    assert later(objects, untagged=0).manifests == Tally()


def test_what_belongs_to_a_tagged_manifest_stays(objects: Objects, store: Store, tmp_path: Path) -> None:
    shelf = Shelf(store, tmp_path)
    gone = digest_of(b"gone")
    shelf.put("image")
    shelf.put("deep")
    shelf.put("inner", lists="deep")
    shelf.put("index", "v1", lists=f"image inner {digest_of(b'never here')}")
    shelf.put("signature", subject="image")
    shelf.put("of signature", subject="signature")
    shelf.put("subject")
    shelf.put("tagged signature", "sig", subject="subject")
    kept = shelf.there()
    shelf.put("lost signature", subject=gone)
    shelf.put("alone")
    shelf.put("index of it", lists="alone")
    shelf.put("signature of it", subject="index of it")
    shelf.put("tail", subject="lost signature")
    assert later(objects, untagged=0).manifests.number == 5
    assert shelf.there() == kept
    assert [one["digest"] for one in shelf.repository.referrers(shelf.digests["image"])] == [shelf.digests["signature"]]
    assert shelf.repository.referrers(gone) == []
    shelf.repository.delete_manifest("v1")
    later(objects, untagged=0)
    assert shelf.there() == "subject tagged signature"
    assert later(objects, untagged=0).manifests == Tally()


def test_versions_are_no_untagged_manifests(objects: Objects, store: Store, tmp_path: Path) -> None:
    shelf = Shelf(store, tmp_path, "lib/web")
    store.upload("lib", packed("web", "1.0.0"))
    shelf.digests["web"] = store.space("lib").record("web", "1.0.0").manifest
    shelf.put("signature", subject="web")
    later(objects, untagged=0)
    assert shelf.there() == "web signature"
    store.delete_version("lib", "web", "1.0.0")
    assert later(objects, untagged=0).manifests.number == 1
    assert shelf.there() == ""


@pytest.mark.parametrize("meanwhile", ["tag", "index", "push"])
def test_what_gets_a_tag_at_the_very_moment_stays(
    objects: Objects, store: Store, tmp_path: Path, meanwhile: str
) -> None:
    shelf = Shelf(store, tmp_path)
    shelf.put("image")
    shelf.put("signature", subject="image")
    shelf.put("other")

    def act() -> None:
        if meanwhile == "tag":
            shelf.repository.put_tag("v1", shelf.digests["image"])
        elif meanwhile == "index":
            shelf.put("index", "v1", lists="image")
        else:
            shelf.put("image", "v1")

    class Late(Meanwhile):
        def delete(self, key: str) -> None:
            if ("/_manifests/" in key or "/_referrers/" in key) and self._act:
                self._act.pop()()
            self._objects.delete(key)

    found = later(Late(objects, act), untagged=0)  # type: ignore[arg-type]
    assert found.manifests.number == 1
    assert "other" not in shelf.there()
    assert shelf.there().startswith("image signature")
    assert shelf.repository.referrers(shelf.digests["image"])
    assert shelf.repository.has_blob(digest_of(b"{}"))


class Stopping(Meanwhile):
    """Objects with which a collection acts, removes a manifest, and then dies."""

    dead = False

    def __getattribute__(self, name: str) -> Any:
        if name not in {"_objects", "_act", "dead", "delete"} and self.dead:
            raise EOFError
        return super().__getattribute__(name)

    def delete(self, key: str) -> None:
        if self.dead:
            raise EOFError
        mine = "/_manifests/" in key
        if mine and self._act:
            self._act.pop()()
        self._objects.delete(key)
        self.dead = mine


@pytest.mark.parametrize("meanwhile", ["tag", "index", "push"])
def test_killed_at_the_very_moment_it_loses_no_manifest(
    objects: Objects, store: Store, tmp_path: Path, meanwhile: str
) -> None:
    """It dies when a manifest is gone that somebody tagged right before; the next collection puts that back."""
    shelf = Shelf(store, tmp_path)
    shelf.put("image")
    acts = {
        "tag": lambda: shelf.repository.put_tag("v1", shelf.digests["image"]),
        "index": lambda: shelf.put("index", "v1", lists="image"),
        "push": lambda: shelf.put("image", "v1"),
    }
    with pytest.raises(EOFError):
        later(Stopping(objects, acts[meanwhile]), untagged=0)  # type: ignore[arg-type]
    collect(objects, spare=60, untagged=0)
    assert shelf.there().startswith("image")
    assert json.loads(shelf.repository.manifest(shelf.digests["image"]).data)["annotations"] == {"name": "image"}
    assert shelf.repository.has_blob(digest_of(b"{}"))
    assert store.blobs.get(digest_of(b"{}")) == b"{}"


@pytest.mark.parametrize("untagged", [0, None])
def test_a_tag_that_comes_late_finds_its_manifest_after_the_next_collection(
    objects: Objects, store: Store, tmp_path: Path, untagged: int | None
) -> None:
    """Whoever tags saw the manifest; all of it was collected before the tag was written, and its server died then."""
    shelf = Shelf(store, tmp_path)
    shelf.put("image")
    shelf.put("signature", subject="image")
    later(objects, untagged=0)
    assert shelf.there() == ""
    assert not shelf.repository.has_blob(digest_of(b"{}"))
    shelf.repository.put_tag("v1", shelf.digests["image"])
    collect(objects, spare=60, untagged=untagged)
    assert shelf.there() == "image signature"
    assert shelf.repository.referrers(shelf.digests["image"])
    assert shelf.repository.has_blob(digest_of(b"{}"))
    assert store.blobs.get(digest_of(b"{}")) == b"{}"
    later(objects)
    later(objects)
    assert objects.keys("trash") == []
    assert shelf.there() == "image signature"


def test_a_push_that_is_slower_than_a_whole_collection_is_whole(objects: Objects, store: Store, tmp_path: Path) -> None:
    """A manifest is pushed again while it is removed; its tag is written when the collection is over."""
    shelf = Shelf(store, tmp_path)
    shelf.put("image")
    waits, collected = threading.Event(), threading.Event()

    class Slow(Meanwhile):
        def put(self, key: str, data: bytes, **options: Any) -> str:
            if "/_tags/" in key:
                waits.set()
                assert collected.wait(60)
            return str(self._objects.put(key, data, **options))

    slow = opened(Slow(objects, lambda: None))  # type: ignore[arg-type]
    data = store.blobs.get(shelf.digests["image"])

    def push_slowly() -> None:
        push(Repository.open(slow, "lib/thing"), "v1", data, IMAGE_MANIFEST)

    with ThreadPoolExecutor(1) as thread:
        pushing: list[Any] = []

        class Late(Meanwhile):
            def delete(self, key: str) -> None:
                if "/_manifests/" in key and not pushing:
                    pushing.append(thread.submit(push_slowly))
                    assert waits.wait(60)
                self._objects.delete(key)

        later(Late(objects, lambda: None), untagged=0)  # type: ignore[arg-type]
        assert len(pushing) == 1
        assert shelf.there() == ""
        collected.set()
        pushing[0].result(60)
    assert shelf.repository.manifest("v1").data == data
    assert shelf.repository.has_blob(digest_of(b"{}"))
    later(objects)
    assert store.blobs.get(digest_of(b"{}")) == b"{}"


def test_links_stay_gone_that_only_another_repository_needs(objects: Objects, store: Store, tmp_path: Path) -> None:
    shelf, other = Shelf(store, tmp_path), Shelf(store, tmp_path, "lib/other")
    shelf.put("image", "v1")
    assert later(objects).links.number == 1
    assert later(objects).links.number == 0
    assert not other.repository.has_blob(digest_of(b"{}"))
    assert shelf.repository.has_blob(digest_of(b"{}"))


def test_no_manifest_goes_when_one_cannot_be_read(objects: Objects, store: Store, tmp_path: Path) -> None:
    shelf = Shelf(store, tmp_path)
    shelf.put("old")
    shelf.put("damaged", "v1")
    objects.put(store.blobs.key(shelf.digests["damaged"]), b"{")
    with pytest.raises(StorageError, match="nothing is collected"):
        later(objects, untagged=0)
    assert objects.head(f"{shelf.repository.prefix}/_manifests/{shelf.digests['old'].replace(':', '/')}")
