"""Go's strconv: numbers and quoted strings, to text and back, with Go's error messages."""

from __future__ import annotations

from navarch.errors import NavarchError
from navarch.golang.runes import REPLACEMENT, from_bytes, is_printable, valid

__all__ = [
    "NumError",
    "can_backquote",
    "decimal_digits",
    "format_float",
    "parse_float",
    "parse_int",
    "quote",
    "quote_ascii",
    "quote_rune",
    "shortest_float",
    "unquote",
]

SYNTAX = "invalid syntax"
RANGE = "value out of range"

_DECIMAL_CHARACTERS = frozenset("0123456789+-.eE")
_SPECIAL_FLOATS = {sign + name: float(sign + name) for sign in ("", "+", "-") for name in ("inf", "infinity")} | {
    "nan": float("nan")
}
_PREFIXES = {"b": 2, "o": 8, "x": 16}

_ESCAPES = {n: f"\\x{n:02x}" for n in (*range(0x20), 0x7F)} | {
    ord(c): e
    for c, e in zip('\a\b\f\n\r\t\v\\"', ("\\a", "\\b", "\\f", "\\n", "\\r", "\\t", "\\v", "\\\\", '\\"'), strict=True)
}
_UNESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
_DIGITS = {8: "01234567", 16: "0123456789abcdefABCDEF"}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}


class NumError(NavarchError):
    """Text that is not a number, or one that doesn't fit; `value` is what Go returns along with the error."""

    reference = "number"

    def __init__(self, function: str, text: str, reason: str, value: float = 0) -> None:
        super().__init__(f"strconv.{function}: parsing {quote(text)}: {reason}")
        self.value = value
        self.reason = reason


def parse_int(text: str, base: int = 10, bits: int = 64, *, function: str = "ParseInt") -> int:
    """strconv.ParseInt. Base 0 takes the base from a prefix and allows underscores. Raises NumError.

    `function` is the name for the error message: Atoi's differs.
    """
    digits = text[1:] if text[:1] in ("+", "-") else text
    magnitude, reason = _parse_uint(digits, base, (1 << bits) - 1)
    if reason == SYNTAX:
        raise NumError(function, text, SYNTAX)
    number = -magnitude if text[0] == "-" else magnitude
    limit = 1 << (bits - 1)
    if number >= limit:
        raise NumError(function, text, RANGE, limit - 1)
    if number < -limit:
        raise NumError(function, text, RANGE, -limit)
    return number


def _parse_uint(text: str, base: int, most: int) -> tuple[int, str]:
    """The value of unsigned digits, and "" or the reason of an error; too large a number is found before bad digits."""
    if len(text) < 19 and text.isdecimal() and text.isascii() and (base == 10 or (base == 0 and text[0] != "0")):
        return int(text), ""
    whole, underscores = text, base == 0
    if base == 0:
        text, base = _strip_base(text)
    if not text:
        return 0, SYNTAX
    number = 0
    for c in text:
        if c == "_" and underscores:
            continue
        digit = int(c, 36) if c.isascii() and c.isalnum() else 36
        if digit >= base:
            return 0, SYNTAX
        number = number * base + digit
        if number > most:
            return most, RANGE
    if underscores and "_" in text and not _underscores_fit(whole):
        return 0, SYNTAX
    return number, ""


def _strip_base(text: str) -> tuple[str, int]:
    """Digits without their prefix, and the base that the prefix names."""
    if text[:1] != "0":
        return text, 10
    base = _PREFIXES.get(text[1:2].lower(), 0)
    if base and len(text) >= 3:
        return text[2:], base
    return text[1:] or "0", 8


def _underscores_fit(text: str) -> bool:
    """Whether underscores stand only between digits, or between a base prefix and a digit."""
    if text[:1] in ("+", "-"):
        text = text[1:]
    last, is_hex = "^", False
    if text[:1] == "0" and text[1:2].lower() in _PREFIXES:
        last, is_hex, text = "0", text[1] in "xX", text[2:]
    for c in text:
        if c in "0123456789" or (is_hex and c in "abcdefABCDEF"):
            last = "0"
        elif c == "_":
            if last != "0":
                return False
            last = "_"
        elif last == "_":
            return False
        else:
            last = "!"
    return last != "_"


def parse_float(text: str) -> float:
    """strconv.ParseFloat for 64 bits: decimal, hexadecimal (0x1p-2), infinities and NaN. Raises NumError."""
    digits = text
    if "_" in text and _underscores_fit(text):
        digits = text.replace("_", "")
    try:
        if _DECIMAL_CHARACTERS.issuperset(digits):
            number = float(digits)
        elif _is_hex_float(digits):
            number = float.fromhex(digits)
        else:
            special = _SPECIAL_FLOATS.get(digits.lower()) if digits.isascii() else None
            if special is None:
                raise NumError("ParseFloat", text, SYNTAX)
            return special
    except ValueError:
        raise NumError("ParseFloat", text, SYNTAX) from None
    except OverflowError:  # only from float.fromhex
        number = float("-inf" if text[0] == "-" else "inf")
    if number - number != 0:
        raise NumError("ParseFloat", text, RANGE, number)
    return number


def _is_hex_float(text: str) -> bool:
    """Whether what float.fromhex reads as a number is one for Go: the prefix and the exponent are mandatory."""
    start = 1 if text[:1] in ("+", "-") else 0
    return (
        text[start : start + 2] in ("0x", "0X")
        and ("p" in text or "P" in text)
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )


def shortest_float(number: float) -> str:
    """A float64 as %v prints it: the fewest digits that suffice, with an exponent below 0.0001 and from 1e+06 on."""
    if -1e6 < number < 1e6:
        whole = int(number)
        if whole == number:
            return str(whole) if whole or repr(number)[0] != "-" else "-0"
        if not -1e-4 < number < 1e-4:
            return repr(number)
    return format_float(number, "g")


def format_float(number: float, form: str = "g", precision: int = -1, bits: int = 64) -> str:
    """strconv.FormatFloat: form is one of b e E f g G x X; precision -1 asks for the fewest digits that suffice."""
    if bits == 32:
        number = _to_float32(number)
    if number != number:  # noqa: PLR0124
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    if form in "xX":
        return _hex_float(number, form, precision)
    if form == "b":
        return _binary_float(number, bits)
    if precision >= 0:
        return f"%.{precision}{form}" % number
    digits, point = decimal_digits(number, bits)
    sign = "-" if repr(number)[0] == "-" else ""
    if form == "f" or (form in "gG" and -4 <= point - 1 < 6):
        return sign + _positional(digits, point)
    return sign + _scientific(digits, point, "e" if form in "eg" else "E")


def decimal_digits(number: float, bits: int = 64) -> tuple[str, int]:
    """The shortest significant digits of |number| and the place of the decimal point in them: ("125", 1) is 1.25."""
    if number == 0:
        return "0", 1
    text = repr(abs(number)) if bits == 64 else _shortest_float32(abs(number))
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole) + len(fraction) - len(digits))
    return digits.rstrip("0"), point


def _positional(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return digits[:point] + "." + digits[point:]


def _scientific(digits: str, point: int, letter: str) -> str:
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}{letter}{point - 1:+03d}"


def _to_float32(number: float) -> float:
    from struct import pack, unpack

    try:
        return float(unpack("<f", pack("<f", number))[0])
    except OverflowError:
        return float("-inf" if number < 0 else "inf")


def _shortest_float32(number: float) -> str:
    """The shortest text that reads back as the same float32."""
    for precision in range(8):
        text = f"{number:.{precision}e}"
        if _to_float32(float(text)) == number:
            return text
    return f"{number:.8e}"


def _split_float(number: float, bits: int) -> tuple[int, int]:
    """Mantissa and exponent of |number| as IEEE 754 stores them: |number| is mantissa * 2**exponent."""
    from struct import pack, unpack

    width, bias, packed = (52, 1023, pack("<d", number)) if bits == 64 else (23, 127, pack("<f", number))
    (stored,) = unpack("<Q" if bits == 64 else "<I", packed)
    exponent = stored >> width & (2 * bias + 1)
    mantissa = stored & ((1 << width) - 1)
    if exponent:
        mantissa |= 1 << width
    return mantissa, max(exponent, 1) - bias - width


def _binary_float(number: float, bits: int) -> str:
    """The form of %b: 4503599627370496p-52."""
    mantissa, exponent = _split_float(number, bits)
    return f"{'-' if repr(number)[0] == '-' else ''}{mantissa}p{exponent:+d}"


def _hex_float(number: float, form: str, precision: int) -> str:
    """The forms of %x and %X: 0x1.8p+01."""
    mantissa, exponent = _split_float(number, 64)
    if mantissa:
        shift = 61 - mantissa.bit_length()
        mantissa, exponent = mantissa << shift, exponent - shift + 60
    else:
        exponent = 0
    if 0 <= precision < 15:
        shift = 60 - 4 * precision
        rest, kept = mantissa & ((1 << shift) - 1), mantissa >> shift
        half = 1 << (shift - 1)
        kept += rest > half or (rest == half and kept & 1)
        mantissa = kept << shift
        if mantissa >> 61:
            mantissa, exponent = mantissa >> 1, exponent + 1
    fraction = f"{mantissa & ((1 << 60) - 1):015x}"
    fraction = fraction.rstrip("0") if precision < 0 else fraction[:precision].ljust(precision, "0")
    sign = "-" if repr(number)[0] == "-" else ""
    text = f"0x{mantissa >> 60}{'.' + fraction if fraction else ''}p{exponent:+03d}"
    return sign + (text.upper() if form == "X" else text)


def quote(text: str) -> str:
    """strconv.Quote: a double-quoted Go string literal, what can't be printed escaped."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    escaped = text.translate(_ESCAPES)
    if not escaped.isprintable():
        escaped = "".join([c if is_printable(c) else _escape_rune(c) for c in escaped])
    return f'"{escaped}"'


def quote_ascii(text: str) -> str:
    """strconv.QuoteToASCII: a double-quoted Go string literal in ASCII alone."""
    escaped = text.translate(_ESCAPES)
    if not escaped.isascii():
        escaped = "".join([c if c.isascii() else _escape_rune(c) for c in escaped])
    return f'"{escaped}"'


def _escape_rune(char: str) -> str:
    """The escape of a character outside ASCII; a lone surrogate is a byte that is not UTF-8."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_rune(code: int, *, ascii_only: bool = False) -> str:
    """strconv.QuoteRune: a single-quoted Go character literal; U+FFFD for what is no code point."""
    char = chr(code) if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else REPLACEMENT
    if char == "'":
        return "'\\''"
    if char == '"':
        return "'\"'"
    if code in _ESCAPES:
        return f"'{_ESCAPES[code]}'"
    if char.isascii() or (not ascii_only and is_printable(char)):
        return f"'{char}'"
    return f"'{_escape_rune(char)}'"


def can_backquote(text: str) -> bool:
    """Whether text can stand unchanged between backquotes: no control characters but tab, no backquote, no BOM."""
    return not any((c < " " and c != "\t") or c in "`\x7f\ufeff" or "\ud800" <= c <= "\udfff" for c in text)


def unquote(literal: str) -> str:
    """strconv.Unquote: the text of a Go string or character literal. Raises NavarchError("invalid syntax")."""
    mark = literal[:1]
    body = literal[1:-1]
    if len(literal) < 2 or literal[-1] != mark or mark not in ("`", '"', "'"):
        raise NavarchError(SYNTAX)
    if mark == "`":
        if "`" in body:
            raise NavarchError(SYNTAX)
        return body.replace("\r", "")
    if "\n" in body:
        raise NavarchError(SYNTAX)
    text = valid(body) if "\\" not in body and mark not in body else _unescape(body, mark)
    if mark == "'" and len(text) > 1:
        raise NavarchError(SYNTAX)
    return text


def _unescape(body: str, mark: str) -> str:
    """The text of a literal's body; joined as bytes, because hexadecimal and octal escapes name bytes."""
    out = bytearray()
    at, end = 0, len(body)
    while at < end:
        slash = body.find("\\", at)
        plain = body[at : slash if slash >= 0 else end]
        if mark in plain:
            raise NavarchError(SYNTAX)
        out += valid(plain).encode()
        if slash < 0:
            break
        at = _unescape_one(body, slash + 1, mark, out)
    return from_bytes(bytes(out))


def _unescape_one(body: str, at: int, mark: str, out: bytearray) -> int:
    """Append what the escape whose letter stands at `at` means; the position after it."""
    letter = body[at : at + 1]
    if letter in _UNESCAPES:
        out.append(_UNESCAPES[letter])
        return at + 1
    if letter == mark:
        out += mark.encode()
        return at + 1
    if letter in _HEX_LENGTHS:
        length = _HEX_LENGTHS[letter]
        code = _number(body[at + 1 : at + 1 + length], length, 16)
        if letter == "x":
            out.append(code)
        elif code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise NavarchError(SYNTAX)
        else:
            out += chr(code).encode()
        return at + 1 + length
    code = _number(body[at : at + 3], 3, 8)
    if code > 0xFF:
        raise NavarchError(SYNTAX)
    out.append(code)
    return at + 3


def _number(digits: str, length: int, base: int) -> int:
    """The value of exactly `length` digits."""
    if len(digits) != length or digits.strip(_DIGITS[base]):
        raise NavarchError(SYNTAX)
    return int(digits, base)
