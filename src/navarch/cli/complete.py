"""Completion, by cobra's protocol: `nav __complete WORD… LAST` answers what LAST can become.

A line each: a word, and after a tab what it is; then ":" and a number, which is the sum of what the shell is to do
(the directives below). The scripts of `nav completion` ask this way, and so do those that Helm's users have. What the
arguments and flag values of single commands can be is in navarch.cli.choices.
"""

from __future__ import annotations

import os

from navarch.cli.flags import BARE, HELP, FlagSet
from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.help import visible_rows
from navarch.cli.main import command_module, flag_set
from navarch.cli.output import complain, write
from navarch.cli.route import UnknownCommandError, find
from navarch.cli.table import COMMANDS, children_of, program
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ACTIVE_HELP", "DEFAULT", "ERROR", "NO_FILES", "NO_SPACE", "REPEATABLE", "answer", "complete", "spellings"]

DEFAULT = 0  # the shell offers files if nothing else was found
ERROR = 1
NO_SPACE = 2
NO_FILES = 4
FILE_EXTENSIONS = 8
FOLDERS = 16
KEEP_ORDER = 32

_NAMES = {
    ERROR: "ShellCompDirectiveError",
    NO_SPACE: "ShellCompDirectiveNoSpace",
    NO_FILES: "ShellCompDirectiveNoFileComp",
    FILE_EXTENSIONS: "ShellCompDirectiveFilterFileExt",
    FOLDERS: "ShellCompDirectiveFilterDirs",
    KEEP_ORDER: "ShellCompDirectiveKeepOrder",
}

ACTIVE_HELP = "_activeHelp_ "
REPEATABLE = ("stringArray", "stringSlice", "stringToString", "postRendererArgsSlice")


class _Fault(Exception):
    """Why nothing can be completed; said on stderr, where shells don't look."""


def complete(words: list[str], *, descriptions: bool) -> int:
    """Print the answer for a command line whose last word is being written. Raises UsageError without any word."""
    if not words:
        raise UsageError("requires at least 1 arg(s), only received 0")
    found: list[str] = []
    directive = DEFAULT
    try:
        found, directive = answer(words[:-1], words[-1])
    except _Fault as fault:
        _debug(f"[Debug] [Error] {fault}")
    descriptions = descriptions and _setting("COMPLETION_DESCRIPTIONS").lower() not in ("0", "f", "false")
    if "0" in (os.environ.get("COBRA_ACTIVE_HELP"), os.environ.get(_variable("ACTIVE_HELP"))):
        found = [choice for choice in found if not choice.startswith(ACTIVE_HELP)]
    if not descriptions:
        found = [choice.partition("\t")[0] for choice in found]
    write("".join(choice.partition("\n")[0].strip() + "\n" for choice in found) + f":{directive}\n")
    names = ", ".join(name for bit, name in _NAMES.items() if directive & bit) or "ShellCompDirectiveDefault"
    complain(f"Completion ended with directive: {names}")
    return 0


def _variable(suffix: str) -> str:
    return f"{program().upper()}_{suffix}"


def _setting(suffix: str) -> str:
    return os.environ.get(_variable(suffix), "") or os.environ.get(f"COBRA_{suffix}", "")


def _debug(line: str) -> None:
    complain(line)
    if path := os.environ.get("BASH_COMP_DEBUG_FILE"):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            return


def answer(words: list[str], last: str) -> tuple[list[str], int]:
    r"""What the last word can become ("word", "word\twhat it is"), and a directive. Raises _Fault."""
    try:
        path, rest = find(words)
    except UnknownCommandError as error:
        from navarch.cli.plugin_complete import complete_plugin

        found = complete_plugin(error, last)
        if found is None:
            raise _Fault(f"unable to find a command for arguments: [{' '.join(words)}]") from None
        return found
    known = flag_set(path, command_module(path))
    flag, rest, value, unknown = _flag_in_question(known, rest, last)
    flags, only_arguments = _parsed(path, rest)
    if unknown:
        if not only_arguments:
            name = path.rpartition(" ")[2] or program()
            raise _Fault(f"Subcommand '{name}' does not support flag '{unknown}'")
        value = last
    if "help" in flags.values:
        return [], NO_FILES
    if flag and not only_arguments:
        return _flag_values(path, flag, flags, value)
    if not flag and value[:1] == "-" and "=" not in value and not only_arguments:
        return _flag_names(path, flags, value), NO_FILES
    return _arguments(path, flags, value, flag=bool(flag))


def _parsed(path: str, words: list[str]) -> tuple[FlagSet, bool]:
    """The flags given so far, and whether a "--" before means that only arguments can follow."""
    flags = flag_set(path, command_module(path))
    try:
        flags.parse(words)
    except UsageError as error:
        raise _Fault(f"Error while parsing flags from args [{' '.join(words)}]: {error}") from None
    return flags, flags.dash >= 0


def _flag_in_question(flags: FlagSet, words: list[str], last: str) -> tuple[str, list[str], str, str]:
    """The flag whose value is being written ("" if none is), the words that are complete, the value so far.

    The fourth is the flag's name if there is no such flag.
    """
    name, value, rest = "", last, words
    equals = last[:1] == "-" and "=" in last
    if equals:
        given, _, value = last.partition("=")
        name = given[2:] if given.startswith("--") else given[-1]
    elif last[:1] != "-" and words and _is_flag(words[-1]) and "=" not in words[-1]:
        before = words[-1]
        name = before[2:] if before.startswith("--") else before[-1]
        rest = words[:-1]
    if not name:
        return "", rest, value, ""
    full = flags.shorts.get(name, "") if len(name) == 1 else name
    if full not in flags.rows:
        return "", words, last, name
    if not equals and flags.rows[full][2] in BARE:
        return "", words, value, ""
    return full, rest, value, ""


def _is_flag(word: str) -> bool:
    return (len(word) >= 3 and word.startswith("--")) or (len(word) >= 2 and word[0] == "-" and word[1] != "-")


def _flag_names(path: str, flags: FlagSet, start: str) -> list[str]:
    """The flags that can still be given."""
    module = command_module(path)
    excluded = {
        name
        for group in getattr(module, "EXCLUSIVE", ())
        if all(member in flags.rows for member in group)
        for given in group
        if given in flags.values
        for name in group
        if name != given
    }
    own = sorted(visible_rows(path))
    rows = [*sorted(GLOBAL), *own] if path else sorted([*GLOBAL, HELP])
    found: list[str] = []
    for row in rows:
        if row[0] not in excluded and (row[0] not in flags.values or row[2] in REPEATABLE):
            found += spellings(row, start)
    return found


def spellings(row: Row, start: str) -> list[str]:
    """A flag's long and short form that begin so, and after a tab what it is for."""
    name, short, _, _, words = row
    both = (f"--{name}", f"-{short}" if short else "")
    return [f"{spelling}\t{words}" for spelling in both if spelling and spelling.startswith(start)]


def _flag_values(path: str, flag: str, flags: FlagSet, value: str) -> tuple[list[str], int]:
    from navarch.cli.choices import FLAG_VALUES

    choose = FLAG_VALUES.get(flag)
    return choose(path, flags, value) if choose else ([], DEFAULT)


def _arguments(path: str, flags: FlagSet, value: str, *, flag: bool) -> tuple[list[str], int]:
    """Commands below a group, or whatever a command has for arguments."""
    from navarch.cli.choices import ARGUMENTS

    found: list[str] = []
    directive = DEFAULT
    local = [name for name in flags.values if name not in _GLOBAL_NAMES]
    below = sorted(children_of(path)) if not path or COMMANDS[path][1] is None else []
    if below and not flag and not flags.args and not local:
        directive = NO_FILES
        names = [(child.rpartition(" ")[2], COMMANDS[child][2]) for child in below]
        if not path:
            from navarch.cli.plugin_names import plugin_words

            names = sorted(names + plugin_words(flags.values))
        found = [f"{name}\t{words}" for name, words in names if name.startswith(value)]
    choose = ARGUMENTS.get(path)
    if choose:
        more, directive = choose(path, flags, value)
        found += more
    return found, directive


_GLOBAL_NAMES = frozenset(row[0] for row in (*GLOBAL, *LOGGING))
