"""What a plugin's completion.yaml says: the subcommands, flags and arguments of the command that it adds.

Completion goes by it, and so does help.
"""

from __future__ import annotations

import os

from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.route import first_argument, without
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.global_flags import Row

__all__ = ["Level", "descend", "load_level"]

_FILE = "completion.yaml"
_FIELDS = {"name": "name", "validargs": "validArgs", "flags": "flags", "commands": "commands"}


class _MisfitError(Exception):
    """A completion.yaml that isn't one; then there is none."""


class Level:
    """A command of a plugin, or a subcommand: what its completion.yaml says of it.

    `path` has the subcommands that lead to it, `names` those below, `dynamic` says that plugin.complete is asked.
    """

    __slots__ = ("arguments", "below", "dynamic", "flags", "names", "path")

    def __init__(self, document: Any = None, path: tuple[str, ...] = ()) -> None:
        found = _fields(document)
        below = [_fields(item) for item in _list(found.get("commands"))]
        names = [_text(item.get("name")).partition(" ")[0] for item in below]
        self.path = path
        self.arguments = [_text(item) for item in _list(found.get("validArgs"))]
        self.flags = _flag_rows([_text(item) for item in _list(found.get("flags"))])
        self.dynamic = found.get("commands") is None
        self.names = sorted(names)
        self.below: dict[str, Level] = {}
        for name, item in zip(names, below, strict=True):
            level = Level(item, (*path, name))
            if name:
                self.below.setdefault(name, level)


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a struct that a value sets; their names match without regard to case."""
    if value is None:
        return {}
    if type(value) is not dict:
        raise _MisfitError
    return {_FIELDS[key.lower()]: value[key] for key in sorted(value) if key.lower() in _FIELDS}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if type(value) is not list:
        raise _MisfitError
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) not in (str, int, float):
        raise _MisfitError
    return str(value)


def _flag_rows(names: list[str]) -> list[Row]:
    """Flags, each short one beside a long one as long as there are any of both; a short one left over stands alone."""
    shorts = [name for name in names if len(name.encode()) == 1]
    longs = [name for name in names if len(name.encode()) != 1]
    longs += shorts[len(longs) :]
    shorts += [""] * (len(longs) - len(shorts))
    return [(name, short, "bool", "false", "") for name, short in zip(longs, shorts, strict=True)]


def load_level(folder: str) -> Level:
    """What a plugin's completion.yaml says; nothing where there is none that can be read."""
    from navarch.golang.yaml import load

    try:
        with open(os.path.join(folder, _FILE), "rb") as file:
            return Level(load(file.read(), exact=True))
    except (OSError, NavarchError, _MisfitError):
        return Level()


def descend(level: Level, words: list[str]) -> tuple[Level, list[str]]:
    """The subcommand that words lead to, and the words without those that name it."""
    while True:
        rows = (*GLOBAL, *LOGGING, *level.flags)
        name = first_argument(words, rows)
        if name not in level.below:
            return level, words
        level, words = level.below[name], without(words, name, rows)
