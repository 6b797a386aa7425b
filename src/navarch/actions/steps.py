"""What install, upgrade and rollback have in common: rendering against the cluster, changing objects, failing."""

from __future__ import annotations

from navarch.actions.hooks import joined
from navarch.errors import NavarchError, UsageError
from navarch.releases.model import SSA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.actions.context import Context
    from navarch.actions.options import InstallOptions, RollbackOptions, UpgradeOptions
    from navarch.kube.objects import Resource
    from navarch.manifests.render import Engine
    from navarch.releases.model import Release

__all__ = ["clean_up", "cluster_engine", "reason", "rephrase", "server_side", "update", "wait_for"]


def cluster_engine(context: Context, options: InstallOptions | UpgradeOptions, *, online: bool) -> Engine:
    """What renders a chart for a release; online, templates can look objects up."""
    from navarch.manifests.render import Engine

    return Engine(
        functions=options.functions,
        more_functions=options.more_functions,
        lookup=context.client.lookup if online else None,
        dns=options.dns,
        skip_schema=options.skip_schema,
        fetch_schema=options.fetch_schema,
        warn=context.say,
        cache=options.cache,
    )


def server_side(option: str, release: Release) -> bool:
    """Whether the server applies, going by an option and by what a revision had. Raises UsageError."""
    if option == "auto":
        return release.apply_method == SSA
    if option not in ("true", "false"):
        raise UsageError(f"invalid/unknown release server-side apply method: {option}")
    return option == "true"


def update(
    context: Context,
    originals: Sequence[Resource],
    target: Sequence[Resource],
    options: UpgradeOptions | RollbackOptions,
    *,
    server_side: bool,
    upgrade_managed_fields: bool,
) -> Sequence[Resource]:
    """Make the objects of one revision those of another, and answer those that were created.

    Raises NavarchError; its attribute `created` has those that were created until then.
    """
    try:
        done = context.client.update(
            originals,
            target,
            server_side=server_side,
            force_conflicts=options.force_conflicts,
            force_replace=options.force_replace,
            upgrade_managed_fields=upgrade_managed_fields,
            on_event=context.on_event,
        )
    except NavarchError as error:
        so_far = getattr(error, "result", None)
        error.created = so_far.created if so_far else ()  # type: ignore[attr-defined]
        raise
    return done.created


def wait_for(context: Context, target: Sequence[Resource], options: UpgradeOptions | RollbackOptions) -> None:
    """Wait for objects as the options say. Raises NavarchError."""
    waiter = context.client.waiter(options.wait, on_event=context.on_event)
    (waiter.wait_with_jobs if options.wait_for_jobs else waiter.wait)(target, options.timeout)


def clean_up(context: Context, created: Sequence[Resource], said: str, **attributes: object) -> str:
    """Delete objects that a failed action made, after it is `said`; answers what went wrong, "" for nothing."""
    context.debug(said, **attributes)
    _, errors = context.client.delete(created, propagation="Background", on_event=context.on_event)
    if errors:
        return f"unable to cleanup resources: {joined(errors, ', ')}"
    context.debug("resource cleanup complete")
    return ""


def reason(error: BaseException) -> str:
    """Why an action stopped, in the words of its record."""
    return str(error) or "context canceled" if isinstance(error, KeyboardInterrupt) else str(error)


def rephrase(error: BaseException, words: str) -> None:
    """Give an error that is on its way other words."""
    if isinstance(error, NavarchError):
        error.message = words
    else:
        error.args = (words,)
