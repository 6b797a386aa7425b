"""Kinds that are answered and not kept: reviews of who may do what."""

from __future__ import annotations

from navarch.cluster.problems import Problem, method_not_allowed
from navarch.cluster.users import Action, User, allowed
from navarch.cluster.verbs.owning import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target

    Object = dict[str, Any]

__all__ = ["virtual"]

_RULES = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}


_NO_RULES: Object = {"resourceRules": [], "nonResourceRules": [], "incomplete": True}


def virtual(api: Api, request: Request, target: Target) -> Object:
    """The answer to a review. Raises Problem."""
    from navarch.cluster import kinds
    from navarch.cluster.decode import read

    resource = target.resource
    if resource.kind == "ComponentStatus":
        raise Problem(404, "NotFound", "this cluster has no components to report on", {})
    if request.method != "POST":
        raise method_not_allowed()
    if resource.kind == "Binding":
        from navarch.cluster.verbs.binding import bind

        return bind(api, request, target)
    body = read(request.body, request.headers.get("content-type", ""), resource.kind, resource.api_version)
    made = kinds.convert(body.object, resource, request.options("CreateOptions"), body.duplicates)
    if resource.kind == "SelfSubjectReview":
        made["metadata"]["creationTimestamp"] = api.now()
    else:
        own(api, resource, None, made, body.object, manager=request.manager)
    made["status"] = _status(api, made, request)
    return made


def _status(api: Api, review: Object, request: Request) -> Object:
    kind, user = review["kind"], request.user
    if kind == "SelfSubjectRulesReview":
        return dict(_RULES) if allowed(api, user, Action("*", "*", "*")) else {**_NO_RULES}
    if kind == "SelfSubjectReview":
        return {"userInfo": {"username": user.name, "groups": list(user.groups)}}
    if kind == "TokenReview":
        return {"user": {}, "error": "this cluster knows no tokens"}
    spec = review.get("spec") or {}
    if kind in {"SubjectAccessReview", "LocalSubjectAccessReview"}:
        user = User(spec.get("user", ""), tuple(spec.get("groups") or ()))
    return {"allowed": allowed(api, user, _action(spec))}


def _action(spec: Object) -> Action:
    """What a review asks about."""
    path = spec.get("nonResourceAttributes")
    if path is not None:
        return Action(path.get("verb", ""), path=path.get("path", ""))
    asked = spec.get("resourceAttributes") or {}
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Action(**{name: asked.get(name, "") for name in names})
