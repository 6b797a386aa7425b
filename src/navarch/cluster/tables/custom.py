"""Rows of custom resources, by the columns that their CustomResourceDefinition asks for (additionalPrinterColumns).

A column's path is a JSONPath; only the first value that it finds is shown. The rules are those of apiextensions'
package tableconvertor.
"""

from __future__ import annotations

import re

from navarch.cluster.tables.columns import columns_of, described
from navarch.cluster.tables.shown import name_of
from navarch.errors import NavarchError
from navarch.kube.jsonpath import Path, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.tables.shown import Age

__all__ = ["Columns", "scale_columns"]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TOO_LARGE = 2**63  # floats beyond become the least integer
_PLAIN = 1e21  # JSON has floats from there on with an exponent
_ZERO_TIME = "0001-01-01T00:00:00Z"


class Columns:
    """The columns of a custom resource in one version, ready to make rows of its objects."""

    __slots__ = ("_paths", "definitions")

    def __init__(self, asked: list[dict[str, Any]]) -> None:
        self.definitions = columns_of("", "configmaps")[:1]
        self._paths: list[tuple[str, Path]] = []
        for one in asked or [_age_column()]:
            self._add(one)

    def _add(self, column: dict[str, Any]) -> None:
        path = column.get("jsonPath", "")
        try:
            found = Path(f"{{{path}}}")
        except NavarchError:  # a server leaves out the columns from there on
            return
        told = column.get("description") or f"Custom resource definition column (in JSONPath format): {path}"
        format_, priority = column.get("format", ""), column.get("priority", 0)
        self.definitions.append(described(column["name"], column["type"], told, format_=format_, priority=priority))
        self._paths.append((column["type"], found))

    def row(self, obj: dict[str, Any], age: Age) -> list[Any]:
        """The cells of an object."""
        return [name_of(obj), *(_cell(type_, path.find(obj), age) for type_, path in self._paths)]


def scale_columns(version: dict[str, Any]) -> Columns:
    """Those of the scale subresource; `version` is that of the CustomResourceDefinition."""
    scale = (version.get("subresources") or {}).get("scale") or {}
    asked = []
    if scale.get("specReplicasPath"):
        asked.append(_number("Desired", "Number of desired replicas", ".spec.replicas"))
    if scale.get("statusReplicasPath"):
        asked.append(_number("Available", "Number of actual replicas", ".status.replicas"))
    return Columns([*asked, _age_column()])


def _number(name: str, description: str, path: str) -> dict[str, Any]:
    return {"name": name, "type": "integer", "description": description, "jsonPath": path}


def _age_column() -> dict[str, Any]:
    """The column of those that ask for none."""
    return {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def _cell(type_: str, found: list[Any], age: Age) -> Any:
    if not found:
        return None
    value = found[0]
    if type_ == "string":
        return "<no value>" if value is None else printed(value)
    if type_ == "boolean":
        return value if isinstance(value, bool) else None
    if type_ == "date":
        return _since(value, age) if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if type_ == "integer":
        return int(value) if -_TOO_LARGE <= value < _TOO_LARGE else -_TOO_LARGE
    if type_ != "number":
        return None
    return int(value) if isinstance(value, int) or (value.is_integer() and abs(value) < _PLAIN) else value


def _since(value: str, age: Age) -> str:
    if value in ("", "null", _ZERO_TIME):
        return "<unknown>"
    if not _TIME.fullmatch(value):
        return "<invalid>"
    shown = age(value)
    return "<invalid>" if shown == "<unknown>" else shown
