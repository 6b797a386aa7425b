"""Holding a release while it is worked on, and understanding what a client left that was cut off in the middle.

Each action that changes something holds the release's Lease. Its record is written before the first object is
touched and after the last. So what a dead client leaves is a Lease that nobody renews, and a record that says
pending-… or uninstalling. Who takes that Lease over marks the record as failed, in words that begin with MARK, and
goes on; from then on the mark tells, through any number of further failures, which revisions' objects may be there
without a later revision knowing: they are removed along with what the next revision no longer has.

    left behind by            what the next action does
    install                   install, upgrade: as over a failed release; uninstall: removes its objects
    upgrade, rollback         upgrade, rollback: also remove what only the cut-off revisions have;
                              uninstall: removes the objects of the deployed revision too
    uninstall                 uninstall: goes on; the others: put everything back
"""

from __future__ import annotations

from navarch.actions.hooks import Hooks
from navarch.actions.ownership import fault
from navarch.errors import KubernetesError, NavarchError
from navarch.releases.model import Phase, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from navarch.actions.context import Context
    from navarch.kube.objects import Resource
    from navarch.releases.lease import Lease
    from navarch.releases.model import Release

__all__ = ["MARK", "Hold", "canceled", "is_interrupted", "leftovers", "may_replace", "overshadowed", "settle"]

MARK = "interrupted: "
"""How the description of a revision begins whose client was cut off."""

_ACTIONS = {
    Status.PENDING_INSTALL: "install",
    Status.PENDING_UPGRADE: "upgrade",
    Status.PENDING_ROLLBACK: "rollback",
    Status.UNINSTALLING: "uninstall",
}
_KEEP = "helm.sh/resource-policy"


class Hold:
    """A release that is held while an action works on it: `with Hold(context, name, "upgrade") as hold`.

    `abandoned` says what was cut off, "" if nothing was. Entering raises LeaseHeldError where somebody else is at work.
    Between `begin` and `end` the record says that something is going on: whoever leaves then, for whatever reason,
    leaves the Lease behind, so that the next action knows that nobody is there any more.
    """

    __slots__ = ("_action", "_context", "_lease", "_name", "_open")

    def __init__(self, context: Context, name: str, action: str) -> None:
        self._context = context
        self._name = name
        self._action = action
        self._lease: Lease | None = None
        self._open = False

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._lease is not None:
            if self._open:
                self._lease.leave()
            self._lease.__exit__(None, None, None)

    def take(self) -> None:
        """Take the Lease, if that is wanted and possible and not done yet."""
        context = self._context
        if not context.leases or (self._lease is not None and self._lease.held):
            return
        from navarch.releases.lease import Lease

        debug = context.say if context.debugging else None
        lease = Lease(context.client, context.namespace, self._name, action=self._action, debug=debug)
        self._lease = lease.__enter__()

    def begin(self) -> None:
        """From here on the record says that the action is under way. Raises ReleaseError as `check` does."""
        self.check()
        self._open = True

    def end(self) -> None:
        """The record tells how it ended."""
        self._open = False

    @property
    def abandoned(self) -> str:
        return str((self._lease and self._lease.abandoned) or "")

    @property
    def abandoned_action(self) -> str:
        holder = self._lease and self._lease.abandoned
        return holder.action if holder else ""

    @property
    def lost(self) -> bool:
        return self._lease is not None and self._lease.lost

    def check(self) -> None:
        """Raises ReleaseError if somebody else has taken the release over in the meantime."""
        if self._lease is not None:
            self._lease.check()


def settle(context: Context, hold: Hold, release: Release) -> None:
    """Mark the latest revision as failed if a client was cut off that worked on it.

    Raises KubernetesError or ReleaseError where that can't be recorded: nothing should be done before it is.
    """
    action = _ACTIONS.get(release.status)
    told = hold.abandoned
    if action is None or not (told or is_interrupted(release)):
        return
    context.warn(
        f"an earlier {action} of this release was cut off, taking over",
        release=release.name,
        revision=release.revision,
        interrupted=told or release.info.description.partition(MARK)[2],
    )
    release.set_status(Status.FAILED, _marked(action, told, release.info.description))
    context.storage.update(release)
    _remove_hooks(context, release)


def _marked(action: str, told: str, before: str) -> str:
    """The description of a cut-off revision; marks that it has already stay."""
    earlier = before[before.index(MARK) :] if MARK in before else ""
    if earlier.startswith(MARK + action):
        return earlier
    now = f"{MARK}{action}, {told}" if told else f"{MARK}{action}"
    return f"{now}; {earlier}" if earlier else now


def _remove_hooks(context: Context, release: Release) -> None:
    """Delete hooks that ran when their client was cut off, and those that it would have deleted in the end."""
    hooks = Hooks(context, wait="hookOnly", timeout=0)
    for hook in release.hooks:
        succeeded = hook.last_run.phase == Phase.SUCCEEDED and "hook-succeeded" in hook.delete_policies
        if hook.last_run.phase == Phase.RUNNING or succeeded:
            try:
                hooks.remove(hook)
            except NavarchError as error:
                context.debug("unable to delete the hook of an interrupted run", hook=hook.path, error=error)


def canceled(release: Release, action: str) -> None:
    """Note in a record that its action was canceled, so that the next one knows without a Lease."""
    before = release.info.description
    release.info.description = f"{before}; {MARK}{action} was canceled" if before else f"{MARK}{action} was canceled"


def is_interrupted(release: Release) -> bool:
    """Whether the client that made this revision was cut off."""
    return MARK in release.info.description


def may_replace(release: Release) -> bool:
    """Whether an install may go on where a cut-off one, or a cut-off uninstall, left this latest revision."""
    marks = (f"{MARK}install", f"{MARK}uninstall")
    return release.status == Status.FAILED and any(mark in release.info.description for mark in marks)


def overshadowed(history: Sequence[Release], base: Release | None = None) -> list[Release]:
    """The revisions whose objects may be on the cluster although the action that goes over `base` doesn't know them.

    `history` is the latest revision and those before it down to the deployed one. Where no client was cut off since
    all went well for the last time, there are none; else the deployed one and those that were cut off.
    """
    if not any(map(is_interrupted, history)):
        return []
    mattering = (release for release in history if release.status == Status.DEPLOYED or is_interrupted(release))
    return [release for release in mattering if release is not base]


def leftovers(context: Context, releases: Sequence[Release], known: Iterable[Resource]) -> list[Resource]:
    """The objects of these revisions that are on the cluster: the release's own, not to be kept, not among `known`."""
    seen = {resource.identity for resource in known}
    found: list[Resource] = []
    for release in releases:
        for resource in _built(context, release):
            if resource.identity not in seen:
                seen.add(resource.identity)
                found.append(resource)
    if not found:
        return []
    name, namespace = releases[0].name, releases[0].namespace
    return [
        resource
        for resource, there in zip(found, context.client.look_up(found), strict=True)
        if isinstance(there, dict) and not _kept(there) and not fault(there, name, namespace)
    ]


def _built(context: Context, release: Release) -> list[Resource]:
    try:
        return context.client.build(release.manifest)
    except KubernetesError as error:
        context.warn(
            "unable to tell which objects an interrupted revision made", revision=release.revision, error=error
        )
        return []


def _kept(found: dict[str, object]) -> bool:
    metadata = found.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(_KEEP) == "keep"
