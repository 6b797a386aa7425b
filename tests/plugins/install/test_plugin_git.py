"""Working copies of git repositories: versions, updates, and what must not happen to anybody's files."""

import shutil
import subprocess

import pytest

from navarch.errors import NavarchError, PluginError
from navarch.plugins.install.git import WorkingCopy, clone
from support.plugin_sources import commit, folder

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

VERSIONS = ("0.1.0", "0.2.0", "1.0.0-rc.1", "1.0.0")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A repository with a commit and a tag for each version; the last is also the tag `odd`."""
    path = tmp_path_factory.mktemp("git") / "origin"
    for version in VERSIONS:
        commit(folder(path, "echo", version), f"v{version}")
    commit(folder(path, "echo", "1.0.0"), "odd")
    subprocess.run(["git", "branch", "side", "v0.1.0"], cwd=path, check=True)
    return path


@pytest.fixture
def own(origin, tmp_path):
    """A repository of the test's own, and a clone of it."""
    shutil.copytree(origin, tmp_path / "own")
    return tmp_path / "own", clone(f"file://{tmp_path}/own", str(tmp_path / "copy"))


def version_in(copy):
    with open(f"{copy.folder}/plugin.yaml") as file:
        return file.read().split("version: ")[1].split("\n")[0]


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("v0.2.0", "0.2.0"),
        ("0.2.0", "0.2.0"),
        ("^0.1", "0.1.0"),
        (">=0.1.0", "1.0.0"),
        ("<1.0.0", "0.2.0"),
        ("<1.0.0-0", "0.2.0"),
        ("~1.0.0-rc", "1.0.0"),
        ("odd", "1.0.0"),
        ("side", "0.1.0"),
        ("v0.1.0~0", "0.1.0"),
    ],
)
def test_versions(origin, tmp_path, wanted, version):
    copy = clone(str(origin), str(tmp_path / "copy"))
    copy.go_to(wanted, "here")
    assert version_in(copy) == version


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("9.9.9", 'requested version "9.9.9" does not exist for plugin "here"'),
        ("nothing", 'improper constraint: "nothing"'),
        ("--detach", 'improper constraint: "--detach"'),
    ],
)
def test_versions_that_there_are_not(origin, tmp_path, wanted, problem):
    copy = clone(str(origin), str(tmp_path / "copy"))
    with pytest.raises(NavarchError) as caught:
        copy.go_to(wanted, "here")
    assert str(caught.value) == problem


def test_no_repository(tmp_path):
    with pytest.raises(PluginError, match=r"(?s)^Unable to get repository: Cloning into .*: exit status 128$"):
        clone(f"file://{tmp_path}/nothing", str(tmp_path / "copy"))


def test_an_update_goes_on(own):
    path, copy = own
    commit(folder(path, "echo", "1.1.0"))
    (path / "extra").mkdir()
    (path / "extra" / "file").write_text("x")
    commit(path)
    copy.update(owned=True, check=lambda: None)
    assert version_in(copy) == "1.1.0"


def test_an_update_of_a_version_stays(own):
    path, copy = own
    copy.go_to("v0.1.0", "here")
    commit(folder(path, "echo", "1.1.0"))
    copy.update(owned=True, check=lambda: None)
    assert version_in(copy) == "0.1.0"


def test_what_fails_the_check_is_undone(own):
    path, copy = own
    commit(folder(path, "echo", "1.1.0"))

    def check():
        raise PluginError("no good")

    with pytest.raises(PluginError, match=r"^no good$"):
        copy.update(owned=True, check=check)
    assert version_in(copy) == "1.0.0"
    assert not copy.is_dirty()


def test_a_conflict_leaves_no_half_of_a_merge(own):
    path, copy = own
    names = {"user.name": "x", "user.email": "x@x"}
    for name, value in names.items():
        subprocess.run(["git", "config", name, value], cwd=copy.folder, check=True)
    with open(f"{copy.folder}/run.sh", "w") as file:
        file.write("mine\n")
    subprocess.run(["git", "commit", "-qam", "mine"], cwd=copy.folder, check=True)
    (path / "run.sh").write_text("theirs\n")
    commit(path)
    with pytest.raises(PluginError, match=r"^Unable to update repository: exit status \d+$"):
        copy.update(owned=True, check=lambda: None)
    with open(f"{copy.folder}/run.sh") as file:
        assert file.read() == "mine\n"
    assert not copy.is_dirty()


@pytest.mark.parametrize("owned", [True, False])
def test_only_in_our_own_copy_other_files_are_deleted(own, tmp_path, owned):
    _, copy = own
    (tmp_path / "copy" / "mine.txt").write_text("x")
    copy.update(owned=owned, check=lambda: None)
    assert (tmp_path / "copy" / "mine.txt").exists() != owned


def test_changes_are_seen(own):
    _, copy = own
    assert not copy.is_dirty()
    with open(f"{copy.folder}/run.sh", "a") as file:
        file.write("more\n")
    assert copy.is_dirty()


def test_variables_lead_git_nowhere_else(own, tmp_path, monkeypatch):
    """As in a hook of another repository, which GIT_DIR and GIT_WORK_TREE would have git clean."""
    other = tmp_path / "other"
    commit(folder(other, "other"))
    (other / "precious").write_text("x")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    _, copy = own
    copy.update(owned=True, check=lambda: None)
    assert (other / "precious").exists()
    assert copy.remote() == f"file://{tmp_path}/own"


def test_a_repository_above_is_not_taken(tmp_path):
    """A folder whose .git is none: git would go up, and clean there."""
    outer = tmp_path / "outer"
    commit(folder(outer, "outer"))
    inner = folder(outer / "inner", "inner")
    (inner / ".git").mkdir()
    (inner / "precious").write_text("x")
    copy = WorkingCopy(str(inner))
    with pytest.raises(PluginError, match=r"^Unable to"):
        copy.remote()
    with pytest.raises(PluginError, match=r"^Unable to update repository"):
        copy.update(owned=True, check=lambda: None)
    assert (inner / "precious").exists()
