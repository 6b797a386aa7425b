"""Go's os.Expand: $name and ${name} in a text, as in a shell, by Go's rules for what is a name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["expand"]

_SPECIAL = frozenset("*#$@!?-0123456789")
_LETTERS = frozenset("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def expand(text: str, value_of: Callable[[str], str]) -> str:
    """The text with what `value_of` answers in the place of each name.

    "${}" and an open "${" vanish; a "$" that no name follows stays.
    """
    out: list[str] = []
    at = kept = 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            at += 1
            continue
        out.append(text[kept:at])
        name, width = _name(text, at + 1)
        if name:
            out.append(value_of(name))
        elif not width:
            out.append("$")
        at += 1 + width
        kept = at
    return "".join(out) + text[kept:]


def _name(text: str, at: int) -> tuple[str, int]:
    """The name that begins at a place ("" for none), and how many characters it takes with its braces."""
    if text[at] == "{":
        if text[at + 1 : at + 2] in _SPECIAL and text[at + 2 : at + 3] == "}":
            return text[at + 1], 3
        end = text.find("}", at + 1)
        if end < 0:
            return "", 1
        return text[at + 1 : end], end + 1 - at
    if text[at] in _SPECIAL:
        return text[at], 1
    end = at
    while end < len(text) and text[end] in _LETTERS:
        end += 1
    return text[at:end], end - at
