"""What an API server fills in where an object says nothing: the defaults of Kubernetes' own kinds.

The step between `decode.convert` and everything that judges or keeps an object: whatever a struct always writes
(`spec`, `status`, `metadata`) is there already.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Fill = Callable[[Object], None]

__all__ = ["fill"]

_OWN_MODULES = {
    "": "core",
    "apps": "apps",
    "batch": "batch",
    "autoscaling": "autoscaling",
    "admissionregistration.k8s.io": "admissionregistration",
}
_fills: dict[str, dict[str, Fill]] = {}


def fill(resource: Resource, obj: Object) -> None:
    """Fill in defaults, and what comes of the way through Kubernetes' internal types; in place."""
    fills = _fills.get(resource.group)
    if fills is None:
        fills = _fills[resource.group] = _load(resource.group)
    one = fills.get(resource.kind)
    if one is not None:
        one(obj)


def _load(group: str) -> dict[str, Fill]:
    """The functions of a group by kind; imported when the first of its objects comes."""
    from importlib import import_module

    module = _OWN_MODULES.get(group, "others")
    fills = import_module(f"navarch.cluster.defaults.{module}").FILLS
    found: dict[str, Fill] = fills.get(group, {}) if module == "others" else fills
    from navarch.cluster.defaults.internal import with_internal

    return with_internal(group, found)
