"""Plugins that are programs: what they are given, what is taken from them, and how they are ended."""

import os
import signal
import threading
import time

import pytest

from navarch.errors import PluginError, PluginExitError
from navarch.plugins import load_plugin, subprocess
from navarch.repos.getting import GetterRequest
from support import plugin_programs as programs

REQUEST = GetterRequest("s3://b/x", "s3", "s3://b", "me", "secret", True, "c.pem", "k.pem", "ca.pem")


def fetch(plugin, request=REQUEST, **options):
    return subprocess.fetch(plugin, request, variables={"HELM_BIN": "nav"}, timeout=options.get("timeout", 120))


def render(plugin, manifests=b"a: 1\n", arguments=(), timeout=120):
    return subprocess.post_render(plugin, manifests, arguments, variables={}, timeout=timeout)


def gone(pid):
    """Whether a process ends; one that was killed may take a moment."""
    for _ in range(6000):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().split()[2] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_a_getter_is_told_the_address_and_the_files(tmp_path):
    plugin = programs.getter(tmp_path, 'for word in "$@"; do echo "[$word]"; done', command="fetch.sh $HOME one")
    assert fetch(plugin).decode().splitlines() == ["[$HOME]", "[one]", "[c.pem]", "[k.pem]", "[ca.pem]", "[s3://b/x]"]


def test_a_getter_finds_credentials_and_helms_variables_in_its_environment(tmp_path):
    names = "HELM_BIN HELM_PLUGIN_NAME HELM_PLUGIN_DIR HELM_PLUGIN_USERNAME HELM_PLUGIN_PASSWORD"
    plugin = programs.getter(tmp_path, f"for n in {names} HELM_PLUGIN_PASS_CREDENTIALS_ALL; do printenv $n; done")
    told = ["nav", "fetch", str(tmp_path / "fetch"), "me", "secret", "true"]
    assert fetch(plugin).decode().splitlines() == told


def test_a_getter_is_a_program_of_its_folder(tmp_path):
    plugin = programs.getter(tmp_path, "echo no", command="/fetch.sh/../absent")
    with pytest.raises(PluginError) as caught:
        fetch(plugin)
    assert str(caught.value) == f"fork/exec {tmp_path}/fetch/absent: no such file or directory"


def test_a_getters_bytes_come_as_they_are(tmp_path):
    plugin = programs.getter(tmp_path, "printf '\\000\\377\\012'")
    assert fetch(plugin) == b"\x00\xff\n"


def test_a_scheme_that_is_not_the_plugins(tmp_path):
    plugin = programs.getter(tmp_path, "echo no")
    with pytest.raises(PluginError, match=r'^no downloader found for protocol "gs"$'):
        fetch(plugin, REQUEST._replace(scheme="gs"))


def test_a_failing_program(tmp_path):
    with pytest.raises(PluginExitError) as caught:
        render(programs.post_renderer(tmp_path, "echo reason >&2; exit 7"))
    assert (str(caught.value), caught.value.exit_code) == ('plugin "render" exited with error', 7)
    assert caught.value.hint == "reason"


def test_a_program_that_a_signal_ends(tmp_path):
    with pytest.raises(PluginExitError) as caught:
        render(programs.post_renderer(tmp_path, "kill -9 $$"))
    assert caught.value.exit_code == -1


def test_a_post_renderer_reads_stdin_and_gets_its_arguments(tmp_path):
    plugin = programs.post_renderer(tmp_path, 'echo "# $*"; tr a-z A-Z')
    assert render(plugin, b"a: b\n", ("x y", "$HOME")) == b"# render x y $HOME\nA: B\n"


def test_more_than_a_pipe_holds_both_ways(tmp_path):
    data = os.urandom(1 << 20)
    assert render(programs.post_renderer(tmp_path, "cat"), data) == data


def test_a_program_that_does_not_read(tmp_path):
    assert render(programs.post_renderer(tmp_path, "exec <&-; echo done"), b"x" * (1 << 20)) == b"done\n"


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(PluginError) as caught:
        render(programs.post_renderer(tmp_path, "", command="no-such-program-anywhere"))
    assert str(caught.value) == 'exec: "no-such-program-anywhere": executable file not found in $PATH'


def test_a_file_that_is_no_program(tmp_path):
    plugin = programs.post_renderer(tmp_path, "")
    (tmp_path / "render" / "render.sh").chmod(0o644)
    with pytest.raises(PluginError) as caught:
        render(plugin)
    assert str(caught.value) == f"fork/exec {tmp_path}/render/render.sh: permission denied"


def test_no_command_for_this_machine(tmp_path):
    plugin = programs.post_renderer(tmp_path, "")
    text = (tmp_path / "render" / "plugin.yaml").read_text().replace("{command:", "{os: plan9, command:")
    (tmp_path / "render" / "plugin.yaml").write_text(text)
    with pytest.raises(PluginError, match=r"^failed to prepare plugin command: no plugin command is applicable$"):
        render(load_plugin(plugin.folder))


@pytest.mark.parametrize("script", ["sleep 600 & echo $! > pids; echo $$ >> pids; wait", "sleep 600 & echo $! > pids"])
def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path, monkeypatch, script):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "_has_terminal", lambda: False)
    begun = time.monotonic()
    with pytest.raises(PluginError, match=r'^plugin "render" did not end within 5s and was ended$'):
        render(programs.post_renderer(tmp_path, script), timeout=5.0)
    assert time.monotonic() - begun < 300  # else it ended by itself
    pids = (tmp_path / "pids").read_text().split()
    assert pids
    assert all(gone(pid) for pid in pids)


def test_at_a_terminal_a_program_stays_in_our_group_and_is_ended_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "_has_terminal", lambda: True)
    with pytest.raises(PluginError, match=r"did not end within"):
        render(programs.post_renderer(tmp_path, "sh -c 'sleep 60 & echo $! > pids; wait' & wait"), timeout=5.0)
    assert gone((tmp_path / "pids").read_text().strip())


def test_ctrl_c_ends_a_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "_has_terminal", lambda: False)

    def press():
        while not (tmp_path / "pids").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    def run():
        threading.Thread(target=press, daemon=True).start()
        render(programs.post_renderer(tmp_path, "sleep 60 & echo $! > part; mv part pids; wait"))

    with pytest.raises(KeyboardInterrupt):
        run()
    assert gone((tmp_path / "pids").read_text().strip())


def test_a_program_that_closes_its_outputs_and_hangs(tmp_path):
    with pytest.raises(PluginError, match=r"did not end within"):
        render(programs.post_renderer(tmp_path, "exec >&- 2>&-; sleep 60"), timeout=0.5)


def test_a_program_that_prints_without_end():
    with pytest.raises(PluginError, match=r'^plugin "y" printed more than 1000000 bytes and was ended$'):
        subprocess.run("y", ["yes"], env=os.environ, timeout=120, limit=1_000_000)


def test_complaints_are_kept_only_in_part(tmp_path):
    plugin = programs.post_renderer(tmp_path, "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 1")
    with pytest.raises(PluginExitError) as caught:
        render(plugin)
    assert caught.value.hint.endswith("xend")
    assert len(caught.value.hint) < 70_000
