"""Indexes: what is in them, what is wrong with them, how they are merged and made."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.model import Metadata
from navarch.errors import RepositoryError, VersionError
from navarch.repos import index as module
from navarch.repos.entry import IndexEntry
from navarch.repos.index import Index
from support.charts_server import archive

if TYPE_CHECKING:
    from pathlib import Path

DECODING = "error unmarshaling JSON: while decoding JSON: "
CONVERTING = "error converting YAML to JSON: "


def item(text: str) -> str:
    """An index with one version that has these lines."""
    lines = "".join(f"    {line}\n" for line in text.split("\n"))
    return f"apiVersion: v1\nentries:\n  a:\n  -{lines[3:]}"


# what `helm show chart r/a` says behind "error loading …: "
WRONG = [
    ("", "empty index.yaml file"),
    ("null\n", "no API version specified"),
    ("entries:\n  a:\n  - name: x\n    version: 1.0.0\n", "no API version specified"),
    ("hello\n", f"{DECODING}json: cannot unmarshal string into Go value of type repo.IndexFile"),
    ("- a\n", f"{DECODING}json: cannot unmarshal array into Go value of type repo.IndexFile"),
    ("<html>\n<body>hello: x</body>\n", f"{CONVERTING}yaml: line 2: mapping values are not allowed in this context"),
    ("\x00\x01", f"{CONVERTING}yaml: control characters are not allowed"),
    ("apiVersion: v1\nfoo: 1\nentries: {}\n", f'{DECODING}json: unknown field "foo"'),
    (
        "apiVersion: v1\nentries:\n  a: 5\n",
        f"{DECODING}json: cannot unmarshal number into Go struct field IndexFile.entries of type repo.ChartVersions",
    ),
    (
        "apiVersion: v1\nentries:\n- a\n",
        f"{DECODING}json: cannot unmarshal array into Go struct field IndexFile.entries of type map[string]repo.ChartVersions",
    ),
    (
        "apiVersion: v1\nentries:\n  a: []\n  a: []\n",
        f'{CONVERTING}yaml: unmarshal errors:\n  line 4: key "a" already set in map',
    ),
    ("apiVersion: v1\nentries:\n\ta:\n", f"{CONVERTING}yaml: line 3: found character that cannot start any token"),
    (
        "apiVersion: v1\ngenerated: foo\nentries: {}\n",
        f'{DECODING}parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"',
    ),
    (item("name: a\nversion: 1.0.0\nfoo: 1"), f'{DECODING}json: unknown field "foo"'),
    (
        item("name: a\nname: b\nversion: 1.0.0\nversion: 2"),
        f'{CONVERTING}yaml: unmarshal errors:\n  line 5: key "name" already set in map\n  line 7: key "version" already set in map',
    ),
    (
        item("name: [x]\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal array into Go struct field ChartVersion.entries.Metadata.name of type string",
    ),
    (
        item("name: a\nversion: 1.9"),
        f"{DECODING}json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.version of type string",
    ),
    (
        item("name: a\nurls: x\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal string into Go struct field ChartVersion.entries.urls of type []string",
    ),
    (
        item("name: a\nurls: [{}]\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal object into Go struct field ChartVersion.entries.urls of type string",
    ),
    (
        item("name: a\nmaintainers: [5]\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.maintainers of type v2.Maintainer",
    ),
    (
        item("name: a\nmaintainers: [{name: {}}]\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal object into Go struct field Maintainer.entries.Metadata.maintainers.name of type string",
    ),
    (item("name: a\ndependencies: [{nam: x}]\nversion: 1.0.0"), f'{DECODING}json: unknown field "nam"'),
    (item("name: a\ncreated: 5\nversion: 1.0.0"), f"{DECODING}Time.UnmarshalJSON: input is not a JSON string"),
    (
        item("name: a\nremoved: foo\nversion: 1.0.0"),
        f"{DECODING}json: cannot unmarshal string into Go struct field ChartVersion.entries.removed of type bool",
    ),
    (item("name: 'x\nversion: 1.0.0"), f"{CONVERTING}yaml: line 6: found unexpected end of stream"),
    (item("name: x: y\nversion: 1.0.0"), f"{CONVERTING}yaml: line 4: mapping values are not allowed in this context"),
    (
        '{"apiVersion":"v1","entries":{"a":[{"name":"a","version":1.5}]}}',
        "json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.version of type string",
    ),
    (
        '{"apiVersion":"v1","entries":{"a":[{"created":"x"}]}}',
        'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ),
    ("[]", "json: cannot unmarshal array into Go value of type repo.IndexFile"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_no_index(text: str, message: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        Index.parse(text.encode())
    assert str(caught.value) == message


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError) as caught:
        Index.load(str(tmp_path / "none"))
    assert str(caught.value) == f"open {tmp_path}/none: no such file or directory"
    (tmp_path / "bad").write_text("- a\n")
    with pytest.raises(RepositoryError, match=f"^error loading {tmp_path}/bad: error unmarshaling JSON"):
        Index.load(str(tmp_path / "bad"))


def test_too_large_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 100)
    (tmp_path / "i").write_text("apiVersion: v1\n" + "#" * 100)
    with pytest.raises(RepositoryError, match="more than 100 bytes"):
        Index.load(str(tmp_path / "i"))


# what Helm says of each version, from the last to the first
INVALID = """apiVersion: v1
entries:
  a:
  - name: a
    version: 1.0.0
  - name: a
    version: foo
  - version: 2.0.0
  -
  - name: a
    version: 3.0.0
    type: x
  - name: a
    version: 4.0.0
    dependencies: [{name: x},{name: x}]
  - name: a/b
    version: 4.0.0
  - name: a
    version: 5.0.0
    maintainers: [null]
  - name: a
    version: ''
  - name: a
    version: 6.0.0
    dependencies: [{name: x, alias: 'a b'}]
"""
SAID = r"""level=WARN msg="skipping loading invalid entry for chart" name=a version=6.0.0 source=here error="validation: dependency \"x\" has disallowed characters in the alias"
level=WARN msg="skipping loading invalid entry for chart" name=a version="" source=here error="validation: chart.metadata.version is required"
level=WARN msg="skipping loading invalid entry for chart" name=a version=5.0.0 source=here error="validation: maintainers must not contain empty or null nodes"
level=WARN msg="skipping loading invalid entry for chart" name=a version=4.0.0 source=here error="validation: chart.metadata.name \"a/b\" is invalid"
level=WARN msg="skipping loading invalid entry for chart" name=a version=3.0.0 source=here error="validation: chart.metadata.type must be application or library"
level=WARN msg="skipping loading invalid entry for chart: empty entry" name=a source=here
level=WARN msg="skipping loading invalid entry for chart" name=a version=2.0.0 source=here error="validation: chart.metadata.name is required"
level=WARN msg="skipping loading invalid entry for chart" name=a version=foo source=here error="validation: chart.metadata.version \"foo\" is invalid"
"""


def test_invalid_versions_are_passed_over() -> None:
    said: list[str] = []
    index = Index.parse(INVALID.encode(), source="here", warn=said.append)
    assert [version.version for version in index.versions("a")] == ["4.0.0", "1.0.0"]
    assert said == SAID.splitlines()


def index_of(*versions: str, name: str = "web") -> Index:
    made = Index()
    for version in versions:
        made.add(IndexEntry(Metadata(name, version, api_version="v2"), urls=[f"{name}-{version}.tgz"]))
    return made


VERSIONS = index_of("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "v1.9.5", "2.0.0-beta")


def test_versions_are_sorted() -> None:
    wanted = ["2.0.0-rc.1", "2.0.0-beta", "1.10.0", "v1.9.5", "1.9.0", "1.0.0"]
    assert [version.version for version in VERSIONS.versions("web")] == wanted


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "1.10.0"),
        ("*", "1.10.0"),
        ("1.9.0", "1.9.0"),
        ("1.9.5", "v1.9.5"),
        ("v1.9.5", "v1.9.5"),
        ("1.9", "v1.9.5"),
        ("~1.9.0", "v1.9.5"),
        ("<1.9.5", "1.9.0"),
        (">0.0.0-0", "2.0.0-rc.1"),
        ("2.0.0-beta", "2.0.0-beta"),
        ("1.0.0 - 1.9.1 || >=3", "1.9.0"),
    ],
)
def test_get(wanted: str, found: str) -> None:
    assert VERSIONS.get("web", wanted).version == found


@pytest.mark.parametrize(
    ("name", "wanted", "message"),
    [
        ("none", "", "no chart name found"),
        ("web", "3", "no chart version found for web-3"),
        ("web", "2", "no chart version found for web-2"),
    ],
)
def test_get_nothing(name: str, wanted: str, message: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        VERSIONS.get(name, wanted)
    assert str(caught.value) == message


def test_constraints_that_are_none() -> None:
    with pytest.raises(VersionError, match='improper constraint: "what"'):
        VERSIONS.get("web", "what")


NUMBERS = st.lists(st.sampled_from(["1.0.0", "1.1.0", "2.0.0", "2.0.0-a", "3.0.0"]), unique=True)


def listed(index: Index) -> set[tuple[str, str]]:
    return {(name, version.version) for name in index.names() for version in index.versions(name)}


@given(NUMBERS, NUMBERS, NUMBERS)
def test_merging(one: list[str], two: list[str], three: list[str]) -> None:
    left = index_of(*one)
    left.merge(index_of(*two))
    assert {("web", version) for version in one} <= listed(left)
    before = listed(left)
    left.merge(index_of(*two))
    left.merge(index_of(*one))
    assert listed(left) == before  # what is there is not added again
    left.merge(index_of(*three, name="db"))
    assert listed(left) == before | {("db", version) for version in three}


def test_what_is_here_comes_before_what_is_merged() -> None:
    here, other = index_of("1.0.0"), index_of("1.0.0", "2.0.0")
    other.get("web", "1.0.0").urls = ["theirs.tgz"]
    here.merge(other)
    assert here.get("web", "1.0.0").urls == ["web-1.0.0.tgz"]
    assert here.get("web").version == "2.0.0"


def test_json_and_yaml_say_the_same() -> None:
    index = index_of("1.0.0", "2.0.0")
    index.annotations, index.public_keys = {"a": "<b>"}, ["k"]
    read = Index.parse(index.to_json().encode())
    assert read.to_yaml() == Index.parse(index.to_yaml().encode()).to_yaml() == index.to_yaml()
    assert list(json.loads(index.to_json())) == ["apiVersion", "generated", "entries", "publicKeys", "annotations"]
    assert r'"a": "\u003cb\u003e"' in index.to_json()


def test_from_directory(tmp_path: Path) -> None:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    data = archive(tmp_path, "web", "1.0.0", description="It's web")
    archive(tmp_path / "sub", "db", "0.1.0+b")
    archive(tmp_path / "sub" / "deep", "far", "1.0.0")
    (tmp_path / "broken-1.0.0.tgz").write_bytes(b"no archive")
    index = Index.from_directory(str(tmp_path), "https://example.com/charts?x")
    assert sorted(listed(index)) == [("db", "0.1.0+b"), ("web", "1.0.0")]
    web = index.get("web")
    assert (web.digest, web.metadata.description) == (sha256(data).hexdigest(), "It's web")
    assert web.urls == ["https://example.com/charts/web-1.0.0.tgz?x"]
    assert index.get("db", "0.1.0+b").urls == ["https://example.com/charts/sub/db-0.1.0+b.tgz?x"]
    assert Index.from_directory(str(tmp_path)).get("db", "0.1.0+b").urls == ["sub/db-0.1.0+b.tgz"]


def test_names_that_promise_another_version_are_refused(tmp_path: Path) -> None:
    data = archive(tmp_path / "made" / "deep", "web", "1.0.0")
    for name in ("web-v1.0.0.tgz", "other-2.0.0.tgz", "web.tgz", "web-next.tgz"):
        (tmp_path / name).write_bytes(data)
    assert len(Index.from_directory(str(tmp_path)).versions("web")) == 4
    (tmp_path / "web-1.0.1.tgz").write_bytes(data)
    with pytest.raises(
        RepositoryError, match=r"web-1\.0\.1\.tgz has version 1\.0\.0 in its Chart\.yaml, but 1\.0\.1 in its name"
    ):
        Index.from_directory(str(tmp_path))
