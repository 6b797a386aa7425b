"""Plugins with commands, in the folders of a home: what tests of nav's own and of nav beside Helm run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FILES", "write_plugins"]

_HEAD = "apiVersion: v1\nversion: 0.1.0\ntype: cli/v1\nruntime: subprocess\n"
_RUNS = "runtimeConfig:\n  platformCommand: [{command: $HELM_PLUGIN_DIR/run.sh}]\n"

FILES = {
    "args/plugin.yaml": f"{_HEAD}name: args\nconfig: {{shortHelp: echo args, longHelp: This echos args}}\n{_RUNS}",
    "args/run.sh": '#!/bin/sh\necho "$*"\n',
    "args/completion.yaml": (
        "commands:\n"
        "- {name: env, flags: [x, long, y, other], validArgs: [one, two]}\n"
        "- {name: code, commands: []}\n"
        "- name: deep\n"
        "  flags: [q]\n"
        "  commands:\n"
        "  - {name: a, Flags: [z]}\n"
        "  - {name: b, flags: [f, g]}\n"
        "  - {Name: 5}\n"
        "flags: [a, b, long]\n"
    ),
    "args/plugin.complete": '#!/bin/sh\necho "asked $# $*"\n[ "$HELM_NAMESPACE" = default ] && echo ":2"\nexit 0\n',
    "echo/plugin.yaml": (
        f"{_HEAD}name: echo\nconfig: {{ignoreFlags: true}}\n"
        "runtimeConfig:\n  platformCommand: [{command: echo hello $HELM_NAMESPACE}]\n"
    ),
    "echo/plugin.complete": "#!/bin/sh\necho one\necho\necho two >&2\necho :4\n",
    "exit/plugin.yaml": f"{_HEAD}name: exit\nconfig: {{usage: exitwith CODE, shortHelp: ends}}\n{_RUNS}",
    "exit/run.sh": "#!/bin/sh\nexit $1\n",
    "exit/completion.yaml": "commands: [a, {name: b}]\n",
    "old/plugin.yaml": (
        "name: old\nusage: an old one\ndescription: |\n  Of Helm 3.\n\n  Two parts.\n\ncommand: $HELM_PLUGIN_DIR/run.sh -x\n"
        "version: 1.2.3\n"
    ),
    "old/run.sh": (
        '#!/bin/sh\necho "$@"\n'
        "env | grep -E '^(HELM_|KUBECONFIG)' | grep -vE '^(HELM_BIN|HELM_MAX_HISTORY)=' | sort\ncat >&2\n"
    ),
    "fetch/plugin.yaml": "name: fetch\ndownloaders: [{command: x, protocols: [s3]}]\n",
}


def write_plugins(folder: Path) -> None:
    """Write them all below a folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if not name.endswith(".yaml"):
            path.chmod(0o755)
