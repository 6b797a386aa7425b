"""Archives that cost more than they weigh: what they would take in memory and time is bounded before it is taken."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
import time
from typing import TYPE_CHECKING

import pytest

from navarch.registry.names import Names
from navarch.registry.problems import Problem
from navarch.registry.store import reading
from navarch.registry.store.reading import Limits, load
from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
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
    inside = most = 0

    def slowly(*_: object, **__: object) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.03)
        inside -= 1
        raise Problem(400, "", "")

    monkeypatch.setattr("navarch.chart.load.load_chart", slowly)
    threads = [threading.Thread(target=refused, args=(b"",)) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == reading.AT_ONCE
