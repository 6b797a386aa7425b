"""Roll a release back: make what an earlier revision had a new revision.

Source: pkg/action/rollback.go.
"""

from __future__ import annotations

from navarch.actions.hooks import Hooks, record
from navarch.actions.options import RollbackOptions, is_dry_run
from navarch.actions.steps import clean_up, reason, rephrase, server_side, update, wait_for
from navarch.actions.template import is_release_name
from navarch.errors import ChartError, NavarchError, ReleaseError, UsageError
from navarch.golang.strconv import quote
from navarch.releases.model import CSA, SSA, Info, Release, Status, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.actions.context import Context
    from navarch.actions.recover import Hold
    from navarch.actions.revisions import Revisions
    from navarch.kube.objects import Resource

__all__ = ["MAX_DESCRIPTION", "check_description", "rollback", "rollback_held"]

MAX_DESCRIPTION = 256
"""Most characters of a rollback's description."""

_DEFAULTS = RollbackOptions()


def rollback(context: Context, name: str, revision: int = 0, options: RollbackOptions = _DEFAULTS) -> Release:
    """Roll a release back to a revision, 0 for the one before the latest; answers the new revision.

    Raises NavarchError. What was begun and failed stands in the record; Ctrl-C (KeyboardInterrupt) is recorded too.
    """
    from navarch.actions.recover import Hold

    check_description(options.description)
    context.check_reachable()
    context.debug("preparing rollback", name=name)
    task = _Rollback(context, name, options)
    if is_dry_run(options.dry_run):
        release = task.prepare(revision, None)[1]
        context.debug("performing rollback", name=name)
        context.debug("dry run", name=name)
        return release
    with Hold(context, name, "rollback") as hold:
        return task.run(revision, hold)


def rollback_held(context: Context, name: str, revision: int, options: RollbackOptions, hold: Hold) -> Release:
    """Roll back a release that an action holds already."""
    context.check_reachable()
    context.debug("preparing rollback", name=name)
    return _Rollback(context, name, options).run(revision, hold)


def check_description(text: str) -> None:
    """Refuse a description that is too long. Raises UsageError."""
    if len(text) > MAX_DESCRIPTION:
        raise UsageError(f"description must be {MAX_DESCRIPTION} characters or less, got {len(text)}")


class _Rollback:
    """One rollback, step by step."""

    def __init__(self, context: Context, name: str, options: RollbackOptions) -> None:
        self.context = context
        self.name = name
        self.options = options
        self.untold = False
        """Whether a failure could not be recorded."""

    def prepare(self, number: int, hold: Hold | None) -> tuple[Release, Release, bool, Revisions]:
        """The latest revision, the new one, whether the server applies it, and the history. Raises NavarchError."""
        if not is_release_name(self.name) or not self.name:
            raise ChartError(f"prepareRollback: Release name is invalid: {self.name}")
        if number < 0:
            raise UsageError("invalid release revision")
        from navarch.actions.recover import settle
        from navarch.actions.revisions import Revisions

        context, storage = self.context, self.context.storage
        context.debug("getting last revision", name=self.name)
        revisions = Revisions(storage, self.name)
        current = revisions.last()
        if hold is not None:
            settle(context, hold, current)
        context.debug("getting release history", name=self.name)
        wanted = number or current.revision - 1
        if all(head.revision != wanted for head in revisions.heads):
            raise ReleaseError(f"release has no {wanted} version")
        context.debug("rolling back", name=self.name, currentVersion=current.revision, targetVersion=wanted)
        previous = storage.get(self.name, wanted)
        by_server = server_side(self.options.server_side, previous)
        return current, self._release(current, previous, by_server=by_server), by_server, revisions

    def _release(self, current: Release, previous: Release, *, by_server: bool) -> Release:
        return Release(
            self.name,
            current.namespace,
            current.revision + 1,
            info=Info(
                first_deployed=current.info.first_deployed,
                last_deployed=now(),
                status=Status.PENDING_ROLLBACK,
                notes=previous.info.notes,
                rollback_revision=previous.revision,
                description=self.options.description or f"Rollback to {previous.revision}",
            ),
            chart=previous.chart,
            config=previous.config,
            labels=previous.labels,
            manifest=previous.manifest,
            hooks=previous.hooks,
            apply_method=SSA if by_server else CSA,
        )

    def run(self, number: int, hold: Hold) -> Release:
        """Do it. Raises NavarchError and KeyboardInterrupt."""
        context, name = self.context, self.name
        current, release, by_server, revisions = self.prepare(number, hold)
        context.debug("creating rolled back release", name=name)
        hold.begin()
        context.storage.create(release, max_history=self.options.history_max, known=revisions.heads)
        context.debug("performing rollback", name=name)
        try:
            self._perform(current, release, revisions, by_server=by_server)
            hold.check()
        except KeyboardInterrupt as error:
            words = f"Rollback {quote(name)} failed: {reason(error)}"
            self._failed(release, words)
            rephrase(error, words)
            self._end(hold)
            raise
        except NavarchError:
            self._end(hold)
            raise
        context.debug("getting deployed releases", name=name)
        for head in revisions.heads:
            if head.status == Status.DEPLOYED:
                self._supersede(revisions.read(head))
        release.info.status = Status.DEPLOYED
        context.debug("updating status for rolled back release", name=name)
        context.storage.update(release)
        hold.end()
        return release

    def _supersede(self, release: Release | None) -> None:
        if release is not None:
            self.context.debug("superseding previous deployment", version=release.revision)
            release.info.status = Status.SUPERSEDED
            record(self.context, release)

    def _perform(self, current: Release, release: Release, revisions: Revisions, *, by_server: bool) -> None:
        """Hooks, objects, waiting, hooks. Raises NavarchError."""
        context, options = self.context, self.options
        originals, target = self._objects(current, release, revisions)
        hooks = Hooks(context, wait=options.wait, timeout=options.timeout, server_side=by_server)
        if options.hooks:
            hooks.run(release, "pre-rollback")
        else:
            context.debug("rollback hooks disabled", name=self.name)
        try:
            update(context, originals, target, options, server_side=by_server, upgrade_managed_fields=True)
        except NavarchError as error:
            self._not_applied(current, release, error)
            raise
        try:
            wait_for(context, target, options)
        except NavarchError as error:
            self._failed(release, f"Release {quote(self.name)} failed: {error}")
            error.within(f"release {self.name} failed")
            raise
        if options.hooks:
            hooks.run(release, "post-rollback")

    def _objects(
        self, current: Release, release: Release, revisions: Revisions
    ) -> tuple[list[Resource], list[Resource]]:
        """The objects that are there by the records, and those that are to be there. Raises NavarchError."""
        from navarch.actions.ownership import claim
        from navarch.actions.recover import leftovers, overshadowed

        originals = self._built(current, "current")
        target = self._built(release, "new")
        originals += leftovers(self.context, overshadowed(revisions.newest(), current), [*originals, *target])
        claim(target, release.name, release.namespace)
        return originals, target

    def _built(self, release: Release, which: str) -> list[Resource]:
        try:
            return self.context.client.build(release.manifest)
        except NavarchError as error:
            error.within(f"unable to build kubernetes objects from {which} release manifest")
            raise

    def _not_applied(self, current: Release, release: Release, error: NavarchError) -> None:
        """Record that objects could not be changed, and remove new ones if that is wanted."""
        words = f"Rollback {quote(self.name)} failed: {error}"
        self.context.warn(words)
        current.info.status = Status.SUPERSEDED
        record(self.context, current)
        self._failed(release, words)
        if self.options.cleanup_on_fail:
            created = getattr(error, "created", ())
            said = "cleanup on fail set, cleaning up resources"
            fault = clean_up(self.context, created, said, count=len(created))
            if fault:
                rephrase(error, f"an error occurred while cleaning up resources. original rollback error: {fault}")

    def _failed(self, release: Release, words: str) -> None:
        release.set_status(Status.FAILED, words)
        self.untold = not record(self.context, release)

    def _end(self, hold: Hold) -> None:
        """Nothing more is done: the record tells of it, or is still open after a hook failed, as Helm leaves it."""
        if not self.untold and not hold.lost:
            hold.end()
