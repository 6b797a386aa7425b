"""Values to YAML text, as sigs.k8s.io/yaml's Marshal writes them: through JSON, then by goyaml v2's emitter.

Marshal encodes to JSON, reads that JSON as YAML and prints the result. What this does to a value is done here in one
walk: whole floats become integers, bytes base64, a NEL a space, and what JSON or YAML can't hold an error.

Every piece is a whole line or several, with the last line break; `pad` is the indentation of a collection's lines, and
`lead` stands before its first one ("- " inside a sequence). What depends on a string alone is remembered, since charts
write the same few over and over.
"""

from __future__ import annotations

from navarch.errors import JsonError, YamlError
from navarch.golang.json import as_plain, dumps, float_text
from navarch.golang.yaml.keys import sorted_keys
from navarch.golang.yaml.scalars import is_base60, is_timestamp, resolve
from navarch.golang.yaml.style import (
    BLOCK,
    MULTILINE,
    PLAIN,
    SINGLE,
    analyse,
    double_quoted,
    fold,
    literal,
    single_quoted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["dump"]

_BREAKS = "\n\u2028\u2029"
_LIMIT = 4096
_MAX_KEY = 128

_texts: dict[str, str] = {}
"""Strings that are never broken over lines, and how they are written."""
_spaced: dict[str, str] = {}
"""Strings of one line with spaces in them, and how they are written before they are broken."""
_plans: dict[tuple[str, ...], list[tuple[str, str]] | None] = {}
"""The keys of a mapping: in order, with the text to write up to the colon; None where a key needs a "?"."""


def dump(value: Any) -> str:
    """sigs.k8s.io/yaml's Marshal. Raises YamlError with Marshal's message for what JSON or YAML can't hold."""
    try:
        return _document(value)
    except RecursionError:
        from navarch.golang.recursion import call_deep
        from navarch.golang.yaml.decode import decode

        try:
            decode(dumps(value))  # refuses what contains itself, and what is too deep for YAML
        except JsonError as error:
            raise _marshal_error(error) from None
        return str(call_deep(_document, value))


def _document(value: Any) -> str:
    out: list[str] = []
    try:
        if type(value) is dict and value:
            _mapping(value, "", "", out.append)
        else:
            _node(value, "", "", 0, out.append)
    except JsonError as error:
        raise _marshal_error(error) from None
    return "".join(out)


def _marshal_error(error: JsonError) -> YamlError:
    return YamlError(f"error marshaling into JSON: {error.message}")


def _mapping(value: dict[str, Any], pad: str, lead: str, w: Callable[[str], None]) -> None:
    keys = tuple(value)
    try:
        plan = _plans[keys]
    except KeyError:
        plan = _plan(keys)
    if plan is None:
        _complex_mapping(value, pad, lead, w)
        return
    for key, text in plan:
        item = value[key]
        kind = type(item)
        if kind is str:
            written = _texts.get(item)
            if written is None:
                written = _string(item, pad, len(pad) + len(text) + 1)
                if written[-1] in _BREAKS:
                    w(f"{lead}{text} {written}")
                    lead = pad
                    continue
            w(f"{lead}{text} {written}\n")
        elif kind is dict:
            if item:
                w(f"{lead}{text}\n")
                inner = pad + "  "
                _mapping(item, inner, inner, w)
            else:
                w(f"{lead}{text} {{}}\n")
        elif kind is list:
            if item:
                w(f"{lead}{text}\n")
                _sequence(item, pad, pad, w)
            else:
                w(f"{lead}{text} []\n")
        elif kind is bool:
            w(f"{lead}{text} true\n" if item else f"{lead}{text} false\n")
        elif item is None:
            w(f"{lead}{text} null\n")
        elif kind is float:
            w(f"{lead}{text} {_float(item)}\n")
        else:
            _value_of_key(item, pad, lead + text, len(pad) + len(text) + 1, w)
        lead = pad


def _value_of_key(item: Any, pad: str, lead: str, column: int, w: Callable[[str], None]) -> None:
    """A value of a type that isn't plain JSON's, after its key."""
    if isinstance(item, int):
        w(f"{lead} {int.__repr__(item)}\n")
        return
    item = as_plain(item)
    if type(item) is dict and item:
        w(f"{lead}\n")
        _mapping(item, pad + "  ", pad + "  ", w)
    elif type(item) is list and item:
        w(f"{lead}\n")
        _sequence(item, pad, pad, w)
    else:
        _node(item, pad, lead + " ", column, w)


def _sequence(value: list[Any], pad: str, lead: str, w: Callable[[str], None]) -> None:
    inner = pad + "  "
    for item in value:
        kind = type(item)
        if kind is str:
            written = _texts.get(item)
            if written is None:
                written = _string(item, pad, len(pad) + 2)
                if written[-1] in _BREAKS:
                    w(f"{lead}- {written}")
                    lead = pad
                    continue
            w(f"{lead}- {written}\n")
        elif kind is dict and item:
            _mapping(item, inner, lead + "- ", w)
        elif kind is list and item:
            _sequence(item, inner, lead + "- ", w)
        else:
            _node(item, pad, lead + "- ", len(pad) + 2, w)
        lead = pad


def _node(value: Any, pad: str, lead: str, column: int, w: Callable[[str], None]) -> None:
    """Any value, its first line behind `lead`, collections indented by two more than `pad`."""
    kind = type(value)
    if kind is str:
        written = _texts.get(value) or _string(value, pad, column)
        w(lead + written if written[-1] in _BREAKS else f"{lead}{written}\n")
    elif kind is bool:
        w(f"{lead}true\n" if value else f"{lead}false\n")
    elif value is None:
        w(f"{lead}null\n")
    elif kind is float:
        w(f"{lead}{_float(value)}\n")
    elif kind is dict:
        if value:
            _mapping(value, pad + "  ", lead, w)
        else:
            w(f"{lead}{{}}\n")
    elif kind is list:
        if value:
            inner = pad + "  " if lead else ""
            _sequence(value, inner, lead, w)
        else:
            w(f"{lead}[]\n")
    elif isinstance(value, int):
        w(f"{lead}{int.__repr__(value)}\n")
    else:
        plain = as_plain(value)
        if not lead and type(plain) is dict and plain:
            _mapping(plain, "", "", w)
        else:
            _node(plain, pad, lead, column, w)


def _plan(keys: tuple[str, ...]) -> list[tuple[str, str]] | None:
    plan: list[tuple[str, str]] | None = []
    for key in sorted_keys(keys):
        text = _key(_key_through_json(key))
        if text is None:
            plan = None
            break
        plan.append((key, text + ":"))  # type: ignore[union-attr]
    if len(_plans) >= _LIMIT:
        _plans.clear()
    _plans[keys] = plan
    return plan


def _key(key: str) -> str | None:
    """How a key is written before its colon; None where it is too long or has several lines."""
    size = len(key) if key.isascii() else len(key.encode())
    if size > _MAX_KEY or analyse(key) & MULTILINE:
        return None
    return _one_line(key, "")


def _complex_mapping(value: dict[str, Any], pad: str, lead: str, w: Callable[[str], None]) -> None:
    """A mapping of which some keys must be written as "? key"."""
    for key in sorted_keys(tuple(value)):
        text = _key_through_json(key)
        simple = _key(text)
        item = value[key]
        if simple is not None:
            if type(item) not in (dict, list):
                item = as_plain(item)
            if type(item) is dict and item:
                w(f"{lead}{simple}:\n")
                _mapping(item, pad + "  ", pad + "  ", w)
            elif type(item) is list and item:
                w(f"{lead}{simple}:\n")
                _sequence(item, pad, pad, w)
            else:
                _node(item, pad, f"{lead}{simple}: ", len(pad) + len(simple) + 2, w)
        else:
            _node(text, pad, lead + "? ", len(pad) + 2, w)
            _node(item, pad, pad + ": ", len(pad) + 2, w)
        lead = pad


def _float(value: float) -> str:
    """A float as it comes out of JSON: whole ones within the range of Go's integers are integers."""
    text = float_text(value)
    if "." not in text and "e" not in text:
        if -0x8000000000000000 <= int(text) <= 0xFFFFFFFFFFFFFFFF:
            return "0" if text == "-0" else text
    elif -1e6 < value < 1e6 and not -1e-4 < value < 1e-4:
        return text
    from navarch.golang.strconv import format_float

    return format_float(value)


def _string(text: str, pad: str, column: int) -> str:
    """How a string is written at a column; remembered where the place makes no difference."""
    written = _spaced.get(text)
    if written is None:
        value = text if text.isascii() and "\x7f" not in text else _through_json(text)
        written = _several_lines(value, pad + "  ") if "\n" in value else _one_line(value, pad + "  ")
        if "\n" in written or not text.isascii():
            return fold(written, column, pad + "  ") if written[0] != "|" else written
        memory = _spaced if " " in written else _texts
        if len(memory) >= _LIMIT:
            memory.clear()
        memory[text] = written
    if column + len(written) > 81:
        return fold(written, column, pad + "  ")
    return written


def _several_lines(text: str, indent: str) -> str:
    return literal(text, indent) if analyse(text) & BLOCK else double_quoted(text)


def _one_line(text: str, indent: str) -> str:
    """A string without line feeds, before it is broken over lines."""
    if resolve(text) is not text or is_timestamp(text) or is_base60(text):
        return double_quoted(text)
    allowed = analyse(text)
    if allowed & PLAIN:
        return text
    return single_quoted(text, indent) if allowed & SINGLE else double_quoted(text)


def _through_json(text: str) -> str:
    """What a string is once it has been written as JSON and read as YAML: a NEL is a line break that gets folded."""
    if any("\x7f" <= c <= "\x9f" or c in "\ufffe\uffff" or "\ud800" <= c <= "\udfff" for c in text):
        from navarch.golang.yaml.decode import decode

        return str(decode(dumps(text)))
    return text


def _key_through_json(key: str) -> str:
    """The same for a key, which YAML limits to 1,024 characters on one line. Raises YamlError."""
    if len(key) > 170 or not key.isascii() or "\x7f" in key:
        from navarch.golang.yaml.decode import decode

        (key,) = decode(dumps({key: None}))
    return key
