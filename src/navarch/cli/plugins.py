"""The commands that plugins add: finding them, running them, and what help and lists say of them.

The folders of plugins are looked at only for a word that is no command of ours, and for help and completion.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from navarch.cli.flags import BARE, FlagSet
from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.output import complain, table, warn, write
from navarch.cli.settings import Settings
from navarch.cli.table import COMMANDS
from navarch.errors import NavarchError, PluginError, UsageError
from navarch.plugins.load import Plugin, find_plugins
from navarch.plugins.metadata import CliConfig, SubprocessConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.route import UnknownCommandError

__all__ = [
    "PluginCommand",
    "find_command",
    "folders",
    "given_flags",
    "installed",
    "lenient_values",
    "list_plugins",
    "plugin_commands",
    "run_unknown",
    "split_flags",
    "taken_command",
]

_OWN = frozenset(("cache", "chart", "cluster", "space"))
"""Commands that Helm doesn't have: a plugin of such a name is passed over, the others still count."""

_PASSED_OVER = frozenset(("help", "__complete", "__completeNoDesc"))
"""Commands that Helm adds only after those of plugins, so that it sees no conflict."""

_TAKEN = (
    "--kube-context",
    "--namespace",
    "-n",
    "--kubeconfig",
    "--kube-apiserver",
    "--kube-token",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--kube-insecure-skip-tls-verify",
    "--kube-tls-server-name",
)
"""The flags that plugins don't get; each is taken with the word behind it."""


class PluginCommand(NamedTuple):
    """A command that a plugin adds. `usage` begins with its name."""

    plugin: Plugin
    usage: str
    short: str
    long: str
    ignore_flags: bool

    @property
    def name(self) -> str:
        """What it is called by."""
        return self.usage.partition(" ")[0]


def folders(settings: Settings) -> list[str]:
    """The folders that plugins are looked for in."""
    return settings.plugins.split(":") if settings.plugins else []


def ignored(path: str, error: NavarchError) -> None:
    """Say on stderr that a plugin can't be loaded."""
    warn("failed to load plugin (ignoring)", plugin_yaml=path, error=str(error))


def plugin_commands(settings: Settings) -> list[PluginCommand]:
    """The commands that there are; what is wrong with plugins is said on stderr."""
    if os.environ.get("HELM_NO_PLUGINS") == "1":
        return []
    try:
        plugins = find_plugins(folders(settings), type="cli/v1", ignored=ignored)
    except PluginError as error:
        warn("failed to load plugins", level="ERROR", error=str(error))
        return []
    found: dict[str, PluginCommand] = {}
    for command in map(_command, plugins):
        name = command.name
        if name not in COMMANDS and name not in found:
            found[name] = command
        elif name not in _PASSED_OVER:
            warn("failed to load plugins: name conflicts", level="ERROR", name=name)
            if name not in _OWN:
                break
    return [*found.values()]


def _command(plugin: Plugin) -> PluginCommand:
    from navarch.golang.strconv import quote

    config = plugin.metadata.config
    assert isinstance(config, CliConfig)
    short = config.short_help or f"the {quote(plugin.name)} plugin"
    return PluginCommand(plugin, config.usage or plugin.name, short, config.long_help, config.ignore_flags)


def taken_command(plugin: Plugin) -> str:
    """The command of Helm's that a plugin would add once more, "" if it adds none of these."""
    if not isinstance(plugin.metadata.config, CliConfig):
        return ""
    name = _command(plugin).name
    return name if name in COMMANDS and name not in _OWN else ""


def find_command(name: str, settings: Settings) -> PluginCommand | None:
    """The plugin's command of a name."""
    return next((command for command in plugin_commands(settings) if command.name == name), None)


def run_unknown(unknown: UnknownCommandError) -> int:
    """Run the plugin's command that a word of a command line means. Raises UsageError where there is none."""
    given = lenient_values([*unknown.words])
    settings = Settings(given)
    commands = plugin_commands(settings)
    command = next((command for command in commands if command.name == unknown.word), None)
    if command is None:
        raise unknown.explained([command.name for command in commands])
    if not settings.driver_known():
        return 1
    taken, passed = split_flags(unknown.rest)
    more = given_flags(taken)
    debug = complain if settings.debug else None
    run_command(command, passed, _variables(given, more), debug)
    return 0


def _variables(given: dict[str, Any], more: dict[str, Any]) -> dict[str, str]:
    """The settings as variables, from flags that are read among others, then by themselves; groups add up."""
    from navarch.cli.commands.env import variables

    found = variables(Settings({**given, **more}))
    groups = [*given.get("kube-as-group", ()), *more.get("kube-as-group", ())]
    return {**found, "HELM_KUBEASGROUPS": ",".join(groups)} if groups else found


def run_command(
    command: PluginCommand, words: list[str], variables: Mapping[str, str], debug: Callable[[str], None] | None
) -> None:
    """Run a plugin's command with arguments. Raises PluginError, PluginExitError where it fails."""
    arguments = [] if command.ignore_flags else words
    if isinstance(command.plugin.metadata.runtime_config, SubprocessConfig):
        from navarch.plugins.commands import run_cli

        run_cli(command.plugin, arguments, variables, debug=debug)
    else:
        from navarch.plugins import wasm

        wasm.run_cli(command.plugin, arguments)


def list_plugins(call: Call) -> int:
    """Print the plugins that there are, those of a type where --type names one. Raises PluginError."""
    from navarch.cli.settings import data_path
    from navarch.plugins.install.status import signing_status

    rows = [("NAME", "VERSION", "TYPE", "APIVERSION", "PROVENANCE", "SOURCE")]
    for plugin in find_plugins(folders(call.settings), type=call.flag("type"), ignored=ignored):
        found = plugin.metadata
        signed = signing_status(plugin, data_path("plugins"))
        rows.append((found.name, found.version, found.type, found.api_version, signed, found.source_url or "unknown"))
    write(table(rows) + "\n")
    return 0


def installed(settings: Settings, without: Collection[str]) -> list[str]:
    """The plugins with commands, for completion: "name", a tab, what it is for."""
    try:
        plugins = find_plugins(folders(settings), type="cli/v1", ignored=ignored)
    except PluginError:
        return []
    return [
        f"{plugin.name}\t{plugin.metadata.config.short_help}"
        for plugin in plugins
        if isinstance(plugin.metadata.config, CliConfig) and plugin.name not in without
    ]


def split_flags(words: list[str]) -> tuple[list[str], list[str]]:
    """The words of our own flags, which a plugin doesn't get, and the other words.

    As in Helm, an empty word counts as such a flag, and takes the next one with it.
    """
    taken: list[str] = []
    passed: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--debug" or ("=" in word and word.partition("=")[0] in _TAKEN):
            taken.append(word)
        elif word in _TAKEN or not word:
            taken += [word, *(value for value in [next(rest, None)] if value is not None)]
        else:
            passed.append(word)
    return taken, passed


def given_flags(words: list[str]) -> dict[str, Any]:
    """The values that words of our own flags give. Raises UsageError."""
    flags = FlagSet((GLOBAL, LOGGING))
    flags.parse(words)
    return flags.values


def lenient_values(words: list[str]) -> dict[str, Any]:
    """The values of our own flags anywhere among other words, up to the first fault.

    Flags that aren't ours are taken to have the next word for their value, by pflag's rule.
    """
    flags = FlagSet((GLOBAL, LOGGING))
    rest = list(words)
    try:
        while rest and rest[0] != "--":
            word = rest.pop(0)
            if len(word) < 2 or word[0] != "-":
                continue
            more = _read_long(word, rest, flags) if word[1] == "-" else _read_short(word[1:], rest, flags)
            if not more:
                break
    except UsageError:  # the command's own reading says what is wrong
        pass
    return flags.values


def _read_long(word: str, rest: list[str], flags: FlagSet) -> bool:
    """Read a flag, and take its value off the rest; False where help is asked for, or this is no flag."""
    name, equals, _ = word[2:].partition("=")
    if not name or name[0] == "-":
        return False
    row = flags.rows.get(name)
    if row is not None:
        flags.parse([word] if equals or row[2] in BARE else [word, *_taken_off(rest)])
    elif not equals:
        _drop_value(rest)
    return name != "help"


def _read_short(letters: str, rest: list[str], flags: FlagSet) -> bool:
    """Read a word of single letters. Each takes its value off the same rest, as pflag has it."""
    before = list(rest)
    while letters:
        rest[:] = before
        if letters[0] in flags.shorts:
            flags.parse([f"-{letters}", *(_taken_off(rest) if len(letters) == 1 else ())])
            return True
        if letters[0] == "h":
            return False
        if letters[1:2] == "=" and len(letters) > 2:
            return True
        _drop_value(rest)
        letters = letters[1:]
    return True


def _taken_off(rest: list[str]) -> list[str]:
    return [rest.pop(0)] if rest else []


def _drop_value(rest: list[str]) -> None:
    """Drop the word that may be the value of a flag that isn't ours."""
    if rest and rest[0][:1] != "-":
        del rest[0]
