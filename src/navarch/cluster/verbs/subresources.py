"""Parts of objects with their own addresses: scale, log, eviction, binding, finalize, token, approval."""

from __future__ import annotations

from navarch.cluster.forms import PLAIN, dumps, negotiate
from navarch.cluster.problems import Problem, bad_request, method_not_allowed, no_such_path
from navarch.cluster.requests import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target

    Object = dict[str, Any]

__all__ = ["subresource"]

_CONNECTIONS = frozenset(["exec", "attach", "portforward", "proxy"])
_PARTS_OF_OBJECT = frozenset(["ephemeralcontainers", "resize", "finalize", "approval"])


def subresource(api: Api, request: Request, target: Target) -> Answer:
    """Answer a request for a part of an object. Raises Problem."""
    name = target.subresource
    if name in _CONNECTIONS:
        raise Problem(
            501, "NotImplemented", f"pods run no containers on this cluster: there is nothing to {name} to", {}
        )
    answer = {"scale": _scale, "log": _log, "eviction": _posted, "binding": _posted, "token": _posted}.get(name)
    if answer is not None:
        return answer(api, request, target)
    if name in _PARTS_OF_OBJECT:
        return _part(api, request, target)
    raise no_such_path()


def _namespace(target: Target) -> str:
    return target.namespace or ""


def _part(api: Api, request: Request, target: Target) -> Answer:
    """Parts that are read and written as the whole object, of which only that part is taken."""
    from navarch.cluster.decode import read
    from navarch.cluster.verbs.patch import read_patch

    if request.method == "GET":
        made = api.get(target.resource, _namespace(target), target.name)
    elif request.method == "PUT":
        options = request.options("UpdateOptions")
        kind, version = target.resource.kind, target.resource.api_version
        body = read(request.body, request.headers.get("content-type", ""), kind, version)
        made = api.update(
            target.resource, body.object, subresource=target.subresource, options=options, duplicates=body.duplicates
        )
    elif request.method == "PATCH":
        patch, options = read_patch(target.resource, request), request.options("PatchOptions")
        made, _ = api.patch(
            target.resource, _namespace(target), target.name, patch, request.content_type,
            subresource=target.subresource, options=options,
        )  # fmt: skip
    else:
        raise method_not_allowed()
    return Answer(200, PLAIN.content_type, dumps(made))


def _scale(api: Api, request: Request, target: Target) -> Answer:
    from navarch.cluster.verbs.scale import change_scale, read_scale

    form = negotiate(request.headers.get("accept", ""))
    if request.method == "GET":
        found = read_scale(target.resource, api.get(target.resource, _namespace(target), target.name))
    elif request.method in {"PUT", "PATCH"}:
        found = change_scale(api, request, target)
    else:
        raise method_not_allowed()
    if form.shape:
        from navarch.cluster.forms import shaped

        include = request.query.get("includeObject", "")
        table = shaped(target.resource, [found], form, include=include, now=api.now(), meta=None, subresource="scale")
        return Answer(200, form.content_type, dumps(table))
    return Answer(200, form.content_type, dumps(found))


def _log(api: Api, request: Request, target: Target) -> Answer:
    pod = api.get(target.resource, _namespace(target), target.name)
    container = request.query.get("container", "")
    spec = pod.get("spec") or {}
    names = [
        one["name"] for part in ("containers", "initContainers", "ephemeralContainers") for one in spec.get(part) or ()
    ]
    if container and container not in names:
        raise bad_request(f"container {container} is not valid for pod {target.name}")
    if not container and len(spec["containers"]) > 1:
        several = " ".join(one["name"] for one in spec["containers"])
        raise bad_request(f"a container name must be specified for pod {target.name}, choose one of: [{several}]")
    container = container or spec["containers"][0]["name"]
    if api.logs is None:
        if not spec.get("nodeName"):
            return Answer(204, "text/plain")
        raise Problem(500, "InternalError", "Internal error occurred: no node runs the containers of this cluster")
    tail = request.number("tailLines")
    text = api.logs(pod, container, previous=request.flag("previous"), tail=tail, timestamps=request.flag("timestamps"))
    data = text.encode()
    limit = request.number("limitBytes")
    return Answer(200, "text/plain", data if limit is None else data[:limit])


def _posted(api: Api, request: Request, target: Target) -> Answer:
    """Parts to which something is posted, and that answer what came of it."""
    if request.method != "POST":
        raise method_not_allowed()
    made = _handler(target.subresource)(api, request, target)
    return Answer(201, PLAIN.content_type, dumps(made))


def _handler(name: str) -> Callable[[Api, Request, Target], Object]:
    if name == "eviction":
        from navarch.cluster.verbs.eviction import evict

        return evict
    if name == "binding":
        from navarch.cluster.verbs.binding import bind

        return bind
    from navarch.cluster.verbs.tokens import give_token

    return give_token
