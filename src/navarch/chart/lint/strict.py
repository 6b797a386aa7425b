"""Chart.yaml read strictly: what the usual way of reading it passes over, keys given twice and unknown fields."""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
    from navarch.golang.yaml.repeats import repeated_keys

    try:
        root = compose(open_source(data))
    except YamlError as error:
        return f"error converting YAML to JSON: {error}"
    twice = repeated_keys(root) if root is not None else []
    if twice:
        return "error converting YAML to JSON: yaml: unmarshal errors:" + "".join(f"\n  {line}" for line in twice)
    unknown = _unknown(load(data), _METADATA)
    if unknown is not None:
        return f"error unmarshaling JSON: while decoding JSON: json: unknown field {quote(unknown)}"
    return None


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
