"""Reading tar in gzip: names that are refused, formats of tar writers, damage and bombs."""

from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.archive import BadGzipError, read_archive
from navarch.errors import ChartError


def pack(*entries: tuple[str, bytes], form: int = tarfile.USTAR_FORMAT, kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.type = kind
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)  # the same bytes in each process: they are part of test names


@pytest.mark.parametrize(
    ("name", "path"),
    [("a/b", "b"), ("a/b//c/./d", "b/c/d"), ("a\\b\\c", "b/c"), ("./a/b", "a/b"), ("a/b/../c", "c")],
)
def test_names_lose_their_top_folder(name: str, path: str) -> None:
    assert [found for found, _, _ in read_archive(pack((name, b"x")))] == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("plain", 'chart illegally contains content outside the base directory: "plain"'),
        ("a/.", 'chart illegally contains content outside the base directory: "a/."'),
        ("a/..", "chart illegally references parent directory"),
        ("a/../x/../../y", "chart illegally references parent directory"),
        ("a/..x", "chart illegally references parent directory"),
        ("a//etc/passwd", "chart illegally contains absolute paths"),
        ("a/c:/x", "chart contains illegally named files"),
        ("Chart.yaml/x", "chart yaml not in base directory"),
    ],
)
def test_names_that_lead_out_are_refused(name: str, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        read_archive(pack((name, b"x")))
    assert str(caught.value) == message


LONG = "a/" + "d" * 120 + "/" + "e" * 130


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names(form: int) -> None:
    found = read_archive(pack((LONG, b"1"), ("a/é", b"2"), form=form))
    assert [(name, data) for name, data, _ in found] == [(LONG[2:], b"1"), ("é", b"2")]


def test_folders_are_passed_over() -> None:
    with pytest.raises(ChartError, match="no files in chart archive"):
        read_archive(pack(("a/b", b""), kind=tarfile.DIRTYPE))


def test_links_are_empty_files() -> None:
    assert read_archive(pack(("a/b", b""), kind=tarfile.SYMTYPE))[0][1] == b""


def test_damage_behind_the_end_goes_unnoticed() -> None:
    assert read_archive(pack(("a/b", b"x")) + b"some garbage behind")[0][0] == "b"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "EOF"),
        (b"\x1f\x8b", "unexpected EOF"),
        (pack(("a/b", b"x"))[:-20], "unexpected EOF"),
        (gzip.compress(b"x" * 512, mtime=0), "archive/tar: invalid tar header"),
        (gzip.compress(b"\0" * 512 + b"x", mtime=0), "unexpected EOF"),
        (gzip.compress(b"", mtime=0), "no files in chart archive"),
    ],
)
def test_damaged_archives(data: bytes, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        read_archive(data)
    assert str(caught.value) == message


def test_what_is_not_gzip() -> None:
    with pytest.raises(BadGzipError, match="gzip: invalid header"):
        read_archive(b"x" * 20)


def test_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("navarch.chart.archive.MAX_SIZE", 1000)
    monkeypatch.setattr("navarch.chart.archive._SLACK", 20000)
    assert read_archive(pack(("a/b", b"x" * 999)))
    for data in (
        pack(("a/b", b"x" * 1000)),
        pack(("a/b", b"x" * 600), ("a/c", b"x" * 600)),
        gzip.compress(bytes(10**6), mtime=0),
    ):
        with pytest.raises(ChartError, match="decompressed chart is larger than the maximum size 1000"):
            read_archive(data)


NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/\\:"), min_size=1, max_size=60)
PATHS = st.lists(NAMES.filter(lambda name: not name.startswith(".")), min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(PATHS, st.binary(max_size=2000), min_size=1, max_size=5), st.sampled_from([1, 2]))
def test_what_tar_writes_is_read(files: dict[str, bytes], form: int) -> None:
    data = pack(*((f"top/{name}", content) for name, content in files.items()), form=form)
    found = {name: content for name, content, _ in read_archive(data)}
    assert found == {name: content.removeprefix(b"\xef\xbb\xbf") for name, content in files.items()}


@given(st.binary(max_size=3000))
def test_only_chart_errors_come_out(noise: bytes) -> None:
    for data in (noise, gzip.compress(noise, mtime=0), b"\x1f\x8b\x08" + noise):
        with suppress(ChartError):
            read_archive(data)
