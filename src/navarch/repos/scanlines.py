r"""Indexes in JSON as Helm writes them, looked over by their lines, as `scan` does with YAML.

A JSON string has no line feed in it, so every line feed is layout. Where all of the text of a chart fits the expression
for it, its versions begin where lines say so, and each field is at the beginning of a line. A version that doesn't fit
is parsed; a text that isn't laid out as Helm does it at all is for `scanjson`.
"""

from __future__ import annotations

from navarch.chart.checks import is_version
from navarch.golang.json import scan_value
from navarch.repos.pattern import DAY, compile_bytes
from navarch.repos.scan import Place, Scanned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LinedText", "scan_lines"]

_ENTRIES = b'\n  "entries": {\n'
_END = b"\n  }"
_CHART = b'    "'
_OPENED = b'": [\n'
_CLOSED = b"\n    ]"
_MARKER = b"\n      {\n"
_FIELD = b"\n        "
_LIST_END = b"\n        ]"
_VERSION = b'\n        "version": "'
_SPACE = b" \t\r\n"

_ESCAPE = r"\\(?:[\"\\/bfnrt]|u(?:[0-9a-cA-CeEfF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))"
_TEXT = rf"\"(?:[ !#-\[\]-\xff]|{_ESCAPE})*\""
_BOOL = "(?:true|false)"
_TIME = rf"\"[0-9]{{4}}-{DAY}\""


def _list(item: str, pad: str) -> str:
    """A list with a line for each item, whose field is indented by `pad`."""
    return rf"\[\n{pad}  {item}(?:,\n{pad}  {item})*\n{pad}\]"


def _struct(fields: dict[str, str], pad: str, first: str = "name") -> str:
    """Fields in their order, all but the first of which may be missing."""
    later = "".join(rf"(?:,\n{pad}  \"{name}\": {form})?" for name, form in fields.items() if name != first)
    return rf"\{{\n{pad}  \"{first}\": {fields[first]}{later}\n{pad}\}}"


def _metadata() -> dict[str, str]:
    """The fields of a version before "created", in the order of Go's struct."""
    pad = " " * 8
    texts, deep = _list(_TEXT, pad), f"{pad}  "
    maintainer = _struct(dict.fromkeys(("name", "email", "url"), _TEXT), deep)
    dependency = _struct(
        {
            **dict.fromkeys(("name", "version", "repository", "condition"), _TEXT),
            "tags": _list(_TEXT, f"{deep}  "),
            "enabled": _BOOL,
            "import-values": _list(_TEXT, f"{deep}  "),
            "alias": r"\"[A-Za-z0-9_-]*\"",
        },
        deep,
    )
    pair = f"{_TEXT}: {_TEXT}"
    return {
        "name": r"\"[A-Za-z0-9_-][A-Za-z0-9._-]*\"",
        "home": _TEXT,
        "sources": texts,
        "version": r"\"[A-Za-z0-9.+-]+\"",
        "description": _TEXT,
        "keywords": texts,
        "maintainers": _list(maintainer, pad),
        **dict.fromkeys(("icon", "apiVersion", "condition", "tags", "appVersion"), _TEXT),
        "deprecated": _BOOL,
        "annotations": rf"\{{\n{deep}{pair}(?:,\n{deep}{pair})*\n{pad}\}}",
        "kubeVersion": _TEXT,
        "dependencies": _list(dependency, pad),
        "type": r"\"(?:application|library)\"",
        "urls": rf"(?:\[\]|{texts})",
    }


def _expression() -> Any:
    """Fits any number of versions: name, version and created must be there, all others may."""
    pad = " " * 8
    needed = ("name", "version")
    before = [
        rf"{pad}\"{name}\": {form},\n" if name in needed else rf"(?:{pad}\"{name}\": {form},\n)?"
        for name, form in _metadata().items()
    ]
    texts = ("digest", "checksum", "engine", "tillerVersion", "url")
    after = "".join(rf"(?:,\n{pad}\"{name}\": {_TEXT})?" for name in texts)
    created = rf"{pad}\"created\": {_TIME}(?:,\n{pad}\"removed\": {_BOOL})?"
    version = rf"      \{{\n{''.join(before)}{created}{after}\n      \}}"
    return compile_bytes(rf"{version}(?:,\n{version})*")


_compiled: list[Any] = []


def _versions() -> Any:
    if not _compiled:
        _compiled.append(_expression())
    return _compiled[0]


class LinedText:
    """An index's text, and the values that were read from it, by their bytes."""

    __slots__ = ("_known", "data")
    strict = False

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._known: dict[bytes, Any] = {}

    def document(self, start: int, end: int) -> dict[str, Any]:
        """A version's fields, parsed."""
        found: dict[str, Any] = _parsed(self.data[start:end])
        return found

    def string(self, start: int, end: int, field: bytes) -> str:
        """The text that a field has; "true" and "false" for a bool."""
        at = self._find(start, end, field)
        if at < 0:
            return ""
        value = self._value(self.data[at : self.data.find(b"\n", at, end)].rstrip(b","))
        return ("true" if value else "false") if type(value) is bool else str(value)

    def strings(self, start: int, end: int, field: bytes) -> list[str]:
        """The texts in a list."""
        at = self._find(start, end, field)
        if at < 0:
            return []
        if self.data.startswith(b"[]", at):
            return []
        found: list[str] = self._value(self.data[at : self.data.find(_LIST_END, at, end) + len(_LIST_END)])
        return found

    def _find(self, start: int, end: int, field: bytes) -> int:
        """Where a field's value begins; -1 without it."""
        key = b'%b"%b": ' % (_FIELD, field)
        at = self.data.find(key, start, end)
        return at + len(key) if at >= 0 else -1

    def _value(self, raw: bytes) -> Any:
        value = self._known.get(raw)
        if value is None:
            value = self._known[raw] = _parsed(raw)
        return value


def scan_lines(data: bytes) -> Scanned | None:
    """Look an index over. None where it isn't one in JSON, laid out as Helm does it."""
    at = data.find(_ENTRIES)
    if at < 0 or not data.startswith(b"{\n"):
        return None
    begin = at + len(_ENTRIES)
    try:
        if not data.isascii():
            data.decode()
        end, places = _charts(data, begin)
        head = _parsed(data[:begin] + data[end:].rstrip(_SPACE))
    except (_OtherFormError, ValueError, StopIteration, RecursionError, SystemError, IndexError):
        return None
    if type(head) is not dict or head.get("entries") != {} or _has_twice(head, data[:begin] + data[end:]):
        return None
    return Scanned(LinedText(data), head, places)


class _OtherFormError(Exception):
    """A text that is for others."""


def _parsed(raw: bytes) -> Any:
    """The value that bytes are, all of them. Raises what scan_value does, and _OtherFormError."""
    text = raw.decode()
    if "\\ud" in text or "\\uD" in text:  # surrogates, which Go reads otherwise
        raise _OtherFormError
    value, end = scan_value(text, len(text) - len(text.lstrip(" \t\r\n")))
    if end != len(text):
        raise _OtherFormError
    return value


def _has_twice(head: dict[str, Any], text: bytes) -> bool:
    """Whether one of the index's own fields may stand twice, or in another spelling."""
    names = [name.casefold() for name in head]
    return len(set(names)) != len(names) or any(text.count(b'"%b"' % name.encode()) > 1 for name in head)


def _charts(data: bytes, at: int) -> tuple[int, dict[str, list[Place]]]:
    """All charts' places, and where they end."""
    charts: dict[str, list[Place]] = {}
    while True:
        stop = data.find(b"\n", at)
        opened = stop + 1 - len(_OPENED)
        if not data.startswith(_CHART, at) or not data.startswith(_OPENED, opened):
            raise _OtherFormError
        name = _parsed(data[at + len(_CHART) - 1 : opened + 1])
        close = data.find(_CLOSED, stop)
        if name in charts or close < 0:
            raise _OtherFormError
        charts[name] = _places(data, stop + 1, close)
        at = close + len(_CLOSED)
        if not data.startswith(b",\n", at):
            break
        at += 2
    if not data.startswith(_END, at):
        raise _OtherFormError
    return at, charts


def _places(data: bytes, start: int, end: int) -> list[Place]:
    """A chart's versions, which stand between two places."""
    known = _versions().fullmatch(data, start, end) is not None
    found: list[Place] = []
    at = start
    while at < end:
        after = data.find(_MARKER, at, end)
        stop = end if after < 0 else after - 1
        found.append(_place(data, at, stop, known=known))
        at = stop + 2
    return found


def _place(data: bytes, start: int, end: int, *, known: bool) -> Place:
    """A version's place; with its document where it has to be looked at more closely."""
    if known or _versions().fullmatch(data, start, end) is not None:
        at = data.find(_VERSION, start, end) + len(_VERSION)
        version = data[at : data.find(b'"', at)].decode()
        if is_version(version):
            return Place(start, end, version)
    if data[end : end + 1] not in (b",", b"\n"):
        raise _OtherFormError
    document = _parsed(data[start:end])
    return Place(-1, end, "", {}) if document is None else Place(start, end, "", document)
