"""What clients are warned of when an object is all right but unwise: the warnings of strategies, and of old APIs."""

from __future__ import annotations

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Warn = Callable[[Object, Object | None], Iterator[str]]

__all__ = ["deprecation", "warnings"]

_DEPRECATED = {
    ("", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ("", "ComponentStatus"): "v1 ComponentStatus is deprecated in v1.19+",
}
_POD_NAME = "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior"
_OWN_NAME = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior"
_INGRESS_CLASS = "kubernetes.io/ingress.class"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"
_MANY_INDEXES = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes "
    "might not be able to track completedIndexes when a big number of indexes fail"
)
_TIME_ZONE = (
    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)
_HISTORY = "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"
_QUOTA_NAMES = ("cpu", "memory", "storage", "ephemeral-storage")


def deprecation(resource: Resource) -> str:
    """What every answer about a resource warns of; "" for nothing."""
    return _DEPRECATED.get((resource.group, resource.kind), "")


def warnings(resource: Resource, new: Object, old: Object | None) -> list[str]:
    """The warnings for a new or changed object, which is valid."""
    warn = _WARNINGS.get((resource.group, resource.kind))
    return list(warn(new, old)) if warn is not None else []


def _dns_name(obj: Object, text: str = _POD_NAME) -> Iterator[str]:
    from navarch.cluster.validation.names import dns_label

    broken = dns_label(obj["metadata"]["name"])
    if broken:
        yield f"{text}; a DNS label is recommended: [{' '.join(broken)}]"


def _template(new: Object, old: Object | None) -> Iterator[str]:
    """Of a workload's pod template, when it's new or anything in the spec changed."""
    yield from _changed(new, old, "spec.template.", new["spec"].get("template"))


def _pod_template(new: Object, old: Object | None) -> Iterator[str]:
    yield from _changed(new, old, "template.", new["template"])


def _changed(new: Object, old: Object | None, path: str, template: Object | None) -> Iterator[str]:
    generations = [one["metadata"].get("generation") for one in (new, old or new)]
    if template is not None and (old is None or generations[0] != generations[1]):
        from navarch.cluster.strategy.podwarnings import pod_warnings

        yield from pod_warnings(path, template["spec"], template["metadata"])


def _named_template(new: Object, old: Object | None) -> Iterator[str]:
    if old is None:
        yield from _dns_name(new)
    yield from _template(new, old)


def _pod(new: Object, old: Object | None) -> Iterator[str]:
    from navarch.cluster.strategy.podwarnings import pod_warnings

    if old is None:
        yield from _dns_name(new, _OWN_NAME)
        yield from pod_warnings("", new["spec"], new["metadata"])


def _stateful_set(new: Object, old: Object | None) -> Iterator[str]:
    yield from _template(new, old)
    for index, claim in enumerate(new["spec"].get("volumeClaimTemplates", ())):
        path = f"spec.volumeClaimTemplates[{index}]"
        yield from _claim_spec(path if old is None else f"{path}.Spec", claim["spec"])
    if new["spec"].get("revisionHistoryLimit", 0) < 0:
        yield _HISTORY


def _job(new: Object, old: Object | None) -> Iterator[str]:
    if old is None:
        yield from _dns_name(new)
    if old is None or new["metadata"].get("generation") != old["metadata"].get("generation"):
        yield from _job_spec("spec", new["spec"])


def _job_spec(path: str, spec: Object) -> Iterator[str]:
    from navarch.cluster.strategy.podwarnings import pod_warnings

    many = spec.get("completions", 0) > 100_000 and spec.get("parallelism", 0) > 10_000
    if many and spec.get("completionMode") == "Indexed":
        yield f"{path}: {_MANY_INDEXES}"
    yield from pod_warnings(f"{path}.template.", spec["template"]["spec"], spec["template"]["metadata"])


def _cron_job(new: Object, old: Object | None) -> Iterator[str]:
    if old is None:
        yield from _dns_name(new)
    if old is None or new["metadata"].get("generation") != old["metadata"].get("generation"):
        yield from _job_spec("spec.jobTemplate.spec", new["spec"]["jobTemplate"]["spec"])
    if old is not None and "TZ" in new["spec"]["schedule"]:
        yield _TIME_ZONE


def _ingress(new: Object, old: Object | None) -> Iterator[str]:
    annotated = _INGRESS_CLASS in new["metadata"].get("annotations", {})
    if old is None and annotated and "ingressClassName" not in new["spec"]:
        yield f"annotation {quote(_INGRESS_CLASS)} is deprecated, please use 'spec.ingressClassName' instead"


def _service(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.addresswarnings import cidr_warnings, ip_warnings

    spec = new["spec"]
    if _HINTS in new["metadata"].get("annotations", {}):
        yield f"annotation {_HINTS} is deprecated, please use {_MODE} instead"
    headless = spec["type"] == "ClusterIP" and spec.get("clusterIP") == "None"
    if spec.get("clusterIP") not in (None, "", "None"):
        for index, address in enumerate(spec.get("clusterIPs", ())):
            yield from ip_warnings(f"spec.clusterIPs[{index}]", address)
    if headless:
        yield from _headless(spec)
    external = spec.get("externalIPs", ())
    for index, address in enumerate(external):
        yield from ip_warnings(f"spec.externalIPs[{index}]", address)
    if external and not headless and spec["type"] != "ExternalName":
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if spec.get("loadBalancerIP"):
        yield from ip_warnings("spec.loadBalancerIP", spec["loadBalancerIP"])
    for index, block in enumerate(spec.get("loadBalancerSourceRanges", ())):
        yield from cidr_warnings(f"spec.loadBalancerSourceRanges[{index}]", block)
    yield from _by_type(spec)


def _headless(spec: Object) -> Iterator[str]:
    if spec.get("loadBalancerIP"):
        yield "spec.loadBalancerIP is ignored for headless services"
    if spec.get("externalIPs"):
        yield "spec.externalIPs is ignored for headless services"
    if spec.get("sessionAffinity") != "None":
        yield "spec.SessionAffinity is ignored for headless services"


def _by_type(spec: Object) -> Iterator[str]:
    named = quote("ExternalName")
    if spec["type"] == "ExternalName" and spec.get("externalIPs"):
        yield f"spec.externalIPs is ignored when spec.type is {named}"
    if spec["type"] != "ExternalName" and spec.get("externalName"):
        yield f"spec.externalName is ignored when spec.type is not {named}"
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _secret(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    if new.get("type") == "kubernetes.io/tls":
        from binascii import a2b_base64

        from navarch.errors import ConfigError
        from navarch.kube.credentials import Certificate
        from navarch.kube.net.certificates import check_pair

        data = new.get("data", {})
        chain, key = a2b_base64(data.get("tls.crt", "")), a2b_base64(data.get("tls.key", ""))
        try:
            check_pair(Certificate(chain, key))
        except ConfigError as error:
            yield error.message


def _account(new: Object, old: Object | None) -> Iterator[str]:
    known = old is not None and _MOUNTABLE in old["metadata"].get("annotations", {})
    if _MOUNTABLE in new["metadata"].get("annotations", {}) and not known:
        told = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
        yield f"metadata.annotations[{_MOUNTABLE}]: {told}"


def _claim(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    name = "volume.beta.kubernetes.io/storage-class"
    if name in new["metadata"].get("annotations", {}):
        yield f'metadata.annotations[{name}]: deprecated since v1.8; use "storageClassName" attribute instead'
    yield from _claim_spec("spec", new["spec"])


def _claim_spec(path: str, spec: Object) -> Iterator[str]:
    from navarch.cluster.strategy.podwarnings import claim_warnings

    yield from claim_warnings(path, spec)


def _volume(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.podwarnings import volume_warnings

    yield from volume_warnings(new["spec"], new["metadata"])


def _node(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.addresswarnings import cidr_warnings

    spec = new["spec"]
    if spec.get("configSource") is not None:
        yield "spec.configSource: the feature is removed"
    if spec.get("externalID"):
        yield "spec.externalID: this field is deprecated, and is unused by Kubernetes"
    for index, block in enumerate(spec.get("podCIDRs", ())):
        yield from cidr_warnings(f"spec.podCIDRs[{index}]", block)


def _quota(new: Object, old: Object | None) -> Iterator[str]:
    from navarch.cluster.decode.quantity import parse

    hard = new["spec"].get("hard", {}) if old is None else {}
    for name in _QUOTA_NAMES:
        asked = f"requests.{name}"
        if asked not in hard and name in ("cpu", "memory"):
            asked = name
        limit = f"limits.{name}"
        if asked in hard and limit in hard and parse(hard[asked]).compare(parse(hard[limit])) > 0:
            yield f"ResourceQuota {asked} ({hard[asked]}) should be less than {limit} ({hard[limit]})"


def _network_policy(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.addresswarnings import cidr_warnings

    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(new["spec"].get(direction, ())):
            for at, peer in enumerate(rule.get(side, ())):
                block, path = peer.get("ipBlock"), f"spec.{direction}[{index}].{side}[{at}].ipBlock"
                if block is not None:
                    yield from cidr_warnings(f"{path}.cidr", block["cidr"])
                    for number, one in enumerate(block.get("except", ())):
                        yield from cidr_warnings(f"{path}.except[{number}]", one)


def _endpoints(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.addresswarnings import ip_warnings

    if new["metadata"].get("labels", {}).get("endpoints.kubernetes.io/managed-by") == "endpoint-controller":
        return
    for index, subset in enumerate(new.get("subsets", ())):
        for field in ("addresses", "notReadyAddresses"):
            for at, address in enumerate(subset.get(field, ())):
                yield from ip_warnings(f"subsets[{index}].{field}[{at}].ip", address["ip"])


def _endpoint_slice(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.addresswarnings import ip_warnings

    if new["addressType"] == "FQDN":
        yield "spec.addressType: FQDN endpoints are deprecated"
    manager = new["metadata"].get("labels", {}).get("endpointslice.kubernetes.io/managed-by", "")
    if manager in ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"):
        return
    for index, endpoint in enumerate(new["endpoints"] or ()):
        for at, address in enumerate(endpoint["addresses"] or ()):
            yield from ip_warnings(f"endpoints[{index}].addresses[{at}]", address)


def _storage_class(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.podwarnings import OLD_LABELS

    for index, topology in enumerate(new.get("allowedTopologies", ())):
        for at, one in enumerate(topology.get("matchLabelExpressions", ())):
            if one["key"] in OLD_LABELS:
                yield f"allowedTopologies[{index}].matchLabelExpressions[{at}].key: {OLD_LABELS[one['key']]}"


def _runtime_class(new: Object, old: Object | None) -> Iterator[str]:  # noqa: ARG001
    from navarch.cluster.strategy.podwarnings import OLD_LABELS

    for key in (new.get("scheduling") or {}).get("nodeSelector", {}):
        if key in OLD_LABELS:
            yield f"scheduling.nodeSelector: {OLD_LABELS[key]}"


_WARNINGS: dict[tuple[str, str], Warn] = {
    ("", "Pod"): _pod,
    ("", "PodTemplate"): _pod_template,
    ("", "ReplicationController"): _named_template,
    ("", "Service"): _service,
    ("", "Secret"): _secret,
    ("", "ServiceAccount"): _account,
    ("", "PersistentVolume"): _volume,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Node"): _node,
    ("", "ResourceQuota"): _quota,
    ("", "Endpoints"): _endpoints,
    ("apps", "Deployment"): _named_template,
    ("apps", "ReplicaSet"): _named_template,
    ("apps", "DaemonSet"): _template,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _cron_job,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("networking.k8s.io", "NetworkPolicy"): _network_policy,
    ("discovery.k8s.io", "EndpointSlice"): _endpoint_slice,
    ("storage.k8s.io", "StorageClass"): _storage_class,
    ("node.k8s.io", "RuntimeClass"): _runtime_class,
}
