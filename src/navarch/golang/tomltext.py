"""The TOML reader: BurntSushi/toml's grammar, with its messages, lines and notion of the last key."""

from __future__ import annotations

from navarch.errors import FunctionError, TomlError
from navarch.golang.strconv import quote, quote_rune
from navarch.golang.toml import key_text
from navarch.golang.types import Maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Key = tuple[str, ...]

__all__ = ["Reader"]

_EOF = ""
_BLANK = frozenset(" \t")
_BREAK = frozenset("\n\r")
_SPACE = _BLANK | _BREAK
_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdefABCDEF")
_DATETIME = _DIGITS | frozenset("-:Tt .Zz+")
_FLOAT = _DIGITS | frozenset("_.-+eE")
_BASES = {
    "b": (frozenset("01"), "a binary", 2),
    "o": (frozenset("01234567"), "an octal", 8),
    "x": (_HEX, "a hexadecimal", 16),
}
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_NO_NAME = "unexpected end of table name (table names cannot be empty)"
_IN_TABLE = {"]": _NO_NAME, _EOF: _NO_NAME, ".": "unexpected table separator (table names cannot be empty)"}
_BLANK_KEY = "unexpected '=': key name appears blank"
_AT_KEY = {"=": _BLANK_KEY, _EOF: _BLANK_KEY, ".": "unexpected '.': keys cannot start with a '.'"}
_IN_KEY = {"=": "unexpected '='", _EOF: "unexpected '='", ".": "unexpected '.'"}
_CODES = {"x": (2, "two"), "u": (4, "four"), "U": (8, "eight")}
_LAYOUTS = (
    ("2006-01-02T15:04:05.999999999Z07:00", ""),
    ("2006-01-02T15:04:05.999999999", "datetime-local"),
    ("2006-01-02", "date-local"),
    ("15:04:05.999999999", "time-local"),
    ("2006-01-02T15:04Z07:00", ""),
    ("2006-01-02T15:04", "datetime-local"),
    ("15:04", "time-local"),
)

_zones: dict[str, Any] = {}


class Reader:
    """Reads one text into `root`.

    `context` is the table that keys belong to, `key` the key whose value is being read: together the last key that an
    error names. `implicits` are tables that were only implied so far, `arrays` the keys whose values are arrays.
    """

    def __init__(self, text: str) -> None:
        if text[:2] in ("\udcff\udcfe", "\udcfe\udcff"):
            text = text[2:]
        self.text = text.removeprefix("\ufeff")
        self.at = 0
        self.line = 1
        self.at_end = False
        self.key_line = 0
        self.root: dict[str, Any] = {}
        self.context: Key = ()
        self.key = ""
        self.implicits: set[str] = set()
        self.arrays: set[str] = set()

    def read(self) -> dict[str, Any]:
        """The document. Raises TomlError."""
        if "\0" in self.text[:6]:
            raise TomlError(
                "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8"
            )
        while self._top_level():
            pass
        return self.root

    # Characters.

    def _fail(self, message: str, line: int | None = None) -> TomlError:
        """An error at a line: by default this one, or the one before where the text ended in a line break."""
        if line is None:
            line = self.line
            if self.at_end and self.text[self.at - 1 : self.at] == "\n" and self.at > 0:
                line -= 1
        last = key_text(self.context)
        if self.key:
            last = f"{last}.{self.key}" if self.context else self.key
        where = f" (last key {quote(last)})" if last else ""
        return TomlError(f"toml: line {line}{where}: {message}")

    def _next(self) -> str:
        text, at = self.text, self.at
        char = text[at : at + 1]
        if not char:
            self.at_end = True
            return _EOF
        if char == "\n":
            self.line += 1
        elif char < " " or char == "\x7f":
            if char not in "\t\r" or (char == "\r" and text[at + 1 : at + 2] != "\n"):
                raise self._fail(f"TOML files cannot contain control characters: '0x{ord(char):02x}'", self.line)
        elif "\udc80" <= char <= "\udcff":
            raise self._fail(f"invalid UTF-8 byte: 0x{ord(char) - 0xDC00:02x}", self.line)
        self.at = at + 1
        return char

    def _back(self) -> None:
        if self.at_end:
            self.at_end = False
            return
        self.at -= 1
        if self.text[self.at] == "\n":
            self.line -= 1

    def _peek(self) -> str:
        char = self._next()
        self._back()
        return char

    def _accept(self, wanted: str) -> bool:
        if self._next() == wanted:
            return True
        self._back()
        return False

    def _skip(self, characters: frozenset[str]) -> None:
        while self._next() in characters:
            pass
        self._back()

    def _run(self, start: int, characters: frozenset[str]) -> str:
        """The text from `start` to the first character that is none of these."""
        self._skip(characters)
        return self.text[start : self.at]

    def _comment(self) -> None:
        while self._next() not in ("\n", "\r", _EOF):
            pass
        self._back()

    # Top level.

    def _top_level(self) -> bool:
        """Read one item; whether there may be more."""
        char = self._next()
        while char in _SPACE:
            char = self._next()
        if char == _EOF:
            return False
        if char == "#":
            self._comment()
            return True
        if char == "[":
            self._table()
        else:
            self._back()
            outer = self.context
            self._pair(array=False)
            self.context = outer
            self.key = ""
        return self._end_of_item()

    def _end_of_item(self) -> bool:
        self._skip(_BLANK)
        char = self._next()
        if char == _EOF:
            return False
        if char == "#":
            self._comment()
        elif char not in _BREAK:
            raise self._fail(
                f"expected a top-level item to end with a newline, comment, or EOF, but got {_rune(char)} instead"
            )
        return True

    def _table(self) -> None:
        array = self._accept("[")
        key, char = self._parts(_IN_TABLE, _IN_TABLE)
        if char != "]":
            raise self._fail(f"expected '.' or ']' to end table name, but got {_rune(char)} instead")
        if array:
            char = self._next()
            if char != "]":
                raise self._fail(f"expected end of table array name delimiter ']', but got {_rune(char)} instead")
        self._enter(tuple(key), array=array)
        self.arrays.discard(self._type_name())

    # Keys.

    def _parts(self, first: dict[str, str], later: dict[str, str]) -> tuple[list[str], str]:
        """The parts of a key or of a table's name, and the character that ends them.

        `first` and `later` are what is said of characters that can't begin the first part or another one.
        """
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            line, char = self.line, self._peek()
            fault = (later if parts else first).get(char)
            if fault:
                raise self._fail(fault)
            parts.append(self._name(char))
            if len(parts) == 1:
                self.key_line = line
            self._skip(_BLANK)
            char = self._next()
            if char != ".":
                return parts, char

    def _name(self, char: str) -> str:
        """One part of a key; a bare one may be empty, which what follows then reports."""
        if char == '"':
            self._next()
            return self._string()
        if char == "'":
            self._next()
            return self._raw_string()
        return self._run(self.at, _BARE)

    def _pair(self, *, array: bool) -> tuple[Key, Any]:
        """A key, its "=" and its value, put in its place; gives the key's parts and the value."""
        parts, char = self._parts(_AT_KEY, _IN_KEY)
        if char == _EOF:
            raise self._fail("unexpected EOF; expected key separator '='")
        if char != "=":
            line = self.line - 1 if char == "\n" else self.line
            raise self._fail(f"expected '.' or '=', but got {_rune(char)} instead", line)
        key = tuple(parts)
        self.key = key[-1]
        for part in key[:-1]:
            inner = (*self.context, part)
            self.implicits.add(key_text(inner))
            self._enter(inner, array=False)
        value = self._value(array=array)
        self._set(self.key, value)
        if type(value) is list:
            self.arrays.add(self._type_name())
        else:
            self.arrays.discard(self._type_name())
        return key, value

    def _type_name(self) -> str:
        """The name under which the type of the key at hand is kept."""
        return key_text((*self.context, self.key) if self.key else self.context or ("",))

    def _enter(self, key: Key, *, array: bool) -> None:
        """Make a table, or another one of an array of tables, and the context that follows belongs to."""
        table = self.root
        context: Key = ()
        for part in key[:-1]:
            context = (*context, part)
            if part not in table:
                self.implicits.add(key_text(context))
                table[part] = {}
            inner = table[part]
            if type(inner) is Maps:
                table = inner[-1]
            elif type(inner) is dict:
                table = inner
            else:
                raise self._fail(f"Key '{key_text(context)}' was already created as a hash.", self.key_line)
        self.context = context
        last = key[-1]
        if not array:
            self._set(last, {})
        elif type(table.setdefault(last, Maps())) is Maps:
            table[last].append({})
        else:
            raise self._fail(
                f"Key '{key_text(key)}' was already created and cannot be used as an array.", self.key_line
            )
        self.context = (*context, last)

    def _set(self, key: str, value: Any) -> None:
        table = self.root
        context: Key = ()
        for part in self.context:
            context = (*context, part)
            if part not in table:
                raise FunctionError(f"BUG: Context for key '{key_text(context)}' has not been established.\n\n")
            inner = table[part]
            if type(inner) is Maps:
                table = inner[-1]
            elif type(inner) is dict:
                table = inner
            else:
                raise self._fail(f"Key '{key_text(context)}' has already been defined.", self.key_line)
        if key not in table:
            table[key] = value
            return
        name = key_text((*context, key))
        if name not in self.implicits:
            raise self._fail(f"Key '{name}' has already been defined.", self.key_line)
        self.implicits.discard(name)
        if name in self.arrays:
            table[key] = value

    # Values.

    def _value(self, *, array: bool) -> Any:
        self._skip(_BLANK)
        line = self.line
        start = self.at
        char = self._next()
        if char in _DIGITS:
            return self._number_or_date(start, char, line)
        if char == "[":
            return self._array()
        if char == "{":
            return self._inline_table(array=array)
        if char in ('"', "'"):
            if self._accept(char):
                if self._accept(char):
                    return self._multiline_string() if char == '"' else self._multiline_raw_string()
                self._back()
            return self._string() if char == '"' else self._raw_string()
        if char == ".":
            raise self._fail("floats must start with a digit, not '.'")
        if char in ("i", "n") and (
            (self._accept("n") and self._accept("f")) or (self._accept("a") and self._accept("n"))
        ):
            return self._float(self.text[start : self.at], line)
        if char in ("-", "+"):
            return self._signed(start, line)
        if char.isalpha():
            self._back()
            return self._word()
        if char == _EOF:
            raise self._fail("unexpected EOF; expected value")
        raise self._fail(f"expected value but found {_rune(char)} instead", line)

    def _word(self) -> bool:
        start = self.at
        while self._next().isalpha():
            pass
        self._back()
        word = self.text[start : self.at]
        if word in ("true", "false"):
            return word == "true"
        raise self._fail(f"expected value but found {quote(word)} instead")

    def _array(self) -> list[Any]:
        self.arrays.add(self._type_name())
        out: list[Any] = []
        while True:
            char = self._next()
            while char in _SPACE:
                char = self._next()
            if char == "#":
                self._comment()
                continue
            if char == ",":
                raise self._fail("unexpected comma")
            if char == "]":
                return out
            self._back()
            out.append(self._value(array=True))
            if not self._more_items("]", "expected a comma (',') or array terminator (']'), but got {}"):
                return out

    def _more_items(self, end: str, message: str) -> bool:
        """Past a comma (then more may follow), or past the end of an array or inline table."""
        while True:
            char = self._next()
            if char in _SPACE:
                continue
            if char == "#":
                self._comment()
            elif char == ",":
                return True
            elif char == end:
                return False
            else:
                shown = f"'{char}'" if char else "end of file"
                raise self._fail(message.format(shown))

    def _inline_table(self, *, array: bool) -> dict[str, Any]:
        out: dict[str, Any] = {}
        outer, outer_key = self.context, self.key
        self.context = (*outer, outer_key)
        self.key = ""
        inside = self.context
        self.implicits.add(key_text(self.context))
        self._enter(self.context, array=array)
        while self._inline_pair(out, inside):
            pass
        self.context, self.key = outer, outer_key
        return out

    def _inline_pair(self, out: dict[str, Any], inside: Key) -> bool:
        """A pair of an inline table, if there is one; whether another may follow."""
        char = self._next()
        while char in _SPACE:
            char = self._next()
        if char == "#":
            self._comment()
            return True
        if char == ",":
            raise self._fail("unexpected comma")
        if char == "}":
            return False
        self._back()
        key, value = self._pair(array=False)
        table: Any = out
        for part in key[:-1]:
            table = table.setdefault(part, {})
            if type(table) is not dict:
                raise self._fail(f"{quote(key_text(self.context))} is not a table", self.key_line)
        table[key[-1]] = value
        self.context = inside
        return self._more_items("}", "expected a comma or an inline table terminator '}}', but got {} instead")

    # Strings.

    def _string(self) -> str:
        """A string whose opening quote has been read."""
        line = self.line
        start = self.at
        escaped = False
        while True:
            char = self._next()
            if char == _EOF:
                raise self._fail("unexpected EOF; expected '\"'")
            if char in _BREAK:
                raise self._fail("strings cannot contain newlines", self.line - 1)
            if char == '"':
                text = self.text[start : self.at - 1]
                return self._unescape(text, line) if escaped else text
            if char == "\\":
                escaped = True
                self._check_escape(start)

    def _check_escape(self, start: int) -> None:
        char = self._next()
        if char in _ESCAPES or char in _BLANK:
            return
        if char not in _CODES:
            line = self.line - 1 if self.at_end else self.line
            raise self._fail(f"invalid escape in string '\\{char or chr(0)}'", line)
        size, word = _CODES[char]
        for _ in range(size):
            if self._next() not in _HEX:
                got = quote(self.text[start : self.at])
                raise self._fail(f"expected {word} hexadecimal digits after '\\{char}', but got {got} instead")

    def _raw_string(self) -> str:
        start = self.at
        while True:
            char = self._next()
            if char == _EOF:
                raise self._fail('unexpected EOF; expected "\'"')
            if char in _BREAK:
                raise self._fail("strings cannot contain newlines", self.line - 1)
            if char == "'":
                return self.text[start : self.at - 1]

    def _multiline_string(self) -> str:
        start = self.at
        while True:
            char = self._next()
            if char == _EOF:
                raise self._fail('unexpected EOF; expected \'"""\'')
            if char == "\\":
                if self._next() not in _BREAK:
                    self._back()
                    self._check_escape(start)
            elif char == '"' and self._closes(start, '"'):
                text = self.text[start : self.at - 3]
                return self._unescape(_join_lines(_without_first_break(text)), self.line)

    def _multiline_raw_string(self) -> str:
        start = self.at
        while True:
            char = self._next()
            if char == _EOF:
                raise self._fail("unexpected EOF; expected \"'''\"")
            if char == "'" and self._closes(start, "'"):
                return _without_first_break(self.text[start : self.at - 3])

    def _closes(self, start: int, mark: str) -> bool:
        """Whether three quotes end the string, the first of which has been read; up to two may stand before them."""
        if not self._accept(mark):
            return False
        if not self._accept(mark):
            self._back()
            return False
        if self._peek() != mark:
            return True
        current = self.text[start : self.at]
        if current.endswith(mark * 5) and not (mark == '"' and current.endswith("\\" + mark * 5)):
            outer = "'" if mark == '"' else '"'
            raise self._fail(f"unexpected {outer}{mark * 6}{outer}")
        self._back()
        self._back()
        return False

    def _unescape(self, text: str, line: int) -> str:
        out: list[str] = []
        start = 0
        while True:
            mark = text.find("\\", start)
            if mark < 0:
                out.append(text[start:])
                return "".join(out)
            out.append(text[start:mark])
            char = text[mark + 1]
            start = mark + 2
            if char in _BLANK:
                raise self._fail(f"invalid escape: '\\{char}'", line)
            if char in _CODES:
                size = _CODES[char][0]
                digits = text[start : start + size]
                code = int(digits, 16)
                if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                    raise self._fail(f"Escaped character '\\u{digits}' is not valid UTF-8.", line)
                out.append(chr(code))
                start += size
            else:
                out.append(_ESCAPES[char])

    # Numbers and dates.

    def _number_or_date(self, start: int, first: str, line: int) -> Any:
        char = self._next()
        if first == "0" and char not in _DIGITS:
            if char in _BASES:
                digits, name, _ = _BASES[char]
                after = self._peek()
                if after not in digits:
                    raise self._fail(f"not {name} number: '{self.text[start : self.at]}{after or chr(0)}'")
                return self._integer(self._run(start, digits | {"_"}), line)
            if char in ("-", ":"):  # dates begin with two digits
                self._back()
                return self._integer(self.text[start : self.at], line)
        while char in _DIGITS:
            char = self._next()
        if char in ("-", ":"):
            return self._datetime(self._run(start, _DATETIME).strip(), line)
        self._back()
        return self._decimal(start, line)

    def _decimal(self, start: int, line: int) -> Any:
        """An integer or float in decimal; the digits so far have been read."""
        self._skip(_DIGITS | {"_"})
        if self._peek() in (".", "e", "E"):
            return self._float(self._run(start, _FLOAT), line)
        return self._integer(self.text[start : self.at], line)

    def _signed(self, start: int, line: int) -> Any:
        char = self._next()
        if char in ("i", "n"):
            second, third = ("n", "f") if char == "i" else ("a", "n")
            if not self._accept(second) or not self._accept(third):
                raise self._fail(f"invalid float: '{self.text[start : self.at]}'")
            return self._float(self.text[start : self.at], line)
        if char == "0":
            after = self._peek()
            if after in _BASES:
                raise self._fail(f"cannot use sign with non-decimal numbers: '{self.text[start : self.at]}{after}'")
        if char == ".":
            raise self._fail("floats must start with a digit, not '.'")
        if char not in _DIGITS:
            raise self._fail(f"expected a digit but got {_rune(char)}")
        return self._decimal(start, line)

    def _integer(self, text: str, line: int) -> int:
        if not _underscores_fit(text):
            raise self._fail(f"Invalid integer {quote(text)}: underscores must be surrounded by digits", line)
        if _has_leading_zero(text):
            raise self._fail(f"Invalid integer {quote(text)}: cannot have leading zeroes", line)
        plain = text.replace("_", "")
        value = int(plain[2:], _BASES[plain[1]][2]) if plain[1:2] in _BASES else _big_int(plain)
        if not -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
            raise self._fail(f"{text} is out of range for int64", line)
        return value

    def _float(self, text: str, line: int) -> float:
        parts = [part for part in text.replace("e", ".").replace("E", ".").split(".") if part]
        if not all(map(_underscores_fit, parts)):
            raise self._fail(f"Invalid float {quote(text)}: underscores must be surrounded by digits", line)
        if parts and _has_leading_zero(parts[0]):
            raise self._fail(f"Invalid float {quote(text)}: cannot have leading zeroes", line)
        if any(char == "." and text[at + 1 : at + 2] not in _DIGITS for at, char in enumerate(text)):
            raise self._fail(f"Invalid float {quote(text)}: '.' must be followed by one or more digits", line)
        try:
            value = float(text.replace("_", ""))
        except ValueError:
            raise self._fail(f"Invalid float value: {quote(text)}", line) from None
        if value - value != 0 and text.lstrip("+-") not in ("inf", "nan"):
            raise self._fail(f"{text} is out of range for float64", line)
        return value

    def _datetime(self, text: str, line: int) -> Any:
        from navarch.golang.time_parse import parse_in_location

        text = text.replace("z", "Z").replace("t", "T").replace(" ", "T")
        for layout, zone in _LAYOUTS:
            try:
                time = parse_in_location(layout, text, _zone(zone))
            except FunctionError:
                continue
            if _lacks_zero(text, layout):
                break
            return time
        raise self._fail(f"invalid datetime: {quote(text)}", line)


def _rune(char: str) -> str:
    return quote_rune(ord(char) if char else 0)


def _zone(name: str) -> Any:
    from navarch.golang.time import now
    from navarch.golang.zones import fixed_zone, local

    if not name:
        return local()
    if name not in _zones:
        _zones[name] = fixed_zone(name, local().lookup(now().sec)[1])
    return _zones[name]


def _lacks_zero(text: str, layout: str) -> bool:
    """Whether a number in a time has too few digits, which Go's parser lets pass: then a separator is out of place."""
    for at, char in enumerate(layout):
        if char in ".Z":
            return False
        if char not in _DIGITS and text[at : at + 1] != char:
            return True
    return False


def _big_int(digits: str) -> int:
    return int(digits) if len(digits) < 25 else 1 << 64


def _has_leading_zero(text: str) -> bool:
    if len(text) > 1 and text[0] == "0" and text[1] not in _BASES:
        return True
    return len(text) > 2 and text[0] in "+-" and text[1] == "0"


def _underscores_fit(text: str) -> bool:
    """Whether each underscore has digits on both sides; the text must end in a digit too."""
    if text.lstrip("+-") in ("nan", "inf") and len(text) < 5:
        return True
    fits = False
    for char in text:
        if char == "_" and not fits:
            return False
        fits = char in _HEX
    return fits


def _without_first_break(text: str) -> str:
    return text[1:] if text[:1] == "\n" else text[2:] if text[:2] == "\r\n" else text


def _join_lines(text: str) -> str:
    """Drop each backslash at a line's end together with all white space that follows it."""
    out: list[str] = []
    start = at = 0
    while True:
        at = text.find("\\", at)
        if at < 0:
            out.append(text[start:])
            return "".join(out)
        rest = text[at + 1 :].lstrip(" \t\r\n")
        white = text[at + 1 : len(text) - len(rest)]
        if text[at + 1 : at + 2] == "\\":
            at += 2
        elif "\n" in white:
            out.append(text[start:at])
            start = at = len(text) - len(rest)
        else:
            at += 1
