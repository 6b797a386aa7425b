"""What `nav cluster` says. What it does is tested with real processes, in tests/cluster/test_lifecycle.py."""

import io
import time

import pytest

from navarch.cli.commands import cluster
from navarch.cluster.folder import Running
from navarch.cluster.lifecycle import Down, Status, Up
from navarch.errors import ClusterError

RUNNING = Running(1, "127.0.0.1", 4000, 0.0)
UP = Up(RUNNING, "https://127.0.0.1:4000", "navarch-x", "/etc/config", already=False, previous="")
GONE = Status("x", False, None, False, "", "", "", "/data/x", memory=False)


@pytest.fixture
def answers(monkeypatch):
    """Makes a function of the life cycle answer what is given, or raise it; what it was asked comes into the list."""

    def set_up(name, answer):
        asked = []

        def stand_in(*words, on_wait=None, **options):
            asked.append((words, options))
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(f"navarch.cluster.lifecycle.{name}", stand_in)
        return asked

    return set_up


def test_flags_reach_the_life_cycle(nav, answers, home):
    asked = answers("up", UP)
    words = "--name x --port 5 --address 0.0.0.0 --allow-remote --memory --no-controllers --kubeconfig k"
    assert nav("cluster", "up", *words.split()).code == 0
    options = {"home": str(home / ".local/share/helm/navarch/clusters"), "kubeconfig_path": "k"}
    options |= {"address": "0.0.0.0", "port": 5, "remote": True, "memory": True, "controllers": False}
    assert asked == [(("x",), options)]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (UP, 'Cluster "local" is up at https://127.0.0.1:4000\nContext "navarch-x" is current in /etc/config\n'),
        (
            UP._replace(already=True, previous="kind-a"),
            """Cluster "local" is running already at https://127.0.0.1:4000
Context "navarch-x" is current in /etc/config, instead of "kind-a"
""",
        ),
    ],
)
def test_up(nav, answers, made, words):
    answers("up", made)
    assert nav("cluster", "up") == (0, words, "")


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (Down(True, "/etc/config", "", deleted=False), 'Cluster "local" is down\n'),
        (Down(False, "", "", deleted=False), 'Cluster "local" was not running\n'),
        (
            Down(True, "/etc/config", "kind-a", deleted=True),
            'Cluster "local" is down\nWhat was in it is deleted\nContext "kind-a" is current in /etc/config\n',
        ),
    ],
)
def test_down(nav, answers, done, words):
    answers("down", done)
    assert nav("cluster", "down") == (0, words, "")


def test_reset(nav, answers):
    answers("reset", UP)
    assert nav("cluster", "reset").out == 'Cluster "local" is empty and up at https://127.0.0.1:4000\n'
    answers("reset", None)
    assert nav("cluster", "reset").out == 'Cluster "local" is empty; it isn\'t running\n'


def test_status(nav, answers, home):
    answers("status", GONE)
    assert nav("cluster", "status") == (1, 'Cluster "x" is not running\n', "")
    answers("status", GONE._replace(exists=True, folder=str(home / "x")))
    assert nav("cluster", "status").out == 'Cluster "x" is not running; its objects are kept in ~/x\n'
    found = Status("x", True, RUNNING, True, "https://127.0.0.1:4000", "navarch-x", "/k", "/data/x", memory=False)
    answers("status", found)
    ran = nav("cluster", "status")
    assert ran.code == 0
    assert ran.out.startswith('Cluster "x" is running at https://127.0.0.1:4000\n  process 1, for ')
    assert ran.out.endswith('\n  kept in /data/x\n  context "navarch-x" in /k\n')
    answers("status", found._replace(answers=False, memory=True))
    ran = nav("cluster", "status")
    assert ran.code == 1
    assert ", but it doesn't answer\n  objects are in memory only\n" in ran.out
    yaml = nav("cluster", "status", "-o", "yaml").out
    assert "\nready: false\n" in yaml
    assert "\nmemory: true\n" in yaml


def test_errors_are_told(nav, answers):
    answers("up", ClusterError("no room"))
    assert nav("cluster", "up") == (1, "", "Error: no room\n")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0s"), (59, "59s"), (61, "1m"), (7199, "1h"), (86400 * 3, "3d"), (-5, "0s")]
)
def test_ages(monkeypatch, seconds, words):
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    assert cluster._age(time.time() - seconds) == words


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_waiting_is_shown_on_a_terminal_after_a_second(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with cluster._Waiting("Starting") as waiting:
        waiting(0.9)
        assert terminal.getvalue() == ""
        waiting(1.2)
        assert terminal.getvalue() == "\rStarting … 1 s"
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_waiting_is_silent_in_a_pipe(monkeypatch):
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    with cluster._Waiting("Starting") as waiting:
        waiting(5)
    assert pipe.getvalue() == ""


def test_names_are_completed(nav, write):
    write({".local/share/helm/navarch/clusters/ci/lock": "", ".local/share/helm/navarch/clusters/local/lock": ""})
    assert nav("__complete", "cluster", "down", "--name", "").out == "ci\nlocal\n:4\n"
    assert nav("__complete", "cluster", "st").out == "status\tshow whether the cluster runs, and where\n:4\n"
    assert nav("__complete", "clus").out.startswith("cluster\t")
