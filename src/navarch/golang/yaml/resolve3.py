"""What a YAML scalar means to goyaml v3: fewer words than in v2 are bools, and dates are times."""

from __future__ import annotations

from navarch.errors import FunctionError, YamlError
from navarch.golang.yaml.compose import ALIAS, MAPPING, SCALAR, Node
from navarch.golang.yaml.decode import binary
from navarch.golang.yaml.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LONG", "MAP", "MERGE", "SEQ", "Timestamp", "scalar_value", "tag_of"]

SEQ, MAP, MERGE = "!!seq", "!!map", "!!merge"

LONG = "tag:yaml.org,2002:"
_RESOLVABLE = ("!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp")
_BOOLS = ("true", "True", "TRUE", "false", "False", "FALSE")
_LAYOUTS = (
    "2006-1-2T15:4:5.999999999Z07:00",
    "2006-1-2t15:4:5.999999999Z07:00",
    "2006-1-2 15:4:5.999999999",
    "2006-1-2",
)


class Timestamp(str):
    """A time, as goyaml writes it."""

    __slots__ = ()


def tag_of(node: Node) -> str:
    """The short tag of a node, an alias standing for what it points to."""
    while node.kind == ALIAS:
        node = node.children[0]
    if node.kind != SCALAR:
        return MAP if node.kind == MAPPING else SEQ
    tag = _given(node)
    return tag or (_resolved(node.text)[0] if node.plain else "!!str")


def scalar_value(node: Node) -> tuple[str, Any]:
    """The short tag and the value of a scalar. Raises YamlError where its tag doesn't fit its text."""
    tag = _given(node)
    if tag == "!!binary":
        return tag, binary(node.text)
    if tag == "!!str" or not (tag or node.plain):
        return "!!str", node.text
    if tag and tag not in _RESOLVABLE:
        return tag, node.text
    found, value = _resolved(node.text)
    if tag == "!!float" and found == "!!int":
        return tag, float(value)
    if tag not in ("", found):
        raise YamlError(f"yaml: cannot decode {found} `{node.text}` as a {tag}", line=node.line + 1)
    return found, value


def _given(node: Node) -> str:
    """The short form of the tag that a scalar was written with; "" for none."""
    if node.tag.startswith(LONG):
        return "!!" + node.tag[len(LONG) :]
    return "" if node.tag == "!" else node.tag


def _resolved(text: str) -> tuple[str, Any]:
    """The tag and value of plain text."""
    if text == "<<":
        return MERGE, text
    if text[4:5] == "-" and text[:4].isascii() and text[:4].isdigit():
        time = _time(text)
        if time is not None:
            return "!!timestamp", time
    value = resolve(text)
    if value is None:
        return "!!null", None
    if type(value) is bool:
        return ("!!bool", value) if text in _BOOLS else ("!!str", text)
    if type(value) in (int, float):
        return ("!!int" if type(value) is int else "!!float"), value
    return "!!str", text


def _time(text: str) -> Timestamp | None:
    from navarch.golang.time_parse import parse_in_location
    from navarch.golang.zones import UTC

    for layout in _LAYOUTS:
        try:
            return Timestamp(parse_in_location(layout, text, UTC).format("2006-01-02T15:04:05.999999999Z07:00"))
        except FunctionError:
            pass
    return None
