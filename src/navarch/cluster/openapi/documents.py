"""The documents of OpenAPI 3, one for each version of a group, and how operations are told in either version."""

from __future__ import annotations

from navarch.cluster.openapi.custom import custom_schemas
from navarch.cluster.openapi.definitions import references, schema_v3
from navarch.cluster.openapi.paths import META, PARAMETERS, group_name, group_tag, listing, operations, tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from navarch.cluster.openapi.paths import Operation
    from navarch.cluster.types.catalog import Catalog, Resource

    Object = dict[str, Any]

__all__ = [
    "ROOTS",
    "SECURITY",
    "FormV2",
    "FormV3",
    "group_document",
    "group_listing",
    "groups",
    "path_items",
    "resources_listing",
]

_WORDS = {200: "OK", 201: "Created", 202: "Accepted", 401: "Unauthorized"}
_INFO = {"title": "Kubernetes", "version": "1.36"}
_CUSTOM_INFO = {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}
_KINDS = "x-kubernetes-group-version-kind"
SECURITY = {
    "BearerToken": {
        "type": "apiKey", "name": "authorization", "in": "header", "description": "Bearer Token authentication",
    }
}  # fmt: skip
ROOTS = {
    "api": listing("/api/", "getCoreAPIVersions", "core", f"{META}.APIVersions"),
    "apis": listing("/apis/", "getAPIVersions", "apis", f"{META}.APIGroupList"),
    "version": listing(
        "/version/", "getCodeVersion", "version", "io.k8s.apimachinery.pkg.version.Info", ("application/json",)
    ),
}


def groups(catalog: Catalog) -> dict[str, list[Resource]]:
    """The names of the documents of OpenAPI 3 ("api/v1", "apis/apps/v1", "apis") with the resources that each tells."""
    found: dict[str, list[Resource]] = {name: [] for name in ROOTS}
    for one in catalog:
        if one.group and one.custom is None:
            found.setdefault(f"apis/{one.group}", [])
        found.setdefault(f"apis/{one.group}/{one.version}" if one.group else f"api/{one.version}", []).append(one)
    return dict(sorted(found.items()))


class FormV3:
    """How OpenAPI 3 tells an operation."""

    prefix = "#/components/schemas/"

    def parameter(self, name: str, place: str, kind: str) -> Object:
        told: Object = {"name": name, "in": place, "schema": {"type": kind, "uniqueItems": True}}
        return {**told, "required": True} if place == "path" else told

    def operation(self, one: Operation, parameters: list[Object]) -> Object:
        told = _head(one, parameters)
        if one.body:
            content = {form: {"schema": {"$ref": self.prefix + one.body}} for form in one.accepts}
            told["requestBody"] = {"content": content}
            if not one.body.endswith(".DeleteOptions"):
                told["requestBody"]["required"] = True
        told["responses"] = {str(code): self.response(one, code) for code in one.codes}
        told["responses"]["401"] = {"description": _WORDS[401]}
        return {**told, **_extensions(one)}

    def response(self, one: Operation, code: int) -> Object:
        schema = {"$ref": self.prefix + one.answer} if one.answer else {"type": "string"}
        return {"description": _WORDS[code], "content": {form: {"schema": schema} for form in one.makes}}


class FormV2:
    """How OpenAPI 2 tells an operation."""

    prefix = "#/definitions/"

    def parameter(self, name: str, place: str, kind: str) -> Object:
        told: Object = {"name": name, "in": place, "type": kind, "uniqueItems": True}
        return {**told, "required": True} if place == "path" else told

    def operation(self, one: Operation, parameters: list[Object]) -> Object:
        if one.body:
            body: Object = {"name": "body", "in": "body", "schema": {"$ref": self.prefix + one.body}}
            if not one.body.endswith(".DeleteOptions"):
                body["required"] = True
            parameters = [body, *parameters]
        told: Object = {"consumes": list(one.accepts), "produces": list(one.makes), "schemes": ["https"]}
        told.update(_head(one, parameters))
        told["responses"] = {str(code): self.response(one, code) for code in one.codes}
        told["responses"]["401"] = {"description": _WORDS[401]}
        return {**told, **_extensions(one)}

    def response(self, one: Operation, code: int) -> Object:
        schema = {"$ref": self.prefix + one.answer} if one.answer else {"type": "string"}
        return {"description": _WORDS[code], "schema": schema}


def _head(one: Operation, parameters: list[Object]) -> Object:
    told: Object = {"tags": [one.tag], "operationId": one.identifier}
    if parameters:
        told["parameters"] = parameters
    return told


def _extensions(one: Operation) -> Object:
    if not one.action:
        return {}
    group, version, kind = one.kind
    return {"x-kubernetes-action": one.action, _KINDS: {"group": group, "kind": kind, "version": version}}


def path_items(many: Iterable[Operation], form: FormV2 | FormV3) -> Iterator[tuple[str, Object]]:
    """Every path with its operations; parameters that all of them have are told once for the path."""
    by_path: dict[str, list[Operation]] = {}
    for one in many:
        by_path.setdefault(one.path, []).append(one)
    for path, found in sorted(by_path.items()):
        common = set.intersection(*(set(one.query) for one in found))
        item: Object = {
            one.method: form.operation(
                one, [form.parameter(name, "query", PARAMETERS[name]) for name in one.query if name not in common]
            )
            for one in found
        }
        places = {name: "path" for name in ("name", "namespace") if f"{{{name}}}" in path}
        if found[0].action:
            places.update(dict.fromkeys([*common, "pretty"], "query"))
            item["parameters"] = [
                form.parameter(name, place, PARAMETERS.get(name, "string")) for name, place in sorted(places.items())
            ]
        yield path, item


def group_listing(group: str) -> Operation:
    """The address that tells the versions of a group."""
    return listing(f"/apis/{group}/", f"get{group_name(group)}APIGroup", group_tag(group), f"{META}.APIGroup")


def resources_listing(group: str, version: str) -> Operation:
    """The address that tells the resources of a group's version."""
    path = f"/apis/{group}/{version}/" if group else f"/api/{version}/"
    name = f"get{group_name(group)}{version.capitalize()}APIResources"
    return listing(path, name, tag(group, version), f"{META}.APIResourceList")


def group_document(catalog: Catalog, name: str) -> Object | None:
    """The document of OpenAPI 3 of that name; None if there is none."""
    if name in ROOTS:
        return _document([ROOTS[name]], [])
    resources = groups(catalog).get(name)
    if resources is None:
        return None
    if not resources:
        return _document([group_listing(name.removeprefix("apis/"))], [])
    every = [operation for one in resources for operation in operations(one)]
    if resources[0].custom is None:
        every.append(resources_listing(resources[0].group, resources[0].version))
    return _document(every, resources)


def _document(every: list[Operation], resources: list[Resource]) -> Object:
    custom = bool(resources) and resources[0].custom is not None
    schemas: dict[str, Object] = {}
    for one in resources:
        if one.custom is not None:
            schemas.update(custom_schemas(one, v2=False))
    named = [name for one in every for name in (one.body, one.answer) if name and name not in schemas]
    if custom:
        named += [f"{META}.ObjectMeta", f"{META}.ListMeta"]
    elif any("watch" in one.verbs for one in resources):
        named.append(f"{META}.WatchEvent")
    own = _closure(named)
    versions = frozenset((one.group, one.version) for one in resources)
    schemas.update((name, schema_v3(name, versions)) for name in own)
    told: Object = {"openapi": "3.0.0", "info": _CUSTOM_INFO if custom else _INFO}
    told["paths"] = dict(path_items(every, FormV3()))
    told["components"] = {"schemas": dict(sorted(schemas.items()))}
    if not custom:
        told["components"]["securitySchemes"] = SECURITY
    return told


def _closure(names: Iterable[str]) -> set[str]:
    """Definitions with all that they mention."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(references(name))
    return found
