"""Look how a release is doing: its record, and its objects as they are on the cluster now."""

from __future__ import annotations

from navarch.actions.get import get_release
from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.actions.context import Context
    from navarch.kube.objects import Resource
    from navarch.releases.model import Release

__all__ = ["PODS", "status"]

PODS = "v1/Pod(related)"
"""The heading of the pods that a release's workloads have made."""

_AT_ONCE = 16


def status(context: Context, name: str, revision: int = 0, *, tables: bool = False) -> Release:
    """A release with its objects in `info.resources`: by "version/Kind", and the pods of its workloads under PODS.

    Objects are plain JSON, pods a PodList for each workload; with `tables` they are Tables, as the server makes them
    for kubectl. Objects that are not there (or that may not be read) are left out. Raises ReleaseError,
    KubernetesError.
    """
    release = get_release(context, name, revision)
    resources = context.client.build(release.manifest)
    release.info.resources = _objects(context, resources, tables=tables)
    return release


def _objects(context: Context, resources: list[Resource], *, tables: bool) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    selectors: list[dict[str, str]] = []
    for resource, answer in zip(resources, _answers(context, resources, tables=tables), strict=True):
        if answer is None:
            continue
        found.setdefault(f"{resource.mapping.version}/{resource.kind}", []).append(answer)
        _add_pods(context, resource, found, selectors, table=answer.get("kind") == "Table")
    return found


def _answers(context: Context, resources: list[Resource], *, tables: bool) -> list[dict[str, Any] | None]:
    """What the server says of each object, None where it says no."""
    from navarch.kube.parallel import in_parallel
    from navarch.kube.shown import shown

    def ask(resource: Resource) -> dict[str, Any]:
        return shown(context.client, resource, table=tables)

    return [answer.value for answer in in_parallel(resources, ask, limit=_AT_ONCE)]


def _add_pods(
    context: Context,
    resource: Resource,
    found: dict[str, list[dict[str, Any]]],
    selectors: list[dict[str, str]],
    *,
    table: bool,
) -> None:
    """Add the pods of a workload, unless another one with the same labels had them."""
    from navarch.kube.shown import pod_selector, related_pods

    context.debug(
        "get relation pod of object", namespace=resource.namespace, name=resource.name, kind=resource.mapping.kind
    )
    selector = pod_selector(resource)
    if selector is None or selector in selectors:
        return
    selectors.append(selector)
    try:
        pods = related_pods(context.client, resource.namespace, selector, table=table)
    except KubernetesError as error:
        context.warn("get the relation pod is failed", error=str(error))
        return
    found.setdefault(PODS, []).append(pods)
