"""Values to YAML text in the style of goyaml v3 with an indentation of 2: only toYamlPretty writes it.

The value is printed as it is, not by way of JSON: floats keep their exponents, []byte is a list of numbers, times
stand without quotes. Sequences are indented, long lines stay whole.
"""

from __future__ import annotations

from navarch.errors import JsonError, YamlError
from navarch.golang.json import as_plain, exported_fields, refuse_cycle
from navarch.golang.strconv import format_float
from navarch.golang.yaml.keys import sorted_keys_v3
from navarch.golang.yaml.scalars import is_base60, is_timestamp, resolve
from navarch.golang.yaml.style import BLOCK, MULTILINE, PLAIN, SINGLE, analyse, double_quoted, literal, single_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Fields = dict[str, Any]
else:
    _Fields = dict

__all__ = ["dump_pretty"]

_MAX_KEY = 128
_MAX_LINE = 70


def dump_pretty(value: Any) -> str:
    """What goyaml v3's Encoder writes after SetIndent(2). Raises YamlError where a value contains itself."""
    try:
        return _document(value)
    except RecursionError:
        from navarch.golang.recursion import call_deep

        try:
            refuse_cycle(value)
        except JsonError:
            raise YamlError("yaml: a value contains itself") from None
        return str(call_deep(_document, value))


def _document(value: Any) -> str:
    out: list[str] = []
    _node(value, "", "", out.append)
    return "".join(out)


class _Struct(_Fields):
    """A struct's fields, which keep their order."""

    __slots__ = ()


class _Bare(str):
    """Text that needs no quotes even where it looks like something else: a time."""

    __slots__ = ()


def _plain(value: Any) -> Any:
    """One of our Go types as goyaml sees it: a nil map is an empty one, []byte a list, a struct's names small."""
    if type(value) in (dict, list, str, float, bool, int, _Struct, _Bare) or value is None:
        return value
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple, bytes)):
        return list(value)
    if getattr(value, "go_type", "") == "time.Time":
        return _Bare(as_plain(value))
    if isinstance(value, int):
        return str(value) if getattr(value, "go_type", "") == "time.Duration" else int(value)
    fields = exported_fields(value)
    return as_plain(value) if fields is None else _Struct((name.lower(), item) for name, item in fields.items())


def _node(value: Any, pad: str, lead: str, w: Callable[[str], None]) -> None:
    """Any value, its first line behind `lead`; `pad` is the indentation of a collection's lines."""
    value = _plain(value)
    if isinstance(value, dict):
        if value:
            _mapping(value, pad, lead, w)
        else:
            w(f"{lead}{{}}\n")
    elif type(value) is list:
        if value:
            _sequence(value, pad, lead, w)
        else:
            w(f"{lead}[]\n")
    else:
        w(_line(lead + _scalar(value, pad)))


def _line(text: str) -> str:
    return text if text[-1] in "\n\u2028\u2029" else text + "\n"


def _sequence(value: list[Any], pad: str, lead: str, w: Callable[[str], None]) -> None:
    inner = pad + "  "
    for item in value:
        plain = _plain(item)
        if isinstance(plain, (dict, list)):
            _node(plain, inner, lead + "- ", w)
        else:
            w(_line(f"{lead}- {_scalar(plain, inner)}"))
        lead = pad


def _mapping(value: dict[str, Any], pad: str, lead: str, w: Callable[[str], None]) -> None:
    inner = pad + "  "
    for key in value if type(value) is _Struct else sorted_keys_v3(value):
        item = _plain(value[key])
        text = _scalar(key, inner)
        complex_key = "\n" in key or analyse(key) & MULTILINE or len(key.encode("utf-8", "replace")) > _MAX_KEY
        if complex_key:
            w(_line(f"{lead}? {text}"))
            lead = pad + ":"
        else:
            lead = f"{lead}{text}:"
        if isinstance(item, (dict, list)) and item:
            if complex_key:
                _node(item, inner, lead + " ", w)
            else:
                w(f"{lead}\n")
                _node(item, inner, inner, w)
        elif isinstance(item, (dict, list)):
            _node(item, inner, lead + " ", w)
        else:
            w(_line(f"{lead} {_scalar(item, inner)}"))
        lead = pad


def _scalar(value: Any, indent: str) -> str:
    if type(value) is str:
        return _string(value, indent or "  ")
    if type(value) is _Bare:
        return value
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float:
        text = format_float(value)
        return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)
    return str(value)


def _string(text: str, indent: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "!!binary " + _base64(text, indent)
    allowed = analyse(text)
    if "\t" in text:  # v3 lets a literal have tabs, nothing else
        allowed = analyse(text.replace("\t", "_")) & BLOCK
    if "\n" in text:
        return literal(text, indent) if allowed & BLOCK else double_quoted(text)
    if resolve(text) is not text or is_timestamp(text) or is_base60(text) or _is_signed_octal(text):
        return double_quoted(text)
    if allowed & PLAIN:
        return text
    return single_quoted(text, indent) if allowed & SINGLE else double_quoted(text)


def _is_signed_octal(text: str) -> bool:
    """Whether v3 would read text as a number that v2 doesn't know: "0o-7"."""
    plain = text.replace("_", "")
    digits = plain[3:]
    return plain[:2] == "0o" and plain[2:3] in ("+", "-") and digits != "" and not digits.strip("01234567")


def _base64(text: str, indent: str) -> str:
    from binascii import b2a_base64

    encoded = b2a_base64(text.encode("utf-8", "surrogateescape"), newline=False).decode()
    if len(encoded) < _MAX_LINE:
        return encoded
    lines = [encoded[at : at + _MAX_LINE] for at in range(0, len(encoded), _MAX_LINE)]
    return literal("\n".join(lines) + "\n", indent)
