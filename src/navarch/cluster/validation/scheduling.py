"""Where pods may run: affinity, tolerations, spreading, and DNS and hosts as they see them."""

from __future__ import annotations

from navarch.cluster.validation.addresses import check_ip
from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check_positive
from navarch.cluster.validation.names import (
    add,
    decimal_integer,
    dns_label,
    dns_subdomain,
    dns_subdomain_underscore,
    label_key,
    label_value,
)
from navarch.cluster.validation.selectors import check_label_selector, check_node_selector, check_node_term

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

__all__ = [
    "check_affinity",
    "check_dns",
    "check_gates",
    "check_host_aliases",
    "check_match_keys",
    "check_spread",
    "check_taint_effect",
    "check_tolerations",
]

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NO_SELECTOR = "must not be specified when labelSelector is not set"
_BOTH = "exists in both matchLabelKeys and labelSelector"


def check_affinity(errors: list[FieldError], path: str, affinity: dict[str, Any], options: PodOptions) -> None:
    """`validateAffinity`."""
    nodes = affinity.get("nodeAffinity")
    if nodes is not None:
        where = f"{path}.nodeAffinity"
        if nodes.get(_REQUIRED) is not None:
            check_node_selector(errors, f"{where}.{_REQUIRED}", nodes[_REQUIRED], bad_values=options.bad_node_values)
        for at, one in enumerate(nodes.get(_PREFERRED) or ()):
            term = f"{where}.{_PREFERRED}[{at}]"
            _check_weight(errors, term, one)
            check_node_term(errors, f"{term}.preference", one.get("preference") or {}, bad_values=True)
    for kind in ("podAffinity", "podAntiAffinity"):
        pods = affinity.get(kind)
        if pods is None:
            continue
        for at, one in enumerate(pods.get(_REQUIRED) or ()):
            _check_pod_term(errors, f"{path}.{kind}.{_REQUIRED}[{at}]", one, options)
        for at, one in enumerate(pods.get(_PREFERRED) or ()):
            term = f"{path}.{kind}.{_PREFERRED}[{at}]"
            _check_weight(errors, term, one)
            _check_pod_term(errors, f"{term}.podAffinityTerm", one.get("podAffinityTerm") or {}, options)


def _check_weight(errors: list[FieldError], path: str, one: dict[str, Any]) -> None:
    weight = one.get("weight", 0)
    if not 1 <= weight <= 100:
        errors.append(invalid(f"{path}.weight", weight, "must be in the range 1-100"))


def _check_pod_term(errors: list[FieldError], path: str, term: dict[str, Any], options: PodOptions) -> None:
    for key in ("labelSelector", "namespaceSelector"):
        check_label_selector(errors, f"{path}.{key}", term.get(key), bad_values=options.bad_selector_values)
    for one in term.get("namespaces") or ():
        add(errors, f"{path}.namespace", one, dns_label(one))
    check_match_keys(errors, path, term)
    key = term.get("topologyKey", "")
    if not key:
        errors.append(required(f"{path}.topologyKey", "can not be empty"))
    add(errors, f"{path}.topologyKey", key, label_key(key))


def check_match_keys(errors: list[FieldError], path: str, term: dict[str, Any]) -> None:
    """ValidateMatchLabelKeysAndMismatchLabelKeys, for a term and for a spread constraint."""
    matching, others = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    if not matching and not others:
        return
    selector = term.get("labelSelector")
    for name, keys in (("matchLabelKeys", matching), ("mismatchLabelKeys", others)):
        if keys and selector is None:
            errors.append(forbidden(f"{path}.{name}", _NO_SELECTOR))
        elif keys:
            for at, key in enumerate(keys):
                add(errors, f"{path}.{name}[{at}]", key, label_key(key))
    if selector is not None:
        places = {key: at for at, key in enumerate(matching)}
        known = {*(selector.get("matchLabels") or ())}
        for one in selector.get("matchExpressions") or ():
            key = one.get("key", "")
            if key in places and key in known:
                errors.append(invalid(f"{path}[{places[key]}]", key, _BOTH))
            known.add(key)
    for at, key in enumerate(matching):
        if key in others:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(invalid(f"{path}.matchLabelKeys[{at}]", key, detail))


def _check_spread_keys(errors: list[FieldError], path: str, constraint: dict[str, Any]) -> None:
    """ValidateMatchLabelKeysInTopologySpread: the stricter rule of objects stored before."""
    keys, selector = constraint.get("matchLabelKeys") or (), constraint.get("labelSelector")
    if not keys:
        return
    known: set[str] = set()
    if selector is None:
        errors.append(forbidden(path, _NO_SELECTOR))
    else:
        known.update(selector.get("matchLabels") or ())
        known.update(one.get("key", "") for one in selector.get("matchExpressions") or ())
    for at, key in enumerate(keys):
        add(errors, f"{path}[{at}]", key, label_key(key))
        if key in known:
            errors.append(invalid(f"{path}[{at}]", key, _BOTH))


def check_spread(errors: list[FieldError], path: str, constraints: list[dict[str, Any]], options: PodOptions) -> None:
    """`validateTopologySpreadConstraints`."""
    for at, one in enumerate(constraints):
        where = f"{path}[{at}]"
        key, action = one.get("topologyKey", ""), one.get("whenUnsatisfiable", "")
        check_positive(errors, f"{where}.maxSkew", one.get("maxSkew", 0))
        if not key:
            errors.append(required(f"{where}.topologyKey", "can not be empty"))
        if action not in {"DoNotSchedule", "ScheduleAnyway"}:
            actions = ["DoNotSchedule", "ScheduleAnyway"]
            errors.append(unsupported(f"{where}.whenUnsatisfiable", as_json(action), actions))
        later = constraints[at + 1 :]
        if any((two.get("topologyKey", ""), two.get("whenUnsatisfiable", "")) == (key, action) for two in later):
            errors.append(duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}"))
        _check_domains(errors, f"{where}.minDomains", one.get("minDomains"), action)
        errors.extend(
            [
                unsupported(f"{where}.{name}", as_json(one[name]), ["Honor", "Ignore"])
                for name in ("nodeAffinityPolicy", "nodeTaintsPolicy")
                if one.get(name) not in {None, "Honor", "Ignore"}
            ]
        )
        if options.bad_spread_keys:
            _check_spread_keys(errors, f"{where}.matchLabelKeys", one)
        else:
            check_match_keys(errors, where, one)
        if not options.bad_spread_selectors:
            check_label_selector(errors, f"{where}.labelSelector", one.get("labelSelector"))


def _check_domains(errors: list[FieldError], path: str, number: int | None, action: str) -> None:
    if number is None:
        return
    check_positive(errors, path, number)
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(invalid(path, number, detail))


def check_taint_effect(errors: list[FieldError], path: str, effect: str) -> None:
    """`validateTaintEffect`, of an effect that is given."""
    if effect not in _EFFECTS:
        errors.append(unsupported(path, as_json(effect), _EFFECTS))


def check_tolerations(
    errors: list[FieldError], path: str, tolerations: list[dict[str, Any]], options: PodOptions
) -> None:
    """ValidateTolerations."""
    for at, one in enumerate(tolerations):
        where = f"{path}[{at}]"
        key, operator, effect = one.get("key", ""), one.get("operator", ""), one.get("effect", "")
        if key:
            add(errors, f"{where}.key", key, label_key(key))
        elif operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(invalid(f"{where}.operator", as_json(operator), detail))
        if one.get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(invalid(f"{where}.effect", as_json(effect), detail))
        _check_toleration_value(errors, where, operator, one.get("value", ""), options)
        if effect:
            check_taint_effect(errors, f"{where}.effect", effect)


def _check_toleration_value(
    errors: list[FieldError], path: str, operator: str, value: str, options: PodOptions
) -> None:
    if operator in {"Equal", ""}:
        if broken := label_value(value):
            errors.append(invalid(f"{path}.operator", value, ";".join(broken)))
    elif operator == "Exists":
        if value:
            detail = "value must be empty when `operator` is 'Exists'"
            errors.append(invalid(f"{path}.operator", value, detail))
    elif operator not in {"Lt", "Gt"}:
        errors.append(unsupported(f"{path}.operator", as_json(operator), ["Equal", "Exists"]))
    elif not options.toleration_comparisons:
        errors.append(unsupported(f"{path}.operator", as_json(operator), ["Equal", "Exists", "Lt", "Gt"]))
    else:
        from navarch.golang.strconv import NumError, parse_int

        add(errors, f"{path}.value", value, decimal_integer(value))
        try:
            parse_int(value)
        except NumError as error:
            errors.append(invalid(f"{path}.value", value, str(error)))


def check_gates(errors: list[FieldError], path: str, gates: list[dict[str, Any]]) -> None:
    """`validateSchedulingGates`."""
    seen: set[str] = set()
    for at, one in enumerate(gates):
        name, where = one.get("name", ""), f"{path}[{at}]"
        add(errors, where, name, label_key(name))
        if name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)


def check_dns(errors: list[FieldError], path: str, config: dict[str, Any] | None, policy: str) -> None:
    """`validatePodDNSConfig`."""
    if policy == "None":
        if config is None:
            errors.append(required(path, "must provide `dnsConfig` when `dnsPolicy` is None"))
            return
        if not config.get("nameservers"):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            errors.append(required(f"{path}.nameservers", detail))
            return
    if config is None:
        return
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > 3:
        errors.append(invalid(f"{path}.nameservers", servers, "must not have more than 3 nameservers"))
    for at, one in enumerate(servers):
        check_ip(errors, f"{path}.nameservers[{at}]", one)
    if len(searches) > 32:
        errors.append(invalid(f"{path}.searches", searches, "must not have more than 32 search paths"))
    if len(" ".join(searches).encode("utf-8", "surrogatepass")) > 2048:
        detail = "must not have more than 2048 characters (including spaces) in the search list"
        errors.append(invalid(f"{path}.searches", searches, detail))
    for at, one in enumerate(searches):
        if one != ".":
            domain = one.removesuffix(".")
            add(errors, f"{path}.searches[{at}]", domain, dns_subdomain_underscore(domain))
    for at, one in enumerate(config.get("options") or ()):
        if not one.get("name"):
            errors.append(required(f"{path}.options[{at}]", "must not be empty"))


def check_host_aliases(errors: list[FieldError], path: str, aliases: list[dict[str, Any]]) -> None:
    """ValidateHostAliases."""
    for at, one in enumerate(aliases):
        check_ip(errors, f"{path}[{at}].ip", one.get("ip", ""))
        for number, name in enumerate(one.get("hostnames") or ()):
            add(errors, f"{path}[{at}].hostnames[{number}]", name, dns_subdomain(name))
