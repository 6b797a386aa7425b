"""Which names CustomResourceDefinitions get, and what their status says, as apiextensions' controllers do it.

status = established(crd, others, now)
"""

from __future__ import annotations

from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Object = dict[str, Any]

__all__ = ["PROTECTED_ANNOTATION", "approval", "established", "is_protected", "is_true"]

PROTECTED_ANNOTATION = "api-approved.kubernetes.io"
_ENHANCEMENT = "see https://github.com/kubernetes/enhancements/pull/1111"
_CONFLICTS = (
    ("plural", "PluralConflict", "resources"),
    ("singular", "SingularConflict", "resources"),
    ("shortNames", "ShortNamesConflict", "resources"),
    ("kind", "KindConflict", "kinds"),
    ("listKind", "ListKindConflict", "kinds"),
)
"""The names that must be free within a group, in the order in which they are looked at; the last conflict is told."""


def is_true(definition: Object, type_: str) -> bool:
    """Whether a condition holds."""
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any((one.get("type"), one.get("status")) == (type_, "True") for one in conditions)


def established(definition: Object, others: Iterable[Object], now: str) -> Object:
    """The status that a definition gets: accepted names, conditions.

    `others` are the names that other definitions of its group have.
    """
    status: Object = dict(definition.get("status") or {})
    status["conditions"] = [dict(one) for one in status.get("conditions") or ()]
    wanted: Object = definition["spec"]["names"]
    _approve(definition, status, now)
    if status.get("acceptedNames") != wanted:
        names, reason, text = _accepted(wanted, status.get("acceptedNames") or {}, _used(others))
        status["acceptedNames"] = names
        told = (reason, text) if reason else ("NoConflicts", "no conflicts found")
        _set(status, "NamesAccepted", "False" if reason else "True", *told, now)
    if not is_true({"status": status}, "Established"):
        if is_true({"status": status}, "NamesAccepted"):
            _set(status, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now)
        else:
            _set(status, "Established", "False", "NotAccepted", "not all names are accepted", now)
    return {name: status[name] for name in ("conditions", "acceptedNames", "storedVersions") if name in status}


def _used(others: Iterable[Object]) -> dict[str, set[str]]:
    used: dict[str, set[str]] = {"resources": set(), "kinds": set()}
    for names in others:
        used["resources"] |= {names.get("plural", ""), names.get("singular", ""), *(names.get("shortNames") or ())}
        used["kinds"] |= {names.get("kind", ""), names.get("listKind", "")}
    return used


def _accepted(wanted: Object, have: Object, used: dict[str, set[str]]) -> tuple[Object, str, str]:
    """The names that are accepted, and the reason and text of the last conflict ("" for none)."""
    accepted = dict(have)
    accepted.setdefault("plural", "")
    accepted.setdefault("kind", "")
    last = ("", "")
    for field, reason, group in _CONFLICTS:
        asked = wanted.get(field)
        mine = have.get(field) or ()
        names = asked or () if field == "shortNames" else () if asked == have.get(field, "") else (asked or "",)
        taken = [name for name in names if name not in mine and name in used[group]]
        if taken:
            last = (reason, _told([f"{quote(name)} is already in use" for name in taken]))
        elif asked:
            accepted[field] = asked
        else:
            accepted.pop(field, None)
    accepted.pop("categories", None)
    if wanted.get("categories"):
        accepted["categories"] = wanted["categories"]
    order = ("plural", "singular", "shortNames", "kind", "listKind", "categories")
    return {name: accepted[name] for name in order if name in accepted}, *last


def _told(faults: list[str]) -> str:
    """Several faults in one text."""
    faults = list(dict.fromkeys(faults))
    return faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"


def _set(status: Object, type_: str, value: str, reason: str, message: str, now: str) -> None:
    """Set a condition; its time changes with its value only."""
    conditions = status["conditions"]
    found = next((one for one in conditions if one.get("type") == type_), None)
    if found is None:
        found = {"type": type_}
        conditions.append(found)
    if found.get("status") != value or not found.get("lastTransitionTime"):
        found["lastTransitionTime"] = now
    found.update(status=value, reason=reason, message=message)
    order = ("type", "status", "observedGeneration", "lastTransitionTime", "reason", "message")
    sorted_ = {name: found[name] for name in order if name in found}
    found.clear()
    found.update(sorted_)


def is_protected(group: str) -> bool:
    """Whether a group is the community's, so that its definitions need an approval."""
    return group in ("k8s.io", "kubernetes.io") or group.endswith((".k8s.io", ".kubernetes.io"))


def approval(annotations: dict[str, str] | None) -> tuple[str, str]:
    """What the annotation about the approval comes to ("Approved", "Bypassed", "Missing", "Invalid"), and in words."""
    value = (annotations or {}).get(PROTECTED_ANNOTATION, "")
    needed = f"protected groups must have approval annotation {quote(PROTECTED_ANNOTATION)}"
    if not value:
        return "Missing", f"{needed}, {_ENHANCEMENT}"
    if value.startswith("unapproved"):
        return "Bypassed", f"not approved: {quote(value)}"
    if _is_address(value):
        return "Approved", f"approved in {value}"
    return "Invalid", f'{needed} with either a URL or a reason starting with "unapproved", {_ENHANCEMENT}'


def _is_address(text: str) -> bool:
    from navarch.errors import NavarchError
    from navarch.golang.url import parse_url

    try:
        found = parse_url(text)
    except NavarchError:
        return False
    return bool(found.host and found.scheme)


_CONFORMANCE = {
    "Missing": ("False", "MissingAnnotation"),
    "Approved": ("True", "ApprovedAnnotation"),
    "Bypassed": ("False", "UnapprovedAnnotation"),
    "Invalid": ("False", "InvalidAnnotation"),
}


def _approve(definition: Object, status: Object, now: str) -> None:
    if is_protected(definition["spec"]["group"]):
        state, text = approval(definition["metadata"].get("annotations"))
        value, reason = _CONFORMANCE[state]
        _set(status, "KubernetesAPIApprovalPolicyConformant", value, reason, text, now)
