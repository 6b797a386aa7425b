"""The context comes into the right file, by kind's rules, and goes from it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from navarch.cluster import kubeconfig
from navarch.cluster.kubeconfig import Entry, merge, take_out, target
from navarch.errors import ClusterError
from navarch.kube.kubeconfig import decode, load

NEW = Entry("navarch-x", {"server": "https://127.0.0.1:1"}, {"token": "t"})
OTHER = """\
apiVersion: v1
kind: Config
contexts:
- {name: kind-a, context: {cluster: a, user: a}}
current-context: kind-a
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "config"
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def test_the_file_is_the_one_that_kind_takes(tmp_path, monkeypatch):
    a, b = tmp_path / "a", tmp_path / "b"
    monkeypatch.setenv("KUBECONFIG", f"{a}:{b}")
    assert target() == str(b)  # the last if there is none
    b.touch()
    assert target() == str(b)
    a.touch()
    assert target() == str(a)
    assert target("other") == os.path.abspath("other")
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert target() == str(tmp_path / ".kube/config")


def test_a_new_file_comes_and_goes(file):
    merged = merge(str(file), NEW)
    assert merged == (str(file), "", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = decode(file.read_bytes())
    assert config.current_context == "navarch-x"
    assert config.contexts == {"navarch-x": {"cluster": "navarch-x", "user": "navarch-x"}}
    assert config.clusters["navarch-x"] == NEW.cluster
    assert config.users["navarch-x"] == NEW.user
    assert take_out(str(file), "navarch-x", created=True)
    assert list(file.parent.iterdir()) == []


def test_what_was_current_before_is_so_again(file):
    file.write_text(OTHER)
    assert merge(str(file), NEW).previous == "kind-a"
    assert load().current_context == "navarch-x"
    assert take_out(str(file), "navarch-x", previous="kind-a")
    assert file.read_text().replace("clusters: null\n", "").replace("clusters:\n", "").replace("users:\n", "") == OTHER


def test_what_was_chosen_meanwhile_stays(file):
    file.write_text(OTHER)
    merge(str(file), NEW)
    file.write_text(file.read_text().replace("current-context: navarch-x", "current-context: kind-b"))
    assert not take_out(str(file), "navarch-x", previous="kind-a")
    assert load().current_context == "kind-b"


def test_a_previous_context_that_is_gone_is_not_current_again(file):
    merge(str(file), NEW)
    take_out(str(file), "navarch-x", previous="kind-a")
    assert load().current_context == ""


def test_the_previous_context_may_be_in_another_file(tmp_path, monkeypatch):
    a, b = tmp_path / "a", tmp_path / "b"
    monkeypatch.setenv("KUBECONFIG", f"{a}:{b}")
    a.write_text("current-context: kind-a\n")
    b.write_text(OTHER)
    assert merge(target(), NEW).previous == "kind-a"
    take_out(str(a), "navarch-x", previous="kind-a")
    assert load().current_context == "kind-a"


def test_a_file_of_which_something_is_left_stays(file):
    merge(str(file), NEW)
    merge(str(file), NEW._replace(name="navarch-y"))
    take_out(str(file), "navarch-x", created=True)
    assert list(decode(file.read_bytes()).contexts) == ["navarch-y"]


def test_links_modes_and_comments_stay(file, tmp_path):
    real = tmp_path / "real"
    real.write_text("# mine\n" + OTHER)
    real.chmod(0o640)
    file.symlink_to(real)
    merge(str(file), NEW)
    assert file.is_symlink()
    assert real.read_text().startswith("# mine\napiVersion: v1\nkind: Config\n")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"clusters: [", "yaml: "),
        (b"a: \xff", "UTF-8"),
        (b"- 1\n", ""),
        (b"kind: Pod\n", 'no kind "Pod" is registered'),
        (b"contexts: 5\n", "contexts"),
        (b"users: [{name: a},{name: a}]\n", 'duplicate name "a" in list'),
    ],
)
def test_a_broken_file_is_told_and_left_alone(file, content, words):
    file.write_bytes(content)
    for change in (lambda: merge(str(file), NEW), lambda: take_out(str(file), "navarch-x")):
        with pytest.raises(ClusterError, match=f"kubeconfig {file}: .*{words}"):
            change()
    assert file.read_bytes() == content
    assert os.listdir(file.parent) == ["config"]


def test_a_folder_is_told(file):
    file.mkdir()
    with pytest.raises(ClusterError, match="is a directory"):
        merge(str(file), NEW)


def test_a_lock_is_waited_for(file):
    lock = file.parent / "config.lock"
    lock.touch()
    started = time.monotonic()
    threading.Timer(0.2, lock.unlink).start()
    merge(str(file), NEW)
    assert time.monotonic() - started > 0.15
    assert not lock.exists()


def test_a_lock_that_stays_is_told(file, monkeypatch):
    monkeypatch.setattr(kubeconfig, "_LOCK_SECONDS", 0.1)
    (file.parent / "config.lock").touch()
    with pytest.raises(ClusterError, match=f"{file} is locked: {file}.lock exists"):
        merge(str(file), NEW)
    assert not file.exists()
    assert (file.parent / "config.lock").exists()


def test_nothing_is_left_where_writing_fails(file, monkeypatch):
    file.write_text(OTHER)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ClusterError, match="no space left on device"):
        merge(str(file), NEW)
    assert file.read_text() == OTHER
    assert os.listdir(file.parent) == ["config"]


def test_many_at_once_lose_nothing(file):
    names = [f"navarch-{number}" for number in range(12)]
    threads = [threading.Thread(target=merge, args=(str(file), NEW._replace(name=name))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(decode(file.read_bytes()).contexts) == sorted(names)


def test_the_lock_of_a_killed_process_is_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(kubeconfig, "_LOCK_SECONDS", 60.0)
    path = str(tmp_path / "config")
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with open(path + ".lock", "wb") as file:
        file.write(b"nav " + done.stdout)
    with kubeconfig._Lock(path):
        assert os.path.exists(path + ".lock")
    assert not os.path.exists(path + ".lock")
