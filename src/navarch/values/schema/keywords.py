"""The keywords of one schema, compiled: what has the wrong type is as if it weren't there."""

from __future__ import annotations

from navarch.errors import NavarchError, ValuesError
from navarch.golang.strconv import quote
from navarch.values.schema import urls
from navarch.values.schema.document import decimal, is_number, is_whole
from navarch.values.schema.drafts import TYPES
from navarch.values.schema.formats import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.values.schema.compiler import Compiler, Node

__all__ = ["Keywords"]


class Keywords:
    """The keywords of one schema being compiled; what has the wrong type is as if it weren't there."""

    def __init__(self, compiler: Compiler, node: Node, schema: dict[str, Any]) -> None:
        self.compiler = compiler
        self.node = node
        self.schema = schema
        self.out: dict[str, Any] = {}

    def compile(self) -> dict[str, Any]:
        draft, knows = self.node.draft, self.node.resource.knows
        self.reference("$ref")
        if draft < 2019 and "$ref" in self.out:
            # nothing beside a reference counts, but const slips through
            self.constant(draft)
            return self.out
        if knows("applicator"):
            self.applicators(draft)
        if knows("validation"):
            self.validations(draft)
        if self.compiler.asserts_format(self.node):
            name = self.schema.get("format")
            if type(name) is str and name in FORMATS:
                self.out["format"] = name
        if draft >= 2019:
            self.reference("$recursiveRef")
            self.flag("$recursiveAnchor")
            if knows("applicator" if draft == 2019 else "unevaluated"):
                self.single("unevaluatedItems")
                self.single("unevaluatedProperties")
        if draft >= 2020:
            self.dynamic_reference()
        return self.out

    def applicators(self, draft: int) -> None:
        for name in ("allOf", "anyOf", "oneOf"):
            self.several(name)
        self.single("not")
        if draft >= 2020:
            self.several("prefixItems")
            self.single("items")
        elif type(self.schema.get("items")) is list:
            self.several("items")
            self.additional("additionalItems")
        else:
            self.single("items")
        self.by_name("properties")
        self.patterns()
        self.additional("additionalProperties")
        self.dependencies()
        if draft >= 6:
            self.single("contains")
            self.single("propertyNames")
        if draft >= 7:
            self.condition()
        if draft >= 2019:
            self.by_name("dependentSchemas")

    def validations(self, draft: int) -> None:
        self.types()
        if type(self.schema.get("enum")) is list:
            self.out["enum"] = self.schema["enum"]
        self.number("multipleOf")
        for name, strict in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
            self.number(name)
            self.number(strict)
            if self.schema.get(strict) is True and name in self.out:
                self.out[strict] = self.out.pop(name)
        for name in _SIZES:
            self.whole(name)
        self.pattern()
        self.flag("uniqueItems")
        self.required()
        self.constant(draft)
        if draft >= 2019:
            if "contains" in self.out:
                self.whole("minContains")
                self.whole("maxContains")
            listed = self.schema.get("dependentRequired")
            if type(listed) is dict:
                self.out["dependentRequired"] = {
                    name: _strings(names) for name, names in listed.items() if type(names) is list
                }

    def reference(self, name: str) -> None:
        reference = self.schema.get(name)
        if type(reference) is str:
            self.out[name] = self.compiler.refer(self.node, reference)

    def dynamic_reference(self) -> None:
        self.reference("$dynamicRef")
        if "$dynamicRef" in self.out:
            _, fragment = urls.split(self.schema["$dynamicRef"])
            self.out["$dynamicRef"] = self.out["$dynamicRef"], "" if fragment.startswith("/") else fragment
        anchor = self.schema.get("$dynamicAnchor")
        if type(anchor) is str:
            self.out["$dynamicAnchor"] = anchor

    def flag(self, name: str) -> None:
        if self.schema.get(name) is True:
            self.out[name] = True

    def single(self, name: str) -> None:
        if name in self.schema:
            self.out[name] = self.compiler.below(self.node, name)

    def several(self, name: str) -> None:
        listed = self.schema.get(name)
        if type(listed) is list:
            self.out[name] = [self.compiler.below(self.node, name, str(index)) for index in range(len(listed))]

    def by_name(self, name: str) -> None:
        listed = self.schema.get(name)
        if type(listed) is dict:
            self.out[name] = {key: self.compiler.below(self.node, name, key) for key in listed}

    def additional(self, name: str) -> None:
        if type(self.schema.get(name)) is bool:
            self.out[name] = self.schema[name]
        else:
            self.single(name)

    def patterns(self) -> None:
        listed = self.schema.get("patternProperties")
        if type(listed) is dict:
            self.out["patternProperties"] = [
                (
                    self.expression(pattern, "patternProperties"),
                    self.compiler.below(self.node, "patternProperties", pattern),
                )
                for pattern in listed
            ]

    def pattern(self) -> None:
        pattern = self.schema.get("pattern")
        if type(pattern) is str:
            self.out["pattern"] = self.expression(pattern, "pattern"), pattern

    def expression(self, pattern: str, keyword: str) -> Callable[[str], bool]:
        from navarch.golang.regexp import compile_regexp

        try:
            return compile_regexp(pattern).match
        except NavarchError as error:
            place = quote(f"{self.node.location}/{keyword}")
            raise ValuesError(f"invalid regex {quote(pattern)} at {place}: {error}") from error

    def dependencies(self) -> None:
        listed = self.schema.get("dependencies")
        if type(listed) is dict:
            self.out["dependencies"] = {
                name: _strings(inner) if type(inner) is list else self.compiler.below(self.node, "dependencies", name)
                for name, inner in listed.items()
            }

    def condition(self) -> None:
        if "if" not in self.schema:
            return
        self.single("if")
        if self.schema["if"] is not False:
            self.single("then")
        if self.schema["if"] is not True:
            self.single("else")

    def types(self) -> None:
        named = self.schema.get("type")
        names = [named] if type(named) is str else named if type(named) is list else []
        types = [name for name in TYPES if name in names]
        if types:
            self.out["type"] = types

    def constant(self, draft: int) -> None:
        if draft >= 6 and "const" in self.schema:
            self.out["const"] = self.schema["const"]

    def required(self) -> None:
        if type(self.schema.get("required")) is list:
            self.out["required"] = _strings(self.schema["required"])

    def number(self, name: str) -> None:
        value = self.schema.get(name)
        if is_number(value):
            self.out[name] = value

    def whole(self, name: str) -> None:
        value = self.schema.get(name)
        if is_number(value) and is_whole(value):
            digits, exponent = decimal(value)
            self.out[name] = int(digits * 10**exponent) if exponent >= 0 else digits // 10**-exponent


_SIZES = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


def _strings(items: list[Any]) -> list[str]:
    return [item for item in items if type(item) is str]
