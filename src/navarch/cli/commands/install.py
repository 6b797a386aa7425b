"""`nav install`: put a chart into the cluster as a new release."""

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
