"""Paths to fields of custom objects, as selectable fields and rules name them: ".spec.color", ".spec['a.b']".

    path = ("." name | "['" name "']")*

The rules are those of apiextensions' ValidFieldPath.
"""

from __future__ import annotations

import re

from navarch.cluster.custom.structural import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = dict[str, Any]

__all__ = ["PathError", "is_path", "resolve"]

_TOKEN = re.compile(r"'(?:.*?[^\\])?'|[.\[\]]|[^.\[\]]+", re.DOTALL)


class PathError(Exception):
    """Why a path leads nowhere, in the words of the API."""


def is_path(node: Node, path: str) -> bool:
    """Whether a path leads to a field of the schema. In a schema that can't be read, any path does."""
    if unsupported(node):
        return True
    try:
        resolve(node, path)
    except PathError:
        return False
    return True


def resolve(node: Node, path: str, *, brackets: bool = True) -> tuple[str, Node]:
    """The field to which a path leads: its path in messages, and its schema. Raises PathError."""
    tokens = _TOKEN.findall(path)
    found: Node | None = node
    told = ""
    at = 0
    while at < len(tokens):
        if tokens[at] == ".":
            name, at = _next(tokens, at + 1), at + 2
        elif tokens[at] == "[":
            if not brackets:
                raise PathError("array notation is not allowed")
            name, at = _quoted(tokens, at), at + 3
        else:
            raise PathError(f"expected [ or . but got: {tokens[at]}")
        found, step = _step(found or {}, name)
        told += step
    return told.removeprefix("."), found or {}


def _next(tokens: list[str], at: int) -> str:
    if at >= len(tokens):
        raise PathError("unexpected end of JSON path")
    return tokens[at]


def _quoted(tokens: list[str], at: int) -> str:
    name = _next(tokens, at + 1)
    if len(name) < 2 or name[0] != "'" or name[-1] != "'":
        raise PathError(f"expected single quoted string but got {name}")
    end = _next(tokens, at + 2)
    if end != "]":
        raise PathError(f"expected ] but got {end}")
    return name[1:-1].replace("\\'", "'").replace("\\\\", "\\")


def _step(node: Node, name: str) -> tuple[Node | None, str]:
    properties = node.get("properties")
    if properties:
        if name not in properties:
            raise PathError("does not refer to a valid field")
        return properties[name], f".{name}"
    others = node.get("additionalProperties")
    if others is None:
        raise PathError("does not refer to a valid field")
    return (others if isinstance(others, dict) else None), f"[{name}]"
