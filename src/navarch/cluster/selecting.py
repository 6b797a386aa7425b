"""Which objects a list or a watch is about: label selectors and field selectors."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource
    from navarch.kube.selectors import Selector

    Object = dict[str, Any]

__all__ = ["EVERYTHING", "Selection", "select"]

# What can be selected beside metadata.name and metadata.namespace: by resource, a label and its way in the object.
_FIELDS: dict[str, dict[str, str]] = {
    "pods": {
        name: name
        for name in (
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        )
    } | {"spec.host": "spec.nodeName"},
    "events": {
        name: name
        for name in (
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source", "type",
        )
    },
    "events.events.k8s.io": {
        "regarding.kind": "involvedObject.kind",
        "regarding.namespace": "involvedObject.namespace",
        "regarding.name": "involvedObject.name",
        "regarding.uid": "involvedObject.uid",
        "regarding.apiVersion": "involvedObject.apiVersion",
        "regarding.resourceVersion": "involvedObject.resourceVersion",
        "regarding.fieldPath": "involvedObject.fieldPath",
        "reason": "reason",
        "reportingController": "reportingComponent",
        "type": "type",
    },
    "namespaces": {"status.phase": "status.phase", "name": "metadata.name"},
    "nodes": {"spec.unschedulable": "spec.unschedulable"},
    "secrets": {"type": "type"},
    "services": {"spec.clusterIP": "spec.clusterIP", "spec.type": "spec.type"},
    "replicationcontrollers": {"status.replicas": "status.replicas"},
    "replicasets.apps": {"status.replicas": "status.replicas"},
    "jobs.batch": {"status.successful": "status.succeeded"},
    "certificatesigningrequests.certificates.k8s.io": {"spec.signerName": "spec.signerName"},
    "persistentvolumes": {"name": "metadata.name"},
    "persistentvolumeclaims": {"name": "metadata.name"},
    "resourceslices.resource.k8s.io": {"spec.nodeName": "spec.nodeName", "spec.driver": "spec.driver"},
}  # fmt: skip
_NUMBERS = frozenset(["status.replicas", "status.succeeded"])
_FLAGS = frozenset(["spec.unschedulable", "spec.hostNetwork"])


class _Term(NamedTuple):
    path: tuple[str, ...]
    value: str
    equal: bool
    absent: str  # what a field that isn't there counts as


class Selection(NamedTuple):
    """Labels and fields that objects must have; `name` is set where a field selector asks for one name."""

    labels: Selector | None = None
    terms: tuple[_Term, ...] = ()

    def matches(self, obj: Object) -> bool:
        """Whether an object (in stored form) is selected."""
        if self.labels is not None and not self.labels.matches(obj["metadata"].get("labels") or {}):
            return False
        return all((_found(obj, term) == term.value) == term.equal for term in self.terms)


EVERYTHING = Selection()


def _found(obj: Object, term: _Term) -> str:
    value: Any = obj
    for word in term.path:
        value = value.get(word) if type(value) is dict else None
    if value is None:
        return term.absent
    return ("true" if value else "false") if type(value) is bool else str(value)


def select(resource: Resource, labels: str, fields: str) -> Selection:
    """Read both selectors of a query. Raises Problem (400) for what can't be read and for unknown fields."""
    if not labels and not fields:
        return EVERYTHING
    selector = None
    if labels:
        from navarch.errors import UsageError
        from navarch.kube.selectors import parse_selector

        try:
            selector = parse_selector(labels)
        except UsageError as error:
            raise bad_request(str(error)) from error
    known = {"metadata.name": "metadata.name", **_known(resource)}
    return Selection(selector, tuple(_term(resource, known, one) for one in _split(fields)))


def _known(resource: Resource) -> dict[str, str]:
    found = dict(_FIELDS.get(resource.qualified, {}))
    found["metadata.namespace"] = "metadata.namespace"
    for one in (resource.custom or {}).get("selectableFields") or ():
        path = str(one.get("jsonPath", "")).lstrip(".")
        found[path] = path
    return found


def _split(text: str) -> list[tuple[str, str, bool]]:
    """The terms of a field selector: name, value, whether they must be equal. A backslash keeps the next character."""
    terms = []
    for term in _parts(text):
        for operator, equal in (("!=", False), ("==", True), ("=", True)):
            name, found, value = term.partition(operator)
            if found:
                terms.append((name, value.replace("\\", "", 1) if "\\" in value else value, equal))
                break
        else:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
    return terms


def _parts(text: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == ",":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [part for part in [*parts, text[start:]] if part]


def _refused(resource: Resource, known: dict[str, str], name: str) -> str:
    if resource.qualified in _FIELDS:
        return f"field label not supported: {name}"
    named = ", ".join(f'"{one}"' for one in sorted(known))
    return f'"{name}" is not a known field selector: only {named}'


def _term(resource: Resource, known: dict[str, str], term: tuple[str, str, bool]) -> _Term:
    name, value, equal = term
    path = known.get(name)
    if path is None:
        raise bad_request(_refused(resource, known, name))
    absent = "0" if path in _NUMBERS else "false" if path in _FLAGS else ""
    return _Term(tuple(path.split(".")), value, equal, absent)
