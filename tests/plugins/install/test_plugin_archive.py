"""Plugin archives: unpacked whole, or refused with Helm's reason, and never outside of their folder."""

import gzip
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import NavarchError, PluginError
from navarch.plugins.install import archive as module
from navarch.plugins.install.archive import inside_path, open_archive
from support.plugin_sources import Entry, archive, plugin_yaml

GOOD = archive(
    Entry("echo", kind=tarfile.DIRTYPE, mode=0o755),
    Entry("echo/plugin.yaml", plugin_yaml("echo")),
    Entry("echo/bin/run", "#!/bin/sh\n", mode=0o4755),
    Entry("echo/big", os.urandom(5000)),
)


def unpack(folder, data):
    path = folder / "one.tgz"
    path.write_bytes(data)
    with open_archive(str(path)) as opened:
        opened.unpack(str(folder / "tree"))
    return folder / "tree"


def test_files_and_their_permissions(tmp_path):
    tree = unpack(tmp_path, GOOD)
    assert (tree / "echo" / "plugin.yaml").read_text() == plugin_yaml("echo")
    mode = (tree / "echo" / "bin" / "run").stat().st_mode & 0o7777
    assert mode == 0o755 & ~_umask()
    assert (tree / "echo" / "plugin.yaml").stat().st_mode & 0o111 == 0


def _umask():
    found = os.umask(0)
    os.umask(found)
    return found


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("echo/../../evil", "path contains '..', which is illegal"),
        ("echo\\..\\evil", "path contains '..', which is illegal"),
        ("/evil", "path is absolute, which is illegal"),
        ("\\evil", "path is absolute, which is illegal"),
        ("c:/evil", "path contains ':', which is illegal"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path, name, problem):
    with pytest.raises(PluginError) as caught:
        unpack(tmp_path, archive(Entry("echo/plugin.yaml", plugin_yaml("echo")), Entry(name, "x")))
    assert str(caught.value) == problem
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("kind", "digits"),
    [(tarfile.SYMTYPE, "110010"), (tarfile.LNKTYPE, "110001"), (tarfile.FIFOTYPE, "110110"), (b"7", "110111")],
)
def test_what_is_neither_file_nor_folder(tmp_path, kind, digits):
    with pytest.raises(PluginError) as caught:
        unpack(tmp_path, archive(Entry("echo/l", kind=kind, link="/etc/passwd")))
    assert str(caught.value) == f"unknown type: {digits} in echo/l"


def test_a_file_where_a_folder_is_needed(tmp_path):
    with pytest.raises(PluginError, match=r"^mkdir .*/tree/a: not a directory$"):
        unpack(tmp_path, archive(Entry("a", "x"), Entry("a/b", "y")))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "EOF"),
        (b"\x1f\x8b", "unexpected EOF"),
        (b"hello world, this is text", "gzip: invalid header"),
        (gzip.compress(b"no tar" * 200, mtime=0), "archive/tar: invalid tar header"),
        (gzip.compress(b"", mtime=0) + b"trailing garbage", "gzip: invalid header"),
    ],
)
def test_what_is_no_archive(tmp_path, data, problem):
    with pytest.raises(PluginError) as caught:
        unpack(tmp_path, data)
    assert str(caught.value) == problem


def test_several_gzip_members(tmp_path):
    tar = gzip.decompress(GOOD)
    tree = unpack(tmp_path, gzip.compress(tar[:700], mtime=0) + gzip.compress(tar[700:], mtime=0))
    assert (tree / "echo" / "big").stat().st_size == 5000


def test_too_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    with pytest.raises(PluginError, match="unpacks to more than 1048576 bytes"):
        unpack(tmp_path, archive(Entry("a", bytes(8 << 20))))


def test_too_many_entries(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_ENTRIES", 5)
    with pytest.raises(PluginError, match="more than 5 entries"):
        unpack(tmp_path, archive(*(Entry(str(number)) for number in range(6))))


def test_the_metadata_is_that_of_the_first(tmp_path):
    path = tmp_path / "one.tgz"
    path.write_bytes(archive(Entry("a/b/plugin.yaml", plugin_yaml("deep")), Entry("a/plugin.yaml", plugin_yaml("a"))))
    with open_archive(str(path)) as opened:
        assert opened.metadata().name == "deep"
    path.write_bytes(archive(Entry("a/x", "y")))
    with open_archive(str(path)) as opened, pytest.raises(PluginError, match=r"^plugin.yaml not found in tarball$"):
        opened.metadata()


@given(st.integers(min_value=0, max_value=len(GOOD) - 1))
def test_a_cut_archive_is_refused_or_whole(cut):
    """Whether anything is missing behind the tar's own end is nobody's business, as in Go."""
    with tempfile.TemporaryDirectory() as folder:
        problem = refused(Path(folder), GOOD[:cut])
        if problem is None:
            assert (Path(folder) / "tree" / "echo" / "big").stat().st_size == 5000
        else:
            assert problem in {"EOF", "unexpected EOF"}
        assert problem or cut > len(GOOD) - 64


@given(st.binary(max_size=2000), st.booleans())
def test_garbage_is_refused(data, packed):
    """Or it is an archive; anything else than our own errors comes through."""
    with tempfile.TemporaryDirectory() as folder:
        problem = refused(Path(folder), gzip.compress(data, mtime=0) if packed else data)
        assert problem != ""


def refused(folder, data):
    """Why an archive is refused; None for one that isn't."""
    try:
        unpack(folder, data)
    except NavarchError as error:
        return str(error)
    return None


@given(st.text(alphabet="./\\:a\n\0é", min_size=1, max_size=12))
def test_paths_stay_inside(name):
    try:
        path = inside_path(name)
    except PluginError:
        return
    assert os.path.normpath(os.path.join("/x/y", path)).startswith("/x/y")
