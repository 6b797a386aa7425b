"""The second step of every command line: words become flag values and arguments, by pflag's rules.

A flag is a row of a table, (name, shorthand, kind, default, words); a FlagSet is the rows that one command takes and
what was given for them. Errors are UsageErrors with pflag's texts. How a kind reads its text is in
navarch.cli.flag_values; it is imported only when a flag other than text or switch is given.
"""

from __future__ import annotations

from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from navarch.cli.global_flags import Row

__all__ = ["BARE", "HELP", "FlagSet"]

# What a flag means when it is given bare; kinds that are not here need a value.
BARE: dict[str, str] = {"bool": "true", "goBool": "true", "WaitStrategy": "watcher", "dryRun": "unset"}

HELP: Row = ("help", "h", "bool", "false", "show this help")

_ONE = {"colour": "color"}
"""Flags that set the value of another; of both, the last one counts."""

_TRUE = ("true", "1", "t", "T", "TRUE", "True")


class FlagSet:
    """The flags of a command (`rows` by name, `shorts` to names), and what a command line gives for them.

    After `parse`: `values` holds what was given, by name; `args` the other words, in order; `dash` how many of those
    stood before a "--" (-1 without one); `notices` what is to be said about deprecated flags.
    """

    __slots__ = ("args", "dash", "deprecated", "notices", "rows", "shorts", "values")

    def __init__(self, groups: Iterable[tuple[Row, ...]], deprecated: dict[str, str] | None = None) -> None:
        self.rows: dict[str, Row] = {row[0]: row for group in groups for row in group}
        self.shorts: dict[str, str] = {row[1]: row[0] for row in self.rows.values() if row[1]}
        self.deprecated = deprecated or {}
        self.values: dict[str, Any] = {}
        self.args: list[str] = []
        self.notices: list[str] = []
        self.dash = -1

    def parse(self, words: list[str]) -> None:
        """Read a command line (without the command's own words). Raises UsageError at the first fault."""
        rest = iter(words)
        for word in rest:
            if len(word) < 2 or word[0] != "-":
                self.args.append(word)
            elif word == "--":
                self.dash = len(self.args)
                self.args.extend(rest)
            elif word[1] == "-":
                self._long(word, rest)
            else:
                self._short(word[1:], rest)

    def get(self, name: str) -> Any:
        """The value of a flag: what was given, else its default."""
        if name in self.values:
            return self.values[name]
        _, _, kind, default, _ = self.rows[name]
        if kind in ("string", "dryRun"):
            return default
        if kind == "bool":
            return default == "true"
        if default == "[]":
            return {} if kind == "stringToString" else []
        from navarch.cli.flag_values import read

        return read(kind, default, None)

    def set(self, name: str, text: str) -> None:
        """Give a flag a value, as if it stood on the command line."""
        kind = self.rows[name][2]
        if kind in ("string", "dryRun"):
            self.values[_ONE.get(name, name)] = text
        elif kind == "bool" and text in _TRUE:
            self.values[name] = True
        else:
            self._read(name, kind, text)
        if name in self.deprecated:
            self.notices.append(f"Flag --{name} has been deprecated, {self.deprecated[name]}")

    def _read(self, name: str, kind: str, text: str) -> None:
        from navarch.cli.flag_values import BadValue, read
        from navarch.golang.strconv import quote

        try:
            self.values[name] = read(kind, text, self.values.get(name))
        except BadValue as fault:
            short = self.rows[name][1]
            flag = f"-{short}, --{name}" if short else f"--{name}"
            raise UsageError(f'invalid argument {quote(text)} for "{flag}" flag: {fault}') from None

    def _long(self, word: str, rest: Iterable[str]) -> None:
        name, equals, text = word[2:].partition("=")
        if not name or name[0] == "-":
            raise UsageError(f"bad flag syntax: {word}")
        row = self.rows.get(name)
        if row is None:
            raise UsageError(f"unknown flag: --{name}", hint=_meant(name, self.rows))
        if not equals:
            bare = BARE.get(row[2])
            following = next(iter(rest), None) if bare is None else bare
            if following is None:
                raise UsageError(f"flag needs an argument: --{name}")
            text = following
        self.set(name, text)

    def _short(self, letters: str, rest: Iterable[str]) -> None:
        """A word like "-abc": flags without a value, the last perhaps with one ("-n x", "-nx", "-n=x")."""
        while letters and not letters.startswith("test."):  # pflag leaves Go's own test flags alone
            name = self.shorts.get(letters[0])
            if name is None:
                raise UsageError(f"unknown shorthand flag: {_letter(letters)} in -{letters}")
            bare = BARE.get(self.rows[name][2])
            text: str | None
            if len(letters) > 2 and letters[1] == "=":
                text, letters = letters[2:], ""
            elif bare is not None:
                text, letters = bare, letters[1:]
            elif len(letters) > 1:
                text, letters = letters[1:], ""
            else:
                flag, text, letters = letters, next(iter(rest), None), ""
                if text is None:
                    raise UsageError(f"flag needs an argument: {_letter(flag)} in -{flag}")
            self.set(name, text)


def _letter(letters: str) -> str:
    """A shorthand as %q shows its first byte."""
    from navarch.golang.strconv import quote_rune

    return quote_rune(letters.encode("utf-8", "surrogateescape")[0])


def _meant(name: str, rows: dict[str, Row]) -> str:
    """A hint for a flag that doesn't exist: the one that was probably meant, if there is one."""
    from navarch.cli.suggest import nearest

    found = nearest(name, [row[0] for row in rows.values() if row[4]])
    return f"did you mean --{found}?" if found else ""
