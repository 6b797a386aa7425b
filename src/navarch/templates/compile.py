"""The third step: a template body becomes the source of one Python function, `def t(R, d, o)`.

`R` is the render under way (navarch.templates.runtime), `d` the data (Go's dot), `o` the list of pieces of output.
Generated code uses nothing but the names below; `navarch.templates.runtime.namespace` holds them:

    g1 g2 g3 g4 gn     field paths: g2(x, 'a', 'b') is x.a.b; the h… twins start from an element of a range, where nil
                       is an error; gf takes any path, methods included
    m                  a method or field with arguments
    P                  the text of a printed value
    cs cb ci cl cf ct  Go's argument checks: string, bool, int, int64, float64, any other type
    rng rng2           what a range walks: elements, or pairs of index and element
    fv                 one verb of printf
    lv                 what len is given where there may be no value
    bad                raises an error that is known beforehand
    f_NAME, c_NAME     template functions, and those of the caller
    i_N                Go's int constants

The same body gives the same source, byte for byte, so that positions need not be kept: `marks` makes the source again
and tells which template node stands behind which columns of it.
"""

from __future__ import annotations

from navarch.errors import TemplateError
from navarch.templates.functions import GO_TYPES, SIGNATURES
from navarch.templates.nodes import (
    Action,
    Bool,
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
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from types import CodeType
    from typing import Any

    from navarch.templates.parse import Body

__all__ = ["METHODS", "Mark", "compile_body", "generate", "marks", "origins"]

# Functions that need the render itself; generated code calls them as methods of R.
STATEFUL = frozenset(("fail", "getHostByName", "include", "lookup", "required", "tpl"))

# Names that may be methods of what templates get to see. A path with one of them takes the general way.
METHODS = frozenset(
    "AsConfig AsMap AsSecrets Encode Get GetBytes Glob Has Lines PathValue String Table YAML".split(),
)

_NOT_NILABLE = frozenset(
    ("string", "bool", "int", "int64", "float64", "uint32", "time.Duration", "time.Time", "sprig.certificate"),
)
_CHECKS = {"string": "cs", "bool": "cb", "int": "ci", "int64": "cl", "float64": "cf"}
_MAX_LOOPS = 18  # CPython nests 20 blocks at most, and 100 indents
_MAX_INDENT = 90
_VERBS = {"%s": "string", "%v": "string", "%d": ""}


class Mark:
    """Where in the generated source a template node works.

    `line`, `start` and `end` are the source's line (from 1) and columns; `node` and `base` the template's; `call` the
    function that is called there, or "{{template}}" for a template action; `args` a method's arguments.
    """

    __slots__ = ("args", "base", "call", "end", "line", "node", "start")

    def __init__(self, node: Expression | Statement, base: int, call: str, args: Sequence[Expression] = ()) -> None:
        self.args = args
        self.node = node
        self.base = base
        self.call = call
        self.line = self.start = self.end = 0


class _TooDeep(Exception):
    """Blocks in blocks beyond what Python can nest; tells where in the template."""

    def __init__(self, base: int) -> None:
        super().__init__(base)
        self.base = base


class _RootAssigned(Exception):
    """A body assigns to `$`."""


class _Value:
    """Python code for a template value. `type` is Go's where known, else "any".

    `nilable` tells an interface that may hold nil (Go refuses it where it forgives a missing value).
    """

    __slots__ = ("code", "nilable", "type")

    def __init__(self, code: str, type_: str = "any", nilable: bool = False) -> None:
        self.code = code
        self.type = type_
        self.nilable = nilable


def generate(body: Body, custom: Collection[str] = ()) -> str:
    """The Python source of a body. `custom` names functions of the caller, which hide the built-in ones."""
    return _Compiler(custom).source(body)


def compile_body(body: Body, custom: Collection[str] = ()) -> CodeType:
    """The code object of a body's function.

    Raises TemplateError for blocks or expressions that are nested beyond what Python takes (18 ranges, 90 blocks).
    """
    source = body.source
    assert source is not None  # only bodies of a parsed file are compiled
    try:
        module = compile(generate(body, custom), "<template>", "exec", dont_inherit=True)
    except _TooDeep as fault:
        line = source.text.count("\n", 0, fault.base) + 1
        message = f"template: {source.name}:{line}: blocks are nested too deeply"
        raise TemplateError(message, template=source.name, line=line) from None
    except (SyntaxError, RecursionError, MemoryError):
        message = f"template: {source.name}: the actions of {body.name!a} are nested too deeply"
        raise TemplateError(message, template=source.name) from None
    return next(c for c in module.co_consts if isinstance(c, type(module)))


def origins(body: Body, custom: Collection[str] = ()) -> dict[int, Statement]:
    """The statement behind each line of the generated source."""
    compiler = _Compiler(custom)
    compiler.source(body)
    return compiler.origins


def marks(body: Body, custom: Collection[str] = ()) -> list[Mark]:
    """What stands where in the source that `generate` makes of a body."""
    compiler = _Compiler(custom, marking=True)
    found: list[Mark] = []
    for number, line in enumerate(compiler.source(body).split("\n"), 1):
        column = 0
        open_: list[Mark] = []
        for piece in line.replace("\x02", "\x01").split("\x01"):
            if piece.startswith("\x03"):  # a number: the mark begins; nothing: the last one ends
                if len(piece) > 1:
                    mark = compiler.marks[int(piece[1:])]
                    mark.line, mark.start = number, column
                    open_.append(mark)
                else:
                    mark = open_.pop()
                    mark.end = column
                    found.append(mark)
            else:
                column += len(piece)
    return found


class _Compiler:
    """Visits a body's statements. Expressions come back as code, statements are written as lines."""

    def __init__(self, custom: Collection[str], *, root: str = "d", marking: bool = False) -> None:
        self.custom = custom
        self.root = root
        self.lines: list[str] = []
        self.indent = 1
        self.loops = 0
        self.pending: list[tuple[str, Statement]] = []
        self.origins: dict[int, Statement] = {}
        self.count = 0
        self.dot = "d"
        self.dot_nilable = False
        self.scope: dict[str, tuple[str, bool]] = {"$": (root, False)}
        self.base = 0
        self.at: Expression | Statement = Dot(0)
        self.statement: Statement = Text(0, "")
        self.marking = marking
        self.marks: list[Mark] = []

    def source(self, body: Body) -> str:
        try:
            return self.attempt(body)
        except _RootAssigned:  # then `$` needs a name of its own, lest assignments change dot
            self.__init__(self.custom, root="v0", marking=self.marking)  # type: ignore[misc]
            return self.attempt(body)

    def attempt(self, body: Body) -> str:
        self.lines = ["def t(R, d, o):", " w = o.append", " x = o.extend"]
        if self.root != "d":
            self.lines.append(f" {self.root} = d")
        self.body(body.items)
        return "\n".join(self.lines) + "\n"

    # lines

    def line(self, text: str) -> None:
        self.flush()
        self.lines.append(" " * self.indent + text)
        self.origins[len(self.lines)] = self.statement

    def write(self, code: str, node: Statement) -> None:
        """Output a text; runs of them become one statement."""
        self.pending.append((code, node))

    def flush(self) -> None:
        items = self.pending
        if not items:
            return
        self.pending = []
        for line, (_, node) in enumerate(items, len(self.lines) + (1 if len(items) == 1 else 2)):
            self.origins[line] = node
        if len(items) == 1:
            self.lines.append(" " * self.indent + f"w({items[0][0]})")
        else:
            self.lines.append(" " * self.indent + "x((")
            self.lines.extend(f"{code}," for code, _ in items)
            self.lines[-1] += "))"

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def mark(self, code: str, node: Expression | Statement, call: str = "", args: Sequence[Expression] = ()) -> str:
        """Code that may fail; when marking, with what tells its place."""
        if not self.marking:
            return code
        self.marks.append(Mark(node, self.base, call, args))
        return f"\x01\x03{len(self.marks) - 1}\x02{code}\x01\x03\x02"

    def bad(self, message: str, node: Expression | Statement) -> str:
        return self.mark(f"bad({message!a})", node)

    # statements

    def body(self, items: Sequence[Statement]) -> None:
        for item in items:
            self.base = item.base
            self.at = self.statement = item
            _STATEMENTS[type(item)](self, item)
        self.flush()

    def block(self, items: Sequence[Statement]) -> None:
        """A body one step further in, with a scope of its own."""
        self.flush()
        if self.indent > _MAX_INDENT or self.loops > _MAX_LOOPS:
            raise _TooDeep(self.base)
        scope, dot, nilable = self.scope, self.dot, self.dot_nilable
        self.scope = dict(scope)
        self.indent += 1
        before = len(self.lines)
        self.body(items)
        if len(self.lines) == before:
            self.line("pass")
        self.indent -= 1
        self.scope, self.dot, self.dot_nilable = scope, dot, nilable

    def text(self, node: Text) -> None:
        self.write(ascii(node.text), node)

    def action(self, node: Action) -> None:
        pipe = node.pipe
        if pipe.variables:
            self.assign(pipe)
            return
        value = self.pipe(pipe)
        self.at = node
        if value.type == "string":
            self.write(value.code, node)
        else:
            self.write(f"(_ if type(_ := {value.code}) is str else {self.mark('P(_)', node)})", node)

    def assign(self, pipe: Pipe) -> str:
        """Set a pipeline's variables; the first one's Python name."""
        value = self.pipe(pipe)
        names = [self.target(pipe, variable) for variable in pipe.variables]
        self.line(" = ".join([*names, value.code]))
        return names[0]

    def target(self, pipe: Pipe, variable: Variable) -> str:
        """The Python name that a declaration makes or an assignment finds."""
        if not pipe.assigns:
            name = self.name("v")
            self.scope[variable.name] = (name, False)
            return name
        known = self.scope.get(variable.name)
        if known is None:
            self.line(self.bad(f"undefined variable: {variable.name}", self.at))
            return self.name("v")
        if known[0] == "d":
            raise _RootAssigned
        self.scope[variable.name] = (known[0], False)
        return known[0]

    def if_(self, node: If) -> None:
        scope = self.scope
        self.scope = dict(scope)
        keyword = "if"
        while True:
            self.line(f"{keyword} {self.condition(node.pipe)}:")
            self.block(node.body)
            orelse = node.orelse
            if orelse is None:
                break
            chained = orelse[0] if len(orelse) == 1 else None
            if not isinstance(chained, If) or chained.pipe.variables:
                self.line("else:")
                self.block(orelse)
                break
            node, keyword = chained, "elif"
            self.base = node.base
            self.at = self.statement = node
        self.scope = scope

    def condition(self, pipe: Pipe) -> str:
        return self.assign(pipe) if pipe.variables else self.pipe(pipe).code

    def with_(self, node: With) -> None:
        scope = self.scope
        self.scope = dict(scope)
        if node.pipe.variables:
            dot = self.assign(node.pipe)
        else:
            dot = self.name("d")
            self.line(f"{dot} = {self.pipe(node.pipe).code}")
        self.line(f"if {dot}:")
        outer, nilable = self.dot, self.dot_nilable
        self.dot, self.dot_nilable = dot, False
        self.block(node.body)
        self.dot, self.dot_nilable = outer, nilable
        if node.orelse is not None:
            self.line("else:")
            self.block(node.orelse)
        self.scope = scope

    def range_(self, node: Range) -> None:
        scope = self.scope
        self.scope = dict(scope)
        pipe = node.pipe
        value = self.pipe(pipe)
        walked = self.name("r")
        pairs = len(pipe.variables) > 1
        ranged = value.code
        if node.orelse is not None and pipe.variables:
            ranged = self.name("e")
            self.line(f"{ranged} = {value.code}")
        call = self.mark(f"{'rng2' if pairs else 'rng'}({ranged})", self.at)
        self.line(f"{walked} = {call}")
        element = self.name("d")
        targets = [self.loop_variable(pipe, variable) for variable in pipe.variables]
        self.line(f"for {f'{targets[0]}, {element}' if pairs else element} in {walked}:")
        outer, nilable = self.dot, self.dot_nilable
        self.dot, self.dot_nilable = element, True
        if targets:
            self.indent += 1
            self.line(f"{targets[-1]} = {element}")
            self.indent -= 1
        self.loops += 1
        self.block(node.body)
        self.loops -= 1
        self.dot, self.dot_nilable = outer, nilable
        if node.orelse is not None:
            self.line(f"if not {walked}:")
            if targets:  # which in the other branch hold what there was to walk
                self.indent += 1
                self.line(f"{' = '.join(targets)} = {ranged}")
                self.indent -= 1
            self.block(node.orelse)
        self.scope = scope

    def loop_variable(self, pipe: Pipe, variable: Variable) -> str:
        name = self.target(pipe, variable)
        self.scope[variable.name] = (name, True)
        return name

    def template(self, node: Template) -> None:
        data = self.pipe(node.pipe).code if node.pipe else "None"
        found = self.mark(f"R.template({node.name!a})", node)
        self.line(self.mark(f"{found}(R, {data}, o)", node, "{{template}}"))

    def break_(self, _node: Break) -> None:
        self.line("break")

    def continue_(self, _node: Continue) -> None:
        self.line("continue")

    # expressions

    def pipe(self, pipe: Pipe) -> _Value:
        self.at = pipe
        value: _Value | None = None
        for command in pipe.commands:
            value = self.command(command, value)
            value = _Value(value.code, value.type)  # Go digs into interfaces between the stages
        assert value is not None  # the parser refuses empty pipelines
        return value

    def nested(self, pipe: Pipe) -> _Value:
        """A pipeline in parentheses."""
        value = self.pipe(pipe)
        for variable in pipe.variables:
            value.code = f"({self.target(pipe, variable)} := {value.code})"
        return value

    def command(self, command: Command, final: _Value | None) -> _Value:
        first, args = command.args[0], command.args[1:]
        if isinstance(first, Identifier):
            return self.call(first, args, final, command)
        if isinstance(first, (Field, Chain)) or (isinstance(first, Variable) and first.names):
            return self.field(first, args, final)
        self.at = first if not isinstance(first, Pipe) else self.at
        if args or final is not None:
            return _Value(self.bad(f"can't give argument to non-function {first}", self.at))
        if isinstance(first, Nil):
            return _Value(self.bad("nil is not a command", first))
        return self.operand(first, "any")

    def operand(self, node: Expression, want: str) -> _Value:
        """A value where Go wants one of type `want`."""
        self.at = node
        if isinstance(node, Dot):
            value = _Value(self.dot, "any", self.dot_nilable)
        elif isinstance(node, (Field, Chain)) or (isinstance(node, Variable) and node.names):
            value = self.field(node, [], None)
        elif isinstance(node, Variable):
            value = self.variable(node)
        elif isinstance(node, Pipe):
            value = self.nested(node)
        elif isinstance(node, Identifier):
            value = self.call(node, [], None, node)
        else:
            return self.literal(node, want)
        return self.checked(value, want)

    def literal(self, node: Expression, want: str) -> _Value:
        """A constant, of the type that is wanted where Go's grammar allows."""
        if isinstance(node, Nil):
            if want not in _NOT_NILABLE:
                return _Value("None")
            return _Value(self.bad(f"cannot assign nil to {GO_TYPES.get(want, want)}", node))
        if want in ("any", "value"):
            return self.ideal(node)
        if want == "string":
            if isinstance(node, String):
                return _Value(ascii(node.value), "string")
            return _Value(self.bad(f"expected string; found {node}", node), want)
        if want == "bool":
            if isinstance(node, Bool):
                return _Value(str(node.value), "bool")
            return _Value(self.bad(f"expected bool; found {node}", node), want)
        if want in ("int", "int64", "uint32", "time.Duration"):
            if isinstance(node, Number) and node.integer is not None and node.integer < 2**63:
                return _Value(_int_name(node.integer) if want == "int" else f"({node.integer})", want)
            kind = "unsigned integer" if want == "uint32" else "integer"
            return _Value(self.bad(f"expected {kind}; found {node}", node), want)
        if want == "float64":
            if isinstance(node, Number) and node.real is not None:
                return _Value(f"({node.real!r})", want)
            return _Value(self.bad(f"expected float; found {node}", node), want)
        return _Value(self.bad(f"can't handle {node} for arg of type {GO_TYPES.get(want, want)}", node), want)

    def ideal(self, node: Expression) -> _Value:
        """A constant where nothing tells its type."""
        if isinstance(node, String):
            return _Value(ascii(node.value), "string")
        if isinstance(node, Bool):
            return _Value(str(node.value), "bool")
        assert isinstance(node, Number)
        if node.imaginary is not None:
            return _Value(f"complex({node.imaginary.real!r}, {node.imaginary.imag!r})", "complex128")
        if node.is_float:
            return _Value(f"({node.real!r})", "float64")
        if node.integer is not None and -(2**63) <= node.integer < 2**63:
            return _Value(_int_name(node.integer), "int")
        return _Value(self.bad(f"{node.text} overflows int", node), "int")

    def variable(self, node: Variable) -> _Value:
        known = self.scope.get(node.name)
        if known is None:
            return _Value(self.bad(f"undefined variable: {node.name}", node))
        return _Value(known[0], "any", known[1])

    def field(self, node: Expression, args: list[Expression], final: _Value | None) -> _Value:
        """A field path: from dot, from a variable, or from a value in parentheses."""
        self.at = node
        names: list[str]
        if isinstance(node, Field):
            root, names = _Value(self.dot, "any", self.dot_nilable), node.names
        elif isinstance(node, Variable):
            root, names = self.variable(node), node.names
        else:
            assert isinstance(node, Chain)
            names = node.names
            if isinstance(node.node, Nil):
                return _Value(self.bad(f"indirection through explicit nil in {node}", node))
            root = self.operand(node.node, "any")  # what fails from here on, Go places inside of the parentheses
        if args or final is not None:
            return self.method(node, root, names, args, final)
        letter = "h" if root.nilable else "g"
        if not METHODS.isdisjoint(names) or names[0].startswith("_"):
            code = f"gf({root.code}, {tuple(names)!a}, {root.nilable})"
        elif len(names) <= 4:
            code = f"{letter}{len(names)}({root.code}, {', '.join(map(ascii, names))})"
        else:
            code = f"{letter}n({root.code}, {tuple(names)!a})"
        return _Value(self.mark(code, self.at), "any", nilable=True)

    def method(
        self, node: Expression, root: _Value, names: list[str], args: list[Expression], final: _Value | None
    ) -> _Value:
        values = [self.operand(arg, "any").code for arg in args]
        if final is not None:
            values.append(final.code)
        literals = {i: str(arg) for i, arg in enumerate(args) if isinstance(arg, (Bool, Nil, Number, String))}
        given = "".join(v + ", " for v in values)
        code = f"m({root.code}, {tuple(names)!a}, {root.nilable}, ({given}), {literals!a})"
        return _Value(self.mark(code, node, names[-1], args))

    def checked(self, value: _Value, want: str) -> _Value:
        """Go's validateType: the value, or an error when it is not of the wanted type."""
        if want in ("any", "value") or value.type == want:
            return value
        check = _CHECKS.get(want)
        if check == "cs":
            fault = self.mark(f"cs(_, {value.nilable})", self.at)
            return _Value(f"(_ if type(_ := {value.code}) is str else {fault})", want)
        if check:
            return _Value(self.mark(f"{check}({value.code}, {value.nilable})", self.at), want)
        return _Value(self.mark(f"ct({value.code}, {GO_TYPES.get(want, want)!a}, {value.nilable})", self.at), want)

    # calls

    def call(self, name: Identifier, args: list[Expression], final: _Value | None, node: Expression) -> _Value:
        """A function call. `node` is what Go names when the function answers an error."""
        self.at = name
        if final is not None and not _simple(final.code) and ("bad(" in final.code or not all(map(_is_quiet, args))):
            # Go has the piped value before it looks at the other arguments
            piped = self.name("p")
            value = self.call(name, args, _Value(piped, final.type), node)
            return _Value(f"({piped} := {final.code}, {value.code})[1]", value.type)
        function = name.name
        if function in self.custom:
            values = self.arguments(args, final, ("any",), variadic=True)
            return _Value(self.mark(f"c_{function}({', '.join(v.code for v in values)})", node, function))
        _, parameters, result = SIGNATURES[function]
        types = tuple(parameters.split())
        variadic = bool(types) and types[-1].startswith("...")
        fault = _miscounted(function, types, variadic, len(args), final is not None)
        if fault:
            bad = self.bad(fault, name)
            return _Value(bad if final is None or _simple(final.code) else f"({final.code}, {bad})[1]", result)
        if variadic:
            types = (*types[:-1], types[-1][3:])
        if function in ("and", "or"):
            return self.short_circuit(function, args, final)
        values = self.arguments(args, final, types, variadic)
        misfit = next((v for v, a in zip(values, args, strict=False) if _is_quiet(a) and "bad(" in v.code), None)
        if misfit is not None and final is not None and not _simple(final.code):
            return _Value(f"({final.code}, {misfit.code})[1]", result)
        inline = _INLINE.get(function)
        if inline is not None:
            inlined = inline(self, values, args, node)
            if inlined is not None:
                return inlined
        return self.plain_call(function, values, args, node, result)

    def plain_call(
        self, function: str, values: list[_Value], args: list[Expression], node: Expression, result: str
    ) -> _Value:
        target = f"R.{function}" if function in STATEFUL else f"f_{function}"
        codes = [v.code for v in values]
        if function == "call":  # which tells the name of what it calls
            codes.insert(0, ascii(str(args[0])) if args else "''")
        return _Value(self.mark(f"{target}({', '.join(codes)})", node, function), result)

    def arguments(
        self, args: list[Expression], final: _Value | None, types: tuple[str, ...], variadic: bool
    ) -> list[_Value]:
        def wanted(i: int) -> str:
            return types[min(i, len(types) - 1)] if variadic else types[i]

        values = [self.operand(arg, wanted(i)) for i, arg in enumerate(args)]
        if final is not None:
            values.append(self.checked(final, wanted(len(args))))
        return values

    def short_circuit(self, function: str, args: list[Expression], final: _Value | None) -> _Value:
        """`and`, `or`: Python's own, since both languages agree on what is false and which operand is answered."""
        values = [self.operand(arg, "value") for arg in args]
        if final is None:
            types = {v.type for v in values}
            type_ = types.pop() if len(types) == 1 else "any"
            return _Value("(" + f" {function} ".join(v.code for v in values) + ")", type_, values[-1].nilable)
        if not values:
            return final
        return _Value("(" + f" {function} ".join([*(v.code for v in values), final.code]) + ")")

    # functions for which Python has an expression of its own

    def inline_not(self, values: list[_Value], _args: list[Expression], _node: Expression) -> _Value | None:
        return _Value(f"(not {values[0].code})", "bool")

    def inline_default(self, values: list[_Value], args: list[Expression], _node: Expression) -> _Value | None:
        """`x | default constant`: sprig's empty is Python's false."""
        if len(values) != 2 or not isinstance(args[0], (String, Bool, Number)):
            return None
        default, given = values
        type_ = default.type if default.type == given.type else "any"
        return _Value(f"({given.code} or {default.code})", type_)

    def inline_equal(self, values: list[_Value], args: list[Expression], node: Expression) -> _Value | None:
        return self.comparison("==", "eq", values, args, node)

    def inline_unequal(self, values: list[_Value], args: list[Expression], node: Expression) -> _Value | None:
        return self.comparison("!=", "ne", values, args, node)

    def comparison(
        self, operator: str, function: str, values: list[_Value], args: list[Expression], node: Expression
    ) -> _Value | None:
        """Comparison of something with a string constant."""
        if len(values) != 2 or len(args) != 2:
            return None
        value, constant = values if isinstance(args[1], String) else (values[1], values[0])
        if constant.type != "string" or not _is_constant(constant.code):
            return None
        if value.type == "string":
            return _Value(f"({value.code} {operator} {constant.code})", "bool")
        pair = f"_, {constant.code}" if value is values[0] else f"{constant.code}, _"
        general = self.mark(f"f_{function}({pair})", node, function)
        return _Value(
            f"(_ {operator} {constant.code} if type(_ := {value.code}) is str else {general})",
            "bool",
        )

    def inline_list(self, values: list[_Value], _args: list[Expression], _node: Expression) -> _Value | None:
        return _Value("[" + ", ".join(v.code for v in values) + "]", "[]any")

    def inline_dict(self, values: list[_Value], args: list[Expression], _node: Expression) -> _Value | None:
        if len(values) % 2 or len(args) != len(values) or not all(isinstance(a, String) for a in args[::2]):
            return None
        pairs = zip(values[::2], values[1::2], strict=True)
        return _Value("{" + ", ".join(f"{k.code}: {v.code}" for k, v in pairs) + "}", "map")

    def inline_printf(self, values: list[_Value], args: list[Expression], node: Expression) -> _Value | None:
        """A constant format with as many plain verbs as arguments becomes Python's own formatting of texts."""
        if len(args) != len(values) or not isinstance(args[0], String):
            return None
        text = args[0].value
        pieces = text.replace("%%", "\x00").split("%")
        verbs = ["%" + p[:1] for p in pieces[1:]]
        if len(verbs) != len(values) - 1 or not verbs or not all(v in _VERBS for v in verbs):
            return None
        codes: list[str] = []
        for verb, value in zip(verbs, values[1:], strict=True):
            general = self.mark(f"fv({verb!a}, _)", node, "printf")
            if value.type == "string" and _VERBS[verb]:
                codes.append(value.code)
            elif _VERBS[verb]:
                codes.append(f"(_ if type(_ := {value.code}) is str else {general})")
            else:
                codes.append(self.mark(f"fv({verb!a}, {value.code})", node, "printf"))
        format_ = "%s".join([pieces[0], *(p[1:] for p in pieces[1:])]).replace("\x00", "%%")
        return _Value(f"({format_!a} % ({', '.join(codes)},))", "string")

    def inline_to_string(self, values: list[_Value], _args: list[Expression], _node: Expression) -> _Value | None:
        return values[0] if values[0].type == "string" else None

    def inline_len(self, values: list[_Value], _args: list[Expression], node: Expression) -> _Value | None:
        """`len` words the lack of a value otherwise than a nil."""
        code = values[0].code if values[0].nilable else f"lv({values[0].code})"
        return _Value(self.mark(f"f_len({code})", node, "len"), "int")


def _is_quiet(node: Expression) -> bool:
    """Whether an argument is a constant, so that it doesn't matter when it is looked at."""
    return isinstance(node, (String, Number, Bool))


def _simple(code: str) -> bool:
    """Whether code is a name or a constant: nothing that can fail or change anything."""
    return code.isidentifier() or _is_constant(code)


def _is_constant(code: str) -> bool:
    return code[0] in "'\""  # what only begins with one stands in parentheses


def _int_name(value: int) -> str:
    """The global that holds Go's int: i_5, or i_m5 for -5."""
    return f"i_{value}" if value >= 0 else f"i_m{-value}"


def _miscounted(function: str, types: tuple[str, ...], variadic: bool, given: int, piped: bool) -> str:
    """Go's words for a wrong number of arguments, or ""."""
    total = given + piped
    if variadic:
        if total < len(types) - 1:
            return f"wrong number of args for {function}: want at least {len(types) - 1} got {given}"
        return ""
    return "" if total == len(types) else f"wrong number of args for {function}: want {len(types)} got {total}"


_STATEMENTS: dict[type[Statement], Callable[[_Compiler, Any], None]] = {
    Text: _Compiler.text,
    Action: _Compiler.action,
    If: _Compiler.if_,
    With: _Compiler.with_,
    Range: _Compiler.range_,
    Template: _Compiler.template,
    Break: _Compiler.break_,
    Continue: _Compiler.continue_,
}
_INLINE = {
    "not": _Compiler.inline_not,
    "empty": _Compiler.inline_not,
    "default": _Compiler.inline_default,
    "eq": _Compiler.inline_equal,
    "ne": _Compiler.inline_unequal,
    "list": _Compiler.inline_list,
    "tuple": _Compiler.inline_list,
    "dict": _Compiler.inline_dict,
    "printf": _Compiler.inline_printf,
    "toString": _Compiler.inline_to_string,
    "len": _Compiler.inline_len,
}
