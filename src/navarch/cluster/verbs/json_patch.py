"""JSON patches (RFC 6902), as lenient as the library that API servers use: replacing what isn't there adds it."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.problems import Problem, bad_request
from navarch.kube.patch.values import copy, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["apply_json_patch"]

_MOST = 10_000
_UNFIT = "the server rejected our request due to an error in our request"


class _UnfitError(Exception):
    """An operation that doesn't apply. API servers don't say which or why."""


class _Place(NamedTuple):
    """A member of an object or a list, which may not be there."""

    parent: Any
    key: str


def apply_json_patch(document: Any, operations: Any) -> Any:
    """`document` after `operations`; neither is changed. Raises Problem: 400 for a bad patch, 422 if it doesn't fit."""
    if type(operations) is not list or not all(isinstance(one, dict) for one in operations):
        raise bad_request("error decoding patch: json: cannot unmarshal into Go value of type []handlers.jsonPatchOp")
    if len(operations) > _MOST:
        text = f"The allowed maximum operations in a JSON patch is {_MOST}, got {len(operations)}"
        raise Problem(413, "RequestEntityTooLarge", text)
    made = copy(document)
    try:
        for operation in operations:
            made = _operate(made, operation)
    except _UnfitError as error:
        raise Problem(422, "Invalid", _UNFIT, {}) from error
    return made


def _operate(document: Any, operation: dict[str, Any]) -> Any:
    kind = operation.get("op")
    if kind in {"move", "copy"}:
        source = _place(document, operation.get("from"))
        value = copy(_get(source))
        if kind == "move":
            _remove(source)
        _add(_place(document, operation.get("path")), value)
        return document
    path, value = operation.get("path"), copy(operation.get("value"))
    if kind == "replace" and path == "":
        return value
    if kind == "test":
        if not same(document if path == "" else _get(_place(document, path)), value):
            raise _UnfitError
        return document
    place = _place(document, path)
    if kind == "add":
        _add(place, value)
    elif kind == "remove":
        _remove(place)
    elif kind == "replace":
        _set(place, value)
    else:
        raise _UnfitError
    return document


def _place(document: Any, path: Any) -> _Place:
    """Where a path leads."""
    if type(path) is not str or "/" not in path:
        raise _UnfitError
    words = [word.replace("~1", "/").replace("~0", "~") for word in path.split("/")]
    for word in words[1:-1]:
        document = _get(_Place(document, word))
    if type(document) is not dict and type(document) is not list:
        raise _UnfitError
    return _Place(document, words[-1])


def _get(place: _Place) -> Any:
    """The member; None where an object lacks it."""
    parent, key = place
    if type(parent) is dict:
        return parent.get(key)
    if type(parent) is list:
        return parent[_index(key, len(parent))]
    raise _UnfitError


def _index(key: str, length: int) -> int:
    try:
        at = int(key)
    except ValueError:
        raise _UnfitError from None
    if not -length <= at < length:
        raise _UnfitError
    return at % length


def _add(place: _Place, value: Any) -> None:
    parent, key = place
    if type(parent) is dict:
        parent[key] = value
    elif key == "-":
        parent.append(value)
    else:
        parent.insert(_index(key, len(parent) + 1), value)


def _set(place: _Place, value: Any) -> None:
    parent, key = place
    parent[key if type(parent) is dict else _index(key, len(parent))] = value


def _remove(place: _Place) -> None:
    parent, key = place
    if type(parent) is list:
        del parent[_index(key, len(parent))]
    elif key in parent:
        del parent[key]
    else:
        raise _UnfitError
