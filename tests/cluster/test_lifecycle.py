"""Clusters that are processes: they come, stay, go, and survive what happens to processes, files and folders."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import socket
import time

import pytest

from navarch.cluster import serve
from navarch.cluster.folder import Folder, Settings, Work, claim
from navarch.cluster.lifecycle import check_address, down, status, up
from navarch.errors import ClusterError
from navarch.kube.kubeconfig import decode
from support.local import Home

WIDGETS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
OTHER = "contexts: [{name: kind-a, context: {cluster: a, user: a}}]\ncurrent-context: kind-a\n"


@pytest.fixture
def home(tmp_path):
    one = Home(tmp_path)
    yield one
    one.close()


def current(home):
    return decode(home.config.read_bytes()).current_context if home.config.exists() else None


def kubernetes(home):
    """A client of the cluster."""
    from navarch.kube import Client

    return Client.from_kubeconfig(str(home.config))


def put_note(home, name):
    """Leave an object in the cluster."""
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"
    client = kubernetes(home)
    client.apply(client.build(manifest))


def notes(home):
    found = kubernetes(home).list_all("/api/v1/namespaces/default/configmaps")
    return {one["metadata"]["name"] for one in found} - {"kube-root-ca.crt"}


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_up_status_down(home):
    home.config.write_text(OTHER)
    made = home.cluster("up")
    found = home.status()
    words = f'Cluster "local" is up at {found["server"]}\nContext "navarch-local" is current in ~/kubeconfig'
    assert made == (0, f'{words}, instead of "kind-a"\n', "")
    assert (found["running"], found["ready"], found["pid"]) == (True, True, home.processes()[0])
    assert current(home) == "navarch-local"
    ended = home.cluster("down")
    assert ended == (0, 'Cluster "local" is down\nContext "kind-a" is current in ~/kubeconfig\n', "")
    assert (current(home), home.processes()) == ("kind-a", [])
    assert home.cluster("status").code == 1
    assert home.cluster("down") == (0, 'Cluster "local" was not running\n', "")


def test_nothing_is_left_after_deleting(home):
    home.cluster("up")
    assert home.cluster("down", "--delete").code == 0
    assert not home.config.exists()
    assert os.listdir(home.clusters) == []
    assert home.status()["exists"] is False


def test_keys_and_objects_are_the_owner_s_alone(home):
    home.cluster("up")
    assert os.stat(home.clusters / "local").st_mode & 0o777 == 0o700
    assert os.stat(home.config).st_mode & 0o777 == 0o600


def test_up_again_says_so(home):
    home.cluster("up")
    before = home.status()
    home.config.unlink()
    again = home.cluster("up")
    assert again.code == 0
    assert again.out.startswith(f'Cluster "local" is running already at {before["server"]}\n')
    assert home.status()["pid"] == before["pid"]
    assert current(home) == "navarch-local"


def test_of_many_at_once_one_runs(home):
    starting = [home.start("cluster", "up") for _ in range(5)]
    answers = [process.communicate(timeout=600)[0].decode() for process in starting]
    assert [process.returncode for process in starting] == [0] * 5
    assert sorted('" is up at' in answer for answer in answers) == [False] * 4 + [True]
    assert sum("is running already" in answer for answer in answers) == 4
    assert len(home.processes()) == 1
    assert len(decode(home.config.read_bytes()).contexts) == 1


def test_ups_and_downs_at_once_leave_one_state(home):
    words = [("up",), ("down",), ("up",), ("down", "--delete"), ("up",), ("reset",)]
    working = [home.start("cluster", *one) for one in words]
    for process in working:
        assert b"Traceback" not in process.communicate(timeout=600)[1]
    found = home.status()
    assert len(home.processes()) == found["running"]
    assert (current(home) == "navarch-local") == found["running"]


def test_several_run_beside_each_other(home):
    home.cluster("up")
    assert home.cluster("up", "--name", "two").out.endswith('instead of "navarch-local"\n')
    assert home.status()["server"] != home.status("two")["server"]
    assert home.cluster("down", "--name", "two").out.endswith('Context "navarch-local" is current in ~/kubeconfig\n')
    assert len(home.processes()) == 1


def test_objects_are_there_again(home):
    home.cluster("up")
    server = home.status()["server"]
    put_note(home, "kept")
    home.cluster("down")
    home.cluster("up")
    assert home.status()["server"] == server
    assert notes(home) == {"kept"}


def test_a_killed_process_loses_nothing(home):
    home.config.write_text(OTHER)
    home.cluster("up")
    before = home.status()
    for number in range(5):
        put_note(home, f"note-{number}")
    os.kill(before["pid"], signal.SIGKILL)
    assert home.cluster("status").out.startswith('Cluster "local" is not running; ')
    assert home.cluster("up").out.startswith(f'Cluster "local" is up at {before["server"]}\n')
    assert notes(home) == {f"note-{number}" for number in range(5)}
    home.cluster("down")
    assert current(home) == "kind-a"


def test_after_a_killed_process_down_still_tidies_up(home):
    home.config.write_text(OTHER)
    home.cluster("up")
    os.kill(home.status()["pid"], signal.SIGKILL)
    assert home.cluster("down").out.startswith('Cluster "local" was not running\n')
    assert current(home) == "kind-a"


def test_objects_in_memory_go_with_the_process(home):
    home.cluster("up", "--memory")
    put_note(home, "lost")
    assert not (home.clusters / "local/store.db").exists()
    home.cluster("down")
    home.cluster("up", "--memory")
    assert notes(home) == set()


def test_reset_empties_it(home):
    home.cluster("up")
    before = home.status()
    put_note(home, "lost")
    assert home.cluster("reset") == (0, f'Cluster "local" is empty and up at {before["server"]}\n', "")
    assert notes(home) == set()
    put_note(home, "lost")
    home.cluster("down")
    assert home.cluster("reset") == (0, 'Cluster "local" is empty; it isn\'t running\n', "")
    home.cluster("up")
    assert notes(home) == set()


def test_what_clients_know_of_kinds_goes_with_them(home):
    home.cluster("up")
    client = kubernetes(home)
    client.apply(client.build(WIDGETS))
    manifest = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n"
    chart = home.folder / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "templates/a.yaml").write_text(manifest)
    assert home.nav("install", "web", "web").code == 0
    home.cluster("reset")
    refused = home.nav("install", "web", "web")
    assert 'no matches for kind "Widget" in version "example.com/v1"' in refused.err
    home.cluster("down")
    assert not list((home.folder / ".kube/cache/discovery").iterdir())


def test_there_is_nothing_to_reset(home):
    assert home.cluster("reset") == (1, "", 'Error: there is no cluster "local"\n')
    assert not home.clusters.exists()


# addresses and ports


def test_only_this_machine_is_listened_to(home):
    refused = home.cluster("up", "--address", "0.0.0.0")
    assert refused.code == 1
    assert refused.err.startswith("Error: refusing to listen on 0.0.0.0: ")
    assert home.cluster("up", "--allow-remote").code == 0
    assert home.status()["server"].startswith("https://127.0.0.1:")
    home.cluster("down")
    assert home.cluster("up", "--address", "0.0.0.0", "--allow-remote").code == 0
    assert home.status()["ready"]
    home.cluster("down")
    assert home.cluster("up").code == 0
    port = int(home.status()["server"].rpartition(":")[2])
    with socket.socket() as other:
        assert other.connect_ex((address_of_this_machine(), port)) != 0


def address_of_this_machine():
    """One that isn't loopback, if there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, contextlib.suppress(OSError):
        one.connect(("192.0.2.1", 9))
        return one.getsockname()[0]
    return "127.1.1.1"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1"])
def test_loopback_addresses_are_fine(address):
    check_address(address, remote=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "::ffff:127.0.0.1", "169.254.0.1", "fe80::1"])
def test_others_have_to_be_said_twice(address):
    with pytest.raises(ClusterError, match="refusing to listen"):
        check_address(address, remote=False)
    check_address(address, remote=True)


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "1.2.3", "a b", "127.0.0.1:80", "é", "\0", "::1%lo"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(ClusterError, match="is not an IP address"):
        check_address(address, remote=True)


def test_a_port_that_is_taken_is_told(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = home.cluster("up", "--port", str(port))
    assert refused == (1, "", f'Error: cluster "local" can\'t be started: port {port} of 127.0.0.1 is taken\n')
    assert (home.processes(), home.config.exists(), home.status()["exists"]) == ([], False, False)


def test_the_port_of_last_time_may_be_taken(home):
    home.cluster("up")
    port = int(home.status()["server"].rpartition(":")[2])
    home.cluster("down")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert home.cluster("up").code == 0
        assert not home.status()["server"].endswith(f":{port}")
        assert home.status()["ready"]
        assert notes(home) == set()


def test_a_running_cluster_listens_where_it_does(home):
    home.cluster("up")
    refused = home.cluster("up", "--port", "1")
    assert refused.code == 1
    assert "stop it before it can listen elsewhere" in refused.err
    assert home.status()["ready"]


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_ports_that_are_none(home, port):
    assert home.cluster("up", "--port", port).code == 1
    assert not home.clusters.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "A", "-a", "é", "a" * 51, "a b", "a\n", "\0"])
def test_names_that_are_none(tmp_path, name):
    with pytest.raises(ClusterError, match="invalid cluster name"):
        Folder(str(tmp_path), name)


# interruptions


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("turn", range(8))
def test_an_interrupted_start_is_either_nothing_or_all(home, number, turn):
    process = home.start("cluster", "up")
    time.sleep(0.04 + random.random() * 0.3)
    process.send_signal(number)
    _, err = process.communicate(timeout=600)
    assert b"navarch" not in err  # Python may say that its own start was interrupted
    assert number == signal.SIGKILL or process.returncode in (0, 130, -signal.SIGINT) or b"KeyboardInterrupt" in err
    if number == signal.SIGINT and process.returncode:
        assert current(home) is None
        assert ends(home)
    assert home.cluster("up").code == 0
    assert home.status()["ready"]
    assert len(home.processes()) == 1
    assert os.listdir(home.folder / "data/navarch/clusters") == ["local"]


def ends(home):
    """Whether no process is left. One that nobody waits for notices that when it has imported what it needs."""
    deadline = time.monotonic() + 60
    while home.processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    return home.processes() == []


def test_the_process_doesn_t_hear_ctrl_c(home):
    process = home.start("cluster", "up", start_new_session=True)
    process.communicate(timeout=600)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    os.kill(home.processes()[0], signal.SIGHUP)
    time.sleep(0.1)
    assert home.cluster("up").code == 0


def test_pipes_are_not_kept_open(home):
    ours, theirs = os.pipe()
    assert home.cluster("up", pass_fds=(theirs,)).code == 0
    os.close(theirs)
    with open(ours, "rb") as file:
        assert file.read() == b""  # would wait for the cluster's end


def test_the_process_ends_when_its_folder_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "_LOOK_SECONDS", 0.01)
    folder = Folder(str(tmp_path), "x")
    folder.create()
    running = claim(folder)
    assert running is not None
    reading, writing = os.pipe()
    folder.delete()
    serve._wait(folder, running, reading)
    for descriptor in (running, reading, writing):
        os.close(descriptor)


# disks


def test_a_full_disk_is_told(home):
    """Files that can't grow stand for it; the kernel's words differ."""

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    refused = home.cluster("up", preexec_fn=full)
    assert refused.code == 1
    assert refused.err.startswith("Error: ")
    assert "file too large" in refused.err
    assert "Traceback" not in refused.err
    assert (home.processes(), home.config.exists(), os.listdir(home.clusters)) == ([], False, [])


@pytest.mark.parametrize("place", ["file", "/dev/null/x", "/proc/nothing"])
def test_a_place_that_can_t_be_written_is_told(home, place):
    (home.folder / "file").touch()
    home.environment["HELM_DATA_HOME"] = place
    for command in ("up", "status", "down", "reset"):
        ran = home.cluster(command)
        assert ran.code == (command != "down")
        assert "Traceback" not in ran.err
    assert home.cluster("up").err.startswith("Error: ")
    assert not home.config.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_told(home):
    home.clusters.mkdir(parents=True)
    home.clusters.chmod(0o500)
    refused = home.cluster("up")
    assert (refused.code, refused.err) == (1, f"Error: {home.clusters}/local: permission denied\n")


def test_a_damaged_store_is_told_and_left_alone(home):
    home.cluster("up")
    home.cluster("down")
    store = home.clusters / "local/store.db"
    store.write_bytes(b"no database" * 1000)
    refused = home.cluster("up")
    assert refused.code == 1
    assert "store.db can't be opened" in refused.err
    assert store.read_bytes() == b"no database" * 1000
    assert home.cluster("reset").code == 0
    assert home.cluster("up").code == 0


@pytest.mark.parametrize("name", ["settings.json", "running.json", "certificates.json", "lock"])
@pytest.mark.parametrize("content", [b"\xff", b'{"port": 70000, "pid": null, "address": 5, "until": "x"}'])
def test_damaged_files_are_no_matter(home, name, content):
    home.cluster("up")
    home.cluster("down")
    (home.clusters / "local" / name).write_bytes(content)
    assert home.status()["running"] is False
    ran = home.cluster("up")
    assert (ran.code, ran.err) == (0, "")
    assert home.status()["ready"]


# kubeconfigs


def test_a_broken_kubeconfig_stops_the_start(home):
    home.config.write_text("clusters: [")
    refused = home.cluster("up")
    assert refused.code == 1
    assert refused.err.startswith(f"Error: kubeconfig {home.config}: yaml: ")
    assert (home.processes(), os.listdir(home.clusters)) == ([], [])
    assert home.config.read_text() == "clusters: ["


def test_a_broken_kubeconfig_doesn_t_keep_it_running(home):
    home.cluster("up")
    home.config.write_text("clusters: [")
    assert home.cluster("down").code == 1
    assert home.processes() == []
    home.config.write_text("")
    assert home.cluster("down").code == 0


def test_another_kubeconfig_can_be_named(home):
    assert home.cluster("up", "--kubeconfig", "other").code == 0
    assert not home.config.exists()
    assert decode((home.folder / "other").read_bytes()).current_context == "navarch-local"
    assert home.cluster("up").code == 0  # it is in one file at a time
    assert not (home.folder / "other").exists()
    home.cluster("down")
    assert not home.config.exists()


# the folder's locks


def test_a_lock_that_is_held_is_waited_for(tmp_path, monkeypatch):
    folder = Folder(str(tmp_path), "x")
    waits = []
    monkeypatch.setattr("navarch.cluster.folder._PATIENCE", 0.1)
    with (
        Work(folder, waits.append),
        pytest.raises(ClusterError, match="another command has been at work"),
        Work(folder, waits.append),
    ):
        pass
    assert waits
    with Work(folder, waits.append):
        pass


def test_what_is_remembered(tmp_path):
    folder = Folder(str(tmp_path), "x")
    folder.create()
    assert folder.settings() == Settings()
    settings = Settings("::1", 5, "/config", "kind-a", created=True, memory=True)
    folder.remember(settings)
    assert folder.settings() == settings


def test_nobody_runs_what_nobody_holds(tmp_path):
    folder = Folder(str(tmp_path), "x")
    folder.create()
    assert folder.running() is None
    facts = {"pid": os.getpid(), "address": "127.0.0.1", "port": 1, "started": 5.0}
    descriptor = claim(folder)
    assert descriptor is not None
    os.write(descriptor, json.dumps(facts).encode())
    assert folder.running() == (os.getpid(), "127.0.0.1", 1, 5.0)
    assert claim(folder) is None
    os.close(descriptor)
    assert folder.running() is None


def test_from_python(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    home = str(tmp_path / "clusters")
    made = up("x", home=home, memory=True)
    try:
        found = status("x", home=home)
        assert (found.running, found.answers, found.server) == (made.running, True, made.server)
        assert not made.already
    finally:
        ended = down("x", home=home, delete=True)
    assert (ended.was_running, ended.deleted) == (True, True)
    assert gone(made.running.pid)
    with pytest.raises(ChildProcessError):
        os.waitpid(made.running.pid, 0)


def test_a_process_that_says_nothing_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ClusterError, match="can't be started: its process ended without a word"):
        up("x", home=str(tmp_path / "clusters"))
    monkeypatch.setattr("sys.executable", "/nowhere")
    with pytest.raises(ClusterError, match="/nowhere: no such file or directory"):
        up("x", home=str(tmp_path / "clusters"))
    assert os.listdir(tmp_path / "clusters") == []
