"""What /apidocs.json says: the spaces API in Swagger 2.0, made of its table of routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from navarch.registry.faces.spaces_routes import Operation

    Map = dict[str, Any]

__all__ = ["swagger"]

_TITLE = "Navarch chart registry"
_ABOUT = "Keeps charts in spaces, and makes charts of other charts."


def swagger(operations: Iterable[Operation], base: str) -> Map:
    """The whole document."""
    paths: Map = {}
    for operation in operations:
        paths.setdefault(base + operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "swagger": "2.0",
        "info": {"title": _TITLE, "description": _ABOUT, "version": "v1"},
        "paths": paths,
        "definitions": _DEFINITIONS,
    }


def _operation(operation: Operation) -> Map:
    body = _BODIES.get(operation.handler)
    ok: Map = {"description": "No content" if operation.status == 204 else "OK"}
    schema = _ANSWERS.get(operation.handler)
    if schema:
        ok["schema"] = schema
    found: Map = {
        "summary": operation.doc,
        "operationId": operation.handler,
        "produces": ["application/x-gzip" if operation.handler == "download" else "application/json"],
        "parameters": [*map(_in_path, re.findall(r"{(\w+)}", operation.path)), *map(_given, operation.takes)],
        "responses": {str(operation.status): ok, "default": {"description": "Refused", "schema": _ref("Problem")}},
    }
    if body:
        found["consumes"] = body
    return found


def _in_path(name: str) -> Map:
    return {"name": name, "in": "path", "required": True, "type": "string"}


def _given(name: str) -> Map:
    return _PARAMETERS[name]


def _ref(name: str) -> Map:
    return {"$ref": f"#/definitions/{name}"}


def _object(**properties: Map) -> Map:
    return {"type": "object", "properties": properties}


def _array(items: Map) -> Map:
    return {"type": "array", "items": items}


_STRING: Map = {"type": "string"}
_INTEGER: Map = {"type": "integer"}
_PARAMETERS: dict[str, Map] = {
    "start": {"name": "start", "in": "query", "type": "integer", "default": 0, "description": "first item"},
    "limit": {"name": "limit", "in": "query", "type": "integer", "default": 10, "description": "most items"},
    "space": {"name": "space", "in": "query", "required": True, "type": "string", "description": "name of the space"},
    "chartfile": {"name": "chartfile", "in": "formData", "type": "file", "description": "archive of a chart"},
    "orchestration": {"name": "body", "in": "body", "schema": _ref("Orchestration")},
    "metadata": {"name": "body", "in": "body", "required": True, "schema": _ref("Metadata")},
    "values": {"name": "body", "in": "body", "required": True, "schema": {"type": "object"}},
}
_BODIES = {
    "create_chart": ["multipart/form-data", "application/json"],
    "replace": ["multipart/form-data"],
    "change_metadata": ["application/json"],
    "change_values": ["application/json", "application/yaml"],
}
_PAGES = ("list_spaces", "list_charts", "list_versions")
_METADATA = ("latest_in_chart", "metadata", "change_metadata")
_ANSWERS: dict[str, Map] = {
    **dict.fromkeys(_PAGES, _ref("Names")),
    **dict.fromkeys(("space_metadata", "latest_in_space", "chart_metadata"), _ref("MetadataList")),
    **dict.fromkeys(_METADATA, _ref("Metadata")),
    "values": {"type": "object"},
    "change_values": {"type": "object"},
    **dict.fromkeys(("create_chart", "replace"), _ref("ChartLink")),
    "create_space": _ref("Link"),
    "download": {"type": "file"},
}
_LIST = _object(total=_INTEGER, itemsLength=_INTEGER)
_DEFINITIONS: Map = {
    "Problem": _object(message=_STRING, reason=_STRING),
    "Link": _object(name=_STRING, link=_STRING),
    "ChartLink": _object(space=_STRING, chart=_STRING, version=_STRING, link=_STRING),
    "Names": _object(metadata=_LIST, items=_array(_STRING)),
    "MetadataList": _object(metadata=_LIST, items=_array(_ref("Metadata"))),
    "Metadata": _object(
        name=_STRING,
        version=_STRING,
        description=_STRING,
        appVersion=_STRING,
        home=_STRING,
        icon=_STRING,
        keywords=_array(_STRING),
        sources=_array(_STRING),
        dependencies=_array(_ref("Metadata")),
    ),
    "Orchestration": _object(
        save=_object(
            chart=_STRING, version=_STRING, description=_STRING, values={**_STRING, "enum": ["config", "helm"]}
        ),
        configs=_ref("Node"),
    ),
    "Node": {
        **_object(
            package=_object(independent={"type": "boolean"}, space=_STRING, chart=_STRING, version=_STRING),
            _config={"type": "object"},
        ),
        "additionalProperties": _ref("Node"),
    },
}
