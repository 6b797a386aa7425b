"""`nav template`: render a chart and print the result."""

from __future__ import annotations

from navarch.chart.capabilities import Capabilities
from navarch.cli.output import write
from navarch.cli.shared_flags import (
    CHART_SOURCE,
    EXCLUSIVE_FORCE,
    FORCE_NOTICE,
    INSTALL,
    KUBE_VERSION,
    POST_RENDERER,
    ROLLBACK_NOTICE,
    VALUES,
)
from navarch.errors import NavarchError, UsageError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

ABOUT = {
    "template": """
Render a chart with your values and print the manifests. No cluster is asked: what templates would look up there is
missing, and the Kubernetes version and APIs are those of --kube-version and --api-versions, or Helm's own defaults.

NAME is the release's name, release-name if left out. CHART is a folder, an archive, repository/name, an address, or
oci://….

    nav template demo ./web -f production.yaml --set image.tag=2.1
    nav template demo ./web --show-only templates/deployment.yaml
    nav template demo ./web --api-versions monitoring.coreos.com/v1 --kube-version 1.31
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "template": (
        *INSTALL,
        *VALUES,
        *CHART_SOURCE,
        *POST_RENDERER,
        ("api-versions", "a", "stringSlice", "[]", "APIs to take for present: group/version or group/version/Kind"),
        ("dry-run", "", "dryRun", "client", "client asks no cluster, server has a cluster answer lookups"),
        ("include-crds", "", "bool", "false", "print the chart's CRDs as well"),
        ("is-upgrade", "", "bool", "false", "set .Release.IsUpgrade instead of .Release.IsInstall"),
        KUBE_VERSION,
        ("output-dir", "", "string", "", "write the manifests into files below this folder instead of printing them"),
        ("release-name", "", "bool", "false", "put the release name between --output-dir and the files' names"),
        ("show-only", "s", "stringArray", "[]", "print only what these templates render to, templates/a.yaml"),
        ("skip-tests", "", "bool", "false", "leave tests out"),
        ("validate", "", "bool", "false", "the old name of --dry-run=server"),
    ),
}

_NO_EFFECT = "this flag has no effect for 'helm template' and will be removed in Helm 5"

DEPRECATED = {
    "template": {
        **FORCE_NOTICE,
        **ROLLBACK_NOTICE,
        "hide-notes": _NO_EFFECT,
        "render-subchart-notes": _NO_EFFECT,
        "validate": "use '--dry-run=server' instead",
    }
}
EXCLUSIVE = (*EXCLUSIVE_FORCE, ("validate", "dry-run"))


def run(call: Call) -> int:
    """Print the manifests. Raises NavarchError for whatever keeps the chart from rendering."""
    from navarch.actions.template import UnrenderedError
    from navarch.cli.charts import check_certificates
    from navarch.cli.render import render_online, render_release, write_manifests

    capabilities = _capabilities(call)
    check_certificates(call)
    online = _asks_cluster(call)
    try:
        release, rendered = render_online(call) if online else render_release(call, capabilities)
    except UnrenderedError as error:
        if call.settings.debug:
            shown = [f"---\n# Source: {path}\n{text}\n" for path, text in error.files.items() if text.strip()]
            write("".join(shown).strip() + "\n")
            raise
        raise NavarchError(f"{error}\n\nUse --debug flag to render out invalid YAML", hint=error.hint) from error
    write_manifests(call, rendered, release)
    return 0


def _capabilities(call: Call) -> Capabilities:
    """The cluster that templates are told of."""
    text = call.flag("kube-version")
    capabilities = Capabilities()
    if text:
        try:
            capabilities = Capabilities(text)
        except VersionError as error:
            raise UsageError(f"invalid kube version '{text}': {error}") from error
    capabilities.APIVersions.extend(call.flag("api-versions"))
    return capabilities


def _asks_cluster(call: Call) -> bool:
    """Whether --dry-run or its old name --validate has a cluster asked. Raises UsageError."""
    if call.given("dry-run"):
        from navarch.cli.dry_run import dry_run

        return dry_run(call, always=True) == "server"
    return bool(call.flag("validate"))
