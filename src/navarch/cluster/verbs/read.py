"""Lists, in one piece or page by page, and deleting what a list would show."""

from __future__ import annotations

import base64
import json

from navarch.cluster.conversion import from_storage, storage_key
from navarch.cluster.forms import encode, negotiate, shaped
from navarch.cluster.problems import Problem, bad_request
from navarch.cluster.requests import Answer
from navarch.cluster.selecting import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.forms import Form
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target

    Object = dict[str, Any]

__all__ = ["delete_collection", "list_objects"]

_TOKEN = "meta.k8s.io/v1"  # noqa: S105 - the version of continue tokens


def list_objects(api: Api, request: Request, target: Target) -> Answer:
    """Answer a list. Raises Problem."""
    form = negotiate(request.headers.get("accept", ""))
    limit = request.number("limit") or 0
    if limit < 0:
        raise bad_request(f"limit must not be negative: {limit}")
    after, revision = _position(request.query.get("continue", ""))
    selection = select(target.resource, request.query.get("labelSelector", ""), request.query.get("fieldSelector", ""))
    key = storage_key(target.resource, "", "")
    with api.store.lock:
        rows = api.store.list(key.group, key.plural, target.namespace, after=after)
        revision = revision or api.store.revision
    found = [obj for obj in rows if selection.matches(obj)]
    meta: Object = {"continue": "", "resourceVersion": str(revision)}
    if target.resource.custom is None:
        del meta["continue"]  # only untyped lists say that they are whole
    if limit and len(found) > limit:
        last = found[limit - 1]["metadata"]
        meta["continue"] = _token(revision, last.get("namespace", ""), last["name"])
        if selection.labels is None and not selection.terms:
            meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    objects = [from_storage(obj, target.resource) for obj in found]
    return _listed(api, request, target, objects, meta, form)


def _listed(api: Api, request: Request, target: Target, objects: list[Object], meta: Object, form: Form) -> Answer:
    resource = target.resource
    if form.shape:
        include = request.query.get("includeObject", "")
        value = shaped(resource, objects, form, include=include, now=api.now(), meta=meta)
    else:
        items = objects
        if resource.custom is None:  # the items of a typed list don't say what they are
            items = [{key: part for key, part in one.items() if key not in {"apiVersion", "kind"}} for one in objects]
        kind = resource.list_kind or f"{resource.kind}List"
        value = {"kind": kind, "apiVersion": resource.api_version, "metadata": meta, "items": items}
    return Answer(200, form.content_type, encode(value, form, pretty=request.pretty))


def _token(revision: int, namespace: str, name: str) -> str:
    start = f"{namespace}/{name}\0" if namespace else f"{name}\0"
    text = json.dumps({"v": _TOKEN, "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(token: str) -> tuple[tuple[str, str], int]:
    """Where a list goes on: behind which namespace and name, and as of which revision."""
    if not token:
        return ("", ""), 0
    try:
        given = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, _, name = given["start"].rstrip("\0").rpartition("/")
        return (namespace, name), int(given["rv"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise bad_request("invalid continue token: continue key is not valid") from None


def delete_collection(api: Api, request: Request, target: Target) -> Answer:
    """Delete what the selectors select; the answer is the list of it, as it was before."""
    form = negotiate(request.headers.get("accept", ""))
    deletion = request.deletion()
    labels, fields = request.query.get("labelSelector", ""), request.query.get("fieldSelector", "")
    gone = api.list(target.resource, target.namespace, labels=labels, fields=fields)
    for obj in gone:
        meta = obj["metadata"]
        try:
            api.delete(target.resource, meta.get("namespace", ""), meta["name"], deletion)
        except Problem as problem:
            if problem.code != 404:
                raise
    return _listed(api, request, target, gone, {"resourceVersion": str(api.store.revision)}, form)
