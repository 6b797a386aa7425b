"""From a request to its answer: who answers which path, and how problems look."""

from __future__ import annotations

from navarch.cluster.forms import PLAIN, encode, negotiate, shaped
from navarch.cluster.problems import Problem, method_not_allowed, no_such_path
from navarch.cluster.requests import Answer
from navarch.cluster.routes import resolve
from navarch.cluster.users import Action, authorize, impersonated
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.forms import Form
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["handle"]

_HEALTH = frozenset(["/healthz", "/livez", "/readyz", "/healthz/ping", "/livez/ping", "/readyz/ping"])


def handle(api: Api, request: Request) -> Answer:
    """Answer a request. Whatever goes wrong becomes a Status object; warnings go along with either."""
    answer = _told(api, request)
    if not request.warnings:
        return answer
    headers = [("Warning", _warning(text)) for text in request.warnings]
    return answer._replace(headers=(*headers, *answer.headers))


def _told(api: Api, request: Request) -> Answer:
    try:
        return _answer(api, request)
    except Problem as problem:
        return _refusal(request, problem)
    except NavarchError as error:
        return _refusal(request, Problem(500, "InternalError", f"Internal error occurred: {error}"))
    except RecursionError:
        return _refusal(request, Problem(400, "BadRequest", "the object is nested too deeply"))
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not look like a lost connection
        import sys
        import traceback

        traceback.print_exc(file=sys.stderr)
        return _refusal(request, Problem(500, "InternalError", f"Internal error occurred: {error!r}"))


def _refusal(request: Request, problem: Problem) -> Answer:
    return Answer(problem.code, "application/json", encode(problem.status(), PLAIN, pretty=request.pretty))


def _answer(api: Api, request: Request) -> Answer:
    path = request.path
    if request.headers.get("authorization"):
        raise Problem(401, "Unauthorized", "Unauthorized")  # whoever shows a token shows one that isn't ours
    if path in _HEALTH:
        return Answer(200, "text/plain; charset=utf-8", b"ok")
    if path in {"/version", "/version/"}:
        from navarch.cluster.version import version

        if request.method not in {"GET", "HEAD"}:
            raise method_not_allowed()
        return Answer(200, "application/json", encode(version(), PLAIN, pretty=True))
    request = _authenticated(api, request)
    target = resolve(api.catalog, path)
    if target is not None:
        return _resource(api, request, target)
    authorize(api, request.user, Action(request.method.lower(), path=path))
    from navarch.cluster import discovery, openapi

    tell = openapi.answer if path.startswith("/openapi") else discovery.answer
    found = tell(api.catalog, request)
    if found is not None:
        return found
    if len(path.split("/")) > 2 and path.startswith(f"/api{'s' * path.startswith('/apis')}/"):
        group = path.split("/")[2]
        if path.startswith("/api/") or any(one.group == group for one in api.catalog):
            raise no_such_path()
    return Answer(404, "text/plain; charset=utf-8", b"404 page not found\n")


def _authenticated(api: Api, request: Request) -> Request:
    """The request in the name of whom it speaks for. Raises Problem: 401 for strangers, 403 for impostors."""
    if not request.user.name:
        raise Problem(401, "Unauthorized", "Unauthorized")
    return request._replace(user=impersonated(api, request.user, request.headers))


_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def _action(request: Request, target: Target) -> Action:
    verb = _VERBS.get(request.method, request.method.lower())
    if not target.name:
        verb = {"get": "watch" if request.flag("watch") else "list", "delete": "deletecollection"}.get(verb, verb)
    one = target.resource
    namespace = target.namespace or (target.name if one.qualified == "namespaces" else "")
    return Action(verb, one.group, one.plural, target.subresource, namespace, target.name)


def _resource(api: Api, request: Request, target: Target) -> Answer:
    resource = target.resource
    _warn(api, request, resource)
    authorize(api, request.user, _action(request, target))
    if resource.kind in _VIRTUAL and not target.subresource:
        from navarch.cluster.verbs.virtual import virtual

        return _written(request, 201, virtual(api, request, target), negotiate(request.headers.get("accept", "")))
    if target.subresource and target.subresource != "status":
        from navarch.cluster.verbs.subresources import subresource

        if resource.subresource(target.subresource) is None:
            raise no_such_path()
        return subresource(api, request, target)
    if target.subresource and resource.subresource(target.subresource) is None:
        raise no_such_path()
    if target.name:
        return _object(api, request, target)
    if resource.namespaced and target.namespace is None and request.method != "GET":
        raise method_not_allowed()
    return _collection(api, request, target)


_VIRTUAL = frozenset(
    """
    SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview LocalSubjectAccessReview TokenReview
    SelfSubjectReview ComponentStatus Binding""".split()
)


def _warn(api: Api, request: Request, resource: Resource) -> None:
    """Tell clients that what they use is on its way out."""
    if resource.custom is not None:
        from navarch.cluster import custom

        versions = [one for one in api.catalog if (one.group, one.plural) == (resource.group, resource.plural)]
        text = custom.deprecation(resource, versions) if resource.custom.get("deprecated") else ""
    else:
        from navarch.cluster.strategy.warnings import deprecation

        text = deprecation(resource)
    if text:
        request.warnings.append(text)


def _collection(api: Api, request: Request, target: Target) -> Answer:
    if request.method == "GET":
        from navarch.cluster.verbs.read import list_objects

        if request.flag("watch"):
            from navarch.cluster.watch import watch

            return watch(api, request, target)
        return list_objects(api, request, target)
    if request.method == "POST":
        from navarch.cluster.decode import read

        form = negotiate(request.headers.get("accept", ""))
        options = request.options("CreateOptions")
        body = read(
            request.body, request.headers.get("content-type", ""), target.resource.kind, target.resource.api_version
        )
        made = api.create(
            target.resource, body.object, namespace=target.namespace or "", options=options, duplicates=body.duplicates
        )
        return _single(api, request, target, 201, made, form)
    if request.method == "DELETE" and "deletecollection" in target.resource.verbs:
        from navarch.cluster.verbs.read import delete_collection

        return delete_collection(api, request, target)
    raise method_not_allowed()


def _object(api: Api, request: Request, target: Target) -> Answer:
    form = negotiate(request.headers.get("accept", ""))
    resource, namespace, name = target.resource, target.namespace or "", target.name
    if resource.namespaced and not namespace:
        raise no_such_path()
    if request.method == "GET":
        if request.flag("watch") and not target.subresource:
            from navarch.cluster.watch import watch

            return watch(api, request, target)
        return _single(api, request, target, 200, api.get(resource, namespace, name), form)
    if request.method == "PUT":
        from navarch.cluster.decode import read
        from navarch.cluster.verbs.update import update

        options = request.options("UpdateOptions")
        body = read(
            request.body, request.headers.get("content-type", ""), target.resource.kind, target.resource.api_version
        )
        made, created = update(
            api, resource, namespace, name, body.object, target.subresource, options, body.duplicates
        )
        return _single(api, request, target, 201 if created else 200, made, form)
    if request.method == "PATCH":
        from navarch.cluster.verbs.patch import read_patch

        patch = read_patch(resource, request)
        options = request.options("PatchOptions")
        made, created = api.patch(
            resource, namespace, name, patch, request.content_type, subresource=target.subresource, options=options
        )
        return _single(api, request, target, 201 if created else 200, made, form)
    if request.method == "DELETE" and not target.subresource:
        return _deleted(api, request, target, form)
    raise method_not_allowed()


# Kinds whose deletion is answered with the object that is gone, as the API has it for older clients.
_GIVEN_BACK = frozenset(
    ["pods", "services", "namespaces", "persistentvolumes", "persistentvolumeclaims", "serviceaccounts", "podtemplates",
     "resourcequotas", "storageclasses.storage.k8s.io", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io",
     "volumeattachments.storage.k8s.io", "volumeattributesclasses.storage.k8s.io", "resourceclaims.resource.k8s.io",
     "resourceclaimtemplates.resource.k8s.io", "resourceslices.resource.k8s.io", "deviceclasses.resource.k8s.io"]
)  # fmt: skip


def _deleted(api: Api, request: Request, target: Target, form: Form) -> Answer:
    resource, deletion = target.resource, request.deletion()
    last, gone = api.delete(resource, target.namespace or "", target.name, deletion)
    code = 202 if not gone and deletion.orphan is False else 200
    if not gone or resource.qualified in _GIVEN_BACK:
        return _single(api, request, target, code, last, form)
    details = {"name": target.name, "group": resource.group, "kind": resource.plural, "uid": last["metadata"]["uid"]}
    if not resource.group:
        del details["group"]
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return Answer(code, "application/json", encode(status, PLAIN, pretty=request.pretty))


def _single(api: Api, request: Request, target: Target, code: int, obj: Object, form: Form) -> Answer:
    value: Any = obj
    if form.shape:
        include = request.query.get("includeObject", "")
        value = shaped(target.resource, [obj], form, include=include, now=api.now(), meta=None)
    return _written(request, code, value, form)


def _written(request: Request, code: int, value: Any, form: Form) -> Answer:
    return Answer(code, form.content_type, encode(value, form, pretty=request.pretty))


def _warning(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'
