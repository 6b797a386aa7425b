"""Charts from folders, archives and memory: what Helm makes of their files, and what it refuses."""

from __future__ import annotations

# ruff: noqa: ISC004 - long messages in tables are plainer without parentheses
import gzip
import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from navarch.chart.load import load_chart, load_metadata
from navarch.chart.model import Chart
from navarch.errors import ChartError

if TYPE_CHECKING:
    from pathlib import Path

META = b"apiVersion: v2\nname: web\nversion: 1.2.3\n"


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def archive(files: dict[str, bytes], *, top: str = "web/") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(data)
            info.mtime = 1_700_000_000
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


FILES = {
    "Chart.yaml": META,
    "values.yaml": b"a: 1\nb: [x]\n",
    "values.schema.json": b"{}",
    "README.md": b"# web\n",
    "templates/NOTES.txt": b"hello\n",
    "templates/web.yaml": b"kind: Pod\n",
    "crds/crd.yaml": b"kind: CustomResourceDefinition\n",
    "charts/db/Chart.yaml": b"apiVersion: v1\nname: db\nversion: 0.1.0\n",
    "charts/db/templates/db.yaml": b"kind: Pod\n",
    "charts/db/crds/a.txt": b"",
    "charts/README.prov": b"p",
    "charts/_hidden/Chart.yaml": b"broken: [",
}


def names(files: tuple[tuple[str, bytes], ...]) -> list[str]:
    return sorted(name for name, _ in files)


def assert_is_web(chart: Chart) -> None:
    assert chart.name == "web"
    assert chart.values == {"a": 1.0, "b": ["x"]}
    assert chart.schema == b"{}"
    assert names(chart.templates) == ["templates/NOTES.txt", "templates/web.yaml"]
    assert names(chart.files) == ["README.md", "charts/README.prov", "crds/crd.yaml"]
    assert [child.full_path for child in chart.dependencies] == ["web/charts/db"]
    assert [name for name, _ in chart.crds()] == ["web/crds/crd.yaml"]
    assert chart.raw_file("values.yaml") == b"a: 1\nb: [x]\n"


def test_folder(tmp_path: Path) -> None:
    assert_is_web(load_chart(write(tmp_path / "x", FILES)))


def test_archive_file_and_bytes(tmp_path: Path) -> None:
    data = archive(FILES)
    (tmp_path / "web.tgz").write_bytes(data)
    assert_is_web(load_chart(str(tmp_path / "web.tgz")))
    chart = load_chart(data)
    assert_is_web(chart)
    assert chart.modified["Chart.yaml"] == 1_700_000_000 * 10**9


def test_memory_with_an_archive_inside() -> None:
    inner = archive({"Chart.yaml": b"name: db\nversion: 1.0.0\n"}, top="db/")
    chart = Chart.from_files({"Chart.yaml": META, "charts/db-1.0.0.tgz": inner})
    assert chart.dependencies[0].metadata.api_version == "v1"


def test_byte_order_marks_are_dropped() -> None:
    chart = Chart.from_files({"Chart.yaml": b"\xef\xbb\xbf" + META, "templates/x": b"\xef\xbb\xbftext"})
    assert chart.templates == (("templates/x", b"text"),)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("1.0", "1"),
        ("1.10", "1.1"),
        ("20240131", "20240131"),
        ("12345678.0", "1.2345678e+07"),
        ("1e3", "1000"),
        ("0x10", "16"),
        ("true", "true"),
        ("null", ""),
        ('"1.10"', "1.10"),
        ("18446744073709551615", "18446744073709551615"),
    ],
)
def test_scalars_become_text(document: str, text: str) -> None:
    assert load_metadata(META + f"appVersion: {document}\n".encode()).app_version == text


def test_names_of_fields_match_in_any_case() -> None:
    data = load_metadata(b"NAME: x\nAPPVERSION: 1\nkubeversion: '>1'\n")
    assert (data.name, data.app_version, data.kube_version) == ("x", "1", ">1")


def test_requirements_of_a_v1_chart_fill_the_dependencies() -> None:
    told: list[str] = []
    files = {
        "Chart.yaml": b"name: a\nversion: 1.0.0\n",
        "requirements.yaml": b"dependencies: [{name: b, version: '1'}]\n",
        "requirements.lock": b"digest: x\n",
    }
    chart = Chart.from_files(files, warn=told.append)
    assert [dependency.name for dependency in chart.metadata.dependencies] == ["b"]
    assert chart.lock is not None
    assert names(chart.files) == ["requirements.lock", "requirements.yaml"]
    assert not told


def test_requirements_of_a_v2_chart_are_told_of() -> None:
    told: list[str] = []
    chart = Chart.from_files({"Chart.yaml": META, "requirements.yaml": b"dependencies: []\n"}, warn=told.append)
    assert not chart.files
    assert told == [
        r'level=INFO msg="Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". '
        r'We recommend migrating dependencies to Chart.yaml."'
    ]


def test_v3_reads_requirements_as_any_file() -> None:
    files = {"Chart.yaml": META.replace(b"v2", b"v3"), "requirements.yaml": b"dependencies: [1]\n"}
    assert names(Chart.from_files(files).files) == ["requirements.yaml"]


REFUSED = [
    (b"", "validation: chart.metadata.name is required"),
    (b"name: a\n", "validation: chart.metadata.version is required"),
    (b"name: a/b\nversion: '1'\n", 'validation: chart.metadata.name "a/b" is invalid'),
    (b"name: ..\nversion: '1'\n", 'validation: chart.metadata.name ".." is not allowed'),
    (b"name: a\nversion: x\n", 'validation: chart.metadata.version "x" is invalid'),
    (b"name: a\nversion: '1'\ntype: app\n", "validation: chart.metadata.type must be application or library"),
    (b"name: a\nversion: '1'\nmaintainers: [null]\n", "validation: maintainers must not contain empty or null nodes"),
    (b"name: a\nversion: '1'\ndependencies: [null]\n", "validation: dependencies must not contain empty or null nodes"),
    (
        b"name: a\nversion: '1'\ndependencies: [{name: b, alias: a b}]\n",
        'validation: dependency "b" has disallowed characters in the alias',
    ),
    (
        b"name: a\nversion: '1'\ndependencies: [{name: b}, {name: c, alias: b}]\n",
        'validation: more than one dependency with name or alias "b"',
    ),
    (b"apiVersion: v5\n", "unsupported chart version"),
    (
        b"name: [1]\n",
        "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into "
        "Go struct field Metadata.name of type string",
    ),
    (
        b"dependencies: [{name: {}}]\n",
        "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into "
        "Go struct field Dependency.dependencies.name of type string",
    ),
    (
        b"dependencies: [3]\n",
        "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into "
        "Go struct field Metadata.dependencies of type v2.Dependency",
    ),
    (
        b"- 1\n",
        "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into "
        "Go value of type loader.chartBase",
    ),
    (
        b'apiVersion: "a\n',
        "cannot load Chart.yaml: error converting YAML to JSON: yaml: line 2: found unexpected end of stream",
    ),
]


@pytest.mark.parametrize(("document", "message"), REFUSED)
def test_refused_metadata(document: bytes, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        Chart.from_files({"Chart.yaml": document})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "Chart.yaml file is missing"),
        (
            {"Chart.yaml": META, "values.yaml": b"[1]"},
            "cannot load values.yaml: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: "
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            {"Chart.yaml": META, "values.yaml": b"--- x\n"},
            "cannot load values.yaml: error reading yaml document: invalid Yaml document separator: x",
        ),
        (
            {"Chart.yaml": META, "Chart.lock": b"generated: x\n"},
            'cannot load Chart.lock: error unmarshaling JSON: while decoding JSON: parsing time "x" as '
            '"2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
        ),
        (
            {"Chart.yaml": META, "charts/README.md": b""},
            "error unpacking subchart README.md in web: Chart.yaml file is missing",
        ),
        (
            {"Chart.yaml": META, "charts/a.tgz": b"not gzip at all"},
            "error unpacking subchart a.tgz in web: gzip: invalid header",
        ),
        (
            {"Chart.yaml": META, "charts/a.tgz/x": b""},
            "error unpacking subchart tar in web: expected a.tgz, got a.tgz/x",
        ),
    ],
)
def test_refused_files(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(ChartError) as caught:
        Chart.from_files(files)
    assert str(caught.value) == message


def test_values_of_several_documents_are_merged() -> None:
    values = b"a: {x: 1}\n--- # more\n---\na: {z: 2}\r\nb: 1\n---\nb: 2"
    chart = Chart.from_files({"Chart.yaml": META, "values.yaml": values})
    assert chart.values == {"a": {"x": 1.0, "z": 2.0}, "b": 2.0}


def test_missing_folder_and_file(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"stat .*nope: no such file or directory"):
        load_chart(tmp_path / "nope")
    with pytest.raises(ChartError) as caught:
        load_chart(tmp_path)
    name = tmp_path / "Chart.yaml"
    assert str(caught.value) == f"unable to detect chart at {name}: open {name}: no such file or directory"


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": b"a: 1\n", "text": b"a" * 600})
    with pytest.raises(ChartError) as caught:
        load_chart(tmp_path / "a.yaml")
    assert str(caught.value) == f"file '{tmp_path}/a.yaml' seems to be a YAML file, but expected a gzipped archive"
    with pytest.raises(ChartError, match="does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"):
        load_chart(tmp_path / "text")


def test_links_are_followed_and_told_of(tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"x.txt": b"x"})
    folder = write(tmp_path / "web", {"Chart.yaml": META})
    (folder / "linked").symlink_to(other)
    told: list[str] = []
    chart = load_chart(folder, warn=told.append)
    assert names(chart.files) == ["linked/x.txt"]
    message = "found symbolic link in path. Contents of linked file included and used"
    assert told == [f'level=INFO msg="{message}" path={folder}/linked resolved={other}']


def test_links_to_nowhere_and_in_rings(tmp_path: Path) -> None:
    folder = write(tmp_path, {"Chart.yaml": META})
    (folder / "x").symlink_to("/nowhere/at/all")
    with pytest.raises(ChartError) as caught:
        load_chart(folder)
    assert str(caught.value) == f"error evaluating symlink {folder}/x: lstat /nowhere: no such file or directory"
    (folder / "x").unlink()
    (folder / "x").symlink_to("x")
    with pytest.raises(ChartError, match="EvalSymlinks: too many links"):
        load_chart(folder)


def test_irregular_files_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"Chart.yaml": META})
    os.mkfifo(folder / "pipe")
    with pytest.raises(ChartError) as caught:
        load_chart(folder)
    assert str(caught.value) == f"cannot load irregular file {folder}/pipe as it has file mode type bits set"


def test_folders_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("navarch.chart.load.MAX_SIZE", 100)
    folder = write(tmp_path, {"Chart.yaml": META, "a": b"x" * 50, "b": b"x" * 50})
    with pytest.raises(ChartError) as caught:
        load_chart(folder)
    assert str(caught.value) == "error reading b: chart exceeds maximum decompressed size of 100 bytes"


def test_an_archive_of_nonsense(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(gzip.compress(b"nonsense"))
    with pytest.raises(ChartError) as caught:
        load_chart(tmp_path / "x.tgz")
    assert str(caught.value) == "unable to load chart archive"


def test_yaml_goes_through_the_hook() -> None:
    asked: list[bytes] = []

    def parse(data: bytes, /, *, exact: bool = False) -> object:
        asked.append(data)
        return {"name": "hooked", "version": "1.0.0"} if data == META else {"exact": exact}

    chart = Chart.from_files({"Chart.yaml": META, "values.yaml": b"a: 1\n"}, parse=parse)
    assert chart.name == "hooked"
    assert chart.values == {"exact": False}
    assert asked == [META, b"a: 1\n"]
