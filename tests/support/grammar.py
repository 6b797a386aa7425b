"""Templates, values and YAML texts made by chance from a grammar; pools.toml holds what they are made of.

Chance comes from outside, a `random.Random`: one with a seed for long runs, Hypothesis' own for tests that shrink what
they find. Nothing here is random by itself: the same chance gives the same template, and templates call only functions
that answer the same every time.
"""

from __future__ import annotations

import json
import os
import tomllib
from typing import TYPE_CHECKING, Any

from navarch.templates.functions import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

__all__ = ["Grammar"]

# Answers depend on the clock, on chance, on the order of Go's maps or on the machine, or take long.
UNSTEADY = frozenset(
    """
    ago now randInt randAlphaNum randAlpha randAscii randNumeric randBytes shuffle uuidv4 genPrivateKey genCA
    genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey buildCustomCert bcrypt
    htpasswd encryptAES derivePassword getHostByName keys values tpl include lookup
    """.split()
)


def _tables() -> dict[str, Any]:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pools.toml"), "rb") as file:
        return tomllib.load(file)


_TABLES = _tables()
POOLS: dict[str, list[str]] = _TABLES["pools"]
WORDS: dict[str, list[str]] = _TABLES["words"]
PATHS: dict[str, list[str]] = _TABLES["paths"]
YAML: dict[str, list[str]] = _TABLES["yaml"]
HINTS: dict[str, list[str]] = {name: hint.split() for hint, names in _TABLES["hints"].items() for name in names}

_BY_RESULT: dict[str, list[str]] = {}
for _name, (_, _, _result_type) in SIGNATURES.items():
    if _name not in UNSTEADY:
        _BY_RESULT.setdefault(_result_type, []).append(_name)
_STEADY = sorted(set(SIGNATURES) - UNSTEADY)
_NUMERIC = ("int", "int64", "float64")
_LISTS = ("[]any", "[]string", "[]int", "[][]any")
_MAPS = ("map", "map[string]string")


class Grammar:
    """Makes texts; every method that takes `depth` goes at most that deep."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.variables: list[str] = []
        self.defined: list[str] = []
        self.loops = 0
        self.calm = False

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, items: Sequence[str]) -> str:
        return items[self.random.randrange(len(items))]

    # literals

    def quoted(self, text: str) -> str:
        """A Go string literal for a text."""
        if "`" not in text and "\r" not in text and self.chance(25):
            return f"`{text}`"
        return json.dumps(text, ensure_ascii=self.chance(10) and max(map(ord, text), default=0) < 0x10000)

    def literal(self, kind: str) -> str:
        if kind in ("number", *_NUMERIC):
            return self.pick(WORDS["small" if kind == "int" or self.chance(40) else "number"])
        if kind == "small":
            return self.pick(WORDS["small"])
        if kind == "bool":
            return self.pick(["true", "false"])
        if kind in POOLS:
            return self.quoted(self.pick(POOLS[kind]))
        return self.pick(["nil", "1", '""', '"x"', "true", "2.5", "list", "dict"])

    def path(self, kind: str) -> str:
        if kind in ("any", "value", "container", "span", "time") or kind not in PATHS or self.chance(8):
            kind = self.pick(list(PATHS))
        return self.pick(PATHS[kind])

    # expressions

    def argument(self, want: str, depth: int) -> str:
        """An operand: one that can stand among the arguments of a call."""
        if self.chance(4):
            want = self.pick(["string", "number", "list", "map", "bool", "any"])
        special = _SPECIAL.get(want)
        if special is not None:
            return special(self, depth)
        if want in POOLS and want != "string" and self.chance(85):
            return self.literal(want)
        roll = self.random.randrange(100)
        if depth > 0 and roll < 40:
            return f"({self.call(want, depth - 1)})"
        if depth > 0 and roll < 45:
            return f"({self.pipeline(want, depth - 1)})"
        if self.variables and roll < 55:
            return self.pick(self.variables) + (self.pick([".x", ".area", ".inner.left"]) if self.chance(10) else "")
        if roll < 58 and depth > 0:
            return f"({self.call('map', depth - 1)}).{self.pick(['x', 'area', 'inner.left', 'a'])}"
        if roll < 75:
            return self.path(_kind(want))
        return self.literal(_kind(want))

    def small(self, _depth: int) -> str:
        return (
            self.pick(WORDS["small"])
            if self.chance(90)
            else self.pick(["(len .Values.tags)", "(int .Values.zero)", ".Values.zero"])
        )

    def time(self, depth: int) -> str:
        """A moment: never what would stand for now."""
        roll = self.random.randrange(4)
        if roll == 0:
            return self.pick(
                ["0", "1700000000", "-1", "86399", "(int64 .Values.large)", "(int 951826506)", "253402300800"]
            )
        if roll == 1 and depth > 0:
            return f"(dateModify {self.literal('duration')} {self.time(depth - 1)})" if depth > 1 else self.time(0)
        return f"(toDate {self.literal('layout')} {self.literal('moment')})"

    def span(self, _depth: int) -> str:
        if self.chance(60):
            return self.literal("duration")
        return self.pick(
            [self.literal("number"), f"(mustToDuration {self.literal('duration')})", ".Values.span", ".Values.count"]
        )

    def list_(self, depth: int) -> str:
        roll = self.random.randrange(100)
        if roll < 35:
            return self.path("list")
        if roll < 70 or depth <= 0:
            items = " ".join(self.argument("any", 0) for _ in range(self.random.randrange(4)))
            return f"(list {items})" if items else "list"
        return f"({self.call('list', depth - 1)})"

    def map_(self, depth: int) -> str:
        roll = self.random.randrange(100)
        if roll < 40:
            return self.path("map")
        if roll < 75 or depth <= 0:
            return self.fresh(depth)
        return f"({self.call('map', depth - 1)})"

    def fresh(self, depth: int) -> str:
        """A map of its own, so that what changes it changes nothing else."""
        if self.chance(15):
            return f"(deepCopy {self.path('map')})"
        pairs = [
            f"{self.literal('key')} {self.argument('any', min(depth, 1) - 1)}" for _ in range(self.random.randrange(4))
        ]
        return f"(dict {' '.join(pairs)})" if pairs else "dict"

    def container(self, depth: int) -> str:
        return self.argument(self.pick(["list", "map", "string", "any"]), depth)

    def function(self, want: str) -> str:
        if want in ("any", "value") or self.chance(6):
            return self.pick(_STEADY)
        if want == "number":
            want = self.pick(list(_NUMERIC))
        names = _BY_RESULT.get(self.pick(list(_LISTS)) if want == "list" else want)
        return self.pick(names or _STEADY)

    def call(self, want: str, depth: int, piped: bool = False) -> str:
        """A function with arguments; `piped` leaves the last one to the pipeline."""
        if self.defined and self.chance(8):
            return f"include {self.quoted(self.pick(self.defined))}" + (
                "" if piped else f" {self.argument('any', depth)}"
            )
        if self.chance(2):
            return f"tpl {self.quoted(self.inner(depth))}" + ("" if piped else " $")
        name = self.function(_result(want))
        return " ".join([name, *self.arguments(name, depth, piped)])

    def arguments(self, name: str, depth: int, piped: bool) -> list[str]:
        hints = HINTS.get(name) or HINTS.get(name[4:5].lower() + name[5:], [])
        types = SIGNATURES[name][1].split()
        count = len(types)
        if types and types[-1].startswith("..."):
            count = max(count - 1 + self.random.randrange(3), min(len(hints), 4) if self.chance(70) else 0)
            if name == "dict":
                count += count % 2
        if self.chance(2):
            count += self.pick_int(-1, 1)
        count = max(count - piped, 0)
        found = []
        for i in range(count):
            type_ = types[min(i, len(types) - 1)].removeprefix("...") if types else "any"
            hint = hints[min(i, len(hints) - 1)] if hints and (i < len(hints) or hints[-1] != "small") else type_
            found.append(self.argument(_wanted(hint), depth))
        return found

    def pick_int(self, low: int, high: int) -> int:
        return self.random.randrange(low, high + 1)

    def pipeline(self, want: str, depth: int) -> str:
        """An operand or a call, and functions that it is handed through."""
        if self.chance(20):
            return self.call(want, depth)
        steps = self.random.randrange(3)
        first = self.call(want, depth) if self.chance(50) else self.argument(want, depth)
        return " | ".join([first, *(self.call(want, depth - 1, piped=True) for _ in range(steps))])

    # statements

    def action(self, inner: str) -> str:
        left = self.pick(["{{ ", "{{", "{{- ", "{{ ", "{{\n "])
        right = self.pick([" }}", "}}", " -}}", " }}", "\n}}"])
        return f"{left}{inner}{right}"

    def text(self) -> str:
        return self.pick(["", " ", "\n", "a", "x: ", "\n  - ", "  \n ", "é", "{", "}", "{ {", "| "])

    def variable(self, declare: bool) -> str:
        if declare or not self.variables:
            return f"$v{self.random.randrange(4)}"
        return self.pick(self.variables)

    def assignment(self, depth: int) -> str:
        declare = not self.variables or self.chance(60)
        name = self.variable(declare)
        inner = self.action(f"{name} {':=' if declare else '='} {self.pipeline('any', depth)}")
        if declare:
            self.variables.append(name)
        return inner

    def block(self, depth: int) -> str:
        """Statements with a scope of their own."""
        known = list(self.variables)
        text = self.statements(depth)
        self.variables = known
        return text

    def branch(self, depth: int) -> str:
        known = list(self.variables)
        keyword = self.pick(["if", "with", "if"])
        text = self.action(f"{keyword} {self.condition(depth)}") + self.block(depth - 1)
        while self.chance(20):
            text += self.action(f"else {keyword} {self.condition(depth)}") + self.block(depth - 1)
        if self.chance(40):
            text += self.action("else") + self.block(depth - 1)
        self.variables = known
        return text + self.action("end")

    def condition(self, depth: int) -> str:
        if self.chance(15):
            name = self.variable(declare=True)
            inner = f"{name} := {self.pipeline('any', depth)}"
            self.variables.append(name)
            return inner
        return self.pipeline(self.pick(["bool", "any", "map"]), depth)

    def range_(self, depth: int) -> str:
        known = list(self.variables)
        over = self.pick(  # never a number that was worked out: counting to it may take for ever
            [
                self.argument("list", depth),
                self.argument("map", depth),
                self.literal("small"),
                self.path("any"),
            ]
        )
        if self.chance(4):
            over = self.pipeline("list", depth)
        names = [f"$v{self.random.randrange(4)}" for _ in range(self.pick_int(0, 2))]
        declared = f"{', '.join(names)} := " if names else ""
        self.variables += names
        self.loops += 1
        body = self.block(depth - 1)
        self.loops -= 1
        text = self.action(f"range {declared}{over}") + body
        if self.chance(25):
            text += self.action("else") + self.block(depth - 1)
        self.variables = known
        return text + self.action("end")

    def jump(self) -> str:
        word = self.pick(["break", "continue"])
        if not self.loops and self.chance(95):
            return ""
        return self.action(f"if {self.argument('bool', 1)}") + self.action(word) + self.action("end")

    def define(self, depth: int) -> str:
        name = self.pick(["part", "piece", "c.labels", "my template"])
        known, loops, self.variables, self.loops = self.variables, self.loops, [], 0
        body = self.statements(depth - 1)
        self.variables, self.loops = known, loops
        self.defined.append(name)
        return self.action(f"define {self.quoted(name)}") + body + self.action("end")

    def use(self, depth: int) -> str:
        if not self.defined:
            return ""
        name = self.quoted(self.pick(self.defined))
        if self.chance(50):
            return self.action(
                f"template {name} {self.argument('any', depth)}" if self.chance(80) else f"template {name}"
            )
        return self.action(f"include {name} {self.argument('any', depth)}")

    def inner(self, depth: int) -> str:
        """A text for tpl."""
        known, loops, self.variables, self.loops = self.variables, self.loops, [], 0
        text = self.statements(min(depth, 1))
        self.variables, self.loops = known, loops
        return text

    def statements(self, depth: int) -> str:
        return "".join(self.statement(depth) for _ in range(self.pick_int(1, 3)))

    def statement(self, depth: int) -> str:
        roll = self.random.randrange(100)
        if roll < 12:
            return self.text()
        if roll < 24:
            return self.assignment(min(depth, 2))
        if depth > 0 and roll < 34:
            return self.branch(depth)
        if depth > 0 and roll < 44:
            return self.range_(depth)
        if roll < 48:
            return self.jump()
        if roll < 54:
            return self.use(depth)
        if roll < 56:
            return self.pick(["{{/* c */}}", "{{- /* c\n */ -}}", "{{- /* x */}}"])
        if roll < 58:
            return self.action(f"tpl {self.quoted(self.inner(depth))} {self.pick(['.', '$', '.Values'])}")
        return self.action(
            self.pipeline(self.pick(["string", "any", "string", "list", "map", "number"]), max(depth, 1))
        )

    def template(self, depth: int = 3) -> str:
        """A whole template file, usually one that parses."""
        self.variables, self.defined, self.loops = ["$"] if self.chance(30) else [], [], 0
        text = self.text()
        if self.chance(35):
            text += self.define(depth)
        return text + "".join(self.statement(depth) for _ in range(self.pick_int(1, 4)))

    def one_call(self) -> str:
        """A template that shows what one function answers."""
        self.variables, self.defined, self.loops = [], [], 0
        name = self.pick(_STEADY)
        call = " ".join([name, *self.arguments(name, 1, piped=False)])
        show = self.pick(
            ["", "", " | toJson", " | quote", " | kindOf", ' | printf "%T %v"', ' | printf "%#v"', " | toYaml"]
        )
        return f"{{{{ {call}{show} }}}}"

    def broken(self) -> str:
        """A template with a few characters changed."""
        text = self.template(2)
        for _ in range(self.pick_int(1, 3)):
            at = self.random.randrange(len(text) + 1)
            if self.chance(40):
                text = text[:at] + text[at + self.pick_int(1, 4) :]
            else:
                text = text[:at] + self.pick(WORDS["fault"]) + text[at:]
        return text

    # YAML

    def scalar(self) -> str:
        return self.pick(YAML["calm_scalar" if self.calm and self.chance(90) else "scalar"])

    def key(self) -> str:
        return self.pick(YAML["calm_key" if self.calm else "key"])

    def yaml(self, depth: int = 3, indent: int = 0) -> str:
        """A YAML text, usually one that can be read; it ends with a newline."""
        roll = self.random.randrange(100)
        pad = " " * indent
        if not indent:
            self.calm = self.chance(60)
            roll += 15 * self.calm
        if depth == 0 or roll < 15:
            return f"{pad}{self.flow(1, indent)}\n"
        make = self._entry if roll < (100 if self.calm and not indent else 65) else self._item
        return "".join(make(depth, indent, pad) + self.pick(YAML["gap"]) for _ in range(self.pick_int(1, 4)))

    def _entry(self, depth: int, indent: int, pad: str) -> str:
        key = self.key()
        roll = self.random.randrange(100)
        tail = self.pick(YAML["tail"])
        if roll < 50:
            return f"{pad}{key}: {self.flow(1, indent)}{tail}\n"
        if roll < 60:
            return f"{pad}{key}: {self.pick(YAML['block'])}{tail}\n{self._lines(indent)}"
        step = self.pick_int(1, 3)
        return f"{pad}{key}:{tail}\n{self.yaml(depth - 1, indent + step)}"

    def _item(self, depth: int, indent: int, pad: str) -> str:
        if self.chance(60):
            return f"{pad}- {self.flow(1, indent)}{self.pick(YAML['tail'])}\n"
        inner = self.yaml(depth - 1, indent + 2)
        return f"{pad}-{inner[indent + 1 :]}" if self.chance(60) else f"{pad}-\n{inner}"

    def _lines(self, indent: int) -> str:
        """The lines of a block scalar, or of a plain one that goes on."""
        pad = " " * (indent + 2)
        return "".join(pad + self.pick(YAML["line"]) + "\n" for _ in range(self.pick_int(1, 4)))

    def flow(self, depth: int, indent: int = 0) -> str:
        roll = self.random.randrange(100)
        if depth == 0 or roll < 76:
            return self.scalar()
        if roll < 80 and not (self.calm and self.chance(70)):
            quote = self.pick(["'", '"', ""])
            return quote + self.pick(["some", "a b", "x:"]) + "\n" + self._lines(indent).rstrip("\n") + quote
        between = self.pick([", ", ", ", ",", f",\n{' ' * (indent + 1)}", f" , # {{\n{' ' * (indent + 3)}"])
        if roll < 90:
            items = between.join(self.flow(depth - 1, indent) for _ in range(self.pick_int(0, 3)))
            return "[" + items + self.pick(["]", "]", ",]", " ]"])
        pairs = (f"{self.key()}: {self.flow(depth - 1, indent)}" for _ in range(self.pick_int(0, 3)))
        return "{" + between.join(pairs) + "}"

    def broken_yaml(self) -> str:
        text = self.yaml()
        for _ in range(self.pick_int(1, 2)):
            at = self.random.randrange(len(text) + 1)
            piece = self.pick(YAML["fault"])
            text = text[:at] + (piece if self.chance(60) else "") + text[at + self.random.randrange(2) :]
        return text


def _kind(want: str) -> str:
    """The name under which paths and literals know a type."""
    if want in _NUMERIC:
        return "number"
    if want in _LISTS:
        return "list"
    return "map" if want in _MAPS else want


def _wanted(hint: str) -> str:
    """What to ask for where a signature or a hint says this."""
    return {"[]any": "list", "map": "map", "value": "any", "time.Time": "time", "time.Duration": "span"}.get(hint, hint)


def _result(want: str) -> str:
    return (
        want
        if want in ("string", "bool", "number", "list", "map", "any", *_NUMERIC)
        else "string"
        if want in POOLS
        else "any"
    )


_SPECIAL = {
    "small": Grammar.small,
    "int": Grammar.small,
    "time": Grammar.time,
    "span": Grammar.span,
    "list": Grammar.list_,
    "map": Grammar.map_,
    "fresh": Grammar.fresh,
    "container": Grammar.container,
}
