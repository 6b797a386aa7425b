"""What an object loses and gains on its way through Kubernetes' internal types: the conversions written by hand."""

from __future__ import annotations

from base64 import b64encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Object = dict[str, Any]
    Fill = Callable[[Object], None]

__all__ = ["with_internal"]

_OLD_ANNOTATIONS = tuple(
    f"pod.{stage}.kubernetes.io/{name}"
    for stage in ("beta", "alpha")
    for name in ("init-containers", "init-container-statuses")
)
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def with_internal(group: str, fills: dict[str, Fill]) -> dict[str, Fill]:
    """The functions by kind, each followed by what the kind's conversion does."""
    found = dict(fills)
    for kind, convert in _CONVERSIONS.get(group, {}).items():
        found[kind] = _both(fills.get(kind), convert)
    return found


def _both(fill: Fill | None, convert: Fill) -> Fill:
    if fill is None:
        return convert

    def run(obj: Object) -> None:
        fill(obj)
        convert(obj)

    return run


def _pod_spec(spec: Object) -> None:
    """Two names for the account, and a security context that holds what once stood in the spec."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account


def _drop_annotations(meta: Object) -> None:
    annotations = meta.get("annotations")
    if annotations:
        for name in _OLD_ANNOTATIONS:
            annotations.pop(name, None)
        if not annotations:
            del meta["annotations"]


def _template(spec: Object) -> None:
    template = spec.get("template")
    if template is not None:
        _drop_annotations(template["metadata"])
        _pod_spec(template["spec"])


def _workload(obj: Object) -> None:
    _template(obj["spec"])


def _pod(obj: Object) -> None:
    spec, status = obj["spec"], obj["status"]
    _drop_annotations(obj["metadata"])
    _pod_spec(spec)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    address, addresses = status.get("podIP"), status.get("podIPs")
    if address and not (addresses and addresses[0].get("ip") == address):
        status["podIPs"] = [{"ip": address}]
    elif addresses and addresses[0].get("ip"):
        status["podIP"] = addresses[0]["ip"]


def _pod_template(obj: Object) -> None:
    _template(obj)


def _secret(obj: Object) -> None:
    texts = obj.pop("stringData", None)
    if texts:
        encoded = {name: b64encode(text.encode("utf-8", "surrogatepass")).decode() for name, text in texts.items()}
        obj["data"] = {**obj.get("data", {}), **encoded}


def _node(obj: Object) -> None:
    spec = obj["spec"]
    first, ranges = spec.get("podCIDR"), spec.get("podCIDRs")
    if first and not (ranges and ranges[0] == first):
        spec["podCIDRs"] = [first]
    elif ranges and ranges[0]:
        spec["podCIDR"] = ranges[0]


def _stateful_set(obj: Object) -> None:
    _template(obj["spec"])
    rolling = obj["spec"]["updateStrategy"].get("rollingUpdate")
    if rolling is not None:
        rolling.setdefault("partition", 0)
    for claim in obj["spec"].get("volumeClaimTemplates", ()):
        claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"


def _rolling(strategy: Object) -> None:
    """The internal types have numbers where the published ones may have nothing."""
    rolling = strategy.get("rollingUpdate")
    if rolling is not None:
        rolling.setdefault("maxUnavailable", 0)
        rolling.setdefault("maxSurge", 0)


def _deployment(obj: Object) -> None:
    _template(obj["spec"])
    _rolling(obj["spec"]["strategy"])


def _daemon_set(obj: Object) -> None:
    _template(obj["spec"])
    _rolling(obj["spec"]["updateStrategy"])
    annotations = obj["metadata"].setdefault("annotations", {})
    annotations.setdefault(_TEMPLATE_GENERATION, "0")


def _cron_job(obj: Object) -> None:
    _template(obj["spec"]["jobTemplate"]["spec"])


_CONVERSIONS: dict[str, dict[str, Fill]] = {
    "": {
        "Pod": _pod,
        "PodTemplate": _pod_template,
        "ReplicationController": _workload,
        "Secret": _secret,
        "Node": _node,
    },
    "apps": {
        "Deployment": _deployment,
        "ReplicaSet": _workload,
        "StatefulSet": _stateful_set,
        "DaemonSet": _daemon_set,
    },
    "batch": {"Job": _workload, "CronJob": _cron_job},
}
