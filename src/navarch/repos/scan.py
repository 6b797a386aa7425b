"""Indexes looked over without being read: where in the text each version of each chart stands.

An index of thousands of versions is written in a form that a regular expression knows (`pattern`). Of such a text
nothing is built but a list of places; what is asked for is read later. Versions in another form are read at once, from
a text in which all the others are blank lines: so errors have the words and lines that a reading of the whole has.
"""

from __future__ import annotations

from navarch.chart.checks import is_version
from navarch.errors import YamlError
from navarch.repos.pattern import SUSPICIOUS_BYTES, form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from navarch.repos.pattern import Form
    from navarch.repos.scanjson import JsonText
    from navarch.repos.scanlines import LinedText

    AnyText: TypeAlias = "Text | JsonText | LinedText"

__all__ = ["Place", "Scanned", "Text", "scan", "strict"]

_ENTRIES = b"\nentries:\n"
_NO_NAME = b" -#&*!|>%@`?"
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_TWICE_LIMIT = 8 << 20
"""Texts over this size are not searched for keys that stand twice: that would take minutes."""


class Text:
    """An index's text, its form, and the values that were read from it, by their bytes."""

    __slots__ = ("_known", "data", "form")
    strict = True

    def __init__(self, data: bytes, form_: Form) -> None:
        self.data = data
        self.form = form_
        self._known: dict[bytes, str] = {}

    def raw(self, start: int, end: int, field: bytes) -> bytes:
        """What stands behind a field's colon in the version between two places, all its lines; b"" without it."""
        data, pad = self.data, self.form.pad
        at = data.find(b"\n" + pad + field + b":", start, end)
        if at >= 0:
            at += len(pad) + len(field) + 2
        elif data.startswith(field + b":", start + len(pad)):
            at = start + len(pad) + len(field) + 1
        else:
            return b""
        stop = data.find(b"\n", at, end) + 1
        if data.startswith(self.form.inner, stop):
            stop = self._stop(stop, end)
        return data[at:stop]

    def _stop(self, at: int, end: int) -> int:
        """Where the lines end that belong to a field."""
        data, inner = self.data, self.form.inner
        while at < end and (data.startswith(inner, at) or data[at] == 10):
            at = data.find(b"\n", at, end) + 1
        return at

    def string(self, start: int, end: int, field: bytes) -> str:
        """The text that a field has."""
        raw = self.raw(start, end, field)
        known = self._known.get(raw)
        if known is None:
            known = self._known[raw] = _string(raw)
        return known

    def strings(self, start: int, end: int, field: bytes) -> list[str]:
        """The texts in a list."""
        data, dash = self.data, self.form.dash
        at = data.find(b"\n" + self.form.pad + field + b":\n", start, end)
        if at < 0:
            return []
        at = data.find(b"\n", at + 1) + 1
        found: list[str] = []
        while data.startswith(dash, at):
            stop = data.find(b"\n", at) + 1
            if data.startswith(self.form.deep, stop):
                return self.document(start, end)[field.decode()]  # type: ignore[no-any-return]
            found.append(_string(b" " + data[at + len(dash) : stop]))
            at = stop
        return found

    def document(self, start: int, end: int) -> dict[str, Any]:
        """A version's fields, parsed."""
        from navarch.golang.yaml import load

        pad = self.form.pad
        text = b"\n" + pad + self.data[start + len(pad) : end]
        found: dict[str, Any] = load(text.replace(b"\n" + pad, b"\n"), exact=True)
        return found


def _string(raw: bytes) -> str:
    """A scalar of the known form, which is text or nothing."""
    text = raw.decode("utf-8", "surrogateescape").strip(" \n")
    if not text or text[0] not in "'\"|>":
        return " ".join([line.strip(" ") for line in text.split("\n")]) if "\n" in text else text
    from navarch.golang.yaml import load

    return str(load(f"v:{raw.decode()}")["v"])


class Place:
    """A version in an index: its version, and where in the text it stands; or, read already, its document."""

    __slots__ = ("document", "end", "start", "version")

    def __init__(self, start: int, end: int, version: str, document: Any = None) -> None:
        self.start = start
        self.end = end
        self.version = version
        self.document = document


class Scanned:
    """What a look over a text found: its head's fields, and the places of each chart's versions, as they stand."""

    __slots__ = ("charts", "head", "text")

    def __init__(self, text: AnyText, head: dict[str, Any], charts: dict[str, list[Place]]) -> None:
        self.text = text
        self.head = head
        self.charts = charts


class _Chart:
    """A chart's part of the text: its name's line and the starts of its versions, the last one being their end."""

    __slots__ = ("line", "name", "starts")

    def __init__(self, name: bytes, line: int) -> None:
        self.name = name
        self.line = line
        self.starts: list[int] = []


def scan(data: bytes) -> Scanned | None:
    """Look an index over. None where it is in no known form; may raise YamlError where it is no YAML."""
    at = 0 if data.startswith(_ENTRIES[1:]) else data.find(_ENTRIES) + 1
    if not at and not data.startswith(_ENTRIES[1:]):
        return None
    begin = at + len(_ENTRIES) - 1
    shape = _shape(data, begin)
    if shape is None:
        return None
    charts = _charts(data, begin, shape)
    if charts is None:
        return None
    end = charts[-1].starts[-1]
    found = _Finder(Text(data, shape))
    places = {}
    for chart in charts:
        name = _name(chart.name)
        if name is None or name in places:
            return None
        places[name] = found.places(chart)
    try:
        return found.complete(charts, places, begin, end)
    except YamlError:
        if len(data) <= _TWICE_LIMIT:
            return None  # the line in which libyaml sees a fault may depend on what was left out
        raise


def _shape(data: bytes, begin: int) -> Form | None:
    """The indents that the first version has."""
    import re

    first = re.compile(rb"  [^ \n][^\n]*:\n( +)- ").match(data, begin)
    if first is None or len(first[1]) not in (2, 4):
        return None
    item = len(first[1])
    pad = b" " * (item + 2)
    listed = re.compile(rb"\n" + pad + rb"(?:urls|sources|keywords):\n( +)- ").search(data, begin, begin + 65536)
    lists = len(listed[1]) if listed else item + 2
    return form(item, lists) if lists in (item + 2, item + 4) else None


def _charts(data: bytes, begin: int, shape: Form) -> list[_Chart] | None:
    """The parts of the charts; None where the text is not what it seemed to be."""
    marker = b"\n" + shape.pad[:-2] + b"- "
    find, rfind = data.find, data.rfind
    charts: list[_Chart] = []
    starts: list[int] = []
    at = begin - 1
    while (at := find(marker, at)) >= 0:
        if data[at - 1] == 58:
            line = rfind(b"\n", 0, at) + 1
            if data.startswith(b"  ", line) and data[line + 2] not in _NO_NAME:
                starts.append(line)  # where the chart before ends
                charts.append(_Chart(data[line + 2 : at - 1], line))
                starts = charts[-1].starts
        starts.append(at + 1)
        at += 4
    if not charts or charts[0].line != begin:
        return None
    import re

    last = re.compile(rb"\n(?=[^ \n])").search(data, starts[-1])
    starts.append(last.end() if last else len(data))
    return charts


def _name(raw: bytes) -> str | None:
    """A chart's name from its line; None where it isn't plain."""
    text = raw.decode("ascii", "replace")
    if len(raw) > 2 and raw[:1] == raw[-1:] and raw[:1] in (b'"', b"'"):
        text = text[1:-1]
        return text if _NAME.issuperset(text) else None
    from navarch.golang.yaml.scalars import resolve

    return text if text and _NAME.issuperset(text) and text[0] not in "-." and resolve(text) is text else None


class _Finder:
    """Sorts the versions of charts into those whose form is known and those that must be read."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.data = text.data
        self.form = text.form
        self.ascii = text.data.isascii()
        self.odd: list[Place] = []

    def places(self, chart: _Chart) -> list[Place]:
        """A chart's versions."""
        starts = chart.starts
        known = self._fits(self.form.items, starts[0], starts[-1])
        return [self._place(start, starts[index + 1], known=known) for index, start in enumerate(starts[:-1])]

    def _fits(self, pattern: Any, start: int, end: int) -> bool:
        data = self.data
        if pattern.fullmatch(data, start, end) is None or self.form.suspicious.search(data, start - 1, end):
            return False
        return self.ascii or _is_plain(data[start:end])

    def _place(self, start: int, end: int, *, known: bool) -> Place:
        if known or self._fits_loosely(start, end):
            version = self._version(start, end)
            if version and self._has_name(start, end):
                return Place(start, end, version)
        place = Place(start, end, "")
        self.odd.append(place)
        return place

    def _fits_loosely(self, start: int, end: int) -> bool:
        """Whether a version is in the known form but for the order of its fields."""
        import re

        if not self._fits(self.form.loose, start, end):
            return False
        pad = self.form.pad
        fields = re.findall(rb"\n" + pad + rb"([A-Za-z]+):", b"\n" + pad + self.data[start + len(pad) : end])
        return len(set(fields)) == len(fields)

    def _version(self, start: int, end: int) -> str:
        """The version of a version, if it is one. Where fields are sorted it stands on the last line."""
        data, pad = self.data, self.form.pad
        line = data.rfind(b"\n", start, end - 1) + 1
        if data.startswith(pad + b"version: ", line):
            raw = data[line + len(pad) + 9 : end - 1]
        else:
            raw = self.text.raw(start, end, b"version").strip()
        text = raw.decode("utf-8", "surrogateescape").strip("'\"")
        return text if text and is_version(text) else ""

    def _has_name(self, start: int, end: int) -> bool:
        pad = self.form.pad
        return self.data.find(b"\n" + pad + b"name: ", start, end) >= 0 or self.data.startswith(
            b"name: ", start + len(pad)
        )

    def complete(self, charts: list[_Chart], places: dict[str, list[Place]], begin: int, end: int) -> Scanned | None:
        """Read the head and the odd versions. None where they are not where they seemed to be."""
        data = self.data
        if not self.odd:
            head = strict(data[:begin] + data[end:])
            if type(head) is not dict or head.get("entries") is not None:
                return None
            return Scanned(self.text, head, places)
        head = strict(self._reduced(charts, places, begin, end))
        entries = head.get("entries") if type(head) is dict else None
        if type(entries) is not dict or list(entries) != list(places):
            return None
        for name, found in places.items():
            odd = [place for place in found if not place.version]
            documents = entries[name] if entries[name] is not None else []
            if type(documents) is not list or len(documents) != len(odd):
                return None
            for place, document in zip(odd, documents, strict=True):
                place.document = {} if document is None else document
                if document is None:
                    place.start = -1
        return Scanned(self.text, head, places)

    def _reduced(self, charts: list[_Chart], places: dict[str, list[Place]], begin: int, end: int) -> bytes:
        """The text with blank lines for all the versions whose form is known."""
        data = self.data
        parts = [data[:begin]]
        for chart, found in zip(charts, places.values(), strict=True):
            parts.append(data[chart.line : chart.starts[0]])
            parts += [_blank(data, p) if p.version else data[p.start : p.end] for p in found]
        return b"".join((*parts, data[end:]))


def _blank(data: bytes, place: Place) -> bytes:
    return b"\n" * data.count(b"\n", place.start, place.end)


def _is_plain(data: bytes) -> bool:
    """Whether bytes are UTF-8 without the characters that YAML doesn't let stand for themselves."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    import re

    return re.search(SUSPICIOUS_BYTES, data) is None


def strict(data: bytes) -> Any:
    """A document as yaml.UnmarshalStrict reads it, integers as ints. Raises YamlError, for a key given twice too."""
    from navarch.golang.yaml import load

    value = load(data, exact=True)
    if len(data) <= _TWICE_LIMIT:
        from navarch.golang.yaml.compose import compose
        from navarch.golang.yaml.reader import open_source
        from navarch.golang.yaml.repeats import repeated_keys

        root = compose(open_source(data))
        twice = repeated_keys(root) if root is not None else []
        if twice:
            lines = "".join(f"\n  {line}" for line in twice)
            raise YamlError(f"error converting YAML to JSON: yaml: unmarshal errors:{lines}")
    return value
