"""Finding the command that a command line means, by cobra's rules: flags may stand before and between its words."""

from __future__ import annotations

from navarch.cli.flags import BARE
from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.table import ALIASES, COMMANDS, program
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from navarch.cli.global_flags import Row

__all__ = ["UnknownCommandError", "find", "first_argument", "without"]

_ROWS = (*GLOBAL, *LOGGING)


class UnknownCommandError(UsageError):
    """A word that is no command of ours: perhaps a plugin's.

    `words` is the command line, `rest` the same without the word.
    """

    def __init__(self, word: str, words: list[str]) -> None:
        super().__init__(f"unknown command {word}")
        self.word = word
        self.words = words
        self.rest = without(words, word)

    def __str__(self) -> str:
        return str(self.explained())

    def explained(self, plugins: Sequence[str] = ()) -> UsageError:
        """What is said where it is no plugin's command either; `plugins` are those that there are."""
        return _unknown(self.word, plugins)


def find(words: list[str]) -> tuple[str, list[str]]:
    """The path of the command ("" is the root), and the words without those of the path.

    Raises UnknownCommandError for a word that is no command. Below a group an unknown word is left where it is: the
    group then shows its help.
    """
    path, line = "", words
    while word := first_argument(words):
        if path == "search" and word.startswith("oci://"):  # the address says where to search
            return "search oci", words
        step = f"{path} {word}" if path else word
        step = step if step in COMMANDS else ALIASES.get(step, "")
        if not step:
            break
        words = without(words, word)
        path = step
        if COMMANDS[path][1] is not None:
            return path, words
    if word and not path:
        raise UnknownCommandError(word, line)
    return path, words


def first_argument(words: list[str], rows: Iterable[Row] = _ROWS) -> str:
    """The first word that is neither a flag nor, as far as the known flags tell, a flag's value."""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            return ""
        if _wants_value(word, rows):
            if at >= len(words) - 1:
                return ""
            at += 1
        elif word and word[0] != "-":
            return word
    return ""


def without(words: list[str], argument: str, rows: Iterable[Row] = _ROWS) -> list[str]:
    """The words less the first that is this argument, and not a flag's value."""
    at = 0
    while at < len(words) and words[at] != "--":
        word = words[at]
        if _wants_value(word, rows):
            at += 1
        elif word == argument:
            return words[:at] + words[at + 1 :]
        at += 1
    return words


def _wants_value(word: str, rows: Iterable[Row]) -> bool:
    """Whether a word is a flag that the next word belongs to; a flag that isn't known counts as one."""
    if word[:1] != "-" or "=" in word or (word[:2] != "--" and len(word) != 2):
        return False
    name, column = (word[2:], 0) if word[1] == "-" else (word[1], 1)
    return not any(row[column] == name and row[2] in BARE for row in rows)


def _unknown(word: str, plugins: Sequence[str]) -> UsageError:
    from navarch.cli.suggest import similar_commands
    from navarch.golang.strconv import quote

    meant = similar_commands(word, plugins)
    lines = "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in meant) if meant else ""
    name = program()
    return UsageError(f"unknown command {quote(word)} for {quote(name)}{lines}\nRun '{name} --help' for usage.")
