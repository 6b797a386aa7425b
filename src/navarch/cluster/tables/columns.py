"""The columns of built-in resources' tables, as an API server names them. What it tells of each is text of its own.

They are kept in columns.txt (written by tools/cluster-columns): for each resource a line ":GROUP/PLURAL" and a line for
each column with its name, type, format and priority, separated by tabs.
"""

from __future__ import annotations

import os
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["columns_of", "described"]


def described(name: str, type_: str, description: str = "", *, format_: str = "", priority: int = 0) -> dict[str, Any]:
    """A TableColumnDefinition."""
    return {"name": name, "type": type_, "format": format_, "description": description, "priority": priority}


@lru_cache(64)
def columns_of(group: str, plural: str) -> list[dict[str, Any]]:
    """The columns of a resource, "autoscaling" and "scale" for the scale subresource.

    Without columns of its own it has those of every other resource: "Name" and "Created At".
    """
    with open(os.path.join(os.path.dirname(__file__), "columns.txt"), encoding="utf-8") as file:
        _, _, rest = f"\n{file.read()}".partition(f"\n:{group}/{plural}\n")
    if not rest:
        return columns_of("", "limitranges")
    return [_column(line) for line in rest.partition("\n:")[0].strip("\n").split("\n")]


def _column(line: str) -> dict[str, Any]:
    name, type_, format_, priority = line.split("\t")
    return described(name, type_, format_=format_, priority=int(priority))
