"""Where each line of rendered text comes from: the template's file and line, and the includes that led there.

Rendering keeps no such record, so that it costs nothing. When it is asked for, the chart is rendered once more with the
same code and an output that looks, at each piece it is given, which line of generated code wrote it; the compiler knows
the statement behind that line. What `include` answers carries its lines' origins with it through the functions that
charts pipe it to (indent, trim, replace and their like); other functions leave their result to the line of the action
that called them.
"""

from __future__ import annotations

import sys

from navarch.golang.types import Values
from navarch.templates.compile import origins
from navarch.templates.functions import load
from navarch.templates.nodes import Text
from navarch.templates.runtime import NO_VALUE, Render, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, FrameType
    from typing import Any

    from navarch.templates.engine import Renderer, TemplateSet
    from navarch.templates.runtime import Body

__all__ = ["Origin", "trace_lines", "tracing_namespace"]

# Functions that leave lines what they are, and how many lines they put before them.
_LINEWISE = {"indent": 0, "nindent": 1, "trim": 0, "trimSuffix": 0, "trimPrefix": 0, "replace": 0, "toString": 0}


class Origin:
    """A line of a template: `template` is the file's name, `line` counts from 1.

    `stack` holds the (template, line) of the include, template and tpl calls on the way, outermost first. Text given to
    tpl has the name "gotpl".
    """

    __slots__ = ("line", "stack", "template")

    def __init__(self, template: str, line: int, stack: tuple[tuple[str, int], ...] = ()) -> None:
        self.template = template
        self.line = line
        self.stack = stack

    def __repr__(self) -> str:
        return f"Origin({self})"

    def __str__(self) -> str:
        way = "".join(f", called from {template}:{line}" for template, line in reversed(self.stack))
        return f"{self.template}:{self.line}{way}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class _Traced(str):
    """A text that knows the origins of its lines."""

    __slots__ = ("origins",)
    origins: list[Origin]

    def __new__(cls, text: str, lines: list[Origin]) -> _Traced:  # noqa: PYI034 - Self costs typing
        traced = super().__new__(cls, text)
        traced.origins = lines
        return traced


class _Output(list):  # type: ignore[type-arg]  # subscripting it would cost an import
    """The pieces of a body's output, each with the origins of its lines."""

    def __init__(self, render: _TracingRender) -> None:
        super().__init__()
        self.render = render
        self.lines: list[list[Origin]] = []

    def append(self, piece: str) -> None:
        frame = sys._getframe(1)  # noqa: SLF001
        self.add(piece, frame.f_code, frame.f_lineno)

    def extend(self, pieces: Any) -> None:
        frame = sys._getframe(1)  # noqa: SLF001
        for line, piece in enumerate(pieces, frame.f_lineno + 1):  # each has a line of its own
            self.add(piece, frame.f_code, line)

    def add(self, piece: str, code: CodeType, line: int) -> None:
        super().append(piece)
        known = getattr(piece, "origins", None)
        self.lines.append(known or self.render.written(piece, code, line))

    def traced(self) -> _Traced:
        """The whole text. A line belongs to the first piece that put more than blanks on it."""
        found: list[Origin] = []
        settled = False
        for piece, lines in zip(self, self.lines, strict=True):
            for i, part in enumerate(piece.split("\n")):
                origin = lines[min(i, len(lines) - 1)]
                blank = not part.strip()
                if i or not found:
                    found.append(origin)
                    settled = not blank
                elif not settled and not blank:
                    found[-1] = origin
                    settled = True
        return _Traced("".join(self), found)


class _TracingRender(Render):
    """A render that follows its own steps."""

    __slots__ = ("stack", "statements")

    def __init__(self, templates: TemplateSet, engine: Renderer) -> None:
        super().__init__(templates, engine)
        self.stack: list[tuple[str, int]] = []
        self.statements: dict[int, dict[int, tuple[str, int, bool]]] = {}

    def statement(self, code: CodeType, line: int) -> tuple[str, int, bool]:
        """The template's name and line behind a line of generated code, and whether it is plain text."""
        known = self.templates.place(code)
        if known is None:
            return "", 0, False
        source, body = known
        lines = self.statements.get(id(code))
        if lines is None:
            lines = self.statements[id(code)] = {
                at: (source.name, source.text.count("\n", 0, statement.base) + 1, isinstance(statement, Text))
                for at, statement in origins(body, self.templates.custom).items()
            }
        return lines.get(line, (source.name, 1, False))

    def written(self, piece: str, code: CodeType, line: int) -> list[Origin]:
        """The origins of the lines of a piece; those of a text go on with it, an action's are all where it stands."""
        name, first, moves = self.statement(code, line)
        stack = tuple(self.stack)
        return [Origin(name, first + (i if moves else 0), stack) for i in range(piece.count("\n") + 1)]

    def enter(self, frame: FrameType) -> None:
        name, line, _ = self.statement(frame.f_code, frame.f_lineno)
        self.stack.append((name, line))

    def run(self, body: Body, data: Any, frame: FrameType) -> _Traced:
        self.enter(frame)
        out = _Output(self)
        body(self, data, out)
        self.stack.pop()
        return out.traced()

    def include(self, name: str, data: Any) -> str:
        body = self.bodies.get(name) or self.templates.function(name)
        if body is None:
            return super().include(name, data)  # which raises
        return self.run(body, data, sys._getframe(1))  # noqa: SLF001

    def template(self, name: str) -> Body:
        body = super().template(name)
        frame = sys._getframe(1)  # noqa: SLF001

        def call(render: Any, data: Any, out: list[str]) -> None:
            self.enter(frame)
            body(render, data, out)
            self.stack.pop()

        return call

    def tpl(self, text: str, data: Any) -> str:
        if "{{" not in text:
            return super().tpl(text, data)
        body, defined = self.templates.inline(text)
        before = self.bodies
        self.bodies = self.within(defined).bodies if defined else before
        result = self.run(body, data, sys._getframe(1))  # noqa: SLF001
        self.bodies = before
        return _Traced(result.replace(NO_VALUE, ""), result.origins)


def tracing_namespace(strict: bool, custom: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """The globals of generated code, with line-keeping functions that hand origins on."""
    names = namespace(strict, custom)
    for name, before in _LINEWISE.items():
        names[f"f_{name}"] = _carrying(load(name), before)
    return names


def _carrying(function: Callable[..., str], before: int) -> Callable[..., str]:
    def call(*args: Any) -> str:
        result = function(*args)
        text = args[-1]
        if not isinstance(text, _Traced):
            return result
        lines = [text.origins[0]] * before + text.origins
        dropped = text[: len(text) - len(text.lstrip())].count("\n") if result.count("\n") + 1 < len(lines) else 0
        kept = lines[dropped:] if not result.startswith("\n") or before else lines
        return _Traced(result, kept or lines)

    return call


def trace_lines(
    templates: TemplateSet, renderer: Renderer, scopes: Mapping[str, tuple[dict[str, Any], str]]
) -> dict[str, list[Origin]]:
    """The origins of the lines of every file that a set renders to; `templates` was made with the tracing namespace."""
    found: dict[str, list[Origin]] = {}
    for name in templates.files:
        if name[name.rfind("/") + 1 :].startswith("_"):
            continue
        scope, base = scopes[name]
        scope["Template"] = Values({"Name": name, "BasePath": base})
        render = _TracingRender(templates, renderer)
        out = _Output(render)
        body = templates.function(name)
        assert body is not None  # a file's own name is always defined
        body(render, scope, out)
        found[name] = out.traced().origins
    return found
