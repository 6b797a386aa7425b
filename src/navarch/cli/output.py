"""What every command's output goes through: text on stdout, words for people on stderr, always UTF-8, and tables.

Text goes out as bytes, so that neither the locale nor Python's newline rules have a say. Bytes of a chart that are no
UTF-8 travel as lone surrogates and come out as they were.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from typing import Protocol

    class Screen(Protocol):
        """What is drawn on the terminal over and over."""

        def aside(self) -> AbstractContextManager[None]:
            """A block in which nothing is drawn, and nothing drawn is to be seen."""


__all__ = ["columns", "complain", "encode", "show_on", "table", "warn", "write"]

_screen: Screen | None = None

# What uitable takes for an escape sequence.
_ESCAPES = (
    r"[\x1b\x9b][\[\]()#;?]*(?:(?:(?:[a-zA-Z0-9]*(?:;[a-zA-Z0-9]*)*)?\x07)"
    r"|(?:(?:[0-9]{1,4}(?:;[0-9]{0,4})*)?[0-9A-PRZcf-ntqry=><~]))"
)


def encode(text: str) -> bytes:
    """Text as the bytes that Go would write."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        whole = "".join("\ufffd" if "\ud800" <= c < "\udc80" or "\udcff" < c <= "\udfff" else c for c in text)
        return whole.encode("utf-8", "surrogateescape")


def show_on(screen: Screen | None) -> None:
    """From now on, a screen is drawn, which steps aside when something is printed; None: it is no longer."""
    global _screen
    _screen = screen


def write(text: str) -> None:
    """Write to stdout."""
    if _screen is None:
        _write(encode(text))
        return
    with _screen.aside():
        _write(encode(text))
        sys.stdout.flush()


def _write(data: bytes) -> None:
    buffer = sys.stdout.buffer
    written = buffer.write(data)
    while written < len(data):  # an unbuffered stdout takes what it can
        written += buffer.write(data[written:])


def complain(text: str) -> None:
    """Write a line to stderr, after whatever stdout still holds. That there is nowhere to write to is no error."""
    if _screen is None:
        _complain(text)
        return
    with _screen.aside():
        _complain(text)


def _complain(text: str) -> None:
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
    columns is cut, with "..." at its end (0: nothing is cut). A cell of several lines is as wide as its longest line,
    which cuts most of the others off, as they count together.
    """
    widths = [max(map(_line_width, column)) for column in zip(*rows, strict=True)]
    if width:
        widths = [min(w, width) for w in widths]
    return "\n".join(_row([_fit(cell, w) for cell, w in zip(row, widths, strict=True)], widths) for row in rows)


def _line_width(cell: str) -> int:
    return max(map(columns, cell.split("\n"))) if "\n" in cell else columns(cell)


def _row(cells: list[str], widths: list[int]) -> str:
    """A row's lines. Cells that have fewer than others are filled up with blanks."""
    if not any("\n" in cell for cell in cells):
        return "\t".join(cells)
    split = [cell.split("\n") for cell in cells]
    height = max(map(len, split))
    filled = [
        [_fit(line, width) for line in lines] + [" " * max(width, 1)] * (height - len(lines))
        for lines, width in zip(split, widths, strict=True)
    ]
    return "\n".join("\t".join(line) for line in zip(*filled, strict=True))


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
    """How many columns of a terminal a text takes; sequences that steer the terminal take none."""
    if text.isascii() and text.isprintable():
        return len(text)
    if "\x1b" in text or "\x9b" in text:
        import re

        text = re.sub(_ESCAPES, "", text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Cc", "Cf", "Mn", "Me") else 1 + (east_asian_width(c) in ("W", "F")) for c in text)
