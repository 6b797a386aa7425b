"""Finding the command that a command line means, by cobra's rules: flags may stand before and between its words."""

from __future__ import annotations

from navarch.cli.flags import BARE
from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.table import ALIASES, COMMANDS, program
from navarch.errors import UsageError

__all__ = ["find"]


def find(words: list[str]) -> tuple[str, list[str]]:
    """The path of the command ("" is the root), and the words without those of the path.

    Raises UsageError for a word that is no command. Below a group an unknown word is left where it is: the group
    then shows its help.
    """
    path = ""
    while word := _first_argument(words):
        if path == "search" and word.startswith("oci://"):  # the address says where to search
            return "search oci", words
        step = f"{path} {word}" if path else word
        step = step if step in COMMANDS else ALIASES.get(step, "")
        if not step:
            break
        words = _without(words, word)
        path = step
        if COMMANDS[path][1] is not None:
            return path, words
    if word and not path:
        raise _unknown(word)
    return path, words


def _first_argument(words: list[str]) -> str:
    """The first word that is neither a flag nor, as far as the global flags tell, a flag's value."""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            return ""
        if _wants_value(word):
            if at >= len(words) - 1:
                return ""
            at += 1
        elif word and word[0] != "-":
            return word
    return ""


def _without(words: list[str], argument: str) -> list[str]:
    """The words less the first that is this argument, and not a flag's value."""
    at = 0
    while at < len(words) and words[at] != "--":
        word = words[at]
        if _wants_value(word):
            at += 1
        elif word == argument:
            return words[:at] + words[at + 1 :]
        at += 1
    return words


def _wants_value(word: str) -> bool:
    """Whether a word is a flag that the next word belongs to; a flag that isn't known counts as one."""
    if word[:1] != "-" or "=" in word or (word[:2] != "--" and len(word) != 2):
        return False
    name, column = (word[2:], 0) if word[1] == "-" else (word[1], 1)
    return not any(row[column] == name and row[2] in BARE for row in (*GLOBAL, *LOGGING))


def _unknown(word: str) -> UsageError:
    from navarch.cli.suggest import similar_commands
    from navarch.golang.strconv import quote

    meant = similar_commands(word)
    lines = "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in meant) if meant else ""
    name = program()
    return UsageError(f"unknown command {quote(word)} for {quote(name)}{lines}\nRun '{name} --help' for usage.")
