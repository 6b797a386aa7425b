"""Tokens of service accounts, by the rules of Kubernetes' TokenREST. Nothing here accepts one: commands just go on."""

from __future__ import annotations

from navarch.cluster.problems import Cause, bad_request, conflict, invalid, not_found
from navarch.cluster.verbs.bodies import part, read_posted
from navarch.cluster.verbs.create import check_namespace, new_uid
from navarch.cluster.verbs.owning import own
from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.requests import Request
    from navarch.cluster.routes import Target

    Object = dict[str, Any]

__all__ = ["give_token"]

_GROUP, _KIND = "authentication.k8s.io", "TokenRequest"
_AUDIENCE = "https://kubernetes.default.svc"
_SHORTEST, _LONGEST = 600, 1 << 32  # seconds
_BOUND = {("", "Pod"): "pods", ("", "Secret"): "secrets", ("", "Node"): "nodes"}


def give_token(api: Api, request: Request, target: Target) -> Object:
    """A TokenRequest with its token. Raises Problem."""
    asked, given, _ = read_posted(request, _KIND)
    meta, spec, resource = asked["metadata"], asked["spec"], part(_KIND)
    own(api, resource, None, asked, given, manager=request.manager, subresource="token")
    if meta.get("name") and meta["name"] != target.name:
        text = f'Invalid value: "{meta["name"]}": must match the service account name if specified'
        raise invalid(_GROUP, _KIND, target.name, [Cause("metadata.name", "FieldValueInvalid", text)])
    check_namespace(resource, asked, target.namespace or "")
    account = api.find(target.resource, target.namespace or "", target.name)
    if account is None:
        raise not_found("", "serviceaccounts", target.name)
    real = account["metadata"]["uid"]
    if meta.get("uid", real) != real:
        why = f"the UID in the token request ({meta['uid']}) does not match the UID of the service account ({real})"
        raise conflict(_GROUP, _KIND, target.name, why)
    if not spec.get("audiences"):
        spec["audiences"] = [_AUDIENCE]
    meta.update(name=target.name, namespace=target.namespace, uid=real, creationTimestamp=api.now())
    _check_duration(spec["expirationSeconds"])
    _check_bound(api, spec.get("boundObjectRef"), account)
    until = stamp(api.clock() + spec["expirationSeconds"])
    asked["status"] = {"token": f"navarch.{new_uid()}.unsigned", "expirationTimestamp": until}
    return asked


def _check_duration(seconds: int) -> None:
    """Raise Problem (422) for a token that would live too short or too long."""
    if _SHORTEST <= seconds <= _LONGEST:
        return
    bound = "larger than 2^32 seconds" if seconds > _LONGEST else "less than 10 minutes"
    text = f"Invalid value: {seconds}: may not specify a duration {bound}"
    raise invalid(_GROUP, _KIND, "", [Cause("spec.expirationSeconds", "FieldValueInvalid", text)])


def _check_bound(api: Api, wanted: Object | None, account: Object) -> None:
    """Raise Problem for an object that the token can't end with."""
    if wanted is None:
        return
    group, _, version = wanted.get("apiVersion", "").rpartition("/")
    kind, name = wanted.get("kind", ""), wanted.get("name", "")
    plural = _BOUND.get((group, kind))
    if plural is None:
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    resource = api.catalog.find("", "v1", plural)
    assert resource is not None  # one of Kubernetes' own
    found = api.get(resource, account["metadata"]["namespace"] if resource.namespaced else "", name)
    owner = account["metadata"]["name"]
    if kind == "Pod" and found["spec"].get("serviceAccountName", "") != owner:
        text = f'cannot bind token for serviceaccount "{owner}" to pod running with different serviceaccount name.'
        raise bad_request(text)
    real = found["metadata"]["uid"]
    if wanted.get("uid", real) != real:
        why = f"the UID in the bound object reference ({wanted['uid']}) does not match the UID in record. "
        raise conflict(group, kind, name, f"{why}The object might have been deleted and then recreated")
