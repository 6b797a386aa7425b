"""Releases from Python: one object for a cluster and a namespace, whose methods are Helm's commands.

    client = navarch.Client(namespace="shop")
    release = client.install("web", "./web", {"replicas": 3}, wait=True)
    print(release.status, client.get_manifest("web"))

Nothing is asked of the cluster before the first method that needs it. A Client holds connections but nothing about
single releases: it may be used from several threads at once.
"""

from __future__ import annotations

from navarch.actions.context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType
    from typing import Any, Self, TypeAlias

    from navarch.actions.get import Metadata
    from navarch.actions.options import InstallOptions, PostRender, UpgradeOptions
    from navarch.actions.uninstall import UninstallResult
    from navarch.chart.model import Chart
    from navarch.kube.client import Client as KubeClient
    from navarch.kube.events import OnEvent
    from navarch.releases.drivers.base import Driver, Summary
    from navarch.releases.model import Hook, Release
    from navarch.releases.storage import Storage

    Say: TypeAlias = Callable[[str], None]
    HookOutput: TypeAlias = Callable[[str, str, str, bytes], None]
    LogOutput: TypeAlias = Callable[[str, str, bytes], None]
    Values: TypeAlias = Mapping[str, Any]
    Functions: TypeAlias = Mapping[str, Callable[..., Any]]
    Summaries: TypeAlias = list[Summary]
    Hooks: TypeAlias = list[Hook]

__all__ = ["Client"]


class Client:
    """A cluster, a namespace for releases, and the place of their records.

    - `kubeconfig` is a file; else $KUBECONFIG, ~/.kube/config or the pod that this runs in count. `context` names one
      of its contexts. `namespace` is the context's own one if left out.
    - `driver` keeps the records: "secret", "configmap", "memory", "sql" in the database that `connection` names, or an
      object of your own (navarch.releases.Driver).
    - `kube` is a navarch.kube.Client to use instead of opening one.
    - `say` is given the lines that Helm writes to stderr, those for debugging only with `debug`.

    All methods raise NavarchError: KubernetesError for what the cluster refuses, ReleaseError for what stands in the
    records, ChartError, ValuesError and TemplateError for what is rendered.
    """

    def __init__(
        self,
        kubeconfig: str | None = None,
        *,
        context: str | None = None,
        namespace: str | None = None,
        driver: str | Driver = "secret",
        connection: str = "",
        kube: KubeClient | None = None,
        say: Say | None = None,
        debug: bool = False,
    ) -> None:
        self._kubeconfig = kubeconfig
        self._context_name = context
        self._namespace = namespace
        self._driver = driver
        self._connection = connection
        self._base = Context(kube or self._open, self._open_storage, namespace or "", say=say, debugging=debug)

    def _open(self) -> KubeClient:
        from navarch.kube.client import Client as KubeClient

        return KubeClient.from_kubeconfig(
            self._kubeconfig,
            context=self._context_name,
            namespace=self._namespace,
            say=self._base.say,
            debugging=self._base.debugging,
        )

    def _open_storage(self, context: Context) -> Storage:
        return self._storage_in(context, self.namespace)

    def _storage_in(self, context: Context, namespace: str) -> Storage:
        from navarch.releases.storage import Storage

        driver, debug = self._driver, context.say if context.debugging else None
        if isinstance(driver, str):
            from navarch.releases.drivers import open_driver

            driver = open_driver(driver, lambda: context.client, namespace, connection=self._connection, debug=debug)
        return Storage(driver, debug=debug)

    def _context(self, on_event: OnEvent | None = None, hook_output: HookOutput | None = None) -> Context:
        """What one action works with: the common connections, its own listeners."""
        base = self._base
        return Context(
            lambda: base.client,
            lambda _: base.storage,
            self.namespace,
            say=base.say,
            debugging=base.debugging,
            on_event=on_event,
            hook_output=hook_output,
            leases=not isinstance(self._driver, str) or self._driver != "memory",
        )

    def _loaded(self, chart: Chart | str, *, for_upgrade: bool = False) -> Chart:
        """The chart, fit to be rendered for a release. Raises ChartError."""
        from navarch.actions.template import check_ready_to_install, check_ready_to_upgrade
        from navarch.chart.load import load_chart

        say = self._base.say or _silent
        loaded = load_chart(chart, warn=say) if isinstance(chart, str) else chart
        (check_ready_to_upgrade if for_upgrade else check_ready_to_install)(loaded, warn=say)
        return loaded

    def _is_new(self, name: str) -> bool:
        """Whether there is no such release, or only the history of one."""
        from navarch.errors import ReleaseNotFoundError

        try:
            return self.storage.heads(name)[-1].status == "uninstalled"
        except ReleaseNotFoundError:
            return True

    @property
    def kube(self) -> KubeClient:
        """The cluster itself. Raises ConfigError where the kubeconfig is at fault."""
        return self._base.client

    @property
    def storage(self) -> Storage:
        """The records of this namespace."""
        return self._base.storage

    @property
    def namespace(self) -> str:
        """The namespace that releases live in."""
        return self._namespace or self.kube.namespace

    def close(self) -> None:
        """Close the connections. The client must not be used afterwards."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    # What changes releases. `chart` is a Chart, or the path of one; `on_event` is told of every step, from any thread.

    def install(
        self,
        name: str,
        chart: Chart | str,
        values: Values | None = None,
        *,
        create_namespace: bool = False,
        description: str = "",
        dns: bool = False,
        dry_run: str = "none",
        fetch_schema: Callable[[str], bytes] | None = None,
        force_conflicts: bool = False,
        force_replace: bool = False,
        functions: Functions | None = None,
        hide_secret: bool = False,
        hooks: bool = True,
        labels: Mapping[str, str] | None = None,
        post_render: PostRender | None = None,
        post_render_strategy: str = "combined",
        replace: bool = False,
        rollback_on_failure: bool = False,
        server_side: bool = True,
        skip_crds: bool = False,
        skip_schema: bool = False,
        sub_notes: bool = False,
        take_ownership: bool = False,
        timeout: float = 300.0,
        validate: bool = True,
        wait: bool | str = False,
        wait_for_jobs: bool = False,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
    ) -> Release:
        """Install a chart as a new release, as `nav install` does; answers the release.

        - `dry_run`: "client" asks no cluster, "server" has the cluster check everything; neither changes anything.
        - `wait`: True ("watcher") waits until everything is ready, False ("hookOnly") for hooks only, "legacy" polls by
          Helm 3's rules. `timeout` is in seconds, for each thing waited for.
        - `post_render`: a function from manifests to manifests, as YAML text. `functions`: Python functions that the
          templates can call.
        - `hook_output`: is given what hooks print whose logs are asked for: (namespace, pod, container, bytes).

        What the others mean is told of the flag of the same name by `nav install --help`.
        """
        from navarch.actions.options import InstallOptions

        options = InstallOptions(
            create_namespace=create_namespace,
            description=description,
            dns=dns,
            dry_run=dry_run,
            fetch_schema=fetch_schema,
            force_conflicts=force_conflicts,
            force_replace=force_replace,
            functions=functions,
            hide_secret=hide_secret,
            hooks=hooks,
            labels=labels,
            post_render=post_render,
            post_render_strategy=post_render_strategy,
            replace=replace,
            rollback_on_failure=rollback_on_failure,
            server_side=server_side,
            skip_crds=skip_crds,
            skip_schema=skip_schema,
            sub_notes=sub_notes,
            take_ownership=take_ownership,
            timeout=timeout,
            validate=validate,
            wait=_strategy(wait),
            wait_for_jobs=wait_for_jobs,
        )
        return _install(self._context(on_event, hook_output), name, self._loaded(chart), values or {}, options)

    def upgrade(
        self,
        name: str,
        chart: Chart | str,
        values: Values | None = None,
        *,
        cleanup_on_fail: bool = False,
        create_namespace: bool = False,
        description: str = "",
        dns: bool = False,
        dry_run: str = "none",
        fetch_schema: Callable[[str], bytes] | None = None,
        force_conflicts: bool = False,
        force_replace: bool = False,
        functions: Functions | None = None,
        hide_secret: bool = False,
        history_max: int = 10,
        hooks: bool = True,
        install: bool = False,
        labels: Mapping[str, str] | None = None,
        post_render: PostRender | None = None,
        post_render_strategy: str = "combined",
        reset_then_reuse_values: bool = False,
        reset_values: bool = False,
        reuse_values: bool = False,
        rollback_on_failure: bool = False,
        server_side: bool | None = None,
        skip_crds: bool = False,
        skip_schema: bool = False,
        sub_notes: bool = False,
        take_ownership: bool = False,
        timeout: float = 300.0,
        validate: bool = True,
        wait: bool | str = False,
        wait_for_jobs: bool = False,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
    ) -> Release:
        """Upgrade a release to a chart and values, as `nav upgrade` does; answers the new revision.

        With `install`, a release that isn't there is installed. Values that were given before are forgotten unless one
        of the three that keep them is set; without any new ones they stay. `server_side` is what the release had if it
        is None. For the others see `install`, and `nav upgrade --help`.
        """
        from navarch.actions.options import UpgradeOptions
        from navarch.actions.upgrade import upgrade

        options = UpgradeOptions(
            cleanup_on_fail=cleanup_on_fail,
            description=description,
            dns=dns,
            dry_run=dry_run,
            fetch_schema=fetch_schema,
            force_conflicts=force_conflicts,
            force_replace=force_replace,
            functions=functions,
            hide_secret=hide_secret,
            history_max=history_max,
            hooks=hooks,
            labels=labels,
            post_render=post_render,
            post_render_strategy=post_render_strategy,
            reset_then_reuse_values=reset_then_reuse_values,
            reset_values=reset_values,
            reuse_values=reuse_values,
            rollback_on_failure=rollback_on_failure,
            server_side=_server_side(server_side),
            skip_schema=skip_schema,
            sub_notes=sub_notes,
            take_ownership=take_ownership,
            timeout=timeout,
            validate=validate,
            wait=_strategy(wait),
            wait_for_jobs=wait_for_jobs,
        )
        surroundings = self._context(on_event, hook_output)
        if install and self._is_new(name):
            first = _as_install(options, create_namespace=create_namespace, skip_crds=skip_crds)
            return _install(surroundings, name, self._loaded(chart), values or {}, first)
        return upgrade(surroundings, name, self._loaded(chart, for_upgrade=True), values or {}, options)

    def rollback(
        self,
        name: str,
        revision: int = 0,
        *,
        cleanup_on_fail: bool = False,
        description: str = "",
        dry_run: str = "none",
        force_conflicts: bool = False,
        force_replace: bool = False,
        history_max: int = 10,
        hooks: bool = True,
        server_side: bool | None = None,
        timeout: float = 300.0,
        wait: bool | str = False,
        wait_for_jobs: bool = False,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
    ) -> Release:
        """Bring an earlier revision back (0: the one before the latest), as a new one; answers that. See `upgrade`."""
        from navarch.actions.options import RollbackOptions
        from navarch.actions.rollback import rollback

        options = RollbackOptions(
            cleanup_on_fail=cleanup_on_fail,
            description=description,
            dry_run=dry_run,
            force_conflicts=force_conflicts,
            force_replace=force_replace,
            history_max=history_max,
            hooks=hooks,
            server_side=_server_side(server_side),
            timeout=timeout,
            wait=_strategy(wait),
            wait_for_jobs=wait_for_jobs,
        )
        return rollback(self._context(on_event, hook_output), name, revision, options)

    def uninstall(
        self,
        name: str,
        *,
        cascade: str = "background",
        description: str = "",
        dry_run: bool = False,
        hooks: bool = True,
        ignore_not_found: bool = False,
        keep_history: bool = False,
        timeout: float = 300.0,
        wait: bool | str = False,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
    ) -> UninstallResult:
        """Remove a release; `info` of what is answered tells which objects stay.

        `cascade`: what becomes of dependents, "background", "foreground" or "orphan". `keep_history` keeps the records.
        """
        from navarch.actions.options import UninstallOptions
        from navarch.actions.uninstall import uninstall

        options = UninstallOptions(
            cascade=cascade,
            description=description,
            dry_run=dry_run,
            hooks=hooks,
            ignore_not_found=ignore_not_found,
            keep_history=keep_history,
            timeout=timeout,
            wait=_strategy(wait),
        )
        return uninstall(self._context(on_event, hook_output), name, options)

    def test(
        self,
        name: str,
        *,
        tests: Collection[str] = (),
        without: Collection[str] = (),
        timeout: float = 300.0,
        logs: LogOutput | None = None,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
    ) -> Release:
        """Run a release's tests, or those of `tests` that are not `without`; answers the release, with their runs.

        `logs` is given what the tests' pods printed: (pod, container, bytes). Raises what made a test fail, after the
        logs.
        """
        from navarch.actions.testing import Filter, pod_logs, run_tests

        context = self._context(on_event, hook_output)
        chosen = Filter(tests, without)
        done = run_tests(context, name, tests=chosen, timeout=timeout)
        try:
            if logs:
                for pod, container, pieces in pod_logs(context, done.release, tests=chosen):
                    for piece in pieces:
                        logs(pod, container, piece)
        finally:
            done.finish()
        if done.error:
            raise done.error
        return done.release

    # What only looks.

    def status(self, name: str, revision: int = 0) -> Release:
        """A release with its objects as they are now: `info.resources`, by "version/Kind"."""
        from navarch.actions.status import status

        return status(self._context(), name, revision)

    def history(self, name: str, *, maximum: int | None = None) -> Summaries:
        """The latest revisions of a release, at most `maximum`, oldest first."""
        from navarch.actions.history import history

        return history(self._context(), name, maximum=maximum)

    def list(
        self,
        *,
        all_namespaces: bool = False,
        name_filter: str = "",
        selector: str = "",
        states: Collection[str] = (),
        by_date: bool = False,
        reverse: bool = False,
        offset: int = 0,
        maximum: int = 0,
    ) -> Summaries:
        """The releases, each by its latest revision.

        `name_filter` is a regular expression, `selector` a label selector, `states` any of deployed, failed, pending,
        superseded, uninstalled, uninstalling. `maximum` (0: all) from `offset` on.
        """
        from navarch.actions.listing import list_releases

        context = self._context()
        if all_namespaces:
            context = Context(self.kube, self._storage_in(self._base, ""), "", say=self._base.say)
        return list_releases(
            context,
            name_filter=name_filter,
            selector=selector,
            states=states,
            by_date=by_date,
            reverse=reverse,
            offset=offset,
            maximum=maximum,
        )

    def get(self, name: str, revision: int = 0) -> Release:
        """A release as it is recorded; 0 is the latest revision."""
        from navarch.actions.get import get_release

        return get_release(self._context(), name, revision)

    def get_values(self, name: str, revision: int = 0, *, everything: bool = False) -> dict[str, Any]:
        """The values given for a release; with `everything` the chart's defaults too."""
        from navarch.actions.get import get_values

        return get_values(self._context(), name, revision, everything=everything)

    def get_manifest(self, name: str, revision: int = 0) -> str:
        """The objects of a release as YAML documents."""
        return self.get(name, revision).manifest

    def get_notes(self, name: str, revision: int = 0) -> str:
        """What the chart had to say to whoever installed it."""
        return self.get(name, revision).info.notes

    def get_hooks(self, name: str, revision: int = 0) -> Hooks:
        """The hooks of a release, with their last runs."""
        return self.get(name, revision).hooks

    def get_metadata(self, name: str, revision: int = 0) -> Metadata:
        """The facts about a release: chart, versions, labels, status, time."""
        from navarch.actions.get import get_metadata

        return get_metadata(self._context(), name, revision)


def _silent(_line: str) -> None:
    """For those who want to hear nothing."""


def _strategy(wait: bool | str) -> str:
    """The name of a strategy for waiting."""
    if isinstance(wait, str):
        return wait
    return "watcher" if wait else "hookOnly"


def _server_side(wanted: bool | None) -> str:
    """Who merges changes, in the words of UpgradeOptions."""
    return "auto" if wanted is None else str(wanted).lower()


def _install(context: Context, name: str, chart: Chart, values: Values, options: InstallOptions) -> Release:
    from navarch.actions.install import install

    return install(context, name, chart, values, options)


def _as_install(options: UpgradeOptions, *, create_namespace: bool, skip_crds: bool) -> InstallOptions:
    """How to install what should have been upgraded."""
    from navarch.actions.options import InstallOptions

    shared = {name: value for name, value in options._asdict().items() if name in InstallOptions._fields}
    shared["server_side"] = options.server_side != "false"
    return InstallOptions(**shared, create_namespace=create_namespace, replace=True, skip_crds=skip_crds)
