"""The commands of plugins that are programs: which one is for this machine, with which words and variables it is run.

Hooks are run here, too; so is whatever is left to the terminal while it runs, like the commands that plugins add.
"""

from __future__ import annotations

import os
import sys

from navarch.chart.notices import notice
from navarch.errors import PluginError, PluginExitError
from navarch.golang.expand import expand as expanded
from navarch.golang.strconv import quote
from navarch.plugins.metadata import SubprocessConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signals
    from collections.abc import Callable, Mapping, Sequence

    from navarch.plugins.load import Plugin
    from navarch.plugins.metadata import PlatformCommand

    # told what is done, a line each
    Debug = Callable[[str], None]
else:
    import _signal as signals  # what the module of that name is made of, without its enumerations

__all__ = ["choose", "environment", "find_program", "platform", "prepare", "run", "run_cli", "run_hook"]

_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "i686": "386",
    "armv6l": "arm",
    "armv7l": "arm",
    "mips64": "mips64",
    "loongarch64": "loong64",
}


def platform() -> tuple[str, str]:
    """The machine's operating system and architecture, in Go's names."""
    machine = os.uname().machine
    return sys.platform.rstrip("0123456789"), _ARCHITECTURES.get(machine, machine)


def choose(commands: Sequence[PlatformCommand]) -> PlatformCommand | None:
    """The command for this machine: the first for both its system and architecture, else for its system, else for any.

    A command for an architecture alone is for none.
    """
    system, architecture = platform()
    fallback: PlatformCommand | None = None
    of_system = False
    for command in commands:
        named = command.os.lower()
        if named == system and command.arch.lower() == architecture:
            return command
        if command.arch or named not in ("", system):
            continue
        if fallback is None or (named and not of_system):
            fallback, of_system = command, bool(named)
    return fallback


def prepare(
    commands: Sequence[PlatformCommand], env: Mapping[str, str], extra: Sequence[str] = (), *, expand: bool = True
) -> list[str]:
    """The words of the command for this machine: its program, its own arguments, then the extra ones.

    Variables in the program are replaced, with `expand` those in its own arguments too. Raises PluginError where no
    command is for this machine.
    """
    command = choose(commands)
    program, *words = command.command.split(" ") if command else ("",)
    if command is None or not program:
        raise PluginError("no plugin command is applicable")
    own = [*words, *command.args]
    if expand:
        own = [expanded(word, lambda name: env.get(name, "")) for word in own]
    return [expanded(program, lambda name: env.get(name, "")), *own, *extra]


def environment(plugin: Plugin, variables: Mapping[str, str] = {}, /) -> dict[str, str]:
    """The variables that a plugin's programs see: this process's own, the given ones, and which plugin it is."""
    return {**os.environ, **variables, "HELM_PLUGIN_NAME": plugin.name, "HELM_PLUGIN_DIR": plugin.folder}


def subprocess_config(plugin: Plugin) -> SubprocessConfig:
    """The runtime configuration of a plugin that is a program. Raises PluginError for one that isn't."""
    config = plugin.metadata.runtime_config
    if not isinstance(config, SubprocessConfig):
        raise PluginError(f"plugin {quote(plugin.name)} is not run as a program")
    return config


def run_cli(
    plugin: Plugin, arguments: Sequence[str], variables: Mapping[str, str], *, debug: Debug | None = None
) -> None:
    """Run the command that a plugin adds, on this process's terminal.

    Raises PluginExitError where it fails, PluginError where it can't be run.
    """
    env = environment(plugin, variables)
    try:
        words = prepare(subprocess_config(plugin).commands, env, arguments)
    except PluginError as error:
        raise error.within("failed to prepare plugin command") from error
    _note(debug, "executing plugin command", plugin, words)
    code = run(words, env)
    if code:
        _note_failure(debug, plugin, code)
        raise PluginExitError(f"plugin {quote(plugin.name)} exited with error", exit_code=code)


def run_hook(plugin: Plugin, event: str, variables: Mapping[str, str] = {}, /, *, debug: Debug | None = None) -> None:
    """Run a plugin's hook for "install", "update" or "delete", if it has one. Raises PluginError where that fails."""
    config = plugin.metadata.runtime_config
    if not isinstance(config, SubprocessConfig) or not config.hooks.get(event):
        return
    env = environment(plugin, variables)
    words = prepare(config.hooks[event], env, expand=config.expand_hook_args)
    _note(debug, "executing plugin hook command", plugin, words)
    if run(words, env, stdin=False):
        raise PluginError(f"plugin {event} hook for {quote(plugin.name)} exited with error")


def _note(debug: Debug | None, message: str, plugin: Plugin, words: Sequence[str]) -> None:
    """Tell which program is run; where there is no such program, its words as they are."""
    if debug is None:
        return
    try:
        program = find_program(words[0])
    except PluginError:
        program = words[0]
    debug(notice("DEBUG", message, pluginName=plugin.name, command=" ".join((program, *words[1:]))))


def _note_failure(debug: Debug | None, plugin: Plugin, code: int) -> None:
    if debug is not None:
        status = f"exit status {code}" if code > 0 else "signal"
        facts = {"pluginName": plugin.name, "error": status, "exitCode": str(code), "stderr": ""}
        debug(notice("DEBUG", "plugin execution failed", **facts))


def run(words: Sequence[str], env: Mapping[str, str], *, stdin: bool = True) -> int:
    """Run a program on this process's terminal and answer its exit code; -1 where a signal ended it.

    Ctrl-C reaches the program, too; it is waited for then. Raises PluginError where it can't be run.
    """
    path = find_program(words[0])
    actions = () if stdin else ((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),)
    sys.stdout.flush()
    try:
        child = os.posix_spawn(path, list(words), env, file_actions=actions, setsigdef=[signals.SIGPIPE])
    except (OSError, ValueError) as error:
        raise _not_run(path, error) from error
    interrupted = False
    while True:
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return max(code, -1)


def find_program(name: str) -> str:
    """Where a program is that is named with or without its folder. Raises PluginError with Go's message."""
    if "/" in name:
        return name
    for folder in os.environ.get("PATH", "").split(":"):
        path = os.path.join(folder or ".", name)
        if name and os.path.isfile(path) and os.access(path, os.X_OK):
            if not os.path.isabs(path):
                raise PluginError(f"exec: {quote(name)}: cannot run executable found relative to current directory")
            return path
    raise PluginError(f"exec: {quote(name)}: executable file not found in $PATH")


def _not_run(path: str, error: OSError | ValueError) -> PluginError:
    from navarch.chart.load import reason

    return PluginError(f"fork/exec {path}: {reason(error)}")
