"""Plugins beside the real Helm: what is said of their files, the commands that they add, completion."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sysconfig
from typing import TYPE_CHECKING

import pytest

from support.oracle import HELM, real_helm
from support.plugin_files import CASES, V1, as_bytes
from support.plugin_folders import write_plugins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")

pytestmark = [pytest.mark.real, real_helm()]


def answer(command: str, words: Sequence[str], home: Path, **variables: str) -> tuple[int, bytes, bytes]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC", **variables}
    done = subprocess.run(
        [command, *words], cwd=home, env=environment, capture_output=True, check=False, input=b"typed", timeout=60
    )
    lines = done.stderr.replace(b"nav", b"helm").splitlines(keepends=True)
    told = b"".join(line for line in lines if b'"plugin completion file loading"' not in line)  # Helm's, and by chance
    return done.returncode, done.stdout, told


LINES = [
    "args a b --foo=bar -n x --kube-context=c -- -n y",
    "args --namespace",
    "args --namespace=x --kube-as-group a --kube-as-group b --burst-limit 3",
    "args -h --help",
    "--debug args",
    "-n ns args --debugged",
    "--kubeconfig /none args x",
    "args args",
    "echo a --b",
    "echo -n other",
    "--namespace=one echo -n two",
    "exitwith 0",
    "exitwith 3",
    "exitwith 255",
    "exit 3",
    "--debug exitwith 3",
    "old",
    "old -n ns x --qps 3 --content-cache /c --kube-token t --kube-insecure-skip-tls-verify true",
    "old --burst-limit 7 --help --qps 5",
    "old --unknown value --qps=2.5 --kubeconfig k",
    "old -x -n ns -abc -nns",
    "old --kube-as-group a --kube-as-group=b,c",
    "old --color never --color=odd",
    "old --repository-config r --registry-config g --repository-cache c",
    "old -abn x -n",
    "old --help --kube-as-group a",
    "old ---x -n y --kube-as-group a",
    "old --debug",
    "old -- --debug -n after",
    "fetch",
    "arg",
    "exi",
    "plugin list",
    "plugin list --type cli/v1",
    "plugin list --type nothing",
    "plugin ls a b",
    "help nothing",
]


@pytest.mark.parametrize("line", LINES)
def test_commands(line: str, tmp_path: Path) -> None:
    write_plugins(tmp_path / ".local/share/helm/plugins")
    theirs, ours = (answer(program, line.split(), tmp_path) for program in (HELM, NAV))
    if line.startswith("help"):  # what follows is our own help
        assert ours[2].split(b"\n")[0] == theirs[2].split(b"\n")[0]
    else:
        assert ours == theirs


@pytest.mark.parametrize("words", [["args", "a", "", "b", "c"], ["args", ""], ["", "args", "x"], ["args", "killed"]])
def test_odd_words(words: list[str], tmp_path: Path) -> None:
    folder = tmp_path / ".local/share/helm/plugins"
    write_plugins(folder)
    script = '#!/bin/sh\necho "$#" "$@"\n[ "$1" != killed ] || kill -9 $$\n'
    (folder / "args/run.sh").write_text(script, encoding="utf-8")
    assert answer(NAV, words, tmp_path) == answer(HELM, words, tmp_path)


@pytest.mark.parametrize(
    "variables",
    [
        {"HELM_NO_PLUGINS": "1"},
        {"HELM_NO_PLUGINS": "true"},
        {"HELM_PLUGINS": ""},
        {"HELM_PLUGINS": "/none"},
        {"HELM_PLUGINS": ".local/share/helm/plugins"},
        {"HELM_PLUGINS": "/none:.local/share/helm/plugins:more"},
        {"HELM_DRIVER": "paper"},
        {"HELM_COLOR": "odd", "HELM_DEBUG": "true", "HELM_NAMESPACE": "n", "HELM_KUBEASGROUPS": "a,b"},
        {"HELM_PLUGIN_NAME": "other", "HELM_PLUGIN_DIR": "/other", "KUBECONFIG": "/none"},
    ],
)
def test_variables(variables: dict[str, str], tmp_path: Path) -> None:
    write_plugins(tmp_path / ".local/share/helm/plugins")
    assert answer(NAV, ["old", "x"], tmp_path, **variables) == answer(HELM, ["old", "x"], tmp_path, **variables)


@pytest.mark.parametrize(
    "names",
    [
        ["template"],
        ["a", "template", "z"],
        ["zz", "help"],
        ["one", "one"],
        ["b c", "a"],
        ["docsy", "Env"],
        ["a", "completion", "z"],
    ],
)
def test_conflicts(names: list[str], tmp_path: Path) -> None:
    for at, name in enumerate(names):
        folder = tmp_path / ".local/share/helm/plugins" / str(at)
        folder.mkdir(parents=True)
        folder.joinpath("plugin.yaml").write_text(
            V1.replace("foo", name.replace(" ", "")) + f"config: {{usage: {name} x}}\n"
            "runtimeConfig: {platformCommand: [{command: echo ran}]}\n"
        )
    for line in (names[0].split()[0], names[-1].split()[0], "nothing"):
        if line not in ("template", "help"):
            assert answer(NAV, [line], tmp_path) == answer(HELM, [line], tmp_path), line


COMPLETIONS = [
    "args|",
    "args|e",
    "args|nothing",
    "args|env|",
    "args|env|t",
    "args|env|t|",
    "args|env|--l",
    "args|env|-",
    "args|env|-x|",
    "args|env|one|-",
    "args|env|--long=|",
    "args|code|",
    "args|code|-n|x|--de",
    "args|code|-n|",
    "args|deep|",
    "args|deep|a|",
    "args|deep|-q|b|",
    "args|deep|-q|b|-x|-n|y|",
    "args|deep|b|--kube-context=x|zz|",
    "args|deep|nothing|",
    "args|deep|a|--flag=",
    "args|--kube-context|",
    "args|--kube-context|x|-",
    "args|-z|deep|-",
    "args|--|deep|",
    "-n|x|args|deep|a|",
    "echo|",
    "echo|-n|m|q|--foo|",
    "echo|-n",
    "echo|x|-n|",
    "echo|q|--namespace",
    "echo|q|--namespace|",
    "exitwith|",
    "exitwith|-",
    "exitwith|b|",
    "old|",
    "ar",
    "ex",
    "nothing|",
    "help|a",
    "help|args|",
    "plugin|uninstall|",
    "plugin|update|args|",
]


@pytest.mark.parametrize("line", COMPLETIONS)
def test_completion(line: str, tmp_path: Path) -> None:
    write_plugins(tmp_path / ".local/share/helm/plugins")
    words = ["__completeNoDesc", *line.split("|")]
    assert answer(NAV, words, tmp_path) == answer(HELM, words, tmp_path)


def said_of(program: str, texts: Sequence[str], home: Path) -> dict[int, bytes]:
    """What a program says of files, by their numbers; a table of the others under -1.

    Helm says it twice, as every command of its looks plugins over first; and then it says that the names are the same.
    """
    folders = []
    for at, text in enumerate(texts):
        folder = home / str(at) / "p"
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("plugin.yaml").write_bytes(as_bytes(text))
        folder.joinpath("plugin.wasm").touch()
        folders.append(str(folder.parent))
    _, table, errors = answer(program, ["plugin", "list"], home, HELM_PLUGINS=":".join(folders))
    found = {-1: table}
    for line in errors.splitlines():
        number = re.search(rb"/(\d+)/p/plugin.yaml error=", line)
        if number:
            found[int(number[1])] = line
    return found


def test_files(tmp_path: Path) -> None:
    texts = [text for text, _ in CASES.values()]
    assert said_of(NAV, texts, tmp_path) == said_of(HELM, texts, tmp_path)


VALUES = [
    *("", "~", "1", "1.50", "0x1F", "yes", "true", "2020-01-01", '"q"', "[]", "{}", "[a, b]", "[1, ~]", "{a: b}"),
    *(
        "!!str 5",
        "!!int x",
        "!!binary aGk=",
        "!x y",
        "*a",
        "&a b",
        "|\n    x\n    y",
        "a: b",
        "- x",
        "abcdefghijklmnop",
    ),
    *("-5", "99999999999999999999", ".inf", "0o17", "<<", "{1: 2}", "{a: 1, a: 2}", "{? [a] : b}", "[", "{", '"', "@x"),
    *("%x", "\tx", '"a\\nb"', "2001-12-14t21:59:43.10-05:00", "<<: {usage: z}", "---", "..."),
]
WHOLE = [text for name, (text, message) in CASES.items() if not message and text.count("\n") > 2] + [
    V1 + "config:\n  usage: foo [x]\n  shortHelp: short\n  longHelp: |\n    long\n    text\n  ignoreFlags: false\n"
    "runtimeConfig:\n  platformCommand:\n  - os: linux\n    arch: amd64\n    command: a\n    args: [a, b]\n  - command: b\n"
    "  platformHooks:\n    install:\n    - command: echo\n      args: [x]\n",
    (
        "name: foo\nversion: 0.1.0\nusage: usage\ndescription: |-\n  description\nplatformCommand:\n  - os: linux\n"
        "    command: echo\n    args: [a]\nignoreFlags: true\nhooks:\n  install: a\ndownloaders:\n- command: bin/x\n"
        "  protocols:\n  - s3\n  - p2\n"
    ),
]


def spoilt(text: str, chance: random.Random) -> str:
    """A text with a few lines changed."""
    lines = text.split("\n")
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        at = chance.randrange(max(1, len(lines) - 1))
        line, value = lines[at], chance.choice(VALUES)
        lines[at : at + 1] = chance.choice(
            [
                [f"{line.split(':')[0]}: {value}"],
                [f"{line.split(':')[0]}: {value}"],
                [f"{line.split('- ')[0]}- {value}"],
                [line, line],
                [],
                [f"{' ' * chance.randrange(5)}{value}", line],
                [f" {line}"],
                [line.replace(chance.choice(" :-,[]"), chance.choice("\t{}'\"#&*!|>%@`"), 1)],
            ]
        )
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_files(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    texts = [spoilt(chance.choice(WHOLE), chance) for _ in range(300)]
    ours, theirs = said_of(NAV, texts, tmp_path), said_of(HELM, texts, tmp_path)
    for at, text in enumerate(texts):
        assert ours.get(at) == theirs.get(at), text
    assert ours == theirs
