"""Indexes in JSON looked over: every version is parsed once to be checked, and only its place is kept.

What isn't plainly an index is not for this module: the complete reader answers, as with `scan`.
"""

from __future__ import annotations

import re

from navarch.chart.checks import is_version
from navarch.golang.json import scan_value
from navarch.repos.scan import Place, Scanned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["JsonText", "scan_json"]

_BLANK = re.compile(r"[ \t\r\n]*")
_TIME = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[-+](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_ALIAS = re.compile(r"[A-Za-z0-9_-]*")
_TEXTS = frozenset(
    (
        *("name", "home", "version", "description", "icon", "apiVersion", "condition", "tags", "appVersion"),
        *("kubeVersion", "type", "digest", "created", "checksum", "engine", "tillerVersion", "url"),
    )
)
_LISTS = frozenset(("sources", "keywords", "urls"))
_OTHERS = frozenset(("deprecated", "removed", "annotations", "maintainers", "dependencies"))
_FOLDED = {name.casefold() for name in (*_TEXTS, *_LISTS, *_OTHERS)}
_STR = {str}


class _UnusualError(Exception):
    """Something for the complete reader."""


class JsonText:
    """An index's text; the fields of the version that was asked for last are kept."""

    __slots__ = ("_last", "data")
    strict = False

    def __init__(self, data: str) -> None:
        self.data = data
        self._last: tuple[int, dict[str, Any]] = (-1, {})

    def document(self, start: int, _end: int) -> dict[str, Any]:
        """A version's fields, parsed."""
        at, found = self._last
        if at != start:
            found = scan_value(self.data, start)[0]
            self._last = (start, found)
        return found

    def string(self, start: int, end: int, field: bytes) -> str:
        """The text that a field has."""
        value = self.document(start, end).get(field.decode())
        return "true" if value is True else value or ""

    def strings(self, start: int, end: int, field: bytes) -> list[str]:
        """The texts in a list."""
        found: list[str] = self.document(start, end).get(field.decode()) or []
        return found


def scan_json(text: str) -> Scanned | None:
    """Look an index over. None where it is no JSON, or not in the usual form."""
    if "\\ud" in text or "\\uD" in text:  # surrogates, which Go reads otherwise
        return None
    try:
        return _Walk(text).index()
    except (_UnusualError, ValueError, StopIteration, RecursionError, SystemError, IndexError):
        return None


class _Walk:
    """Goes through a text; `at` is the next character that counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip(0)

    def skip(self, at: int) -> None:
        """Go on from there, over blanks."""
        found = _BLANK.match(self.text, at)
        self.at = found.end() if found else at

    def take(self, wanted: str) -> bool:
        """Go over a character, if it is the next one."""
        if not self.text.startswith(wanted, self.at):
            return False
        self.skip(self.at + 1)
        return True

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise _UnusualError

    def value(self) -> Any:
        """The next value."""
        found, end = scan_value(self.text, self.at)
        self.skip(end)
        return found

    def key(self, known: dict[str, Any]) -> str:
        """A key and its colon."""
        name = self.value()
        if type(name) is not str or name in known:
            raise _UnusualError
        self.expect(":")
        return name

    def index(self) -> Scanned:
        head: dict[str, Any] = {}
        charts: dict[str, list[Place]] = {}
        self.expect("{")
        while True:
            name = self.key(head)
            if name == "entries":
                head[name] = None
                charts = self.charts()
            elif name.casefold() == "entries":
                raise _UnusualError
            else:
                head[name] = self.value()
            if not self.take(","):
                break
        self.expect("}")
        if self.at != len(self.text):
            raise _UnusualError
        return Scanned(JsonText(self.text), head, charts)

    def charts(self) -> dict[str, list[Place]]:
        charts: dict[str, list[Place]] = {}
        self.expect("{")
        if self.take("}"):
            return charts
        while True:
            name = self.key(charts)
            charts[name] = self.places()
            if not self.take(","):
                break
        self.expect("}")
        return charts

    def places(self) -> list[Place]:
        found: list[Place] = []
        self.expect("[")
        if self.take("]"):
            return found
        while True:
            start = self.at
            document = self.value()
            found.append(_place(start, self.at, document))
            if not self.take(","):
                break
        self.expect("]")
        return found


def _place(start: int, end: int, document: Any) -> Place:
    """A version's place; with its document, where that must be looked at more closely."""
    if document is None:
        return Place(-1, end, "", {})
    if type(document) is dict and _is_plain(document) and is_version(document["version"]):
        return Place(start, end, document["version"])
    return Place(start, end, "", document)


def _is_plain(document: dict[str, Any]) -> bool:
    """Whether all fields have their types, and those that are checked their usual form."""
    for name, value in document.items():
        if name in _TEXTS:
            plain = type(value) is str
        elif name in _LISTS:
            plain = type(value) is list and set(map(type, value)) <= _STR
        elif name in _OTHERS:
            plain = _is_plain_other(name, value)
        else:
            plain = name.casefold() not in _FOLDED
        if not plain:
            return False
    kind, created = document.get("type", ""), document.get("created")
    return (
        "version" in document
        and _NAME.fullmatch(document.get("name", "")) is not None
        and kind in ("", "application", "library")
        and (created is None or _TIME.fullmatch(created) is not None)
    )


def _is_plain_other(name: str, value: Any) -> bool:
    if name in ("deprecated", "removed"):
        return type(value) is bool
    if name == "annotations":
        return type(value) is dict and set(map(type, value.values())) <= _STR
    if type(value) is not list:
        return False
    check = _is_plain_dependency if name == "dependencies" else _is_plain_maintainer
    return all(type(item) is dict and check(item) for item in value)


def _is_plain_maintainer(document: dict[str, Any]) -> bool:
    return set(document) <= {"name", "email", "url"} and set(map(type, document.values())) <= _STR


def _is_plain_dependency(document: dict[str, Any]) -> bool:
    for name, value in document.items():
        if name in ("name", "version", "repository", "condition", "alias"):
            plain = type(value) is str
        elif name == "tags":
            plain = type(value) is list and set(map(type, value)) <= _STR
        elif name == "enabled":
            plain = type(value) is bool
        else:
            plain = name == "import-values" and type(value) is list
        if not plain:
            return False
    return _ALIAS.fullmatch(document.get("alias", "")) is not None
