"""Reading objects: many at once with few requests, page by page, and for the template function `lookup`."""

from __future__ import annotations

from time import monotonic

from navarch.errors import ApiError, KubernetesError
from navarch.kube.discovery import Mapping as KindMapping
from navarch.kube.discovery import check_segment
from navarch.kube.metadata import group_version
from navarch.kube.parallel import LIMIT, in_parallel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from navarch.kube.catalog import Kind
    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.transport import Response, Transport

    Answer = dict[str, Any] | KubernetesError | None
    Task = int | tuple[str, list[int]]

__all__ = ["json_object", "list_pages", "look_up", "lookup"]

_METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
_WORTH_A_LIST = 5
"""From how many objects of a kind and namespace on they are listed."""
_MOST_LISTED = 4
"""A list may be this many times as long as what is wanted of it; the rest is read one by one."""
_WORTH_A_THREAD = 0.02
"""How many seconds of waiting another connection has to save: about what it costs to open one."""


def look_up(client: Client, resources: Sequence[Resource], *, metadata_only: bool = False) -> list[Answer]:
    """The objects as they are on the server, in order: None where there is none, or why it can't be told."""
    return _LookUp(client, resources, metadata_only=metadata_only).run()


class _LookUp:
    """One reading of many objects. A task is the place of an object, or a list's path with the places it answers."""

    def __init__(self, client: Client, resources: Sequence[Resource], *, metadata_only: bool) -> None:
        self.transport = client.transport
        self.resources = resources
        self.metadata_only = metadata_only
        self.answers: list[Answer] = [None] * len(resources)

    def run(self) -> list[Answer]:
        tasks = self.plan()
        if tasks:
            begin = monotonic()
            left = self.do(tasks[0])
            limit = _connections(len(tasks) - 1, monotonic() - begin)
            for outcome in in_parallel(tasks[1:], self.do, limit=limit):
                left += outcome.value or []
            in_parallel(left, self.do, limit=limit)
        return self.answers

    def plan(self) -> list[Task]:
        """What has to be asked. Objects that can't have an address are answered at once."""
        places: dict[str, list[int]] = {}
        for at, resource in enumerate(self.resources):
            try:
                resource.path  # noqa: B018 - checks the name
                places.setdefault(resource.collection, []).append(at)
            except KubernetesError as error:
                self.answers[at] = error
        tasks: list[Task] = []
        for path, wanted in places.items():
            if len(wanted) < _WORTH_A_LIST:
                tasks += wanted
            else:
                tasks.append((path, wanted))
        return tasks

    def do(self, task: Task) -> list[int]:
        """Do a task; gives the places of objects that have to be read on their own."""
        if isinstance(task, tuple):
            return self.read_list(*task)
        self.read(task)
        return []

    def read(self, at: int) -> None:
        accept = _METADATA if self.metadata_only else "application/json"
        try:
            self.answers[at] = json_object(self.transport.request("GET", self.resources[at].path, accept=accept))
        except ApiError as error:
            self.answers[at] = None if error.is_not_found else error
        except KubernetesError as error:
            self.answers[at] = error

    def read_list(self, path: str, wanted: list[int]) -> list[int]:
        """Answer from a list; gives those that it doesn't tell of: all where lists aren't allowed."""
        accept = _METADATA_LIST if self.metadata_only else "application/json"
        query = {"limit": str(len(wanted) * _MOST_LISTED)}
        try:
            page = json_object(self.transport.request("GET", path, query=query, accept=accept))
        except KubernetesError:
            return wanted
        mapping = self.resources[wanted[0]].mapping
        found = {(item.get("metadata") or {}).get("name"): item for item in page.get("items") or []}
        cut_off = bool((page.get("metadata") or {}).get("continue"))
        left: list[int] = []
        for at in wanted:
            item = found.get(self.resources[at].name)
            if item is not None:
                self.answers[at] = {"apiVersion": mapping.api_version, "kind": mapping.kind, **item}
            elif cut_off:
                left.append(at)
        return left


def _connections(requests: int, seconds: float) -> int:
    """How many connections are worth it for requests that take so long each."""
    return max(1, min(LIMIT, int(requests * seconds / _WORTH_A_THREAD)))


def json_object(answer: Response) -> dict[str, Any]:
    """The object or list that an answer holds. Raises KubernetesError for JSON that is no such thing."""
    found = answer.json()
    items = found.get("items") if type(found) is dict else 0
    if items is None or (type(items) is list and all(type(item) is dict for item in items)):
        return found  # type: ignore[no-any-return]
    raise KubernetesError("the server's answer is neither an object nor a list of objects")


def list_pages(
    transport: Transport,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    accept: str = "application/json",
    limit: int = 500,
) -> Iterator[dict[str, Any]]:
    """The pages of the list under a path.

    A list that has gone stale meanwhile ("Expired") is gone on with as the server offers it: later objects may be
    newer than earlier ones.
    """
    words = {**(query or {}), "limit": str(limit)}
    while True:
        try:
            page = json_object(transport.request("GET", path, query=words, accept=accept))
        except ApiError as error:
            token = _fresh_token(error)
            if not token or words.get("continue") == token:
                raise
            words["continue"] = token
            continue
        yield page
        token = str((page.get("metadata") or {}).get("continue") or "")
        if not token:
            return
        words["continue"] = token
        words.pop("resourceVersion", None)


def _fresh_token(error: ApiError) -> str:
    """With what to go on where a list has gone stale; "" where that isn't it."""
    if not error.is_expired:
        return ""
    import json

    try:
        found = json.loads(error.body)
    except ValueError:
        return ""
    return str((found.get("metadata") or {}).get("continue") or "")


def lookup(client: Client, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
    """What the template function `lookup` answers: an object, or without a name a list; {} where there is none.

    Raises KubernetesError with Helm's words, and logs as Helm does.
    """
    path = _path(client, api_version, kind, namespace, name)
    try:
        found = json_object(client.transport.request("GET", path))
    except ApiError as error:
        if not error.is_not_found:
            raise
        attributes = {"apiVersion": api_version, "kind": kind, "namespace": namespace}
        if name:
            client.log("DEBUG", "lookup: resource not found", **attributes, name=name)
        else:
            client.log("DEBUG", "lookup: resource list not found", **attributes)
        return {}
    return _settled(found) if name else _as_list(_settled(found))


def _path(client: Client, api_version: str, kind: str, namespace: str, name: str) -> str:
    """The address of what is looked for.

    A kind that its group doesn't have is looked for under "/api", as Helm's dynamic client does for want of a better
    place: nothing is found there.
    """
    group, version = group_version(api_version) or ("", "")
    known = _kind(client, group, version, kind)
    if name:
        check_segment(name, "resource name")
    if known is None:
        return f"/api/{name}" if name else "/api"
    path = KindMapping(group, version, kind, known.plural, known.namespaced).path(namespace)
    return f"{path}/{name}" if name else path


def _kind(client: Client, group: str, version: str, kind: str) -> Kind | None:
    """What the server says of a kind; None where a version that it serves has no such kind.

    Raises KubernetesError where there is no such version, after saying so, as Helm does.
    """
    discovery = client.discovery
    problem = "the server could not find the requested resource" if version else "groupVersion shouldn't be empty"
    try:
        if version and not discovery.serves(group, version):
            discovery.refresh()
        if discovery.serves(group, version):
            return discovery.kind(group, version, kind)
    except KubernetesError as error:
        problem = str(error)
    shown, gvk = f"{group}/{version}" if group else version, f"{group}/{version}, Kind={kind}"
    client.log("ERROR", "unable to retrieve resource list", GroupVersion=shown, error=problem)
    client.log("ERROR", "unable to get apiresource", groupVersionKind=gvk, error=problem)
    raise KubernetesError(f"unable to get apiresource from unstructured: {gvk}: {problem}")


def _as_list(found: dict[str, Any]) -> dict[str, Any]:
    """A list whose items know what they are, as client-go's unstructured lists do."""
    api_version, kind = found.get("apiVersion") or "", (found.get("kind") or "").removesuffix("List")
    items = [
        item if item.get("kind") or item.get("apiVersion") else {"apiVersion": api_version, "kind": kind, **item}
        for item in found.get("items") or []
    ]
    return {**found, "items": items}


def _settled(value: Any) -> Any:
    """A value with numbers as Go has them: what is no int64 is a float."""
    if type(value) is dict:
        return {key: _settled(item) for key, item in value.items()}
    if type(value) is list:
        return [_settled(item) for item in value]
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        return float(value)
    return value
