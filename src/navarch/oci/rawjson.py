"""JSON whose parts stay as they were written: what encoding/json's RawMessage is for. For texts known to be JSON."""

from __future__ import annotations

import re

from navarch.golang.json import dumps, loads

__all__ = ["indented", "joined", "members"]

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def members(text: str) -> dict[str, str]:
    """The texts of an object's members, by name; none for null or no text at all. Of equal names the last counts."""
    found: dict[str, str] = {}
    depth, name = 0, ""
    value: list[str] = []
    for piece in _PIECE.findall(text):
        depth -= piece in "}]"
        if depth == 1 and piece == ":" and not name:
            name, value = value[0], []
        elif (depth == 1 and piece == ",") or (depth == 0 and piece == "}"):
            if name:
                found[loads(name)] = _escaped(value)
            name, value = "", []
        elif depth:
            value.append(piece)
        depth += piece in "{["
        if not depth:
            break
    return found


def joined(texts: dict[str, str]) -> str:
    """An object of members that are texts, sorted by name."""
    ordered = sorted(texts, key=lambda name: name.encode("utf-8", "surrogateescape"))
    return "{" + ",".join(f"{dumps(name)}:{texts[name]}" for name in ordered) + "}"


def indented(text: str, indent: str = "\t") -> str:
    """A text laid out as json.Indent does it."""
    out: list[str] = []
    depth, before = 0, ""
    for piece in _PIECE.findall(text):
        closes = piece in "}]"
        depth -= closes
        if (closes and before not in ("{", "[")) or (before in ("{", "[", ",") and not closes):
            out.append("\n" + indent * depth)
        out.append(": " if piece == ":" else piece)
        depth += piece in "{["
        before = piece
    return "".join(out)


def _escaped(tokens: list[str]) -> str:
    """Tokens as one text, with what HTML and JavaScript would stumble over escaped, as Marshal does to raw messages."""
    text = "".join(tokens)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
