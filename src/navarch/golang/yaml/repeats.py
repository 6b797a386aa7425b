"""Keys that stand twice in a mapping: what strict readers complain about."""

from __future__ import annotations

from navarch.golang.strconv import quote
from navarch.golang.yaml.compose import MAPPING, SCALAR, Node
from navarch.golang.yaml.decode import scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["repeated_keys"]


def repeated_keys(node: Node) -> list[str]:
    """A line of goyaml's strict error for each key that its mapping has already, those of inner mappings first."""
    found: list[str] = []
    if node.kind != MAPPING:
        for child in node.children if node.kind != SCALAR else ():
            found += repeated_keys(child)
        return found
    seen: set[Any] = set()
    for key, value in zip(node.children[::2], node.children[1::2], strict=True):
        found += repeated_keys(value)
        if key.kind != SCALAR or (key.plain and key.text == "<<"):
            continue
        name = scalar(key)
        if (type(name), name) in seen:
            shown = quote(name) if isinstance(name, str) else str(name).lower()
            found.append(f"line {key.line + 1}: key {shown} already set in map")
        seen.add((type(name), name))
    return found
