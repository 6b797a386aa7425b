"""From one manifest to the next: what is new is created, what there is changed, what the new one lacks deleted.

The rules, messages and order are those of Helm's kube.Client.Update, which goes from object to object: whether each is
there is asked first, a creation that fails ends everything, other failures are collected. So objects that are known
from the manifest before are worked on at once within a kind's turn, and each that may have to be created alone, in its
place between them. Server-side apply creates and changes by the same request, so nothing is asked first: its answer
tells which it was, and only after a failure the object is looked for.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError
from navarch.kube import change
from navarch.kube.apply import Result, create_one, log_creation, with_result
from navarch.kube.change import Options
from navarch.kube.events import Applied, Failed
from navarch.kube.journal import told
from navarch.kube.parallel import joined, turns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.events import OnEvent
    from navarch.kube.journal import Journal
    from navarch.kube.objects import Resource

    Identity = tuple[str, str, str, str]
    Live = dict[str, Any] | KubernetesError | None

__all__ = ["update"]

POLICY = "helm.sh/resource-policy"
KEEP = "keep"


def update(
    client: Client,
    original: Sequence[Resource],
    target: Sequence[Resource],
    *,
    server_side: bool = True,
    force_conflicts: bool = False,
    force_replace: bool = False,
    dry_run: bool = False,
    upgrade_managed_fields: bool = False,
    three_way: bool = False,
    validation: str = "Strict",
    on_event: OnEvent | None = None,
) -> Result:
    """Bring the cluster from the objects of `original` to those of `target`, which take over the server's answers.

    Raises KubernetesError, whose attribute `result` tells what was done or tried until then.
    """
    options = Options(
        server_side, force_conflicts, force_replace, dry_run, validation, upgrade_managed_fields, three_way
    )
    _check(options)
    return _Update(client, original, options, on_event).run(target)


def _check(options: Options) -> None:
    if options.force_conflicts and not options.server_side:
        problem = "forceConflicts enabled when serverSideApply disabled"
        raise KubernetesError(f"invalid client update option(s): {problem}")
    pairs = (
        (options.three_way, options.server_side, "three-way merge for unstructured and server-side apply"),
        (options.force_conflicts, options.force_replace, "force conflicts and force replace"),
        (options.server_side, options.force_replace, "server-side apply and force replace"),
    )
    for one, other, names in pairs:
        if one and other:
            raise KubernetesError(f"invalid operation: cannot use {names} together")


class _Step(NamedTuple):
    """What came of one object. An error is final if nothing behind it may be touched any more."""

    action: str
    error: KubernetesError | None = None
    final: bool = False


class _Update:
    """One update: what it works with, and what was done so far."""

    def __init__(
        self, client: Client, original: Sequence[Resource], options: Options, on_event: OnEvent | None
    ) -> None:
        self.client = client
        self.options = options
        self.on_event = on_event
        self.original = original
        self.known: dict[Identity, Resource] = {}
        for resource in original:
            self.known.setdefault(resource.identity, resource)
        self.result = Result([], [], [])
        self.errors: list[KubernetesError] = []

    def run(self, target: Sequence[Resource]) -> Result:
        wanted = {resource.identity for resource in target}
        self._log_strategy(len(target))
        if self.options.server_side and not self.options.upgrade_managed_fields:
            self._apply_all(target)
        else:
            self._change_all(target)
        self._finish()
        for turn in turns([resource for resource in self.original if resource.identity not in wanted]):
            self._delete(turn)
        self._finish()
        return self.result

    def _finish(self) -> None:
        if self.errors:
            raise with_result(joined(self.errors, " && "), self.result)

    def _log_strategy(self, count: int) -> None:
        options, log = self.options, self.client.log
        log_creation(self.client, options)
        if options.force_replace:
            log("DEBUG", "using resource replace update strategy", fieldValidationDirective=options.validation)
        elif options.server_side:
            log(
                "DEBUG",
                "using server-side apply for resource update",
                forceConflicts=str(options.force_conflicts).lower(),
                dryRun=str(options.dry_run).lower(),
                fieldValidationDirective=options.validation,
                upgradeClientSideFieldManager=str(options.upgrade_managed_fields).lower(),
            )
        else:
            three_way = str(options.three_way).lower()
            log("DEBUG", "using client-side apply for resource update", threeWayMergeForUnstructured=three_way)
        log("DEBUG", "checking resources for changes", resources=str(count))

    # server-side apply without asking first

    def _apply_all(self, target: Sequence[Resource]) -> None:
        unreadable = self._unreadable(target)
        for turn in turns(target):
            for group in _together(turn, [resource.identity in self.known for resource in turn]):
                problem = unreadable.get(_place(group[0]))
                if problem is not None:
                    self._take(group[0], _unknown(problem))
                self._work(group, self._apply)

    def _unreadable(self, target: Sequence[Resource]) -> dict[tuple[str, str], KubernetesError]:
        """Kinds and namespaces whose objects the server doesn't let us read: Helm stops there. One of each is asked."""
        first = {_place(resource): resource for resource in reversed(target)}
        answers = self.client.look_up(list(first.values()), metadata_only=True)
        pairs = zip(first, answers, strict=True)
        return {place: answer for place, answer in pairs if isinstance(answer, KubernetesError)}

    def _apply(self, resource: Resource, journal: Journal) -> _Step:
        try:
            action = change.apply_server_side(self.client, resource, self.options)
        except KubernetesError as error:
            return self._explained(resource, error, journal)
        if action == "created":
            journal.about(resource, "Created resource via patch")
            return self._created(resource, journal)
        self._baseline(resource, journal)
        journal.about(resource, "Patched resource")
        return _Step(action)

    def _explained(self, resource: Resource, error: KubernetesError, journal: Journal) -> _Step:
        """What an apply that failed was to be: a creation, if there is no such object."""
        live = self.client.look_up([resource], metadata_only=True)[0]
        if isinstance(live, KubernetesError):
            return _unknown(live)
        if live is None:
            if change.is_quota_conflict(error):
                return self._create(resource, journal)
            journal.about(resource, "Error creating resource via patch", error=str(error))
            return _Step("created", error.within("failed to create resource"), final=True)
        self._baseline(resource, journal)
        journal.about(resource, "Error patching resource", error=str(error))
        return _Step("configured", error)

    # asking first

    def _change_all(self, target: Sequence[Resource]) -> None:
        metadata_only = self.options.server_side or self.options.force_replace
        for turn in turns(target):
            answers = self.client.look_up(turn, metadata_only=metadata_only)
            live = dict(zip([resource.identity for resource in turn], answers, strict=True))
            work = partial(self._change, live)
            for group in _together(turn, [isinstance(answer, dict) for answer in answers]):
                self._work(group, work)

    def _change(self, answers: dict[Identity, Live], resource: Resource, journal: Journal) -> _Step:
        live = answers[resource.identity]
        if isinstance(live, KubernetesError):
            return _unknown(live)
        if live is None:
            return self._create(resource, journal)
        self._baseline(resource, journal)
        try:
            if self.options.force_replace:
                return self._replace(resource, live, journal)
            if self.options.server_side:
                return self._apply_taking_over(resource, live, journal)
            return self._patch(resource, live, journal)
        except KubernetesError as error:
            return _Step("configured", error)

    def _replace(self, resource: Resource, live: dict[str, Any], journal: Journal) -> _Step:
        name, kind = resource.name, resource.kind
        version = (live.get("metadata") or {}).get("resourceVersion") or ""
        try:
            change.replace(self.client, resource, version, self.options)
        except KubernetesError as error:
            journal.about(resource, "error replacing the resource", error=str(error))
            raise
        journal.debug("replace succeeded", name=name, initialKind=kind, kind=kind)
        return _Step("configured")

    def _apply_taking_over(self, resource: Resource, live: dict[str, Any], journal: Journal) -> _Step:
        try:
            taken = change.take_over_fields(self.client, resource, live, self.options)
        except KubernetesError as error:
            journal.debug("Error patching resource to replace CSA field management", error=str(error))
            raise
        if taken:
            words = "Upgraded object client-side field management with server-side apply field management"
            journal.about(resource, words)
        try:
            change.apply_server_side(self.client, resource, self.options)
        except KubernetesError as error:
            journal.about(resource, "Error patching resource", error=str(error))
            raise
        journal.about(resource, "Patched resource")
        return self._compared(resource, live)

    def _patch(self, resource: Resource, live: dict[str, Any], journal: Journal) -> _Step:
        known = self.known.get(resource.identity)
        before = known.object if known else live
        content_type, patch = change.patch_for(resource, before, live, three_way=self.options.three_way)
        if not patch:
            journal.debug("no changes detected", kind=resource.kind, name=resource.name)
            resource.object = live
            return _Step("unchanged")
        journal.debug("patching resource", kind=resource.kind, name=resource.name, namespace=resource.namespace)
        change.patch_client_side(self.client, resource, content_type, patch)
        return self._compared(resource, live)

    @staticmethod
    def _compared(resource: Resource, live: dict[str, Any]) -> _Step:
        before = (live.get("metadata") or {}).get("resourceVersion")
        return _Step("unchanged" if resource.metadata.get("resourceVersion") == before else "configured")

    # both

    def _create(self, resource: Resource, journal: Journal) -> _Step:
        try:
            create_one(self.client, resource, self.options, journal)
        except KubernetesError as error:
            return _Step("created", error.within("failed to create resource"), final=True)
        return self._created(resource, journal)

    @staticmethod
    def _created(resource: Resource, journal: Journal) -> _Step:
        journal.debug("created a new resource", namespace=resource.namespace, name=resource.name, kind=resource.kind)
        return _Step("created")

    def _baseline(self, resource: Resource, journal: Journal) -> None:
        if resource.identity not in self.known:
            words = "resource exists on cluster but not in original release, using cluster state as baseline"
            journal.warn(words, namespace=resource.namespace, name=resource.name, kind=resource.kind)

    def _work(self, group: Sequence[Resource], work: Callable[[Resource, Journal], _Step]) -> None:
        def watched(resource: Resource, journal: Journal) -> _Step:
            step = work(resource, journal)
            self._tell(Failed(resource, str(step.error)) if step.error else Applied(resource, step.action))
            return step

        for resource, outcome in told(self.client, group, watched):
            self._take(resource, outcome.result())

    def _take(self, resource: Resource, step: _Step) -> None:
        """Note what came of an object. Raises what is final."""
        if step.action == "created":
            self.result.created.append(resource)
        elif step.action:
            self.result.updated.append(resource)
        if step.error is not None:
            if step.final:
                raise with_result(step.error, self.result)
            self.errors.append(step.error)

    def _tell(self, event: Applied | Failed) -> None:
        if self.on_event is not None:
            self.on_event(event)

    # what the target lacks

    def _delete(self, turn: Sequence[Resource]) -> None:
        answers = self.client.look_up(turn, metadata_only=True)
        live = dict(zip([resource.identity for resource in turn], answers, strict=True))
        for resource, outcome in told(self.client, turn, partial(self._delete_one, live)):
            step: _Step = outcome.result()
            if step.action == "deleted":
                self.result.deleted.append(resource)
            if step.error is not None:
                self.errors.append(step.error)

    def _delete_one(self, answers: dict[Identity, Live], resource: Resource, journal: Journal) -> _Step:
        """Delete an object unless it is gone or is to be kept."""
        live = answers[resource.identity]
        about = {"namespace": resource.namespace, "name": resource.name, "kind": resource.kind}
        journal.debug("deleting resource", **about)
        if not isinstance(live, dict):
            journal.debug("unable to get object", **about, error=str(live or _not_found(resource)))
            return _Step("")
        annotations = (live.get("metadata") or {}).get("annotations") or {}
        if annotations.get(POLICY) == KEEP:
            journal.debug("skipping delete due to annotation", **about, annotation=POLICY, value=KEEP)
            self._tell(Applied(resource, "kept"))
            return _Step("kept")
        try:
            change.delete(self.client, resource, "Background")
        except KubernetesError as error:
            journal.debug("failed to delete resource", **about, error=str(error))
            return self._not_deleted(resource, error)
        self._tell(Applied(resource, "deleted"))
        return _Step("deleted")

    def _not_deleted(self, resource: Resource, error: KubernetesError) -> _Step:
        if isinstance(error, ApiError) and error.is_not_found:
            return _Step("")
        self._tell(Failed(resource, str(error)))
        names = f"namespace={resource.namespace}, name={resource.name}, kind={resource.kind}"
        return _Step("", error.within(f"failed to delete resource {names}"))


def _unknown(error: KubernetesError) -> _Step:
    return _Step("", error.within("could not get information about the resource"), final=True)


def _not_found(resource: Resource) -> str:
    group = f".{resource.mapping.group}" if resource.mapping.group else ""
    return f'{resource.mapping.plural}{group} "{resource.name}" not found'


def _place(resource: Resource) -> tuple[str, str]:
    return resource.mapping.root + "/" + resource.mapping.plural, resource.namespace


def _together(turn: Sequence[Resource], known: Sequence[bool]) -> Iterator[list[Resource]]:
    """A turn cut into groups of objects that may be worked on at once: those known to exist; any other stays alone."""
    group: list[Resource] = []
    for resource, exists in zip(turn, known, strict=True):
        if exists:
            group.append(resource)
            continue
        if group:
            yield group
        yield [resource]
        group = []
    if group:
        yield group
