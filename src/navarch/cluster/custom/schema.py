"""The schema of a CustomResourceDefinition's version in the form that built-in types have, for merging fields."""

from __future__ import annotations

from navarch.cluster.custom.structure import EMPTY, Structure
from navarch.cluster.types.schema import ANY, Field, Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Node = dict[str, Any]

__all__ = ["Root", "root", "structure_of"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_SCALARS = ("string", "integer", "number", "boolean")


class Root(Schema):
    """The schema of a whole custom object, which knows the structure that it was made of.

    `stored` is the structure of the version in which objects are stored; `changed`: some may have been stored by an
    older schema.
    """

    __slots__ = ("changed", "stored", "structure")

    def __init__(self, node: Node, **told: Any) -> None:
        super().__init__("struct", fields=lambda: _whole(node), raw=node, **told)
        self.structure = Structure(node) if node else EMPTY
        self.stored = self.structure
        self.changed = False


def root(version: Node, *, group: str, kind: str) -> Root:
    """The schema of the objects of a version; one that says nothing keeps everything."""
    node: Node = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    name = ".".join([*reversed(group.split(".")), version["name"], kind])
    is_open = not node or node.get("x-kubernetes-preserve-unknown-fields") is True
    return Root(node, open=is_open, name=name, go_type=f"{version['name']}.{kind}")


def structure_of(resource: Resource) -> Structure:
    """The structure of a custom resource's objects."""
    schema = resource.schema
    return schema.structure if isinstance(schema, Root) else Structure(schema.raw or {})


def _whole(node: Node) -> dict[str, Field]:
    """The fields of a whole object: beside its own those that every object has."""
    from navarch.cluster.types.builtin import definition

    string = Schema("string")
    common = {
        "apiVersion": Field("apiVersion", string),
        "kind": Field("kind", string),
        "metadata": Field("metadata", definition(_META), omitted=False),
    }
    return {**common, **{name: field for name, field in _fields(node).items() if name not in common}}


def _fields(node: Node) -> dict[str, Field]:
    needed = node.get("required") or ()
    properties: Node = node.get("properties") or {}
    return {
        name: Field(
            name,
            _schema(one),
            required=name in needed,
            nullable=one.get("nullable") is True,
            default=one["default"] if one.get("default") is not None else ...,
        )
        for name, one in properties.items()
    }


def _schema(node: Node) -> Schema:
    """One node; what is below is made when it is first asked for."""
    type_ = node.get("type", "")
    is_open = node.get("x-kubernetes-preserve-unknown-fields") is True
    if node.get("x-kubernetes-int-or-string") is True:
        return Schema("int-or-string", raw=node)
    if type_ in _SCALARS:
        return Schema(type_, format=node.get("format", ""), enum=tuple(node.get("enum") or ()), raw=node)
    if type_ == "array":
        return _list(node)
    if type_ == "object":
        return _object(node, is_open=is_open)
    return Schema("any", open=is_open, raw=node)


def _list(node: Node) -> Schema:
    items = node.get("items")
    relation = node.get("x-kubernetes-list-type") or "atomic"
    keys = tuple(node.get("x-kubernetes-list-map-keys") or ()) if relation == "map" else ()
    return Schema("list", element=lambda: _schema(items) if items else ANY, relation=relation, keys=keys, raw=node)


def _object(node: Node, *, is_open: bool) -> Schema:
    relation = node.get("x-kubernetes-map-type") or "granular"
    if node.get("x-kubernetes-embedded-resource") is True:
        fields = lambda: _whole(node)  # noqa: E731
        return Schema("struct", fields=fields, relation=relation, open=is_open, embedded=True, raw=node)
    if node.get("properties"):
        return Schema("struct", fields=lambda: _fields(node), relation=relation, open=is_open, raw=node)
    others = node.get("additionalProperties")
    if isinstance(others, dict):
        return Schema("map", element=lambda: _schema(others), relation=relation, raw=node)
    if is_open:
        return Schema("struct", relation=relation, open=True, raw=node)
    return Schema("any", format="object", relation=relation, raw=node)
