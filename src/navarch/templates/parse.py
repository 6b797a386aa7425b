"""The second step from a template's text: from tokens to nodes, by the grammar of Go's text/template.

`parse(name, text, functions)` gives a `Source`: the file's own body and those of its definitions. The work is split in
two so that it is done once per distinct action: `_read` parses the text of one action (charts repeat most of theirs, so
this is memoised), and `_Builder` puts the actions of a file in place, checks variables and finds the ends of blocks.
"""

from __future__ import annotations

from math import inf

from navarch.errors import NavarchError, TemplateError
from navarch.golang.recursion import call_deep
from navarch.templates.lex import ACTION, SPACES, shown, tokens
from navarch.templates.nodes import (
    Action,
    Bool,
    Branch,
    Break,
    Chain,
    Command,
    Continue,
    Dot,
    Expression,
    Field,
    Identifier,
    If,
    Nil,
    Number,
    Pipe,
    Range,
    Statement,
    String,
    Template,
    Text,
    Variable,
    With,
    is_empty,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from navarch.templates.lex import Token

__all__ = ["Body", "Source", "parse"]

MAX_DEPTH = 10000  # text/template's limit of parentheses in parentheses
_MEMO_LIMIT = 20000


class Body:
    """What a name stands for: statements, and where they were written."""

    __slots__ = ("empty", "items", "name", "source")

    def __init__(self, name: str, items: list[Statement]) -> None:
        self.source: Source | None = None
        self.name = name
        self.items = items
        self.empty = is_empty(items)


class Source:
    """A parsed template file. `bodies[0]` is the file itself, the others are its definitions, in order."""

    __slots__ = ("bodies", "name", "text")

    def __init__(self, name: str, text: str, bodies: list[Body]) -> None:
        self.name = name
        self.text = text
        self.bodies = bodies
        for body in bodies:
            body.source = self


def parse(name: str, text: str, functions: Container[str]) -> Source:
    """Parse a template file.

    `functions` holds the names that may be called. Raises TemplateError with Go's message,
    `template: NAME:LINE: what is wrong`.
    """
    try:
        bodies: list[Body] = call_deep(lambda: _Builder(name, text, functions).bodies())
    except RecursionError:
        raise TemplateError(f"template: {name}: max expression depth exceeded", template=name) from None
    return Source(name, text, bodies)


class _Fault(Exception):
    """A syntax error in one action: Go's message, the line in the action, whether Go names the action's start."""

    def __init__(self, message: str, line: int, lexical: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.lexical = lexical


class _Parsed:
    """One action's text, parsed. `variables` tells what is declared ("=") and used ("$", functions "f"), and where."""

    __slots__ = ("end", "fault", "keyword", "name", "pipe", "pos", "variables")

    def __init__(self) -> None:
        self.keyword = ""
        self.pipe: Pipe | None = None
        self.name = ""
        self.pos = 0
        self.end = 0  # where its last token stands
        self.variables: list[tuple[str, str, int]] = []
        self.fault: _Fault | None = None


_memo: dict[tuple[str, bool], _Parsed] = {}


def _read(text: str, closed: bool) -> _Parsed:
    """Parse the text of one action, once. Which functions exist is checked by the builder."""
    parsed = _memo.get((text, closed))
    if parsed is None:
        parsed = _Reader(text, closed).read()
        if len(_memo) >= _MEMO_LIMIT:
            _memo.clear()
        _memo[text, closed] = parsed
    return parsed


class _Reader:
    """Recursive descent over the tokens of one action."""

    def __init__(self, text: str, closed: bool) -> None:
        self.text = text
        self.tokens = tokens(text, closed)
        self.last = len(self.tokens) - 1  # comes again and again: the end, or the lexer's error
        self.at = 0
        self.latest = self.tokens[0]
        self.depth = 0
        self.parsed = _Parsed()
        self.parsed.end = self.tokens[-1][2]

    def read(self) -> _Parsed:
        try:
            self.action()
        except _Fault as fault:
            self.parsed.fault = fault
        return self.parsed

    # the stream of tokens

    def next(self) -> Token:
        token = self.latest = self.tokens[self.at]
        if self.at < self.last:
            self.at += 1
        return token

    def peek(self) -> Token:
        return self.tokens[self.at]

    def line(self, token: Token) -> int:
        return self.text.count("\n", 0, token[2])

    def fault(self, message: str, token: Token | None = None) -> _Fault:
        """A fault at a token, or at the one that was read last."""
        return _Fault(message, self.line(token or self.latest))

    def unexpected(self, token: Token, context: str) -> _Fault:
        if token[0] == "error":
            return _Fault(token[1], self.line(token), lexical=True)
        return self.fault(f"unexpected {shown(token[0], token[1])} in {context}", token)

    def close(self, context: str) -> None:
        token = self.next()
        if token[0] != "close":
            raise self.unexpected(token, context)

    # the grammar

    def action(self) -> None:
        """action: keyword … | pipeline"""
        parsed = self.parsed
        kind, text, pos, _ = self.peek()
        parsed.pos = pos
        if kind != "keyword":
            parsed.pipe = self.pipeline("command", "close")
            return
        self.next()
        parsed.keyword = text
        if text in ("if", "with", "range"):
            parsed.pipe = self.pipeline(text, "close")
        elif text == "else":
            self.else_()
        elif text in ("define", "template", "block"):
            self.named(text)
        else:
            self.close("{{" + text + "}}" if text != "end" else "end")

    def else_(self) -> None:
        """else: "else" | "else" ("if" | "with") pipeline"""
        kind, text, _, _ = self.peek()
        if kind == "keyword" and text in ("if", "with"):
            self.next()
            self.parsed.keyword = f"else {text}"
            self.parsed.pipe = self.pipeline(text, "close")
        else:
            self.close("else")

    def named(self, keyword: str) -> None:
        """define: "define" string; template: "template" string pipeline?; block: "block" string pipeline"""
        context = f"{keyword} clause"
        token = self.next()
        if token[0] not in ("string", "raw"):
            raise self.unexpected(token, context)
        self.parsed.name = self.unquote(token)
        self.parsed.pos = token[2]
        if keyword == "define":
            self.close(context)
        elif keyword == "block" or self.peek()[0] != "close":
            self.parsed.pipe = self.pipeline(context, "close")

    def pipeline(self, context: str, end: str) -> Pipe:
        """pipeline: declarations? command ("|" command)*"""
        kind, _, pos, _ = self.peek()
        variables, assigns = self.declarations(context) if kind == "variable" else ([], False)
        commands: list[Command] = []
        while True:
            token = self.peek()
            if token[0] == end:
                self.next()
                break
            if token[0] not in _OPERANDS:
                raise self.unexpected(self.next(), context)
            commands.append(self.command())
        if not commands:
            raise self.fault(f"missing value for {context}")
        if len(commands) > 1:
            for i, command in enumerate(commands[1:], 2):
                if isinstance(command.args[0], (Bool, Dot, Nil, Number, String)):
                    raise self.fault(f"non executable command in pipeline stage {i}")
        return Pipe(pos, variables, assigns, commands)

    def declarations(self, context: str) -> tuple[list[Variable], bool]:
        """declarations: variable (":=" | "=") | variable "," variable ":="  (the latter only in range)"""
        found: list[Variable] = []
        while self.peek()[0] == "variable":
            start = self.at
            token = self.next()
            kind, text, _, _ = self.peek()
            if kind in ("assign", "declare"):
                self.next()
                self.declare(found, token)
                return found, kind == "assign"
            if kind != "other" or text != ",":
                self.at = start
                break
            self.next()
            self.declare(found, token)
            if context != "range" or len(found) > 1:
                raise self.fault(f"too many declarations in {context}")
            if self.peek()[0] not in ("variable", "close", "right"):
                raise self.fault("range can only initialize variables")
        return found, False

    def declare(self, found: list[Variable], token: Token) -> None:
        found.append(Variable(token[2], token[1], []))
        self.parsed.variables.append(("=", token[1], token[2]))

    def command(self) -> Command:
        """command: operand (space operand)*, up to a "|" (which is taken) or the end of the pipeline"""
        args: list[Expression] = []
        pos = self.peek()[2]
        while True:
            kind = self.peek()[0]
            if kind in _OPERANDS:
                args.append(self.operand())
                token = self.peek()
                if token[0] in _OPERANDS and token[3]:
                    continue
            token = self.peek()
            if token[0] == "pipe":
                self.next()
            elif token[0] not in ("close", "right"):
                raise self.unexpected(self.next(), "operand")
            break
        if not args:
            raise self.fault("empty command")
        return Command(pos, args)

    def operand(self) -> Expression:
        """operand: term field*"""
        node = self.term()
        kind, _, pos, spaced = self.peek()
        if kind != "field" or spaced:
            return node
        names: list[str] = []
        while self.peek()[0] == "field" and not self.peek()[3]:
            names.append(self.next()[1][1:])
        if isinstance(node, Field):
            return Field(pos, node.names + names)
        if isinstance(node, Variable):
            return Variable(pos, node.name, names)
        if isinstance(node, (Bool, String, Number, Nil, Dot)):
            from navarch.golang.strconv import quote

            raise self.fault(f"unexpected . after term {quote(str(node))}")
        return Chain(pos, node, names)

    def term(self) -> Expression:
        """term: literal | function | "." | field | variable | "(" pipeline ")"."""
        token = self.next()
        kind, text, pos, _ = token
        if kind == "field":
            return Field(pos, [text[1:]])
        if kind == "identifier":
            self.parsed.variables.append(("f", text, pos))
            return Identifier(pos, text)
        if kind == "variable":
            self.parsed.variables.append(("$", text, pos))
            return Variable(pos, text, [])
        if kind in ("string", "raw"):
            return String(pos, text, self.unquote(token))
        if kind == "dot":
            return Dot(pos)
        if kind == "left":
            return self.parenthesized()
        if kind == "bool":
            return Bool(pos, text == "true")
        if kind == "nil":
            return Nil(pos)
        return self.number(token)

    def parenthesized(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault("max expression depth exceeded")
        node = self.pipeline("parenthesized pipeline", "right")
        self.depth -= 1
        return node

    def unquote(self, token: Token) -> str:
        kind, text, _, _ = token
        if kind == "raw":
            return text[1:-1].replace("\r", "")
        if "\\" not in text:
            return text[1:-1]
        from navarch.golang.strconv import unquote

        try:
            return unquote(text)
        except NavarchError as error:
            raise self.fault(str(error)) from None

    def number(self, token: Token) -> Number:
        """A numeric constant, by the rules of Go's ideal constants."""
        kind, text, pos, _ = token
        if kind == "char":
            char = self.unquote(token)
            if len(char) != 1:
                raise self.fault(f"malformed character constant: {text}" if char else "invalid syntax")
            code = ord(char)
            return Number(pos, text, code, float(code), is_float=False)
        if kind == "complex" or text.endswith("i"):
            return Number(pos, text, None, None, is_float=False, imaginary=self.complex(text))
        integer = _integer(text)
        hexadecimal = text[:2].lower() == "0x" and "p" not in text.lower()
        looks_real = not hexadecimal and any(c in text for c in ".eEpP")
        if integer is not None:
            return Number(pos, text, integer, float(integer), is_float=False)
        real = _real(text)
        if real is None:
            raise self.fault(f'illegal number syntax: "{text}"')
        if not looks_real:
            raise self.fault(f'integer overflow: "{text}"')
        whole = int(real) if real == real // 1 and abs(real) < 2**63 else None
        return Number(pos, text, whole, real, is_float=True)

    def complex(self, text: str) -> complex:
        try:
            return complex(text.replace("i", "j").replace("_", ""))
        except ValueError:
            raise self.fault(f'illegal number syntax: "{text}"') from None


_OPERANDS = frozenset(
    ("bool", "char", "complex", "dot", "field", "identifier", "number", "nil", "raw", "string", "variable", "left"),
)


def _integer(text: str) -> int | None:
    """strconv.ParseInt(text, 0, 64), or ParseUint's answer beyond it; None where neither takes it."""
    digits = text.lstrip("+-")
    try:
        octal = len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567_"
        value = int(text, 8 if octal else 0)
    except ValueError:
        return None
    return value if -(2**63) <= value < 2**64 and not (value >= 2**63 and text[0] in "+-") else None


def _real(text: str) -> float | None:
    try:
        value = float.fromhex(text) if "x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < inf else None


class _Builder:
    """Puts the actions of one file in place."""

    def __init__(self, name: str, text: str, functions: Container[str]) -> None:
        self.name = name
        self.text = text
        self.functions = functions
        self.items: list[Statement] = []
        self.defined: list[Body] = []
        self.variables = ["$"]
        # open blocks: (keyword, statement or name, items outside, variables outside or how many to keep)
        self.stack: list[tuple[str, Branch | str, list[Statement], list[str] | int]] = []

    def error(self, message: str, pos: int) -> TemplateError:
        line = self.text.count("\n", 0, pos) + 1
        return TemplateError(f"template: {self.name}:{line}: {message}", template=self.name, line=line)

    def bodies(self) -> list[Body]:
        text, pos, trim = self.text, 0, False
        while True:
            start = text.find("{{", pos)
            piece = text[pos:] if start < 0 else text[pos:start]
            if trim:
                whole = len(piece)
                piece = piece.lstrip(SPACES)
                pos += whole - len(piece)
            if start < 0:
                if piece:
                    self.items.append(Text(pos, piece))
                break
            inner = start + 2
            if text[inner : inner + 1] == "-" and text[inner + 1 : inner + 2] in _SPACE:
                piece = piece.rstrip(SPACES)
                inner += 2
            if piece:
                self.items.append(Text(pos, piece))
            pos, trim = self.comment(inner) if text.startswith("/*", inner) else self.action(start, inner)
        if self.stack:
            raise self.error("unexpected EOF", len(text))
        main = Body(self.name, self.items)
        self.check_name(main, len(text))
        return [main, *self.defined]

    def check_name(self, body: Body, pos: int) -> None:
        """Refuse a second definition of a name in one file, unless one of the two is empty."""
        if not body.empty and any(known.name == body.name and not known.empty for known in self.defined):
            from navarch.golang.strconv import quote

            raise self.error(f"template: multiple definition of template {quote(body.name)}", pos)

    def comment(self, inner: int) -> tuple[int, bool]:
        end = self.text.find("*/", inner + 2)
        if end < 0:
            raise self.error("unclosed comment", inner)
        end += 2
        if self.text.startswith("}}", end):
            return end + 2, False
        if self.text[end : end + 1] in _SPACE and self.text.startswith("-}}", end + 1):
            return end + 4, True
        raise self.error("comment ends before closing delimiter", inner)

    def action(self, start: int, inner: int) -> tuple[int, bool]:
        """Take the action whose text starts at `inner`; where text goes on, and whether blanks are trimmed there."""
        match = ACTION.match(self.text, inner)
        if match is None:
            self.place(_read(self.text[inner:], closed=False), start, inner)
            raise self.error("unclosed action", len(self.text))
        end = match.end()
        close = end - 2
        trim = close - 2 >= inner and self.text[close - 1] == "-" and self.text[close - 2] in _SPACE
        body = self.text[inner : close - 1 if trim else close]
        self.place(_read(body, closed=True), start, inner)
        return end, trim

    def place(self, parsed: _Parsed, start: int, base: int) -> None:
        if parsed.variables:
            self.check_variables(parsed, base)
        if parsed.fault is not None:
            fault = parsed.fault
            if parsed.keyword in ("define", "else if", "else with"):  # of which Go doesn't tell where they started
                fault = _Fault(fault.message, fault.line)
            raise self.syntax_error(fault, start, base)
        keyword = parsed.keyword
        if not keyword:
            if parsed.pipe is not None:
                self.items.append(Action(base, parsed.pipe))
        else:
            _PLACE[keyword](self, parsed, base)

    def syntax_error(self, fault: _Fault, start: int, base: int) -> TemplateError:
        line = self.text.count("\n", 0, base) + fault.line + 1
        message = fault.message
        began = self.text.count("\n", 0, start) + 1
        if fault.lexical and began != line:
            joint = "" if message.endswith(" action") else " in action"
            message += f"{joint} started at {self.name}:{began}"
        return TemplateError(f"template: {self.name}:{line}: {message}", template=self.name, line=line)

    def check_variables(self, parsed: _Parsed, base: int) -> None:
        """Refuse what is not defined, in the order in which Go meets it."""
        for what, name, pos in parsed.variables:
            if what == "=":
                self.variables.append(name)
            elif name not in (self.functions if what == "f" else self.variables):
                fault = f'function "{name}" not defined' if what == "f" else f'undefined variable "{name}"'
                raise self.error(fault, base + pos)

    # a method for each keyword

    def branch(self, parsed: _Parsed, base: int) -> None:
        statement = _BRANCHES[parsed.keyword](base, _pipe(parsed))
        self.items.append(statement)
        # the pipeline's own variables end with the block
        declared = sum(1 for what, _, _ in parsed.variables if what == "=")
        self.stack.append((parsed.keyword, statement, self.items, len(self.variables) - declared))
        self.items = statement.body

    def else_(self, parsed: _Parsed, base: int) -> None:
        last = base + parsed.end
        keyword, statement, outside, count = self.open("{{else}}", last)
        if isinstance(statement, str):
            raise self.error("unexpected {{else}} in " + keyword + " clause", last)
        if statement.orelse is not None:
            raise self.error("expected end; found {{else}}", last)
        chained = parsed.keyword[5:]
        statement.orelse = self.items = []
        if not chained:
            self.stack[-1] = (keyword, statement, outside, count)
            return
        if chained != keyword.removeprefix("else "):
            raise self.error(f"unexpected <{chained}> in input", base)
        inner = _BRANCHES[chained](base, _pipe(parsed))
        self.items.append(inner)
        self.stack.append((f"else {chained}", inner, outside, count))
        self.items = inner.body

    def open(self, found: str, pos: int) -> tuple[str, Branch | str, list[Statement], list[str] | int]:
        if not self.stack:
            raise self.error(f"unexpected {found}", pos)
        return self.stack[-1]

    def end(self, parsed: _Parsed, base: int) -> None:
        keyword, statement, outside, variables = self.open("{{end}}", base + parsed.end)
        self.stack.pop()
        if isinstance(statement, str):
            body = Body(statement, self.items)
            self.check_name(body, base + parsed.end)
            self.defined.append(body)
        while keyword.startswith("else "):  # the blocks of an else-if chain end together
            keyword, _, outside, variables = self.stack.pop()
        if isinstance(variables, int):
            del self.variables[variables:]
        else:
            self.variables = variables
        self.items = outside

    def define(self, parsed: _Parsed, base: int) -> None:
        if self.stack:
            raise self.error("unexpected <define> in command", base)
        self.stack.append(("define", parsed.name, self.items, self.variables))
        self.items, self.variables = [], ["$"]

    def block(self, parsed: _Parsed, base: int) -> None:
        self.template(parsed, base)
        self.stack.append(("block", parsed.name, self.items, self.variables))
        self.items, self.variables = [], ["$"]

    def template(self, parsed: _Parsed, base: int) -> None:
        from navarch.golang.strconv import quote

        self.items.append(Template(base, parsed.pos, parsed.name, quote(parsed.name), parsed.pipe))

    def jump(self, parsed: _Parsed, base: int) -> None:
        for keyword, statement, _, _ in reversed(self.stack):
            if isinstance(statement, str):
                break
            if keyword == "range" and statement.orelse is None:
                self.items.append((Break if parsed.keyword == "break" else Continue)(base, parsed.pos))
                return
        raise self.error("{{" + parsed.keyword + "}} outside {{range}}", base + parsed.end)


def _pipe(parsed: _Parsed) -> Pipe:
    assert parsed.pipe is not None  # the reader refuses these keywords without one
    return parsed.pipe


_SPACE = frozenset(SPACES)
_BRANCHES: dict[str, type[Branch]] = {"if": If, "with": With, "range": Range}
_PLACE = {
    "if": _Builder.branch,
    "with": _Builder.branch,
    "range": _Builder.branch,
    "else": _Builder.else_,
    "else if": _Builder.else_,
    "else with": _Builder.else_,
    "end": _Builder.end,
    "define": _Builder.define,
    "block": _Builder.block,
    "template": _Builder.template,
    "break": _Builder.jump,
    "continue": _Builder.jump,
}
