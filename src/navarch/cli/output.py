"""What every command's output goes through: text on stdout, words for people on stderr, always UTF-8, and tables.

Text goes out as bytes, so that neither the locale nor Python's newline rules have a say. Bytes of a chart that are no
UTF-8 travel as lone surrogates and come out as they were.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["columns", "complain", "encode", "table", "warn", "write"]


def encode(text: str) -> bytes:
    """Text as the bytes that Go would write."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        whole = "".join("\ufffd" if "\ud800" <= c < "\udc80" or "\udcff" < c <= "\udfff" else c for c in text)
        return whole.encode("utf-8", "surrogateescape")


def write(text: str) -> None:
    """Write to stdout."""
    data = encode(text)
    buffer = sys.stdout.buffer
    written = buffer.write(data)
    while written < len(data):  # an unbuffered stdout takes what it can
        written += buffer.write(data[written:])


def complain(text: str) -> None:
    """Write a line to stderr, after whatever stdout still holds. That there is nowhere to write to is no error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError:  # a full disk, which stdout's own writer is told of
            pass
    try:
        sys.stderr.buffer.write(encode(text + "\n"))
        sys.stderr.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError:
        pass


def warn(message: str, level: str = "WARN", **attributes: str) -> None:
    """A line in the form of Helm's log: level=WARN msg="…" name=value."""
    pairs = {"level": level, "msg": message, **attributes}
    complain(" ".join(f"{name}={_log_value(value)}" for name, value in pairs.items()))


def _log_value(value: str) -> str:
    plain = value and all(c.isprintable() and c not in ' "=' for c in value)
    if plain:
        return value
    from navarch.golang.strconv import quote

    return quote(value)


def table(rows: Sequence[Sequence[str]], *, width: int = 80) -> str:
    """Rows under each other as gosuri/uitable lays them out, without a newline at the end.

    Columns are parted by a tab and padded to their widest cell, the last column too; a text of more than `width`
    columns is cut, with "..." at its end (0: nothing is cut).
    """
    widths = [max(columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    if width:
        widths = [min(w, width) for w in widths]
    lines = ["\t".join(_fit(cell, w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(lines)


def _fit(text: str, width: int) -> str:
    return _resized(_resized(text, width), width) if width else text  # wide letters may need a second cut


def _resized(text: str, width: int) -> str:
    have = columns(text)
    if have <= width:
        return text + " " * (width - have)
    end = used = 0
    for end, char in enumerate(text, 1):  # noqa: B007
        used += columns(char)
        if used >= width - 3:
            break
    return text[:end] + "..."


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Cc", "Cf", "Mn", "Me") else 1 + (east_asian_width(c) in ("W", "F")) for c in text)
