"""What was probably meant by a word that is unknown: for "Did you mean this?" and for hints. Only errors come here."""

from __future__ import annotations

from navarch.cli.table import SUGGEST_FOR, children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["distance", "nearest", "similar_commands"]


def distance(one: str, other: str) -> int:
    """The Levenshtein distance of two words: letters to insert, drop or replace."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], before if a == b else 1 + min(before, row[j], row[j - 1])
    return row[-1]


def similar_commands(word: str, plugins: Sequence[str] = ()) -> list[str]:
    """The top commands that cobra suggests for a word: at most two letters off, or beginning with it.

    With commands of `plugins` all are sorted by name, but for the last plugin's, which stays the last.
    """
    low = word.lower()
    found = []
    names = children_of("")
    if plugins:
        names = [*sorted([*names, *plugins[:-1]]), plugins[-1]]
    for name in names:
        if name == "help":
            continue
        if distance(low, name) <= 2 or name.startswith(low):
            found.append(name)
        if SUGGEST_FOR.get(low) == name:
            found.append(name)
    return found


def nearest(word: str, names: Iterable[str]) -> str:
    """The one name that is close enough to be meant; "" if none is."""
    low = word.lower()
    ranked = sorted((distance(low, name), name) for name in names)
    return ranked[0][1] if ranked and ranked[0][0] <= max(1, len(word) // 3) else ""
