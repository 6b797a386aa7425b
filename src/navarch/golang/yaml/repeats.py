"""Keys that stand twice in a mapping: what strict readers complain about."""

from __future__ import annotations

from navarch.golang.strconv import quote
from navarch.golang.yaml.compose import MAPPING, SCALAR, Node
from navarch.golang.yaml.decode import scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["repeated_keys", "repeats_in"]


def repeats_in(text: str | bytes) -> str:
    """Where a key stands twice first in some documents, as `line 3: key "a" already set in map`; "" without one.

    Raises YamlError for what can't be read.
    """
    from navarch.golang.recursion import call_deep
    from navarch.golang.yaml.compose import compose
    from navarch.golang.yaml.documents import split_documents
    from navarch.golang.yaml.reader import open_source

    above = 0
    for document in split_documents(text):
        root = compose(open_source("\n" * above + document))
        found: list[str] = call_deep(repeated_keys, root) if root is not None else []
        if found:
            return found[0]
        above += document.count("\n") + 1  # and the line between them
    return ""


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
