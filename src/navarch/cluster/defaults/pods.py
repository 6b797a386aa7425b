"""What is filled in for pods and pod templates: k8s.io/kubernetes/pkg/apis/core/v1, defaults of PodSpec and below."""

from __future__ import annotations

from navarch.cluster.defaults.images import pull_policy
from navarch.cluster.defaults.quantities import round_up, round_up_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["claim_spec", "pod", "pod_spec", "template", "volume_source"]

_MODE = 420
_HOUR = 3600
_VOLUME_FIELDS: dict[str, tuple[tuple[str, Any], ...]] = {
    "hostPath": (("type", ""),),
    "secret": (("defaultMode", _MODE),),
    "configMap": (("defaultMode", _MODE),),
    "downwardAPI": (("defaultMode", _MODE),),
    "projected": (("defaultMode", _MODE),),
    "iscsi": (("iscsiInterface", "default"),),
    "rbd": (("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")),
    "azureDisk": (("cachingMode", "ReadWrite"), ("fsType", "ext4"), ("readOnly", False), ("kind", "Shared")),
    "scaleIO": (("storageMode", "ThinProvisioned"), ("fsType", "xfs")),
}
_AMOUNTS = ("limits", "requests")
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def _containers(spec: Object) -> tuple[Object, ...]:
    """The containers and the init containers."""
    return (*(spec.get("containers") or ()), *spec.get("initContainers", ()))


def template(owner: Object) -> None:
    """The `template` of a workload's spec."""
    pod_spec(owner["template"]["spec"])


def pod(obj: Object) -> None:
    """A pod of its own: as in templates, and what only pods get."""
    spec = obj["spec"]
    for container in _containers(spec):
        resources = container["resources"]
        if "limits" in resources:
            resources["requests"] = {**resources["limits"], **resources.get("requests", {})}
    if "resources" in spec:
        from navarch.cluster.defaults.podresources import fill_pod_resources

        fill_pod_resources(spec)
    spec.setdefault("enableServiceLinks", True)
    if spec.get("hostNetwork"):
        _host_ports(spec)
    pod_spec(spec)
    _pod_status(obj["status"])


def _pod_status(status: Object) -> None:
    round_up(status.get("allocatedResources"))
    round_up_at(status.get("resources", {}), _AMOUNTS)
    for name in _STATUSES:
        for container in status.get(name, ()):
            round_up(container.get("allocatedResources"))
            round_up_at(container.get("resources", {}), _AMOUNTS)


def _host_ports(spec: Object) -> None:
    for container in _containers(spec):
        for port in container.get("ports", ()):
            if not port.get("hostPort") and port["containerPort"]:
                port["hostPort"] = port["containerPort"]


def pod_spec(spec: Object) -> None:
    """What pods and templates have in common."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    for volume in spec.get("volumes", ()):
        _volume(volume)
    for container in spec.get("initContainers", ()):
        _container(container)
    for container in spec.get("containers") or ():
        _container(container)
    for container in spec.get("ephemeralContainers", ()):
        _container(container)
    if "overhead" in spec:
        round_up(spec["overhead"])
    if "resources" in spec:
        round_up_at(spec["resources"], _AMOUNTS)


def _container(container: Object) -> None:
    if "imagePullPolicy" not in container:
        container["imagePullPolicy"] = pull_policy(container.get("image", ""))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports", ()):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", ()):
        if "valueFrom" in variable:
            _variable_source(variable["valueFrom"])
    resources = container.get("resources")
    if resources:
        round_up_at(resources, _AMOUNTS)
    for name in _PROBES:
        if name in container:
            _probe(container[name])
    for handler in container.get("lifecycle", {}).values():
        if type(handler) is dict and "httpGet" in handler:
            _http_get(handler["httpGet"])


def _variable_source(source: Object) -> None:
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    if "fileKeyRef" in source:
        source["fileKeyRef"].setdefault("optional", False)


def _probe(probe: Object) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if "httpGet" in probe:
        _http_get(probe["httpGet"])
    if "grpc" in probe:
        grpc = probe["grpc"]
        if grpc.get("service") is None:
            grpc["service"] = ""


def _http_get(action: Object) -> None:
    action.setdefault("path", "/")
    action.setdefault("scheme", "HTTP")


def _volume(volume: Object) -> None:
    if len(volume) == 1:
        volume["emptyDir"] = {}
        return
    volume_source(volume)
    if "image" in volume:
        image = volume["image"]
        image.setdefault("pullPolicy", pull_policy(image.get("reference", "")))
    if "downwardAPI" in volume:
        _downward(volume["downwardAPI"])
    for source in volume.get("projected", {}).get("sources") or ():
        _downward(source.get("downwardAPI", {}))
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", _HOUR)
    claim = volume.get("ephemeral", {}).get("volumeClaimTemplate")
    if claim:
        claim_spec(claim["spec"])


def _downward(source: Object) -> None:
    for item in source.get("items", ()):
        if "fieldRef" in item:
            item["fieldRef"].setdefault("apiVersion", "v1")


def volume_source(volume: Object) -> None:
    """Where a volume comes from, of pods and of PersistentVolumes."""
    for name in volume:
        for field, value in _VOLUME_FIELDS.get(name, ()):
            volume[name].setdefault(field, value)


def claim_spec(spec: Object) -> None:
    """The spec of a PersistentVolumeClaim, a template of one, too."""
    spec.setdefault("volumeMode", "Filesystem")
    round_up_at(spec["resources"], _AMOUNTS)
