"""Install a chart as a new release.

    check      the request and the name, before anything is rendered
    prepare    CRDs, rendering, objects built and looked up: nothing of the release itself is changed
    carry out  namespace, record, hooks, objects, waiting, hooks, record
    fail       the record says why; with rollback_on_failure all is removed again

Source: pkg/action/install.go.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.actions.options import InstallOptions, is_dry_run
from navarch.actions.steps import cluster_engine, reason, rephrase
from navarch.actions.template import check_release_name, failed_name_check, render_tree, taking_part
from navarch.errors import ApiError, KubernetesError, NavarchError, ReleaseNotFoundError
from navarch.golang.strconv import quote
from navarch.releases.model import CSA, SSA, Info, Release, Status, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from navarch.actions.context import Context
    from navarch.actions.hooks import Hooks
    from navarch.actions.recover import Hold
    from navarch.actions.revisions import Revisions
    from navarch.chart.capabilities import Capabilities
    from navarch.chart.model import Chart
    from navarch.kube.objects import Resource
    from navarch.manifests.render import Manifests

__all__ = ["Installation", "Plan", "install"]

_DEFAULTS = InstallOptions()


def install(
    context: Context, name: str, chart: Chart, values: Mapping[str, Any], options: InstallOptions = _DEFAULTS
) -> Release:
    """Install a chart that `load_installable` loaded, with the user's values; answers the release.

    Raises NavarchError. What was begun and failed stands in the record; Ctrl-C (KeyboardInterrupt) is recorded too.
    """
    task = Installation(context, name, options)
    task.check()
    if is_dry_run(options.dry_run):
        release = task.prepare(chart, values).release
        release.info.description = "Dry run complete"
        return release
    from navarch.actions.recover import Hold

    if options.skip_crds or not chart.crds():
        context.prefetch()
    with Hold(context, name, "install") as hold:
        revisions = task.claim_name(hold)
        plan = task.prepare(chart, values)
        task.carry_out(plan, revisions, hold)
    return plan.release


class Plan(NamedTuple):
    """A release that is ready to be installed, and those of its objects that are on the cluster already."""

    release: Release
    rendered: Manifests
    resources: Sequence[Resource]
    adopted: Sequence[Resource]


class Installation:
    """One install, step by step. `capabilities` stands in for the cluster's in a dry run that asks none."""

    def __init__(
        self, context: Context, name: str, options: InstallOptions, *, capabilities: Capabilities | None = None
    ) -> None:
        if options.rollback_on_failure and options.wait == "hookOnly":
            options = options._replace(wait="watcher")
        self.context = context
        self.name = name
        self.options = options
        self.online = options.dry_run != "client"
        self._capabilities = capabilities

    def check(self) -> None:
        """Refuse what can't be done, before the chart is looked at. Raises NavarchError."""
        context, options = self.context, self.options
        if self.online:
            try:
                context.check_reachable()
            except KubernetesError as error:
                error.within("cluster reachability check failed")
                context.error(str(error))
                raise
        if options.hide_secret and not is_dry_run(options.dry_run):
            words = "hiding Kubernetes secrets requires a dry-run mode"
            context.error(words)
            raise NavarchError(words)
        check_release_name(self.name, warn=context.say)

    def claim_name(self, hold: Hold) -> Revisions | None:
        """The history of the name, None if it is new. Raises ChartError where the name is taken.

        An install whose client was cut off can be repeated, even if all that was left to do was to say so.
        """
        from navarch.actions.recover import may_replace, settle
        from navarch.actions.revisions import Revisions

        try:
            revisions = Revisions(self.context.storage, self.name)
        except ReleaseNotFoundError:
            return None
        except NavarchError:  # Helm goes on, to fail where it would write
            return None
        last = revisions.heads[-1]
        if self.options.replace and last.status in (Status.UNINSTALLED, Status.FAILED):
            return revisions
        if hold.abandoned or last.status in (Status.FAILED, Status.UNINSTALLING):
            release = revisions.last()
            settle(self.context, hold, release)
            done = release.status in (Status.DEPLOYED, Status.SUPERSEDED) and hold.abandoned_action == "install"
            if done or may_replace(release):
                return revisions
        raise failed_name_check("cannot reuse a name that is still in use", self.context.say)

    def prepare(self, chart: Chart, values: Mapping[str, Any]) -> Plan:
        """Render the chart and build its objects. Raises NavarchError; UnrenderedError for the chart's own faults."""
        context, options = self.context, self.options
        given = dict(values)
        tree = taking_part(chart, given, warn=context.say)
        self._prepare_crds(tree)
        rendered = self._rendered(tree, given)
        release = self._release(tree, given, rendered)
        resources = self._built(release)
        adopted: Sequence[Resource] = ()
        if self.online and resources and not (options.is_upgrade and is_dry_run(options.dry_run)):
            from navarch.actions.ownership import existing

            try:
                adopted = existing(
                    context.client, resources, self.name, context.namespace, adopt=options.take_ownership
                )
            except NavarchError as error:
                error.within("unable to continue with install")
                raise
        return Plan(release, rendered, resources, adopted)

    def _prepare_crds(self, tree: Chart) -> None:
        options = self.options
        if not self.online or options.skip_crds or not tree.crds():
            return
        if is_dry_run(options.dry_run):
            words = "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies."
            self.context.warn(words)
            return
        from navarch.actions.crds import install_crds

        install_crds(
            self.context,
            tree,
            wait=options.wait,
            server_side=options.server_side,
            force_conflicts=options.force_conflicts,
        )

    def _rendered(self, tree: Chart, values: dict[str, Any]) -> Manifests:
        from navarch.actions.postrender import by_strategy
        from navarch.chart.capabilities import ReleaseInfo

        context, options = self.context, self.options
        upgrade = options.is_upgrade and is_dry_run(options.dry_run)
        return render_tree(
            tree,
            values,
            release=ReleaseInfo(self.name, context.namespace, 1, is_install=not upgrade, is_upgrade=upgrade),
            capabilities=self._known_capabilities(),
            engine=cluster_engine(context, options, online=self.online),
            labels=options.labels,
            sub_notes=options.sub_notes,
            debug=context.say if context.debugging else None,
            post_render=by_strategy(options.post_render, options.post_render_strategy),
        )

    def _known_capabilities(self) -> Capabilities:
        if self.online:
            return self.context.capabilities
        from navarch.chart.capabilities import default_capabilities

        return self._capabilities or default_capabilities()

    def _release(self, tree: Chart, values: dict[str, Any], rendered: Manifests) -> Release:
        from navarch.actions.hooks import hook_records
        from navarch.releases.charts import chart_record

        time = now()
        return Release(
            self.name,
            self.context.namespace,
            1,
            info=Info(
                first_deployed=time,
                last_deployed=time,
                status=Status.PENDING_INSTALL,
                description="Initial install underway",
                notes=rendered.notes,
            ),
            chart=chart_record(tree),
            config=values,
            manifest=rendered.text(hide_secrets=self.options.hide_secret),
            hooks=hook_records(rendered.hooks),
            labels=self.options.labels,
            apply_method=SSA if self.options.server_side else CSA,
        )

    def _built(self, release: Release) -> list[Resource]:
        if not self.online:
            return []
        from navarch.actions.ownership import claim

        try:
            resources = self.context.client.build(release.manifest, validate=self.options.validate)
        except NavarchError as error:
            error.within("unable to build kubernetes objects from release manifest")
            raise
        claim(resources, release.name, release.namespace)
        return resources

    def carry_out(self, plan: Plan, revisions: Revisions | None, hold: Hold) -> None:
        """Install what was prepared. Raises NavarchError, after the record says so; KeyboardInterrupt alike."""
        context, options, release = self.context, self.options, plan.release
        if options.create_namespace:
            self._create_namespace()
            hold.take()
        originals = list(plan.adopted)
        if revisions is not None:
            originals += self._leftovers(plan, revisions)
            _supersede(context, revisions, release)
        hold.begin()
        context.storage.create(release, max_history=0)
        try:
            self._apply(release, plan.resources, originals)
            hold.check()
        except (NavarchError, KeyboardInterrupt) as error:
            if not hold.lost:
                self._fail(release, error, hold)
            raise
        release.set_status(Status.DEPLOYED, options.description or "Install complete")
        try:
            context.storage.update(release)
            hold.end()
        except NavarchError as error:
            context.error("failed to record the release", error=error)

    def _leftovers(self, plan: Plan, revisions: Revisions) -> list[Resource]:
        """What cut-off installs made that this one would not know of."""
        from navarch.actions.recover import leftovers, overshadowed

        newest = revisions.newest()
        repeated = newest[0].status in (Status.DEPLOYED, Status.SUPERSEDED)
        older = newest if repeated else overshadowed(newest)
        return leftovers(self.context, older, plan.resources)

    def _create_namespace(self) -> None:
        from navarch.golang.json import dumps

        name = self.context.namespace
        client = self.context.client
        metadata = {"name": name, "labels": {"name": name}}
        namespace = client.build(
            dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {}, "status": {}}),
            validate=True,
        )
        try:
            client.create(namespace, server_side=self.options.server_side, on_event=self.context.on_event)
        except ApiError as error:
            if not error.is_already_exists:
                raise

    def _apply(self, release: Release, resources: Sequence[Resource], originals: Sequence[Resource]) -> None:
        """Hooks, objects, waiting, hooks. Raises NavarchError."""
        from navarch.actions.hooks import Hooks

        context, options = self.context, self.options
        client, on_event = context.client, context.on_event
        hooks = Hooks(context, wait=options.wait, timeout=options.timeout, server_side=options.server_side)
        if options.hooks:
            _within(hooks, release, "pre-install")
        if originals:
            client.update(
                originals,
                resources,
                server_side=options.server_side,
                force_conflicts=options.force_conflicts,
                force_replace=options.force_replace,
                three_way=options.take_ownership and not options.server_side,
                upgrade_managed_fields=True,
                on_event=on_event,
            )
        elif resources:
            client.create(resources, server_side=options.server_side, on_event=on_event)
        waiter = client.waiter(options.wait, on_event=on_event)
        (waiter.wait_with_jobs if options.wait_for_jobs else waiter.wait)(resources, options.timeout)
        if options.hooks:
            _within(hooks, release, "post-install")

    def _fail(self, release: Release, error: NavarchError | KeyboardInterrupt, hold: Hold) -> None:
        """Record a failure, or remove the release again; changes the error's words accordingly."""
        context, options = self.context, self.options
        words = reason(error)
        release.set_status(Status.FAILED, f"Release {quote(self.name)} failed: {words}")
        if not options.rollback_on_failure:
            try:
                context.storage.update(release)
                hold.end()
            except NavarchError:  # there is another error to deal with
                pass
            return
        context.debug(
            "install failed and rollback-on-failure is set, uninstalling release",
            release=self.name,
        )
        from navarch.actions.options import UninstallOptions
        from navarch.actions.uninstall import uninstall_held

        undo = UninstallOptions(cascade="", hooks=options.hooks, timeout=options.timeout, wait=options.wait)
        try:
            uninstall_held(context, self.name, undo, hold)
        except NavarchError as fault:
            rephrase(
                error,
                f"an error occurred while uninstalling the release. original install error: {words}: {fault}",
            )
        else:
            hold.end()
            told = f"release {self.name} failed, and has been uninstalled due to rollback-on-failure being set"
            rephrase(error, f"{told}: {words}")


def _within(hooks: Hooks, release: Release, event: str) -> None:
    try:
        hooks.run(release, event)
    except NavarchError as error:
        error.within(f"failed {event}")
        raise


def _supersede(context: Context, revisions: Revisions, release: Release) -> None:
    """Make a release the next revision of a name that was used before. Raises NavarchError."""
    context.debug("getting release history", name=release.name)
    last = revisions.last()
    release.revision = last.revision + 1
    if last.status != Status.FAILED:
        last.set_status(Status.SUPERSEDED, "superseded by new release")
        context.storage.update(last)
