"""Containers of all three sorts: ordinary ones, those of the start, and ephemeral ones."""

from __future__ import annotations

from navarch.cluster.validation.environment import check_env, check_env_from
from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    forbidden,
    invalid,
    required,
    too_many,
    unsupported,
)
from navarch.cluster.validation.mounts import check_devices, check_mounts
from navarch.cluster.validation.names import (
    add,
    dns_label,
    header_name,
    port_name,
    port_number,
)
from navarch.cluster.validation.resources import check_requirements
from navarch.cluster.validation.security import check_container_security
from navarch.cluster.validation.volumes import check_pull_policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["Surroundings", "check_container", "check_handlers", "check_host_ports", "check_restart_rules"]

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_SIGNALS = frozenset(
    """SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL
    SIGPROF SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1
    SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIGRTMIN SIGRTMAX""".split()
    + [f"SIGRTMIN+{number}" for number in range(1, 16)]
    + [f"SIGRTMAX-{number}" for number in range(1, 15)]
)
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")


class Surroundings:
    """What containers are held against: the pod's volumes, claims, grace period, restart policy, system and users."""

    __slots__ = ("claims", "grace", "host_users", "options", "restart", "system", "volumes")

    def __init__(self, spec: Object, volumes: dict[str, Object], options: PodOptions) -> None:
        self.volumes = volumes
        self.options = options
        self.claims: Collection[str] = {one.get("name", "") for one in spec.get("resourceClaims") or ()} - {""}
        self.grace: int | None = spec.get("terminationGracePeriodSeconds")
        self.restart: str = spec.get("restartPolicy", "")
        self.host_users = spec.get("hostUsers") is not False
        system = spec.get("os")
        self.system: str | None = None if system is None else system.get("name", "")


def check_container(errors: list[FieldError], path: str, one: Object, around: Surroundings) -> None:
    """`validateContainerCommon`."""
    get = one.get
    name = get("name")
    if not name:
        errors.append(required(f"{path}.name"))
    elif broken := dns_label(name):
        add(errors, f"{path}.name", name, broken)
    if not get("image"):
        errors.append(required(f"{path}.image"))
    policy = get("terminationMessagePolicy")
    if policy != "File":
        _check_message_policy(errors, f"{path}.terminationMessagePolicy", policy)
    if ports := get("ports"):
        _check_ports(errors, f"{path}.ports", ports)
    if variables := get("env"):
        check_env(errors, f"{path}.env", variables)
    if variables := get("envFrom"):
        check_env_from(errors, f"{path}.envFrom", variables)
    mounts, devices = get("volumeMounts"), get("volumeDevices")
    if mounts:
        check_mounts(errors, f"{path}.volumeMounts", mounts, devices or (), one, around.volumes)
    if devices:
        check_devices(errors, f"{path}.volumeDevices", devices, mounts or (), around.volumes)
    check_pull_policy(errors, f"{path}.imagePullPolicy", get("imagePullPolicy", ""))
    if wanted := get("resources"):
        uneven = around.options.uneven_pages
        check_requirements(errors, f"{path}.resources", wanted, around.claims, uneven_pages=uneven)
    if rules := get("resizePolicy"):
        _check_resize(errors, f"{path}.resizePolicy", rules, around.restart)
    if context := get("securityContext"):
        check_container_security(errors, f"{path}.securityContext", context, around.host_users)


def _check_message_policy(errors: list[FieldError], path: str, policy: str | None) -> None:
    if not policy:
        errors.append(required(path))
    elif policy != "FallbackToLogsOnError":
        errors.append(unsupported(path, as_json(policy), ["File", "FallbackToLogsOnError"]))


def _check_ports(errors: list[FieldError], path: str, ports: list[Object]) -> None:
    seen: set[str] = set()
    for at, one in enumerate(ports):
        where, name = f"{path}[{at}]", one.get("name")
        if name:
            if broken := port_name(name):
                add(errors, f"{where}.name", name, broken)
            elif name in seen:
                errors.append(duplicate(f"{where}.name", name))
            else:
                seen.add(name)
        number, host, protocol = one.get("containerPort"), one.get("hostPort"), one.get("protocol")
        if not number:
            errors.append(required(f"{where}.containerPort"))
        else:
            _check_number(errors, f"{where}.containerPort", number)
        if host:
            _check_number(errors, f"{where}.hostPort", host)
        if not protocol:
            errors.append(required(f"{where}.protocol"))
        elif protocol not in _PROTOCOLS:
            errors.append(unsupported(f"{where}.protocol", as_json(protocol), _PROTOCOLS))


def _check_number(errors: list[FieldError], path: str, number: int) -> None:
    add(errors, path, number, port_number(number))


def check_port(errors: list[FieldError], path: str, port: int | str | None) -> None:
    """ValidatePortNumOrName."""
    if isinstance(port, str):
        add(errors, path, port, port_name(port))
    else:
        _check_number(errors, path, port or 0)


def _check_resize(errors: list[FieldError], path: str, rules: list[Object], restart: str) -> None:
    seen: set[str] = set()
    for at, one in enumerate(rules):
        name, policy = one.get("resourceName", ""), one.get("restartPolicy", "")
        if name in seen:
            errors.append(duplicate(f"{path}[{at}]", as_json(name)))
        seen.add(name)
        for value, supported in ((name, ("cpu", "memory")), (policy, ("NotRequired", "RestartContainer"))):
            if not value:
                errors.append(required(path))
            elif value not in supported:
                errors.append(unsupported(path, as_json(value), supported))
        if restart == "Never" and policy != "NotRequired":
            detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            errors.append(invalid(path, as_json(policy), detail))


def check_restart_rules(errors: list[FieldError], path: str, one: Object) -> None:
    """`validateContainerRestartPolicy`."""
    policy, rules = one.get("restartPolicy"), one.get("restartPolicyRules") or ()
    if policy is None and not rules:
        return
    if policy is None:
        errors.append(required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used"))
    elif policy not in {"Always", "Never", "OnFailure"}:
        errors.append(unsupported(f"{path}.restartPolicy", as_json(policy), ["Always", "Never", "OnFailure"]))
    if len(rules) > 20:
        errors.append(too_many(f"{path}.restartPolicyRules", len(rules), 20))
    for at, rule in enumerate(rules):
        where, action, codes = f"{path}.restartPolicyRules[{at}]", rule.get("action", ""), rule.get("exitCodes")
        if action not in {"Restart", "RestartAllContainers"}:
            errors.append(unsupported(f"{where}.action", as_json(action), ["Restart", "RestartAllContainers"]))
        if codes is None:
            errors.append(required(f"{where}.exitCodes", "must be specified"))
            continue
        operator, values = codes.get("operator", ""), codes.get("values") or ()
        if operator not in {"In", "NotIn"}:
            errors.append(unsupported(f"{where}.exitCodes.operator", as_json(operator), ["In", "NotIn"]))
        if len(values) > 255:
            errors.append(too_many(f"{where}.exitCodes.values", len(values), 255))


def check_host_ports(errors: list[FieldError], path: str, containers: list[Object]) -> None:
    """`checkHostPortConflicts`."""
    seen: set[str] = set()
    for at, one in enumerate(containers):
        for number, port in enumerate(one.get("ports") or ()):
            host = port.get("hostPort")
            if not host:
                continue
            key = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{host}"
            if key in seen:
                errors.append(duplicate(f"{path}[{at}].ports[{number}].hostPort", key))
            seen.add(key)


def check_handlers(errors: list[FieldError], path: str, one: Object, around: Surroundings) -> None:
    """What a container does at its start and end, and the three probes."""
    lifecycle = one.get("lifecycle")
    if lifecycle is not None:
        _check_lifecycle(errors, f"{path}.lifecycle", lifecycle, around)
    probe = one.get("livenessProbe")
    if probe is not None:
        _check_probe(errors, f"{path}.livenessProbe", probe, around)
        _check_one_success(errors, f"{path}.livenessProbe", probe)
    probe = one.get("readinessProbe")
    if probe is not None:
        _check_probe(errors, f"{path}.readinessProbe", probe, around)
        grace = probe.get("terminationGracePeriodSeconds")
        if grace is not None:
            where = f"{path}.readinessProbe.terminationGracePeriodSeconds"
            errors.append(invalid(where, grace, "must not be set for readinessProbes"))
    probe = one.get("startupProbe")
    if probe is not None:
        _check_probe(errors, f"{path}.startupProbe", probe, around)
        _check_one_success(errors, f"{path}.startupProbe", probe)


def _check_one_success(errors: list[FieldError], path: str, probe: Object) -> None:
    number = probe.get("successThreshold", 0)
    if number != 1:
        errors.append(invalid(f"{path}.successThreshold", number, "must be 1"))


def _check_probe(errors: list[FieldError], path: str, probe: Object, around: Surroundings) -> None:
    _check_handler(errors, path, probe, around)
    for key in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        number = probe.get(key)
        if number is not None and number < 0:
            errors.append(invalid(f"{path}.{key}", number, "must be greater than or equal to 0"))
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        errors.append(invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0"))


def _check_handler(errors: list[FieldError], path: str, handler: Object, around: Surroundings) -> None:
    found = 0
    for kind in _HANDLERS:
        one = handler.get(kind)
        if one is None:
            continue
        where = f"{path}.{kind}"
        if found:
            errors.append(forbidden(where, "may not specify more than 1 handler type"))
            continue
        found = 1
        if kind == "exec":
            if not one.get("command"):
                errors.append(required(f"{where}.command"))
        elif kind == "httpGet":
            _check_http_get(errors, where, one)
        elif kind == "sleep":
            _check_sleep(errors, where, one.get("seconds", 0), around.grace)
        else:
            check_port(errors, f"{where}.port", one.get("port"))
    if not found:
        errors.append(required(path, "must specify a handler type"))


def _check_http_get(errors: list[FieldError], path: str, one: Object) -> None:
    if not one.get("path"):
        errors.append(required(f"{path}.path"))
    check_port(errors, f"{path}.port", one.get("port"))
    scheme = one.get("scheme", "")
    if scheme not in {"HTTP", "HTTPS"}:
        errors.append(unsupported(f"{path}.scheme", as_json(scheme), ["HTTP", "HTTPS"]))
    for header in one.get("httpHeaders") or ():
        name = header.get("name", "")
        add(errors, f"{path}.httpHeaders", name, header_name(name))


def _check_sleep(errors: list[FieldError], path: str, seconds: int, grace: int | None) -> None:
    if grace is not None and not 0 <= seconds <= grace:
        detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        errors.append(invalid(path, seconds, detail))


def _check_lifecycle(errors: list[FieldError], path: str, lifecycle: Object, around: Surroundings) -> None:
    for key in ("postStart", "preStop"):
        if lifecycle.get(key) is not None:
            _check_handler(errors, f"{path}.{key}", lifecycle[key], around)
    signal, where = lifecycle.get("stopSignal"), f"{path}.stopSignal"
    if signal is None:
        return
    if around.system is None:
        errors.append(forbidden(where, "may not be set for containers with empty `spec.os.name`"))
    elif around.system == "windows" and signal not in {"SIGKILL", "SIGTERM"}:
        errors.append(unsupported(where, as_json(signal), ["SIGKILL", "SIGTERM"]))
    elif around.system == "linux" and signal not in _SIGNALS:
        errors.append(unsupported(where, as_json(signal), sorted(_SIGNALS)))
