"""Resources of a pod as a whole: requests and limits that follow from those of its containers."""

from __future__ import annotations

from navarch.cluster.decode.quantity import Quantity, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Object = dict[str, Any]
    Amounts = dict[str, Quantity]

__all__ = ["aggregate", "fill_pod_resources"]

_HUGE_PAGES = "hugepages-"
_POD_LEVEL = ("cpu", "memory")


def fill_pod_resources(spec: Object) -> None:
    """Fill in `spec.resources`, which is there."""
    resources = spec["resources"]
    if not resources.get("limits") and not resources.get("requests"):
        return
    _fill_limits(spec, resources)
    if resources.get("limits"):
        _fill_requests(spec, resources)


def _fill_limits(spec: Object, resources: Object) -> None:
    requests, limits = resources.get("requests", {}), dict(resources.get("limits", {}))
    for name, amount in aggregate(spec, "limits").items():
        if name.startswith(_HUGE_PAGES) and name not in requests:
            limits.setdefault(name, str(amount))
    if limits:
        resources["limits"] = limits


def _fill_requests(spec: Object, resources: Object) -> None:
    requests = dict(resources.get("requests", {}))
    for name, amount in aggregate(spec, "requests").items():
        if name in _POD_LEVEL:
            requests.setdefault(name, str(amount))
    for name, text in resources["limits"].items():
        if name in _POD_LEVEL or name.startswith(_HUGE_PAGES):
            requests.setdefault(name, text)
    if requests:
        resources["requests"] = requests


def aggregate(spec: Object, which: str) -> Amounts:
    """The `which` ("requests", "limits") of all containers: their sum, and at least what an init container needs.

    Init containers that go on running count as containers, and are there while the later ones begin.
    """
    total: Amounts = {}
    for container in spec.get("containers") or ():
        _add(total, _amounts(container, which))
    sidecars: Amounts = {}
    beginning: Amounts = {}
    for container in spec.get("initContainers", ()):
        amounts = _amounts(container, which)
        if container.get("restartPolicy") == "Always":
            _add(total, amounts)
            _add(sidecars, amounts)
            amounts = dict(sidecars)
        else:
            amounts = dict(amounts)
            _add(amounts, sidecars)
        _raise(beginning, amounts.items())
    _raise(total, beginning.items())
    return total


def _amounts(container: Object, which: str) -> Amounts:
    return {name: parse(text) for name, text in (container.get("resources", {}).get(which) or {}).items()}


def _add(total: Amounts, amounts: Amounts) -> None:
    for name, amount in amounts.items():
        total[name] = total[name] + amount if name in total else amount


def _raise(total: Amounts, amounts: Iterable[tuple[str, Quantity]]) -> None:
    for name, amount in amounts:
        if name not in total or amount.compare(total[name]) > 0:
            total[name] = amount
