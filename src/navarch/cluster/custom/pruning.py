"""Custom objects after their schema: fields that it doesn't know go, and defaults come in.

Objects are changed in place. The rules are those of apiextensions' packages pruning and defaulting.
"""

from __future__ import annotations

from copy import deepcopy

from navarch.cluster.custom.structure import META, Structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["drop_nulls", "fill", "prune", "prune_value"]


def prune(obj: dict[str, Any], structure: Structure) -> list[str]:
    """Take unknown fields out of a whole object; their paths ("spec.a[0].b"), sorted."""
    unknown: list[str] = []
    _prune_map(obj, structure, "", unknown, whole=True)
    return sorted(unknown)


def prune_value(value: Any, structure: Structure) -> None:
    """Take unknown fields out of a part of an object."""
    _prune(value, structure, "", [])


def _prune(value: Any, structure: Structure | None, path: str, unknown: list[str]) -> None:
    if type(value) is dict:
        _prune_map(value, structure, path, unknown, whole=structure is not None and structure.embedded)
    elif type(value) is list:
        items = None if structure is None else structure.items
        for index, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                _prune_item(item, structure, items, f"{path}[{index}]", unknown)


def _prune_item(item: Any, structure: Structure | None, items: Structure | None, path: str, unknown: list[str]) -> None:
    """An item of a list; in one that keeps unknown fields, so do the items, whatever their own schema says."""
    if structure is not None and structure.preserve:
        _keep(item, items, path, unknown)
    else:
        _prune(item, items, path, unknown)


def _keep(value: Any, structure: Structure | None, path: str, unknown: list[str]) -> None:
    """A value whose unknown fields are kept: only those that are known are looked into."""
    if structure is None:
        return
    if type(value) is list:
        for index, item in enumerate(value):
            _keep(item, structure.items, f"{path}[{index}]", unknown)
    elif type(value) is dict:
        for name, inner in value.items():
            if structure.embedded and name in META:
                continue
            below = structure.named(name)
            if below is not None or not structure.closed:
                _prune(inner, below or structure.others, f"{path}.{name}" if path else name, unknown)


def _prune_map(
    value: dict[str, Any], structure: Structure | None, path: str, unknown: list[str], *, whole: bool
) -> None:
    if structure is None:
        unknown.extend(f"{path}.{name}" if path else name for name in value)
        value.clear()
        return
    preserve = structure.preserve
    for name, inner in list(value.items()):
        if whole and name in META:
            continue
        below = structure.named(name)
        if below is not None or not structure.closed:
            if type(inner) is dict or type(inner) is list:
                _prune(inner, below or structure.others, f"{path}.{name}" if path else name, unknown)
        elif not preserve:
            del value[name]
            unknown.append(f"{path}.{name}" if path else name)


def drop_nulls(value: Any, structure: Structure | None) -> None:
    """Take out the fields that are null though they may not be and have no default."""
    if type(value) is dict:
        for name, inner in list(value.items()):
            below = None if structure is None else structure.field(name)
            if inner is None:
                if below is not None and not below.nullable and below.default is None:
                    del value[name]
            elif type(inner) is dict or type(inner) is list:
                drop_nulls(inner, below)
    elif type(value) is list:
        items = None if structure is None else structure.items
        for item in value:
            drop_nulls(item, items)


def fill(value: Any, structure: Structure | None) -> None:
    """Put in defaults for what is absent, or null where it may not be."""
    if structure is None:
        return
    if type(value) is dict:
        for name, default, nullable in structure.defaults:
            if name not in value or (value[name] is None and not nullable):
                value[name] = deepcopy(default)
        for name, inner in value.items():
            below = structure.named(name)
            if below is None:
                below = structure.others
                if inner is None and below is not None and not below.nullable:
                    inner = value[name] = deepcopy(below.default)  # noqa: PLW2901 - keys stay the same
            if type(inner) is dict or type(inner) is list:
                fill(inner, below)
    elif type(value) is list:
        _fill_list(value, structure.items)


def _fill_list(value: list[Any], items: Structure | None) -> None:
    if items is None:
        return
    for index, item in enumerate(value):
        if item is None and not items.nullable:
            value[index] = deepcopy(items.default)
        fill(value[index], items)
