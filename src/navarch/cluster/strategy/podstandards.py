"""The pod security standards "baseline" and "restricted": what pods do that they shouldn't.

Each of the checks is in force from one minor version of Kubernetes on; policies may name an older one.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Object = dict[str, Any]
    Fault = tuple[str, str] | None

__all__ = ["faults"]

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_PROFILES = ("RuntimeDefault", "Localhost")
_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID "
    "SYS_CHROOT".split()
)
_LINUX_TYPES = {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}
_SYSCTLS = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
}
"""The kernel's parameters that pods may set, and since which version."""
_VOLUMES = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split()
_OTHER_VOLUMES = (
    "hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs flocker "
    "fc azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO storageos"
).split()
_NAMES_OF_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_SECCOMP_FIELDS = 19
_WINDOWS_EXEMPT = 25
_USERS_RELAXED = 35


class _Pod(NamedTuple):
    """What checks look at."""

    annotations: dict[str, str]
    spec: Object
    security: Object
    containers: list[tuple[str, Object, Object]]
    """Each one's name, itself and its securityContext."""
    version: int

    @property
    def on_windows(self) -> bool:
        return self.version >= _WINDOWS_EXEMPT and self.spec.get("os", {}).get("name") == "windows"

    @property
    def has_own_users(self) -> bool:
        return self.version >= _USERS_RELAXED and self.spec.get("hostUsers") is False


def faults(pod: Object, restricted: bool, version: int) -> list[tuple[str, str]]:
    """What a pod (or a template of one) does wrong, in short and in detail, by a minor version of Kubernetes."""
    spec = pod["spec"]
    containers = [
        (one["name"], one, one.get("securityContext") or {})
        for field in ("initContainers", "containers", "ephemeralContainers")
        for one in spec.get(field) or ()
    ]
    annotations = pod.get("metadata", {}).get("annotations", {})
    seen = _Pod(annotations, spec, spec.get("securityContext") or {}, containers, version)
    checks = [check for since, check in _BASELINE if version >= since]
    if restricted:
        strict = [(check, instead) for since, check, instead in _RESTRICTED if version >= since]
        replaced = [instead for _, instead in strict]
        checks = [check for check in checks if check not in replaced] + [check for check, _ in strict]
    found = (check(seen) for check in checks)
    return [fault for fault in found if fault is not None]


def _quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


def _many(word: str, items: Iterable[str]) -> str:
    """`containers "a", "b"`."""
    listed = list(items)
    return f"{_plural(word, listed)} {_quoted(listed)}"


def _plural(word: str, items: Iterable[str]) -> str:
    return word if len(list(items)) == 1 else f"{word}s"


def _setters(by_pod: bool, containers: list[str]) -> str:
    """Who sets something: `pod and container "a"`; "" for nobody."""
    return " and ".join((["pod"] if by_pod else []) + ([_many("container", containers)] if containers else []))


def _app_armor(pod: _Pod) -> Fault:
    kinds = [(name, security["appArmorProfile"]["type"]) for name, security in _each(pod, "appArmorProfile")]
    bad = [(name, kind) for name, kind in kinds if kind not in _PROFILES]
    notes = sorted(
        f"{key}={quote(value)}"
        for key, value in pod.annotations.items()
        if key.startswith(_APP_ARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    if not bad and not notes:
        return None
    setters = [_setters(*_split(bad))] if bad else []
    setters += [_plural("annotation", notes)] if notes else []
    values = sorted({kind for _, kind in bad}) + notes
    detail = f"{' and '.join(setters)} must not set AppArmor profile type to {_quoted(values)}"
    return _plural("forbidden AppArmor profile", values), detail


def _each(pod: _Pod, field: str) -> Iterator[tuple[str | None, Object]]:
    """The securityContexts with a field: the pod's (without a name), then the containers'."""
    if field in pod.security:
        yield None, pod.security
    for name, _, security in pod.containers:
        if field in security:
            yield name, security


def _split(bad: Iterable[tuple[str | None, object]]) -> tuple[bool, list[str]]:
    """Whether the pod is among them, and which containers are."""
    names = [name for name, _ in bad]
    return None in names, [name for name in names if name is not None]


def _baseline_capabilities(pod: _Pod) -> Fault:
    bad = [(name, set(_listed(security, "add")) - _CAPABILITIES) for name, _, security in pod.containers]
    names = [name for name, added in bad if added]
    if not names:
        return None
    return "non-default capabilities", _too_capable(names, set().union(*(added for _, added in bad)))


def _too_capable(names: list[str], added: set[str]) -> str:
    return f"{_many('container', names)} must not include {_quoted(sorted(added))} in securityContext.capabilities.add"


def _listed(security: Object, field: str) -> list[str]:
    return (security.get("capabilities") or {}).get(field) or []


def _restricted_capabilities(pod: _Pod) -> Fault:
    if pod.on_windows:
        return None
    keeping = [name for name, _, security in pod.containers if "ALL" not in _listed(security, "drop")]
    bad = [(name, set(_listed(security, "add")) - {"NET_BIND_SERVICE"}) for name, _, security in pod.containers]
    details = []
    if keeping:
        details.append(f'{_many("container", keeping)} must set securityContext.capabilities.drop=["ALL"]')
    names = [name for name, added in bad if added]
    if names:
        details.append(_too_capable(names, set().union(*(added for _, added in bad))))
    return ("unrestricted capabilities", "; ".join(details)) if details else None


def _host_namespaces(pod: _Pod) -> Fault:
    shared = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.get(name)]
    return ("host namespaces", ", ".join(shared)) if shared else None


def _host_paths(pod: _Pod) -> Fault:
    names = [volume["name"] for volume in pod.spec.get("volumes") or () if "hostPath" in volume]
    return ("hostPath volumes", _many("volume", names)) if names else None


def _host_ports(pod: _Pod) -> Fault:
    bad = [
        (name, [one["hostPort"] for one in c.get("ports") or () if one.get("hostPort")])
        for name, c, _ in pod.containers
    ]
    names = [name for name, ports in bad if ports]
    if not names:
        return None
    ports = sorted({str(port) for _, found in bad for port in found})
    use = "uses" if len(names) == 1 else "use"
    return "hostPort", f"{_many('container', names)} {use} {_plural('hostPort', ports)} {', '.join(ports)}"


def _hosts(pod: _Pod) -> Fault:
    names, hosts = set(), set()
    for name, container, _ in pod.containers:
        lifecycle = container.get("lifecycle") or {}
        handlers = [container.get(probe) for probe in _NAMES_OF_PROBES] + [
            lifecycle.get("postStart"),
            lifecycle.get("preStop"),
        ]
        for handler in handlers:
            for action in ("httpGet", "tcpSocket"):
                host = ((handler or {}).get(action) or {}).get("host")
                if host:
                    names.add(name)
                    hosts.add(host)
    if not names:
        return None
    use = "uses" if len(names) == 1 else "use"
    return "probe or lifecycle host", (
        f"{_many('container', sorted(names))} {use} {_many('probe or lifecycle host', sorted(hosts))}"
    )


def _privileged(pod: _Pod) -> Fault:
    names = [name for name, _, security in pod.containers if security.get("privileged")]
    return (
        ("privileged", f"{_many('container', names)} must not set securityContext.privileged=true") if names else None
    )


def _any_proc_mount(pod: _Pod) -> Fault:
    bad = [(name, security.get("procMount", "Default")) for name, _, security in pod.containers]
    bad = [(name, mount) for name, mount in bad if mount != "Default"]
    if not bad:
        return None
    mounts = _quoted(sorted({mount for _, mount in bad}))
    names = _many("container", [name for name, _ in bad])
    return "procMount", f"{names} must not set securityContext.procMount to {mounts}"


def _proc_mount(pod: _Pod) -> Fault:
    return None if pod.has_own_users else _any_proc_mount(pod)


def _linux_options(pod: _Pod) -> Fault:
    allowed = {kind for kind, since in _LINUX_TYPES.items() if pod.version >= since}
    bad = []
    for name, security in _each(pod, "seLinuxOptions"):
        options = security["seLinuxOptions"]
        if options.get("type", "") not in allowed or options.get("user") or options.get("role"):
            bad.append((name, options))
    if not bad:
        return None
    kinds = {options.get("type", "") for _, options in bad} - allowed
    told = [_many("type", sorted(kinds))] if kinds else []
    told += [f"{field} may not be set" for field in ("user", "role") if any(options.get(field) for _, options in bad)]
    setters = _setters(*_split(bad))
    return "seLinuxOptions", f"{setters} set forbidden securityContext.seLinuxOptions: {'; '.join(told)}"


def _baseline_seccomp(pod: _Pod) -> Fault:
    if pod.version < _SECCOMP_FIELDS:
        return _seccomp_annotations(pod)
    bad = [(name, security["seccompProfile"]["type"]) for name, security in _each(pod, "seccompProfile")]
    bad = [(name, kind) for name, kind in bad if kind not in _PROFILES]
    if not bad:
        return None
    kinds = _quoted(sorted({kind for _, kind in bad}))
    return "seccompProfile", f"{_setters(*_split(bad))} must not set securityContext.seccompProfile.type to {kinds}"


def _seccomp_annotations(pod: _Pod) -> Fault:
    bad = set()
    for key in [_SECCOMP_POD, *(_SECCOMP + name for name, _, _ in pod.containers)]:
        value = pod.annotations.get(key, "runtime/default")
        if value not in ("runtime/default", "docker/default") and not value.startswith("localhost/"):
            bad.add(f"{key}={quote(value)}")
    return ("seccompProfile", f"forbidden {_plural('annotation', bad)} {', '.join(sorted(bad))}") if bad else None


def _restricted_seccomp(pod: _Pod) -> Fault:
    if pod.on_windows:
        return None
    explicit = _baseline_seccomp(pod)
    if explicit is not None or "seccompProfile" in pod.security:
        return explicit
    names = [name for name, _, security in pod.containers if "seccompProfile" not in security]
    if not names:
        return None
    told = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return "seccompProfile", f"pod or {_many('container', names)} {told}"


def _sysctls(pod: _Pod) -> Fault:
    names = [one["name"] for one in pod.security.get("sysctls") or ()]
    bad = [name for name in names if pod.version < _SYSCTLS.get(name, pod.version + 1)]
    return ("forbidden sysctls", ", ".join(bad)) if bad else None


def _host_processes(pod: _Pod) -> Fault:
    bad = [one for one in _each(pod, "windowsOptions") if one[1]["windowsOptions"].get("hostProcess")]
    if not bad:
        return None
    return "hostProcess", f"{_setters(*_split(bad))} must not set securityContext.windowsOptions.hostProcess=true"


def _escalation(pod: _Pod) -> Fault:
    if pod.on_windows:
        return None
    names = [name for name, _, security in pod.containers if security.get("allowPrivilegeEscalation") is not False]
    if not names:
        return None
    told = f"{_many('container', names)} must set securityContext.allowPrivilegeEscalation=false"
    return "allowPrivilegeEscalation != false", told


def _restricted_volumes(pod: _Pod) -> Fault:
    bad = [volume for volume in pod.spec.get("volumes") or () if not any(kind in volume for kind in _VOLUMES)]
    if not bad:
        return None
    kinds = sorted({next((kind for kind in _OTHER_VOLUMES if kind in volume), "unknown") for volume in bad})
    use = "uses" if len(bad) == 1 else "use"
    told = f"{_many('volume', [volume['name'] for volume in bad])} {use} {_many('restricted volume type', kinds)}"
    return "restricted volume types", told


def _as_root(pod: _Pod) -> Fault:
    if pod.has_own_users:
        return None
    bad = [one for one in _each(pod, "runAsNonRoot") if not one[1]["runAsNonRoot"]]
    if bad:
        return "runAsNonRoot != true", f"{_setters(*_split(bad))} must not set securityContext.runAsNonRoot=false"
    if pod.security.get("runAsNonRoot"):
        return None
    names = [name for name, _, security in pod.containers if "runAsNonRoot" not in security]
    if not names:
        return None
    return "runAsNonRoot != true", f"pod or {_many('container', names)} must set securityContext.runAsNonRoot=true"


def _root_user(pod: _Pod) -> Fault:
    bad = [one for one in _each(pod, "runAsUser") if one[1]["runAsUser"] == 0]
    if not bad or pod.has_own_users:
        return None
    return "runAsUser=0", f"{_setters(*_split(bad))} must not set runAsUser=0"


_BASELINE: tuple[tuple[int, Callable[[_Pod], Fault]], ...] = (
    (0, _app_armor),
    (0, _baseline_capabilities),
    (0, _host_namespaces),
    (0, _host_paths),
    (0, _host_ports),
    (34, _hosts),
    (0, _privileged),
    (0, _proc_mount),
    (0, _linux_options),
    (0, _baseline_seccomp),
    (0, _sysctls),
    (0, _host_processes),
)
"""The minor version since which there is each of the checks."""
_RESTRICTED: tuple[tuple[int, Callable[[_Pod], Fault], Callable[[_Pod], Fault] | None], ...] = (
    (8, _escalation, None),
    (22, _restricted_capabilities, _baseline_capabilities),
    (35, _any_proc_mount, _proc_mount),
    (0, _restricted_volumes, _host_paths),
    (0, _as_root, None),
    (23, _root_user, None),
    (19, _restricted_seccomp, _baseline_seccomp),
)
"""The same of what only "restricted" asks for, and the check that is left out instead."""
