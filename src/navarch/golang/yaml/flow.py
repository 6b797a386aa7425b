"""Flow collections in their simple form, for the readers that go line by line.

Lines are joined by line feeds, so that the place of a break stays known: it ends a key, and folds into a space inside
a plain scalar. Anything unusual raises GiveUpError.
"""

from __future__ import annotations

from navarch.golang.yaml.lines import GiveUpError, key_of, quoted_on_line
from navarch.golang.yaml.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["flow_collection", "json_document"]

_MAX_LINES = 500
_MAX_BRACKETS = 5000
_MAX_KEY = 1000
_SPACE = " \n"
_ENDS = frozenset(",[]{}?:#\n")
_NEVER_FIRST = frozenset("#,[]{}&*!|>'\"%@`?:-")


def flow_collection(text: str, lines: list[str], at: int) -> tuple[Any, int]:
    """A flow collection that a value begins with, its integers as ints, and the line after it."""
    first = at
    if len(text) > _MAX_BRACKETS and text.count("[") + text.count("{") > _MAX_BRACKETS:
        raise GiveUpError
    while text.count("[") + text.count("{") > text.count("]") + text.count("}"):
        if at == len(lines) or at - first > _MAX_LINES:
            raise GiveUpError
        body = lines[at].strip(" ")
        at += 1
        if not body or "#" in body or "\t" in body or text[-1] == "\\" or body[0] == ":" or body[:3] in ("---", "..."):
            raise GiveUpError
        text += "\n" + body
    reader = _Flow(text)
    value = reader.value()
    rest = text[reader.at :].rstrip(" ")
    if rest and (rest.lstrip(" ")[:1] + rest[0] != "# " or "\n" in rest):  # a bracket in a comment joined too many
        raise GiveUpError
    return value, at


def json_document(text: str) -> Any:
    """A document in JSON, every number a float. Gives up where YAML might read it otherwise than JSON does.

    YAML has no escaped slash, limits keys to 1,024 characters on one line, and knows no negative zero among integers.
    """
    if "\\u" in text or "\\/" in text or "-0" in text or max(map(len, text.split('"'))) > _MAX_KEY:
        raise GiveUpError
    if "\n" in text and any(line.lstrip(" ")[:1] == ":" for line in text.split("\n")):
        raise GiveUpError
    from navarch.golang.json import decode

    value, error = decode(text)
    if error:
        raise GiveUpError
    return value


class _Flow:
    """One collection being read."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def _next(self) -> str:
        text = self.text
        while text[self.at : self.at + 1] in (" ", "\n"):
            self.at += 1
        return text[self.at : self.at + 1]

    def value(self) -> Any:
        char = self._next()
        if char == "[":
            return self._sequence()
        if char == "{":
            return self._mapping()
        if char and char in "\"'":
            return self._quoted()
        return resolve(self._plain().replace("\n", " "))

    def _quoted(self) -> str:
        try:
            value, rest = quoted_on_line(self.text[self.at :])
        except IndexError:
            raise GiveUpError from None
        end = len(self.text) - len(rest)
        if "\n" in self.text[self.at : end]:
            raise GiveUpError
        self.at = end
        return value

    def _plain(self) -> str:
        """A plain scalar, up to a character that may end it."""
        text = self.text
        start = at = self.at
        if not text[at : at + 1] or text[at] in _NEVER_FIRST:
            raise GiveUpError
        while text[at] not in _ENDS:
            at += 1
            if at == len(text):
                raise GiveUpError
        while text[at] in "\n:":
            if text[at] == ":" and text[at + 1 : at + 2] in ("", " ", "\n"):
                break
            at += 1
            while at < len(text) and text[at] not in _ENDS:
                at += 1
            if at == len(text):
                raise GiveUpError
        if text[at] in "#?[{":
            raise GiveUpError
        self.at = at
        return text[start:at].rstrip(_SPACE)

    def _sequence(self) -> list[Any]:
        out: list[Any] = []
        self.at += 1
        while True:
            if self._next() == "]":
                self.at += 1
                return out
            out.append(self.value())
            char = self._next()
            if char == ",":
                self.at += 1
            elif char != "]":
                raise GiveUpError

    def _mapping(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self.at += 1
        while True:
            char = self._next()
            if char == "}":
                self.at += 1
                return out
            start = self.at
            name = self._quoted() if char and char in "\"'" else key_of(self._plain())
            if "\n" in self.text[start : self.at] or self.at - start > _MAX_KEY:
                raise GiveUpError
            char = self._next()
            out[name] = None
            if char == ":":
                if "\n" in self.text[start : self.at]:
                    raise GiveUpError
                self.at += 1
                char = self._next()
                if char not in (",", "}"):
                    out[name] = self.value()
                    char = self._next()
            if char == ",":
                self.at += 1
            elif char != "}":
                raise GiveUpError
