"""Strategies of Jobs (their selector) and of DaemonSets (the count of templates)."""

from __future__ import annotations

from navarch.cluster.strategy.generic import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context

    Object = dict[str, Any]

__all__ = ["CREATE", "UPDATE"]

_NAMES = ("job-name", "batch.kubernetes.io/job-name")
_UIDS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_TEMPLATES = "deprecated.daemonset.template.generation"


def _create_job(context: Context, obj: Object) -> None:  # noqa: ARG001
    """Labels for the pods and a selector that finds them, unless the client says to care for both."""
    spec, meta = obj["spec"], obj["metadata"]
    pods = spec["template"]["metadata"]
    given = pods.get("labels", {})
    shared = bool(given) and meta.get("labels") is given
    labels = dict(given)
    if not spec.get("manualSelector"):
        pods["labels"] = labels
        _select(obj, labels)
    if shared:
        meta["labels"] = dict(labels)


def _select(obj: Object, labels: dict[str, str]) -> None:
    spec, meta = obj["spec"], obj["metadata"]
    for name in _NAMES:
        labels.setdefault(name, meta.get("name", ""))
    for name in _UIDS:
        labels.setdefault(name, meta["uid"])
    selector = spec.setdefault("selector", {})
    selector.setdefault("matchLabels", {}).setdefault(_UIDS[1], meta["uid"])


def _update_job(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    meta = new["metadata"]
    if meta.get("labels") and meta["labels"] is new["spec"]["template"]["metadata"].get("labels"):
        meta["labels"] = dict(meta["labels"])


def _create_daemon_set(context: Context, obj: Object) -> None:  # noqa: ARG001
    annotations = obj["metadata"].setdefault("annotations", {})
    given = annotations.get(_TEMPLATES, "")
    annotations[_TEMPLATES] = given if given.isdigit() and int(given) >= 1 else "1"


def _update_daemon_set(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    before = old["metadata"].get("annotations", {}).get(_TEMPLATES, "0")
    annotations = new["metadata"].setdefault("annotations", {})
    if subresource != "" or same(new["spec"].get("template"), old["spec"].get("template")):
        annotations[_TEMPLATES] = before
    else:
        annotations[_TEMPLATES] = str(int(before) + 1 if before.isdigit() else 1)


CREATE = {"Job": _create_job, "DaemonSet": _create_daemon_set}
UPDATE = {"DaemonSet": _update_daemon_set, "Job": _update_job}
