"""The parts of a parsed template: what the parser makes, the compiler visits, and errors print.

Expressions live inside one action; their `pos` counts characters from the start of that action's text, so that two
actions with the same text share one parse. Statements carry `base`, where their action's text starts in the file.
`str(node)` is the form that Go's text/template prints in error messages.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Action",
    "Bool",
    "Break",
    "Chain",
    "Command",
    "Continue",
    "Dot",
    "Expression",
    "Field",
    "Identifier",
    "If",
    "Nil",
    "Number",
    "Pipe",
    "Range",
    "Statement",
    "String",
    "Template",
    "Text",
    "Variable",
    "With",
    "is_empty",
]


class Expression:
    """A part of a pipeline; `pos` is where Go says it stands."""

    __slots__ = ("pos",)

    def __init__(self, pos: int) -> None:
        self.pos = pos


class Dot(Expression):
    """`.`"""

    __slots__ = ()

    def __str__(self) -> str:
        return "."


class Nil(Expression):
    """`nil`"""

    __slots__ = ()

    def __str__(self) -> str:
        return "nil"


class Bool(Expression):
    """`true` or `false`"""

    __slots__ = ("value",)

    def __init__(self, pos: int, value: bool) -> None:
        self.pos = pos
        self.value = value

    def __str__(self) -> str:
        return "true" if self.value else "false"


class Number(Expression):
    """A number: `integer` and `real` are None where the text can't be read so; `is_float` by Go's ideal constants."""

    __slots__ = ("imaginary", "integer", "is_float", "real", "text")

    def __init__(
        self,
        pos: int,
        text: str,
        integer: int | None,
        real: float | None,
        *,
        is_float: bool,
        imaginary: complex | None = None,
    ) -> None:
        self.pos = pos
        self.text = text
        self.integer = integer
        self.real = real
        self.is_float = is_float
        self.imaginary = imaginary

    def __str__(self) -> str:
        return self.text


class String(Expression):
    """A string: `quoted` as written, `value` as meant."""

    __slots__ = ("quoted", "value")

    def __init__(self, pos: int, quoted: str, value: str) -> None:
        self.pos = pos
        self.quoted = quoted
        self.value = value

    def __str__(self) -> str:
        return self.quoted


class Identifier(Expression):
    """A function's name."""

    __slots__ = ("name",)

    def __init__(self, pos: int, name: str) -> None:
        self.pos = pos
        self.name = name

    def __str__(self) -> str:
        return self.name


class Field(Expression):
    """`.a.b`"""

    __slots__ = ("names",)

    def __init__(self, pos: int, names: list[str]) -> None:
        self.pos = pos
        self.names = names

    def __str__(self) -> str:
        return "." + ".".join(self.names)


class Variable(Expression):
    """`$x` or `$x.a.b`; `name` has its dollar."""

    __slots__ = ("name", "names")

    def __init__(self, pos: int, name: str, names: list[str]) -> None:
        self.pos = pos
        self.name = name
        self.names = names

    def __str__(self) -> str:
        return ".".join([self.name, *self.names])


class Chain(Expression):
    """`(pipeline).a.b`, or fields behind a function's name."""

    __slots__ = ("names", "node")

    def __init__(self, pos: int, node: Expression, names: list[str]) -> None:
        self.pos = pos
        self.node = node
        self.names = names

    def __str__(self) -> str:
        node = f"({self.node})" if isinstance(self.node, Pipe) else str(self.node)
        return ".".join([node, *self.names])


class Command(Expression):
    """Operands side by side: a call, or one value."""

    __slots__ = ("args",)

    def __init__(self, pos: int, args: list[Expression]) -> None:
        self.pos = pos
        self.args = args

    def __str__(self) -> str:
        return " ".join(f"({a})" if isinstance(a, Pipe) else str(a) for a in self.args)


class Pipe(Expression):
    """Commands joined by `|`, with the variables they declare (`:=`) or assign (`=`)."""

    __slots__ = ("assigns", "commands", "variables")

    def __init__(self, pos: int, variables: list[Variable], assigns: bool, commands: list[Command]) -> None:
        self.pos = pos
        self.variables = variables
        self.assigns = assigns
        self.commands = commands

    def __str__(self) -> str:
        text = " | ".join(map(str, self.commands))
        if not self.variables:
            return text
        return ", ".join(map(str, self.variables)) + (" = " if self.assigns else " := ") + text


class Statement:
    """One action of a template; `pos` counts from `base`."""

    __slots__ = ("base", "pos")

    def __init__(self, base: int, pos: int) -> None:
        self.base = base
        self.pos = pos


class Text(Statement):
    """What stands between actions, trimmed; `base` is where it starts in the file."""

    __slots__ = ("text",)

    def __init__(self, base: int, text: str) -> None:
        self.base = base
        self.pos = 0
        self.text = text

    def __str__(self) -> str:
        return self.text


class Action(Statement):
    """A pipeline whose value is printed, unless it sets variables."""

    __slots__ = ("pipe",)

    def __init__(self, base: int, pipe: Pipe) -> None:
        self.base = base
        self.pos = pipe.pos
        self.pipe = pipe

    def __str__(self) -> str:
        return "{{" + str(self.pipe) + "}}"


class Break(Statement):
    """`{{break}}`"""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{break}}"


class Continue(Statement):
    """`{{continue}}`"""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{continue}}"


class Branch(Statement):
    """What if, with and range share."""

    __slots__ = ("body", "orelse", "pipe")
    keyword = ""

    def __init__(self, base: int, pipe: Pipe) -> None:
        self.base = base
        self.pos = pipe.pos
        self.pipe = pipe
        self.body: list[Statement] = []
        self.orelse: list[Statement] | None = None

    def __str__(self) -> str:
        text = "{{" + f"{self.keyword} {self.pipe}" + "}}" + "".join(map(str, self.body))
        if self.orelse is not None:
            text += "{{else}}" + "".join(map(str, self.orelse))
        return text + "{{end}}"


class If(Branch):
    """`{{if}}`"""

    __slots__ = ()
    keyword = "if"


class With(Branch):
    """`{{with}}`"""

    __slots__ = ()
    keyword = "with"


class Range(Branch):
    """`{{range}}`"""

    __slots__ = ()
    keyword = "range"


class Template(Statement):
    """`{{template "name" pipeline}}`, and what a `{{block}}` leaves in its place."""

    __slots__ = ("name", "pipe", "quoted")

    def __init__(self, base: int, pos: int, name: str, quoted: str, pipe: Pipe | None) -> None:
        self.base = base
        self.pos = pos
        self.name = name
        self.quoted = quoted
        self.pipe = pipe

    def __str__(self) -> str:
        return "{{template " + self.quoted + (f" {self.pipe}" if self.pipe else "") + "}}"


def is_empty(body: Sequence[Statement]) -> bool:
    """Whether a body is nothing but blanks; such a definition never replaces another."""
    return all(isinstance(item, Text) and not item.text.strip() for item in body)
