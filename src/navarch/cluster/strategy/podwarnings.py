"""What is unwise in pods and pod templates, and in the volumes that they use (pkg/api/pod/warnings.go)."""

from __future__ import annotations

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Object = dict[str, Any]

__all__ = ["OLD_LABELS", "app_armor_profile", "claim_warnings", "pod_warnings", "volume_warnings"]

OLD_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
"""Labels of nodes that went out of use."""
_SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead'
_OLD_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": _SYSCTLS,
    "security.alpha.kubernetes.io/unsafe-sysctls": _SYSCTLS,
}
_GONE = "deprecated in v1.22, non-functional in v1.25+"
_GONE_LATE = "deprecated in v1.28, non-functional in v1.31+"
_OLD_VOLUMES = (
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", _GONE),
    ("storageos", _GONE),
    ("quobyte", _GONE),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("ephemeral", ""),
    ("cephfs", _GONE_LATE),
    ("rbd", _GONE_LATE),
)
_OLD_PERSISTENT = (
    ("cephfs", _GONE_LATE),
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", _GONE),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", _GONE_LATE),
)
_VOLUME_ANNOTATIONS = {
    "volume.beta.kubernetes.io/storage-class": 'deprecated since v1.8; use "storageClassName" attribute instead',
    "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
}
_RECYCLE = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
_POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_CONTAINER_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_NO_SELECTOR = "a null labelSelector results in matching no pod"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_BYTES = ("memory", "ephemeral-storage")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def pod_warnings(path: str, spec: Object, meta: Object) -> Iterator[str]:
    """The warnings for a pod ("" as the path) or a template (the path with a dot at its end)."""
    yield from _placing(f"{path}spec", spec)
    annotations = meta.get("annotations", {})
    for name, text in _OLD_ANNOTATIONS.items():
        if name in annotations:
            yield f"{path}metadata.annotations[{name}]: {text}"
    yield from _volumes(f"{path}spec.volumes", spec.get("volumes", ()))
    yield from _repeated(f"{path}spec.hostAliases", spec.get("hostAliases", ()), "ip")
    secrets = spec.get("imagePullSecrets", ())
    yield from _repeated(f"{path}spec.imagePullSecrets", secrets, "name")
    for index, secret in enumerate(secrets):
        if not secret.get("name"):
            yield f'{path}spec.imagePullSecrets[{index}].name: invalid empty name ""'
    yield from _fractions(f"{path}spec.overhead", spec.get("overhead", {}))
    containers = [
        (f"{path}spec.{field}[{index}]", container)
        for field in _CONTAINERS
        for index, container in enumerate(spec.get(field) or ())
    ]
    yield from _profiles(path, spec, annotations, containers)
    yield from _ports(containers)
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        text = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{path}spec.terminationGracePeriodSeconds: {text}"
    yield from _affinities(f"{path}spec.affinity", spec.get("affinity", {}))
    yield from _addresses(f"{path}spec", spec)


def _placing(path: str, spec: Object) -> Iterator[str]:
    """Labels of nodes."""
    for key in spec.get("nodeSelector", {}):
        if key in OLD_LABELS:
            yield f"{path}.nodeSelector[{key}]: {OLD_LABELS[key]}"
    affinity, place = spec.get("affinity", {}).get("nodeAffinity", {}), f"{path}.affinity.nodeAffinity"
    for index, term in enumerate((affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()):
        yield from _node_term(f"{place}.{_REQUIRED}.nodeSelectorTerms[{index}]", term, values=False)
    for index, one in enumerate(affinity.get(_PREFERRED, ())):
        yield from _node_term(f"{place}.{_PREFERRED}[{index}].preference", one["preference"], values=True)
    for index, constraint in enumerate(spec.get("topologySpreadConstraints", ())):
        key, where = constraint["topologyKey"], f"{path}.topologySpreadConstraints[{index}]"
        if key in OLD_LABELS:
            yield f"{where}.topologyKey: {key} is {OLD_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{where}.labelSelector: {_NO_SELECTOR}"


def _node_term(path: str, term: Object, *, values: bool) -> Iterator[str]:
    from navarch.cluster.validation.names import label_value

    for index, one in enumerate(term.get("matchExpressions", ())):
        where = f"{path}.matchExpressions[{index}]"
        if one["key"] in OLD_LABELS:
            yield f"{where}.key: {one['key']} is {OLD_LABELS[one['key']]}"
        for at, value in enumerate(one.get("values", ()) if values else ()):
            for broken in label_value(value):
                yield f"{where}.values[{at}]: {value} is invalid, {broken}"


def _volumes(path: str, volumes: Any) -> Iterator[str]:
    for index, volume in enumerate(volumes):
        for name, text in _OLD_VOLUMES:
            if name in volume and text:
                yield f"{path}[{index}].{name}: {text}"
            elif name in volume and "volumeClaimTemplate" in volume[name]:
                where = f"{path}[{index}].ephemeral.volumeClaimTemplate.spec"
                yield from claim_warnings(where, volume[name]["volumeClaimTemplate"]["spec"])
    if volumes:
        from navarch.cluster.strategy.overlaps import overlap_warnings

        yield from overlap_warnings(volumes)


def claim_warnings(path: str, spec: Object) -> Iterator[str]:
    """Of a claim's spec: sizes that aren't whole bytes."""
    for field in ("requests", "limits"):
        yield from _fractions(f"{path}.resources.{field}", spec["resources"].get(field, {}), ("storage",))


def _fractions(path: str, amounts: dict[str, str], names: tuple[str, ...] = _BYTES) -> Iterator[str]:
    for name in names:
        text = amounts.get(name, "")
        if text and not text.isdigit():
            from navarch.cluster.decode.quantity import parse

            if parse(text).milli() % 1000:
                yield f"{path}[{name}]: fractional byte value {quote(text)} is invalid, must be an integer"


def _repeated(path: str, items: Any, field: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(items if len(items) > 1 else ()):
        value = item.get(field, "")
        if value in seen:
            yield f"{path}[{index}].{field}: duplicate {field} {quote(value)}"
        seen.add(value)


def _profiles(
    path: str, spec: Object, annotations: dict[str, str], containers: list[tuple[str, Object]]
) -> Iterator[str]:
    """Annotations that became fields, fractions of bytes, and variables that hide others."""
    context = spec.get("securityContext", {})
    if "seccompProfile" not in context and _POD_SECCOMP in annotations:
        yield f"{path}metadata.annotations[{_POD_SECCOMP}]: {_SECCOMP}"
    for where, container in containers:
        own, name = container.get("securityContext", {}), container["name"]
        if "seccompProfile" not in own and _CONTAINER_SECCOMP + name in annotations:
            yield f"{path}metadata.annotations[{_CONTAINER_SECCOMP}{name}]: {_SECCOMP}"
        key = _CONTAINER_APP_ARMOR + name
        if path and "appArmorProfile" not in own and key in annotations:
            profile = context.get("appArmorProfile")
            if profile is None or profile != app_armor_profile(annotations[key]):
                yield f"{path}metadata.annotations[{key}]: {_APP_ARMOR}"
        resources = container.get("resources", {})
        for byte in _BYTES:
            for field in ("limits", "requests"):
                yield from _fractions(f"{where}.resources.{field}", resources.get(field, {}), (byte,))
        yield from _hidden(where, container.get("env", ()))


def app_armor_profile(annotation: str) -> Object | None:
    """The field that an AppArmor annotation stands for; None if it means nothing."""
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    name = annotation.removeprefix("localhost/")
    return {"type": "Localhost", "localhostProfile": name} if name and name is not annotation else None


def _hidden(path: str, variables: Any) -> Iterator[str]:
    """Variables that stand twice, unless the second only adds to the first."""
    seen: set[str] = set()
    for index, one in enumerate(variables if len(variables) > 1 else ()):
        name, value = one["name"], one.get("value", "")
        if name in seen:
            reference = f"$({name})"
            if "valueFrom" in one or value == reference or reference not in value:
                text = f"hides previous definition of {quote(name)}, which may be dropped when using apply"
                yield f"{path}.env[{index}]: {text}"
        seen.add(name)


def _ports(containers: list[tuple[str, Object]]) -> Iterator[str]:
    """Ports that stand twice, by number and by name."""
    known: dict[tuple[int, str], list[tuple[str, Object]]] = {}
    for where, container in containers:
        for index, port in enumerate(container.get("ports", ())):
            place = f"{where}.ports[{index}]"
            if port.get("hostIP") and not port.get("hostPort"):
                yield f"{place}: hostIP set without hostPort: {_go_port(port)}"
            others = known.setdefault((port["containerPort"], port.get("protocol", "")), [])
            for other_place, other in others:
                sort = _clash(port, other)
                if sort:
                    yield f"{place}: {sort} port definition with {other_place}"
            others.append((place, port))
    names: dict[str, str] = {}
    for where, container in containers:
        for index, port in enumerate(container.get("ports", ())):
            name, place = port.get("name", ""), f"{where}.ports[{index}]"
            if name in names:
                text = f"services and probes that select ports by name will use {names[name]}"
                yield f"{place}: duplicate port name {quote(name)} with {names[name]}, {text}"
            elif name:
                names[name] = place


def _clash(port: Object, other: Object) -> str:
    address, others = port.get("hostIP", ""), other.get("hostIP", "")
    number, number_of_other = port.get("hostPort", 0), other.get("hostPort", 0)
    if address == others and number == number_of_other:
        return "duplicate"
    if not number or not number_of_other:
        return "overlapping"
    return "dangerously ambiguous" if number == number_of_other and (not address) != (not others) else ""


def _go_port(port: Object) -> str:
    """As Go prints the struct."""
    names = (("Name", "name", ""), ("HostPort", "hostPort", 0), ("ContainerPort", "containerPort", 0))
    ends = (("Protocol", "protocol", ""), ("HostIP", "hostIP", ""))
    return "{" + " ".join(f"{go}:{port.get(name, empty)}" for go, name, empty in (*names, *ends)) + "}"


def _affinities(path: str, affinity: Object) -> Iterator[str]:
    for name in ("podAffinity", "podAntiAffinity"):
        own = affinity.get(name, {})
        for index, term in enumerate(own.get(_REQUIRED, ())):
            if term.get("labelSelector") is None:
                yield f"{path}.{name}.{_REQUIRED}[{index}].labelSelector: {_NO_SELECTOR}"
        for index, one in enumerate(own.get(_PREFERRED, ())):
            if one["podAffinityTerm"].get("labelSelector") is None:
                yield f"{path}.{name}.{_PREFERRED}[{index}].podAffinityTerm.labelSelector: {_NO_SELECTOR}"


def _addresses(path: str, spec: Object) -> Iterator[str]:
    servers, aliases = spec.get("dnsConfig", {}).get("nameservers", ()), spec.get("hostAliases", ())
    if not servers and not aliases:
        return
    from navarch.cluster.strategy.addresswarnings import ip_warnings

    for index, address in enumerate(servers):
        yield from ip_warnings(f"{path}.dnsConfig.nameservers[{index}]", address)
    for index, alias in enumerate(aliases):
        yield from ip_warnings(f"{path}.hostAliases[{index}].ip", alias["ip"])


def volume_warnings(spec: Object, meta: Object) -> Iterator[str]:
    """Of a PersistentVolume."""
    for name, text in _VOLUME_ANNOTATIONS.items():
        if name in meta.get("annotations", {}):
            yield f"metadata.annotations[{name}]: {text}"
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        yield f"spec.persistentVolumeReclaimPolicy: {_RECYCLE}"
    terms = ((spec.get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        yield from _node_term(f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]", term, values=False)
    for name, text in _OLD_PERSISTENT:
        if name in spec:
            yield f"spec.{name}: {text}"
