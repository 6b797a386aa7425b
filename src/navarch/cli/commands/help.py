"""`nav help`: explain a command."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {"help": "Explain a command, like `nav help repo add`, or without one list the commands there are."}

FLAGS: dict[str, tuple[Row, ...]] = {}


def run(call: Call) -> int:
    """Print a command's help; for words that are no command, the usage of nav on stderr."""
    from navarch.cli.help import show_help, show_plugin_help, usage_text
    from navarch.cli.output import complain
    from navarch.cli.route import UnknownCommandError, find
    from navarch.golang.strconv import can_backquote, quote

    try:
        path, _ = find(call.args)
    except UnknownCommandError as unknown:
        from navarch.cli.plugins import find_command

        command = find_command(unknown.word, call.settings)
        if command is not None:
            show_plugin_help(command, unknown.rest)
            return 0
        topics = " ".join(f"`{word}`" if can_backquote(word) else quote(word) for word in call.args)
        complain(f"Unknown help topic [{topics}]\n{usage_text('')}".rstrip("\n"))
        return 0
    show_help(path)
    return 0
