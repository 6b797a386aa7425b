"""OpenAPI 2 as a protobuf message, as client-go asks for it: gnostic's openapi.v2.Document.

The field numbers are those of gnostic's OpenAPIv2.proto. Values that may be anything are sent as YAML, as which JSON
passes.
"""

from __future__ import annotations

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

__all__ = ["document", "named_path", "named_schema"]

_VARINT, _FIXED64, _BYTES = 0, 1, 2

# What a key of the JSON form becomes: the number of its field, and how its value is written.
_SCHEMA: dict[str, tuple[int, str]] = {
    "$ref": (1, "text"),
    "format": (2, "text"),
    "title": (3, "text"),
    "description": (4, "text"),
    "default": (5, "any"),
    "multipleOf": (6, "double"),
    "maximum": (7, "double"),
    "exclusiveMaximum": (8, "integer"),
    "minimum": (9, "double"),
    "exclusiveMinimum": (10, "integer"),
    "maxLength": (11, "integer"),
    "minLength": (12, "integer"),
    "pattern": (13, "text"),
    "maxItems": (14, "integer"),
    "minItems": (15, "integer"),
    "uniqueItems": (16, "integer"),
    "maxProperties": (17, "integer"),
    "minProperties": (18, "integer"),
    "required": (19, "texts"),
    "enum": (20, "anys"),
    "additionalProperties": (21, "schema or boolean"),
    "type": (22, "type"),
    "items": (23, "items"),
    "allOf": (24, "schemas"),
    "properties": (25, "properties"),
    "externalDocs": (29, "documentation"),
    "example": (30, "any"),
    "x-": (31, "named any"),
}
_DOCUMENTATION = {"description": (1, "text"), "url": (2, "text")}
_QUERY = {
    "required": (1, "integer"),
    "in": (2, "text"),
    "name": (4, "text"),
    "type": (6, "text"),
    "uniqueItems": (20, "integer"),
}
_PATH = {
    "required": (1, "integer"),
    "in": (2, "text"),
    "name": (4, "text"),
    "type": (5, "text"),
    "uniqueItems": (19, "integer"),
}
_BODY = {"name": (2, "text"), "in": (3, "text"), "required": (4, "integer"), "schema": (5, "schema")}
_RESPONSE = {"description": (1, "text"), "schema": (2, "wrapped schema")}
_OPERATION = {
    "tags": (1, "texts"),
    "operationId": (5, "text"),
    "produces": (6, "texts"),
    "consumes": (7, "texts"),
    "parameters": (8, "parameters"),
    "responses": (9, "responses"),
    "schemes": (10, "texts"),
    "x-": (13, "named any"),
}
_PATH_ITEM = {
    "get": (2, "operation"),
    "put": (3, "operation"),
    "post": (4, "operation"),
    "delete": (5, "operation"),
    "patch": (8, "operation"),
    "parameters": (9, "parameters"),
}
_INFO = {"title": (1, "text"), "version": (2, "text")}
_KEY = {"type": (1, "text"), "name": (2, "text"), "in": (3, "text"), "description": (4, "text")}


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    if value < 0x80:
        return bytes((value,))
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _delimited(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _text(number: int, value: str) -> bytes:
    return _delimited(number, value.encode("utf-8", "replace"))


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(int(value)) if value else b""


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | _FIXED64) + struct.pack("<d", value) if value else b""


def _any(number: int, value: Any) -> bytes:
    return _delimited(number, _text(2, json.dumps(value, separators=(",", ":")) + "\n"))


def _each(write: Callable[[int, Any], bytes]) -> Callable[[int, Iterable[Any]], bytes]:
    return lambda number, values: b"".join([write(number, value) for value in values])


def _message(table: Mapping[str, tuple[int, str]], value: Mapping[str, Any]) -> bytes:
    """The fields of a message; what the table doesn't have isn't written."""
    parts = []
    for key, item in value.items():
        if key.startswith("x-"):
            if "x-" in table:
                number, _ = table["x-"]
                parts.append(_delimited(number, _text(1, key) + _any(2, item)))
        elif key in table:
            number, form = table[key]
            parts.append(_FORMS[form](number, item))
    return b"".join(parts)


def _nested(table: Mapping[str, tuple[int, str]]) -> Callable[[int, Mapping[str, Any]], bytes]:
    return lambda number, value: _delimited(number, _message(table, value))


def _schema(number: int, value: Mapping[str, Any]) -> bytes:
    return _delimited(number, _message(_SCHEMA, value))


def _schema_or_boolean(number: int, value: Any) -> bytes:
    inner = _varint(2 << 3 | _VARINT) + _varint(int(value)) if isinstance(value, bool) else _schema(1, value)
    return _delimited(number, inner)


def _properties(number: int, values: Mapping[str, Any]) -> bytes:
    return _delimited(number, b"".join([_delimited(1, named_schema(name, one)) for name, one in values.items()]))


def _parameter(number: int, value: Mapping[str, Any]) -> bytes:
    if value["in"] == "body":
        inner = _delimited(1, _message(_BODY, value))
    else:
        place, table = (3, _QUERY) if value["in"] == "query" else (4, _PATH)
        inner = _delimited(2, _delimited(place, _message(table, value)))
    return _delimited(number, _delimited(1, inner))


def _responses(number: int, values: Mapping[str, Any]) -> bytes:
    named = [_text(1, code) + _delimited(2, _delimited(1, _message(_RESPONSE, one))) for code, one in values.items()]
    return _delimited(number, b"".join([_delimited(1, one) for one in named]))


_FORMS: dict[str, Callable[[int, Any], bytes]] = {
    "text": _text,
    "texts": _each(_text),
    "integer": _integer,
    "double": _double,
    "any": _any,
    "anys": _each(_any),
    "schema": _schema,
    "schemas": _each(_schema),
    "wrapped schema": lambda number, value: _delimited(number, _schema(1, value)),
    "schema or boolean": _schema_or_boolean,
    "type": lambda number, value: _delimited(number, _text(1, value)),
    "items": lambda number, value: _delimited(number, _schema(1, value)),
    "properties": _properties,
    "documentation": _nested(_DOCUMENTATION),
    "parameters": _each(_parameter),
    "responses": _responses,
    "operation": _nested(_OPERATION),
}


def named_schema(name: str, schema: Mapping[str, Any]) -> bytes:
    """A definition or property under its name."""
    return _text(1, name) + _schema(2, schema)


def named_path(path: str, item: Mapping[str, Any]) -> bytes:
    """A path with its operations."""
    return _text(1, path) + _delimited(2, _message(_PATH_ITEM, item))


def document(head: Mapping[str, Any], paths: Iterable[bytes], definitions: Iterable[bytes]) -> bytes:
    """All of it: `head` has the JSON form's swagger, info, securityDefinitions and security."""
    parts = [_text(1, head["swagger"]), _delimited(2, _message(_INFO, head["info"]))]
    parts.append(_delimited(8, b"".join([_delimited(2, one) for one in paths])))
    parts.append(_delimited(9, b"".join([_delimited(1, one) for one in definitions])))
    for needed in head["security"]:
        named = [_text(1, name) + _delimited(2, _each(_text)(1, scopes)) for name, scopes in needed.items()]
        parts.append(_delimited(12, b"".join([_delimited(1, one) for one in named])))
    keys = [_text(1, name) + _delimited(2, _delimited(2, _message(_KEY, one)))
            for name, one in head["securityDefinitions"].items()]  # fmt: skip
    parts.append(_delimited(13, b"".join([_delimited(1, one) for one in keys])))
    return b"".join(parts)
