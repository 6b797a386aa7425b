"""Lists that are sets or maps (x-kubernetes-list-type): nothing may be in them twice."""

from __future__ import annotations

from navarch.cluster.custom.result import shown
from navarch.cluster.validation.errors import duplicate, invalid
from navarch.golang.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.custom.structure import Structure
    from navarch.cluster.validation.errors import FieldError

__all__ = ["check_lists"]


def check_lists(value: Any, structure: Structure | None, path: str = "") -> list[FieldError]:
    """What stands twice in lists that say that nothing does."""
    if structure is None:
        return []
    if type(value) is list:
        return _check_list(value, structure, path)
    errors: list[FieldError] = []
    if type(value) is dict:
        for name, inner in value.items():
            if type(inner) is dict or type(inner) is list:
                others = structure.others
                if others is not None:
                    errors += check_lists(inner, others, f"{path}[{name}]")
                below = structure.named(name)
                if below is not None:
                    errors += check_lists(inner, below, f"{path}.{name}" if path else name)
    return errors


def _check_list(value: list[Any], structure: Structure, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    type_ = structure.raw.get("x-kubernetes-list-type")
    if type_ == "set":
        errors += [duplicate(f"{path}[{index}]", shown(value[index])) for index in _repeated(value)]
    elif type_ == "map":
        errors += _check_map(value, structure.raw.get("x-kubernetes-list-map-keys") or [], path)
    for index, item in enumerate(value):
        errors += check_lists(item, structure.items, f"{path}[{index}]")
    return errors


def _check_map(value: list[Any], keys: list[str], path: str) -> list[FieldError]:
    for index, item in enumerate(value):
        if item is not None and type(item) is not dict:
            return [invalid(f"{path}[{index}]", shown(item), "must be an object for an array of list-type map")]
    found = [{key: item[key] for key in keys if key in item} if item else {} for item in value]
    return [duplicate(f"{path}[{index}]", found[index]) for index in _repeated(found)]


def _repeated(values: list[Any]) -> list[int]:
    """Where a value stands for the second time."""
    if len(values) <= 1:
        return []
    seen: dict[Any, int] = {}
    found = []
    for index, value in enumerate(values):
        key = (type(value) in (dict, list), type(value), dumps(value) if type(value) in (dict, list) else value)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == 2:
            found.append(index)
    return found
