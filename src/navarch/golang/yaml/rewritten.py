"""The tree that a value has once goyaml v3 has written it as YAML and read that again.

Some of Helm's configuration takes this way, and then the lines in error messages are those of the written text.
"""

from __future__ import annotations

from navarch.golang.recursion import call_deep
from navarch.golang.strconv import format_float
from navarch.golang.yaml.compose import MAPPING, SCALAR, SEQUENCE, Node
from navarch.golang.yaml.keys import sorted_keys_v3
from navarch.golang.yaml.resolve3 import LONG, Timestamp
from navarch.golang.yaml.style import BLOCK, analyse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["rewritten"]

_FLOATS = {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}


def rewritten(value: Any) -> Node:
    """The tree of a value of None, bool, int, float, str, Timestamp, list and dict."""
    node: Node = call_deep(_node, value, 0)[0]
    return node


def _node(value: Any, line: int) -> tuple[Node, int]:
    """The node of a value whose text begins in a line (from 0), and the first line behind it."""
    if isinstance(value, dict):
        return _mapping(value, line)
    if isinstance(value, list):
        node = Node(SEQUENCE, line)
        for item in value:
            child, line = _node(item, line)
            node.children.append(child)
        return node, line if value else line + 1
    return _scalar(value, line)


def _mapping(value: dict[Any, Any], line: int) -> tuple[Node, int]:
    node = Node(MAPPING, line)
    keys = {_scalar(key, 0)[0].text: key for key in value}
    for name in sorted_keys_v3(keys):
        item = value[keys[name]]
        below = isinstance(item, (dict, list)) and bool(item)
        key, _ = _scalar(keys[name], line)
        child, line = _node(item, line + below)
        node.children += [key, child]
    return node, line if value else line + 1


def _scalar(value: Any, line: int) -> tuple[Node, int]:
    if isinstance(value, Timestamp):
        return Node(SCALAR, line, str(value), LONG + "timestamp"), line + 1
    if isinstance(value, str):
        tag = "" if value == "<<" else LONG + "str"  # the one word that v3 forgets to quote
        return Node(SCALAR, line, value, tag, plain=not tag), line + _height(value)
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value)
        if isinstance(value, float):
            text = format_float(value)
            text = _FLOATS.get(text, text)
    return Node(SCALAR, line, text, plain=True), line + 1


def _height(text: str) -> int:
    """How many lines a text takes from where it begins: a literal block has one more than its content."""
    if "\n" not in text or not analyse(text.replace("\t", "_")) & BLOCK:
        return 1
    return 1 + text.count("\n") + (not text.endswith("\n"))
