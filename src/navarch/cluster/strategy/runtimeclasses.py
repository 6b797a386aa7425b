"""RuntimeClasses: what pods that name one get of it, and what they may not say themselves."""

from __future__ import annotations

from navarch.cluster.decode.quantity import parse
from navarch.cluster.problems import Problem
from navarch.cluster.strategy.admission import refuse
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["apply_class", "check_overhead"]

_OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
_OWN_OVERHEAD = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


def _class(context: Context, resource: Resource, pod: Object) -> Object:
    """The class that a pod names; an empty one if it names none. Raises Problem (403)."""
    name = pod["spec"].get("runtimeClassName")
    if name is None:
        return {}
    found = context.get("node.k8s.io", "runtimeclasses", "", name)
    if found is None:
        _check_asked(name)
        raise refuse(resource, pod, f"pod rejected: RuntimeClass {quote(name)} not found")
    return found


def _check_asked(name: str) -> None:
    """A server asks itself for a class that it doesn't know, and it can't with any name. Raises Problem (500)."""
    from navarch.cluster.validation.names import path_segment

    broken = path_segment(name)
    if not name:
        raise Problem(500, "", "resource name may not be empty")
    if broken:
        raise Problem(500, "", f"invalid resource name {quote(name)}: [{' '.join(broken)}]")


def apply_class(context: Context, resource: Resource, pod: Object) -> None:
    """Give a pod the overhead and the placement of its class. Raises Problem (403)."""
    found, spec = _class(context, resource, pod), pod["spec"]
    if "overhead" in found:
        fixed = found["overhead"].get("podFixed", {})
        if spec.get("overhead") and not _equal(fixed, spec["overhead"]):
            raise refuse(resource, pod, _OTHER_OVERHEAD)
        spec["overhead"] = dict(fixed)
        if not fixed:
            del spec["overhead"]
    if "scheduling" in found:
        _place(resource, pod, found["scheduling"])


def _equal(one: dict[str, str], other: dict[str, str]) -> bool:
    return {name: parse(text) for name, text in one.items()} == {name: parse(text) for name, text in other.items()}


def _place(resource: Resource, pod: Object, scheduling: Object) -> None:
    spec = pod["spec"]
    labels = dict(spec.get("nodeSelector", {}))
    for key, value in scheduling.get("nodeSelector", {}).items():
        if labels.setdefault(key, value) != value:
            theirs = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}"
            raise refuse(resource, pod, f"conflict: {theirs}; pod.spec.nodeSelector[{key}] = {labels[key]}")
    if labels:
        spec["nodeSelector"] = labels
    merged = _merge([*spec.get("tolerations", ()), *scheduling.get("tolerations", ())])
    if merged:
        spec["tolerations"] = merged


def _merge(tolerations: list[Object]) -> list[Object]:
    """Without those that others include; of equal ones the first."""
    merged: list[Object] = []
    for index, one in enumerate(tolerations):
        known = any(_includes(other, one) for other in merged)
        if not known and not any(other != one and _includes(other, one) for other in tolerations[index + 1 :]):
            merged.append(one)
    return merged


def _includes(one: Object, other: Object) -> bool:
    """Whether the first tolerates all that the second does."""
    if one == other:
        return True
    if one.get("key", "") != other.get("key", "") and (one.get("key") or one.get("operator") != "Exists"):
        return False
    if one.get("effect", "") not in ("", other.get("effect", "")):
        return False
    if one.get("effect") == "NoExecute" and "tolerationSeconds" in one:
        seconds = other.get("tolerationSeconds")
        if seconds is None or one["tolerationSeconds"] < seconds:
            return False
    if one.get("operator", "Equal") == "Exists":
        return True
    same = one.get("value", "") == other.get("value", "") and one.get("operator", "Equal") == "Equal"
    return same and other.get("operator") == "Equal"


def check_overhead(context: Context, resource: Resource, pod: Object) -> None:
    """Refuse a pod that makes up an overhead. Raises Problem (403)."""
    found, own = _class(context, resource, pod), pod["spec"].get("overhead")
    if "overhead" in found:
        if not _equal(found["overhead"].get("podFixed", {}), own or {}):
            raise refuse(resource, pod, _OTHER_OVERHEAD)
    elif own is not None:
        raise refuse(resource, pod, _OWN_OVERHEAD)
