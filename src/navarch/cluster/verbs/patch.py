"""Patching: JSON patch, merge patch, strategic merge patch, server-side apply."""

from __future__ import annotations

from navarch.cluster import kinds
from navarch.cluster.conversion import from_storage, storage_key
from navarch.cluster.problems import (
    Cause,
    Problem,
    bad_request,
    conflict,
    invalid,
    not_found,
    unroutable_media_type,
    unsupported_media_type,
)
from navarch.cluster.verbs.create import check_namespace, insert
from navarch.cluster.verbs.owning import own
from navarch.cluster.verbs.update import change, check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.options import Options
    from navarch.cluster.requests import Request
    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.types.schema import Schema

    Object = dict[str, Any]

__all__ = ["APPLY", "JSON", "MERGE", "STRATEGIC", "check_type", "patch", "read_patch"]

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_SORTS = (JSON, MERGE, STRATEGIC, APPLY)


def check_type(resource: Resource, content_type: str) -> None:
    """Raise Problem (415) for a sort of patch that the resource doesn't take."""
    accepted = [JSON, MERGE, APPLY] if resource.custom is not None else [JSON, MERGE, STRATEGIC, APPLY]
    if content_type not in accepted:
        if content_type not in _SORTS:
            raise unroutable_media_type()
        raise unsupported_media_type(accepted)


def read_patch(resource: Resource, request: Request) -> Any:
    """The patch of a request: a list for a JSON patch, else a mapping. Raises Problem."""
    kind = request.content_type
    check_type(resource, kind)
    from navarch.cluster.decode import read_value

    return read_value(request.body, kind, request.query.get("fieldValidation") or "Warn")


def patch(
    api: Api,
    resource: Resource,
    namespace: str,
    name: str,
    body: Any,
    content_type: str,
    subresource: str,
    options: Options,
) -> tuple[Object, bool]:
    """Change an object by `body`; the object after it, and whether it was created. Raises Problem."""
    check_type(resource, content_type)
    with api.store.lock:
        live = api.store.get(storage_key(resource, namespace, name))
        if content_type == APPLY:
            return _apply(api, resource, namespace, name, live, body, subresource, options)
        if live is None:
            raise not_found(resource.group, resource.plural, name)
        current = from_storage(live, resource)
        made, patched = _read(resource, current, body, content_type, options)
        check_namespace(resource, made, namespace)
        _check_identity(made, name)
        own(api, resource, current, made, patched, manager=options.manager, subresource=subresource)
        return change(api, resource, live, made, subresource, options), False


def _check_identity(made: Object, name: str) -> None:
    if made["metadata"].get("name", "") != name:
        check_name(made, name)


def _patched(current: Object, body: Any, content_type: str, resource: Resource) -> Any:
    if content_type == JSON:
        from navarch.cluster.verbs.json_patch import apply_json_patch

        return apply_json_patch(current, body)
    if type(body) is not dict:
        raise bad_request("Invalid JSON Patch" if content_type == MERGE else "invalid patch: not an object")
    if content_type == MERGE:
        from navarch.kube.patch.json_merge import apply_merge_patch

        return apply_merge_patch(current, body)
    from navarch.errors import KubernetesError
    from navarch.kube.patch.strategic import apply_patch
    from navarch.kube.patch.types import find

    expression = find(resource.api_version, resource.kind)
    if expression is None:
        raise Problem(500, "InternalError", f"{resource.kind} can't be patched strategically here: use a merge patch")
    try:
        return apply_patch(current, body, expression)
    except KubernetesError as error:
        raise _unmerged(str(error)) from error


_NOT_MERGED = {
    "invalid JSON document": 400,
    "invalid patch format of primitive list": 400,
    "invalid patch format of retainKeys": 400,
    "invalid patch format of setElementOrder list": 400,
    "strategic merge patch format is not supported": 400,
    "lists of lists are not supported": 422,
    "patch content doesn't match retainKeys list": 422,
}


def _unmerged(why: str) -> Problem:
    """Why a strategic merge patch can't be merged; what Kubernetes has no answer for is the server's fault."""
    code = _NOT_MERGED.get(why, 500)
    return bad_request(why) if code == 400 else Problem(code, "Invalid" if code == 422 else "", why)


def _read(resource: Resource, current: Object, body: Any, content_type: str, options: Options) -> tuple[Object, Any]:
    """The patched object as it is read, and as the patch made it; what is wrong with it is the patch's fault."""
    patched = _patched(current, body, content_type, resource)
    try:
        if type(patched) is not dict:
            raise bad_request("json: cannot unmarshal array into Go value of type map[string]interface {}")
        source = "patch" if content_type == STRATEGIC else "json"
        return kinds.convert(patched, resource, options, source=source), patched
    except Problem as problem:
        if problem.code != 400:
            raise
        raise _unreadable(resource, current, body, patched, content_type, options, problem) from problem


def _unreadable(
    resource: Resource,
    current: Object,
    body: Any,
    patched: Any,
    content_type: str,
    options: Options,
    problem: Problem,
) -> Problem:
    """What is said of a patch that makes no object of the kind: the first fault in the order of the text."""
    from navarch.golang.fmt import sprintf

    if content_type == STRATEGIC:
        shown = sprintf("%+v", body)
    else:
        import json

        written = _in_order(resource, current, body, patched, content_type)
        shown = json.dumps(written, separators=(",", ":"), ensure_ascii=False)
        try:
            if type(written) is dict:
                kinds.convert(written, resource, options, source="json")
        except Problem as again:
            problem = again
    _, known, why = problem.message.partition(f" cannot be handled as a {resource.kind}: ")
    text = f"Invalid value: {sprintf('%q', shown)}: {why if known else problem.message}"
    return invalid("", "", "", [Cause("patch", "FieldValueInvalid", text)])


def _in_order(resource: Resource, current: Object, body: Any, patched: Any, content_type: str) -> Any:
    """What a patch made, with its fields as the text had them that Kubernetes reads then."""
    if resource.custom is not None:  # servers have no type for it, so that all fields come by name
        import json

        return json.loads(json.dumps(patched, sort_keys=True))
    if content_type == MERGE:
        return _as_merged(patched, body, resource.schema)
    return _as_written(patched, current, resource.schema)


def _as_merged(value: Any, patch: Any, schema: Schema | None) -> Any:
    """`value` with its fields in order: by name where the patch has a mapping, too, else as their type has them."""
    if not isinstance(value, dict) or not isinstance(patch, dict):
        return _as_written(value, value, schema)
    return {
        name: _as_merged(value[name], patch[name], _part(schema, name))
        if isinstance(patch.get(name), dict)
        else value[name]
        if name in patch
        else _as_written(value[name], value[name], _part(schema, name))
        for name in sorted(value)
    }


def _as_written(value: Any, current: Any, schema: Schema | None) -> Any:
    """`value` with its fields in order: by name where the patch changed something, else as their type has them."""
    if isinstance(value, dict):
        fields = schema.fields if schema is not None and schema.kind == "struct" else {}
        names = sorted(value)
        if value == current and fields:
            names = [*(name for name in fields if name in value), *(name for name in names if name not in fields)]
        before = current if isinstance(current, dict) else {}
        return {name: _as_written(value[name], before.get(name), _part(schema, name)) for name in names}
    if isinstance(value, list):
        element = None if schema is None or schema.kind != "list" else schema.element
        same = value == current
        return [_as_written(one, one if same else None, element) for one in value]
    return value


def _part(schema: Schema | None, name: str) -> Schema | None:
    if schema is None:
        return None
    if schema.kind == "map":
        return schema.element
    field = schema.fields.get(name) if schema.kind == "struct" else None
    return None if field is None else field.schema


def _converted(resource: Resource, merged: Object, meta: Object, options: Options) -> Object:
    """What applying made, as its type has it."""
    try:
        return kinds.convert(merged, resource, options._replace(validation="Ignore"), source="apply")
    except Problem as problem:
        if problem.code != 400:
            raise
        what = f"{resource.group}/{resource.version}, Kind={resource.kind}"
        where = f"{meta.get('namespace', '')}/{meta.get('name', '')}"
        text = f"failed to convert new object ({where}; {what}) to proper version: "
        raise Problem(500, "", f"{text}unable to convert unstructured object to {what}: {problem.message}") from problem


def _apply(
    api: Api,
    resource: Resource,
    namespace: str,
    name: str,
    live: Object | None,
    body: Any,
    subresource: str,
    options: Options,
) -> tuple[Object, bool]:
    from navarch.cluster import fields

    current = None if live is None else from_storage(live, resource)
    if live is None and subresource:
        raise not_found(resource.group, resource.plural, name)
    applied = fields.apply(
        current, body, manager=options.manager, force=options.force, api_version=resource.api_version,
        schema=resource.schema, subresource=subresource, now=api.now(), resource=resource, catalog=api.catalog,
    )  # fmt: skip
    made = _converted(resource, applied.object, body.get("metadata") or {}, options)
    fields.finish(applied, made)
    check_namespace(resource, made, namespace)
    check_name(made, name)
    if live is not None:
        return change(api, resource, live, made, subresource, options), False
    uid = made["metadata"].get("uid")
    if uid:
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise conflict(resource.group, resource.plural, name, why)
    return insert(api, resource, made, options), True
