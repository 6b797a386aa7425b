"""What is told of values that don't fit a schema: a tree of findings, and santhosh-tekuri/jsonschema's words for it.

Numbers in messages are written as golang.org/x/text does in English: 1,234.5 and 1.5×10⁰⁷.
"""

from __future__ import annotations

from navarch.golang.strconv import quote as _go_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["GROUP", "REFERENCE", "Finding", "count", "display", "number", "pointer", "quoted", "quoted_list"]

GROUP, REFERENCE = "group", "reference"
"""Findings that only hold others together."""


class Finding:
    """One thing that is wrong at a place in the values, and what led to that."""

    __slots__ = ("causes", "kind", "message", "path")

    def __init__(
        self, path: tuple[str, ...], message: str, causes: list[Finding] | None = None, kind: str = ""
    ) -> None:
        self.path = path
        self.message = message
        self.causes = causes or []
        self.kind = kind

    def lines(self, indent: int = 0) -> list[str]:
        """A line each, the causes further in; a reference with one cause is passed over."""
        found = []
        if self.kind != REFERENCE or len(self.causes) != 1:
            found.append(f"{'  ' * indent}- at {quoted(pointer(self.path))}: {self.message}")
            indent += 1
        for cause in self.causes:
            found += cause.lines(indent)
        return found


def pointer(path: Iterable[str]) -> str:
    """A JSON pointer: "/a/b~1c"."""
    return "".join(["/" + part.replace("~", "~0").replace("/", "~1") for part in path])


def quoted(text: str) -> str:
    """A text in single quotes, escaped as in Go."""
    inner = _go_quote(text).replace('\\"', '"').replace("'", "\\'")[1:-1]
    return f"'{inner}'"


def quoted_list(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts))


def display(value: Any) -> str:
    """A value of an enum or const."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (list, dict)):
        return "value"
    if type(value) is bytes:
        return value.decode()
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def count(value: int) -> str:
    """A whole number with commas: 1,234."""
    return f"{value:,}"


def number(value: Any) -> str:
    """A number, from 10⁶ on and below 10⁻⁴ with an exponent."""
    real = float(value.decode() if type(value) is bytes else value)
    if real == 0:
        return "0"
    sign = "-" if real < 0 else ""
    digits, _, exponent = _shortest(abs(real)).partition("e")
    power = int(exponent)
    if -4 <= power < 6:
        return sign + _positional(digits, power)
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    raised = f"{abs(power):02d}".translate(_RAISED)
    return f"{sign}{mantissa}×10{'⁻' if power < 0 else ''}{raised}"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _shortest(real: float) -> str:
    """The fewest digits that read as a number, without a point, and the power of ten of the first: "125e1"."""
    mantissa, _, exponent = repr(real).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole) - 1 if whole.strip("0") else -1 - (len(fraction) - len(fraction.lstrip("0")))
    return f"{digits.rstrip('0')}e{leading + int(exponent or 0)}"


def _positional(digits: str, power: int) -> str:
    if power < 0:
        return f"0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    fraction = digits[power + 1 :]
    return f"{int(digits[: power + 1]):,}" + (f".{fraction}" if fraction else "")
