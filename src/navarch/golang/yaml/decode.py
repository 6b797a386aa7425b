"""The last steps of the complete YAML reader: a document's tree to values, then what sigs.k8s.io/yaml's way through
JSON makes of them.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.recursion import call_deep
from navarch.golang.strconv import format_float, quote
from navarch.golang.yaml.compose import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, compose
from navarch.golang.yaml.reader import open_source
from navarch.golang.yaml.scalars import is_timestamp, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["allowed_aliases", "binary", "decode", "scalar"]

_LONG = "tag:yaml.org,2002:"
_RESOLVED_TAGS = frozenset(_LONG + name for name in ("str", "bool", "int", "float", "null", "timestamp"))
_MERGE = _LONG + "merge"
_MAX_INT = 0x7FFFFFFFFFFFFFFF
_RATIO_LOW, _RATIO_HIGH = 400_000, 4_000_000


def decode(data: str | bytes, *, raw: bool = False) -> Any:
    """The first document as sigs.k8s.io/yaml reads it: dict with string keys, list, str, bool, float and None.

    With `raw`, integers stay ints, as the tree is before its way through JSON. Raises YamlError with goyaml's message.
    """
    root = compose(open_source(data))
    if root is None:
        return None
    return call_deep(lambda: _Decoder(raw=raw).document(root))


class _Decoder:
    """Decodes one document, counting as goyaml does so that aliases can't multiply without end."""

    def __init__(self, *, raw: bool) -> None:
        self.raw = raw
        self.count = 1  # goyaml counts the document, too
        self.alias_count = 0
        self.alias_depth = 0
        self.active: set[int] = set()
        self.bad_key = False
        self.bad_number = False

    def document(self, root: Node) -> Any:
        value = self.value(root)
        if self.bad_key:
            _refuse_bad_keys(value)
        if self.bad_number:
            _refuse_non_finite(value)
        return value

    def value(self, node: Node) -> Any:
        self._tick()
        kind = node.kind
        if kind == SCALAR:
            return self._scalar(node)
        if kind == MAPPING:
            out: dict[str, Any] = {}
            self._mapping(node, out)
            return out
        if kind == SEQUENCE:
            return [self.value(child) for child in node.children]
        return self._aliased(node, None)

    def _scalar(self, node: Node) -> Any:
        value = scalar(node)
        if type(value) is int:
            return value if self.raw else float(value)
        if type(value) is float and value - value != 0:
            self.bad_number = True
        return value

    def _tick(self) -> None:
        self.count += 1
        if self.alias_depth:
            self.alias_count += 1
            share = self.alias_count / self.count
            if self.alias_count > 100 and self.count > 1000 and share > allowed_aliases(self.count):
                raise YamlError("yaml: document contains excessive aliasing")

    def _aliased(self, node: Node, out: dict[str, Any] | None) -> Any:
        """The value behind an alias; with `out`, a mapping's pairs go there."""
        if id(node) in self.active:
            raise YamlError(f"yaml: anchor '{node.text}' value contains itself", line=node.line + 1)
        self.active.add(id(node))
        self.alias_depth += 1
        value = None
        if out is None:
            value = self.value(node.children[0])
        else:
            self._into(node.children[0], out)
        self.alias_depth -= 1
        self.active.discard(id(node))
        return value

    def _into(self, node: Node, out: dict[str, Any]) -> None:
        self._tick()
        if node.kind == ALIAS:
            self._aliased(node, out)
        else:
            self._mapping(node, out)

    def _mapping(self, node: Node, out: dict[str, Any]) -> None:
        children = node.children
        for at in range(0, len(children), 2):
            key, value = children[at], children[at + 1]
            if key.text == "<<" and key.kind == SCALAR and (key.plain or key.tag == _MERGE):
                self._merge(value, out)
            else:
                name = self._key(key)
                item = self.value(value)
                if type(name) is str:
                    out[name] = item
                else:
                    out[name] = _unsupported_key(name, value)

    def _key(self, key: Node) -> Any:
        """A key as sigs.k8s.io/yaml writes it into JSON; a tuple of Go's names for its type and value if it can't."""
        self._tick()
        if key.kind == ALIAS:
            key = self._alias_key(key)
        if key.kind != SCALAR:
            self.value(key)
            raise YamlError(f"yaml: invalid map key: {_go_syntax(key)}", line=key.line + 1)
        name = scalar(key)
        if type(name) is str:
            return name
        if name is True or name is False:
            return "true" if name else "false"
        if type(name) is float:
            text = format_float(name, "g", -1, 32)
            return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)
        if type(name) is int and name <= _MAX_INT:
            return str(name)
        self.bad_key = True
        return ("%!s(<nil>)", "<nil>") if name is None else ("uint64", f"{name:#x}")

    def _alias_key(self, key: Node) -> Node:
        if id(key) in self.active:
            raise YamlError(f"yaml: anchor '{key.text}' value contains itself", line=key.line + 1)
        self.alias_depth += 1
        self._tick()
        self.alias_depth -= 1
        return key.children[0]

    def _merge(self, node: Node, out: dict[str, Any]) -> None:
        """What "<<" brings: a mapping, or several, of which earlier ones win."""
        if node.kind == SEQUENCE:
            for child in reversed(node.children):
                _check_mapping(child)
                self._into(child, out)
        else:
            _check_mapping(node)
            self._into(node, out)


def scalar(node: Node) -> Any:
    """A scalar's value; a tag may force its type, and unknown tags make it a string."""
    text, tag = node.text, node.tag
    if not tag:
        return resolve(text) if node.plain else text
    if tag == _LONG + "binary":
        return binary(text)
    if tag not in _RESOLVED_TAGS or tag == _LONG + "str":
        return text
    value: Any = resolve(text)
    kind = _tag_of(value, text, timestamps=tag == _LONG + "timestamp")
    if kind == tag[len(_LONG) :]:
        return value
    if kind == "int" and tag == _LONG + "float" and value <= _MAX_INT:
        return float(value)
    raise YamlError(f"yaml: cannot decode !!{kind} `{text}` as a !!{tag[len(_LONG) :]}", line=node.line + 1)


def _tag_of(value: Any, text: str, *, timestamps: bool) -> str:
    if type(value) is str:
        if text == "<<":
            return "str"
        return "timestamp" if timestamps and is_timestamp(text) else "str"
    if value is None:
        return "null"
    return {bool: "bool", int: "int", float: "float"}[type(value)]


def binary(text: str) -> str:
    """The text behind a !!binary tag. Raises YamlError where it isn't base64."""
    from base64 import b64decode

    try:
        data = b64decode(text.replace("\n", "").replace("\r", "").encode(), validate=True)
    except ValueError:
        raise YamlError("yaml: !!binary value contains invalid base64 data") from None
    decoded = data.decode("utf-8", "surrogateescape")
    return "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in decoded)


def _check_mapping(node: Node) -> None:
    target = node.children[0] if node.kind == ALIAS else node
    if target.kind != MAPPING:
        raise YamlError("yaml: map merge requires map or sequence of maps as the value", line=node.line + 1)


def allowed_aliases(count: int) -> float:
    """The share of values that may come from aliases: 99 % in small documents, 10 % in very large ones."""
    if count <= _RATIO_LOW:
        return 0.99
    if count >= _RATIO_HIGH:
        return 0.10
    return 0.99 - 0.89 * ((count - _RATIO_LOW) / (_RATIO_HIGH - _RATIO_LOW))


def _unsupported_key(name: tuple[str, str], value: Node) -> YamlError:
    """What sigs.k8s.io/yaml says of a key that JSON can't have; it stands in the key's place until all is decoded."""
    shown = "<nil>" if value.kind == SCALAR and scalar(value) is None else _go_syntax(value)
    return YamlError(f"unsupported map key of type: {name[0]}, key: {name[1]}, value: {shown}", line=value.line + 1)


def _refuse_bad_keys(value: Any) -> None:
    if type(value) is YamlError:
        raise value
    for item in value.values() if type(value) is dict else value if type(value) is list else ():
        _refuse_bad_keys(item)


def _refuse_non_finite(value: Any) -> None:
    """Raise for the first float that JSON can't hold, in the order in which encoding/json meets them."""
    if type(value) is dict:
        for key in sorted(value):
            _refuse_non_finite(value[key])
    elif type(value) is list:
        for item in value:
            _refuse_non_finite(item)
    elif type(value) is float and value - value != 0:
        raise YamlError(f"json: unsupported value: {format_float(value)}")


def _go_order(key: str) -> tuple[bool, str]:
    """Go prints a nil key before all others."""
    return key != "interface {}(nil)", key


def _go_syntax(node: Node) -> str:
    """A node's value as %#v prints it inside an interface."""
    if node.kind == ALIAS:
        node = node.children[0]
    if node.kind == SEQUENCE:
        return f"[]interface {{}}{{{', '.join(map(_go_syntax, node.children))}}}"
    if node.kind == MAPPING:
        pairs = dict(zip(map(_go_syntax, node.children[::2]), map(_go_syntax, node.children[1::2]), strict=True))
        shown = ", ".join(f"{key}:{pairs[key]}" for key in sorted(pairs, key=_go_order))
        return f"map[interface {{}}]interface {{}}{{{shown}}}"
    value = scalar(node)
    if type(value) is str:
        return quote(value)
    if value is None:
        return "interface {}(nil)"
    if type(value) is float:
        return format_float(value)
    if type(value) is int and value > _MAX_INT:
        return f"{value:#x}"
    return {True: "true", False: "false"}.get(value, str(value)) if type(value) is bool else str(value)
