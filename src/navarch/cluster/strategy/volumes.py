"""Strategies of PersistentVolumes and of claims for them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context

    Object = dict[str, Any]

__all__ = ["CREATE", "UPDATE"]


def _create_volume(context: Context, obj: Object) -> None:
    obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": context.now}


def _update_volume(context: Context, new: Object, old: Object, subresource: str) -> None:
    """Note when the phase changed, if whoever changed it didn't."""
    if subresource != "status":
        return
    status, before = new["status"], old["status"]
    since, known = status.get("lastPhaseTransitionTime"), before.get("lastPhaseTransitionTime")
    if status.get("phase") != before.get("phase"):
        if since is None or since == known:
            status["lastPhaseTransitionTime"] = context.now
    elif since is None and known is not None:
        status["lastPhaseTransitionTime"] = known


def _create_claim(context: Context, obj: Object) -> None:  # noqa: ARG001
    _agree_on_source(obj["spec"], None)


def _update_claim(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    if subresource == "":
        _agree_on_source(new["spec"], old["spec"])


def _agree_on_source(spec: Object, before: Object | None) -> None:
    """A claim's source stands in two fields; one that the older field never took is dropped."""
    used = before is not None and ("dataSource" in before or "dataSourceRef" in before)
    if not used and "dataSourceRef" not in spec and not _is_known(spec.get("dataSource")):
        spec.pop("dataSource", None)
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = _reference(source)
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = _reference(reference)


def _reference(source: Object) -> Object:
    return {"apiGroup": source.get("apiGroup"), "kind": source["kind"], "name": source["name"]}


def _is_known(source: Object | None) -> bool:
    """Whether it is a claim or a snapshot."""
    if source is None:
        return False
    kind = (source.get("apiGroup") or "", source["kind"])
    return kind in {("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")}


CREATE = {"PersistentVolume": _create_volume, "PersistentVolumeClaim": _create_claim}
UPDATE = {"PersistentVolume": _update_volume, "PersistentVolumeClaim": _update_claim}
