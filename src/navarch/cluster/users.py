"""Who asks, and what they may do: certificates, tokens, impersonation, and the rules of RBAC."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from navarch.cluster.api import Api

    Object = dict[str, Any]

__all__ = ["ADMIN", "ANONYMOUS", "Action", "User", "allowed", "authorize", "impersonated"]

_RBAC = "rbac.authorization.k8s.io"
_MASTERS = "system:masters"
_AUTHENTICATED = "system:authenticated"
# What everybody who is known may do: find out what there is, and what they themselves may do.
_OPEN_PATHS = ("/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi")
_OWN_REVIEWS = frozenset(["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"])


class User(NamedTuple):
    """A name and groups, as a certificate or a token has them."""

    name: str
    groups: tuple[str, ...] = ()


ADMIN = User("kubernetes-admin", (_MASTERS, _AUTHENTICATED))
ANONYMOUS = User("", ())


class Action(NamedTuple):
    """What a request wants to do: to a resource, or (`path`) to something else."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


def impersonated(api: Api, user: User, headers: Mapping[str, str]) -> User:
    """Whom a request speaks for. Raises Problem (403) if its user may not."""
    name = headers.get("impersonate-user", "")
    groups = tuple(one.strip() for one in headers.get("impersonate-group", "").split(",") if one.strip())
    if not name:
        if groups:
            text = "requested [{Group  " + groups[0] + "  }] without impersonating a user"
            raise Problem(500, "InternalError", f"Internal error occurred: {text}")
        return user
    authorize(api, user, Action("impersonate", resource="users", name=name))
    for group in groups:
        authorize(api, user, Action("impersonate", resource="groups", name=group))
    return User(name, (*groups, _AUTHENTICATED))


def authorize(api: Api, user: User, action: Action) -> None:
    """Raise Problem (403) for what a user may not do."""
    if allowed(api, user, action):
        return
    whose = f'User "{user.name}" cannot'
    if action.path:
        raise Problem(403, "Forbidden", f'forbidden: {whose} {action.verb} path "{action.path}"', {})
    part = f"/{action.subresource}" if action.subresource else ""
    where = f'in the namespace "{action.namespace}"' if action.namespace else "at the cluster scope"
    what = f"{action.resource}{part}"
    qualified = f"{action.resource}.{action.group}{part}" if action.group else what
    named = f'{qualified} "{action.name}"' if action.name else qualified
    text = f'{named} is forbidden: {whose} {action.verb} resource "{what}" in API group "{action.group}" {where}'
    details: Object = {"name": action.name} if action.name else {}
    if action.group:
        details["group"] = action.group
    raise Problem(403, "Forbidden", text, {**details, "kind": action.resource})


def allowed(api: Api, user: User, action: Action) -> bool:
    """Whether a user may do something."""
    if _MASTERS in user.groups:
        return True
    if action.path:
        open_path = action.path.startswith(_OPEN_PATHS) or action.path == "/"
        return open_path and action.verb == "get" and _AUTHENTICATED in user.groups
    if action.resource in _OWN_REVIEWS and action.verb == "create":
        return True
    return any(_grants(rule, action) for rule in _rules(api, user, action.namespace))


def _rules(api: Api, user: User, namespace: str) -> Iterator[Object]:
    """The rules of all roles that a user has, in a namespace and everywhere."""
    store = api.store
    for binding in store.list(_RBAC, "clusterrolebindings"):
        if any(_is(subject, user, "") for subject in binding.get("subjects") or ()):
            yield from _rules_of(api, binding, "")
    if namespace:
        for binding in store.list(_RBAC, "rolebindings", namespace):
            if any(_is(subject, user, namespace) for subject in binding.get("subjects") or ()):
                yield from _rules_of(api, binding, namespace)


def _rules_of(api: Api, binding: Object, namespace: str) -> Iterator[Object]:
    from navarch.cluster.store import Key

    reference = binding["roleRef"]
    local = reference["kind"] == "Role"
    key = Key(_RBAC, "roles" if local else "clusterroles", namespace if local else "", reference["name"])
    role = api.store.get(key)
    yield from (role or {}).get("rules") or ()


def _is(subject: Object, user: User, namespace: str) -> bool:
    if subject["kind"] == "User":
        return bool(subject["name"] == user.name)
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    account = f"system:serviceaccount:{subject.get('namespace') or namespace}:{subject['name']}"
    return subject["kind"] == "ServiceAccount" and account == user.name


def _grants(rule: Object, action: Action) -> bool:
    def has(field: str, value: str) -> bool:
        given = rule.get(field) or ()
        return "*" in given or value in given

    what = f"{action.resource}/{action.subresource}" if action.subresource else action.resource
    names = rule.get("resourceNames")
    any_part = f"*/{action.subresource}" in (rule.get("resources") or ()) if action.subresource else False
    return (
        has("verbs", action.verb)
        and has("apiGroups", action.group)
        and (has("resources", what) or any_part)
        and (not names or action.name in names)
    )
