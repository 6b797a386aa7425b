"""The commands that plugins add. What is expected is what Helm does with the same plugins (tests/real)."""

import os
import subprocess
import sysconfig

import pytest

from navarch.cli.plugins import lenient_values, split_flags
from support.plugin_folders import write_plugins

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")


@pytest.fixture
def plugins(home):
    """The plugins of tests/support, installed."""
    folder = home / ".local/share/helm/plugins"
    write_plugins(folder)
    return folder


@pytest.fixture
def run(plugins, home):
    """Runs a command line in a process of its own, as plugins' programs write where the process does."""

    def words(*line, **variables):
        done = subprocess.run(
            [NAV, *line],
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), **variables},
            input="",
            capture_output=True,
            text=True,
            cwd=home,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return words


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("args a b --foo=bar -n x --kube-context=c -- -n y", (0, "a b --foo=bar --\n", "")),
        ("args -h --help", (0, "-h --help\n", "")),
        ("-n ns args --debugged", (0, "--debugged\n", "")),
        ("args args", (0, "args\n", "")),
        ("args --namespace", (1, "", "Error: flag needs an argument: --namespace\n")),
        ("echo a --b", (0, "hello default\n", "")),
        ("--namespace=one echo -n two", (0, "hello two\n", "")),
        ("exitwith 3", (3, "", 'Error: plugin "exit" exited with error\n')),
        ("exitwith 0", (0, "", "")),
        (
            "exit 3",
            (
                1,
                "",
                (
                    'Error: unknown command "exit" for "nav"\n\nDid you mean this?\n\texitwith\n\n'
                    "Run 'nav --help' for usage.\n"
                ),
            ),
        ),
    ],
)
def test_commands(run, line, answer):
    assert run(*line.split()) == answer


def test_what_a_command_finds_in_its_environment(run, plugins, home):
    code, out, _ = run("old", "-n", "ns", "--qps", "2.5", HELM_BURST_LIMIT="7", HELM_PLUGIN_NAME="other")
    found = dict(line.split("=", 1) for line in out.splitlines()[1:])
    assert code == 0
    assert out.splitlines()[0] == "-x --qps 2.5"
    assert found["HELM_PLUGIN_NAME"] == "old"
    assert found["HELM_PLUGIN_DIR"] == f"{plugins}/old"
    assert (found["HELM_NAMESPACE"], found["HELM_QPS"], found["HELM_BURST_LIMIT"]) == ("ns", "2.50", "7")
    assert found["HELM_REPOSITORY_CACHE"] == f"{home}/.cache/helm/repository"


def test_groups_count_in_both_readings_of_a_command_line(run):
    def groups(*words):
        return next(line for line in run("old", *words)[1].splitlines() if line.startswith("HELM_KUBEASGROUPS="))

    assert groups("--kube-as-group", "a", "--kube-as-group=b") == "HELM_KUBEASGROUPS=a,b,a,b"
    assert groups("--help", "--kube-as-group", "a") == "HELM_KUBEASGROUPS=a"


def test_an_empty_word_takes_the_next_one_with_it(run):
    assert run("args", "a", "", "b", "c") == (0, "a c\n", "")


def test_a_command_that_a_signal_ends(run, plugins):
    (plugins / "args/run.sh").write_text("#!/bin/sh\nkill -9 $$\n")
    assert run("args") == (255, "", 'Error: plugin "args" exited with error\n')


def test_debugging_tells_what_is_run(run, plugins):
    assert run("--debug", "exitwith", "3")[2] == (
        f'level=DEBUG msg="executing plugin command" pluginName=exit command="{plugins}/exit/run.sh 3"\n'
        'level=DEBUG msg="plugin execution failed" pluginName=exit error="exit status 3" exitCode=3 stderr=""\n'
        'Error: plugin "exit" exited with error\n'
    )


def test_plugins_can_be_turned_off(run):
    assert run("args", "x", HELM_NO_PLUGINS="1")[0] == 1
    assert run("args", "x", HELM_NO_PLUGINS="true") == (0, "x\n", "")
    assert run("args", "x", HELM_PLUGINS="")[0] == 1


def test_a_driver_that_is_unknown_stops_them_too(run):
    assert run("args", "x", HELM_DRIVER="paper") == (1, "", 'level=INFO msg="unknown driver \\"paper\\""\n')


def test_our_own_commands_do_not_look_at_plugins(run, plugins):
    (plugins / "bad").mkdir()
    (plugins / "bad" / "plugin.yaml").write_text("name: a b\n")
    assert run("version", "--short")[2] == ""
    path = f"{plugins}/bad"
    message = 'invalid plugin name \\"a b\\": must contain only a-z, A-Z, 0-9, _ and -'
    assert run("args", "x") == (
        0,
        "x\n",
        (
            f'level=WARN msg="failed to load plugin (ignoring)" plugin_yaml={path}/plugin.yaml '
            f'error="failed to load plugin \\"{path}\\": {message}"\n'
        ),
    )


def add(plugins, folder, usage):
    """A plugin whose command has this usage."""
    (plugins / folder).mkdir()
    name = usage.split()[0]
    (plugins / folder / "plugin.yaml").write_text(
        f"apiVersion: v1\nname: {name}\nversion: 1.0.0\ntype: cli/v1\nruntime: subprocess\nconfig: {{usage: {usage}}}\n"
        "runtimeConfig: {platformCommand: [{command: echo ran}]}\n"
    )


def test_a_name_that_is_taken_ends_the_search(run, plugins):
    add(plugins, "b", "template x")
    conflict = 'level=ERROR msg="failed to load plugins: name conflicts" name=template\n'
    assert run("args", "x") == (0, "x\n", conflict)
    assert run("old")[0] == 1


def test_a_name_that_only_our_own_command_has_does_not(run, plugins):
    add(plugins, "b", "cluster")
    conflict = 'level=ERROR msg="failed to load plugins: name conflicts" name=cluster\n'
    assert run("echo", "x") == (0, "hello default\n", conflict)


def test_two_of_one_name_in_a_folder(run, plugins):
    add(plugins, "b", "args")
    where = f'\\"{plugins}/args\\" and \\"{plugins}/b\\"'
    code, _, err = run("old")
    assert code == 1
    assert err.startswith(
        f'level=ERROR msg="failed to load plugins" error="two plugins claim the name \\"args\\" at {where}"\n'
    )


def test_lists(nav, plugins):
    assert nav("plugin", "list").out.splitlines() == [
        "NAME \tVERSION\tTYPE     \tAPIVERSION\tPROVENANCE\tSOURCE ",
        "args \t0.1.0  \tcli/v1   \tv1        \tunsigned  \tunknown",
        "echo \t0.1.0  \tcli/v1   \tv1        \tunsigned  \tunknown",
        "exit \t0.1.0  \tcli/v1   \tv1        \tunsigned  \tunknown",
        "fetch\t       \tgetter/v1\tlegacy    \tunsigned  \tunknown",
        "old  \t1.2.3  \tcli/v1   \tlegacy    \tunsigned  \tunknown",
    ]
    assert nav("plugin", "ls", "--type", "getter/v1").out.count("\n") == 2


@pytest.mark.usefixtures("plugins")
def test_help(nav):
    listed = nav("help").out
    assert "\n  args        echo args\n" in listed
    assert '\n  echo        the "echo" plugin\n' in listed
    assert "\n  exitwith    ends\n" in listed
    assert nav("help", "old").out.startswith("Of Helm 3.\n\nTwo parts.\n\nUsage:\n  nav old [flags]\n\nFlags:\n")
    assert nav("help", "exitwith").out.startswith("ends\n\nUsage:\n  nav exitwith CODE [flags]\n")
    args = nav("help", "args").out
    assert "Usage:\n  nav args [flags]\n  nav args [command]\n\nAvailable Commands:\n  code\n  deep\n  env\n" in args
    assert "\n  -a, --long\n" in args
    assert nav("help", "args", "deep", "b").out.startswith("Usage:\n  nav args deep b [flags]\n")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["args", ""], "code\ndeep\nenv\n:4\n"),
        (["args", "e"], "env\n:4\n"),
        (["args", "nothing", ""], ":0\n"),
        (["args", "env", ""], "one\ntwo\n:4\n"),
        (["args", "env", "t", ""], ":0\n"),
        (["args", "env", "--l"], "--long\nasked 2 env --l\n:2\n"),
        (["args", "code", ""], ":0\n"),
        (["args", "deep", ""], "5\na\nb\n:4\n"),
        (["args", "deep", "a", "x", ""], "asked 4 deep a x \n:2\n"),
        (["args", "deep", "-q", "b", "-x", "-n", "y", ""], "asked 5 deep b -q -x\n:0\n"),
        (["args", "--kube-context", ""], ":0\n"),
        (["echo", ""], "one\ntwo\n:4\n"),
        (["echo", "x", "-n", ""], ":1\n"),
        (["exitwith", ""], ":0\n"),
        (["ex"], "exitwith\n:4\n"),
        (["help", "a"], "args\n:4\n"),
        (["help", "args", "d"], "deep\n:4\n"),
        (["plugin", "update", "args", ""], "echo\nexit\nold\n:4\n"),
    ],
)
@pytest.mark.usefixtures("plugins")
def test_completion(nav, words, answer):
    out = nav("__completeNoDesc", *words).out
    assert [line.rstrip() for line in out.splitlines()] == [line.rstrip() for line in answer.splitlines()]


@pytest.mark.parametrize(
    ("words", "taken", "passed"),
    [
        ("a --debug b", ["--debug"], ["a", "b"]),
        ("--namespace x -n y -n=z", ["--namespace", "x", "-n", "y", "-n=z"], []),
        ("-nx --namespaces=y --kubeconfig", ["--kubeconfig"], ["-nx", "--namespaces=y"]),
        ("--qps 3 -- --debug", ["--debug"], ["--qps", "3", "--"]),
    ],
)
def test_which_words_a_plugin_gets(words, taken, passed):
    assert split_flags(words.split()) == (taken, passed)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("x -n a --debug", {"namespace": "a", "debug": True}),
        ("--foo -n a", {"namespace": "a"}),
        ("--foo x -n a", {"namespace": "a"}),
        ("--foo=x -na", {"namespace": "a"}),
        ("-abc x -n a", {"namespace": "a"}),
        ("-abn x", {"namespace": "x"}),
        ("-a=b -n x", {"namespace": "x"}),
        ("-n a --help -n b", {"namespace": "a"}),
        ("-n a -xh -n b", {"namespace": "a"}),
        ("-n a -- -n b", {"namespace": "a"}),
        ("-n a --burst-limit many -n b", {"namespace": "a"}),
        ("-n a --qps", {"namespace": "a"}),
        ("-n a ---x -n b", {"namespace": "a"}),
        ("", {}),
    ],
)
def test_our_flags_among_others(words, values):
    assert lenient_values(words.split()) == values
