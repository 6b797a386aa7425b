"""The form in which nearly all indexes are written, as regular expressions for RE2.

An index is large and regular: Helm's writer, and those modelled on it, put out block style with sorted fields. What
fits the expression is valid YAML, has no fields but those of an index, each once and of the right type, and can be read
by looking for the starts of lines. Whatever doesn't fit is not wrong: it goes to the complete reader.

Left to Python: whether versions are versions, and whether annotations have a key twice.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["DAY", "SUSPICIOUS_BYTES", "Form", "compile_bytes", "form"]

SUSPICIOUS_BYTES = rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]"
"""Characters beyond ASCII that YAML gives a meaning of their own, or none."""

# plain scalars that are no text: numbers of all kinds, nulls; and bools, which some fields are
_NUMBER = (
    r"(?:[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?0[xXbBoO][-+0-9a-fA-F_]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|~|null|Null|NULL)"
)
_WORD = r"(?:[yYnN]|yes|Yes|YES|no|No|NO|True|TRUE|False|FALSE|on|On|ON|off|Off|OFF)"
_BOOLS = r"(?:true|false)"
_TEXT_KEYS = (
    "(?:apiVersion|appVersion|condition|description|email|home|icon|kubeVersion|name|repository|tags|type|url|version)"
)

# bytes beyond ASCII; what they make is checked for the whole text at once
_WIDE = r"\x80-\xff"

# plain scalars: no ": ", no " #", no blank or colon at the end
_INK = rf"[!-\"$-9;-~{_WIDE}]"  # all but blank, # and :
_COLONS = rf":+(?:#|{_INK})"
_FIRST = rf"(?:[$()+./0-9;<=A-Z\\\^_a-z~{_WIDE}]|[-?]{_INK})"
_TAIL = rf"(?:{_INK}|#|{_COLONS}| +(?:{_INK}|{_COLONS}))*"
_LATER = rf"(?:{_INK}|{_COLONS}){_TAIL}"  # a line that goes on

_ESCAPE = (
    r"\\(?:[0abtnvfre \"/\\N_LP]|x[0-9a-fA-F]{2}|u(?:[0-9a-cA-CeEfF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})"
    r"|U000[1-9a-fA-F][0-9a-fA-F]{4}|U0010[0-9a-fA-F]{4})"
)
DAY = (
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[-+](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_TIME = rf"(?: \"[0-9]{{4}}-{DAY}\"| '[0-9]{{4}}-{DAY}'| [0-9]{{4}}-{DAY})\n"
_BOOL = r" (?:true|false)\n"
_NAME = r" (?:[A-Za-z0-9_-][A-Za-z0-9._-]*|\"[A-Za-z0-9_-][A-Za-z0-9._-]*\")\n"
_ALIAS = r" (?:[A-Za-z_][A-Za-z0-9_-]*|\"[A-Za-z0-9_-]+\")\n"
_KIND = r" (?:application|library)\n"
_KEY = r"(?:[A-Za-z0-9][A-Za-z0-9._/-]*|'[A-Za-z0-9._/ -]+'|\"[A-Za-z0-9._/ -]+\")"

_STRINGS = "appVersion checksum condition description digest engine home icon kubeVersion tags tillerVersion url"
_LISTS = "keywords sources urls"


class Form:
    """One way to indent: charts' names by two blanks, their versions by `item`, lists in them like their field or more.

    `items` fits any number of a chart's versions, whose fields are sorted; `suspicious` finds what would be a number,
    a bool or null where a text belongs. `pad` stands before a field, `inner` begins a line that belongs to the field
    above it, `dash` an item of a list, `deep` the second line of one.
    """

    __slots__ = ("_fields", "_loose", "_start", "dash", "deep", "inner", "items", "pad", "suspicious")

    def __init__(self, item: int, lists: int) -> None:
        fields = self._fields = dict(sorted(_fields(item + 2, lists).items()))
        pad = " " * (item + 2)
        self._start = f"{' ' * item}- "
        self._loose: Any = None
        self.pad = pad.encode()
        self.inner = self.pad + b" "
        self.dash = b" " * lists + b"- "
        self.deep = b" " * (lists + 1)
        rest = "".join(f"(?:{name}:{value}{pad})?" for name, value in fields.items() if name != "version")
        self.items: Any = compile_bytes(f"(?:{self._start}{rest}version:{fields['version']})+")
        self.suspicious: Any = compile_bytes(_suspicious(item, lists))

    @property
    def loose(self) -> Any:
        """Fits one version, its fields in any order, maybe more than once."""
        if self._loose is None:
            each = "|".join(f"{name}:{value}" for name, value in self._fields.items())
            self._loose = compile_bytes(f"{self._start}(?:{each})(?:{self.pad.decode()}(?:{each}))*")
        return self._loose


def compile_bytes(expression: str) -> Any:
    """An expression for bytes, written in Latin-1, that answers only whether and where it fits."""
    import re2

    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 64 << 20
    return re2.compile(expression.encode("latin-1"), options)


def _suspicious(item: int, lists: int) -> str:
    """Finds a plain scalar that is no text where there should be text. It may find too much, in blocks of text."""
    own = f" {{{item + 2}}}| {{{item}}}- "
    inner = f" {{{item + 4}}}| {{{lists}}}- | {{{lists + 2}}}| {{{lists + 2}}}- | {{{lists + 4}}}"
    key = r"(?:[^: \n]+|'[^'\n]*'|\"[^\"\n]*\"): "
    return (
        rf"\n(?:(?:{own}){_TEXT_KEYS}: (?:{_NUMBER}|{_WORD}|{_BOOLS})"
        rf"|(?: {{{lists}}}- | {{{lists + 2}}}- )(?:{_NUMBER}|{_WORD}|{_BOOLS})"
        rf"|(?:{inner}){key}(?:{_NUMBER}|{_WORD})|(?:{inner})(?:{_TEXT_KEYS}|[^: \n]*[^d: \n]): {_BOOLS})\n"
    )


def _fields(at: int, lists: int) -> dict[str, str]:
    """What follows each field's colon, for fields that are indented by `at` and lists in them by `lists`."""
    text = _text(at)
    fields = dict.fromkeys(_STRINGS.split(), text)
    fields |= dict.fromkeys(_LISTS.split(), _list(_text(lists), lists))
    deep = " " * (at + 2)
    fields |= {
        "annotations": rf"(?: \{{\}}\n|\n(?:{deep}{_KEY}:{_text(at + 2)})+)",
        "apiVersion": text,
        "created": _TIME,
        "dependencies": _structs(_dependency(lists + 2), lists),
        "deprecated": _BOOL,
        "maintainers": _structs(_maintainer(lists + 2), lists),
        "name": _NAME,
        "removed": _BOOL,
        "type": _KIND,
        "version": rf" (?:{_FIRST}{_TAIL}|'[A-Za-z0-9.+-]+'|\"[A-Za-z0-9.+-]+\")\n",
    }
    return fields


def _text(at: int) -> str:
    """A string on the line of its key, which is indented by `at`, and on deeper lines after it."""
    more = rf"\n {{{at + 1},}}"
    plain = rf"{_FIRST}{_TAIL}(?:{more}{_LATER})*"
    fold = rf"\n+ {{{at + 1},}}"
    within = rf"(?:[\x20-&(-~{_WIDE}]|'')"
    single = rf"'{within}*(?:{fold}{within}+)*'"
    inside = rf"(?:[ !#-\[\]-~{_WIDE}]|{_ESCAPE})"
    double = rf"\"{inside}*(?:\\?{fold}{inside}+)*\""
    body = " " * (at + 2)
    literal = rf"[|>][-+]?\n{body}[!-~{_WIDE}][\t\x20-\x7e{_WIDE}]*\n(?:\n|{body}[\t\x20-\x7e{_WIDE}]*\n)*"
    return rf"(?: (?:(?:{plain}|{single}|{double})\n|{literal})|\n)"


def _list(item: str, at: int) -> str:
    return rf"(?: \[\]\n|\n(?:{' ' * at}-{item})+)"


def _structs(fields: Iterable[tuple[str, str]], at: int) -> str:
    """A list of structs with sorted fields, the first of them on the line of the dash."""
    every = list(fields)
    pad = " " * (at + 2)
    ways = []
    for first in range(len(every)):
        name, value = every[first]
        later = "".join(f"(?:{pad}{other}:{form})?" for other, form in every[first + 1 :])
        ways.append(f"{name}:{value}{later}")
    return rf"(?: \[\]\n|\n(?:{' ' * at}- (?:{'|'.join(ways)}))+)"


def _maintainer(at: int) -> list[tuple[str, str]]:
    return [(name, _text(at)) for name in ("email", "name", "url")]


def _dependency(at: int) -> list[tuple[str, str]]:
    """A dependency's fields; lists in it are indented like the field."""
    text = _text(at)
    pair = rf"(?:child:{_text(at + 2)}{' ' * (at + 2)}parent:{_text(at + 2)})"
    values = rf"\n(?:{' ' * at}-(?:{_text(at)}| {pair}))+"
    return [
        ("alias", _ALIAS),
        ("condition", text),
        ("enabled", _BOOL),
        ("import-values", values),
        ("name", text),
        ("repository", text),
        ("tags", _list(_text(at), at)),
        ("version", text),
    ]


_forms: dict[tuple[int, int], Form] = {}


def form(item: int, lists: int) -> Form:
    """The form with these indents, made once."""
    found = _forms.get((item, lists))
    if found is None:
        found = _forms[item, lists] = Form(item, lists)
    return found
