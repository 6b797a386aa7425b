"""Values against a schema's nodes: what is wrong, in the order and with the words of santhosh-tekuri/jsonschema.

The complete check. `quick` answers most cases sooner; only what it can't vouch for comes here.
"""

from __future__ import annotations

from navarch.values.schema.compiler import Node, metaschema_node
from navarch.values.schema.document import compare, equals, is_multiple, is_whole, kind_of
from navarch.values.schema.formats import FORMATS
from navarch.values.schema.messages import (
    GROUP,
    REFERENCE,
    Finding,
    count,
    display,
    number,
    pointer,
    quoted,
    quoted_list,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from navarch.values.schema.compiler import Resource

__all__ = ["findings"]


def findings(
    node: Node, value: Any, *, dialects: Mapping[str, Resource] | None = None, meta: Node | None = None
) -> list[Finding] | None:
    """What is wrong with a value, or None.

    Where schemas themselves are checked, `meta` is the metaschema and `dialects` the resources of the schema's
    document: those are held to the metaschemas of their own drafts.
    """
    found = _Check(node, value, (), None, dialects=dialects or {}, meta=meta).run()
    if found is None:
        return None
    return found.causes if found.kind == GROUP else [found]


_SOMETHING = Finding((), "")
"""Stands for any finding where only whether there is one is asked."""


class _Check:
    """One schema against one value. `left` has the properties or items that no keyword has looked at yet.

    `parent` and `level` are for schemas that refer to each other in a ring: checks of the same value have one level.
    """

    __slots__ = ("dialects", "errors", "left", "level", "meta", "node", "parent", "path", "quiet", "value", "via")

    def __init__(
        self,
        node: Node,
        value: Any,
        path: tuple[str, ...],
        parent: _Check | None,
        *,
        dialects: Mapping[str, Resource],
        meta: Node | None,
        via: str = "",
        level: int = 0,
        quiet: bool = False,
        wanted: bool = False,
    ) -> None:
        if meta is not None and node is meta and parent is not None and pointer(path) in dialects:
            node = meta = metaschema_node(dialects[pointer(path)])
        self.dialects = dialects
        self.meta = meta
        self.node = node
        self.value = value
        self.path = path
        self.parent = parent
        self.via = via
        self.level = level
        self.quiet = quiet
        self.errors: list[Finding] = []
        self.left = _unlooked(node, value, wanted=wanted)

    def run(self) -> Finding | None:
        """The finding that sums up what is wrong, or None."""
        first = self.first()
        if first is not None or self.node.boolean is not None:
            return first
        words = self.node.keywords
        if "$ref" in words:
            found = self.refer(words["$ref"], "$ref")
            if self.node.draft < 2019:
                return found
            self.note(found)
        kind = kind_of(self.value)
        if kind == "object":
            self.object(self.value, words)
        elif kind == "array":
            self.array(self.value, words)
        elif kind == "string":
            self.string(self.value, words)
        elif kind == "number":
            self.number(self.value, words)
        if not (self.errors and self.quiet):
            if self.node.draft >= 2019:
                self.moving_references(words)
            self.conditions(words)
            if self.node.draft >= 2019:
                self.unevaluated(words)
        if len(self.errors) > 1:
            return Finding(self.path, "validation failed", self.errors, GROUP)
        return self.errors[0] if self.errors else None

    def first(self) -> Finding | None:
        """What makes all other keywords pointless."""
        words = self.node.keywords
        if self.node.boolean is not None:
            return None if self.node.boolean else self.finding("false schema")
        ring = self.ring()
        if ring is not None:
            target = self.node.location
            return self.finding(f'both {self.route()} and {ring.route()} resolve to "{target}" causing reference cycle')
        kind = kind_of(self.value)
        if not kind:
            return self.finding(f"invalid jsonType {type(self.value).__name__}")
        types = words.get("type")
        if types and kind not in types and not (kind == "number" and "integer" in types and is_whole(self.value)):
            return self.finding(f"got {kind}, want {' or '.join(types)}")
        if "const" in words and not equals(self.value, words["const"]):
            return self.finding(_const_message(words["const"]))
        if "enum" in words and not any(equals(self.value, item) for item in words["enum"]):
            return self.finding(_enum_message(words["enum"]))
        if "format" in words and kind == "string":
            problem = FORMATS[words["format"]](self.value)
            if problem:
                return self.finding(f"{display(self.value)} is not valid {words['format']}: {problem}")
        return None

    # findings

    def finding(self, message: str, causes: list[Finding] | None = None) -> Finding:
        return _SOMETHING if self.quiet else Finding(self.path, message, causes)

    def add(self, message: str, causes: list[Finding] | None = None) -> None:
        self.errors.append(self.finding(message, causes))

    def note(self, found: Finding | None) -> None:
        if found is not None:
            self.errors.append(found)

    # other schemas

    def same(self, node: Node, via: str = "", *, quiet: bool = False) -> Finding | None:
        """Another schema against the same value; what it has looked at counts as looked at here."""
        check = _Check(
            node,
            self.value,
            self.path,
            self,
            dialects=self.dialects,
            meta=self.meta,
            via=via,
            level=self.level,
            quiet=self.quiet or quiet,
            wanted=bool(self.left),
        )
        found = check.run()
        if found is None and self.left:
            self.left &= check.left
        return found

    def inner(self, node: Node, value: Any, key: str) -> Finding | None:
        """A schema against a part of the value."""
        return _Check(
            node,
            value,
            (*self.path, key),
            self,
            dialects=self.dialects,
            meta=self.meta,
            level=self.level + 1,
            quiet=self.quiet,
        ).run()

    def refer(self, node: Node, via: str) -> Finding | None:
        found = self.same(node, via)
        if found is None or self.quiet:
            return found
        causes = found.causes if found.kind == GROUP else [found]
        return Finding(self.path, "validation failed", causes, REFERENCE)

    def ring(self) -> _Check | None:
        """An outer check of the same value by the same schema."""
        check = self.parent
        while check is not None and check.level == self.level:
            if check.node is self.node:
                return check
            check = check.parent
        return None

    def route(self) -> str:
        """The keywords that led here."""
        check, route = self, ""
        while check.parent is not None:
            step = f"/{check.via}" if check.via else check.node.location.removeprefix(check.parent.node.location)
            route, check = step + route, check.parent
        return route

    def moving_references(self, words: dict[str, Any]) -> None:
        """$recursiveRef and $dynamicRef, whose targets hang on the way that was taken."""
        if "$recursiveRef" in words:
            node = words["$recursiveRef"]
            if "$recursiveAnchor" in node.keywords:
                for outer in self.outward():
                    if "$recursiveAnchor" in outer.node.top().keywords:
                        node = outer.node
            self.note(self.refer(node, "$recursiveRef"))
        if "$dynamicRef" in words:
            node, anchor = words["$dynamicRef"]
            if anchor and node.keywords.get("$dynamicAnchor") == anchor:
                for outer in self.outward():
                    top = outer.node.top()
                    top.compile()
                    node = top.dynamic_anchors.get(anchor, node)
            self.note(self.refer(node, "$dynamicRef"))

    def outward(self) -> Iterator[_Check]:
        check: _Check | None = self
        while check is not None:
            yield check
            check = check.parent

    # kinds of values

    def object(self, value: dict[str, Any], words: dict[str, Any]) -> None:
        if "minProperties" in words and len(value) < words["minProperties"]:
            self.add(f"minProperties: got {count(len(value))}, want {count(words['minProperties'])}")
        if "maxProperties" in words and len(value) > words["maxProperties"]:
            self.add(f"maxProperties: got {count(len(value))}, want {count(words['maxProperties'])}")
        missing = [name for name in words.get("required", ()) if name not in value]
        if missing:
            self.add(_missing_message(missing))
        if self.quiet and self.errors:
            return
        for name, wanted in sorted(words.get("dependencies", {}).items()):
            if name in value:
                if isinstance(wanted, Node):
                    self.note(self.same(wanted))
                else:
                    self.dependent(name, wanted, value)
        self.properties(value, words)
        if "propertyNames" in words:
            self.names(value, words["propertyNames"])
        for name, node in sorted(words.get("dependentSchemas", {}).items()):
            if name in value:
                self.note(self.same(node))
        for name, wanted in sorted(words.get("dependentRequired", {}).items()):
            if name in value:
                self.dependent(name, wanted, value)

    def dependent(self, name: str, wanted: list[str], value: dict[str, Any]) -> None:
        missing = [other for other in wanted if other not in value]
        if missing:
            self.add(f"properties {quoted_list(missing)} required, if {quoted(name)} exists")

    def properties(self, value: dict[str, Any], words: dict[str, Any]) -> None:
        """Go walks over properties in no order; here they are sorted."""
        listed = words.get("properties", {})
        patterns = words.get("patternProperties", ())
        additional = words.get("additionalProperties")
        extra = []
        for name in sorted(value):
            if self.quiet and self.errors:
                return
            looked = name in listed
            if looked:
                self.note(self.inner(listed[name], value[name], name))
            for matches, node in patterns:
                if matches(name):
                    looked = True
                    self.note(self.inner(node, value[name], name))
            if not looked and additional is not None:
                looked = True
                if additional is False:
                    extra.append(name)
                elif additional is not True:
                    self.note(self.inner(additional, value[name], name))
            if looked:
                self.left.discard(name)
        if extra:
            self.add(f"additional properties {quoted_list(extra)} not allowed")

    def names(self, value: dict[str, Any], node: Node) -> None:
        for name in sorted(value):
            problems = findings(node, name, dialects=self.dialects, meta=self.meta)
            if problems is not None:
                self.add(f"invalid propertyName {quoted(name)}", problems)

    def array(self, value: list[Any], words: dict[str, Any]) -> None:
        if "minItems" in words and len(value) < words["minItems"]:
            self.add(f"minItems: got {count(len(value))}, want {count(words['minItems'])}")
        if "maxItems" in words and len(value) > words["maxItems"]:
            self.add(f"maxItems: got {count(len(value))}, want {count(words['maxItems'])}")
        if "uniqueItems" in words:
            same = _duplicates(value)
            if same:
                self.add(f"items at {count(same[0])} and {count(same[1])} are equal")
        if self.node.draft < 2020:
            self.items(value, words)
        else:
            first = words.get("prefixItems", ())
            for index, (node, item) in enumerate(zip(first, value, strict=False)):
                self.note(self.inner(node, item, str(index)))
            if "items" in words:
                self.rest(words["items"], value, len(first))
        if "contains" in words:
            self.contains(value, words)

    def items(self, value: list[Any], words: dict[str, Any]) -> None:
        """`items` and `additionalItems` as they were before 2020-12."""
        items, done = words.get("items"), 0
        if isinstance(items, Node):
            self.rest(items, value, 0)
            done = len(value)
        elif items is not None:
            for index, (node, item) in enumerate(zip(items, value, strict=False)):
                self.note(self.inner(node, item, str(index)))
            done = min(len(items), len(value))
        additional = words.get("additionalItems")
        if additional is False and done != len(value):
            self.add(f"last {count(len(value) - done)} additionalItem(s) not allowed")
        elif isinstance(additional, Node):
            self.rest(additional, value, done)

    def rest(self, node: Node, value: list[Any], start: int) -> None:
        for index in range(start, len(value)):
            self.note(self.inner(node, value[index], str(index)))

    def contains(self, value: list[Any], words: dict[str, Any]) -> None:
        problems, matched = [], []
        for index, item in enumerate(value):
            found = self.inner(words["contains"], item, str(index))
            if found is not None:
                problems.append(found)
                continue
            matched.append(index)
            if self.node.draft >= 2020:
                self.left.discard(index)
        places = " ".join(map(str, matched))
        if "minContains" in words:
            wanted = words["minContains"]
            if len(matched) < wanted:
                got = f"matched {count(len(matched))} items at {places}" if matched else "none matched"
                self.add(f"min {count(wanted)} items required to match contains schema, but {got}", problems)
        elif not matched:
            self.add("no items match contains schema", problems)
        if "maxContains" in words and len(matched) > words["maxContains"]:
            wanted, got = count(words["maxContains"]), count(len(matched))
            self.add(f"max {wanted} items required to match contains schema, but matched {got} items at {places}")

    def string(self, value: str, words: dict[str, Any]) -> None:
        if "minLength" in words and len(value) < words["minLength"]:
            self.add(f"minLength: got {count(len(value))}, want {count(words['minLength'])}")
        if "maxLength" in words and len(value) > words["maxLength"]:
            self.add(f"maxLength: got {count(len(value))}, want {count(words['maxLength'])}")
        if "pattern" in words:
            matches, pattern = words["pattern"]
            if not matches(value):
                self.add(f"{quoted(value)} does not match pattern {quoted(pattern)}")

    def number(self, value: Any, words: dict[str, Any]) -> None:
        for name, refused in _LIMITS:
            if name in words and compare(value, words[name]) in refused:
                self.add(f"{name}: got {number(value)}, want {number(words[name])}")
        if "multipleOf" in words and not is_multiple(value, words["multipleOf"]):
            self.add(f"multipleOf: got {number(value)}, want {number(words['multipleOf'])}")

    # combinations

    def conditions(self, words: dict[str, Any]) -> None:
        if "not" in words and self.same(words["not"], quiet=True) is None:
            self.add("'not' failed")
        if words.get("allOf"):
            self.all_of(words["allOf"])
        if words.get("anyOf"):
            self.any_of(words["anyOf"])
        if words.get("oneOf"):
            self.one_of(words["oneOf"])
        if "if" in words:
            branch = "then" if self.same(words["if"], quiet=True) is None else "else"
            if branch in words:
                self.note(self.same(words[branch]))

    def all_of(self, nodes: list[Node]) -> None:
        problems = []
        for node in nodes:
            found = self.same(node)
            if found is not None:
                problems.append(found)
                if self.quiet:
                    break
        if problems:
            self.add("'allOf' failed", problems)

    def any_of(self, nodes: list[Node]) -> None:
        problems, matched = [], False
        for node in nodes:
            found = self.same(node)
            if found is not None:
                problems.append(found)
                continue
            matched = True
            if not self.left:
                break
        if not matched:
            self.add("'anyOf' failed", problems)

    def one_of(self, nodes: list[Node]) -> None:
        problems, matched = [], -1
        for index, node in enumerate(nodes):
            found = self.same(node, quiet=matched >= 0)
            if found is not None:
                problems.append(found)
            elif matched >= 0:
                self.add(f"'oneOf' failed, subschemas {count(matched)}, {count(index)} matched")
                return
            else:
                matched = index
        if matched < 0:
            self.add("'oneOf' failed, none matched", problems)

    def unevaluated(self, words: dict[str, Any]) -> None:
        for name, kind in (("unevaluatedProperties", dict), ("unevaluatedItems", list)):
            if name in words and isinstance(self.value, kind):
                for key in sorted(self.left):
                    self.note(self.inner(words[name], self.value[key], str(key)))
                self.left = set()


_LIMITS = (
    ("minimum", (-1,)),
    ("maximum", (1,)),
    ("exclusiveMinimum", (-1, 0)),
    ("exclusiveMaximum", (0, 1)),
)
"""Limits, and how a value that breaks one compares with it."""


def _unlooked(node: Node, value: Any, *, wanted: bool) -> set[Any]:
    """The properties or items that nothing has looked at, where someone will ask: the node itself or its caller."""
    if isinstance(value, dict):
        words = node.keywords
        if not node.all_properties and (wanted or "unevaluatedProperties" in words):
            return set(value)
    elif isinstance(value, list):
        words = node.keywords
        if not node.all_items and (wanted or "unevaluatedItems" in words):
            return set(range(node.items_done, len(value)))
    return set()


def _duplicates(items: list[Any]) -> tuple[int, int] | None:
    for later in range(1, len(items)):
        for earlier in range(later):
            if equals(items[later], items[earlier]):
                return earlier, later
    return None


def _missing_message(missing: list[str]) -> str:
    if len(missing) == 1:
        return f"missing property {quoted(missing[0])}"
    return f"missing properties {quoted_list(missing)}"


def _const_message(wanted: Any) -> str:
    return "'const' failed" if isinstance(wanted, (dict, list)) else f"value must be {display(wanted)}"


def _enum_message(wanted: list[Any]) -> str:
    if any(isinstance(item, (dict, list)) for item in wanted):
        return "'enum' failed"
    if len(wanted) == 1:
        return f"value must be {display(wanted[0])}"
    return f"value must be one of {', '.join(map(display, wanted))}"
