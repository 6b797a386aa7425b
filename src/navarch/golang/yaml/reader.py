"""The first step of the complete YAML reader: bytes or text to the characters that libyaml would let through.

libyaml refuses control characters and bad encodings only when its scanner gets near them, since it decodes 512 bytes at
a time; a document that ends sooner is fine. So a fault does not raise here: the text is cut before it, and the scanner
raises once it needs what was cut away.
"""

from __future__ import annotations

from navarch.errors import YamlError

__all__ = ["Source", "open_source"]

_CHUNK = 512
_FORBIDDEN = (
    *range(9),
    *(0x0B, 0x0C),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    *range(0xD800, 0xE000),
    *(0xFFFE, 0xFFFF),
)
_CONTROL = "control characters are not allowed"


class Source:
    """Characters to scan. Where `problem` isn't empty, it is what stopped the decoding at the text's end."""

    __slots__ = ("first_chunk", "problem", "text")

    def __init__(self, text: str, problem: str, first_chunk: int) -> None:
        self.text = text
        self.problem = problem
        self.first_chunk = first_chunk

    def fault(self) -> YamlError:
        return YamlError(f"yaml: {self.problem}")


def open_source(data: str | bytes) -> Source:
    """Decode what goyaml is given. In a str, lone surrogates U+DC80 to U+DCFF stand for bytes that are not UTF-8."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _utf16(raw)
    offset = 3 if raw[:3] == b"\xef\xbb\xbf" else 0
    bad, problem = _first_fault(raw)
    if not problem:
        text = raw[offset:].decode()
        return Source(text, "", _CHUNK)
    return Source(raw[offset : max(offset, _chunk_start(raw, bad))].decode(), problem, _CHUNK)


def _utf16(raw: bytes) -> Source:
    name = "utf-16-le" if raw[0] == 0xFF else "utf-16-be"
    body = raw[2:]
    try:
        text, problem = body.decode(name), ""
    except UnicodeDecodeError as error:
        text = body[: error.start].decode(name)
        problem = _utf16_problem(body[error.start :], name)
    control = _first_control(text)
    if control >= 0:
        text, problem = text[:control], _CONTROL
    return Source(text, problem, _CHUNK)


def _utf16_problem(rest: bytes, name: str) -> str:
    if len(rest) < 2:
        return "incomplete UTF-16 character"
    unit = int.from_bytes(rest[:2], "little" if name.endswith("le") else "big")
    if unit & 0xFC00 == 0xDC00:
        return "unexpected low surrogate area"
    return "incomplete UTF-16 surrogate pair" if len(rest) < 4 else "expected low surrogate area"


def _first_fault(raw: bytes) -> tuple[int, str]:
    """The offset of the first byte that libyaml refuses, and its reason ("" where all is well)."""
    try:
        text, problem = raw.decode(), ""
        offset = len(raw)
    except UnicodeDecodeError as error:
        offset = error.start
        text, problem = raw[:offset].decode(), _utf8_problem(raw[offset : offset + 4])
    control = _first_control(text)
    if control >= 0:
        return len(text[:control].encode()), _CONTROL
    return offset, problem


def _first_control(text: str) -> int:
    if text.isascii() and text.replace("\n", "").isprintable():
        return -1
    if not set(text).intersection(map(chr, _FORBIDDEN)):
        return -1
    return next(at for at, char in enumerate(text) if ord(char) in _FORBIDDEN)


def _utf8_problem(rest: bytes) -> str:
    """Why the UTF-8 sequence at the start of `rest` is refused, in the order in which libyaml looks."""
    lead = rest[0]
    width = 2 if lead & 0xE0 == 0xC0 else 3 if lead & 0xF0 == 0xE0 else 4 if lead & 0xF8 == 0xF0 else 0
    if not width:
        return "invalid leading UTF-8 octet"
    if width > len(rest):
        return "incomplete UTF-8 octet sequence"
    value = lead & (0x7F >> width)
    for octet in rest[1:width]:
        if octet & 0xC0 != 0x80:
            return "invalid trailing UTF-8 octet"
        value = value << 6 | octet & 0x3F
    if value < (0x80, 0x800, 0x10000)[width - 2]:
        return "invalid length of a UTF-8 sequence"
    return "invalid Unicode character"


def _chunk_start(raw: bytes, bad: int) -> int:
    """Where the chunk begins in which libyaml meets the bad byte: all before it has been decoded by then."""
    start, end = 0, _CHUNK
    while end <= bad:
        start = end
        while start > 0 and raw[start - 1] & 0xC0 == 0x80 and end - start < 3:
            start -= 1
        start = _cut_back(raw, start, end)
        end = start + _CHUNK
    return start


def _cut_back(raw: bytes, lead: int, end: int) -> int:
    """The end of the last whole character before `end`, whose trailing octets begin at `lead`."""
    if lead == 0 or raw[lead - 1] < 0xC0:
        return end
    octet = raw[lead - 1]
    width = 2 if octet < 0xE0 else 3 if octet < 0xF0 else 4
    return end if lead - 1 + width <= end else lead - 1
