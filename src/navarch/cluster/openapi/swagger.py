"""The document of OpenAPI 2, with everything in it; made piece by piece, since it is large."""

from __future__ import annotations

import json

from navarch.cluster.openapi import gnostic
from navarch.cluster.openapi.custom import custom_schemas
from navarch.cluster.openapi.definitions import published, schema_v2
from navarch.cluster.openapi.documents import ROOTS, SECURITY, FormV2, group_listing, path_items, resources_listing
from navarch.cluster.openapi.paths import operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.cluster.types.catalog import Catalog

    Object = dict[str, Any]

__all__ = ["swagger_json", "swagger_protobuf"]

_HEAD: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Kubernetes", "version": "1.36"},
    "securityDefinitions": SECURITY,
    "security": [{"BearerToken": []}],
}


def _paths(catalog: Catalog) -> Iterator[tuple[str, Object]]:
    form, every = FormV2(), list(ROOTS.values())
    versions: dict[tuple[str, str], None] = {}
    for one in catalog:
        every.extend(operations(one))
        if one.custom is None:
            versions[one.group, one.version] = None
    every.extend(group_listing(group) for group in {group for group, _ in versions} if group)
    every.extend(resources_listing(group, version) for group, version in versions)
    return path_items(every, form)


def _definitions(catalog: Catalog) -> Iterator[tuple[str, Object]]:
    for name in published():
        yield name, schema_v2(name)
    for one in catalog:
        if one.custom is not None:
            yield from custom_schemas(one, v2=True).items()


def _json_object(pairs: Iterator[tuple[str, Object]]) -> str:
    written = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in pairs]
    return "{" + ",".join(written) + "}"


def swagger_json(catalog: Catalog) -> bytes:
    """As JSON."""
    head = json.dumps(_HEAD, separators=(",", ":"))[:-1]
    paths, definitions = _json_object(_paths(catalog)), _json_object(_definitions(catalog))
    return f'{head},"paths":{paths},"definitions":{definitions}}}\n'.encode()


def swagger_protobuf(catalog: Catalog) -> bytes:
    """As gnostic's protobuf message."""
    paths = (gnostic.named_path(path, item) for path, item in _paths(catalog))
    definitions = (gnostic.named_schema(name, schema) for name, schema in _definitions(catalog))
    return gnostic.document(_HEAD, paths, definitions)
