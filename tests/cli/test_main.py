"""How a command line ends: exit codes, errors as words, processes."""

import os
import subprocess
import sys

import pytest

from navarch.cli import main as program
from navarch.cli.table import COMMANDS
from navarch.errors import NavarchError

COMMAND = [sys.executable, "-c", "from navarch.cli.main import entry; entry()"]


def run(*words, **options):
    return subprocess.run([*COMMAND, *words], capture_output=True, check=False, **options)


def failing(monkeypatch, error):
    def run(_call):
        raise error

    monkeypatch.setattr("navarch.cli.commands.version.run", run)


def test_success(nav):
    assert nav("version", "--short").code == 0


def test_errors_are_one_line_on_stderr(nav, monkeypatch):
    failing(monkeypatch, NavarchError("went wrong", hint="do this"))
    assert nav("version") == (1, "", "Error: went wrong\n")


def test_hints_are_for_terminals(nav, monkeypatch):
    failing(monkeypatch, NavarchError("went wrong", hint="do this"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert nav("version").err == "Error: went wrong\nHint: do this\n"


def test_files_that_fail(nav, monkeypatch):
    failing(monkeypatch, PermissionError(13, "Permission denied", "/x"))
    assert nav("version") == (1, "", "Error: /x: permission denied\n")


def test_faults_of_ours_are_one_line_too(nav, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("oh"))
    assert nav("version") == (1, "", "Error: ZeroDivisionError: oh\n")
    monkeypatch.setattr("sys.argv", ["nav", "version", "--debug"])
    assert "Traceback" in nav("version", "--debug").err


def test_an_interrupt_while_a_class_is_made_is_quiet(nav, monkeypatch):
    """Python 3.11 gives such an error another one as its cause; later versions leave it as it is."""

    class Interrupting:
        def __set_name__(self, _owner, _name):
            raise KeyboardInterrupt

    def run(_call):
        type("Made", (), {"field": Interrupting()})

    monkeypatch.setattr("navarch.cli.commands.version.run", run)
    assert nav("version") == (130, "", "")


def test_an_interrupt_is_quiet(nav, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    assert nav("version") == (130, "", "")


def test_the_exit_code_of_a_process():
    assert run("version", "--short").returncode == 0
    assert run("version", "x").returncode == 1


def test_output_is_utf8_whatever_the_locale():
    ran = run("env", "-n", "ü", "HELM_NAMESPACE", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PATH": os.environ["PATH"]})
    assert ran.stdout == "ü\n".encode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/full")
def test_a_reader_that_goes_away_is_no_fault():
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*COMMAND, "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert ran.returncode == 141
    assert ran.stderr == b""


def test_without_stdout():
    ran = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "version"], stderr=subprocess.PIPE, check=False)
    assert ran.stderr == b""
    assert ran.returncode == 0


def test_a_process_ends_at_once_but_not_before_its_exit_handlers():
    code = "import atexit; atexit.register(print, 'bye'); import navarch.cli.main as m; m.entry()"
    ran = subprocess.run([sys.executable, "-c", code, "version", "--short"], capture_output=True, check=True)
    assert ran.stdout.endswith(b"bye\n")


def test_running_twice_in_one_process(nav):
    assert nav("version", "--short") == nav("version", "--short")


def test_every_command_has_help_and_code():
    for path, entry in COMMANDS.items():
        if entry[1] is not None and entry[2]:
            module = program.command_module(path)
            assert callable(module.run)
            assert path in module.ABOUT
