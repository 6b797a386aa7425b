"""The commands of plugins: which one is for this machine, what it is run with, how it ends.

Rules: subprocess_commands.go and runtime_subprocess.go of Helm, lp_unix.go and exec.go of Go.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

from navarch.errors import PluginError, PluginExitError
from navarch.plugins import load_plugin
from navarch.plugins.commands import choose, environment, find_program, platform, prepare, run_cli, run_hook
from navarch.plugins.metadata import PlatformCommand
from support.plugin_files import V1

OS, ARCH = platform()


def command(name, system="", arch=""):
    return PlatformCommand(system, arch, name)


def test_this_machine():
    assert (OS, ARCH) in [(s, a) for s in ("linux", "darwin") for a in ("amd64", "arm64")]


@pytest.mark.parametrize(
    ("commands", "chosen"),
    [
        ([("a", "no-os", "no-arch"), ("b", OS, "no-arch"), ("c", OS, ""), ("d", OS, ARCH)], "d"),
        ([("a", "no-os", "no-arch"), ("b", OS, ARCH), ("c", OS, "no-arch"), ("d", OS, "")], "b"),
        ([("a", OS.upper(), ARCH.upper()), ("b", OS, ARCH)], "a"),
        ([("a", "no-os", "no-arch"), ("b", OS, ""), ("c", OS, "no-arch")], "b"),
        ([("a", "", ""), ("b", OS, ""), ("c", OS, "")], "b"),
        ([("a", "no-os", "no-arch"), ("b", "", ""), ("c", "", ""), ("d", OS, "no-arch")], "b"),
        ([("a", "", ARCH), ("b", "no-os", ARCH), ("c", OS, "no-arch")], None),
        ([("a", "", ARCH), ("b", "", "")], "b"),
        ([("", "", ""), ("b", OS, "")], "b"),
        ([], None),
    ],
)
def test_choice(commands, chosen):
    found = choose([command(*words) for words in commands])
    assert (found and found.command) == chosen


@pytest.mark.parametrize(
    ("line", "args", "expand", "words"),
    [
        ("sh", ("-c", "echo $X"), True, ["sh", "-c", "echo x y"]),
        ("sh", ("-c", "echo $X"), False, ["sh", "-c", "echo $X"]),
        ("$D/bin -a ${X}", (), True, ["/plug in/bin", "-a", "x y"]),
        ("$D/bin -a ${X}", (), False, ["/plug in/bin", "-a", "${X}"]),
        ("echo  a $NONE", ("",), True, ["echo", "", "a", "", ""]),
    ],
)
def test_words(line, args, expand, words):
    commands = [PlatformCommand(command=line, args=args)]
    found = prepare(commands, {"D": "/plug in", "X": "x y"}, ["--extra", "$X"], expand=expand)
    assert found == [*words, "--extra", "$X"]


@pytest.mark.parametrize("commands", [[], [command("")], [command(" x")], [command("x", "no-os")]])
def test_no_command_is_for_this_machine(commands):
    with pytest.raises(PluginError, match=r"^no plugin command is applicable$"):
        prepare(commands, {})


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Makes a plugin from the rest of its plugin.yaml, and scripts beside it: plugin(text, {"run": "echo"})."""
    monkeypatch.setenv("TMP_TEST", str(tmp_path))

    def make(runtime, scripts=(), text=V1):
        (tmp_path / "plugin.yaml").write_text(text + runtime)
        for name, script in dict(scripts).items():
            (tmp_path / name).write_text(script)
            (tmp_path / name).chmod(0o755)
        return load_plugin(str(tmp_path))

    return make


RUNS = "runtimeConfig:\n  platformCommand: [{command: $HELM_PLUGIN_DIR/run}]\n"


def test_what_a_command_sees(plugin, capfd, monkeypatch):
    monkeypatch.setenv("HELM_PLUGIN_NAME", "other")
    monkeypatch.setenv("HELM_NAMESPACE", "outer")
    made = plugin(
        RUNS, {"run": '#!/bin/sh\necho "$@" $HELM_PLUGIN_NAME $HELM_NAMESPACE\necho "$HELM_PLUGIN_DIR" >&2\n'}
    )
    run_cli(made, ["a  b", "-c"], {"HELM_NAMESPACE": "inner"})
    assert capfd.readouterr() == ("a  b -c foo inner\n", f"{made.folder}\n")
    assert environment(made)["HELM_NAMESPACE"] == "outer"


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", -1)])
def test_exit_codes_are_told(plugin, script, code):
    with pytest.raises(PluginExitError, match=r'^plugin "foo" exited with error$') as caught:
        run_cli(plugin(RUNS, {"run": f"#!/bin/sh\n{script}\n"}), [], {})
    assert caught.value.exit_code == code


def test_a_broken_pipe_ends_a_command_as_usual(plugin):
    """Python doesn't listen to SIGPIPE; the programs that it starts must."""
    made = plugin(RUNS, {"run": "#!/bin/sh\nyes; echo $? >&2\n"})
    code = f"from navarch.plugins.commands import *; from navarch.plugins import *; run_cli(load_plugin({made.folder!r}), [], {{}})"
    ran = subprocess.run(
        f'{sys.executable} -c "{code}" | head -1', shell=True, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.stdout == "y\n"
    assert "Broken pipe" not in ran.stderr


@pytest.mark.parametrize(
    ("runtime", "scripts", "message"),
    [
        ("", {}, "failed to prepare plugin command: no plugin command is applicable"),
        (RUNS, {}, "fork/exec {folder}/run: no such file or directory"),
        (RUNS, {"run": "echo x"}, "fork/exec {folder}/run: exec format error"),
        (RUNS.replace("/run", ""), {}, "fork/exec {folder}: permission denied"),
        (
            RUNS.replace("$HELM_PLUGIN_DIR/run", "no-such-x"),
            {},
            'exec: "no-such-x": executable file not found in $PATH',
        ),
    ],
)
def test_what_can_not_be_run(plugin, runtime, scripts, message):
    made = plugin(runtime, scripts)
    with pytest.raises(PluginError) as caught:
        run_cli(made, [], {})
    assert str(caught.value) == message.format(folder=made.folder)


def test_programs_of_the_current_folder_are_not_taken_by_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ":/usr/bin")
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    (tmp_path / "mine").chmod(0o755)
    (tmp_path / "sh").mkdir()
    with pytest.raises(PluginError, match=r'^exec: "mine": cannot run executable found relative to current directory$'):
        find_program("mine")
    assert find_program("sh") == "/usr/bin/sh"
    assert find_program("./mine") == "./mine"


def test_hooks(plugin, capfd):
    made = plugin("runtimeConfig:\n  platformHooks: {install: [{command: echo, args: [$TMP_TEST]}], delete: []}\n")
    run_hook(made, "install")
    run_hook(made, "update")
    run_hook(made, "delete")
    assert capfd.readouterr().out == "$TMP_TEST\n"


def test_legacy_hooks_are_lines_for_a_shell(plugin, capfd, tmp_path):
    run_hook(plugin("hooks: {install: 'echo $TMP_TEST $X'}\n", text="name: foo\n"), "install", {"X": "x"})
    assert capfd.readouterr().out == f"{tmp_path} x\n"


def test_legacy_platform_hooks_are_expanded(plugin, capfd, tmp_path):
    made = plugin("platformHooks: {install: [{command: echo, args: [$TMP_TEST]}]}\n", text="name: foo\n")
    run_hook(made, "install")
    assert capfd.readouterr().out == f"{tmp_path}\n"


def test_a_hook_that_fails(plugin):
    made = plugin("runtimeConfig:\n  platformHooks: {update: [{command: sh, args: [-c, exit 3]}]}\n")
    with pytest.raises(PluginError, match=r'^plugin update hook for "foo" exited with error$'):
        run_hook(made, "update")


def test_ctrl_c_waits_for_the_command(plugin, tmp_path):
    """It reaches both; what the command has still to do is done before nav ends."""
    script = (
        f"#!/bin/sh\ntrap 'sleep 0.2; echo tidied; exit 0' INT\ntouch {tmp_path}/up\nwhile :; do sleep 0.02; done\n"
    )
    made = plugin(RUNS, {"run": script})
    code = f"from navarch.plugins.commands import *; from navarch.plugins import *; run_cli(load_plugin({made.folder!r}), [], {{}})"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "up").exists():
        assert child.poll() is None
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=300)
    assert out == "tidied\n"
    assert "KeyboardInterrupt" in err
