"""Files shown as they are written: line numbers, and comments, keys and template actions in colours.

What is coloured is only ever the same text, escaped, in spans. Each text is walked through once: however odd it is, the
time is that of its length.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from navarch.registry.faces.web.html import Html, classed, joined, tag, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Token = tuple[str, str]
    """Class and text; the text may have several lines."""

__all__ = ["as_text", "code", "template_tokens", "top_keys", "yaml_tokens"]

MOST = 1 << 18  # characters that are shown
_TOGETHER = 250  # lines that a browser lays out at once, when they are to be seen
_BLOCK = re.compile(r"(?:^|[ :-])[|>](?:[+-]?[1-9]?|[1-9][+-])$")
# Signs that change the order in which others are shown, or that nobody sees.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def as_text(data: bytes) -> str | None:
    """A file's text, or None for one that is none."""
    if b"\0" in data[:8192]:
        return None
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return found.replace("\r\n", "\n")


def code(name: str, content: str, archive: str = "") -> Html:
    """A file's text with line numbers. `archive` is where all of it is to be had."""
    shown = content[:MOST].encode("utf-8", "replace").decode()
    lines = list(_lines(_tokens(name, shown)))
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    rows = [f'<span class="l" id="L{number}">{line}\n</span>' for number, line in enumerate(lines, 1)]
    parts = ["".join(rows[at : at + _TOGETHER]) for at in range(0, len(rows), _TOGETHER)]
    inner = Html("".join(f'<span class="part">{part}</span>' for part in parts) if len(parts) > 1 else parts[0])
    block = tag("pre", tag("code", inner), class_="source", tabindex="0", role="region", aria_label=name)
    return joined((_beginning(archive) if len(content) > MOST else None, block))


def _beginning(archive: str) -> Html:
    link = tag("a", "the archive", href=archive) if archive else "the archive"
    return classed("p", "note", "This is the beginning of a long file; ", link, " has all of it.")


def _tokens(name: str, content: str) -> Iterable[Token]:
    if name.startswith("templates/") or "/templates/" in name:
        return template_tokens(content)
    return yaml_tokens(content) if name.endswith((".yaml", ".yml", ".lock")) else [("", content)]


def _lines(tokens: Iterable[Token]) -> Iterator[str]:
    """Each line as HTML. A span ends with its line."""
    line: list[str] = []
    for kind, content in tokens:
        first, *rest = content.split("\n")
        line.append(_span(kind, first))
        for piece in rest:
            yield "".join(line)
            line = [_span(kind, piece)]
    yield "".join(line)


def _span(kind: str, content: str) -> str:
    plain = _visible(content) if _ODD.search(content) else escape(content)
    return f'<span class="{kind}">{plain}</span>' if kind and content else plain


def _visible(content: str) -> str:
    parts, at = [], 0
    for found in _ODD.finditer(content):
        parts += [text(content[at : found.start()]), classed("span", "odd", f"U+{ord(found[0]):04X}")]
        at = found.end()
    return joined((*parts, text(content[at:])))


def template_tokens(content: str) -> Iterator[Token]:
    """A template's text: "t" are actions, "c" comments in them."""
    at = 0
    while (start := content.find("{{", at)) >= 0:
        comment = content[start + 2 : start + 6].lstrip("- \t").startswith("/*")
        end = content.find("*/" if comment else "}}", start)
        end = content.find("}}", end) if comment and end >= 0 else end
        if end < 0:
            break
        yield "", content[at:start]
        at = end + 2
        yield "c" if comment else "t", content[start:at]
    yield "", content[at:]


def yaml_tokens(content: str) -> Iterator[Token]:
    """A YAML file's text: "c" are comments, "k" keys, "s" texts of several lines."""
    block = -1  # indentation of the line whose text goes on
    for number, line in enumerate(content.split("\n")):
        if number:
            yield "", "\n"
        inner = line.lstrip(" ")
        indent = len(line) - len(inner)
        if block >= 0 and (not inner or indent > block):
            yield "s", line
            continue
        block = -1
        kept, comment = _split_comment(line)
        yield from _key_and_value(kept)
        if comment:
            yield "c", comment
        if _BLOCK.search(kept.rstrip()[-4:]):
            block = indent


def _split_comment(line: str) -> tuple[str, str]:
    """A line without its comment, and the comment."""
    if "#" not in line:
        return line, ""
    quote = ""
    before = " "
    for at, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote and before != "\\" else quote
        elif sign == "#" and before in " \t":
            return line[:at], line[at:]
        elif sign in "\"'" and before in " \t[{,:":
            quote = sign
        before = sign
    return line, ""


def _key_and_value(line: str) -> Iterator[Token]:
    key, colon, value = line.partition(": ")
    if not colon and line.rstrip().endswith(":"):
        key = line.rstrip()[:-1]
        colon, value = ":", line[len(key) + 1 :]
    name = key.lstrip(" -")
    if not colon or not name or name[0] in "[{&*!|>%@`" or (name[0] in "\"'" and name[-1] != name[0]):
        yield "", line
        return
    yield "", key[: len(key) - len(name)]
    yield "k", name
    yield "", colon + value


def top_keys(content: str) -> list[tuple[str, int]]:
    """The keys at the top of a YAML file, and their lines, counted from 1."""
    found: list[tuple[str, int]] = []
    line = 1
    fresh = True
    for kind, piece in yaml_tokens(content[:MOST]):
        if kind == "k" and fresh:
            found.append((piece.strip("\"'"), line))
        if piece == "\n":
            line += 1
        fresh = piece == "\n" or (fresh and not piece)
    return found
