"""The parts of a CustomResourceDefinition's schema that may have several forms, as protobuf has them."""

from __future__ import annotations

from navarch.cluster.decode.protovalues import text
from navarch.cluster.decode.wire import DELIMITED, VARINT, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["has_forms", "read_forms"]

_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_FIELDS = {
    "JSONSchemaPropsOrBool": {1: ("Allows", VARINT), 2: ("Schema", DELIMITED)},
    "JSONSchemaPropsOrArray": {1: ("Schema", DELIMITED), 2: ("JSONSchemas", DELIMITED)},
    "JSONSchemaPropsOrStringArray": {1: ("Schema", DELIMITED), 2: ("Property", DELIMITED)},
}


def has_forms(schema: Schema) -> bool:
    """Whether values of this type are read here."""
    return "JSONSchemaPropsOr" in schema.name


def read_forms(schema: Schema, data: bytes, read: Callable[[Schema, bytes, Any], Any]) -> Any:
    """A schema, or what stands in its place; `read` makes an object of a message, merged into what came before."""
    from navarch.cluster.types.builtin import definition

    name, props = schema.name.rpartition(".")[2], definition(_PROPS)
    found, allows, several = None, False, []
    for number, item in members(data, name, _FIELDS[name]):
        if type(item) is int:
            allows = bool(item)
        elif name.endswith("OrBool") or number == 1:
            found = read(props, item, found)
        else:
            several.append(text(item) if name.endswith("OrStringArray") else read(props, item, None))
    if several:
        return several
    return allows if found is None and name.endswith("OrBool") else found
