"""FlowSchemas and PriorityLevelConfigurations."""

from __future__ import annotations

from math import ceil, log2

from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check
from navarch.cluster.validation.names import add, dns_label, dns_subdomain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating", "creating_level", "updating", "updating_level", "updating_status"]

_VERBS = tuple("create delete deletecollection get list patch proxy update watch".split())
_SUBJECTS = ("Group", "ServiceAccount", "User")
_MEMBER = "each member of this list must be '*' or a DNS-1123 label; "
_PRESERVE = "flowcontrol.k8s.io/preserve-zero-concurrency-shares"


def creating(errors: list[FieldError], schema: Object) -> None:
    """ValidateFlowSchema."""
    meta, spec = schema.get("metadata") or {}, schema.get("spec") or {}
    check(errors, meta, False, dns_subdomain)
    number, path = spec.get("matchingPrecedence", 0), "spec.matchingPrecedence"
    if number <= 0:
        errors.append(invalid(path, number, "must be a positive value"))
    if number > 10000:
        errors.append(invalid(path, number, "must not be greater than 10000"))
    if number == 1 and meta.get("name") != "exempt":
        errors.append(invalid(path, number, "only the schema named 'exempt' may have matchingPrecedence 1"))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in {"ByNamespace", "ByUser"}:
        from navarch.cluster.validation.internal import show

        shown = show("flowcontrol.FlowDistinguisherMethod", method)
        errors.append(unsupported("spec.distinguisherMethod.type", shown, ["ByNamespace", "ByUser"]))
    level = (spec.get("priorityLevelConfiguration") or {}).get("name")
    if level:
        add(errors, "spec.priorityLevelConfiguration.name", level, dns_subdomain(level))
    else:
        errors.append(required("spec.priorityLevelConfiguration.name", "must reference a priority level"))
    for at, one in enumerate(spec.get("rules") or ()):
        _check_rule(errors, f"spec.rules[{at}]", one)
    _check_conditions(errors, schema)


def updating(errors: list[FieldError], new: Object, _: Object) -> None:
    """The same rules hold."""
    creating(errors, new)


def updating_status(errors: list[FieldError], new: Object, _: Object) -> None:
    """ValidateFlowSchemaStatusUpdate, and the same of priority levels."""
    _check_conditions(errors, new)


def _check_conditions(errors: list[FieldError], one: Object) -> None:
    seen: set[str] = set()
    for at, condition in enumerate((one.get("status") or {}).get("conditions") or ()):
        sort, path = condition.get("type", ""), f"status.conditions[{at}].type"
        if sort in seen:
            errors.append(duplicate(path, as_json(sort)))
        seen.add(sort)
        if not sort:
            errors.append(required(path))


def _check_rule(errors: list[FieldError], path: str, rule: Object) -> None:
    subjects, resources, others = (rule.get(key) or () for key in ("subjects", "resourceRules", "nonResourceRules"))
    if not subjects:
        errors.append(required(f"{path}.subjects", "subjects must contain at least one value"))
    for at, one in enumerate(subjects):
        _check_subject(errors, f"{path}.subjects[{at}]", one)
    if not resources and not others:
        detail = "at least one of resourceRules and nonResourceRules has to be non-empty"
        errors.append(required(path, detail))
    for at, one in enumerate(resources):
        _check_resource_rule(errors, f"{path}.resourceRules[{at}]", one)
    for at, one in enumerate(others):
        where = f"{path}.nonResourceRules[{at}]"
        _check_verbs(errors, f"{where}.verbs", one.get("verbs") or [])
        _check_urls(errors, f"{where}.nonResourceURLs", one.get("nonResourceURLs") or [])


def _check_subject(errors: list[FieldError], path: str, subject: Object) -> None:
    kind = subject.get("kind", "")
    if kind not in _SUBJECTS:
        errors.append(unsupported(f"{path}.kind", as_json(kind), _SUBJECTS))
        return
    own = kind[0].lower() + kind[1:]
    found = subject.get(own)
    if found is None:
        errors.append(required(f"{path}.{own}", f"{own} is required when subject kind is '{kind}'"))
    else:
        _check_named(errors, f"{path}.{own}", found, kind)
    for other in ("serviceAccount", "user", "group"):
        if other != own and subject.get(other) is not None:
            detail = f"{other} is forbidden when subject kind is not '{other[0].upper()}{other[1:]}'"
            errors.append(forbidden(f"{path}.{other}", detail))


def _check_named(errors: list[FieldError], path: str, found: Object, kind: str) -> None:
    name, namespace = found.get("name", ""), found.get("namespace", "")
    if not name:
        errors.append(required(f"{path}.name"))
    if kind != "ServiceAccount":
        return
    if name and name != "*":
        add(errors, f"{path}.name", name, dns_subdomain(name))
    if namespace:
        add(errors, f"{path}.namespace", namespace, dns_label(namespace))
    else:
        errors.append(required(f"{path}.namespace", "must specify namespace for service account"))


def _check_verbs(errors: list[FieldError], path: str, verbs: list[str]) -> None:
    if not verbs:
        errors.append(required(path, "verbs must contain at least one value"))
    elif "*" in verbs:
        if len(verbs) > 1:
            errors.append(invalid(path, verbs, "if '*' is present, must not specify other verbs"))
    elif not {*verbs} <= {*_VERBS}:
        errors.append(unsupported(path, verbs, _VERBS))


def _check_resource_rule(errors: list[FieldError], path: str, rule: Object) -> None:
    _check_verbs(errors, f"{path}.verbs", rule.get("verbs") or [])
    for key, none, what in (
        ("apiGroups", "resource rules must supply at least one api group", "api groups"),
        ("resources", "resource rules must supply at least one resource", "resources"),
    ):
        found = rule.get(key) or []
        if not found:
            errors.append(required(f"{path}.{key}", none))
        elif len(found) > 1 and "*" in found:
            errors.append(invalid(f"{path}.{key}", found, f"if '*' is present, must not specify other {what}"))
    spaces, where = rule.get("namespaces") or [], f"{path}.namespaces"
    if not spaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        errors.append(required(where, detail))
    elif "*" in spaces:
        if len(spaces) > 1:
            errors.append(invalid(where, spaces, "if '*' is present, must not specify other namespaces"))
    else:
        for at, one in enumerate(spaces):
            add(errors, f"{where}[{at}]", one, [_MEMBER + broken for broken in dns_label(one)])


def _check_urls(errors: list[FieldError], path: str, urls: list[str]) -> None:
    if not urls:
        errors.append(required(path, "nonResourceURLs must contain at least one value"))
    elif "*" in urls:
        if len(urls) > 1:
            errors.append(invalid(path, urls, "if '*' is present, must not specify other non-resource URLs"))
    else:
        for at, one in enumerate(urls):
            why = _broken_url(one)
            if why:
                errors.append(invalid(f"{path}[{at}]", one, why))


def _broken_url(text: str) -> str:
    if not text:
        return "must not be empty"
    if not text.startswith("/"):
        return "must start with slash"
    if " " in text:
        return "must not contain white-space"
    if "//" in text:
        return "must not contain double slash"
    stars = text.count("*")
    return "wildcard can only do suffix matching" if stars > 1 or (stars and not text.endswith("/*")) else ""


def creating_level(errors: list[FieldError], level: Object) -> None:
    """ValidatePriorityLevelConfiguration."""
    meta, spec = level.get("metadata") or {}, level.get("spec") or {}
    check(errors, meta, False, dns_subdomain)
    if _PRESERVE in (meta.get("annotations") or {}):
        errors.append(forbidden("metadata.annotations", f"annotation '{_PRESERVE}' is forbidden"))
    sort, limited, exempt = spec.get("type", ""), spec.get("limited"), spec.get("exempt")
    if (meta.get("name") == "exempt") != (sort == "Exempt"):
        detail = "must be 'Exempt' if and only if `name` is 'exempt'"
        errors.append(invalid("spec.type", as_json(sort), detail))
    if sort == "Exempt":
        if limited is not None:
            errors.append(forbidden("spec.limited", "must be nil if the type is not Limited"))
        if exempt is not None:
            _check_shares(errors, "spec.exempt", exempt)
    elif sort == "Limited":
        if exempt is not None:
            errors.append(forbidden("spec.exempt", "must be nil if the type is Limited"))
        if limited is None:
            errors.append(required("spec.limited", "must not be empty when type is Limited"))
        else:
            _check_limited(errors, "spec.limited", limited)
    elif sort:
        errors.append(unsupported("spec.type", as_json(sort), ["Exempt", "Limited"]))
    else:
        errors.append(required("spec.type"))
    _check_conditions(errors, level)


def updating_level(errors: list[FieldError], new: Object, _: Object) -> None:
    """The same rules hold."""
    creating_level(errors, new)


def _check_shares(errors: list[FieldError], path: str, one: Object) -> None:
    shares = one.get("nominalConcurrencyShares")
    if shares is not None and shares < 0:
        detail = "must be a non-negative integer"
        errors.append(invalid(f"{path}.nominalConcurrencyShares", shares, detail))
    _check_lendable(errors, path, one)


def _check_lendable(errors: list[FieldError], path: str, one: Object) -> None:
    lendable = one.get("lendablePercent")
    if lendable is not None and not 0 <= lendable <= 100:
        detail = "must be between 0 and 100, inclusive"
        errors.append(invalid(f"{path}.lendablePercent", lendable, detail))


def _check_limited(errors: list[FieldError], path: str, one: Object) -> None:
    shares, borrowed = one.get("nominalConcurrencyShares"), one.get("borrowingLimitPercent")
    if shares is not None and shares < 0:
        detail = "must be a non-negative integer"
        errors.append(invalid(f"{path}.nominalConcurrencyShares", shares, detail))
    _check_response(errors, f"{path}.limitResponse", one.get("limitResponse") or {})
    _check_lendable(errors, path, one)
    if borrowed is not None and borrowed < 0:
        detail = "if specified, must be a non-negative integer"
        errors.append(invalid(f"{path}.borrowingLimitPercent", borrowed, detail))


def _check_response(errors: list[FieldError], path: str, response: Object) -> None:
    sort, queuing = response.get("type", ""), response.get("queuing")
    if sort == "Reject":
        if queuing is not None:
            detail = "must be nil if limited.limitResponse.type is not Limited"
            errors.append(forbidden(f"{path}.queuing", detail))
    elif sort == "Queue":
        if queuing is None:
            detail = "must not be empty if limited.limitResponse.type is Limited"
            errors.append(required(f"{path}.queuing", detail))
        else:
            _check_queues(errors, f"{path}.queuing", queuing)
    elif sort:
        errors.append(unsupported(f"{path}.type", as_json(sort), ["Queue", "Reject"]))
    else:
        errors.append(required(f"{path}.type"))


def _check_queues(errors: list[FieldError], path: str, queuing: Object) -> None:
    length, queues, hand = (queuing.get(key, 0) for key in ("queueLengthLimit", "queues", "handSize"))
    if length <= 0:
        errors.append(invalid(f"{path}.queueLengthLimit", length, "must be positive"))
    if queues <= 0:
        errors.append(invalid(f"{path}.queues", queues, "must be positive"))
    elif queues > 10_000_000:
        errors.append(invalid(f"{path}.queues", queues, "must not be greater than 10000000"))
    if hand <= 0:
        errors.append(invalid(f"{path}.handSize", hand, "must be positive"))
    elif hand > queues:
        errors.append(invalid(f"{path}.handSize", hand, f"should not be greater than queues ({queues})"))
    elif ceil(log2(queues) * hand) > 60:
        detail = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than 60"
        errors.append(invalid(f"{path}.handSize", hand, detail))
