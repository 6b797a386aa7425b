"""What the flags of commands on releases mean: the options of actions, read off a command line."""

from __future__ import annotations

from navarch.actions.options import InstallOptions, RollbackOptions, UninstallOptions, UpgradeOptions
from navarch.cli.charts import fetch_schema, more_functions
from navarch.cli.dry_run import dry_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cache import Cache
    from navarch.cli.call import Call

__all__ = ["install_options", "rollback_options", "uninstall_options", "upgrade_options"]


def install_options(
    call: Call, *, strategy: str, cache: Cache | None, server_side: bool, replace: bool
) -> InstallOptions:
    """How to install, by the flags that install and upgrade have in common, and what differs between them."""
    flag = call.flag
    return InstallOptions(
        cache=cache,
        create_namespace=flag("create-namespace"),
        description=flag("description"),
        dns=flag("enable-dns"),
        dry_run=strategy,
        fetch_schema=fetch_schema,
        force_conflicts=flag("force-conflicts"),
        force_replace=_either(call, "force-replace", "force"),
        hide_secret=call.given("hide-secret") and flag("hide-secret"),  # template doesn't have it
        hooks=not flag("no-hooks"),
        labels=flag("labels"),
        more_functions=more_functions,
        post_render=_post_render(call),
        post_render_strategy=flag("post-renderer-strategy"),
        replace=replace,
        rollback_on_failure=_either(call, "rollback-on-failure", "atomic"),
        server_side=server_side,
        skip_crds=flag("skip-crds"),
        skip_schema=flag("skip-schema-validation"),
        sub_notes=flag("render-subchart-notes"),
        take_ownership=flag("take-ownership"),
        timeout=_timeout(call),
        validate=not flag("disable-openapi-validation"),
        wait=flag("wait"),
        wait_for_jobs=flag("wait-for-jobs"),
    )


def upgrade_options(call: Call, *, strategy: str, cache: Cache | None) -> UpgradeOptions:
    """How to upgrade."""
    flag = call.flag
    return UpgradeOptions(
        cache=cache,
        cleanup_on_fail=flag("cleanup-on-fail"),
        description=flag("description"),
        dns=flag("enable-dns"),
        dry_run=strategy,
        fetch_schema=fetch_schema,
        force_conflicts=flag("force-conflicts"),
        force_replace=_either(call, "force-replace", "force"),
        hide_secret=flag("hide-secret"),
        history_max=flag("history-max"),
        hooks=not flag("no-hooks"),
        labels=flag("labels"),
        more_functions=more_functions,
        post_render=_post_render(call),
        post_render_strategy=flag("post-renderer-strategy"),
        reset_then_reuse_values=flag("reset-then-reuse-values"),
        reset_values=flag("reset-values"),
        reuse_values=flag("reuse-values"),
        rollback_on_failure=_either(call, "rollback-on-failure", "atomic"),
        server_side=flag("server-side"),
        skip_schema=flag("skip-schema-validation"),
        sub_notes=flag("render-subchart-notes"),
        take_ownership=flag("take-ownership"),
        timeout=_timeout(call),
        validate=not flag("disable-openapi-validation"),
        wait=flag("wait"),
        wait_for_jobs=flag("wait-for-jobs"),
    )


def rollback_options(call: Call) -> RollbackOptions:
    """How to roll back. Raises UsageError."""
    flag = call.flag
    return RollbackOptions(
        cleanup_on_fail=flag("cleanup-on-fail"),
        description=flag("description"),
        dry_run=dry_run(call),
        force_conflicts=flag("force-conflicts"),
        force_replace=_either(call, "force-replace", "force"),
        history_max=flag("history-max"),
        hooks=not flag("no-hooks"),
        server_side=flag("server-side"),
        timeout=_timeout(call),
        wait=flag("wait"),
        wait_for_jobs=flag("wait-for-jobs"),
    )


def uninstall_options(call: Call) -> UninstallOptions:
    """How to uninstall."""
    flag = call.flag
    return UninstallOptions(
        cascade=flag("cascade"),
        description=flag("description"),
        dry_run=flag("dry-run"),
        hooks=not flag("no-hooks"),
        ignore_not_found=flag("ignore-not-found"),
        keep_history=flag("keep-history"),
        timeout=_timeout(call),
        wait=flag("wait"),
    )


def _post_render(call: Call) -> Callable[[str], str] | None:
    if not call.given("post-renderer"):
        return None
    from navarch.cli.extending import post_render_of

    return post_render_of(call)


def _either(call: Call, name: str, old_name: str) -> bool:
    """A switch that has two names; what stands last on the command line counts."""
    given = [flag for flag in call.flags.values if flag in (name, old_name)]
    return bool(given and call.flag(given[-1]))


def _timeout(call: Call) -> float:
    return int(call.flag("timeout")) / 1e9
