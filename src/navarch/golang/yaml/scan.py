"""The complete YAML scanner: characters to tokens, by the grammar and with the messages of goyaml v2's libyaml.

It is the reference that the quick reader is held to, and what answers for everything out of the ordinary. Tokens are
fetched exactly as early as libyaml fetches them, since that decides which of two faults is told.

A token is (kind, line, value): lines count from 0; the value is a scalar's (text, style), an anchor's name, a tag's
(handle, suffix), a %TAG directive's (handle, prefix) or a %YAML directive's (major, minor).
"""

from __future__ import annotations

from navarch.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.yaml.reader import Source

    Token = tuple[str, int, Any]

__all__ = ["Scanner", "SyntaxFault", "problem_at"]

MAX_DEPTH = 10000
_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_BLANKZ = frozenset(" \t\n\r\x85\u2028\u2029\0")
_BREAKZ = frozenset("\n\r\x85\u2028\u2029\0")
_END = "\0" * 8
_ANCHOR_ENDS = _BLANKZ | frozenset("?:,]}%@`")
_NEVER_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@`") | _BLANKZ
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "'": "'", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}

_ALPHA = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-")
_URI = _ALPHA | frozenset(";/?:@&=+$,.!~*'()[]")
_HEX = frozenset("0123456789ABCDEFabcdef")
_BLOCK_STOPS = _BLANKZ | frozenset(":")
_FLOW_STOPS = _BLANKZ | frozenset(":,?[]{}")
_SINGLE_STOPS = _BLANKZ | frozenset("'")
_DOUBLE_STOPS = _BLANKZ | frozenset('"\\')
_UTF8_WIDTHS = ((0x80, 0x00, 1), (0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0xF8, 0xF0, 4))


def _until(text: str, at: int, stops: frozenset[str]) -> int:
    """Where the first of some characters stands; NUL, which ends every text, must be one of them."""
    while text[at] not in stops:
        at += 1
    return at


def _past(text: str, at: int, characters: frozenset[str]) -> int:
    while text[at] in characters:
        at += 1
    return at


def _plain_end(text: str, at: int, stops: frozenset[str]) -> int:
    """The end of a plain scalar's word: a colon ends it only before white space."""
    while True:
        at = _until(text, at, stops)
        if text[at] != ":" or text[at + 1] in _BLANKZ:
            return at
        at += 1


class SyntaxFault(YamlError):
    """Text that libyaml can't read.

    `later` is what goyaml v3 says of it, which prefers the line of the context; `scanning` tells scanner from parser.
    """

    def __init__(self, message: str, later: str, *, line: int, scanning: bool) -> None:
        super().__init__(message, line=line)
        self.later = later
        self.scanning = scanning


def problem_at(problem: str, line: int, context_line: int, *, scanning: bool) -> YamlError:
    """An error as goyaml tells it: with the problem's line (from 0, plus one only in the scanner), or its context's."""
    shown = line + scanning if line else context_line
    where = f"line {shown}: " if shown else ""
    later = context_line or line
    where_later = f"line {later + scanning}: " if later else ""
    return SyntaxFault(f"yaml: {where}{problem}", f"yaml: {where_later}{problem}", line=line + 1, scanning=scanning)


class _SimpleKey:
    """Where a key without "?" may have begun at one flow level."""

    __slots__ = ("column", "index", "line", "number", "possible", "required")

    def __init__(self, *, possible: bool, required: bool, number: int, index: int, line: int, column: int) -> None:
        self.possible = possible
        self.required = required
        self.number = number
        self.index = index
        self.line = line
        self.column = column


class Scanner:
    """Tokens of one text, by `peek` and `skip`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text + _END
        self.size = len(source.text)
        self.one_break = source.text.isascii() and "\r" not in source.text
        self.position = 0
        self.line = 0
        self.bol = 0
        self.bom = source.first_chunk if source.text[:1] == "\ufeff" else 0
        self.flow_level = 0
        self.indent = -1
        self.indents: list[int] = []
        self.key_allowed = True
        self.keys = [_SimpleKey(possible=False, required=False, number=0, index=0, line=0, column=0)]
        self.key_of_token: dict[int, int] = {}
        self.tokens: list[Token] = []
        self.taken = 0
        self.head = 0
        self.available = False

    def peek(self) -> Token:
        """The next token, which stays."""
        if not self.available:
            self._fetch_more()
        return self.tokens[self.head]

    def look_ahead(self, count: int) -> None:
        """Scan so many tokens behind the next one, if there are. Raises YamlError."""
        while count and len(self.tokens) - self.head <= count and self.position < self.size:
            self._fetch_next()

    def skip(self) -> None:
        """Drop the token that `peek` gave."""
        self.available = False
        self.taken += 1
        self.head += 1
        if self.head > 64:
            del self.tokens[: self.head]
            self.head = 0

    def fail(self, problem: str, context_line: int | None = None) -> YamlError:
        return problem_at(problem, self.line, self.line if context_line is None else context_line, scanning=True)

    def _fetch_more(self) -> None:
        while True:
            if self.head != len(self.tokens):
                level = self.key_of_token.get(self.taken)
                if level is None or not self._key_valid(self.keys[level]):
                    break
            self._fetch_next()
        self.available = True

    def _add(self, kind: str, value: Any = None) -> None:
        self.tokens.append((kind, self.line, value))

    def _insert(self, number: int, token: Token) -> None:
        """Put a token before the one with that number."""
        self.tokens.insert(self.head + number - self.taken, token)

    def _fetch_next(self) -> None:
        self._to_next_token()
        column = self.position - self.bol
        self._unroll(column)
        text, at = self.text, self.position
        char = text[at]
        if char == "\0":
            return self._fetch_end()
        if column == 0 and char in "%-.":
            if char == "%":
                return self._fetch_directive()
            if text[at : at + 3] in ("---", "...") and text[at + 3] in _BLANKZ:
                return self._fetch_document_mark("doc-start" if char == "-" else "doc-end")
        fetch = _FETCHERS.get(char)
        if fetch is not None:
            return fetch(self)
        after = text[at + 1]
        if char == "-" and after in _BLANKZ:
            return self._fetch_entry()
        if char == "?" and (self.flow_level or after in _BLANKZ):
            return self._fetch_key()
        if char == ":" and (self.flow_level or after in _BLANKZ):
            return self._fetch_value()
        if char in "|>" and not self.flow_level:
            return self._fetch_block_scalar()
        if char not in _NEVER_PLAIN or char == "-" or (char in "?:" and not self.flow_level):
            return self._fetch_plain()
        raise self.fail("found character that cannot start any token")

    def _to_next_token(self) -> None:
        """Past blanks, comments and breaks. Tabs count as blanks where no key can begin."""
        text = self.text
        while True:
            at = self.position
            if self.bom and at == self.bol and at < self.bom:
                at += 1
            while text[at] == " " or (text[at] == "\t" and (self.flow_level or not self.key_allowed)):
                at += 1
            if text[at] == "#":
                at = self._line_end(at)
            self.position = at
            if text[at] not in _BREAKS:
                return
            self._break()
            if not self.flow_level:
                self.key_allowed = True

    def _line_end(self, at: int) -> int:
        """Where the line ends that goes on at a place."""
        if self.one_break:
            end = self.text.find("\n", at)
            return self.size if end < 0 else end
        return _until(self.text, at, _BREAKZ)

    def _break(self) -> str:
        """Past one line break; what it stands for in a scalar."""
        at = self.position
        char = self.text[at]
        self.position = self.bol = at + (2 if char == "\r" and self.text[at + 1] == "\n" else 1)
        self.line += 1
        return char if char in "\u2028\u2029" else "\n"

    # Keys without "?": a candidate is kept until its ":" comes, or can't come any more.

    def _key_valid(self, key: _SimpleKey) -> bool:
        if not key.possible:
            return False
        if key.line < self.line or key.index + 1024 < self.position:
            if key.required:
                raise self.fail("could not find expected ':'", key.line)
            key.possible = False
        return key.possible

    def _save_key(self) -> None:
        if not self.key_allowed:
            return
        column = self.position - self.bol
        number = self.taken + len(self.tokens) - self.head
        self._remove_key()
        self.keys[-1] = _SimpleKey(
            possible=True,
            required=not self.flow_level and self.indent == column,
            number=number,
            index=self.position,
            line=self.line,
            column=column,
        )
        self.key_of_token[number] = len(self.keys) - 1

    def _remove_key(self) -> None:
        key = self.keys[-1]
        if key.possible:
            if key.required:
                raise self.fail("could not find expected ':'", key.line)
            key.possible = False
            self.key_of_token.pop(key.number, None)

    def _roll(self, column: int, number: int, kind: str, line: int) -> None:
        """Begin a block collection where the column is deeper than the indentation."""
        if self.flow_level or self.indent >= column:
            return
        self.indents.append(self.indent)
        self.indent = column
        if len(self.indents) > MAX_DEPTH:
            raise self.fail(f"exceeded max depth of {MAX_DEPTH}", self.keys[-1].line)
        if number < 0:
            self.tokens.append((kind, line, None))
        else:
            self._insert(number, (kind, line, None))

    def _unroll(self, column: int) -> None:
        """End the block collections that are deeper than the column."""
        if not self.flow_level:
            while self.indent > column:
                self._add("block-end")
                self.indent = self.indents.pop()

    # One method a kind of token.

    def _fetch_end(self) -> None:
        if self.position != self.bol:
            self.bol = self.position
            self.line += 1
        self._unroll(-1)
        self._remove_key()
        self.key_allowed = False
        self._add("end")

    def _fetch_directive(self) -> None:
        self._unroll(-1)
        self._remove_key()
        self.key_allowed = False
        self.tokens.append(self._scan_directive())

    def _fetch_document_mark(self, kind: str) -> None:
        self._unroll(-1)
        self._remove_key()
        self.key_allowed = False
        self._add(kind)
        self.position += 3

    def _fetch_flow_start(self) -> None:
        self._save_key()
        self.keys.append(
            _SimpleKey(
                possible=False,
                required=False,
                number=self.taken + len(self.tokens) - self.head,
                index=self.position,
                line=self.line,
                column=0,
            )
        )
        self.flow_level += 1
        if self.flow_level > MAX_DEPTH:
            raise self.fail(f"exceeded max depth of {MAX_DEPTH}")
        self.key_allowed = True
        self._add(self.text[self.position])
        self.position += 1

    def _fetch_flow_end(self) -> None:
        self._remove_key()
        if self.flow_level:
            self.flow_level -= 1
            self.key_of_token.pop(self.keys.pop().number, None)
        self.key_allowed = False
        self._add(self.text[self.position])
        self.position += 1

    def _fetch_comma(self) -> None:
        self._remove_key()
        self.key_allowed = True
        self._add(",")
        self.position += 1

    def _fetch_entry(self) -> None:
        if not self.flow_level:
            if not self.key_allowed:
                raise self.fail("block sequence entries are not allowed in this context")
            self._roll(self.position - self.bol, -1, "block-seq", self.line)
        self._remove_key()
        self.key_allowed = True
        self._add("-")
        self.position += 1

    def _fetch_key(self) -> None:
        if not self.flow_level:
            if not self.key_allowed:
                raise self.fail("mapping keys are not allowed in this context")
            self._roll(self.position - self.bol, -1, "block-map", self.line)
        self._remove_key()
        self.key_allowed = not self.flow_level
        self._add("?")
        self.position += 1

    def _fetch_value(self) -> None:
        key = self.keys[-1]
        if self._key_valid(key):
            self._insert(key.number, ("?", key.line, None))
            self._roll(key.column, key.number, "block-map", key.line)
            key.possible = False
            self.key_of_token.pop(key.number, None)
            self.key_allowed = False
        else:
            if not self.flow_level:
                if not self.key_allowed:
                    raise self.fail("mapping values are not allowed in this context")
                self._roll(self.position - self.bol, -1, "block-map", self.line)
            self.key_allowed = not self.flow_level
        self._add(":")
        self.position += 1

    def _fetch_anchor(self) -> None:
        self._save_key()
        self.key_allowed = False
        kind = "alias" if self.text[self.position] == "*" else "anchor"
        start = self.position + 1
        end = self.position = _past(self.text, start, _ALPHA)
        if start == end or self.text[end] not in _ANCHOR_ENDS:
            raise self.fail("did not find expected alphabetic or numeric character")
        self._add(kind, self.text[start:end])

    def _fetch_tag(self) -> None:
        self._save_key()
        self.key_allowed = False
        self.tokens.append(self._scan_tag())

    def _fetch_block_scalar(self) -> None:
        self._remove_key()
        self.key_allowed = True
        self.tokens.append(self._scan_block_scalar())

    def _fetch_quoted(self) -> None:
        self._save_key()
        self.key_allowed = False
        self.tokens.append(self._scan_quoted(self.text[self.position]))

    def _fetch_plain(self) -> None:
        self._save_key()
        self.key_allowed = False
        self.tokens.append(self._scan_plain())

    # Directives and tags.

    def _blanks(self) -> None:
        while self.text[self.position] in " \t":
            self.position += 1

    def _rest_of_line(self, line: int) -> None:
        """Past blanks and a comment to the next line."""
        self._blanks()
        if self.text[self.position] == "#":
            self.position = self._line_end(self.position)
        if self.text[self.position] not in _BREAKZ:
            raise self.fail("did not find expected comment or line break", line)
        if self.text[self.position] in _BREAKS:
            self._break()

    def _scan_directive(self) -> Token:
        line = self.line
        start = self.position + 1
        self.position = _past(self.text, start, _ALPHA)
        name = self.text[start : self.position]
        if not name:
            raise self.fail("could not find expected directive name")
        if self.text[self.position] not in _BLANKZ:
            raise self.fail("found unexpected non-alphabetical character")
        if name == "YAML":
            token: Token = ("%YAML", line, self._scan_version())
        elif name == "TAG":
            token = ("%TAG", line, self._scan_tag_directive())
        else:
            raise self.fail("found unknown directive name")
        self._rest_of_line(line)
        return token

    def _scan_version(self) -> tuple[int, int]:
        self._blanks()
        major = self._scan_version_number()
        if self.text[self.position] != ".":
            raise self.fail("did not find expected digit or '.' character")
        self.position += 1
        return major, self._scan_version_number()

    def _scan_version_number(self) -> int:
        start = self.position
        while "0" <= self.text[self.position] <= "9":
            if self.position - start == 2:
                raise self.fail("found extremely long version number")
            self.position += 1
        if start == self.position:
            raise self.fail("did not find expected version number")
        return int(self.text[start : self.position])

    def _scan_tag_directive(self) -> tuple[str, str]:
        self._blanks()
        handle = self._scan_tag_handle(directive=True)
        if self.text[self.position] not in " \t":
            raise self.fail("did not find expected whitespace")
        self._blanks()
        prefix = self._scan_uri("")
        if self.text[self.position] not in _BLANKZ:
            raise self.fail("did not find expected whitespace or line break")
        return handle, prefix

    def _scan_tag(self) -> Token:
        line = self.line
        if self.text[self.position + 1] == "<":
            self.position += 2
            handle, suffix = "", self._scan_uri("")
            if self.text[self.position] != ">":
                raise self.fail("did not find the expected '>'")
            self.position += 1
        else:
            handle = self._scan_tag_handle(directive=False)
            if len(handle) > 1 and handle[-1] == "!":
                suffix = self._scan_uri("")
            else:
                suffix = self._scan_uri(handle)
                handle = "!"
                if not suffix:
                    handle, suffix = "", "!"
        if self.text[self.position] not in _BLANKZ:
            raise self.fail("did not find expected whitespace or line break")
        return "tag", line, (handle, suffix)

    def _scan_tag_handle(self, *, directive: bool) -> str:
        start = self.position
        if self.text[start] != "!":
            raise self.fail("did not find expected '!'")
        end = _past(self.text, start + 1, _ALPHA)
        if self.text[end] == "!":
            end += 1
        elif directive and end != start + 1:
            self.position = end
            raise self.fail("did not find expected '!'")
        self.position = end
        return self.text[start:end]

    def _scan_uri(self, head: str) -> str:
        """A tag's URI, behind what has been read of it (the head, whose first "!" is not part of it)."""
        out = head[1:].encode()
        found = bool(head)
        while True:
            end = _past(self.text, self.position, _URI)
            out += self.text[self.position : end].encode()
            found = found or end > self.position
            self.position = end
            if self.text[end] != "%":
                break
            out += self._scan_uri_escape()
            found = True
        if not found:
            raise self.fail("did not find expected tag URI")
        return out.decode("utf-8", "surrogateescape")

    def _scan_uri_escape(self) -> bytes:
        """One character in the form %E2%82%AC."""
        out = b""
        width = 1
        while len(out) < width:
            digits = self.text[self.position + 1 : self.position + 3]
            if self.text[self.position] != "%" or not _HEX.issuperset(digits):
                raise self.fail("did not find URI escaped octet")
            octet = int(digits, 16)
            if not out:
                width = next((w for m, p, w in _UTF8_WIDTHS if octet & m == p), 0)
                if not width:
                    raise self.fail("found an incorrect leading UTF-8 octet")
            elif octet & 0xC0 != 0x80:
                raise self.fail("found an incorrect trailing UTF-8 octet")
            out += bytes((octet,))
            self.position += 3
        return out

    # Scalars.

    def _scan_block_scalar(self) -> Token:
        start_line = self.line
        literal = self.text[self.position] == "|"
        self.position += 1
        chomping, increment = self._block_header(start_line)
        self._rest_of_line(start_line)
        indent = max(self.indent, 0) + increment if increment else 0
        out: list[str] = []
        leading = ""
        leading_blank = False
        indent, trailing = self._block_breaks(indent, start_line)
        while self.position - self.bol == indent and self.text[self.position] != "\0":
            blank = self.text[self.position] in " \t"
            if not literal and leading == "\n" and not leading_blank and not blank:
                out.append(trailing or " ")
            else:
                out.append(leading + trailing)
            leading_blank = blank
            end = self._line_end(self.position)
            out.append(self.text[self.position : end])
            self.position = end
            leading = self._break() if self.text[end] in _BREAKS else ""
            indent, trailing = self._block_breaks(indent, start_line)
        if chomping != "-":
            out.append(leading)
        if chomping == "+":
            out.append(trailing)
        return "scalar", start_line, ("".join(out), "|")

    def _block_header(self, line: int) -> tuple[str, int]:
        """The chomping and indentation indicators after | or >, in either order."""
        chomping, increment = "", 0
        for _ in range(2):
            char = self.text[self.position]
            if char in "+-" and not chomping:
                chomping = char
            elif "0" <= char <= "9" and not increment:
                if char == "0":
                    raise self.fail("found an indentation indicator equal to 0", line)
                increment = int(char)
            else:
                break
            self.position += 1
        return chomping, increment

    def _block_breaks(self, indent: int, start_line: int) -> tuple[int, str]:
        """Past indentation and empty lines; the indentation (found out here where it was 0), and the breaks."""
        breaks: list[str] = []
        deepest = 0
        text = self.text
        while True:
            while (not indent or self.position - self.bol < indent) and text[self.position] == " ":
                self.position += 1
            column = self.position - self.bol
            deepest = max(deepest, column)
            if (not indent or column < indent) and text[self.position] == "\t":
                raise self.fail("found a tab character where an indentation space is expected", start_line)
            if text[self.position] not in _BREAKS:
                break
            breaks.append(self._break())
        return indent or max(deepest, self.indent + 1, 1), "".join(breaks)

    def _at_document_mark(self) -> bool:
        at = self.position
        return at == self.bol and self.text[at : at + 3] in ("---", "...") and self.text[at + 3] in _BLANKZ

    def _scan_quoted(self, quote: str) -> Token:
        start_line = self.line
        self.position += 1
        out: list[str] = []
        while True:
            if self._at_document_mark():
                raise self.fail("found unexpected document indicator", start_line)
            if self.text[self.position] == "\0":
                raise self.fail("found unexpected end of stream", start_line)
            escaped_break = self._quoted_word(quote, out, start_line)
            if self.text[self.position] == quote:
                break
            out.append(self._quoted_space(leading_blanks=escaped_break))
        self.position += 1
        return "scalar", start_line, ("".join(out), quote)

    def _quoted_word(self, quote: str, out: list[str], start_line: int) -> bool:
        """Up to the next blank, break or closing quote; whether an escaped line break came."""
        text = self.text
        stops = _SINGLE_STOPS if quote == "'" else _DOUBLE_STOPS
        while True:
            end = _until(text, self.position, stops)
            out.append(text[self.position : end])
            self.position = end
            char = text[self.position]
            if char == "'" == quote and text[self.position + 1] == "'":
                out.append("'")
                self.position += 2
            elif char != "\\" or quote == "'":
                return False
            elif text[self.position + 1] in _BREAKS:
                self.position += 1
                self._break()
                return True
            else:
                out.append(self._escape(start_line))

    def _escape(self, start_line: int) -> str:
        code = self.text[self.position + 1]
        plain = _ESCAPES.get(code)
        if plain is not None:
            self.position += 2
            return plain
        length = _CODES.get(code)
        if length is None:
            raise self.fail("found unknown escape character", start_line)
        self.position += 2
        digits = self.text[self.position : self.position + length]
        if not _HEX.issuperset(digits):
            raise self.fail("did not find expected hexdecimal number", start_line)
        value = int(digits, 16)
        if 0xD800 <= value <= 0xDFFF or value > 0x10FFFF:
            raise self.fail("found invalid Unicode character escape code", start_line)
        self.position += length
        return chr(value)

    def _quoted_space(self, *, leading_blanks: bool) -> str:
        """Blanks and breaks inside quotes: kept on a line, folded across lines."""
        text = self.text
        start = self.position
        leading, trailing = "", ""
        folded = leading_blanks
        while True:
            char = text[self.position]
            if char in " \t":
                self.position += 1
            elif char not in _BREAKS:
                break
            elif not folded:
                leading = self._break()
                folded = True
            else:
                trailing += self._break()
        if not folded:
            return text[start : self.position]
        return _fold(leading, trailing)

    def _scan_plain(self) -> Token:
        start_line = self.line
        text = self.text
        stops = _FLOW_STOPS if self.flow_level else _BLOCK_STOPS
        indent = self.indent + 1
        out: list[str] = []
        space = ""
        leading_blanks = False
        while True:
            if self._at_document_mark() or text[self.position] == "#":
                break
            end = _plain_end(text, self.position, stops)
            if end > self.position:
                out += (space, text[self.position : end])
                leading_blanks = False
                space = ""
                self.position = end
            if text[end] not in " \t" and text[end] not in _BREAKS:
                break
            space, leading_blanks = self._plain_space(indent, start_line)
            if not self.flow_level and self.position - self.bol < indent:
                break
        if leading_blanks:
            self.key_allowed = True
        return "scalar", start_line, ("".join(out), "")

    def _plain_space(self, indent: int, start_line: int) -> tuple[str, bool]:
        """Blanks and breaks inside a plain scalar; what they become, and whether a break came."""
        text = self.text
        start = self.position
        leading, trailing = "", ""
        leading_blanks = False
        while True:
            char = text[self.position]
            if char in " \t":
                if leading_blanks and char == "\t" and self.position - self.bol < indent:
                    raise self.fail("found a tab character that violates indentation", start_line)
                self.position += 1
            elif char not in _BREAKS:
                break
            elif not leading_blanks:
                leading = self._break()
                leading_blanks = True
            else:
                trailing += self._break()
        if not leading_blanks:
            return text[start : self.position], False
        return _fold(leading, trailing), True


def _fold(leading: str, trailing: str) -> str:
    """Line breaks between two words: one becomes a space, of more the first goes; LS and PS stay."""
    if leading == "\n":
        return trailing or " "
    return leading + trailing


_FETCHERS = {
    "[": Scanner._fetch_flow_start,  # noqa: SLF001
    "{": Scanner._fetch_flow_start,  # noqa: SLF001
    "]": Scanner._fetch_flow_end,  # noqa: SLF001
    "}": Scanner._fetch_flow_end,  # noqa: SLF001
    ",": Scanner._fetch_comma,  # noqa: SLF001
    "*": Scanner._fetch_anchor,  # noqa: SLF001
    "&": Scanner._fetch_anchor,  # noqa: SLF001
    "!": Scanner._fetch_tag,  # noqa: SLF001
    "'": Scanner._fetch_quoted,  # noqa: SLF001
    '"': Scanner._fetch_quoted,  # noqa: SLF001
}
