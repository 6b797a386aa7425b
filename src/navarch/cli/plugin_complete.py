"""Completion of the commands that plugins add.

What a plugin's completion.yaml doesn't tell, its program plugin.complete is asked: it gets the words so far and prints
a choice a line, at the end perhaps ":" and a directive.
"""

from __future__ import annotations

import os

from navarch.cli.complete import DEFAULT, ERROR, NO_FILES, REPEATABLE, spellings
from navarch.cli.global_flags import GLOBAL
from navarch.cli.plugin_levels import descend, load_level
from navarch.cli.plugins import find_command, given_flags, lenient_values, split_flags
from navarch.cli.settings import Settings
from navarch.errors import NavarchError, UsageError
from navarch.plugins.metadata import SubprocessConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.plugin_levels import Level
    from navarch.cli.plugins import PluginCommand
    from navarch.cli.route import UnknownCommandError

__all__ = ["complete_plugin", "subcommands"]

_PROGRAM = "plugin.complete"


def complete_plugin(unknown: UnknownCommandError, last: str) -> tuple[list[str], int] | None:
    """What the last word of a plugin's command line can become, and a directive; None where there is no such plugin."""
    given = lenient_values([*unknown.words, last])
    settings = Settings(given)
    command = find_command(unknown.word, settings)
    if command is None:
        return None
    level, words = descend(load_level(command.plugin.folder), unknown.rest)
    if last[:1] == "-" and "=" not in last:
        found, directive = _flag_names(level, given, last), NO_FILES
    else:
        found, directive = _words(level, words, last)
        if level.arguments:
            return found, directive
    if level.dynamic:
        more, directive = _ask(command, level.path, words, last, settings)
        found += more
    return found, directive


def subcommands(unknown: UnknownCommandError, start: str, given: dict[str, Any]) -> list[str]:
    """The subcommands that begin so, of what a plugin's command line means."""
    command = find_command(unknown.word, Settings(given))
    if command is None:
        return []
    level, _ = descend(load_level(command.plugin.folder), unknown.rest)
    return [name for name in level.names if name.startswith(start)]


def _flag_names(level: Level, given: dict[str, Any], start: str) -> list[str]:
    """The flags that can still be given: ours, then the plugin's own."""
    own = {row[0] for row in level.flags}
    usual = [row for row in GLOBAL if row[0] not in own and (row[0] not in given or row[2] in REPEATABLE)]
    return [spelling for row in [*usual, *sorted(level.flags)] for spelling in spellings(row, start)]


def _words(level: Level, words: list[str], start: str) -> tuple[list[str], int]:
    """The subcommands and arguments that are known beforehand; both can stand only first."""
    if words or not (level.names or level.arguments):
        return [], DEFAULT
    return [name for name in [*level.names, *level.arguments] if name.startswith(start)], NO_FILES


def _ask(
    command: PluginCommand, path: tuple[str, ...], words: list[str], last: str, settings: Settings
) -> tuple[list[str], int]:
    """What plugin.complete answers; it is no error where there is none."""
    if not isinstance(command.plugin.metadata.runtime_config, SubprocessConfig):
        return [], DEFAULT
    taken, passed = split_flags(words)
    try:
        if not path:
            settings.given = {**settings.given, **given_flags(taken)}
    except UsageError:
        return [], ERROR
    printed = _run(command, [*path] if command.ignore_flags else [*path, *passed, last], settings)
    if printed is None:
        return [], DEFAULT
    found = [line for line in printed.split("\n") if line]
    directive = _directive(found[-1]) if found else None
    return (found, DEFAULT) if directive is None else (found[:-1], directive)


def _run(command: PluginCommand, arguments: list[str], settings: Settings) -> str | None:
    """What a plugin's program for completion prints; None where there is none, or it fails."""
    import subprocess

    from navarch.cli.commands.env import variables
    from navarch.plugins.commands import environment

    plugin = command.plugin
    try:
        ran = subprocess.run(  # noqa: S603 - the plugin was installed to be run
            [os.path.abspath(os.path.join(plugin.folder, _PROGRAM)), *arguments],
            env=environment(plugin, variables(settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return ran.stdout.decode("utf-8", "surrogateescape")


def _directive(line: str) -> int | None:
    """The number behind the colon of a last line."""
    from navarch.golang.strconv import parse_int

    if len(line) < 2 or line[0] != ":":
        return None
    try:
        return parse_int(line[1:])
    except NavarchError:
        return None
