"""One object changed by one request: created, applied, patched, replaced, deleted; with Helm's retries and messages.

`apply` decides which of these an object needs. A resource takes over what the server answers. All raise KubernetesError
(ApiError for an answer that says no, its message led by what was tried).
"""

from __future__ import annotations

import json
import time
from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError, UnreachableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.transport import Response

    Answer = TypeVar("Answer")

__all__ = [
    "METADATA",
    "Options",
    "apply_server_side",
    "create_applied",
    "create_posted",
    "delete",
    "encode",
    "is_quota_conflict",
    "patch_client_side",
    "patch_for",
    "replace",
    "take_over_fields",
]

APPLY_PATCH = "application/apply-patch+yaml"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TRIES = 5
_PAUSE = 0.01  # seconds, as client-go's retry.DefaultRetry


class Options(NamedTuple):
    """How objects are created and updated; the fields are the options of Helm's kube.Client."""

    server_side: bool = True
    force_conflicts: bool = False
    force_replace: bool = False
    dry_run: bool = False
    validation: str = "Strict"
    upgrade_managed_fields: bool = False
    three_way: bool = False

    def query(self, client: Client) -> dict[str, str]:
        """What requests are told that the server validates."""
        query = {"fieldManager": client.field_manager, "fieldValidation": self.validation}
        if self.dry_run:
            query["dryRun"] = "All"
        return query


def encode(value: Any) -> bytes:
    """JSON for a request's body. Numbers that are whole are written as whole, as Go does it: servers insist on it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if any(mark in text for mark in (".0,", ".0}", ".0]", "e+")):
        from navarch.golang.json import dumps

        text = dumps(value)
    return text.encode("utf-8", "replace")


def _retried(work: Callable[[], Answer], again: Callable[[KubernetesError], bool]) -> Answer:
    """Up to five tries, as long as what goes wrong is worth another one."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except KubernetesError as error:
            if not again(error):
                raise
        time.sleep(_PAUSE)
    return work()


def _object(answer: Response) -> dict[str, Any]:
    """The object in an answer. Raises KubernetesError where there is none."""
    found = answer.json()
    if type(found) is not dict or type(found.get("metadata") or {}) is not dict:
        raise KubernetesError("the server's answer is not an object")
    return found


def _is_conflict(error: KubernetesError) -> bool:
    return isinstance(error, ApiError) and error.is_conflict


def _is_doubtful(error: KubernetesError) -> bool:
    """Whether the object may have changed, by others or by us: it is worth reading again."""
    return _is_conflict(error) or (isinstance(error, UnreachableError) and error.sent)


def is_quota_conflict(error: KubernetesError) -> bool:
    """Whether two requests met at a ResourceQuota: trying again helps."""
    return (
        isinstance(error, ApiError)
        and error.is_conflict
        and "Operation cannot be fulfilled on resourcequotas" in str(error)
        and "the object has been modified" in str(error)
    )


def _about(resource: Resource) -> str:
    return f"{resource.namespace}/{resource.name} {resource.gvk}"


def create_posted(client: Client, resource: Resource) -> None:
    """Create an object the client-side way: POST. Fails (is_already_exists) if there is one."""
    metadata = resource.metadata
    if metadata.get("resourceVersion"):
        resource.object = {**resource.object, "metadata": {**metadata, "resourceVersion": ""}}
    resource.refresh(_retried(lambda: _post(client, resource), _is_conflict))


def _post(client: Client, resource: Resource) -> dict[str, Any]:
    body = encode(resource.object)
    query = {"fieldManager": client.field_manager}
    try:
        return _object(client.transport.request("POST", resource.collection, query=query, body=body))
    except UnreachableError as error:
        # The answer was lost, not necessarily the request. A name that the server makes up can't be looked for.
        if not error.sent or not resource.name:
            raise
    try:
        return client.get(resource)
    except ApiError as error:
        if not error.is_not_found:
            raise
    return _object(client.transport.request("POST", resource.collection, query=query, body=body))


def create_applied(client: Client, resource: Resource, options: Options) -> str:
    """Create an object by server-side apply, patiently where quotas are counted. Answers as `apply_server_side`."""
    return _retried(lambda: apply_server_side(client, resource, options), is_quota_conflict)


def apply_server_side(client: Client, resource: Resource, options: Options) -> str:
    """Apply an object as it stands. Answers what that did to it: created, configured or unchanged."""
    query = options.query(client) | {"force": "true" if options.force_conflicts else "false"}
    body = encode(resource.object)
    try:
        answer = client.transport.request("PATCH", resource.path, query=query, body=body, content_type=APPLY_PATCH)
    except KubernetesError as error:
        error.within(_apply_problem(error, resource))
        raise
    resource.refresh(_object(answer))
    if answer.status == 201:
        return "created"
    changed = _changed_just_now(resource.metadata, client.field_manager, answer.headers.get("date", ""))
    return "configured" if changed else "unchanged"


def _changed_just_now(metadata: dict[str, Any], manager: str, now: str) -> bool:
    """Whether the fields that a manager applied last changed when the server answered, give or take a second.

    The server keeps the time of that with the fields, and the answer has a Date: both are by the server's clock.
    """
    owners = [entry for entry in metadata.get("managedFields") or [] if entry.get("manager") == manager]
    times = [str(entry.get("time") or "") for entry in owners if entry.get("operation") == "Apply"]
    return not times or max(times) in _moments(now)


def _moments(date: str) -> list[str]:
    """The second that a Date header names, and the one before, as objects write times; none if it can't be read."""
    from datetime import datetime, timedelta

    try:
        month = _MONTHS.index(date[8:11]) + 1
        hour, minute, second = [int(part) for part in date[17:25].split(":")]
        moment = datetime(int(date[12:16]), month, int(date[5:7]), hour, minute, second)  # noqa: DTZ001 -- always UTC
    except ValueError:
        return []
    return [f"{(moment - timedelta(seconds=back)).isoformat()}Z" for back in (0, 1)]


def _apply_problem(error: KubernetesError, resource: Resource) -> str:
    if isinstance(error, ApiError):
        if error.code == 415:
            return "server-side apply not available on the server"
        if error.is_conflict:
            return f"conflict occurred while applying object {_about(resource)}"
    return f"server-side apply failed for object {_about(resource)}"


def patch_for(
    resource: Resource, original: dict[str, Any], current: dict[str, Any], *, three_way: bool
) -> tuple[str, dict[str, Any]]:
    """Content type and body of the patch that makes `current`, the object on the server, what the resource says.

    `original` is what was said before. The body is {} if there is nothing to change.
    """
    from navarch.kube.patch.client_side import client_side_patch

    kind = (resource.mapping.api_version, resource.kind)
    try:
        return client_side_patch(original, resource.object, current, kind=kind, three_way=three_way)
    except KubernetesError as error:
        error.within("failed to create patch")
        raise


def patch_client_side(client: Client, resource: Resource, content_type: str, patch: dict[str, Any]) -> None:
    """Send a patch that was made here."""
    from navarch.golang.strconv import quote

    query = {"fieldManager": client.field_manager}
    body = encode(patch)
    try:
        answer = client.transport.request("PATCH", resource.path, query=query, body=body, content_type=content_type)
    except KubernetesError as error:
        error.within(f"cannot patch {quote(resource.name)} with kind {resource.kind}")
        raise
    resource.refresh(_object(answer))


def replace(client: Client, resource: Resource, version: str, options: Options) -> None:
    """Put an object in the place of the one there is, whose resourceVersion is `version`."""
    body = resource.object
    if not resource.metadata.get("resourceVersion"):
        body = {**body, "metadata": {**resource.metadata, "resourceVersion": version}}
    query = options.query(client)
    query.pop("dryRun", None)
    try:
        answer = client.transport.request("PUT", resource.path, query=query, body=encode(body))
    except KubernetesError as error:
        error.within("failed to replace object")
        raise
    resource.refresh(_object(answer))


def take_over_fields(client: Client, resource: Resource, live: dict[str, Any] | None, options: Options) -> bool:
    """Turn ownership by client-side updates into ownership by server-side apply. False if there was nothing to turn.

    `live` is what the server last said of the object; without it, it is asked. If the object changes in between, it is
    read again and tried anew.
    """
    from navarch.kube.patch.client_side import JSON_PATCH
    from navarch.kube.patch.managed_fields import upgrade_patch

    known = live

    def attempt() -> bool:
        nonlocal known
        found = known if known is not None else _metadata(client, resource)
        known = None
        patch = upgrade_patch(found, client.field_manager)
        if patch is None:
            return False
        query, body = options.query(client), encode(patch)
        try:
            client.transport.request(
                "PATCH", resource.path, query=query, body=body, content_type=JSON_PATCH, accept=METADATA
            )
        except KubernetesError as error:
            if not _is_conflict(error):
                error.within(f"failed to patch object to upgrade CSA field manager {_about(resource)}")
            raise
        return True

    return _retried(attempt, _is_doubtful)


def _metadata(client: Client, resource: Resource) -> dict[str, Any]:
    try:
        return _object(client.transport.request("GET", resource.path, accept=METADATA))
    except KubernetesError as error:
        error.within(f"failed to get object {_about(resource)}")
        raise


def delete(client: Client, resource: Resource, propagation: str) -> None:
    """Delete an object; `propagation` is Background, Foreground or Orphan. Raises (is_not_found) if there is none."""
    body = encode({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation})
    _retried(lambda: client.transport.request("DELETE", resource.path, body=body), _is_conflict)
