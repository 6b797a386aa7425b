"""How install, upgrade, rollback and uninstall are to be done: what their flags say, as data."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from navarch.cache import Cache

    FetchSchema = Callable[[str], bytes]
    MoreFunctions = Callable[[], Mapping[str, Callable[..., Any]]]
    PostRender = Callable[[str], str]

__all__ = ["InstallOptions", "RollbackOptions", "UninstallOptions", "UpgradeOptions", "is_dry_run"]


class InstallOptions(NamedTuple):
    """How to install.

    - `dry_run`: "none", "client" (no cluster is asked), or "server" (nothing is changed, but everything is asked).
    - `fetch_schema`: gets what charts' schemas refer to at http and https addresses; without it that is refused.
    - `wait`: what to wait for, "watcher", "legacy" or "hookOnly"; `timeout`: seconds for each thing waited for.
    - `post_render`: is given the manifests as one text of YAML documents and answers what to apply instead;
      `post_render_strategy` says which: "combined" with the hooks, "separate" from them, or "nohooks".
    - `validate`: hold the objects against the schemas of the cluster's APIs.
    - `is_upgrade`: in a dry run, templates see .Release.IsUpgrade.
    - `functions`: Python functions that templates can call by name; `more_functions` is asked once for more of them,
      when a template calls one that isn't there. `cache` keeps compiled templates.
    """

    cache: Cache | None = None
    create_namespace: bool = False
    description: str = ""
    dns: bool = False
    dry_run: str = "none"
    fetch_schema: FetchSchema | None = None
    force_conflicts: bool = False
    force_replace: bool = False
    functions: Mapping[str, Callable[..., Any]] | None = None
    more_functions: MoreFunctions | None = None
    hide_secret: bool = False
    hooks: bool = True
    is_upgrade: bool = False
    labels: Mapping[str, str] | None = None
    post_render: PostRender | None = None
    post_render_strategy: str = "combined"
    replace: bool = False
    rollback_on_failure: bool = False
    server_side: bool = True
    skip_crds: bool = False
    skip_schema: bool = False
    sub_notes: bool = False
    take_ownership: bool = False
    timeout: float = 300.0
    validate: bool = True
    wait: str = "hookOnly"
    wait_for_jobs: bool = False


class UpgradeOptions(NamedTuple):
    """How to upgrade. What InstallOptions has too means the same here.

    `server_side` is "true", "false", or "auto" for what the release had. Of `reset_values`, `reuse_values` and
    `reset_then_reuse_values` the first that is set counts. `history_max`: most revisions to keep, 0 for all.
    """

    cache: Cache | None = None
    cleanup_on_fail: bool = False
    description: str = ""
    dns: bool = False
    dry_run: str = "none"
    fetch_schema: FetchSchema | None = None
    force_conflicts: bool = False
    force_replace: bool = False
    functions: Mapping[str, Callable[..., Any]] | None = None
    more_functions: MoreFunctions | None = None
    hide_secret: bool = False
    history_max: int = 10
    hooks: bool = True
    labels: Mapping[str, str] | None = None
    post_render: PostRender | None = None
    post_render_strategy: str = "combined"
    reset_then_reuse_values: bool = False
    reset_values: bool = False
    reuse_values: bool = False
    rollback_on_failure: bool = False
    server_side: str = "auto"
    skip_schema: bool = False
    sub_notes: bool = False
    take_ownership: bool = False
    timeout: float = 300.0
    validate: bool = True
    wait: str = "hookOnly"
    wait_for_jobs: bool = False


class RollbackOptions(NamedTuple):
    """How to roll back; see UpgradeOptions."""

    cleanup_on_fail: bool = False
    description: str = ""
    dry_run: str = "none"
    force_conflicts: bool = False
    force_replace: bool = False
    history_max: int = 10
    hooks: bool = True
    server_side: str = "auto"
    timeout: float = 300.0
    wait: str = "hookOnly"
    wait_for_jobs: bool = False


class UninstallOptions(NamedTuple):
    """How to uninstall. `cascade`: how dependents are deleted, "background", "foreground" or "orphan"."""

    cascade: str = "background"
    description: str = ""
    dry_run: bool = False
    hooks: bool = True
    ignore_not_found: bool = False
    keep_history: bool = False
    timeout: float = 300.0
    wait: str = "hookOnly"


def is_dry_run(strategy: str) -> bool:
    """Whether a dry_run option means that nothing is changed. Raises UsageError for a word that it doesn't know."""
    if strategy not in ("none", "client", "server"):
        from navarch.errors import UsageError

        raise UsageError(f'invalid dry-run value ("{strategy}"). Must be "none", "server", or "client"')
    return strategy != "none"
