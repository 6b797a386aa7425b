"""What a server does to objects on their way in, beyond reading and defaults: strategies and admission.

The order of a write: `admit` (after managedFields are known), `before_create` or `before_update`, validation,
`check_admission`, which also says what clients are warned of. The new object is changed in place, the old one never.
"""

from __future__ import annotations

from navarch.cluster.strategy.admission import admit, check_admission
from navarch.cluster.strategy.disabled import drop_disabled
from navarch.cluster.strategy.generic import begin_create, begin_update, unset_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Create = Callable[[Context, Object], None]
    Update = Callable[[Context, Object, Object, str], None]

__all__ = ["admit", "before_create", "before_update", "check_admission"]

_MODULES = {
    ("", "Service"): "services",
    ("", "Pod"): "pods",
    ("", "Namespace"): "core",
    ("", "ServiceAccount"): "core",
    ("", "PersistentVolume"): "volumes",
    ("", "PersistentVolumeClaim"): "volumes",
    ("batch", "Job"): "jobs",
    ("apps", "DaemonSet"): "jobs",
    ("", "LimitRange"): "core",
    ("certificates.k8s.io", "CertificateSigningRequest"): "certificates",
    ("apiregistration.k8s.io", "APIService"): "core",
    ("resource.k8s.io", "DeviceTaintRule"): "core",
}
"""Kinds for which more is done than the tables of `generic` say, and where: its CREATE and UPDATE."""
_REFILLED = frozenset(("Job", "PersistentVolumeClaim", "ReplicationController"))
"""Kinds whose defaults follow from what a strategy did: what is read from the store has them."""


def before_create(context: Context, resource: Resource, obj: Object) -> None:
    """Prepare a new object, which has its name and system fields. Raises Problem."""
    drop_disabled(resource, obj, None)
    begin_create(resource, obj)
    module = _module(resource)
    if module is not None and resource.kind in module.CREATE:
        module.CREATE[resource.kind](context, obj)
    unset_empty(resource, obj)
    _refill(resource, obj)


def before_update(context: Context, resource: Resource, new: Object, old: Object, subresource: str = "") -> None:
    """Prepare a changed object. `metadata.generation` is the old one's on entry. Raises Problem."""
    module = _module(resource)
    update = module.UPDATE.get(resource.kind) if module is not None else None
    if update is not None and subresource == "":
        first = getattr(module, "BEGIN", {}).get(resource.kind)
        if first is not None:
            first(context, new, old)
    if subresource == "":
        drop_disabled(resource, new, old)
    begin_update(resource, new, old, subresource)
    if update is not None:
        update(context, new, old, subresource)
    unset_empty(resource, new)
    _refill(resource, new)


def _module(resource: Resource) -> Any:
    name = _MODULES.get((resource.group, resource.kind))
    if name is None:
        return None
    from importlib import import_module

    return import_module(f"navarch.cluster.strategy.{name}")


def _refill(resource: Resource, obj: Object) -> None:
    if resource.kind in _REFILLED:
        from navarch.cluster.defaults import fill

        fill(resource, obj)
