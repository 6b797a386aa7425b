"""LimitRanges: resources that containers get by default, and what containers, pods and claims may ask for."""

from __future__ import annotations

from navarch.cluster.decode.quantity import parse
from navarch.cluster.strategy.admission import refuse
from navarch.cluster.strategy.presence import any_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.decode.quantity import Quantity
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Amounts = dict[str, Quantity]

__all__ = ["apply_defaults", "check_limits"]

_ANNOTATION = "kubernetes.io/limit-ranger"
_CONTAINERS = (("containers", "container"), ("initContainers", "init container"))
_MOST_MILLI = (1 << 63) // 1000


def _ranges(context: Context, obj: Object) -> list[Object]:
    if not any_of(context, "", "limitranges"):
        return []
    return context.list("", "limitranges", obj["metadata"].get("namespace", ""))


def apply_defaults(context: Context, resource: Resource, pod: Object) -> None:  # noqa: ARG001
    """Give a pod's containers the default requests and limits of its namespace."""
    for one in _ranges(context, pod):
        limits: dict[str, str] = {}
        requests: dict[str, str] = {}
        for item in one["spec"].get("limits") or ():
            if item["type"] == "Container":
                requests.update(item.get("defaultRequest", {}))
                limits.update(item.get("default", {}))
        told = []
        for field, what in _CONTAINERS:
            for container in pod["spec"].get(field) or ():
                told += _merge(container, requests, limits, what)
        if told:
            annotations = pod["metadata"].setdefault("annotations", {})
            annotations[_ANNOTATION] = f"LimitRanger plugin set: {'; '.join(told)}"


def _merge(container: Object, requests: dict[str, str], limits: dict[str, str], what: str) -> list[str]:
    """Fill in what a container doesn't say; what was set, in words."""
    told = []
    resources = container["resources"] = dict(container.get("resources", {}))
    for field, word, defaults in (("requests", "request", requests), ("limits", "limit", limits)):
        given = resources.get(field, {})
        added = sorted(name for name in defaults if name not in given)
        if added:
            resources[field] = {**given, **{name: defaults[name] for name in added}}
            told.append(f"{', '.join(added)} {word} for {what} {container['name']}")
    return told


def check_limits(context: Context, resource: Resource, obj: Object) -> None:
    """Refuse a pod or a claim that asks for more or less than its namespace lets it. Raises Problem (403)."""
    for one in _ranges(context, obj):
        found: list[str] = []
        for item in one["spec"].get("limits") or ():
            found += _check_pod(item, obj) if resource.plural == "pods" else _check_claim(item, obj)
        if found:
            found = list(dict.fromkeys(found))
            raise refuse(resource, obj, found[0] if len(found) == 1 else f"[{', '.join(found)}]")


def _check_pod(item: Object, pod: Object) -> Iterator[str]:
    kind = item["type"]
    if kind == "Container":
        for field, _ in _CONTAINERS:
            for container in pod["spec"].get(field) or ():
                resources = container.get("resources", {})
                yield from _check(item, kind, _amounts(resources.get("requests")), _amounts(resources.get("limits")))
    elif kind == "Pod":
        yield from _check(item, kind, _pod_amounts(pod, "requests"), _pod_amounts(pod, "limits"))


def _pod_amounts(pod: Object, which: str) -> Amounts:
    from navarch.cluster.defaults.podresources import aggregate

    spec = pod["spec"]
    return {**aggregate(spec, which), **_amounts(spec.get("resources", {}).get(which))}


def _amounts(texts: dict[str, str] | None) -> Amounts:
    return {name: parse(text) for name, text in (texts or {}).items()}


def _check_claim(item: Object, claim: Object) -> Iterator[str]:
    if item["type"] != "PersistentVolumeClaim":
        return
    kind, requests = item["type"], _amounts(claim["spec"]["resources"].get("requests"))
    for name, text in item.get("min", {}).items():
        yield from _least(kind, name, text, requests, {})
    for name, text in item.get("max", {}).items():
        told = f"maximum {name} usage per {kind} is {text}"
        if name not in requests:
            yield f"{told}.  No request is specified"
        elif requests[name].compare(parse(text)) > 0:
            yield f"{told}, but request is {requests[name]}"


def _check(item: Object, kind: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, text in item.get("min", {}).items():
        yield from _least(kind, name, text, requests, limits)
    for name, text in item.get("max", {}).items():
        yield from _most(kind, name, text, requests, limits)
    for name, text in item.get("maxLimitRequestRatio", {}).items():
        yield from _ratio(kind, name, text, requests, limits)


def _least(kind: str, name: str, text: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    told, least = f"minimum {name} usage per {kind} is {text}", parse(text)
    if name not in requests:
        yield f"{told}.  No request is specified"
    elif requests[name].compare(least) < 0:
        yield f"{told}, but request is {requests[name]}"
    elif name in limits and limits[name].compare(least) < 0:
        yield f"{told}, but limit is {limits[name]}"


def _most(kind: str, name: str, text: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    told, most = f"maximum {name} usage per {kind} is {text}", parse(text)
    if name not in limits:
        yield f"{told}.  No limit is specified"
    elif limits[name].compare(most) > 0:
        yield f"{told}, but limit is {limits[name]}"
    elif name in requests and requests[name].compare(most) > 0:
        yield f"{told}, but request is {requests[name]}"


def _ratio(kind: str, name: str, text: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    told, request, limit = (
        f"{name} max limit to request ratio per {kind} is {text}",
        requests.get(name),
        limits.get(name),
    )
    if not request:
        yield f"{told}, but no request is specified or request is 0"
    elif not limit:
        yield f"{told}, but no limit is specified or limit is 0"
    else:
        exact = max(request.whole(), limit.whole()) <= _MOST_MILLI
        ratio = limit.milli() / request.milli() if exact else limit.whole() / request.whole()
        if ratio * 1000 > parse(text).milli():
            yield f"{told}, but provided ratio is {ratio:f}"
