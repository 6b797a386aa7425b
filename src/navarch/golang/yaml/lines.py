"""Parts of YAML's plain style, for the two readers that go line by line (`quick` and `heads`).

Each function reads one part as libyaml and goyaml would, or raises GiveUpError at anything it isn't sure of.
"""

from __future__ import annotations

from navarch.golang.yaml.scalars import resolve

__all__ = [
    "GiveUpError",
    "block_scalar",
    "entry",
    "fold_plain",
    "key_of",
    "plain_text",
    "quoted",
    "quoted_on_line",
    "skip_block",
    "split_lines",
]

_LIMIT = 8192
_MAX_KEY = 1000
_NEVER_FIRST = frozenset("#,[]{}&*!|>'\"%@`")
_UNUSUAL = frozenset(map(chr, (*range(9), *range(11, 32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)))
_HEADERS = frozenset(("|", "|-", "|+", ">", ">-", ">+"))
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
    '"': '"', "'": "'", "\\": "\\",
}  # fmt: skip

_keys: dict[str, str] = {}
"""Plain keys as they stand, and as they are read."""


class GiveUpError(Exception):
    """Something that is not for the line readers."""


def split_lines(text: str) -> list[str]:
    """The lines of a text; gives up where it has characters that libyaml refuses, or line breaks of other kinds."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    flat = text.replace("\n", "")
    if not flat.isprintable():
        unusual = set(flat)
        unusual.discard("\t")
        if not unusual.isdisjoint(_UNUSUAL) or any("\ud800" <= char <= "\udfff" for char in unusual):
            raise GiveUpError
    return text.split("\n")


def entry(body: str) -> tuple[str, str] | None:
    """The key that a line begins with, and what stands behind its colon; None for a line without a key."""
    name, colon, rest = body.partition(": ")
    known = _keys.get(name) if colon else None
    if known is not None:
        return known, rest
    first = body[0]
    if first in "\"'":
        return _quoted_entry(body)
    if first in "[{|>":
        return None
    if first in _NEVER_FIRST or (first in "?:" and (len(body) == 1 or body[1] == " ")):
        raise GiveUpError
    comment = body.find(" #")
    if comment >= 0 and not (colon and len(name) < comment):
        name, rest = body[:comment].rstrip(" "), ""
        colon = name[-1:] if name[-1] == ":" else ""
        name = name[:-1]
    elif not colon:
        name = body.rstrip(" ")
        colon = name[-1:] if name[-1] == ":" else ""
        name = name[:-1]
    return (key_of(name), rest) if colon else None


def key_of(name: str) -> str:
    """A plain key as JSON will have it."""
    known = _keys.get(name)
    if known is not None:
        return known
    plain = name.rstrip(" ")
    if not plain or plain == "<<" or len(plain) > _MAX_KEY or " #" in plain or plain[:2] in ("- ", "-"):
        raise GiveUpError
    value = resolve(plain)
    if type(value) is bool:
        key = "true" if value else "false"
    elif type(value) is int and -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        key = str(value)
    elif type(value) is str:
        key = value
    else:
        raise GiveUpError
    if len(_keys) >= _LIMIT:
        _keys.clear()
    _keys[name] = key
    return key


def _quoted_entry(body: str) -> tuple[str, str] | None:
    try:
        text, rest = quoted_on_line(body)
    except IndexError:  # the quotes close on a later line
        return None
    rest = rest.lstrip(" ")
    if rest[:1] != ":":
        return None
    if len(body) - len(rest) > _MAX_KEY or rest[1:2] not in ("", " "):
        raise GiveUpError
    return text, rest[1:]


def quoted_on_line(text: str) -> tuple[str, str]:
    """A quoted scalar at the start of a text, and what follows. Raises IndexError where it doesn't close."""
    quote = text[0]
    end = text.find(quote, 1)
    if end < 0:
        raise IndexError
    if quote == '"':
        if text.find("\\", 1, end) < 0:
            return text[1:end], text[end + 1 :]
        return _unescape(text)
    while text[end + 1 : end + 2] == "'":
        end = text.find("'", end + 2)
        if end < 0:
            raise IndexError
    return text[1:end].replace("''", "'"), text[end + 1 :]


def _unescape(text: str) -> tuple[str, str]:
    """A double-quoted scalar with escapes."""
    out: list[str] = []
    start = 1
    while True:
        end = text.find('"', start)
        if end < 0:
            raise IndexError
        mark = text.find("\\", start, end)
        if mark < 0:
            out.append(text[start:end])
            return "".join(out), text[end + 1 :]
        char = _ESCAPES.get(text[mark + 1])
        if char is None:
            raise GiveUpError
        out.append(text[start:mark] + char)
        start = mark + 2


def quoted(text: str, lines: list[str], at: int) -> tuple[str, int]:
    """A quoted scalar that a value begins with, and the line after it. Nothing but a comment may follow it."""
    try:
        value, rest = quoted_on_line(text)
    except IndexError:
        return _quoted_over_lines(text, lines, at)
    rest = rest.rstrip(" ")
    if rest and rest.lstrip(" ")[:1] + rest[0] != "# ":
        raise GiveUpError
    return value, at


def _quoted_over_lines(text: str, lines: list[str], at: int) -> tuple[str, int]:
    """A quoted scalar over several lines: each break becomes a space, or is dropped for the breaks that follow it."""
    out = [text.rstrip(" ")]
    breaks = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        body = line.strip(" ")
        if "\t" in line or out[-1][-1] == "\\" or body[:3] in ("---", "..."):
            raise GiveUpError
        breaks += 1
        if not body:
            continue
        # A line feed can't stand in a line, so it can stand for the breaks that stay.
        out.append("\n" * (breaks - 1) or " ")
        breaks = 0
        out.append(body)
        if text[0] in body:
            try:
                value, rest = quoted_on_line("".join(out))
            except IndexError:
                continue
            if rest and rest.lstrip(" ")[:1] + rest[0] != "# ":
                raise GiveUpError
            return value, at
    raise GiveUpError


def plain_text(text: str) -> tuple[str, bool]:
    """A plain scalar that a value begins with, on this line, and whether a comment ends it."""
    comment = text.find(" #")
    if comment >= 0:
        text = text[:comment].rstrip(" ")
    if ": " in text or text[-1] == ":" or text in ("-", "?") or text[:2] in ("- ", "? "):
        raise GiveUpError
    return text, comment >= 0


def fold_plain(text: str, lines: list[str], at: int) -> str:
    """A plain scalar that goes on in line `at`, behind some empty lines."""
    body = lines[at].strip(" ")
    if ": " in body or " #" in body or body[-1] == ":":
        raise GiveUpError
    breaks = 0
    while not lines[at - breaks - 1].strip(" "):
        breaks += 1
    return text + ("\n" * breaks or " ") + body


def block_scalar(header: str, lines: list[str], at: int, indent: int) -> tuple[str, int]:
    """A literal or folded block whose lines begin at line `at`, in a collection at column `indent`; the line after."""
    header, start, inner = _block_start(header, lines, at, indent)
    if not inner:
        breaks = min(start, len(lines) - 1) - at
        return "\n" * breaks if header[1:] == "+" else "", start
    end = _block_end(lines, start, inner)
    content = [line[inner:] for line in lines[at:end]]
    ended = end < len(lines)
    if not ended and not content[-1]:  # the text's last line break, or blanks behind it
        content.pop()
        ended = True
    return _block_text(header, content, ended=ended), end


def skip_block(header: str, lines: list[str], at: int, indent: int) -> int:
    """The line after such a block."""
    _, start, inner = _block_start(header, lines, at, indent)
    return _block_end(lines, start, inner) if inner else start


def _block_start(header: str, lines: list[str], at: int, indent: int) -> tuple[str, int, int]:
    """A block's header without a comment, its first line with text, and its indentation: 0 where the block is empty."""
    header = header.partition(" #")[0].rstrip(" ")
    if header not in _HEADERS:
        raise GiveUpError
    start = at
    size = len(lines)
    while at < size and not lines[at].lstrip(" "):
        at += 1
    first = lines[at] if at < size else ""
    inner = len(first) - len(first.lstrip(" "))
    if first[inner : inner + 1] == "\t":
        raise GiveUpError
    if inner <= max(indent, 0):
        return header, at, 0
    if at > start and max(map(len, lines[start:at])) > inner:
        raise GiveUpError
    return header, at, inner


def _block_end(lines: list[str], at: int, inner: int) -> int:
    pad = " " * inner
    size = len(lines)
    while at < size:
        line = lines[at]
        if line[:inner] != pad:
            body = line.lstrip(" ")
            if body:
                if body[0] == "\t":
                    raise GiveUpError
                break
        at += 1
    return at


def _block_text(header: str, content: list[str], *, ended: bool) -> str:
    """What the lines of a block make; `ended` says whether the last of them ends in a line break."""
    size = len(content)
    while size and not content[size - 1]:
        size -= 1
    text = _folded(content[:size]) if header[0] == ">" else "\n".join(content[:size])
    if not ended or header[1:] == "-":
        return text
    return text + "\n" * (len(content) - size + 1 if header[1:] == "+" else 1)


def _folded(content: list[str]) -> str:
    """Lines as a folded block has them: joined by spaces, except around lines that begin with a blank."""
    out: list[str] = []
    breaks = 0
    kept = True  # whether the line before was indented further, or there was none
    for line in content:
        if not line:
            breaks += 1
            continue
        indented = line[0] in " \t"
        if kept or indented:
            out.append("\n" * (breaks + bool(out)))
        else:
            out.append("\n" * breaks or " ")
        out.append(line)
        kept = indented
        breaks = 0
    return "".join(out)
