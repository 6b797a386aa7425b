"""How a scalar is written: which style libyaml's emitter picks for a text, and how the styles look.

Both writers use it; only goyaml v2's breaks long lines (`fold`).
"""

from __future__ import annotations

__all__ = ["BLOCK", "MULTILINE", "PLAIN", "SINGLE", "analyse", "double_quoted", "fold", "literal", "single_quoted"]

_INDICATORS = frozenset("#,[]{}&*!|>'\"%@`")
_BREAKS = "\n\r\x85\u2028\u2029"
_ESCAPES = {
    0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 27: "\\e", 34: '\\"',
    92: "\\\\", 0x85: "\\N", 0xA0: "\\_", 0x2028: "\\L", 0x2029: "\\P",
}  # fmt: skip

PLAIN, SINGLE, BLOCK, MULTILINE = 1, 2, 4, 8


def analyse(text: str) -> int:
    """What may be done with a text: PLAIN, SINGLE (quotes), BLOCK (literal), and whether it is MULTILINE."""
    if not text:
        return PLAIN | SINGLE
    if text.isascii() and text.isprintable():
        return (_plain(text) and PLAIN) | SINGLE | (text[-1] != " " and BLOCK)
    if text.isascii() and text.replace("\n", "").isprintable():  # lines of plain text: what most files are
        if " \n" in text:
            return MULTILINE
        return MULTILINE | ("\n " not in text and SINGLE) | (text[-1] != " " and BLOCK)
    return _analyse_characters(text)


def _plain(text: str) -> bool:
    """Whether a text of one line holds nothing that has a meaning of its own outside of flow collections."""
    first = text[0]
    if first in _INDICATORS or first == " " or text[-1] == " ":
        return False
    if first in "-?:" and (len(text) == 1 or text[1] in " \t"):
        return False
    if text[:3] in ("---", "..."):
        return False
    return not (": " in text or " #" in text or text[-1] == ":" or ":\t" in text)


def _analyse_characters(text: str) -> int:
    special = not all(map(_printable, text))
    multiline = any(char in text for char in _BREAKS)
    break_space = space_break = False
    if multiline:
        last = len(text) - 1
        for at, char in enumerate(text):
            if char in _BREAKS:
                space_break = space_break or (at > 0 and text[at - 1] == " ")
                break_space = break_space or (at < last and text[at + 1] == " ")
    found = MULTILINE if multiline else 0
    if special or space_break:
        return found
    if not multiline and _plain(text):
        found |= PLAIN
    return found | (not break_space and SINGLE) | (text[-1] != " " and BLOCK)


def _printable(char: str) -> bool:
    """Whether libyaml prints a character as it is; Go's port escapes all beyond the Basic Multilingual Plane."""
    if char < "\x7f":
        return char >= " " or char == "\n"
    return "\xa0" <= char < "\ud800" or ("\ue000" <= char <= "\ufffd" and char != "\ufeff")


def double_quoted(text: str) -> str:
    """A text between double quotes, on one line."""
    if text.isascii() and text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    # goyaml asks whether the text begins with a byte order mark where it means the character at hand.
    if text[0] == "\ufeff":
        return '"' + "".join(map(_escape, text)) + '"'
    return '"' + "".join([_escape(c) if c in '"\\\n\u2028\u2029' or not _printable(c) else c for c in text]) + '"'


def _escape(char: str) -> str:
    code = ord(char)
    known = _ESCAPES.get(code)
    if known:
        return known
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def single_quoted(text: str, indent: str) -> str:
    """A text between single quotes; of line breaks, only those beyond ASCII come here."""
    body = text.replace("'", "''")
    return f"'{body if text.isascii() else _indent_after_breaks(body, indent)}'"


def literal(text: str, indent: str) -> str:
    """A text as a literal block, from its | on. Ends with a line break, whether the text does or not."""
    hints = "2" if text[0] in " \n\u2028\u2029" else ""
    last_break = text[-1] in _BREAKS
    if not last_break:
        hints += "-"
    elif len(text) == 1 or text[-2] in _BREAKS:
        hints += "+"
    if text.isascii():
        body = "\n".join([indent + line if line else "" for line in text.split("\n")])
    else:
        body = _indent_after_breaks("\n" + text, indent)[1:]
    return f"|{hints}\n{body}" if last_break else f"|{hints}\n{body}\n"


def _indent_after_breaks(text: str, indent: str) -> str:
    out: list[str] = []
    for at, char in enumerate(text):
        if at and text[at - 1] in _BREAKS and char not in _BREAKS:
            out.append(indent)
        out.append(char)
    return "".join(out)


def fold(text: str, column: int, indent: str) -> str:
    """Break a one-line scalar, about to be written at `column`, at spaces beyond column 80, as goyaml v2 does.

    Its style shows in its first character: between quotes, the first and the last space are never broken at, and only
    between double quotes can a line begin with a space.
    """
    style = text[0]
    first, last = (2, len(text) - 2) if style in "'\"" else (1, len(text))
    out: list[str] = []
    start, lead = 0, ""
    at = text.find(" ", max(81 - column, first))
    while 0 <= at < last:
        if text[at - 1] == " " or (text[at + 1] == " " and style != '"'):
            at = text.find(" ", at + 1)
            continue
        out.append(lead + text[start:at])
        start = at + 1
        lead = "\\" if text[start] == " " else ""
        at = text.find(" ", max(start, start + 81 - len(indent) - len(lead)))
    out.append(lead + text[start:])
    return f"\n{indent}".join(out)
