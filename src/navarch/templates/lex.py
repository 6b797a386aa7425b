"""The first step from a template's text: the tokens of one action, as Go's text/template cuts them."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    # its kind (Go's item), its text, where it starts in the action, whether blanks stand before it
    Token = tuple[str, str, int, bool]

__all__ = ["ACTION", "SPACES", "shown", "tokens"]

SPACES = " \t\r\n"

# From behind "{{": an action's text up to and with its "}}". Quotes may hold braces. Fails where a quote is not closed.
ACTION = re.compile(
    r"""(?:[^"`'}]++|"(?:[^"\\\n]|\\[^\n])*+"|`[^`]*+`|'(?:[^'\\\n]|\\[^\n])*+'|\}(?!\}))*+\}\}""",
)

_NUMBER = (
    r"[+-]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*"
    r"|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?)i?"
)
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<field>\.[^\W\d]\w*)|(?P<word>[^\W\d]\w*)|(?P<variable>\$\w*)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\[^\n])*\")|(?P<raw>`[^`]*`)|(?P<char>'(?:[^'\\\n]|\\[^\n])*')"
    r"|(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<left>\()|(?P<right>\))"
    rf"|(?P<number>(?=[+-]|\.?[0-9]){_NUMBER})|(?P<dot>\.)|(?P<other>[!-~])",
)
_KEYWORDS = frozenset(
    ("block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with"),
)
_AFTER_WORD = frozenset(" \t\r\n.,|:()")
_WORDS = frozenset(("word", "field", "variable", "dot"))
_UNTERMINATED = {
    ":": "expected :=",
    '"': "unterminated quoted string",
    "`": "unterminated raw quoted string",
    "'": "unterminated character constant",
}


def shown(kind: str, text: str) -> str:
    """A token as Go's error messages show it."""
    if kind == "error":
        return text
    if kind in ("keyword", "dot", "nil"):
        return f"<{text}>"
    return _quoted(text[:10]) + "..." if len(text) > 10 else _quoted(text)


def tokens(text: str, closed: bool = True) -> list[Token]:
    """The tokens of an action's text (what stands between the braces), ending with "close", or "error".

    `closed` says that the right delimiter follows; where it doesn't the last token is the error.
    """
    out: list[Token] = []
    pos = depth = 0
    end = len(text)
    match = _TOKEN.match
    spaced = False
    while pos < end:
        found = match(text, pos)
        if found is None:
            out.append(("error", _no_token(text[pos]), pos, spaced))
            return out
        kind = found.lastgroup or ""
        after = found.end()
        if kind == "space":
            spaced = True
            pos = after
            continue
        piece = found.group()
        fault = ""
        if kind in _WORDS:
            if after < end and text[after] not in _AFTER_WORD:
                fault = f"bad character {unicode_name(text[after])}"
            elif kind == "word":
                kind = _word_kind(piece)
        elif kind == "number":
            kind, after, fault = _number(text, pos, after)
            piece = text[pos:after]
        elif kind == "left":
            depth += 1
        elif kind == "right":
            depth -= 1
            fault = "unexpected right paren" if depth < 0 else ""
        elif kind == "other":
            fault = _UNTERMINATED.get(piece, "")
        if fault:
            out.append(("error", fault, pos, spaced))
            return out
        out.append((kind, piece, pos, spaced))
        spaced = False
        pos = after
    out.append(_last(closed, depth, pos, spaced))
    return out


def _last(closed: bool, depth: int, pos: int, spaced: bool) -> Token:
    if not closed:
        return "error", "unclosed action", pos, spaced
    if depth:
        return "error", "unclosed left paren", pos, spaced
    return "close", "}}", pos, spaced


def _word_kind(word: str) -> str:
    if word in _KEYWORDS:
        return "nil" if word == "nil" else "keyword"
    return "bool" if word in ("true", "false") else "identifier"


def _number(text: str, pos: int, end: int) -> tuple[str, int, str]:
    """A number's kind, end and fault; two numbers glued by a sign are a complex constant."""
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return "number", end, f"bad number syntax: {_quoted(text[pos : end + 1])}"
    if end < len(text) and text[end] in "+-":
        second = re.compile(_NUMBER).match(text, end)
        stop = second.end() if second else end
        if stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
            stop += 1
        if text[stop - 1] != "i":
            return "number", end, f"bad number syntax: {_quoted(text[pos:stop])}"
        return "complex", stop, ""
    return "number", end, ""


def _quoted(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)


def _no_token(char: str) -> str:
    return f"unrecognized character in action: {unicode_name(char)}"


def unicode_name(char: str) -> str:
    """Go's %#U: `U+0040 '@'`."""
    shown = f" '{char}'" if char.isprintable() else ""
    return f"U+{ord(char):04X}{shown}"
