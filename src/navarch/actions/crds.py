"""The definitions in a chart's crds/ folder: created before anything is rendered, never changed, never deleted."""

from __future__ import annotations

from navarch.errors import ApiError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.actions.context import Context
    from navarch.chart.model import Chart
    from navarch.kube.objects import Resource

__all__ = ["install_crds"]

_TIMEOUT = 60.0


def install_crds(context: Context, chart: Chart, *, wait: str, server_side: bool, force_conflicts: bool) -> None:
    """Create what a chart and its children have in crds/, and wait until the server knows the new kinds.

    Files are worked on at the same time. Raises NavarchError for the first, in their order, that is at fault. Where
    objects are patched by the client, definitions that are there already stay as they are.
    """
    from navarch.kube.parallel import LIMIT, in_parallel

    files = [(_file_name(path), data.decode("utf-8", "surrogateescape")) for path, data in chart.crds()]
    built = [(name, _built(context, name, text)) for name, text in files]

    def create(file: tuple[str, list[Resource]]) -> bool:
        name, resources = file
        return _create(context, name, resources, server_side=server_side, force_conflicts=force_conflicts)

    identities = [resource.identity for _, resources in built for resource in resources]
    apart = len(set(identities)) == len(identities) and not context.debugging  # whose lines would be mixed up
    limit = LIMIT if apart else 1
    outcomes = [outcome.result() for outcome in in_parallel(built, create, limit=limit)]
    created = [resource for (_, resources), new in zip(built, outcomes, strict=True) if new for resource in resources]
    if created:
        _wait(context, created, "watcher" if wait == "hookOnly" else wait)


def _wait(context: Context, created: list[Resource], strategy: str) -> None:
    from navarch.kube.definitions import wait_until_served

    context.client.waiter(strategy, on_event=context.on_event).wait(created, _TIMEOUT)
    context.forget()
    context.debug("clearing REST mapper cache")
    wait_until_served(context.client, created)


def _file_name(path: str) -> str:
    """The name of a file in its own chart: "crds/x.yaml" of "parent/charts/child/crds/x.yaml"."""
    rest = path.partition("/")[2]
    while rest.startswith("charts/"):
        rest = rest.split("/", 2)[2]
    return rest


def _built(context: Context, name: str, text: str) -> list[Resource]:
    try:
        resources = context.client.build(text)
    except NavarchError as error:
        error.within(f"failed to install CRD {name}")
        raise
    if not resources:
        raise NavarchError(f"failed to install CRD {name}: resources are empty")
    return resources


def _create(
    context: Context, name: str, resources: Sequence[Resource], *, server_side: bool, force_conflicts: bool
) -> bool:
    """Create the definitions of a file; False if they are there already. Raises NavarchError."""
    try:
        context.client.create(
            resources, server_side=server_side, force_conflicts=force_conflicts, on_event=context.on_event
        )
    except NavarchError as error:
        if isinstance(error, ApiError) and error.is_already_exists:
            context.debug("CRD is already present. Skipping", crd=name)
            return False
        error.within(f"failed to install CRD {name}")
        raise
    return True
