r"""What the arguments and flag values of commands can be, for completion.

A choice is "word" or "word\twhat it is". A function gets the command's path, its flags and the word so far, and
answers choices and a directive (navarch.cli.complete). What only a cluster knows is in navarch.cli.cluster_choices.
"""

from __future__ import annotations

import os

from navarch.cli.complete import ACTIVE_HELP, DEFAULT, ERROR, NO_FILES, NO_SPACE
from navarch.cli.settings import Settings
from navarch.cli.table import COMMANDS, children_of
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cli.flags import FlagSet
    from navarch.repos.index import Index, Listed

    Choose = Callable[[str, FlagSet, str], tuple[list[str], int]]

__all__ = ["ARGUMENTS", "FLAG_VALUES", "repositories"]

_URLS = (
    "oci://\tchart in a registry",
    "https://\tchart at an address",
    "http://\tchart at an address",
    "file://\tlocal chart",
)
_MIRRORED = ("https://\trepository with an index.yaml", "oci://\tcharts in a registry")
_PATHS = ("./\tchart below this folder", "/\tchart at a path")


def _no_more() -> tuple[list[str], int]:
    return [ACTIVE_HELP + "This command takes no more arguments, only flags."], NO_FILES


def _nothing(_path: str, _flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return _no_more()


def _no_files(_path: str, _flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return [], NO_FILES


def _one_path(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return _no_more() if flags.args else ([], DEFAULT)


def _variables(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    if flags.args:
        return _no_more()
    from navarch.cli.commands.env import variables

    return list(variables(Settings(flags.values))), NO_FILES


def _release_then_chart(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    """Install and template: a name nobody can guess, then a chart."""
    if len(flags.args) == (0 if flags.get("generate-name") else 1):
        return _charts(flags, word, files=True)
    return [], NO_FILES


def _upgrade(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    if len(flags.args) == 1:
        return _charts(flags, word, files=True)
    return _no_more() if flags.args else _releases(flags)


def _chart(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    return _no_more() if flags.args else _charts(flags, word, files=True)


def _remote_chart(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    return ([], NO_FILES) if flags.args else _charts(flags, word, files=False)


def _push(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    if len(flags.args) == 1:
        return ["oci://"], NO_FILES | NO_SPACE
    return _no_more() if flags.args else ([], DEFAULT)


def _new_repository(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return _no_more() if len(flags.args) > 1 else ([], NO_FILES)


def _added_repositories(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return [f"{name}\t{url}" for name, url in repositories(Settings(flags.values)) if name not in flags.args], NO_FILES


def _releases(flags: FlagSet) -> tuple[list[str], int]:
    from navarch.cli.cluster_choices import releases

    found = releases(flags)
    return ([], DEFAULT) if found is None else (found, NO_FILES)


def _one_release(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return _no_more() if flags.args else _releases(flags)


def _many_releases(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return _releases(flags)


def _rollback(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    if len(flags.args) == 1:
        return _revisions(path, flags, word)
    return _no_more() if flags.args else _releases(flags)


def _one_space(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    return _no_more() if flags.args else _many_spaces(path, flags, word)


def _many_spaces(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    from navarch.cli.space_choices import spaces

    return spaces(flags, word, flags.args), NO_FILES


def _space_then_file(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    return ([], DEFAULT) if flags.args else _many_spaces(path, flags, word)


def _stored_charts(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    from navarch.cli.space_choices import charts

    if flags.args and path not in ("chart delete", "chart get"):
        return _no_more()
    found = charts(path, flags, word)
    return found, NO_FILES | (NO_SPACE if any(one.partition("\t")[0].endswith("/") for one in found) else 0)


def _stored_chart_then_file(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    if len(flags.args) == 1:
        return [], DEFAULT
    return _stored_charts(path, flags, word)


def _mirror(path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    if len(flags.args) == 1:
        from navarch.cli.space_choices import spaces

        return spaces(flags, word), NO_FILES
    if flags.args:
        return _no_more()
    addresses = [one for one in _MIRRORED if one.startswith(word)]
    names = [one for one in _added_repositories(path, flags, word)[0] if one.startswith(word)]
    return [*addresses, *names], NO_FILES | (NO_SPACE if addresses and not names else 0)


def _help(_path: str, flags: FlagSet, word: str) -> tuple[list[str], int]:
    from navarch.cli.route import UnknownCommandError, find

    try:
        path, _ = find(flags.args)
    except UnknownCommandError as unknown:
        from navarch.cli.plugin_complete import subcommands

        return subcommands(unknown, word, flags.values), NO_FILES
    names = [(child.rpartition(" ")[2], COMMANDS[child][2]) for child in sorted(children_of(path))]
    if not path:
        from navarch.cli.plugin_names import plugin_words

        names = sorted(names + plugin_words(flags.values))
    return [f"{name}\t{words}" for name, words in names if name.startswith(word)], NO_FILES


def _yaml(path: str) -> dict[str, Any]:
    from navarch.golang.yaml import load

    try:
        with open(path, "rb") as file:
            found = load(file.read())
    except (OSError, NavarchError):
        return {}
    return found if isinstance(found, dict) else {}


def repositories(settings: Settings) -> list[tuple[str, str]]:
    """Names and addresses of the repositories that were added."""
    entries = _yaml(settings.text("repository-config")).get("repositories")
    entries = entries if isinstance(entries, list) else []
    return [(str(e.get("name", "")), str(e.get("url", ""))) for e in entries if isinstance(e, dict)]


def _charts(flags: FlagSet, word: str, *, files: bool) -> tuple[list[str], int]:
    """Charts of repositories, beginnings of addresses, and files of this folder."""
    found: list[str] = []
    directive = DEFAULT if files else NO_FILES
    for name, url in repositories(Settings(flags.values)):
        if word.startswith(f"{name}/"):
            found += [f"{name}/{chart}" for chart in _charts_of(flags, name)]
            directive &= ~NO_SPACE
            break
        if name.startswith(word):
            found.append(f"{name}/\t{url}")
            directive |= NO_SPACE
    for url in _URLS:
        if url.startswith(word):
            found.append(url)
            directive |= NO_SPACE
    if files and found and word:
        found += sorted(name for name in os.listdir(".") if name.startswith(word))
    if files and not word:
        found += _PATHS
    return found, directive


def _charts_of(flags: FlagSet, repository: str) -> list[str]:
    """The names of a repository's charts, from the list that an update left, or from the index."""
    folder = Settings(flags.values).text("repository-cache")
    try:
        with open(os.path.join(folder, f"{repository}-charts.txt"), encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        index = _index(flags, repository)
        return index.names() if index is not None else []


def _index(flags: FlagSet, repository: str) -> Index | None:
    """The copy of a repository's index; None where it can't be read."""
    from navarch.repos.index import Index
    from navarch.repos.repository import index_path

    try:
        return Index.load(index_path(Settings(flags.values).text("repository-cache"), repository))
    except NavarchError:
        return None


def _plugins(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    from navarch.cli.plugins import installed

    return installed(Settings(flags.values), flags.args), NO_FILES


def _formats(_path: str, _flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return ["json\tJSON, for programs", "table\ta table, for people", "yaml\tYAML, for either"], NO_FILES


def _colors(_path: str, _flags: FlagSet, _word: str) -> tuple[list[str], int]:
    return ["never", "auto", "always"], NO_FILES


def _contexts(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    from navarch.cli.kubeconfig import contexts

    try:
        _, known = contexts(flags.values.get("kubeconfig", ""))
    except (OSError, NavarchError):
        return [], NO_FILES
    return [f"{name}\t{context.get('cluster', '')}" for name, context in known.items()], NO_FILES


def _revisions(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    if len(flags.args) != 1:
        return [], NO_FILES
    from navarch.cli.cluster_choices import revisions

    found = revisions(flags, flags.args[0])
    return ([], ERROR) if found is None else (found, NO_FILES)


def _namespaces(_path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    from navarch.cli.cluster_choices import namespaces

    found = namespaces(flags)
    return ([], DEFAULT) if found is None else (found, NO_FILES)


def _clusters(path: str, _flags: FlagSet, _word: str) -> tuple[list[str], int]:
    """The clusters that are kept on this machine."""
    if not path.startswith("cluster "):
        return [], DEFAULT
    from navarch.cli.settings import data_path

    try:
        return sorted(os.listdir(data_path("navarch", "clusters"))), NO_FILES
    except OSError:
        return [], NO_FILES


# The commands whose --version means a chart's, and how many arguments there are once the chart is named.
_CHART_AT = {
    "install": 2,
    "pull": 1,
    "show all": 1,
    "show chart": 1,
    "show crds": 1,
    "show readme": 1,
    "show values": 1,
    "show versions": 1,
    "template": 2,
    "upgrade": 2,
}


def _versions(path: str, flags: FlagSet, _word: str) -> tuple[list[str], int]:
    """The versions of the chart that was named, if it is one of a repository whose index is here."""
    if path not in _CHART_AT:
        return [], DEFAULT
    wanted = _CHART_AT[path]
    if wanted == 2 and path != "upgrade" and flags.get("generate-name"):
        wanted = 1
    parts = flags.args[-1].split("/") if len(flags.args) == wanted else []
    if len(parts) != 2:
        return [], NO_FILES
    index = _index(flags, parts[0])
    versions = index.versions(parts[1]) if index is not None else []
    return [_version_choice(version) for version in versions], NO_FILES


def _version_choice(listed: Listed) -> str:
    words = (f"App: {listed.app_version}" if listed.app_version else "", "deprecated" if listed.deprecated else "")
    return f"{listed.version}\t{', '.join(filter(None, words))}"


ARGUMENTS: dict[str, Choose] = {
    "cache list": _nothing,
    "cache prune": _nothing,
    "cluster down": _nothing,
    "cluster reset": _nothing,
    "cluster status": _nothing,
    "cluster up": _nothing,
    "chart compose": _space_then_file,
    "chart delete": _stored_charts,
    "chart get": _stored_charts,
    "chart list": _one_space,
    "chart put": _space_then_file,
    "chart set metadata": _stored_chart_then_file,
    "chart set values": _stored_chart_then_file,
    "chart show metadata": _stored_charts,
    "chart show values": _stored_charts,
    "chart versions": _stored_charts,
    "completion bash": _nothing,
    "completion fish": _nothing,
    "completion powershell": _nothing,
    "completion zsh": _nothing,
    "create": _one_path,
    "env": _variables,
    "get all": _one_release,
    "get hooks": _one_release,
    "get manifest": _one_release,
    "get metadata": _one_release,
    "get notes": _one_release,
    "get values": _one_release,
    "help": _help,
    "history": _one_release,
    "install": _release_then_chart,
    "list": _nothing,
    "plugin install": _one_path,
    "plugin list": _nothing,
    "plugin uninstall": _plugins,
    "plugin update": _plugins,
    "pull": _remote_chart,
    "push": _push,
    "registry gc": _nothing,
    "registry login": _no_files,
    "registry logout": _no_files,
    "registry mirror": _mirror,
    "registry retain": _nothing,
    "registry serve": _nothing,
    "repo add": _new_repository,
    "repo index": _one_path,
    "repo list": _nothing,
    "repo remove": _added_repositories,
    "repo update": _added_repositories,
    "rollback": _rollback,
    "show all": _chart,
    "show chart": _chart,
    "show crds": _chart,
    "show readme": _chart,
    "show values": _chart,
    "show versions": _chart,
    "space create": _no_files,
    "space delete": _many_spaces,
    "space list": _nothing,
    "status": _one_release,
    "template": _release_then_chart,
    "test": _one_release,
    "uninstall": _many_releases,
    "upgrade": _upgrade,
    "verify": _one_path,
    "version": _nothing,
}

FLAG_VALUES: dict[str, Choose] = {
    "color": _colors,
    "colour": _colors,
    "kube-context": _contexts,
    "name": _clusters,
    "namespace": _namespaces,
    "output": _formats,
    "revision": _revisions,
    "version": _versions,
}
