"""Go's fmt: what print, printf and a bare {{ value }} write.

Values are those of `golang.types`; a class of its own takes part by `go_type` and `go_kind`, by `go_string()` (or a
method String) where Go's type is a fmt.Stringer, and by `go_fields`, the names of its fields, where it is a struct.
This module has the entry points and the ways that millions of calls take; `golang.verbs` formats everything else.
"""

from __future__ import annotations

from navarch.golang.strconv import quote, shortest_float
from navarch.golang.types import Int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.verbs import Directive

    _Program = tuple[int, bool, str, str, list[str | Directive]]

__all__ = ["plain", "sprint", "sprintf", "sprintln", "stringer", "text"]

_BASIC = {str, bool, int, float, complex, dict, list, bytes, type(None)}
_SEQUENCES = (list, tuple, bytes)
_MOST_PROGRAMS = 4096

_programs: dict[str, _Program] = {}


def text(value: Any, pointer: str = "") -> str:
    """A value as %v prints it; `pointer` stands before a struct that is pointed to, for text/template nothing."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is Int or kind is int:
        return int.__repr__(value)
    if kind is float:
        return shortest_float(value)
    if kind is bool:
        return "true" if value else "false"
    return _composite(value, pointer)


def plain(value: Any) -> str:
    """A value as fmt.Sprint prints it alone."""
    return value if type(value) is str else text(value, "&")


def _composite(value: Any, pointer: str) -> str:
    if value is None:
        return "<nil>"
    if type(value) not in _BASIC:
        method = stringer(value)
        if method is not None:
            return str(method())
    if isinstance(value, dict):
        return "map[" + " ".join([f"{key}:{text(value[key])}" for key in sorted(value)]) + "]"
    if isinstance(value, _SEQUENCES):
        return "[" + " ".join([text(v) for v in value]) + "]"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, complex):
        from navarch.golang.verbs import format_complex

        return format_complex(value)
    fields = getattr(value, "go_fields", None)
    if fields is None:
        return str(value)
    start = pointer if value.go_kind == "ptr" else ""
    return start + "{" + " ".join([text(getattr(value, name)) for name in fields]) + "}"


def stringer(value: Any) -> Any:
    """The method that makes a fmt.Stringer of a value, or None."""
    if getattr(value, "go_stringer", "") == "pointer":  # String is the pointer's, and this is a copy
        return None
    return getattr(value, "go_string", None) or getattr(value, "String", None)


def sprint(*args: Any) -> str:
    """fmt.Sprint: blanks only between operands of which neither is a string."""
    if len(args) == 1:
        return plain(args[0])
    out: list[str] = []
    blank = False
    for arg in args:
        if type(arg) is str:
            out.append(arg)
            blank = False
            continue
        if blank:
            out.append(" ")
        out.append(plain(arg))
        blank = True
    return "".join(out)


def sprintln(*args: Any) -> str:
    """fmt.Sprintln: blanks between all operands, a newline at the end."""
    return " ".join([plain(arg) for arg in args]) + "\n"


def sprintf(format: str, *args: Any) -> str:  # noqa: A002
    """fmt.Sprintf, wrong verbs, missing and extra operands included: %!d(string=x), %!v(MISSING), %!(EXTRA …)."""
    count, only_text, verbs, template, pieces = _programs.get(format) or _compile(format)
    if len(args) != count:
        return _run(pieces, args)
    if only_text:
        for arg in args:
            if type(arg) is not str:
                break
        else:
            return template % args
    texts = []
    for verb, arg in zip(verbs, args, strict=True):
        kind = type(arg)
        if kind is str:
            if verb == "q":
                texts.append(quote(arg))
            elif verb != "d":
                texts.append(arg)
            else:
                texts.append(f"%!d(string={arg})")
        elif (kind is Int or kind is int) and verb in "dv":
            texts.append(int.__repr__(arg))
        elif verb == "v":
            texts.append(plain(arg))
        else:
            return _run(pieces, args)
    return template % tuple(texts)


def _run(pieces: list[str | Directive], args: tuple[Any, ...]) -> str:
    from navarch.golang.verbs import run

    return run(pieces, args)


def _compile(format: str) -> _Program:  # noqa: A002
    """Parse a format once: its number of operands, their verbs, a Python template, and its pieces.

    A format with more than bare %s %v %d %q gets a number that never fits (-1), so that it takes the general way.
    """
    from navarch.golang.verbs import Directive, parse

    pieces = parse(format)
    directives = [piece for piece in pieces if isinstance(piece, Directive)]
    if all(directive.is_bare("svdq") for directive in directives):
        verbs = "".join([directive.verb for directive in directives])
        template = "".join(["%s" if isinstance(piece, Directive) else piece.replace("%", "%%") for piece in pieces])
        program = len(directives), not verbs.strip("sv"), verbs, template, pieces
    else:
        program = -1, False, "", "", pieces
    if len(_programs) >= _MOST_PROGRAMS:
        _programs.clear()
    _programs[format] = program
    return program
