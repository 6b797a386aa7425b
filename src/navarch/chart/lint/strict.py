"""Chart.yaml read strictly: what the usual way of reading it passes over, keys given twice and unknown fields."""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.yaml.compose import Node

__all__ = ["strict_fault"]

_MAINTAINER = {"name": None, "email": None, "url": None}
_DEPENDENCY = {
    "name": None,
    "version": None,
    "repository": None,
    "condition": None,
    "tags": None,
    "enabled": None,
    "import-values": None,
    "alias": None,
}
# The fields there are; those that hold lists of structs with the structs' own.
_METADATA: dict[str, Any] = {
    "name": None,
    "home": None,
    "sources": None,
    "version": None,
    "description": None,
    "keywords": None,
    "maintainers": _MAINTAINER,
    "icon": None,
    "apiVersion": None,
    "condition": None,
    "tags": None,
    "appVersion": None,
    "deprecated": None,
    "annotations": None,
    "kubeVersion": None,
    "dependencies": _DEPENDENCY,
    "type": None,
}


def strict_fault(data: bytes) -> str | None:
    """What a strict reading of a readable Chart.yaml objects to, in the words of sigs.k8s.io/yaml; None for nothing."""
    from navarch.golang.yaml import load
    from navarch.golang.yaml.compose import compose
    from navarch.golang.yaml.reader import open_source

    try:
        root = compose(open_source(data))
    except YamlError as error:
        return f"error converting YAML to JSON: {error}"
    twice = list(_given_twice(root)) if root is not None else []
    if twice:
        return "error converting YAML to JSON: yaml: unmarshal errors:" + "".join(f"\n  {line}" for line in twice)
    unknown = _unknown(load(data), _METADATA)
    if unknown is not None:
        return f"error unmarshaling JSON: while decoding JSON: json: unknown field {quote(unknown)}"
    return None


def _given_twice(node: Node) -> list[str]:
    """The keys that a mapping has already, those of inner mappings first."""
    from navarch.golang.yaml.compose import MAPPING, SCALAR
    from navarch.golang.yaml.decode import scalar

    found: list[str] = []
    if node.kind != MAPPING:
        for child in node.children if node.kind != SCALAR else ():
            found += _given_twice(child)
        return found
    seen: set[Any] = set()
    for key, value in zip(node.children[::2], node.children[1::2], strict=True):
        found += _given_twice(value)
        if key.kind != SCALAR or (key.plain and key.text == "<<"):
            continue
        name = scalar(key)
        if (type(name), name) in seen:
            shown = quote(name) if isinstance(name, str) else str(name).lower()
            found.append(f"line {key.line + 1}: key {shown} already set in map")
        seen.add((type(name), name))
    return found


def _unknown(document: Any, fields: dict[str, Any]) -> str | None:
    """The first field that there is not, in the order of sorted names; case doesn't matter."""
    if not isinstance(document, dict):
        return None
    known = {name.lower(): inner for name, inner in fields.items()}
    for key in sorted(document):
        if key.lower() not in known:
            return str(key)
        inner = known[key.lower()]
        for item in document[key] if inner and isinstance(document[key], list) else ():
            unknown = _unknown(item, inner)
            if unknown is not None:
                return unknown
    return None
