"""What an orchestration asks for: the JSON of a request, read and checked as a tree of nodes.

    {"save": {"chart": NAME, "version": V, "description": D?, "values": "config" | "helm"?}, "configs": NODE}
    NODE = {"package": {"independent": BOOL, "space": S, "chart": C, "version": V}, "_config": ANY?, CHILD: NODE, …}

Nothing is looked up here; that is navarch.registry.orchestrate's work.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import JsonError
from navarch.registry.problems import REQUEST, Problem, bad, invalid, missing_parameter, wrong_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.registry.names import Names

__all__ = ["CONFIG", "HELM", "Node", "Package", "Plan", "is_deep", "read_plan"]

CONFIG, HELM = "config", "helm"
"""The two layouts of values: the tree of `_config`s, and values where Helm reads them."""

_PACKAGE, _CONFIG = "package", "_config"
_DEEPEST = 32
"""Charts in charts in charts."""
_MOST_CHARTS = 5000
_DEEPEST_VALUES = 500
"""Mappings and lists in each other: YAML of deeper ones is mostly blanks."""


class Package(NamedTuple):
    """Where a node's chart comes from: out of the registry, or (not `independent`) out of its parent's source."""

    independent: bool
    space: str
    chart: str
    version: str


class Node(NamedTuple):
    """One chart of the result. `config` is a list of no or one value, as null is a value, too.

    `children` are sorted by their names.
    """

    package: Package
    config: tuple[Any, ...]
    children: dict[str, Node]


class Plan(NamedTuple):
    """A whole orchestration: what the result is called, how its values are laid out, and its tree."""

    chart: str
    version: str
    description: str
    layout: str
    root: Node


def read_plan(body: bytes, names: Names) -> Plan:
    """The plan in a request's body. Raises Problem (400)."""
    try:
        return _plan(body, names)
    except RecursionError:
        raise bad("config is nested too deeply") from None


def is_deep(value: Any, most: int = _DEEPEST_VALUES) -> bool:
    """Whether mappings and lists are nested more than `most` levels deep."""
    level: list[Any] = [value]
    for _ in range(most + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [item for one in level for item in (one.values() if isinstance(one, dict) else one)]
    return True


def _plan(body: bytes, names: Names) -> Plan:
    found = _object(body)
    save = found.get("save")
    configs = found.get("configs")
    if not isinstance(save, dict | None) or not isinstance(configs, dict | None):
        raise _unknown()
    chart, version, description, layout = (_text(save or {}, name) for name in _SAVE)
    if not chart:
        raise missing_parameter("save.chart")
    if not version:
        raise missing_parameter("save.version")
    if configs is None:
        raise missing_parameter("configs")
    if layout not in ("", CONFIG, HELM):
        raise invalid("save.values", layout)
    names.check_chart(chart)
    names.check_version(version)
    _check_maps(configs, 0, layout == HELM)
    return Plan(chart, version, description, layout or CONFIG, _node(configs, names))


def _object(body: bytes) -> dict[str, Any]:
    from navarch.golang.json import loads

    try:
        found = loads(body.decode("utf-8", "surrogateescape"))
    except JsonError:
        raise _unknown() from None
    if not isinstance(found, dict | None):
        raise _unknown()
    return found or {}


def _unknown() -> Problem:
    return wrong_kind("config", "orchestration config", "unknown")


def _text(save: dict[str, Any], name: str) -> str:
    value = save.get(name)
    if not isinstance(value, str | None):
        raise _unknown()
    return value or ""


def _check_maps(node: dict[str, Any], depth: int, helm: bool, before: int = 0) -> int:
    """How many charts there are with those `before`. Refuses children that are no objects, before all else."""
    if depth > _DEEPEST:
        raise bad(f"config is nested too deeply: no more than {_DEEPEST} charts in each other are taken")
    if before >= _MOST_CHARTS:
        raise Problem(413, REQUEST, f"config has more than {_MOST_CHARTS} charts")
    count = before + 1
    for name in sorted(node):
        value = node[name]
        if name == _CONFIG:
            if helm and not isinstance(value, dict | None):
                raise wrong_kind(_CONFIG, "map", "unknown")
        elif name != _PACKAGE:
            if not isinstance(value, dict):
                raise wrong_kind(name, "map", "unknown")
            count = _check_maps(value, depth + 1, helm, count)
    return count


def _node(node: dict[str, Any], names: Names) -> Node:
    package = _package(node.get(_PACKAGE))
    children = sorted(node.keys() - {_PACKAGE, _CONFIG})
    for name in children:
        _check_child(name, names)
    config = (node[_CONFIG],) if _CONFIG in node else ()
    if any(map(is_deep, config)):
        raise bad("_config is nested too deeply")
    return Node(package, config, {name: _node(node[name], names) for name in children})


def _check_child(name: str, names: Names) -> None:
    """A child's name is that of its folder in charts/; Helm takes one that ends like an archive for an archive."""
    try:
        names.check_chart(name)
    except Problem:
        raise invalid("chart name", name) from None
    if name.endswith((".tgz", ".prov")):
        raise invalid("chart name", name)


def _package(found: Any) -> Package:
    if not isinstance(found, dict | None):
        raise wrong_kind(_PACKAGE, "map", "unknown")
    fields = found or {}
    return Package(
        independent=_field(fields, "independent", bool, "bool"),
        space=_field(fields, "space", str, "string"),
        chart=_field(fields, "chart", str, "string"),
        version=_field(fields, "version", str, "string"),
    )


def _field(fields: dict[str, Any], name: str, kind: type, called: str) -> Any:
    if name not in fields:
        raise missing_parameter(name)
    value = fields[name]
    if type(value) is not kind:
        raise wrong_kind(name, called, "unknown")
    return value


_SAVE = ("chart", "version", "description", "values")
