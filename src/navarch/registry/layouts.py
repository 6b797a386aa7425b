"""The values of an orchestrated chart, in both layouts.

    config   the root's values.yaml is the tree of `_config`s, no other chart has values
    helm     each `_config` wins over what its source sets, and stands where Helm reads it: in the root's values.yaml,
             below the child's new name; what a source sets for a child that got another name moves with it

In the helm layout children keep their own values.yaml: their defaults, below which the root's stand. Only what a
`_config` removes (by null) and what moved is taken out of them.
"""

from __future__ import annotations

from navarch.registry.plan import CONFIG, HELM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.chart.model import Chart
    from navarch.registry.orchestrate import Tree
    from navarch.registry.plan import Node

    Map = dict[str, Any]

__all__ = ["schemas_of", "values_of"]


def values_of(root: Tree, layout: str) -> dict[int, bytes | None]:
    """The text of each node's values.yaml, by the node's id(); None for none."""
    if layout == CONFIG:
        texts: dict[int, bytes | None] = dict.fromkeys(map(id, root.walk()))
        texts[id(root)] = _yaml(_configs(root.node))
        return texts
    return _helm(root)


def _configs(node: Node) -> Map:
    tree = {"_config": node.config[0]} if node.config else {}
    return tree | {name: _configs(child) for name, child in node.children.items()}


def _helm(root: Tree) -> dict[int, bytes | None]:
    from navarch.values.coalesce import copy_values

    own = {id(tree): _moved(copy_values(tree.source.values), tree) for tree in root.walk()}
    _take_out(root, [], own)
    _lay_over(own[id(root)], root)
    return {id(tree): _text_of(tree, own[id(tree)]) for tree in root.walk()}


def _config_of(tree: Tree) -> Map:
    """A node's `_config`, empty without one."""
    return (tree.node.config[0] if tree.node.config else None) or {}


def _text_of(tree: Tree, values: Map) -> bytes | None:
    """A values.yaml, as it was written if it says the same."""
    if repr(values) == repr(tree.source.values):
        return tree.source.raw_file("values.yaml")
    text = _yaml(values)
    return tree.source.raw_file("values.yaml") if text == _yaml(tree.source.values) else text


def _moved(values: Map, tree: Tree) -> Map:
    """A source's values, or what an ancestor sets for it: what is for its children is under their new names.

    What is for a subchart whose name another one of the source has now is left out, as is what is no mapping where
    Helm wants one.
    """
    gone = {child.key for child in tree.children if child.key}
    gone |= {child.name for child in tree.children if child.key} & _keys(tree.source)
    kept = {name: value for name, value in values.items() if name not in gone}
    for child in tree.children:
        found = [kept.pop(child.name, None), values.get(child.key) if child.key else None]
        given = [_moved(one, child) for one in found if isinstance(one, dict)]
        if given:
            kept[child.name] = _joined(given)
    return kept


def _keys(chart: Chart) -> set[str]:
    """The names under which a chart's values have those of its subcharts."""
    return {one.alias or one.name for one in chart.metadata.dependencies} | {one.name for one in chart.dependencies}


def _joined(parts: list[Map]) -> Map:
    """Mappings laid over each other, nulls and all."""
    joined = parts[0]
    for part in parts[1:]:
        for name, value in part.items():
            before = joined.get(name)
            tables = [one for one in (before, value) if isinstance(one, dict)]
            joined[name] = _joined(tables) if len(tables) > 1 else value
    return joined


def _take_out(tree: Tree, above: list[tuple[Tree, tuple[str, ...]]], own: dict[int, Map]) -> None:
    """Take what a `_config` removes out of all values that set it: the node's, its children's, and those `above` it.

    `above` has the nodes that lead here, each with the path from there.
    """
    config = _config_of(tree)
    places = [*above, (tree, ())]
    for place, path in places:
        _remove_nulls(_at(own[id(place)], path), config)
    _prune(tree, config, own)
    for child in tree.children:
        _take_out(child, [(place, (*path, child.name)) for place, path in places], own)


def _prune(tree: Tree, config: Map, own: dict[int, Map]) -> None:
    """Take out of the defaults of the children of a node what the node's `_config` removes there."""
    for child in tree.children:
        inner = config.get(child.name)
        if isinstance(inner, dict):
            _remove_nulls(own[id(child)], inner)
            _prune(child, inner, own)


def _remove_nulls(values: Map | None, config: Map) -> None:
    """Take out of values what a `_config` has null for."""
    if values is None:
        return
    for name, value in config.items():
        before = values.get(name)
        if value is None:
            values.pop(name, None)
        elif isinstance(value, dict) and isinstance(before, dict):
            _remove_nulls(before, value)


def _lay_over(values: Map, tree: Tree) -> None:
    """Put the `_config`s of a node and of those below it over values."""
    _merge(values, _config_of(tree))
    for child in tree.children:
        inner = values.get(child.name)
        if inner is not None and not isinstance(inner, dict):
            del values[child.name]
        if any(map(_config_of, child.walk())):
            if not isinstance(inner, dict):
                inner = values[child.name] = {}
            _lay_over(inner, child)


def _merge(values: Map, over: Map) -> None:
    """Put one mapping over another; null removes."""
    for name, value in over.items():
        before = values.get(name)
        if value is None:
            values.pop(name, None)
        elif isinstance(value, dict):
            if not isinstance(before, dict):
                before = values[name] = {}
            _merge(before, value)
        else:
            values[name] = value


def _at(values: Map, path: tuple[str, ...]) -> Map | None:
    """The mapping at a path, None where there is none."""
    found: Any = values
    for name in path:
        found = found.get(name)
        if not isinstance(found, dict):
            return None
    return found if isinstance(found, dict) else None


def _yaml(values: Map) -> bytes:
    from navarch.golang.yaml import dump

    return dump(values).encode("utf-8", "surrogateescape")


def schemas_of(root: Tree, layout: str) -> dict[int, bytes | None]:
    """The text of each node's values.schema.json, by the node's id(); None for none.

    A schema doesn't fit values of the config layout. In the other it is told the new names of children.
    """
    if layout != HELM:
        return dict.fromkeys(map(id, root.walk()))
    return {id(tree): _schema(tree) for tree in root.walk()}


def _schema(tree: Tree) -> bytes | None:
    from navarch.errors import JsonError
    from navarch.golang.json import dumps_indent, loads

    data = tree.source.schema
    if data is None or not (tree.children or tree.source.dependencies):
        return data
    try:
        schema = loads(data.decode("utf-8", "surrogateescape"))
    except JsonError:
        return data
    if not isinstance(schema, dict) or not _renamed(schema, tree):
        return data
    return f"{dumps_indent(schema)}\n".encode("utf-8", "surrogateescape")


def _renamed(schema: Map, tree: Tree) -> bool:
    """Change what a schema says of children; answers whether it had anything to say."""
    changed = False
    properties = schema.get("properties")
    if isinstance(properties, dict):
        taken = {child.key for child in tree.children if child.key}
        kept = {name: value for name, value in properties.items() if name not in taken}
        for child in tree.children:
            if child.key in properties:
                kept[child.name] = properties[child.key]
            elif schema.get("additionalProperties") is False:
                kept.setdefault(child.name, {"type": "object"})
        changed = kept != properties
        schema["properties"] = kept
    required = schema.get("required")
    if isinstance(required, list):
        schema["required"] = list(_still_required(required, tree))
        changed = changed or schema["required"] != required
    return changed


def _still_required(required: list[Any], tree: Tree) -> Iterator[Any]:
    """The names that have to be there, those of children that are gone left out."""
    present = {child.name for child in tree.children}
    gone = {child.name for child in tree.source.dependencies}
    for name in required:
        names = [child.name for child in tree.children if child.key == name]
        if names:
            yield from names
        elif name not in gone or name in present:
            yield name
