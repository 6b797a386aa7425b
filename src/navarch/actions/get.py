"""Read what is recorded about a release: what `get`, and the first step of status and test, do.

A revision of 0 (or below) is the latest one.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.actions.template import check_release_name
from navarch.errors import ChartError, ReleaseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.actions.context import Context
    from navarch.chart.model import Chart
    from navarch.releases.model import Release

__all__ = ["Metadata", "check_name", "computed_values", "get_metadata", "get_release", "get_values", "recorded"]


class Metadata(NamedTuple):
    """The facts about a release. `dependencies` are those of Chart.yaml, `deployed_at` is RFC 3339 to the second."""

    name: str
    chart: str
    version: str
    app_version: str
    annotations: dict[str, str]
    labels: dict[str, str]
    dependencies: list[dict[str, Any]]
    namespace: str
    revision: int
    status: str
    deployed_at: str
    apply_method: str


def check_name(name: str, refusal: str) -> None:
    """Refuse what can't be a release's name. Raises ReleaseError: `refusal`, a colon, the name."""
    try:
        check_release_name(name)
    except ChartError as error:
        raise ReleaseError(f"{refusal}: {name}") from error


def recorded(context: Context, name: str, revision: int = 0) -> Release:
    """A release's record, without a look at the cluster. Raises ReleaseError."""
    check_name(name, "releaseContent: Release name is invalid")
    return context.storage.last(name) if revision <= 0 else context.storage.get(name, revision)


def get_release(context: Context, name: str, revision: int = 0) -> Release:
    """A release as it is recorded. Raises ReleaseError, KubernetesError."""
    context.check_reachable()
    return recorded(context, name, revision)


def computed_values(
    release: Release, chart: Chart | None = None, *, warn: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """The values that a release's templates saw: the given ones over the chart's defaults.

    A record's chart has lost its subcharts, so that their defaults are missing unless `chart` is given. Raises
    ValuesError.
    """
    from navarch.values.coalesce import coalesce_values

    if chart is None:
        from navarch.releases.charts import chart_from_record

        chart = chart_from_record(release.chart or {})
    return coalesce_values(chart, release.config, warn=warn)


def get_values(context: Context, name: str, revision: int = 0, *, everything: bool = False) -> dict[str, Any]:
    """The values given for a release; with `everything` the chart's defaults too. Raises NavarchError."""
    release = get_release(context, name, revision)
    return computed_values(release, warn=context.say) if everything else release.config


def get_metadata(context: Context, name: str, revision: int = 0) -> Metadata:
    """The facts about a release. Raises ReleaseError, KubernetesError."""
    from navarch.releases.times import parse

    release = get_release(context, name, revision)
    chart = release.chart_metadata
    return Metadata(
        name=release.name,
        chart=chart.get("name") or "",
        version=chart.get("version") or "",
        app_version=chart.get("appVersion") or "",
        annotations=chart.get("annotations") or {},
        labels=release.labels,
        dependencies=chart.get("dependencies") or [],
        namespace=release.namespace,
        revision=release.revision,
        status=release.info.status,
        deployed_at=parse(release.info.last_deployed).format("2006-01-02T15:04:05Z07:00"),
        apply_method=release.apply_method,
    )
