"""Versions in the order of indexes, the newest first, and choosing one by a constraint."""

from __future__ import annotations

from navarch.errors import VersionError
from navarch.golang.semver import Version, parse_constraint, parse_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")

__all__ = ["choose", "is_range", "newest_first", "order_key"]

_DIGITS = frozenset("0123456789")
_MOST_DIGITS = 9


def order_key(text: str) -> tuple[int, int, int] | None:
    """What a plain release like 1.2.3 is ordered by; None for all others."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    one, two, three = parts
    if _DIGITS.issuperset(one + two + three) and one and two and three and len(text) <= 3 * _MOST_DIGITS:
        return int(one), int(two), int(three)
    return None


def newest_first(items: list[Item], version_of: Callable[[Item], str]) -> list[Item]:
    """Items by their versions, as sort.Sort(sort.Reverse(…)) leaves them; what is no version counts as oldest.

    Go's sort isn't stable: only where versions are equal in rank does it show which one it is.
    """
    keys = [order_key(version_of(item)) for item in items]
    if None not in keys and len(set(keys)) == len(keys):
        pairs = sorted(zip(keys, range(len(items)), strict=True), reverse=True)
        return [items[at] for _, at in pairs]
    from navarch.golang.sort import unstable_sorted

    parsed = [(_parsed(version_of(item)), item) for item in items]
    return [item for _, item in unstable_sorted(parsed, _after)]


def _parsed(text: str) -> Version | None:
    try:
        return parse_version(text)
    except VersionError:
        return None


def _after(one: tuple[Version | None, Item], other: tuple[Version | None, Item]) -> bool:
    """Less of the reversed order: whether the other one is older."""
    mine, theirs = one[0], other[0]
    if theirs is None:
        return True
    return mine is not None and theirs.compare(mine) < 0


def is_range(text: str) -> bool:
    """Whether a version is asked for by a range instead of exactly."""
    if any(char in text for char in "^~<>=!*") or "||" in text or " - " in text:
        return True
    ends = [at for at in (text.find("-"), text.find("+")) if at >= 0]
    core = text[: min(ends)] if ends else text
    return "x" in core or "X" in core


def choose(items: Sequence[Item], wanted: str, version_of: Callable[[Item], str]) -> Item | None:
    """The first item with exactly this version, else the first that the constraint takes ("" is any release).

    Raises VersionError for a constraint that can't be read.
    """
    constraint = parse_constraint(wanted or "*")
    if wanted:
        for item in items:
            if version_of(item) == wanted:
                return item
    for item in items:
        version = _parsed(version_of(item))
        if version is not None and constraint.check(version):
            return item
    return None
