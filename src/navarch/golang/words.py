"""Words in text, as the Go packages xstrings and goutils find them: for snakecase and its like, swapcase, wrap."""

from __future__ import annotations

from navarch.golang.runes import (
    REPLACEMENT,
    SPACE,
    category,
    from_bytes,
    lower_rune,
    title_rune,
    to_bytes,
    upper_rune,
    valid,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lower_words", "pascal_case", "swap_case", "wrap_words"]

NOTHING, NUMBER, UPPER, LETTERS, CONNECTOR, PUNCTUATION, OTHER = range(7)
"""The kinds of words. UPPER is a capital with what belongs to it: "First", or "HTTP" out of "HTTPServer"."""

_HAN = (("\u3400", "\u4d85"), ("\u4e00", "\u9fcc"), ("\U00020000", "\U0002b81d"))


def _is_connector(char: str) -> bool:
    return char in "-_" or char in SPACE


def _is_upper(char: str) -> bool:
    return "A" <= char <= "Z" if char < "\x80" else category(char) == "Lu"


def _is_letter(char: str) -> bool:
    """Letters save for the Chinese characters."""
    if char < "\x80":
        return char.isalpha()
    return category(char)[0] == "L" and not any(first <= char <= last for first, last in _HAN)


def _is_small(char: str) -> bool:
    return _is_letter(char) and not _is_upper(char)


def _is_number(char: str) -> bool:
    return category(char)[0] == "N"


def _is_punctuation(char: str) -> bool:
    return category(char)[0] == "P"


def _is_other(char: str) -> bool:
    return not (_is_connector(char) or _is_letter(char) or _is_number(char) or _is_punctuation(char))


_TESTS: tuple[tuple[int, Callable[[str], bool]], ...] = (
    (CONNECTOR, _is_connector),
    (PUNCTUATION, _is_punctuation),
    (UPPER, _is_upper),
    (LETTERS, _is_letter),
    (NUMBER, _is_number),
)
_CONTINUES: dict[int, Callable[[str], bool]] = {
    CONNECTOR: _is_connector,
    PUNCTUATION: _is_punctuation,
    LETTERS: _is_small,
    NUMBER: _is_number,
    OTHER: _is_other,
}


class _Words:
    """A walk over the words of a text, and what has been written of them."""

    __slots__ = ("at", "connector", "kind", "out", "text", "word")

    def __init__(self, text: str, connector: str) -> None:
        self.text = text
        self.connector = connector
        self.at = 0
        self.out: list[str] = []
        self.advance()

    def more(self) -> bool:
        """Whether there is text behind the current word."""
        return self.at < len(self.text)

    def advance(self) -> None:
        """Go to the next word; at the end to one that is NOTHING."""
        start = self.at
        if start >= len(self.text):
            self.kind, self.word = NOTHING, ""
            return
        char, self.at = self._next(start, REPLACEMENT)
        if char == REPLACEMENT:
            self.kind = NOTHING
        else:
            self.kind = next((kind for kind, test in _TESTS if test(char)), OTHER)
            if self.kind == UPPER:
                self._after_capital(char)
            else:
                self._run(_CONTINUES[self.kind], char)
        self.word = self.text[start : self.at]

    def _next(self, at: int, before: str) -> tuple[str, int]:
        """The next character that is valid UTF-8, or the one before where there is none, and the position after it."""
        while at < len(self.text):
            char = self.text[at]
            at += 1
            if char != REPLACEMENT and not "\ud800" <= char <= "\udfff":
                return char, at
        return before, at

    def _run(self, test: Callable[[str], bool], char: str) -> tuple[str, int]:
        """Extend the word as long as characters pass; the first that doesn't, and the length of the last that did."""
        length = 0
        while self.more():
            char, after = self._next(self.at, char)
            if not test(char):
                break
            length, self.at = after - self.at, after
        return char, length

    def _after_capital(self, char: str) -> None:
        if not self.more():
            return
        following, after = self._next(self.at, char)
        if _is_upper(following):
            following, length = self._run(_is_upper, char)
            if self.more() and _is_letter(following):
                self.at -= length  # the last capital begins the next word
        elif _is_letter(following):
            self.at = after
            self._run(_is_small, following)

    def write(self, kind: int, word: str) -> None:
        if kind in (UPPER, CONNECTOR):
            word = "".join([self.connector if _is_connector(c) else _lowered(c) for c in valid(word)])
        self.out.append(word)

    def write_letters_and_numbers(self) -> None:
        while self.kind in (LETTERS, NUMBER):
            self.write(self.kind, self.word)
            self.advance()

    def connect(self, *unless: int) -> None:
        if self.kind not in unless:
            self.out.append(self.connector)


def _lowered(char: str) -> str:
    return lower_rune(char) if _is_upper(char) else char


def lower_words(text: str, connector: str) -> str:
    """Words in lower case with a connector between them: "HTTPServer2x" is "http_server_2x"."""
    if not text:
        return ""
    words = _Words(text, connector)
    while words.more():
        kind, word = words.kind, words.word
        if kind != CONNECTOR:
            words.write(kind, word)
        words.advance()
        if kind == NUMBER:
            words.write_letters_and_numbers()
            words.connect(NOTHING, PUNCTUATION, CONNECTOR)
        elif kind == CONNECTOR:
            words.write(kind, word)
        elif kind != PUNCTUATION:
            _after_letters(words)
    words.write(words.kind, words.word)
    return "".join(words.out)


def _after_letters(words: _Words) -> None:
    """What stands between letters and the word after them; a number before no letters belongs to the letters."""
    if words.kind != NUMBER:
        words.connect(CONNECTOR, PUNCTUATION)
    elif words.more():
        number = words.word
        words.advance()
        if words.kind != LETTERS:
            words.write(NUMBER, number)
            words.connect(CONNECTOR, PUNCTUATION)
        else:
            words.out.append(words.connector)
            words.write(NUMBER, number)
            words.write_letters_and_numbers()
            words.connect(NOTHING, CONNECTOR, PUNCTUATION)


def pascal_case(text: str) -> str:
    """Words joined, each with a capital: "http_server" is "HttpServer". Of several connectors all but one stay."""
    text = valid(text)
    start = next((at for at, c in enumerate(text) if not _is_connector(c)), len(text))
    out = [text[:start]]
    if start == len(text):
        return text + text[-1:]  # the last connector is written twice
    capital = _is_upper(text[start])
    current = upper_rune(text[start])
    for char in text[start + 1 :]:
        before, current = current, char
        if _is_connector(before):
            if _is_connector(char):
                out.append(before)
            else:
                capital = _is_upper(char)
                current = upper_rune(char)
            continue
        if capital:
            capital = _is_upper(char)
            current = lower_rune(char) if capital else char
        out.append(before)
    return "".join([*out, current])


def swap_case(text: str) -> str:
    """Small letters up (the first of a word to title case), the others down."""
    if text.isascii():
        return text.swapcase()
    out: list[str] = []
    after_space = True
    for char in valid(text):
        kind = category(char)
        if kind in ("Lu", "Lt"):
            out.append(lower_rune(char))
        elif kind == "Ll":
            out.append(title_rune(char) if after_space else upper_rune(char))
        else:
            out.append(char)
        after_space = kind not in ("Lu", "Lt", "Ll") and char in SPACE
    return "".join(out)


def wrap_words(text: str, width: int, newline: str, *, break_words: bool) -> str:
    """Text broken at blanks into lines of at most `width` bytes; longer words are broken too, or stay whole."""
    data, width, at = to_bytes(text), max(width, 1), 0
    lines: list[bytes] = []
    while len(data) - at > width:
        if data[at] == 0x20:
            at += 1
            continue
        blank = data.rfind(b" ", at, at + width + 1)
        if blank < 0 and break_words:
            lines.append(data[at : at + width])
            at += width
            continue
        if blank < 0:
            blank = data.find(b" ", at + width)
            if blank < 0:
                break
        lines.append(data[at:blank])
        at = blank + 1
    return from_bytes(to_bytes(newline).join([*lines, data[at:]]))
