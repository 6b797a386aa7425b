r"""YAML into the fields of Go structs, as goyaml v3 reads it, with its messages for what doesn't fit.

Types are named as Go prints them: "string", "bool", "int64", "uint32", "uint64", "interface {}", lists "[]X", maps
"map[string]X", and the names in a table `Types`: of structs, with the types of their fields, or of other types.

    types = {"main.Pet": {"name": "string", "ages": "[]int64"}}
    decode_struct(b"name: Rex\nages: [1, 2]", "main.Pet", types)     {"name": "Rex", "ages": [1, 2]}

Fields that a text doesn't set, or sets to null, are left out.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.recursion import call_deep
from navarch.golang.strconv import format_float, quote
from navarch.golang.yaml.compose import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, compose
from navarch.golang.yaml.decode import allowed_aliases
from navarch.golang.yaml.reader import open_source
from navarch.golang.yaml.resolve3 import MAP, MERGE, SEQ, scalar_value, tag_of
from navarch.golang.yaml.scan import SyntaxFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Types = Mapping[str, Mapping[str, str] | str]

__all__ = ["decode_node", "decode_struct", "parse"]

_INTEGERS = {"int64": (-(2**63), 2**63 - 1), "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1)}
_OLD_BOOLS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NOTHING = object()
"""What a value is that doesn't fit, or that leaves things as they are."""


def parse(data: bytes) -> Node:
    """The tree of the first document. Raises YamlError: what is no YAML, "EOF" where there is no document."""
    try:
        root = compose(open_source(data), ahead=2)
    except SyntaxFault as error:
        raise YamlError(error.later, line=error.line) from None
    if root is None:
        raise YamlError("EOF")
    return root


def decode_struct(data: bytes, go_type: str, types: Types, *, known_fields: bool = False) -> Any:
    """The first document as a value of a type. Raises YamlError; with `known_fields`, for other fields too."""
    return decode_node(parse(data), go_type, types, known_fields=known_fields)


def decode_node(root: Node, go_type: str, types: Types, *, known_fields: bool = False) -> Any:
    """A tree as a value of a type; for null, the struct without fields. Raises YamlError with a line for each fault."""

    def run() -> Any:
        decoder = _Decoder(types, known_fields=known_fields)
        value = decoder.read(root, go_type, None)
        if decoder.faults:
            raise YamlError("yaml: unmarshal errors:\n  " + "\n  ".join(decoder.faults))
        return {} if value is _NOTHING else value

    return call_deep(run)


class _Decoder:
    """Reads one tree, and counts as goyaml does so that aliases can't multiply without end."""

    def __init__(self, types: Types, *, known_fields: bool) -> None:
        self.types = types
        self.known_fields = known_fields
        self.faults: list[str] = []
        self.merged: set[Any] | None = None
        self.active: set[int] = set()
        self.count = self.alias_count = self.alias_depth = 0

    def read(self, node: Node, go_type: str, into: Any) -> Any:
        """A node as a value of a type; `into` is the struct or map that is to be filled further, if there is one."""
        self._tick()
        if node.kind == ALIAS:
            return self._alias(node, go_type, into)
        named = self.types.get(go_type, go_type)
        if node.kind == SCALAR:
            return self._scalar(node, go_type, named)
        if node.kind == MAPPING:
            return self._mapping(node, go_type, named, into)
        return self._sequence(node, go_type, named)

    def _tick(self) -> None:
        self.count += 1
        if self.alias_depth:
            self.alias_count += 1
            share = self.alias_count / self.count
            if self.alias_count > 100 and self.count > 1000 and share > allowed_aliases(self.count):
                raise YamlError("yaml: document contains excessive aliasing")

    def _alias(self, node: Node, go_type: str, into: Any) -> Any:
        if id(node) in self.active:
            raise YamlError(f"yaml: anchor '{node.text}' value contains itself", line=node.line + 1)
        self.active.add(id(node))
        self.alias_depth += 1
        value = self.read(node.children[0], go_type, into)
        self.alias_depth -= 1
        self.active.discard(id(node))
        return value

    def _misfit(self, node: Node, tag: str, go_type: str) -> object:
        """Note that a node doesn't fit a type."""
        shown = ""
        if tag not in (SEQ, MAP):
            text = node.text.encode("utf-8", "surrogateescape")
            cut = text[:7] + b"..." if len(text) > 10 else text
            shown = f" `{cut.decode('utf-8', 'surrogateescape')}`"
        self.faults.append(f"line {node.line + 1}: cannot unmarshal {tag}{shown} into {go_type}")
        return _NOTHING

    def _scalar(self, node: Node, go_type: str, named: Mapping[str, str] | str) -> Any:
        tag, value = scalar_value(node)
        if value is None:
            nullable = isinstance(named, str) and named.startswith(("[]", "map[", "interface"))
            return None if nullable else _NOTHING
        if named == "string":
            return value if tag == "!!binary" else node.text
        if named == "interface {}":
            return value
        if named == "bool":
            value = _OLD_BOOLS.get(value, value) if type(value) is str else value
            return value if type(value) is bool else self._misfit(node, tag, go_type)
        if isinstance(named, str) and named in _INTEGERS and type(value) in (int, float):
            least, most = _INTEGERS[named]
            if least <= value <= most:
                return int(value)
        return self._misfit(node, tag, go_type)

    def _sequence(self, node: Node, go_type: str, named: Mapping[str, str] | str) -> Any:
        if named == "interface {}":
            named = "[]interface {}"
        if not isinstance(named, str) or not named.startswith("[]"):
            return self._misfit(node, SEQ, go_type)
        items = [self.read(child, named[2:], None) for child in node.children]
        return [item for item in items if item is not _NOTHING]

    def _mapping(self, node: Node, go_type: str, named: Mapping[str, str] | str, into: Any) -> Any:
        if self._repeated(node):
            return _NOTHING
        if not isinstance(named, str):
            return self._struct(node, go_type, named, {} if into is None else into)
        if named == "interface {}":
            strings = all(tag_of(key) in ("!!str", MERGE) for key in node.children[::2])
            return self._map(node, go_type, "string" if strings else named, named, {})
        if not named.startswith("map["):
            return self._misfit(node, MAP, go_type)
        key_type, _, value_type = named[4:].partition("]")
        return self._map(node, go_type, key_type, value_type, {} if into is None else into)

    def _repeated(self, node: Node) -> bool:
        """Whether a mapping has keys twice; that is noted."""
        keys = node.children[::2]
        seen: dict[tuple[int, str], list[Node]] = {}
        for key in keys:
            seen.setdefault((key.kind, key.text), []).append(key)
        if len(seen) == len(keys):
            return False
        for key in keys:
            same = seen[key.kind, key.text]
            for other in same[same.index(key) + 1 :]:
                where = f"line {other.line + 1}: mapping key {quote(other.text)}"
                self.faults.append(f"{where} already defined at line {key.line + 1}")
        return True

    def _struct(self, node: Node, go_type: str, fields: Mapping[str, str], out: dict[str, Any]) -> Any:
        merged, self.merged = self.merged, None
        merge: Node | None = None
        done: set[str] = set()
        for key, value in _pairs(node):
            if _is_merge(key):
                merge = value
                continue
            name = self.read(key, "string", None)
            if name is _NOTHING or not _first(merged, name):
                continue
            if name not in fields:
                if self.known_fields:
                    self.faults.append(f"line {key.line + 1}: field {name} not found in type {go_type}")
            elif name in done:
                self.faults.append(f"line {key.line + 1}: field {name} already set in type {go_type}")
            else:
                done.add(name)
                self._set_field(out, name, value, fields[name])
        self.merged = merged
        if merge is not None:
            self._merge(node, merge, go_type, out)
        return out

    def _set_field(self, out: dict[str, Any], name: str, node: Node, go_type: str) -> None:
        value = self.read(node, go_type, out.get(name))
        if value is None:
            out.pop(name, None)
        elif value is not _NOTHING:
            out[name] = value

    def _map(self, node: Node, go_type: str, key_type: str, value_type: str, out: dict[Any, Any]) -> Any:
        merged, self.merged = self.merged, None
        merge: Node | None = None
        new = not out
        for key, value in _pairs(node):
            if _is_merge(key):
                merge = value
                continue
            name = self.read(key, key_type, None)
            if name is _NOTHING:
                continue
            if isinstance(name, (dict, list)):
                raise YamlError(f"yaml: invalid map key: {_go_syntax(name)}", line=key.line + 1)
            if not _first(merged, name):
                continue
            item = self.read(value, value_type, None)
            if item is not _NOTHING:
                out[name] = item
            elif tag_of(value) == "!!null" and (new or name not in out):
                out[name] = _zero(self.types.get(value_type, value_type))
        self.merged = merged
        if merge is not None:
            self._merge(node, merge, go_type, out)
        return out

    def _merge(self, parent: Node, node: Node, go_type: str, out: dict[Any, Any]) -> None:
        """What "<<" brings: a mapping, or several, of which earlier ones win; what stands beside it wins over all."""
        merged = self.merged
        if merged is None:
            keys = [self.read(key, "interface {}", None) for key in parent.children[::2]]
            self.merged = {key for key in keys if not isinstance(key, (dict, list))}
        for child in node.children if node.kind == SEQUENCE else [node]:
            target = child.children[0] if child.kind == ALIAS else child
            if target.kind != MAPPING:
                raise YamlError("yaml: map merge requires map or sequence of maps as the value", line=node.line + 1)
            self.read(child, go_type, out)
        self.merged = merged


def _pairs(node: Node) -> zip[tuple[Node, Node]]:
    return zip(node.children[::2], node.children[1::2], strict=True)


def _is_merge(key: Node) -> bool:
    return key.kind == SCALAR and key.text == "<<" and (key.plain or tag_of(key) == MERGE)


def _first(merged: set[Any] | None, name: Any) -> bool:
    """Whether nothing that counts more has set this key already; it is taken note of."""
    if merged is None:
        return True
    if name in merged:
        return False
    merged.add(name)
    return True


def _zero(named: Mapping[str, str] | str) -> Any:
    """What null is as a map's value of a type."""
    if not isinstance(named, str):
        return {}
    return {"string": "", "bool": False, "interface {}": None}.get(named, 0 if named in _INTEGERS else None)


def _go_syntax(value: Any) -> str:
    """A value as %#v prints it inside an interface."""
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_go_syntax, value))}}}"
    if isinstance(value, dict):
        kind = "string" if all(type(key) is str for key in value) else "interface {}"
        items = sorted((_go_syntax(key), _go_syntax(item)) for key, item in value.items())
        return f"map[{kind}]interface {{}}{{{', '.join(f'{key}:{item}' for key, item in items)}}}"
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_float(value) if isinstance(value, float) else str(value)
