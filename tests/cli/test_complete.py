"""Completion by cobra's protocol. What is expected are the answers of `helm __completeNoDesc`."""

import shutil
import subprocess

import pytest

from navarch.cli.shells import script

NO_MORE = "_activeHelp_ This command takes no more arguments, only flags.\n:4\n"
URLS = "oci://\nhttps://\nhttp://\nfile://\n./\n/\n:2\n"
FORMATS = "json\ntable\nyaml\n:4\n"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["sh"], "show\n:4\n"),
        (["show", ""], "all\nchart\ncrds\nreadme\nvalues\nversions\n:4\n"),
        (["show", "v"], "values\nversions\n:4\n"),
        (["show", "val", ""], ":0\n"),
        (["completion", "p"], "powershell\n:4\n"),
        (["help", "ver"], "verify\nversion\n:4\n"),
        (["help", "repo", "r"], "remove\n:4\n"),
        (["help", "foo", ""], ":4\n"),
        (["version", ""], NO_MORE),
        (["version", "--sh"], "--short\n:4\n"),
        (["version", "--short", "--s"], ":4\n"),
        (["version", "-h", ""], ":4\n"),
        (["version", "--short=tr"], ":0\n"),
        (["-n"], "-n\n:4\n"),
        (["-n", ""], ":0\n"),
        (["list", "-n="], ":0\n"),
        (["list", "-o", ""], FORMATS),
        (["list", "--output=j"], FORMATS),
        (["list", "-qo", ""], FORMATS),
        (["list", "-qo="], FORMATS),
        (["list", "-q", ""], NO_MORE),
        (["list", "--max", ""], ":0\n"),
        (["list", "--color", ""], "never\nauto\nalways\n:4\n"),
        (["create", ""], ":0\n"),
        (["create", "a", ""], NO_MORE),
        (["lint", ""], ":0\n"),
        (["template", ""], ":4\n"),
        (["template", "a", ""], URLS),
        (["template", "-g", ""], URLS),
        (["template", "a", "oc"], "oci://\n:2\n"),
        (["template", "--wait", "a", ""], URLS),
        (["template", "--wait"], "--wait\n--wait-for-jobs\n:4\n"),
        (["template", "--", "-"], ":4\n"),
        (["template", "--set", "a=b", "--set"], "--set\n--set-file\n--set-json\n--set-literal\n--set-string\n:4\n"),
        (["template", "--force-replace", "--force"], ":4\n"),
        (["install", "--version", ""], ":4\n"),
        (["package", "--version", ""], ":0\n"),
        (["push", "a", ""], "oci://\n:6\n"),
        (["rollback", "a", ""], ":1\n"),
        (["get", "all", ""], ":0\n"),
        (["get", "all", "--revision", ""], ":4\n"),
        (["get", "all", "a", "--revision", ""], ":1\n"),
        (["repo", "add", "a", ""], ":4\n"),
        (["repo", "remove", ""], ":4\n"),
        (["registry", "login", ""], ":4\n"),
        (["foo", ""], ":0\n"),
        (["template", "--foo", ""], ":0\n"),
        (["list", "--foo="], ":0\n"),
    ],
)
def test_answers(nav, words, answer):
    assert nav("__completeNoDesc", *words).out == answer


def test_explanations_follow_a_tab(nav):
    ran = nav("__complete", "version", "--sh")
    assert ran.out == "--short\tprint nothing but the number\n:4\n"
    assert ran.err == "Completion ended with directive: ShellCompDirectiveNoFileComp\n"
    assert nav("__complete", "vers").out == "version\tprint the version\n:4\n"


def test_variables_turn_things_off(nav, monkeypatch):
    monkeypatch.setenv("NAV_ACTIVE_HELP", "0")
    assert nav("__complete", "version", "").out == ":4\n"
    monkeypatch.setenv("COBRA_COMPLETION_DESCRIPTIONS", "false")
    assert nav("__complete", "vers").out == "version\n:4\n"


def test_variables_are_completed_with_all_there_are(nav):
    answer = nav("__complete", "env", "HELM_K").out.splitlines()
    assert answer[0] == "HELM_BIN"
    assert len(answer) == 23


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["foo", ""], "unable to find a command for arguments: [foo]"),
        (["template", "--foo", ""], "Error while parsing flags from args [--foo]: unknown flag: --foo"),
        (["list", "--foo="], "Subcommand 'list' does not support flag 'foo'"),
    ],
)
def test_faults_are_told_on_stderr(nav, words, line):
    ran = nav("__complete", *words)
    assert ran.code == 0
    assert ran.err == f"[Debug] [Error] {line}\nCompletion ended with directive: ShellCompDirectiveDefault\n"


def test_without_a_word_it_is_an_error(nav):
    assert nav("__complete") == (1, "", "Error: requires at least 1 arg(s), only received 0\n")


def test_repositories_and_their_charts(nav, write):
    write(
        {
            ".config/helm/repositories.yaml": (
                "repositories:\n- {name: stable, url: https://a}\n- {name: store, url: b}\n"
            ),
            ".cache/helm/repository/stable-charts.txt": "redis\nmysql\n",
            ".cache/helm/repository/store-index.yaml": "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, appVersion: '2'}\n",
        },
    )
    assert nav("__complete", "show", "chart", "st").out == "stable/\thttps://a\nstore/\tb\n:2\n"
    assert nav("__complete", "show", "chart", "stable/").out == "stable/redis\nstable/mysql\n:0\n"
    assert nav("__complete", "show", "chart", "store/w").out == "store/web\n:0\n"
    assert nav("__complete", "show", "chart", "store/web", "--version", "").out == "1.0.0\tApp: 2\n:4\n"
    assert nav("__complete", "repo", "remove", "store", "").out == "stable\thttps://a\n:4\n"


def test_files_stand_beside_other_choices(nav, write):
    write({"ocean/Chart.yaml": ""})
    assert nav("__complete", "show", "chart", "oc").out == "oci://\tchart in a registry\nocean\n:2\n"


def test_contexts(nav, write):
    write({".kube/config": "contexts:\n- name: one\n  context: {cluster: c}\n"})
    assert nav("__complete", "list", "--kube-context", "").out == "one\tc\n:4\n"


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_scripts_can_be_read(nav, shell, check):
    text = nav("completion", shell).out
    assert "nav __complete`" in text
    assert "@" not in text.replace("$@", "").replace("@[", "").replace("[@]", "").replace("(@", "").replace("@(", "")
    assert "__completeNoDesc" in nav("completion", shell, "--no-descriptions").out
    if shutil.which(shell):
        subprocess.run([shell, check], input=text, text=True, check=True)


def test_the_script_for_powershell():
    text = script("powershell", "nav", descriptions=True)
    assert "Register-ArgumentCompleter -Native -CommandName 'nav'" in text
    assert text.count("{") == text.count("}")


BASH_DRIVER = """
source "$1"
COMP_LINE="$2" COMP_POINT=${#2} COMP_TYPE=9
read -r -a COMP_WORDS <<<"$2"
__nav_complete nav "" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("line", "answer", "replies"),
    [
        ("nav ver", "verify\tcheck\nversion\tprint\n:4\n", ["verify   (check)", "version  (print)"]),
        ("nav vers", "verify\tcheck\nversion\tprint\n:4\n", ["version"]),
        ("nav list --output=j", "json\nyaml\n:4\n", ["json"]),
        ("nav show chart oci:", "oci://\n:2\n", ["//"]),
        ("nav version x", "_activeHelp_ no more\n:4\n", [""]),
        ("nav lint we", ":0\n", ["web"]),
    ],
)
def test_the_script_for_bash_at_work(home, line, answer, replies):
    (home / "bin").mkdir()
    program = home / "bin" / "nav"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{answer}'\n")
    program.chmod(0o755)
    (home / "web").mkdir()
    (home / "nav.bash").write_text(script("bash", "nav", descriptions=True))
    ran = subprocess.run(
        ["bash", "-c", BASH_DRIVER, "bash", "nav.bash", line],
        env={"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == replies
