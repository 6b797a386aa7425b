"""Ingress, IngressClass, NetworkPolicy, EndpointSlice, and the cluster's own addresses."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    parse_ip,
)
from navarch.cluster.validation.errors import (
    as_json,
    forbidden,
    invalid,
    required,
    too_long,
    unsupported,
)
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_update, parts
from navarch.cluster.validation.names import (
    add,
    dns_label,
    dns_subdomain,
    domain_prefixed_path,
    path_segment,
    port_name,
    port_number,
    wildcard_subdomain,
)
from navarch.cluster.validation.services import check_ingress, check_ingress_name, ingress_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "check_segment",
    "creating_class",
    "creating_ingress",
    "updating_class",
    "updating_ingress",
    "updating_ingress_status",
]

_CLASS_NOTE = "kubernetes.io/ingress.class"
_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_SUFFIXES = ("/..", "/.")
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def creating_ingress(errors: list[FieldError], ingress: Object) -> None:
    """ValidateIngressCreate."""
    meta, spec = parts(ingress)
    _check_ingress(errors, meta, spec, {})
    noted, name = (meta.get("annotations") or {}).get(_CLASS_NOTE), spec.get("ingressClassName")
    if noted is not None and name is not None and noted != name:
        detail = "must match `ingressClassName` when both are specified"
        errors.append(invalid(f"annotations.{_CLASS_NOTE}", noted, detail))


def updating_ingress(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateIngressUpdate."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    _check_ingress(errors, meta, spec, was)


def _check_ingress(errors: list[FieldError], meta: Object, spec: Object, was: Object) -> None:
    """Odd names of secrets, and odd rules for wildcards, pass when the old one has any."""
    check(errors, meta, True, dns_subdomain)
    rules, backend = spec.get("rules"), spec.get("defaultBackend")
    if not rules and backend is None:
        detail = "either `defaultBackend` or `rules` must be specified"
        errors.append(invalid("spec", as_json(rules), detail))
    if backend is not None:
        _check_backend(errors, "spec.defaultBackend", backend)
    odd = _has_odd_wildcard(was)
    for at, one in enumerate(rules or ()):
        _check_rule(errors, f"spec.rules[{at}]", one, odd)
    any_secret = any(dns_subdomain(one["secretName"]) for one in was.get("tls") or () if one.get("secretName"))
    for at, one in enumerate(spec.get("tls") or ()):
        _check_tls(errors, f"spec.tls[{at}]", one, any_secret)
    name = spec.get("ingressClassName")
    if name is not None:
        add(errors, "spec.ingressClassName", name, dns_subdomain(name))


def _has_odd_wildcard(was: Object) -> bool:
    found: list[FieldError] = []
    for one in was.get("rules") or ():
        if "*" in one.get("host", ""):
            _check_http(found, "", one.get("http"))
    return bool(found)


def _check_tls(errors: list[FieldError], path: str, one: Object, any_secret: bool) -> None:
    for at, host in enumerate(one.get("hosts") or ()):
        rule = wildcard_subdomain if "*" in host else dns_subdomain
        add(errors, f"{path}.hosts[{at}]", host, rule(host))
    name = one.get("secretName")
    if name and not any_secret:
        add(errors, f"{path}.secretName", name, dns_subdomain(name))


def _check_rule(errors: list[FieldError], path: str, rule: Object, odd: bool) -> None:
    host = rule.get("host", "")
    if host:
        if parse_ip(host) is not None:
            errors.append(invalid(f"{path}.host", host, "must be a DNS name, not an IP address"))
        form = wildcard_subdomain if "*" in host else dns_subdomain
        add(errors, f"{path}.host", host, form(host))
    if "*" not in host or not odd:
        _check_http(errors, f"{path}.http", rule.get("http"))


def _check_http(errors: list[FieldError], path: str, http: Object | None) -> None:
    if http is None:
        return
    paths = http.get("paths") or []
    if not paths:
        errors.append(required(f"{path}.paths"))
    for at, one in enumerate(paths):
        _check_path(errors, f"{path}.paths[{at}]", one)


def _check_path(errors: list[FieldError], path: str, one: Object) -> None:
    sort, text = one.get("pathType"), one.get("path", "")
    if sort is None:
        errors.append(required(f"{path}.pathType", "pathType must be specified"))
        return
    if sort in {"Exact", "Prefix"}:
        if not text.startswith("/"):
            errors.append(invalid(f"{path}.path", text, "must be an absolute path"))
        broken = [f"must not contain '{part}'" for part in _SEQUENCES if part in text]
        broken += [f"cannot end with '{part}'" for part in _SUFFIXES if text.endswith(part)]
        add(errors, f"{path}.path", text, broken)
    elif sort == "ImplementationSpecific":
        if text and not text.startswith("/"):
            errors.append(invalid(f"{path}.path", text, "must be an absolute path"))
    else:
        errors.append(unsupported(f"{path}.pathType", as_json(sort), _PATH_TYPES))
    _check_backend(errors, f"{path}.backend", one.get("backend") or {})


def _check_backend(errors: list[FieldError], path: str, backend: Object) -> None:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        errors.append(invalid(path, "", "cannot set both resource and service backends"))
    elif resource is not None:
        _check_reference(errors, f"{path}.resource", resource)
    elif service is not None:
        _check_service(errors, path, service)
    else:
        errors.append(invalid(path, "", "resource or service backend is required"))


def _check_service(errors: list[FieldError], path: str, service: Object) -> None:
    name, port = service.get("name"), service.get("port") or {}
    if name:
        add(errors, f"{path}.service.name", name, dns_label(name))
    else:
        errors.append(required(f"{path}.service.name"))
    named, number = port.get("name"), port.get("number")
    if named and number:
        errors.append(invalid(path, "", "cannot set both port name & port number"))
    elif named:
        add(errors, f"{path}.service.port.name", named, port_name(named))
    elif number:
        add(errors, f"{path}.service.port.number", number, port_number(number))
    else:
        errors.append(required(path, "port name or number is required"))


def _check_reference(errors: list[FieldError], path: str, one: Object) -> None:
    """A kind and a name in some group, which may be left out."""
    group = one.get("apiGroup")
    if group is not None:
        add(errors, f"{path}.apiGroup", group, dns_subdomain(group))
    for key in ("kind", "name"):
        check_segment(errors, f"{path}.{key}", one.get(key))


def check_segment(errors: list[FieldError], path: str, text: str | None) -> None:
    if text:
        add(errors, path, text, path_segment(text))
    else:
        errors.append(required(path))


def updating_ingress_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateIngressStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    known = ingress_addresses(old)
    status = (new.get("status") or {}).get("loadBalancer") or {}
    for at, one in enumerate(status.get("ingress") or ()):
        where = f"status.loadBalancer.ingress[{at}]"
        check_ingress(errors, where, one, known)
        check_ingress_name(errors, f"{where}.hostname", one.get("hostname"))


def creating_class(errors: list[FieldError], one: Object) -> None:
    """ValidateIngressClass."""
    meta, spec = parts(one)
    check(errors, meta, False, dns_subdomain)
    controller, reference = spec.get("controller", ""), spec.get("parameters")
    if len(controller.encode("utf-8", "surrogatepass")) > 250:
        errors.append(too_long("spec.controller", 250))
    domain_prefixed_path(errors, "spec.controller", controller)
    if reference is not None:
        _check_reference(errors, "spec.parameters", reference)
        _check_scope(errors, "spec.parameters", reference)


def _check_scope(errors: list[FieldError], path: str, one: Object) -> None:
    scope, namespace = one.get("scope"), one.get("namespace")
    if scope is None:
        errors.append(required(f"{path}.scope"))
    elif scope == "Namespace":
        if namespace is None:
            errors.append(required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'"))
        else:
            add(errors, f"{path}.namespace", namespace, dns_label(namespace))
    elif scope != "Cluster":
        errors.append(unsupported(f"{path}.scope", scope, ["Cluster", "Namespace"]))
    elif namespace is not None:
        errors.append(forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'"))


def updating_class(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateIngressClassUpdate."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    if spec.get("controller", "") != was.get("controller", ""):
        errors.append(invalid("spec.controller", spec.get("controller", ""), IMMUTABLE))
    creating_class(errors, new)
