"""The documents of a manifest, one after the other, as client-go's YAMLOrJSONDecoder reads them from a stream.

The first step of `objects.build`. Text that begins with "{" is read as JSON, object after object; where that fails
before it is clear that it is JSON, what remains is read as YAML.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from navarch.errors import KubernetesError, YamlError
from navarch.golang.json import dumps
from navarch.golang.jsontext import Reader
from navarch.golang.runes import SPACE, byte_length, from_bytes, to_bytes, valid
from navarch.golang.yaml import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

__all__ = ["Document", "read_documents"]

_LOOKED_AT = 4096
_MOST_KNOWN = 4096
_LONGEST_KNOWN = 1 << 16
_LARGEST = (1 << 63) - 1
_SMALLEST = -(1 << 63)
_MOST_DIGITS = 20
_JSON_SPACE = " \t\r\n"
_CUT_OFF = "unexpected EOF"


class Document(NamedTuple):
    """A document's value as Kubernetes decodes it: numbers are int if they are an int64's, else float.

    `text` is the document as it came, if it came as JSON; `problem` what encoding/json has against its numbers.
    """

    value: Any
    text: str = ""
    problem: str = ""

    @property
    def json(self) -> str:
        """The document as JSON, as Helm's messages quote it."""
        return self.text or dumps(self.value)

    def keys(self, mapping: dict[str, Any]) -> list[str]:
        """A mapping's keys in the order in which they stand in the JSON."""
        return list(mapping) if self.text else sorted(mapping)


def read_documents(manifest: str, known: dict[str, Any] | None = None) -> Iterator[Document]:
    """All documents but empty ones. Raises KubernetesError at the first that can't be read, and ends there.

    `known` remembers documents of YAML and their values, which nobody may change: of two revisions of a release most
    documents are the same.
    """
    known = {} if known is None else known
    if not manifest[:_LOOKED_AT].lstrip().startswith("{"):
        yield from _yaml_documents(manifest, known)
        return
    try:
        yield from _json_documents(manifest)
    except _NotJsonError as found:
        rest = _behind_blanks(found.rest)
        if rest is None:
            raise KubernetesError(f"error parsing : {found.problem}") from None
        yield from _yaml_documents(rest, known, found.problem)


def _yaml_documents(text: str, known: dict[str, Any], problem: str = "") -> Iterator[Document]:
    """The documents of YAML; `problem` is told instead of the first one's own, if that can't be read either."""
    for part in _parts(text, problem):
        value = known.get(part, known)
        if value is known:
            try:
                value = _settled(load(part, exact=True))
            except YamlError as error:
                raise KubernetesError(f"error parsing : {problem or error.message}") from None
            if len(part) <= _LONGEST_KNOWN and len(known) < _MOST_KNOWN:
                known[part] = value
        problem = ""
        if value is not None:
            yield Document(value)


def _parts(text: str, problem: str) -> Iterator[str]:
    """The text between lines that begin with "---"; such a line stays where it comes first in a document."""
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    sections = ("\n" + text.removesuffix("\n")).split("\n---") if text else [""]
    kept = sections[0][1:] + "\n" if sections[0] else ""
    for section in sections[1:]:
        rest, line_break, body = section.partition("\n")
        rest = rest.strip(SPACE)
        if rest and rest[0] != "#":
            raise KubernetesError(f"error parsing : {problem or f'invalid Yaml document separator: {rest}'}")
        if kept:
            yield kept
            problem = ""
            kept = ""
        else:
            kept = "---\n"
        if line_break:
            kept += body + "\n"
    if kept:
        yield kept


def _settled(value: Any) -> Any:
    """A value read from YAML as it is after a way through JSON: numbers without a fraction are integers if they fit."""
    kind = type(value)
    if kind is dict or kind is list:
        _settle(value)
        return value
    return _number(value) if kind is float or kind is int else value


def _settle(value: Any) -> None:
    """`_settled` for collections, in place."""
    for key, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is dict or kind is list:
            _settle(item)
        elif kind is float or (kind is int and not _SMALLEST <= item <= _LARGEST):
            value[key] = _number(item)


def _number(value: float) -> float:
    """What becomes of a number that is written as encoding/json does, and read as Kubernetes does."""
    if abs(value) < 1e21 and value == int(value):
        whole = int(value)
        return whole if _SMALLEST <= whole <= _LARGEST else float(value)
    return float(value)


class _NotJsonError(Exception):
    """Text that isn't JSON from somewhere on; `rest` begins behind the last object."""

    def __init__(self, rest: str, problem: str) -> None:
        super().__init__(problem)
        self.rest = rest
        self.problem = problem


def _json_documents(text: str) -> Iterator[Document]:
    """Objects one after the other. Raises _NotJsonError where the rest may be YAML, else KubernetesError."""
    at = 0
    count = 0
    while True:
        start = at
        while text[start : start + 1] in _JSON_SPACE and start < len(text):
            start += 1
        if start == len(text):
            return
        reader = _JsonReader(text[start:])
        value, problem = reader.value()
        if reader.end < 0:
            if count > 1:
                raise KubernetesError(f"error parsing : {problem}")
            if problem != _CUT_OFF:
                problem = f"json: offset {byte_length(text[:start]) + reader.at + 1}: {problem}"
            raise _NotJsonError(text[at:], problem)
        at = start + reader.end
        count += 1
        if value is not None:
            yield Document(value, text[start:at], problem)


class _JsonReader(Reader):
    """Reads the first value of a text; integers stay ints. `end` is the place behind it, or -1 where it isn't JSON."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.source = text
        self.end = -1

    def value(self) -> tuple[Any, str]:
        """The value, and what is wrong with it or the text."""
        text = self.source
        if "\\ud" not in text and "\\uD" not in text and valid(text) is text:
            try:
                value, self.end = _DECODER.raw_decode(text)
            except (ValueError, RecursionError):
                pass
            else:
                return value, ""
        value, problem, is_json = self.read_first()
        if is_json:
            self.end = len(from_bytes(self.text[: self.at].encode("latin-1")))
        elif self.at >= len(self.text):
            problem = _CUT_OFF
        return value, problem

    def _number(self) -> float | None:
        start = self.at
        value = super()._number()
        return value if value is None else _json_number(self.text[start : self.at])


def _json_number(text: str) -> float:
    if len(text) <= _MOST_DIGITS and text.lstrip("-").isdigit():
        whole = int(text)
        if _SMALLEST <= whole <= _LARGEST:
            return whole
    value = float(text)
    if value - value != 0:
        raise ValueError(text)
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_float=_json_number, parse_int=_json_number, parse_constant=_refuse_constant)


def _behind_blanks(text: str) -> str | None:
    """What follows the white space up to a first line break; None where fewer than four bytes are left to look at."""
    raw = to_bytes(text)
    at = 0
    while len(raw) - at >= 4:
        char = from_bytes(raw[at : at + 4])[0]
        if char not in SPACE:
            return None if "\udc80" <= char <= "\udcff" else from_bytes(raw[at:])
        at += len(char.encode())
        if char == "\n":
            return from_bytes(raw[at:])
    return None
