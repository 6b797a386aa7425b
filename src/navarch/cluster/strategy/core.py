"""Strategies of small kinds: namespaces, service accounts, limit ranges, API services, device taints."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context

    Object = dict[str, Any]

__all__ = ["CREATE", "UPDATE"]

_FINALIZER = "kubernetes"
_NAME_LABEL = "kubernetes.io/metadata.name"


def _create_namespace(context: Context, obj: Object) -> None:  # noqa: ARG001
    obj["status"] = {"phase": "Active"}
    finalizers = obj["spec"].get("finalizers", [])
    if _FINALIZER not in finalizers:
        obj["spec"]["finalizers"] = [*finalizers, _FINALIZER]
    _label(obj)


def _label(obj: Object) -> None:
    if obj["metadata"].get("name"):
        obj["metadata"].setdefault("labels", {})[_NAME_LABEL] = obj["metadata"]["name"]


def _update_namespace(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    if subresource == "":
        kept = old["spec"].get("finalizers")
        if kept:
            new["spec"]["finalizers"] = kept
        else:
            new["spec"].pop("finalizers", None)
    _label(new)


def _create_account(context: Context, obj: Object) -> None:  # noqa: ARG001
    secrets = obj.get("secrets")
    if secrets:
        obj["secrets"] = [{"name": one["name"]} if one.get("name") else {} for one in secrets]


def _update_account(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    _create_account(context, new)


def _create_limits(context: Context, obj: Object) -> None:  # noqa: ARG001
    if not obj["metadata"].get("name"):
        from uuid import uuid4

        obj["metadata"]["name"] = str(uuid4())


def _create_api_service(context: Context, obj: Object) -> None:
    if obj["spec"].get("service") is None:
        condition = {
            "type": "Available",
            "status": "True",
            "lastTransitionTime": context.now,
            "reason": "Local",
            "message": "Local APIServices are always available",
        }
        obj["status"] = {"conditions": [condition]}


def _update_taint(context: Context, new: Object, old: Object, subresource: str) -> None:
    taint, before = new["spec"]["taint"], old["spec"]["taint"]
    if subresource == "" and taint["effect"] != before["effect"] and taint.get("timeAdded") == before.get("timeAdded"):
        taint["timeAdded"] = context.now


CREATE = {
    "Namespace": _create_namespace,
    "ServiceAccount": _create_account,
    "LimitRange": _create_limits,
    "APIService": _create_api_service,
}
UPDATE = {"Namespace": _update_namespace, "ServiceAccount": _update_account, "DeviceTaintRule": _update_taint}
