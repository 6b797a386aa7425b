"""ResourceQuotas: objects that would take more than is left of one are refused, and what is used is counted."""

from __future__ import annotations

from navarch.cluster.decode.quantity import ZERO, parse
from navarch.cluster.strategy.admission import refuse
from navarch.cluster.strategy.usage import IGNORED, concerned, in_scopes, missing, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.decode.quantity import Quantity
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Amounts = dict[str, Quantity]

__all__ = ["check_quotas", "status_of"]

_CHANGEABLE = frozenset(("services", "persistentvolumeclaims"))


def check_quotas(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """Refuse an object that its namespace has no room for; count it otherwise. Raises Problem (403)."""
    name = resource.qualified
    if name in IGNORED or (old is not None and name not in _CHANGEABLE):
        return
    quotas = context.list("", "resourcequotas", new["metadata"].get("namespace", ""))
    if not quotas:
        return
    changes = []
    for quota in quotas:
        changed = _checked(resource, quota, new, old)
        if changed is not None:
            changes.append((quota, changed))
    if not context.dry_run:
        for quota, used in changes:
            _write(context, quota, used)


def _checked(resource: Resource, quota: Object, new: Object, old: Object | None) -> Amounts | None:
    """What is used of a quota with the object; None if that doesn't change. Raises Problem (403)."""
    name, title = resource.qualified, quota["metadata"]["name"]
    status = quota.get("status", {})
    hard = _amounts(status.get("hard"))
    names = concerned(name, hard)
    if not names or not in_scopes(name, quota, new):
        return None
    lacking = missing(new, names) if name == "pods" else ""
    if lacking:
        raise refuse(resource, new, f"failed quota: {title}: {lacking}")
    used = _amounts(status.get("used"))
    if any(one not in used for one in names):
        raise refuse(resource, new, f"status unknown for quota: {title}, resources: {','.join(sorted(names))}")
    wanted = _delta(name, quota, new, old)
    asked = {one: amount for one, amount in wanted.items() if one in hard}
    if not wanted:
        return None
    after = {**used, **{one: used.get(one, ZERO) + amount for one, amount in asked.items()}}
    exceeded = [one for one in asked if after[one].compare(hard[one]) > 0]
    if exceeded:
        parts = [_told({one: part[one] for one in exceeded if one in part}) for part in (asked, used, hard)]
        why = f"exceeded quota: {title}, requested: {parts[0]}, used: {parts[1]}, limited: {parts[2]}"
        raise refuse(resource, new, why)
    return after


def _delta(name: str, quota: Object, new: Object, old: Object | None) -> Amounts:
    """What the object takes more than it did."""
    wanted = usage(name, new)
    if old is not None and in_scopes(name, quota, old):
        before = usage(name, old)
        wanted = {one: amount - before.get(one, ZERO) for one, amount in wanted.items()}
    return {one: amount for one, amount in wanted.items() if amount.unscaled > 0}


def _amounts(texts: dict[str, str] | None) -> Amounts:
    return {name: parse(text) for name, text in (texts or {}).items()}


def _told(amounts: Amounts) -> str:
    return ",".join(f"{name}={amounts[name]}" for name in sorted(amounts))


def _write(context: Context, quota: Object, used: Amounts) -> None:
    from navarch.cluster.fields import updated
    from navarch.cluster.store import Key

    meta = quota["metadata"]
    status = {**quota.get("status", {}), "used": {name: str(amount) for name, amount in used.items()}}
    if status != quota.get("status"):
        resource = context.catalog.find("", "v1", "resourcequotas")
        made = {**quota, "metadata": dict(meta), "status": status}
        if resource is not None:
            updated(
                quota, made, manager="kube-apiserver", api_version="v1", schema=resource.schema, subresource="status",
                now=context.now, resource=resource,
            )  # fmt: skip
        context.store.put(Key("", "resourcequotas", meta["namespace"], meta["name"]), made)


def status_of(context: Context, quota: Object) -> Object:
    """The status of a quota as its controller would write it: what is allowed, and what is used of it now."""
    hard = quota["spec"].get("hard", {})
    namespace = quota["metadata"]["namespace"]
    used = dict.fromkeys(hard, ZERO)
    for resource in context.catalog:
        name = resource.qualified
        if not resource.namespaced or resource.version != resource.storage or name in IGNORED:
            continue
        names = concerned(name, hard)
        for obj in context.list(resource.group, resource.plural, namespace) if names else ():
            if in_scopes(name, quota, obj):
                taken = usage(name, obj)
                for one in names:
                    used[one] = used[one] + taken.get(one, ZERO)
    return {"hard": dict(hard), "used": {name: str(amount) for name, amount in used.items()}}
