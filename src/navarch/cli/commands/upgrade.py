"""`nav upgrade`: change a release to another chart or other values."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
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

TYPE_CHECKING = False
if TYPE_CHECKING:
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
