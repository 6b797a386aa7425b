"""Archives that cost more than they weigh: what they would take in memory and time is bounded before it is taken."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
import time
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from navarch.oci.manifest import CHART, CONFIG, IMAGE_MANIFEST
from navarch.registry.app import App
from navarch.registry.config import parse_config
from navarch.registry.faces.oci.manifests import push
from navarch.registry.faces.oci.repository import Repository
from navarch.registry.http import Site
from navarch.registry.locks import MemoryLocker
from navarch.registry.names import Names
from navarch.registry.problems import Problem
from navarch.registry.store import blobs, reading
from navarch.registry.store.blobs import digest_of
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.objects import StorageError
from navarch.registry.store.reading import Limits, load
from navarch.registry.store.store import Store
from support.asgi import call
from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.chart.model import Chart

MEGABYTE = 1 << 20


def read(archive: bytes, limits: Limits | None = None) -> Chart:
    return load(archive, Names(), limits or Limits())


def refused(archive: bytes, limits: Limits | None = None) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        read(archive, limits)
    return caught.value.status, str(caught.value)


def tarred(*entries: tarfile.TarInfo) -> bytes:
    """A chart "web", and entries without content behind its Chart.yaml."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        data = chart_yaml("web", "1.0.0").encode()
        first = tarfile.TarInfo("web/Chart.yaml")
        first.size = len(data)
        tar.addfile(first, io.BytesIO(data))
        for entry in entries:
            tar.addfile(entry)
    return out.getvalue()


def many(kind: bytes, count: int) -> list[tarfile.TarInfo]:
    found = []
    for number in range(count):
        entry = tarfile.TarInfo(f"web/{number}")
        entry.type = kind
        found.append(entry)
    return found


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_entries_are_counted(monkeypatch: pytest.MonkeyPatch, kind: bytes) -> None:
    monkeypatch.setattr(reading, "_MOST_FILES", 50)
    read(tarred(*many(kind, 49)))
    status, told = refused(tarred(*many(kind, 50)))
    assert (status, "more than" in told or "maximum of 50 files" in told) == (413, True)


def test_headers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_FILES", 50)
    header = tarfile.TarInfo.create_pax_global_header({"comment": "x"})
    archive = gzip.compress(header * 60 + gzip.decompress(tarred()))
    assert refused(archive)[0] == 413


def test_archives_in_archives_have_one_limit_together() -> None:
    """Bombs in a bomb: each is small enough, all of them aren't."""
    inner = packed("sub", "1.0.0", {"x": bytes(MEGABYTE)})
    outer = packed("web", "1.0.0", {f"charts/s{number}.tgz": inner for number in range(8)})
    assert len(outer) < MEGABYTE / 10
    assert refused(outer, Limits(decompressed=5 * MEGABYTE)) == (413, "decompressed chart is larger than 5242880 bytes")
    assert len(read(outer, Limits(decompressed=9 * MEGABYTE)).dependencies) == 8


def test_entries_of_archives_in_archives_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_FILES", 50)
    inner = packed("sub", "1.0.0", {f"x{number}": "" for number in range(20)})
    assert refused(packed("web", "1.0.0", {f"charts/s{number}.tgz": inner for number in range(3)}))[0] == 413


@pytest.mark.parametrize("depth", [64, 350])
def test_charts_in_charts_in_charts(depth: int) -> None:
    archive = packed("c", "1.0.0")
    for number in range(depth):
        if number == 63:
            read(archive)
        archive = packed("c", "1.0.0", {"charts/c.tgz": archive})
    assert refused(archive) == (400, "chart is invalid: charts are nested too deeply")


def aliased(count: int, length: int) -> str:
    """YAML of a long text that is said many times without being written many times."""
    return f"a: &a {'x' * length}\n" + "".join(f"k{number}: *a\n" for number in range(count))


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"values.yaml": f"a: {'x' * 17 * MEGABYTE}"}, "YAML"),
        ({f"charts/s{n}/values.yaml": f"a: {'x' * 3 * MEGABYTE}" for n in range(6)}, "YAML"),
        ({"values.yaml": aliased(1000, 100_000)}, "YAML"),
        ({"values.yaml": f"a: &a [{'x,' * 300}]\nb: &b [{'*a,' * 300}]\nc: [{'*b,' * 300}]\n"}, ""),
        ({"Chart.yaml": f"{chart_yaml('web', '1.0.0')}description: {'x' * 2 * MEGABYTE}\n"}, "Chart.yaml"),
        (
            {
                "Chart.yaml": f"{chart_yaml('web', '1.0.0')}description: &a {'x' * 100_000}\nannotations:\n"
                + "".join(f"  k{number}: *a\n" for number in range(100))
            },
            "Chart.yaml",
        ),
        (
            {
                f"charts/s{n}/Chart.yaml": f"{chart_yaml(f's{n}', '1.0.0')}description: {'x' * MEGABYTE}\n"
                for n in range(2)
            },
            "Chart.yaml",
        ),
    ],
    ids=["values", "subcharts", "alias", "laughs", "metadata", "metadata alias", "metadata of subcharts"],
)
def test_yaml_that_is_too_much(files: dict[str, str], what: str) -> None:
    more = {path.replace("values", "Chart"): chart_yaml(path.split("/")[1], "1.0.0") for path in files if "/" in path}
    begun = time.process_time()  # not the clock: others may be at work
    status, told = refused(packed("web", "1.0.0", {**more, **files} if what != "Chart.yaml" else files))
    assert (status, what in told) == ((413, True) if what else (400, True)), told[:300]
    assert time.process_time() - begun < 10


def test_yaml_that_is_large_but_not_too_much() -> None:
    chart = read(packed("web", "1.0.0", {"values.yaml": f"a: {'x' * MEGABYTE}\n{aliased(10, 1000)}"}))
    assert chart.values["k9"] == "x" * 1000
    described = f"{chart_yaml('web', '1.0.0')}description: {'x' * 500_000}\n"
    assert len(read(packed("web", "1.0.0", {"Chart.yaml": described})).metadata.description) == 500_000


def test_few_archives_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take a hundred megabytes, whatever it weighs."""
    gate, inside, most = threading.Condition(), 0, 0

    def slowly(*_: object, **__: object) -> None:
        nonlocal inside, most
        with gate:
            inside += 1
            most = max(most, inside)
            gate.notify_all()
            assert gate.wait_for(lambda: most >= reading.AT_ONCE, 60)
        time.sleep(0.05)  # for those who may not come in
        with gate:
            inside -= 1
        raise Problem(400, "", "")

    monkeypatch.setattr("navarch.chart.load.load_chart", slowly)
    threads = [threading.Thread(target=refused, args=(b"",)) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == reading.AT_ONCE


class Counter:
    """How many archives are in memory, and how many were at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.inside = self.most = 0

    def add(self, number: int) -> None:
        with self._lock:
            self.inside += number
            self.most = max(self.most, self.inside)


class Held(bytes):
    """An archive from storage, which is counted for as long as it is in memory."""

    counter: Counter

    def __del__(self) -> None:
        self.counter.add(-1)


class Holding(Bucket):
    """A bucket whose archives are counted, and come slowly."""

    counter = Counter()

    def get(self, key: str) -> tuple[bytes, str]:
        data, mark = super().get(key)
        if not data.startswith(b"\x1f\x8b"):
            return data, mark
        held = Held(data)
        held.counter = self.counter
        self.counter.add(1)
        time.sleep(0.05)
        return held, mark


def served(store: Store) -> App:
    return App(Site(store, parse_config("manager: {parameters: {storagedriver: inmemory}}\nlog: {access: off}")))


def test_who_waits_for_a_turn_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage may be silent for those who have one; uploads, which read none from there, go on."""
    monkeypatch.setattr(reading, "_PATIENCE", 0.05)
    held, done = threading.Barrier(reading.AT_ONCE + 1), threading.Event()

    def hold() -> None:
        with reading.turn(), reading.turn():
            held.wait(60)
            done.wait(60)

    threads = [threading.Thread(target=hold) for _ in range(reading.AT_ONCE)]
    for one in threads:
        one.start()
    held.wait(60)
    with pytest.raises(StorageError, match="too long"), reading.turn():
        pass
    assert read(packed("web", "1.0.0")).name == "web"
    done.set()
    for one in threads:
        one.join()
    with reading.turn():
        pass


def pushed(store: Store, number: int) -> None:
    """Push a manifest whose chart's archive came before."""
    name = f"lib/c{number}"
    archive = packed(f"c{number}", "1.0.0")
    layer = {"mediaType": CHART, "digest": digest_of(archive), "size": len(archive)}
    config = {"mediaType": CONFIG, "digest": digest_of(b"{}"), "size": 2}
    fields = {"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": config, "layers": [layer]}
    push(Repository.open_to_write(store, name), "1.0.0", json.dumps(fields).encode(), IMAGE_MANIFEST)


def composed(store: Store, number: int) -> None:
    package = {"independent": True, "space": "lib", "chart": f"c{number}", "version": "1.0.0"}
    plan = {"save": {"chart": "made", "version": f"{number}.0.0"}, "configs": {"package": package}}
    answer = call(served(store), "POST", "/api/v1/spaces/lib/charts", json.dumps(plan).encode())
    assert answer.status == 201, answer.body


def asked(method: str, path: str, body: bytes = b"") -> Callable[[Store, int], None]:
    def ask(store: Store, number: int) -> None:
        answer = call(served(store), method, path.format(f"c{number}"), body)
        assert answer.status < 300, answer.body

    return ask


@pytest.mark.parametrize(
    "do",
    [
        pushed,
        composed,
        asked("GET", "/api/v1/spaces/lib/charts/{}/versions/1.0.0/manifests/values"),
        asked("PUT", "/api/v1/spaces/lib/charts/{}/versions/1.0.0/manifests/values", b'{"a": 1}'),
        asked("GET", "/api/lib/charts/{}/1.0.0/values"),
        asked("GET", "/-/lib/{}/1.0.0/files"),
    ],
    ids=["push", "compose", "values", "change", "museum", "page"],
)
def test_few_archives_are_in_memory_at_once(monkeypatch: pytest.MonkeyPatch, do: Callable[[Store, int], None]) -> None:
    """However many threads there are: what each of them may take is a hundred megabytes."""
    monkeypatch.setattr(blobs, "_SMALL", 0)  # none are kept
    objects = Holding(MemoryStore())
    store = Store(objects, locks=MemoryLocker(10))
    for number in range(12):
        archive = packed(f"c{number}", "1.0.0", {"values.yaml": "a: 2\n"})
        if do is pushed:
            archive = packed(f"c{number}", "1.0.0")
            repository = Repository.open_to_write(store, f"lib/c{number}")
            for blob in (b"{}", archive):
                store.blobs.put(blob)
                repository.link_blob(digest_of(blob))
        else:
            store.upload("lib", archive)
    objects.counter = Counter()
    threads = [threading.Thread(target=do, args=(store, number)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 0 < objects.counter.most <= reading.AT_ONCE
    assert len(store.space("lib").view) == (24 if do is composed else 12)
