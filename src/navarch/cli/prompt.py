"""Questions on the terminal. The question goes to stdout, the answer is a line from stdin."""

from __future__ import annotations

import os
import sys

from navarch.cli.output import write
from navarch.errors import UsageError

__all__ = ["ask", "ask_silently"]

_LONGEST = 4096


def ask(question: str) -> str:
    """An answer that may be seen. Raises UsageError where there is none."""
    write(question)
    sys.stdout.flush()
    return _line()


def ask_silently(question: str) -> str:
    """An answer that the terminal doesn't show. Raises UsageError where there is no terminal, or no answer."""
    import termios

    write(question)
    sys.stdout.flush()
    try:
        before = termios.tcgetattr(0)
    except termios.error as error:
        raise UsageError(_reason(error.args[1])) from error
    silent = [*before]
    silent[3] = (silent[3] & ~termios.ECHO) | termios.ICANON | termios.ISIG
    termios.tcsetattr(0, termios.TCSADRAIN, silent)
    try:
        answer = _line()
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    write("\n")
    return answer


def _line() -> str:
    """A line from stdin; no more than it is read."""
    data = b""
    try:
        while not data.endswith(b"\n") and len(data) < _LONGEST and (piece := os.read(0, 1)):
            data += piece
    except OSError as error:
        raise UsageError(f"read /dev/stdin: {_reason(error.strerror or str(error))}") from error
    if not data:
        raise UsageError("EOF")
    return data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _reason(text: str) -> str:
    return text[:1].lower() + text[1:]
