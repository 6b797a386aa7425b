"""A release as its record tells it: what actions change and `codec` writes down.

    Release
    ├── info          times, status, description, notes
    ├── chart         the chart as the record holds it: plain JSON (see `codec.chart_record`)
    ├── config        the values the user gave
    ├── manifest      the rendered objects, one text
    ├── hooks         the rendered hooks, each with its last run
    └── labels        the user's own labels

Times are texts in RFC 3339, "" for none (`navarch.releases.times`). `extra` holds fields that this version doesn't
know, so that a record written by a newer program keeps them when it is written again.
"""

from __future__ import annotations

from navarch.releases.times import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["CSA", "PENDING", "SSA", "Execution", "Hook", "Info", "Phase", "Release", "Status", "now"]

SSA = "ssa"
"""Release.apply_method of a release that is applied by the server."""
CSA = "csa"
"""Release.apply_method of a release that is patched by the client; "" means the same."""


class Status:
    """What a record can say of its release."""

    UNKNOWN = "unknown"
    DEPLOYED = "deployed"
    UNINSTALLED = "uninstalled"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    UNINSTALLING = "uninstalling"
    PENDING_INSTALL = "pending-install"
    PENDING_UPGRADE = "pending-upgrade"
    PENDING_ROLLBACK = "pending-rollback"


PENDING = frozenset((Status.PENDING_INSTALL, Status.PENDING_UPGRADE, Status.PENDING_ROLLBACK))
"""The statuses of an operation under way."""


class Phase:
    """How far a hook's run has come."""

    UNKNOWN = "Unknown"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class Info:
    """What is known about a release besides its content."""

    __slots__ = (
        "deleted",
        "description",
        "extra",
        "first_deployed",
        "last_deployed",
        "notes",
        "resources",
        "rollback_revision",
        "status",
    )

    def __init__(
        self,
        *,
        first_deployed: str = "",
        last_deployed: str = "",
        deleted: str = "",
        description: str = "",
        status: str = "",
        rollback_revision: int = 0,
        notes: str = "",
        resources: Mapping[str, list[Any]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.first_deployed = first_deployed
        self.last_deployed = last_deployed
        self.deleted = deleted
        self.description = description
        self.status = status
        self.rollback_revision = rollback_revision
        self.notes = notes
        self.resources: dict[str, list[Any]] = dict(resources or {})
        """The release's objects on the cluster by heading; filled for `status`, never stored."""
        self.extra: dict[str, Any] = dict(extra or {})


class Execution:
    """The last run of a hook; `phase` is "" before the first."""

    __slots__ = ("completed_at", "extra", "phase", "started_at")

    def __init__(
        self,
        *,
        started_at: str = "",
        completed_at: str = "",
        phase: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.started_at = started_at
        self.completed_at = completed_at
        self.phase = phase
        self.extra: dict[str, Any] = dict(extra or {})


class Hook:
    """A rendered object that runs on certain `events`, in the order of `weight`."""

    __slots__ = (
        "delete_policies",
        "events",
        "extra",
        "kind",
        "last_run",
        "manifest",
        "name",
        "output_log_policies",
        "path",
        "weight",
    )

    def __init__(
        self,
        name: str = "",
        kind: str = "",
        path: str = "",
        manifest: str = "",
        *,
        events: Iterable[str] = (),
        last_run: Execution | None = None,
        weight: int = 0,
        delete_policies: Iterable[str] = (),
        output_log_policies: Iterable[str] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.path = path
        self.manifest = manifest
        self.events = list(events)
        self.last_run = last_run or Execution()
        self.weight = weight
        self.delete_policies = list(delete_policies)
        self.output_log_policies = list(output_log_policies)
        self.extra: dict[str, Any] = dict(extra or {})


class Release:
    """One revision of a release. Changed in place by the action that works on it, and by nobody else."""

    __slots__ = (
        "apply_method",
        "chart",
        "config",
        "extra",
        "hooks",
        "info",
        "labels",
        "manifest",
        "name",
        "namespace",
        "revision",
    )

    def __init__(
        self,
        name: str = "",
        namespace: str = "",
        revision: int = 0,
        *,
        info: Info | None = None,
        chart: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        manifest: str = "",
        hooks: Iterable[Hook] = (),
        labels: Mapping[str, str] | None = None,
        apply_method: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.revision = revision
        self.info = info or Info()
        self.chart = chart
        self.config: dict[str, Any] = {} if config is None else config
        self.manifest = manifest
        self.hooks = list(hooks)
        self.labels: dict[str, str] = dict(labels or {})
        self.apply_method = apply_method
        self.extra: dict[str, Any] = dict(extra or {})

    def __repr__(self) -> str:
        return f"<Release {self.namespace}/{self.name} v{self.revision} {self.info.status}>"

    @property
    def status(self) -> str:
        return self.info.status

    @property
    def is_pending(self) -> bool:
        """Whether the record says that an operation is under way."""
        return self.info.status in PENDING

    @property
    def chart_metadata(self) -> dict[str, Any]:
        """Chart.yaml as the record has it: name, version, appVersion, …; an empty dict where it has none."""
        found = (self.chart or {}).get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def chart_name(self) -> str:
        """NAME-VERSION, or Helm's word for records without a chart."""
        return chart_label(self.chart)

    @property
    def app_version(self) -> str:
        """The version of what the chart installs, or Helm's word for records without a chart."""
        return app_version(self.chart)

    def set_status(self, status: str, description: str) -> None:
        self.info.status = status
        self.info.description = description


def chart_label(chart: Mapping[str, Any] | None) -> str:
    """The column CHART of `list` and `history`."""
    metadata = (chart or {}).get("metadata")
    return "MISSING" if metadata is None else f"{metadata.get('name') or ''}-{metadata.get('version') or ''}"


def app_version(chart: Mapping[str, Any] | None) -> str:
    """The column APP VERSION of `list` and `history`."""
    metadata = (chart or {}).get("metadata")
    return "MISSING" if metadata is None else str(metadata.get("appVersion") or "")
