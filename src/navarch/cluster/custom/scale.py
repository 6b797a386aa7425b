"""The paths of the scale subresource: numbers of replicas and a selector must be there in the right form."""

from __future__ import annotations

from navarch.cluster.validation.errors import invalid
from navarch.golang.fmt import sprintf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_scale"]

_MOST = 2**31 - 1
_GO_TYPES = {
    bool: "bool",
    int: "int64",
    float: "float64",
    str: "string",
    list: "[]interface {}",
    dict: "map[string]interface {}",
    type(None): "<nil>",
}


class _AccessError(Exception):
    """Why nothing of the right type is at a path."""


def check_scale(resource: Resource, obj: Object, *, status_only: bool = False) -> list[FieldError]:
    """What is wrong with the values that the scale subresource shows."""
    scale = ((resource.custom or {}).get("subresources") or {}).get("scale")
    if not scale:
        return []
    paths = [scale["statusReplicasPath"]] if status_only else [scale["specReplicasPath"], scale["statusReplicasPath"]]
    errors = [error for path in paths for error in _replicas(obj, path)]
    if "labelSelectorPath" in scale:
        errors += _selector(obj, scale["labelSelectorPath"])
    return errors


def _replicas(obj: Object, path: str) -> list[FieldError]:
    try:
        number = _at(obj, path, int)
    except _AccessError as error:
        return [invalid(path, 0, str(error))]
    if number is None or 0 <= number <= _MOST:
        return []
    detail = "should be a non-negative integer" if number < 0 else f"should be less than or equal to {_MOST}"
    return [invalid(path, number, detail)]


def _selector(obj: Object, path: str) -> list[FieldError]:
    try:
        _at(obj, path, str)
    except _AccessError as error:
        return [invalid(path, "", str(error))]
    return []


def _at(obj: Object, path: str, wanted: type) -> Any:
    """The value at a path, None if there is none. Raises _AccessError if it, or one on the way, has another type."""
    words = path.removeprefix(".").split(".")
    value: Any = obj
    for index, word in enumerate(words):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _AccessError(_wrong(words[: index + 1], value, "map[string]interface{}"))
        if word not in value:
            return None
        value = value[word]
    if type(value) is not wanted:
        raise _AccessError(_wrong(words, value, "int64" if wanted is int else "string"))
    return value


def _wrong(words: list[str], value: Any, wanted: str) -> str:
    shown = sprintf("%v", value)
    return f".{'.'.join(words)} accessor error: {shown} is of the type {_GO_TYPES[type(value)]}, expected {wanted}"
