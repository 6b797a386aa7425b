"""Upgrade a release to another chart or other values.

    prepare    the revisions that matter, values, rendering, the new revision's record in memory
    build      the objects of both revisions; whose are those that are there already?
    carry out  record, hooks, objects, waiting, hooks, both records
    fail       the record says why; new objects are removed, or the last good revision is brought back, as asked for

Source: pkg/action/upgrade.go.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.actions.hooks import Hooks, hook_records, record
from navarch.actions.options import RollbackOptions, UpgradeOptions, is_dry_run
from navarch.actions.steps import clean_up, cluster_engine, reason, rephrase, server_side, update, wait_for
from navarch.actions.template import check_labels, is_release_name, render_tree
from navarch.errors import (
    ChartError,
    NavarchError,
    NoDeployedReleasesError,
    PendingError,
    ReleaseNotFoundError,
)
from navarch.golang.strconv import quote
from navarch.releases.model import CSA, SSA, Info, Release, Status, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from navarch.actions.context import Context
    from navarch.actions.recover import Hold
    from navarch.actions.revisions import Revisions
    from navarch.chart.model import Chart
    from navarch.kube.objects import Resource
    from navarch.manifests.render import Manifests

__all__ = ["merge_labels", "upgrade"]

_DEFAULTS = UpgradeOptions()
_REMOVED_API = (
    "current release manifest contains removed kubernetes api(s) for this kubernetes version and it is therefore "
    "unable to build the kubernetes objects for performing the diff. error from kubernetes"
)


def upgrade(
    context: Context, name: str, chart: Chart, values: Mapping[str, Any], options: UpgradeOptions = _DEFAULTS
) -> Release:
    """Upgrade a release to a chart that `load_installable` loaded, with the user's values; answers the new revision.

    Raises NavarchError. What was begun and failed stands in the record; Ctrl-C (KeyboardInterrupt) is recorded too.
    """
    from navarch.actions.recover import Hold

    context.check_reachable()
    if not is_release_name(name) or not name:
        raise ChartError(f"release name is invalid: {name}")
    context.prefetch()
    context.debug("preparing upgrade", name=name)
    task = _Upgrade(context, name, options)
    if task.dry_run:
        plan = task.plan(chart, values, None)
        context.debug("dry run for release", name=name)
        plan.release.info.description = options.description or "Dry run complete"
        return plan.release
    with Hold(context, name, "upgrade") as hold:
        plan = task.plan(chart, values, hold)
        context.debug("creating upgraded release", name=name)
        task.carry_out(plan, hold)
    return plan.release


class _Plan(NamedTuple):
    """A new revision that is ready: over which one it goes, its objects, and those to compare them with."""

    current: Release
    release: Release
    server_side: bool
    originals: Sequence[Resource]
    target: Sequence[Resource]
    revisions: Revisions


class _Upgrade:
    """One upgrade, step by step."""

    def __init__(self, context: Context, name: str, options: UpgradeOptions) -> None:
        if options.rollback_on_failure and options.wait == "hookOnly":
            options = options._replace(wait="watcher")
        self.context = context
        self.name = name
        self.options = options
        self.dry_run = is_dry_run(options.dry_run)

    def plan(self, chart: Chart, values: Mapping[str, Any], hold: Hold | None) -> _Plan:
        """Everything that can be done before something is changed. Raises NavarchError."""
        if self.options.hide_secret and not self.dry_run:
            raise NavarchError("hiding Kubernetes secrets requires a dry-run mode")
        revisions, last, current = self._revisions(hold)
        release, by_server = self._release(chart, values, last, current)
        target = self.context.client.build(release.manifest, validate=self.options.validate)
        self.context.debug("performing update", name=self.name)
        originals = self._originals(current, release, target)
        if not self.dry_run:
            originals += self._leftovers(current, revisions, [*originals, *target])
        return _Plan(current, release, by_server, originals, target, revisions)

    def _revisions(self, hold: Hold | None) -> tuple[Revisions, Release, Release]:
        """The history, the latest revision, and the one to go over: the deployed one if there is one."""
        from navarch.actions.recover import settle
        from navarch.actions.revisions import Revisions

        self.context.debug("getting last revision", name=self.name)
        try:
            revisions = Revisions(self.context.storage, self.name)
        except ReleaseNotFoundError:
            raise NoDeployedReleasesError(f"{quote(self.name)} has no deployed releases", name=self.name) from None
        last = revisions.last()
        if hold is not None:
            settle(self.context, hold, last)
        if last.is_pending:
            raise PendingError
        if last.status == Status.DEPLOYED:
            return revisions, last, last
        self.context.debug("getting deployed releases", name=self.name)
        try:
            return revisions, last, revisions.deployed()
        except NoDeployedReleasesError:
            if last.status not in (Status.FAILED, Status.SUPERSEDED):
                raise
            return revisions, last, last

    def _release(
        self, chart: Chart, values: Mapping[str, Any], last: Release, current: Release
    ) -> tuple[Release, bool]:
        """The new revision, and whether the server applies it. Raises NavarchError."""
        from navarch.releases.charts import chart_record
        from navarch.values.dependencies import process_dependencies

        context, options = self.context, self.options
        chart, given = self._reuse(chart, dict(values), current)
        tree = process_dependencies(chart, given, warn=context.say)
        revision = last.revision + 1
        rendered = self._rendered(tree, given, current.namespace, revision)
        check_labels(options.labels or {})
        by_server = server_side(options.server_side, last)
        context.debug(
            "determined release apply method",
            server_side_apply=by_server,
            previous_release_apply_method=last.apply_method,
        )
        release = Release(
            self.name,
            current.namespace,
            revision,
            info=Info(
                first_deployed=current.info.first_deployed,
                last_deployed=now(),
                status=Status.PENDING_UPGRADE,
                description="Preparing upgrade",
                notes=rendered.notes,
            ),
            chart=chart_record(tree),
            config=given,
            manifest=rendered.text(hide_secrets=options.hide_secret),
            hooks=hook_records(rendered.hooks),
            labels=merge_labels(last.labels, options.labels or {}),
            apply_method=SSA if by_server else CSA,
        )
        return release, by_server

    def _reuse(self, chart: Chart, given: dict[str, Any], current: Release) -> tuple[Chart, dict[str, Any]]:
        """The chart and the user's values, with what is taken over from the revision before."""
        context, options = self.context, self.options
        if options.reset_values:
            context.debug("resetting values to the chart's original version")
            return chart, given
        if options.reuse_values:
            context.debug("reusing the old release's values")
            chart = self._with_old_defaults(chart, current)
            return chart, self._over_old(given, current)
        if options.reset_then_reuse_values:
            context.debug("merging values from old release to new values")
            return chart, self._over_old(given, current)
        if not given and current.config:
            context.debug("copying values from old release", name=current.name, version=current.revision)
            given = current.config
        return chart, given

    def _over_old(self, given: dict[str, Any], current: Release) -> dict[str, Any]:
        """The given values over those of the revision before; given nulls get into its record too, as with Helm."""
        from navarch.values.coalesce import coalesce_tables

        return coalesce_tables(given, current.config, warn=self.context.say)

    def _with_old_defaults(self, chart: Chart, current: Release) -> Chart:
        """The chart with the values that the revision before had in the end as its defaults. Raises ValuesError."""
        from navarch.releases.charts import chart_from_record
        from navarch.values.coalesce import coalesce_values

        try:
            old = coalesce_values(chart_from_record(current.chart or {}), current.config, warn=self.context.say)
        except NavarchError as error:
            error.within("failed to rebuild old values")
            raise
        return chart.derive(chart.metadata, chart.dependencies, values=old)

    def _rendered(self, tree: Chart, given: dict[str, Any], namespace: str, revision: int) -> Manifests:
        from navarch.actions.postrender import by_strategy
        from navarch.chart.capabilities import ReleaseInfo

        context, options = self.context, self.options
        return render_tree(
            tree,
            given,
            release=ReleaseInfo(self.name, namespace, revision, is_install=False, is_upgrade=True),
            capabilities=context.capabilities,
            engine=cluster_engine(context, options, online=options.dry_run != "client"),
            sub_notes=options.sub_notes,
            debug=context.say if context.debugging else None,
            post_render=by_strategy(options.post_render, options.post_render_strategy),
        )

    def _originals(self, current: Release, release: Release, target: Sequence[Resource]) -> list[Resource]:
        """The objects that are there: by the record, and those of the target that are found besides."""
        from navarch.actions.ownership import claim, existing

        client, options = self.context.client, self.options
        try:
            originals = client.build(current.manifest)
        except NavarchError as error:
            removed = 'unable to recognize "": no matches for kind' in str(error)
            error.within(
                _REMOVED_API if removed else "unable to build kubernetes objects from current release manifest"
            )
            raise
        claim(target, release.name, release.namespace)
        known = set(map(_key, originals))
        created = [resource for resource in target if _key(resource) not in known]
        try:
            found = existing(client, created, release.name, release.namespace, adopt=options.take_ownership)
        except NavarchError as error:
            error.within("unable to continue with update")
            raise
        return [*originals, *found]

    def _leftovers(self, current: Release, revisions: Revisions, known: Sequence[Resource]) -> list[Resource]:
        """What only revisions have that were cut off."""
        from navarch.actions.recover import leftovers, overshadowed

        return leftovers(self.context, overshadowed(revisions.newest(), current), known)

    def carry_out(self, plan: _Plan, hold: Hold) -> None:
        """Apply what was planned. Raises NavarchError, after the record says so; KeyboardInterrupt alike."""
        context, release = self.context, plan.release
        hold.begin()
        removed = context.storage.create(release, max_history=self.options.history_max, known=plan.revisions.heads)
        created: list[Resource] = []
        try:
            self._apply(plan, created, lost=plan.current.revision in removed)
            hold.check()
        except (NavarchError, KeyboardInterrupt) as error:
            if not hold.lost:
                self._fail(release, created, error, hold)
            raise
        plan.current.info.status = Status.SUPERSEDED
        record(context, plan.current)
        release.set_status(Status.DEPLOYED, self.options.description or "Upgrade complete")
        context.debug("updating status for upgraded release", name=self.name)
        context.storage.update(release)
        hold.end()

    def _apply(self, plan: _Plan, created: list[Resource], *, lost: bool) -> None:
        """Hooks, objects, waiting, hooks; `created` takes the objects that were made. Raises NavarchError.

        With the record of the revision before `lost` to the history's limit, a failure tells of that too.
        """
        context, options, release = self.context, self.options, plan.release
        hooks = Hooks(context, wait=options.wait, timeout=options.timeout, server_side=plan.server_side)
        if options.hooks:
            _run(hooks, release, "pre-upgrade")
        else:
            context.debug("upgrade hooks disabled", name=self.name)
        try:
            created += update(
                context,
                plan.originals,
                plan.target,
                options,
                server_side=plan.server_side,
                upgrade_managed_fields=plan.server_side and plan.current.apply_method in ("", CSA),
            )
            wait_for(context, plan.target, options)
        except NavarchError:
            if lost:  # else the record stands as it is, and needs no second writing
                record(context, plan.current)
            raise
        if options.hooks:
            _run(hooks, release, "post-upgrade")

    def _fail(
        self, release: Release, created: list[Resource], error: NavarchError | KeyboardInterrupt, hold: Hold
    ) -> None:
        """Record a failure and undo what is to be undone; changes the error's words accordingly."""
        context, options, words = self.context, self.options, reason(error)
        context.warn("upgrade failed", name=release.name, error=words)
        release.set_status(Status.FAILED, f"Upgrade {quote(release.name)} failed: {words}")
        if record(context, release):
            hold.end()
        created += getattr(error, "created", ())
        if options.cleanup_on_fail and created:
            fault = clean_up(context, created, "cleanup on fail set", cleaning_resources=len(created))
            if fault:
                told = "an error occurred while cleaning up resources. original upgrade error"
                rephrase(error, f"{told}: {words}: {fault}")
                return
        if options.rollback_on_failure:
            rephrase(error, self._roll_back(words, hold))

    def _roll_back(self, words: str, hold: Hold) -> str:
        """Bring the last good revision back; answers what to tell of it."""
        from navarch.actions.rollback import rollback_held

        context = self.context
        context.debug("Upgrade failed and rollback-on-failure is set, rolling back to previous successful release")
        try:
            heads = context.storage.heads(self.name)
        except NavarchError as fault:
            return f"an error occurred while finding last successful release. original upgrade error: {words}: {fault}"
        good = [head.revision for head in heads if head.status in (Status.SUPERSEDED, Status.DEPLOYED)]
        if not good:
            told = "unable to find a previously successful release when attempting to rollback"
            return f"{told}. original upgrade error: {words}"
        try:
            rollback_held(context, self.name, max(good), self._rollback_options(), hold)
        except NavarchError as fault:
            return f"an error occurred while rolling back the release. original upgrade error: {words}: {fault}"
        return f"release {self.name} failed, and has been rolled back due to rollback-on-failure being set: {words}"

    def _rollback_options(self) -> RollbackOptions:
        options = self.options
        return RollbackOptions(
            force_conflicts=options.force_conflicts,
            force_replace=options.force_replace,
            history_max=0,
            hooks=options.hooks,
            server_side=options.server_side,
            timeout=options.timeout,
            wait=options.wait,
            wait_for_jobs=options.wait_for_jobs,
        )


def _key(resource: Resource) -> tuple[str, str, str, str]:
    return resource.mapping.api_version, resource.kind, resource.namespace, resource.name


def _run(hooks: Hooks, release: Release, event: str) -> None:
    try:
        hooks.run(release, event)
    except NavarchError as error:
        error.within(f"{event} hooks failed")
        raise


def merge_labels(before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The labels of the revision before with the given ones over them; "null" takes one away."""
    return {name: value for name, value in {**before, **given}.items() if value != "null"}
