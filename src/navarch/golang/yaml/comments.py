"""Comments of YAML texts, and what they belong to, as goyaml v3 decides it.

A comment belongs to what it stands behind, or to what follows it; or, where an empty line or less indentation comes
after it, to what stands above.

Source: yaml_parser_scan_comments in go.yaml.in/yaml/v3's scannerc.go.
"""

from __future__ import annotations

from navarch.golang.yaml.scan import Scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.golang.yaml.reader import Source

__all__ = ["Comment", "CommentScanner"]


class Comment:
    """A comment of one or more lines that stands before the token with a number.

    `place` is line (behind what comes before), head (above what follows), foot (below what comes before), outer foot
    (below what stands at its column or left of it) or last (at the end of the document).
    """

    __slots__ = ("column", "number", "place", "text")

    def __init__(self, place: str, number: int, column: int, text: str) -> None:
        self.place = place
        self.number = number
        self.column = column
        self.text = text


class CommentScanner(Scanner):
    """Tokens, and the comments between them. Tokens that begin block collections have their column as value."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.comments: list[Comment] = []

    def _roll(self, column: int, number: int, kind: str, line: int) -> None:
        before = self.indent
        super()._roll(column, number, kind, line)
        if self.indent != before:
            at = len(self.tokens) - 1 if number < 0 else self.head + number - self.taken
            self.tokens[at] = (kind, line, column)

    def _to_next_token(self) -> None:
        start = self.position
        while start and self.text[start - 1] in " \t\n":  # a plain scalar's scanner looks further than its end
            start -= 1
        super()._to_next_token()
        between = self.text[start : self.position]
        if "#" in between:
            self._keep(between, start)

    def _keep(self, between: str, start: int) -> None:
        """Sort the comments between two tokens by what they belong to (yaml_parser_scan_comments)."""
        number = self.taken + len(self.tokens) - self.head
        lines = between.split("\n")
        behind = start > 0
        if behind and lines[0].strip():
            after_dash = self.tokens[-1][0] == "-" if self.tokens else False
            self.comments.append(Comment("head" if after_dash else "line", number, 0, lines[0].lstrip(" \t")))
        rest = lines[1:] if behind else lines
        ends = self.text[self.position] == "\0"
        column = self.position - self.bol
        groups = _Groups(max(self.indent, 0), number, after_value=bool(self.tokens) and self.tokens[-1][0] == ":")
        for at, line in enumerate(rest[:-1] if not ends else rest):
            groups.add(line, first=at == 0 and number > 1)
        self.comments += groups.finish(column, ends=ends)


class _Groups:
    """Lines of comments, as they come, become heads and feet. `indent` is that of the block that they stand in."""

    def __init__(self, indent: int, number: int, *, after_value: bool) -> None:
        self.indent = indent
        self.number = number
        self.after_value = after_value
        self.found: list[Comment] = []
        self.lines: list[str] = []
        self.column = 0
        self.is_near = False
        self.empties = False

    def add(self, line: str, *, first: bool) -> None:
        """Take one line: a comment, or an empty one."""
        text = line.lstrip(" \t")
        if not text:
            self._empty()
            return
        column = len(line) - len(line.lstrip(" \t"))
        if self.lines and column < self.indent and column != self.column:
            self._end("foot")
        if not self.lines:
            self.column = column
            self.is_near = first
        self.lines.append(text)

    def _empty(self) -> None:
        """The first empty line below a comment parts it from what follows."""
        if self.lines and self.lines[-1]:
            if self.column < self.indent and not self.empties:
                self._end("outer foot")
            elif self.is_near and not self.after_value and not self.empties:
                self._end("foot")
            else:
                self.lines.append("")
        self.empties = True

    def _end(self, place: str) -> None:
        text = "\n".join(self.lines)
        self.found.append(Comment(place, self.number, self.column, text if place == "head" else text.rstrip("\n")))
        self.lines = []

    def finish(self, column: int, *, ends: bool) -> list[Comment]:
        """What was found, now that the next token is at `column`, or the text is over."""
        if self.lines and ends:
            if not self.empties and (self.column < self.indent or (self.is_near and not self.after_value)):
                self._end("outer foot" if self.column < self.indent else "foot")
            else:
                self._end("last")
        elif self.lines and column < self.indent and column != self.column:
            self._end("foot")
        elif self.lines:
            self._end("head")
        return self.found
