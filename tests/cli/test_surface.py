"""Every command and flag of Helm 4.3 is there, as help shows it.

surface.tsv has a line for each command, (path, arguments, aliases), and below it one for each of its flags,
(name, shorthand, type, default, what it means when given bare, hidden).
"""

from pathlib import Path

import pytest

from navarch.cli.flags import BARE
from navarch.cli.help import help_text
from navarch.cli.main import command_module, flag_set
from navarch.cli.settings import default
from navarch.cli.table import ALIASES, COMMANDS, aliases_of

SHOWN_AS = {"dryRun": "string"}


def commands():
    found = {}
    for line in (Path(__file__).parent / "surface.tsv").read_text().splitlines():
        first, *rest = line.split("\t")
        if first:
            path = first
            found[path] = (*rest, {})
        else:
            name, *flag = rest
            found[path][2][name] = flag
    return found


HELM = commands()
OURS = {
    "cache list",
    "cache prune",
    "cache",
    "chart compose",
    "chart delete",
    "chart get",
    "chart list",
    "chart put",
    "chart set metadata",
    "chart set values",
    "chart set",
    "chart show metadata",
    "chart show values",
    "chart show",
    "chart versions",
    "chart",
    "cluster down",
    "cluster reset",
    "cluster status",
    "cluster up",
    "cluster",
    "registry gc",
    "registry mirror",
    "registry retain",
    "registry serve",
    "search oci",
    "show versions",
    "space create",
    "space delete",
    "space list",
    "space",
}  # beyond Helm's
OUR_FLAGS = {"post-renderer-strategy"}  # of Helm's commands


def test_the_same_commands():
    assert {path for path, entry in COMMANDS.items() if entry[2]} == {*HELM, *OURS, "help"}


@pytest.mark.parametrize("path", HELM)
def test_the_same_arguments_aliases_and_flags(path, home):
    arguments, aliases, flags = HELM[path]
    assert COMMANDS[path][0] == arguments
    assert ",".join(aliases_of(path)) == aliases
    own = {row[0]: row for row in command_module(path).FLAGS.get(path, ()) if row[0] not in OUR_FLAGS}
    assert {name: _as_helm(row, home) for name, row in own.items()} == {n: tuple(f[:4]) for n, f in flags.items()}
    text = help_text(path)
    for name, (*_, hidden) in flags.items():
        assert (f"--{name} " in text or f"--{name}[" in text) == (not hidden), name


def _as_helm(row, home):
    name, short, kind, value, _ = row
    value = default(name).replace(str(home), "~") if value == "$" else value
    bare = BARE.get(kind, "")
    return short, SHOWN_AS.get(kind, kind), value, "" if bare == "true" else bare


@pytest.mark.parametrize("path", ["", *(path for path, entry in COMMANDS.items() if entry[2])])
def test_help_has_the_usual_layout(path, nav):
    ran = nav(*path.split(), "--help")
    assert ran.code == 0
    assert ran.err == ""
    assert "\nUsage:\n  nav" in ran.out
    assert "  -h, --help" in ran.out
    assert ("\nGlobal Flags:\n" in ran.out) == bool(path)
    assert all(line == line.rstrip() for line in ran.out.splitlines())
    assert max(map(len, ran.out.partition("\nUsage:")[0].splitlines())) <= 120


def test_no_flag_is_without_words():
    for path in HELM:
        hidden = {name for name, flag in HELM[path][2].items() if flag[4]}
        module = command_module(path)
        for name, _, _, _, words in module.FLAGS.get(path, ()):
            assert words or name in hidden, f"{path} --{name}"


def test_no_letter_stands_for_two_flags():
    for path in HELM:
        rows = flag_set(path, command_module(path)).rows.values()
        letters = [row[1] for row in rows if row[1]]
        assert len(letters) == len(set(letters)), path


def test_aliases_lead_to_commands():
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)
