"""Archives: what is in them, byte for byte the tar that Helm writes, and the same every time."""

import gzip
import io
import os
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.load import load_chart
from navarch.chart.metadata import normal_time
from navarch.chart.model import Chart
from navarch.chart.package import _tar, package_chart, save_chart
from navarch.errors import ChartError, VersionError

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


def build(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(folder)


def members(path):
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def test_what_is_in_an_archive(tmp_path):
    chart = build(
        tmp_path / "src",
        {
            "Chart.yaml": CHART + "# gone\nunknown: 1\ndependencies:\n- name: sub\n  version: 1.x\n",
            "Chart.lock": 'generated: "2021-01-02T03:04:05.120+00:00"\ndigest: d\ndependencies: []\n',
            "values.yaml": "a: 1 # kept\n",
            "values.schema.json": "{}",
            "templates/a.yaml": "a",
            "crds/b.yaml": "b",
            ".helmignore": "*.bak\n",
            "x.bak": "ignored",
            "charts/sub/Chart.yaml": "apiVersion: v1\nname: sub\nversion: 1.2.3\n",
            "charts/sub/requirements.yaml": "dependencies: []\n",
        },
    )
    path = package_chart(chart, str(tmp_path), warn=print)
    assert path == str(tmp_path / "web-1.0.0.tgz")
    assert list(members(path).items()) == [
        (
            "web/Chart.yaml",
            (
                b'apiVersion: v2\ndependencies:\n- name: sub\n  repository: ""\n  version: 1.x\n'
                b"name: web\nversion: 1.0.0\n"
            ),
        ),
        ("web/Chart.lock", b'dependencies: []\ndigest: d\ngenerated: "2021-01-02T03:04:05.12Z"\n'),
        ("web/values.yaml", b"a: 1 # kept\n"),
        ("web/values.schema.json", b"{}"),
        ("web/templates/a.yaml", b"a"),
        ("web/.helmignore", b"*.bak\n"),
        ("web/crds/b.yaml", b"b"),
        ("web/charts/sub/Chart.yaml", b"apiVersion: v1\nname: sub\nversion: 1.2.3\n"),
        ("web/charts/sub/requirements.yaml", b"dependencies: []\n"),
    ]
    assert load_chart(path).dependencies[0].metadata.version == "1.2.3"


def test_one_time_for_all_makes_the_same_bytes(tmp_path):
    files = {"Chart.yaml": CHART, "a": "1", "Chart.lock": "digest: d\n"}
    archives = []
    for name in ("one", "two"):
        folder = build(tmp_path / name, files)
        os.utime(tmp_path / name / "a", (len(archives), len(archives) + 1000))
        path = package_chart(folder, str(tmp_path / name), epoch=1700000000, warn=print)
        archives.append((tmp_path / path).read_bytes())
    assert archives[0] == archives[1]
    with tarfile.open(fileobj=io.BytesIO(archives[0])) as archive:
        found = {(m.mtime, m.mode, m.uid, m.gid, m.uname, m.gname) for m in archive}
        assert found == {(1700000000, 0o644, 0, 0, "", "")}
        lock = archive.extractfile("web/Chart.lock").read()
    assert lock == b'dependencies: null\ndigest: d\ngenerated: "2023-11-14T22:13:20Z"\n'


def test_times_are_the_files_own_to_the_nearest_second(tmp_path):
    folder = build(tmp_path / "src", {"Chart.yaml": CHART, "a": "1"})
    os.utime(tmp_path / "src" / "a", (0, 1000.6))
    with tarfile.open(package_chart(folder, str(tmp_path), warn=print)) as archive:
        assert archive.getmember("web/a").mtime == 1001


def test_times_before_1970_and_after_2242(tmp_path):
    folder = build(tmp_path / "src", {"Chart.yaml": CHART, "a": "1", "b": "1", "c": "1"})
    times = {"web/a": -5, "web/b": 0, "web/c": 15_000_000_000}
    for name, when in times.items():
        os.utime(tmp_path / "src" / name[4:], (0, when))
    path = package_chart(folder, str(tmp_path), warn=print)
    with tarfile.open(path) as archive:
        assert {name: archive.getmember(name).mtime for name in times} == times
    assert load_chart(path).name == "web"


@pytest.mark.parametrize("epoch", [253402300800, 2**63 - 1])
def test_a_lock_file_needs_a_year_of_four_digits(tmp_path, epoch):
    folder = build(tmp_path / "src", {"Chart.yaml": CHART, "Chart.lock": "digest: d\n"})
    with pytest.raises(ChartError, match=r"Time\.MarshalJSON: year outside of range \[0,9999\]$"):
        package_chart(folder, str(tmp_path), epoch=epoch, warn=print)
    assert not list(tmp_path.glob("*.tgz"))


def test_the_tar_is_gos_own():
    """The sha256 of what archive/tar writes for the same files: a plain name, one in two parts, two that need PAX."""
    from hashlib import sha256

    entries = [
        ("web/Chart.yaml", b"x", 5),
        ("web/" + "d" * 90 + "/" + "e" * 90, b"y" * 600, 5),
        ("web/ünï", b"", 5),
        ("web/" + "f" * 120, b"z", 5),
    ]
    assert sha256(_tar(iter(entries))).hexdigest() == "f98349b34c9654da67262089b45bc31dc027d30d420e21ee4f1d533aa0347c4e"


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1), st.binary())))
def test_any_names_come_out_as_they_went_in(files):
    entries = [(f"web/d/{name}", data, 7) for name, data in files]
    with tarfile.open(fileobj=io.BytesIO(_tar(iter(entries)))) as archive:
        found = [(m.name, archive.extractfile(m).read()) for m in archive]
    assert found == [(name, data) for name, data, _ in entries]


def test_other_versions(tmp_path):
    folder = build(tmp_path / "src", {"Chart.yaml": CHART})
    path = package_chart(folder, str(tmp_path), version="v2+b", app_version="3", warn=print)
    assert path.endswith("/web-v2+b.tgz")
    assert members(path)["web/Chart.yaml"] == b'apiVersion: v2\nappVersion: "3"\nname: web\nversion: v2+b\n'
    with pytest.raises(VersionError):
        package_chart(folder, str(tmp_path), version="x", warn=print)


def test_the_gzip_header_says_nothing_about_the_machine(tmp_path):
    path = save_chart(Chart.from_files({"Chart.yaml": CHART.encode()}), str(tmp_path), epoch=1)
    with open(path, "rb") as file:
        data = file.read()
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    assert gzip.decompress(data)[:15] == b"web/Chart.yaml\0"


def test_nothing_is_left_of_an_archive_that_fails(tmp_path):
    chart = Chart.from_files({"Chart.yaml": CHART.encode(), "values.schema.json": b"{"})
    with pytest.raises(ChartError, match=r"invalid JSON in values\.schema\.json"):
        save_chart(chart, str(tmp_path))
    chart = Chart.from_files({"Chart.yaml": CHART.encode()})
    (tmp_path / "web-1.0.0.tgz").mkdir()
    with pytest.raises(ChartError, match="is a directory"):
        save_chart(chart, str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["web-1.0.0.tgz"]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", "0001-01-01T00:00:00Z"),
        ("2021-01-02T03:04:05Z", "2021-01-02T03:04:05Z"),
        ("2021-01-02T03:04:05+00:00", "2021-01-02T03:04:05Z"),
        ("2021-01-02T03:04:05.120+02:00", "2021-01-02T03:04:05.12+02:00"),
        ("2021-01-02T03:04:05.000Z", "2021-01-02T03:04:05Z"),
    ],
)
def test_times_in_lock_files(text, normal):
    assert normal_time(text) == normal
