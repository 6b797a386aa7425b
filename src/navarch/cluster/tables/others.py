"""Rows of everything else: ConfigMaps, Secrets, events, access rules, admission, quotas, devices."""

from __future__ import annotations

from navarch.cluster.tables.shown import condition, human, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.tables.shown import Age

    Printer = Callable[[dict[str, Any], Age], list[Any]]

__all__ = ["PRINTERS"]


def _created(obj: dict[str, Any], age: Age) -> str:
    return age(obj["metadata"].get("creationTimestamp"))


def _aged(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), _created(obj, age)]


def _config_map(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), _created(obj, age)]


def _secret(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), obj.get("type", ""), len(obj.get("data") or ()), _created(obj, age)]


def _namespace(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), obj.get("status", {}).get("phase", ""), _created(obj, age)]


def _component_status(obj: dict[str, Any], _: Age) -> list[Any]:
    healthy = condition(obj, "Healthy")
    if healthy is None:
        return [name_of(obj), "Unknown", "", ""]
    word = "Healthy" if healthy.get("status") == "True" else "Unhealthy"
    return [name_of(obj), word, healthy.get("message", ""), healthy.get("error", "")]


def _event(obj: dict[str, Any], age: Age) -> list[Any]:
    """An event of either group; events.k8s.io has other names for most fields."""
    new = "regarding" in obj or "note" in obj or any(name.startswith("deprecated") for name in obj)
    source = obj.get("deprecatedSource" if new else "source", {})
    first = age(obj.get("deprecatedFirstTimestamp" if new else "firstTimestamp") or obj.get("eventTime"))
    last_time = obj.get("deprecatedLastTimestamp" if new else "lastTimestamp")
    last = age(last_time) if last_time else first
    count = obj.get("deprecatedCount" if new else "count", 0) or 1
    if "series" in obj:
        last, count = age(obj["series"].get("lastObservedTime")), obj["series"].get("count", 0)
    about = obj.get("regarding" if new else "involvedObject", {})
    component = source.get("component") or obj.get("reportingController") or obj.get("reportingComponent", "")
    instance = source.get("host") or obj.get("reportingInstance", "")
    kind, named = about.get("kind", "").lower(), about.get("name")
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{kind}/{named}" if named else kind,
        about.get("fieldPath", ""),
        f"{component}, {instance}" if instance else component,
        obj.get("note" if new else "message", "").strip(),
        first,
        count,
        name_of(obj),
    ]


def _quota(obj: dict[str, Any], age: Age) -> list[Any]:
    status = obj.get("status", {})
    used = status.get("used", {})
    requests: list[str] = []
    limits: list[str] = []
    for name, hard in sorted(status.get("hard", {}).items()):
        column = limits if name.startswith("limits.") else requests
        column.append(f"{name}: {used.get(name, '0')}/{hard}")
    return [name_of(obj), ", ".join(requests), ", ".join(limits), _created(obj, age)]


def _binding(obj: dict[str, Any], age: Age) -> list[Any]:
    role = obj.get("roleRef", {})
    named: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for one in obj.get("subjects", ()):
        kind, name = one.get("kind"), one.get("name", "")
        if kind in named:
            named[kind].append(f"{one.get('namespace', '')}/{name}" if kind == "ServiceAccount" else name)
    subjects = [", ".join(named[kind]) for kind in ("User", "Group", "ServiceAccount")]
    return [name_of(obj), f"{role.get('kind', '')}/{role.get('name', '')}", _created(obj, age), *subjects]


def _signing_request(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    types = {one.get("type") for one in status.get("conditions", ())}
    state = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    state += ",Failed" if "Failed" in types else ""
    state += ",Issued" if status.get("certificate") else ""
    asked = spec.get("expirationSeconds")
    return [
        name_of(obj),
        _created(obj, age),
        spec.get("signerName") or "<none>",
        spec.get("username", ""),
        "<none>" if asked is None else human(asked),
        state,
    ]


def _api_service(obj: dict[str, Any], age: Age) -> list[Any]:
    service = obj.get("spec", {}).get("service")
    available = condition(obj.get("status", {}), "Available")
    word = "Unknown"
    if available is not None:
        word, reason = available.get("status", ""), available.get("reason")
        word = f"{word} ({reason})" if word != "True" and reason else word
    local = "Local" if service is None else f"{service.get('namespace', '')}/{service.get('name', '')}"
    return [name_of(obj), local, word, _created(obj, age)]


def _webhooks(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), _created(obj, age)]


def _policy(counted: str) -> Printer:
    """The printer of an admission policy that consists of `counted`."""

    def row(obj: dict[str, Any], age: Age) -> list[Any]:
        spec = obj.get("spec", {})
        kind = spec.get("paramKind")
        shown = "<unset>" if kind is None else f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}"
        return [name_of(obj), len(spec.get(counted) or ()), shown, _created(obj, age)]

    return row


def _policy_binding(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    reference = spec.get("paramRef", {})
    shown = "<unset>"
    if reference.get("name"):
        shown = f"{reference.get('namespace') or '*'}/{reference['name']}"
    elif "selector" in reference:
        shown = _go_selector(reference["selector"])
    return [name_of(obj), spec.get("policyName", ""), shown, _created(obj, age)]


def _go_selector(selector: dict[str, Any]) -> str:
    """A LabelSelector as Go's generated String method writes it."""
    pairs = "".join(f"{key}: {value}," for key, value in sorted(selector.get("matchLabels", {}).items()))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{one.get('key', '')},Operator:{one.get('operator', '')},"
        f"Values:[{' '.join(one.get('values', ()))}],}},"
        for one in selector.get("matchExpressions", ())
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def _priority_class(obj: dict[str, Any], age: Age) -> list[Any]:
    cells = [name_of(obj), obj.get("value", 0), obj.get("globalDefault", False), _created(obj, age)]
    return [*cells, obj.get("preemptionPolicy", "")]


def _lease(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), obj.get("spec", {}).get("holderIdentity", ""), _created(obj, age)]


def _runtime_class(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), obj.get("handler", ""), _created(obj, age)]


def _flow_schema(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    method = spec.get("distinguisherMethod")
    dangling = condition(obj.get("status", {}), "Dangling")
    return [
        name_of(obj),
        spec.get("priorityLevelConfiguration", {}).get("name", ""),
        spec.get("matchingPrecedence", 0),
        "<none>" if method is None else method.get("type", ""),
        _created(obj, age),
        "?" if dangling is None else dangling.get("status", ""),
    ]


def _priority_level(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    limited = spec.get("limited")
    shares: Any = "<none>" if limited is None else limited.get("nominalConcurrencyShares", 0)
    queuing = (limited or {}).get("limitResponse", {}).get("queuing")
    fields = ("queues", "handSize", "queueLengthLimit")
    queues: list[Any] = ["<none>" if queuing is None else queuing.get(field, 0) for field in fields]
    return [name_of(obj), spec.get("type", ""), shares, *queues, _created(obj, age)]


def _resource_claim(obj: dict[str, Any], age: Age) -> list[Any]:
    status, deleted = obj.get("status", {}), bool(obj["metadata"].get("deletionTimestamp"))
    states = ["deleted"] if deleted else []
    if "allocation" in status:
        states += ["allocated", "reserved"] if status.get("reservedFor") else ["allocated"]
    elif not deleted:
        states.append("pending")
    return [name_of(obj), ",".join(states), _created(obj, age)]


def _resource_slice(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    pool = spec.get("pool", {}).get("name", "")
    return [name_of(obj), spec.get("nodeName", ""), spec.get("driver", ""), pool, _created(obj, age)]


PRINTERS = {
    "/componentstatuses": _component_status,
    "/configmaps": _config_map,
    "/events": _event,
    "/namespaces": _namespace,
    "/resourcequotas": _quota,
    "/secrets": _secret,
    "/serviceaccounts": _aged,
    "admissionregistration.k8s.io/mutatingadmissionpolicies": _policy("mutations"),
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings": _policy_binding,
    "admissionregistration.k8s.io/mutatingwebhookconfigurations": _webhooks,
    "admissionregistration.k8s.io/validatingadmissionpolicies": _policy("validations"),
    "admissionregistration.k8s.io/validatingadmissionpolicybindings": _policy_binding,
    "admissionregistration.k8s.io/validatingwebhookconfigurations": _webhooks,
    "apiregistration.k8s.io/apiservices": _api_service,
    "certificates.k8s.io/certificatesigningrequests": _signing_request,
    "coordination.k8s.io/leases": _lease,
    "events.k8s.io/events": _event,
    "flowcontrol.apiserver.k8s.io/flowschemas": _flow_schema,
    "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations": _priority_level,
    "node.k8s.io/runtimeclasses": _runtime_class,
    "rbac.authorization.k8s.io/clusterrolebindings": _binding,
    "rbac.authorization.k8s.io/rolebindings": _binding,
    "resource.k8s.io/deviceclasses": _aged,
    "resource.k8s.io/resourceclaims": _resource_claim,
    "resource.k8s.io/resourceclaimtemplates": _aged,
    "resource.k8s.io/resourceslices": _resource_slice,
    "scheduling.k8s.io/priorityclasses": _priority_class,
}
