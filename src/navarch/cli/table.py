"""The table of commands: what the first step of every command line is looked up in.

A path ("show values") leads to (words after the name in the usage line, how many arguments, summary). The number of
arguments is (fewest, most), most being -1 where there is no limit; a group of commands has None and only shows its
help. A command without a summary is not listed. A command's flags, longer help and code are in the module that the
first word of its path names: navarch.cli.commands.show.

The order is the one in which suggestions are made; help sorts by name.
"""

from __future__ import annotations

import sys

__all__ = ["ALIASES", "COMMANDS", "SUGGEST_FOR", "Entry", "aliases_of", "children_of", "program"]

Entry = tuple[str, tuple[int, int] | None, str]

COMMANDS: dict[str, Entry] = {
    "create": ("NAME", (1, 1), "write the files of a new chart"),
    "dependency": ("update|build|list", None, "look after the charts that a chart depends on"),
    "dependency list": ("CHART", (0, 1), "list a chart's dependencies and their state"),
    "dependency update": ("CHART", (0, 1), "fetch what Chart.yaml asks for and write the lock file"),
    "dependency build": ("CHART", (0, 1), "fetch exactly what the lock file names"),
    "pull": ("[chart URL | repo/chartname] [...]", (1, -1), "download a chart"),
    "show": ("", None, "look inside a chart"),
    "show all": ("[CHART]", (1, 1), "print everything there is to show"),
    "show readme": ("[CHART]", (1, 1), "print the chart's README"),
    "show values": ("[CHART]", (1, 1), "print the chart's values.yaml"),
    "show chart": ("[CHART]", (1, 1), "print the chart's metadata"),
    "show crds": ("[CHART]", (1, 1), "print the chart's custom resource definitions"),
    "show versions": ("[CHART]", (1, 1), "list the versions that there are of a chart"),
    "lint": ("PATH", (1, -1), "search charts for mistakes"),
    "package": ("[CHART_PATH] [...]", (0, -1), "make an archive of a chart folder"),
    "repo": ("add|remove|list|index|update [ARGS]", None, "manage chart repositories"),
    "repo add": ("[NAME] [URL]", (2, 2), "remember a repository under a name"),
    "repo list": ("", (0, 0), "list the repositories"),
    "repo remove": ("[REPO1 [REPO2 ...]]", (1, -1), "forget repositories"),
    "repo index": ("[DIR]", (1, 1), "write the index of a folder of archives"),
    "repo update": ("[REPO1 [REPO2 ...]]", (0, -1), "fetch the repositories' indexes again"),
    "search": ("[keyword]", None, "find charts"),
    "search hub": ("[KEYWORD]", (0, -1), "find charts on Artifact Hub or another hub"),
    "search repo": ("[keyword]", (0, -1), "find charts in the repositories that were added"),
    "search oci": ("oci://HOST/PATH [keyword]", (1, -1), "find charts in a registry"),
    "verify": ("PATH", (1, 1), "check the signature of a chart archive"),
    "get": ("", None, "print what is recorded about a release"),
    "get all": ("RELEASE_NAME", (1, 1), "print the whole record of a release"),
    "get values": ("RELEASE_NAME", (1, 1), "print the values that a release was given"),
    "get manifest": ("RELEASE_NAME", (1, 1), "print the manifest of a release"),
    "get hooks": ("RELEASE_NAME", (1, 1), "print the hooks of a release"),
    "get notes": ("RELEASE_NAME", (1, 1), "print the notes of a release"),
    "get metadata": ("RELEASE_NAME", (1, 1), "print the facts about a release: chart, versions, time"),
    "history": ("RELEASE_NAME", (1, 1), "list the revisions of a release"),
    "install": ("[NAME] [CHART]", (1, -1), "put a chart into the cluster as a new release"),
    "list": ("", (0, 0), "list the releases"),
    "test": ("[RELEASE]", (1, 1), "run a release's tests"),
    "rollback": ("<RELEASE> [REVISION]", (1, -1), "bring an earlier revision back"),
    "status": ("RELEASE_NAME", (1, 1), "show how a release is doing"),
    "template": ("[NAME] [CHART]", (1, -1), "render a chart and print the result"),
    "uninstall": ("RELEASE_NAME [...]", (1, -1), "remove releases from the cluster"),
    "upgrade": ("[RELEASE] [CHART]", (2, 2), "change a release to another chart or other values"),
    "completion": ("", None, "print a script that completes nav's command lines"),
    "completion bash": ("", (0, 0), "print the script for bash"),
    "completion zsh": ("", (0, 0), "print the script for zsh"),
    "completion fish": ("", (0, 0), "print the script for fish"),
    "completion powershell": ("", (0, 0), "print the script for PowerShell"),
    "env": ("", (0, 1), "print the settings that come from the environment"),
    "plugin": ("", None, "manage plugins"),
    "plugin install": ("[options] <path|url>", (1, 1), "install a plugin"),
    "plugin list": ("", (0, -1), "list the plugins"),
    "plugin package": ("[PATH]", (1, 1), "make an archive of a plugin folder"),
    "plugin uninstall": ("<plugin>...", (0, -1), "remove plugins"),
    "plugin update": ("<plugin>...", (0, -1), "bring plugins up to date"),
    "plugin verify": ("[PATH]", (1, 1), "check the signature of a plugin"),
    "version": ("", (0, 0), "print the version"),
    "registry": ("", None, "log in to and out of OCI registries, serve one"),
    "registry login": ("[host]", (1, -1), "log in to a registry"),
    "registry logout": ("[host]", (1, -1), "log out of a registry"),
    "registry serve": ("", (0, 0), "serve charts: spaces, OCI, classic repositories, web pages"),
    "registry mirror": ("SOURCE SPACE", (2, 2), "copy charts of another repository into a space"),
    "registry retain": ("", (0, 0), "remove the versions that the retention rules don't keep"),
    "registry gc": ("", (0, 0), "remove from storage what nothing refers to"),
    "push": ("[chart] [remote]", (2, -1), "upload a chart to a registry"),
    "space": ("create|list|delete", None, "manage the spaces of a chart registry"),
    "space create": ("SPACE [...]", (1, -1), "make spaces"),
    "space list": ("", (0, 0), "list the spaces"),
    "space delete": ("SPACE [...]", (1, -1), "delete spaces and all charts in them"),
    "chart": ("list|versions|show|get|put|set|delete|compose", None, "manage the charts of a chart registry"),
    "chart list": ("SPACE", (1, 1), "list the charts of a space"),
    "chart versions": ("SPACE/CHART", (1, 1), "list the versions of a chart"),
    "chart show": ("", None, "look at a chart in the registry"),
    "chart show metadata": ("SPACE/CHART[/VERSION]", (1, 1), "print the chart's metadata"),
    "chart show values": ("SPACE/CHART[/VERSION]", (1, 1), "print the chart's values"),
    "chart get": ("SPACE/CHART[/VERSION] [...]", (1, -1), "download charts"),
    "chart put": ("SPACE CHART [...]", (2, -1), "upload charts"),
    "chart set": ("", None, "change a chart in the registry"),
    "chart set metadata": ("SPACE/CHART/VERSION FILE", (2, 2), "replace the chart's metadata"),
    "chart set values": ("SPACE/CHART/VERSION FILE", (2, 2), "replace the chart's values"),
    "chart delete": ("SPACE/CHART/VERSION [...]", (1, -1), "delete versions of charts"),
    "chart compose": ("SPACE PLAN", (2, 2), "make a chart of other charts"),
    "cache": ("list|prune", None, "look after the charts that were downloaded"),
    "cache list": ("", (0, 0), "list the downloaded charts that are kept"),
    "cache prune": ("", (0, 0), "delete downloaded charts"),
    "cluster": ("up|down|status|reset", None, "run a Kubernetes API on this machine, without containers"),
    "cluster up": ("", (0, 0), "start the cluster and make it the current context"),
    "cluster down": ("", (0, 0), "stop the cluster and take its context away"),
    "cluster status": ("", (0, 0), "show whether the cluster runs, and where"),
    "cluster reset": ("", (0, 0), "delete everything that is in the cluster"),
    "help": ("[command]", (0, -1), "explain a command"),
    "__complete": ("[command-line]", (1, -1), ""),
    "__completeNoDesc": ("[command-line]", (1, -1), ""),
}

ALIASES: dict[str, str] = {
    "dep": "dependency",
    "dependencies": "dependency",
    "dependency ls": "dependency list",
    "dependency up": "dependency update",
    "fetch": "pull",
    "inspect": "show",
    "cache ls": "cache list",
    "chart ls": "chart list",
    "chart rm": "chart delete",
    "space ls": "space list",
    "space rm": "space delete",
    "repo ls": "repo list",
    "repo rm": "repo remove",
    "repo up": "repo update",
    "hist": "history",
    "ls": "list",
    "del": "uninstall",
    "delete": "uninstall",
    "un": "uninstall",
    "plugin add": "plugin install",
    "plugin ls": "plugin list",
    "plugin rm": "plugin uninstall",
    "plugin remove": "plugin uninstall",
    "plugin up": "plugin update",
}

# Words that are no alias, but whose writer meant this command.
SUGGEST_FOR: dict[str, str] = {"remove": "uninstall", "rm": "uninstall"}


def program() -> str:
    """What the program calls itself: nav, or helm when it is installed under that name for scripts that call it so."""
    return "helm" if sys.argv and sys.argv[0].rpartition("/")[2] == "helm" else "nav"


def children_of(path: str) -> list[str]:
    """The paths of the commands right below a group ("" is the root), hidden ones left out, in the table's order."""
    start = f"{path} " if path else ""
    depth = start.count(" ")
    return [p for p, entry in COMMANDS.items() if entry[2] and p.startswith(start) and p.count(" ") == depth]


def aliases_of(path: str) -> list[str]:
    """The other names of a command, as its last word."""
    return [alias.rpartition(" ")[2] for alias, target in ALIASES.items() if target == path]
