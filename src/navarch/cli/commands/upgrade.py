"""`nav upgrade`: change a release to another chart or other values."""

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
from navarch.errors import ChartError, NavarchError, ReleaseNotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.actions.context import Context
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "DEPRECATED", "EXCLUSIVE", "FLAGS", "run"]

ABOUT = {
    "upgrade": """
Render a chart with new values and change a release's objects to match: what is new is made, what differs is patched,
what is gone is deleted. With --install a release that isn't there yet is installed.

Values that were given before are forgotten unless --reuse-values or --reset-then-reuse-values is given; without any
new ones they are kept. For CHART and for values see `nav help install`.
"""
}

# What install has and upgrade has not, or has in another way.
_NOT_HERE = ("generate-name", "name-template", "replace", "server-side")

FLAGS: dict[str, tuple[Row, ...]] = {
    "upgrade": (
        *(row for row in INSTALL if row[0] not in _NOT_HERE),
        *VALUES,
        *CHART_SOURCE,
        *POST_RENDERER,
        ("cleanup-on-fail", "", "bool", "false", "if it fails, remove the objects that it made"),
        DRY_RUN,
        ("hide-secret", "", "bool", "false", "leave Secrets out of what --dry-run prints"),
        ("history-max", "", "int", "$", "most revisions to keep, 0 for all"),
        ("install", "i", "bool", "false", "install the release if it isn't there"),
        OUTPUT,
        ("reset-then-reuse-values", "", "bool", "false", "chart's defaults, last values, new values, in that order"),
        ("reset-values", "", "bool", "false", "forget the last values, begin with the chart's defaults"),
        ("reuse-values", "", "bool", "false", "keep the last values and put new ones over them"),
        ("server-side", "", "string", "auto", "server-side apply: true, false, or auto for what the release had"),
    ),
}

DEPRECATED = {"upgrade": {**FORCE_NOTICE, **ROLLBACK_NOTICE}}
EXCLUSIVE = EXCLUSIVE_FORCE


def run(call: Call) -> int:
    """Upgrade, or install, and print the release. Raises NavarchError."""
    from navarch.cli.charts import check_certificates
    from navarch.cli.cluster import action_context
    from navarch.cli.dry_run import dry_run

    check_certificates(call)
    strategy = dry_run(call)
    context = action_context(call)
    if call.flag("install"):
        status = _status(context, call.args[0])
        if status in ("", "uninstalled"):
            _install(call, context, strategy, replace=status != "")
            return 0
    _upgrade(call, context, strategy)
    return 0


def _status(context: Context, name: str) -> str:
    """The status of a release's latest revision, "" for a release that there is not. Raises NavarchError."""
    from navarch.actions.template import is_release_name

    context.check_reachable()
    if not name or not is_release_name(name):
        raise ChartError(f"release name is invalid: {name}")
    context.debug("getting history for release", release=name)
    try:
        return context.storage.heads(name)[-1].status
    except ReleaseNotFoundError:
        return ""


def _install(call: Call, context: Context, strategy: str, *, replace: bool) -> None:
    from navarch.cli.commands.install import install_release, show
    from navarch.cli.output import write
    from navarch.golang.strconv import quote

    if call.flag("output") == "table":
        write(f"Release {quote(call.args[0])} does not exist. Installing it now.\n")
    server_side = call.flag("server-side") != "false"
    release, chart = install_release(call, context, strategy=strategy, server_side=server_side, replace=replace)
    show(call, release, chart)


def _upgrade(call: Call, context: Context, strategy: str) -> None:
    from navarch.actions.upgrade import upgrade
    from navarch.cli.charts import Input, tell_version
    from navarch.cli.commands.install import show
    from navarch.cli.interrupt import Cancelable
    from navarch.cli.output import write
    from navarch.cli.progress import watched
    from navarch.cli.release_flags import upgrade_options
    from navarch.golang.strconv import quote

    name, reference = call.args
    tell_version(call, original=False)
    with Input(call, reference, for_upgrade=True) as given:
        options = upgrade_options(call, strategy=strategy, cache=given.cache)
        try:
            with Cancelable(name), watched(context):
                release = upgrade(context, name, given.chart, given.values, options)
        except NavarchError as error:
            error.within("UPGRADE FAILED")
            raise
        except KeyboardInterrupt as error:
            raise NavarchError(f"UPGRADE FAILED: {str(error) or 'context canceled'}") from error
    if call.flag("output") == "table":
        write(f"Release {quote(name)} has been upgraded. Happy Helming!\n")
    show(call, release, given.chart)
