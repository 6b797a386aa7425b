"""Help: the usage of a command, its aliases, what is below it, its flags, in the layout that cobra gave Helm."""

from __future__ import annotations

from navarch.cli.flags import BARE
from navarch.cli.global_flags import GLOBAL
from navarch.cli.output import write
from navarch.cli.settings import default
from navarch.cli.table import COMMANDS, aliases_of, children_of, program
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from navarch.cli.global_flags import Row
    from navarch.cli.plugins import PluginCommand

__all__ = ["help_text", "show_help", "show_plugin_help", "usage_line", "usage_text", "visible_rows"]

_TYPE_NAMES = {
    "bool": "",
    "stringSlice": "strings",
    "uint64": "uint",
    "dryRun": "string",
}
_NARROWEST = 11  # columns of command names


def show_help(path: str) -> None:
    """Print the help of a command ("" is the root)."""
    write(help_text(path))


def help_text(path: str) -> str:
    """What a command does, then its usage."""
    from navarch.cli.main import command_module

    module = command_module(path)
    about = module.ABOUT.get(path, COMMANDS[path][2]) if module else ROOT
    return f"{about.strip()}\n\n{usage_text(path)}"


def usage_line(path: str) -> str:
    """The one line that says how a command is called."""
    words = COMMANDS[path][0]
    return f"{program()} {path} {words} [flags]" if words else f"{program()} {path} [flags]"


def usage_text(path: str) -> str:
    """Usage, aliases, commands and flags."""
    full = f"{program()} {path}".rstrip()
    below = sorted(children_of(path))
    parts = ["Usage:"]
    if path and COMMANDS[path][1] is not None:
        parts.append(f"  {usage_line(path)}")
    if below:
        parts.append(f"  {full} [command]")
    if aliases := aliases_of(path):
        parts += ["", "Aliases:", "  " + ", ".join([path.rpartition(" ")[2], *aliases])]
    if below:
        parts += ["", "Available Commands:", *_listed(path, below)]
    own = visible_rows(path)
    if path:
        parts += ["", "Flags:", *_described(own), "", "Global Flags:", *_described(GLOBAL)]
    else:
        parts += ["", "Flags:", *_described((*own, *GLOBAL))]
    if below:
        parts += ["", f'Use "{full} [command] --help" for more information about a command.']
    return "\n".join(parts) + "\n"


def visible_rows(path: str) -> list[Row]:
    """The command's own flags that help and completion show: neither deprecated nor hidden."""
    from navarch.cli.flags import HELP
    from navarch.cli.main import command_module

    module = command_module(path)
    rows = module.FLAGS.get(path, ()) if module else ()
    hidden = getattr(module, "DEPRECATED", {}).get(path, {})
    return [row for row in (*rows, HELP) if row[4] and row[0] not in hidden]


def _listed(path: str, below: list[str]) -> list[str]:
    rows = [(child.rpartition(" ")[2], COMMANDS[child][2]) for child in below]
    if not path:
        from navarch.cli.plugin_names import plugin_words

        rows = sorted(rows + plugin_words())
    width = max(_NARROWEST, *(len(name) for name, _ in rows))
    return [f"  {name:{width}} {words}" for name, words in rows]


def show_plugin_help(command: PluginCommand, words: list[str]) -> None:
    """Print what a plugin tells of its command, or of the subcommand that the words behind it name."""
    from navarch.cli.flags import HELP
    from navarch.cli.plugin_levels import descend, load_level

    level, _ = descend(load_level(command.plugin.folder), words)
    called = " ".join((program(), command.name, *level.path))
    line = called if level.path else f"{program()} {command.usage}"
    parts = [] if level.path else [(command.long or command.short).rstrip(), ""]
    parts += ["Usage:", f"  {line}" if "[flags]" in line else f"  {line} [flags]"]
    if level.names:
        parts += [f"  {called} [command]", "", "Available Commands:", *(f"  {name}" for name in level.names)]
    parts += ["", "Flags:", *_described([*level.flags, HELP]), "", "Global Flags:", *_described(GLOBAL)]
    if level.names:
        parts += ["", f'Use "{called} [command] --help" for more information about a command.']
    write("\n".join(parts) + "\n")


def _described(rows: Iterable[Row]) -> list[str]:
    """Flags, a line each, their words in one column."""
    lines = [(_left(row), _right(row)) for row in sorted(rows)]
    width = max(len(left) for left, _ in lines)
    return [f"{left:{width}}   {right}".rstrip() for left, right in lines]


def _left(row: Row) -> str:
    name, short, kind, _, _ = row
    text = f"  -{short}, --{name}" if short else f"      --{name}"
    shown = _TYPE_NAMES.get(kind, kind)
    text = f"{text} {shown}" if shown else text
    bare = BARE.get(kind, "true")
    if bare == "true":
        return text
    return f'{text}[="{bare}"]' if shown == "string" else f"{text}[={bare}]"


def _right(row: Row) -> str:
    """The words of a flag, and its default unless that is nothing."""
    name, _, kind, value, words = row
    value = default(name) if value == "$" else value
    if value in ("", "false", "0", "0s") or (value == "[]" and kind in ("stringArray", "stringSlice")):
        return words
    return f"{words} (default {quote(value) if kind in ('string', 'dryRun') else value})"


ROOT = """
Navarch puts charts, packages of Kubernetes manifests, into clusters and looks after them. It takes the command lines
of Helm 4 and answers them as Helm does; the folders, files and records of the two are the same.

To begin with:

    nav create web             write a new chart
    nav lint web               look for mistakes in it
    nav template demo web      see what it renders to
    nav cluster up             have a cluster to try it on, without containers
    nav install demo web       put it into the cluster
    nav list                   see what is there

Settings come from flags, or else from the environment:

    HELM_CACHE_HOME, HELM_CONFIG_HOME, HELM_DATA_HOME
        where downloads, settings and plugins are kept; else below $XDG_CACHE_HOME, $XDG_CONFIG_HOME and
        $XDG_DATA_HOME, else ~/.cache/helm, ~/.config/helm and ~/.local/share/helm
    HELM_CONTENT_CACHE, HELM_REPOSITORY_CACHE, HELM_REPOSITORY_CONFIG, HELM_REGISTRY_CONFIG, HELM_PLUGINS
        single places among those
    HELM_NAMESPACE, HELM_KUBECONTEXT, KUBECONFIG
        which cluster, and where in it
    HELM_KUBEAPISERVER, HELM_KUBECAFILE, HELM_KUBETLS_SERVER_NAME, HELM_KUBEINSECURE_SKIP_TLS_VERIFY, HELM_KUBETOKEN
        how to reach its API server
    HELM_KUBEASUSER, HELM_KUBEASGROUPS
        whom to act as
    HELM_BURST_LIMIT, HELM_QPS
        how fast to ask it
    HELM_DRIVER, HELM_DRIVER_SQL_CONNECTION_STRING
        where releases are recorded: secret, configmap, memory or sql
    HELM_MAX_HISTORY
        how many revisions of a release to keep
    HELM_NO_PLUGINS
        1 to do without plugins
    HELM_COLOR, NO_COLOR
        never, auto or always; NO_COLOR set to anything means never
    HELM_DEBUG
        true to be told more
    SOURCE_DATE_EPOCH
        the time to stamp packaged files with, in seconds
    NAVARCH_CACHE
        off to render without the cache
"""
