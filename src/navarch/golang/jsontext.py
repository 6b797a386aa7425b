"""The complete JSON reader: encoding/json's grammar, messages and limits, for what the quick one doesn't take.

It walks over bytes, as Go does, and keeps a stack of its own, so that depth is limited by Go's rule alone.
"""

from __future__ import annotations

from navarch.golang.runes import from_bytes, to_bytes, valid
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Reader"]

_MAX_DEPTH = 10000
_SPACE = " \t\r\n"
_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdefABCDEF")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, tuple[str, Any]] = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class _SyntaxError(Exception):
    """Text that is not JSON; carries Go's message."""


class Reader:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self.text = to_bytes(text).decode("latin-1")  # a character for each byte
        self.at = 0
        self.error = ""

    def read(self) -> tuple[Any, str]:
        """The value and the error, as `navarch.golang.json.decode` gives them."""
        try:
            value = self._document()
        except _SyntaxError as error:
            return None, str(error)
        return value, self.error

    def read_first(self) -> tuple[Any, str, bool]:
        """The first value of a text of several, its error, and whether it is JSON; `at` is the byte behind it.

        Where it is no JSON, `at` is the byte at fault.
        """
        try:
            value = self._value()
        except _SyntaxError as error:
            return None, str(error), False
        return value, self.error, True

    def _fault(self, context: str) -> _SyntaxError:
        char = self.text[self.at : self.at + 1]
        if not char:  # Go tries a space before it gives up, which breaks off a number, a word or an escape
            if context == "in string literal" or not context.startswith(("in ", "after decimal")):
                return _SyntaxError("unexpected end of JSON input")
            char = " "
        shown = {"'": "'\\''", '"': "'\"'"}.get(char) or f"'{quote(char)[1:-1]}'"
        return _SyntaxError(f"invalid character {shown} {context}")

    def _peek(self) -> str:
        """The next character that is not white space ("" at the end)."""
        text = self.text
        while self.at < len(text) and text[self.at] in _SPACE:
            self.at += 1
        return text[self.at : self.at + 1]

    def _document(self) -> Any:
        value = self._value()
        if self._peek():
            raise self._fault("after top-level value")
        return value

    def _value(self) -> Any:
        """A value, up to its last character.

        `stack` holds the collections around the current place, each with the key that waits for a value.
        """
        stack: list[tuple[Any, str]] = []
        while True:
            value, opened = self._begin(stack)
            if opened:
                continue
            while stack:
                collection, key = stack[-1]
                if type(collection) is list:
                    collection.append(value)
                    closed = self._after_item(stack, collection)
                else:
                    collection[key] = value
                    closed = self._after_pair(stack, collection)
                if not closed:
                    break
                value = collection
            else:
                return value

    def _begin(self, stack: list[tuple[Any, str]]) -> tuple[Any, bool]:
        """A scalar or an empty collection; or open a collection whose first value comes next."""
        char = self._peek()
        if char not in ("{", "["):
            return self._scalar(char), False
        if len(stack) >= _MAX_DEPTH:
            raise self._fault("exceeded max depth")
        self.at += 1
        end = "}" if char == "{" else "]"
        collection: Any = {} if char == "{" else []
        if self._peek() == end:
            self.at += 1
            return collection, False
        stack.append((collection, self._key() if char == "{" else ""))
        return None, True

    def _after_item(self, stack: list[tuple[Any, str]], collection: list[Any]) -> bool:
        """Past what follows an item; whether the array ends here."""
        char = self._peek()
        if char not in (",", "]") or not char:
            raise self._fault("after array element")
        self.at += 1
        if char == "]":
            stack.pop()
        else:
            stack[-1] = (collection, "")
        return char == "]"

    def _after_pair(self, stack: list[tuple[Any, str]], collection: dict[str, Any]) -> bool:
        """Past what follows a pair, and the next key; whether the object ends here."""
        char = self._peek()
        if char not in (",", "}") or not char:
            raise self._fault("after object key:value pair")
        self.at += 1
        if char == "}":
            stack.pop()
            return True
        stack[-1] = (collection, self._key())
        return False

    def _key(self) -> str:
        if self._peek() != '"':
            raise self._fault("looking for beginning of object key string")
        key = self._string()
        if self._peek() != ":":
            raise self._fault("after object key")
        self.at += 1
        return key

    def _scalar(self, char: str) -> Any:
        if char == '"':
            return self._string()
        if char in _LITERALS:
            return self._literal(*_LITERALS[char])
        if char and char in "-0123456789":
            return self._number()
        raise self._fault("looking for beginning of value")

    def _literal(self, word: str, value: Any) -> Any:
        for expected in word:
            if self.text[self.at : self.at + 1] != expected:
                raise self._fault(f"in literal {word} (expecting '{expected}')")
            self.at += 1
        return value

    def _digits(self, context: str) -> None:
        if self.text[self.at : self.at + 1] not in _DIGITS:
            raise self._fault(context)
        while self.text[self.at : self.at + 1] in _DIGITS:
            self.at += 1

    def _number(self) -> float | None:
        text = self.text
        start = self.at
        if text[self.at] == "-":
            self.at += 1
        if text[self.at : self.at + 1] == "0":
            self.at += 1
        else:
            self._digits("in numeric literal")
        if text[self.at : self.at + 1] == ".":
            self.at += 1
            self._digits("after decimal point in numeric literal")
        if text[self.at : self.at + 1] in ("e", "E"):
            self.at += 1
            if text[self.at : self.at + 1] in ("+", "-"):
                self.at += 1
            self._digits("in exponent of numeric literal")
        value = float(text[start : self.at])
        if value - value == 0:
            return value
        if not self.error:
            self.error = f"json: cannot unmarshal number {text[start : self.at]} into Go value of type float64"
        return None

    def _string(self) -> str:
        text = self.text
        self.at += 1
        out: list[str] = []
        start = self.at
        while True:
            char = text[self.at : self.at + 1]
            if char == '"':
                out.append(_as_text(text[start : self.at]))
                self.at += 1
                return "".join(out)
            if char == "\\":
                out.append(_as_text(text[start : self.at]))
                out.append(self._escape())
                start = self.at
            elif char < " ":
                raise self._fault("in string literal")
            else:
                self.at += 1

    def _escape(self) -> str:
        self.at += 1
        char = self.text[self.at : self.at + 1]
        if char != "u":
            if char not in _ESCAPES:
                raise self._fault("in string escape code")
            self.at += 1
            return _ESCAPES[char]
        unit = self._unit()
        if not 0xD800 <= unit <= 0xDFFF:
            return chr(unit)
        if unit < 0xDC00 and self.text[self.at : self.at + 2] == "\\u":
            before = self.at
            self.at += 1
            low = self._unit()
            if 0xDC00 <= low <= 0xDFFF:
                return chr(0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00)
            self.at = before
        return "\ufffd"

    def _unit(self) -> int:
        """The four hexadecimal digits of an escape."""
        self.at += 1
        for _ in range(4):
            if self.text[self.at : self.at + 1] not in _HEX:
                raise self._fault("in \\u hexadecimal character escape")
            self.at += 1
        return int(self.text[self.at - 4 : self.at], 16)


def _as_text(characters: str) -> str:
    """The text of some bytes; U+FFFD for each that is not UTF-8."""
    return characters if characters.isascii() else valid(from_bytes(characters.encode("latin-1")))
