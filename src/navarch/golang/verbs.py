"""The general half of Go's fmt: format strings with flags, widths and argument indexes, every verb on every kind.

`golang.fmt` comes here for whatever its fast ways don't cover. The rules, and the words for what goes wrong, are those
of Go's fmt/print.go and fmt/format.go.
"""

from __future__ import annotations

from navarch.golang.fmt import stringer
from navarch.golang.runes import REPLACEMENT, from_bytes, to_bytes, valid
from navarch.golang.strconv import can_backquote, format_float, quote, quote_ascii, quote_rune
from navarch.golang.types import Int, Uint8, kind_of, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Directive", "format_complex", "parse", "run"]

_FLAGS = "#0+- "
_LARGEST = 1_000_000
_BASES = {"b": ("b", "0b"), "o": ("o", "0"), "O": ("o", "0"), "x": ("x", "0x"), "X": ("X", "0X")}
_MASK64 = (1 << 64) - 1


class Directive:
    """One % of a format, as far as it can be told without the operands.

    An index is None or (index from 0, whether it was well-formed); width and precision are None, a number or "*";
    the verb is "" where the format ends before it; misplaced says that a number follows an index.
    """

    __slots__ = ("flags", "index", "late_index", "misplaced", "precision", "precision_index", "verb", "width")

    flags: str
    index: tuple[int, bool] | None
    width: int | str | None
    precision_index: tuple[int, bool] | None
    precision: int | str | None
    late_index: tuple[int, bool] | None
    verb: str
    misplaced: bool

    def is_bare(self, verbs: str) -> bool:
        """Whether it is nothing but one of these verbs."""
        return (
            self.verb in verbs
            and self.verb != ""
            and not self.flags
            and self.width is None
            and self.precision is None
            and self.index is None
            and self.late_index is None
        )


class Flags:
    """What a directive asks of the formatting of one operand."""

    __slots__ = ("erroring", "minus", "plus", "plus_v", "precision", "sharp", "sharp_v", "space", "width", "zero")

    def __init__(self, flags: str = "") -> None:
        self.sharp = "#" in flags
        self.zero = "0" in flags
        self.plus = "+" in flags
        self.minus = "-" in flags
        self.space = " " in flags
        self.sharp_v = self.plus_v = False
        self.width: int | None = None
        self.precision: int | None = None
        self.erroring = False  # inside %!verb(…), where methods are not called


def parse(format: str) -> list[str | Directive]:  # noqa: A002
    """A format as literal text and directives; %% is text."""
    pieces: list[str | Directive] = []
    at, end = 0, len(format)
    while at < end:
        percent = format.find("%", at)
        if percent < 0:
            percent = end
        if percent > at:
            pieces.append(format[at:percent])
        if percent == end:
            break
        directive, at = _parse_directive(format, percent + 1)
        pieces.append("%" if directive.is_bare("%") else directive)
    return pieces


def _parse_directive(format: str, at: int) -> tuple[Directive, int]:  # noqa: A002
    """The directive whose % stands before `at`, and the position after it."""
    end = len(format)
    found = Directive()
    start = at
    while at < end and format[at] in _FLAGS:
        at += 1
    found.flags = format[start:at]
    found.misplaced = False
    found.precision = found.precision_index = None
    found.index, at = _parse_index(format, at)
    after_index = found.index is not None and found.index[1]
    found.width, at = _parse_size(format, at)
    if after_index and isinstance(found.width, int):
        found.misplaced = True
    after_index = after_index and found.width != "*"
    if at + 1 < end and format[at] == ".":
        found.misplaced = found.misplaced or after_index
        found.precision_index, at = _parse_index(format, at + 1)
        found.precision, at = _parse_size(format, at)
        after_index = found.precision_index is not None and found.precision_index[1] and found.precision != "*"
        if found.precision is None:
            found.precision = 0
    found.late_index = None
    if not after_index:
        found.late_index, at = _parse_index(format, at)
    found.verb = valid(format[at : at + 1])
    return found, at + 1


def _parse_size(format: str, at: int) -> tuple[int | str | None, int]:  # noqa: A002
    """A width or precision: None, "*" or a number, and the position after it; the end where the number is too large."""
    if format[at : at + 1] == "*":
        return "*", at + 1
    number, after = _parse_number(format, at, len(format))
    return number, after


def _parse_number(text: str, at: int, end: int) -> tuple[int | None, int]:
    number: int | None = None
    while at < end and text[at] in "0123456789":
        if number is not None and number > _LARGEST:
            return None, end
        number = (number or 0) * 10 + int(text[at])
        at += 1
    return number, at


def _parse_index(format: str, at: int) -> tuple[tuple[int, bool] | None, int]:  # noqa: A002
    """An argument index like [3], if there is one: (2, whether it is well-formed), and the position after it."""
    if format[at : at + 1] != "[":
        return None, at
    close = format.find("]", at + 1)
    if close < 0 or len(format) - at < 3:
        return (0, False), at + 1
    number, after = _parse_number(format, at + 1, close)
    if number is None or after != close:
        return (0, False), close + 1
    return (number - 1, True), close + 1


class _Operands:
    """The operands of one call, and which of them is next."""

    __slots__ = ("args", "good", "next", "reordered")

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.args = args
        self.next = 0
        self.good = True
        self.reordered = False

    def go_to(self, index: tuple[int, bool] | None) -> None:
        """Follow an argument index."""
        if index is None:
            return
        self.reordered = True
        if index[1] and 0 <= index[0] < len(self.args):
            self.next = index[0]
        else:
            self.good = False

    def take_size(self) -> int | None:
        """The operand of a *; None where it is missing, no integer or too large."""
        if self.next >= len(self.args):
            return None
        value = self.args[self.next]
        self.next += 1
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
            return None
        return int(value)


def run(pieces: list[str | Directive], args: tuple[Any, ...]) -> str:
    """Format operands by a parsed format."""
    out: list[str] = []
    operands = _Operands(args)
    for piece in pieces:
        if isinstance(piece, Directive):
            out.append(_run_directive(piece, operands))
            if not piece.verb:
                break
        else:
            out.append(piece)
    if not operands.reordered and operands.next < len(args):
        extra = [
            "<nil>" if arg is None else f"{type_of(arg)}={format_operand(arg, 'v', Flags())}"
            for arg in args[operands.next :]
        ]
        out.append(f"%!(EXTRA {', '.join(extra)})")
    return "".join(out)


def _run_directive(directive: Directive, operands: _Operands) -> str:
    operands.good = not directive.misplaced
    flags, complaint = _flags_for(directive, operands)
    operands.go_to(directive.late_index)
    verb = directive.verb
    if not verb:
        return complaint + "%!(NOVERB)"
    if verb == "%":
        return complaint + "%"
    if not operands.good:
        return f"{complaint}%!{verb}(BADINDEX)"
    if operands.next >= len(operands.args):
        return f"{complaint}%!{verb}(MISSING)"
    if verb in "vw":
        flags.sharp_v, flags.sharp = flags.sharp, False
        flags.plus_v, flags.plus = flags.plus, False
    operands.next += 1
    return complaint + format_operand(operands.args[operands.next - 1], verb, flags)


def _flags_for(directive: Directive, operands: _Operands) -> tuple[Flags, str]:
    """The flags with width and precision filled in, and what is wrong with a * of theirs."""
    flags, complaint = Flags(directive.flags), ""
    operands.go_to(directive.index)
    width, precision = directive.width, directive.precision
    if width == "*":
        flags.width = operands.take_size()
        if flags.width is None:
            complaint = "%!(BADWIDTH)"
        elif flags.width < 0:
            flags.width, flags.minus, flags.zero = -flags.width, True, False
    elif isinstance(width, int):
        flags.width = width
    operands.go_to(directive.precision_index)
    if precision == "*":
        flags.precision = operands.take_size()
        if flags.precision is None or flags.precision < 0:
            flags.precision = None
            complaint += "%!(BADPREC)"
    elif isinstance(precision, int):
        flags.precision = precision
    return flags, complaint


def format_operand(value: Any, verb: str, flags: Flags) -> str:
    """One operand by one verb (Go's printArg)."""
    if value is None:
        return _pad("<nil>", flags) if verb in "Tv" else _bad_verb(value, verb, flags)
    if verb == "T":
        return _string(type_of(value), "s", flags)
    if verb == "p":
        return _pointer(value, verb, flags)
    if type(value) is bytes:
        return _bytes(value, verb, flags)
    return _format(value, verb, flags, top=True)


def _format(value: Any, verb: str, flags: Flags, *, top: bool) -> str:
    """A value that is not nil, at the top or inside a container (Go's printValue and handleMethods)."""
    kind = type(value)
    if kind is str:
        return _string(value, verb, flags)
    if kind is Int or kind is int:
        return _integer(value, verb, flags)
    if kind is float:
        return _float(value, verb, flags)
    if kind is complex:
        return _complex(value, verb, flags)
    if kind is bool:
        return _pad("true" if value else "false", flags) if verb in "tv" else _bad_verb(value, verb, flags)
    if not flags.erroring:
        if verb == "w":
            return _bad_verb(value, verb, flags)
        if verb in "vsxXq" and not flags.sharp_v:
            method = stringer(value)
            if method is not None:
                return _string(method(), verb, flags)
    return _composite(value, verb, flags, top=top)


def _composite(value: Any, verb: str, flags: Flags, *, top: bool) -> str:
    if isinstance(value, dict):
        pairs = [
            f"{_format(k, verb, flags, top=False)}:{_element(v, verb, flags)}"
            for k, v in sorted(value.items(), key=lambda item: item[0])
        ]
        return _bracket(value, pairs, "map[]", flags)
    if isinstance(value, bytes):
        if verb in "sqxX":
            return _bytes(value, verb, flags)
        return _bracket(value, [_format(Uint8(b), verb, flags, top=False) for b in value], "[]", flags)
    if isinstance(value, list | tuple):
        return _bracket(value, [_element(v, verb, flags) for v in value], "[]", flags)
    if isinstance(value, int):
        return _integer(value, verb, flags, signed="uint" not in kind_of(value))
    if kind_of(value) == "ptr" and not top:
        return _pointer(value, verb, flags)
    return ("&" if kind_of(value) == "ptr" else "") + _struct(value, verb, flags)


def _element(value: Any, verb: str, flags: Flags) -> str:
    """A value inside a container: nil there is a nil interface."""
    if value is None:
        return "interface {}(nil)" if flags.sharp_v else "<nil>"
    return _format(value, verb, flags, top=False)


def _bracket(value: Any, items: list[str], brackets: str, flags: Flags) -> str:
    """The items of a container between its brackets, or in Go syntax after its type."""
    if not flags.sharp_v:
        return brackets[:-1] + " ".join(items) + brackets[-1]
    if getattr(value, "go_nil", False):
        return type_of(value) + "(nil)"
    return type_of(value) + "{" + ", ".join(items) + "}"


def _struct(value: Any, verb: str, flags: Flags) -> str:
    fields = [(name, getattr(value, name)) for name in getattr(value, "go_fields", ())]
    named = flags.plus_v or flags.sharp_v
    items = [(f"{name}:" if named else "") + _element(field, verb, flags) for name, field in fields]
    if flags.sharp_v:
        return type_of(value).removeprefix("*") + "{" + ", ".join(items) + "}"
    return "{" + " ".join(items) + "}"


def _bad_verb(value: Any, verb: str, flags: Flags) -> str:
    """What Go writes for a verb that a value's type doesn't have; the value's own methods are not called."""
    if value is None:
        return f"%!{verb}(<nil>)"
    before, flags.erroring = flags.erroring, True
    shown = format_operand(value, "v", flags)
    flags.erroring = before
    return f"%!{verb}({type_of(value)}={shown})"


def _pad(text: str, flags: Flags, *, zero: bool = True) -> str:
    """Text padded to the width: to the left with zeros if asked for, to the right with blanks only."""
    if not flags.width:
        return text
    if flags.minus:
        return text.ljust(flags.width)
    return text.rjust(flags.width, "0" if zero and flags.zero else " ")


def _string(value: str, verb: str, flags: Flags) -> str:
    if verb == "s" or (verb == "v" and not flags.sharp_v):
        return _pad(value[: flags.precision], flags)
    if verb in "qv":
        return _quoted(value[: flags.precision], flags)
    if verb in "xX":
        return _hex(to_bytes(value), verb, flags)
    return _bad_verb(value, verb, flags)


def _quoted(value: str, flags: Flags) -> str:
    if flags.sharp and can_backquote(value):
        return _pad(f"`{value}`", flags)
    return _pad(quote_ascii(value) if flags.plus else quote(value), flags)


def _hex(data: bytes, verb: str, flags: Flags) -> str:
    """Two digits a byte; a blank between them and 0x before the first or each of them if asked for."""
    data = data[: flags.precision]
    prefix = "0x" if flags.sharp else ""
    text = prefix + (f" {prefix}".join([f"{b:02x}" for b in data]) if flags.space else data.hex())
    if not data:
        text = ""
    return _pad(text.upper() if verb == "X" else text, flags)


def _bytes(value: bytes, verb: str, flags: Flags) -> str:
    """[]byte as an operand of its own, where Go names its type otherwise than inside a container."""
    if verb in "vd":
        if flags.sharp_v:
            return "[]byte{" + ", ".join([_hex_literal(b, flags) for b in value]) + "}"
        return "[" + " ".join([_digits(b, "d", flags) for b in value]) + "]"
    if verb == "s":
        return _pad(from_bytes(value)[: flags.precision], flags)
    if verb == "q":
        return _quoted(from_bytes(value)[: flags.precision], flags)
    if verb in "xX":
        return _hex(value, verb, flags)
    return _composite(value, verb, flags, top=True)


def _integer(value: int, verb: str, flags: Flags, *, signed: bool = True) -> str:
    if verb == "v" and flags.sharp_v and not signed:
        return _hex_literal(value, flags)
    if verb in "vdbOoxX":
        return _digits(value, verb, flags)
    if verb == "c":
        return _pad(chr(value) if _is_rune(value) else REPLACEMENT, flags)
    if verb == "q":
        return _pad(quote_rune(value, ascii_only=flags.plus), flags)
    if verb == "U":
        return _unicode(value, flags)
    return _bad_verb(value, verb, flags)


def _is_rune(code: int) -> bool:
    return 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF


def _digits(value: int, verb: str, flags: Flags) -> str:
    """An integer in a verb's base with sign, prefix and zeros."""
    form, prefix = _BASES.get(verb, ("d", ""))
    precision = 0
    if flags.precision is not None:
        precision = flags.precision
        if precision == 0 and value == 0:
            return " " * (flags.width or 0)
    elif flags.zero and not flags.minus and flags.width:
        precision = flags.width - (value < 0 or flags.plus or flags.space)
    text = f"{abs(value):{form}}".rjust(precision, "0")
    if flags.sharp and not (prefix == "0" and text[0] == "0"):
        text = (prefix.upper() if verb == "X" else prefix) + text
    if verb == "O":
        text = "0o" + text
    sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    return _pad(sign + text, flags, zero=False)


def _hex_literal(value: int, flags: Flags) -> str:
    """An unsigned integer in Go syntax, 0x2a, under the directive's other flags."""
    before, flags.sharp = flags.sharp, True
    text = _digits(value, "x", flags)
    flags.sharp = before
    return text


def _unicode(value: int, flags: Flags) -> str:
    """The form U+0078, with # followed by the character: U+0078 'x'."""
    text = f"U+{value & _MASK64:0{max(4, flags.precision or 0)}X}"
    if flags.sharp and _is_rune(value):
        from navarch.golang.runes import is_printable

        if is_printable(chr(value)):
            text += f" '{chr(value)}'"
    return _pad(text, flags, zero=False)


def _float(value: float, verb: str, flags: Flags) -> str:
    if verb in "vbgGxX":
        default, form = -1, "g" if verb == "v" else verb
    elif verb in "feEF":
        default, form = 6, "f" if verb == "F" else verb
    else:
        return _bad_verb(value, verb, flags)
    precision = default if flags.precision is None else flags.precision
    text = format_float(value, form, precision)
    sign, text = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
    if flags.space and sign == "+" and not flags.plus:
        sign = " "
    if text in ("Inf", "NaN"):
        if text == "NaN" and not flags.plus and not flags.space:
            sign = ""
        return _pad(sign + text, flags, zero=False)
    if flags.sharp and form != "b":
        text = _with_point(text, form, precision)
    if not flags.plus and sign == "+":
        return _pad(text, flags)
    if flags.zero and not flags.minus and flags.width:
        return sign + text.rjust(flags.width - 1, "0")
    return _pad(sign + text, flags)


def _complex(value: complex, verb: str, flags: Flags) -> str:
    if verb not in "vbgGxXfFeE":
        return _bad_verb(value, verb, flags)
    real = _float(value.real, verb, flags)
    before, flags.plus = flags.plus, True
    imaginary = _float(value.imag, verb, flags)
    flags.plus = before
    return f"({real}{imaginary}i)"


def format_complex(value: complex) -> str:
    """A complex number as %v prints it: (0+1i)."""
    return _complex(value, "v", Flags())


def _with_point(text: str, form: str, precision: int) -> str:
    """The # flag on a float: always a decimal point, and the zeros that %g and %x leave out."""
    missing = 0
    if form in "gGx":
        missing = 6 if precision == -1 else precision
    ends = "pP" if form in "xX" else "eE"
    at = next((i for i, c in enumerate(text) if c in ends), len(text))
    number, tail = text[:at], text[at:]
    digits = number.replace(".", "").lstrip("0")
    missing -= len(digits)
    if "." not in number:
        if number == "0":
            missing -= 1
        number += "."
    return number + "0" * max(missing, 0) + tail


def _pointer(value: Any, verb: str, flags: Flags) -> str:
    """An address, for kinds that have one; the number is Python's."""
    if kind_of(value) not in ("map", "slice", "ptr"):
        return _bad_verb(value, verb, flags)
    address = 0 if getattr(value, "go_nil", False) else id(value)
    if verb == "v" and flags.sharp_v:
        return f"({type_of(value)})({f'0x{address:x}' if address else 'nil'})"
    if verb in "vp":
        return _pad(f"{'' if flags.sharp else '0x'}{address:x}", flags)
    if verb in "bodxX":
        return _digits(address, verb, flags)
    return _bad_verb(value, verb, flags)
