"""JSON to the letter of Go's encoding/json: what json.Marshal writes, and what json.Unmarshal reads into an interface.

Objects of our own say by a method `go_json` what encoding/json makes of them: a plain value.

Reading leaves the usual case to CPython's C scanner, which takes the same grammar; whatever it refuses, and what Go
reads otherwise (lone surrogates, numbers out of range), goes to the complete reader, `jsontext`.
"""

from __future__ import annotations

from _json import encode_basestring as _quote_string
from _json import make_scanner as _make_scanner

from navarch.errors import JsonError
from navarch.golang.runes import valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = [
    "as_plain",
    "decode",
    "dumps",
    "dumps_indent",
    "dumps_raw",
    "exported_fields",
    "float_text",
    "loads",
    "mismatch",
    "refuse_cycle",
    "scan_value",
    "type_name",
]

_NAMES = {dict: "object", list: "array", str: "string", bool: "bool", float: "number", type(None): "null"}
_CYCLE_CHECK = 1000
_MAX_DEPTH = 10000
_LIMIT = 4096
_LONGEST = 200

_quoted: dict[str, str] = {}
"""Short strings, and how they are written."""


def dumps(value: Any) -> str:
    """json.Marshal: sorted keys, no blanks, and <, >, & escaped. Raises JsonError for NaN, infinities and cycles."""
    return _run(_encode, value, _quote_html)


def dumps_raw(value: Any) -> str:
    """What an Encoder with SetEscapeHTML(false) writes, without its last line break."""
    return _run(_encode, value, _quote)


def dumps_indent(value: Any, indent: str = "  ") -> str:
    """json.MarshalIndent without a prefix."""
    return _run(_encode_indented, value, indent, "\n")


def _run(encode: Callable[..., str], value: Any, *args: Any) -> str:
    try:
        return encode(value, *args)
    except RecursionError:
        from navarch.golang.recursion import call_deep

        refuse_cycle(value)
        return str(call_deep(encode, value, *args))


def _quote(text: str) -> str:
    quoted = _quote_string(text)
    return quoted if quoted.isascii() else _escape_special(quoted)


def _escape_special(quoted: str) -> str:
    """Escape what Go escapes beyond ASCII: the two line separators, and bytes that are not UTF-8."""
    quoted = quoted.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if valid(quoted) is quoted:
        return quoted
    return "".join(["\\ufffd" if "\ud800" <= char <= "\udfff" else char for char in quoted])


def _quote_html(text: str) -> str:
    known = _quoted.get(text)
    if known is not None:
        return known
    quoted = _escape_html(text)
    if len(quoted) < _LONGEST:
        if len(_quoted) >= _LIMIT:
            _quoted.clear()
        _quoted[text] = quoted
    return quoted


def _escape_html(text: str) -> str:
    quoted = _quote_string(text)
    if "<" in quoted or ">" in quoted or "&" in quoted:
        quoted = quoted.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return quoted if quoted.isascii() else _escape_special(quoted)


def _encode(value: Any, quote: Callable[[str], str]) -> str:
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is dict:
        return "{" + ",".join([f"{quote(key)}:{_encode(value[key], quote)}" for key in sorted(value)]) + "}"
    if kind is list:
        return "[" + ",".join([_encode(item, quote) for item in value]) + "]"
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is float:
        return float_text(value)
    if isinstance(value, int):
        return int.__repr__(value)
    plain = as_plain(value)
    if type(plain) is dict and not isinstance(value, dict):  # a struct: its fields as they come
        return "{" + ",".join([f"{quote(key)}:{_encode(item, quote)}" for key, item in plain.items()]) + "}"
    return _encode(plain, quote)


def _encode_indented(value: Any, indent: str, newline: str) -> str:
    plain = value if type(value) in (dict, list) else as_plain(value)
    inner = newline + indent
    if type(plain) is dict and plain:
        keys = sorted(plain) if isinstance(value, dict) else plain
        items = [f"{inner}{_quote_html(key)}: {_encode_indented(plain[key], indent, inner)}" for key in keys]
        return "{" + ",".join(items) + newline + "}"
    if type(plain) is list and plain:
        return "[" + ",".join([inner + _encode_indented(item, indent, inner) for item in plain]) + newline + "]"
    return _encode(plain, _quote_html)


def as_plain(value: Any) -> Any:
    """One of our Go types as a plain dict, list, str, number, bool or None; what stands inside stays as it is."""
    if type(value) in _NAMES:
        return value
    if getattr(value, "go_nil", False):
        return None
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        from binascii import b2a_base64

        return b2a_base64(value, newline=False).decode()
    convert = getattr(value, "go_json", None)
    if convert is None:
        raise JsonError(f"json: unsupported type: {getattr(value, 'go_type', type(value).__name__)}")
    return convert()


def exported_fields(value: Any) -> dict[str, Any] | None:
    """The fields of one of our Go structs by their names in Go, in order; None for what is no struct."""
    names = getattr(value, "go_fields", None)
    return None if names is None else {name: getattr(value, name) for name in names if name[0].isupper()}


def float_text(value: float) -> str:
    """A float as encoding/json writes it: with an exponent below 1e-6 and from 1e21 on only."""
    if -1e15 < value < 1e15:
        whole = int(value)
        if whole == value:
            return str(whole) if whole or repr(value)[0] != "-" else "-0"
        text = repr(value)
        if "e" not in text:
            return text
    from navarch.golang.strconv import format_float

    if value - value != 0:
        raise JsonError(f"json: unsupported value: {format_float(value)}")
    if 1e-6 <= abs(value) < 1e21:
        return format_float(value, "f")
    return format_float(value, "e").replace("e-0", "e-")


def refuse_cycle(value: Any) -> None:
    """Raise JsonError where a value contains itself; like Go, look only from the thousandth level on."""
    from navarch.golang.recursion import call_deep

    call_deep(_refuse_cycle, value, 0, set())


def _refuse_cycle(value: Any, level: int, seen: set[int]) -> None:
    if type(value) not in (dict, list):
        if not isinstance(value, (dict, list)):
            return
        value = as_plain(value)
    if level >= _CYCLE_CHECK:
        if id(value) in seen:
            name = "map[string]interface {}" if type(value) is dict else "[]interface {}"
            raise JsonError(f"json: unsupported value: encountered a cycle via {name}")
        seen.add(id(value))
    for item in [value[key] for key in sorted(value)] if type(value) is dict else value:
        _refuse_cycle(item, level + 1, seen)
    seen.discard(id(value))


class _OutOfRangeError(ValueError):
    """A number that float64 can't hold."""


def _number(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise _OutOfRangeError
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


class _Context:
    """What CPython's scanner is told: only strict JSON, every number a float."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = staticmethod(_number)
    parse_int = staticmethod(_number)
    parse_constant = staticmethod(_refuse_constant)
    memo: dict[str, str] = {}  # noqa: RUF012


_scan: Callable[[str, int], tuple[Any, int]] = _make_scanner(_Context)  # type: ignore[arg-type]


def scan_value(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends; every number a float.

    Raises ValueError, StopIteration, RecursionError or SystemError where there is none. Lone surrogates are not seen.
    """
    return _scan(text, at)


def loads(text: str) -> Any:
    """json.Unmarshal into an interface: every number a float. Raises JsonError with Go's message."""
    value, error = decode(text)
    if error:
        raise JsonError(error)
    return value


def decode(text: str) -> tuple[Any, str]:
    """What json.Unmarshal makes of a text, and its error ("" for none).

    After an error in the syntax there is no value; numbers out of range are left null in it.
    """
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if _is_usual(text):
        try:
            value, end = _scan(text, start)
            if not text[end:].strip(" \t\r\n"):
                return value, ""
        except (ValueError, StopIteration, RecursionError, SystemError):
            pass  # SystemError: the scanner wants to raise an error of a module that isn't imported
    from navarch.golang.jsontext import Reader

    return Reader(text).read()


def _is_usual(text: str) -> bool:
    """Whether the C scanner would read a text as Go does: no lone surrogates, and not nested too deeply."""
    if "\\ud" in text or "\\uD" in text or not (text.isascii() or valid(text) is text):
        return False
    return len(text) < _MAX_DEPTH or text.count("[") + text.count("{") <= _MAX_DEPTH


def type_name(value: object) -> str:
    """What encoding/json calls a decoded value in its errors."""
    return _NAMES[type(value)]


def mismatch(value: object, go_type: str) -> str:
    """encoding/json's message for a decoded value that doesn't fit a Go type."""
    return f"json: cannot unmarshal {type_name(value)} into Go value of type {go_type}"
