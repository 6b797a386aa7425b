"""Bodies of patches: JSON of three sorts and YAML of one, each with messages of its own."""

from __future__ import annotations

from navarch.cluster.decode.reading import Body, Repeated, scan, scan_floats
from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["read_patch"]

_APPLY = frozenset(("application/apply-patch+yaml", "application/yaml"))
_MERGE = "application/merge-patch+json"
_JSON = "application/json-patch+json"
_MAP = "map[string]interface {}"
_NAMES = {list: "array", str: "string", bool: "bool", dict: "object", Repeated: "object"}


def read_patch(body: bytes, content_type: str, validation: str = "Ignore") -> Body:
    """The value of a patch; `duplicates` are what strict clients want to hear of it. Raises Problem (400).

    `content_type` is that of the patch; application/json is a strategic merge patch's form.
    """
    if content_type in _APPLY:
        return _read_apply(body, validation)
    value, error = scan(body, scan_floats)
    strict = validation != "Ignore"
    if content_type == _JSON:
        error = error or _mismatch(value, list, "[]handlers.jsonPatchOp" if strict else "jsonpatch.Patch")
    else:
        error = error or _mismatch(value, dict, _MAP)
    if error and content_type == _MERGE and not strict:
        error = "Invalid JSON Patch"
    elif error and content_type in (_MERGE, _JSON) and strict:
        error = f"error decoding patch: {error}"
    if error:
        raise bad_request(error)
    repeated = tuple(_repeats(value, "")) if strict else ()
    if content_type == _JSON:
        return Body(value or [], tuple(f"json patch {text}" for text in repeated))
    return Body(value or {}, repeated)


def _read_apply(body: bytes, validation: str) -> Body:
    from navarch.cluster.decode.yamltext import read_yaml

    value, repeated = read_yaml(body, lambda text: bad_request(f"error decoding YAML: {text}"))
    error = _mismatch(value, dict, _MAP)
    if error:
        raise bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {error}")
    if validation == "Ignore" or not repeated:
        return Body(value or {})
    text = "\n  ".join(("error converting YAML to JSON: yaml: unmarshal errors:", *repeated))
    if validation == "Strict":
        raise bad_request(f"error strict decoding YAML: {text}")
    return Body(value or {}, (text,))


def _mismatch(value: Any, expected: type, go_type: str) -> str:
    """encoding/json's message for a body of another sort than the patch's; null is fine."""
    if value is None or isinstance(value, expected):
        return ""
    return f"json: cannot unmarshal {_NAMES.get(type(value), 'number')} into Go value of type {go_type}"


def _repeats(value: Any, path: str) -> Iterator[str]:
    """What strict decoding says of each field that stands twice."""
    if isinstance(value, dict):
        seen: set[str] = set()
        for name, item in value.pairs if type(value) is Repeated else value.items():
            place = f"{path}.{name}" if path else name
            if name in seen:
                yield f'duplicate field "{place}"'
            seen.add(name)
            yield from _repeats(item, place)
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from _repeats(item, f"{path}[{index}]")
