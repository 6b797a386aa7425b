"""What kind of content some bytes are, for the message about a file that is no archive (net/http's sniffing rules)."""

from __future__ import annotations

__all__ = ["content_type"]

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xfe\xff", "text/plain; charset=utf-16be"),
    (b"\xff\xfe", "text/plain; charset=utf-16le"),
    (b"\xef\xbb\xbf", "text/plain; charset=utf-8"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07\x00", "application/x-rar-compressed"),
    (b"Rar!\x1a\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x1f\x8b\x08", "application/x-gzip"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x00asm", "application/wasm"),
)
_HTML = tuple(
    f"<{tag}".encode()
    for tag in "!DOCTYPE HTML,HTML,HEAD,SCRIPT,IFRAME,H1,DIV,FONT,TABLE,A,STYLE,TITLE,B,BODY,BR,P".split(",")
)
_BINARY = frozenset([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])


def content_type(data: bytes) -> str:
    """The media type of content that begins with `data`, at most its first 512 bytes."""
    text = data.lstrip(b"\t\n\x0c\r ")
    if text[:1] == b"<":
        upper = text.upper()
        if any(upper.startswith(tag) and upper[len(tag) : len(tag) + 1] in {b" ", b">"} for tag in _HTML):
            return "text/html; charset=utf-8"
        if text.startswith(b"<!--"):
            return "text/html; charset=utf-8"
        if text.startswith(b"<?xml"):
            return "text/xml; charset=utf-8"
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if any(byte in _BINARY for byte in data):
        return "application/octet-stream"
    return "text/plain; charset=utf-8"
