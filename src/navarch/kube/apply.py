"""Creating and deleting a release's objects: those of a kind at the same time, kinds in turn.

The rules and the messages are those of Helm's kube.Client. `update` brings objects from one manifest to the next;
`change` has the single requests.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError
from navarch.kube import change
from navarch.kube.change import Options
from navarch.kube.events import Applied, Failed
from navarch.kube.journal import told
from navarch.kube.parallel import joined, turns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.events import OnEvent
    from navarch.kube.journal import Journal
    from navarch.kube.objects import Resource

__all__ = ["Result", "create", "create_one", "delete", "replace"]


class Result(NamedTuple):
    """What was done, or tried, in order: objects created, updated, deleted.

    An error of `create` and `update` has one as its attribute `result`.
    """

    created: list[Resource]
    updated: list[Resource]
    deleted: list[Resource]


def create(
    client: Client,
    resources: Sequence[Resource],
    *,
    server_side: bool = True,
    force_conflicts: bool = False,
    dry_run: bool = False,
    validation: str = "Strict",
    on_event: OnEvent | None = None,
) -> list[Resource]:
    """Create objects; each resource takes over what the server made of it.

    All are tried, whatever becomes of others. Raises KubernetesError: a line for each that failed.
    """
    if force_conflicts and not server_side:
        problem = "forceConflicts enabled when serverSideApply disabled"
        raise KubernetesError(f"invalid client create option(s): {problem}")
    options = Options(server_side, force_conflicts, dry_run=dry_run, validation=validation)
    client.log("DEBUG", "creating resource(s)", resources=str(len(resources)))
    log_creation(client, options)
    _require(resources)

    def work(resource: Resource, journal: Journal) -> None:
        create_one(client, resource, options, journal)

    created, errors = _each(client, resources, work, "created", on_event)
    if errors:
        raise with_result(joined(errors), Result(created, [], []))
    return created


def log_creation(client: Client, options: Options) -> None:
    if options.server_side:
        client.log(
            "DEBUG",
            "using server-side apply for resource creation",
            forceConflicts=str(options.force_conflicts).lower(),
            dryRun=str(options.dry_run).lower(),
            fieldValidationDirective=options.validation,
        )
    else:
        client.log("DEBUG", "using client-side apply for resource creation")


def _require(resources: Sequence[Resource]) -> None:
    if not resources:
        raise KubernetesError("no objects visited")


def _each(
    client: Client,
    resources: Sequence[Resource],
    work: Callable[[Resource, Journal], Any],
    action: str,
    on_event: OnEvent | None,
) -> tuple[list[Resource], list[KubernetesError]]:
    """The work on all resources, kinds in turn: those it was done on, and what went wrong with the others."""
    done: list[Resource] = []
    errors: list[KubernetesError] = []
    for turn in turns(resources):
        for resource, outcome in told(client, turn, watched(work, action, on_event)):
            if outcome.error is None:
                done.append(resource)
            elif isinstance(outcome.error, KubernetesError):
                errors.append(outcome.error)
            else:
                raise outcome.error
    return done, errors


def watched(
    work: Callable[[Resource, Journal], Any], action: str, on_event: OnEvent | None
) -> Callable[[Resource, Journal], Any]:
    """The same work, told of as events when it is done or has failed."""
    if on_event is None:
        return work

    def tell(resource: Resource, journal: Journal) -> Any:
        try:
            answer = work(resource, journal)
        except KubernetesError as error:
            on_event(Failed(resource, str(error)))
            raise
        on_event(Applied(resource, action))
        return answer

    return tell


def create_one(client: Client, resource: Resource, options: Options, journal: Journal) -> None:
    """Create an object as the options say. Raises KubernetesError."""
    if not options.server_side:
        change.create_posted(client, resource)
        return
    try:
        change.create_applied(client, resource, options)
    except KubernetesError as error:
        journal.about(resource, "Error creating resource via patch", error=str(error))
        raise
    journal.about(resource, "Created resource via patch")


def with_result(error: KubernetesError, result: Result) -> KubernetesError:
    error.result = result  # type: ignore[attr-defined]
    return error


def delete(
    client: Client, resources: Sequence[Resource], *, propagation: str = "Background", on_event: OnEvent | None = None
) -> tuple[list[Resource], list[KubernetesError]]:
    """Delete objects; what is gone already counts as deleted. Gives those deleted, and what went wrong."""
    if not resources:
        return [], [KubernetesError("object not found, skipping delete: no objects visited")]

    def work(resource: Resource, journal: Journal) -> None:
        about = {"namespace": resource.namespace, "name": resource.name, "kind": resource.kind}
        journal.debug("starting delete resource", **about)
        try:
            change.delete(client, resource, propagation)
        except ApiError as error:
            if not error.is_not_found:
                raise
            journal.debug("ignoring delete failure", **about, error=str(error))

    return _each(client, resources, work, "deleted", on_event)


def replace(client: Client, resource: Resource, *, validation: str = "Strict") -> None:
    """Put an object in the place of the one on the server, whatever was there (PUT). Raises KubernetesError."""
    live = client.look_up([resource], metadata_only=True)[0]
    # Where nothing can be read, the server says what it makes of a PUT.
    version = (live.get("metadata") or {}).get("resourceVersion") if isinstance(live, dict) else ""
    change.replace(client, resource, version or "", Options(validation=validation))
