"""The parts of a CustomResourceDefinition's schema that may have several forms, as apiextensions' types read them.

What stands in them is read without strictness, as there.
"""

from __future__ import annotations

from navarch.cluster.decode.typed import StopError, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["read_part"]

_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"


def read_part(walk: Walk, schema: Schema, value: Any) -> Any:
    """A schema, or what may stand in its place: a bool, a list of names, a list of schemas."""
    if schema.name.endswith("OrBool"):
        if type(value) is bool:
            return value
        if not isinstance(value, dict):
            raise StopError("boolean or JSON schema expected")
        return _schema(walk, value)
    if isinstance(value, dict):
        return _schema(walk, value)
    if type(value) is not list or not value:
        return None
    if schema.name.endswith("OrStringArray"):
        return _strings(walk, value)
    return [_schema(walk, item) for item in value]


def _schema(walk: Walk, value: Any) -> Any:
    from navarch.cluster.types.builtin import definition

    inner = Walk(walk.root, lenient=walk.lenient)
    inner.path, inner.struct = walk.path, walk.struct
    made = inner.value(definition(_PROPS), value if value is not None else {})
    if inner.error:
        raise StopError(inner.error)
    return made


def _strings(walk: Walk, value: list[Any]) -> list[str]:
    for item in value:
        if type(item) is not str and item is not None:
            raise StopError(walk.mismatch(item, "string"))
    return [item or "" for item in value]
