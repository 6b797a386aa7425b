"""`nav install`: put a chart into the cluster as a new release."""

from __future__ import annotations

from navarch.cli.shared_flags import (
    CHART_SOURCE,
    DRY_RUN,
    EXCLUSIVE_FORCE,
    FORCE_NOTICE,
    INSTALL,
    OUTPUT,
    POST_RENDERER,
    ROLLBACK_NOTICE,
    VALUES,
)
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.actions.context import Context
    from navarch.chart.model import Chart
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.releases.model import Release

__all__ = ["ABOUT", "DEPRECATED", "EXCLUSIVE", "FLAGS", "install_release", "run", "show"]

ABOUT = {
    "install": """
Render a chart with your values, make its objects in the cluster and record that as a release.

CHART is one of
    a folder or an archive         nav install demo ./web, nav install demo web-1.0.0.tgz
    a chart of a repository        nav install demo stable/web, or --repo https://charts.example.com demo web
    an address                     nav install demo https://charts.example.com/web-1.0.0.tgz
    a chart in an OCI registry     nav install demo oci://registry.example.com/charts/web

Values come from files (-f), from the command line (--set and its kin) and from the chart's own values.yaml; what
stands later on the command line wins, and --set wins over files.

To see what would be installed without doing it: --dry-run=client, or =server to have the cluster's opinion.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "install": (
        *INSTALL,
        *VALUES,
        *CHART_SOURCE,
        *POST_RENDERER,
        DRY_RUN,
        ("hide-secret", "", "bool", "false", "leave Secrets out of what --dry-run prints"),
        OUTPUT,
    ),
}

DEPRECATED = {"install": {**FORCE_NOTICE, **ROLLBACK_NOTICE}}
EXCLUSIVE = EXCLUSIVE_FORCE


def run(call: Call) -> int:
    """Install and print the release. Raises NavarchError."""
    from navarch.cli.charts import check_certificates
    from navarch.cli.cluster import action_context
    from navarch.cli.dry_run import dry_run

    check_certificates(call)
    strategy = dry_run(call)
    context = action_context(call)
    try:
        release, chart = install_release(
            call, context, strategy=strategy, server_side=call.flag("server-side"), replace=call.flag("replace")
        )
    except NavarchError as error:
        error.within("INSTALLATION FAILED")
        raise
    show(call, release, chart)
    return 0


def install_release(
    call: Call, context: Context, *, strategy: str, server_side: bool, replace: bool
) -> tuple[Release, Chart]:
    """What install does, and upgrade where there is no release yet. Raises NavarchError."""
    from navarch.actions.install import install
    from navarch.cli.charts import Input, tell_version
    from navarch.cli.interrupt import Cancelable
    from navarch.cli.progress import watched
    from navarch.cli.release_flags import install_options
    from navarch.cli.render import release_and_chart

    tell_version(call)
    name, reference = release_and_chart(call)
    with Input(call, reference) as given:
        options = install_options(call, strategy=strategy, cache=given.cache, server_side=server_side, replace=replace)
        try:
            with Cancelable(call.args[0]), watched(context):
                return install(context, name, given.chart, given.values, options), given.chart
        except KeyboardInterrupt as error:
            raise NavarchError(str(error) or "context canceled") from error


def show(call: Call, release: Release, chart: Chart) -> None:
    """Print what a command made of a release; `chart` is the one that was given."""
    from navarch.cli.release_output import print_release

    debug = call.settings.debug
    tree = None
    if debug:
        from navarch.values.dependencies import process_dependencies

        known = process_dependencies(chart, dict(release.config))
        values = (release.chart or {}).get("values")
        tree = known.derive(known.metadata, known.dependencies, values=values)
    print_release(call, release, call.flag("output"), chart=tree, debug=debug, hide_notes=call.flag("hide-notes"))
