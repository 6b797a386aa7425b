"""What install, upgrade, rollback, uninstall and template say before they come to a cluster, against Helm's answers."""

from __future__ import annotations

import json
import os
import shlex
import signal

import pytest

from navarch.cli.interrupt import Cancelable
from support.writing import ANSWERS, FOLDER, even, variables

with open(ANSWERS, encoding="utf-8") as _file:
    ROWS = [json.loads(line) for line in _file]


@pytest.fixture
def run(nav, home, monkeypatch):
    """Runs a command line among the charts, as `helm`."""
    for name, value in variables(str(home)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["helm"])
    monkeypatch.chdir(FOLDER)
    return lambda line: nav(*shlex.split(line))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["run"])
def test_as_helm_says_it(row, run):
    done = run(row["run"])
    assert {"code": done.code, "out": even(done.out), "err": even(done.err)} == {
        name: row[name] for name in ("code", "out", "err")
    }


def test_dependencies_that_are_there_need_no_fetching(run):
    assert run("install r web --dependency-update --dry-run=client").code == 0


@pytest.mark.parametrize(
    ("flags", "replaced"),
    [
        ("--force", True),
        ("--force-replace", True),
        ("--force-replace --force=false", False),
        ("--force=false --force-replace", True),
        ("", False),
    ],
)
def test_switches_with_an_old_name(flags, replaced):
    from navarch.cli.call import Call
    from navarch.cli.main import command_module, flag_set
    from navarch.cli.release_flags import rollback_options

    given = flag_set("rollback", command_module("rollback"))
    given.parse(["r", *flags.split()])
    assert rollback_options(Call("rollback", given)).force_replace is replaced


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_told_to_the_action(number, capfdbinary):
    before = signal.getsignal(number)

    def wait():
        os.kill(os.getpid(), number)
        signal.sigtimedwait([], 1)

    with pytest.raises(KeyboardInterrupt), Cancelable("web"):
        wait()
    assert capfdbinary.readouterr().out == b"Release web has been cancelled.\n"
    assert signal.getsignal(number) is before


def test_without_a_signal_nothing_is_left_behind():
    before = signal.getsignal(signal.SIGTERM)
    with Cancelable("web"):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
