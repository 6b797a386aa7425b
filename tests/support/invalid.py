"""Objects that break rules, kept as changes of objects that don't."""

from __future__ import annotations

import copy
import json
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["cases", "changed", "changes", "seeds"]

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cluster", "validation")


@cache
def seeds() -> list[dict[str, Any]]:
    """Valid objects, as an API server prepares them."""
    with open(os.path.join(_HERE, "seeds.json"), encoding="utf-8") as file:
        return list(json.load(file)["prepared"])


@cache
def cases() -> list[dict[str, Any]]:
    """Which of them, what was changed, and what is wrong with it then (recorded: tools/cluster-validation)."""
    with open(os.path.join(_HERE, "cases.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def changes(old: Any, new: Any, path: tuple[str | int, ...] = ()) -> list[list[Any]]:
    """What makes one of the other: [path, value] each, without a value where a field goes."""
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        gone = [[[*path, key]] for key in old if key not in new]
        kept = [one for key in new if key in old for one in changes(old[key], new[key], (*path, key))]
        return gone + kept + [[[*path, key], new[key]] for key in new if key not in old]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [one for at, value in enumerate(new) for one in changes(old[at], value, (*path, at))]
    return [[[*path], new]]


def changed(old: Any, rows: list[list[Any]]) -> Any:
    """The object with those changes."""
    new = copy.deepcopy(old)
    for path, *value in rows:
        if not path:
            new = copy.deepcopy(value[0])
            continue
        where = new
        for key in path[:-1]:
            where = where[key]
        if value:
            where[path[-1]] = copy.deepcopy(value[0])
        else:
            del where[path[-1]]
    return new
