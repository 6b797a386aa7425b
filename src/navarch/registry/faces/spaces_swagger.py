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
        "securityDefinitions": _CREDENTIALS,
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
        "produces": _PRODUCES.get(operation.handler, ["application/json"]),
        "parameters": [*map(_in_path, re.findall(r"{(\w+)}", operation.path)), *map(_given, operation.takes)],
        "responses": {str(operation.status): ok, **_refusals(operation)},
    }
    if operation.handler in _DESCRIPTIONS:
        found["description"] = _DESCRIPTIONS[operation.handler]
    if body:
        found["consumes"] = body
    return found


def _refusals(operation: Operation) -> Map:
    """What else may be answered. `default` is for what has nothing to do with the API, as a bad Host header."""
    statuses = {400, 401, 403, 429, 500, 503}
    if "{space}" in operation.path:
        statuses.add(404)
    if operation.method in ("POST", "PUT"):
        statuses |= {404, 408, 409, 413}
    if operation.method in ("PUT", "DELETE"):
        statuses.add(423)
    told = {str(status): {"description": _REFUSED[status], "schema": _ref("Problem")} for status in sorted(statuses)}
    return {**told, "default": {"description": "Refused", "schema": _ref("Problem")}}


def _in_path(name: str) -> Map:
    return {"name": name, "in": "path", "required": True, "type": "string", "pattern": _PATTERNS[name]}


def _given(name: str) -> Map:
    return _PARAMETERS[name]


def _ref(name: str) -> Map:
    return {"$ref": f"#/definitions/{name}"}


def _object(*required: str, **properties: Map) -> Map:
    found: Map = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def _array(items: Map) -> Map:
    return {"type": "array", "items": items}


_STRING: Map = {"type": "string"}
_INTEGER: Map = {"type": "integer"}
_PARAMETERS: dict[str, Map] = {
    "start": {"name": "start", "in": "query", "type": "integer", "default": 0, "description": "first item"},
    "limit": {"name": "limit", "in": "query", "type": "integer", "default": 10, "description": "most items"},
    "space": {"name": "space", "in": "query", "required": True, "type": "string", "description": "name of the space"},
    "chartfile": {
        "name": "chartfile",
        "in": "formData",
        "required": True,
        "type": "file",
        "description": "archive of a chart",
    },
    "prov": {"name": "prov", "in": "formData", "type": "file", "description": "its provenance file"},
    "metadata": {"name": "body", "in": "body", "required": True, "schema": _ref("Metadata")},
    "values": {"name": "body", "in": "body", "required": True, "schema": {"type": "object"}},
}
_NAME = "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
_PATTERNS = {
    "space": _NAME,
    "chart": _NAME,
    "version": r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
}
_BODIES = {
    "create_chart": ["multipart/form-data"],
    "replace": ["multipart/form-data"],
    "change_metadata": ["application/json"],
    "change_values": ["application/json", "application/yaml"],
}
_PRODUCES = {
    "download": ["application/x-gzip", "application/json"],
    "change_values": ["application/json", "application/yaml"],
}
_DESCRIPTIONS = {
    "create_space": 'The name may also be the field "space" of a form, URL-encoded or multipart.',
    "create_chart": (
        "A multipart form uploads an archive. A body of any other content type is an orchestration: JSON as in the "
        "definition Orchestration, which makes a chart of others. Swagger 2 can't describe both of one operation."
    ),
    "change_values": "What was sent is sent back.",
}
_REFUSED = {
    400: "The request, or something in it, can't be understood or isn't allowed",
    401: "Credentials are missing or wrong; WWW-Authenticate says which are wanted",
    403: "Whoever asks may not do this, or the space is full",
    404: "There is no such space, chart or version",
    408: "The body stalled",
    409: "It is there already, or was changed meanwhile",
    413: "The body, or the chart in it, is too large",
    423: "Somebody else works on the version",
    429: "Too many requests; Retry-After says when to come again",
    500: "Something is wrong with the server",
    503: "Something is wrong with the storage",
}
_CREDENTIALS: Map = {
    "password": {"type": "basic"},
    "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Bearer TOKEN"},
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
    "download": {**_STRING, "format": "binary"},
}
_LIST = _object("total", "itemsLength", total=_INTEGER, itemsLength=_INTEGER)
_TEXTS = ("apiVersion", "appVersion", "condition", "description", "home", "icon", "kubeVersion", "tags", "type")
_DEFINITIONS: Map = {
    "Problem": _object("message", "reason", message=_STRING, reason=_STRING),
    "Link": _object("name", "link", name=_STRING, link=_STRING),
    "ChartLink": _object(
        "space", "chart", "version", "link", space=_STRING, chart=_STRING, version=_STRING, link=_STRING
    ),
    "Names": _object("metadata", "items", metadata=_LIST, items=_array(_STRING)),
    "MetadataList": _object("metadata", "items", metadata=_LIST, items=_array(_ref("Metadata"))),
    "Metadata": _object(
        "name",
        "version",
        name=_STRING,
        version=_STRING,
        **dict.fromkeys(_TEXTS, _STRING),
        deprecated={"type": "boolean"},
        keywords=_array(_STRING),
        sources=_array(_STRING),
        maintainers=_array(_object(name=_STRING, email=_STRING, url=_STRING)),
        annotations={"type": "object", "additionalProperties": _STRING},
        dependencies=_array(_ref("Metadata")),
    ),
    "Orchestration": _object("save", "configs", save=_ref("Save"), configs=_ref("Node")),
    "Save": _object(
        "chart",
        "version",
        chart=_STRING,
        version=_STRING,
        description=_STRING,
        values={**_STRING, "enum": ["config", "helm"], "default": "config"},
    ),
    "Node": {
        **_object("package", package=_ref("Package"), _config={"description": "the chart's values"}),
        "additionalProperties": _ref("Node"),
        "description": "A chart; all but package and _config are the charts in it, by their names",
    },
    "Package": _object(
        "independent",
        "space",
        "chart",
        "version",
        independent={"type": "boolean", "description": "whether it is stored, or part of the parent's source"},
        space=_STRING,
        chart=_STRING,
        version=_STRING,
    ),
}
