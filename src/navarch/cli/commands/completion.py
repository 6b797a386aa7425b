"""`nav completion`: print the scripts that make shells complete nav's command lines."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "completion": "Print a script that makes your shell complete nav's commands, flags and arguments.",
    "completion bash": """
Print the script for bash. For this shell, and for those to come:

    source <(nav completion bash)
    nav completion bash > ~/.local/share/bash-completion/completions/nav
""",
    "completion fish": """
Print the script for fish. For this shell, and for those to come:

    nav completion fish | source
    nav completion fish > ~/.config/fish/completions/nav.fish
""",
    "completion powershell": """
Print the script for PowerShell. For this shell (put the line into $PROFILE for those to come):

    nav completion powershell | Out-String | Invoke-Expression
""",
    "completion zsh": """
Print the script for zsh. For this shell, and for those to come (compinit has to be on):

    source <(nav completion zsh)
    nav completion zsh > "${fpath[1]}/_nav"
""",
}

_FLAGS: tuple[Row, ...] = (("no-descriptions", "", "bool", "false", "complete without explanations"),)

FLAGS: dict[str, tuple[Row, ...]] = {
    "completion bash": _FLAGS,
    "completion fish": _FLAGS,
    "completion powershell": _FLAGS,
    "completion zsh": _FLAGS,
}


def run(call: Call) -> int:
    """Print a shell's script."""
    from navarch.cli.output import write
    from navarch.cli.shells import script
    from navarch.cli.table import program

    shell = call.path.rpartition(" ")[2]
    write(script(shell, program(), descriptions=not call.flag("no-descriptions")))
    return 0
